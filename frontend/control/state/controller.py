"""The desk: what the hands move and what the eyes read, between the panels and the link.

Panels change values only here. ``settle`` is called once a frame, after all hands and before all drawing, and
works out shares, joint and who is owed what, so that a fader, its line and the joint bars change in the same frame; it
also notes what is to be undone. UI thread only; clock and link are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from frontend.client.display_state import Chooser, Shown
from frontend.client.link import LinkLike
from frontend.config.scenes import UNSCENED, Fade, Scene, Scenes, scene_of
from frontend.config.setlists import Cue, Shelf
from frontend.control.state.autopilot import Autopilot
from frontend.control.state.edits import last_word, reordered, with_share
from frontend.control.state.fades import Fading, Playbook
from frontend.control.state.midi_interface import MidiLike
from frontend.control.state.mute_solo import Silence
from frontend.control.state.preferences import Preferences
from frontend.control.state.tempo_sync import Beat
from frontend.control.state.undo import ELSEWHERE, DeskState, History, kept_by_undo, same, to_restore
from frontend.inputs.hub import Hub
from frontend.inputs.last_touch import MOUSE, UNDO
from frontend.look.colour import Palette, bytes_of_oklab, hex_of_rgb
from frontend.look.theme import STALE_AFTER, Motion
from frontend.outputs.midi_out import NoSound, SoundLike
from frontend.remote.host import NoPhones, PhonesLike
from frontend.stage.staging import Staging
from frontend.teaching.taught import Poses
from frontend.teaching.teacher import Teacher
from protocol.errors import ParameterError
from protocol.messages import Card, Finish, Panic, Prime, Rewind, Step, Word
from protocol.mixing import circle, effective_weights, normalised
from protocol.puck import influence
from protocol.tree import Parameter, Value, on_address, place_address, weight_address

# ---- controller ------------------------------------------------------------------------------------------------------
# What hardware can do besides moving values: its deeds, by address, carried out on the desk. UI thread only.


def do(desk: Desk, deed: str) -> None:
    """Carry out one deed; one that belongs to a voice that is not here is passed over."""
    simple: dict[str, Callable[[], None]] = {
        "/transport/step": desk.step,
        "/transport/word": desk.word,
        "/transport/finish": desk.finish,
        "/transport/rewind": desk.rewind,
        "/transport/back": desk.back,
        "/panic": desk.panic,
        "/undo": desk.undo,
        "/redo": desk.redo,
    }
    words = deed.split("/")
    if deed in simple:
        simple[deed]()
    elif words[1] == "scene":
        desk.recall_scene(int(words[2]) - 1)
    elif words[1] == "cue":
        desk.take_cue(1 if words[2] == "next" else -1)
    elif words[1] == "style" and words[2] in desk.slugs:
        (desk.solo if words[3] == "solo" else desk.mute)(desk.slugs.index(words[2]))


def lit(desk: Desk) -> set[str]:
    """The deeds whose lights burn: the scene that is heard, who is muted or alone, where there is another bank."""
    bank = desk.midi.bank
    found = {f"/style/{slug}/mute" for slug in desk.muted} | {f"/style/{slug}/solo" for slug in desk.soloed}
    if desk.scene is not None:
        found.add(f"/scene/{desk.scene + 1}")
    if bank.number > 1:
        found.add("/bank/left")
    if bank.number < bank.of:
        found.add("/bank/right")
    status = desk.link.mirror.status
    if status is not None and status.finishing:
        found.add("/transport/finish")
    return found


def follow_hardware(desk: Desk) -> None:
    """What hands on hardware did since the last frame: the hand wins over a scene on its way, as a mouse does."""
    moved = desk.midi.moved()
    for address, value in moved.items():
        desk.fading.drop(address)
        if address not in UNSCENED:
            desk.book.scene = None
        slug = address.removeprefix("/style/").removesuffix("/weight")
        if slug in desk.silence.kept and isinstance(value, (int, float)):
            desk.silence.kept[slug] = float(value)
    desk.hardware_gesture = f"hardware {' '.join(moved)}" if moved else ""
    for deed in desk.midi.deeds():
        do(desk, deed)


FIRST_WEIGHT = 0.5  # of a voice that comes into play for the first time
MARKS_FRESH = 0.2  # seconds for which what drives a control is remembered
UNDO_FADE = Fade(0.2)

Floats = NDArray[np.float64]


class Desk:
    """Everything that panels share. ``playing`` are the indices of the voices in play, in list order."""

    def __init__(
        self,
        link: LinkLike,
        midi: MidiLike,
        scenes: Scenes,
        staging: Staging | None = None,
        preferences: Preferences | None = None,
        shelf: Shelf | None = None,
        hub: Hub | None = None,
        teacher: Teacher | None = None,
    ) -> None:
        """``hub`` None: one without inputs; ``teacher`` None: one who keeps nothing."""
        self.link, self.midi = link, midi
        self.hub = hub or Hub(link, clock=lambda: self.now)
        self.teacher = teacher or Teacher(Poses(link, self.hub.features, self.hub.set), self.hub)
        self.staging = staging or Staging()
        self.preferences = preferences or Preferences()
        self.phones: PhonesLike = NoPhones()
        self.sound: SoundLike = NoSound()
        self.book = Playbook(scenes, shelf, self.preferences.settings.setlist)
        self.pilot = Autopilot()
        self.by = MOUSE  # whose hands move this window's controls in this frame
        self._faded_by, self._faded_at = UNDO, 0.0
        self.fading = Fading(lambda address, value: self.hub.set(address, value, self._faded_by))
        self.silence = Silence(link.set)
        self.beat = Beat(midi.tempo)
        self.history: History[DeskState] = History(DeskState({}), same)
        self.gesture = ""  # what the hands are at in this frame, for the history
        self.hardware_gesture = ""  # the same for hands on hardware
        self.holding = False  # and whether they still hold it
        self.now = 0.0
        self.cards: list[Card] = []
        self.slugs: tuple[str, ...] = ()
        self.colours: tuple[str, ...] = ()
        self.palette = Palette(())
        self.playing: tuple[int, ...] = ()
        self.ring: tuple[int, ...] = ()  # the same in their order round the puck
        self._on: frozenset[int] = frozenset()
        self._on_addresses: tuple[str, ...] = ()
        self.weight_addresses: tuple[str, ...] = ()
        self.shares: Floats = np.zeros(0)  # signed, the absolute values summing to 1
        self.influence: tuple[float, ...] = ()  # one a voice of ``ring``
        self.shown = Shown()
        self.stage_trouble = self.trouble = ""  # a line from the stage; one about what a hand could not have
        self._chooser = Chooser()
        self._marks: dict[str, str | None] = {}
        self._marks_at = -1.0

    # ---- reading ---------------------------------------------------------------------------------------------------

    @property
    def values(self) -> Mapping[str, Value]:
        return self.link.mirror.values

    @property
    def motion(self) -> Motion:
        return self.preferences.settings.theme.motion

    @property
    def stale(self) -> bool:
        """Whether the server has been silent for too long to believe the read-outs."""
        return self.now - self.link.mirror.heard_at > STALE_AFTER

    @property
    def awake(self) -> int:
        return sum(voice < len(self.slugs) for voice in self.link.mirror.distributions)

    @property
    def common_colour(self) -> str:
        """The colour that the voices have together, each as far as it is in the mix: the fused network's."""
        shares = normalised(self.shares)
        return hex_of_rgb(bytes_of_oklab(shares @ self.palette.oklab).tolist()) if shares.any() else "#FFFFFF"

    @property
    def muted(self) -> set[str]:
        return self.silence.muted

    @property
    def soloed(self) -> set[str]:
        return self.silence.soloed

    @property
    def scenes(self) -> Scenes:
        return self.book.scenes

    @property
    def scene(self) -> int | None:
        """The place that was recalled last and not left since."""
        return self.book.scene

    def parameter(self, address: str) -> Parameter:
        return self.link.mirror.tree[address]

    def number(self, address: str) -> float:
        value = self.link.mirror.values[address]
        return value[0] if isinstance(value, tuple) else float(value)

    def flag(self, address: str) -> bool:
        return bool(self.values[address])

    @property
    def puck(self) -> tuple[float, float]:
        value = self.values["/puck"]
        return (value[0], value[1]) if isinstance(value, tuple) else (0.0, 0.0)

    def on(self, voice: int) -> bool:
        return voice in self._on

    def fader(self, voice: int) -> float:
        """Where the voice's fader stands on the desk, heard or silenced."""
        kept = self.silence.kept.get(self.slugs[voice])
        return self.number(self.weight_addresses[voice]) if kept is None else kept

    def in_play_soon(self, voice: int) -> bool:
        """Whether the voice is in play, or on its way into it."""
        on = on_address(self.slugs[voice])
        return bool(self.fading.ends.get(on, self.values[on]))

    def silenced(self, voice: int) -> bool:
        return self.silence.has(self.slugs[voice])

    @property
    def positions(self) -> dict[str, float]:
        """Where a fade of each unit stands now: seconds, and characters with the way to the next one."""
        rate = self.number("/mix/rate")
        begun = min(1.0, max(0.0, (self.now - self._chooser.last_at) * rate))
        return {"s": self.now, "chars": self.link.mirror.sequence + begun}

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong on this side of the link, most urgent first; empty lines where all is well."""
        return (
            self.trouble,
            self.midi.complaint,
            self.sound.complaint,
            self.hub.complaint,
            self.stage_trouble,
            self.beat.trouble,
            self.book.trouble,
            self.preferences.trouble,
            self.link.standing,
            self.phones.trouble,
        )

    # ---- moving ----------------------------------------------------------------------------------------------------

    def set(self, address: str, value: Value) -> None:
        """A hand gives a control a value; a scene on its way leaves that control alone."""
        self.fading.drop(address)
        if address not in UNSCENED:
            self.book.scene = None
        self.hub.set(address, value, self.by)

    def set_fader(self, voice: int, weight: float) -> None:
        weight = min(1.0, max(-1.0, weight))
        slug = self.slugs[voice]
        if slug in self.silence.kept:
            self.silence.kept[slug] = weight
        else:
            self.set(weight_address(slug), weight)

    def set_share(self, voice: int, share: float) -> None:
        """Give a voice this share of all weights; the others keep their proportions."""
        faders = [self.fader(other) for other in self.playing]
        for other, weight in zip(self.playing, with_share(faders, self.playing.index(voice), share), strict=True):
            if weight != self.fader(other):
                self.set_fader(other, weight)

    def toggle(self, voice: int) -> None:
        """Bring a voice into play, its weight rising from nothing, or send it away, its weight falling to nothing."""
        slug = self.slugs[voice]
        weight, on = weight_address(slug), on_address(slug)
        fade = Fade(self.motion.enter)
        if self.in_play_soon(voice):
            self._go({on: False, weight: self.fader(voice)}, fade, self.by)
        else:
            coming = self.fading.ends.get(weight, self.number(weight))
            self._go({on: True, weight: coming or FIRST_WEIGHT}, fade, self.by)
        self.book.scene = None

    def enter_at(self, voice: int, weight: float) -> None:
        """Bring a voice into play under the hand: at once, at this weight."""
        self.set(weight_address(self.slugs[voice]), weight)
        self.set(on_address(self.slugs[voice]), True)

    def mute(self, voice: int) -> None:
        self.silence.muted ^= {self.slugs[voice]}

    def solo(self, voice: int) -> None:
        self.silence.soloed ^= {self.slugs[voice]}

    def reorder(self, voice: int, place: int) -> None:
        """Let a voice in play stand at ``place`` of the circle, the first at twelve."""
        everyone = sorted(range(len(self.slugs)), key=lambda i: (self.number(place_address(self.slugs[i])), i))
        for at, moved in enumerate(reordered(everyone, self.ring, voice, place)):
            address = place_address(self.slugs[moved])
            if self.values[address] != at:
                self.set(address, at)

    # ---- time ------------------------------------------------------------------------------------------------------

    def run_or_rest(self) -> None:
        self.set("/transport/run", not self.flag("/transport/run"))

    def hold(self) -> None:
        """Keep the mix that is heard while the hands move; let go, what they say enters."""
        self.set("/transport/hold", not self.flag("/transport/hold"))

    def step(self) -> None:
        self.link.send(Step())

    def word(self) -> None:
        self.link.send(Word())

    def finish(self) -> None:
        self.link.send(Finish())

    def back(self) -> None:
        """Take back one character."""
        if self.link.mirror.length:
            self.link.send(Rewind(1))

    def rewind(self) -> None:
        """Take back the last word, with the blanks behind it."""
        word = last_word(self.link.mirror.text)
        if word:
            self.link.send(Rewind(word))

    def branch(self, position: int) -> None:
        """Take back all from ``position`` of the text on, and go on from there."""
        behind = self.link.mirror.length - position
        if behind > 0:
            self.link.send(Rewind(behind))

    def prime(self, text: str) -> None:
        if text:
            self.link.send(Prime(text))

    def panic(self) -> None:
        """The calm, known state: nothing on its way, nobody silenced, all controls as they stood at the start."""
        self.fading.stop()
        self.pilot.stop()
        self.silence.end()
        self.silence.kept.clear()
        self.book.scene = None
        self.link.send(Panic())
        self.link.mirror.obey()

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

    def mix_now(self, name: str) -> Scene:
        """What stands on the desk, silenced faders too, as a scene."""
        return scene_of(self._standing(), self.slugs, name)

    def store_scene(self, place: int) -> None:
        """What stands on the desk becomes scene ``place``."""
        before = self.scenes.places[place]
        self.scenes.store(place, self.mix_now(before.name if before is not None else f"scene {place + 1}"))
        self.book.scene = place

    def recall_scene(self, place: int) -> None:
        """Set out for a scene; while it is on its way already, be there."""
        scene = self.scenes.places[place]
        if scene is None or not self.slugs:
            return
        if self.fading.under_way and self.fading.toward == place:
            self.fading.finish()
        else:
            self._go_to(scene, self.preferences.settings.recall, place, f"scene {place + 1}")
        self.book.scene = place

    def take_cue(self, by: int) -> None:
        """The next cue of the set list (1) or the one before (-1)."""
        cue = self.book.take(by) if self.slugs else None
        if cue is not None:
            self._take(cue)

    def take_cue_at(self, place: int) -> None:
        self._take(self.book.take_at(place))

    def _take(self, cue: Cue) -> None:
        self._go_to(cue.scene, cue.fade, f"cue {self.book.setlist.at}", f"cue {self.book.setlist.at + 1}")
        self.book.scene = None

    def _go_to(self, scene: Scene, fade: Fade, toward: object, who: str) -> None:
        self.silence.end()
        self._apply_silence()
        self.pilot.stop()
        self._go(scene.for_tree(self.link.mirror.tree), fade, who, toward)

    def _go(self, wanted: Mapping[str, Value], fade: Fade, who: str, toward: object = None) -> None:
        self._faded_by, self._faded_at = who, self.now
        self.fading.go(self.values, wanted, fade, self.positions, toward)

    # ---- undo ------------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        self._restore(self.history.undo())

    def redo(self) -> None:
        self._restore(self.history.redo())

    def _restore(self, state: DeskState | None) -> None:
        if state is None:
            return
        self.pilot.stop()
        self.pilot.tempo = state.tempo
        self.preferences.put(kept_by_undo(state.window, self.preferences.settings))
        self.midi.restore(state.bindings)
        self._marks.clear()
        self.staging.go_back(state.stage)
        self.book.restore(state.scenes, state.setlist)
        self.book.scene = None
        self.fading.stop()
        wanted = to_restore(state, self.values)
        self.silence.restore(state.muted, state.soloed, state.values, wanted)
        self._go(wanted, UNDO_FADE, UNDO)

    def _standing(self) -> dict[str, Value]:
        """The controls as the hands have them: silenced faders where they stand, what is on its way where it leads."""
        return self.silence.standing({**self.values, **self.fading.ends})

    def _note(self) -> None:
        """Let the history see this frame."""
        values = self._standing()
        before = self.history.present
        if self.pilot.moving and "/puck" in before.values:
            values["/puck"] = before.values["/puck"]  # what moves by itself is nobody's gesture
        state = DeskState(
            values,
            frozenset(self.muted),
            frozenset(self.soloed),
            tuple(self.scenes.places),
            self.book.setlist,
            self.pilot.tempo,
            self.preferences.settings,
            self.staging.settings,
            self.midi.bindings,
        )
        if self.link.mirror.status is None or before.values.keys() != values.keys():
            self.history.begin(state)  # the first word of a server, or of another one
        else:
            learnt = "learnt" if state.bindings is not before.bindings else ""
            gesture = self.gesture or learnt or self.hardware_gesture or ELSEWHERE
            self.history.see(state, gesture, self.now, self.holding)

    # ---- once a frame ----------------------------------------------------------------------------------------------

    def pump(self, now: float) -> None:
        """Take in what came, from server and hardware, before the hands."""
        self.now = now
        self.midi.poll(now)
        self.hub.tidy(now)
        self.teacher.pump(now)
        self.preferences.poll(now)
        if now - self._marks_at > MARKS_FRESH:
            self._marks, self._marks_at = {}, now
        self.link.pump(now)
        mirror = self.link.mirror
        self.hub.holders.heard(mirror.taken, now)
        if mirror.cards is not self.cards:
            self.cards = mirror.cards
            self.slugs = mirror.slugs
            self._on_addresses = tuple(on_address(slug) for slug in self.slugs)
            self.colours = tuple(card.colour for card in self.cards)
            self.palette = Palette(self.colours)
            self.silence.forget_others(self.slugs)
            self.weight_addresses = tuple(weight_address(slug) for slug in self.slugs)
        self._see_playing()
        if self.slugs:
            follow_hardware(self)
            settings = self.preferences.settings
            for address, value in self.beat.follow(settings.tempo, settings.beat, settings.starts, now).items():
                self.set(address, value)

    def settle(self) -> None:
        """Carry out what the hands did and work out what is to be drawn."""
        for address in self.fading.ends:  # a hand from elsewhere wins over the fade, as one at this window does
            holder = self.hub.holders.of(address)
            if holder is not None and holder.who != self._faded_by and holder.at > self._faded_at:
                self.fading.drop(address)
        self.fading.follow(self.values, self.positions)
        self._apply_silence()
        self._see_playing()
        self.shares = effective_weights(self.link.mirror.mixing, self.slugs)
        self.influence = influence(self.puck, len(self.ring), self.number("/puck/falloff")) if self.slugs else ()
        self.shown = self._chooser.choose(self.link.mirror, self.shares, self.values, self.motion, self.now)
        self.midi.tell(lit(self), {weight_address(slug): weight for slug, weight in self.silence.kept.items()})
        self._note()

    def _see_playing(self) -> None:
        values = self.values
        self.playing = tuple(voice for voice, address in enumerate(self._on_addresses) if values[address])
        self.ring = tuple(circle(values, self.slugs))
        self._on = frozenset(self.playing)

    def _apply_silence(self) -> None:
        self.silence.apply(self.values, [self.slugs[voice] for voice in self.playing])
