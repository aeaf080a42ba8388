"""Who wants which letter next: the likeliest twelve, a row for each voice in play over the mix of all. UI thread only.

The columns stand in the order of the mix, the likeliest first, and a column reads as "who wants this letter". Beside
its name each voice says what it wants most itself, whether that is among the twelve or not. Heights are sqrt(p) on a
fixed scale; the bars of the mix are stacked by responsibility, in list order from the top. The sampled letter's
column shines for a moment. Bars rise at once and fall gently, but where a hand moved the weights nothing is eased.
Everything is worked out with numpy and drawn in two calls, whatever the number of voices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from frontend.client.character_axis import NAMED, OTHER, SLOTS, Floats, slot_of, slots
from frontend.client.display_state import Memo
from frontend.control.drawing.canvas import Align, ImGuiCanvas, numbered, pack, pack_all, rgbs
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import hatching, panel
from frontend.control.panels.frame import PanelFrame
from frontend.control.state.edits import MINUS
from frontend.look.easing import half_life
from frontend.look.theme import CAPTION, FIGURE, PLAIN_ABOVE_VOICES, VALUE, AnimationTimes

LEFT, RIGHT = 130.0, 16.0  # of the columns inside the panel
ROWS_TOP_DP = 10.0  # of the first row
FOOT_DP = 42.0  # from the mix's ground to the panel's bottom
FIGURES_GAP_DP = 22.0  # of the rows and the mix, where its figures stand
ROWS_SHARE = 0.64  # of the height that rows and mix have, that is the rows'
COLUMNS, COLUMN_W = 12, 64.0  # that there are at least, and dp from which there are more
BAR_SHARE = 0.68  # of a column that a bar fills
MARKS = ((1.0, "100%"), (0.25, "25%"), (0.01, "1%"))
MIN_FIGURE_PROBABILITY = 0.01  # probability from which a column says it in figures
LOUD, QUIET = 0.02, 0.002  # probability in the mix from which a letter is hi, mid
TILE, LETTER = 30.0, 24.0
FAVOURITE_TYPE_DP = 24.0  # the largest type of what a voice wants most
LEAST_BAR_WITH_LETTER_DP = 13.0  # the height of a bar from which the voice's favourite stands in it
SIGNS, TAB = {" ": "\u2423", "\n": "\u23ce"}, SLOTS.index("\t")  # the tab's sign is drawn
FAINTEST, HEAT_FROM = 0.004, 0.02  # height of a bar, and of a heat strip's p, below which nothing is drawn
FUSED = "Fu"  # what the fused network's row is called


@dataclass(frozen=True)
class PlotGeometry:
    """The panel's geometry: rows above, the mix below."""

    panel: Rect
    rows: int

    @cached_property
    def left(self) -> float:
        return self.panel.x + LEFT

    @cached_property
    def right(self) -> float:
        return self.panel.right - RIGHT

    @cached_property
    def columns(self) -> int:
        return max(COLUMNS, int((self.right - self.left) / COLUMN_W))

    @cached_property
    def middles(self) -> Floats:
        """(columns,)"""
        return np.asarray(self.left + self.pitch * (np.arange(self.columns) + 0.5), np.float64)

    @cached_property
    def pitch(self) -> float:
        return (self.right - self.left) / self.columns

    @cached_property
    def bars(self) -> tuple[Floats, Floats]:
        """The left and right edges of the columns' bars."""
        half = self.pitch * BAR_SHARE / 2
        return self.middles - half, self.middles + half

    def at(self, x: float) -> int | None:
        """The column that x lies in."""
        column = int((x - self.left) // self.pitch)
        return column if 0 <= column < self.columns else None

    @cached_property
    def ground(self) -> float:
        """The y of the mix's 0."""
        return self.panel.bottom - FOOT_DP

    @cached_property
    def _room(self) -> float:
        return max(20.0, self.panel.h - ROWS_TOP_DP - FOOT_DP - FIGURES_GAP_DP)

    @cached_property
    def joint_height(self) -> float:
        """dp of probability 1."""
        return self._room * (1.0 - ROWS_SHARE)

    @cached_property
    def row_height(self) -> float:
        return self._room * ROWS_SHARE / max(1, self.rows)

    @cached_property
    def feet(self) -> Floats:
        """(rows,) the y of each row's 0."""
        return np.asarray(self.panel.y + ROWS_TOP_DP + self.row_height * np.arange(1, self.rows + 1))

    @property
    def plain(self) -> bool:
        """Whether the rows are so low that they are heat strips."""
        return self.rows > PLAIN_ABOVE_VOICES


plot_geometry = lru_cache(maxsize=8)(PlotGeometry)  # the same plot in every frame, measured once


def likeliest(joint: Floats, count: int, lit: int | None = None) -> tuple[int, ...]:
    """The ``count`` slots that have most of ``joint`` (slots,), most first; ``lit`` is one of them in any case."""
    order = np.argsort(-joint, kind="stable")[:count].tolist()
    if lit is not None and lit not in order:
        order[-1] = lit
    return tuple(order)


@dataclass
class FallingBars:
    """Heights that rise at once and fall with a half-life, but follow at once when only the weights moved."""

    _set: int = -2
    _keys: tuple[int, ...] = ()
    _heights: Floats = field(default_factory=lambda: np.zeros((0, 0)))  # as last drawn, a row a key
    _excess: Floats = field(default_factory=lambda: np.zeros((0, 0)))  # still to fall

    def follow(
        self, sequence: int, keys: tuple[int, ...], targets: Floats, dt: float, motion: AnimationTimes
    ) -> Floats:
        """Heights to draw for ``targets`` (n, slots), a row for each of ``keys``; ``sequence`` names their set."""
        if keys != self._keys:
            self._bring(keys, targets)
        if sequence != self._set:
            self._set = sequence
            self._excess = np.maximum(0.0, self._heights - targets)
        self._excess = self._excess * half_life(motion.fall, dt)
        self._heights = targets + self._excess
        return self._heights

    def _bring(self, keys: tuple[int, ...], targets: Floats) -> None:
        """Others are shown from now on: who comes has nothing to fall."""
        heights, excess = np.zeros_like(targets), np.zeros_like(targets)
        for row, key in enumerate(keys):
            if key in self._keys:
                before = self._keys.index(key)
                heights[row], excess[row] = self._heights[before], self._excess[before]
        self._keys, self._heights, self._excess = keys, heights, excess


JOINT = -1  # the joint's key among the voices' indices


class _Row(NamedTuple):
    """How a voice's row is drawn."""

    voice: int
    colour: str
    alpha: float
    below: bool  # its fader is below zero


@dataclass
class HistogramPanel:
    name: str = "histogram"
    _falling: FallingBars = field(default_factory=FallingBars)
    _wanted: Memo[Floats] = field(default_factory=Memo)
    _best: Memo[dict[int, tuple[int, int]]] = field(default_factory=Memo)
    _touch: Touch = NO_TOUCH
    _shown: tuple[int, ...] = ()  # the slots that have a column, from the left
    _cap: float = 0.0

    @staticmethod
    def rows(frame: PanelFrame) -> tuple[_Row, ...]:
        """Who has a row: the voices in play, and the fused network, as one voice more, while it speaks.

        Its colour is that of its voices, each as far as it is in it.
        """
        controller = frame.controller
        rows = tuple(
            _Row(voice, controller.colours[voice], 0.3 if controller.silenced(voice) else 1.0, fader < 0.0)
            for voice, fader in frame.faders.items()
        )
        fused = len(controller.slugs)
        return (
            (*rows, _Row(fused, controller.common_colour, 1.0, False)) if fused in controller.readouts.voices else rows
        )

    def touch(self, frame: PanelFrame) -> None:
        rect = frame.layout.histogram
        frame.head(self.name, Rect(rect.x, rect.bottom - FOOT_DP - 24, LEFT, 40), 48)
        self._touch = frame.tracker.area("histogram", rect)
        if self._touch.right:
            frame.menu = "panel histogram"
        if self._touch.clicked:
            self._choose(frame)

    def _choose(self, frame: PanelFrame) -> None:
        """A click makes the letter under the pointer the next one."""
        slot = self._under(frame, plot_geometry(frame.layout.histogram, len(self.rows(frame))))
        if slot is not None and slot < OTHER and SLOTS[slot] != "\t":
            frame.controller.choose(SLOTS[slot])

    def _under(self, frame: PanelFrame, plot: PlotGeometry) -> int | None:
        """The slot whose column the pointer is on, as it was drawn last."""
        column = plot.at(frame.tracker.pointer.x)
        return self._shown[column] if column is not None and column < len(self._shown) else None

    def draw(self, frame: PanelFrame) -> None:
        canvas, controller, rect = frame.canvas, frame.controller, frame.layout.histogram
        rows, shown = self.rows(frame), controller.readouts
        plot = plot_geometry(rect, len(rows))
        joint = slots(shown.joint)  # (98,)
        sampled = slot_of(shown.character) if shown.lit > 0.0 else None
        self._shown = likeliest(joint, plot.columns, sampled)
        lit = None if sampled is None else self._shown.index(sampled)
        wished = self._wished(frame, rows)
        canvas.kept("histogram grid", (plot, rows, controller.cards), lambda: self._grid(frame, plot, rows))
        with canvas.faded(0.5 if controller.stale else 1.0):
            if lit is not None:
                self._column(frame, plot, lit)
            self._bars(frame, plot, rows, joint, lit)
            columns = tuple(
                self._shown.index(wish[0]) if wish is not None and wish[0] in self._shown else None for wish in wished
            )
            lifted = controller.flag("/puck/lifted")
            state = (plot, rows, wished, columns, lifted)
            canvas.kept("histogram wishes", state, lambda: _draw_wishes(frame, plot, rows, wished, columns, lifted))
            self._letters(frame, plot, joint, lit)
        if controller.stale:
            hatching(canvas, Rect(plot.left, rect.y + 1, plot.right - plot.left, rect.h - 2))
        if self._touch.hot:
            self._offer_tip(frame, plot, rows)

    def _wished(self, frame: PanelFrame, rows: Sequence[_Row]) -> tuple[tuple[int, int] | None, ...]:
        """What each row's voice wants most: the slot, and its probability in per cent; None where it sleeps."""
        shown = frame.controller.readouts

        def find() -> dict[int, tuple[int, int]]:
            best = shown.distributions.argmax(1).tolist() if shown.voices else []
            return {
                voice: (slot_of(chr(code)), round(100 * float(row[code])))
                for voice, code, row in zip(shown.voices, best, shown.distributions, strict=True)
            }

        found = self._best.of(find, shown.distributions)
        return tuple(found.get(row.voice) for row in rows)

    def _grid(self, frame: PanelFrame, plot: PlotGeometry, rows: Sequence[_Row]) -> None:
        """Ground, monograms and grounds of the rows, marks of the mix."""
        canvas, chrome, controller, bold = frame.canvas, frame.canvas.chrome, frame.controller, frame.canvas.faces.bold
        panel(canvas, plot.panel)
        for (voice, colour, alpha, below), foot in zip(rows, plot.feet.tolist(), strict=True):
            if plot.plain:
                h = max(2.0, plot.row_height - 1)
                if below:
                    canvas.hatch(plot.left - 34, foot - plot.row_height, 24, h, colour, alpha, 1.25, 4.0)
                else:
                    canvas.fill(plot.left - 34, foot - plot.row_height, 24, h, colour, alpha, 2)
            else:
                canvas.hair_h(plot.panel.x + 16, plot.right, foot, chrome.line, 0.6)
                size = min(float(VALUE), max(9.0, plot.row_height * 0.8))
                y = canvas.middle(foot - plot.row_height / 2 + 1, size, bold)
                words = controller.cards[voice].monogram if voice < len(controller.cards) else FUSED
                canvas.text(plot.panel.x + 16, y, words, colour, size, bold, alpha=alpha)
                if below:
                    canvas.text(plot.panel.x + 7, y, MINUS, colour, size, bold, alpha=alpha)
        for p, words in MARKS:
            y = plot.ground - plot.joint_height * p**0.5
            canvas.hair_h(plot.left, plot.right, y, chrome.line, 0.6)
            canvas.text(plot.left - 8, canvas.middle(y, FIGURE), words, chrome.low, FIGURE, align=Align.RIGHT)
        canvas.hair_h(plot.left, plot.right, plot.ground, chrome.off)
        canvas.text(plot.panel.x + 16, plot.ground - 5, "mix", chrome.hi, VALUE, bold)

    @staticmethod
    def _column(frame: PanelFrame, plot: PlotGeometry, lit: int) -> None:
        """The sampled letter's column through all rows."""
        top = plot.panel.y + 6
        frame.canvas.fill(
            float(plot.middles[lit]) - plot.pitch / 2 + 2,
            top,
            plot.pitch - 4,
            plot.ground - top,
            frame.canvas.chrome.white,
            0.08 * frame.controller.readouts.lit,
        )

    def _bars(
        self, frame: PanelFrame, plot: PlotGeometry, rows: Sequence[_Row], joint: Floats, lit: int | None
    ) -> None:
        canvas, shown = frame.canvas, frame.controller.readouts
        places = {voice: place for place, voice in enumerate(shown.voices)}
        speaking = [at for at, row in enumerate(rows) if row.voice in places]
        keys = tuple(rows[at].voice for at in speaking)
        wanted = self._wanted.of(lambda: np.sqrt(slots(shown.distributions)), shown.distributions)  # (n, 98)
        targets = np.concatenate([wanted.take([places[voice] for voice in keys], 0), np.sqrt(joint)[None]])
        heights = self._falling.follow(shown.sequence, (*keys, JOINT), targets, frame.dt, frame.motion)
        heights = heights.take(self._shown, 1)
        glow = np.full(plot.columns, canvas.chrome.bar_alpha)
        if lit is not None:
            glow[lit] += (1.0 - canvas.chrome.bar_alpha) * shown.lit
        if speaking:
            self._rows(canvas, plot, [rows[at] for at in speaking], plot.feet[speaking], heights[:-1], glow)
        self._stack(frame, plot, heights[-1], glow)
        if lit is not None:
            if shown.lit >= 1.0:
                self._cap = float(heights[-1, lit])  # fades where it was, whatever the next set wants
            top = plot.ground - plot.joint_height * self._cap
            left, right = (float(edge[lit]) for edge in plot.bars)
            canvas.fill(left - 1, top - 4, right - left + 2, 2, canvas.chrome.white, shown.lit)

    @staticmethod
    def _rows(
        canvas: ImGuiCanvas, plot: PlotGeometry, rows: Sequence[_Row], feet: Floats, h: Floats, glow: Floats
    ) -> None:
        """Each voice's distribution, ``h`` (n, columns) high: bars, or heat strips where rows are low."""
        row, column = np.nonzero(h > (HEAT_FROM if plot.plain else FAINTEST))  # of each of the k bars that are seen
        h, foot = h[row, column], feet[row]
        dim = np.array([row.alpha * (0.5 if row.below else 1.0) for row in rows])[row]
        left, right = plot.bars
        if plot.plain:
            top, foot, alphas = foot - plot.row_height, foot - 1.0, np.minimum(1.0, h)
        else:
            below = np.array([row.below for row in rows])[row]  # what is below zero hangs from the top of its row
            ceiling, tall, alphas = foot - plot.row_height + 2.0, h * (plot.row_height - 2.0), glow[column]
            top, foot = np.where(below, ceiling, foot - tall), np.where(below, ceiling + tall, foot)
        inks = pack_all(rgbs([row.colour for row in rows])[row], alphas * dim)
        canvas.boxes(np.stack([left[column], top, right[column], foot], -1), inks)

    def _stack(self, frame: PanelFrame, plot: PlotGeometry, height: Floats, glow: Floats) -> None:
        """The mix: a bar a letter, cut by responsibility, first voice on top."""
        shown, controller, chrome = frame.controller.readouts, frame.controller, frame.canvas.chrome
        colours = [controller.colours[voice] for voice in shown.owners] or [chrome.mid]
        parts = (
            slots(shown.responsibility).take(self._shown, 1) if shown.owners else np.ones((1, len(height)))
        )  # (n, columns)
        cuts = np.zeros((len(parts) + 1, len(height)))
        np.cumsum(parts / np.maximum(1e-12, parts.sum(0)), 0, out=cuts[1:])
        levels = plot.ground - plot.joint_height * height * (1.0 - cuts)  # (n + 1, columns), from the top down
        part, column = np.nonzero((levels[1:] - levels[:-1]) * frame.canvas.scale > 0.2)  # of each of the k boxes seen
        left, right = plot.bars
        edges = np.stack([left[column], levels[part, column], right[column], levels[part + 1, column]], -1)
        frame.canvas.boxes(edges, pack_all(rgbs(colours)[part], glow[column]))

    def _letters(self, frame: PanelFrame, plot: PlotGeometry, joint: Floats, lit: int | None) -> None:
        """The letters, large, the likelier the brighter, and over each bar how likely it is."""
        canvas, chrome, shown = frame.canvas, frame.canvas.chrome, self._shown
        p = joint.take(shown)
        if lit is not None:
            x, y = float(plot.middles[lit]), plot.ground + 27.0
            canvas.fill(x - TILE / 2, y - 21, TILE, TILE - 2, chrome.white, frame.controller.readouts.lit, 4)
        brightness = (
            pack(chrome.low, canvas.alpha * 0.85),
            pack(chrome.mid, canvas.alpha),
            pack(chrome.hi, canvas.alpha),
        )
        inks = np.array(brightness, np.uint32)[(p >= QUIET).astype(int) + (p >= LOUD)]
        if lit is not None and frame.controller.readouts.lit > 0.4:
            inks[lit] = pack(chrome.bg0)
        canvas.painted("letters", (plot, shown), lambda: self._place_letters(canvas, plot, shown), inks)
        if TAB in shown:
            column = shown.index(TAB)
            draw_tab(canvas, float(plot.middles[column]), plot.ground + 20.0, int(inks[column]))
        figures = tuple(round(100 * each) for each in p.tolist())
        tops = tuple(np.rint(plot.joint_height * np.sqrt(p)).tolist())
        canvas.kept("histogram figures", (plot, figures, tops), lambda: _draw_figures(canvas, plot, figures, tops))

    @staticmethod
    def _place_letters(canvas: ImGuiCanvas, plot: PlotGeometry, shown: Sequence[int]) -> None:
        """Every column's letter but the tab, in the ink of its number."""
        mono, s, y = canvas.faces.mono, canvas.scale, plot.ground + 27.0
        for column, (slot, x) in enumerate(zip(shown, plot.middles.tolist(), strict=True)):
            if slot == TAB:
                continue
            em = LETTER * s
            glyph = sign_of(slot)
            left, top = round(x * s - mono.width(glyph, em) / 2), round(y * s) - mono.sized(em).ascent
            canvas.run(left, top, glyph, numbered(column), em, mono)

    def _offer_tip(self, frame: PanelFrame, plot: PlotGeometry, rows: Sequence[_Row]) -> None:
        """Under the pointer: the letter, how likely the mix finds it, and who wants it most."""
        controller, pointer = frame.controller, frame.tracker.pointer
        slot = self._under(frame, plot)
        if slot is None:
            frame.tip(self._touch, "who wants which letter next: a row a voice, below it their mix  \u00b7  Z: large")
            return
        character = SLOTS[slot] if slot < OTHER else "other"
        words = f"{NAMED.get(character, character)}  {100 * float(slots(controller.readouts.joint)[slot]):.1f} %"
        wanted = {
            voice: float(slots(distribution)[slot])
            for voice, distribution in zip(controller.readouts.voices, controller.readouts.distributions, strict=True)
        }
        row = int((pointer.y - plot.panel.y - ROWS_TOP_DP) / plot.row_height) if plot.rows else -1
        if 0 <= row < plot.rows:
            voice = rows[row].voice
            name = controller.cards[voice].slug if voice < len(controller.cards) else "the fused network"
            words = f"{name}: {NAMED.get(character, character)}  {100 * wanted.get(voice, 0.0):.1f} %"
        else:
            most = sorted(wanted, key=lambda voice: -wanted[voice])[:4]
            for voice in most:
                name = controller.cards[voice].slug if voice < len(controller.cards) else FUSED
                words += f"  \u00b7  {name} {100 * wanted[voice]:.0f} %"
        frame.tip(self._touch, f"{words}  \u00b7  click: this comes next")


def sign_of(slot: int) -> str:
    """What stands for a slot; the tab's, which no face has, is drawn by ``draw_tab``."""
    character = SLOTS[slot] if slot < OTHER else "\u2026"
    return SIGNS.get(character, character)


def draw_tab(canvas: ImGuiCanvas, x: float, y: float, ink: int) -> None:
    """The tab's arrow, which no shipped face has: three strokes and a bar, 9 wide."""
    for x0, y0, x1, y1 in ((-4.5, 0, 3, 0), (0, -3, 3, 0), (0, 3, 3, 0), (4.5, -3.5, 4.5, 3.5)):
        canvas.stroke(x + x0, y + y0, x + x1, y + y1, ink, 1.25)


def _draw_wishes(
    frame: PanelFrame,
    plot: PlotGeometry,
    rows: Sequence[_Row],
    wished: Sequence[tuple[int, int] | None],
    columns: Sequence[int | None],
    lifted: bool,
) -> None:
    """Beside each voice's name, and in the bar, what it wants most; nothing where there is no room.

    ``columns`` are where the ``wished`` slots stand among the likeliest. The first of those that sleep tells what wakes
    them.
    """
    canvas, chrome, x, told = frame.canvas, frame.canvas.chrome, plot.panel.x, False
    if plot.plain:
        return
    for (_, colour, alpha, below), wish, column, foot in zip(rows, wished, columns, plot.feet.tolist(), strict=True):
        y = foot - plot.row_height / 2 + 1
        if wish is None:
            canvas.text(x + 48, canvas.middle(y, CAPTION), "asleep", chrome.low, CAPTION)
            if not told:
                words = "they wake as their faders rise" if lifted else "they wake as the puck comes near"
                canvas.text(plot.left + plot.pitch + 8, canvas.middle(y, CAPTION), words, chrome.low, CAPTION)
            told = True
            continue
        slot, figure = wish
        size = min(FAVOURITE_TYPE_DP, plot.row_height * 0.95)
        _draw_sign(canvas, x + 57, y, slot, colour, size, alpha)
        canvas.text(x + 104, canvas.middle(y, VALUE), str(figure), chrome.mid, VALUE, align=Align.RIGHT, alpha=alpha)
        tall = (figure / 100) ** 0.5 * (plot.row_height - 2.0)
        if column is not None and not below and tall >= LEAST_BAR_WITH_LETTER_DP:
            size = min(FAVOURITE_TYPE_DP, tall * 0.95)
            _draw_sign(canvas, float(plot.middles[column]), foot - tall / 2, slot, chrome.bg0, size, 1.0)


def _draw_sign(canvas: ImGuiCanvas, x: float, y: float, slot: int, colour: str, size: float, alpha: float) -> None:
    """A slot's sign centred on (x, y), small letters by their own height."""
    if slot == TAB:
        draw_tab(canvas, x, y, pack(colour, alpha * canvas.alpha))
        return
    mono = canvas.faces.mono
    canvas.text(x, canvas.middle(y, size * 0.85, mono), sign_of(slot), colour, size, mono, Align.CENTRE, alpha)


def _draw_figures(canvas: ImGuiCanvas, plot: PlotGeometry, figures: Sequence[int], tops: Sequence[float]) -> None:
    """Over each bar of the mix its probability in per cent."""
    for x, figure, top in zip(plot.middles.tolist(), figures, tops, strict=True):
        if figure >= 100 * MIN_FIGURE_PROBABILITY:
            canvas.text(x, plot.ground - top - 7, f"{figure}", canvas.chrome.mid, CAPTION, align=Align.CENTRE)
