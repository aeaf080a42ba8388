"""Grain: for how long a voice that expected what is being written keeps the say.

Within a word (a phrase, a line, a sentence) the weight of voice i is w_i prod p_i(c)^g over the characters c since it
began: Bayesian mixing of experts, begun anew at every boundary, so that each voice has its fader's weight again there
(Herbster & Warmuth 1998 track the best expert so; a voice that did not read all of it counts where it did not as what
the others expected on the whole, as sleeping experts do: Freund et al. 1997). Grain g = 0 is the vote letter by letter,
bit for bit; g = 1 is Bayes' rule. The weights are live: a fader that moves is heard in the next character.

Both processes weigh with these functions. Pure; no thread of its own.
"""

from __future__ import annotations

import re
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.sentences import ends_sentence

Vector = NDArray[np.float64]

UNIT_CHARS = 400  # the longest word, phrase, line or sentence that is looked at
LEAST_CHANCE = 1e-12  # of a character that a voice did not expect at all: nobody is silenced for good
STEPS_PER_NAT = 256  # of evidence on the wire
GREATEST_STEP = 65_535

WORD_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_'"
PHRASE_ENDS = re.compile(r"[\n.,;:!?()\[\]{}\"]")
SENTENCE_ENDS = re.compile(r"[.!?][\"')\]}*_]*\s|\n[ \t]*\n")  # where one may end: ``ends_sentence`` says whether


class Boundary(IntEnum):
    """Where the voices' evidence begins anew."""

    WORD = 0
    PHRASE = 1
    LINE = 2
    SENTENCE = 3


def begun(text: str, boundary: int) -> int:
    """How many characters at the end of ``text`` belong to the word, phrase, line or sentence that is being written."""
    end = text[-UNIT_CHARS:]
    if boundary == Boundary.WORD:
        return len(end) - len(end.rstrip(WORD_CHARS))
    if boundary == Boundary.LINE:
        return len(end) - 1 - end.rfind("\n")
    if boundary == Boundary.PHRASE:
        return len(end) - max((found.end() for found in PHRASE_ENDS.finditer(end)), default=0)
    for found in reversed(list(SENTENCE_ENDS.finditer(end))):
        if ends_sentence(end[: found.end()]):
            return len(end) - found.end()
    return len(end)


def evidence(chances: ArrayLike) -> Vector:
    """(n,) how well n voices foresaw the characters since the boundary: logarithms, the best at 0, the others below.

    ``chances`` (L, n) is what each gave each of the L characters, NaN where it had not read so far: there it counts as
    the mean of the others.
    """
    given = np.asarray(chances, np.float64)
    if not given.size:
        return np.zeros(given.shape[-1])
    known = np.isfinite(given)
    if not known.all():
        readers = known.sum(1)
        mean = np.where(known, given, 0.0).sum(1) / np.maximum(readers, 1)  # (L,)
        given = np.where(known, given, np.where(readers > 0, mean, 1.0)[:, None])
    logs = np.log(np.maximum(given, LEAST_CHANCE)).sum(0)
    return np.asarray(logs - logs.max())


def grained(w: ArrayLike, evidence: ArrayLike, grain: float) -> Vector:
    """Signed weights ``w`` (n,), those above 0 times e^(``grain`` x ``evidence``), their sum as it was.

    Weights below 0 stay: what the mix is led away from is not asked what it foresaw.
    """
    weights = np.asarray(w, np.float64)
    positive = weights > 0.0
    told = np.where(np.isfinite(evidence), evidence, 0.0)
    if not grain > 0.0 or np.count_nonzero(positive) < 2 or not told[positive].any():
        return weights
    told = told - told[positive].max()
    raised = np.where(positive, weights * np.exp(grain * np.minimum(told, 0.0)), 0.0)
    return np.asarray(np.where(positive, raised * (weights[positive].sum() / raised.sum()), weights))


def quantise_evidence(evidence: ArrayLike) -> NDArray[np.uint16]:
    """(n,) evidence as it crosses the wire: 256 steps a nat below the best, at most 65,535."""
    below = np.nan_to_num(-np.asarray(evidence, np.float64), nan=0.0, posinf=GREATEST_STEP, neginf=0.0)
    return np.rint(np.clip(below * STEPS_PER_NAT, 0, GREATEST_STEP)).astype(np.uint16)


def dequantise_evidence(steps: ArrayLike) -> Vector:
    """The inverse, up to rounding."""
    return -np.asarray(steps, np.float64) / STEPS_PER_NAT
