"""A take read: its header at once, its events one after another, however long it is.

Whatever stands in the files, what comes out is well-formed, or a ``TakeError`` that names file and line. A last line
that is torn, because the machine went down as it was written, is passed over. Belongs to the caller's thread.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import BinaryIO, cast

from models import voice_folders
from models.interface import Voices
from models.lexicon import Lexicon
from models.loading import load_voices
from protocol.alphabet import SENSE
from protocol.atomic_file import replacing
from protocol.errors import AntiphonError, TakeError, VoiceError
from protocol.guard import shown
from protocol.messages import Card
from server.filters.filters import FilterSet
from server.filters.load import LEXICON, read_words
from server.filters.quotation import QuotationFilter, QuotationIndex
from server.filters.spelling import SpellingFilter
from server.recording.events import (
    LONGEST_LINE_BYTES,
    Event,
    EventsLost,
    Header,
    Identity,
    event_of,
    header_of,
    of_code,
)
from server.recording.writer import PACKED, SUFFIX, part_found, part_path
from styles.library import data_folder

# ---- takes and their names -------------------------------------------------------------------------------------------
# A take is named after its day, its time and its performance: ``2026-11-25-203000-main``.

HOME_VARIABLE = "ANTIPHON_HOME"  # one folder for all that is the user's


def takes_folder() -> Path:
    """Where takes are kept: in the user's data folder. Not made until something is written."""
    home = os.environ.get(HOME_VARIABLE)
    return (Path(home) if home else data_folder()) / "takes"


def kept_folder(folder: Path) -> Path:
    """Where the voices and lists of the takes in ``folder`` are kept, by their checksums."""
    return folder / "kept"


def unused_name(folder: Path, performance: str, now: datetime) -> str:
    """What a take of ``performance`` that begins ``now`` is called: a name that no other has."""
    name = f"{now:%Y-%m-%d-%H%M%S}-{performance}"
    number = 1
    while part_path(folder, name if number == 1 else f"{name}-{number}", 1).exists():
        number += 1
    return name if number == 1 else f"{name}-{number}"


