"""`antiphon bench report`: every benchmark in one run, and docs/performance.md made anew from what they found.

Plots and page are pure: figures in, SVG and Markdown out. Runs on the caller's thread; the benchmarks start servers and
front ends of their own.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import clock, frames, latency, rooms, start, step, together, wake
from benchmarks.machine import describe
from benchmarks.voices.markdown import maybe, table
from frontend.look.theme import DARK
from protocol.atomic_file import write_atomically
from protocol.errors import AntiphonError

# ---- plots: figures in, SVG out --------------------------------------------------------------------------------------

BLUE, AMBER, PINK, GREEN = "#4D8DFF", "#EFBC3A", "#FF5C9A", "#64B960"
STEP_LINES = {  # what people would use, and what there is: label, colour, by key
    "keras_ms": ("Keras, a network a voice", PINK),
    "loop_ms": ("PyTorch, a network a voice", AMBER),
    "step_ms": ("Antiphon", BLUE),
    "floor_ms": ("reading the weights once", DARK.mid),
}
# on a logarithmic axis of a decade or two
AXIS_MARKS = [digit * 10**power for power in range(7) for digit in (1, 2, 5)]
CHARACTER_PERIOD_MS = 50.0  # at 20 characters a second


def plot_voices(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """What a character costs, by the number of voices awake; both axes logarithmic."""

    def picture(figure: Any) -> None:
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

    return _drawn(0.75, 3.6, picture)


def plot_rooms(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """What many texts get together, by their number; both axes logarithmic."""

    def picture(figure: Any) -> None:
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

    return _drawn(0.75, 3.6, picture)


def plot_rates(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """What the server takes of a core, and how late a weight may be heard, by characters a second."""

    def picture(figure: Any) -> None:
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

    return _drawn(1.0, 3.2, picture)


def plot_jitter(clocks: Mapping[str, Mapping[str, Any]]) -> bytes:
    """How far intervals were from the period, one histogram for each circumstance on one axis."""

    def picture(figure: Any) -> None:
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

    return _drawn(1.0, 0.6 + 1.15 * len(clocks), picture)


DOCS = Path(__file__).parents[1] / "docs"
FIGURES_FILE = "figures.json"  # what the page is made from, beside its pictures; `--only` goes on from it

Figures = dict[str, Any]


@dataclass(frozen=True)
class Scale:
    """How long each benchmark takes its time: seconds, numbers of times, hours of text."""

    clock: float
    latency: float
    rates: tuple[float, ...]
    wakings: int
    starts: int
    frames: float
    hours: float
    voices: tuple[int, ...]
    rounds: int
    rooms: float
    together: float


FULL = Scale(
    60.0, 12.0, (5.0, 10.0, 20.0, 40.0, 60.0), 5, 5, 10.0, 24.0, step.VOICES, step.ROUNDS, rooms.STEPPING_S, 30.0
)
QUICK = Scale(10.0, 4.0, (10.0, 20.0, 60.0), 1, 2, 4.0, 1.0, (1, 6, 24, 96), 10, 1.0, 10.0)
CLOCKS = (  # name, front end, control messages a second, whether the server goes before all else
    ("nobody else", "none", 0, True),
    ("the front end", "window", 0, True),
    ("the front end and 10,000 control messages a second", "window", 10_000, True),
    ("the front end, and no precedence", "window", 0, False),
)
PARTS: dict[str, tuple[str, Callable[[Scale], Any]]] = {  # by the name of the benchmark: what it asks, how it is run
    "step": ("what a character costs, by voices awake", lambda scale: step.measure(scale.voices, rounds=scale.rounds)),
    "rooms": ("what many texts get together", lambda scale: rooms.measure(seconds=scale.rooms)),
    "start": ("from the command to the first character", lambda scale: start.measure(scale.starts)),
    "latency": (
        "from a weight sent to the character drawn with it",
        lambda scale: latency.measure(scale.latency, scale.rates),
    ),
    "clock": (
        "how evenly characters come, in four circumstances",
        lambda scale: {
            name: clock.measure(scale.clock, 20.0, flood, front_end, precedence)
            for name, front_end, flood, precedence in CLOCKS
        },
    ),
    "wake": ("whether voices that slept hold up the text", lambda scale: wake.measure(times=scale.wakings)),
    "frames": ("what the windows cost", lambda scale: frames.measure(scale.frames, scale.hours)),
    "together": (
        "what a whole performance takes, with and without processes in reserve",
        lambda scale: {
            name: together.measure(scale.together, lean) for name, lean in (("whole", False), ("lean", True))
        },
    ),
}


def report(quick: bool, into: Path | None, only: Sequence[str], tell: Callable[[str], None]) -> Path:
    """Measure, write page, pictures and figures into the folder ``into`` (default: docs/); the page.

    With ``only`` these parts are measured, and the figures of the others stay what they were. ``tell`` is given a line
    before each part. Raises ``AntiphonError`` where one cannot run, or where there are no figures that could stay.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise AntiphonError("the page's plots are made with matplotlib: pip install 'antiphon[report]'")

    folder = into or DOCS
    file = folder / "performance" / FIGURES_FILE
    figures = _kept(file) if only else {}
    for name in only or PARTS:
        if name not in PARTS:
            raise AntiphonError(f"there is no part {name!r}: {', '.join(PARTS)}")
        asks, run = PARTS[name]
        tell(f"{name}: {asks}")
        machine = describe()  # before it: its load
        figures[name] = run(QUICK if quick else FULL)
        hasty = {part for part in figures.get("quick", ()) if part != name}
        figures |= {"machine": machine, "quick": sorted(hasty | ({name} if quick else set()))}
        write_atomically(file, _lines(figures))
    if missing := [name for name in PARTS if name not in figures]:
        raise AntiphonError(f"kept; the page waits for --only {' --only '.join(missing)}")
    return write(figures, folder)


