"""Who is examined on what: a voice, the text of its style, and how that was cut before the voice was trained.

The cut is read from the voice's training record, so that no character it learnt from is ever taken for held-out text.
Reads files; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from models import tensor_file, voice_folders
from models.char_lstm.weights_file import VoiceWeights
from models.interface import Codes
from models.training.streams import Span, cut
from protocol.errors import StyleError, VoiceError
from styles.card import Card
from styles.library import corpus_path, find, shipped

# ---- how much is measured: the whole report, and a quick look --------------------------------------------------------

LEAD_CHARS = 40  # characters that a voice writes before those that are judged
SEED = 1

FUSED = (
    ("austen", "baudelaire"),
    ("austen", "linux"),
    ("bible", "trump"),
    ("kant", "lovesongs"),
    ("homer", "apollo11"),
    ("beeton", "nietzsche"),
    ("buddha", "quran"),
    ("frankenstein", "sensation"),
    ("latex", "linux"),
    ("davinci", "machiavelli"),
)
SLID = (
    ("bible", "linux"),
    ("austen", "trump"),
    ("beeton", "nietzsche"),
    ("homer", "apollo11"),
    ("kant", "lovesongs"),
    ("latex", "quran"),
)


@dataclass(frozen=True)
class Scale:
    """All counts that decide how long a report takes and how fine its figures are."""

    held_out: int = 1_000_000  # characters of each held-out place, at most
    stretches: int = 4  # of 250 characters, of each held-out place, that matrix and fusion read
    written: int = 40  # pieces of 500 characters that each voice writes at each temperature
    real: int = 100  # pieces of each style's held-out text, at most
    lessons: int = 1_200  # pieces of each style's training text that the judge learns from, at most
    fused: int = 10  # pairs
    slid: int = 6  # pairs
    slid_pieces: int = 40  # at each weight
    weights: int = 11  # from 0 to 1


FULL = Scale()
QUICK = Scale(held_out=2_000, stretches=1, written=10, real=20, lessons=250, fused=3, slid=2, slid_pieces=8, weights=5)


def pairs(listed: tuple[tuple[str, str], ...], slugs: list[str], most: int) -> list[tuple[str, str]]:
    """At most ``most`` pairs of ``slugs``: those ``listed`` first, then neighbours in the list."""
    chosen = [pair for pair in listed if set(pair) <= set(slugs)]
    known = {frozenset(pair) for pair in chosen}
    chosen += [pair for pair in pairwise(slugs) if frozenset(pair) not in known]
    return chosen[:most]


PIECE_CHARS = 500  # characters of text that are placed at a time


@dataclass(frozen=True)
class Subject:
    """One voice with its style's card and text."""

    card: Card
    path: Path  # of the voice
    weights: str  # SHA-256 of the voice's file
    record: dict[str, Any]  # of its training
    text: Codes
    checksum: str  # SHA-256 of the text

    @property
    def slug(self) -> str:
        return self.card.slug

    def voice(self) -> VoiceWeights:
        return VoiceWeights.load(self.path)

    @cached_property
    def spans(self) -> list[Span]:
        """What was held out, in order."""
        return [Span(int(start), int(stop)) for start, stop in self.record["held_out"]]

    @cached_property
    def held_out(self) -> list[Codes]:
        """The text that the voice has never seen, one piece a place."""
        return cut(self.text, self.spans)

    @cached_property
    def training(self) -> list[Codes]:
        """The text that it has learnt from, in order."""
        edges = [0, *(edge for span in self.spans for edge in (span.start, span.stop)), len(self.text)]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return cut(self.text, [Span(start, stop) for start, stop in pairs if stop > start])


def subject(slug: str) -> Subject:
    """The voice ``slug`` and its text; raises ``StyleError`` or ``VoiceError`` unless both are there and of a kind."""
    card = find(slug)
    path = voice_folders.voice(slug)
    record = tensor_file.read_record(path).get("training", {})
    if not record.get("held_out"):
        raise VoiceError(f"the voice {slug} has no record of what was held out: train it again (antiphon train {slug})")
    data = corpus_path(slug).read_bytes()
    checksum = sha256(data).hexdigest()
    if checksum != record.get("text"):
        raise StyleError(
            f"the text of {slug} here is not the one that its voice has read: get that one "
            f"(antiphon styles fetch --again {slug}) or train anew (antiphon train {slug})"
        )
    return Subject(card, path, sha256(path.read_bytes()).hexdigest(), record, np.frombuffer(data, np.uint8), checksum)


def subjects(slugs: Sequence[str] = ()) -> list[Subject]:
    """Those called ``slugs``, or all shipped styles, each once, in alphabetical order."""
    return [subject(slug) for slug in sorted(set(slugs) or {card.slug for card in shipped()})]


def pieces(texts: Sequence[Codes], most: int, length: int = PIECE_CHARS) -> list[Codes]:
    """At most ``most`` stretches of exactly ``length`` characters from ``texts``, evenly spread, none overlapping."""
    every = [text[start : start + length] for text in texts for start in range(0, len(text) - length + 1, length)]
    chosen = np.linspace(0, len(every) - 1, min(most, len(every))).round().astype(int)
    return [every[i] for i in chosen]
