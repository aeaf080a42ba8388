"""Where voices stand: the shipped folder, and the folder of the voices that a user trained.

``ANTIPHON_WEIGHTS`` names another folder in place of the shipped one. Only paths; nothing is read. No thread.
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from protocol.alphabet import WORD_TONGUE
from protocol.errors import VoiceError

SUFFIX = ".safetensors"
BASE = "base"  # the network that all voices are children of; it is no voice itself


def shipped_folder() -> Path:
    """The folder of the shipped voices."""
    return Path(os.environ.get("ANTIPHON_WEIGHTS") or Path(__file__).parent / "weights")


def user_folder() -> Path:
    """The folder of the voices that a user trained here."""
    return user_data_path("antiphon", appauthor=False) / "voices"


def voices() -> dict[str, Path]:
    """Every voice by slug, in alphabetical order; a user's own comes before a shipped one of the same name."""
    folders = (shipped_folder(), user_folder())
    found = {path.stem: path for folder in folders for path in folder.glob(f"*{SUFFIX}")}
    return {slug: found[slug] for slug in sorted(found) if slug != BASE and not slug.startswith(".")}


def stamps() -> dict[str, tuple[str, int, int]]:
    """What tells one state of each voice's file from another: where it is, when it was written, how long it is."""
    found = {}
    for slug, path in voices().items():
        try:
            state = path.stat()
        except OSError:
            continue  # gone since it was listed
        found[slug] = (str(path), state.st_mtime_ns, state.st_size)
    return found


def voice(slug: str) -> Path:
    """The file of one voice; raises ``VoiceError`` when there is none."""
    try:
        return voices()[slug]
    except KeyError:
        raise VoiceError(f"there is no voice {slug} yet: antiphon train {slug} makes one") from None


def base() -> Path:
    """The file of the base network; raises ``VoiceError`` when it is missing."""
    path = shipped_folder() / f"{BASE}{SUFFIX}"
    if not path.exists():
        raise VoiceError(f"the base network {path.name} is missing: get it again, or train with --from-scratch")
    return path


def tongue(slug: str, role: str) -> Path:
    """The file of a style's further tongue; raises ``VoiceError`` when there is none."""
    for folder in (user_folder(), shipped_folder()):
        if (path := folder / role / f"{slug}{SUFFIX}").exists():
            return path
    raise VoiceError(f"{slug} has no {role} yet: antiphon train {slug} --kind makes them")


def word_base() -> Path:
    """The file of the network that word voices begin from; raises ``VoiceError`` when it is missing."""
    path = shipped_folder() / WORD_TONGUE / f"{BASE}{SUFFIX}"
    if not path.exists():
        raise VoiceError(f"the word base {path.name} is missing: get it again, or train with --from-scratch")
    return path
