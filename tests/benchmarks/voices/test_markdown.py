"""Markdown that stays what it is, whatever stands in its cells."""

import pytest

from benchmarks.voices.markdown import table


@pytest.mark.parametrize("name", ["a|b", "|", "Yes | No | Maybe"])
def test_a_stroke_in_a_name_ends_no_cell(name: str) -> None:
    row = table(("voice", "bits"), [(name, "1.5")]).splitlines()[2]
    assert row.replace("\\|", "").count("|") == 3
    assert row == f"| {name.replace('|', chr(92) + '|')} | 1.5 |"
