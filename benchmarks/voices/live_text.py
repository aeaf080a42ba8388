"""What the instrument itself writes: the real performance with its filters, and how well that reads.

Every text is written by ``server.speak``: the same mix, generator and filters as on a stage. *before* is the plain vote
of the voices, with every filter and aid of the mix switched off; *after* is what a new performance does by default.

Pure measures of a text below; ``live`` alone needs voices. No thread of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.voices import words
from models.interface import Voices
from protocol.tree import ParameterTree, Value
from server.filters.filters import FilterSet
from server.speak import speak

CHARS = 2_000  # of each text
LETTER_RATE = 15.0  # characters a second, by which characters become seconds
WARMTHS = (0.5, 0.7, 1.0)  # temperatures
OPENING = ("austen", "baudelaire", "beeton", "bible", "homer", "linux", "lovesongs")  # the default mix's voices
# 40 mixes of 2 to 7 voices, chosen once: neighbours and strangers, prose, verse and code
MIXES: tuple[tuple[str, ...], ...] = (
    OPENING,
    ("linux", "lovesongs"),
    ("austen", "bible"),
    ("austen", "trump"),
    ("bible", "linux"),
    ("beeton", "nietzsche"),
    ("homer", "apollo11"),
    ("kant", "lovesongs"),
    ("latex", "quran"),
    ("davinci", "machiavelli"),
    ("buddha", "sensation"),
    ("baudelaire", "trump"),
    ("coleridge", "davinci"),
    ("chilcot", "frankenstein"),
    ("jung", "kamasutra"),
    ("lincoln", "trump"),
    ("aristotle", "austen"),
    ("nietzsche", "quran", "bible"),
    ("austen", "frankenstein", "coleridge"),
    ("homer", "bible", "baudelaire"),
    ("linux", "apollo11", "latex"),
    ("trump", "lincoln", "chilcot"),
    ("kant", "aristotle", "nietzsche"),
    ("beeton", "kamasutra", "davinci"),
    ("lovesongs", "baudelaire", "homer"),
    ("jung", "buddha", "sensation"),
    ("machiavelli", "chilcot", "linux"),
    ("austen", "bible", "homer", "kant"),
    ("lovesongs", "trump", "beeton", "quran"),
    ("apollo11", "austen", "coleridge", "jung"),
    ("latex", "aristotle", "davinci", "lincoln"),
    ("frankenstein", "nietzsche", "buddha", "baudelaire"),
    ("kamasutra", "machiavelli", "sensation", "bible"),
    ("austen", "beeton", "chilcot", "coleridge", "frankenstein"),
    ("homer", "jung", "kant", "lincoln", "lovesongs"),
    ("linux", "bible", "trump", "quran", "nietzsche"),
    ("austen", "bible", "buddha", "homer", "jung", "kant"),
    ("baudelaire", "coleridge", "lovesongs", "homer", "quran", "bible"),
    ("aristotle", "chilcot", "davinci", "kant", "machiavelli", "nietzsche", "sensation"),
    ("apollo11", "latex", "linux", "austen", "bible", "lovesongs", "trump"),
)
PLAIN: Mapping[str, Value] = {  # every aid of the mix and every filter off
    "/mix/grain": 0.0,
    "/mix/spelling": 0.0,
    "/mix/words": 0.0,
    "/mix/memory": 0.0,
    "/mix/sense": 0.0,
    "/mix/min_p": 0.0,
    "/mix/surprise": 0.0,
    "/guard/layout": False,
    "/guard/circles": False,
    "/guard/words": False,
    "/guard/quotation": 0,
}

_BLANK_RUN = re.compile(r"\s+")
_SILENCE = re.compile(r"[^A-Za-z]+")


@dataclass(frozen=True)
class Reading:
    """How a set of texts reads; means over texts where not said otherwise, shares 0 to 1."""

    longest_blank_run: int  # characters, the longest of all texts
    blanks: float
    silence_s: float  # the longest time without a letter, of all texts
    real_words: float
    repeated: float  # of its 12-letter runs stood there before
    copied: float  # of its runs of 40 characters stand in what the voices read


def live(
    voices: Voices,
    weights: Mapping[str, float],
    temperature: float,
    seeds: Iterable[int],
    chars: int,
    filters: FilterSet | None,
) -> list[str]:
    """One text for each seed, of ``chars`` characters, guarded by ``filters``; with None as the bare vote writes it."""
    tree = ParameterTree(voices.slugs)
    settings = {address: value for address, value in PLAIN.items() if address in tree} if filters is None else {}
    arguments = (temperature, "", settings, filters)
    return [
        "".join(spoken.character for spoken in speak(voices.for_new_text(), weights, chars, seed, *arguments))
        for seed in seeds
    ]


def measured(
    texts: Sequence[str], known: frozenset[str], repeated: Callable[[str], float], copied: Callable[[str], float]
) -> Reading:
    """How ``texts`` read: ``known`` are the words that count as real, the last two say their shares of one text."""
    count = len(texts)
    return Reading(
        max(map(longest_blank_run, texts)),
        sum(map(share_of_blanks, texts)) / count,
        max(map(longest_silence, texts)) / LETTER_RATE,
        words.share_of_words(texts, known),
        sum(map(repeated, texts)) / count,
        sum(map(copied, texts)) / count,
    )


def longest_blank_run(text: str) -> int:
    """Characters of the longest run of blanks and line ends."""
    return max((len(run) for run in _BLANK_RUN.findall(text)), default=0)


def share_of_blanks(text: str) -> float:
    """The share of characters that show nothing, 0 to 1."""
    return sum(character.isspace() for character in text) / len(text) if text else 0.0


def longest_silence(text: str) -> int:
    """Characters of the longest run without a letter."""
    return max((len(run) for run in _SILENCE.findall(text)), default=0)
