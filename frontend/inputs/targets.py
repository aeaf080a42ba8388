"""What a control drives: a parameter, or one half of a pair such as the puck's, as a level from 0 to 1.

``"/mix/rate"`` is a parameter's address, ``"/puck.x"`` and ``"/puck.y"`` the halves of a pair. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.errors import ParameterError
from protocol.tree import Parameter, Value

HALVES = {".x": 0, ".y": 1}


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


def target(tree: Mapping[str, Parameter], address: str) -> Target:
    """The target that ``address`` names. Raises ``ParameterError`` when there is none."""
    half = HALVES.get(address[-2:])
    parameter = tree.get(address if half is None else address[:-2])
    if parameter is None or (parameter.tags == "ff") != (half is not None):
        raise ParameterError(f"no control can drive {address}: there is no such parameter")
    return Target(parameter, half)
