"""Characters rasterised from their outlines: where they stand, how much ink they have, and what a torn file does."""

import numpy as np
import pytest

from frontend.stage.faces import inconsolata
from frontend.stage.glyphs import SOLID, filled, make_atlas
from frontend.stage.truetype import Outlines
from protocol.errors import DisplayError

OUTLINES = inconsolata().outlines
ATLAS = make_atlas((OUTLINES, 72), (OUTLINES, 20))


def ink(character: str) -> np.ndarray:
    height, width = ATLAS.coverage.shape
    left, top, right, bottom = np.rint(ATLAS.places[ord(character)] * (width, height, width, height)).astype(int)
    return ATLAS.coverage[top:bottom, left:right]


def area(character: str) -> float:
    """In square ems, by the shoelace formula; outlines wind one way and holes the other."""
    lines = OUTLINES.contours(character)
    return abs(sum(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2 for x, y in (line.T for line in lines)))


def test_every_character_is_half_an_em_wide() -> None:
    assert {OUTLINES.advance(chr(code)) for code in range(32, 127)} == {0.5}


def test_capitals_stand_on_the_baseline_as_in_the_picture() -> None:
    left, top, right, bottom = ATLAS.boxes[ord("H")]
    assert (top, bottom) == (-46, 1)  # 45 pixels of ink and a rim of one
    assert 0 <= left < right <= 37


@pytest.mark.parametrize("character", "HIlo.-|@g&%")
def test_a_character_has_as_much_ink_as_its_outline_has_area(character: str) -> None:
    assert ink(character).sum() / 255 == pytest.approx(area(character) * 72**2, rel=0.02)


def test_every_visible_character_has_ink_of_its_own_and_a_rim_of_none() -> None:
    pictures = set()
    for code in range(33, 127):
        picture = ink(chr(code))
        assert picture.max() > 200
        assert not picture[[0, -1]].any() and not picture[:, [0, -1]].any()
        pictures.add((picture.shape, picture.tobytes()))
    assert len(pictures) == 94


def test_an_o_is_hollow_and_overlapping_outlines_arefilled_once() -> None:
    o = ink("o")
    assert o[o.shape[0] // 2, o.shape[1] // 2] == 0
    square = np.array([[1, 1, 1, 3], [1, 3, 3, 3], [3, 3, 3, 1], [3, 1, 1, 1]], float)
    twice = np.concatenate([square, square + 1.0])
    assert filled(twice, 5, 5).tolist() == [
        [0, 0, 0, 0, 0],
        [0, 255, 255, 0, 0],
        [0, 255, 255, 255, 0],
        [0, 0, 255, 255, 0],
        [0, 0, 0, 0, 0],
    ]


def test_an_edge_between_pixels_is_shared_in_proportion() -> None:
    square = np.array([[0.25, 0, 0.25, 1], [0.25, 1, 1.5, 1], [1.5, 1, 1.5, 0], [1.5, 0, 0.25, 0]], float)
    assert filled(square, 2, 1).tolist() == [[191, 128]]


def test_a_rectangle_is_drawn_from_solid_ink() -> None:
    assert not ATLAS.boxes[SOLID].any()
    x, y = (ATLAS.places[SOLID][:2] * ATLAS.coverage.shape[::-1]).astype(int)
    assert (ATLAS.coverage[y - 2 : y + 3, x - 2 : x + 3] == 255).all()


def test_every_face_has_its_own_size_in_the_same_picture() -> None:
    assert ATLAS.advances[[ord("m"), 128 + ord("m")]].tolist() == [36, 10]
    assert (ATLAS.boxes[128 + ord("H")][3] - ATLAS.boxes[128 + ord("H")][1]) == 15  # 13 of ink, a rim of one
    assert ((ATLAS.places >= 0.0) & (ATLAS.places <= 1.0)).all()


def test_what_is_not_seen_has_a_sign_where_the_face_has_one() -> None:
    assert all(ATLAS.boxes[ord(character)].any() for character in " \n\t")


def test_composed_characters_have_all_their_parts() -> None:
    assert len(OUTLINES.contours(":")) == len(OUTLINES.contours("i")) == 2


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x00\x00\x00\x01" + bytes(40), bytes(4_000)])
def test_what_is_no_typeface_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(DisplayError, match="typeface"):
        Outlines(data)


def test_a_heavier_face_has_more_ink_and_a_lighter_one_less_in_the_same_cell() -> None:
    light, drawn, heavy = (make_atlas((OUTLINES, 48.0, wider)) for wider in (-0.015, 0.0, 0.03))
    assert light.coverage.sum() < drawn.coverage.sum() < heavy.coverage.sum()
    assert (light.advances == drawn.advances).all() and (heavy.advances == drawn.advances).all()
