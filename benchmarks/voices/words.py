"""Are they words? The share of the words of a text that stand in a lexicon made of what prose and verse voices read.

A word is a run of letters, with apostrophes inside; capitals do not matter. A lexicon holds the words that occur at
least twice in its texts, so that a misprint makes no word. Pure; no thread of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

LEAST = 2  # times that a word has to occur

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")


def words(text: str) -> list[str]:
    """The words of ``text`` in lower case, in order, but for the first and the last, which may have been cut."""
    return _WORD.findall(text.lower())[1:-1]


def lexicon(texts: Iterable[str]) -> frozenset[str]:
    """The words that occur at least ``LEAST`` times in ``texts`` together."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(words(text))
    return frozenset(word for word, count in counted.items() if count >= LEAST)


def share_of_words(texts: Iterable[str], known: frozenset[str]) -> float:
    """The share, 0-1, of the words of ``texts`` that are ``known``; 1 where there are no words."""
    every = [word for text in texts for word in words(text)]
    return sum(word in known for word in every) / len(every) if every else 1.0
