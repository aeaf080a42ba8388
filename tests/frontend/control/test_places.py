"""Where values, voices and letters stand: strips, the circle's order, the text's columns, fades. Pure."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.config.setlists import MAX_FADE
from frontend.control.drawing.canvas import hatching
from frontend.control.drawing.layout import Rect
from frontend.control.panels.faders import ZERO_NOTCH_SHARE, StripGeometry, grip_of, value_of
from frontend.control.panels.scene_strip import length_of, share_of
from frontend.control.panels.text import TextScroll, ages, column_of, place_at
from frontend.control.state.edits import MINUS, last_word, percent, reordered, slot, two_places, with_share
from frontend.control.state.mute_solo import MuteSolo
from frontend.look.typeset import Typesetter
from protocol.puck import position
from protocol.tree import Value

signed = st.floats(-1.0, 1.0)


# ---- faders ------------------------------------------------------------------------------------------------------


@given(signed, st.floats(0.05, 1.0), st.integers(1, 24), st.booleans())
def test_below_zero_too_the_value_under_the_handle_is_the_faders_value(
    value: float, below: float, count: int, large: bool
) -> None:
    strips = StripGeometry(Rect(296, 92, 880, 360), count, False, below, large)
    assert strips.value(strips.y(value)) == pytest.approx(value, abs=1e-6)


@given(signed)
def test_how_far_the_hand_went_tells_the_value_and_back(value: float) -> None:
    assert value_of(grip_of(value)) == pytest.approx(value, abs=1e-9)


@given(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_a_hand_that_goes_on_never_brings_a_fader_back(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert -1.0 <= value_of(low) <= value_of(high) <= 1.0


def test_zero_holds_a_fader_for_a_notch() -> None:
    assert value_of(-ZERO_NOTCH_SHARE / 2) == value_of(-ZERO_NOTCH_SHARE) == 0.0 > value_of(-ZERO_NOTCH_SHARE - 0.01)


def test_where_the_others_weigh_next_to_nothing_a_share_is_a_weight() -> None:
    assert with_share([1.0, 5e-324], 0, 0.25) == [0.25, 5e-324]


@given(st.lists(signed, min_size=2, max_size=24), st.data())
def test_a_share_given_to_one_is_its_share_and_the_others_keep_their_proportions(
    weights: list[float], data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(weights) - 1))
    share = data.draw(st.floats(-0.9, 0.9))
    others = [weight for place, weight in enumerate(weights) if place != which]
    shared = with_share(weights, which, share)
    assert all(abs(weight) <= 1.0 + 1e-9 for weight in shared)
    if sum(map(abs, others)) > 1e-3:
        assert shared[which] / sum(map(abs, shared)) == pytest.approx(share, abs=1e-6)
        kept = [weight for place, weight in enumerate(shared) if place != which]
        scale = sum(map(abs, kept)) / sum(map(abs, others))
        assert kept == pytest.approx([weight * scale for weight in others], abs=1e-9)


def test_what_is_below_zero_is_written_with_a_minus() -> None:
    assert (two_places(-0.3), two_places(-0.3, tight=True), percent(-0.12)) == (
        f"{MINUS}0.30",
        f"{MINUS}.30",
        f"{MINUS}12",
    )
    assert two_places(-0.001) == "0.00"


@given(st.floats(1, 200), st.floats(1, 200), st.floats(2, 20))
def test_hatching_stays_inside_and_slants_all_the_same_way(w: float, h: float, apart: float) -> None:
    for x0, y0, x1, y1 in hatching(10.0, 20.0, w, h, apart):
        assert 10 - 1e-6 <= x0 <= x1 <= 10 + w + 1e-6 and 20 - 1e-6 <= y1 <= y0 <= 20 + h + 1e-6
        assert x1 - x0 == pytest.approx(y0 - y1, abs=1e-6)


# ---- the circle --------------------------------------------------------------------------------------------------


@given(st.integers(1, 24), st.data())
def test_the_nearest_place_of_the_circle_is_the_one_it_is_at(n: int, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, n - 1))
    assert slot(*position(i, n), n) == i


@given(st.permutations(range(8)), st.sets(st.integers(0, 7), min_size=1), st.data())
def test_a_voice_moved_round_the_circle_is_where_it_was_put(
    everyone: list[int], inside: set[int], data: st.DataObject
) -> None:
    ring = [voice for voice in everyone if voice in inside]
    voice, place = data.draw(st.sampled_from(ring)), data.draw(st.integers(0, len(ring) - 1))
    after = reordered(everyone, ring, voice, place)
    assert sorted(after) == sorted(everyone)
    turned = [other for other in after if other in inside]
    assert turned[place] == voice
    assert [other for other in turned if other != voice] == [other for other in ring if other != voice]
    assert [i for i, other in enumerate(after) if other not in inside] == [
        i for i, other in enumerate(everyone) if other not in inside
    ]


# ---- the text ----------------------------------------------------------------------------------------------------

texts = st.text("ab \n\t.", min_size=1, max_size=300)


@given(texts)
def test_every_letter_is_found_where_it_stands(text: str) -> None:
    setter = Typesetter(20)
    setter.follow(text, 0, 0)
    for line in setter.lines:
        for column, place in zip(line.columns, line.places, strict=True):
            assert place_at(line, column + 0.5) == place
            assert column_of(line, place) == column


@given(texts, st.floats(0, 20))
def test_what_a_pointer_finds_is_in_the_text(text: str, column: float) -> None:
    setter = Typesetter(20)
    setter.follow(text, 0, 0)
    for line in setter.lines:
        place = place_at(line, column)
        assert place is None or 0 <= place < len(text)


@given(st.lists(st.floats(-30, 30), max_size=20), st.integers(1, 60), st.integers(1, 8))
def test_scrolling_never_leaves_the_text(ways: list[float], count: int, seen: int) -> None:
    setter = Typesetter(20)
    setter.follow("word\n" * count, 0, 0)
    scroll = TextScroll()
    scroll.window(setter.lines, setter.page, seen)
    for way in ways:
        scroll.by(way, setter.lines[0].number, setter.lines[-1].number, seen)
        lines = scroll.window(setter.lines, setter.page, seen)
        assert 1 <= len(lines) <= seen and lines[0] in setter.lines
        assert len(lines) == min(seen, len(setter.lines))


def test_what_is_read_stays_while_more_is_written() -> None:
    setter, scroll = Typesetter(20), TextScroll()
    setter.follow("word\n" * 30, 0, 0)
    scroll.window(setter.lines, setter.page, 5)
    scroll.by(10, 0, setter.lines[-1].number, 5)
    before = [line.number for line in scroll.window(setter.lines, setter.page, 5)]
    setter.follow("word\n" * 40, 0, 0)
    assert [line.number for line in scroll.window(setter.lines, setter.page, 5)] == before
    scroll.follow()
    assert scroll.window(setter.lines, setter.page, 5)[-1] is setter.lines[-1]


@given(st.integers(1, 60))
def test_older_lines_are_never_brighter_than_younger_ones(count: int) -> None:
    found = ages(count)
    assert len(found) == count and found[0] == 1.0
    assert list(found) == sorted(found, reverse=True) and min(found) >= 0.37


@pytest.mark.parametrize(("text", "length"), [("", 0), ("one two", 3), ("one two ", 4), ("a\nb", 1), ("x" * 500, 120)])
def test_a_word_is_taken_back_with_the_blanks_behind_it(text: str, length: int) -> None:
    assert last_word(text) == length


# ---- fades, silence ----------------------------------------------------------------------------------------------


@given(st.floats(0.0, 1.0), st.sampled_from(["s", "chars"]))
def test_a_fade_is_found_again_where_it_was_set(share: float, unit: str) -> None:
    length = length_of(share, MAX_FADE[unit], unit)
    again = length_of(share_of(length, MAX_FADE[unit]), MAX_FADE[unit], unit)
    assert math.isclose(again, length, abs_tol=0.051) and 0.0 <= length <= MAX_FADE[unit]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["mute", "solo", "move"]), signed), max_size=20))
def test_after_all_silence_every_fader_stands_where_the_hand_left_it(acts: list[tuple[str, str, float]]) -> None:
    values: dict[str, Value] = {f"/style/{slug}/weight": 0.5 for slug in "abc"}
    tracker = dict.fromkeys("abc", 0.5)
    mute_solo = MuteSolo(values.__setitem__)
    for slug, act, weight in acts:
        if act == "move":
            tracker[slug] = weight
            if slug in mute_solo.kept_faders:
                mute_solo.kept_faders[slug] = weight
            else:
                values[f"/style/{slug}/weight"] = weight
        else:
            chosen = mute_solo.muted if act == "mute" else mute_solo.soloed
            chosen ^= {slug}
        mute_solo.apply(values, "abc")
        assert all(values[f"/style/{other}/weight"] == 0.0 for other in "abc" if mute_solo.silences(other))
    mute_solo.clear()
    mute_solo.apply(values, "abc")
    assert {slug: values[f"/style/{slug}/weight"] for slug in "abc"} == tracker
