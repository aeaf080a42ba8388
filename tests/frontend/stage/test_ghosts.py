"""Ghost letters on the stage: over the foot, in the voices' colours, and only where they are wished for."""

from __future__ import annotations

import numpy as np
import pytest

from frontend.client.fake_link import demo_cards
from frontend.client.session_state import SessionState
from frontend.look.fan import LANE_SCALE
from frontend.stage.layout import lay_out
from frontend.stage.look import StageLook
from frontend.stage.scene import StagePicture
from frontend.stage.settings import StageSettings
from protocol.messages import THE_MIX, Ahead, Char, Set, ToFront
from protocol.tree import LOOKAHEAD, on_address, weight_address

GHOSTS = StageLook(StageSettings(ghosts=True))
TEXT = "the text so far"


def session(text: str = TEXT, **weights: float) -> SessionState:
    """A text, and what the mix and two voices would write next."""
    found = SessionState()
    told = Char(len(text), text[-1], text, len(text), 0, (((2, 255),),) * len(text))
    ahead = {THE_MIX: " and the sea", 2: " and the sea", 5: " of Israel sa"}
    values: list[ToFront] = [
        Set(address, value)
        for slug, weight in weights.items()
        for address, value in ((on_address(slug), True), (weight_address(slug), weight))
    ]
    for message in [*demo_cards(), *values, Set(LOOKAHEAD, 16), told]:
        found.apply(message, 0.0)
    for voice, letters in ahead.items():
        found.apply(Ahead(0, len(text) + 1, voice, letters), 0.0)
    return found


def drawn(look: StageLook, text: str = TEXT, **weights: float) -> np.ndarray:
    return np.asarray(StagePicture(session(text, **weights), look, 1920, 1080).boxes(1.0))


def test_ghosts_stand_behind_the_cursor_and_below_the_line_above_the_foot() -> None:
    layout = lay_out(1920, 1080, GHOSTS)
    boxes = drawn(GHOSTS, austen=0.6, bible=0.4)
    more = len(boxes) - len(drawn(StageLook(), austen=0.6, bible=0.4))
    assert more == len("andthesea") + len("ofIsraelsa") + 2  # an elbow's two strokes
    below = boxes[(boxes[:, 1] > layout.baseline + 0.3 * layout.em) & (boxes[:, 3] < 1080 - layout.bar)]
    assert len(below) and below[:, 3].max() < 0.93 * 1080
    assert below[:, 0].min() >= layout.left + len(TEXT) * layout.cell


def test_where_one_voice_has_all_of_the_mix_the_fan_is_the_line() -> None:
    boxes = drawn(GHOSTS, austen=1.0)
    assert len(boxes) - len(drawn(StageLook(), austen=1.0)) == len("andthesea")


@pytest.mark.parametrize("look", [StageLook(), StageLook(StageSettings(ghosts=True, histogram=True))])
def test_where_they_are_not_wished_for_or_the_histogram_stands_there_are_no_lanes(look: StageLook) -> None:
    assert lay_out(1920, 1080, look).lanes == 0


def test_lanes_and_ribbon_lie_one_under_the_other_and_larger_type_has_fewer_lanes() -> None:
    for size in (0.7, 1.0, 1.3, 1.6):
        layout = lay_out(1920, 1080, StageLook(StageSettings(ghosts=True, ribbon=True, size=size)))
        assert layout.ribbon is not None and 1 <= layout.lanes <= 3
        assert (
            layout.baseline + (layout.lanes + 0.5) * layout.lane + 0.2 * LANE_SCALE * layout.em <= layout.ribbon[1] + 1
        )
        assert layout.ribbon[3] < 1080 - layout.bar


def test_a_frozen_stage_keeps_its_ghosts() -> None:
    known = session(austen=0.6, bible=0.4)
    picture = StagePicture(known, GHOSTS, 1920, 1080)
    before = len(picture.boxes(1.0))
    picture.frozen = True
    known.apply(Set(LOOKAHEAD, 0), 2.0)
    assert len(picture.boxes(2.0)) == before


def test_at_the_end_of_a_line_a_lane_moves_to_the_left_and_no_stroke_goes_through_its_letters() -> None:
    text = "one long line that goes on to its very en"
    boxes = drawn(GHOSTS, text, austen=0.6, bible=0.4)
    layout = lay_out(1920, 1080, GHOSTS)
    room = layout.columns - len(text)
    line = len(" and the sea"[:room].replace(" ", ""))
    assert len(boxes) - len(drawn(StageLook(), text, austen=0.6, bible=0.4)) == line + len("ofIsraelsa")
    assert boxes[:, 2].max() <= 1920
