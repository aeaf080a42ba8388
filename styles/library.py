"""Which styles there are, and where their cards and texts lie.

The 24 shipped cards come with the package; a user's own stand in their data folder and may replace a shipped one.
Reads files, keeps nothing; no thread of its own.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from protocol.alphabet import SLUG
from protocol.errors import StyleError
from styles.card import Card, load_card

CORPORA_VARIABLE = "ANTIPHON_CORPORA"  # a folder of cleaned texts, SLUG.txt each
CARDS = Path(__file__).parent / "cards"
TEXTS = Path(__file__).parent / "texts"  # cards of texts that no shipped voice reads, but recipes do


@dataclass(frozen=True)
class StyleList:
    """The cards that can be used, in alphabetical order of their slugs, and a line for each that cannot."""

    cards: tuple[Card, ...]
    complaints: tuple[str, ...]


def data_folder() -> Path:
    """Where a user's styles, texts and downloads are kept."""
    return Path(platformdirs.user_data_dir("antiphon", appauthor=False))


def cards_folder(data: Path | None = None) -> Path:
    """Where a user's own cards stand."""
    return (data_folder() if data is None else data) / "styles"


def corpora_folder(data: Path | None = None) -> Path:
    """Where fetched and prepared texts are kept."""
    return (data_folder() if data is None else data) / "corpora"


def shipped() -> tuple[Card, ...]:
    """The cards that come with Antiphon, in alphabetical order."""
    return tuple(load_card(path) for path in sorted(CARDS.glob("*.toml")))


def extra_texts() -> tuple[Card, ...]:
    """The cards of the texts that can be fetched for the recipes, in alphabetical order; they are no styles."""
    return tuple(load_card(path) for path in sorted(TEXTS.glob("*.toml")))


def all_styles(data: Path | None = None) -> StyleList:
    """The shipped cards and the user's; a broken card of a user's costs only itself."""
    cards = {card.slug: card for card in shipped()}
    complaints = []
    for path in sorted(cards_folder(data).glob("*.toml")):
        try:
            card = load_card(path)
        except StyleError as error:
            complaints.append(str(error))
        else:
            cards[card.slug] = card
    return StyleList(tuple(cards[slug] for slug in sorted(cards)), tuple(complaints))


def find(slug: str, data: Path | None = None) -> Card:
    """The card of ``slug``, a style or a recipe's text; raises ``StyleError`` with the nearest names otherwise."""
    cards = {card.slug: card for card in (*extra_texts(), *all_styles(data).cards)}
    if slug in cards:
        return cards[slug]
    near = difflib.get_close_matches(slug.lower(), cards, n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    raise StyleError(f"there is no style {slug[:40]!r}: {meant}'antiphon styles' lists all")


def corpus_path(slug: str, data: Path | None = None) -> Path:
    """The cleaned text of ``slug``; raises ``StyleError`` saying how to get one.

    Looked for in the folder that ANTIPHON_CORPORA names, the user's data folder, and a ``shared/corpora`` folder
    in the repository, beside it or above it; the first that is there is taken.
    """
    if not SLUG.fullmatch(slug):
        raise StyleError(f"{slug[:40]!r} is no style's name: 'antiphon styles' lists all")
    for folder in corpus_folders(data):
        if (path := folder / f"{slug}.txt").is_file():
            return path
    raise StyleError(f"the text of {slug} is not here: 'antiphon styles fetch {slug}' downloads it")


def corpus_folders(data: Path | None = None) -> tuple[Path, ...]:
    """Where texts are looked for, in order."""
    named = os.environ.get(CORPORA_VARIABLE, "")
    repository = Path(__file__).resolve().parents[1]
    shared = (base / "shared" / "corpora" for base in (repository, *repository.parents[:2]))
    return (*((Path(named),) if named else ()), corpora_folder(data), *shared)
