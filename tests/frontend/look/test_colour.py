"""Colours: to and fro without loss, means that are means, and the promises that look.md makes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.look import colour
from frontend.look.colour import HI, STAGE, Palette, contrast, hex_of_rgb, mix
from frontend.look.surplus import leads

VOICES = [  # the 24 of look.md, in card order
    "#7DE4FF",
    "#64B960",
    "#50ABFF",
    "#FFC1E5",
    "#939051",
    "#EFBC3A",
    "#6E83E6",
    "#1EE5C7",
    "#69949F",
    "#FFC3A0",
    "#CC7203",
    "#7DBBD4",
    "#B46AC3",
    "#FF8C68",
    "#FDE68C",
    "#03B6A6",
    "#C1B6FF",
    "#99DA74",
    "#F889BC",
    "#C79E00",
    "#B190DC",
    "#AFFCBF",
    "#CB697F",
    "#B9B994",
]
PALETTE = Palette(VOICES)

hexes = st.tuples(*[st.integers(0, 255)] * 3).map(hex_of_rgb)
tints = st.lists(st.tuples(st.integers(0, 23), st.integers(1, 255)), max_size=3, unique_by=lambda t: t[0]).map(tuple)


@given(hexes)
def test_a_colour_survives_the_way_to_oklab_and_back(colour_: str) -> None:
    assert hex_of_rgb(colour.bytes_of_oklab(colour.oklab_of_hexes([colour_]))[0]) == colour_


def test_oklab_gives_the_values_of_the_paper() -> None:
    xyz_white_and_red = colour.oklab_of_hexes(["#FFFFFF", "#FF0000"])
    assert xyz_white_and_red == pytest.approx(np.array([[1, 0, 0], [0.62796, 0.22486, 0.12585]]), abs=1e-4)


@given(hexes, st.floats(0.01, 1.0))
def test_the_mean_of_one_colour_is_that_colour(colour_: str, weight: float) -> None:
    assert mix([colour_], [weight]) == colour_
    assert mix([colour_, "#123456"], [weight, 0.0]) == colour_


@given(st.lists(st.tuples(hexes, st.floats(0.01, 1.0)), min_size=2, max_size=6), st.floats(0.1, 10.0))
def test_a_mean_asks_neither_for_order_nor_for_scale(parts: list[tuple[str, float]], scale: float) -> None:
    there, back = parts, parts[::-1]
    one = mix([h for h, _ in there], [w for _, w in there])
    other = mix([h for h, _ in back], [w * scale for _, w in back])
    assert max(abs(a - b) for a, b in zip(colour.rgb_of_hex(one), colour.rgb_of_hex(other), strict=True)) <= 1


def test_a_mean_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        mix(VOICES[:2], [0.0, 0.0])


def test_the_voices_keep_the_contrast_that_look_md_promises() -> None:
    assert min(contrast(voice, STAGE) for voice in VOICES) == pytest.approx(5.5, abs=0.05)
    assert contrast(HI, "#11141A") == pytest.approx(15.7, abs=0.05)


def test_every_stage_tint_of_one_or_two_voices_can_be_read() -> None:
    for one, other in itertools.combinations(range(24), 2):
        smooth = np.zeros((9, 24))
        smooth[:, one] = np.linspace(0.0, 1.0, 9)
        smooth[:, other] = 1.0 - smooth[:, one]
        assert min(contrast(hex_of_rgb(rgb), STAGE) for rgb in PALETTE.stage(smooth)) >= 7.5


def test_the_stage_tints_are_those_of_the_picture() -> None:
    picture = {"#50ABFF": "#6BBDFE", "#EFBC3A": "#F6C759", "#99DA74": "#A6E286", "#CC7203": "#E28E42"}
    tints_ = PALETTE.stage(np.eye(24)[[VOICES.index(voice) for voice in picture]]).astype(int)
    assert abs(tints_ - [colour.rgb_of_hex(tint) for tint in picture.values()]).max() <= 1


def test_text_that_no_voice_wrote_is_plain() -> None:
    assert [hex_of_rgb(rgb) for rgb in PALETTE.text([()])] == [HI]
    assert hex_of_rgb(PALETTE.stage(np.zeros((1, 24)))[0]) == HI


@given(st.integers(0, 23), st.integers(1, 255))
def test_a_text_of_one_voice_has_its_colour_in_the_control_window(voice: int, share: int) -> None:
    assert {hex_of_rgb(rgb) for rgb in PALETTE.text([((voice, share),)] * 9)} == {VOICES[voice]}


def test_a_turn_of_style_is_over_after_three_letters() -> None:
    line = [((2, 255),)] * 4 + [((17, 255),)] * 4
    colours = PALETTE.stage(leads(line, 24)).astype(int)
    alone = PALETTE.stage(np.eye(24)[[2, 17]]).astype(int)
    assert np.array_equal(colours[3], alone[0])
    assert abs(colours[6] - alone[1]).max() <= 3


def test_a_tint_of_a_voice_that_is_not_known_yet_is_passed_over() -> None:
    assert [hex_of_rgb(rgb) for rgb in Palette(VOICES[:2]).text([((7, 200), (1, 55))])] == [VOICES[1]]


def test_no_voices_make_plain_text() -> None:
    assert [hex_of_rgb(rgb) for rgb in Palette([]).text([((0, 255),)])] == [HI]


def test_the_field_shows_each_voice_at_its_place_and_the_mean_in_the_middle() -> None:
    field = colour.puck_field([(0.0, 0.99), (0.0, -0.99)], PALETTE.oklab[[0, 5]], falloff=4.0, size=33)
    assert field.shape == (33, 33, 4) and field.dtype == np.uint8
    assert hex_of_rgb(field[0, 16, :3]) == VOICES[0]  # row 0 is the top: y = 1
    assert hex_of_rgb(field[32, 16, :3]) == VOICES[5]
    assert hex_of_rgb(field[16, 16, :3]) == mix([VOICES[0], VOICES[5]], [1, 1])
    assert field[..., 3].min() == 255


def test_the_field_of_no_voice_is_the_stage() -> None:
    assert hex_of_rgb(colour.puck_field([], PALETTE.oklab[:0], 2.0, 4)[2, 2, :3]) == STAGE


def test_packed_colours_have_red_in_the_lowest_byte() -> None:
    assert colour.packed((0x11, 0x22, 0x33), 1.0) == 0xFF332211
    assert colour.packed((0x11, 0x22, 0x33), 0.5) == 0x80332211


@pytest.mark.parametrize("wrong", ["", "7DE4FF", "#7DE4F", "#GGGGGG", "7#DE4FF"])
def test_what_is_no_colour_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        colour.rgb_of_hex(wrong)
