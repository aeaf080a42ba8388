"""Where words begin, for taking them back. Pure."""

from __future__ import annotations

LONGEST = 120  # characters; the longest "word" that is taken back at once


def last_word(text: str) -> int:
    """How many characters the last word has, with the blanks behind it."""
    text = text[-LONGEST:]
    kept = text.rstrip()
    return len(text) - max(kept.rfind(" "), kept.rfind("\n"), kept.rfind("\t"), -1) - 1
