"""Where voices stand: the shipped folder, and the folder of the voices that a user trained.

A style's further tongues stand in folders within, which are called by what a tongue is for (``ROLES``), under the
style's name: ``words/austen.safetensors``. Of which kind it is, its file says. A tongue of a style that has no voice
of its own is that style's voice. In the folder ``sense`` is the narrator, whose file is called ``base``, and what
adapts it to styles, under the styles' names. ``ANTIPHON_WEIGHTS`` names another folder in place of the shipped one.
Only paths; nothing is read. No thread.
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from protocol.alphabet import ADAPTER, ROLES, SENSE, WORD_TONGUE
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
    found = {slug: path for role in reversed(ROLES) for slug, path in _files(role).items()} | _files("")
    return {slug: found[slug] for slug in sorted(found)}


def tongues() -> dict[str, dict[str, Path]]:
    """By slug the further tongues of the voices, by role; the narrator is one of every voice, with its adapter."""
    own = set(voices().values())
    found: dict[str, dict[str, Path]] = {}
    for role in ROLES:
        for slug, path in sorted(_files(role).items()):
            if path not in own:
                found.setdefault(slug, {})[role] = path
    if narrator_file().exists():
        leaning = _files(SENSE)
        for slug in voices():
            files = found.setdefault(slug, {})
            files[SENSE] = narrator_file()
            if slug in leaning:
                files[ADAPTER] = leaning[slug]
    return found


def stamps() -> dict[str, tuple[str, int, int]]:
    """What tells one state of a voice's files from another: where it is, when they were written, how long they are.

    Of a voice with further tongues the times, and the lengths, are sums.
    """
    found, further = {}, tongues()
    for slug, path in voices().items():
        try:
            states = [each.stat() for each in (path, *further.get(slug, {}).values())]
        except OSError:
            continue  # gone since it was listed
        found[slug] = (str(path), sum(each.st_mtime_ns for each in states), sum(each.st_size for each in states))
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
    try:
        return _files(role)[slug]
    except KeyError:
        raise VoiceError(f"{slug} has no {role} yet: antiphon train {slug} --kind makes them") from None


def word_base() -> Path:
    """The file of the network that word voices begin from; raises ``VoiceError`` when it is missing."""
    path = shipped_folder() / WORD_TONGUE / f"{BASE}{SUFFIX}"
    if not path.exists():
        raise VoiceError(f"the word base {path.name} is missing: get it again, or train with --from-scratch")
    return path


def narrator_file() -> Path:
    """Where the narrator's file is, if there is one: the network that is heard beside all styles."""
    return user_folder() / SENSE / f"{BASE}{SUFFIX}"


def fine_tuned(name: str) -> Path:
    """Where the transformer called ``name`` is that was fine-tuned here, if it was: the narrator is one of those."""
    return user_folder().parent / "transformers" / f"{name}{SUFFIX}"


def installed_narrator() -> Path:
    """The narrator's file; raises ``VoiceError`` when none is installed."""
    path = narrator_file()
    if not path.exists():
        raise VoiceError("no narrator is installed: antiphon models install smollm2 gets one")
    return path


def adapters() -> dict[str, Path]:
    """By slug what adapts the narrator to a style; a user's own come before shipped ones."""
    return dict(sorted(_files(SENSE).items()))


def _files(role: str) -> dict[str, Path]:
    """The files in the folders of a role, by slug; with "" those of the styles' own voices."""
    folders = (shipped_folder() / role, user_folder() / role)
    found = {path.stem: path for folder in folders for path in folder.glob(f"*{SUFFIX}")}
    return {slug: path for slug, path in found.items() if slug != BASE and not slug.startswith(".")}
