"""The page that teaches how to write a card teaches what is so."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from styles.archives import MEGABYTE
from styles.card import Card, Source, parse_card
from styles.cleaning import LONG_TEXT_CHARS, MIN_TEXT_CHARS
from styles.download import MAX_DOWNLOAD_BYTES
from styles.fetch import MAX_CORPUS_CHARS
from styles.library import shipped
from styles.measure import measure

PAGE = (Path(__file__).parents[2] / "docs" / "add-a-style.md").read_text("utf-8")


def test_its_card_is_a_card() -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    card = parse_card(found[1])
    assert card.slug == "alice" and len(card.works) == len(card.sources) == 2
    assert card.monogram not in {other.monogram for other in shipped()}


def test_it_explains_every_field() -> None:
    explained = set(re.findall(r"`(?:\[\[)?([a-z]+)(?:\]\])?`", "".join(re.findall(r"^\| [^|]+", PAGE, re.MULTILINE))))
    wanted = {field.name for field in (*fields(Card), *fields(Source))} - {"works", "sources"}
    assert explained == wanted | {"work", "source"}


def test_its_figures_are_the_code_s() -> None:
    for figure in (
        f"{MIN_TEXT_CHARS:,}",
        f"{LONG_TEXT_CHARS:,}",
        f"{MAX_CORPUS_CHARS:,}",
        f"{MAX_DOWNLOAD_BYTES // MEGABYTE} MB",
    ):
        assert figure in PAGE


def test_the_three_lines_that_it_has_measured_go_into_a_card() -> None:
    text = "one two three four five six seven\n"
    head = 'slug = "x"\nname = "X"\nline = "X."\ncolour = "#FFFFFF"\nmonogram = "Xx"\nkind = "prose"\n'
    card = parse_card(head + measure(text.encode()))
    assert card.characters == len(text) and len(card.sketch) == 2
