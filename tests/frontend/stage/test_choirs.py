"""Antiphony on the stage: each sentence in the column of the choir that wrote it, and what a rewind leaves of that."""

import numpy as np

from frontend.client.fake_link import FakeLink
from frontend.client.session_state import SessionState
from frontend.stage.choirs import SECOND, WAITING_ALPHA, Choirs
from frontend.stage.layout import lay_out
from frontend.stage.look import StageLook
from frontend.stage.scene import StagePicture
from frontend.stage.settings import StageSettings
from protocol.messages import Tint
from protocol.tree import ANTIPHONY, TURN, choir_address, on_address, weight_address

VOICES = ([0], [1])
LOOK = StageLook()


class Singers:
    """A text of two choirs, sung turn by turn."""

    def __init__(self) -> None:
        self.choirs, self.text, self.revision = Choirs(), "", 0
        self.tints: list[Tint] = []

    def sing(self, voice: int, text: str) -> None:
        for character in text:
            self.text += character
            self.tints.append(((voice, 255),))
            self.follow()

    def cut(self, length: int) -> None:
        self.text, self.tints = self.text[:length], self.tints[:length]
        self.revision += 1
        self.follow()

    def follow(self) -> None:
        self.choirs.follow(self.text, self.tints, b"", 0, self.revision, VOICES)

    @property
    def texts(self) -> tuple[str, str]:
        first, second = (each.text for each in self.choirs.texts)
        return first, second


def test_each_choir_has_its_own_text_and_each_turn_a_line() -> None:
    singers = Singers()
    singers.sing(0, "And it was so. ")
    singers.sing(1, "Why?\n\n")
    singers.sing(0, "It was. It is.\n")
    singers.sing(1, "\tYes.")
    assert singers.texts == ("And it was so.\nIt was. It is.", "Why?\n\tYes.")
    assert singers.choirs.turn == SECOND


def test_a_turn_that_a_hand_passes_begins_within_the_sentence() -> None:
    singers = Singers()
    singers.sing(0, "And it w")
    singers.sing(1, "hy not. ")
    assert singers.texts == ("And it w", "hy not.")


def test_a_letter_in_which_both_had_a_part_moves_nothing() -> None:
    singers = Singers()
    singers.sing(0, "And")
    singers.text += "x"
    singers.tints.append(((1, 150), (0, 105)))
    singers.follow()
    assert singers.texts == ("Andx", "")


def test_a_rewind_takes_back_as_much_of_either_text_as_of_the_whole() -> None:
    singers = Singers()
    for voice, text in ((0, "One. "), (1, "Two. "), (0, "Three. "), (0, "Four. "), (1, "Five.")):
        singers.sing(voice, text)
    singers.cut(len("One. Two. Three. Fo"))
    assert singers.texts == ("One.\nThree. Fo", "Two.")
    singers.cut(len("One. T"))
    assert singers.texts == ("One.", "T")
    singers.sing(1, "en. ")
    assert singers.texts == ("One.", "Ten.")


def test_letter_by_letter_and_all_at_once_is_the_same() -> None:
    singers = Singers()
    for voice, text in ((0, "One. "), (1, "Two.\n\n"), (0, "Three. Four. "), (1, "Five.")):
        singers.sing(voice, text)
    late = Choirs()
    late.follow(singers.text, singers.tints, b"", 0, 9, VOICES)
    assert tuple(each.text for each in late.texts) == singers.texts


def test_columns_have_as_many_cells_and_stand_apart() -> None:
    layout = lay_out(1920, 1080, LOOK, choirs=True)
    assert layout.second is not None
    assert layout.left + layout.columns * layout.cell < layout.second
    assert layout.second + layout.columns * layout.cell <= 0.9125 * 1920 + 1
    assert layout.creature is None and layout.columns >= 26


def sung(*settings: tuple[str, object]) -> tuple[StagePicture, SessionState, float]:
    """A stage before which a demo's two choirs have sung for half a minute, and when."""
    now = 0.0
    link = FakeLink.demo(seed=3, clock=lambda: now)
    link.pump(now)
    for slug, choir in (("bible", 1), ("linux", 2)):
        for address, value in ((on_address(slug), True), (weight_address(slug), 1.0), (choir_address(slug), choir)):
            link.set(address, value)
    link.set(ANTIPHONY, True)
    picture = StagePicture(link.session, StageLook(StageSettings(**dict(settings))), 1920, 1080)  # type: ignore[arg-type]
    while now < 30.0:
        now += 1 / 15
        link.pump(now)
        picture.boxes(now)
    return picture, link.session, now


def alphas(picture: StagePicture, now: float, left: float, right: float) -> np.ndarray:
    """The opacities of what stands on the writing line's level and just above between two x."""
    boxes = picture.boxes(now)
    low = boxes[(boxes[:, 1] > 600) & (boxes[:, 3] < 1000) & (boxes[:, 0] >= left) & (boxes[:, 2] <= right)]
    return low[:, 11]


def test_the_stage_has_two_columns_of_which_the_waiting_one_is_dimmed() -> None:
    picture, session, now = sung()
    session.values["/transport/run"] = False
    second = picture.layout.second
    assert second is not None
    columns = [alphas(picture, now + 1.0, 0, second), alphas(picture, now + 1.0, second - 2, 1920)]
    assert all(len(column) > 20 for column in columns)
    assert sorted(round(float(np.median(column)), 2) for column in columns) == [WAITING_ALPHA, 1.0]
    assert session.values[TURN] in (0.0, 1.0)


def test_a_stage_may_show_one_choir_alone_or_one_text() -> None:
    whole, alone = sung(("choirs", "one text"))[0], sung(("choirs", "first"))[0]
    assert whole.layout.second is alone.layout.second is None
    assert whole.layout.columns == alone.layout.columns == 44


def test_without_antiphony_there_is_one_column_again() -> None:
    picture, session, now = sung()
    session.values[ANTIPHONY] = False
    picture.boxes(now)
    assert picture.layout.second is None
