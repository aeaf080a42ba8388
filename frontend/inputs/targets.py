"""What a control drives: a parameter, a half of a pair, a voice's presence, or something done once. Pure.

``"/mix/rate"`` is a parameter's address, ``"/puck.x"`` and ``"/puck.y"`` the halves of a pair. A voice's presence, such
as ``"/style/bible/presence"``, is its weight for a knob that every voice has: 0 sends the voice away, more brings it
into play. An action, such as ``"/transport/word"`` or ``"/scene/3"``, is done at each press.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from protocol.errors import ParameterError
from protocol.tree import Parameter, ParameterTree, Value, on_address, weight_address

PAIR_HALVES = {".x": 0, ".y": 1}
SCENE_ACTIONS = 9
ACTIONS = {  # address -> what it does
    "/transport/step": "write one character",
    "/transport/word": "on to the end of a word",
    "/transport/finish": "on to the end of the sentence, then rest",
    "/transport/rewind": "take back the last word",
    "/transport/back": "take back one character",
    "/panic": "the calm, known state",
    "/paper/print": "print the last sentence, where a printer waits",
    "/undo": "undo",
    "/redo": "redo",
    "/cue/next": "next cue of the set list",
    "/cue/before": "the cue before",
    "/bank/left": "the voices before, under the hardware's faders",
    "/bank/right": "the next voices",
    **{f"/scene/{place}": f"recall scene {place}" for place in range(1, SCENE_ACTIONS + 1)},
}
VOICE_ACTIONS = {"solo": "solo", "mute": "mute"}

Moves = list[tuple[str, Value]]  # addresses and their new values


@dataclass(frozen=True)
class Target:
    """``parameter`` of the tree and, for a pair, which ``half`` of it."""

    parameter: Parameter
    half: int | None = None

    @property
    def is_switch(self) -> bool:
        return self.parameter.tags == "T"

    def level(self, value: Value) -> float:
        """Where ``value`` lies between the parameter's bottom and its highest, 0 to 1; what lies under counts as 0."""
        number = value[self.half or 0] if isinstance(value, tuple) else float(value)
        return max(0.0, number - self.parameter.bottom) / (self.parameter.high - self.parameter.bottom)

    def number(self, level: float) -> float:
        """The inverse of ``level``, in the parameter's unit."""
        return self.parameter.bottom + level * (self.parameter.high - self.parameter.bottom)

    def moved(self, value: Value, level: float) -> Value:
        """``value`` brought to ``level``; a pair keeps its other half."""
        number = self.number(min(1.0, max(0.0, level)))
        if not isinstance(value, tuple):
            return number
        return (number, value[1]) if self.half == 0 else (value[0], number)

    def stands(self, values: Mapping[str, Value]) -> float:
        """The level that stands among the ``values`` in force."""
        return self.level(values[self.parameter.address])

    def moves(self, values: Mapping[str, Value], level: float) -> Moves:
        """What is to be set for it to stand at ``level``."""
        return [(self.parameter.address, self.moved(values[self.parameter.address], level))]


@dataclass(frozen=True)
class Presence:
    """A voice's weight and whether it is in play, as one level: 0 is out of play."""

    slug: str
    is_switch: bool = False

    def stands(self, values: Mapping[str, Value]) -> float:
        """The level that stands among the ``values`` in force."""
        weight = values[weight_address(self.slug)]
        assert not isinstance(weight, tuple)
        return max(0.0, float(weight)) if values[on_address(self.slug)] else 0.0

    def number(self, level: float) -> float:
        return level

    def moves(self, values: Mapping[str, Value], level: float) -> Moves:
        """What is to be set for the voice to stand at ``level``: it comes into play with it, and leaves at 0."""
        level = min(1.0, max(0.0, level))
        on, there = on_address(self.slug), level > 0.0
        turn: Moves = [(on, there)] if bool(values[on]) != there else []
        return [(weight_address(self.slug), level), *turn]


@dataclass(frozen=True)
class Action:
    """Something that is done once at each press, by its address."""

    address: str
    is_switch: bool = True


Aim = Target | Presence | Action


def presence_address(slug: str) -> str:
    return f"/style/{slug}/presence"


def target(tree: Mapping[str, Parameter], address: str) -> Target:
    """The target that ``address`` names. Raises ``ParameterError`` when there is none."""
    half = PAIR_HALVES.get(address[-2:])
    parameter = tree.get(address if half is None else address[:-2])
    if parameter is None or parameter.tags == "s" or (parameter.tags == "ff") != (half is not None):
        raise ParameterError(f"no control can drive {address}: there is no such parameter")
    return Target(parameter, half)


def aim(tree: Mapping[str, Parameter], address: str) -> Aim:
    """What is driven at ``address``: a target, a presence or an action. Raises as ``target``."""
    if address in ACTIONS:
        return Action(address)
    words = address.split("/")
    if len(words) == 4 and words[1] == "style" and weight_address(words[2]) in tree:
        if words[3] in VOICE_ACTIONS:
            return Action(address)
        if words[3] == "presence":
            return Presence(words[2])
    return target(tree, address)


def is_switch(address: str) -> bool:
    """Whether buttons drive what ``address`` names, for an address of any choir. Raises as ``target``."""
    words = address.split("/")
    slugs: Iterable[str] = (words[2],) if len(words) == 4 and words[1] == "style" else ()
    return aim(ParameterTree(slugs), address).is_switch
