"""The fan of what may come: one line where voices agree, a lane of its own for each that would write something else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.look.fan import LANE_SCALE, STEM_CELLS, fan, presence, spread
from protocol.messages import THE_MIX

SHARES = np.array([0.5, 0.3, 0.2])
ways = st.text("ab \n", max_size=12)


def drawn(ahead: dict[int, str], room: float = 40.0, behind: float = 10.0, lanes: int = 4) -> list[tuple[int, str]]:
    return [(strand.lane, strand.letters) for strand in fan(ahead, SHARES, room, behind, lanes)]


def test_voices_that_would_write_the_same_are_one_line() -> None:
    assert drawn({THE_MIX: "the sea", 0: "the sea", 1: "the sea"}) == [(0, "the sea")]


def test_a_voice_leaves_the_line_at_the_first_word_that_differs() -> None:
    strands = fan({THE_MIX: "the sea is", 0: "the sea is", 1: "the son is"}, SHARES, 40.0, 10.0, 4)
    assert [strand.letters for strand in strands] == ["the sea is", "son is"]
    assert strands[1].left == (0, 4.0)
    assert strands[1].x == 4.0 + STEM_CELLS
    assert strands[0].who[4] == pytest.approx([0.625, 0.375, 0.0])
    assert strands[0].who[5] == pytest.approx([1.0, 0.0, 0.0])
    assert strands[1].who.tolist() == [[0.0, 1.0, 0.0]] * len("son is")


def test_of_two_that_begin_alike_one_leaves_the_other() -> None:
    strands = fan({THE_MIX: "a sea", 0: "the king", 1: "the man"}, SHARES, 40.0, 10.0, 4)
    assert [(strand.lane, strand.letters) for strand in strands] == [(0, "a sea"), (2, "the king"), (1, "man")]
    lane, place = strands[2].left or (0, 0.0)
    assert lane == 2 and place == pytest.approx(STEM_CELLS + 4 * LANE_SCALE)


def test_who_leaves_late_stands_above_who_left_early_so_that_no_two_ways_cross() -> None:
    lanes = dict(drawn({THE_MIX: "the sea is", 0: "a house", 1: "the sea was", 2: "the son is"}))
    assert lanes == {0: "the sea is", 1: "was", 2: "son is", 3: "a house"}


def test_a_word_that_is_being_written_is_shown_from_the_cursor_on() -> None:
    assert drawn({THE_MIX: "ing to", 0: "ed by"}) == [(0, "ing to"), (1, "ed by")]


def test_there_are_no_more_lanes_than_have_room() -> None:
    ahead = {THE_MIX: "the sea", 0: "a house", 1: "my king", 2: "no way"}
    assert [lane for lane, _ in drawn(ahead, lanes=1)] == [0, 1]
    assert drawn(ahead, lanes=0) == [(0, "the sea")]


def test_a_line_that_ends_is_quoted_as_verse_is() -> None:
    assert drawn({THE_MIX: "end.\n\nThe", 0: "}\n\tint x"}) == [(0, "end. / The"), (1, "} / int x")]


def test_where_nothing_is_known_of_the_mix_the_heaviest_voice_is_the_line() -> None:
    assert drawn({0: "the sea", 1: "the king"}) == [(0, "the sea"), (1, "king")]
    assert drawn({}) == []


def test_the_more_one_voice_leads_the_closer_the_lanes_stand() -> None:
    shares = [np.array([lead, 1.0 - lead]) for lead in (0.5, 0.8, 0.95, 1.0)]
    assert np.all(np.diff([spread(each) for each in shares]) < 0.0)
    assert spread(shares[-1]) == 0.0
    assert [presence(spread(each)) for each in shares[2:]] == [0.0, 0.0]  # gone before they touch
    assert presence(spread(shares[0])) == 1.0


@given(st.dictionaries(st.sampled_from([THE_MIX, 0, 1, 2, 7]), ways), st.floats(0, 20), st.floats(0, 20))
def test_nothing_is_drawn_beyond_the_ends_of_the_line(ahead: dict[int, str], room: float, behind: float) -> None:
    strands = fan(ahead, SHARES, room, behind, 3)
    for strand in strands:
        scale = LANE_SCALE if strand.lane else 1.0
        assert -behind <= strand.x and strand.x + scale * len(strand.letters) <= room + 1e-9
        assert strand.who.shape == (len(strand.letters), 3)
        assert 0.0 <= strand.strength <= 1.0
    lanes = [strand.lane for strand in strands]
    assert len(set(lanes)) == len(lanes) and set(lanes) <= {0, 1, 2, 3}