def _kept(file: Path) -> Figures:
    """The figures of an earlier run; none where there was none."""
    try:
        figures: Figures = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    return figures


def _lines(figures: Figures) -> bytes:
    """JSON with a line for each part."""
    parts = ",\n".join(f"{json.dumps(name)}: {json.dumps(part)}" for name, part in figures.items())
    return f"{{\n{parts}\n}}\n".encode()


def _drawn(width: float, height: float, picture: Callable[[Any], None]) -> bytes:
    """The SVG that ``picture`` draws on a figure; ``width`` is a share of a page's. Loads matplotlib."""
    from benchmarks.voices.plots import WIDE, draw

    return draw(WIDE * width, height, picture)


# ---- the page: figures in, Markdown out ------------------------------------------------------------------------------

Rows = Sequence[Mapping[str, Any]]


def write(figures: Mapping[str, Any], folder: Path) -> Path:
    """Put the page and its pictures into ``folder``; the page."""
    pictures = {
        "voices": plot_voices(figures["step"]["rows"]),
        "rates": plot_rates(figures["latency"]["rows"]),
        "rooms": plot_rooms(figures["rooms"]["rows"]),
        "jitter": plot_jitter(figures["clock"]),
    }
    for name, picture in pictures.items():
        write_atomically(folder / "performance" / f"{name}.svg", picture)
    page = folder / "performance.md"
    write_atomically(page, page_text(figures))
    return page


