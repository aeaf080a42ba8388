"""Pucks besides the one on their way to the server: what all inputs have, together, numbered, and said again.

Belongs to the hub, under whose lock everything but ``due`` is called. Pure: what it gives is to be sent.
"""

from __future__ import annotations

from itertools import chain, islice

from protocol.messages import CrowdPucks, MorePucks
from protocol.puck import CROWD, MORE, MOST_PUCKS, Puck

PUCK_SPACING_S = {MORE: 1 / 250, CROWD: 1 / 120}  # seconds between two changes; a table of 120 Hz never waits for it
PUCK_RESEND_S = 0.4  # seconds after which what is still there is said again
EMPTY_REPEATS = 3  # times that it is said that nothing is there any more: a datagram may be lost


class PuckSender:
    """The pucks of one kind, ``MORE`` or ``CROWD``, by the input that has them."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._by_input: dict[str, tuple[Puck, ...]] = {}
        self._said: tuple[Puck, ...] = ()
        self._number = 0
        self._moved_at = -PUCK_RESEND_S  # when something new was last said
        self._sent_at = -PUCK_RESEND_S
        self._empty_repeats = 0

    def gather(self, who: str, pucks: tuple[Puck, ...]) -> None:
        """All the pucks that the input ``who`` has now."""
        if pucks:
            self._by_input[who] = pucks
        else:
            self._by_input.pop(who, None)

    def due(self, now: float) -> tuple[MorePucks | CrowdPucks | None, float]:
        """What to send now, and when to ask again: infinity where nothing will be due."""
        pucks = tuple(islice(chain.from_iterable(self._by_input.values()), MOST_PUCKS[self._kind]))
        changed = pucks != self._said
        if changed:
            self._empty_repeats = 0 if pucks else EMPTY_REPEATS
        if not (changed or pucks or self._empty_repeats):
            return None, float("inf")
        wait_until = self._moved_at + PUCK_SPACING_S[self._kind] if changed else self._sent_at + PUCK_RESEND_S
        if now < wait_until:
            return None, wait_until
        self._moved_at = now if changed else self._moved_at
        self._empty_repeats = max(0, self._empty_repeats - 1)
        self._said, self._sent_at, self._number = pucks, now, self._number + 1
        return (MorePucks if self._kind == MORE else CrowdPucks)(self._number, pucks), now + PUCK_RESEND_S
