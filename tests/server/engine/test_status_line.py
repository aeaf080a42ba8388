"""The status line: the newest complaint for a few seconds; a condition is beneath it. Both are logged."""

import pytest

from server.engine.status_line import COMPLAINT_SHOWN_S, LONGEST_LINE_CHARS, StatusLine


def test_a_complaint_is_logged_unless_one_is_shown_and_a_condition_when_it_changes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    status_line = StatusLine()
    for now in (0.0, 1.0, 30.0):
        status_line.complain("too much", now)
    for line in ("the disk is full", "the disk is full", ""):
        status_line.set_condition("take", line)
    assert caplog.messages == ["too much", "too much", "take: the disk is full", "take: well again"]


def test_a_complaint_shows_for_a_few_seconds() -> None:
    status_line = StatusLine()
    assert status_line.line(0.0) == ""
    status_line.complain("NaN is no weight", now=1.0)
    assert status_line.line(1.0 + COMPLAINT_SHOWN_S - 0.01) == "NaN is no weight"
    assert status_line.line(1.0 + COMPLAINT_SHOWN_S) == ""


def test_a_flood_is_the_newest_line_and_a_number() -> None:
    status_line = StatusLine()
    for number in range(1000):
        status_line.complain(f"bad thing {number}", now=1.0)
    assert (status_line.line(2.0), status_line.count) == ("bad thing 999 (and 999 more)", 1000)


def test_a_complaint_is_one_line_and_not_too_long() -> None:
    status_line = StatusLine()
    status_line.complain("two\nlines " + "x" * 1000, now=0.0)
    assert status_line.line(0.0).startswith("two lines x")
    assert len(status_line.line(0.0)) == LONGEST_LINE_CHARS


def test_what_stands_shows_beneath_until_it_is_mended() -> None:
    status_line = StatusLine()
    status_line.set_condition("voice", "jung is silent")
    status_line.complain("NaN is no weight", now=0.0)
    assert status_line.line(0.0) == "NaN is no weight"
    assert status_line.line(COMPLAINT_SHOWN_S) == "jung is silent"
    status_line.set_condition("voice", "")
    assert status_line.line(COMPLAINT_SHOWN_S) == ""
