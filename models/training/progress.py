"""What one sees of a run: a live panel in a terminal, plain lines anywhere else.

``ProgressReporter`` turns the trainer's reports into ``View``s, plain values, a few times a second. Now and then it
writes a sample, which may cost no more than a twentieth of the time. ``plain_lines`` shows a view as lines of text,
``render_panel`` as rich's boxes. Runs on the trainer's thread.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from models.training.loss_curve import Point, braille, clock, scale
from models.training.sampling import sample
from models.training.trainer import Progress

VIEW_INTERVAL_S = 0.15  # seconds between two views
SAMPLE_INTERVAL_S = 4.0  # seconds between two samples at the least
SAMPLE_TIME_SHARE = 0.05  # of the time may go into samples
SAMPLE_CHARS = 240  # characters of one
CURVE_POINTS = 200  # of the curve, about
CHART_CELLS = (56, 6)  # cells, width and height
SPEED_WINDOW_S = 3.0  # seconds that a speed is measured over


@dataclass(frozen=True)
class View:
    """What a run shows at one moment. Losses are bits per character, ``left`` is seconds (None: not known yet)."""

    title: str
    examined: bool
    share: float
    left: float | None
    chars: int
    speed: float  # characters a second
    read: float
    held_out: float
    best: float
    curve: Sequence[Point]
    sample: str


class Display(Protocol):
    """Where views and words go."""

    wants_all: bool  # or only what follows an examination

    def say(self, line: str) -> None:
        """A line that stays."""

    def show(self, view: View) -> None:
        """What holds now."""


class PlainDisplay:
    """Plain lines, for a log, a pipe or a test."""

    wants_all = False

    def __init__(self, write: Callable[[str], None] = print) -> None:
        self._write = write

    def say(self, line: str) -> None:
        self._write(line)

    def show(self, view: View) -> None:
        for line in plain_lines(view):
            self._write(line)


class PanelDisplay:
    """A panel that redraws itself at the foot of a terminal; what is said stands above it."""

    wants_all = True

    def __init__(self, live: Live) -> None:
        self._live = live

    def say(self, line: str) -> None:
        self._live.console.print(Text(line))

    def show(self, view: View) -> None:
        self._live.update(render_panel(view), refresh=True)


@contextmanager
def display(console: Console | None = None) -> Iterator[Display]:
    """The display that suits where standard output goes."""
    console = console or Console()
    if not console.is_terminal or console.is_dumb_terminal:
        yield PlainDisplay(lambda line: print(line, flush=True))
        return
    with Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False) as live:
        yield PanelDisplay(live)


class ProgressReporter:
    """Gives a display what a trainer reports; one for each run."""

    def __init__(
        self,
        title: str,
        display: Display,
        prime: str = "\n",
        now: Callable[[], float] = time.monotonic,
        write: Callable[[Any], str] | None = None,
    ) -> None:
        """``write`` makes the samples of what is trained, by default a char-LSTM, after ``prime``."""
        self._title, self._display, self._now = title, display, now
        self._write = write or (lambda network: sample(network, SAMPLE_CHARS, prime=prime))
        self._began: tuple[float, float] | None = None  # time and share at the first report
        self._speed_from: tuple[float, int] = (0.0, 0)
        self._speed = 0.0
        self._next_view = self._next_sample = 0.0
        self._sample = ""
        self._curve: list[Point] = []

    def __call__(self, progress: Progress, network: Any) -> None:
        now = self._now()
        if self._began is None:
            self._began = now, progress.share
            self._speed_from = now, progress.chars
            self._next_sample = now + SAMPLE_INTERVAL_S
        if not self._curve or progress.examined or progress.share - self._curve[-1].share >= 1 / CURVE_POINTS:
            self._curve.append(Point(progress.share, progress.seconds, progress.train_bits, progress.held_out_bits))
        if not (progress.examined or (self._display.wants_all and now >= self._next_view)):
            return
        if now >= self._next_sample or (progress.examined and not self._display.wants_all):
            self._sample = self._write(network)
            took = self._now() - now
            self._next_sample = now + max(SAMPLE_INTERVAL_S, took / SAMPLE_TIME_SHARE)
        self._display.show(self._view(progress, now))
        self._next_view = self._now() + VIEW_INTERVAL_S

    def _view(self, progress: Progress, now: float) -> View:
        assert self._began is not None
        since, chars = self._speed_from
        if not self._speed or now - since >= SPEED_WINDOW_S:
            self._speed = (progress.chars - chars) / max(now - since, 1e-9) if now > since else 0.0
            self._speed_from = now, progress.chars
        began, share = self._began
        done = progress.share - share
        left = (now - began) * (1.0 - progress.share) / done if done > 0.0 else None
        return View(
            self._title,
            progress.examined,
            progress.share,
            left,
            progress.chars,
            self._speed,
            progress.train_bits,
            progress.held_out_bits,
            progress.best_bits,
            self._curve,
            self._sample,
        )


def plain_lines(view: View) -> list[str]:
    """A view in two lines."""
    left = f"  {clock(view.left)} left" if view.left is not None else ""
    figures = (
        f"{view.title} {view.share:4.0%}  {view.held_out:.3f} bits/char held out (best {view.best:.3f}), "
        f"{view.read:.3f} read  {view.speed:,.0f} chars/s{left}"
    )
    return [figures, f"    {' '.join(view.sample.split())}"]


def render_panel(view: View) -> RenderableType:
    """A view as rich draws it: time, losses, the curve, what the voice writes by now."""
    head = Table.grid(expand=True)
    head.add_column(justify="left")
    head.add_column(justify="right")
    head.add_row(Text(view.title, style="bold"), Text(f"{clock(view.left)} left" if view.left is not None else ""))
    losses = Text.assemble(
        "held out ",
        (f"{view.held_out:.3f}", "bold blue"),
        f"   best {view.best:.3f}",
        (f"   read {view.read:.3f}   bits per character", "dim"),
    )
    pace = Text(f"{view.speed:,.0f} characters/s   {view.chars / 1e6:.2f} million read", style="dim")
    width, height = CHART_CELLS
    low, high = scale(view.curve) if view.curve else (0.0, 0.0)
    chart = Text()
    for row, line in enumerate(braille(view.curve, width, height)):
        mark = f"{high:5.2f} " if row == 0 else f"{low:5.2f} " if row == height - 1 else " " * 6
        chart.append(mark, style="dim").append(line + "\n", style="blue")
    written = Text("\n".join(view.sample.strip("\n").split("\n")[:6]), style="italic", overflow="fold")
    bar = Table.grid(expand=True)  # by itself a bar ends without a line's end
    bar.add_row(ProgressBar(total=1.0, completed=min(1.0, view.share)))
    caption = Text("it writes by now:" if view.sample else "", style="dim")
    return Group(head, bar, losses, pace, Text(), chart, caption, written)


@contextmanager
def stoppable(stop: threading.Event, say: Callable[[str], None]) -> Iterator[None]:
    """Inside, a first Ctrl-C or SIGTERM sets ``stop``, and ``say`` gets a line; a second one ends at once.

    For the main thread.
    """

    def end(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        say("stopping: the best so far is kept, and the same command goes on from here")

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
