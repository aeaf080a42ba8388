"""The credits are the cards'."""

from __future__ import annotations

from pathlib import Path

from styles.credits import PICTURES, credits_page
from styles.library import shipped

PAGE = Path(__file__).parents[2] / "docs" / "credits.md"


def test_the_page_in_docs_is_what_the_command_makes() -> None:
    assert PAGE.read_text("utf-8") == credits_page(shipped()), "run: python -m styles.credits > docs/credits.md"


def test_every_work_is_named_with_its_licence() -> None:
    page = credits_page(shipped())
    page = page.removesuffix(PICTURES)
    assert page.count("\n- [") == sum(len(card.works) for card in shipped())
    assert "Translated by" not in page and "translated by F. H. Peters; 1893. Public domain" in page
    for licence in ("Open Government Licence v3.0", "GPL-2.0-only", "GNU Free Documentation License 1.2 or later"):
        assert licence in page
