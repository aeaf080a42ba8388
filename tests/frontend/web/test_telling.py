"""What readers are told: the whole once, then each character; what a reader lacks comes at once, whatever it lacks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.session_state import SessionState
from frontend.stage.look import StageTheme
from frontend.web.telling import MAX_CAUGHT_UP_CHARS, NOTHING, SPRITE_LAPSES_S, Mark, StageCreature, Telling
from protocol.messages import Card, Char, ShowStands, SpriteShown, Status, TextExcerpt, Tint
from tests.frontend.creature.fakes import FakeArtist

CARDS = [
    Card(0, 2, "ada", "Ada", "Ad", "#FF8800", "prose", "a paragraph"),
    Card(1, 2, "bob", "Bob", "Bo", "#0088FF", "prose", "a paragraph"),
]
ADA: Tint = ((0, 255),)


class Reader:
    """Somebody who puts together what is told."""

    def __init__(self, telling: Telling, mark: Mark = NOTHING) -> None:
        self._telling, self.mark = telling, mark
        self.start, self.text, self.colours = 0, "", list[str]()
        self.messages: list[dict[str, Any]] = []

    def read(self) -> dict[str, Any]:
        told, self.mark = self._telling.after(self.mark)
        message: dict[str, Any] = json.loads(told) if told else {}
        self.messages.append(message)
        if page := message.get("text"):
            self.start, self.text = page["position"], page["text"]
            self.colours = [colour for colour, count in page["colours"] for _ in range(count)]
        for letter in message.get("characters", ()):
            assert letter["position"] == self.start + len(self.text)
            self.text += letter["character"]
            self.colours.append(letter["colour"])
        return message


def session(text: str = "", tint: Tint = ADA) -> SessionState:
    state = SessionState()
    for card in CARDS:
        state.apply(card, 0.0)
    write(state, text, tint)
    return state


def write(state: SessionState, text: str, tint: Tint = ADA) -> None:
    length = state.length + len(text)
    state.apply(Status(state.sequence + len(text), length, state.epoch, 10.0, 1.0, 1, ""), 0.0)
    levels = bytes([16]) * len(text)
    state.apply(TextExcerpt(state.epoch, length - len(text), text, (tint,) * len(text), levels), 0.0)


def test_a_reader_is_told_the_voices_and_the_text_first_and_then_every_character() -> None:
    state = session("ab")
    reader = Reader(Telling(state, StageTheme()))
    first = reader.read()
    assert [voice["slug"] for voice in first["voices"]] == ["ada", "bob"]
    assert (first["epoch"], first["text"]["text"], first["look"]["ground"]) == (0, "ab", "#07090C")
    assert reader.read() == {}
    write(state, "c")
    (letter,) = reader.read()["characters"]
    assert letter == {
        "position": 2,
        "character": "c",
        "colour": reader.colours[0],
        "shares": {"ada": 1.0},
        "surprise": 1.0,
    }


def test_words_and_sentences_end_where_they_do() -> None:
    state = session("It ")
    reader = Reader(Telling(state, StageTheme()))
    reader.read()
    write(state, "was Mr. Gray. ")
    told = reader.read()["characters"]
    assert [(each["position"], each["word"]) for each in told if "word" in each] == [
        (6, "was"),
        (10, "Mr."),
        (16, "Gray."),
    ]
    assert [each["position"] for each in told if "sentence" in each] == [16]


def test_what_was_taken_back_is_told_as_the_text_that_stands() -> None:
    state = session("one two")
    reader = Reader(Telling(state, StageTheme()))
    reader.read()
    state.apply(Status(8, 3, 1, 10.0, 2.0, 1, ""), 0.0)
    state.apply(TextExcerpt(1, 0, "one", (ADA,) * 3), 0.0)
    assert reader.read()["text"]["text"] == "one"
    assert reader.text == "one"


def test_a_reader_that_lost_its_line_is_told_what_it_lacks_and_nothing_else() -> None:
    state = session("abc")
    telling = Telling(state, StageTheme())
    reader = Reader(telling)
    reader.read()
    write(state, "def")
    again = Reader(telling, Mark.of(str(reader.mark)))
    again.start = 3
    told = again.read()
    assert "text" not in told and again.text == "def"
    write(state, "x" * (MAX_CAUGHT_UP_CHARS + 1))
    assert "text" in Reader(telling, Mark.of(str(reader.mark))).read()


def test_another_start_of_the_program_is_another_text() -> None:
    state = session("abc")
    reader = Reader(Telling(state, StageTheme()))
    reader.read()
    write(state, "d")
    assert "text" in Reader(Telling(state, StageTheme()), Mark.of(str(reader.mark))).read()


@pytest.mark.parametrize("words", ["", "1.2", "a.b.c.d", "1.2.3.-4", "1.2.3.4.5", "9" * 40, "1.2.3.99999999999999"])
def test_a_mark_that_makes_no_sense_knows_nothing(words: str) -> None:
    assert Mark.of(words) == NOTHING


def test_a_plain_theme_has_the_colour_of_ink_alone() -> None:
    reader = Reader(Telling(session("abc"), StageTheme(coloured=False, ink="#102030")))
    reader.read()
    assert set(reader.colours) == {"#102030"}


def test_what_is_not_here_yet_is_waited_for() -> None:
    state = session("abc")
    reader = Reader(Telling(state, StageTheme()))
    reader.read()
    state.apply(Char(9, "z", "z", 9, 0, (ADA,)), 0.0)
    assert reader.read() == {}
    state.apply(TextExcerpt(0, 3, "defgh", (ADA,) * 5), 0.0)
    reader.read()
    assert reader.text == "abcdefghz"


@given(st.lists(st.text(st.characters(codec="ascii", min_codepoint=32), max_size=9) | st.integers(0, 8), max_size=12))
def test_whatever_is_written_and_taken_back_a_reader_has_the_text(steps: list[str | int]) -> None:
    state = session("begin ")
    telling = Telling(state, StageTheme())
    always, seldom = Reader(telling), Reader(telling)
    for step in steps:
        if isinstance(step, str):
            write(state, step)
        else:
            left = state.text[: max(0, len(state.text) - step)]
            state.apply(Status(state.sequence, len(left), state.epoch + 1, 10.0, 1.0, 1, ""), 0.0)
            state.apply(TextExcerpt(state.epoch, 0, left, (ADA,) * len(left)), 0.0)
        always.read()
    always.read()
    seldom.read()
    assert always.text == seldom.text == state.text
    assert always.colours == seldom.colours


def stands(state: SessionState, telling: Telling, black: bool = False, frozen: bool = False) -> None:
    state.apply(ShowStands("tonight", 0, black, frozen, "look"), 0.0)
    telling.follow_stage()


def test_a_black_stage_is_told_and_the_text_goes_on() -> None:
    state = session("abc")
    telling = Telling(state, StageTheme())
    reader = Reader(telling)
    assert reader.read()["stage"] == {"black": False, "frozen": False}
    stands(state, telling, black=True)
    assert reader.read() == {"epoch": 0, "stage": {"black": True, "frozen": False}}
    write(state, "d")
    assert [each["character"] for each in reader.read()["characters"]] == ["d"]
    assert Reader(telling, Mark.of(str(reader.mark))).read()["stage"]["black"] is True


def test_while_the_stage_is_frozen_nobody_is_told_more_and_then_everybody_is() -> None:
    state = session("abc")
    telling = Telling(state, StageTheme())
    before = Reader(telling)
    before.read()
    stands(state, telling, frozen=True)
    write(state, "def")
    during = Reader(telling)
    assert before.read() == {"epoch": 0, "stage": {"black": False, "frozen": True}}
    during.read()
    assert before.text == during.text == "abc"
    stands(state, telling)
    for reader in (before, during):
        assert "text" not in reader.read()
        assert reader.text == "abcdef"


def test_what_is_taken_back_behind_a_frozen_picture_is_seen_when_it_goes_on() -> None:
    state = session("one two")
    telling = Telling(state, StageTheme())
    reader = Reader(telling)
    reader.read()
    stands(state, telling, frozen=True)
    state.apply(Status(8, 3, 1, 10.0, 2.0, 1, ""), 0.0)
    state.apply(TextExcerpt(1, 0, "one", (ADA,) * 3), 0.0)
    reader.read()
    newcomer = Reader(telling)
    newcomer.read()
    assert reader.text == newcomer.text == "one two"
    stands(state, telling)
    reader.read()
    newcomer.read()
    assert reader.text == newcomer.text == "one"


def test_the_stages_creature_is_drawn_for_readers_and_goes_when_the_stage_sends_it_away() -> None:
    session, artist = SessionState(), FakeArtist()
    creature = StageCreature(session, artist)
    assert not creature.follow(1.0) and artist.asked == []
    session.apply(SpriteShown("undead 1", "#CC7203 1", bytes(100)), 1.0)
    assert [creature.follow(now) for now in (1.1, 1.2, 1.3)] == [False, True, False]
    assert artist.asked[-1].mix == {"undead": 1.0}
    assert json.loads(creature.told)["creature"].startswith("data:image/png;base64,iVBOR")
    session.apply(SpriteShown(""), 1.4)
    assert creature.follow(1.5) and json.loads(creature.told) == {"creature": None}


def test_a_stage_that_falls_silent_has_no_creature_any_more() -> None:
    session = SessionState()
    creature = StageCreature(session, FakeArtist())
    session.apply(SpriteShown("undead 1", "", bytes(100)), 1.0)
    for now in (1.1, 1.2):
        creature.follow(now)
    assert creature.follow(1.0 + SPRITE_LAPSES_S) and json.loads(creature.told) == {"creature": None}
