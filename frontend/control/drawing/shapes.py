"""The shapes that recur: chip, bar, pill, track, knob, handle, title, button. Each is drawn, none knows what it means.

Coordinates are dp. UI thread only.
"""

from __future__ import annotations

from enum import Enum

from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.layout import Rect
from frontend.look.theme import LABEL, TITLE

CHIP_W, CHIP_H = 30.0, 24.0
LIST_CHIP_W, LIST_CHIP_H = 26.0, 20.0
KNOB_DP = 14.0  # across
HANDLE_HEIGHT_DP = 16.0


class ChipStyle(Enum):
    """How present a voice is: the chip says it without colour."""

    FULL = "in play"
    OUTLINED = "awake or muted"
    FAINT = "asleep"


def chip(
    canvas: ImGuiCanvas,
    x: float,
    y: float,
    monogram: str,
    colour: str,
    style: ChipStyle = ChipStyle.FULL,
    w: float = CHIP_W,
    h: float = CHIP_H,
    alpha: float = 1.0,
    halo: str | None = None,
) -> None:
    """A voice's mark with its top left at (x, y). ``halo`` is the ground it cuts out around itself."""
    chrome, bold = canvas.chrome, canvas.faces.bold
    if halo is not None:
        canvas.fill(x - 2, y - 2, w + 4, h + 4, halo, alpha, 6)
    if style is ChipStyle.FULL:
        canvas.fill(x, y, w, h, colour, alpha, 4)
    else:
        alpha *= chrome.asleep_alpha if style is ChipStyle.FAINT else 1.0
        canvas.outline(x, y, w, h, colour, alpha, 4, 1.25)
    ink = chrome.bg0 if style is ChipStyle.FULL else colour
    size = 0.6 * h
    canvas.text(x + w / 2, canvas.middle(y + h / 2, size, bold), monogram, ink, size, bold, Align.CENTRE, alpha)


def bar(
    canvas: ImGuiCanvas,
    x: float,
    y: float,
    w: float,
    share: float,
    colour: str,
    alpha: float = 1.0,
    h: float = 4.0,
    ground: str | None = None,
) -> None:
    """A level bar whose top left is (x, y); a share above nothing is always seen, one below zero is hatched."""
    canvas.fill(x, y, w, h, ground or canvas.chrome.bg0, 1.0, h / 2)
    if share > 0.0005:
        canvas.fill(x, y, max(h, w * min(1.0, share)), h, colour, alpha, h / 2)
    elif share < -0.0005:
        canvas.hatch(x, y, max(2 * h, w * min(1.0, -share)), h, colour, alpha, 1.5, 4.0)


def track(canvas: ImGuiCanvas, x: float, y: float, w: float, share: float, colour: str, ground: str) -> None:
    """A slider: a track 4 high centred on y, filled up to its knob."""
    at = x + w * share
    canvas.fill(x, y - 2, w, 4, ground, 1.0, 2)
    canvas.fill(x, y - 2, w * share, 4, colour, 1.0, 2)
    canvas.disc(at, y, KNOB_DP / 2, canvas.chrome.hi)


def handle(canvas: ImGuiCanvas, x: float, y: float, w: float, held: bool, h: float = HANDLE_HEIGHT_DP) -> None:
    """A fader's handle centred on (x, y)."""
    chrome = canvas.chrome
    if held:
        canvas.fill(x - w / 2 - 4, y - h / 2 - 4, w + 8, h + 8, chrome.blue, 0.28, 7)
    canvas.fill(x - w / 2, y - h / 2, w, h, chrome.blue, 1.0, 4)
    inset = min(6.0, w / 6)
    canvas.fill(x - w / 2 + inset, y - 1, w - 2 * inset, 2, chrome.hi)


def pill(canvas: ImGuiCanvas, right: float, y: float, words: str, alpha: float = 1.0) -> float:
    """A MIDI mark 18 high, its right edge and middle given; gives its left edge."""
    bold = canvas.faces.bold
    w = canvas.width(words, 11, bold) + 12
    canvas.outline(right - w, y - 9, w, 18, canvas.chrome.blue, alpha, 9, 1.25)
    canvas.text(right - w / 2, canvas.middle(y, 11, bold), words, canvas.chrome.blue, 11, bold, Align.CENTRE, alpha)
    return right - w


