"""The spelling filter: inside a word, which characters lead on to words that the voices in play know.

A beginning with a capital is looked up with it and without, one in capitals in small letters too; what is not known at
all (a name just primed, a word that a voice invented) is free to its end, and so are digits and what follows them.
The mask depends on the text's end and on who is in play, so it is the same in every replay; it is found while there is
time. Pure; belongs to the engine's thread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import lru_cache

import numpy as np

from models.lexicon import LETTERS, MOST_WORD_CHARS, Lexicon
from protocol.alphabet import VOCABULARY
from protocol.spelling import Mask

LOOKED_AT_CHARS = MOST_WORD_CHARS + 2
KEPT_MASKS = 4_096

_BEGINNING = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+\Z")
_LETTER: Mask = np.array([chr(code) in LETTERS for code in range(VOCABULARY)])


class SpellingFilter:
    """By ``lexicons``, each with the words of some styles; a style may stand in several."""

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        self._lexicons = tuple(lexicons)
        self._known = frozenset(slug for lexicon in lexicons for slug in lexicon.slugs)
        self._mask = lru_cache(KEPT_MASKS)(self._found)

    def known(self, text: str, playing: Set[str], wanted: str = "") -> Mask | None:
        """(V,) which characters may follow ``text`` in words of the styles ``playing``, and in the ``wanted`` words.

        None where all may: between words, inside one that nobody knows, and where a style is in play that has no words.
        """
        begun = _BEGINNING.search(text[-LOOKED_AT_CHARS:])
        if begun is None or len(begun[0]) > MOST_WORD_CHARS or not playing or not playing <= self._known:
            return None
        return self._mask(begun[0], frozenset(playing), wanted)

    def _found(self, begun: str, playing: Set[str], wanted: str) -> Mask | None:
        letters, ends = set[str](), False
        forms = [(begun, False)]  # as it is looked up, and whether what follows is put in capitals
        if begun[0].isupper():
            forms.append((begun[0].lower() + begun[1:], False))
        if begun.isupper():
            forms.append((begun.lower(), True))
        for lexicon in self._lexicons:
            bits = lexicon.bits_of(playing)
            for form, capitals in forms:
                more, whole = lexicon.following(form, bits)
                letters.update(more.upper() if capitals else more)
                ends = ends or whole
        for word in wanted.lower().split():
            if word.startswith(begun.lower()):
                ends = ends or word == begun.lower()
                letters.update((word[len(begun) :][:1].lower(), word[len(begun) :][:1].upper()))
        letters.discard("")
        if not letters and not ends:
            return None
        mask = np.where(_LETTER, False, ends)
        mask[[ord(letter) for letter in letters]] = True
        mask.flags.writeable = False
        return mask
