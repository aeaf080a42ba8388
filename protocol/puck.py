"""The puck: where the voices stand around it, and how much its place lets each of them say.

The n voices in play stand on the unit circle, the first at twelve, the rest clockwise in the circle's order. A voice's
influence falls with the puck's distance d from the small disc around it as d^-falloff (Shepard's inverse distance
weighting, 1968): on the disc it is alone, and no edge is felt on the way in. Several pucks say the mean of what each
of them says, by their weights. Lengths are in radii, x points to the right and y up. Pure mathematics; no thread of its
own.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from protocol.errors import MessageError
from protocol.tree import Value

Puck = tuple[float, float, float]  # x, y, weight from 0 to 1: one that comes or goes does so by its weight

FEW_PUCKS = 8  # pucks; more are worked out together, a crowd of 256 in a hundredth of the time
SNAP_RADII = 0.03  # radii; a puck this near to a voice lies on it


@lru_cache(maxsize=1024)
def position(i: int, n: int) -> tuple[float, float]:
    """Where voice ``i`` of ``n`` stands: 360 / n * i degrees clockwise from twelve."""
    angle = math.tau * i / n
    return math.sin(angle), math.cos(angle)


def clamp(x: float, y: float) -> tuple[float, float]:
    """The point of the unit disc nearest to (x, y)."""
    distance = math.hypot(x, y)
    return (x, y) if distance <= 1.0 else (x / distance, y / distance)


def influence(puck_xy: tuple[float, float], n: int, falloff: float) -> tuple[float, ...]:
    """The share of each of ``n`` voices, in the circle's order, summing to 1; empty for no voices.

    A puck outside the circle counts as lying on its edge. ``falloff`` >= 0: 0 gives all the same.
    """
    if n == 0:
        return ()
    puck = clamp(*puck_xy)
    distances = [max(0.0, math.dist(puck, position(i, n)) - SNAP_RADII) for i in range(n)]
    nearest = min(distances)
    if nearest == 0.0:
        shares = [float(distance == 0.0) for distance in distances]
    else:
        shares = [(nearest / distance) ** falloff for distance in distances]  # at most 1: no falloff overflows
    total = math.fsum(shares)
    return tuple(share / total for share in shares)


def mean_influence(pucks: Iterable[Puck], n: int, falloff: float) -> tuple[float, ...]:
    """The mean of the pucks' influences on ``n`` voices by their weights, summing to 1; empty where nobody weighs."""
    weighing = [puck for puck in pucks if puck[2] > 0.0]
    if not weighing or n == 0:
        return ()
    if len(weighing) == 1:
        return influence(weighing[0][:2], n, falloff)
    if len(weighing) > FEW_PUCKS:
        return _mean_of_many(weighing, n, falloff)
    heaviest = max(weight for *_, weight in weighing)
    shares = [(influence((x, y), n, falloff), weight / heaviest) for x, y, weight in weighing]
    total = math.fsum(weight for _, weight in shares)
    return tuple(math.fsum(weight * said[i] for said, weight in shares) / total for i in range(n))


def _mean_of_many(pucks: Sequence[Puck], n: int, falloff: float) -> tuple[float, ...]:
    """``mean_influence`` of weighing pucks, all at once."""
    import numpy as np  # here: whoever only asks for the commands waits for nothing heavy

    said = np.array(pucks)  # (P, 3)
    places = said[:, :2] / np.maximum(1.0, np.hypot(said[:, :1], said[:, 1:2]))
    voices = np.array([position(i, n) for i in range(n)])
    apart = places[:, None] - voices  # (P, n, 2)
    distances = np.maximum(0.0, np.hypot(apart[..., 0], apart[..., 1]) - SNAP_RADII)
    nearest = distances.min(axis=1, keepdims=True)
    alone = nearest == 0.0
    shares = np.where(alone, distances == 0.0, (nearest / np.where(alone, 1.0, distances)) ** falloff)
    weights = said[:, 2] / said[:, 2].max()
    mean = (weights / shares.sum(axis=1)) @ shares / weights.sum()
    return tuple(mean.tolist())


def joint_influence(
    own: Sequence[Puck], crowd: Sequence[Puck], share: float, n: int, falloff: float
) -> tuple[float, ...] | None:
    """What the performer's ``own`` pucks and the ``crowd``'s say together, summing to 1; None where there are none.

    The crowd has ``share`` of the say, and less while all its weights together are below 1, so that the first to come
    and the last to go are no jump. A performer without a puck says the same to all voices.
    """
    theirs = min(1.0, max(0.0, share)) * min(1.0, math.fsum(max(0.0, weight) for *_, weight in crowd))
    mine = mean_influence(own, n, falloff)
    if theirs <= 0.0:
        return mine or None
    said = mean_influence(crowd, n, falloff)
    mine = mine or (1.0 / n,) * n if n else ()
    return tuple((1.0 - theirs) * one + theirs * other for one, other in zip(mine, said, strict=True))


# ---- a performer's further fingers and an audience's pucks -----------------------------------------------------------

MORE, CROWD = "/puck/more", "/crowd/pucks"
MOST_MORE, MOST_CROWD = 16, 256
MOST_PUCKS = {MORE: MOST_MORE, CROWD: MOST_CROWD}
MOST_SENDERS = 8  # whose pucks are remembered, of each kind
PUCK_LIFETIME_S, PUCK_FADE_S = 1.0, 1.0  # seconds that pucks stay without a word, and in which they then go
EACH = struct.Struct(">hhB")  # x and y in 32,767ths of a radius, weight in 255ths
UNITS_A_RADIUS = 32_767


def pack_pucks(pucks: Sequence[Puck], most: int) -> bytes:
    """Five bytes a puck; raises ``MessageError`` for more than ``most``.

    None at all are one 0 byte, since python-osc makes no empty blob.
    """
    if len(pucks) > most:
        raise MessageError(f"there may be {most} pucks, not {len(pucks)}")
    packed = bytearray()
    for x, y, weight in pucks:
        x, y = _inside(x, y)
        packed += EACH.pack(
            round(x * UNITS_A_RADIUS), round(y * UNITS_A_RADIUS), round(255 * min(1.0, max(0.0, weight)))
        )
    return bytes(packed) or b"\0"


def unpack_pucks(blob: bytes, most: int) -> tuple[Puck, ...]:
    """The inverse, to the precision of the bytes. Raises ``MessageError``."""
    if blob == b"\0":
        return ()
    if len(blob) % EACH.size or len(blob) > most * EACH.size:
        raise MessageError(f"at most {most} pucks of {EACH.size} bytes")
    return tuple(
        (*_inside(x / UNITS_A_RADIUS, y / UNITS_A_RADIUS), weight / 255) for x, y, weight in EACH.iter_unpack(blob)
    )


def _inside(x: float, y: float) -> tuple[float, float]:
    """Within the circle, but for what rounding does: so that packing again what was unpacked gives the same bytes."""
    return (x, y) if math.hypot(x, y) <= 1.0 + 1.0 / UNITS_A_RADIUS else clamp(x, y)


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