def warning(canvas: ImGuiCanvas, x: float, y: float, words: str, colour: str) -> float:
    """A filled pill 20 high centred on y that says what is wrong; gives its right edge."""
    return state_pill(canvas, x, y, "! " + words, colour)


def held_tick(canvas: ImGuiCanvas, x: float, y: float, w: float, share: float | None) -> None:
    """Where on a bar ``w`` wide, centred on y, the share stands that is held while another one is coming."""
    if share is not None and share > 0.0005:
        canvas.fill(x + w * min(1.0, share) - 1.25, y - 6, 2.5, 12, canvas.chrome.hi)


def state_pill(canvas: ImGuiCanvas, x: float, y: float, words: str, colour: str) -> float:
    """A filled pill 20 high centred on y that says a state in words; gives its right edge."""
    bold = canvas.faces.bold
    w = canvas.width(words, 12, bold) + 16
    canvas.fill(x, y - 10, w, 20, colour, 1.0, 4)
    canvas.text(x + 8, canvas.middle(y, 12, bold), words, canvas.chrome.bg0, 12, bold)
    return x + w


def panel(canvas: ImGuiCanvas, rect: Rect, ground: str | None = None, edge: str | None = None) -> None:
    chrome = canvas.chrome
    canvas.fill(rect.x, rect.y, rect.w, rect.h, ground or chrome.bg1, 1.0, 8)
    canvas.outline(rect.x, rect.y, rect.w, rect.h, edge or chrome.line, chrome.edge_alpha, 8, chrome.edge_width)


def title(canvas: ImGuiCanvas, rect: Rect, words: str, colour: str | None = None) -> float:
    """A panel's name, lower case, left; gives its right edge."""
    return (
        rect.x + 16 + canvas.text(rect.x + 16, rect.y + 30, words, colour or canvas.chrome.hi, TITLE, canvas.faces.bold)
    )


def caption(canvas: ImGuiCanvas, rect: Rect, words: str, colour: str | None = None) -> None:
    """What a panel adds to its name, at the right of the title row."""
    canvas.text(rect.right - 16, rect.y + 30, words, colour or canvas.chrome.low, LABEL, align=Align.RIGHT)


def letter_button(canvas: ImGuiCanvas, rect: Rect, letter: str, ink: str, ground: str | None) -> None:
    """S or M: filled when it is on, an outline when not."""
    bold = canvas.faces.bold
    if ground is not None:
        canvas.fill(rect.x, rect.y, rect.w, rect.h, ground, 1.0, 4)
    else:
        canvas.outline(rect.x, rect.y, rect.w, rect.h, canvas.chrome.off, 1.0, 4)
    x, y = rect.centre
    canvas.text(x, canvas.middle(y, 12, bold), letter, ink, 12, bold, Align.CENTRE)


def dotted_v(canvas: ImGuiCanvas, x: float, y0: float, y1: float, colour: str, alpha: float = 1.0) -> None:
    """An upright dotted line, 3 on and 4 off."""
    y, last = min(y0, y1), max(y0, y1)
    while y < last:
        canvas.hair_v(x, y, min(y + 3, last), colour, alpha)
        y += 7


def focus_ring(canvas: ImGuiCanvas, rect: Rect, radius: float = 6.0) -> None:
    """Where the keyboard is: 1.5 of hi, 2 outside."""
    canvas.outline(rect.x - 2, rect.y - 2, rect.w + 4, rect.h + 4, canvas.chrome.hi, 1.0, radius, 1.5)


def hatching(canvas: ImGuiCanvas, rect: Rect) -> None:
    """Diagonal hairlines 8 apart: what lies under them is old."""
    with canvas.clipped(rect):
        x = rect.x - rect.h
        while x < rect.right:
            canvas.line(x, rect.bottom, x + rect.h, rect.y, canvas.chrome.line, 0.8)
            x += 8 * 2**0.5
