"""Branches: whatever is rewound, every end that was left can be put back as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.engine.branches import BRANCH_CHARS, BRANCHES_KEPT, Branches, put_back


def cut(text: list[str], branches: Branches[str], length: int) -> None:
    branches.leave(length, text[length:])
    del text[length:]


def test_what_a_rewind_takes_away_is_kept_and_can_be_put_back() -> None:
    text, branches = list("the sea was grey"), Branches[str]()
    cut(text, branches, 8)
    text += "is blue"
    assert put_back(text, branches, 1) == 8
    assert "".join(text) == "the sea was grey"
    assert ["".join(branch.items) for branch in branches.all()] == ["is blue"]


def test_a_branch_keeps_what_was_taken_away_before_it_too() -> None:
    text, branches = list("abcdef"), Branches[str]()
    cut(text, branches, 4)
    cut(text, branches, 1)
    text += "XY"
    assert put_back(text, branches, 1) == 1
    assert "".join(text) == "abcdef"


@given(st.lists(st.tuples(st.integers(0, 30), st.text("abc", max_size=5)), max_size=12))
def test_every_branch_leads_to_a_text_that_once_stood(turns: list[tuple[int, str]]) -> None:
    text, branches, stood = list("the beginning"), Branches[str](), []
    for length, more in turns:
        stood.append("".join(text))
        cut(text, branches, min(length, len(text)))
        text += more
    for branch in branches.all():
        assert "".join(text[: branch.position]) + "".join(branch.items) in stood


def test_a_branch_that_is_gone_changes_nothing() -> None:
    text, branches = list("abc"), Branches[str]()
    assert put_back(text, branches, 7) is None
    assert "".join(text) == "abc"


def test_only_so_many_are_kept_and_none_that_is_too_long() -> None:
    branches = Branches[str]()
    for _ in range(BRANCHES_KEPT + 3):
        branches.leave(0, "ab")
    assert len(branches) == BRANCHES_KEPT
    assert branches.all()[0].number == 4
    branches.leave(0, "a" * (BRANCH_CHARS + 1))
    assert branches.all()[-1].number == BRANCHES_KEPT + 3
