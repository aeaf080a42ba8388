"""The words that voices know: a trie of all that their texts hold, and for each beginning of a word whose it is.

A word is a run of letters in the case that the text has it; one that a text also has in small letters is kept in those
alone. Words of the shipped styles occur at least twice, in one text or in several, so that a misprint makes no word; a
text of a user's own is believed. A file holds the trie of all beginnings of words (marisa-trie, Yata 2011) and, for
each, one bit a style: whose words begin so, and whose word it is. Pure but for the file; no thread of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import marisa_trie
import numpy as np
import torch
from numpy.typing import NDArray

from models import tensor_file
from protocol.errors import VoiceError
from styles.library import data_folder

FORMAT = "antiphon lexicon 1"
MOST_STYLES = 31  # in one file: a bit each, of numbers that safetensors has signed
MOST_WORD_CHARS = 32
LEAST_OCCURRENCES = 2
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_WORD = re.compile(r"[A-Za-z]+")
Bits = NDArray[np.int32]  # (n,) one a beginning of a word, by its number in the trie


def lexicons_folder(data: Path | None = None) -> Path:
    """Where the lexicons of a user's own styles stand, SLUG.safetensors each."""
    return (data_folder() if data is None else data) / "lexicons"


def save_own(slug: str, text: str, data: Path | None = None) -> Path:
    """Keep the words of a text that became the style ``slug``, so that its voice is spelled by them; where they are."""
    path = lexicons_folder(data) / f"{slug}.safetensors"
    Lexicon.of(words_of({slug: text}, least=1)).save(path)
    return path


def words_of(texts: Mapping[str, str], least: int = LEAST_OCCURRENCES) -> dict[str, set[str]]:
    """The words of each text, by slug, that occur ``least`` times in it, or in as many of the texts."""
    counted = {slug: Counter(_WORD.findall(text)) for slug, text in texts.items()}
    spread = Counter(word for counts in counted.values() for word in counts)
    return {
        slug: _in_small_letters(word for word, count in counts.items() if max(count, spread[word]) >= least)
        for slug, counts in counted.items()
    }


def _in_small_letters(words: Iterable[str]) -> set[str]:
    """``words`` without those that only differ from others by a capital, or by all of them."""
    known = {word for word in words if len(word) <= MOST_WORD_CHARS}
    return {
        word
        for word in known
        if word.islower() or not ({word[0].lower() + word[1:], *({word.lower()} if word.isupper() else ())} & known)
    }


class Lexicon:
    """``trie`` has every beginning of every word; ``whose_begin`` and ``whose_word`` are bits by its numbers."""

    def __init__(self, slugs: tuple[str, ...], trie: marisa_trie.Trie, whose_begin: Bits, whose_word: Bits) -> None:
        self.slugs, self._trie = slugs, trie
        self._whose_begin, self._whose_word = whose_begin, whose_word

    @classmethod
    def of(cls, words: Mapping[str, Iterable[str]]) -> Lexicon:
        """The lexicon of these words by slug. Raises ``VoiceError`` for more than ``MOST_STYLES`` styles."""
        slugs = tuple(words)
        if len(slugs) > MOST_STYLES:
            raise VoiceError(f"a lexicon has room for {MOST_STYLES} styles: make one of fewer texts")
        begin: dict[str, int] = {}
        whole: dict[str, int] = {}
        for bit, slug in enumerate(slugs):
            for word in words[slug]:
                whole[word] = whole.get(word, 0) | 1 << bit
                for end in range(1, len(word) + 1):
                    begin[word[:end]] = begin.get(word[:end], 0) | 1 << bit
        trie = marisa_trie.Trie(sorted(begin))
        whose_begin, whose_word = np.zeros(len(begin), np.int32), np.zeros(len(begin), np.int32)
        for beginning, bits in begin.items():
            number = trie[beginning]
            whose_begin[number], whose_word[number] = bits, whole.get(beginning, 0)
        return cls(slugs, trie, whose_begin, whose_word)

    def bits_of(self, slugs: Iterable[str]) -> int:
        """The bits of those of ``slugs`` that it has words of."""
        return sum(1 << self.slugs.index(slug) for slug in set(slugs) if slug in self.slugs)

    def following(self, beginning: str, bits: int) -> tuple[str, bool]:
        """The letters by which a word of the styles of ``bits`` goes on behind ``beginning``; whether it is a word."""
        whole = self._trie.get(beginning)
        ends = whole is not None and bool(self._whose_word[whole] & bits)
        numbers = [(letter, self._trie.get(beginning + letter)) for letter in LETTERS]
        known = [letter for letter, number in numbers if number is not None and self._whose_begin[number] & bits]
        return "".join(known), ends

    def save(self, path: Path) -> None:
        """Write it as one file, whole or not at all."""
        data = self._trie.tobytes()
        tensors = {
            "trie": torch.frombuffer(bytearray(data), dtype=torch.uint8),
            "begin": torch.from_numpy(self._whose_begin),
            "word": torch.from_numpy(self._whose_word),
        }
        record = {"format": FORMAT, "slugs": list(self.slugs), "trie": sha256(data).hexdigest()}
        tensor_file.write(path, tensors, record)

    @classmethod
    def load(cls, path: Path) -> Lexicon:
        """Read a file that ``save`` wrote. Raises ``VoiceError`` for any other, and for one that was damaged since."""
        tensors, record = tensor_file.read(path)
        slugs, trie = record.get("slugs"), tensors.get("trie")
        begin, word = tensors.get("begin"), tensors.get("word")
        wrong = VoiceError(f"{path} is no lexicon: `antiphon manners lexicon` makes one")
        if record.get("format") != FORMAT or not isinstance(slugs, list) or not 0 < len(slugs) <= MOST_STYLES:
            raise wrong
        if trie is None or begin is None or word is None or not all(isinstance(slug, str) for slug in slugs):
            raise wrong
        if trie.dtype != torch.uint8 or begin.dtype != torch.int32 or word.dtype != torch.int32:
            raise wrong
        data = trie.numpy().tobytes()
        if sha256(data).hexdigest() != record.get("trie"):  # the library believes what it is given
            raise wrong
        known = marisa_trie.Trie().frombytes(data)
        if not begin.shape == word.shape == (len(known),) or not len(known):
            raise wrong
        return cls(tuple(slugs), known, begin.numpy(), word.numpy())
