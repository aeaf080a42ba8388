"""The outlines in a TrueType file, as far as an alphabet of 7-bit characters needs them (OpenType 1.9).

Read straight from the file, so that the stage's type is the same on every system: no font service is asked, which might
answer with another face. Pure; no thread of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from protocol.errors import DisplayError

Floats = NDArray[np.float64]

LEAST_UNITS = 16  # an em; OpenType allows no fewer
CURVE_STEPS = 10  # straight pieces that a quadratic curve is drawn with

ON_CURVE, X_SHORT, Y_SHORT, REPEAT, X_SAME, Y_SAME = 1, 2, 4, 8, 16, 32  # flags of a simple glyph's points
WORDS, OFFSETS, SCALE, MORE, TWO_SCALES, MATRIX = 1, 2, 8, 32, 64, 128  # flags of a composite glyph's parts


class Outlines:
    """The glyphs of one face, in ems, y up from the baseline."""

    def __init__(self, data: bytes) -> None:
        """``data``: the file. Raises ``DisplayError`` when it is no TrueType face with a Unicode map."""
        try:
            self._read(data)
            if self._units < LEAST_UNITS:
                raise ValueError("units too large to draw a character in")
        except (struct.error, LookupError, ValueError, StopIteration) as error:
            raise DisplayError("the typeface is damaged or no TrueType file") from error

    def _read(self, data: bytes) -> None:
        count = struct.unpack_from(">H", data, 4)[0]
        tables = {}
        for entry in range(12, 12 + 16 * count, 16):
            tag, _, start, length = struct.unpack_from(">4sLLL", data, entry)
            tables[tag] = data[start : start + length]
        self._units = struct.unpack_from(">H", tables[b"head"], 18)[0]
        glyphs = struct.unpack_from(">H", tables[b"maxp"], 4)[0]
        if struct.unpack_from(">h", tables[b"head"], 50)[0]:
            self._places = struct.unpack_from(f">{glyphs + 1}L", tables[b"loca"])
        else:
            self._places = tuple(2 * place for place in struct.unpack_from(f">{glyphs + 1}H", tables[b"loca"]))
        self._glyphs = tables[b"glyf"]
        self._metrics = tables[b"hmtx"]
        self._metrics_count = struct.unpack_from(">H", tables[b"hhea"], 34)[0]
        self._index = dict(_unicode_map(tables[b"cmap"]))

    def has(self, character: str) -> bool:
        """Whether the face has a glyph for ``character``."""
        return self._index.get(ord(character), 0) != 0

    def advance(self, character: str) -> float:
        """How wide ``character`` is set."""
        glyph = min(self._index.get(ord(character), 0), self._metrics_count - 1)
        return float(struct.unpack_from(">H", self._metrics, 4 * glyph)[0] / self._units)

    def contours(self, character: str) -> list[Floats]:
        """The closed lines (n, 2) around ``character``'s ink, to be filled where they wind other than zero times."""
        return [line / self._units for line in self._glyph(self._index.get(ord(character), 0))]

    def _glyph(self, index: int) -> list[Floats]:
        data = self._glyphs[self._places[index] : self._places[index + 1]]
        if not data:
            return []
        count = struct.unpack_from(">h", data)[0]
        return self._simple(data, count) if count >= 0 else self._composite(data)

    def _simple(self, data: bytes, count: int) -> list[Floats]:
        ends = struct.unpack_from(f">{count}H", data, 10)
        at = 10 + 2 * count
        at += 2 + struct.unpack_from(">H", data, at)[0]  # over the instructions
        flags: list[int] = []
        while len(flags) < ends[-1] + 1:
            flag = data[at]
            again = data[at + 1] if flag & REPEAT else 0
            flags += [flag] * (1 + again)
            at += 2 if flag & REPEAT else 1
        x, at = _coordinates(data, at, flags, X_SHORT, X_SAME)
        y, at = _coordinates(data, at, flags, Y_SHORT, Y_SAME)
        points = np.stack([x, y], axis=1)
        on = np.array([bool(flag & ON_CURVE) for flag in flags])
        starts = (0, *(end + 1 for end in ends[:-1]))
        return [
            _flattened(points[start : end + 1], on[start : end + 1]) for start, end in zip(starts, ends, strict=True)
        ]

    def _composite(self, data: bytes) -> list[Floats]:
        lines: list[Floats] = []
        at, flags = 10, MORE
        while flags & MORE:
            flags, index = struct.unpack_from(">HH", data, at)
            dx, dy = struct.unpack_from(">hh" if flags & WORDS else ">bb", data, at + 4)
            at += 8 if flags & WORDS else 6
            numbers = 1 if flags & SCALE else 2 if flags & TWO_SCALES else 4 if flags & MATRIX else 0
            scale = [number / 2**14 for number in struct.unpack_from(f">{numbers}h", data, at)]
            at += 2 * numbers
            matrix = np.array(scale).reshape(2, 2) if numbers == 4 else np.eye(2) * (scale or [1.0])
            move = (dx, dy) if flags & OFFSETS else (0, 0)
            lines += [line @ matrix + move for line in self._glyph(index)]
        return lines


