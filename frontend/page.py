"""The text as the front end holds it: pieces that come late, twice or not at all are laid in their places.

The page is the end of the performance's text, at most ``KEPT`` characters, beginning at position ``dropped``. Pieces
may arrive in any order; what is not there yet is a hole, shown as spaces until it is filled, and ``missing`` names the
first position that should be asked for again. Where text was taken away (rewind, reset), the rest is shown but doubted
until a piece that overlaps it agrees. Pure: belongs to one thread and knows no clock.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocol.measures import NOBODY
from protocol.messages import TAIL, Tint

KEPT = 10_000  # characters
UNTOLD: Tint = ()  # the tint of a character that no voice answers for: primed, or not here yet

Span = tuple[int, int]  # from a position of the text up to, not including, another


class Page:
    """``text``, ``tints`` and ``surprises`` are equally long; ``text[i]`` stands at position ``dropped + i`` of the
    text.

    ``revision`` rises whenever anything but appending and trimming happened: then what was laid out from ``text`` is to
    be laid out anew. A page that replaces another begins with a revision above the other's.
    """

    def __init__(self, revision: int = 0) -> None:
        self.text = ""
        self.tints: list[Tint] = []
        self.surprises = bytearray()  # levels as ``protocol.measures`` has them
        self.dropped = 0
        self.revision = revision
        self._promised = 0  # the length that the server told
        self._holes: list[Span] = []  # in order, apart from each other, inside [dropped, end)
        self._doubted = False  # whether all that is held may belong to a text that was taken away

    @property
    def end(self) -> int:
        """The position after the last character held."""
        return self.dropped + len(self.text)

    def promise(self, length: int) -> None:
        """The server says that the whole text is this long."""
        self._promised = length

    def turn(self, length: int) -> None:
        """Text was taken away and what is left is ``length`` long; whether it begins as before is not known yet."""
        self._promised = length
        self._doubted = length > 0
        if length < self.end:
            kept = max(0, length - self.dropped)
            self.text, self.tints, self.surprises = self.text[:kept], self.tints[:kept], self.surprises[:kept]
            self.dropped = min(self.dropped, length)
            self._holes = [(start, min(stop, self.end)) for start, stop in self._holes if start < self.end]
        self.revision += 1

    def lay(self, start: int, text: str, tints: Sequence[Tint], surprises: bytes = b"") -> None:
        """Put a piece of the text in its place. ``tints`` one a character, ``surprises`` too or none at all."""
        if len(surprises) != len(text):
            surprises = bytes([NOBODY]) * len(text)
        skipped = max(0, self._promised - KEPT - start)  # too old to be kept
        start, text, tints, surprises = start + skipped, text[skipped:], tints[skipped:], surprises[skipped:]
        stop = start + len(text)
        if not text:
            return
        if not self.text:
            self.dropped = start
        self._settle_doubt(start, text)
        if start < self.dropped:
            self._pad_before(start, stop)
        if start > self.end:
            self._holes.append((self.end, start))
            self._append(" " * (start - self.end), [UNTOLD] * (start - self.end), bytes([NOBODY]) * (start - self.end))
        self._write_over(start, text, tints, surprises)
        fresh = max(0, stop - self.end)
        if fresh:
            self._append(text[-fresh:], tints[-fresh:], surprises[-fresh:])
        self._promised = max(self._promised, stop)
        self._trim()

    def missing(self) -> int | None:
        """The first position worth asking for again, or None when all is here."""
        if self._doubted:
            return max(0, self._promised - TAIL)
        oldest = max(0, self._promised - KEPT)
        if self.dropped > oldest:
            return oldest
        if self._holes:
            return self._holes[0][0]
        return self.end if self.end < self._promised else None

    def _settle_doubt(self, start: int, text: str) -> None:
        """Believe or reject what is held from before a turn, by the older half of what ``text`` has in common with it.

        The newer half is left out: characters written since the turn stand there.
        """
        if not self._doubted:
            return
        low, high = max(start, self.dropped), min(start + len(text), self.end)
        high = low + (high - low + 1) // 2
        if low >= high and self.text and start > 0:
            return  # nothing in common: the doubt stands until a piece comes that has
        self._doubted = False
        if start > 0 and self.text[low - self.dropped : high - self.dropped] != text[low - start : high - start]:
            self._holes = [(self.dropped, self.end)]

    def _pad_before(self, start: int, stop: int) -> None:
        """Make room for an older piece; what lies between it and the page is a hole."""
        room = self.dropped - start
        if stop < self.dropped:
            self._holes.insert(0, (stop, self.dropped))
        self.text = " " * room + self.text
        self.tints[:0] = [UNTOLD] * room
        self.surprises[:0] = bytes([NOBODY]) * room
        self.dropped = start
        self.revision += 1

    def _write_over(self, start: int, text: str, tints: Sequence[Tint], surprises: bytes) -> None:
        """Let the piece replace what is held at its positions; the holes it covers are filled."""
        low, high = start - self.dropped, min(start + len(text), self.end) - self.dropped
        if high <= low:
            return
        piece, piece_tints = text[: high - low], tints[: high - low]
        if self.text[low:high] != piece or self.tints[low:high] != list(piece_tints):
            self.text = self.text[:low] + piece + self.text[high:]
            self.tints[low:high] = piece_tints
            self.surprises[low:high] = surprises[: high - low]
            self.revision += 1
        self._holes = [part for hole in self._holes for part in _without(hole, (start, start + len(text)))]

    def _append(self, text: str, tints: Sequence[Tint], surprises: bytes) -> None:
        self.text += text
        self.tints.extend(tints)
        self.surprises.extend(surprises)

    def _trim(self) -> None:
        excess = len(self.text) - KEPT
        if excess > 0:
            self.text = self.text[excess:]
            del self.tints[:excess], self.surprises[:excess]
            self.dropped += excess
            self._holes = [part for hole in self._holes for part in _without(hole, (0, self.dropped))]


def _without(span: Span, covered: Span) -> list[Span]:
    """What of ``span`` lies outside ``covered``: no, one or two spans."""
    before = (span[0], min(span[1], covered[0]))
    after = (max(span[0], covered[1]), span[1])
    return [part for part in (before, after) if part[0] < part[1]]
