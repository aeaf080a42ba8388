"""Who the voices of a take were, and their weights kept with it: a voice may learn anew, its takes are still playable.

A voice is told from all others by the SHA-256 of its file. A file that a take names is kept in ``takes/voices`` under
that name, as a link that takes no room where the system can make one. No thread of its own: reading 24 files takes a
tenth of a second.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from models import shelf
from protocol.messages import Card
from server.takes.events import Identity

CHECKSUM = "sha256:"
Stamps = dict[str, tuple[str, int, int]]  # see ``models.shelf.stamps``


def checksum(path: Path) -> str:
    """What tells the file from all others. Raises ``OSError``."""
    with path.open("rb") as file:
        return f"{CHECKSUM}{hashlib.file_digest(file, 'sha256').hexdigest()}"


def identify(cards: Sequence[Card]) -> list[Identity]:
    """The voices of ``cards``; without a checksum those that have no file, or whose file changed as it was read."""
    before, paths = shelf.stamps(), shelf.voices()
    identities = []
    for card in cards:
        told = ""
        if card.slug in before and card.slug in paths:
            with suppress(OSError):  # gone meanwhile
                told = checksum(paths[card.slug])
        identities.append(Identity(card.slug, card.name, card.monogram, card.colour, told))
    after = shelf.stamps()
    return [
        each if before.get(each.slug) == after.get(each.slug) else replace(each, checksum="") for each in identities
    ]


def keep(voices: Sequence[Identity], folder: Path) -> None:
    """Keep the files of ``voices`` in ``folder``, where they are not yet. Raises ``OSError``."""
    paths = shelf.voices()
    for voice in voices:
        kept = stored(voice, folder)
        if voice.checksum and not kept.exists():
            folder.mkdir(parents=True, exist_ok=True)
            try:
                os.link(paths[voice.slug], kept)
            except OSError:  # another disk, or a system without links
                temporary = kept.with_name(f".{kept.name}.{os.getpid()}")
                shutil.copyfile(paths[voice.slug], temporary)
                os.replace(temporary, kept)


def stored(voice: Identity, folder: Path) -> Path:
    """Where the file of ``voice`` is kept."""
    return folder / f"{voice.checksum.removeprefix(CHECKSUM)}{shelf.SUFFIX}"
