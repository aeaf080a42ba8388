"""The creature on the stage: on its feet beside the lines, small behind the marks, and gone where it is not wanted."""

import numpy as np
import pytest

from frontend.creature.creature import Creature
from frontend.look.typeset import Typesetter
from frontend.stage.creature import GROW_S, SHRINK_S, picture_boxes
from frontend.stage.layout import lay_out
from frontend.stage.look import StageLook, StageTheme
from frontend.stage.scene import StagePicture
from frontend.stage.settings import StageSettings
from protocol.messages import Set
from tests.frontend.creature.fakes import FakeArtist, Writer, picture

WITH = StageLook(StageSettings(creature=True, cursor="none", mix=False))


def scene(look: StageLook = WITH, text: str = "The bones ") -> tuple[StagePicture, Writer, FakeArtist]:
    writer, artist = Writer(), FakeArtist()
    for address, value in (("/style/shelley/on", True), ("/style/shelley/weight", 1.0)):
        writer.session.apply(Set(address, value), 0.0)
    writer.write(text)
    shown = StagePicture(writer.session, look, 1920, 1080, creature=Creature(artist))
    for now in (100.0, 101.0):
        shown.boxes(now)
    return shown, writer, artist


def filled(boxes: np.ndarray) -> np.ndarray:
    """Left, top, right and bottom of all that is a creature's pixel."""
    pixels = boxes[(boxes[:, 4] == boxes[:, 6]) & (boxes[:, 5] == boxes[:, 7])]
    return np.concatenate([pixels[:, :2].min(0), pixels[:, 2:4].max(0)])


def test_it_stands_on_the_writing_line_right_of_all_letters() -> None:
    shown, _, _ = scene()
    layout = shown.layout
    left, top, right, bottom = filled(shown.boxes(110.0))
    assert bottom == pytest.approx(layout.baseline, abs=1.0)
    assert left >= layout.left + layout.columns * layout.cell
    assert (right - left, bottom - top) == (pytest.approx(8 * 12, abs=2), pytest.approx(20 * 12, abs=2))


def test_a_theme_puts_it_on_the_left_or_leaves_it_out() -> None:
    left = lay_out(1920, 1080, StageLook(WITH.settings, StageTheme(creature="left")))
    assert left.creature is not None and left.creature[0] < left.left
    assert lay_out(1920, 1080, StageLook(WITH.settings, StageTheme(creature="none"))) == lay_out(
        1920, 1080, StageLook(StageSettings(cursor="none", mix=False))
    )


def test_without_it_nothing_is_asked_and_lines_are_as_long_as_ever() -> None:
    shown, _, artist = scene(StageLook(StageSettings(cursor="none", mix=False)))
    assert artist.asked == [] and shown.layout.columns == 44 and shown.layout.creature is None


def test_at_a_sentences_end_it_shrinks_and_stays_behind_the_mark() -> None:
    shown, writer, artist = scene()
    writer.write("walk. ")
    artist.busy = True
    shown.boxes(120.0)
    after = shown.boxes(120.0 + SHRINK_S + GROW_S)
    small = after[(after[:, 4] == after[:, 6]) & (after[:, 2] < shown.layout.left + shown.layout.columns * 36)]
    x = shown.layout.left + 15 * shown.layout.cell
    assert small[:, 0].min() >= x and small[:, 2].max() <= x + 32 * 3 + 1
    assert small[:, 3].max() == pytest.approx(shown.layout.baseline, abs=1.0)


def test_the_next_sentence_begins_behind_the_creature() -> None:
    setter = Typesetter(40, sentence_gap=3)
    setter.follow("It rained. It poured, Mr. Smith. So", 0, 1)
    assert str(setter.lines[0]) == "It rained.    It poured, Mr. Smith."
    whole = Typesetter(40, sentence_gap=3)
    for end in range(36):
        whole.follow("It rained. It poured, Mr. Smith. So"[:end], 0, 1)
    assert [str(line) for line in whole.lines] == [str(line) for line in setter.lines]


def test_a_frozen_stage_keeps_its_creature_as_it_is() -> None:
    shown, writer, artist = scene()
    shown.frozen = True
    before, asked = shown.boxes(130.0), len(artist.asked)
    writer.write("walk. And walk ")
    assert np.array_equal(before, shown.boxes(131.0)) and len(artist.asked) == asked


def test_a_creature_that_is_clear_is_no_box_and_one_is_few() -> None:
    shown, _, _ = scene()
    assert len(picture_boxes(picture(0), 0.0, 0.0, 12.0, 1.0, shown.atlas)) == 0
    assert len(picture_boxes(picture(2), 0.0, 0.0, 12.0, 1.0, shown.atlas)) == 20
