"""The text as it is written: the last lines, each character in the colour of the voices responsible. UI thread only.

It is set by the stage's typesetter, so that nothing jumps; the colours are the stage's, but not lifted. Primed text has
no voice and is drawn in ``hi``. The wheel scrolls back through what is kept; a click puts a cursor at a letter, another
click there takes back all behind it, and the voices go on from there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from frontend.client.character_axis import NAMED
from frontend.control.drawing.canvas import OPAQUE, Align, ImGuiCanvas
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring, hatching, panel
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.ghosts import LANES, draw_ghosts
from frontend.control.panels.ghosts import height as ghosts_height
from frontend.control.panels.ribbon import RibbonStrip
from frontend.look.colour import HI, Palette, packed, rgb_of_hex
from frontend.look.theme import LABEL
from frontend.look.typeset import LEAST_COLUMNS, TypesetLine, Typesetter
from protocol.messages import Tint
from protocol.tree import LOOKAHEAD

# ---- scrolling back --------------------------------------------------------------------------------------------------


@dataclass
class TextScroll:
    """``bottom`` is the number of the last line seen, None while the text is followed. ``page`` is the typesetter's."""

    bottom: int | None = None
    page: int = -1
    _rest: float = 0.0  # of a line, that the wheel or the hand has gone further

    @property
    def following(self) -> bool:
        return self.bottom is None

    def follow(self) -> None:
        self.bottom, self._rest = None, 0.0

    def by(self, lines: float, first: int, last: int, seen: int) -> None:
        """Go back ``lines`` (negative: forth) in a text of lines ``first`` to ``last``, of which ``seen`` are seen."""
        self._rest += lines
        whole = int(self._rest)
        self._rest -= whole
        if whole == 0:
            return
        top_most = min(last, first + seen - 1)
        bottom = min(last, max(top_most, (last if self.bottom is None else self.bottom) - whole))
        self.bottom = None if bottom >= last else bottom

    def window(self, lines: Sequence[TypesetLine], page: int, seen: int) -> Sequence[TypesetLine]:
        """The lines to be drawn, the last one lowest. A text that was set anew is followed."""
        if page != self.page:
            self.page = page
            self.follow()
        if self.bottom is None:
            return lines[-seen:]
        end = self.bottom - lines[0].number + 1
        if end > len(lines) or end < 1:
            self.follow()
            return lines[-seen:]
        return lines[max(0, end - seen) : end]

    def back(self, last: int) -> int:
        """How many lines back the view is."""
        return 0 if self.bottom is None else last - self.bottom


def place_at(line: TypesetLine, column: float) -> int | None:
    """The position in the text of what stands at ``column`` of a line, a blank between words too.

    None beyond its ends.
    """
    if not line.columns or column < line.columns[0] or column >= line.columns[-1] + 1:
        return None
    found = bisect_right(line.columns, int(column)) - 1
    if line.columns[found] == int(column):
        return line.places[found]
    return line.places[found] + 1  # the blank behind it


def column_of(line: TypesetLine, position: int) -> int | None:
    """Where a position of the text stands in a line; None if it is not in it."""
    found = bisect_left(line.places, position)
    if found < len(line.places) and line.places[found] == position:
        return line.columns[found]
    if 0 < found < len(line.places) and position == line.places[found - 1] + 1:
        return line.columns[found - 1] + 1
    return None


LEADING = 4 / 3  # of the letters' size
COMPACT_LEADING = 5 / 4  # the same in the compact layout
ALPHA_BY_AGE = (1.0, 1.0, 0.82, 0.62, 0.38)  # opacity by age; the line being written first
UNFADED_LINES_SHARE = 0.5  # of all the lines of a tall panel, that are not faded
INSET_DP = 24.0
CURSOR_WIDTH_DP = 3.0
RIBBON_HEIGHT_DP = 36.0
LEAST_HEIGHT_WITH_RIBBON_DP = 180.0
LEAST_PAGE_WITH_GHOSTS_EMS = 8.0  # of the lines' room, in sizes of the text, below which it has no ghost letters
TAKEN_BACK_ALPHA = 0.3  # opacity of what would be taken back
WHEEL_LINES = 2.0  # lines a notch
_ALPHA_BITS = 24
LINES_KEPT = 256  # whose letters are set already; more than any window shows
PLAIN = rgb_of_hex(HI)  # of a letter of which nothing is known

