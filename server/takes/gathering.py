"""The voices of a take found again by their checksums, among those that play today and those that takes keep.

Runs on the caller's thread; the voices then belong to whoever takes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models import shelf
from models.choir import Choir
from models.loading import load_choir
from protocol.errors import TakeError, VoiceError
from server.takes.events import Identity
from server.takes.identity import checksum, stored


def gather(voices: Sequence[Identity], folder: Path, device: str = "cpu") -> Choir:
    """Exactly these ``voices``, in their order; ``folder`` is where those of takes are kept.

    Raises ``TakeError`` for those whose weights are not there any more.
    """
    today = shelf.voices()
    paths, missing = [], []
    for voice in voices:
        candidates = [path for path in (today.get(voice.slug), stored(voice, folder)) if path and path.is_file()]
        path = next((path for path in candidates if voice.checksum and checksum(path) == voice.checksum), None)
        if path is None:
            missing.append(voice.slug)
        else:
            paths.append(path)
    if missing:
        raise TakeError(
            f"the weights that this take was played with are not here any more: {', '.join(missing)}; "
            "`antiphon take render` plays it with those of today"
        )

    def refuse(line: str) -> None:
        raise VoiceError(line.removesuffix(": going on without it"))

    return load_choir(paths, device, refuse)
