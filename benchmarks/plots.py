"""The plots of docs/performance.md, as SVG in the instrument's look. Figures in, bytes out; no thread of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from benchmarks.voices.plots import WIDE, draw
from frontend.look.theme import DARK

BLUE, AMBER, PINK, GREEN = "#4D8DFF", "#EFBC3A", "#FF5C9A", "#64B960"
STEP_LINES = {  # what people would use, and what there is: label, colour, by key
    "keras_ms": ("Keras, a network a voice", PINK),
    "loop_ms": ("PyTorch, a network a voice", AMBER),
    "step_ms": ("Antiphon", BLUE),
    "floor_ms": ("reading the weights once", DARK.mid),
}
AXIS_MARKS = [
    digit * 10**power for power in range(7) for digit in (1, 2, 5)
]  # on a logarithmic axis of a decade or two
CHARACTER_PERIOD_MS = 50.0  # at 20 characters a second


def plot_voices(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """What a character costs, by the number of voices awake; both axes logarithmic."""

    def picture(figure: Figure) -> None:
        axes = figure.subplots()
        counts = [row["voices"] for row in rows]
        for key, (label, colour) in STEP_LINES.items():
            if all(key in row for row in rows):
                style = (0, (4, 3)) if key == "floor_ms" else "-"
                axes.plot(counts, [row[key] for row in rows], "o", linestyle=style, color=colour, label=label)
        axes.axhline(CHARACTER_PERIOD_MS, color=DARK.low, linewidth=1)
        axes.annotate(
            "20 characters a second",
            (counts[0], CHARACTER_PERIOD_MS),
            xytext=(0, -4),
            textcoords="offset points",
            color=DARK.low,
            va="top",
        )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(counts, [str(count) for count in counts])
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_xlabel("voices awake")
        axes.set_ylabel("ms a character")
        axes.legend()

    return draw(WIDE * 0.75, 3.6, picture)


def plot_rooms(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """What many texts get together, by their number; both axes logarithmic."""

    def picture(figure: Figure) -> None:
        axes = figure.subplots()
        for key, label, colour in (
            ("all_cores", "together, on all cores", BLUE),
            ("one_core", "together, on one core", GREEN),
            ("processes", "a process for each", AMBER),
        ):
            points = [(row["texts"], row[key]) for row in rows if key in row]
            axes.plot(*zip(*points, strict=True), "o-", color=colour, label=label)
        counts = [row["texts"] for row in rows]
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(counts, [str(count) for count in counts])
        spread = [figure for row in rows for name, figure in row.items() if name != "texts"]
        marks = [mark for mark in AXIS_MARKS if min(spread) / 1.5 < mark < max(spread) * 1.5]
        axes.set_yticks(marks, [f"{mark:,}" for mark in marks])
        axes.minorticks_off()
        axes.set_xlabel("texts")
        axes.set_ylabel("characters a second, together")
        axes.legend()

    return draw(WIDE * 0.75, 3.6, picture)


def plot_rates(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """What the server takes of a core, and how late a weight may be heard, by characters a second."""

    def picture(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        counts = [row["rate"] for row in rows]
        left.plot(counts, [row["core_percent"] for row in rows], "o-", color=BLUE)
        left.set_ylabel("% of one core, all voices awake")
        right.plot(counts, [row["period_ms"] for row in rows], linestyle=(0, (4, 3)), color=DARK.mid, label="a period")
        right.plot(counts, [row["outside_p99_ms"] for row in rows], "o-", color=BLUE, label="heard, 99 in 100")
        right.plot(counts, [row["server_p99_ms"] for row in rows], "o-", color=GREEN, label="of it in the server")
        right.set_ylabel("ms from a weight being sent")
        right.set_yscale("log")
        right.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        right.legend()
        for axes in (left, right):
            axes.set_xlabel("characters a second")
            axes.set_xlim(left=0)
        left.set_ylim(bottom=0)

    return draw(WIDE, 3.2, picture)


def plot_jitter(clocks: Mapping[str, Mapping[str, Any]]) -> bytes:
    """How far intervals were from the period, one histogram for each circumstance on one axis."""

    def picture(figure: Figure) -> None:
        rows = figure.subplots(len(clocks), 1, sharex=True, squeeze=False)[:, 0]
        furthest = max(1.0, max(abs(np.asarray(found["jitter_ms"])).max() for found in clocks.values()))
        edges = np.linspace(-furthest, furthest, 162)
        for axes, (name, found) in zip(rows, clocks.items(), strict=True):
            axes.hist(np.asarray(found["jitter_ms"]), edges, color=BLUE if found["precedence"] else AMBER)
            axes.set_yscale("symlog", linthresh=1)
            axes.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
            axes.minorticks_off()
            axes.set_title(f"beside {name}: 99 in 100 within {found['p99_ms']:.2f} ms")
        rows[-1].set_xlabel("ms that an interval was longer (or shorter) than it should be")

    return draw(WIDE, 0.6 + 1.15 * len(clocks), picture)
