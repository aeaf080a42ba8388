"""Teach by showing: hold a pose, press what it is to mean, train, and play.

On the left: what the inputs say, the camera's picture and what a pose can mean. On the right: the poses that were shown
and how strongly each is recognised now. Below: how they are learnt and whether they play. UI thread only, with the
control window's OpenGL context current.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from imgui_bundle import imgui

from frontend.config.scenes import SCENE_COUNT
from frontend.control.drawers.drawer import HEAD_DP, Drawer, button
from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import PanelLayout, Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import LIST_CHIP_H, LIST_CHIP_W, bar, chip, focus_ring, warning
from frontend.control.drawing.texture import Texture
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.scene_strip import thumbnail
from frontend.control.state.controller import Controller
from frontend.inputs.camera.camera_input import Camera
from frontend.inputs.camera.features import Glimpse
from frontend.look.theme import CAPTION, LABEL, VALUE
from frontend.teaching.lesson import METHODS, PoseTarget, aim_of_values, aim_of_voice
from protocol.errors import ParameterError

# ---- the camera's picture --------------------------------------------------------------------------------------------


class CameraTexture:
    """One texture, as large as the last glimpse's picture."""

    def __init__(self) -> None:
        self._texture = Texture()
        self._shown: Glimpse | None = None

    def reference(self, seen: Glimpse) -> imgui.ImTextureRef:
        """The picture of ``seen``, which has one."""
        if seen is not self._shown:
            self._texture.upload(seen.width, seen.height, seen.picture, alpha=False)
            self._shown = seen
        return self._texture.reference


FOOT_DP = 96.0  # dp for how it is learnt
CELLS_A_ROW = 3  # cells side by side
CELL, SCENE_CELL, GAP = 30.0, 34.0, 4.0
FEATURE_LINE_DP = 20.0  # a feature's line
POSE_ROW_DP = 44.0  # a pose's
POSE_BUTTON_DP = 26.0  # its buttons
SHOW_DELAY_S = 3.0  # seconds to get both hands into the pose
CAPTION_DP = 22.0
TIPS = {"again": "hold the pose, press: one example more", "last": "forget its last example", "all": "forget this pose"}


class DrawingContext(Protocol):
    """What a place depends on."""

    @property
    def layout(self) -> PanelLayout: ...

    @property
    def controller(self) -> Controller: ...


@dataclass(frozen=True)
class PoseCell:
    """What a press shows a pose of."""

    key: str  # in the lesson
    rect: Rect
    aim: PoseTarget
    voice: int | None = None
    scene: int | None = None


class CameraPicture(Protocol):
    """What the camera's picture is drawn with."""

    def reference(self, seen: Glimpse) -> imgui.ImTextureRef: ...


