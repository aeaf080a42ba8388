"""Undo and redo: a line of states, of which one is the present.

A state is all that undo gives back: controls, scenes, settings and bindings, as one value that can be compared and
restored. Run, hold and whose turn it is are no part of it. A gesture is one step, however many frames it took: as long
as the same hand holds the same control, or goes on within ``GESTURE_PAUSE_S`` seconds, its states replace each other.
Pure.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from frontend.config.scenes import Scene
from frontend.config.setlists import SetList
from frontend.control.state.preferences import ControlSettings
from frontend.inputs.bindings import NOTHING_BOUND, Bindings
from frontend.stage.settings import StageSettings
from protocol.tree import TURN, Value

# ---- the state that undo restores ------------------------------------------------------------------------------------

NOT_UNDONE = frozenset({"/transport/run", "/transport/hold", TURN})
VALUE_TOLERANCE = 1e-4  # what the wire's 32 bits make of a number is still the same number


@dataclass(frozen=True)
class UndoState:
    """All that undo restores: ``values`` with the silenced voices' faders where the hand has them."""

    values: Mapping[str, Value]
    muted: frozenset[str] = frozenset()
    soloed: frozenset[str] = frozenset()
    scenes: tuple[Scene | None, ...] = ()
    setlist: SetList = field(default_factory=SetList)
    tempo: float = 1.0  # of what moves the puck by itself
    window: ControlSettings = field(default_factory=ControlSettings)
    stage: StageSettings = field(default_factory=StageSettings)
    bindings: Bindings = NOTHING_BOUND  # what hardware was taught


def same(one: UndoState, other: UndoState) -> bool:
    """Whether no step lies between them."""
    if (one.muted, one.soloed) != (other.muted, other.soloed) or one.scenes != other.scenes:
        return False
    if one.setlist.cues != other.setlist.cues or one.setlist.name != other.setlist.name:
        return False
    if (one.tempo, one.stage, one.bindings) != (other.tempo, other.stage, other.bindings):
        return False
    if one.window is not other.window and kept_by_undo(one.window, DEFAULT_WINDOW) != kept_by_undo(
        other.window, DEFAULT_WINDOW
    ):
        return False
    if one.values == other.values:
        return True
    return one.values.keys() == other.values.keys() and all(
        value == other.values[address] or _near(value, other.values[address])
        for address, value in one.values.items()
        if address not in NOT_UNDONE
    )


DEFAULT_WINDOW = ControlSettings()


def changed(one: UndoState, other: UndoState) -> list[str]:
    """What lies between two states: the addresses of controls, and in words all else."""
    found = [
        address
        for address, value in one.values.items()
        if address not in NOT_UNDONE and address in other.values and not _near(value, other.values[address])
    ]
    for words, differs in (
        ("mute", one.muted != other.muted),
        ("solo", one.soloed != other.soloed),
        ("scenes", one.scenes != other.scenes),
        ("set list", one.setlist != other.setlist),
        ("the puck's tempo", one.tempo != other.tempo),
        ("the window", kept_by_undo(one.window, DEFAULT_WINDOW) != kept_by_undo(other.window, DEFAULT_WINDOW)),
        ("the stage", one.stage != other.stage),
        ("what hardware drives", one.bindings != other.bindings),
    ):
        if differs:
            found.append(words)
    return found


def kept_by_undo(settings: ControlSettings, present: ControlSettings) -> ControlSettings:
    """``settings`` to go back to from the ``present`` ones: what is no choice of a moment stays as it is."""
    return replace(
        settings,
        toured=present.toured,
        width=present.width,
        height=present.height,
        full_screen=present.full_screen,
        setlist=present.setlist,
    )


def _near(one: Value, other: Value) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return _near(one[0], other[0]) and _near(one[1], other[1])
    if isinstance(one, (bool, str, tuple)) or isinstance(other, (bool, str, tuple)):
        return one == other
    return abs(one - other) <= VALUE_TOLERANCE


def to_restore(state: UndoState, present: Mapping[str, Value]) -> dict[str, Value]:
    """The values to set so that ``state`` stands again: those that differ from the ``present`` ones."""
    return {
        address: value
        for address, value in state.values.items()
        if address not in NOT_UNDONE and address in present and not _near(value, present[address])
    }


GESTURE_PAUSE_S = 1.0  # seconds after which the same gesture counts as another one
MAX_UNDO_STEPS = 500  # steps back

ELSEWHERE = "elsewhere"  # the gesture of whoever moves the controls from another program

State = TypeVar("State")


class UndoHistory(Generic[State]):
    """``present`` is what stands now. ``same`` tells whether two states are no step apart."""

    def __init__(self, present: State, same: Callable[[State, State], bool]) -> None:
        self._same = same
        self._past: deque[State] = deque(maxlen=MAX_UNDO_STEPS)
        self._future: list[State] = []
        self.reset(present)

    def reset(self, present: State) -> None:
        """Forget everything: nothing is to be undone from here."""
        self.present = present
        self._past.clear()
        self._future.clear()
        self._pause()

    def _pause(self) -> None:
        self._gesture: str | None = None
        self._last = -math.inf

    @property
    def steps(self) -> tuple[int, int]:
        """How many steps there are back and forth."""
        return len(self._past), len(self._future)

    def record(self, state: State, gesture: str, now: float, holding: bool = False) -> None:
        """``state`` stands at ``now`` because of ``gesture``; ``holding`` while a hand is still at it."""
        goes_on = gesture == self._gesture and now - self._last <= GESTURE_PAUSE_S
        if self._same(state, self.present):
            if goes_on and holding:
                self._last = now
            return
        if not goes_on:
            self._past.append(self.present)
        elif self._past and self._same(state, self._past[-1]):
            self._past.pop()  # back where it began: no step at all
            goes_on = False
        self._future.clear()
        self.present, self._gesture, self._last = state, gesture, now

    def undo(self) -> State | None:
        """The state before the last step, which is the present from now on; None where there is none."""
        if not self._past:
            return None
        self._future.append(self.present)
        self.present = self._past.pop()
        self._pause()
        return self.present

    def redo(self) -> State | None:
        """The step that was undone last, done again."""
        if not self._future:
            return None
        self._past.append(self.present)
        self.present = self._future.pop()
        self._pause()
        return self.present
