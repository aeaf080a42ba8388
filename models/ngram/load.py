"""From files to n-gram voices: every one that can be read. Runs on the caller's thread, who then has the voices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from models.ngram.contexts import Contexts
from models.ngram.text_file import KIND, RememberedText
from models.ngram.voices import NgramVoices
from protocol.errors import VoiceError

__all__ = ["KIND", "load"]


def load(paths: Iterable[Path], device: str, complain: Callable[[str], None]) -> NgramVoices:
    """All voices that can be read from ``paths``; a broken one is left out with one line to ``complain``.

    They are stepped on the processor whatever the ``device``. Raises ``VoiceError`` only when none is left.
    """
    remembered = {}
    for path in paths:
        try:
            text = RememberedText.load(path)
        except VoiceError as error:
            complain(f"{error}: going on without it")
            continue
        remembered[text.slug] = Contexts(text.codes, text.order)
    if not remembered:
        raise VoiceError("there is no n-gram that can be read: antiphon train NAME --kind ngram makes one")
    return NgramVoices(remembered)