@dataclass
class TeachDrawer(Drawer):
    """``picture`` None: without the camera's picture."""

    name: str = "teach"
    picture: CameraPicture | None = None
    _touches: dict[str, Touch] = field(default_factory=dict)
    _features: dict[str, float] = field(default_factory=dict)
    _top: int = 0  # the first pose seen

    # ---- geometry --------------------------------------------------------------------------------------------------

    @staticmethod
    def _left(frame: DrawingContext) -> Rect:
        rect = frame.layout.drawer
        return Rect(rect.x + 20, rect.y + HEAD_DP, (rect.w - 60) / 2, rect.h - HEAD_DP - FOOT_DP)

    @staticmethod
    def _right(frame: DrawingContext) -> Rect:
        rect = frame.layout.drawer
        w = (rect.w - 60) / 2
        return Rect(rect.right - 20 - w, rect.y + HEAD_DP, w, rect.h - HEAD_DP - FOOT_DP)

    def cells(self, frame: DrawingContext) -> list[PoseCell]:
        """The voices in play, and the scenes that there are, at the foot of the left column."""
        controller, left = frame.controller, self._left(frame)
        scenes = [place for place in range(SCENE_COUNT) if controller.scenes.places[place] is not None]
        w = (left.w - GAP * (CELLS_A_ROW - 1)) / CELLS_A_ROW
        y = left.bottom - 8 - (SCENE_CELL + GAP) * -(-len(scenes) // CELLS_A_ROW)
        found = []
        for at, place in enumerate(scenes):
            scene = controller.scenes.places[place]
            assert scene is not None
            values = {
                address: value
                for address, value in scene.values.items()
                if not (address == "/puck" and scene.values.get("/puck/lifted", True))
            }
            aim = aim_of_values(f"{place + 1} {scene.name}", values, controller.link.session.tree)
            found.append(PoseCell(f"scene {place + 1}", _cell(left.x, y, w, SCENE_CELL, at), aim, scene=place))
        y -= CAPTION_DP + (CELL + GAP) * -(-len(controller.playing) // CELLS_A_ROW) + 6
        for at, voice in enumerate(controller.playing):
            slug = controller.slugs[voice]
            aim = aim_of_voice(slug, slug)
            found.append(PoseCell(slug, _cell(left.x, y, w, CELL, at), aim, voice=voice))
        return found

    def rows(self, frame: DrawingContext) -> list[tuple[str, Rect]]:
        """The poses that are seen, by key."""
        right, keys = self._right(frame), list(frame.controller.teacher.lesson.aims)
        seen = int((right.h - CAPTION_DP - 4) / POSE_ROW_DP)
        self._top = max(0, min(self._top, len(keys) - seen))
        return [
            (key, Rect(right.x, right.y + CAPTION_DP + 4 + POSE_ROW_DP * at, right.w, POSE_ROW_DP - 4))
            for at, key in enumerate(keys[self._top : self._top + seen])
        ]

    def row_button(self, frame: DrawingContext, key: str, name: str) -> Rect:
        """The button called ``name`` of a pose that is seen."""
        return _row_buttons(dict(self.rows(frame))[key])[name]

    def buttons(self, frame: DrawingContext) -> dict[str, Rect]:
        """How it is learnt and whether it plays, from the left."""
        rect = frame.layout.drawer
        y = rect.bottom - FOOT_DP + 12
        places, x = {}, rect.x + 20
        for name, wide in (("network", 84), ("nearest", 84), ("delay", 84), ("train", 96), ("play", 96), ("take", 110)):
            places[name] = Rect(x, y, wide, 32)
            x += wide + (4 if name == "network" else 12)
        return places

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        teacher, tracker = frame.controller.teacher, frame.tracker
        teacher.prepare()
        self._features = teacher.features()
        for cell in self.cells(frame):
            touch = self._touches[f"show {cell.key}"] = tracker.area(
                f"teach show {cell.key}", cell.rect, focusable=True
            )
            if frame.pressed(touch):
                teacher.record(cell.key, cell.aim)
            frame.tip(touch, f"hold a pose, press: it is to mean {cell.aim.name}")
        for key, rect in self.rows(frame):
            self._touch_row(frame, key, rect)
        for name, rect in self.buttons(frame).items():
            self._touches[name] = touch = tracker.area(f"teach {name}", rect, focusable=True)
            if frame.pressed(touch):
                self._press(frame, name)
            frame.tip(touch, _tip(frame, name))
        ground = tracker.area("teach poses", self._right(frame))
        self._top -= round(ground.wheel)
        self.touch_ground(frame)

    def _touch_row(self, frame: PanelFrame, key: str, rect: Rect) -> None:
        teacher, lesson = frame.controller.teacher, frame.controller.teacher.lesson
        for name, place in _row_buttons(rect).items():
            touch = self._touches[f"{name} {key}"] = frame.tracker.area(f"teach {name} {key}", place, focusable=True)
            if frame.pressed(touch):
                match name:
                    case "again":
                        shown = next((cell.aim for cell in self.cells(frame) if cell.key == key), lesson.aims[key])
                        teacher.record(key, shown)
                    case "last":
                        teacher.delete_last(key)
                    case _:
                        teacher.delete_aim(key)
            frame.tip(touch, TIPS[name])

    def _press(self, frame: PanelFrame, name: str) -> None:
        teacher = frame.controller.teacher
        match name:
            case "train":
                teacher.train()
            case "delay":
                teacher.delay = 0.0 if teacher.delay else SHOW_DELAY_S
            case "take":
                teacher.poses.take()
            case "play":
                try:
                    teacher.switch(not teacher.poses.on)
                except ParameterError as error:
                    teacher.trouble = str(error)
            case _:
                teacher.choose(name)

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        self.draw_ground(frame, "teach by showing")
        cells = self.cells(frame)
        self._draw_features(frame, cells)
        for cell in cells:
            self._draw_cell(frame, cell)
        self._draw_rows(frame)
        self._draw_foot(frame)

    def _draw_features(self, frame: PanelFrame, cells: list[PoseCell]) -> None:
        canvas, chrome, left = frame.canvas, frame.canvas.chrome, self._left(frame)
        top = self._draw_picture(frame, left.y + CAPTION_DP + 6)
        bottom = min((cell.rect.y for cell in cells), default=left.bottom) - CAPTION_DP - 14
        count = len(self._features)
        canvas.text(left.x, left.y + 13, "what the inputs say", chrome.low, CAPTION)
        if not count:
            for at, words in enumerate(("No input says anything yet.", "Switch one on among the inputs (I).")):
                canvas.text(left.x, top + 16 + 20 * at, words, chrome.mid, LABEL)
        lines = max(0, int((bottom - top) / FEATURE_LINE_DP))
        columns = 1 if count <= lines else 2
        room = columns * lines
        shown = sorted(self._features.items())[: room if count <= room else max(0, room - 1)]
        w = (left.w - 16 * (columns - 1)) / columns
        for at, (name, level) in enumerate(shown):
            x, y = left.x + (w + 16) * (at % columns), top + FEATURE_LINE_DP * (at // columns)
            with canvas.clipped(Rect(x, y - 2, w * 0.55, FEATURE_LINE_DP + 2)):
                canvas.text(x, y + 12, name if columns == 1 else name.partition("/")[2], chrome.mid, CAPTION)
            bar(canvas, x + w * 0.58, y + 6, w * 0.42, level, chrome.mid, ground=chrome.bg3)
        if count > len(shown) > 0:
            at = len(shown)
            x, y = left.x + (w + 16) * (at % columns), top + FEATURE_LINE_DP * (at // columns)
            canvas.text(x, y + 12, f"and {count - at} more", chrome.low, CAPTION)
        for kind, words in (("voice", "hold a pose and press what it means"), ("scene", "or a scene")):
            tops = [cell.rect.y for cell in cells if getattr(cell, kind) is not None]
            if tops:
                canvas.text(left.x, min(tops) - 9, words, chrome.low, CAPTION)

    def _draw_picture(self, frame: PanelFrame, top: float) -> float:
        """What the camera sees, with its landmarks; gives where the next thing begins."""
        camera, left = frame.controller.hub.input("camera"), self._left(frame)
        seen = camera.glimpse if isinstance(camera, Camera) else None
        if seen is None or not seen.picture or self.picture is None:
            return top
        h = min(left.h * 0.32, left.w * 0.75)
        w = h * seen.width / seen.height
        frame.canvas.image(self.picture.reference(seen), left.x, top, w, h, 1.0, 4)
        return top + h + 10

    def _draw_cell(self, frame: PanelFrame, cell: PoseCell) -> None:
        canvas, chrome, rect, controller = frame.canvas, frame.canvas.chrome, cell.rect, frame.controller
        touch = self._touches.get(f"show {cell.key}", NO_TOUCH)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 1.0, 4)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.line, frame.hover(f"teach show {cell.key}", touch), 4)
        self._draw_progress(frame, cell.key, rect)
        if touch.keyboard:
            focus_ring(canvas, rect)
        ink = chrome.hi if touch.hot else chrome.mid
        if cell.voice is not None:
            card = controller.cards[cell.voice]
            chip(canvas, rect.x + 5, rect.y + 5, card.monogram, card.colour, w=LIST_CHIP_W, h=LIST_CHIP_H)
            name = canvas.fitted(card.slug, rect.w - 41, LABEL)
            canvas.text(rect.x + 37, canvas.middle(rect.centre[1], LABEL), name, ink, LABEL)
        elif cell.scene is not None:
            canvas.text(rect.x + 8, rect.y + 15, f"{cell.scene + 1}", ink, CAPTION, canvas.faces.bold)
            name = canvas.fitted(cell.aim.name[2:], rect.w - 24, CAPTION)
            canvas.text(rect.x + 20, rect.y + 15, name, ink, CAPTION)
            mix = Rect(rect.x + 8, rect.bottom - 11, rect.w - 16, 5)
            thumbnail(canvas, mix, controller.scenes.places[cell.scene], controller.slugs, controller.colours, 1.0)

    @staticmethod
    def _draw_progress(frame: PanelFrame, key: str, rect: Rect) -> None:
        """While a pose is listened to, its place fills; before, it waits with an outline."""
        recording, canvas, chrome = frame.controller.teacher.recording, frame.canvas, frame.canvas.chrome
        if recording is None or recording.key != key:
            return
        canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.warn, 1.0, 4, 1.5)
        part = (frame.now - recording.begins) / (recording.ends - recording.begins)
        if part < 0.0:
            words = f"{recording.begins - frame.now:.0f}"
            y = canvas.middle(rect.centre[1], VALUE, canvas.faces.bold)
            canvas.text(rect.right - 8, y, words, chrome.warn, VALUE, canvas.faces.bold, Align.RIGHT)
        else:
            canvas.fill(rect.x, rect.y, rect.w * min(1.0, part), rect.h, chrome.warn, 0.35, 4)

    def _draw_rows(self, frame: PanelFrame) -> None:
        canvas, chrome, right = frame.canvas, frame.canvas.chrome, self._right(frame)
        lesson = frame.controller.teacher.lesson
        canvas.text(right.x, right.y + 13, "the poses", chrome.low, CAPTION)
        count = f"{len(lesson.examples)} examples of {len(lesson.aims)}" if lesson.aims else ""
        canvas.text(right.right, right.y + 13, count, chrome.low, CAPTION, align=Align.RIGHT)
        if not lesson.aims:
            hints = (
                "Nothing was shown yet.",
                "Two poses are enough to begin.",
                "Show each two or three times, and it",
                "tells how sure it is.",
            )
            for at, words in enumerate(hints):
                canvas.text(right.x, right.y + CAPTION_DP + 22 + 20 * at, words, chrome.mid, LABEL)
        for key, rect in self.rows(frame):
            self._draw_row(frame, key, rect)

    def _draw_row(self, frame: PanelFrame, key: str, rect: Rect) -> None:
        canvas, chrome, controller, teacher = (
            frame.canvas,
            frame.canvas.chrome,
            frame.controller,
            frame.controller.teacher,
        )
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg2, 1.0, 4)
        colour = chrome.mid
        if key in controller.slugs:
            card = controller.cards[controller.slugs.index(key)]
            colour = card.colour
            chip(canvas, rect.x + 6, rect.y + 6, card.monogram, card.colour, w=LIST_CHIP_W, h=LIST_CHIP_H)
        else:
            number = key.removeprefix("scene ")[:2]
            canvas.text(rect.x + 19, rect.y + 21, number, chrome.hi, VALUE, canvas.faces.bold, Align.CENTRE)
        buttons = _row_buttons(rect)
        name = teacher.lesson.aims[key].name
        with canvas.clipped(Rect(rect.x, rect.y, buttons["again"].x - 58 - rect.x, rect.h)):
            words = name if key in controller.slugs else name.partition(" ")[2] or name
            canvas.text(rect.x + 40, rect.y + 21, words, chrome.hi, LABEL)
        off = teacher.learnt.off_by_aim.get(key) if teacher.learnt is not None else None
        words = f"{teacher.lesson.count(key)}\u00d7" + (f"  {100 * off:.0f}% off" if off is not None else "")
        ink = chrome.warn if off is not None and off > 0.34 else chrome.low
        canvas.text(buttons["again"].x - 8, rect.y + 21, words, ink, CAPTION, align=Align.RIGHT)
        self._draw_progress(frame, key, rect)
        parts = teacher.poses.parts()
        place = list(teacher.lesson.aims).index(key)
        part = parts[place] if len(parts) == len(teacher.lesson.aims) else 0.0
        bar(canvas, rect.x + 40, rect.bottom - 9, buttons["again"].x - rect.x - 48, part, colour, h=5)
        for label, (action, place_of) in zip("+\u2212\u00d7", buttons.items(), strict=True):
            button(frame, f"teach {action} {key}", place_of, self._touches.get(f"{action} {key}", NO_TOUCH), label)

    def _draw_foot(self, frame: PanelFrame) -> None:
        canvas, chrome, teacher, rect = frame.canvas, frame.canvas.chrome, frame.controller.teacher, frame.layout.drawer
        freed = len(teacher.poses.freed)
        words = {
            "network": "network",
            "nearest": "nearest",
            "delay": f"in {teacher.delay:.0f} s" if teacher.delay else "at once",
            "train": "training\u2026" if teacher.training else "train",
            "play": "playing" if teacher.poses.on else "play",
            "take": f"take {freed} back" if freed else "",
        }
        ready = len(teacher.lesson.aims) > 1
        lit = {teacher.lesson.method: True, "train": ready and teacher.stale, "play": teacher.poses.on}
        canvas.hair_h(rect.x + 20, rect.right - 20, rect.bottom - FOOT_DP, chrome.line)
        for name, place in self.buttons(frame).items():
            if words[name]:
                touch = self._touches.get(name, NO_TOUCH)
                button(frame, f"teach {name}", place, touch, words[name], lit.get(name, False))
        y = rect.bottom - 22
        if teacher.trouble:
            warning(canvas, rect.x + 20, y - 4, teacher.trouble, chrome.warn)
        else:
            canvas.text(rect.x + 20, y, _lesson_line(frame), chrome.mid, LABEL)


