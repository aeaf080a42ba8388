"""Files out of a downloaded tar or zip archive, read in memory: nothing is unpacked to disk, so nothing can escape.

Links, devices and names that climb are passed over; sizes are bounded, so that a small archive cannot become a huge
text. A file that is no archive is its own only member. No thread of its own.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from lzma import LZMAError
from pathlib import Path, PurePosixPath

from protocol.errors import FetchError

MEGABYTE = 1_000_000  # bytes


@dataclass(frozen=True)
class Limits:
    """Most bytes that an archive may take up, unpacked."""

    member: int = 32 * MEGABYTE
    taken: int = 128 * MEGABYTE
    walked: int = 4_000 * MEGABYTE  # with what is passed over; Linux is 1,400


LIMITS = Limits()


def read_members(
    path: Path, globs: tuple[str, ...], omit: tuple[str, ...] = (), limits: Limits = LIMITS
) -> list[tuple[str, bytes]]:
    """The files of the archive at ``path`` that a glob matches, by glob, then in natural order, each once.

    A glob names a path below the archive's top folder; ``*`` stays within a folder. Without globs the file itself is
    the one member. Raises ``FetchError`` for a damaged archive, one past the limits, or one where nothing matches.
    """
    if not globs:
        return [(path.name, path.read_bytes())]
    found: dict[str, bytes] = {}
    try:
        for name, data in _wanted(path, globs, omit, limits):
            found[name] = data
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, LZMAError, zlib.error, RuntimeError) as error:
        raise FetchError(f"{path.name} is a damaged archive ({error}): delete {path} and fetch again") from None
    names = sorted(found, key=natural_sort_key)
    ordered = {name: found[name] for glob in globs for name in names if _pattern((glob,)).fullmatch(name)}
    if not ordered:
        raise FetchError(f"{path.name} has no file like {', '.join(globs)[:200]}: it is not the archive of the card")
    return list(ordered.items())


def natural_sort_key(name: str) -> list[tuple[int, str]]:
    """A sort key by which chapter-2 comes before chapter-10."""
    return [(int(digits or 0), other) for digits, other in re.findall(r"(\d+)|(\D+)", name)]


def _wanted(path: Path, globs: tuple[str, ...], omit: tuple[str, ...], limits: Limits) -> Iterator[tuple[str, bytes]]:
    walked = taken = 0
    inside, outside = _pattern(globs), _pattern(omit)
    for full_name, size, read in _files(path):
        walked += size
        name = _below_top(full_name)
        wanted = inside.fullmatch(name) is not None and outside.fullmatch(name) is None
        taken += size if wanted else 0
        if (wanted and size > limits.member) or taken > limits.taken or walked > limits.walked:
            raise FetchError(f"{path.name} would unpack to more than a text can be: it is not used")
        if wanted:
            yield name, read()


def _files(path: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    """Name, size in bytes and reader of every plain file in the archive, as they come."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir() and entry.external_attr >> 28 in (0, 0o10):  # plain files, no links
                    yield entry.filename, entry.file_size, partial(archive.read, entry)
        return
    with tarfile.open(path, "r|*") as tar:  # as a stream: one pass, whatever the compression
        for member in tar:
            if member.isreg():
                yield member.name, member.size, partial(_read_member, tar, member)


def _read_member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file else b""


def _below_top(name: str) -> str:
    """``name`` without the archive's top folder; "" for a name that is absolute or climbs."""
    path = PurePosixPath(name.removeprefix("./"))
    return "" if path.is_absolute() or ".." in path.parts else "/".join(path.parts[1:])


def _pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    """What a whole name must match to fit one of ``globs``; nothing fits none."""
    parts = [re.escape(glob).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") for glob in globs]
    return re.compile("|".join(parts) if parts else r"(?!)")
