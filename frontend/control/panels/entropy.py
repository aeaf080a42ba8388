"""How undecided the mix is and how much the voices agree: as numbers, and traced over half a minute. UI thread only.

The entropy is that of the distribution that the next character will be drawn from, in bits; 0 is certainty. Agreement
is ``agreement`` of those who speak. The trace takes one reading a character set and keeps its time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from frontend.client.character_axis import Floats
from frontend.client.display_state import Memo
from frontend.control.drawing.canvas import Align, ImGuiCanvas, pack
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import panel
from frontend.control.panels.frame import PanelFrame
from frontend.look.theme import FIGURE, LABEL, SETTING, VALUE
from protocol.measures import Rows, agreement, entropy
from protocol.tree import SURPRISE

SPAN_S = 30.0
TOP_BITS = 4.5  # of the plot; more is clipped
SURPRISE_SMOOTHING = 0.02  # share of a new character in the trace of what the text had
MARK_BITS = (4, 2, 0)
MAX_POINTS = 2_048  # readings kept; 60 a second for half a minute fit
HEAD_DP = 38.0  # dp over the plot
AGREEMENT_SMOOTHING = (
    0.15  # share of a new reading in the trace of the agreement, which would flicker from letter to letter
)
TIP = (
    "entropy: how undecided the mix is, 0 bit certainty, 1 bit a coin, 4 bit sixteen equal wishes  \u00b7  "
    "agreement (grey ground): how much the voices want the same  \u00b7  surprise, where its fader is up: "
    "what is wanted (straight line) and what the last lines had, bits a character"
)


@dataclass
class EntropyPanel:
    name: str = "entropy"
    # times in seconds, bits, agreements, bits that the characters had
    _readings: Floats = field(default_factory=lambda: np.zeros((4, 2 * MAX_POINTS)))
    _seen: slice = field(default_factory=lambda: slice(0, 0))  # which of these are drawn
    _sequence: int = -2
    _rows: Memo[Rows] = field(default_factory=Memo)
    _measured: tuple[object, float, float] = (None, 0.0, 0.0)
    _touch: Touch = NO_TOUCH

    def touch(self, frame: PanelFrame) -> None:
        frame.head(self.name, frame.layout.entropy)
        self._touch = frame.tracker.area("entropy", frame.layout.entropy)
        if self._touch.right:
            frame.menu = "panel entropy"
        frame.tip(self._touch, TIP)

    def _read(self, frame: PanelFrame) -> tuple[float, float]:
        """The present entropy and agreement; one reading for each set, the last of them following the hands."""
        shown = frame.controller.readouts
        key = (shown.sequence, shown.joint.tobytes(), shown.weights.tobytes())
        if self._measured[0] != key:
            rows = self._rows.of(lambda: Rows.of(shown.distributions), shown.distributions)
            self._measured = (key, entropy(shown.joint), agreement(rows, shown.weights))
        _, bits, agreed = self._measured
        if shown.sequence != self._sequence:
            self._sequence = shown.sequence
            session = frame.controller.link.session
            self._note(frame.now, bits, agreed, session.surprise(session.length - 1))
        elif self._seen.stop > self._seen.start:
            self._readings[1, self._seen.stop - 1] = bits
        fresh = int(self._readings[0, self._seen].searchsorted(frame.now - SPAN_S))
        self._seen = slice(self._seen.start + fresh, self._seen.stop)
        return bits, agreed

    def _note(self, now: float, bits: float, agreed: float, had: float | None) -> None:
        """One reading more; the oldest goes where there are as many as are kept.

        ``had`` are the bits of the newest character, None where nobody knows.
        """
        start, stop = self._seen.start, self._seen.stop
        _, _, before, got = self._readings[:, stop - 1] if stop > start else (0.0, 0.0, agreed, had or 0.0)
        start = max(start, stop + 1 - MAX_POINTS)
        if stop == self._readings.shape[1]:
            self._readings[:, : stop - start] = self._readings[:, start:stop]
            start, stop = 0, stop - start
        got += SURPRISE_SMOOTHING * ((got if had is None else had) - got)
        self._readings[:, stop] = now, bits, before + AGREEMENT_SMOOTHING * (agreed - before), got
        self._seen = slice(start, stop + 1)

    def draw(self, frame: PanelFrame) -> None:
        canvas, rect = frame.canvas, frame.layout.entropy
        bits, agreed = self._read(frame)
        plotted = rect.h >= 80.0
        wanted = frame.controller.number(SURPRISE)
        got = f"  \u00b7  had {self._readings[3, self._seen.stop - 1]:.1f} of {wanted:.1f}" if wanted > 0.0 else ""
        numbers = f"{bits:.2f} bit{got}", f"{100 * agreed:.0f} %"
        canvas.kept("entropy", rect, lambda: panel(canvas, rect))
        with canvas.faded(0.5 if frame.controller.stale else 1.0):
            canvas.kept("entropy words", (rect, numbers), lambda: _draw_words(canvas, rect, plotted, *numbers))
        if plotted and self._seen.stop > self._seen.start:
            self._plot(frame)

    def _plot(self, frame: PanelFrame) -> None:
        canvas, chrome, rect = frame.canvas, frame.canvas.chrome, frame.layout.entropy
        left, right = rect.x + 36, rect.right - 16
        ground = rect.bottom - 11.0
        height = ground - rect.y - HEAD_DP - 1.5
        times, bits, agreed, had = self._readings[:, self._seen]
        xs = right - (frame.now - times) / SPAN_S * (right - left)
        with canvas.faded(0.5 if frame.controller.stale else 1.0):
            self._draw_agreement(frame, xs, ground - height * agreed, ground)
        canvas.kept("entropy marks", rect, lambda: _draw_marks(canvas, left, right, ground, height))
        wanted = frame.controller.number(SURPRISE)
        if wanted > 0.0:
            canvas.hair_h(left, right, ground - height * wanted / TOP_BITS, chrome.hi, 0.8)
            with canvas.faded(0.5 if frame.controller.stale else 1.0):
                canvas.polyline(
                    np.stack([xs, ground - np.minimum(had, TOP_BITS) / TOP_BITS * height], 1), chrome.hi, 0.9, 2.0
                )
        ys = ground - np.minimum(bits, TOP_BITS) / TOP_BITS * height
        with canvas.faded(0.5 if frame.controller.stale else 1.0):
            canvas.polyline(np.stack([xs, ys], 1), chrome.mid, 0.9, 1.25)
            canvas.disc(float(xs[-1]), float(ys[-1]), 3.5, chrome.hi)

    @staticmethod
    def _draw_agreement(frame: PanelFrame, xs: Floats, tops: Floats, ground: float) -> None:
        """A ground that rises with the agreement, all of the plot for 100 %."""
        boxes = np.stack([xs, tops, np.append(xs[1:], xs[-1]), np.full(len(xs), ground)], 1)
        frame.canvas.boxes(boxes, np.full(len(xs), pack(frame.canvas.chrome.off, 0.38), np.uint32))


def _draw_words(canvas: ImGuiCanvas, rect: Rect, plotted: bool, bits: str, agreed: str) -> None:
    chrome, bold = canvas.chrome, canvas.faces.bold
    base = rect.y + (26 if plotted else rect.h / 2 + 7)
    x = rect.x + 16 + canvas.text(rect.x + 16, base, "entropy", chrome.hi, VALUE, bold) + 10
    canvas.text(x, base, bits, chrome.hi, SETTING, bold)
    wide = canvas.text(rect.right - 16, base, agreed, chrome.hi, SETTING, bold, Align.RIGHT)
    wide += canvas.text(rect.right - 26 - wide, base, "agreement", chrome.low, LABEL, align=Align.RIGHT)
    if plotted:
        canvas.fill(rect.right - 46 - wide, base - 10, 10, 10, chrome.off, 0.7, 2)


def _draw_marks(canvas: ImGuiCanvas, left: float, right: float, ground: float, height: float) -> None:
    for mark in MARK_BITS:
        y = ground - height * mark / TOP_BITS
        canvas.hair_h(left, right, y, canvas.chrome.line, 0.6)
        canvas.text(left - 8, canvas.middle(y, FIGURE), str(mark), canvas.chrome.low, FIGURE, align=Align.RIGHT)