def _cell(x: float, y: float, w: float, h: float, at: int) -> Rect:
    return Rect(x + (w + GAP) * (at % CELLS_A_ROW), y + (h + GAP) * (at // CELLS_A_ROW), w, h)


def _row_buttons(rect: Rect) -> dict[str, Rect]:
    left = rect.right - 6 - 3 * (POSE_BUTTON_DP + 4)
    return {
        name: Rect(left + (POSE_BUTTON_DP + 4) * at, rect.y + 7, POSE_BUTTON_DP, POSE_BUTTON_DP)
        for at, name in enumerate(TIPS)
    }


def _tip(frame: PanelFrame, name: str) -> str:
    if name in METHODS:
        return {
            "network": "between the poses: a small network, smooth and even",
            "nearest": "between the poses: the nearer one counts for more",
        }[name]
    return {
        "delay": "whether the pose is listened to at the press, or three seconds later, for who needs both hands",
        "train": "learn from what was shown",
        "play": "let the poses move what they mean, or not",
        "take": "lead again what other hands have taken",
    }[name]


def _lesson_line(frame: PanelFrame) -> str:
    """What is known of the lesson, in one line."""
    teacher = frame.controller.teacher
    if len(teacher.lesson.aims) < 2:
        return "show at least two poses that mean different things"
    if teacher.learnt is None or teacher.stale:
        return "not learnt yet: press train" if teacher.learnt is None else "something was shown since: press train"
    learnt = teacher.learnt
    far = "show each twice to know how sure it is"
    if learnt.off is not None:
        far = f"{100 * learnt.off:.0f}% off the mark"
    state = teacher.poses.status if teacher.poses.on else "not playing"
    return f"learnt in {learnt.seconds:.1f} s  \u00b7  {far}  \u00b7  {state}"
