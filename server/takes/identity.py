"""Who the voices of a take were, and the files that it was made by kept with it: a voice may learn anew, a list of
forbidden words be edited, and the take can still be played to the letter.

A file is told from all others by its SHA-256. What a take names is kept in ``takes/kept`` under that name, as a link
that takes no room where the system can make one. No thread of its own: reading 24 voices takes a tenth of a second.
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


def keep(path: Path, told: str, folder: Path, linked: bool = True) -> None:
    """Keep the file at ``path``, whose checksum was ``told``, in ``folder``, where it is not yet. Raises ``OSError``.

    A file that is edited in place is not to be ``linked``.
    """
    kept = stored(told, folder)
    if not told or kept.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    if linked:
        with suppress(OSError):  # another disk, or a system without links
            os.link(path, kept)
            return
    temporary = kept.with_name(f".{kept.name}.{os.getpid()}")
    shutil.copyfile(path, temporary)
    os.replace(temporary, kept)


def stored(told: str, folder: Path) -> Path:
    """Where the file with this checksum is kept."""
    return folder / told.removeprefix(CHECKSUM)
