"""Whether the word guard lets anything through, however much is wanted: a voice that says nothing but forbidden words.

Each letter it wants next is that of an entry of the list, in a spelling drawn anew for each word; the guard stands
between it and the page as in a performance. What came out is searched by the same language said as regular expressions.
Runs on the caller's thread.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.machine import describe
from protocol.mixing import WRITABLE, Vector, draw
from protocol.tree import WORDS, Value
from server.engine.text_buffer import TextBuffer
from server.filters.blocklist import LEFT_OUT, LOOK_ALIKES, LOOKED_AT_CHARS, MARKS, Entry, pattern
from server.filters.filters import FilterSet, Mix, PerformanceFilters
from server.filters.load import read_words, words_in_force

WANTED_PROBABILITY = 0.95  # probability of the letter that is wanted; the rest is noise
UNFINISHED = "2"  # part of a word and of no entry: what a passage is cut in the middle of is no word
SEARCH_CHARS = 1 << 16  # characters that are searched together
SPELLINGS = ("plain", "capitals", "doubled", "look-alikes", "marks", "spelled out", "left out")
SIGN_FOR_LETTER = {letter: sign for sign, meant in LOOK_ALIKES.items() for letter in meant}


def measure(chars: int = 200_000, seed: int = 1, report: Callable[[int], None] = lambda done: None) -> dict[str, Any]:
    """One JSON object: the characters written, how many words were wanted, and the ``found`` that came through."""
    words, _ = read_words(words_in_force())
    search = pattern(words.entries)
    random = np.random.default_rng(seed)
    page = TextBuffer()
    keeping = PerformanceFilters(FilterSet(words), page)
    values: dict[str, Value] = {WORDS: True}
    found: list[str] = []
    wanted: Counter[str] = Counter()
    swearing = _letters(words.entries, random, wanted)
    noise = np.where(WRITABLE, (1.0 - WANTED_PROBABILITY) / WRITABLE.sum(), 0.0)
    began, spent = time.perf_counter(), 0.0
    passage = ""
    for done in range(1, chars + 1):
        joint = noise.copy()
        joint[ord(next(swearing))] += WANTED_PROBABILITY
        before = time.perf_counter()
        kept = keeping.mixed(values, _always(joint))
        spent += time.perf_counter() - before
        page.append(chr(draw(kept, random.random())))
        passage += page.tail(1).text
        if len(passage) >= SEARCH_CHARS or done == chars:
            found += [match.group() for match in search.finditer(passage + UNFINISHED)]
            passage = UNFINISHED + passage[-LOOKED_AT_CHARS:]
            report(done)
    return {
        "benchmark": "guard",
        "machine": describe(),
        "entries": len(words.entries),
        "characters": chars,
        "wanted": wanted.total(),
        "spellings": dict(wanted),
        "withheld": keeping.withheld,
        "found": found,
        "guard_us": 1e6 * spent / chars,
        "seconds": time.perf_counter() - began,
    }


def _always(joint: Vector) -> Mix:
    return lambda values, allowed: joint


def _letters(entries: tuple[Entry, ...], random: np.random.Generator, wanted: Counter[str]) -> Iterator[str]:
    """Word after word, a letter at a time, for ever."""
    while True:
        entry = entries[random.integers(len(entries))]
        spelling = SPELLINGS[random.integers(len(SPELLINGS))]
        wanted[spelling] += 1
        yield from spelled(entry.letters, spelling, random)
        yield from " .\n,"[random.integers(4)]


def spelled(letters: str, spelling: str, random: np.random.Generator) -> str:
    """``letters`` as somebody writes them who wants to get past a guard."""
    place = int(random.integers(1, max(2, len(letters))))
    letter = letters[place : place + 1]
    match spelling:
        case "capitals":
            return letters.upper() if random.random() < 0.5 else letters.title()
        case "doubled":
            return letters[:place] + letter * int(random.integers(2, 5)) + letters[place + 1 :]
        case "look-alikes":
            return "".join(SIGN_FOR_LETTER.get(sign, sign) for sign in letters)
        case "marks" if " " not in letters:
            return letters[:place] + sorted(MARKS)[random.integers(len(MARKS))] + letters[place:]
        case "spelled out" if " " not in letters:
            return " .-"[random.integers(3)].join(letters)
        case "left out" if letter not in ("", " ") and letters[place - 1] != " ":
            return letters[:place] + sorted(LEFT_OUT)[random.integers(2)] + letters[place + 1 :]
        case _:
            return letters
