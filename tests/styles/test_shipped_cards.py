"""The 24 cards that ship: complete, told apart, and true to the texts that the voices were trained on."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from styles.card import Card, dump_card
from styles.library import CARDS, corpus_folders, shipped
from styles.measure import SKETCH_HASHES, likeness

SLUGS = [
    "apollo11",
    "aristotle",
    "austen",
    "baudelaire",
    "beeton",
    "bible",
    "buddha",
    "chilcot",
    "coleridge",
    "davinci",
    "frankenstein",
    "homer",
    "jung",
    "kamasutra",
    "kant",
    "latex",
    "lincoln",
    "linux",
    "lovesongs",
    "machiavelli",
    "nietzsche",
    "quran",
    "sensation",
    "trump",
]


@pytest.fixture
def corpora() -> Path:
    for folder in corpus_folders():
        if (folder / "SOURCES.toml").is_file():
            return folder
    pytest.skip("the corpora are not on this machine")


@pytest.fixture(params=SLUGS)
def card(request: pytest.FixtureRequest) -> Card:
    return next(card for card in shipped() if card.slug == request.param)


def test_there_are_24_in_alphabetical_order() -> None:
    assert [card.slug for card in shipped()] == SLUGS


def test_no_two_share_a_colour_letters_or_a_name() -> None:
    for field in ("colour", "monogram", "name", "line", "checksum"):
        assert len({getattr(card, field) for card in shipped()}) == 24


def test_a_card_is_complete_and_stands_as_it_would_be_written(card: Card) -> None:
    assert card.works and card.sources
    assert all(work.url.startswith("https://") and work.licence for work in card.works)
    assert all(address.startswith("https://") for source in card.sources for address in source.addresses)
    assert len(card.sketch) == SKETCH_HASHES and list(card.sketch) == sorted(card.sketch)
    assert len(card.name) <= 24 and len(card.line) <= 100
    assert (CARDS / f"{card.slug}.toml").read_text("utf-8") == dump_card(card)


def test_a_card_describes_the_text_that_its_voice_read(card: Card, corpora: Path) -> None:
    text = (corpora / f"{card.slug}.txt").read_bytes()
    assert sha256(text).hexdigest() == card.checksum
    assert len(text) == card.characters


def test_a_card_knows_its_own_text_and_no_other(corpora: Path) -> None:
    baudelaire = (corpora / "baudelaire.txt").read_text("ascii")
    by_slug = {card.slug: likeness(card.sketch, baudelaire) for card in shipped()}
    assert by_slug.pop("baudelaire") == 1.0
    assert max(by_slug.values()) < 0.05


def test_every_work_of_the_corpora_is_credited(corpora: Path) -> None:
    listed = tomllib.loads((corpora / "SOURCES.toml").read_text("utf-8"))["corpus"]
    cards = {card.slug: card for card in shipped()}
    wanted = {corpus["slug"]: corpus["work"] for corpus in listed if not corpus["extra"]}
    assert set(wanted) == set(cards)
    for slug, works in wanted.items():
        keys = ("title", "author", "translator", "year", "licence", "url")
        assert [{key: value for key, value in vars(work).items() if value != ""} for work in cards[slug].works] == [
            {key: work[key] for key in keys if key in work} for work in works
        ]
