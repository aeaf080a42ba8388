"""The layout guard: which characters may follow a text so that its page stays a page of text.

A line begins with at most ``INDENT_COLUMNS`` columns, or ``CODE_INDENT_COLUMNS`` where voices of code have at least
half of the say, and ends with a sign; elsewhere it is indented by two columns at least, or not at all, since a single
one is a word's own blank that slipped behind a line's end. Inside a line stand at most ``MOST_BLANKS`` blanks side by
side. At most one line is empty. At most ``MOST_EQUAL_SIGNS`` equal signs follow one another. Signs that begin a comment
stand only where voices of code have at least half of the say, and at least every ``LONGEST_SILENCE_S`` seconds comes a
letter.

What holds depends on the end of the text, the rate and the voices' weights, so it is the same in every replay. Both
processes ask it: the server to write, the front end to redraw the joint histogram. Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from protocol.mixing import WRITABLE
from protocol.tree import LAYOUT, RATE, Value, number_of

LOOKED_AT_CHARS = 64  # at the end of a text, that decide what may follow; a shorter one is seen from its beginning
INDENT_COLUMNS, CODE_INDENT_COLUMNS = 4, 8  # columns
MOST_WHITE_CHARS = 8  # characters that are none to be seen, side by side, ends of lines among them
TAB_COLUMNS = 4  # columns, at most
MOST_BLANKS = 2
MOST_EQUAL_SIGNS = 4
LONGEST_SILENCE_S = 3.0
LONGEST_SILENCE_CHARS = 40  # characters, however fast the text is written
CODE_SHARE = 0.5  # of the say, from which on the voices of code may write comments
BLANK = " \t"
NO_COLUMNS = 1_000  # columns
COMMENT_LEADERS = "*#"  # begin a comment at a line's start
BEHIND_SLASH = "/*"  # begin one behind a slash

Mask = NDArray[np.bool_]  # (V,)


class Place(NamedTuple):
    """What the layout guard has to know of a text's end."""

    space: int = 0  # columns that the line's indent has behind one; 0 inside a line, where one may follow
    tab: int = 0
    line: bool = False  # whether the line may end here
    sign: str = ""  # that has followed itself often enough
    leaders: str = COMMENT_LEADERS  # signs that would begin a comment here
    silent: int = 0  # characters since the last letter
    indenting: bool = False  # whether it ends within the blanks that a line begins with
    slipped: bool = False  # whether the line is one blank so far: a word's own blank, and not an indent

    @classmethod
    def behind(cls, text: str) -> Place:
        """The place behind ``text``, of which the last ``LOOKED_AT_CHARS`` characters are looked at."""
        end = text[-LOOKED_AT_CHARS:]
        before, newline, line = end.rpartition("\n")
        sign = end[-1:]
        silent = _since_letter(end)
        if line.strip(BLANK):
            blanks = len(line) - len(line.rstrip(BLANK))
            comment = sign == "/" and (line[-2:-1] or " ") in BLANK
            room = 0 if blanks < MOST_BLANKS else NO_COLUMNS
            return cls(room, room, not blanks, _often(end), BEHIND_SLASH if comment else "", silent)
        if not newline:  # the text's beginning, or an indent longer than any that is allowed
            return cls(NO_COLUMNS, NO_COLUMNS, False, _often(end), COMMENT_LEADERS, silent, bool(line))
        full = len(end) - len(end.rstrip()) >= MOST_WHITE_CHARS
        space, tab = (NO_COLUMNS if full else _columns(line + blank) for blank in BLANK)
        ends = not line and bool(before.rpartition("\n")[2].strip(BLANK))
        return cls(space, tab, ends, _often(end), COMMENT_LEADERS, silent, bool(line), line == " ")

    def permits(self, values: Mapping[str, Value], code: float) -> Mask:
        """``allowed`` by the ``values`` in force; all WRITABLE characters where the guard is off."""
        return self.allowed(code, number_of(values, RATE, 1.0)) if values.get(LAYOUT) else WRITABLE

    def allowed(self, code: float, rate: float) -> Mask:
        """(V,) what may follow where ``code`` of the say, 0 to 1, is had by voices of code; ``rate`` in characters/s.

        A letter can always follow but behind a single blank at a line's start.
        """
        is_code = code >= CODE_SHARE
        indent = CODE_INDENT_COLUMNS if is_code else INDENT_COLUMNS
        forbidden = self.sign + ("" if is_code else self.leaders)
        due = self.silent + 2 > min(
            LONGEST_SILENCE_CHARS, LONGEST_SILENCE_S * rate
        )  # one sign more, and its letter came too late
        return _mask(self.space <= indent, self.tab <= indent, self.line, forbidden, due, self.slipped and not is_code)


@lru_cache(1_024)
def _mask(space: bool, tab: bool, line: bool, forbidden: str, letter: bool, slipped: bool) -> Mask:
    mask = WRITABLE.copy()
    if slipped and space and not letter:
        mask[:] = [chr(code) in BLANK for code in range(len(mask))]
    if letter:
        mask[:] = [chr(code).isalpha() for code in range(len(mask))]
    for sign, may in ((" ", space), ("\t", tab), ("\n", line), *((sign, False) for sign in forbidden)):
        mask[ord(sign)] &= may
    mask.flags.writeable = False
    return mask


def _columns(indent: str) -> int:
    """How wide these blanks are at a line's start."""
    columns = 0
    for blank in indent:
        columns += TAB_COLUMNS - columns % TAB_COLUMNS if blank == "\t" else 1
    return columns


def _since_letter(end: str) -> int:
    """How many characters of ``end`` stand behind its last letter."""
    for silent, character in enumerate(reversed(end)):
        if character.isalpha():
            return silent
    return len(end)


def _often(end: str) -> str:
    """The sign that ends ``end`` ``MOST_EQUAL_SIGNS`` times running.

    Blanks between do not count unless it is a letter or digit.
    """
    signs = end.rstrip(BLANK + "\n")
    sign, run = signs[-1:], 0
    if not sign or (sign.isalnum() and len(signs) < len(end)):
        return ""
    for character in reversed(signs):
        if character == sign:
            run += 1
            if run == MOST_EQUAL_SIGNS:
                return sign
        elif sign.isalnum() or not character.isspace():
            return ""
    return ""
