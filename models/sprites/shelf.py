"""Where generators of pictures stand: the shipped one, and those that a user trained. Only paths; nothing is read."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path

from protocol.alphabet import SLUG
from protocol.errors import VoiceError

SHIPPED = "creatures"  # the name of the set that comes with Antiphon
SUFFIX = ".safetensors"


def user_folder() -> Path:
    """Where a user's own stand."""
    return user_data_path("antiphon", appauthor=False) / "sprites"


def generators() -> dict[str, Path]:
    """Every generator by name; a user's own comes before the shipped one of the same name."""
    folders = (Path(__file__).parent / "weights", user_folder())
    return {
        path.stem: path
        for folder in folders
        for path in sorted(folder.glob(f"*{SUFFIX}"))
        if not path.name.startswith(".")
    }


def generator(name: str = SHIPPED) -> Path:
    """The file of one; raises ``VoiceError`` where there is none."""
    there = generators()
    if name not in there:
        names = ", ".join(there) or "none yet"
        raise VoiceError(f"there are no sprites {name[:40]!r} ({names}): antiphon sprites train makes some")
    return there[name]


def checked_name(name: str) -> str:
    """``name``, which is to be a file's; raises ``VoiceError`` for one that cannot."""
    if not SLUG.fullmatch(name):
        raise VoiceError(f"{name[:40]!r} is no name: 1 to 32 small letters, digits and hyphens")
    return name
