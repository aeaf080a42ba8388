"""From files to voices of any kind: each kind is a folder beside this file, with a loader in ``LOADERS``.

Runs on the caller's thread; the voices then belong to whoever takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch

from models import tensor_file
from models.char_lstm import load as char_lstm
from models.interface import Voices
from models.ngram import load as ngram
from models.words import load as words
from protocol.errors import VoiceError

Complain = Callable[[str], None]
Loader = Callable[[list[Path], str, Complain], Voices]  # files of one kind, the device, who is told what is left out

LOADERS: Mapping[str, Loader] = {  # by the kind that a file's record names
    char_lstm.KIND: char_lstm.load,
    words.KIND: words.load,
    ngram.KIND: ngram.load,
}


def load_voices(
    paths: Iterable[Path],
    device: str = "cpu",
    complain: Complain = lambda line: None,
    loaders: Mapping[str, Loader] = LOADERS,
) -> Voices:
    """All voices that can be read from ``paths``; those that cannot are left out with one line each to ``complain``.

    Voices that speak together are of one kind: of several, the kind that most files are of. A file whose record names
    none is a char-LSTM. Raises ``VoiceError`` only when no voice is left.
    """
    found: dict[str, list[Path]] = {}
    for path in paths:
        try:
            kind = str(tensor_file.read_record(path).get("kind", char_lstm.KIND))
        except VoiceError as error:
            complain(f"{error}: going on without it")
            continue
        found.setdefault(kind, []).append(path)
    chosen = max((kind for kind in found if kind in loaders), key=lambda kind: len(found[kind]), default=char_lstm.KIND)
    for kind, others in found.items():
        for path in others if kind != chosen else ():
            complain(f"{path} is a voice of the kind {kind[:40]!r}, the others are {chosen}: going on without it")
    return loaders[chosen](found.get(chosen, []), device, complain)


def pick_device(wanted: str | None = None) -> str:
    """``wanted`` if torch has it, else CUDA, then MPS, then CPU; raises ``VoiceError`` for one that is not there."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted is None:
        return next(name for name, there in present.items() if there)
    if not present.get(wanted.split(":")[0], False):
        usable = ", ".join(name for name, there in present.items() if there)
        raise VoiceError(f"there is no device {wanted} here: use --device with one of {usable}")
    return wanted
