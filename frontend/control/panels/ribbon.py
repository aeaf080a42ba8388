"""The ribbon under the text: who wrote the last minutes, as a streamgraph that goes on with the text. UI thread only.

A press, or a drag along it, brings that part of the text to the eye and puts the text's cursor there, from which it can
branch.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from frontend.control.drawing.canvas import ImGuiCanvas, pack_all, rgbs
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.panels.frame import PanelFrame
from frontend.look.ribbon import STRETCH_CHARS, Floats, Ribbon, bands

STRETCH_WIDTH_DP = 8.0
POINTS = 2  # of a stretch's outline
FAINTEST = 0.004  # of the ribbon's height, below which a band is not drawn
ALPHA = 0.85
SEEN_ALPHA = 0.5  # of the marks that show which part of the text is seen


@dataclass
class RibbonStrip:
    _ribbon: Ribbon = field(default_factory=Ribbon)
    _touch: Touch = NO_TOUCH
    _rows: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    _coming: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    _changes: int = 0

    def touch(self, frame: PanelFrame, rect: Rect) -> int | None:
        """The position of the text that the hand asks for, if it does."""
        touch = self._touch = frame.tracker.area("ribbon", rect)
        frame.tip(touch, "who wrote the last minutes  \u00b7  press: that part of it, and a cursor to branch from")
        if not (touch.pressed or (touch.held and touch.moved)):
            return None
        session = frame.controller.link.session
        back = (rect.right - frame.tracker.pointer.x) / STRETCH_WIDTH_DP * STRETCH_CHARS
        return min(session.length - 1, max(session.dropped, self._ribbon.end - round(back)))

    def draw(self, frame: PanelFrame, rect: Rect, seen: tuple[int, int] | None) -> None:
        """``seen`` are the first and the last position of the text that can be read above, where it was scrolled."""
        canvas, controller, session = frame.canvas, frame.controller, frame.controller.link.session
        count = max(1, int(rect.w / STRETCH_WIDTH_DP))
        rows = self._ribbon.follow(session.tints, session.dropped, session.revision, len(controller.cards), count)
        if rows is not self._coming:
            self._coming = rows  # it is drawn in the next frame: in this one there is a letter to be set, too
        elif rows is not self._rows:
            self._rows, self._changes = rows, self._changes + 1
        drawn = self._rows
        state = (rect, controller.colours, self._changes)
        canvas.kept("ribbon", state, lambda: draw_bands(canvas, rect, drawn, controller.colours))
        if seen is not None:
            x0, x1 = (
                max(rect.x, rect.right - (self._ribbon.end - position) / STRETCH_CHARS * STRETCH_WIDTH_DP)
                for position in seen
            )
            canvas.outline(x0, rect.y, max(4.0, x1 - x0), rect.h, canvas.chrome.hi, SEEN_ALPHA, 3)


def draw_bands(canvas: ImGuiCanvas, rect: Rect, rows: Floats, colours: tuple[str, ...]) -> None:
    """Each voice's band in its colour, in list order from above."""
    edges = bands(rows, POINTS)
    tall = edges[1:] - edges[:-1]  # (voices, points)
    voice, point = np.nonzero(tall > FAINTEST)
    w = STRETCH_WIDTH_DP / POINTS
    left = rect.right - (edges.shape[1] - point) * w
    middle, half = rect.y + rect.h / 2, rect.h / 2
    top, bottom = middle + half * edges[voice, point], middle + half * edges[voice + 1, point]
    inks = pack_all(rgbs(colours)[voice], np.full(len(voice), ALPHA))
    canvas.boxes(np.stack([left, top, left + w, bottom], -1), inks)
