"""The stage as the puck's window: the field fills it, words lie where the puck was, one line of the text crosses it."""

from __future__ import annotations

import numpy as np

from frontend.client.fake_link import FakeLink
from frontend.look.colour import rgb_of_hex
from frontend.look.poem import CELL
from frontend.stage.boxes import Floats
from frontend.stage.look import StageLook
from frontend.stage.poem import MIDDLE_SHARE, RADIUS_SHARE, band, letter_em
from frontend.stage.scene import LETTERS, StagePicture
from frontend.stage.settings import StageSettings

WIDTH, HEIGHT = 1280, 720


def played(settings: StageSettings) -> tuple[StagePicture, FakeLink, Floats]:
    """A picture before which the demo has played for some seconds, its puck at rest, and its boxes then."""
    clock = [0.0]
    link = FakeLink.demo(seed=7, clock=lambda: clock[0])
    link.pump(0.0)
    link.set("/puck/lifted", False)
    link.set("/puck", (0.4, 0.5))
    picture = StagePicture(link.session, StageLook(settings), WIDTH, HEIGHT)
    for _ in range(120):
        clock[0] += 1 / 20
        link.pump(clock[0])
        boxes = picture.boxes(clock[0])
    return picture, link, boxes


def letters_of(boxes: Floats, picture: StagePicture, face: int) -> Floats:
    """Those boxes that are characters of one of the atlas's faces."""
    places = picture.atlas.places[128 * face + 33 : 128 * face + 127]
    return np.asarray(boxes[(boxes[:, None, 4:8] == places[None]).all(2).any(1)])


def test_the_field_fills_the_picture_and_words_begin_beside_the_puck() -> None:
    picture, _, boxes = played(StageSettings(poem=True))
    solid = boxes[:1600]  # the field's samples
    assert solid[:, 0].min() == 0.0 and solid[:, 2].max() == WIDTH
    assert solid[:, 1].min() == 0.0 and solid[:, 3].max() == HEIGHT
    words = letters_of(boxes, picture, LETTERS)
    r = RADIUS_SHARE * HEIGHT
    x, y = WIDTH / 2 + 0.4 * r, MIDDLE_SHARE * HEIGHT - 0.5 * r
    assert len(words) > 20
    assert words[:, 0].min() > x and words[:, 1].min() > y - letter_em(picture.layout)
    assert words[:, 2].max() < x + (0.62 + 0.1 + 20 * CELL) * r
    assert words[:, 3].max() < band(picture.layout)[1]


def test_one_line_of_the_text_stands_on_a_band_of_the_ground() -> None:
    picture, _, boxes = played(StageSettings(poem=True))
    text = letters_of(boxes, picture, 0)
    _, top, _, bottom = band(picture.layout)
    assert len(text) and text[:, 1].min() > top and text[:, 3].max() < bottom
    ground = np.array(rgb_of_hex(picture.look.theme.ground)) / 255.0
    under = boxes[(np.abs(boxes[:, :4] - band(picture.layout)).max(1) < 0.01)]
    assert len(under) == 1 and np.allclose(under[0, 8:11], ground, atol=1e-6)


def test_a_stage_without_colours_has_the_words_and_no_field() -> None:
    picture, _, boxes = played(StageSettings(poem=True, colour="plain"))
    coloured = played(StageSettings(poem=True))[2]
    assert len(boxes) < len(coloured) - 3000
    assert len(letters_of(boxes, picture, LETTERS)) > 20


def test_the_map_has_the_room_of_what_stands_under_the_text() -> None:
    picture, _, _ = played(StageSettings(poem=True, histogram=True, ghosts=True, ribbon=True))
    assert picture.layout.plot is None and picture.layout.ribbon is None and picture.layout.lanes == 0
