"""What a voice can be made of: the names that a command line knows, without what makes them. Values; no thread."""

from __future__ import annotations

from enum import StrEnum


class VoiceKind(StrEnum):
    """What a voice is made of."""

    CHAR = "char"  # an LSTM over characters
    WORD = "word"  # an LSTM over words
    NGRAM = "ngram"  # all that its text has shown
    ADAPTER = "adapter"  # what leans the narrator to the style
