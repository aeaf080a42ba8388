"""What comes next by all that a text has shown: interpolated modified Kneser-Ney (Chen & Goodman 1998).

The longest context that the text has is counted by its places, each shorter one by how many different characters stood
before it; what a context's discounts take away goes to the next shorter one, and below the empty context stands the
even distribution. Pure numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.interface import Codes
from models.ngram.contexts import Contexts
from protocol.alphabet import VOCABULARY

EVEN = np.full(VOCABULARY, 1.0 / VOCABULARY)


def distribution(contexts: Contexts, newest_first: Codes) -> NDArray[np.float64]:
    """(128,) what comes after these characters, of which there are ``contexts.order``; all above 0, they sum to 1."""
    counts = contexts.counts(newest_first)  # (n, 128)
    lengths = np.arange(len(counts))[:, None]
    taken = contexts.discounts[lengths, np.minimum(counts, 3).astype(np.int64)]
    totals = counts.sum(axis=1)
    kept = (counts - taken) / totals[:, None]
    handed_down = taken.sum(axis=1) / totals
    expected = EVEN
    for row, share in zip(kept, handed_down, strict=True):
        expected = row + share * expected
    return np.asarray(expected / expected.sum())
