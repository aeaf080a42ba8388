"""What opens over the right half of the window and leaves the rest to be played: its ground, its buttons, a line to
type a name in. UI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import Touch
from frontend.control.drawing.shapes import focus_ring
from frontend.control.panels.frame import PanelFrame
from frontend.look.theme import LABEL, TITLE

HEAD_DP = 52.0  # dp over the first row
CLOSE_BUTTON_DP = 28.0
INVISIBLE = (imgui.Col_.frame_bg, imgui.Col_.frame_bg_hovered, imgui.Col_.frame_bg_active, imgui.Col_.nav_cursor)


@dataclass
class Drawer:
    """``open`` is whether it is seen; ``typing`` whether the keyboard belongs to it."""

    name: str
    open: bool = False
    typing: bool = False

    def touch(self, frame: PanelFrame) -> None:
        """Let the hand work inside, where it is open."""
        raise NotImplementedError

    def draw(self, frame: PanelFrame) -> None:
        """Draw it, where it is open."""
        raise NotImplementedError

    def touch_ground(self, frame: PanelFrame) -> None:
        """After everything inside: what is under the drawer is out of reach."""
        rect = frame.layout.drawer
        if frame.tracker.area(f"{self.name} close", self._close(rect)).clicked:
            self.open = False
        frame.tracker.area(self.name, rect)

    def draw_ground(self, frame: PanelFrame, title: str) -> None:
        canvas, chrome, rect = frame.canvas, frame.canvas.chrome, frame.layout.drawer
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg1, 1.0, 8)
        canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.off, 1.0, 8, max(1.0, chrome.edge_width))
        canvas.text(rect.x + 20, rect.y + 33, title, chrome.hi, TITLE, canvas.faces.bold)
        x, y = self._close(rect).centre
        hot = frame.tracker.hovered == f"{self.name} close"
        for slant in (-1, 1):
            canvas.line(x - 5, y - 5 * slant, x + 5, y + 5 * slant, chrome.hi if hot else chrome.mid, 1.0, 1.5)

    @staticmethod
    def _close(rect: Rect) -> Rect:
        return Rect(rect.right - 12 - CLOSE_BUTTON_DP, rect.y + 12, CLOSE_BUTTON_DP, CLOSE_BUTTON_DP)


def button(frame: PanelFrame, key: str, rect: Rect, touch: Touch, words: str, lit: bool = False) -> None:
    """A button of a drawer: a word in a box."""
    canvas, chrome = frame.canvas, frame.canvas.chrome
    canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.hi if lit else chrome.bg3, 1.0, 4)
    if not lit:
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.line, 1.0 if touch.held else frame.hover(key, touch), 4)
    if touch.keyboard:
        focus_ring(canvas, rect)
    x, y = rect.centre
    ink = chrome.bg0 if lit else chrome.hi if touch.hot else chrome.mid
    canvas.text(x, canvas.middle(y, LABEL), words, ink, LABEL, align=Align.CENTRE)


@dataclass
class NameLine:
    """One line that a name is typed into, laid over the name itself. ``editing`` says whose it is."""

    editing: str | None = None
    _words: str = ""
    _asked: bool = False

    def begin(self, key: str, words: str) -> None:
        self.editing, self._words, self._asked = key, words, True

    def draw(self, canvas: ImGuiCanvas, key: str, rect: Rect) -> str | None:
        """Draw the line if it is ``key``'s; gives the name when Enter or a click elsewhere ends it. Esc leaves it."""
        if self.editing != key:
            return None
        s, chrome, face = canvas.scale, canvas.chrome, canvas.faces.regular
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg0, 1.0, 4)
        canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.mid, 1.0, 4)
        size = face.sized(canvas.em(LABEL)).size
        imgui.push_font(face.font, size)
        for colour in INVISIBLE:
            imgui.push_style_color(colour, (0.0, 0.0, 0.0, 0.0))
        imgui.push_style_var(imgui.StyleVar_.frame_padding, (6 * s, max(0.0, (rect.h * s - size) / 2)))
        imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0.0)
        imgui.set_cursor_screen_pos((rect.x * s, rect.y * s))
        imgui.set_next_item_width(rect.w * s)
        fresh, self._asked = self._asked, False
        if fresh:
            imgui.set_keyboard_focus_here()
        flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.auto_select_all
        entered, self._words = imgui.input_text(f"##{key}", self._words, flags)
        left = not fresh and imgui.is_item_deactivated()
        imgui.pop_style_var(2)
        imgui.pop_style_color(4)
        imgui.pop_font()
        if imgui.is_key_pressed(imgui.Key.escape, False):
            self.editing = None
        elif entered or left:
            self.editing = None
            return self._words
        return None
