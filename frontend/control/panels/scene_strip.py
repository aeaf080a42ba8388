"""The nine scenes at hand, how long a recall takes, and the book that they are written in. UI thread only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from frontend.config.scenes import Fade, Scene
from frontend.config.setlists import MAX_FADE
from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring
from frontend.control.panels.frame import PanelFrame
from frontend.look.theme import FIGURE, LABEL

FADE_DRAG_DP = 240.0  # dp of drag from the shortest fade to the longest
SHORTEST_FADE_S = 0.05
FADE_CURVE = 3.0  # the short fades have most of the way


@dataclass
class SceneStrip:
    name: str = "scenes"
    open_book: bool = False  # the button was pressed in this frame
    _scenes: list[Touch] = field(default_factory=list)
    _fade: Touch = NO_TOUCH
    _book: Touch = NO_TOUCH

    def touch(self, frame: PanelFrame) -> None:
        controller, tracker, layout = frame.controller, frame.tracker, frame.layout
        self._scenes = [tracker.area(f"scene {i}", rect, focusable=True) for i, rect in enumerate(layout.scenes)]
        for place, touch in enumerate(self._scenes):
            scene = controller.scenes.places[place]
            if touch.right or (touch.clicked and touch.shift):
                controller.store_scene(place)
            elif frame.pressed(touch):
                controller.recall_scene(place)
            name = f"{scene.name}  \u00b7  click: recall, " if scene else "empty  \u00b7  "
            frame.tip(touch, f"{name}shift+click: store  \u00b7  {place + 1}, Shift+{place + 1}")
        self._touch_fade(frame)
        self._book = tracker.area("book", layout.book, focusable=True)
        self.open_book = frame.pressed(self._book)
        frame.tip(self._book, "names, order, set lists  \u00b7  L, Page Down: next cue, Page Up: the one before")

    def _touch_fade(self, frame: PanelFrame) -> None:
        preferences = frame.controller.preferences
        fade = preferences.settings.recall
        touch = self._fade = frame.tracker.area("fade", frame.layout.fade, focusable=True)
        longest = MAX_FADE[fade.unit]
        share = frame.moved(touch, share_of(fade.length, longest), FADE_DRAG_DP, upright=False)
        if touch.clicked or (touch.focused and frame.nudges.press):
            other = Fade(2.0, "s") if fade.unit == "chars" else Fade(30.0, "chars")
            preferences.set_recall(other)
        elif touch.focused and frame.nudges.default:
            preferences.set_recall(Fade())
        elif share is not None and (touch.dragging or not touch.held):
            preferences.set_recall(Fade(length_of(share, longest, fade.unit), fade.unit))
        frame.tip(touch, "how long a scene takes to come  \u00b7  drag; click: seconds or characters; Delete: .25 s")

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        controller = frame.controller
        toward = controller.fading.toward
        progress = controller.fading.progress(controller.positions) if isinstance(toward, int) else None
        hovers = tuple(frame.hover(f"scene {place}", touch) for place, touch in enumerate(self._scenes))
        focus = tuple(touch.keyboard for touch in self._scenes)
        state = (
            frame.layout.scenes,
            tuple(controller.scenes.places),
            controller.scene,
            controller.colours,
            hovers,
            focus,
            progress,
        )
        frame.canvas.kept("scenes", state, lambda: self._draw_scenes(frame, hovers, progress))
        fade, layout = controller.preferences.settings.recall, frame.layout
        lights = frame.lit("fade", self._fade), frame.lit("book", self._book)
        buttons = (fade, layout.fade, self._fade, layout.book, self._book, lights)
        frame.canvas.kept("fade and book", buttons, lambda: self._draw_buttons(frame, fade, *lights))

    def _draw_buttons(self, frame: PanelFrame, fade: Fade, *lights: float) -> None:
        self._draw_fade(frame, fade, lights[0])
        self._draw_book(frame, lights[1])

    def _draw_scenes(self, frame: PanelFrame, hovers: Sequence[float], progress: float | None) -> None:
        for place, hover in enumerate(hovers):
            self._scene(frame, place, hover, progress if place == frame.controller.fading.toward else None)

    def _scene(self, frame: PanelFrame, place: int, hover: float, progress: float | None) -> None:
        canvas, chrome, controller = frame.canvas, frame.canvas.chrome, frame.controller
        rect, touch, scene = frame.layout.scenes[place], self._scenes[place], controller.scenes.places[place]
        current = controller.scene == place
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg2 if current else chrome.bg1, 1.0, 8)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 0.8 * hover, 8)
        if progress is not None:
            canvas.fill(rect.x, rect.y, max(8.0, rect.w * progress), rect.h, chrome.off, 0.8, 8)
        if current:
            canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.hi, 1.0, 8, 1.5)
        else:
            canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.line, chrome.edge_alpha, 8, chrome.edge_width)
        if touch.keyboard:
            focus_ring(canvas, rect, 10)
        ink = chrome.hi if current or hover > 0.5 else chrome.mid if scene else chrome.off
        wide = canvas.text(rect.x + 6, rect.y + 17, str(place + 1), ink, LABEL, canvas.faces.bold)
        if scene is not None:
            for row, words in enumerate(in_two_lines(canvas, scene.name, rect.w - 9, FIGURE)):
                canvas.text(rect.x + 6, rect.y + 37 + 15 * row, words, ink, FIGURE)
        thumbnail(
            canvas,
            Rect(rect.x + 11 + wide, rect.y + 7, rect.w - 18 - wide, 11),
            scene,
            controller.slugs,
            controller.colours,
            1.0 if current else 0.72,
        )

    def _draw_fade(self, frame: PanelFrame, fade: Fade, hover: float) -> None:
        canvas, chrome, rect, touch = frame.canvas, frame.canvas.chrome, frame.layout.fade, self._fade
        _small_button(canvas, rect, touch, hover)
        ink = chrome.hi if touch.hot or touch.held else chrome.mid
        bold = canvas.faces.bold
        words = str(fade) if fade.length > 0.0 else "at once"
        canvas.text(rect.right - 8, rect.y + 18, words, ink, LABEL, bold, Align.RIGHT)
        canvas.text(rect.x + 8, rect.y + 18, "fade", chrome.low, 12)
        share = share_of(fade.length, MAX_FADE[fade.unit])
        canvas.fill(rect.x + 8, rect.bottom - 6, rect.w - 16, 2, chrome.bg3)
        canvas.fill(rect.x + 8, rect.bottom - 6, (rect.w - 16) * share, 2, chrome.mid)

    def _draw_book(self, frame: PanelFrame, hover: float) -> None:
        canvas, chrome, rect, touch = frame.canvas, frame.canvas.chrome, frame.layout.book, self._book
        _small_button(canvas, rect, touch, hover)
        ink = chrome.hi if touch.hot else chrome.mid
        y = rect.y + rect.h / 2
        for line in (-4, 0, 4):
            canvas.fill(rect.x + 10, y + line - 0.75, 12, 1.5, ink)
        canvas.text(rect.x + 29, canvas.middle(y, LABEL), "list", ink, LABEL)


def _small_button(canvas: ImGuiCanvas, rect: Rect, touch: Touch, hover: float) -> None:
    chrome = canvas.chrome
    canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg1, 1.0, 6)
    canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, hover, 6)
    canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.line, chrome.edge_alpha, 6, chrome.edge_width)
    if touch.keyboard:
        focus_ring(canvas, rect, 8)


def in_two_lines(canvas: ImGuiCanvas, words: str, width: float, size: float) -> tuple[str, ...]:
    """``words`` in one line, or in two where they are wider than ``width``; what is wider still is cut."""
    if canvas.width(words, size) <= width:
        return (words,)
    first, rest = "", words.split()
    while rest and canvas.width(f"{first} {rest[0]}".strip(), size) <= width:
        first = f"{first} {rest.pop(0)}".strip()
    if first:
        return (first, canvas.fitted(" ".join(rest), width, size))
    if len(rest) > 1:
        return (canvas.fitted(rest[0], width, size), canvas.fitted(" ".join(rest[1:]), width, size))
    at = max(1, sum(canvas.width(words[: n + 1], size) <= width for n in range(len(words))))
    return (words[:at], canvas.fitted(words[at:].strip(), width, size))


def thumbnail(
    canvas: ImGuiCanvas, rect: Rect, scene: Scene | None, slugs: Sequence[str], colours: Sequence[str], alpha: float
) -> None:
    """A mix as one stacked bar; what is below zero hangs hatched at its end, an empty place is a hairline."""
    if scene is None:
        canvas.hair_h(rect.x, rect.right, rect.y + rect.h / 2, canvas.chrome.line)
        return
    shares = scene.shares(slugs)
    total, x = sum(map(abs, shares)) or 1.0, rect.x
    for voice, share in sorted(enumerate(shares), key=lambda entry: entry[1] < 0.0):
        wide = rect.w * abs(share) / total
        if wide >= 1.0 and share > 0.0:
            canvas.fill(x, rect.y, max(1.0, wide - 1), rect.h, colours[voice], alpha)
        elif wide >= 2.0:
            canvas.hatch(x, rect.y, wide - 1, rect.h, colours[voice], alpha, 1.25, 4.0)
        x += wide


def share_of(length: float, longest: float) -> float:
    """Where on its way a fade of this length is, 0 to 1."""
    place: float = (min(longest, max(0.0, length)) / longest) ** (1.0 / FADE_CURVE)
    return place


def length_of(share: float, longest: float, unit: str) -> float:
    """The length at a share of the way: rounded to what can be read."""
    length: float = longest * min(1.0, max(0.0, share)) ** FADE_CURVE
    if unit == "chars":
        return float(round(length))
    step = SHORTEST_FADE_S if length < 1.0 else 0.1 if length < 10.0 else 1.0
    return round(math.floor(length / step + 0.5) * step, 2)
