"""How undecided the mix is: the joint's entropy as a number and as a trace over half a minute. UI thread only.

The entropy is that of the distribution that the next character will be drawn from, in bits; 0 is certainty. The trace
takes one reading a character set and keeps its time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from frontend.control.axis import Floats
from frontend.control.draw import Align
from frontend.control.frame import Frame
from frontend.control.hand import NOTHING, Touch
from frontend.control.shapes import panel
from frontend.theme import FIGURE, LABEL, SETTING

SPAN = 30.0  # seconds
TOP_BITS = 4.5  # of the plot; more is clipped
MARKS = (4, 2, 0)
MOST = 2_048  # readings kept; 60 a second for half a minute fit


def entropy(p: Floats) -> float:
    """Shannon entropy of a distribution, in bits."""
    kept = p[p > 0.0]
    return float(max(0.0, -(kept * np.log2(kept)).sum()))


@dataclass
class TracePanel:
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=MOST))  # seconds
    _bits: deque[float] = field(default_factory=lambda: deque(maxlen=MOST))
    _sequence: int = -2
    _touch: Touch = NOTHING

    def touch(self, frame: Frame) -> None:
        self._touch = frame.hand.area("entropy", frame.layout.entropy)
        frame.tip(self._touch, "how undecided the mix is: 0 bit is certainty, 1 bit a coin, 4 bit sixteen equal wishes")

    def _read(self, frame: Frame) -> float:
        """The present entropy; one reading for each set, the last of them following the hands."""
        bits = entropy(frame.desk.shown.joint)
        if frame.desk.shown.sequence != self._sequence:
            self._sequence = frame.desk.shown.sequence
            self._times.append(frame.now)
            self._bits.append(bits)
        elif self._bits:
            self._bits[-1] = bits
        while self._times and self._times[0] < frame.now - SPAN:
            self._times.popleft()
            self._bits.popleft()
        return bits

    def draw(self, frame: Frame) -> None:
        canvas, chrome, rect, bold = frame.canvas, frame.canvas.chrome, frame.layout.entropy, frame.canvas.faces.bold
        bits = self._read(frame)
        panel(canvas, rect)
        with canvas.faded(0.5 if frame.desk.stale else 1.0):
            words = f"{bits:.2f} bit"
            base = rect.y + (26 if not frame.layout.compact else 33)
            wide = canvas.text(rect.right - 16, base, words, chrome.hi, SETTING, bold, Align.RIGHT)
        if frame.layout.compact:
            canvas.text(rect.x + 16, base, "entropy", chrome.hi, SETTING, bold)
            return
        canvas.text(rect.right - 16 - wide - 12, base, "last 30 s", chrome.low, LABEL, align=Align.RIGHT)
        canvas.text(rect.x + 16, rect.y + 26, "entropy", chrome.hi, 14, bold)
        left, right = rect.x + 36, rect.right - 16
        ground, height = rect.bottom - 11.0, 41.5
        for mark in MARKS:
            y = ground - height * mark / TOP_BITS
            canvas.hair_h(left, right, y, chrome.line, 0.6)
            canvas.text(left - 8, canvas.middle(y, FIGURE), str(mark), chrome.low, FIGURE, align=Align.RIGHT)
        if not self._times:
            return
        xs = right - (frame.now - np.array(self._times)) / SPAN * (right - left)
        ys = ground - np.minimum(self._bits, TOP_BITS) / TOP_BITS * height
        with canvas.faded(0.5 if frame.desk.stale else 1.0):
            canvas.polyline(np.stack([xs, ys], 1), chrome.mid, 0.9, 1.25)
            canvas.disc(float(xs[-1]), float(ys[-1]), 3.5, chrome.hi)
