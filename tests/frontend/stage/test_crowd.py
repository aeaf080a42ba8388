"""The audience on the stage: a swarm and a code, in the margin, where no text is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from frontend.look.colour import Palette
from frontend.remote.links import QUIET_ZONE, code_of, runs
from frontend.stage.boxes import Floats, with_sprites
from frontend.stage.crowd import invitation, swarm
from frontend.stage.faces import inconsolata, roboto
from frontend.stage.glyphs import make_atlas
from frontend.stage.layout import StageLayout, lay_out
from frontend.stage.look import AS_DESIGNED, StageLook
from frontend.stage.settings import DEFAULTS, TABLE

LINK = "http://192.168.1.20:7425/abcdefghijklmnop/"
ATLAS = with_sprites(make_atlas((inconsolata().outlines, 20.0), (roboto(), 10.0)))
PALETTE = Palette(["#50ABFF", "#EFBC3A", "#99DA74"])
POINTS = np.array([[0.0, 0.9, 1.0], [0.3, -0.2, 0.5]])


def look(**settings: object) -> StageLook:
    return StageLook(TABLE.changed(DEFAULTS, settings), AS_DESIGNED, inconsolata())


def laid(size: tuple[int, int], wish: StageLook) -> StageLayout:
    return lay_out(*size, wish)


def edges(boxes: Floats) -> tuple[float, float, float, float]:
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:4].max(axis=0).tolist()
    return left, top, right, bottom


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (3840, 2160), (1080, 1920)])
@pytest.mark.parametrize("names", [False, True])
def test_both_stand_under_the_text_and_over_the_mix(size: tuple[int, int], names: bool) -> None:
    wish = look(invitation="corner", names=names)
    layout = laid(size, wish)
    for boxes in (swarm(layout, wish, ATLAS, PALETTE, [0, 1, 2], POINTS), invitation(layout, wish, ATLAS, LINK, 1)):
        left, top, right, bottom = edges(boxes)
        assert layout.baseline < top < bottom <= size[1] - layout.bar
        assert layout.left * 0.8 <= left < right <= size[0] - layout.left * 0.8


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (1024, 768)])
@pytest.mark.parametrize("settings", [{}, {"histogram": True}, {"size": 1.6}, {"names": True}])
def test_a_large_code_never_lies_over_the_line_that_is_written(size: tuple[int, int], settings: dict[str, Any]) -> None:
    wish = look(invitation="large", **settings)
    layout = laid(size, wish)
    left, top, right, bottom = edges(invitation(layout, wish, ATLAS, LINK, 1))
    assert bottom < layout.baseline - 0.7 * layout.em
    assert top >= 0.0 and right - left >= 0.4 * size[1]


def test_points_stand_where_their_pucks_do_as_visible_as_they_weigh() -> None:
    layout = laid((1920, 1080), look())
    boxes = swarm(layout, look(), ATLAS, PALETTE, [0, 1, 2], POINTS)
    assert len(boxes) == 1 + 3 + 2
    middles = (boxes[:, :2] + boxes[:, 2:4]) / 2
    ring, points = middles[0], middles[-2:]
    r = (boxes[0, 2] - boxes[0, 0]) / 2
    assert (points - ring) / r == pytest.approx(np.array([[0.0, -0.9], [0.3, 0.2]]), abs=1e-4)
    assert boxes[-1, 11] / boxes[-2, 11] == pytest.approx(0.5)


def test_without_an_audience_the_stage_is_as_it_was() -> None:
    layout = laid((1920, 1080), look())
    assert len(swarm(layout, look(), ATLAS, PALETTE, [0, 1, 2], np.zeros((0, 3)))) == 0
    assert len(invitation(layout, look(), ATLAS, LINK, 1)) == 0
    assert len(invitation(layout, look(invitation="large"), ATLAS, "", 1)) == 0


@pytest.mark.parametrize("wish", ["corner", "large"])
def test_a_code_is_dark_on_light_in_whole_pixels_with_a_quiet_rim(wish: str) -> None:
    seen = look(invitation=wish)
    layout = laid((1920, 1080), seen)
    boxes = invitation(layout, seen, ATLAS, LINK, 1)
    tile, strips = boxes[0], boxes[1 : 1 + len(runs(code_of(LINK)))]
    assert (strips[:, 8:11].sum(axis=1) < tile[8:11].sum()).all()
    assert (strips[:, :4] == np.rint(strips[:, :4])).all()
    module = (tile[2] - tile[0]) / (len(code_of(LINK)) + 2 * QUIET_ZONE)
    assert module >= (2 if wish == "corner" else 10)
    assert strips[:, 0].min() - tile[0] == QUIET_ZONE * module
    dark = sum(map(sum, code_of(LINK)))
    assert ((strips[:, 2] - strips[:, 0]) * (strips[:, 3] - strips[:, 1])).sum() == dark * module**2
