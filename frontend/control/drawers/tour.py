"""The tour of a first start: six things to know, one after the other, each pointing at its place. UI thread only.

It covers nothing that it speaks of and hinders nothing: everything can be tried while it is there.
"""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import PanelLayout, Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.panels.frame import PanelFrame
from frontend.look.theme import LABEL, TITLE, VALUE

WIDE, LINE = 430.0, 23.0
GAP = 18.0


@dataclass(frozen=True)
class TourStop:
    """What is said where."""

    place: str  # a panel, or "transport", "scenes", "help"
    title: str
    words: tuple[str, ...]


STOPS = (
    TourStop(
        "text",
        "It is already writing",
        (
            "Several voices are in play. Each letter has the colour of",
            "the voices that wanted it. Space stops and goes on.",
        ),
    ),
    TourStop(
        "puck",
        "Lean it from voice to voice",
        (
            "Press in the circle and drag. The nearer the puck is to",
            "a voice, the more that voice decides. Throw it. A double",
            "click lifts it off.",
        ),
    ),
    TourStop(
        "voices",
        "Bring voices in",
        (
            "A click brings a voice into play or sends it away,",
            "a double click lets it speak alone. Right click: MIDI.",
        ),
    ),
    TourStop(
        "faders", "Weigh them", ("A fader for each voice in play. On below zero it says", "what shall not be written.")
    ),
    TourStop(
        "histogram",
        "See what they want",
        ("A row for each voice, the mix below: it moves under your", "hand, before the next letter is drawn from it."),
    ),
    TourStop(
        "scenes",
        "Keep what you like",
        (
            "Shift+1 stores the mix, 1 brings it back, as slowly as",
            "\u201cfade\u201d says. Ctrl+Z undoes, ? shows every key, and",
            "the comma has the settings.",
        ),
    ),
)


def place_of(stop: TourStop, layout: PanelLayout) -> Rect | None:
    """Where a stop points; None for a panel that is hidden."""
    if stop.place == "scenes":
        first, last = layout.scenes[0], layout.book
        return Rect(first.x, first.y, last.right - first.x, first.h)
    return layout.panels.get(stop.place)


def card_rect(stop: TourStop, layout: PanelLayout) -> Rect:
    """Where a stop's card stands: beside, over or under what it points at, inside the window and not over it."""
    h = 104.0 + LINE * len(stop.words)
    place = place_of(stop, layout) or Rect(layout.width / 2, layout.height / 2, 0.0, 0.0)
    x, y = place.centre
    sides = (
        Rect(place.x - GAP - WIDE, y - h / 2, WIDE, h),
        Rect(place.right + GAP, y - h / 2, WIDE, h),
        Rect(x - WIDE / 2, place.y - GAP - h, WIDE, h),
        Rect(x - WIDE / 2, place.bottom + GAP, WIDE, h),
    )
    for side in sides:
        moved = Rect(
            min(max(16.0, side.x), layout.width - WIDE - 16), min(max(16.0, side.y), layout.height - h - 60), WIDE, h
        )
        if not _overlap(moved, place):
            return moved
    return Rect(layout.width - WIDE - 32, layout.height - h - 80, WIDE, h)


def _overlap(a: Rect, b: Rect) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


@dataclass
class Tour:
    """``at`` is the stop, None when it is over."""

    at: int | None = None
    _next: Touch = NO_TOUCH
    _skip: Touch = NO_TOUCH

    def begin(self) -> None:
        self.at = 0

    def end(self, frame: PanelFrame) -> None:
        self.at = None
        frame.controller.preferences.set("toured", True)

    def touch(self, frame: PanelFrame) -> None:
        """Before everything else: the card lies on top."""
        if self.at is None:
            return
        card = card_rect(STOPS[self.at], frame.layout)
        self._next = frame.tracker.area("tour next", Rect(card.right - 116, card.bottom - 46, 100, 32))
        self._skip = frame.tracker.area("tour skip", Rect(card.x + 16, card.bottom - 46, 100, 32))
        frame.tracker.area("tour", card)
        enter = imgui.is_key_pressed(imgui.Key.enter, False) and frame.tracker.focus is None
        if self._next.clicked or enter:
            self.at += 1
        if self._skip.clicked or self.at >= len(STOPS):
            self.end(frame)

    def draw(self, frame: PanelFrame) -> None:
        if self.at is None:
            return
        canvas, chrome = frame.canvas, frame.canvas.chrome
        stop = STOPS[self.at]
        place, card = place_of(stop, frame.layout), card_rect(stop, frame.layout)
        if place is not None:
            canvas.outline(place.x - 3, place.y - 3, place.w + 6, place.h + 6, chrome.white, 1.0, 10, 2.5)
        canvas.fill(card.x, card.y, card.w, card.h, chrome.hi, 1.0, 10)
        canvas.text(card.x + 20, card.y + 36, stop.title, chrome.bg0, TITLE + 2, canvas.faces.bold)
        for row, words in enumerate(stop.words):
            canvas.text(card.x + 20, card.y + 62 + LINE * row, words, chrome.bg0, VALUE)
        y = card.bottom - 30
        for dot in range(len(STOPS)):
            canvas.disc(
                card.x + card.w / 2 + (dot - (len(STOPS) - 1) / 2) * 14,
                y,
                3.5,
                chrome.bg0,
                1.0 if dot == self.at else 0.25,
            )
        last = self.at == len(STOPS) - 1
        for touch, x, words in (
            (self._skip, card.x + 16, "skip"),
            (self._next, card.right - 116, "play" if last else "next"),
        ):
            strong = words != "skip"
            canvas.fill(x, card.bottom - 46, 100, 32, chrome.bg0, (1.0 if strong else 0.0) or 0.12 * touch.hot, 6)
            ink = chrome.hi if strong else chrome.bg0
            canvas.text(x + 50, canvas.middle(y, LABEL), words, ink, LABEL, canvas.faces.bold, Align.CENTRE)