def names(folder: Path) -> list[str]:
    """All takes in ``folder``, the oldest first."""
    stems = [path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")]
    return sorted(stem for stem in stems if not (stem.startswith(".") or _is_part(stem)))


def find(wanted: str, folder: Path) -> Path:
    """The first file of a take: a path as it is, else the one take in ``folder`` with ``wanted`` in its name.

    ``last`` is the newest. Raises ``TakeError`` where there is none, or more than one.
    """
    if wanted.endswith(SUFFIX) or os.sep in wanted:
        if not Path(wanted).is_file():
            raise TakeError(f"there is no take {shown(wanted)}")
        return Path(wanted)
    there = names(folder)
    if not there:
        raise TakeError(f"there are no takes in {folder} yet: every performance makes one")
    if wanted in there:
        return part_path(folder, wanted, 1)
    fitting = there[-1:] if wanted == "last" else [name for name in there if wanted in name]
    if len(fitting) == 1:
        return part_path(folder, fitting[0], 1)
    if fitting:
        more = ", ..." if len(fitting) > 3 else ""
        raise TakeError(f"{len(fitting)} takes have {shown(wanted)} in their names: {', '.join(fitting[:3])}{more}")
    raise TakeError(f"no take has {shown(wanted)} in its name: `antiphon take list` shows them all")


def _is_part(stem: str) -> bool:
    """Whether this is a further file of a take."""
    _, dot, number = stem.rpartition(".")
    return bool(dot) and number.isdecimal()


# ---- the files of its voices -----------------------------------------------------------------------------------------
# The voice files and word lists of a take are kept in ``takes/kept`` under their SHA-256, so that it can be replayed
# exactly after a voice was trained again or a list edited. Links take no room, where the system has them.

CHECKSUM = "sha256:"
Stamps = dict[str, tuple[str, int, int]]  # see ``models.voice_folders.stamps``


def checksum(path: Path) -> str:
    """SHA-256 of the file at ``path``, as takes write it. Raises ``OSError``."""
    state = path.stat()
    return _checksum(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=512)
def _checksum(path: Path, changed: int, size: int) -> str:
    """The same, once for a state of the file: the narrator's is every voice's."""
    with path.open("rb") as file:
        return f"{CHECKSUM}{hashlib.file_digest(file, 'sha256').hexdigest()}"


def identify(cards: Sequence[Card]) -> list[Identity]:
    """The voices of ``cards``; without a checksum those that have no file, or whose file changed as it was read."""
    before, paths, tongues = voice_folders.stamps(), voice_folders.voices(), voice_folders.tongues()
    identities = []
    for card in cards:
        digest, further = "", dict[str, str]()
        if card.slug in before and card.slug in paths:
            with suppress(OSError):  # gone meanwhile
                digest = checksum(paths[card.slug])
                further = {role: checksum(path) for role, path in tongues.get(card.slug, {}).items()}
        looks = card.slug, card.name, card.monogram, card.colour
        identities.append(Identity(*looks, digest, card.kind, further, card.sprite))
    after = voice_folders.stamps()
    return [
        each if before.get(each.slug) == after.get(each.slug) else replace(each, checksum="", tongues={})
        for each in identities
    ]


def keep(path: Path, digest: str, folder: Path, linked: bool = True) -> None:
    """Keep the file at ``path``, whose checksum was ``digest``, in ``folder``, where it is not yet. Raises ``OSError``.

    A file that is edited in place is not to be ``linked``.
    """
    kept = stored(digest, folder)
    if not digest or kept.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    if linked:
        with suppress(OSError):  # another disk, or a system without links
            os.link(path, kept)
            return
    with path.open("rb") as voice, replacing(kept, path.stat().st_size, lasting=False) as copy:
        shutil.copyfileobj(voice, copy)


def stored(digest: str, folder: Path) -> Path:
    """Where the file with this checksum is kept."""
    return folder / digest.removeprefix(CHECKSUM)


LOST = b'{"lost"'  # what the line of events that were lost begins with: it stands for more than one


class Take:
    """The take whose first file is at ``path``. Raises ``TakeError`` where that is no take."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name.removesuffix(SUFFIX)
        with _opened(path) as file:
            self.header = _header(path, file)
        if self.header.part != 1:
            raise TakeError(f"{path} is part {self.header.part} of a take: name its first file")

    @property
    def paths(self) -> list[Path]:
        """Its files, in their order."""
        paths = [self.path]
        while following := part_found(self.path.parent, self.name, len(paths) + 1):
            paths.append(following)
        return paths

    def events(self) -> Iterator[Event]:
        """Its events from the first on. Raises ``TakeError`` at a line that is none."""
        for _, event in self.numbered():
            yield event

    def numbered(self, after: int = 0) -> Iterator[tuple[int, Event]]:
        """The events behind the first ``after``, each with its number, counted from 1, those that were lost as well.

        Files that end before are not read.
        """
        paths = self.paths
        first = [self.header.first, *(_first_event(path, part) for part, path in enumerate(paths[1:], 2))]
        begin = max((part for part, number in enumerate(first) if number <= after), default=0)
        number = first[begin]
        for path, expected in zip(paths[begin:], first[begin:], strict=True):
            if number != expected:
                raise TakeError(f"{path} begins behind event {expected}, not {number}: lines are missing before it")
            for line_number, line in _lines(path, path == paths[-1]):
                lost = line.startswith(LOST)
                event = _event(path, line_number, line) if lost or number >= after else None
                number += event.events if isinstance(event, EventsLost) else 1
                if event is not None and number > after:
                    yield number, event

    def tail(self, after: int) -> tuple[list[Event], int]:
        """The events behind the first ``after``, and how many there are in all."""
        number = 0
        events = []
        for number, event in self.numbered(max(0, after - 1)):
            if number > after:
                events.append(event)
        return events, number or sum(1 for _ in self.numbered())


def _lines(path: Path, last: bool) -> Iterator[tuple[int, bytes]]:
    """The lines of one file behind its header; the ``last`` one may end in the middle of a line."""
    with _opened(path) as file:
        _line(path, file)
        for line_number in count(2):
            line = _line(path, file)
            if not line or (last and not line.endswith(b"\n") and len(line) <= LONGEST_LINE_BYTES):
                return
            yield line_number, line


def _event(path: Path, line_number: int, line: bytes) -> Event:
    try:
        return event_of(line)
    except TakeError as error:
        raise TakeError(f"{path}, line {line_number}: {error}") from None


def _first_event(path: Path, part: int) -> int:
    """The number of the event before the first one of a take's further file."""
    with _opened(path) as file:
        header = _header(path, file)
    if header.part != part:
        raise TakeError(f"{path} says that it is part {header.part} of its take")
    return header.first


def _line(path: Path, file: BinaryIO) -> bytes:
    """The next line, or as much of it as a line may have; nothing at the end."""
    try:
        return file.readline(LONGEST_LINE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TakeError(f"the take {path} cannot be read: {error}") from None


def _opened(path: Path) -> BinaryIO:
    try:
        return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == PACKED else path.open("rb")
    except OSError as error:
        raise TakeError(f"the take {path} cannot be read: {error.strerror or error}") from None


def _header(path: Path, file: BinaryIO) -> Header:
    try:
        return header_of(_line(path, file))
    except TakeError as error:
        raise TakeError(f"{path} is no take that can be read: {error}") from None


# ---- reader ----------------------------------------------------------------------------------------------------------
# The voices and lists of a take found again by their checksums, among those of today and those that takes keep. Runs
# on the caller's thread; the voices then belong to whoever takes them.


def resolve(
    voices: Sequence[Identity], folder: Path, otherwise: Callable[[str], None] | None = None
) -> list[tuple[Identity, Path]]:
    """The file of each of ``voices``; ``folder`` is where those of takes are kept.

    Where one is not there any more, today's of the same name takes its place and ``otherwise`` gets a line;
    where that is None, or there is none, it is a ``TakeError``.
    """
    today = voice_folders.voices()
    found, missing = [], []
    for voice in voices:
        path = _exactly(voice.checksum, today.get(voice.slug), folder)
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
) -> Voices:
    """These ``voices``, in their order, as ``resolve`` finds them."""

    def refuse(line: str) -> None:
        raise VoiceError(line.removesuffix(": going on without it"))

    paths = [path for _, path in resolve(voices, folder, otherwise)]
    return load_voices(paths, device, refuse, tongues=resolve_tongues(voices, folder, otherwise))


def resolve_tongues(
    voices: Sequence[Identity], folder: Path, otherwise: Callable[[str], None] | None = None
) -> dict[str, dict[str, Path]]:
    """The files of the further tongues that ``voices`` had, by slug and role, found as ``resolve`` finds voices.

    Where neither it nor today's is there, its style speaks without it, and ``otherwise`` is told so.
    """
    today = voice_folders.tongues()
    found: dict[str, dict[str, Path]] = {}
    told_of = set[str]()
    for voice in voices:
        for role, told in voice.tongues.items():
            now = today.get(voice.slug, {}).get(role)
            path = _exactly(told, now, folder)
            whose = "the narrator's files" if role == SENSE else f"the {role} of {voice.slug}"
            if path is None and otherwise is None:
                raise TakeError(f"{whose} that this take was played with are not here any more")
            if path is None and otherwise is not None and whose not in told_of:
                told_of.add(whose)  # the narrator is every voice's
                otherwise(f"{whose} are not what they were" + ("" if now else ", and not there"))
            if speaking := path or now:
                found.setdefault(voice.slug, {})[role] = speaking
    return found


def _exactly(told: str, today: Path | None, folder: Path) -> Path | None:
    """Where the very file of which this is the checksum is: it may be ``today``'s."""
    if not told:
        return None
    return next(
        (path for path in (today, stored(told, folder)) if path and path.is_file() and checksum(path) == told), None
    )


def gather_manners(header: Header, folder: Path) -> FilterSet:
    """What the text of a take was guarded by; raises ``TakeError`` for lists that are not there any more."""
    lists = header.lists
    try:
        words = read_words(stored(lists["words"], folder))[0] if "words" in lists else None
        lexicons = [Lexicon.load(stored(digest, folder)) for name, digest in lists.items() if name.startswith(LEXICON)]
        quotations = [
            QuotationIndex.load(stored(digest, folder))
            for name, digest in lists.items()
            if name != "words" and not name.startswith(LEXICON)
        ]
    except AntiphonError as error:
        raise TakeError(f"a list that this take's text was guarded by is not here any more: {error}") from None
    guard = QuotationFilter(quotations) if quotations else None
    return FilterSet(words, guard, of_code(header.voices), SpellingFilter(lexicons))
