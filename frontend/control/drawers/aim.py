"""Where the text is to go: words that draw it, letters that never come, an acrostic, a phrase to arrive at; and what
rewinds left, to be returned to. UI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from frontend.control.drawers.drawer import HEAD_DP, Drawer, NameLine, button
from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.puck_geometry import PuckSlider
from frontend.control.panels.puck_view import draw_slider
from frontend.control.state.edits import ControlRange
from frontend.look.theme import CAPTION, LABEL, VALUE
from protocol.messages import BranchKept
from protocol.tree import ACROSTIC, ATTRACT, ATTRACTION, AVOID, CONCEPT, OPENING

ROW_DP = 40.0  # from one line to type in to the next
LABEL_DP = 108.0
LINE_DP = 28.0
BRANCH_DP = 30.0
LEAST_CHARS, MOST_CHARS = 20, 600  # within which a phrase is to be reached
LINES = {  # parameter -> its name here, what an empty line shows, what the tip says
    ATTRACT: ("drawn to", "words, or letters\u2026", "the text is drawn to these words and letters"),
    AVOID: ("never", "letters\u2026", "these letters never come"),
    OPENING: (
        "begins",
        "a first line\u2026",
        "what the text begins with after a reset; scenes keep it; none: one that ships",
    ),
    ACROSTIC: ("acrostic", "a word\u2026", "what the lines' first letters spell, again and again"),
}
PHRASE = "phrase"


@dataclass
class AimDrawer(Drawer):
    name: str = "aim"
    phrase: str = ""
    chars: int = 160
    _line: NameLine = field(default_factory=NameLine)
    _touches: dict[str, Touch] = field(default_factory=dict)
    _strength: Touch = NO_TOUCH
    _within: Touch = NO_TOUCH
    _concept: Touch = NO_TOUCH

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        if not self.open:
            self._line.editing, self.typing = None, False
            return
        controller, tracker = frame.controller, frame.tracker
        for key, rect in self._boxes(frame).items():
            touch = self._touches[key] = tracker.area(f"aim {key}", rect, focusable=True)
            if frame.pressed(touch) and self._line.editing != key:
                self._line.begin(key, self.phrase if key == PHRASE else controller.text(key))
            frame.tip(touch, LINES[key][2] if key in LINES else "a phrase that the text is to come to, word for word")
        slider = self._slider(frame, 1)
        travel = ControlRange.of(controller.parameter(ATTRACTION), 0.5)
        self._strength = frame.slide("aim strength", ATTRACTION, slider.grasp, slider.way, travel)
        concept = self._slider(frame, 7)
        away = ControlRange.of(controller.parameter(CONCEPT), 0.5)
        self._concept = frame.slide("aim concept", CONCEPT, concept.grasp, concept.way, away)
        self._touch_within(frame)
        go = self._touches["arrive"] = tracker.area("aim arrive", self._button(frame), focusable=True)
        if frame.pressed(go):
            coming = controller.link.session.arriving.phrase
            controller.arrive("" if coming else self.phrase, self.chars)
        frame.tip(go, "let the text come there; a fader that moves makes another plan")
        for branch, rect in self._branches(frame):
            key = f"branch {branch.number}"
            touch = self._touches[key] = tracker.area(key, rect, focusable=True)
            if frame.pressed(touch):
                controller.return_to(branch.number)
            frame.tip(touch, "put this back; what stands there now is kept in its place")
        self.typing = self._line.editing is not None
        self.touch_ground(frame)

    def _touch_within(self, frame: PanelFrame) -> None:
        """The slider that says within how many characters the phrase is to come."""
        slider = self._slider(frame, 5)
        touch = self._within = frame.tracker.area("aim within", slider.grasp, focusable=True)
        share = frame.moved(touch, self._share, slider.way, upright=False)
        if touch.pressed and not touch.shift:
            share = frame.tracker.grip = (frame.tracker.pointer.x - slider.grasp.x) / slider.way
        if share is not None:
            wide = MOST_CHARS - LEAST_CHARS
            self.chars = 10 * round((LEAST_CHARS + wide * min(1.0, max(0.0, share))) / 10)
        frame.tip(touch, "within so many characters the phrase is to stand")

    @property
    def _share(self) -> float:
        return (self.chars - LEAST_CHARS) / (MOST_CHARS - LEAST_CHARS)

    def _row(self, frame: PanelFrame, row: int) -> Rect:
        rect = frame.layout.drawer
        return Rect(rect.x + 20, rect.y + HEAD_DP + row * ROW_DP, rect.w - 40, LINE_DP)

    def _boxes(self, frame: PanelFrame) -> dict[str, Rect]:
        """Where each line is typed."""
        places = {ATTRACT: 0, AVOID: 2, ACROSTIC: 3, PHRASE: 4, OPENING: 8}
        rows = {key: self._row(frame, row) for key, row in places.items()}
        return {key: Rect(row.x + LABEL_DP, row.y, row.w - LABEL_DP, LINE_DP) for key, row in rows.items()}

    def _slider(self, frame: PanelFrame, row: int) -> PuckSlider:
        rect = self._row(frame, row)
        way = rect.w - LABEL_DP - 52
        return PuckSlider(Rect(rect.x + LABEL_DP, rect.y + 1, way, 26), way)

    def _button(self, frame: PanelFrame) -> Rect:
        rect = self._row(frame, 6)
        return Rect(rect.x + LABEL_DP, rect.y, 110, LINE_DP)

    def _branches(self, frame: PanelFrame) -> list[tuple[BranchKept, Rect]]:
        """What rewinds left, the newest first, as far as there is room."""
        rect, top = frame.layout.drawer, self._row(frame, 9).y + 34
        room = int((rect.bottom - 12 - top) / BRANCH_DP)
        newest = list(reversed(frame.controller.link.session.branches))[: max(0, room)]
        return [
            (branch, Rect(rect.x + 20, top + place * BRANCH_DP, rect.w - 40, BRANCH_DP - 4))
            for place, branch in enumerate(newest)
        ]

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        self.draw_ground(frame, "aim")
        for key, box in self._boxes(frame).items():
            self._draw_line(frame, key, box)
        canvas, controller = frame.canvas, frame.controller
        strength = controller.number(ATTRACTION)
        draw_slider(
            canvas, self._slider(frame, 1), "strength", f"{100 * strength:.0f} %", strength, self._strength, True
        )
        draw_slider(canvas, self._slider(frame, 5), "within", f"{self.chars}", self._share, self._within, True)
        concept = controller.number(CONCEPT)
        draw_slider(canvas, self._slider(frame, 7), "concept", f"{100 * concept:.0f} %", concept, self._concept, True)
        coming = controller.link.session.arriving
        words = "let it go" if coming.phrase else "arrive"
        place = self._button(frame)
        button(frame, "aim arrive", place, self._touches.get("arrive", NO_TOUCH), words, bool(coming.phrase))
        if coming.phrase:
            away = f"{coming.chars} characters away" if coming.chars >= 0 else "looking for a way\u2026"
            canvas.text(place.right + 14, canvas.middle(place.centre[1], LABEL), away, canvas.chrome.mid, LABEL)
        self._draw_branches(frame)

    def _draw_line(self, frame: PanelFrame, key: str, box: Rect) -> None:
        canvas, chrome, controller = frame.canvas, frame.canvas.chrome, frame.controller
        name, empty = LINES[key][:2] if key in LINES else ("arrive at", "a phrase\u2026")
        touch = self._touches.get(key, NO_TOUCH)
        y = canvas.middle(box.centre[1], LABEL)
        canvas.text(box.x - 12, y, name, chrome.low, LABEL, align=Align.RIGHT)
        if (said := self._line.draw(canvas, key, box)) is not None:
            if key == PHRASE:
                self.phrase = said
            else:
                controller.set(key, said)
        if self._line.editing == key:
            return
        canvas.fill(box.x, box.y, box.w, box.h, chrome.bg0, 1.0, 4)
        canvas.outline(box.x, box.y, box.w, box.h, chrome.mid if touch.hot else chrome.off, 1.0, 4)
        if touch.keyboard:
            focus_ring(canvas, box)
        words = self.phrase if key == PHRASE else controller.text(key)
        room = int((box.w - 20) / (LABEL * 0.62))
        shown = words if len(words) <= room else words[: room - 1] + "\u2026"
        canvas.text(box.x + 10, y, shown or empty, chrome.hi if words else chrome.low, LABEL)

    def _draw_branches(self, frame: PanelFrame) -> None:
        canvas, chrome = frame.canvas, frame.canvas.chrome
        head = self._row(frame, 9)
        canvas.text(head.x, head.y + 20, "left behind", chrome.hi, VALUE, canvas.faces.bold)
        branches = self._branches(frame)
        if not branches:
            words = "what a rewind takes back is kept here"
            canvas.text(head.x + LABEL_DP, head.y + 20, words, chrome.low, CAPTION)
        for branch, rect in branches:
            touch = self._touches.get(f"branch {branch.number}", NO_TOUCH)
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 1.0, 4)
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.line, frame.hover(f"branch {branch.number}", touch), 4)
            if touch.keyboard:
                focus_ring(canvas, rect)
            room = int((rect.w - 96) / (LABEL * 0.62))
            words = " ".join(branch.text.split())
            shown = words if len(words) <= room else words[: room - 1] + "\u2026"
            y = canvas.middle(rect.centre[1], LABEL)
            canvas.text(rect.x + 10, y, shown, chrome.hi if touch.hot else chrome.mid, LABEL)
            canvas.text(rect.right - 10, y, f"{branch.length}", chrome.low, CAPTION, align=Align.RIGHT)
