"""The stage's text as glyphs: which character stands where, in what colour and how visible, at any moment.

Follows a text (``frontend.look.typeset``), tints it by line (``frontend.look.colour``) and moves it
(``frontend.stage.motion``). What a line looks like at rest is worked out once, when it changes; a frame only shifts and
fades it. Pure numpy; UI thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontend.look.colour import Palette, rgb_of_hex
from frontend.look.surplus import leads
from frontend.look.typeset import TypesetLine, Typesetter
from frontend.stage.layout import StageLayout
from frontend.stage.look import StageLook
from frontend.stage.motion import APPEAR_S, FALL_S, LEAVE_S, SCROLL_S, LineScroll, age_alphas, eased
from protocol.measures import LEVELS_A_BIT, NO_SURPRISE
from protocol.messages import Tint

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PlacedGlyphs:
    """So many characters: their codes (n,), where they stand on the baseline (n,), sRGB and opacity 0..1 (n, 4).

    ``weights`` (n,) say how heavy each is, as places in ``WEIGHTS``.
    """

    codes: NDArray[np.uint8]
    x: Floats
    y: Floats
    rgba: Floats
    weights: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.codes)


EMPTY = PlacedGlyphs(
    np.zeros(0, np.uint8),
    np.zeros(0, np.float32),
    np.zeros(0, np.float32),
    np.zeros((0, 4), np.float32),
    np.zeros(0, np.uint8),
)

# ems that a letter's strokes are wider on either side, from the surest to the most surprising one, and the bits from
# which each of those behind the first holds
WEIGHTS = (-0.016, -0.008, 0.0, 0.014, 0.028)
WEIGHT_FROM_BITS = (0.35, 1.2, 2.5, 4.5)
REGULAR = WEIGHTS.index(0.0)  # of a letter that nobody wrote, too


def weights_of(surprises: Sequence[int] | NDArray[np.integer]) -> NDArray[np.uint8]:
    """(n,) how heavy letters of these levels of surprise (``protocol.measures``) are."""
    levels = np.asarray(surprises, np.int64)
    heavy = np.searchsorted(np.array(WEIGHT_FROM_BITS) * LEVELS_A_BIT, levels, side="right")
    return np.where(levels == NO_SURPRISE, REGULAR, heavy).astype(np.uint8)


def all_of(parts: Sequence[PlacedGlyphs]) -> PlacedGlyphs:
    """The characters of all ``parts``, in their order."""
    return PlacedGlyphs(
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.y for part in parts]),
        np.concatenate([part.rgba for part in parts]),
        np.concatenate([part.weights for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class _Row:
    """A line at rest."""

    stamp: int
    codes: NDArray[np.uint8]
    x: Floats
    rgb: Floats  # (n, 3)
    places: NDArray[np.int64]
    weights: NDArray[np.uint8]


@dataclass(frozen=True)
class _Arrival:
    """Characters from one position up to another that came at a time."""

    start: int
    stop: int
    at: float


@dataclass(frozen=True)
class _Move:
    """The first ``count`` characters of a line came from column ``column`` of the line above."""

    count: int
    column: int
    at: float


class StageText:
    """``follow`` takes the text as it is now, ``glyphs`` gives what is to be drawn. Both once a frame."""

    def __init__(self, layout: StageLayout, look: StageLook) -> None:
        self._layout, self._look = layout, look
        self._typesetter = Typesetter(layout.columns, layout.kept_columns if layout.creature else 0)
        self._still = look.settings.still
        alphas = [look.alpha(designed) for designed in age_alphas(layout.lines)]
        self._rise = LineScroll(alphas, 0.0 if self._still else SCROLL_S)
        self._rise.begin(0)
        self._rows: dict[int, _Row] = {}  # by line number
        self._key: tuple[object, ...] = ()  # of what the rows were made from, beside their stamps
        self._arrivals: list[_Arrival] = []
        self._moves: dict[int, _Move] = {}  # by line number
        self._left: tuple[PlacedGlyphs, float] = (EMPTY, 0.0)  # what was taken away, and when
        self._followed_at = -math.inf
        self._drawn = EMPTY
        self._settled = False  # whether ``_drawn`` still holds in the next frame

    def follow(
        self,
        text: str,
        tints: Sequence[Tint],
        dropped: int,
        revision: int,
        palette: Palette | None,
        now: float,
        surprises: Sequence[int] = b"",
    ) -> None:
        """``text`` and ``tints`` are equally long; ``text`` begins at position ``dropped`` of the whole text.

        ``revision`` is another one whenever more happened than appending and dropping. Without a palette, or where
        the look is plain, the text has the colour of ink. ``surprises``, one level a character, or none at all, say
        how heavy letters are where the look wants it.
        """
        before, self._followed_at = self._followed_at, now
        setter = self._typesetter
        end = shown = setter.end
        page, last = setter.page, setter.lines[-1].number
        key = (revision, palette if self._look.coloured else None)
        if end == dropped + len(text) and key == self._key:
            return
        setter.follow(text, dropped, revision)
        self._settled = False
        lines = setter.lines
        if setter.page != page or abs(lines[-1].number - last) > self._layout.lines:
            if page > 1 and len(self._drawn):
                self._left = (self._drawn, now)
            self._rows, self._moves, self._arrivals = {}, {}, []
            end, shown = setter.end, 0  # nothing of it comes or moves: it is simply there
            self._rise.begin(lines[-1].number)
        self._rise.turn(lines[-1].number, now)
        if setter.end > end and not self._still:  # it may have come at any time since the last look
            self._arrivals.append(_Arrival(end, setter.end, max(before, now - APPEAR_S)))
        self._set_rows(key, tints, surprises, dropped, palette if self._look.coloured else None, shown, now)

    def cursor(self, now: float) -> tuple[float, float]:
        """Where the next character would stand."""
        layout, line = self._layout, self._typesetter.lines[-1]
        y = layout.baseline + self._rise.offset(line.number, now) * layout.leading
        return float(layout.left + self._typesetter.column * layout.cell), y

    def cursor_shown(self, now: float) -> tuple[float, float]:
        """Where the cursor stands: it goes on as letters appear, and never ahead of them."""
        x, y = self.cursor(now)
        target, row = x, self._rows.get(self._typesetter.lines[-1].number)
        if row is None:
            return x, y
        for arrival in self._arrivals:
            index = int(np.searchsorted(row.places, arrival.start))
            if index < len(row.places):
                share = min(1.0, max(0.0, (now - arrival.at) / APPEAR_S))
                came = float(row.x[index])
                x = min(x, came + (target - came) * share)
        return x, y

    @property
    def room(self) -> tuple[int, int]:
        """How many characters stand in the line before the cursor, and how many fit behind it."""
        setter = self._typesetter
        return setter.column, setter.columns - setter.column

    def glyphs(self, now: float) -> PlacedGlyphs:
        """What is to be drawn; the very same object for as long as nothing moves."""
        if not self._settled:
            self._settled = not self._moving(now)
            self._drawn = self._draw(now)
        return self._drawn

    def behind(self, position: int, now: float) -> tuple[float, float, float] | None:
        """Where the cell behind the character at ``position`` is, on the baseline, and how visible its line; None for
        one that is not seen."""
        layout = self._layout
        for number, row in self._rows.items():
            if len(row.places) and row.places[0] <= position <= row.places[-1]:
                index = int(np.searchsorted(row.places, position))
                alpha = self._rise.alpha(number, now)
                if row.places[index] != position or not alpha > 0.0:
                    return None
                y = layout.baseline + self._rise.offset(number, now) * layout.leading
                return float(row.x[index]) + layout.cell, y, alpha
        return None

    # ---- lines at rest -----------------------------------------------------------------------------------------------

    def _set_rows(
        self,
        key: tuple[object, ...],
        tints: Sequence[Tint],
        surprises: Sequence[int],
        dropped: int,
        palette: Palette | None,
        shown: int,
        now: float,
    ) -> None:
        """Make the rows of the visible lines that changed; ``shown`` is how far the text stood there before."""
        before = self._rows if key == self._key else {}
        self._key = key
        visible = self._rise.visible(now)
        first = self._typesetter.lines[0].number
        rows: dict[int, _Row] = {}
        for line in self._typesetter.lines[max(0, visible.start - first) : max(0, visible.stop - first)]:
            row = before.get(line.number)
            if row is None or row.stamp != line.stamp:
                row = self._row(line, tints, surprises, dropped, palette)
                new = line.number not in self._rows
                if new and line.came and line.places[0] < shown and not self._still:
                    self._moves[line.number] = _Move(line.came, line.came_from, now)
            rows[line.number] = row
        self._rows = rows

    def _row(
        self, line: TypesetLine, tints: Sequence[Tint], surprises: Sequence[int], dropped: int, palette: Palette | None
    ) -> _Row:
        layout, places = self._layout, np.array(line.places, np.int64)
        theme = self._look.theme
        rgb = np.tile(np.array(rgb_of_hex(theme.ink)), (len(places), 1))
        if palette is not None and len(places) and places[0] >= dropped:
            start, stop = line.places[0], line.places[-1] + 1
            led = leads(tints, len(palette), start - dropped, stop - dropped)
            rgb = palette.stage(led[places - start], theme.lightness, theme.ink, theme.towards_ink)
        codes = np.frombuffer("".join(line.characters).encode("ascii"), np.uint8)
        x = np.array(line.columns, np.float32) * layout.cell + layout.left
        weights = np.full(len(places), REGULAR, np.uint8)
        if self._look.settings.weight and len(surprises) and len(places) and places[0] >= dropped:
            weights = weights_of([surprises[place - dropped] for place in line.places])
        return _Row(line.stamp, codes, x.astype(np.float32), (rgb / 255.0).astype(np.float32), places, weights)

    # ---- one frame ---------------------------------------------------------------------------------------------------

    def _moving(self, now: float) -> bool:
        self._arrivals = [arrival for arrival in self._arrivals if now < arrival.at + APPEAR_S]
        self._moves = {number: move for number, move in self._moves.items() if now < move.at + FALL_S}
        leaving = len(self._left[0]) > 0
        return leaving or bool(self._arrivals) or bool(self._moves) or self._rise.moving(now)

    def _draw(self, now: float) -> PlacedGlyphs:
        parts = [self._draw_left(now)]
        for number, row in self._rows.items():
            alpha = self._rise.alpha(number, now)
            if not alpha > 0.0 or not len(row.codes):
                continue
            y = self._layout.baseline + self._rise.offset(number, now) * self._layout.leading
            alphas = np.full((len(row.codes), 1), alpha, np.float32)
            for arrival in self._arrivals:
                if arrival.stop > row.places[0] and arrival.start <= row.places[-1]:
                    came = (row.places >= arrival.start) & (row.places < arrival.stop)
                    alphas[came] *= np.float32((now - arrival.at) / APPEAR_S)
            xs, ys = row.x, np.full(len(row.codes), y, np.float32)
            if number in self._moves:
                xs, ys = self._fallen(self._moves[number], xs, ys, now)
            parts.append(PlacedGlyphs(row.codes, xs, ys, np.concatenate([row.rgb, alphas], axis=1), row.weights))
        return all_of(parts)

    def _fallen(self, move: _Move, xs: Floats, ys: Floats, now: float) -> tuple[Floats, Floats]:
        """Where a word that moves down from the line above has come to."""
        to_go, word = 1.0 - eased((now - move.at) / FALL_S), slice(0, move.count)
        xs, ys = xs.copy(), ys.copy()
        xs[word] += np.float32(to_go * (self._layout.left + move.column * self._layout.cell - xs[0]))
        ys[word] -= np.float32(to_go * self._layout.leading)
        return xs, ys

    def _draw_left(self, now: float) -> PlacedGlyphs:
        """What was taken away, fading."""
        glyphs, at = self._left
        share = 1.0 - (now - at) / LEAVE_S
        if not len(glyphs) or share <= 0.0 or self._still:
            self._left = (EMPTY, 0.0)
            return EMPTY
        rgba = glyphs.rgba.copy()
        rgba[:, 3] *= np.float32(share)
        return PlacedGlyphs(glyphs.codes, glyphs.x, glyphs.y, rgba, glyphs.weights)
