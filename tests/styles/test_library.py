"""Which styles there are, what an unknown name is told, and where texts are looked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from protocol.errors import StyleError
from styles.card import Card, dump_card
from styles.library import CORPORA_VARIABLE, all_styles, cards_folder, corpora_folder, corpus_path, find, shipped

MINE = Card("mine", "Mine", "A voice.", "#FFFFFF", "Mi", "prose", "0" * 64, 1)


def put(card: Card, data: Path) -> Path:
    path = cards_folder(data) / f"{card.slug}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump_card(card), "utf-8")
    return path


def test_a_user_s_cards_stand_among_the_shipped_ones_in_alphabetical_order(tmp_path: Path) -> None:
    put(MINE, tmp_path)
    slugs = [card.slug for card in all_styles(tmp_path).cards]
    assert len(slugs) == 25 and slugs == sorted(slugs) and "mine" in slugs


def test_a_user_s_card_may_stand_in_for_a_shipped_one(tmp_path: Path) -> None:
    put(replace(MINE, slug="austen"), tmp_path)
    assert len(all_styles(tmp_path).cards) == 24
    assert find("austen", tmp_path).name == "Mine"


def test_a_broken_card_costs_only_itself(tmp_path: Path) -> None:
    put(MINE, tmp_path)
    put(replace(MINE, slug="torn"), tmp_path).write_text("slug = ")
    there = all_styles(tmp_path)
    assert "mine" in [card.slug for card in there.cards]
    assert len(there.complaints) == 1 and "torn.toml is not TOML" in there.complaints[0]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("nietsche", "there is no style 'nietsche': did you mean nietzsche? 'antiphon styles' lists all"),
        ("Bible", "there is no style 'Bible': did you mean bible? 'antiphon styles' lists all"),
        ("xyzzy", "there is no style 'xyzzy': 'antiphon styles' lists all"),
    ],
)
def test_an_unknown_style_is_told_the_nearest_names(asked: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(StyleError) as raised:
        find(asked, tmp_path)
    assert str(raised.value) == told


def test_a_known_style_is_found(tmp_path: Path) -> None:
    assert find("linux", tmp_path) in shipped()


def test_texts_are_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "named"
    fetched = corpora_folder(tmp_path)
    for folder in (named, fetched):
        folder.mkdir(parents=True)
        (folder / "austen.txt").write_text("It is a truth")
    monkeypatch.setenv(CORPORA_VARIABLE, str(named))
    assert corpus_path("austen", tmp_path) == named / "austen.txt"
    (named / "austen.txt").unlink()
    assert corpus_path("austen", tmp_path) == fetched / "austen.txt"


def test_a_missing_text_is_told_how_to_be_had(tmp_path: Path) -> None:
    with pytest.raises(StyleError, match="no-such is not here: 'antiphon styles fetch no-such' downloads it"):
        corpus_path("no-such", tmp_path)
    with pytest.raises(StyleError, match="is no style's name"):
        corpus_path("../../etc/passwd", tmp_path)


def test_the_user_s_folder_follows_the_system_s_custom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert cards_folder() == tmp_path / "antiphon" / "styles"
