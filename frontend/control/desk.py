"""The desk: what the hands move and what the eyes read, between the panels and the link.

Panels change values only here. Mute and solo live here and not at the server: a silenced voice keeps its fader's place
on the desk while 0 is what is sent. ``settle`` is called once a frame, after all hands and before all drawing, and
works out shares, joint and who is owed what, so that a fader, its line and the joint bars change in the same frame.
UI thread only; clock and link are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from frontend.colour import Palette
from frontend.control.axis import parts
from frontend.control.hardware import MidiLike
from frontend.link import LinkLike
from frontend.mirror import Wish
from frontend.scenes import Glide, Scenes, scene_of
from frontend.stage.staging import Staging
from frontend.theme import STALE_AFTER, Motion
from protocol.errors import ParameterError
from protocol.messages import Card, Prime, Rewind, Step
from protocol.mixing import alloy_exponent, effective_weights, mix
from protocol.puck import influence
from protocol.tree import Parameter, Value, on_address, weight_address

FIRST_WEIGHT = 0.5  # of a voice that comes into play for the first time
MARKS_FRESH = 0.2  # seconds for which what drives a control is remembered
REWIND_LIMIT = 120  # characters; the longest "word" that one rewind takes back

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shown:
    """One frame's read-outs. n voices speak, in list order."""

    sequence: int = -1  # of the character that this is, or was, the choice of
    lit: float = 0.0  # 1 while the sampled character shines, fading to 0
    character: str = ""
    voices: tuple[int, ...] = ()  # (n,) indices
    wishes: Floats = field(default_factory=lambda: np.zeros((0, 128)))  # (n, 128)
    joint: Floats = field(default_factory=lambda: np.zeros(128))
    owed: Floats = field(default_factory=lambda: np.zeros((0, 128)))  # (n, 128), columns of sum 1


