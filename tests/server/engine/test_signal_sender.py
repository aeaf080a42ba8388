"""Signals as lamps get them: what every character was like, where words and sentences end, and what holds."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from pythonosc.osc_bundle import OscBundle

from protocol.errors import LinkError
from protocol.messages import Prime, Rewind, Signal
from server.engine.signal_sender import SignalDestination, SignalTarget, TextSegmenter, parse_signal_destination


def shown(stage: Any, name: str) -> list[Any]:
    return [signal.arguments for signal in stage.sink.signals if signal.address == f"/signal/{name}"]


def read(text: str) -> list[Signal]:
    reader = TextSegmenter()
    return [signal for character in text for signal in reader.read(character, 2.0)]


def test_nothing_is_measured_while_nobody_follows(stage):
    playing = stage({"ada": 1.0})
    playing.play(1.0)
    assert playing.sink.signals == []


def test_every_character_says_what_it_was_like(stage):
    playing = stage({"ada": 1.0, "bob": 1.0})
    playing.sink.followed = True
    playing.play(0.95)
    characters = shown(playing, "char")
    assert "".join(character for _, character in characters) == playing.text
    assert [code for code, _ in characters] == [ord(character) for character in playing.text]
    assert shown(playing, "surprise") == [(1.0,)] * len(characters)  # two certain voices: one bit
    assert shown(playing, "entropy")[0] == pytest.approx((1.0,))
    assert shown(playing, "agreement")[0] == pytest.approx((0.0,), abs=1e-9)
    assert shown(playing, "share/ada")[0] == shown(playing, "share/bob")[0] == (0.5,)
    assert shown(playing, "share/cy")[0] == (0.0,)
    speakers = {slug: part for _, slug, part in shown(playing, "voice")}
    assert speakers == {"ada": 1.0, "bob": 1.0}


def test_a_resting_text_says_so_at_once_and_its_shares_once_a_second(stage):
    playing = stage({"ada": 1.0})
    playing.sink.followed = True
    playing.play(0.45)
    playing.parameters.put("/transport/run", False)
    playing.parameters.put("/style/bob/on", True)
    playing.parameters.put("/style/bob/weight", 1.0)
    playing.play(3.0)
    assert [running for (running,) in shown(playing, "running")] == [1, 0, 0, 0]
    assert shown(playing, "share/bob")[-1] == (0.5,)


def test_a_word_ends_with_its_blank_and_a_sentence_behind_its_stop():
    assert read("Mr. Ash said so. Then\n") == [
        Signal("/signal/word", ("Mr.", 2.0)),
        Signal("/signal/word", ("Ash", 2.0)),
        Signal("/signal/word", ("said", 2.0)),
        Signal("/signal/word", ("so.", 2.0)),
        Signal("/signal/sentence", ("Mr. Ash said so.", 2.0, 4)),
        Signal("/signal/word", ("Then", 2.0)),
    ]


def test_a_text_without_blanks_still_has_words_and_no_end_of_memory():
    found = read("x" * 1_000)
    assert [signal.arguments[0] for signal in found] == ["x" * 40] * 25


def test_blanks_alone_are_neither_words_nor_sentences():
    assert read(" \n\n \n\n") == []


def test_a_word_that_was_partly_taken_back_or_primed_is_told_whole(stage):
    playing = stage({"ada": 1.0}, texts={"ada": "ab cd ef "})
    playing.sink.followed = True
    playing.at(0.55, lambda: playing.ask(Rewind(2)))
    playing.at(0.85, lambda: playing.ask(Prime("xy")))
    playing.play(1.45)
    assert playing.text == "ab cd " + "d e" + "ab cd "
    assert [word for word, _ in shown(playing, "word")] == ["ab", "cd", "cd", "exyab", "cd"]


def test_a_lamp_is_sent_to_without_asking_and_a_dead_one_troubles_nobody():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk:
        desk.bind(("127.0.0.1", 0))
        desk.settimeout(20.0)
        lamp = SignalTarget(SignalDestination("127.0.0.1", desk.getsockname()[1], "/antiphon"))
        lamp.send_signals([Signal("/signal/entropy", (2.5,)), Signal("/signal/word", ("the", 1.5))])
        heard = [(message.address, list(message)) for message in OscBundle(desk.recv(65_536))]
    assert heard == [("/antiphon/signal/entropy", [2.5]), ("/antiphon/signal/word", ["the", 1.5])]
    for _ in range(3):
        lamp.send_signals([Signal("/signal/entropy", (2.5,)), Signal("/signal/entropy", (float("nan"),))])
    lamp.close()


@pytest.mark.parametrize(
    "words, place",
    [
        ("127.0.0.1:9000", SignalDestination("127.0.0.1", 9000)),
        ("[::1]:9000,/stage/left", SignalDestination("::1", 9000, "/stage/left")),
        ("desk.local:1", SignalDestination("desk.local", 1)),
    ],
)
def test_a_place_is_read_from_words(words, place):
    assert parse_signal_destination(words) == place


@pytest.mark.parametrize("words", ["", "9000", "host:", ":9000", "host:0", "host:65536", "host:9,prefix", "host:9,/a*"])
def test_what_is_no_place_is_refused(words):
    with pytest.raises(LinkError, match="--signals takes HOST:PORT"):
        parse_signal_destination(words)
