"""The trials by which Antiphon is to show that it stands: each with its claim, its command and what came of it.

A trial lasts as long as the minutes that it is given allow and judges itself by the claim. Pure but for the trials
themselves, which run on the caller's thread, on loopback.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from protocol.atomic_file import write_atomically
from protocol.errors import AntiphonError

Report = Callable[[str], None]
FLAT_MEMORY_MB = 8.0  # that memory may differ by and still be flat: less than what a thread's arena takes
SETTLED_S = 12.0  # seconds after which a child is watched closely: at first it may take its time
HUNG_AFTER_S, RESUME_AIM_S = 1.5, 2.0  # seconds until somebody counts as hung, and until the text is to go on then
SILENCE_S = 2.0  # seconds without a character, with the machine busy throwing


@dataclass(frozen=True)
class Outcome:
    """What a trial came to: whether its claim ``holds``, in ``words``, with its ``figures`` as plain JSON values."""

    holds: bool
    words: str
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Trial:
    """``claim`` is what is to hold; ``run`` gets minutes and says what it does meanwhile; ``full`` minutes reach it."""

    name: str
    claim: str
    full: float
    run: Callable[[float, Report], Outcome]


@dataclass(frozen=True)
class Result:
    """One run of a trial, as the page tells it."""

    name: str
    holds: bool
    words: str
    command: str
    seconds: float
    when: str  # the day
    machine: Mapping[str, Any]
    figures: Mapping[str, Any]

    @property
    def plain(self) -> dict[str, Any]:
        return asdict(self)


def carry_out(trial: Trial, minutes: float, report: Report = lambda line: None) -> Result:
    """Run one trial; an ``AntiphonError`` is an outcome like any other."""
    began = time.monotonic()
    try:
        outcome = trial.run(minutes, report)
    except AntiphonError as error:
        outcome = Outcome(False, str(error), {})
    command = f"antiphon endure --only {trial.name} --minutes {minutes:g}"
    return Result(
        trial.name,
        outcome.holds,
        outcome.words,
        command,
        round(time.monotonic() - began, 1),
        time.strftime("%Y-%m-%d"),
        describe(),
        outcome.figures,
    )


def _text(minutes: float, report: Report) -> Outcome:
    from benchmarks.endure.long_text import measure

    figures = measure(1_728_000, report=lambda done: report(f"{done:,} characters"), seconds=minutes * 60)
    words = (
        f"{figures['characters']:,} characters ({figures['hours']:.1f} hours at 20 a second): "
        f"memory {figures['mb_an_hour']:+.2f} MB an hour ({figures['mb']:.0f} MB), the front end's link "
        f"{figures['front_mb_an_hour']:+.2f}; a character takes {figures['step_growth']:.2f} times what it took; "
        f"descriptors and threads {'constant' if figures['steady'] else 'NOT constant'}"
    )
    return Outcome(bool(figures["holds"]), words, figures)


def _guard(minutes: float, report: Report) -> Outcome:
    from benchmarks.guard import measure

    chars = max(50_000, int(minutes * 60 * 10_000))
    figures = measure(chars, report=lambda done: report(f"{done:,} characters"))
    words = (
        f"{figures['characters']:,} guarded characters, {figures['wanted']:,} forbidden words wanted in "
        f"{len(figures['spellings'])} spellings, {len(figures['found'])} came through; "
        f"{figures['guard_us']:.0f} microseconds a character"
    )
    return Outcome(not figures["found"], words, figures)


def _hostile(minutes: float, report: Report) -> Outcome:
    from benchmarks.endure.hostile import measure

    count = max(20_000, int(minutes * 60 * 11_000))
    figures = measure(count)
    took, memory = figures["dealt_us"], figures["memory_mb"]
    words = (
        f"{figures['datagrams']:,} datagrams at {figures['datagrams_a_second']:,} a second: each dealt with in "
        f"{took['median']:.0f} microseconds (p99 {took['p99']:.0f}, worst {took['worst']:.0f}); longest silence "
        f"{figures['longest_silence_s']:.2f} s; memory {memory['filled']:.0f} MB before, with as many performances as "
        f"there may be and all that they remember, {memory['after_a_fifth']:.0f} MB after a fifth, "
        f"{memory['at_the_end']:.0f} MB at the end"
    )
    flat = memory["at_the_end"] - memory["after_a_fifth"] < FLAT_MEMORY_MB
    return Outcome(took["p99"] < 1_000.0 and figures["longest_silence_s"] < SILENCE_S and flat, words, figures)


def _wire(minutes: float, report: Report) -> Outcome:
    from benchmarks.endure.healing import measure

    figures = measure(times=max(1, int(minutes)))  # seven weathers take about a minute
    slowest = max(figures["rows"], key=lambda row: row["healed_s"])
    words = f"right again {slowest['healed_s']:.2f} s after it cleared, at the longest ({slowest['weather']})"
    return Outcome(slowest["healed_s"] <= 1.0, words, figures)


def _readers(minutes: float, report: Report) -> Outcome:
    from benchmarks.endure import guided
    from benchmarks.endure.readers import measure

    by_chance = minutes / 2 if guided.is_installed() else minutes
    found = measure(by_chance * 60)
    wrong = {name: findings for name, findings in found.items() if findings}
    words = f"{len(found)} readers, each for {by_chance * 60 / len(found):.0f} s by chance"
    runs: dict[str, int] = {}
    if guided.is_installed():
        hunts = guided.measure(by_chance * 60, report)
        runs = {name: hunt.runs for name, hunt in hunts.items()}
        for name, hunt in hunts.items():
            if hunt.finding:
                wrong.setdefault(name, []).append(hunt.finding)
        words += f" and {len(hunts)} of them as long by what leads to new code (atheris, {sum(runs.values()):,} runs)"
    else:
        words += " alone, for atheris is not installed (`pip install '.[fuzz]'`)"
    words += ": " + (
        "; ".join(f"{name}: {findings[0]}" for name, findings in wrong.items()) or "all ended as they promise"
    )
    return Outcome(not wrong, words, {"findings": wrong, "guided_runs": runs})


def _screen(minutes: float, report: Report) -> Outcome:
    from benchmarks.endure.second_screen import measure

    figures = measure(max(3, min(100, int(minutes * 60 / 3.0))))
    words = (
        f"a second screen was unplugged and plugged in {figures['times']} times: the stage left it within "
        f"{figures['left_s']:.1f} s and was back within {figures['back_s']:.1f} s each time"
    )
    return Outcome(not figures["trouble"], words, figures)


def _kills(minutes: float, report: Report) -> Outcome:
    from benchmarks.endure.kills import measure

    figures = measure(max(4, min(100, int(minutes * 60 / 9.0))))
    rows = figures["rows"]
    seconds = " and ".join(
        f"the {row['killed']} {row['times']} times, back after {row['median_s']:.2f} s (worst {row['worst_s']:.2f})"
        for row in rows
    )
    faults = {
        name.replace("_", " "): figures[name] for name in ("lost", "changed", "differs_from_take", "weights_changed")
    }
    words = f"killed (-9) {seconds}; " + ", ".join(f"{count} {name}" for name, count in faults.items())
    return Outcome(not any(faults.values()) and not any(row["over_aim"] for row in rows), words, figures)


def _hangs(minutes: float, report: Report) -> Outcome:
    from benchmarks.endure.kills import played, temporary_home

    took: dict[str, list[float]] = {"server": [], "front": []}
    faults = 0
    for _ in range(max(1, min(10, int(minutes / 0.5)))):
        with temporary_home() as home, played(home) as show:
            show.listen(SETTLED_S)
            for whom, times in took.items():
                times.append(show.stop(whom, 5.0))
                show.listen(2.0)
            show.close()
            faults += show.lost() + show.changed + (show.text != show.taken())
    words = (
        "; ".join(
            f"the {whom} hung {len(times)} times for 5 s, replaced after {max(times):.2f} s at the latest"
            for whom, times in took.items()
        )
        + f"; {faults} characters lost or changed"
    )
    return Outcome(
        faults == 0 and max(took["server"] + took["front"]) < HUNG_AFTER_S + RESUME_AIM_S, words, {"seconds": took}
    )


def _clock(minutes: float, report: Report) -> Outcome:
    from benchmarks.endure.kills import NOTICEABLE_GAP_S, measure_wrong_clock

    figures = measure_wrong_clock(max(4.0, minutes * 10.0))
    words = (
        f"set back and forward by an hour: longest gap between characters {figures['longest_s']:.2f} s, "
        f"{figures['started_anew']} processes started anew"
    )
    held = figures["longest_s"] < NOTICEABLE_GAP_S and not figures["started_anew"] and figures["as_in_the_take"]
    return Outcome(held, words, figures)


def _midi(minutes: float, report: Report) -> Outcome:
    times = max(20, min(1_000, int(minutes * 60 / 0.03)))
    session = [sys.executable, "-m", "tests.frontend.inputs.midi.jack_session", str(times)]
    done = subprocess.run(session, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    trouble = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    words = f"a MIDI device vanished {times} times in the middle of a move and came back each time, no client leaked"
    return Outcome(done.returncode == 0, words if done.returncode == 0 else trouble, {"times": times})


TRIALS = (
    Trial(
        "kills",
        "server and front end killed 100 times at random moments: text resumed within 2 s each, no "
        "character lost, doubled or changed against the take, weights kept",
        16.0,
        _kills,
    ),
    Trial("hangs", "a server or a front end that is stopped for 5 s is replaced, and the text goes on", 5.0, _hangs),
    Trial("clock", "a clock set back and forward by an hour goes unnoticed", 1.0, _clock),
    Trial("midi", "a MIDI device may vanish 1,000 times", 0.5, _midi),
    Trial(
        "text",
        "1.7 million characters (24 hours at 20 a second): memory grows by less than 1 MB an hour, file "
        "descriptors and threads stay, a character takes at most 1.1 times as long at the end",
        120.0,
        _text,
    ),
    Trial("guard", "10 million guarded characters hold no forbidden word", 17.0, _guard),
    Trial(
        "hostile",
        "a million random datagrams and 100,000 damaged ones leave the server speaking, each is dealt "
        "with in under 1 ms, its memory is flat",
        1.7,
        _hostile,
    ),
    Trial(
        "wire",
        "with up to half of all datagrams lost, a tenth doubled, a tenth out of order and all 200 ms late, "
        "text and controls of the front end are the server's one second after quiet",
        10.0,
        _wire,
    ),
    Trial("readers", "whatever is done to a file, frame or message, its reader ends as it promises", 30.0, _readers),
    Trial("screen", "a second screen may go and come 100 times, and the stage goes and comes with it", 5.0, _screen),
)

# ---- docs/reliability.md: every trial with its claim, command, duration and result -----------------------------------
# The results are kept as one JSON file, so that one trial that is run again leaves the others as they were.

DOCS = Path(__file__).parents[2] / "docs"
RESULTS = "reliability.json"
PAGE = "reliability.md"
BEGINS, ENDS = "<!-- trials: written by antiphon endure -->", "<!-- trials end -->"


def load(folder: Path) -> dict[str, Result]:
    """The results that are kept, by trial; none where there is no file that makes sense."""
    try:
        kept = json.loads((folder / RESULTS).read_text("utf-8"))
        return {entry["name"]: Result(**entry) for entry in kept}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def save(folder: Path, results: Mapping[str, Result], trials: Sequence[Trial]) -> Path:
    """Keep ``results`` and write the page's part anew; what people wrote around it stays. Gives the page."""
    kept = [results[trial.name].plain for trial in trials if trial.name in results]
    write_atomically(folder / RESULTS, (json.dumps(kept, indent=1) + "\n"))
    page = folder / PAGE
    before, behind = HEAD, ""
    if page.exists():
        text = page.read_text("utf-8")
        if BEGINS in text and ENDS in text:
            before, behind = text.split(BEGINS)[0], text.split(ENDS, 1)[1].lstrip("\n")
    middle = "\n\n".join(_section(trial, results.get(trial.name)) for trial in trials)
    written = f"{before}{BEGINS}\n{middle}\n{ENDS}\n" + (f"\n{behind}" if behind else "")
    write_atomically(page, written)
    return page


