"""The well that text is fed from: what is typed or pasted there, the voices read and continue. UI thread only.

The one place where ImGui's own widget is used, for its selection, clipboard and undo. Enter feeds, Ctrl+Enter begins a
line; the well grows upwards with what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.layout import PanelLayout, Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring, panel
from frontend.control.panels.frame import PanelFrame
from frontend.look.theme import CAPTION, VALUE

MAX_PRIME_CHARS = 400  # characters that are fed at once
WELL_HEIGHT_DP = 32.0
LINE_HEIGHT_DP = 20.0
MAX_WELL_LINES = 6  # that the well grows to
FEED_WIDTH_DP = 76.0
TYPE_DP = 16.0
REPLACEMENT = 0xFFFD  # what decoding leaves of bytes that are no text
FLAGS = (
    imgui.InputTextFlags_.enter_returns_true
    | imgui.InputTextFlags_.ctrl_enter_for_new_line
    | imgui.InputTextFlags_.callback_char_filter
)


def writable(code: int) -> bool:
    """Whether a character can be typed into the well: what has no picture would stand there as a replacement sign."""
    return chr(code) in "\n\t" or (chr(code).isprintable() and code != REPLACEMENT)


def _refuse(data: imgui.InputTextCallbackData) -> int:
    return 0 if writable(data.event_char) else 1


@dataclass
class PrimePanel:
    name: str = "prime"
    words: str = ""
    typing: bool = False  # the keyboard belongs to the well
    _ask_focus: bool = False
    _touch: Touch = NO_TOUCH
    _feed: bool = False

    def ground(self, layout: PanelLayout) -> Rect:
        """The panel, as high as it has grown."""
        rect = layout.prime
        grown = max(0.0, (self._lines(layout) - 1) * LINE_HEIGHT_DP - max(0.0, rect.h - 76.0))
        return Rect(rect.x, rect.y - grown, rect.w, rect.h + grown)

    def well(self, layout: PanelLayout) -> Rect:
        rect = self.ground(layout)
        h = max(WELL_HEIGHT_DP, rect.h - 76.0 + WELL_HEIGHT_DP)
        return Rect(rect.x + 16, rect.bottom - 10 - h, rect.w - 40 - FEED_WIDTH_DP, h)

    def button(self, layout: PanelLayout) -> Rect:
        rect = layout.prime
        return Rect(rect.right - 16 - FEED_WIDTH_DP, rect.bottom - 10 - WELL_HEIGHT_DP, FEED_WIDTH_DP, WELL_HEIGHT_DP)

    def focus(self) -> None:
        """The keyboard shall go to the well."""
        self._ask_focus = True

    def _lines(self, layout: PanelLayout) -> int:
        """The lines that the words take, as many as the well grows to."""
        columns = max(8, int((layout.prime.w - 64 - FEED_WIDTH_DP) / (TYPE_DP / 2)))
        return min(MAX_WELL_LINES, sum(1 + max(0, len(line) - 1) // columns for line in self.words.split("\n")))

    def touch(self, frame: PanelFrame) -> None:
        frame.head(self.name, self.ground(frame.layout))
        self._touch = frame.tracker.area("feed", self.button(frame.layout), focusable=True)
        ground = frame.tracker.area("prime", self.ground(frame.layout))
        if ground.right:
            frame.menu = "panel prime"
        if frame.pressed(self._touch) or self._feed:
            frame.controller.prime(self.words[:MAX_PRIME_CHARS])
            self.words, self._feed = "", False
        frame.tip(self._touch, "the voices read this text and go on from it  \u00b7  Enter; Ctrl+Enter: a new line")
        frame.tip(ground, "what you type here the voices read and go on from  \u00b7  P")

    def draw(self, frame: PanelFrame) -> None:
        canvas, chrome = frame.canvas, frame.canvas.chrome
        rect, well = self.ground(frame.layout), self.well(frame.layout)
        state = (rect, well, len(self.words), self.typing)
        canvas.kept("prime", state, lambda: self._draw_ground(canvas, rect, well))
        if self.words or self.typing or self._ask_focus or well.has(frame.tracker.pointer.x, frame.tracker.pointer.y):
            self._input(canvas, well)
        if not self.words and not self.typing:
            y = canvas.middle(well.y + min(well.h, WELL_HEIGHT_DP) / 2, TYPE_DP, canvas.faces.mono)
            canvas.text(well.x + 12, y, "type a beginning\u2026", chrome.low, TYPE_DP, canvas.faces.mono)
        self._button(frame, self.button(frame.layout))

    def _draw_ground(self, canvas: ImGuiCanvas, rect: Rect, well: Rect) -> None:
        chrome = canvas.chrome
        panel(canvas, rect)
        canvas.text(rect.x + 16, rect.y + 23, "prime", chrome.hi, VALUE, canvas.faces.bold)
        count = f"{len(self.words)} of {MAX_PRIME_CHARS}"
        canvas.text(rect.right - 16, rect.y + 23, count, chrome.low, CAPTION, align=Align.RIGHT)
        canvas.fill(well.x, well.y, well.w, well.h, chrome.bg0, 1.0, 4)
        canvas.outline(well.x, well.y, well.w, well.h, chrome.mid if self.typing else chrome.off, 1.0, 4)

    def _input(self, canvas: ImGuiCanvas, well: Rect) -> None:
        """ImGui's text field, without its own ground, laid over the well."""
        s, face = canvas.scale, canvas.faces.mono
        size = face.sized(canvas.em(TYPE_DP)).size
        imgui.push_font(face.font, size)
        for colour in (
            imgui.Col_.frame_bg,
            imgui.Col_.frame_bg_hovered,
            imgui.Col_.frame_bg_active,
            imgui.Col_.nav_cursor,
            imgui.Col_.scrollbar_bg,
        ):
            imgui.push_style_color(colour, (0.0, 0.0, 0.0, 0.0))
        imgui.push_style_var(
            imgui.StyleVar_.frame_padding, (12 * s, max(2.0, (min(well.h, WELL_HEIGHT_DP) * s - size) / 2))
        )
        imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0.0)
        imgui.push_style_var(imgui.StyleVar_.scrollbar_size, 8 * s)
        imgui.set_cursor_screen_pos((well.x * s, well.y * s))
        leaving = imgui.is_key_pressed(imgui.Key.escape, False)
        asking = self._ask_focus and not leaving
        self._ask_focus = False
        if asking:
            imgui.set_keyboard_focus_here()
        flags = FLAGS | imgui.InputTextFlags_.word_wrap
        entered, words = imgui.input_text_multiline("##prime", self.words, (well.w * s, well.h * s), flags, _refuse)
        self.words = words[:MAX_PRIME_CHARS]
        if leaving and imgui.is_item_active():  # in the frame in which it is focused the field overlooks Escape
            imgui.internal.clear_active_id()
        if entered:
            self._feed = self._ask_focus = True
        self.typing = imgui.is_item_active() or asking or self._ask_focus  # no key is lost to a shortcut in between
        imgui.pop_style_var(3)
        imgui.pop_style_color(5)
        imgui.pop_font()

    def _button(self, frame: PanelFrame, rect: Rect) -> None:
        canvas, chrome = frame.canvas, frame.canvas.chrome
        hover = frame.hover("feed", self._touch)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 1.0, 4)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.line, 1.0 if self._touch.held else hover, 4)
        canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.off, 0.8, 4)
        if self._touch.keyboard:
            focus_ring(canvas, rect)
        x, y = rect.centre
        ink = chrome.hi if self.words else chrome.mid
        canvas.text(x, canvas.middle(y, VALUE), "feed", ink, VALUE, canvas.faces.bold, Align.CENTRE)
