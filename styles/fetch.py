"""A card's works, from their public addresses to one cleaned corpus in the user's data folder.

Downloads are kept and reused; the corpus is written last, whole or not at all. Its checksum says whether it is the
very text that the shipped voice was trained on. Editions are mended after the day they were read, so where it is not,
the card's sketch says how much of that text is there, and a text that is another one altogether is refused.
The calling thread waits; ``report`` is called from it.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx

from protocol.atomic_file import write_atomically
from protocol.errors import FetchError, StyleError
from styles.archives import read_members
from styles.card import Card, Source
from styles.download import RETRY_PAUSE_S, NotThere, Report, cached, download, no_report, open_client
from styles.extraction import extract
from styles.library import corpora_folder, data_folder
from styles.measure import likeness

MAX_CORPUS_CHARS = 3_000_000  # of a corpus: more makes training longer, not the voice better
MIN_LIKENESS = 0.75  # share of the card's passages that a corpus needs to pass for the card's text


@dataclass(frozen=True)
class Fetched:
    """A corpus that is in its place. ``likeness``: the share, 0-1, of the card's passages that it has."""

    path: Path
    characters: int
    checksum: str
    exact: bool  # it is, byte for byte, the text of the card
    likeness: float

    def line(self) -> str:
        """The outcome in one line."""
        if self.exact:
            return f"{self.path}: {self.characters:,} characters, the very text that the voice was trained on"
        return (
            f"{self.path}: {self.characters:,} characters; the checksum is not that of the text the voice was "
            f"trained on, of whose passages {self.likeness:.0%} are here"
        )


def fetch(
    card: Card,
    folder: Path | None = None,
    *,
    report: Report = no_report,
    accept: bool = False,
    again: bool = False,
    client: httpx.Client | None = None,
    pause: float = RETRY_PAUSE_S,
) -> Fetched:
    """Bring the works of ``card`` into ``folder`` (default: the user's data folder) as one cleaned corpus.

    A corpus that is there already is taken as it is, unless ``again`` (which uses the kept downloads too: delete
    ``folder``/downloads for fresh ones). ``accept`` keeps a text whatever its likeness to the card's.
    Raises ``FetchError`` where a work cannot be had or the text is not the card's, and then writes no corpus.
    """
    root = data_folder() if folder is None else folder
    target = corpora_folder(root) / f"{card.slug}.txt"
    if target.exists() and not again:
        return _judge(card, target, target.read_bytes())
    if not card.sources:
        raise FetchError(f"the card of {card.slug} names no address to fetch from")
    with open_client() if client is None else nullcontext(client) as usable:
        text = _gather(card, root / "downloads", usable, report, pause)
    fetched = _judge(card, target, text.encode("ascii"))
    if not (fetched.exact or accept or fetched.likeness >= MIN_LIKENESS):
        raise FetchError(
            f"what was fetched for {card.slug} is another text: {len(text):,} characters for {card.characters:,},"
            f" {fetched.likeness:.0%} of its passages; nothing was kept but the downloads, --accept keeps the text too"
        )
    write_atomically(target, text.encode("ascii"))
    return fetched


def join(parts: list[str]) -> str:
    """Cleaned works as one corpus: in order, a blank line between two, at most ``MAX_CORPUS_CHARS``."""
    text = "\n".join(part for part in parts if part)
    if len(text) <= MAX_CORPUS_CHARS:
        return text
    return text[: text.rindex("\n", 0, MAX_CORPUS_CHARS) + 1]


def _judge(card: Card, target: Path, data: bytes) -> Fetched:
    checksum = sha256(data).hexdigest()
    exact = checksum == card.checksum
    found = 1.0 if exact else likeness(card.sketch, data.decode("ascii", errors="replace"))
    return Fetched(target, len(data), checksum, exact, found)


def _gather(card: Card, downloads: Path, client: httpx.Client, report: Report, pause: float) -> str:
    parts: list[str] = []
    for source in card.sources:
        path = _first_there(source, downloads, client, report, pause)
        taken = 0
        for name, data in read_members(path, source.members, source.omit):
            try:
                part = extract(data, source, name)
            except StyleError as error:
                raise FetchError(f"{path.name} of {card.slug} cannot be used: {error}") from None
            if source.most and taken + len(part) > source.most:
                break
            parts.append(part)
            taken += len(part)
        if not taken:
            raise FetchError(f"{path.name} has nothing of what {card.slug} reads: delete {path} and fetch again")
    return join(parts)


def _first_there(source: Source, downloads: Path, client: httpx.Client, report: Report, pause: float) -> Path:
    """The download of the first address that has it; one that is kept already comes before all others."""
    kept = [path for path in (cached(address, downloads) for address in source.addresses) if path.exists()]
    if kept:
        return kept[0]
    for address in source.addresses:
        try:
            return download(address, downloads, client, report, pause=pause)
        except NotThere as error:
            missing = error
    raise FetchError(f"{missing}, nor at any other address of the card: it may have moved; see docs/add-a-style.md")
