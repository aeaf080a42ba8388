"""The stage as the audience has it now: a small live picture, its state in words, and what can be done to it.

The picture is made of the boxes that the stage itself drew, letters as blocks of their size; so it is black, frozen or
crooked whenever the stage is. UI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from frontend.control.drawing.canvas import Align
from frontend.control.drawing.keymap import KeyAction
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring, panel, state_pill
from frontend.control.panels.frame import PanelFrame
from frontend.look.theme import LABEL, VALUE
from frontend.stage.boxes import Floats
from frontend.stage.staging import StageSnapshot

INSET, GAP = 12.0, 8.0
LARGEST_LETTER = 0.25  # of the stage's height, as wide as a letter can be
LETTER_ALPHA = 0.6  # of a letter's block: about as much as the letter covers of it
BUTTONS = {
    "black": (KeyAction.BLACKOUT, "black the stage out, or light it again; the text goes on  \u00b7  B"),
    "freeze": (KeyAction.FREEZE, "the stage's picture stands still, or goes on where the text is  \u00b7  V"),
    "move": (KeyAction.STAGE, "send the stage to the next screen, to a window, and back  \u00b7  F"),
}


@dataclass
class StagePanel:
    name: str = "stage"
    pressed: KeyAction | None = None  # which of the buttons was pressed in this frame
    _touches: dict[str, Touch] = field(default_factory=dict)
    _drawn: Floats = field(default_factory=lambda: np.zeros((0, 12), np.float32))  # the stage's boxes in the picture
    _changes: int = 0  # how often these became others

    def touch(self, frame: PanelFrame) -> None:
        rect = frame.layout.stage
        self.pressed = None
        for name, place in buttons(rect).items():
            act, words = BUTTONS[name]
            touch = self._touches[name] = frame.tracker.area(f"stage {name}", place, focusable=True)
            if frame.pressed(touch):
                self.pressed = act
            frame.tip(touch, words)
        ground = frame.tracker.area("stage", rect)
        if ground.right:
            frame.menu = "panel stage"
        frame.tip(ground, "the stage, as the audience sees it now")

    def draw(self, frame: PanelFrame) -> None:
        canvas, rect, staging = frame.canvas, frame.layout.stage, frame.controller.staging
        where = None if staging.shown is None else staging.shown.where
        hovers = tuple(frame.lit(f"stage {name}", touch) for name, touch in self._touches.items())
        state = (rect, staging.state, where, tuple(self._touches.values()), hovers)
        canvas.kept("stage", state, lambda: self._draw_all_but_the_picture(frame, rect, where))
        if staging.shown is not None:
            self._draw_picture(frame, picture(rect), staging.shown)

    def _draw_picture(self, frame: PanelFrame, room: Rect, shown: StageSnapshot) -> None:
        """The picture, worked out anew only when the stage has drawn another one."""
        if shown.boxes is not self._drawn and not np.array_equal(shown.boxes, self._drawn):
            self._changes += 1
        self._drawn = shown.boxes
        state = (room, self._changes, shown.width, shown.height, tuple(shown.ground), shown.light)
        frame.canvas.kept("stage picture", state, lambda: draw_picture(frame, room, shown))

    def _draw_all_but_the_picture(self, frame: PanelFrame, rect: Rect, where: str | None) -> None:
        canvas, chrome, staging = frame.canvas, frame.canvas.chrome, frame.controller.staging
        panel(canvas, rect)
        room = picture(rect)
        canvas.outline(room.x, room.y, room.w, room.h, chrome.off)
        x, y = room.right + 14, rect.y + 24
        if staging.state:
            state_pill(canvas, x, y, staging.state, chrome.warn)
        elif where is None:
            canvas.text(x, canvas.middle(y, VALUE), "no stage is open", chrome.mid, VALUE)
        else:
            canvas.disc(x + 4, y, 4, chrome.ok)
            right = x + 16 + canvas.text(x + 16, canvas.middle(y, VALUE), "stage", chrome.hi, VALUE, canvas.faces.bold)
            words = canvas.fitted(where, rect.right - INSET - right - 8, LABEL)
            canvas.text(right + 8, canvas.middle(y, LABEL), words, chrome.mid, LABEL)
        for name, place in buttons(rect).items():
            self._button(frame, name, place, {"black": staging.dark, "freeze": staging.frozen}.get(name, False))

    def _button(self, frame: PanelFrame, name: str, rect: Rect, on: bool) -> None:
        canvas, chrome, touch = frame.canvas, frame.canvas.chrome, self._touches.get(name, NO_TOUCH)
        if on:
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.warn, 1.0, 6)
        else:
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, frame.lit(f"stage {name}", touch), 6)
            canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.line, chrome.edge_alpha, 6)
        if touch.keyboard:
            focus_ring(canvas, rect, 8)
        x, y = rect.centre
        ink = chrome.bg0 if on else chrome.hi if touch.hot else chrome.mid
        face = canvas.faces.bold if on else canvas.faces.regular
        canvas.text(x, canvas.middle(y, LABEL, face), name, ink, LABEL, face, Align.CENTRE)


def picture(rect: Rect) -> Rect:
    """Where the picture stands in the panel, 16 wide to 9 high."""
    h = rect.h - 2 * INSET
    w = min(h * 16 / 9, rect.w * 0.5)
    return Rect(rect.x + INSET, rect.y + INSET, w, h)


def buttons(rect: Rect) -> dict[str, Rect]:
    left = picture(rect).right + 14
    w, h = (rect.right - INSET - left - 2 * GAP) / 3, min(34.0, rect.h - 52.0)
    y = rect.bottom - INSET - h
    return {name: Rect(left + (w + GAP) * place, y, w, h) for place, name in enumerate(BUTTONS)}


def draw_picture(frame: PanelFrame, room: Rect, shown: StageSnapshot) -> None:
    """``shown``, as large as ``room`` allows, its proportions kept."""
    canvas, chrome = frame.canvas, frame.canvas.chrome
    scale = min(room.w / shown.width, room.h / shown.height)
    w, h = shown.width * scale, shown.height * scale
    x, y = room.x + (room.w - w) / 2, room.y + (room.h - h) / 2
    red, green, blue = (round(255 * each) for each in shown.ground)
    canvas.fill(x, y, w, h, f"#{red:02X}{green:02X}{blue:02X}")
    edges, inks = blocks(without_glows(shown.boxes, LARGEST_LETTER * shown.height), shown.light)
    if len(edges):
        least = 1.0 / canvas.scale
        edges = edges * scale + (x, y, x, y)
        edges[:, 2:] = np.maximum(edges[:, 2:], edges[:, :2] + least)
        edges[:, 0::2] = np.clip(edges[:, 0::2], x, x + w)
        edges[:, 1::2] = np.clip(edges[:, 1::2], y, y + h)
        canvas.boxes(edges, inks)
    canvas.outline(x, y, w, h, chrome.off, 0.8)


def without_glows(boxes: Floats, widest: float) -> Floats:
    """The stage's boxes without what is no letter, for it is wider, and has no edge: as a block it would have one."""
    soft = (boxes[:, 4:6] != boxes[:, 6:8]).any(1)
    kept: Floats = boxes[~soft | (boxes[:, 2] - boxes[:, 0] <= widest)]
    return kept


def blocks(boxes: Floats, light: float) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    """The stage's boxes (n, 12) as filled rectangles: edges (n, 4) in its pixels, inks (n,) as ImGui packs them.

    A letter becomes the block that it stands in, fainter, since it covers only a part of it.
    """
    rgba = np.clip(boxes[:, 8:12], 0.0, 1.0)
    letter = (boxes[:, 4:6] != boxes[:, 6:8]).any(1)
    alpha = rgba[:, 3] * light * np.where(letter, LETTER_ALPHA, 1.0)
    levels = np.rint(255.0 * np.column_stack([rgba[:, :3], alpha])).astype(np.uint32)
    inks = levels[:, 3] << 24 | levels[:, 2] << 16 | levels[:, 1] << 8 | levels[:, 0]
    return boxes[:, :4].astype(np.float64), inks.astype(np.uint32)
