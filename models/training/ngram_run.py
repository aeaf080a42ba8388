"""Making n-gram voices: from a text to a file in an instant, examined on places that were cut from it before.

Runs on the caller's thread.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from models.evaluation import bits_per_char
from models.interface import Codes
from models.ngram.text_file import MOST_CHARS, RememberedText
from models.ngram.voices import ALONE, instant
from models.training.streams import cut, spread_split
from models.training.train_voice import TrainingResult, digest_of, encode
from protocol.errors import StyleError, VoiceError

EXAMINED_CHARS = 20_000  # held out, at the most, from the beginning


def make_ngram_voice(slug: str, text: str, path: Path, order: int = ALONE) -> TrainingResult:
    """One n-gram of a cleaned text; it replaces the one at ``path`` only if it is better."""
    codes = encode(text)
    if len(codes) > MOST_CHARS:
        raise StyleError(f"the text has {len(codes):,} characters; an n-gram remembers {MOST_CHARS:,} at the most")
    split = spread_split(len(codes))
    read, held_out = np.concatenate(cut(codes, split.training)), np.concatenate(cut(codes, split.held_out))
    begun = time.perf_counter()
    voices = instant(slug, read, order)
    seconds = time.perf_counter() - begun
    bits = bits_per_char(voices, held_out[:EXAMINED_CHARS])
    earlier = _bits_of(path, held_out[:EXAMINED_CHARS])
    kept = earlier is None or bits < earlier
    if kept:
        record = {
            "text": digest_of(codes),
            "held_out": [(span.start, span.stop) for span in split.held_out],
            "held_out_bits": round(bits, 4),
            "seconds": round(seconds, 3),
            "made": time.strftime("%Y-%m-%d"),
        }
        RememberedText(slug, read, order, record).save(path)
    return TrainingResult(path, bits, earlier, kept, seconds, len(read))


def _bits_of(path: Path, held_out: Codes) -> float | None:
    """How well the n-gram that stands at ``path`` foresees the text; None where there is none of use."""
    try:
        there = RememberedText.load(path)
    except VoiceError:
        return None
    return bits_per_char(instant(there.slug, there.codes, there.order), held_out)
