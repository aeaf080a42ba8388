"""Banks: eight faders, more voices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.midi.controller_maps import Bank, bank

COUNTS = st.integers(0, 24)


def test_banks_are_gone_through_and_end() -> None:
    first = bank(0, 8, 20)
    assert (first.words, list(first.places)) == ("bank 1 of 3", list(range(8)))
    last = first.turned(1).turned(1).turned(1)
    assert (last.words, list(last.places)) == ("bank 3 of 3", [16, 17, 18, 19])
    assert last.turned(-1).first == 8 and first.turned(-1) == first


@pytest.mark.parametrize("quiet", [Bank(), bank(0, 8, 8), bank(0, 8, 0), bank(0, 0, 5)])
def test_where_all_voices_have_a_fader_nothing_is_said(quiet: Bank) -> None:
    assert quiet.words == ""


@given(st.integers(-5, 40), COUNTS, COUNTS)
def test_a_bank_always_lies_on_voices_that_there_are(first: int, width: int, count: int) -> None:
    found = bank(first, width, count)
    assert (len(found.places) > 0) == (width > 0 and count > 0)
    assert all(0 <= place < count for place in found.places)
