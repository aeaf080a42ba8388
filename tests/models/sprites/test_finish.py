"""From a drawn picture to a sprite: hard edges, few colours, no specks, the voices' tint."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.sprites.finish import CLEAR, FIRST, OUTLINE, few_colours, finished, smoothed, tinted, without_specks

picture = arrays.arrays(np.float64, (4, 8, 8), elements=st.floats(0.0, 1.0))


def disc(value: float = 0.8) -> np.ndarray:
    drawn = np.zeros((4, 32, 32))
    y, x = np.mgrid[:32, :32]
    drawn[:, np.hypot(x - 15.5, y - 15.5) < 9] = value
    return drawn


@given(picture)
def test_whatever_is_drawn_becomes_a_sprite_of_sixteen_colours(drawn: np.ndarray) -> None:
    sprite = finished(drawn, [(0.5, (10, 200, 30)), (0.5, (200, 20, 90))])
    assert sprite.palette.shape == (16, 3)
    assert sprite.places.shape == (8, 8) and sprite.places.max() < 16
    assert sprite.rgba.shape == (8, 8, 4)


def test_nothing_drawn_is_an_empty_sprite() -> None:
    assert not finished(np.zeros((4, 32, 32))).places.any()


def test_a_figure_has_a_dark_line_round_it_and_nothing_else_there() -> None:
    sprite = finished(disc())
    assert (sprite.places[15, 6], sprite.places[15, 5]) == (OUTLINE, CLEAR)
    assert sprite.places[15, 15] >= FIRST
    assert tuple(sprite.palette[OUTLINE]) == (9, 8, 14)


def test_specks_go_and_what_touches_at_a_corner_stays() -> None:
    mask = np.zeros((12, 12), bool)
    mask[2:7, 2:7] = mask[7, 7] = mask[10, 0] = True
    kept = without_specks(mask)
    assert kept[7, 7] and not kept[10, 0] and kept.sum() == 26


def test_the_darkest_voice_has_the_shadows_as_wide_as_its_share() -> None:
    light = np.linspace(0.0, 255.0, 100)
    colours = tinted(light, [(0.25, (0, 0, 120)), (0.75, (250, 250, 0))])
    blue = colours[:, 2] > colours[:, 0] + 5
    assert blue[2:25].all() and not blue[26:80].any()


def test_smoothing_takes_a_weave_of_two_pixels_out_and_leaves_what_is_even() -> None:
    woven = np.tile([[0.0, 1.0], [1.0, 0.0]], (4, 16, 16)).reshape(4, 32, 32)
    assert np.ptp(smoothed(woven)[:, 2:-2, 2:-2]) < 0.3
    assert np.allclose(smoothed(np.full((4, 32, 32), 0.7)), 0.7)


def test_few_pixels_keep_their_own_colours() -> None:
    rgb = np.array([[0.0, 0.0, 0.0], [255.0, 0.0, 0.0], [0.0, 255.0, 0.0]])
    colours, which = few_colours(rgb)
    assert np.array_equal(colours[which], rgb)
