"""An n-gram voice as a file: the text that it remembers, and how far it looks back. All else is made anew at load.

Safetensors: the text as codes, a JSON record beside them. No thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models import tensor_file
from models.int8_rows import slug_of
from models.interface import Codes
from models.ngram.contexts import LONGEST
from protocol.alphabet import VOCABULARY
from protocol.errors import VoiceError

KIND = "ngram"  # as a voice file's record names it
FORMAT = 1  # of the file; a reader refuses others
MOST_CHARS = 20_000_000  # of a text: 18 bytes of memory each


@dataclass(frozen=True)
class RememberedText:
    """A text to be spoken from: ``codes`` (below 128), and ``order``, the characters that are looked back at."""

    slug: str
    codes: Codes
    order: int
    record: Mapping[str, Any] = field(default_factory=dict)  # how it was made

    def save(self, path: Path) -> None:
        """Write it as one file, whole or not at all."""
        record = {"kind": KIND, "format": FORMAT, "slug": self.slug, "order": self.order, "training": dict(self.record)}
        tensor_file.write(path, {"text": torch.from_numpy(self.codes.copy())}, record)

    @staticmethod
    def load(path: Path) -> RememberedText:
        """Read a file that ``save`` wrote; raises ``VoiceError`` for any other."""
        tensors, record = tensor_file.read(path)
        if (record.get("kind"), record.get("format")) != (KIND, FORMAT):
            raise VoiceError(f"{path} is no n-gram of format {FORMAT}")
        try:
            codes, order = tensors["text"], int(record["order"])
            if codes.dtype != torch.uint8 or codes.dim() != 1 or not 0 < len(codes) <= MOST_CHARS:
                raise ValueError(f"its text is {codes.dtype}, of {tuple(codes.shape)}")
            text = codes.numpy().astype(np.uint8, copy=False)
            if text.max() >= VOCABULARY or not 1 <= order <= LONGEST:
                raise ValueError(f"it looks back {order} characters, or its text is not 7-bit")
            return RememberedText(slug_of(record["slug"]), text, order, dict(record.get("training", {})))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise VoiceError(f"{path} is no n-gram that Antiphon can speak with ({error})") from None
