"""Pucks besides the one: a performer's further fingers and an audience's, as state that heals and fades.

Each sender says all its pucks at once, with a number that rises, and says them again at least twice a second. Whoever
falls silent loses them little by little. In a table of values they stand under ``MORE`` and ``CROWD`` as one flat tuple
(x, y, weight, x, y, weight ..), beside the parameters. Pure: time is passed in, in monotonic seconds.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from protocol.errors import MessageError
from protocol.puck import Puck, clamp
from protocol.tree import Value

MORE, CROWD = "/puck/more", "/crowd/pucks"
MOST_MORE, MOST_CROWD = 16, 256
MOST_PUCKS = {MORE: MOST_MORE, CROWD: MOST_CROWD}
MOST_SENDERS = 8  # whose pucks are remembered, of each kind
PUCK_LIFETIME_S, PUCK_FADE_S = 1.0, 1.0  # seconds that pucks stay without a word, and in which they then go
EACH = struct.Struct(">hhB")  # x and y in 32,767ths of a radius, weight in 255ths
UNIT = 32_767


def pack_pucks(pucks: Sequence[Puck], most: int) -> bytes:
    """Five bytes a puck; raises ``MessageError`` for more than ``most``.

    None at all are one 0 byte, since python-osc makes no empty blob.
    """
    if len(pucks) > most:
        raise MessageError(f"there may be {most} pucks, not {len(pucks)}")
    packed = bytearray()
    for x, y, weight in pucks:
        x, y = _inside(x, y)
        packed += EACH.pack(round(x * UNIT), round(y * UNIT), round(255 * min(1.0, max(0.0, weight))))
    return bytes(packed) or b"\0"


def unpack_pucks(blob: bytes, most: int) -> tuple[Puck, ...]:
    """The inverse, to the precision of the bytes. Raises ``MessageError``."""
    if blob == b"\0":
        return ()
    if len(blob) % EACH.size or len(blob) > most * EACH.size:
        raise MessageError(f"at most {most} pucks of {EACH.size} bytes")
    return tuple((*_inside(x / UNIT, y / UNIT), weight / 255) for x, y, weight in EACH.iter_unpack(blob))


def _inside(x: float, y: float) -> tuple[float, float]:
    """Within the circle, but for what rounding does: so that packing again what was unpacked gives the same bytes."""
    return (x, y) if math.hypot(x, y) <= 1.0 + 1.0 / UNIT else clamp(x, y)


@dataclass(frozen=True)
class SenderPucks:
    """One sender's pucks; ``SenderPucks()`` has none."""

    pucks: tuple[Puck, ...] = ()
    number: int = -1
    at: float = -math.inf

    def heard(self, number: int, pucks: tuple[Puck, ...], now: float) -> SenderPucks:
        """After a message: one that is late or doubled changes nothing, unless the sender was silent so long that it
        may have begun again."""
        if number <= self.number and now - self.at < PUCK_LIFETIME_S:
            return self
        return SenderPucks(pucks, number, now)

    def left(self, now: float) -> float:
        """How much of the weights is left: 1 as long as the sender speaks, then falling to 0."""
        return min(1.0, max(0.0, 1.0 - (now - self.at - PUCK_LIFETIME_S) / PUCK_FADE_S))

    def present(self, now: float) -> tuple[Puck, ...]:
        left = self.left(now)
        if left == 1.0:
            return self.pucks
        return tuple((x, y, weight * left) for x, y, weight in self.pucks) if left > 0.0 else ()


class PuckGatherer:
    """The pucks of all senders, by what they are (``MORE``, ``CROWD``) and who says so. Bounded; no lock of its own."""

    def __init__(self) -> None:
        self._by_sender: dict[tuple[str, object], SenderPucks] = {}

    def __bool__(self) -> bool:
        return bool(self._by_sender)

    def hear(self, kind: str, sender: object, number: int, pucks: tuple[Puck, ...], now: float) -> None:
        """Take in what ``sender`` says. Raises ``MessageError`` where too many say something."""
        self._forget(now)
        known = self._by_sender.get((kind, sender))
        if known is None and sum(each == kind for each, _ in self._by_sender) >= MOST_SENDERS:
            raise MessageError(f"{MOST_SENDERS} programs say {kind} already: one more cannot")
        self._by_sender[kind, sender] = (known or SenderPucks()).heard(number, pucks, now)

    def present(self, kind: str, now: float) -> tuple[Puck, ...]:
        """All that there are now, at most as many as there may be."""
        found = chain.from_iterable(each.present(now) for (what, _), each in self._by_sender.items() if what == kind)
        return tuple(islice(found, MOST_PUCKS[kind]))

    def values(self, now: float) -> dict[str, Value]:
        """What stands in a table of values: nothing for what has no pucks."""
        self._forget(now)
        found = {kind: self.present(kind, now) for kind in MOST_PUCKS} if self._by_sender else {}
        return {kind: flat(pucks) for kind, pucks in found.items() if pucks}

    def _forget(self, now: float) -> None:
        for key in [key for key, each in self._by_sender.items() if each.left(now) == 0.0]:
            del self._by_sender[key]


def flat(pucks: Sequence[Puck]) -> tuple[float, ...]:
    return tuple(chain.from_iterable(pucks))


def pucks_in(values: Mapping[str, Value], kind: str) -> tuple[Puck, ...]:
    """The pucks that a table of values has under ``kind``."""
    found = values.get(kind, ())
    if not isinstance(found, tuple):
        return ()
    numbers = iter(found)
    return tuple(zip(numbers, numbers, numbers, strict=False))