Run = tuple[int, str, int]  # column, characters, colour without opacity


def ribbon_rect(rect: Rect) -> Rect | None:
    """Where the ribbon runs in the text's panel; None where that is too low for it."""
    if rect.h < LEAST_HEIGHT_WITH_RIBBON_DP:
        return None
    return Rect(rect.x + INSET_DP, rect.bottom - RIBBON_HEIGHT_DP - 8, rect.w - 2 * INSET_DP, RIBBON_HEIGHT_DP)


def page_rect(rect: Rect, below: float = 0.0) -> Rect:
    """What the lines have of the panel, of whose foot ``below`` dp over the ribbon are something else's."""
    ribbon = ribbon_rect(rect)
    return rect if ribbon is None else Rect(rect.x, rect.y, rect.w, ribbon.y - rect.y - below)


@dataclass
class TextPanel:
    name: str = "text"
    scroll: TextScroll = field(default_factory=TextScroll)
    cursor: int | None = None  # the position that a click chose: what stands from there on would be taken back
    _setter: Typesetter = field(default_factory=lambda: Typesetter(87))
    _runs: dict[tuple[int, int], list[Run]] = field(default_factory=dict)
    _seen: Sequence[TypesetLine] = ()
    _touch: Touch = NO_TOUCH
    _mark: Touch = NO_TOUCH
    _ribbon: RibbonStrip = field(default_factory=RibbonStrip)

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        controller, tracker, rect = frame.controller, frame.tracker, frame.layout.text
        self._set(frame)
        self._mark = NO_TOUCH if self.scroll.following else tracker.area("text follow", self._mark_rect(frame), True)
        if frame.pressed(self._mark):
            self.scroll.follow()
        frame.tip(self._mark, "follow the text again  \u00b7  End")
        if (ribbon := ribbon_rect(rect)) is not None and (asked := self._ribbon.touch(frame, ribbon)) is not None:
            self._jump(frame, asked)
        touch = self._touch = tracker.area("text", rect, focusable=True)
        at = self._at(frame) if touch.hot else None
        if touch.clicked:
            if at is not None and at == self.cursor:
                self.rewind_to(frame)
            else:
                self.cursor = at
        if touch.wheel:
            self._go(frame, touch.wheel * WHEEL_LINES)
        if touch.held and touch.dragging and touch.dy:
            self._go(frame, touch.dy / self._leading(frame))
        if touch.right:
            frame.menu = "panel text"
        if touch.focused:
            self._keyboard(frame)
        if (
            self.cursor is not None
            and not controller.link.session.dropped <= self.cursor < controller.link.session.length
        ):
            self.cursor = None
        self._offer_tip(frame, touch, at)

    def _keyboard(self, frame: PanelFrame) -> None:
        nudges, session = frame.nudges, frame.controller.link.session
        if nudges.upward:
            self._go(frame, nudges.upward)
        if nudges.across:
            start = session.length if self.cursor is None else self.cursor
            self.cursor = min(session.length, max(session.dropped, start + nudges.across))
        if nudges.home:
            self._go(frame, float(len(self._setter.lines)))
        if nudges.end:
            self.scroll.follow()
        if nudges.press and self.cursor is not None:
            self.rewind_to(frame)

    def rewind_to(self, frame: PanelFrame) -> None:
        """Take back what the cursor says."""
        if self.cursor is not None:
            frame.controller.rewind_to(self.cursor)
            self.cursor = None
            self.scroll.follow()

    def calm(self) -> bool:
        """Esc: leave the cursor, then the lines above; whether there was anything to leave."""
        if self.cursor is None and self.scroll.following:
            return False
        if self.cursor is None:
            self.scroll.follow()
        self.cursor = None
        return True

    def _go(self, frame: PanelFrame, lines: float) -> None:
        all_lines = self._setter.lines
        self.scroll.by(lines, all_lines[0].number, all_lines[-1].number, self._count(frame))

    def _jump(self, frame: PanelFrame, position: int) -> None:
        """Bring a position of the text into the middle of what is seen, and put the cursor there."""
        lines = self._setter.lines
        found = bisect_left(lines, position, key=lambda line: line.places[-1] if line.places else -1)
        number = lines[min(found, len(lines) - 1)].number
        bottom = number + self._count(frame) // 2
        self.scroll.bottom = None if bottom >= lines[-1].number else bottom
        self.cursor = position

    def _at(self, frame: PanelFrame) -> int | None:
        """The position of the character under the pointer."""
        pointer, rect = frame.tracker.pointer, frame.layout.text
        cell = frame.canvas.faces.mono.width("x", frame.canvas.em(frame.letters)) / frame.canvas.scale
        leading, count = self._leading(frame), self._count(frame)
        row = int((pointer.y - self._top(frame)) / leading) - (count - len(self._seen))
        if not 0 <= row < len(self._seen):
            return None
        return place_at(self._seen[row], (pointer.x - rect.x - INSET_DP) / cell)

    def _offer_tip(self, frame: PanelFrame, touch: Touch, at: int | None) -> None:
        """Whose the letter under the pointer is, and how surprising it was."""
        controller, session = frame.controller, frame.controller.link.session
        if at is None or not 0 <= at - session.dropped < len(session.text):
            frame.tip(touch, "wheel: back in the text  \u00b7  click a letter: a cursor; again, or Enter: branch there")
            return
        character, tint = session.text[at - session.dropped], session.tints[at - session.dropped]
        words = NAMED.get(character, character)
        if tint:
            whole = sum(level for _, level in tint)
            for voice, level in tint:
                if voice < len(controller.cards):
                    words += f"  \u00b7  {controller.cards[voice].slug} {100 * level / max(whole, 255):.0f} %"
        else:
            words += "  \u00b7  primed, nobody's"
        bits = session.surprise(at)
        if bits is not None:
            words += f"  \u00b7  surprise {bits:.1f} bit"
        if at == self.cursor:
            words += "  \u00b7  click again: the text goes on from here"
        frame.tip(touch, words)

    # ---- geometry --------------------------------------------------------------------------------------------------

    @staticmethod
    def _lanes(frame: PanelFrame) -> int:
        """How many lanes of ghost letters there are under the line."""
        rect = frame.layout.text
        asked = frame.controller.number(LOOKAHEAD) > 0 and ribbon_rect(rect) is not None
        return LANES if asked and page_rect(rect).h >= LEAST_PAGE_WITH_GHOSTS_EMS * frame.letters else 0

    def _page(self, frame: PanelFrame) -> Rect:
        return page_rect(frame.layout.text, ghosts_height(frame.letters) if self._lanes(frame) else 0.0)

    @staticmethod
    def _leading(frame: PanelFrame) -> float:
        return frame.letters * (COMPACT_LEADING if frame.layout.compact else LEADING)

    def _count(self, frame: PanelFrame) -> int:
        """How many lines have room."""
        return max(1, int((self._page(frame).h - 20) / self._leading(frame) + 0.01))

    def _top(self, frame: PanelFrame) -> float:
        rect = self._page(frame)
        return rect.y + (rect.h - self._leading(frame) * self._count(frame)) / 2

    def _mark_rect(self, frame: PanelFrame) -> Rect:
        rect = self._page(frame)
        return Rect(rect.right - 156, rect.bottom - 34, 144, 26)

    def _set(self, frame: PanelFrame) -> None:
        """Lay the text out, and choose the lines that are seen."""
        canvas, session = frame.canvas, frame.controller.link.session
        cell = canvas.faces.mono.width("x", canvas.em(frame.letters))  # pixels
        columns = max(LEAST_COLUMNS, int((frame.layout.text.w - 2 * INSET_DP) * canvas.scale / cell))
        if columns != self._setter.columns:
            self._setter, self._runs = Typesetter(columns), {}
        self._setter.follow(session.text, session.dropped, session.revision)
        self._seen = self.scroll.window(self._setter.lines, self._setter.page, self._count(frame))

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        canvas, controller, rect = frame.canvas, frame.controller, frame.layout.text
        panel(canvas, rect)
        if self._touch.keyboard:
            focus_ring(canvas, rect.grown(-3), 8)
        self._set(frame)
        session = controller.link.session
        em, count, leading = canvas.em(frame.letters), self._count(frame), self._leading(frame)
        cell = canvas.faces.mono.width("x", em)
        runs = {
            (line.number, line.stamp): self._runs.get((line.number, line.stamp))
            or runs_of(line, session.tints, session.dropped, controller.palette)
            for line in self._seen
        }
        self._runs = runs
        first = self._top(frame) + leading / 2 + 7.5 * frame.letters / 24
        ascent = canvas.faces.mono.sized(em).ascent
        left = round((rect.x + INSET_DP) * canvas.scale)
        seen = ages(count) if self.scroll.following else (1.0,) * count
        with canvas.faded(0.5 if controller.stale else 1.0):
            for row, line in enumerate(self._seen, count - len(self._seen)):
                opacity, top = seen[count - 1 - row], round((first + leading * row) * canvas.scale) - ascent
                cut = self._cut(line, runs[line.number, line.stamp])
                draw = partial(_draw_line, canvas, cut, left, top, em, opacity)
                if cut is runs[line.number, line.stamp]:
                    draw = partial(_draw_whole_line, canvas, line.number % LINES_KEPT, cut, left, top, em, opacity)
                canvas.kept(("line", row), (cut, left, top, em, opacity), draw)
            self._draw_cursor(frame, first, leading, cell / canvas.scale)
            if self.scroll.following and self.cursor is None:
                x, y = rect.x + INSET_DP + self._setter.column * cell / canvas.scale, first + leading * (count - 1)
                draw_ghosts(frame, x, y, self._setter.column, self._setter.columns, self._lanes(frame))
            if (ribbon := ribbon_rect(rect)) is not None:
                self._ribbon.draw(frame, ribbon, None if self.scroll.following else self._span())
        if controller.stale:
            hatching(canvas, Rect(rect.x + 1, rect.y + 1, rect.w - 2, rect.h - 2))
        if not self.scroll.following:
            self._draw_mark(frame)

    def _span(self) -> tuple[int, int] | None:
        """The first and the last position that is seen."""
        places = [place for line in self._seen for place in line.places]
        return (places[0], places[-1]) if places else None

    def _cut(self, line: TypesetLine, runs: list[Run]) -> list[Run]:
        """A line's runs; what lies behind the cursor has the complement of its column, to be drawn faint."""
        if self.cursor is None or not line.places or line.places[-1] < self.cursor:
            return runs
        cut: list[Run] = []
        at = column_of(line, self.cursor) if line.places[0] < self.cursor else line.columns[0]
        at = line.columns[-1] + 1 if at is None else at
        for column, characters, colour in runs:
            kept = max(0, min(len(characters), at - column))
            if kept:
                cut.append((column, characters[:kept], colour))
            if kept < len(characters):
                cut.append((~(column + kept), characters[kept:], colour))
        return cut

    def _draw_cursor(self, frame: PanelFrame, first: float, leading: float, cell: float) -> None:
        """Where the text goes on: at its end, or where a click chose."""
        canvas, rect, count = frame.canvas, frame.layout.text, self._count(frame)
        h = frame.letters
        if self.cursor is not None:
            for row, line in enumerate(self._seen, count - len(self._seen)):
                column = column_of(line, self.cursor)
                if column is not None:
                    y = first + leading * row
                    canvas.fill(rect.x + INSET_DP + column * cell - 1, y - 0.8 * h, 2, h, canvas.chrome.hi)
        if self.scroll.following:
            x = rect.x + INSET_DP + min(self._setter.column, self._setter.columns) * cell
            y = first + leading * (count - 1)
            canvas.fill(
                x + 1,
                y - 0.79 * h,
                CURSOR_WIDTH_DP,
                h,
                canvas.chrome.hi,
                TAKEN_BACK_ALPHA if self.cursor is not None else 1.0,
            )

    def _draw_mark(self, frame: PanelFrame) -> None:
        """How far back the view is, and the way to the end."""
        canvas, chrome, rect = frame.canvas, frame.canvas.chrome, self._mark_rect(frame)
        back = self.scroll.back(self._setter.lines[-1].number)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 1.0, 4)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.line, frame.hover("text follow", self._mark), 4)
        canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.off, 1.0, 4)
        x, y = rect.centre
        words = f"{back} {'line' if back == 1 else 'lines'} back"
        canvas.text(x - 8, canvas.middle(y, LABEL), words, chrome.hi, LABEL, align=Align.CENTRE)
        x = rect.right - 16
        canvas.triangle(((x - 5, y - 3), (x + 5, y - 3), (x, y + 4)), chrome.hi)


