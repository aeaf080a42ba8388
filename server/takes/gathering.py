"""The voices and lists of a take found again by their checksums, among those of today and those that takes keep.

Runs on the caller's thread; the voices then belong to whoever takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from models import shelf
from models.choir import Choir
from models.loading import load_choir
from protocol.errors import AntiphonError, TakeError, VoiceError
from server.manners.keeping import Manners
from server.manners.quotes import Quotations, QuoteGuard
from server.manners.shelf import read_words
from server.takes.events import Identity
from server.takes.identity import checksum, stored


def resolve(
    voices: Sequence[Identity], folder: Path, otherwise: Callable[[str], None] | None = None
) -> list[tuple[Identity, Path]]:
    """The file of each of ``voices``; ``folder`` is where those of takes are kept.

    Where one is not there any more, today's of the same name speaks for it and ``otherwise`` is told so in a line;
    where that is None, or there is none, it is a ``TakeError``.
    """
    today = shelf.voices()
    found, missing = [], []
    for voice in voices:
        path = _exactly(voice, today, folder)
        if path is not None:
            found.append((voice, path))
        elif otherwise is not None and voice.slug in today:
            otherwise(f"{voice.slug} is not what it was: today's speaks for it")
            found.append((replace(voice, checksum=checksum(today[voice.slug])), today[voice.slug]))
        else:
            missing.append(voice.slug)
    if missing:
        raise TakeError(
            f"the weights that this take was played with are not here any more: {', '.join(missing)}; "
            "`antiphon take render` plays it with those of today"
        )
    return found


def gather(
    voices: Sequence[Identity], folder: Path, device: str = "cpu", otherwise: Callable[[str], None] | None = None
) -> Choir:
    """These ``voices``, in their order, as ``resolve`` finds them."""

    def refuse(line: str) -> None:
        raise VoiceError(line.removesuffix(": going on without it"))

    return load_choir([path for _, path in resolve(voices, folder, otherwise)], device, refuse)


def _exactly(voice: Identity, today: Mapping[str, Path], folder: Path) -> Path | None:
    """Where the very file of ``voice`` is."""
    if not voice.checksum:
        return None
    candidates = (today.get(voice.slug), stored(voice.checksum, folder))
    return next((path for path in candidates if path and path.is_file() and checksum(path) == voice.checksum), None)


def gather_manners(lists: Mapping[str, str], folder: Path) -> Manners:
    """What the text of a take was guarded by; raises ``TakeError`` for lists that are not there any more."""
    try:
        words = read_words(stored(lists["words"], folder)) if "words" in lists else None
        quotations = [Quotations.load(stored(told, folder)) for name, told in lists.items() if name != "words"]
    except AntiphonError as error:
        raise TakeError(f"a list that this take's text was guarded by is not here any more: {error}") from None
    return Manners(words, QuoteGuard(quotations) if quotations else None)
