"""A run's loss as a picture: an SVG beside the voice, and a few lines of Braille dots for a terminal.

Pure functions from points to text; no plotting library, no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 360  # of the picture, in its own units
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 52, 40  # its margins
GROUND, GRID, WORDS, READ = "#11141A", "#2B323D", "#A9B2C0", "#7E8898"
AXIS_MARGIN = 0.08  # of the range of losses, above and below the curves
SETTLED_SHARE = 0.02  # share of the run before which losses are too high to set the scale by
GRID_STEPS_BITS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)  # bits between two lines of the grid
GRID_LINES = 6  # of the grid, about

BRAILLE = 0x2800  # the empty cell; a cell is 2 dots wide and 4 high
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # bit of the dot in row, column of a cell


@dataclass(frozen=True)
class Point:
    """Losses in bits per character when ``share`` (0-1) of a run of so many ``seconds`` was done."""

    share: float
    seconds: float
    read: float  # on what is read, a running mean
    held_out: float


def scale(points: Sequence[Point]) -> tuple[float, float]:
    """The least and the greatest loss worth showing: the beginning, where a voice knows nothing, is cut off."""
    settled = [point for point in points if point.share >= SETTLED_SHARE] or list(points)
    losses = [loss for point in settled for loss in (point.read, point.held_out)]
    low, high = min(losses), max(losses)
    room = max(AXIS_MARGIN * (high - low), 0.02)
    return low - room, high + room


def braille(points: Sequence[Point], width: int, height: int) -> list[str]:
    """``height`` lines of ``width`` cells: the held-out loss over the whole run, what is still to come left empty."""
    cells = [[0] * width for _ in range(height)]
    if points:
        low, high = scale(points)
        before: tuple[int, int] | None = None
        for point in points:
            column = round(min(1.0, point.share) * (2 * width - 1))
            depth = min(1.0, max(0.0, (high - point.held_out) / (high - low)))
            row = round(depth * (4 * height - 1))
            for x, y in _between(before or (column, row), (column, row)):
                cells[y // 4][x // 2] |= DOTS[y % 4][x % 2]
            before = column, row
    return ["".join(chr(BRAILLE + cell) for cell in line) for line in cells]


def _between(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """The dots of a straight line, both ends included."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    return [
        (round(start[0] + (end[0] - start[0]) * i / steps), round(start[1] + (end[1] - start[1]) * i / steps))
        for i in range(steps + 1)
    ]


def svg(points: Sequence[Point], title: str, colour: str = "#4D8DFF") -> str:
    """The losses of a run as an SVG picture; raises ``ValueError`` where there are no points."""
    if not points:
        raise ValueError("a run without points has no curve")
    low, high = scale(points)
    end = max(points[-1].seconds, 1e-9)

    def place(seconds: float, loss: float) -> str:
        x = LEFT + (WIDTH - LEFT - RIGHT) * seconds / end
        y = TOP + (HEIGHT - TOP - BOTTOM) * min(1.0, max(0.0, (high - loss) / (high - low)))
        return f"{x:.1f},{y:.1f}"

    def text(x: float, y: float, words: str, anchor: str = "start", fill: str = WORDS) -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'

    def line(losses: Sequence[float], stroke: str, thick: float) -> str:
        path = " ".join(place(point.seconds, loss) for point, loss in zip(points, losses, strict=True))
        return f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="{thick}"/>'

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="Roboto, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{GROUND}"/>',
        text(LEFT, 30, title, fill="#E9EDF3"),
    ]
    step = next((step for step in GRID_STEPS_BITS if (high - low) / step <= GRID_LINES), GRID_STEPS_BITS[-1])
    mark = step * -(-low // step)
    while mark <= high:
        left, y = place(0.0, mark).split(",")
        parts.append(f'<path d="M{left} {y}H{WIDTH - RIGHT}" stroke="{GRID}"/>')
        parts.append(text(LEFT - 8, float(y) + 4, f"{mark:.2f}", "end"))
        mark += step
    base = HEIGHT - BOTTOM + 22
    parts.append(text(LEFT, base, "0:00"))
    parts.append(text(WIDTH - RIGHT, base, f"{clock(end)} of training", "end"))
    parts.append(text(WIDTH / 2, base, "bits per character: held out", "end", colour))
    parts.append(text(WIDTH / 2 + 5, base, "and read", fill=READ))
    parts.append(line([point.read for point in points], READ, 1.5))
    parts.append(line([point.held_out for point in points], colour, 2.0))
    best = min(points, key=lambda point: point.held_out)
    x, y = place(best.seconds, best.held_out).split(",")
    parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')
    return "\n".join([*parts, "</svg>", ""])


def clock(seconds: float) -> str:
    """Seconds as m:ss."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02}"
