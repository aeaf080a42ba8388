"""Which strips lie under the hardware's faders, where there are more voices than faders; its ends turn the bank. UI
thread only.
"""

from __future__ import annotations

from frontend.control.draw import Align
from frontend.control.frame import Frame
from frontend.control.layout import Rect
from frontend.control.strips import Strips
from frontend.theme import CAPTION

ABOVE = 33.0  # dp over the top of the strips
BUTTON = 22.0


def touch_bank(frame: Frame, strips: Strips) -> None:
    """A click at either end brings the voices before, or the next ones, under the faders."""
    midi = frame.desk.midi
    if midi.bank.of < 2:
        return
    for key, by, rect, words in _ends(frame, strips):
        touch = frame.hand.area(key, rect, focusable=True)
        if frame.pressed(touch):
            midi.turn_bank(by)
        frame.tip(touch, f"{words} under the hardware's faders; each waits until its fader meets it")


def draw_bank(frame: Frame, strips: Strips) -> None:
    """A line over the strips of the bank, its name in the middle, an arrow at each end."""
    bank, canvas, chrome = frame.desk.midi.bank, frame.canvas, frame.canvas.chrome
    if bank.of < 2:
        return
    left, right = _span(frame, strips)
    y = strips.top - ABOVE
    words = bank.words
    wide = canvas.width(words, CAPTION) + 12
    middle = (left + right) / 2
    room = right - left > wide + 24
    for x0, x1 in ((left, middle - wide / 2), (middle + wide / 2, right)) if room else ((left, right),):
        canvas.fill(x0, y - 1, x1 - x0, 2, chrome.blue, 0.9)
    for x in (left, right):
        canvas.fill(x - 1, y - 1, 2, 7, chrome.blue, 0.9)
    if room:
        canvas.text(middle, canvas.middle(y, CAPTION), words, chrome.blue, CAPTION, align=Align.CENTRE)
    for (key, by, rect, _), there in zip(_ends(frame, strips), (bank.number > 1, bank.number < bank.of), strict=True):
        x, y = rect.centre
        ink = chrome.hi if frame.hand.hovered == key and there else chrome.blue if there else chrome.off
        canvas.triangle(((x - 3 * by, y - 5), (x + 4 * by, y), (x - 3 * by, y + 5)), ink)


def _span(frame: Frame, strips: Strips) -> tuple[float, float]:
    """From where to where the bank's strips reach."""
    places = frame.desk.midi.bank.places
    last = min(places.stop, strips.count) - 1
    half = strips.pitch / 2 - 2
    return strips.x(min(places.start, max(0, last))) - half, strips.x(max(0, last)) + half


def _ends(frame: Frame, strips: Strips) -> tuple[tuple[str, int, Rect, str], ...]:
    left, right = _span(frame, strips)
    y = strips.top - ABOVE - BUTTON / 2
    return (
        ("bank left", -1, Rect(left - BUTTON, y, BUTTON, BUTTON), "the voices before"),
        ("bank right", 1, Rect(right, y, BUTTON, BUTTON), "the next voices"),
    )
