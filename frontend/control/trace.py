"""How undecided the mix is and how much the voices agree: as numbers, and traced over half a minute. UI thread only.

The entropy is that of the distribution that the next character will be drawn from, in bits; 0 is certainty. Agreement
is ``agreement`` of those who speak. The trace takes one reading a character set and keeps its time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from frontend.control.axis import Floats
from frontend.control.draw import Align, pack
from frontend.control.frame import Frame
from frontend.control.hand import NOTHING, Touch
from frontend.control.shapes import panel
from frontend.theme import FIGURE, LABEL, SETTING, VALUE
from protocol.measures import agreement, entropy

SPAN = 30.0  # seconds
TOP_BITS = 4.5  # of the plot; more is clipped
MARKS = (4, 2, 0)
MOST = 2_048  # readings kept; 60 a second for half a minute fit
HEAD = 38.0  # dp over the plot
CALM = 0.15  # share of a new reading in the trace of the agreement, which would flicker from letter to letter
TIP = (
    "entropy: how undecided the mix is, 0 bit certainty, 1 bit a coin, 4 bit sixteen equal wishes  \u00b7  "
    "agreement (grey ground): how much the voices want the same"
)


@dataclass
class TracePanel:
    name: str = "entropy"
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=MOST))  # seconds
    _bits: deque[float] = field(default_factory=lambda: deque(maxlen=MOST))
    _agreed: deque[float] = field(default_factory=lambda: deque(maxlen=MOST))
    _sequence: int = -2
    _measured: tuple[object, float, float] = (None, 0.0, 0.0)
    _touch: Touch = NOTHING

    def touch(self, frame: Frame) -> None:
        frame.head(self.name, frame.layout.entropy)
        self._touch = frame.hand.area("entropy", frame.layout.entropy)
        if self._touch.right:
            frame.menu = "panel entropy"
        frame.tip(self._touch, TIP)

    def _read(self, frame: Frame) -> tuple[float, float]:
        """The present entropy and agreement; one reading for each set, the last of them following the hands."""
        shown = frame.desk.shown
        key = (shown.sequence, shown.joint.tobytes(), shown.weights.tobytes())
        if self._measured[0] != key:
            self._measured = (key, entropy(shown.joint), agreement(shown.wishes, shown.weights))
        _, bits, agreed = self._measured
        if shown.sequence != self._sequence:
            self._sequence = shown.sequence
            self._times.append(frame.now)
            self._bits.append(bits)
            before = self._agreed[-1] if self._agreed else agreed
            self._agreed.append(before + CALM * (agreed - before))
        elif self._bits:
            self._bits[-1] = bits
        while self._times and self._times[0] < frame.now - SPAN:
            for readings in (self._times, self._bits, self._agreed):
                readings.popleft()
        return bits, agreed

    def draw(self, frame: Frame) -> None:
        canvas, chrome, rect, bold = frame.canvas, frame.canvas.chrome, frame.layout.entropy, frame.canvas.faces.bold
        bits, agreed = self._read(frame)
        panel(canvas, rect)
        plotted = rect.h >= 80.0
        base = rect.y + (26 if plotted else rect.h / 2 + 7)
        with canvas.faded(0.5 if frame.desk.stale else 1.0):
            x = rect.x + 16 + canvas.text(rect.x + 16, base, "entropy", chrome.hi, VALUE, bold) + 10
            canvas.text(x, base, f"{bits:.2f} bit", chrome.hi, SETTING, bold)
            wide = canvas.text(rect.right - 16, base, f"{100 * agreed:.0f} %", chrome.hi, SETTING, bold, Align.RIGHT)
            wide += canvas.text(rect.right - 26 - wide, base, "agreement", chrome.low, LABEL, align=Align.RIGHT)
            if plotted:
                canvas.fill(rect.right - 46 - wide, base - 10, 10, 10, chrome.off, 0.7, 2)
        if plotted and self._times:
            self._plot(frame)

    def _plot(self, frame: Frame) -> None:
        canvas, chrome, rect = frame.canvas, frame.canvas.chrome, frame.layout.entropy
        left, right = rect.x + 36, rect.right - 16
        ground = rect.bottom - 11.0
        height = ground - rect.y - HEAD - 1.5
        xs = right - (frame.now - np.array(self._times)) / SPAN * (right - left)
        with canvas.faded(0.5 if frame.desk.stale else 1.0):
            self._draw_agreement(frame, xs, ground, height)
        for mark in MARKS:
            y = ground - height * mark / TOP_BITS
            canvas.hair_h(left, right, y, chrome.line, 0.6)
            canvas.text(left - 8, canvas.middle(y, FIGURE), str(mark), chrome.low, FIGURE, align=Align.RIGHT)
        ys = ground - np.minimum(self._bits, TOP_BITS) / TOP_BITS * height
        with canvas.faded(0.5 if frame.desk.stale else 1.0):
            canvas.polyline(np.stack([xs, ys], 1), chrome.mid, 0.9, 1.25)
            canvas.disc(float(xs[-1]), float(ys[-1]), 3.5, chrome.hi)

    def _draw_agreement(self, frame: Frame, xs: Floats, ground: float, height: float) -> None:
        """A ground that rises with the agreement, all of the plot for 100 %."""
        edges = np.append(xs, xs[-1])
        tops = ground - height * np.array(self._agreed)
        boxes = np.stack([edges[:-1], tops, edges[1:], np.full(len(xs), ground)], 1)
        frame.canvas.boxes(boxes, np.full(len(xs), pack(frame.canvas.chrome.off, 0.38), np.uint32))
