"""The quotation filter: no more than so many characters are copied word for word from what the voices read.

The source texts need not be here. Each window of ``WINDOW_CHARS`` characters in them is hashed (Karp & Rabin 1987), and
one hash in ``SAMPLED_ONE_IN`` is kept in a Bloom filter (1970). A copied run has all its windows in the filter, so that
a quotation is never missed. A run whose sampled windows are there by chance may be taken for a quotation; that costs a
letter now and then. It ends between two words where it can. Pure but for reading the file; used on the engine's thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import tensor_file
from protocol.alphabet import VOCABULARY
from protocol.errors import VoiceError

WINDOW_CHARS = 24  # characters
SAMPLED_ONE_IN = 3  # of the hashes one in so many is kept
PROBES_A_WINDOW = 3  # bits that a window sets
BITS_A_WINDOW = 4  # of the filter; about one window in seven is then there by chance
SHORTEST_QUOTATION_CHARS = (
    60  # characters that may be quoted at least: then a run of windows is there by chance once in 200,000
)
WORD_CHARS = 12  # before the longest quotation's end it ends where a word does, so that few words are broken by it
FORMAT = "antiphon quotations 1"

Hashes = NDArray[np.uint64]
_BASE = np.uint64(0x9E3779B97F4A7C15)


def hashes(codes: NDArray[np.uint8]) -> Hashes:
    """(..., n - WINDOW_CHARS + 1) the hash of each window of ``codes`` (..., n); none if n is too small."""
    count = max(0, codes.shape[-1] - WINDOW_CHARS + 1)
    rolled = np.zeros((*codes.shape[:-1], count), np.uint64)
    for offset in range(WINDOW_CHARS if count else 0):  # modulo 2^64 by overflow
        rolled *= _BASE
        rolled += codes[..., offset : offset + count]
    return _scattered(rolled)


def _scattered(values: Hashes) -> Hashes:
    """Each value with its bits well mixed (the finaliser of SplitMix64, Steele et al. 2014)."""
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def sampled(values: Hashes) -> NDArray[np.bool_]:
    return np.asarray(values % np.uint64(SAMPLED_ONE_IN) == 0)


class QuotationIndex:
    """What stands in a set of texts: ``bits`` (m,) bytes of a Bloom filter over their sampled windows."""

    def __init__(self, bits: NDArray[np.uint8]) -> None:
        self.bits = bits

    @classmethod
    def of(cls, texts: Iterable[str]) -> QuotationIndex:
        """The filter of ``texts`` of 7-bit characters."""
        kept = [np.unique(values[sampled(values)]) for values in map(_hashes_of, texts)]
        values = np.unique(np.concatenate(kept)) if kept else np.zeros(0, np.uint64)
        bits = np.zeros(max(1, -(-len(values) * BITS_A_WINDOW // 8)), np.uint8)
        for place in _places(values, 8 * len(bits)):
            np.bitwise_or.at(bits, place >> np.uint64(3), np.uint8(1) << (place & np.uint64(7)).astype(np.uint8))
        return cls(bits)

    @classmethod
    def load(cls, path: Path) -> QuotationIndex:
        """Read a file that ``save`` wrote. Raises ``VoiceError`` for any other."""
        tensors, record = tensor_file.read(path)
        bits = tensors.get("bits")
        if record.get("format") != FORMAT or bits is None or bits.ndim != 1 or str(bits.dtype) != "torch.uint8":
            raise VoiceError(f"{path} is no file of quotations: `antiphon manners quotations` makes one")
        return cls(bits.numpy())

    def save(self, path: Path, record: dict[str, object]) -> None:
        """Write them, with a ``record`` of what they are of."""
        import torch

        tensor_file.write(path, {"bits": torch.from_numpy(self.bits)}, {**record, "format": FORMAT})

    def holds(self, values: Hashes) -> NDArray[np.bool_]:
        """Which of these sampled hashes may stand in the texts; False is certain."""
        found = np.ones(len(values), np.bool_)
        for place in _places(values, 8 * len(self.bits)):
            found &= (self.bits[place >> np.uint64(3)] >> (place & np.uint64(7)).astype(np.uint8)) & 1 == 1
        return found


class QuotationFilter:
    """Keeps quotations from all of ``texts`` short."""

    def __init__(self, texts: Sequence[QuotationIndex]) -> None:
        self._texts = tuple(texts)

    def allowed(self, text: str, longest: int) -> NDArray[np.bool_]:
        """(V,) which characters may follow ``text`` so that no more than ``longest`` characters are quoted.

        ``longest`` is at least ``SHORTEST_QUOTATION_CHARS``; where a word begins it is ``WORD_CHARS`` less.
        """
        mask = np.ones(VOCABULARY, np.bool_)
        longest = max(longest, SHORTEST_QUOTATION_CHARS) - (WORD_CHARS if text[-1:].isspace() else 0)
        codes = np.frombuffer(text[-longest:].encode("ascii", "replace"), np.uint8)
        if len(codes) < longest:
            return mask
        standing = hashes(codes)
        if not self._hold(standing[sampled(standing)]).all():
            return mask
        endings = np.empty((VOCABULARY, WINDOW_CHARS), np.uint8)
        endings[:, :-1], endings[:, -1] = codes[1 - WINDOW_CHARS :], np.arange(VOCABULARY)
        values = hashes(endings)[:, 0]  # (V,)
        asked = sampled(values)
        mask[~asked] = False  # of a window that was not sampled nothing is known: it may be the quotation's next
        mask[asked] = ~self._hold(values[asked])
        return mask

    def _hold(self, values: Hashes) -> NDArray[np.bool_]:
        return np.asarray(np.logical_or.reduce([part.holds(values) for part in self._texts]))


def _hashes_of(text: str) -> Hashes:
    return hashes(np.frombuffer(text.encode("ascii", "replace"), np.uint8))


def _places(values: Hashes, bits: int) -> list[Hashes]:
    """The bits of a filter of ``bits`` bits that each of ``values`` sets (double hashing, Kirsch & Mitzenmacher)."""
    first, second = values >> np.uint64(32), (values & np.uint64(0xFFFFFFFF)) | np.uint64(1)
    return [(first + np.uint64(probe) * second) % np.uint64(bits) for probe in range(PROBES_A_WINDOW)]
