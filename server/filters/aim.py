"""Aiming the text: words and letters that it is drawn to, letters that never come, first letters that spell a word.

Three wishes of the performer change the mixed distribution before the guards do:

- **Attract**: every word of the list pulls the letters that spell it, the more of it is written the harder. A pull
  multiplies a probability, so that what no voice finds possible stays impossible. The bag-of-words control of
  Dathathri et al. 2020 (PPLM), on letters. A word that has just come pulls less for a while.
- **Avoid**: a lipogram. The letters are taken out, in both cases.
- **Acrostic**: the first letters of the lines spell a word, again and again. Where the word stands follows from the
  text alone, so that a rewind, a replay and a restart agree about it. Lines end sooner while it is in force.

Pure: values in, values out. V = 128 characters; a distribution p (V,) sums to 1. No thread of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from protocol.mixing import WRITABLE, Vector
from protocol.tree import ACROSTIC, ATTRACT, ATTRACTION, AVOID, Value

Mask = NDArray[np.bool_]  # (V,)

LINES_LOOKED_AT_CHARS = 4_000  # of the text's end, in which the acrostic's last lines are looked for
WORD_START_PULL = 2.0  # of a word's first letter, at full strength, in nats
LETTER_PULL = 3.0  # of a single letter that is attracted, in nats
IN_WORD_PULL = 3.0  # of a begun word's next letter, in nats
IN_WORD_PULL_A_LETTER = 1.5  # more, for every letter that is written, in nats
RECENT_CHARS = 80  # within which a word that has come pulls less
SHORT_LINE_CHARS, LONG_LINE_CHARS = 24, 48  # an acrostic's line ends at a blank, surely at the second length
SHORTEST_INDENT_COLUMNS = 4  # that an acrostic's line may be indented by

_WORD_SO_FAR = re.compile(r"[A-Za-z']*\Z")
_NEWLINE, _BLANK = ord("\n"), ord(" ")
_LETTERS: Mask = np.array([chr(code).isalpha() for code in range(len(WRITABLE))])
_MARKS: Mask = np.array([chr(code) in "\"'(*_" for code in range(len(WRITABLE))])  # that may stand before an initial


@dataclass(frozen=True)
class Aim:
    """What the performer aims at: ``words`` and ``letters`` in lower case, ``strength`` 0 to 1."""

    words: tuple[str, ...] = ()
    letters: str = ""
    strength: float = 0.0
    avoid: str = ""
    acrostic: str = ""
    complaint: str = ""  # one line where two wishes contradict each other

    @classmethod
    def of(cls, values: Mapping[str, Value]) -> Aim:
        """As the parameters say; what is no letter is passed over."""
        return _aim(_text(values, ATTRACT), _number(values, ATTRACTION), _text(values, AVOID), _text(values, ACROSTIC))

    @property
    def idle(self) -> bool:
        """Whether nothing is aimed at."""
        return not (self.avoid or self.acrostic or (self.strength > 0.0 and (self.words or self.letters)))

    @property
    def looked_at_chars(self) -> int:
        """How much of the text's end decides how the aim bends it."""
        return LINES_LOOKED_AT_CHARS if self.acrostic else RECENT_CHARS

    def aimed(self, p: Vector, text: str) -> Vector:
        """(V,) ``p`` as the aim bends it behind ``text``, of which the end will do.

        What is avoided goes first and comes back in no case; where the acrostic finds no letter possible it is let
        go for this character.
        """
        if self.idle:
            return p
        bent = p * self.pulls(text) if self.strength > 0.0 else p.copy()
        bent[avoided(self.avoid)] = 0.0
        if not bent.any():
            return p  # every possible letter is avoided: the guards above this one decide
        if self.acrostic:
            bent = self._lined(bent, text)
        return np.asarray(bent / bent.sum())

    def pulls(self, text: str) -> Vector:
        """(V,) the factors by which the attracted words and letters pull behind ``text``, 1 where nothing does."""
        nats = np.zeros(len(WRITABLE))
        for letter in self.letters:
            _raise(nats, letter, LETTER_PULL)
        found = _WORD_SO_FAR.search(text)
        begun = found[0].lower() if found else ""
        recent = text[-RECENT_CHARS:].lower()
        for word in self.words:
            since = len(recent) - recent.rfind(word) - len(word) if word in recent and begun != word else RECENT_CHARS
            share = since / RECENT_CHARS
            if begun == word:
                nats[~_LETTERS] = np.maximum(nats[~_LETTERS], IN_WORD_PULL)
            elif not begun:
                _raise(nats, word[0], WORD_START_PULL * share)
            elif word.startswith(begun):
                _raise(nats, word[len(begun)], (IN_WORD_PULL + IN_WORD_PULL_A_LETTER * len(begun)) * share)
        return np.exp(self.strength * nats)

    def initial(self, text: str) -> str:
        """The letter that the acrostic wants at the next line's beginning, in lower case; "" where there is none."""
        if not self.acrostic:
            return ""
        return self.acrostic[acrostic_place(text, self.acrostic)]

    def _lined(self, p: Vector, text: str) -> Vector:
        """``p`` with the line's first letter given, or with the line's end hastened."""
        line = text[text.rfind("\n") + 1 :]
        if any(character.isalpha() for character in line):
            haste = (len(line) - SHORT_LINE_CHARS) / (LONG_LINE_CHARS - SHORT_LINE_CHARS)
            share = min(1.0, max(0.0, haste))
            moved = p.copy()
            moved[_NEWLINE] += share * moved[_BLANK]
            moved[_BLANK] *= 1.0 - share
            return moved
        wanted = self.initial(text)
        allowed = np.zeros(len(WRITABLE), np.bool_)
        allowed[[ord(wanted), ord(wanted.upper())]] = True
        if not line.strip():
            allowed |= _MARKS
            allowed[_BLANK] = len(line) < SHORTEST_INDENT_COLUMNS
        kept = np.where(allowed, p, 0.0)
        letter = kept[ord(wanted)] + kept[ord(wanted.upper())]
        if letter == 0.0:  # nobody finds it possible: it is written all the same, as the acrostic's first letter
            kept[ord(wanted.upper())] = max(kept.sum(), 1.0)
        return kept


