"""The word guard: which characters may follow a text so that no word of a list is ever completed.

An entry of the list is a word (``word``: just this one), the beginning of words (``word*``) or what no word may hold
(``*word*``); blanks make it a phrase. Accents and other scripts become the letters that the text has for them; hyphens
and apostrophes may be left out in the text. Spelling variants are the same word: capitals, doubled letters, look-alikes
(``4`` for a, ``$`` for s, ``*`` for a letter left out), one mark between letters (``w-ord``), or all of them spelled
out (``w o r d``).

The entries are one nondeterministic automaton over characters (Aho & Corasick 1975, with variants), made deterministic
state by state as texts lead there. What may follow depends on the text alone, so it is the same in every replay. Pure;
belongs to the engine's thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocol.alphabet import VOCABULARY
from protocol.errors import ParameterError
from styles.cleaning import transliterate

LOOKED_AT_CHARS = 160  # characters of the text: no entry can be longer with all that is put between its letters
LONGEST_ENTRY_CHARS = 40  # characters of an entry
MOST_ENTRIES = 5_000  # entries of a list
MOST_CACHED_STATES = 20_000  # states kept; after that they are found anew
NOT_SPELLED = str.maketrans("", "", "-'`")  # marks of an entry that a text may have or leave out
MARKS = frozenset("-'._*~^`\"")  # may stand between two letters
LEFT_OUT = frozenset("*#")  # stand for a letter that everybody knows
LOOK_ALIKES = {
    "4": "a",
    "@": "a",
    "8": "b",
    "(": "c",
    "3": "e",
    "9": "g",
    "6": "g",
    "1": "il",
    "!": "i",
    "|": "il",
    "0": "o",
    "5": "s",
    "$": "s",
    "7": "t",
    "+": "t",
}
MOST_GAP_CHARS = 2  # blanks or marks between letters that are spelled out

Mask = NDArray[np.bool_]  # (V,)


@dataclass(frozen=True)
class Entry:
    """One line of the list: its letters in lower case, and whether a word may begin before or go on behind them."""

    letters: str
    anywhere: bool = False  # not only where a word begins
    onward: bool = False  # completed with its last letter, not with the blank behind

    @classmethod
    def of(cls, line: str) -> Entry:
        """What a line means. Raises ``ParameterError`` for one that means nothing."""
        words = " ".join(transliterate(line).lower().split())
        letters = " ".join(words.removeprefix("*").removesuffix("*").translate(NOT_SPELLED).split())
        if not letters.replace(" ", "").isalpha() or not letters.isascii() or len(letters) > LONGEST_ENTRY_CHARS:
            raise ParameterError(
                f"an entry is up to {LONGEST_ENTRY_CHARS} letters, with * before or behind, not {line[:60]!r}"
            )
        return cls(letters, words.startswith("*"), words.endswith("*"))


def parse(text: str) -> tuple[list[Entry], list[str]]:
    """The entries of a list, and one line for each that is left out: one a line, ``#`` begins a comment."""
    entries: list[Entry] = []
    complaints: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].strip()
        if not words:
            continue
        if len(entries) == MOST_ENTRIES:
            complaints.append(f"line {number}: a list has up to {MOST_ENTRIES} entries, and what follows is left out")
            break
        try:
            entries.append(Entry.of(words))
        except ParameterError as error:
            complaints.append(f"line {number}: {error}")
    return entries, complaints


@dataclass(frozen=True)
class _Place:
    """How far a reading has come in one entry: ``matched`` letters, then ``gap`` characters that are none."""

    entry: int
    matched: int
    spelled: bool  # whether every letter stands alone
    gap: int = 0


@dataclass(frozen=True)
class _State:
    places: frozenset[_Place]
    inside: bool  # whether the last character belongs to a word


