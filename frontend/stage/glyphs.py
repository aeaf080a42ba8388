"""The stage's characters as one picture of coverage, rasterised at the very size that they are shown at.

A glyph's ink in a pixel is exact from left to right and sampled on ``SCANLINES_A_PIXEL`` lines from top to bottom;
nothing is hinted, so that every character keeps its drawn form and a line may stand anywhere. Pure numpy; no thread of
its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from frontend.stage.faces import VISIBLE_CODES
from frontend.stage.truetype import Outlines

Floats = NDArray[np.float64]

SCANLINES_A_PIXEL = 16  # lines in a row of pixels
SOLID = 127  # stands for a filled rectangle
UNSEEN = {10: "\u23ce", 9: "\u00bb", 32: "\u2423"}  # signs in the place of line break, tab and space
IN_A_ROW = 16
RIM_PX = 1  # pixels of nothing around each glyph, so that a neighbour never shines in
STROKE_WAYS = 8  # directions in which an outline is widened, or narrowed


@dataclass(frozen=True, eq=False)
class GlyphAtlas:
    """The characters of one or more faces, each at its size. Index 128 f + code is character ``code`` of face f.

    ``coverage`` (rows, columns) 0..255, row 0 on top. ``boxes`` (128 F, 4): left, top, right, bottom in pixels, seen
    from the pen on the baseline, y down; empty where nothing is drawn. ``places`` (128 F, 4): the same corners in the
    picture, 0..1 of its width and height. ``advances`` (128 F,): from pen to pen in pixels. The box of ``SOLID`` is
    empty and its place a point in the ink, so that a box of any size can be filled with it.
    """

    coverage: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    places: NDArray[np.float32]
    advances: NDArray[np.float32]


def make_atlas(*faces: tuple[Outlines, float] | tuple[Outlines, float, float]) -> GlyphAtlas:
    """All visible characters of every face, at so many pixels an em; where it has them, signs for those unseen too.

    A third number is by how many ems every stroke is wider on either side than it was drawn, below 0 narrower; what is
    from pen to pen stays.
    """
    sheets = [_sheet(*face) for face in faces]
    width = max(sheet.coverage.shape[1] for sheet in sheets)
    height = sum(sheet.coverage.shape[0] for sheet in sheets)
    coverage, places, top = np.zeros((height, width), np.uint8), [], 0
    for sheet in sheets:
        high, wide = sheet.coverage.shape
        coverage[top : top + high, :wide] = sheet.coverage
        places.append((sheet.places + np.array([0, top, 0, top])) / np.array([width, height, width, height]))
        top += high
    return GlyphAtlas(
        coverage,
        np.concatenate([sheet.boxes for sheet in sheets]).astype(np.float32),
        np.concatenate(places).astype(np.float32),
        np.concatenate([sheet.advances for sheet in sheets]).astype(np.float32),
    )


@dataclass(frozen=True, eq=False)
class _Sheet:
    """One face of an atlas; ``places`` are still in pixels."""

    coverage: NDArray[np.uint8]
    boxes: Floats
    places: Floats
    advances: Floats


@lru_cache(maxsize=12)  # small words keep their size while the text's is being chosen
def _sheet(outlines: Outlines, em: float, wider: float = 0.0) -> _Sheet:
    drawn = {code: chr(code) for code in VISIBLE_CODES} | {
        code: sign for code, sign in UNSEEN.items() if outlines.has(sign)
    }
    glyphs = {code: _rasterised(outlines, sign, em, wider * em) for code, sign in drawn.items()}
    wide = max(ink.shape[1] for ink, _, _ in glyphs.values()) + 2 * RIM_PX
    high = max(ink.shape[0] for ink, _, _ in glyphs.values()) + 2 * RIM_PX
    coverage = np.zeros((-(-(len(glyphs) + 1) // IN_A_ROW) * high, IN_A_ROW * wide), np.uint8)
    boxes, places = np.zeros((128, 4)), np.zeros((128, 4))
    for place, (code, (ink, left, top)) in enumerate(glyphs.items()):
        row, column = divmod(place, IN_A_ROW)
        y, x = row * high + RIM_PX, column * wide + RIM_PX
        coverage[y : y + ink.shape[0], x : x + ink.shape[1]] = ink
        around = np.array([-RIM_PX, -RIM_PX, ink.shape[1] + RIM_PX, ink.shape[0] + RIM_PX])
        boxes[code] = np.add(around, (left, top, left, top))
        places[code] = np.add(around, (x, y, x, y))
    row, column = divmod(len(glyphs), IN_A_ROW)
    coverage[row * high : (row + 1) * high, column * wide : (column + 1) * wide] = 255
    places[SOLID] = np.array([(column + 0.5) * wide, (row + 0.5) * high] * 2)
    advances = np.array([em * outlines.advance(drawn.get(code, " ")) for code in range(128)])
    return _Sheet(coverage, boxes, places, advances)


def _rasterised(outlines: Outlines, character: str, em: float, wider: float) -> tuple[NDArray[np.uint8], int, int]:
    """The ink of ``character`` and where it begins, left and top, seen from the pen on the baseline, y down.

    ``wider``: pixels that its strokes gain on either side, below 0: lose.
    """
    lines = [line * (em, -em) for line in outlines.contours(character)]
    if not lines:
        return np.zeros((0, 0), np.uint8), 0, 0
    points = np.concatenate(lines)
    reach = max(0.0, wider)
    left, top = (int(edge) for edge in np.floor(points.min(axis=0) - reach))
    width, height = (int(edge) for edge in np.ceil(points.max(axis=0) + reach) - (left, top))
    edges = np.concatenate([np.hstack([line, np.roll(line, -1, axis=0)]) for line in lines])  # (n, 4): from x y to x y
    edges = edges - (left, top, left, top)
    ink = _scanned(edges, width, height)
    if wider:  # as far as a round pen goes, or does not get to
        joined = np.maximum if wider > 0.0 else np.minimum
        for way in range(STROKE_WAYS):
            angle = math.tau * way / STROKE_WAYS
            step = abs(wider) * np.array([math.cos(angle), math.sin(angle)] * 2)
            ink = joined(ink, _scanned(edges + step, width, height))
    return _covered(ink), left, top


def filled(edges: Floats, width: int, height: int) -> NDArray[np.uint8]:
    """How much of each pixel lies where ``edges`` (from x y to x y) wind other than zero times around, 0..255."""
    return _covered(_scanned(edges, width, height))


def _covered(ink: Floats) -> NDArray[np.uint8]:
    cover = ink.reshape(-1, SCANLINES_A_PIXEL, ink.shape[1]).mean(axis=1)
    return np.asarray(np.rint(255.0 * np.clip(cover, 0.0, 1.0)), np.uint8)


def _scanned(edges: Floats, width: int, height: int) -> Floats:
    """How much of each pixel, on each of its scan lines, lies where ``edges`` wind other than zero times around.

    ``edges`` (n, 4) go from x y to x y; (height * SCANLINES_A_PIXEL, width), 0..1.
    """
    x0, y0, x1, y1 = edges[edges[:, 1] != edges[:, 3]].T
    y = (np.arange(height * SCANLINES_A_PIXEL) + 0.5) / SCANLINES_A_PIXEL  # of each scan line
    scan, edge = np.nonzero((np.minimum(y0, y1) <= y[:, None]) & (y[:, None] < np.maximum(y0, y1)))
    at = np.clip(x0[edge] + (y[scan] - y0[edge]) * ((x1 - x0) / (y1 - y0))[edge], 0.0, width)
    order = np.lexsort((at, scan))
    scan, at, turn = scan[order], at[order], np.sign(y1 - y0)[edge[order]]
    winding = np.cumsum(turn)  # lines are closed: it is 0 again at the end of each scan
    step = (winding != 0).astype(float) - (winding - turn != 0)  # 1 where ink begins, -1 where it ends
    column = np.floor(at).astype(int)
    rest = at - column  # of its pixel, that lies in front of the crossing
    ink = np.zeros((height * SCANLINES_A_PIXEL, width + 2))
    np.add.at(ink, (scan, column), step * (1.0 - rest))
    np.add.at(ink, (scan, column + 1), step * rest)
    return np.asarray(np.cumsum(ink, axis=1)[:, :width])
