"""Who is examined on what: a voice, the text of its style, and how that was cut before the voice was trained.

The cut is read from the voice's training record, so that no character it learnt from is ever taken for held-out text.
Reads files; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from models import tensor_file, voice_folders
from models.char_lstm.weights_file import VoiceWeights
from models.training.streams import Codes, Span, cut
from protocol.errors import StyleError, VoiceError
from styles.card import Card
from styles.library import corpus_path, find, shipped

PIECE = 500  # characters of text that are placed at a time


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


def pieces(texts: Sequence[Codes], most: int, length: int = PIECE) -> list[Codes]:
    """At most ``most`` stretches of exactly ``length`` characters from ``texts``, evenly spread, none overlapping."""
    every = [text[start : start + length] for text in texts for start in range(0, len(text) - length + 1, length)]
    chosen = np.linspace(0, len(every) - 1, min(most, len(every))).round().astype(int)
    return [every[i] for i in chosen]
