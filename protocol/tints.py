"""Tints as a blob: who is responsible for each character of a text, a few bytes each. Pure; no thread of its own."""

from __future__ import annotations

from collections.abc import Sequence

from protocol.errors import MessageError
from protocol.messages import Tint


def pack_tints(tints: Sequence[Tint]) -> bytes:
    """For each tint the number n of its pairs (0-3), then n times voice index and responsibility, a byte each.

    No tints at all are one 0 byte, since python-osc makes no empty blob.
    """
    blob = bytearray()
    for tint in tints:
        blob.append(len(tint))
        for pair in tint:
            blob.extend(pair)
    return bytes(blob) or b"\0"


def unpack_tints(blob: bytes, count: int) -> tuple[Tint, ...]:
    """The inverse for ``count`` tints; raises ``MessageError``."""
    tints: list[Tint] = []
    place = 0
    for _ in range(count):
        pairs = blob[place] if place < len(blob) else 255
        end = place + 1 + 2 * pairs
        if pairs > 3 or end > len(blob):
            raise MessageError("a tint of at most three voices for every character")
        tints.append(tuple(zip(blob[place + 1 : end : 2], blob[place + 2 : end : 2], strict=True)))
        place = end
    if place != len(blob) and blob != b"\0":
        raise MessageError("as many tints as characters")
    return tuple(tints)
