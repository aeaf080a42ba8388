"""From files to voices of any kind: each kind is a folder beside this file, with a loader in ``LOADERS``.

A package brings a kind by an entry point of the group ``antiphon.voices``: its name is the kind, and what it names a
``Loader``. It is imported only where a voice file's record names that kind. Runs on the caller's thread; the voices
then belong to whoever takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

import torch

from models import tensor_file
from models.char_lstm import load as char_lstm
from models.composite import Composite, Part, compose
from models.deferred import DeferredVoices, Source
from models.interface import Unhurried, Voices
from models.ngram import load as ngram
from models.transformer import load as transformer
from models.words import load as words
from protocol.alphabet import ADAPTER, ROLES, SENSE, VOCABULARY
from protocol.errors import AntiphonError, VoiceError

Complain = Callable[[str], None]
Loader = Callable[[list[Path], str, Complain], Voices]  # files of one kind, the device, who is told what is left out

LOADERS: Mapping[str, Loader] = {  # by the kind that a file's record names
    char_lstm.KIND: char_lstm.load,
    words.KIND: words.load,
    ngram.KIND: ngram.load,
    transformer.KIND: transformer.load,
}
GROUP = "antiphon.voices"  # of the entry points by which packages bring kinds
GOING_ON = ": going on without it"


def load_voices(
    paths: Iterable[Path],
    device: str = "cpu",
    complain: Complain = lambda line: None,
    loaders: Mapping[str, Loader] = LOADERS,
    tongues: Mapping[str, Mapping[str, Path]] = {},
    complain_of_tongue: Complain | None = None,
    deferred: bool = False,
) -> Voices:
    """All voices that can be read from ``paths``; those that cannot are left out with one line each to ``complain``.

    Voices of several kinds are a composite in the order of ``paths``; of one kind they are what its loader gives. A
    file whose record names no kind is a char-LSTM. ``tongues`` are the files of further tongues, by the voice's slug
    and by role (``models.voice_folders.tongues``); of one that cannot be used ``complain_of_tongue`` gets the line, by
    default ``complain``. With ``deferred`` the narrator is fetched when it is first asked to read, and what is to be
    complained of then is told on another thread. Raises ``VoiceError`` only when no voice is left.
    """
    kinds, order = _sorted(paths, complain)
    parts: list[Part] = []
    for kind, files in kinds.items():
        speaking = _load(kind, files, device, complain, loaders)
        if speaking is not None:
            taken = {slug for part in parts for slug in part.slugs}
            if isinstance(speaking, Unhurried):
                complain(
                    f"{', '.join(speaking.slugs)[:80]}: too slow for a voice of its own, but not for a tongue"
                    + GOING_ON
                )
            elif twice := taken.intersection(speaking.slugs):
                complain(f"{min(twice)} is a voice of two kinds: those of the kind {kind[:40]!r} are left out")
            else:
                parts.append(Part(kind, speaking, speaking.slugs))
    if not parts:
        raise VoiceError("at least one voice is needed, and none can be read: `antiphon train` makes one")
    found = [slug for part in parts for slug in part.slugs]
    slugs = sorted(found, key=lambda slug: order.get(slug, len(order))) if len(parts) > 1 else found
    return compose(parts, slugs, _tongues(tongues, slugs, device, complain_of_tongue or complain, loaders, deferred))


def _tongues(
    files: Mapping[str, Mapping[str, Path]],
    slugs: Sequence[str],
    device: str,
    complain: Complain,
    loaders: Mapping[str, Loader],
    deferred: bool,
) -> Composite | None:
    """The further tongues of the voices ``slugs``, each called by its role and whose it is; last the narrator."""
    parts = []
    for role in ROLES:
        paths = [files[slug][role] for slug in slugs if role in files.get(slug, {})]
        for kind, these in _sorted(paths, complain)[0].items():
            speaking = _load(kind, these, device, complain, loaders)
            if speaking is not None and set(speaking.slugs) <= set(slugs):
                parts.append(Part(f"{role}/{kind}", speaking, tuple(f"{role}/{slug}" for slug in speaking.slugs)))
            elif speaking is not None:
                complain(f"the {role} of {', '.join(speaking.slugs)[:80]} are of no voice here" + GOING_ON)
    narrators = {files[slug][SENSE] for slug in slugs if SENSE in files.get(slug, {})}
    for kind, these in _sorted(narrators, complain)[0].items():
        adapters = [files[slug][ADAPTER] for slug in slugs if ADAPTER in files.get(slug, {})]
        load = partial(_load, kind, [*these, *adapters], device, complain, loaders)
        speaking = _deferred(these, load) if deferred else load()
        if speaking is not None:
            parts.append(Part(f"{SENSE}/{kind}", speaking, tuple(f"{SENSE}/{slug}" for slug in speaking.slugs)))
    return Composite(parts, [slug for part in parts for slug in part.slugs]) if parts else None


def _deferred(paths: Iterable[Path], load: Callable[[], Voices | None]) -> DeferredVoices:
    """The voices of ``paths``, by the names that their records give, which are there when they are needed."""

    def fetch() -> Voices:
        found = load()
        if found is None:
            raise VoiceError("the narrator cannot be loaded")
        return found

    return DeferredVoices([str(tensor_file.read_record(path).get("slug", path.stem)) for path in paths], Source(fetch))


def _sorted(paths: Iterable[Path], complain: Complain) -> tuple[dict[str, list[Path]], dict[str, int]]:
    """The files by kind, and the place of each slug among them; a file whose record has none is called by its name."""
    kinds: dict[str, list[Path]] = {}
    places: dict[str, int] = {}
    for path in paths:
        try:
            record = tensor_file.read_record(path)
        except VoiceError as error:
            complain(f"{error}{GOING_ON}")
            continue
        kinds.setdefault(str(record.get("kind", char_lstm.KIND)), []).append(path)
        places.setdefault(str(record.get("slug", path.stem)), len(places))
    return kinds, places


def _load(
    kind: str, paths: list[Path], device: str, complain: Complain, loaders: Mapping[str, Loader]
) -> Voices | None:
    """The voices of one kind that can be used; None, and a line, where there are none."""
    these = f"{paths[0]}" if len(paths) == 1 else f"{len(paths)} voices"
    told, taken = [], []  # the loader's complaints, and those that were no reason to give up

    def tell(line: str) -> None:
        told.append(line)
        complain(line)
        taken.append(line)

    try:
        loader = loaders.get(kind) or _brought(kind)
        if loader is None:
            raise VoiceError(f"nobody here knows the kind of voice {kind[:40]!r}")
        found = loader(paths, device, tell)
        if found.distributions.shape[1:] != (VOCABULARY,):
            raise VoiceError(f"an alphabet of {found.distributions.shape[-1]} characters, and not of {VOCABULARY}")
        return found
    except AntiphonError as error:
        if len(told) > len(taken):
            raise
        if not told:
            complain(f"{these}: {error}{GOING_ON}")
    except Exception as error:  # whoever wrote the kind
        complain(f"{these}: the kind of voice {kind[:40]!r} cannot be loaded ({error!r}){GOING_ON}")
    return None


def _brought(kind: str) -> Loader | None:
    """The loader of a kind that an installed package brings."""
    return next((found.load() for found in entry_points(group=GROUP) if found.name == kind), None)


def pick_device(wanted: str | None = None) -> str:
    """``wanted`` if torch has it, else CUDA, then MPS, then CPU; raises ``VoiceError`` for one that is not there."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted is None:
        return next(name for name, there in present.items() if there)
    if not present.get(wanted.split(":")[0], False):
        usable = ", ".join(name for name, there in present.items() if there)
        raise VoiceError(f"there is no device {wanted} here: use --device with one of {usable}")
    return wanted
