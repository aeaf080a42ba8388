"""The word guard's language said a second time, as regular expressions: for checking whole texts that were written.

Nothing on stage uses it: `antiphon bench guard` and the tests hold what the automaton of ``server.manners.words`` let
pass against it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from server.manners.words import GAP, LEFT_OUT, LOOK_ALIKES, MARKS, Entry

_MARK = f"[{re.escape(''.join(sorted(MARKS)))}]"
_APART = "[^A-Za-z0-9]"


def pattern(entries: Iterable[Entry]) -> re.Pattern[str]:
    """Finds every entry, in every variant, in a text of 7-bit characters."""
    return re.compile("|".join(_one(entry) for entry in entries) or r"(?!)")


def _one(entry: Entry) -> str:
    before = "" if entry.anywhere else "(?<![A-Za-z0-9])"
    behind = "" if entry.onward else "(?![A-Za-z0-9])"
    ways = [f"{_MARK}?"] if " " in entry.letters else [f"{_MARK}?", f"{_APART}{{1,{GAP}}}"]
    spelled = ["".join(_piece(entry.letters, i, between) for i in range(len(entry.letters))) for between in ways]
    return f"{before}(?:{'|'.join(spelled)}){behind}"


def _piece(letters: str, place: int, between: str) -> str:
    """The pattern of one letter, with what may stand before it."""
    letter = letters[place]
    if letter == " ":
        return f"{_APART}+"
    alike = "".join(sign for sign, meant in LOOK_ALIKES.items() if letter in meant)
    signs = f"[{letter}{letter.upper()}{re.escape(alike)}]"
    if place == 0:
        return f"{signs}+"
    if letters[place - 1] == " ":
        return f"{signs}+"
    return f"{between}(?:{signs}+|[{re.escape(''.join(sorted(LEFT_OUT)))}]{signs}*)"
