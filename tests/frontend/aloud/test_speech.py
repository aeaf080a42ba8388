"""Speech by a real engine and a player made of a file: when words sound, where, and what becomes of what fails."""

from __future__ import annotations

import shutil
import stat
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.aloud import speaker
from frontend.aloud.engine import ESPEAK, Engine
from frontend.aloud.sound import RATE, Sound, pcm, placed, read_wav, trimmed, wav
from frontend.aloud.soundtrack import Letter, sayings_of, track, write_soundtrack
from frontend.aloud.speaker import Speaker, player_of
from frontend.aloud.voices import SpokenVoice, load_casting
from frontend.aloud.words import Saying
from frontend.client.fake_link import FakeLink, demo_cards
from protocol.errors import ParameterError
from protocol.messages import Status, TextExcerpt

PATIENCE_S = 60.0
TONE_S = 0.1
NEEDS_ESPEAK = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


def tone(seconds: float = TONE_S) -> Sound:
    return np.asarray(0.5 * np.sin(np.arange(round(seconds * RATE)) * 0.2), np.float32)


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """One that says a short tone for any word, and writes down what it was asked."""
    (tmp_path / "tone.wav").write_bytes(wav(np.stack([tone(), tone()], axis=1)))
    script = f'echo "$1 $2 $3" >> {tmp_path}/asked\ncat {tmp_path}/tone.wav'
    return Engine((program(tmp_path / "engine", script), "{voice}", "{speed}", "{text}"))


def until(there: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not there():
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.005)


# ---- sound


@given(st.lists(st.floats(-1.0, 1.0, width=32), max_size=200))
def test_what_is_written_is_read(samples: list[float]) -> None:
    sound = np.array(samples, np.float32)
    read = read_wav(wav(np.stack([sound, sound], axis=1)))
    assert np.allclose(read, sound, atol=1e-4)


@given(st.binary(max_size=200))
def test_whatever_an_engine_writes_is_sound_or_a_line(noise: bytes) -> None:
    good = wav(np.stack([tone(0.01), tone(0.01)], axis=1))
    for data in (noise, good[: len(noise)], b"RIFF\0\0\0\0WAVE" + noise):
        try:
            assert read_wav(data).ndim == 1
        except ParameterError as error:
            assert "\n" not in str(error)


def test_silence_around_a_word_is_cut_off() -> None:
    still = np.zeros(RATE, np.float32)
    assert len(trimmed(np.concatenate([still, tone(), still]))) < round((TONE_S + 0.05) * RATE)
    assert not len(trimmed(still))


def test_a_place_is_as_loud_as_any_other() -> None:
    for place in (-1.0, -0.3, 0.0, 1.0):
        left, right = (placed(tone(), place).astype(float) ** 2).sum(axis=0)
        assert left + right == pytest.approx(0.49 * (tone().astype(float) ** 2).sum(), rel=1e-4)
    assert np.abs(placed(tone(), 1.0)[:, 0]).max() < 1e-6


# ---- the engine


def test_an_engine_that_is_not_there_or_fails_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="there is no program"):
        Engine(("no-such-engine", "{text}"))
    with pytest.raises(ParameterError, match=r"to have \{text\} in it"):
        Engine(("sh", "-c", "true"))
    failing = Engine((program(tmp_path / "bad", "echo no voice >&2; exit 3"), "{text}"))
    with pytest.raises(ParameterError, match="does not speak: no voice"):
        failing.say("word", SpokenVoice(), 175.0)


def test_no_text_is_a_command_or_a_hole(engine: Engine, tmp_path: Path) -> None:
    engine.say("$(touch x); {voice} --", SpokenVoice("en+f1"), 200.0)
    assert (tmp_path / "asked").read_text() == "en+f1 200 $(touch x); {voice} --\n"


@NEEDS_ESPEAK
def test_espeak_speaks_faster_when_it_is_asked_to_and_a_dash_is_no_option() -> None:
    espeak = Engine(ESPEAK)
    slow, fast = (espeak.say("beginning", SpokenVoice("en+m2", 40), speed) for speed in (120.0, 400.0))
    assert 0 < len(fast) < len(slow) < 2 * RATE
    assert len(espeak.say("--version", SpokenVoice(), 175.0)) > 0.1 * RATE


# ---- a film's voice


SLUGS = ("bible", "linux")


def told(words: Sequence[tuple[float, str]]) -> list[Letter]:
    """Words with when they end; bible says all that is not linux's."""
    return [(at, character, ((int(word.startswith("int")), 255),)) for at, word in words for character in f"{word} "]


def onsets(sound: Sound) -> list[float]:
    """The seconds at which it becomes loud after a pause."""
    loud = np.abs(sound).max(axis=1) > 0.02
    starts = np.flatnonzero(loud & ~np.roll(loud, 1))
    return [float(at / RATE) for place, at in enumerate(starts) if not place or at - starts[place - 1] > 0.25 * RATE]


@NEEDS_ESPEAK
def test_a_films_voice_begins_each_word_where_it_ended_in_the_text_and_at_its_styles_place(tmp_path: Path) -> None:
    words = [(1.0, "beginning"), (2.5, "interrupt"), (4.0, "light")]
    path = write_soundtrack(told(words), SLUGS, tmp_path / "take.wav", 0.0, 7.0, Engine())
    with wave.open(str(path)) as reading:
        assert (reading.getnchannels(), reading.getframerate()) == (2, RATE)
        raw = np.frombuffer(reading.readframes(reading.getnframes()), "<i2").reshape(-1, 2) / 32_768
    sound = raw.astype(np.float32)
    found = [at for at in onsets(sound) if at < 5.0]
    assert found == pytest.approx([at for at, _ in words], abs=0.05)
    left, right = ((sound[int(at * RATE) : int((at + 0.9) * RATE)] ** 2).sum(axis=0) for at in (1.0, 2.5))
    assert left[0] > left[1] and right[1] > right[0]  # bible stands left of linux in the list


