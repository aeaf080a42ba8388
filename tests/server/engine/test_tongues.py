"""A style's further tongues speak in its own row, by the controls, and nobody waits for them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.composite import Composite, Part, compose
from models.deferred import DeferredVoices, Source
from models.fake_voices import FakeVoices, FusibleFakeVoices
from models.interface import Voices
from protocol.errors import VoiceError
from protocol.messages import Distributions
from protocol.tree import AS_THE_MIX, ParameterTree, Value, mix_tongue_address, tongue_address, tongue_share
from server.engine.clock import FakeClock
from server.engine.performance import Performance
from server.engine.tongues import LOST_CHARS
from tests.server.conftest import LINES, SlowVoices, Stage, mixed

WORDS = {"ada": "qrstuvwxyz", "cy": "QRSTUVWXYZ"}
MEMORY = {"ada": "!?!?!?!?"}


class Breaking(FakeVoices):
    """Fake voices whose numbers break when they are told to."""

    broken = False

    def _expected(self, voice: int, place: int) -> NDArray[np.float32]:
        row = super()._expected(voice, place)
        return row * np.nan if self.broken else row


class Slow(FakeVoices):
    """Fake voices that need ``slices`` slices for a letter, of ``seconds`` each by a clock that they move."""

    def __init__(
        self, texts: Mapping[str, str], slices: int, clock: FakeClock | None = None, seconds: float = 0.0
    ) -> None:
        self._slices, self.clock, self._seconds = slices, clock, seconds
        self._left: dict[int, int] = {}
        self.fails = False
        super().__init__(texts, 1.0)
        self._left.clear()

    def step(self, code: int, voices: Sequence[int]) -> None:
        self._left |= dict.fromkeys(voices, self._slices)
        for voice in voices:
            self.distributions[voice] = 1 / 128

    def reset(self, voices: Sequence[int]) -> None:
        self._read[list(voices)] = 0
        self.step(0, voices)

    def begun(self, voice: int) -> bool:
        return self._left.get(voice, 0) > 0

    def forgets(self, voice: int) -> bool:
        return False

    def work(self, voice: int) -> None:
        if self.fails:
            raise ZeroDivisionError
        if self.clock is not None:
            self.clock.advance(self._seconds)
        self._left[voice] -= 1
        if not self._left[voice]:
            super().step(0, [voice])


def tongue(role: str, texts: Mapping[str, str], voices: FakeVoices | None = None) -> Part:
    return Part(f"{role}/fake", voices or FakeVoices(texts, 1.0), tuple(f"{role}/{slug}" for slug in texts))


def choir(*tongues: Part, certainty: float = 1.0) -> Voices:
    own = FusibleFakeVoices(LINES, certainty)
    further = Composite(tongues, [slug for part in tongues for slug in part.slugs]) if tongues else None
    return compose([Part("fake", own, own.slugs)], own.slugs, further)


def values(words: float, memory: float = 0.0, **weights: float) -> dict[str, Value]:
    return mixed(weights or {"ada": 1.0}, mix_words=words, mix_memory=memory)


def performed(performance: Performance, now: dict[str, Value], chars: int, slices: int = 1_000) -> str:
    text = ""
    for _ in range(chars):
        performance.settle(now)
        left = iter([True] * slices)
        performance.catch_up(lambda left=left: next(left, False))  # type: ignore[misc]
        text += performance.write(now).character
        performance.listen()
    return text


def test_at_nought_the_text_is_to_the_letter_what_it_is_without_tongues() -> None:
    now = values(0.0, ada=0.7, bob=0.5, cy=-0.3) | {"/mix/fusion": 0.3, "/mix/grain": 0.5}
    with_tongues = Performance(choir(tongue("words", WORDS), certainty=0.4), 3)
    assert performed(with_tongues, now, 200) == performed(Performance(choir(certainty=0.4), 3), now, 200)


def test_at_one_a_style_says_what_its_words_say() -> None:
    assert performed(Performance(choir(tongue("words", WORDS)), 1), values(1.0), 6) == "qrstuv"


def test_a_row_is_mixed_of_letters_memory_and_words_before_all_else() -> None:
    performance = Performance(choir(tongue("words", WORDS), tongue("memory", MEMORY)), 1)
    performed(performance, values(0.25, 0.4), 3)
    performance.catch_up(lambda: True)
    row = performance.distributions[0]
    assert row[[ord("d"), ord("t"), ord("?")]] == pytest.approx([0.75 * 0.6, 0.25, 0.75 * 0.4])
    assert performance.write(values(0.25, 0.4)).shares.tolist() == [1.0, 0.0, 0.0]


def test_a_style_without_tongues_is_left_alone() -> None:
    now = values(1.0, bob=1.0)
    assert performed(Performance(choir(tongue("words", WORDS)), 1), now, 5) == "01234"


@given(mix=st.floats(0.0, 1.0), own=st.floats(0.0, 1.0))
def test_a_styles_knob_leans_to_either_side_of_the_mixs_and_never_leaves_the_range(mix: float, own: float) -> None:
    said: dict[str, Value] = {mix_tongue_address("words"): mix, tongue_address("ada", "words"): own}
    share = tongue_share(said, "ada", "words")
    assert 0.0 <= share <= 1.0
    assert share == mix or (share > mix) == (own > AS_THE_MIX)


def test_a_styles_knob_at_an_end_is_the_styles_alone_unless_the_mix_is_at_one() -> None:
    def share(mix: float, own: float) -> float:
        return tongue_share({"/mix/words": mix, "/style/ada/words": own}, "ada", "words")

    assert [share(0.5, own) for own in (0.0, 0.25, 0.5, 1.0)] == pytest.approx([0.0, 0.25, 0.5, 1.0])
    assert (share(0.0, 1.0), share(1.0, 0.0)) == (0.0, 1.0)


def test_values_from_before_there_were_tongues_give_them_nothing() -> None:
    assert tongue_share({}, "ada", "words") == 0.0
    assert ParameterTree(["ada"]).defaults()["/mix/words"] == 0.75


def test_only_tongues_of_styles_in_play_read_and_only_where_they_have_a_share() -> None:
    words = SlowVoices(WORDS, 1.0, 0.0, None)
    performance = Performance(choir(tongue("words", WORDS, words)), 1)
    words.steps.clear()
    performed(performance, values(0.0), 10)
    assert words.steps == []
    performed(performance, values(0.5), 10)
    assert {voices for _, voices in words.steps} == {(0,)}


def test_a_tongue_that_has_not_read_has_no_part_and_no_character_waits() -> None:
    performance = Performance(choir(tongue("words", WORDS)), 1)
    assert performed(performance, values(0.0), 3) == "abc"
    assert performed(performance, values(1.0), 2, slices=0) == "de"
    assert performed(performance, values(1.0), 2) == "vw"  # it read all six at once: its text goes by their number


def test_a_tongue_that_slept_long_forgets_and_reads_the_last_characters() -> None:
    words = SlowVoices(WORDS, 1.0, 0.0, None)
    performance = Performance(choir(tongue("words", WORDS, words)), 1)
    performed(performance, values(0.0), LOST_CHARS + 50)
    words.steps.clear()
    performance.settle(values(0.5))
    performance.catch_up(lambda: True)
    assert len(words.steps) == 1 + 400  # a line's end, and the text


@pytest.mark.parametrize(("slices", "speaks"), [(6, True), (200, False)])
def test_no_character_is_late_for_a_slow_tongue_which_speaks_where_it_was_done_in_time(
    slices: int, speaks: bool
) -> None:
    slow = Slow(WORDS, slices, seconds=0.002)
    stage = Stage({"ada": 1.0}, voices=choir(tongue("words", WORDS, slow)))  # ten characters a second
    slow.clock = stage.clock
    stage.parameters.put("/mix/words", 1.0)
    stage.play(6.0)
    assert stage.engine.timing.late == 0 and len(stage.text) == 60
    assert set(stage.text[-20:]) <= set(WORDS["ada"] if speaks else LINES["ada"])
    line = "" if speaks else "no time for the words of ada: lower the rate, or play fewer voices"
    assert stage.status_line.line(stage.clock.now()) == line


def test_text_that_is_taken_back_while_a_slow_tongue_reads_it_is_forgotten_by_it() -> None:
    performance = Performance(choir(tongue("words", WORDS, Slow(WORDS, 3))), 1)
    performed(performance, values(1.0), 8)
    left = iter([True] * 2)
    performance.catch_up(lambda: next(left, False))  # it is at the eighth letter
    performance.rewind(1)
    assert performance.distributions[0].argmax() == ord("x")  # what it had known of seven
    performance.rewind(2)
    assert performed(performance, values(1.0), 2) == "vw"


def test_a_slow_tongue_that_fails_in_the_middle_of_a_letter_is_set_aside() -> None:
    slow = Slow(WORDS, 3)
    performance = Performance(choir(tongue("words", WORDS, slow)), 1)
    performed(performance, values(1.0), 3)
    slow.fails = True
    assert performed(performance, values(1.0), 3) == "def" and performance.silenced == ("words/ada",)
    slow.fails = False
    performance.reset()
    assert performed(performance, values(1.0), 3) == "qrs"


def test_a_narrator_is_fetched_when_sense_first_rises_and_no_letter_waits_for_it() -> None:
    asked, there = Event(), Event()

    def load() -> Voices:
        asked.set()
        assert there.wait(60.0)
        return FakeVoices({"teller": "qrstuvwxyz"}, 1.0)

    part = Part("sense/fake", DeferredVoices(["teller"], Source(load)), ("sense/teller",))
    performance = Performance(choir(part), 1)
    quiet, loud = ({**values(0.0), "/mix/sense": sense} for sense in (0.0, 1.0))
    assert performed(performance, quiet, 3) == "abc"
    assert (performance.complaint_of_tongues(), asked.is_set()) == ("", False)
    assert performed(performance, loud, 3) == "def"
    assert "teller is being loaded" in performance.complaint_of_tongues()
    assert asked.wait(60.0) and not performance.busy
    there.set()
    while performance.complaint_of_tongues():
        time.sleep(0.01)
    assert performed(performance, loud, 1) == "w"  # it has read the six letters that there are
    assert performance.silenced == ()


def test_a_narrator_that_cannot_be_fetched_is_set_aside() -> None:
    def load() -> Voices:
        raise VoiceError("the file is torn")

    part = Part("sense/fake", DeferredVoices(["teller"], Source(load)), ("sense/teller",))
    performance = Performance(choir(part), 1)
    loud = {**values(0.0), "/mix/sense": 1.0}
    performed(performance, loud, 1)
    while performance.complaint_of_tongues():
        time.sleep(0.01)
    assert performed(performance, loud, 2) == "bc"
    assert performance.silenced == ("sense/teller",)


def test_the_heaviest_styles_tongue_reads_first() -> None:
    words = SlowVoices(WORDS, 1.0, 0.0, None)
    performance = Performance(choir(tongue("words", WORDS, words)), 1)
    now = values(0.5, ada=0.3, cy=0.6)
    performed(performance, now, 2)
    words.steps.clear()
    performance.catch_up(lambda: True)
    assert [voices for _, voices in words.steps] == [(1,), (0,)]


def test_where_voices_wake_they_and_the_tongues_read_in_turn() -> None:
    words = SlowVoices(WORDS, 1.0, 0.0, None)
    performance = Performance(choir(tongue("words", WORDS, words)), 1)
    performed(performance, values(0.5), 100)
    words.steps.clear()
    performance.settle(values(0.5, ada=0.5, cy=0.5))
    left = iter([True] * 40)
    performance.catch_up(lambda: next(left, False))
    assert len(words.steps) == 20


def test_a_broken_tongue_is_set_aside_and_its_style_goes_on() -> None:
    words = Breaking(WORDS, 1.0)
    performance = Performance(choir(tongue("words", WORDS, words)), 1)
    performed(performance, values(1.0), 3)
    words.broken = True
    assert performed(performance, values(1.0), 3) == "def"
    assert performance.silenced == ("words/ada",)
    words.broken = False
    performance.reset()
    assert performed(performance, values(1.0), 3) == "qrs" and not performance.silenced


def test_a_rewind_takes_the_tongues_back() -> None:
    words = SlowVoices(WORDS, 1.0, 0.0, None)
    performance = Performance(choir(tongue("words", WORDS, words)), 1)
    performed(performance, values(1.0), 6)
    performance.rewind(3)
    words.steps.clear()
    assert performed(performance, values(1.0), 2) == "tu"
    assert len(words.steps) == 1  # it knew what it had known at the third place, and read one letter


def test_what_a_style_foresaw_is_what_it_said_with_its_tongues() -> None:
    performance = Performance(choir(tongue("words", {"ada": "abc"}), certainty=0.5), 1)
    now = values(0.5, ada=0.5, bob=0.5) | {"/mix/grain": 1.0}
    performance.choose("abc")
    assert performed(performance, now, 3) == "abc"
    performance.catch_up(lambda: True)
    assert np.exp(performance.evidence[1]) == pytest.approx((0.5 / 127 / 0.75) ** 3, rel=1e-4)


def test_tongues_that_come_while_it_plays_are_taken_in_and_those_there_were_know_what_they_knew() -> None:
    words = {"ada": WORDS["ada"]}
    performance = Performance(choir(tongue("words", words)), 1)
    performed(performance, values(0.5), 4)
    newcomer = SlowVoices(MEMORY, 1.0, 0.0, None)
    performance.replace_voices(choir(tongue("words", words), tongue("memory", MEMORY, newcomer)), (0, 1, 2))
    newcomer.steps.clear()
    performance.settle(values(0.5, 0.5))
    performance.catch_up(lambda: True)
    row = performance.distributions[0]
    assert row[[ord("e"), ord("u"), ord("!")]] == pytest.approx([0.25, 0.5, 0.25])
    assert len(newcomer.steps) == 1 + 4


def test_listeners_are_told_a_row_a_style_once_the_tongues_have_read() -> None:
    stage = Stage({"ada": 1.0}, voices=choir(tongue("words", WORDS)))
    stage.play(1.05)
    rows = [message for message in stage.sink.broadcasts if isinstance(message, Distributions)]
    assert [tuple(message.voices) for message in rows] == [(0,)] * len(rows)
    sequences = [message.sequence for message in rows][1:]  # of the first letter also what was there before it woke
    assert sequences == list(range(2, len(rows) + 1))
    last = np.frombuffer(rows[-1].levels, np.uint8)
    assert np.count_nonzero(last) == 2  # the letter of its own, and that of the words
