"""The book: the nine scenes with their names, and the set list that they are put into. UI thread only.

A click recalls, a drag up or down reorders, a double click on a name, or F2, writes another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from frontend.config.scenes import SCENE_COUNT, Fade, Scene
from frontend.config.setlists import Cue, SetList
from frontend.control.drawers.drawer import HEAD_DP, Drawer, NameLine, button
from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.scene_strip import thumbnail
from frontend.look.theme import CAPTION, LABEL, VALUE

CUE_ROW_DP = 46.0
ROW_BUTTON_DP = 24.0  # a row's buttons
LIST = "book list"


@dataclass(frozen=True)
class _Line:
    """One row: the whole of it, its picture, its name and its buttons."""

    key: str
    rect: Rect
    names: tuple[str, ...]

    @property
    def picture(self) -> Rect:
        return Rect(self.rect.x + 30, self.rect.y + 27, self.rect.w - 38, 10)

    @property
    def name(self) -> Rect:
        return Rect(self.rect.x + 26, self.rect.y + 3, self.rect.w - 34 - 54 * len(self.names), 22)

    def button(self, place: int) -> Rect:
        left = self.rect.right - 6 - 54 * (len(self.names) - place)
        return Rect(left + 2, self.rect.y + 2, 50, ROW_BUTTON_DP - 2)


@dataclass
class SetListDrawer(Drawer):
    name: str = "book"
    line: NameLine = field(default_factory=NameLine)
    _touches: dict[str, Touch] = field(default_factory=dict)
    _top: int = 0  # the first cue seen
    _moving: tuple[str, int, int] | None = None  # which of the two lists, from where, to where

    # ---- geometry --------------------------------------------------------------------------------------------------

    def _left(self, frame: PanelFrame) -> Rect:
        rect = frame.layout.drawer
        return Rect(rect.x + 14, rect.y + HEAD_DP, (rect.w - 40) / 2, rect.h - HEAD_DP - 12)

    def _right(self, frame: PanelFrame) -> Rect:
        left = self._left(frame)
        return Rect(left.right + 12, left.y, left.w, left.h)

    def _row_height(self, frame: PanelFrame) -> float:
        return min(CUE_ROW_DP, self._left(frame).h / SCENE_COUNT)

    def _scene_lines(self, frame: PanelFrame) -> list[_Line]:
        rect, h, scenes = self._left(frame), self._row_height(frame), frame.controller.scenes.places
        return [
            _Line(
                f"book scene {place}",
                Rect(rect.x, rect.y + h * place, rect.w, h - 4),
                ("store",) if scene is None else ("add", "store", "delete"),
            )
            for place, scene in enumerate(scenes)
        ]

    def _seen(self, frame: PanelFrame) -> int:
        return max(1, int((self._right(frame).h - 44) / self._row_height(frame)))

    def _cue_lines(self, frame: PanelFrame) -> list[_Line]:
        rect, h, seen = self._right(frame), self._row_height(frame), self._seen(frame)
        cues = frame.controller.prepared.setlist.cues
        self._top = max(0, min(self._top, len(cues) - seen))
        return [
            _Line(
                f"book cue {place}",
                Rect(rect.x, rect.y + 40 + h * (place - self._top), rect.w, h - 4),
                ("delete", "fade"),
            )
            for place in range(self._top, min(len(cues), self._top + seen))
        ]

    def _list_buttons(self, frame: PanelFrame) -> dict[str, Rect]:
        rect = self._right(frame)
        return {
            "before": Rect(rect.x, rect.y, 28, 28),
            "after": Rect(rect.x + 32, rect.y, 28, 28),
            "new": Rect(rect.right - 50, rect.y, 50, 28),
            "add mix": Rect(rect.right - 122, rect.y, 68, 28),
        }

    def _list_name(self, frame: PanelFrame) -> Rect:
        rect = self._right(frame)
        return Rect(rect.x + 66, rect.y, rect.w - 66 - 128, 28)

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        self.typing = self.open and self.line.editing is not None
        if not self.open:
            self.line.editing = None
            return
        self._touches.clear()
        self._touch_scenes(frame)
        self._touch_list(frame)
        self._touch_cues(frame)
        self.touch_ground(frame)

    def _touch_scenes(self, frame: PanelFrame) -> None:
        controller = frame.controller
        for place, line in enumerate(self._scene_lines(frame)):
            scene = controller.scenes.places[place]
            pressed = self._touch_buttons(frame, line)
            touch = self._area(frame, line.key, line.rect)
            if pressed == "store":
                controller.store_scene(place)
            elif pressed == "delete":
                controller.scenes.store(place, None)
            elif pressed == "add" and scene is not None:
                controller.prepared.replace_setlist(
                    controller.prepared.setlist.add(Cue(scene, controller.preferences.settings.recall))
                )
                self._top = len(controller.prepared.setlist.cues)
            elif scene is not None and touch.double and self._on_name(frame, line):
                self.line.begin(line.key, scene.name)
            elif scene is not None and ((touch.clicked and not touch.dragging) or frame.pressed(touch)):
                controller.recall_scene(place)
            self._drag(frame, touch, "scenes", place, self._left(frame).y, 0, SCENE_COUNT)
            frame.tip(touch, "click: recall  \u00b7  double click on the name, F2: rename  \u00b7  drag: another place")

    def _touch_list(self, frame: PanelFrame) -> None:
        controller = frame.controller
        names = (
            controller.prepared.shelf.names()
            if controller.prepared.shelf is not None and self._any_pressed(frame)
            else []
        )
        for name, rect in self._list_buttons(frame).items():
            touch = self._area(frame, f"book {name}", rect)
            if frame.pressed(touch):
                if name == "new":
                    controller.prepared.new_setlist()
                elif name == "add mix":
                    setlist = controller.prepared.setlist
                    cue = Cue(
                        controller.mix_now(f"cue {len(setlist.cues) + 1}"), controller.preferences.settings.recall
                    )
                    controller.prepared.replace_setlist(setlist.add(cue))
                    self._top = len(controller.prepared.setlist.cues)
                elif names:
                    at = (
                        names.index(controller.prepared.setlist.name)
                        if controller.prepared.setlist.name in names
                        else 0
                    )
                    controller.prepared.open_setlist(names[(at + (-1 if name == "before" else 1)) % len(names)])
                controller.preferences.set("setlist", controller.prepared.setlist.name)
            frame.tip(
                touch,
                {
                    "new": "a new, empty set list",
                    "add mix": "the present mix as the last cue",
                    "before": "another set list",
                    "after": "another set list",
                }[name],
            )
        touch = self._area(frame, LIST, self._list_name(frame))
        if touch.double:
            self.line.begin(LIST, controller.prepared.setlist.name)
        frame.tip(touch, "double click, F2: rename the set list")

    def _any_pressed(self, frame: PanelFrame) -> bool:
        """Whether the folder is worth a look in this frame."""
        return frame.nudges.press or frame.tracker.gesture in ("book before", "book after")

    def _touch_cues(self, frame: PanelFrame) -> None:
        controller = frame.controller
        lines = self._cue_lines(frame)
        for place, line in enumerate(lines, self._top):
            setlist = controller.prepared.setlist
            if place >= len(setlist.cues):
                break
            pressed = self._touch_buttons(frame, line)
            touch = self._area(frame, line.key, line.rect)
            if pressed == "delete":
                controller.prepared.replace_setlist(setlist.remove(place))
            elif pressed == "fade":
                controller.prepared.replace_setlist(setlist.refade(place, controller.preferences.settings.recall))
            elif touch.double and self._on_name(frame, line):
                self.line.begin(line.key, setlist.cues[place].scene.name)
            elif (touch.clicked and not touch.dragging) or frame.pressed(touch):
                controller.take_cue_at(place)
            self._drag(frame, touch, "cues", place, self._right(frame).y + 40, self._top, len(setlist.cues))
            if touch.wheel:
                self._top -= int(touch.wheel)
            frame.tip(touch, "click: take it  \u00b7  Page Down: the next  \u00b7  fade: the present one for this cue")

    def _touch_buttons(self, frame: PanelFrame, line: _Line) -> str | None:
        """A row's buttons, which lie over it; gives the one that was pressed."""
        pressed = None
        for place, name in enumerate(line.names):
            touch = self._area(frame, f"{line.key} {name}", line.button(place))
            if frame.pressed(touch):
                pressed = name
            frame.tip(
                touch,
                {
                    "add": "to the end of the set list",
                    "store": "the present mix, here",
                    "delete": "away with it (Ctrl+Z brings it back)",
                    "fade": "give this cue the present fade",
                }[name],
            )
        return pressed

    def _drag(
        self, frame: PanelFrame, touch: Touch, which: str, place: int, top: float, first: int, count: int
    ) -> None:
        """A row that is dragged goes where it is let go."""
        if touch.held and touch.dragging:
            to = first + int((frame.tracker.pointer.y - top) / self._row_height(frame))
            self._moving = (which, place, max(0, min(count - 1, to)))
        elif touch.released and self._moving is not None and self._moving[:2] == (which, place):
            to, controller = self._moving[2], frame.controller
            self._moving = None
            if to != place and which == "scenes":
                controller.scenes.move(place, to)
            elif to != place:
                controller.prepared.replace_setlist(controller.prepared.setlist.move(place, to))

    def _area(self, frame: PanelFrame, key: str, rect: Rect) -> Touch:
        touch = self._touches[key] = frame.tracker.area(key, rect, focusable=True)
        return touch

    @staticmethod
    def _on_name(frame: PanelFrame, line: _Line) -> bool:
        return line.name.has(frame.tracker.pointer.x, frame.tracker.pointer.y)

    def rename(self, frame: PanelFrame) -> None:
        """F2: the name of what the pointer is on, or the keyboard."""
        controller = frame.controller
        key = frame.tracker.hovered or frame.tracker.focus or ""
        words = key.split()
        if words[:2] == ["book", "scene"]:
            scene = controller.scenes.places[int(words[2])]
            if scene is not None:
                self.line.begin(" ".join(words[:3]), scene.name)
        elif words[:2] == ["book", "cue"]:
            self.line.begin(" ".join(words[:3]), controller.prepared.setlist.cues[int(words[2])].scene.name)
        elif self.open:
            self.line.begin(LIST, controller.prepared.setlist.name)

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        canvas, controller, setlist = frame.canvas, frame.controller, frame.controller.prepared.setlist
        self.draw_ground(frame, "scenes")
        right = self._right(frame)
        canvas.text(right.x, right.y - 19, "set list", canvas.chrome.hi, 16, canvas.faces.bold)
        for place, (line, scene) in enumerate(zip(self._scene_lines(frame), controller.scenes.places, strict=True)):
            self._draw_line(frame, line, str(place + 1), scene, controller.scene == place)
            name = self.line.draw(canvas, line.key, line.name)
            if name is not None:
                controller.scenes.rename(place, name)
        self._draw_list(frame, setlist)
        for place, line in enumerate(self._cue_lines(frame), self._top):
            cue = setlist.cues[place]
            self._draw_line(frame, line, str(place + 1), cue.scene, setlist.at == place, cue.fade)
            name = self.line.draw(canvas, line.key, line.name)
            if name is not None:
                controller.prepared.replace_setlist(setlist.rename(place, name))
        self._draw_moving(frame)

    def _draw_list(self, frame: PanelFrame, setlist: SetList) -> None:
        canvas, chrome, controller = frame.canvas, frame.canvas.chrome, frame.controller
        words = {"before": "\u2039", "after": "\u203a", "new": "new", "add mix": "add mix"}
        for name, place in self._list_buttons(frame).items():
            button(frame, f"book {name}", place, self._touches.get(f"book {name}", NO_TOUCH), words[name])
        rect = self._list_name(frame)
        canvas.text(rect.x + 4, rect.y + 19, setlist.name, chrome.hi, VALUE, canvas.faces.bold)
        written = self.line.draw(canvas, LIST, rect)
        if written is not None:
            controller.prepared.rename_setlist(written)
            controller.preferences.set("setlist", controller.prepared.setlist.name)
        if not setlist.cues:
            x, y = self._right(frame).centre
            canvas.text(
                x, y, "add scenes, or the present mix, in the order of the piece", chrome.low, LABEL, align=Align.CENTRE
            )
        hidden = len(setlist.cues) - self._seen(frame)
        if hidden > 0:
            rect = self._right(frame)
            words_below = f"{len(setlist.cues)} cues, the wheel shows the others"
            canvas.text(rect.right, rect.bottom + 6, words_below, chrome.low, CAPTION, align=Align.RIGHT)

    def _draw_line(
        self, frame: PanelFrame, line: _Line, number: str, scene: Scene | None, current: bool, fade: Fade | None = None
    ) -> None:
        canvas, chrome, controller, rect = frame.canvas, frame.canvas.chrome, frame.controller, line.rect
        touch = self._touches.get(line.key, NO_TOUCH)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg2, 1.0, 6)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 1.0 if touch.held else frame.hover(line.key, touch), 6)
        if current:
            canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.hi, 1.0, 6, 1.5)
        if touch.keyboard:
            focus_ring(canvas, rect, 8)
        canvas.text(rect.x + 10, rect.y + 19, number, chrome.hi if current else chrome.mid, VALUE, canvas.faces.bold)
        words = scene.name if scene is not None else "empty"
        words = fitted(words, lambda part: canvas.width(part, VALUE) <= line.name.w - 4)
        canvas.text(line.name.x + 4, rect.y + 19, words, chrome.hi if scene is not None else chrome.low, VALUE)
        thumbnail(canvas, line.picture, scene, controller.slugs, controller.colours, 1.0 if current else 0.8)
        for place, name in enumerate(line.names):
            words = str(fade) if name == "fade" and fade is not None else name
            key = f"{line.key} {name}"
            if touch.hot or self._touches.get(key, NO_TOUCH).hot or name == "fade":
                button(frame, key, line.button(place), self._touches.get(key, NO_TOUCH), words)

    def _draw_moving(self, frame: PanelFrame) -> None:
        """Where a row that is dragged will stand."""
        if self._moving is None:
            return
        which, place, to = self._moving
        rect = self._left(frame) if which == "scenes" else self._right(frame)
        first = 0 if which == "scenes" else self._top
        top = rect.y + (0.0 if which == "scenes" else 40.0)
        y = top + self._row_height(frame) * (to - first + (1 if to > place else 0)) - 2
        frame.canvas.fill(rect.x, y - 1.5, rect.w, 3, frame.canvas.chrome.hi, 1.0, 1.5)


def fitted(words: str, fits: Callable[[str], bool]) -> str:
    """``words``, or as many of them as fit with an ellipsis behind."""
    if fits(words):
        return words
    length = next((n for n in range(len(words) - 1, 0, -1) if fits(words[:n].rstrip() + "\u2026")), 0)
    return words[:length].rstrip() + "\u2026"