class BlocklistFilter:
    """Guards against ``entries``; none: everything may be written."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(dict.fromkeys(entries))
        self._begin: dict[str, list[int]] = {}  # entries by their first letter
        for index, entry in enumerate(self.entries):
            self._begin.setdefault(entry.letters[0], []).append(index)
        self._forget()

    def _forget(self) -> None:
        """Know nothing but the state at the beginning of a text, which is number 0."""
        beginning = _State(frozenset(), inside=False)
        self._states = [beginning]
        self._numbers = {beginning: 0}
        self._steps: dict[tuple[int, str], int] = {}  # the state's number after it, ~number if completed
        self._masks: dict[int, Mask] = {}

    def allowed(self, text: str) -> Mask:
        """(V,) which characters may follow ``text``, of which the last ``LOOKED_AT_CHARS`` are looked at."""
        if len(self._states) > MOST_CACHED_STATES:
            self._forget()
        state = 0
        for character in text[-LOOKED_AT_CHARS:]:
            state, _ = self._step(state, character)
        if state not in self._masks:
            mask = np.ones(VOCABULARY, np.bool_)
            if self.entries:
                mask[:] = [not self._step(state, chr(code))[1] for code in range(VOCABULARY)]
            mask.flags.writeable = False
            self._masks[state] = mask
        return self._masks[state]

    def found(self, text: str) -> int | None:
        """Where in ``text`` the first entry is completed: the position of the character that does; None: nowhere.

        The end of the text ends a word.
        """
        state = 0
        for position, character in enumerate(text + "\n"):
            state, completed = self._step(state, character)
            if completed:
                return position
        return None

    def _step(self, state: int, character: str) -> tuple[int, bool]:
        """The state after ``character``, and whether it completes an entry."""
        after = self._steps.get((state, character))
        if after is None:
            reached, completed = self._next(self._states[state], character)
            number = self._numbers.setdefault(reached, len(self._states))
            if number == len(self._states):
                self._states.append(reached)
            after = self._steps[state, character] = ~number if completed else number
        return (~after, True) if after < 0 else (after, False)

    def _next(self, state: _State, character: str) -> tuple[_State, bool]:
        """The same, found out."""
        letters = _stands_for(character)
        word = character.isalnum()
        reached: set[_Place] = set()
        for place in state.places:
            reached |= self._onward(place, character, letters, word)
        for letter in letters:
            for index in self._begin.get(letter, ()):
                if not state.inside or self.entries[index].anywhere:
                    reached |= {_Place(index, 1, spelled=False), _Place(index, 1, spelled=True)}
        completed = {place for place in reached if self._complete(place)}
        return _State(frozenset(reached - completed), word), bool(completed)

    def _complete(self, place: _Place) -> bool:
        entry = self.entries[place.entry]
        return place.matched == len(entry.letters) and (entry.onward or place.gap > 0)

    def _onward(self, place: _Place, character: str, letters: frozenset[str], word: bool) -> set[_Place]:
        """Where a reading at ``place`` may be after ``character``."""
        wanted, matched, gap = self.entries[place.entry].letters, place.matched, place.gap
        reached = set()
        if matched == len(wanted):  # a whole word that waits for its end
            if not word:
                return {_Place(place.entry, matched, place.spelled, gap + 1)}
            return {place} if wanted[-1] in letters else set()
        if wanted[matched] == " ":
            if not word:
                reached.add(_Place(place.entry, matched + 1, spelled=False))
        elif wanted[matched - 1] == " ":  # behind a phrase's blank, of which there may be several
            if not word:
                reached.add(place)
            if wanted[matched] in letters:
                reached.add(_Place(place.entry, matched + 1, spelled=False))
        else:
            left_out = character in LEFT_OUT
            apart = gap > 0 if place.spelled else True
            if apart and (wanted[matched] in letters or left_out):
                reached.add(_Place(place.entry, matched + 1, place.spelled))
            if not place.spelled and gap == 0 and character in MARKS:
                reached.add(_Place(place.entry, matched, spelled=False, gap=1))
            if place.spelled and gap < MOST_GAP_CHARS and not word:
                reached.add(_Place(place.entry, matched, spelled=True, gap=gap + 1))
        if gap == 0 and wanted[matched - 1] in letters:  # doubled
            reached.add(place)
        return reached


def _stands_for(character: str) -> frozenset[str]:
    """The letters that ``character`` may be read as."""
    if character.isalpha():
        return frozenset(character.lower())
    return frozenset(LOOK_ALIKES.get(character, ""))


# ---- blocklist -------------------------------------------------------------------------------------------------------
# The word guard's language said a second time, as regular expressions: for checking whole texts that were written.
# Nothing on stage uses it: `antiphon bench guard` and the tests hold what the automaton of
# ``server.filters.blocklist`` let pass against it. Pure.

_MARK = f"[{re.escape(''.join(sorted(MARKS)))}]"
_APART = "[^A-Za-z0-9]"


def pattern(entries: Iterable[Entry]) -> re.Pattern[str]:
    """Finds every entry, in every variant, in a text of 7-bit characters."""
    return re.compile("|".join(_one(entry) for entry in entries) or r"(?!)")


def _one(entry: Entry) -> str:
    before = "" if entry.anywhere else "(?<![A-Za-z0-9])"
    behind = "" if entry.onward else "(?![A-Za-z0-9])"
    ways = [f"{_MARK}?"] if " " in entry.letters else [f"{_MARK}?", f"{_APART}{{1,{MOST_GAP_CHARS}}}"]
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