def avoided(letters: str) -> Mask:
    """(V,) the codes of ``letters``, in both cases."""
    mask = np.zeros(len(WRITABLE), np.bool_)
    for letter in letters:
        mask[[ord(letter.lower()), ord(letter.upper())]] = True
    return mask


def acrostic_place(text: str, acrostic: str) -> int:
    """Which of the ``acrostic``'s letters comes next: how many of them the last lines' first letters spell.

    A line counts once it has a letter. The place is 0 behind a whole acrostic: it begins again.
    """
    lines = text[-LINES_LOOKED_AT_CHARS:].split("\n")
    initials = "".join(next((c.lower() for c in line if c.isalpha()), "") for line in lines)
    for place in range(min(len(acrostic), len(initials)), 0, -1):
        if initials.endswith(acrostic[:place]):
            return place % len(acrostic)
    return 0


@lru_cache(64)
def _aim(attract: str, strength: float, avoid: str, acrostic: str) -> Aim:
    wanted = tuple(dict.fromkeys(re.findall(r"[a-z']+", attract.lower())))
    spelled = "".join(c for c in acrostic.lower() if c.isascii() and c.isalpha())
    banned = "".join(dict.fromkeys(c for c in avoid.lower() if c.isascii() and c.isalpha()))
    clash = sorted(set(spelled) & set(banned))
    lost = [word for word in wanted if set(word) & set(banned)]
    complaint = ""
    if len(banned) == 26:
        banned, complaint = "", "every letter is to be avoided: none is"
    elif clash:
        complaint = f"the acrostic needs {', '.join(clash)}, which never comes: these letters are left out of it"
        spelled = "".join(c for c in spelled if c not in banned)
    elif lost:
        complaint = f"{lost[0]!r} cannot come while its letters are avoided"
    return Aim(
        tuple(word for word in wanted if len(word) > 1 and word not in lost),
        "".join(word for word in wanted if len(word) == 1 and word not in banned),
        strength,
        banned,
        spelled,
        complaint,
    )


def _raise(nats: Vector, letter: str, pull: float) -> None:
    for code in (ord(letter.lower()), ord(letter.upper())):
        nats[code] = max(nats[code], pull)


def _text(values: Mapping[str, Value], address: str) -> str:
    value = values.get(address, "")
    return value if isinstance(value, str) else ""


def _number(values: Mapping[str, Value], address: str) -> float:
    value = values.get(address, 0.0)
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else 0.0
