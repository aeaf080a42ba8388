"""docs/performance.md: the figures of one run of all benchmarks as tables and plots. Figures in, files out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import plots
from benchmarks.voices.markdown import maybe, table
from protocol.atomic_file import write_atomically

Rows = Sequence[Mapping[str, Any]]


def write(figures: Mapping[str, Any], folder: Path) -> Path:
    """Put the page and its pictures into ``folder``; the page."""
    pictures = {
        "voices": plots.plot_voices(figures["step"]["rows"]),
        "rates": plots.plot_rates(figures["latency"]["rows"]),
        "rooms": plots.plot_rooms(figures["rooms"]["rows"]),
        "jitter": plots.plot_jitter(figures["clock"]),
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

{_frames(figures["frames"])}"""


# ---- what was asked for ------------------------------------------------------------------------------------------


def _asked(figures: Mapping[str, Any]) -> str:
    """What the instrument was asked to reach, and what it reached."""
    step = {row["voices"]: row for row in figures["step"]["rows"]}[24]
    rows = figures["latency"]["rows"]
    clocks = list(figures["clock"].values())
    _, played, flooded, _ = clocks
    wakes, start, frames = figures["wake"]["rows"], figures["start"], figures["frames"]
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
    heads = [
        "beside",
        "precedence",
        "characters",
        "median ms",
        "p99 ms",
        "worst ms",
        "late in the server p99 ms",
        "drift ms",
        "MB before",
        "MB after",
    ]
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
    memory = "" if held is None else f" With all {start['voices']} voices awake it holds {held:.0f} MB."
    return (
        f"`antiphon serve` listens after {start['listening_ms'] / 1e3:.2f} s and has written its first character "
        f"after {start['first_char_ms'] / 1e3:.2f} s (medians of {start['starts']} starts, the files in the "
        f"system's cache).{memory}\n"
    )


def _frames(frames: Mapping[str, Any]) -> str:
    lines = [
        [name, *(f"{frames[f'{key}_{share}_ms']:.2f}" for share in ("p50", "p99"))]
        for name, key in (("control window", "control"), ("stage", "stage"))
    ]
    before, after = frames["rss_before_mb"], frames["rss_mb"]
    grown = "memory unknown" if after is None else f"{before} MB before, {after} MB after"
    return (
        f"Processor time of building a frame of {frames['width']} x {frames['height']} before {frames['voices']} "
        f"distributions and {frames['characters']:,} characters, {frames['frames']} frames, in ms; in the control "
        "window datagrams are decoded and a fader moves meanwhile.\n\n"
        f"{table(['', 'median', 'p99'], lines, 'lrr')}\n"
        f"{frames['hours']:g} h of text in quick motion: {grown}.\n"
    )