def _unicode_map(table: bytes) -> Iterator[tuple[int, int]]:
    """(code, glyph) of the segments of a format 4 map."""
    count = struct.unpack_from(">H", table, 2)[0]
    starts = [struct.unpack_from(">HHL", table, 4 + 8 * entry)[2] for entry in range(count)]
    at = next(start for start in starts if struct.unpack_from(">H", table, start)[0] == 4)
    segments = struct.unpack_from(">H", table, at + 6)[0] // 2
    for segment in range(segments):
        place = at + 14 + 2 * segment
        last = struct.unpack_from(">H", table, place)[0]
        place += 2 * segments + 2
        first = struct.unpack_from(">H", table, place)[0]
        delta = struct.unpack_from(">H", table, place + 2 * segments)[0]
        place += 4 * segments
        offset = struct.unpack_from(">H", table, place)[0]
        for code in range(first, last + 1):
            glyph = code
            if offset:
                glyph = struct.unpack_from(">H", table, place + offset + 2 * (code - first))[0]
            if glyph or not offset:
                yield code, (glyph + delta) & 0xFFFF


def _coordinates(data: bytes, at: int, flags: list[int], short: int, same: int) -> tuple[Floats, int]:
    """The points' x or y, and where they end in ``data``."""
    steps = []
    for flag in flags:
        if flag & short:
            steps.append(data[at] if flag & same else -data[at])
            at += 1
        elif flag & same:
            steps.append(0)
        else:
            steps.append(struct.unpack_from(">h", data, at)[0])
            at += 2
    return np.cumsum(np.array(steps, float)), at


def _flattened(points: Floats, on: NDArray[np.bool_]) -> Floats:
    """A closed contour of curve points and control points as one closed line; the end is not the start again."""
    complete: list[tuple[Floats, bool]] = []  # with the curve points that are only implied: midway of two controls
    for point, is_on, before, was_on in zip(points, on, np.roll(points, 1, axis=0), np.roll(on, 1), strict=True):
        if not is_on and not was_on:
            complete.append(((point + before) / 2, True))
        complete.append((point, bool(is_on)))
    first = next(index for index, (_, is_on) in enumerate(complete) if is_on)
    complete = complete[first:] + complete[: first + 1]
    line, share = [complete[0][0]], (np.arange(CURVE_STEPS) + 1.0)[:, None] / CURVE_STEPS
    for index in range(1, len(complete)):
        (point, is_on), (before, was_on) = complete[index], complete[index - 1]
        if not is_on:
            continue
        if was_on:
            line.append(point)
        else:
            start = complete[index - 2][0]
            line.extend((1 - share) ** 2 * start + 2 * share * (1 - share) * before + share**2 * point)
    return np.array(line[:-1])