def _draw_whole_line(
    canvas: ImGuiCanvas, number: int, runs: Sequence[Run], left: int, top: int, em: float, opacity: float
) -> None:
    """A line of which nothing is taken back; it is set once, however it rises and fades."""

    def draw() -> None:
        cell = canvas.faces.mono.width("x", em)
        for column, characters, colour in runs:
            canvas.run(left + column * cell, top, characters, colour | OPAQUE, em, canvas.faces.mono)

    canvas.kept_line(("letters of line", number), (runs, left, em), top, round(255 * opacity * canvas.alpha), draw)


def _draw_line(canvas: ImGuiCanvas, cut: Sequence[Run], left: int, top: int, em: float, opacity: float) -> None:
    cell = canvas.faces.mono.width("x", em)
    for column, characters, colour in cut:
        alpha = round(255 * opacity * canvas.alpha * (TAKEN_BACK_ALPHA if column < 0 else 1.0)) << _ALPHA_BITS
        x = left + (column if column >= 0 else ~column) * cell
        canvas.run(x, top, characters, colour | alpha, em, canvas.faces.mono)


def ages(count: int) -> tuple[float, ...]:
    """The opacity of ``count`` lines, the one being written first: as designed for five, slower for more."""
    if count <= len(ALPHA_BY_AGE):
        return ALPHA_BY_AGE[:count]
    fading = max(1.0, count * (1.0 - UNFADED_LINES_SHARE) - 1.0)
    return tuple(
        1.0 - (1.0 - ALPHA_BY_AGE[-1]) * max(0.0, (age - count * UNFADED_LINES_SHARE) / fading) for age in range(count)
    )


def runs_of(line: TypesetLine, tints: Sequence[Tint], dropped: int, palette: Palette) -> list[Run]:
    """A line as stretches of one colour; ``tints`` begin at position ``dropped`` of the text."""
    runs: list[Run] = []
    end = -1  # the column behind the last run
    start = max(0, line.places[0] - dropped) if line.places else 0
    stop = min(len(tints), line.places[-1] + 1 - dropped) if line.places else 0
    colours = palette.text(tints, start, max(start, stop))
    for column, character, place in zip(line.columns, line.characters, line.places, strict=True):
        at = place - dropped
        ink = packed(colours[at - start] if start <= at < stop else PLAIN, 0.0)
        if runs and runs[-1][2] == ink and column == end:
            runs[-1] = (runs[-1][0], runs[-1][1] + character, ink)
        else:
            runs.append((column, character, ink))
        end = column + 1
    return runs
