"""What a phone may say, checked before anything is done with it, and how often. Pure: time is what it is told.

A message is one JSON object of at most 2,048 bytes. An audience's phone says ``{"puck": [x, y]}`` or ``{"puck":
null}``; a performer's says ``{"set": {address: value}}`` and ``{"do": "word"}``. Either says ``{}``: it is there.
States, not changes: a message that is lost or left out costs nothing once the next one comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from frontend.remote.links import Role
from protocol.documents import json_of
from protocol.errors import MessageError
from protocol.messages import Finish, Panic, Step, ToServer, Word
from protocol.puck import clamp
from protocol.tree import Value

MAX_MESSAGE_CHARS = 2_048  # bytes of a message
MAX_VALUES = 64
ACTS: dict[str, Callable[[], ToServer]] = {"step": Step, "word": Word, "finish": Finish, "panic": Panic}
KEYS = {Role.PERFORMER: {"set", "do"}, Role.AUDIENCE: {"puck"}}

RATE_PER_S = 60.0  # messages a second that a phone may send for long
BURST = 120.0  # and at once
MAX_EXCESS = 600.0  # messages beyond that, after which it is sent away


@dataclass(frozen=True)
class PhoneMessage:
    """What one message asks for. ``puck`` only counts where ``moved``; None lifts it."""

    values: Mapping[str, Value] = field(default_factory=dict)
    acts: tuple[ToServer, ...] = ()
    moved: bool = False
    puck: tuple[float, float] | None = None


def parse_message(text: str, role: Role) -> PhoneMessage:
    """The message ``text`` of a phone in this ``role``. Raises ``MessageError`` for all that is not exactly one.

    Values are finite numbers, booleans or pairs of numbers; whether an address exists is for the tree to say.
    """
    if len(text) > MAX_MESSAGE_CHARS:
        raise MessageError(f"a phone's message has {len(text)} characters; {MAX_MESSAGE_CHARS} are allowed")
    try:
        told = json_of(text)
    except ValueError:
        raise MessageError("a phone's message is no JSON") from None
    if not isinstance(told, dict) or not told.keys() <= KEYS[role]:
        raise MessageError("a phone asks for what its link does not allow")
    values, acts = told.get("set", {}), told.get("do", [])
    acts = [acts] if isinstance(acts, str) else acts
    if not isinstance(values, dict) or len(values) > MAX_VALUES:
        raise MessageError("a phone's values are no table of addresses")
    if not isinstance(acts, list) or len(acts) > len(ACTS) or any(act not in ACTS for act in map(str, acts)):
        raise MessageError("a phone asks for something that cannot be done")
    puck = told.get("puck")
    return PhoneMessage(
        {address: _value(value) for address, value in values.items()},
        tuple(ACTS[act]() for act in acts),
        "puck" in told,
        None if puck is None else clamp(*_pair(puck)),
    )


def _value(value: object) -> Value:
    if isinstance(value, bool):
        return value
    return _pair(value) if isinstance(value, list) else _number(value)


def _pair(value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise MessageError("a phone's place is no pair of numbers")
    return _number(value[0]), _number(value[1])


def _number(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= 1e6:
        return float(value)
    raise MessageError("a phone's value is no finite number")


class RateLimit:
    """How often one phone may speak: ``RATE_PER_S`` a second, ``BURST`` at once."""

    def __init__(self, now: float) -> None:
        self._left, self._at, self._excess = BURST, now, 0.0

    def allows(self, now: float) -> bool:
        """Whether a message that comes now is heard."""
        passed = max(0.0, now - self._at)
        self._at = now
        self._left = min(BURST, self._left + RATE_PER_S * passed)
        self._excess = max(0.0, self._excess - RATE_PER_S * passed)
        if self._left < 1.0:
            self._excess += 1.0
            return False
        self._left -= 1.0
        return True

    @property
    def flooded(self) -> bool:
        """Whether so much came beyond what is heard that this is no phone in a hand."""
        return self._excess >= MAX_EXCESS