class Desk:
    """Everything that panels share. ``playing`` are the indices of the voices in play, in list order."""

    def __init__(self, link: LinkLike, midi: MidiLike, scenes: Scenes, motion: Motion,
                 staging: Staging | None = None) -> None:
        self.link, self.midi, self.scenes, self.motion = link, midi, scenes, motion
        self.staging = staging or Staging()  # what is chosen about the stage
        self.now = 0.0
        self.cards: list[Card] = []
        self.slugs: tuple[str, ...] = ()
        self.colours: tuple[str, ...] = ()
        self.palette = Palette(())
        self.playing: tuple[int, ...] = ()
        self._on: frozenset[int] = frozenset()
        self._on_addresses: tuple[str, ...] = ()
        self.shares: Floats = np.zeros(0)
        self.influence: tuple[float, ...] = ()  # one a voice in play
        self.shown = Shown()
        self.muted: set[str] = set()
        self.soloed: set[str] = set()
        self.scene: int | None = None  # the place that was recalled last and not left since
        self.stage_trouble = ""  # one line from the stage window
        self.trouble = ""  # one line about what a hand asked for and could not have
        self._marks: dict[str, str | None] = {}
        self._marks_at = -1.0
        self._kept: dict[str, float] = {}  # faders of silenced voices
        self._glide: Glide | None = None
        self._lit_from = 0.0
        self._lit_sequence = -1

    # ---- reading ---------------------------------------------------------------------------------------------------

    @property
    def values(self) -> Mapping[str, Value]:
        return self.link.mirror.values

    @property
    def stale(self) -> bool:
        """Whether the server has been silent for too long to believe the read-outs."""
        return self.now - self.link.mirror.heard_at > STALE_AFTER

    @property
    def awake(self) -> int:
        return len(self.link.mirror.distributions)

    def parameter(self, address: str) -> Parameter:
        return self.link.mirror.tree[address]

    def number(self, address: str) -> float:
        value = self.values[address]
        return value[0] if isinstance(value, tuple) else float(value)

    def flag(self, address: str) -> bool:
        return bool(self.values[address])

    @property
    def puck(self) -> tuple[float, float]:
        value = self.values["/puck"]
        return value if isinstance(value, tuple) else (0.0, 0.0)

    def on(self, voice: int) -> bool:
        return voice in self._on

    def fader(self, voice: int) -> float:
        """Where the voice's fader stands on the desk, heard or silenced."""
        slug = self.slugs[voice]
        return self._kept.get(slug, self.number(weight_address(slug)))

    def silenced(self, voice: int) -> bool:
        slug = self.slugs[voice]
        return slug in self.muted or (bool(self.soloed) and slug not in self.soloed)

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong on this side of the link, most urgent first; empty lines where all is well."""
        return (self.trouble, self.midi.complaint, self.stage_trouble, self.scenes.trouble)

    # ---- moving ----------------------------------------------------------------------------------------------------

    def set(self, address: str, value: Value) -> None:
        """A hand gives a control a value; a scene on its way leaves that control alone."""
        if self._glide is not None:
            self._glide.drop(address)
        self.scene = None
        self.link.set(address, value)

    def set_fader(self, voice: int, weight: float) -> None:
        weight = min(1.0, max(0.0, weight))
        slug = self.slugs[voice]
        if slug in self._kept:
            self._kept[slug] = weight
        else:
            self.set(weight_address(slug), weight)

    def toggle(self, voice: int) -> None:
        """Bring a voice into play, its weight rising from nothing, or send it away, its weight falling to nothing."""
        slug = self.slugs[voice]
        weight, on = weight_address(slug), on_address(slug)
        if self.on(voice):
            self._travel({on: False, weight: self.fader(voice)}, self.motion.enter)
        else:
            self._travel({on: True, weight: self.number(weight) or FIRST_WEIGHT}, self.motion.enter)
        self.scene = None

    def enter_at(self, voice: int, weight: float) -> None:
        """Bring a voice into play under the hand: at once, at this weight."""
        self.set(weight_address(self.slugs[voice]), weight)
        self.set(on_address(self.slugs[voice]), True)

    def mute(self, voice: int) -> None:
        self.muted ^= {self.slugs[voice]}

    def solo(self, voice: int) -> None:
        self.soloed ^= {self.slugs[voice]}

    def run_or_rest(self) -> None:
        self.link.set("/transport/run", not self.flag("/transport/run"))

    def step(self) -> None:
        self.link.send(Step())

    def rewind(self) -> None:
        """Take back the last word, with the blanks behind it."""
        text = self.link.mirror.text[-REWIND_LIMIT:]
        kept = text.rstrip()
        word = len(text) - max(kept.rfind(" "), kept.rfind("\n"), kept.rfind("\t"), -1) - 1
        if word:
            self.link.send(Rewind(word))

    def prime(self, text: str) -> None:
        if text:
            self.link.send(Prime(text))

    # ---- MIDI ------------------------------------------------------------------------------------------------------

    def mark(self, address: str) -> str | None:
        """What drives a control, such as "CC 4"; looked up a few times a second."""
        if address not in self._marks:
            self._marks[address] = self.midi.label(address)
        return self._marks[address]

    def learn(self, address: str) -> None:
        self._bind(self.midi.learn, address)

    def forget(self, address: str) -> None:
        self._bind(self.midi.forget, address)

    def _bind(self, act: Callable[[str], None], address: str) -> None:
        self.trouble = ""
        self._marks.clear()
        try:
            act(address)
        except ParameterError as error:
            self.trouble = str(error)

    # ---- scenes ----------------------------------------------------------------------------------------------------

    def store_scene(self, place: int) -> None:
        """What stands on the desk, silenced faders too, becomes scene ``place``."""
        values = {**self.values, **{weight_address(slug): weight for slug, weight in self._kept.items()}}
        before = self.scenes.places[place]
        name = before.name if before is not None else f"scene {place + 1}"
        self.scenes.store(place, scene_of(values, self.slugs, name))
        self.scene = place

    def recall_scene(self, place: int) -> None:
        scene = self.scenes.places[place]
        if scene is None or not self.slugs:
            return
        self._unsilence()
        self._travel(scene.for_tree(self.link.mirror.tree), self.motion.recall)
        self.scene = place

    def _travel(self, wanted: Mapping[str, Value], lasts: float) -> None:
        if self._glide is not None:  # what was on its way arrives at once where the new way does not lead
            for address, value in self._glide.at(float("inf")).items():
                if address not in wanted:
                    self.link.set(address, value)
        self._glide = Glide(self.values, wanted, self.now, lasts)

    def _unsilence(self) -> None:
        self.muted.clear()
        self.soloed.clear()
        self._apply_silence()

    # ---- once a frame ----------------------------------------------------------------------------------------------

    def pump(self, now: float) -> None:
        """Take in what came, from server and hardware, before the hands."""
        self.now = now
        self.midi.poll(now)
        if now - self._marks_at > MARKS_FRESH:
            self._marks, self._marks_at = {}, now
        self.link.pump(now)
        mirror = self.link.mirror
        if mirror.cards is not self.cards:
            self.cards = mirror.cards
            self.slugs = mirror.slugs
            self._on_addresses = tuple(on_address(slug) for slug in self.slugs)
            self.colours = tuple(card.colour for card in self.cards)
            self.palette = Palette(self.colours)
            self.muted &= set(self.slugs)
            self.soloed &= set(self.slugs)
            self._kept = {slug: weight for slug, weight in self._kept.items() if slug in self.slugs}
        self._see_playing()

    def settle(self) -> None:
        """Carry out what the hands did and work out what is to be drawn."""
        if self._glide is not None:
            for address, value in self._glide.at(self.now).items():
                if self.values[address] != value:
                    self.link.set(address, value)
            if self._glide.over(self.now):
                self._glide = None
        self._apply_silence()
        self._see_playing()
        self.shares = effective_weights(self.values, self.slugs)
        self.influence = influence(self.puck, len(self.playing), self.number("/puck/falloff")) if self.slugs else ()
        self._choose_shown()

    def _see_playing(self) -> None:
        values = self.values
        self.playing = tuple(voice for voice, address in enumerate(self._on_addresses) if values[address])
        self._on = frozenset(self.playing)

    def _apply_silence(self) -> None:
        """Send 0 for the silenced and their fader's place for those who are no longer."""
        for voice, slug in enumerate(self.slugs):
            weight = weight_address(slug)
            if self.silenced(voice) and self.on(voice):
                sent = self.number(weight)
                if slug not in self._kept or sent > 0.0:  # a fader that moved elsewhere is believed, and silenced again
                    self._kept[slug] = sent
                    self.link.set(weight, 0.0)
            elif slug in self._kept:
                self.link.set(weight, self._kept.pop(slug))

    def _choose_shown(self) -> None:
        """While the last character shines, the set it came from, then the next; always mixed as the hands are now."""
        mirror, lit = self.link.mirror, self.link.mirror.lit
        shine, fade = min(self.motion.lit, 0.5 / self.number("/mix/rate")), self.motion.lit_fade
        if lit is not None and lit.sequence != self._lit_sequence:
            self._lit_sequence, self._lit_from = lit.sequence, self.now
        since = self.now - self._lit_from
        if lit is None:
            self._show(mirror.distributions, None, mirror.distributions_sequence, 0.0, "")
        elif since < shine:
            self._show(lit.distributions, lit.joint, lit.sequence, 1.0, lit.character)
        else:
            glow = max(0.0, 1.0 - (since - shine) / fade) if fade > 0.0 else 0.0
            self._show(mirror.distributions, None, mirror.distributions_sequence, glow, lit.character)

    def _show(self, wishes: Mapping[int, Wish], joint: Wish | None, sequence: int, lit: float, character: str) -> None:
        voices = tuple(sorted(voice for voice in wishes if voice < len(self.slugs)))
        p = np.stack([wishes[voice] for voice in voices]) if voices else np.zeros((0, 128))
        w = self.shares[list(voices)]
        if (w > 0.0).any():
            joint = mix(p, w, self.values)
        elif joint is None:
            joint = np.zeros(128)
        owed = parts(p, w, alloy_exponent(self.number("/mix/alloy")))
        self.shown = Shown(sequence, lit, character, voices, p, joint, owed)
