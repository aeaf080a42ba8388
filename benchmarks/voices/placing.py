"""Whose text is this? A judge that has never met a voice: character n-grams and a linear classifier of scikit-learn.

Its features are how often each run of 2-5 characters occurs in a piece (hashed into 2^18 places, sublinear tf-idf), its
classes the styles, its lessons pieces of 500 characters of the training texts. A logistic regression is fitted by
stochastic gradient descent with a fixed seed. Counting is numpy's, which is some ten times as fast as text analysers
made of Python. Runs on the caller's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.interface import Codes

GRAM_CHARS = (2, 3, 4, 5)  # characters
HASH_BITS = 18  # bits of a hash
PASSES = 10  # over the lessons
SEED = 1
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: multiplicative hashing (Knuth, vol. 3, 6.4)


class Judge(Protocol):
    """Anything that tells styles apart."""

    def opinions(self, pieces: Sequence[Codes]) -> NDArray[np.float64]:
        """(P, K) how much each piece is like each of K styles; the greatest of a row is whom it is attributed to."""


class LinearJudge:
    """The judge that the report names. ``lessons``: pieces of each style, in the order of the columns."""

    def __init__(self, lessons: Sequence[Sequence[Codes]]) -> None:
        from sklearn.feature_extraction.text import TfidfTransformer
        from sklearn.linear_model import SGDClassifier

        styles = np.repeat(np.arange(len(lessons)), [len(pieces) for pieces in lessons])
        self._weigh = TfidfTransformer(sublinear_tf=True)
        self._classify = SGDClassifier(
            loss="log_loss", alpha=1e-6, max_iter=PASSES, tol=None, class_weight="balanced", random_state=SEED
        )
        counted = _counts([piece for pieces in lessons for piece in pieces])
        self._classify.fit(self._weigh.fit_transform(counted), styles)

    def opinions(self, pieces: Sequence[Codes]) -> NDArray[np.float64]:
        return np.asarray(self._classify.predict_proba(self._weigh.transform(_counts(pieces))), np.float64)


def attributions(judge: Judge, pieces: Sequence[Codes]) -> list[int]:
    """The style, by its column, that each piece is attributed to."""
    return [int(style) for style in judge.opinions(pieces).argmax(1)] if pieces else []


def _counts(pieces: Sequence[Codes]) -> Any:
    """(P, 2^18) sparse counts of the character n-grams of each piece."""
    from scipy.sparse import csr_matrix

    columns, counts, ends = [], [], [0]
    for piece in pieces:
        grams = [_hashed(piece, length) for length in GRAM_CHARS if len(piece) >= length]
        found, often = np.unique(np.concatenate(grams), return_counts=True)
        columns.append(found)
        counts.append(often.astype(np.float32))
        ends.append(ends[-1] + len(found))
    shape = (len(pieces), 1 << HASH_BITS)
    return csr_matrix((np.concatenate(counts), np.concatenate(columns), np.asarray(ends)), shape=shape)


def _hashed(piece: Codes, length: int) -> NDArray[np.int32]:
    """The place of each run of ``length`` characters."""
    keys = np.full(len(piece) - length + 1, length, np.uint64)  # runs of different lengths do not meet
    for place in range(length):
        keys = keys << np.uint64(7) | piece[place : place + len(keys)]
    return np.asarray(keys * _SPREAD >> np.uint64(64 - HASH_BITS), np.int32)