def page_text(figures: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    machine = figures["machine"]
    memory = f"{int(machine['memory'].split()[0]) / 1e6:.0f} GB" if machine["memory"] else "unknown memory"
    return f"""# How fast, how even, how soon

<!-- written by `antiphon bench report`, which measures all of this anew; do not edit by hand -->
Measured by `antiphon bench report`{_hasty(figures["quick"])}: {machine["processor"]},
{machine["cores"]} cores, {memory}, {machine["system"]}, Python {machine["python"]}, PyTorch {machine["torch"]}.
Times depend on the machine; what was asked for and the ratios are the point. Each part can be measured alone:
`antiphon bench --help`. [The figures themselves](performance/figures.json) tell how loaded the machine was before each.

{_asked(figures)}
## A character's cost

All voices awake read one character (`step`); beside it the time in which the bytes of their weights are read once,
which no arithmetic can undercut (`floor`), and what people would use: a `torch.nn.LSTM` a voice in a
loop{_keras(figures)}.
{figures["step"]["shape"]}, medians of {figures["step"]["rounds"]}, in ms.

{_steps(figures["step"]["rows"])}
![What a character costs, by voices awake](performance/voices.svg)

## Many texts

Texts that step together share one reading of the voices' weights (`rooms`). All {figures["rooms"]["voices"]} voices are
awake in each. Characters a second of all texts together; beside them as many processes with voices of their own.

{_rooms(figures["rooms"]["rows"])}
![Characters a second, by the number of texts](performance/rooms.svg)

## From the hand to the letter

A weight is moved at random moments while all voices are awake; each character's joint distribution says with which
weight it was drawn. *In the server*: from the weight's arrival to the draw that it decides, but for the time until
that draw is due. *Heard*: from the datagram being sent to the first `/text/char` drawn with it; a weight that comes
just after a draw waits for the next, so a period is the least that can be promised. 99 in 100, in ms.

{_latencies(figures["latency"]["rows"])}
![What the server takes, and how soon a weight is heard, by characters a second](performance/rates.svg)

## Evenness

20 characters a second, all voices awake. The jitter of an interval is how far it is from 50 ms; a datagram is dated by
the system as it is handed over.

{_clocks(figures["clock"])}
![Histograms of the jitter](performance/jitter.svg)

Where the system lets it, the server goes before all else that is ordinary (`antiphon serve --no-precedence` does not).
Linux lets root, and users whose limits say `rtprio`: members of the group `audio` where JACK was set up for it, or a
line such as `@audio - rtprio 95` in `/etc/security/limits.d/audio.conf`. Without it the characters are as even as the
other work on the machine leaves them, which the last row shows.

## Voices that wake

Voices that slept read the last {figures["wake"]["reads"]} characters between the others' characters, and join. In ms;
the jitter is that of the text meanwhile.

{_wakes(figures["wake"]["rows"])}
## Start and memory

{_start(figures["start"])}
## Frames

{_frames(figures["frames"])}
## Everything together

{_together(figures["together"])}"""


# ---- what was asked for ------------------------------------------------------------------------------------------


def _asked(figures: Mapping[str, Any]) -> str:
    """What the instrument was asked to reach, and what it reached."""
    step = {row["voices"]: row for row in figures["step"]["rows"]}[24]
    rows = figures["latency"]["rows"]
    clocks = list(figures["clock"].values())
    _, played, flooded, _ = clocks
    wakes, start, frames = figures["wake"]["rows"], figures["start"], figures["frames"]
    whole = figures["together"]["whole"]
    server = max(row["server_p99_ms"] for row in rows)
    beyond = max(row["beyond_a_period_ms"] for row in rows)
    asked = [
        ("24 voices, against PyTorch networks in a loop", "10 x", *_at_least(step["loop_ms"] / step["step_ms"], 10)),
        ("24 voices, against reading their bytes", "1.5 x", *_at_most(step["step_ms"] / step["floor_ms"], 1.5, "x")),
        ("weight to draw, in the server, p99, any rate", "2 ms", *_at_most(server, 2.0)),
        ("weight to character beyond a period, p99, any rate", "5 ms", *_at_most(beyond, 5.0)),
        ("jitter with the front end, p99", "3 ms", *_at_most(played["p99_ms"], 3.0)),
        ("jitter under 10,000 messages a second, p99", "5 ms", *_at_most(flooded["p99_ms"], 5.0)),
        ("worst interval while ten voices wake", "5 ms late", *_at_most(max(row["worst_ms"] for row in wakes), 5.0)),
        ("start to the first character", "3 s", *_at_most(start["first_char_ms"], 3000.0)),
        ("resident memory of the server", "700 MB", *_at_most(start["rss_mb"], 700.0, "MB")),
        ("frame of the control window, median", "4 ms", *_at_most(frames["control_p50_ms"], 4.0)),
        ("frame of the control window, p99", "8 ms", *_at_most(frames["control_p99_ms"], 8.0)),
        ("frame of the stage, median", "1.5 ms", *_at_most(frames["stage_p50_ms"], 1.5)),
        ("a whole performance, of all processors", "60 %", *_at_most(whole["machine_percent"], 60.0, "%")),
        ("its memory, with processes in reserve", "1600 MB", *_at_most(whole["memory_mb"], 1600.0, "MB")),
        ("its memory, lean", "800 MB", *_at_most(figures["together"]["lean"]["memory_mb"], 800.0, "MB")),
    ]
    return table(["", "asked for", "measured", ""], asked, "lrrl")


def _at_most(found: float | None, limit: float, unit: str = "ms") -> tuple[str, str]:
    if found is None:
        return "unknown", ""
    return f"{found:.4g} {unit}", "reached" if found <= limit else "not reached"


def _at_least(found: float, limit: float) -> tuple[str, str]:
    return f"{found:.4g} x", "reached" if found >= limit else "not reached"


def _hasty(parts: Sequence[str]) -> str:
    return f" (with `--quick`: {', '.join(parts)})" if parts else ""


# ---- the tables --------------------------------------------------------------------------------------------------


def _keras(figures: Mapping[str, Any]) -> str:
    has = all("keras_ms" in row for row in figures["step"]["rows"])
    return ", or one in Keras that carries its state" if has else " (Keras was not installed)"


def _steps(rows: Rows) -> str:
    heads = ["voices", "step", "floor", "loop", "step / floor", "loop / step"]
    with_keras = all("keras_ms" in row for row in rows)
    lines = []
    for row in rows:
        step, floor, loop = row["step_ms"], row["floor_ms"], row["loop_ms"]
        times = [f"{ms:.2f}" for ms in (step, floor, loop)]
        cells = [str(row["voices"]), *times, f"{step / floor:.2f}", f"{loop / step:.1f}"]
        lines.append([*cells, *([f"{row['keras_ms']:.2f}"] if with_keras else [])])
    return table([*heads, *(["Keras"] if with_keras else [])], lines, "r" * (6 + with_keras))


def _rooms(rows: Rows) -> str:
    keys = ("one_core", "all_cores", "processes")
    lines = [[str(row["texts"]), *(maybe(row.get(key), ",.0f") for key in keys)] for row in rows]
    return table(["texts", "on one core", "on all cores", "a process for each"], lines, "rrrr")


def _latencies(rows: Rows) -> str:
    heads = ["characters/s", "moves", "arrival", "draw", "in the server", "period", "heard", "heard beyond a period"]
    keys = ("arrival_p99_ms", "commit_p99_ms", "server_p99_ms", "period_ms", "outside_p99_ms", "beyond_a_period_ms")
    lines = [[f"{row['rate']:g}", str(row["heard"]), *(f"{row[key]:.2f}" for key in keys)] for row in rows]
    return table(heads, lines, "r" * len(heads))


def _clocks(clocks: Mapping[str, Mapping[str, Any]]) -> str:
    heads = ["beside", "precedence", "characters", "median ms", "p99 ms", "worst ms", "late in the server p99 ms"]
    heads += ["drift ms", "MB before", "MB after"]
    lines = []
    for name, found in clocks.items():
        times = [f"{found[key]:.2f}" for key in ("p50_ms", "p99_ms", "worst_ms", "server_p99_ms", "drift_ms")]
        memory = ["" if found[key] is None else f"{found[key]:.1f}" for key in ("rss_before_mb", "rss_mb")]
        lines.append([name, "yes" if found["precedence"] else "no", str(found["characters"]), *times, *memory])
    return table(heads, lines, "ll" + "r" * (len(heads) - 2))


def _wakes(rows: Rows) -> str:
    heads = ["waking", "playing", "all joined after", "median jitter", "p99", "worst"]
    keys = ("joined_ms", "p50_ms", "p99_ms", "worst_ms")
    lines = [[str(row["waking"]), str(row["playing"]), *(f"{row[key]:.2f}" for key in keys)] for row in rows]
    return table(heads, lines, "r" * len(heads))


def _start(start: Mapping[str, Any]) -> str:
    held = start["rss_mb"]
    window = ""
    if "window_ms" in start:
        window = (
            f" From `antiphon play` its window is there after {start['window_ms'] / 1e3:.2f} s and has voices in it "
            f"after {start['playing_ms'] / 1e3:.2f} s."
        )
    memory = "" if held is None else f" With all {start['voices']} voices awake it holds {held:.0f} MB."
    return (
        f"`antiphon serve` listens after {start['listening_ms'] / 1e3:.2f} s and has written its first character "
        f"after {start['first_char_ms'] / 1e3:.2f} s (medians of {start['starts']} starts, the files in the "
        f"system's cache).{memory}{window}\n"
    )


def _frames(frames: Mapping[str, Any]) -> str:
    lines = [
        [name, *(f"{frames[f'{key}_{share}_ms']:.2f}" for share in ("p50", "p99"))]
        for name, key in (("control window", "control"), ("stage", "stage"))
    ]
    before, after = frames["rss_before_mb"], frames["rss_mb"]
    alone = ""
    if "toolkit_p50_ms" in frames:
        alone = (
            f"Dear ImGui with ImPlot needs {frames['toolkit_p50_ms']:.2f} ms here for {frames['voices']} x 128 bars "
            f"alone: the control window is {frames['control_p50_ratio']:.2f} times that at the median and "
            f"{frames['control_p99_ratio']:.2f} at p99, the stage {frames['stage_p50_ratio']:.2f}.\n"
        )
    grown = "memory unknown" if after is None else f"{before} MB before, {after} MB after"
    return (
        f"Processor time of building a frame of {frames['width']} x {frames['height']} before {frames['voices']} "
        f"distributions and {frames['characters']:,} characters, {frames['frames']} frames, in ms; in the control "
        "window datagrams are decoded and a fader moves meanwhile.\n\n"
        f"{table(['', 'median', 'p99'], lines, 'lrr')}\n"
        f"{alone}{frames['hours']:g} h of text in quick motion: {grown}.\n"
    )


def _together(figures: Mapping[str, Mapping[str, Any]]) -> str:
    whole, lean = figures["whole"], figures["lean"]
    lines = [[row["process"], f"{row['core_percent']:.1f}", f"{row['memory_mb']:.0f}"] for row in whole["rows"]]
    lines.append(["together", f"{sum(row['core_percent'] for row in whole['rows']):.1f}", f"{whole['memory_mb']:.0f}"])
    return (
        "`antiphon play` with both windows on a screen made of software, a take, and the phones' page, at 15 "
        f"characters a second for {whole['seconds']:g} s (`antiphon bench together`): what each process takes of one "
        "core, and the memory that is its own, of what two share the half each.\n\n"
        f"{table(['process', '% of a core', 'MB'], lines, 'lrr')}\n"
        f"Without those in reserve (`antiphon play --lean`): {lean['memory_mb']:.0f} MB.\n"
    )
