"""Which kind of voice is made when it is no char-LSTM, and what is said of it. Values; no thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models import voice_folders
from models.ngram.voices import ALONE, COMPANION
from models.training.voice_kind import VoiceKind
from protocol.alphabet import MEMORY_TONGUE, SENSE, WORD_TONGUE

ROLES = {VoiceKind.WORD: WORD_TONGUE, VoiceKind.NGRAM: MEMORY_TONGUE, VoiceKind.ADAPTER: SENSE}


@dataclass(frozen=True)
class AnotherKind:
    """A kind other than the char-LSTM. ``vectors``: a file of word vectors; ``order``: characters looked back at."""

    kind: VoiceKind
    vectors: Path | None = None
    order: int | None = None

    @property
    def role(self) -> str:
        """What it is to a style that has a char-LSTM already, and the folder that it lies in."""
        return ROLES[self.kind]

    def terms(self) -> dict[str, object]:
        """What has to be the same for an interrupted round over all styles to be gone on with."""
        return {"kind": str(self.kind), "vectors": str(self.vectors), "order": self.order}


def default_order(slug: str) -> int:
    """How far an n-gram looks back: far beside a voice of the same text, less far alone, where it would recite."""
    own = voice_folders.voices().get(slug)
    return ALONE if own is None or own.parent.name == MEMORY_TONGUE else COMPANION
