"""Troubles: one line, the newest, for a few seconds; what stands is beneath it."""

from server.engine.status_line import LONGEST, SHOWN, StatusLine


def test_a_complaint_shows_for_a_few_seconds() -> None:
    troubles = StatusLine()
    assert troubles.line(0.0) == ""
    troubles.complain("NaN is no weight", now=1.0)
    assert troubles.line(1.0 + SHOWN - 0.01) == "NaN is no weight"
    assert troubles.line(1.0 + SHOWN) == ""


def test_a_flood_is_the_newest_line_and_a_number() -> None:
    troubles = StatusLine()
    for number in range(1000):
        troubles.complain(f"bad thing {number}", now=1.0)
    assert (troubles.line(2.0), troubles.count) == ("bad thing 999 (and 999 more)", 1000)


def test_a_complaint_is_one_line_and_not_too_long() -> None:
    troubles = StatusLine()
    troubles.complain("two\nlines " + "x" * 1000, now=0.0)
    assert troubles.line(0.0).startswith("two lines x")
    assert len(troubles.line(0.0)) == LONGEST


def test_what_stands_shows_beneath_until_it_is_mended() -> None:
    troubles = StatusLine()
    troubles.stand("voice", "jung is silent")
    troubles.complain("NaN is no weight", now=0.0)
    assert troubles.line(0.0) == "NaN is no weight"
    assert troubles.line(SHOWN) == "jung is silent"
    troubles.stand("voice", "")
    assert troubles.line(SHOWN) == ""
