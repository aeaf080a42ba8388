"""Who wants which letter: a row for each voice in play over the joint plot, on one character axis. UI thread only.

A column reads as "who wants this letter". Heights are sqrt(p) on a fixed scale; the joint's bars are stacked by
who is owed what, in list order from the top. The sampled letter's column shines for a moment. Bars rise at once and
fall gently, but where a hand moved the weights nothing is eased. Everything is worked out with numpy and drawn in two
calls, whatever the number of voices.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from frontend.control.axis import NAMED, OTHER, OTHER_FROM, SLOTS, Axis, Floats, axis, slot_of, slots
from frontend.control.draw import Align, Canvas, pack, pack_rows
from frontend.control.ease import half_life
from frontend.control.frame import Frame
from frontend.control.hand import NOTHING, Touch
from frontend.control.layout import Rect
from frontend.control.shapes import hatching, panel
from frontend.control.travel import MINUS
from frontend.theme import FIGURE, STRIP_LIMIT, VALUE, Motion

LEFT, RIGHT = 84.0, 20.0  # of the axis inside the panel
TOP = 10.0  # of the first row
FOOT = 29.5  # from the joint's ground to the panel's bottom
MARKS = ((1.0, "100%"), (0.5, "50%"), (0.25, "25%"), (0.1, "10%"), (0.01, "1%"))
LOUD, QUIET = 0.02, 0.002  # joint probability from which a letter on the axis is hi, mid
TILE = 22.0
SMALL_FROM = 29  # the slot from which letters are written smaller
SIGNS = {" ": "\u2423", "\n": "\u23ce"}  # the tab's is drawn
FAINTEST = 0.004  # height below which nothing is drawn
FUSED = "Fu"  # what the fused network's row is called


@dataclass(frozen=True)
class Plot:
    """The panel's geometry: rows above, the joint below."""

    panel: Rect
    rows: int

    @property
    def left(self) -> float:
        return self.panel.x + LEFT

    @property
    def right(self) -> float:
        return self.panel.right - RIGHT

    @property
    def ground(self) -> float:
        """The y of the joint's 0."""
        return self.panel.bottom - FOOT

    @property
    def joint_height(self) -> float:
        """dp of probability 1; rows and joint share what room there is as 161 to 163."""
        return (self.panel.h - TOP - FOOT - 16.5) * 163 / 324

    @property
    def row_height(self) -> float:
        return (self.panel.h - TOP - FOOT - 16.5) * 161 / 324 / max(1, self.rows)

    def row_foot(self, row: int) -> float:
        """The y of a row's 0."""
        return self.panel.y + TOP + self.row_height * (row + 1)


@dataclass
class Falling:
    """Heights that rise at once and fall with a half-life, but follow at once when only the weights moved."""

    _set: int = -2
    _heights: dict[int, Floats] = field(default_factory=dict)  # as last drawn
    _excess: dict[int, Floats] = field(default_factory=dict)  # still to fall

    def follow(self, sequence: int, targets: dict[int, Floats], dt: float, motion: Motion) -> dict[int, Floats]:
        """Heights to draw for ``targets``, both by voice; ``sequence`` names the set they come from."""
        left = half_life(motion.fall, dt)
        if sequence != self._set:
            self._set = sequence
            fresh = {
                key: np.maximum(0.0, self._heights[key] - target)
                for key, target in targets.items()
                if key in self._heights
            }
        else:
            fresh = {key: self._excess[key] for key in targets if key in self._excess}
        self._excess = {key: excess * left for key, excess in fresh.items()}
        self._heights = {
            key: target + self._excess[key] if key in self._excess else target for key, target in targets.items()
        }
        return self._heights


JOINT = -1  # the joint's key among the voices' indices


@dataclass(frozen=True)
class _Letter:
    """One letter of the axis, in pixels."""

    glyph: str
    left: int
    ascent: int
    em: float