def test_a_part_of_a_take_is_spoken_from_its_beginning_and_what_was_taken_back_is_not_said() -> None:
    letters = told([(1.0, "one"), (2.0, "two"), (3.0, "three")])
    assert [(saying.text, saying.at) for saying in sayings_of(letters, 2, 1.5, 2.5, "word")] == [("two", 0.5)]
    cut = [*letters[:2], (1.5, "", ()), (2.0, "x", ()), (2.1, " ", ())]
    assert [saying.text for saying in sayings_of(cut, 2, 0.0, 9.0, "word")] == ["x"]


def test_a_part_without_an_end_is_one_line(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="nothing to speak"):
        write_soundtrack([], SLUGS, tmp_path / "x.wav", 3.0, 3.0, engine)


def test_a_word_that_has_no_room_is_asked_for_again_and_faster(engine: Engine, tmp_path: Path) -> None:
    sound = track([Saying("one", 0.0, 0), Saying("two", 0.05, 0)], [SpokenVoice("en")], engine, 0.1)
    assert sound.shape == (round(0.1 * RATE), 2)
    asked = [line.split() for line in (tmp_path / "asked").read_text().splitlines()]
    assert [word for _, _, word in asked[:3]] == ["one", "one", "two"]
    assert 350 < int(asked[1][1]) <= 450


# ---- while it runs


class Stage:
    """A speaker before a performance that is told by hand; what is played lies in a file."""

    def __init__(self, folder: Path, engine: Engine, player: Sequence[str] = ()) -> None:
        self.link, self.complaints = FakeLink(), list[str]()
        self.played = folder / "played"
        command = player or ("sh", "-c", f"cat >> {self.played}")
        self.speaker = Speaker(self.link, engine, player_of(command), (), "word", self.complaints.append)
        self.link.deliver(demo_cards())
        self.text = ""
        self.epoch = 0
        self.write("Begin ")

    def write(self, more: str) -> None:
        start, self.text = len(self.text), self.text + more
        size = len(self.text)
        self.link.deliver([Status(size, size, self.epoch, 10.0, 1.0, 1, "")])
        self.link.deliver([TextExcerpt(self.epoch, start, more, (((0, 255),),) * len(more))])
        self.speaker.turn(time.monotonic())


@pytest.fixture
def stage(tmp_path: Path, engine: Engine) -> Iterator[Stage]:
    opened = Stage(tmp_path, engine)
    with closing(opened.speaker):
        yield opened


def test_each_word_is_spoken_as_it_ends_and_what_stood_before_is_not(stage: Stage, tmp_path: Path) -> None:
    for number, word in enumerate(("It ", "was "), 1):
        stage.write(word)
        until(lambda number=number: stage.speaker.spoken == number)  # type: ignore[misc]
    assert [line.split()[-1] for line in (tmp_path / "asked").read_text().splitlines()] == ["It", "was"]
    stage.speaker.close()
    assert len(stage.played.read_bytes()) == pytest.approx(2 * len(pcm(placed(trimmed(tone()), 0.0))), abs=64)


def test_words_that_come_faster_than_speech_are_left_out_and_that_is_said(stage: Stage) -> None:
    stage.write("It was a bright cold day in a month ")
    until(lambda: stage.speaker.spoken >= 1)
    assert stage.speaker.dropped >= 7
    stage.write("")
    assert stage.complaints[0].startswith("the text is faster than speech: ")


def test_what_is_taken_back_is_not_said(stage: Stage, tmp_path: Path) -> None:
    stage.write("unsaid")
    stage.epoch, stage.text = 1, ""
    stage.link.deliver([Status(20, 0, 1, 10.0, 1.0, 1, "")])
    stage.write("new ")
    stage.write("words ")
    until(lambda: stage.speaker.spoken >= 1)
    assert "unsaid" not in (tmp_path / "asked").read_text()


def test_an_engine_that_fails_costs_words_and_not_the_speaker(tmp_path: Path) -> None:
    failing = Engine((program(tmp_path / "bad", "exit 1"), "{text}"))
    stage = Stage(tmp_path, failing)
    with closing(stage.speaker):
        stage.write("word ")
        until(lambda: bool(stage.complaints))
    assert stage.complaints[0].endswith("does not speak: it says nothing")


def test_a_player_that_takes_nothing_keeps_nobody_at_the_end(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker, "PLAYER_TIMEOUT_S", 0.1)
    stage = Stage(tmp_path, engine, ("sleep", "600"))
    for _ in range(3):
        stage.write("word ")
    stage.speaker.close()


def test_a_file_says_who_speaks_how(tmp_path: Path) -> None:
    path = tmp_path / "aloud.toml"
    path.write_text('engine = ["sh", "{text}"]\n[[voice]]\nstyle = "bible"\npitch = 30\nplace = -1.0\n')
    casting = load_casting(path)
    assert casting.voice[0].pitch == 30 and casting.engine[0] == "sh"
    path.write_text('[[voice]]\nstyle = "bible"\nplace = 9\n')
    with pytest.raises(ParameterError, match=r"aloud.toml: .*from -1 to 1"):
        load_casting(path)


def test_where_no_player_is_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ParameterError, match="no player of sound is here"):
        player_of()
