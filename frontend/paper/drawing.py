"""A receipt as a picture of dots, black or white: what the printer prints, and what a screen shows. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontend.paper.receipt import Receipt, wrapped
from frontend.remote.links import QUIET_ZONE, code_of
from frontend.stage.faces import inconsolata
from frontend.stage.glyphs import GlyphAtlas, make_atlas

Dots = NDArray[np.bool_]  # (height, width), row 0 on top, True is black

WIDTHS = (384, 512, 576)  # dots of a line: rolls of 58, 72 and 80 mm at 203 dots an inch
TEXT_PX, SMALL_PX = 30.0, 22.0  # pixels of an em
LEADING = 1.3  # ems from line to line
MARGIN_PX = 8
BAR_PX, MODULE_PX = 14, 6
BLACK_FROM = 110  # of 255, coverage from which a dot is black


def draw(receipt: Receipt, width: int = WIDTHS[0]) -> Dots:
    """The whole receipt, ``width`` dots wide."""
    parts = [_lines(wrapped(receipt.text, _columns(width, TEXT_PX)), width, TEXT_PX), _gap(width, 14)]
    for name, share in receipt.voices:
        words = f"{name[: _columns(width, SMALL_PX) - 6]:<{_columns(width, SMALL_PX) - 5}}{share:4.0%}"
        parts += [_lines([words], width, SMALL_PX), _bar(share, width), _gap(width, 4)]
    when = receipt.written.strftime("%Y-%m-%d %H:%M")
    parts += [_gap(width, 10), _lines([when, *([receipt.take] if receipt.take else [])], width, SMALL_PX)]
    if receipt.link:
        parts += [_gap(width, 8), _code(receipt.link, width)]
    return np.vstack([_gap(width, 8), *parts, _gap(width, 8)])


def pixels(dots: Dots) -> NDArray[np.uint8]:
    """``dots`` as a picture for a screen, (height, width, 3)."""
    return np.repeat(np.where(dots, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def _columns(width: int, em: float) -> int:
    return int((width - 2 * MARGIN_PX) // (em * inconsolata().advance))


def _gap(width: int, height: int) -> Dots:
    return np.zeros((height, width), bool)


def _bar(share: float, width: int) -> Dots:
    bar = _gap(width, BAR_PX)
    whole = width - 2 * MARGIN_PX
    bar[:2, MARGIN_PX : MARGIN_PX + whole] = bar[-2:, MARGIN_PX : MARGIN_PX + whole] = True
    bar[:, MARGIN_PX : MARGIN_PX + round(share * whole)] = True
    bar[:, MARGIN_PX + whole - 2 : MARGIN_PX + whole] = True
    return bar


def _lines(lines: list[str], width: int, em: float) -> Dots:
    atlas, leading = make_atlas((inconsolata().outlines, em)), round(LEADING * em)
    ink = np.zeros((leading * len(lines) + round(0.4 * em), width), np.uint8)
    advance = em * inconsolata().advance
    for row, line in enumerate(lines):
        baseline = row * leading + round(0.95 * em)
        for column, character in enumerate(line):
            _stamp(ink, atlas, ord(character), round(MARGIN_PX + column * advance), baseline)
    return ink >= BLACK_FROM


def _stamp(ink: NDArray[np.uint8], atlas: GlyphAtlas, code: int, x: int, y: int) -> None:
    """Put a character on the page; what lies outside of it is cut off."""
    if not 32 < code < 127:
        return
    left, top, right, bottom = (int(edge) for edge in atlas.boxes[code])
    high, wide = atlas.coverage.shape
    from_x, from_y = round(float(atlas.places[code][0]) * wide), round(float(atlas.places[code][1]) * high)
    glyph = atlas.coverage[from_y : from_y + bottom - top, from_x : from_x + right - left]
    y0, x0 = max(0, y + top), max(0, x + left)
    y1, x1 = min(ink.shape[0], y + bottom), min(ink.shape[1], x + right)
    if y1 > y0 and x1 > x0:
        part = glyph[y0 - y - top : y1 - y - top, x0 - x - left : x1 - x - left]
        np.maximum(ink[y0:y1, x0:x1], part, out=ink[y0:y1, x0:x1])


def _code(link: str, width: int) -> Dots:
    modules = np.pad(np.array(code_of(link), bool), QUIET_ZONE)
    size = max(1, min(MODULE_PX, width // modules.shape[1]))
    code = np.kron(modules, np.ones((size, size), bool))
    found = _gap(width, code.shape[0])
    left = max(0, (width - code.shape[1]) // 2)
    found[:, left : left + code.shape[1]] = code[:, :width]
    return found