@dataclass
class HistogramPanel:
    name: str = "histogram"
    _falling: Falling = field(default_factory=Falling)
    _touch: Touch = NOTHING
    _cap: float = 0.0
    _letters_of: tuple[int, float] | None = None
    _letters_placed: list[_Letter] = field(default_factory=list)
    _axis: Axis = field(default_factory=lambda: axis(0.0, 1.0, False))
    _axis_key: tuple[float, float, bool] = (0.0, 1.0, False)

    def plot(self, frame: Frame) -> Plot:
        return Plot(frame.layout.histogram, len(self.rows(frame)))

    @staticmethod
    def rows(frame: Frame) -> tuple[int, ...]:
        """Who has a row: the voices in play, and the fused network, as one voice more, while it speaks."""
        desk = frame.desk
        fused = len(desk.slugs)
        return (*desk.playing, fused) if fused in desk.shown.voices else desk.playing

    def touch(self, frame: Frame) -> None:
        rect = frame.layout.histogram
        frame.head(self.name, Rect(rect.x, rect.bottom - FOOT - 24, LEFT, 40), 48)
        self._touch = frame.hand.area("histogram", rect)
        if self._touch.right:
            frame.menu = "panel histogram"

    def draw(self, frame: Frame) -> None:
        canvas, desk, rect = frame.canvas, frame.desk, frame.layout.histogram
        panel(canvas, rect)
        plot = self.plot(frame)
        joint = slots(desk.shown.joint)  # (98,)
        spread = self._spread(plot, float(joint[OTHER]) > OTHER_FROM)
        rows = self.rows(frame)
        looks = tuple((self._colour(frame, voice), *self._manner(frame, voice)) for voice in rows)
        state = (plot, rows, looks)
        canvas.kept("histogram grid", state, lambda: self._grid(frame, plot))
        with canvas.faded(0.5 if desk.stale else 1.0):
            lit = slot_of(desk.shown.character) if desk.shown.lit > 0.0 else None
            if lit is not None and lit < len(spread.middles):
                self._column(frame, plot, spread, lit)
            else:
                lit = None
            self._bars(frame, plot, spread, lit)
            self._letters(frame, plot, spread, joint, lit)
        if desk.stale:
            hatching(canvas, Rect(plot.left, rect.y + 1, plot.right - plot.left, rect.h - 2))
        self._offer_tip(frame, plot, spread)

    def _spread(self, plot: Plot, other: bool) -> Axis:
        key = (plot.left, plot.right, other)
        if key != self._axis_key:
            self._axis, self._axis_key = axis(*key), key
        return self._axis

    def _grid(self, frame: Frame, plot: Plot) -> None:
        """Monograms and grounds of the rows, marks of the joint."""
        canvas, chrome, desk, bold = frame.canvas, frame.canvas.chrome, frame.desk, frame.canvas.faces.bold
        plain = plot.rows > STRIP_LIMIT
        for row, voice in enumerate(self.rows(frame)):
            foot, colour = plot.row_foot(row), self._colour(frame, voice)
            alpha, below = self._manner(frame, voice)
            if plain:
                h = max(2.0, plot.row_height - 1)
                if below:
                    canvas.hatch(plot.left - 34, foot - plot.row_height, 24, h, colour, alpha, 1.25, 4.0)
                else:
                    canvas.fill(plot.left - 34, foot - plot.row_height, 24, h, colour, alpha, 2)
            else:
                canvas.hair_h(plot.left, plot.right, foot, chrome.line, 0.6)
                size = min(float(VALUE), max(9.0, plot.row_height * 0.8))
                y = canvas.middle(foot - plot.row_height / 2 + 1, size, bold)
                words = desk.cards[voice].monogram if voice < len(desk.cards) else FUSED
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
    def _colour(frame: Frame, voice: int) -> str:
        """A voice's colour; the fused network's is that of its voices, each as far as it is in it."""
        desk = frame.desk
        return desk.colours[voice] if voice < len(desk.colours) else desk.common_colour

    @staticmethod
    def _manner(frame: Frame, voice: int) -> tuple[float, bool]:
        """How strongly a row is drawn, and whether its voice is below zero."""
        desk = frame.desk
        if voice >= len(desk.slugs):
            return 1.0, False
        return 0.3 if desk.silenced(voice) else 1.0, desk.fader(voice) < 0.0

    def _column(self, frame: Frame, plot: Plot, spread: Axis, lit: int) -> None:
        """The sampled letter's column through all rows."""
        w = max(TILE, float(spread.widths[lit]))
        top = plot.panel.y + 6
        frame.canvas.fill(float(spread.middles[lit]) - w / 2, top, w, plot.ground - top, frame.canvas.chrome.white,
                          0.08 * frame.desk.shown.lit)  # fmt: skip

    def _bars(self, frame: Frame, plot: Plot, spread: Axis, lit: int | None) -> None:
        canvas, shown = frame.canvas, frame.desk.shown
        count = len(spread.middles)
        rows = np.sqrt(slots(shown.wishes))  # (n, 98): "other" too falls, whether it is shown or not
        seen = set(self.rows(frame))
        targets = {voice: row for voice, row in zip(shown.voices, rows, strict=True) if voice in seen}
        targets[JOINT] = np.sqrt(slots(shown.joint))
        falling = self._falling.follow(shown.sequence, targets, frame.dt, frame.motion)
        heights = {voice: height[:count] for voice, height in falling.items()}
        glow = np.full(count, canvas.chrome.bar_alpha)
        if lit is not None:
            glow[lit] += (1.0 - canvas.chrome.bar_alpha) * shown.lit
        self._rows(frame, plot, spread, heights, glow)
        self._stack(frame, plot, spread, heights[JOINT], glow)
        if lit is not None:
            if shown.lit >= 1.0:
                self._cap = float(heights[JOINT][lit])  # fades where it was, whatever the next set wants
            top = plot.ground - plot.joint_height * self._cap
            left, right = (float(edge[lit]) for edge in spread.bars)
            canvas.fill(left - 1, top - 4, right - left + 2, 2, canvas.chrome.white, shown.lit)

    def _rows(self, frame: Frame, plot: Plot, spread: Axis, heights: dict[int, Floats], glow: Floats) -> None:
        """Each voice's wishes: bars, or heat strips where rows are low."""
        rows = [(row, voice) for row, voice in enumerate(self.rows(frame)) if voice in heights]
        if not rows:
            return
        manners = [self._manner(frame, voice) for _, voice in rows]
        below = np.array([under for _, under in manners])[:, None]
        h = np.stack([heights[voice] for _, voice in rows])  # (n, slots)
        feet = np.array([plot.row_foot(row) for row, _ in rows])[:, None]
        dim = np.array([alpha * (0.5 if under else 1.0) for alpha, under in manners])[:, None]
        left, right = (np.broadcast_to(edge, h.shape) for edge in spread.bars)
        if plot.rows > STRIP_LIMIT:
            half = np.broadcast_to(spread.widths / 2 - 0.5, h.shape)
            middles = np.broadcast_to(spread.middles, h.shape)
            left, right = middles - half, middles + half
            top, alphas = np.broadcast_to(feet - plot.row_height, h.shape), np.minimum(1.0, h)
            feet = np.broadcast_to(feet - 1.0, h.shape)
        else:
            top, alphas = feet - h * plot.row_height, np.broadcast_to(glow, h.shape)
            ceiling = feet - plot.row_height + 2.0  # what is below zero hangs from the top of its row
            top, feet = np.where(below, ceiling, top), np.where(below, ceiling + h * plot.row_height, feet)
        seen = h > (0.02 if plot.rows > STRIP_LIMIT else FAINTEST)
        inks = pack_rows([self._colour(frame, voice) for _, voice in rows], alphas * dim)
        frame.canvas.boxes(np.stack([left, top, right, feet], -1)[seen], inks[seen])

    def _stack(self, frame: Frame, plot: Plot, spread: Axis, height: Floats, glow: Floats) -> None:
        """The joint: a bar a letter, cut by who is owed what, first voice on top."""
        shown, desk, chrome = frame.desk.shown, frame.desk, frame.canvas.chrome
        count = len(height)
        colours = [desk.colours[voice] for voice in shown.owners] or [chrome.mid]
        parts = slots(shown.owed)[:, :count] if shown.owners else np.ones((1, count))  # (n, slots)
        cuts = np.concatenate([np.zeros((1, count)), np.cumsum(parts / np.maximum(1e-12, parts.sum(0)), 0)])
        levels = plot.ground - plot.joint_height * height * (1.0 - cuts)  # (n + 1, slots), from the top down
        left, right = (np.broadcast_to(edge, parts.shape) for edge in spread.bars)
        boxes = np.stack([left, levels[:-1], right, levels[1:]], -1)
        seen = (levels[1:] - levels[:-1]) * frame.canvas.scale > 0.2
        inks = pack_rows(colours, np.broadcast_to(glow, parts.shape))
        frame.canvas.boxes(boxes[seen], inks[seen])

    def _letters(self, frame: Frame, plot: Plot, spread: Axis, joint: Floats, lit: int | None) -> None:
        """The axis: the likelier a letter, the brighter it is written."""
        canvas, chrome, mono = frame.canvas, frame.canvas.chrome, frame.canvas.faces.mono
        y = plot.ground + 20.0
        if lit is not None:
            x = float(spread.middles[lit])
            canvas.fill(x - TILE / 2, y - 17, TILE, TILE, chrome.white, frame.desk.shown.lit, 4)
        inks = (pack(chrome.low, canvas.alpha * 0.85), pack(chrome.mid, canvas.alpha), pack(chrome.hi, canvas.alpha))
        levels = ((joint >= QUIET).astype(int) + (joint >= LOUD)).tolist()
        dark = pack(chrome.bg0) if frame.desk.shown.lit > 0.4 else None
        base = round(y * canvas.scale)
        for slot, (letter, level) in enumerate(zip(self._placed(canvas, spread), levels, strict=False)):
            ink = dark if slot == lit and dark is not None else inks[level]
            if letter.glyph == "\t":
                self._tab(frame, float(spread.middles[slot]), y - 5, ink)
            else:
                canvas.run(letter.left, base - letter.ascent, letter.glyph, ink, letter.em, mono)

    def _placed(self, canvas: Canvas, spread: Axis) -> list[_Letter]:
        """The axis' letters where they stand, worked out when the axis or the scale changes."""
        if self._letters_of != (id(spread), canvas.scale):
            mono, s = canvas.faces.mono, canvas.scale
            self._letters_of, self._letters_placed = (id(spread), s), []
            for slot, (x, wide) in enumerate(zip(spread.middles.tolist(), spread.widths.tolist(), strict=True)):
                character = SLOTS[slot] if slot < OTHER else "\u2026"
                glyph = SIGNS.get(character, character)
                em = min(18.0 if slot < SMALL_FROM else 15.0, wide * 1.75) * s
                left = round(x * s - mono.width(glyph, em) / 2)
                self._letters_placed.append(_Letter(glyph, left, mono.sized(em).ascent, em))
        return self._letters_placed

    def _tab(self, frame: Frame, x: float, y: float, ink: int) -> None:
        """The tab's arrow, which no shipped face has: three strokes and a bar, 9 wide."""
        for x0, y0, x1, y1 in ((-4.5, 0, 3, 0), (0, -3, 3, 0), (0, 3, 3, 0), (4.5, -3.5, 4.5, 3.5)):
            frame.canvas.stroke(x + x0, y + y0, x + x1, y + y1, ink, 1.25)

    def _offer_tip(self, frame: Frame, plot: Plot, spread: Axis) -> None:
        """Under the pointer: the letter, how likely the mix finds it, and who wants it most."""
        desk, pointer = frame.desk, frame.hand.pointer
        slot = spread.at(pointer.x)
        if slot is None:
            frame.tip(self._touch, "who wants which letter: a row a voice, below it their mix  \u00b7  Z: large")
            return
        character = SLOTS[slot] if slot < OTHER else "other"
        words = f"{NAMED.get(character, character)}  {100 * float(slots(desk.shown.joint)[slot]):.1f} %"
        wanted = {
            voice: float(slots(wish)[slot]) for voice, wish in zip(desk.shown.voices, desk.shown.wishes, strict=True)
        }
        row = int((pointer.y - plot.panel.y - TOP) / plot.row_height) if plot.rows else -1
        if 0 <= row < plot.rows:
            voice = self.rows(frame)[row]
            name = desk.cards[voice].name if voice < len(desk.cards) else "the fused network"
            words = f"{name}: {NAMED.get(character, character)}  {100 * wanted.get(voice, 0.0):.1f} %"
        else:
            most = sorted(wanted, key=lambda voice: -wanted[voice])[:4]
            for voice in most:
                name = desk.cards[voice].monogram if voice < len(desk.cards) else FUSED
                words += f"  \u00b7  {name} {100 * wanted[voice]:.0f}"
        frame.tip(self._touch, words)
