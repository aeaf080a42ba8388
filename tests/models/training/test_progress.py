"""A run is shown: the time left, the speed, the losses, and what the voice writes by now."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from models.char_lstm.network import CharLSTM, Shape
from models.training.progress import Display, PlainDisplay, ProgressReporter, View, display, plain_lines, render_panel
from models.training.trainer import Progress

NETWORK = CharLSTM(Shape(1, 8))


class Notes:
    """A display that keeps what it is shown."""

    def __init__(self, wants_all: bool = True) -> None:
        self.wants_all = wants_all
        self.said: list[str] = []
        self.views: list[View] = []

    def say(self, line: str) -> None:
        self.said.append(line)

    def show(self, view: View) -> None:
        self.views.append(view)


def progress(share: float, examined: bool = False, held_out: float = 2.0) -> Progress:
    return Progress(examined, share, 100 * share, int(1e6 * share), 1.75, held_out, held_out, 1e-3)


def watched(shown: Display, shares: list[float], seconds: float, examined: bool = False) -> None:
    """Reports at these shares, so many seconds apart."""
    now = [0.0]
    watcher = ProgressReporter("mine", shown, now=lambda: now[0])
    for share in shares:
        watcher(progress(share, examined), NETWORK)
        now[0] += seconds


def test_time_left_and_speed_are_those_of_the_run_so_far() -> None:
    shown = Notes()
    watched(shown, [0.1, 0.2, 0.3, 0.4, 0.5], 10.0)
    last = shown.views[-1]
    assert last.left == pytest.approx(50.0) and last.speed == pytest.approx(10_000)
    assert [point.share for point in last.curve] == [0.1, 0.2, 0.3, 0.4, 0.5]


def test_a_terminal_is_redrawn_a_few_times_a_second_and_a_log_only_after_an_examination() -> None:
    live, log = Notes(), Notes(wants_all=False)
    watched(live, [step / 1000 for step in range(1000)], 0.01)
    watched(log, [step / 1000 for step in range(1000)], 0.01)
    assert 50 <= len(live.views) <= 70 and log.views == []  # of ten seconds
    watched(log, [0.5, 1.0], 5.0, examined=True)
    assert [view.share for view in log.views] == [0.5, 1.0]


def test_a_sample_is_written_every_few_seconds() -> None:
    shown = Notes()
    watched(shown, [step / 100 for step in range(100)], 0.5)
    assert shown.views[0].sample == ""
    changes = [after.sample is not before.sample for before, after in zip(shown.views, shown.views[1:], strict=False)]
    assert 10 <= sum(changes) <= 13  # of fifty seconds


def test_a_view_is_told_in_two_lines_or_drawn_in_a_panel() -> None:
    shown = Notes()
    watched(shown, [0.25, 0.5], 5.0, examined=True)
    figures, written = plain_lines(shown.views[-1])
    assert figures.startswith("mine  50%  2.000 bits/char held out (best 2.000), 1.750 read") and "0:10 left" in figures
    assert written == "    " + " ".join(shown.views[-1].sample.split())
    drawn = Console(file=io.StringIO(), width=80)
    drawn.print(render_panel(shown.views[-1]))
    assert isinstance(drawn.file, io.StringIO)
    text = drawn.file.getvalue()
    assert all(words in text for words in ("held out 2.000", "read 1.750", "0:10 left", "0.50 million read"))
    assert any(line.startswith("held out 2.000") for line in text.split("\n")), "below the bar, not behind it"
    assert any("\u2801" <= character <= "\u28ff" for character in text)


def test_where_standard_output_is_no_terminal_lines_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with display(Console(file=io.StringIO())) as shown:
        assert isinstance(shown, PlainDisplay)
        shown.say("as it is [bold]")
    assert capsys.readouterr().out == "as it is [bold]\n"


def test_in_a_terminal_what_is_said_stands_above_the_panel() -> None:
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, color_system=None, width=80, legacy_windows=False)
    with display(console) as shown:
        watched(shown, [0.5], 1.0, examined=True)
        shown.say("kept [bold]")
    text = terminal.getvalue()
    assert "held out" in text and "kept [bold]" in text
