"""What stands in the control window while there is nothing to play yet: a title, a line of words, dots that go round.

The window shows it twice, with the little that is there before the panels are loaded and with the panels' own means
after that, so that nothing jumps. Measures in dp from the window's middle, y down. Pure.
"""

from __future__ import annotations

TITLE, TITLE_SIZE, TITLE_Y = "Antiphon", 32, -40
WORDS_SIZE, WORDS_Y = 18, 0
HINT_Y, DOTS_Y = 30, 60
LOADING = "the instrument is put together"
READING = "the server{where} reads its voices: {seconds:.0f} s"
HINT = "a first start takes longest, for the disk"
DOTS, DOTS_APART, DOT_RADIUS = 12, 14, 3.5
DOTS_A_SECOND = 6.0
LONG_WAIT_S = 8.0  # seconds, after which a hint says why


def dot_x(dot: int) -> float:
    """Where a dot stands."""
    return DOTS_APART * (dot - (DOTS - 1) / 2)


def is_lit(dot: int, seconds: float) -> bool:
    """Whether a dot shines after so many seconds: one after the other, round and round."""
    return int(DOTS_A_SECOND * seconds) % DOTS >= dot
