"""The keys are declared once: what obeys them, shows them and tells of them agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontend.control.drawing.keymap import BINDINGS, BY_CHARACTER, BY_SYMBOL, KeyAction, KeyBinding

PAGE = (Path(__file__).parents[4] / "docs" / "instrument.md").read_text("utf-8").lower()


def test_every_act_has_a_key() -> None:
    assert {binding.act for binding in BINDINGS} == set(KeyAction)


def test_no_key_means_two_things() -> None:
    assert len({binding.key for binding in BINDINGS}) == len(BINDINGS)


@pytest.mark.parametrize(
    "binding", [b for b in BINDINGS if len(b.key) == 1 and not b.key.isdigit()], ids=lambda b: b.key
)
def test_letters_and_signs_are_obeyed_as_they_are_typed(binding: KeyBinding) -> None:
    key, act = binding.key, binding.act
    assert BY_CHARACTER[key] is BY_CHARACTER[key.lower()] is act


def test_what_holds_on_the_stage_holds_in_the_control_window() -> None:
    assert set(BY_SYMBOL.values()) <= {binding.act for binding in BINDINGS}


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda b: b.key)
def test_the_performers_page_tells_every_key(binding: KeyBinding) -> None:
    word = binding.key.split(" ")[0].split("+")[0].lower()
    assert word in PAGE