def _section(trial: Trial, result: Result | None) -> str:
    lines = [f"### {trial.name}", "", f"*To hold:* {trial.claim}.", ""]
    if result is None:
        lines.append(f"Not run yet: `antiphon endure --only {trial.name}` (all of it takes {_minutes(trial.full)}).")
        return "\n".join(lines)
    verdict = "Held" if result.holds else "**Did not hold**"
    took, machine = _minutes(result.seconds / 60), _machine(result.machine)
    lines += [f"{verdict}: {result.words}.", "", f"`{result.command}`, {took} on {machine}, {result.when}."]
    if result.seconds < 60 * trial.full * SHORT_RUN_SHARE:
        lines[-1] += f" Shorter than the claim asks for: all of it takes {_minutes(trial.full)}."
    return "\n".join(lines)


SHORT_RUN_SHARE = 0.5  # of the time that reaches the claim


def _minutes(minutes: float) -> str:
    if minutes < 1.0:
        return f"{60 * minutes:.0f} seconds"
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"


def _machine(machine: Mapping[str, Any]) -> str:
    return f"{machine.get('cores')} cores ({machine.get('processor')}, load {machine.get('load')})"


HEAD = """# What it stands

A performance cannot be restarted, and a gallery piece runs for months alone. What follows was tried, by commands that
anybody can repeat: `make endure` runs all of it for a few minutes each, `antiphon endure --minutes 60` longer,
`antiphon endure --only text --minutes 120` one trial at full length. Each run writes its result here.

"""
