"""All that undo gives back: how controls, scenes and settings stand, as one value that can be compared and restored.

How the text runs is no part of it: run and hold are played, not set. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from frontend.control.preferences import ControlSettings
from frontend.inputs.bindings import NOTHING_BOUND, Bindings
from frontend.scenes import Scene
from frontend.setlists import SetList
from frontend.stage.settings import StageSettings
from protocol.tree import Value

UNDONE_NEVER = frozenset({"/transport/run", "/transport/hold"})
NEAR = 1e-4  # what the wire's 32 bits make of a number is still the same number


@dataclass(frozen=True)
class DeskState:
    """What stands on the desk: ``values`` with the silenced voices' faders where the hand has them."""

    values: Mapping[str, Value]
    muted: frozenset[str] = frozenset()
    soloed: frozenset[str] = frozenset()
    scenes: tuple[Scene | None, ...] = ()
    setlist: SetList = field(default_factory=SetList)
    tempo: float = 1.0  # of what moves the puck by itself
    window: ControlSettings = field(default_factory=ControlSettings)
    stage: StageSettings = field(default_factory=StageSettings)
    bindings: Bindings = NOTHING_BOUND  # what hardware was taught


def same(one: DeskState, other: DeskState) -> bool:
    """Whether no step lies between them."""
    if (one.muted, one.soloed) != (other.muted, other.soloed) or one.scenes != other.scenes:
        return False
    if one.setlist.cues != other.setlist.cues or one.setlist.name != other.setlist.name:
        return False
    if (one.tempo, one.stage, one.bindings) != (other.tempo, other.stage, other.bindings):
        return False
    if one.window is not other.window and kept_by_undo(one.window, NOWHERE) != kept_by_undo(other.window, NOWHERE):
        return False
    if one.values == other.values:
        return True
    return one.values.keys() == other.values.keys() and all(
        value == other.values[address] or _near(value, other.values[address])
        for address, value in one.values.items()
        if address not in UNDONE_NEVER
    )


NOWHERE = ControlSettings()


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
    if isinstance(one, (bool, tuple)) or isinstance(other, (bool, tuple)):
        return one == other
    return abs(one - other) <= NEAR


def to_restore(state: DeskState, present: Mapping[str, Value]) -> dict[str, Value]:
    """The values to set so that ``state`` stands again: those that differ from the ``present`` ones."""
    return {
        address: value
        for address, value in state.values.items()
        if address not in UNDONE_NEVER and address in present and not _near(value, present[address])
    }
