"""The text as it is written: the last lines, each character in the colour of who is responsible. UI thread only.

Set by the stage's typesetter, so that nothing jumps; the colours are neither smoothed nor lifted. What was primed is
nobody's and stands in hi.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from frontend.colour import RGB, packed
from frontend.control.frame import Frame
from frontend.control.hand import NOTHING, Touch
from frontend.control.layout import Rect
from frontend.control.shapes import hatching, panel
from frontend.typeset import Line, Typesetter
from protocol.messages import Tint

SIZE, LEADING = 24.0, 32.0
AGES = (1.0, 1.0, 0.82, 0.62, 0.38)  # opacity by age; the line being written first
INSET = 24.0
CURSOR_W, CURSOR_H = 3.0, 24.0
_ALPHA_BITS = 24

Run = tuple[int, str, int]  # column, characters, colour without opacity


@dataclass
class TextPanel:
    _setter: Typesetter = field(default_factory=lambda: Typesetter(87))
    _runs: dict[tuple[int, int], list[Run]] = field(default_factory=dict)
    _touch: Touch = NOTHING

    def touch(self, frame: Frame) -> None:
        self._touch = frame.hand.area("text", frame.layout.text)

    def draw(self, frame: Frame) -> None:
        canvas, desk, layout = frame.canvas, frame.desk, frame.layout
        rect = layout.text
        panel(canvas, rect)
        em = canvas.em(SIZE)
        lines = 4 if layout.compact else 5
        cell = canvas.faces.mono.width("x", em)  # pixels
        columns = int((rect.w - 2 * INSET) * canvas.scale / cell)
        mirror = desk.link.mirror
        if columns != self._setter.columns:
            self._setter, self._runs = Typesetter(columns), {}
        self._setter.follow(mirror.text, mirror.dropped, mirror.revision)
        last = self._setter.lines[-lines:]
        runs = {
            (line.number, line.stamp): self._runs.get((line.number, line.stamp))
            or runs_of(line, mirror.tints, mirror.dropped, desk.palette.text)
            for line in last
        }
        self._runs = runs
        leading = (rect.h - 20) / lines if layout.compact else LEADING
        first = rect.y + (rect.h - leading * lines) / 2 + leading / 2 + 7.5
        with canvas.faded(0.5 if desk.stale else 1.0):
            for line in last:
                age = last[-1].number - line.number
                y = first + leading * (lines - 1 - age)
                alpha = round(255 * AGES[min(age, len(AGES) - 1)] * canvas.alpha) << _ALPHA_BITS
                top = round(y * canvas.scale) - canvas.faces.mono.sized(em).ascent
                left = round((rect.x + INSET) * canvas.scale)
                for column, characters, colour in runs[line.number, line.stamp]:
                    canvas.run(left + column * cell, top, characters, colour | alpha, em, canvas.faces.mono)
            x = rect.x + INSET + min(self._setter.column, columns) * cell / canvas.scale
            y = first + leading * (lines - 1)
            canvas.fill(x + 1, y - 19, CURSOR_W, CURSOR_H, canvas.chrome.hi)
        if desk.stale:
            hatching(canvas, Rect(rect.x + 1, rect.y + 1, rect.w - 2, rect.h - 2))


def runs_of(line: Line, tints: list[Tint], dropped: int, colour_of: Callable[[Tint], RGB]) -> list[Run]:
    """A line as stretches of one colour; ``colour_of`` gives a tint's colour as three bytes."""
    runs: list[Run] = []
    end = -1  # the column behind the last run
    for column, character, place in zip(line.columns, line.characters, line.places, strict=True):
        at = place - dropped
        ink = packed(colour_of(tints[at] if 0 <= at < len(tints) else ()), 0.0)
        if runs and runs[-1][2] == ink and column == end:
            runs[-1] = (runs[-1][0], runs[-1][1] + character, ink)
        else:
            runs.append((column, character, ink))
        end = column + 1
    return runs
