"""The controller: what the hands change and what the panels read, between the panels and the link.

Panels change values only here. ``settle`` is called once a frame, after all input and before all drawing. It works out
shares, joint distribution and responsibilities, so that a fader, its line and the histogram change in the same frame,
and records what can be undone. Inputs can do more than move values: ``run_action`` carries out its actions by
address. UI thread only; clock and link are given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontend.client.display_state import ReadoutBuilder, Readouts
from frontend.client.link import AnyLink
from frontend.config.scenes import NOT_IN_SCENES, Fade, Scene, Scenes, scene_of
from frontend.config.setlists import Cue, SetListFolder
from frontend.control.state.actions import follow_hardware, lit_actions
from frontend.control.state.autopilot import Autopilot
from frontend.control.state.edits import begun_apart, last_word, reordered, with_share
from frontend.control.state.fades import FadePlayer, ScenesAndCues
from frontend.control.state.midi_interface import MidiInterface
from frontend.control.state.mute_solo import MuteSolo
from frontend.control.state.preferences import Preferences
from frontend.control.state.show import Show
from frontend.control.state.tempo_sync import TempoSync
from frontend.control.state.text_listener import TextListener
from frontend.control.state.timecode import CueTimer, follow_timecode
from frontend.control.state.undo import ELSEWHERE, UndoHistory, UndoState, changed, kept_by_undo, same, to_restore
from frontend.inputs.hub import Hub
from frontend.inputs.last_touch import MOUSE, UNDO
from frontend.look.colour import Palette, bytes_of_oklab, hex_of_rgb
from frontend.look.theme import STALE_AFTER_S, AnimationTimes
from frontend.outputs.midi_out import MidiOutput, NoMidiOut
from frontend.remote.host import AnyPhones, NoPhones
from frontend.stage.staging import StageState
from frontend.teaching.taught import PoseInput
from frontend.teaching.teacher import Teacher
from protocol.errors import ParameterError
from protocol.messages import (
    Arrive,
    Card,
    Choose,
    FinishSentence,
    Panic,
    Prime,
    ReturnTo,
    Rewind,
    ShowCommand,
    Step,
    WriteWord,
)
from protocol.mixing import choirs, circle, effective_weights, let_through, normalised
from protocol.show_commands import PRINT
from protocol.tree import ANTIPHONY, LOOKAHEAD, TURN, Parameter, Value, on_address, place_address, weight_address

GHOST_LETTERS = 16  # that stand behind the cursor when the key asks for them
FIRST_WEIGHT = 0.5  # of a voice that comes into play for the first time
MARKS_FRESH_S = 0.2  # seconds for which what drives a control is remembered
UNDO_FADE = Fade(0.2)

Floats = NDArray[np.float64]


class Controller:
    """Everything that panels share. ``playing`` are the indices of the voices in play, in list order."""

    def __init__(
        self,
        link: AnyLink,
        midi: MidiInterface,
        scenes: Scenes,
        staging: StageState | None = None,
        preferences: Preferences | None = None,
        shelf: SetListFolder | None = None,
        hub: Hub | None = None,
        teacher: Teacher | None = None,
    ) -> None:
        """``hub`` None: one without inputs; ``teacher`` None: one who keeps nothing."""
        self.link, self.midi = link, midi
        self.hub = hub or Hub(link, clock=lambda: self.now)
        self.teacher = teacher or Teacher(PoseInput(link, self.hub.features, self.hub.set), self.hub)
        self.staging = staging or StageState()
        self.preferences = preferences or Preferences()
        self.phones: AnyPhones = NoPhones()
        self.listener = TextListener()
        self._heard_voice = ""  # made of a text, on its way into play
        self.midi_out: MidiOutput = NoMidiOut()
        self.prepared = ScenesAndCues(scenes, shelf, self.preferences.settings.setlist)
        self.show = Show()
        self.cue_timer = CueTimer()
        self.autopilot = Autopilot()
        self.moved_by = MOUSE  # whose hands move this window's controls in this frame
        self._fade_owner, self._fade_began_at = UNDO, 0.0
        self.fading = FadePlayer(lambda address, value: self.hub.set(address, value, self._fade_owner))
        self.mute_solo = MuteSolo(link.set)
        self.tempo_sync = TempoSync(midi.tempo)
        self.history: UndoHistory[UndoState] = UndoHistory(UndoState({}), same)
        self.gesture = ""  # what the hands are at in this frame, for the history
        self.hardware_gesture = ""  # the same for hands on hardware
        self.holding = False  # and whether they still hold it
        self.restored: tuple[str, tuple[str, ...], float] = ("", (), -math.inf)  # what undo did last, to what, when
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
        self.held_shares: Floats | None = None  # those that are heard while the mix is held; None: it is not
        self.passing: dict[int, float] = {}  # how much of each fader in play the pucks let through, the most being 1
        self.readouts = Readouts()
        self.stage_trouble = self.trouble = ""  # a line from the stage; one about what a hand could not have
        self._readout_builder = ReadoutBuilder()
        self._marks: dict[str, str | None] = {}
        self._marks_at = -1.0

    # ---- reading -------------------------------------------------------------------------------------------------

    @property
    def values(self) -> Mapping[str, Value]:
        return self.link.session.values

    @property
    def motion(self) -> AnimationTimes:
        return self.preferences.settings.theme.motion

    @property
    def stale(self) -> bool:
        """Whether the server has been silent for too long to believe the read-outs."""
        return self.now - self.link.session.heard_at > STALE_AFTER_S

    @property
    def awake(self) -> int:
        return sum(voice < len(self.slugs) for voice in self.link.session.distributions)

    @property
    def common_colour(self) -> str:
        """The colour that the voices have together, each as far as it is in the mix: the fused network's."""
        shares = normalised(self.shares)
        return hex_of_rgb(bytes_of_oklab(shares @ self.palette.oklab).tolist()) if shares.any() else "#FFFFFF"

    @property
    def choir_sizes(self) -> tuple[int, int]:
        """How many voices in play belong to the first choir and to the second."""
        first, second = choirs(self.values, self.slugs)
        return len(first), len(second)

    @property
    def muted(self) -> set[str]:
        return self.mute_solo.muted

    @property
    def soloed(self) -> set[str]:
        return self.mute_solo.soloed

    @property
    def scenes(self) -> Scenes:
        return self.prepared.scenes

    @property
    def scene(self) -> int | None:
        """The place that was recalled last and not left since."""
        return self.prepared.scene

    def parameter(self, address: str) -> Parameter:
        return self.link.session.tree[address]

    def number(self, address: str) -> float:
        value = self.link.session.values[address]
        return value[0] if isinstance(value, tuple) else float(value)

    def text(self, address: str) -> str:
        value = self.values[address]
        return value if isinstance(value, str) else ""

    def flag(self, address: str) -> bool:
        return bool(self.values[address])

    @property
    def puck(self) -> tuple[float, float]:
        value = self.values["/puck"]
        return (value[0], value[1]) if isinstance(value, tuple) else (0.0, 0.0)

    def called(self, voice: int) -> str:
        """What a voice is called in this window, and its name in full where that says more."""
        slug, name = self.slugs[voice], self.cards[voice].name
        return slug if name.lower() == slug else f"{slug} ({name})"

    def on(self, voice: int) -> bool:
        return voice in self._on

    def fader(self, voice: int) -> float:
        """Where the voice's fader stands, heard or silenced."""
        kept = self.mute_solo.kept_faders.get(self.slugs[voice])
        return self.number(self.weight_addresses[voice]) if kept is None else kept

    def in_play_soon(self, voice: int) -> bool:
        """Whether the voice is in play, or on its way into it."""
        on = on_address(self.slugs[voice])
        return bool(self.fading.ends.get(on, self.values[on]))

    def silenced(self, voice: int) -> bool:
        return self.mute_solo.silences(self.slugs[voice])

    @property
    def positions(self) -> dict[str, float]:
        """Where a fade of each unit stands now: seconds, and characters with the way to the next one."""
        rate = self.number("/mix/rate")
        begun = min(1.0, max(0.0, (self.now - self._readout_builder.last_at) * rate))
        return {"s": self.now, "chars": self.link.session.sequence + begun}

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong on this side of the link, most urgent first; empty lines where all is well."""
        return (
            self.trouble,
            self.midi.complaint,
            self.midi_out.complaint,
            self.hub.complaint,
            self.stage_trouble,
            self.tempo_sync.trouble,
            self.prepared.trouble,
            self.preferences.trouble,
            self.link.access_warning,
            self.link.leader.line if self.link.leader is not None else "",
            self.phones.trouble,
        )

    # ---- moving --------------------------------------------------------------------------------------------------

    def set(self, address: str, value: Value) -> None:
        """A hand gives a control a value; a scene on its way leaves that control alone."""
        self.fading.drop(address)
        if address not in NOT_IN_SCENES:
            self.prepared.scene = None
        self.hub.set(address, value, self.moved_by)

    def set_fader(self, voice: int, weight: float) -> None:
        weight = min(1.0, max(-1.0, weight))
        slug = self.slugs[voice]
        if slug in self.mute_solo.kept_faders:
            self.mute_solo.kept_faders[slug] = weight
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
            self._start_fade({on: False, weight: self.fader(voice)}, fade, self.moved_by)
        else:
            coming = self.fading.ends.get(weight, self.number(weight))
            self._start_fade({on: True, weight: coming or FIRST_WEIGHT}, fade, self.moved_by)
        self.prepared.scene = None

    def enter_at(self, voice: int, weight: float) -> None:
        """Bring a voice into play under the hand: at once, at this weight."""
        self.set(weight_address(self.slugs[voice]), weight)
        self.set(on_address(self.slugs[voice]), True)

    def mute(self, voice: int) -> None:
        self.mute_solo.muted ^= {self.slugs[voice]}

    def solo(self, voice: int) -> None:
        self.mute_solo.soloed ^= {self.slugs[voice]}

    def reorder(self, voice: int, place: int) -> None:
        """Let a voice in play stand at ``place`` of the circle, the first at twelve."""
        everyone = sorted(range(len(self.slugs)), key=lambda i: (self.number(place_address(self.slugs[i])), i))
        for at, moved in enumerate(reordered(everyone, self.ring, voice, place)):
            address = place_address(self.slugs[moved])
            if self.values[address] != at:
                self.set(address, at)

    # ---- time ----------------------------------------------------------------------------------------------------

    def toggle_lookahead(self) -> None:
        """Show what the voices would write next, or nothing of it."""
        self.set(LOOKAHEAD, 0 if self.number(LOOKAHEAD) else GHOST_LETTERS)

    def toggle_antiphony(self) -> None:
        """Let the voices in play be two choirs that answer each other, or one again."""
        self.set(ANTIPHONY, not self.flag(ANTIPHONY))

    def pass_turn(self, to: float | None = None) -> None:
        """Give the turn to the first choir (0) or the second (1), by default to the other one, at once."""
        if self.flag(ANTIPHONY):
            self.set(TURN, float(self.number(TURN) < 0.5) if to is None else to)

    def toggle_run(self) -> None:
        self.set("/transport/run", not self.flag("/transport/run"))

    def hold(self) -> None:
        """Keep the mix that is heard while the hands move; let go, what they say enters."""
        self.set("/transport/hold", not self.flag("/transport/hold"))

    def step(self) -> None:
        self.link.send(Step())

    def word(self) -> None:
        self.link.send(WriteWord())

    def finish(self) -> None:
        self.link.send(FinishSentence())

    def back(self) -> None:
        """Take back one character."""
        if self.link.session.length:
            self.link.send(Rewind(1))

    def rewind(self) -> None:
        """Take back the last word, with the blanks behind it."""
        word = last_word(self.link.session.text)
        if word:
            self.link.send(Rewind(word))

    def rewind_to(self, position: int) -> None:
        """Take back all from ``position`` of the text on, and go on from there."""
        behind = self.link.session.length - position
        if behind > 0:
            self.link.send(Rewind(behind))

    def prime(self, text: str) -> None:
        """Let the voices read ``text`` and go on from it; a word that was being written ends before it."""
        if text:
            self.link.send(Prime(begun_apart(self.link.session.text[-1:], text)))

    def arrive(self, phrase: str, chars: int) -> None:
        """Let the text come to ``phrase`` within so many characters; an empty one takes the wish back."""
        self.link.send(Arrive(phrase, chars))

    def return_to(self, branch: int) -> None:
        """Put back what a rewind left."""
        self.link.send(ReturnTo(branch))

    def choose(self, letter: str) -> None:
        """Let this be the next letter."""
        self.link.send(Choose(letter))

    def print_paper(self) -> None:
        """Let the last sentence be printed, where somebody prints."""
        self.link.send(ShowCommand(PRINT))

    def panic(self) -> None:
        """The calm, known state: nothing on its way, nobody silenced, all controls as they stood at the start."""
        self.link.send(Panic())
        self.calm()

    def calm(self) -> None:
        """What of it is this front end's own, when the server has done the rest."""
        self.fading.stop()
        self.autopilot.stop()
        self.mute_solo.clear()
        self.mute_solo.kept_faders.clear()
        self.prepared.scene = None
        self.link.session.follow_server()

    # ---- voices made of a text -------------------------------------------------------------------------------------

    def hear(self, text: str | Path) -> None:
        """Make a voice of a text, or of a file, and bring it into play as soon as the server has it."""
        self.trouble = self.listener.hear(text) if isinstance(text, str) else self.listener.hear_file(text)

    def _bring_in_heard(self) -> None:
        heard = self.listener.poll()
        if heard is not None:
            self.trouble, self._heard_voice = heard.trouble, heard.slug
        if self._heard_voice in self.slugs:
            voice, self._heard_voice = self.slugs.index(self._heard_voice), ""
            if not self.in_play_soon(voice):
                self.toggle(voice)

    # ---- what drives what ------------------------------------------------------------------------------------------

    def mark(self, address: str) -> str | None:
        """What drives a control, such as "CC 4"; looked up a few times a second."""
        if address not in self._marks:
            self._marks[address] = self.hub.label(address)
        return self._marks[address]

    def learn(self, address: str) -> None:
        self._bind(self.hub.learn, address)

    def forget(self, address: str) -> None:
        self._bind(self.hub.forget, address)

    def _bind(self, act: Callable[[str], None], address: str) -> None:
        self.trouble = ""
        self._marks.clear()
        try:
            act(address)
        except ParameterError as error:
            self.trouble = str(error)

    # ---- scenes --------------------------------------------------------------------------------------------------

    def mix_now(self, name: str) -> Scene:
        """The present mix, silenced faders too, as a scene."""
        return scene_of(self._target_values(), self.slugs, name)

    def store_scene(self, place: int) -> None:
        """The present mix becomes scene ``place``."""
        before = self.scenes.places[place]
        self.scenes.store(place, self.mix_now(before.name if before is not None else f"scene {place + 1}"))
        self.prepared.scene = place

    def recall_scene(self, place: int, fade: Fade | None = None) -> None:
        """Set out for a scene; while it is on its way already, be there. ``fade`` None: as it was chosen for scenes."""
        scene = self.scenes.places[place]
        if scene is None or not self.slugs:
            return
        if self.fading.under_way and self.fading.toward == place:
            self.fading.finish()
        else:
            self._fade_to_scene(scene, fade or self.preferences.settings.recall, place, f"scene {place + 1}")
        self.prepared.scene = place

    def take_cue(self, by: int) -> None:
        """The next cue of the set list (1) or the one before (-1)."""
        cue = self.prepared.step_cue(by) if self.slugs else None
        if cue is not None:
            self._fade_to_cue(cue)

    def take_cue_at(self, place: int, fade: Fade | None = None) -> None:
        """The cue at ``place`` of the set list. ``fade`` None: its own."""
        self._fade_to_cue(self.prepared.go_to_cue(place), fade)

    def _fade_to_cue(self, cue: Cue, fade: Fade | None = None) -> None:
        self._fade_to_scene(
            cue.scene, fade or cue.fade, f"cue {self.prepared.setlist.at}", f"cue {self.prepared.setlist.at + 1}"
        )
        self.prepared.scene = None

    def _fade_to_scene(self, scene: Scene, fade: Fade, toward: object, who: str) -> None:
        self.mute_solo.clear()
        self._apply_mute_solo()
        self.autopilot.stop()
        self._start_fade(scene.for_tree(self.link.session.tree), fade, who, toward)

    def _start_fade(self, wanted: Mapping[str, Value], fade: Fade, who: str, toward: object = None) -> None:
        self._fade_owner, self._fade_began_at = who, self.now
        self.fading.go(self.values, wanted, fade, self.positions, toward)

    # ---- undo ----------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        before = self.history.present
        self._restore("undone", before, self.history.undo())

    def redo(self) -> None:
        before = self.history.present
        self._restore("done again", before, self.history.redo())

    def _restore(self, what: str, before: UndoState, state: UndoState | None) -> None:
        if state is None:
            return
        self.restored = (what, tuple(changed(before, state)), self.now)
        self.autopilot.stop()
        self.autopilot.tempo = state.tempo
        self.preferences.put(kept_by_undo(state.window, self.preferences.settings))
        self.hub.restore(state.bindings)
        self._marks.clear()
        self.staging.go_back(state.stage)
        self.prepared.restore(state.scenes, state.setlist)
        self.prepared.scene = None
        self.fading.stop()
        wanted = to_restore(state, self.values)
        self.mute_solo.restore(state.muted, state.soloed, state.values, wanted)
        self._start_fade(wanted, UNDO_FADE, UNDO)

    def _target_values(self) -> dict[str, Value]:
        """The values as set by hand: silenced faders where they stand, fading values at their targets."""
        return self.mute_solo.with_kept_faders({**self.values, **self.fading.ends})

    def _record_undo(self) -> None:
        """Record this frame for undo."""
        values = self._target_values()
        before = self.history.present
        if self.autopilot.moving and "/puck" in before.values:
            values["/puck"] = before.values["/puck"]  # what moves by itself is nobody's gesture
        state = UndoState(
            values,
            frozenset(self.muted),
            frozenset(self.soloed),
            tuple(self.scenes.places),
            self.prepared.setlist,
            self.autopilot.tempo,
            self.preferences.settings,
            self.staging.settings,
            self.hub.bindings,
        )
        if self.link.session.status is None or before.values.keys() != values.keys():
            self.history.reset(state)  # the first word of a server, or of another one
        else:
            learnt = "learnt" if state.bindings is not before.bindings else ""
            gesture = self.gesture or learnt or self.hardware_gesture or ELSEWHERE
            self.history.record(state, gesture, self.now, self.holding)

    # ---- once a frame ----------------------------------------------------------------------------------------------

    def pump(self, now: float) -> None:
        """Take in what came, from server and hardware, before the hands."""
        self.now = now
        self.hub.save_when_due(now)
        self.teacher.pump(now)
        self.preferences.poll(now)
        if now - self._marks_at > MARKS_FRESH_S:
            self._marks, self._marks_at = {}, now
        self.link.pump(now)
        session = self.link.session
        self.hub.holders.heard(session.taken, now)
        if session.cards is not self.cards:
            self.cards = session.cards
            self.slugs = session.slugs
            self._on_addresses = tuple(on_address(slug) for slug in self.slugs)
            self.colours = tuple(card.colour for card in self.cards)
            self.palette = Palette(self.colours)
            self.mute_solo.forget_others(self.slugs)
            self.weight_addresses = tuple(weight_address(slug) for slug in self.slugs)
        self._update_playing()
        if self.slugs:
            self._bring_in_heard()
            follow_hardware(self)
            settings = self.preferences.settings
            for address, value in self.tempo_sync.follow(settings.tempo, settings.beat, settings.starts, now).items():
                self.set(address, value)
            follow_timecode(self)
            self.hardware_gesture = self.show.turn(self) or self.hardware_gesture

    def settle(self) -> None:
        """Apply what the hands did and work out what is to be drawn."""
        for address in self.fading.ends:  # a hand from elsewhere wins over the fade, as one at this window does
            holder = self.hub.holders.of(address)
            if holder is not None and holder.who != self._fade_owner and holder.at > self._fade_began_at:
                self.fading.drop(address)
        self.fading.follow(self.values, self.positions)
        self._apply_mute_solo()
        self._update_playing()
        mixing = self.link.session.mixing
        self.shares = effective_weights(mixing, self.slugs)
        if not self.flag("/transport/hold"):
            self.held_shares = None
        elif self.held_shares is None or len(self.held_shares) != len(self.shares):
            self.held_shares = self.shares
        self.passing = {voice: round(share, 3) for voice, share in let_through(mixing, self.slugs).items()}
        motion = self.motion
        self.readouts = self._readout_builder.build(
            self.link.session, self.shares, self.values, motion.lit, motion.lit_fade, self.now
        )
        self.hub.set_aside({weight_address(slug): weight for slug, weight in self.mute_solo.kept_faders.items()})
        self.midi.send_feedback(lit_actions(self))
        self._record_undo()

    def _update_playing(self) -> None:
        values = self.values
        self.playing = tuple(voice for voice, address in enumerate(self._on_addresses) if values[address])
        self.ring = tuple(circle(values, self.slugs))
        self._on = frozenset(self.playing)

    def _apply_mute_solo(self) -> None:
        self.mute_solo.apply(self.values, [self.slugs[voice] for voice in self.playing])
