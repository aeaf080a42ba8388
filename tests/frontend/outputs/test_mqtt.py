"""Text and signals by MQTT: through a real broker on the loopback, and what is published when."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from frontend.client.fake_link import FakeLink, demo_cards
from frontend.client.session_state import SessionState
from frontend.outputs.mqtt import SIGNALS_PERIOD_S, TEXT_CHARS, Broker, Bulletin, FakeBroker, PahoBroker, Post, run
from protocol.errors import ParameterError
from protocol.messages import Char, ShowStands, Signal

PATIENCE_S = 60.0


@pytest.fixture
def session() -> SessionState:
    state = SessionState()
    for card in demo_cards():
        state.apply(card, 0.0)
    return state


def write(state: SessionState, text: str) -> None:
    state.apply(Char(state.sequence + 1, text[-1], text, len(text), 0, ((),) * len(text)), 0.0)
    state.apply(Signal("/signal/char", (ord(text[-1]), text[-1])), 0.0)


def word(state: SessionState, text: str, ended: str) -> None:
    write(state, text)
    state.apply(Signal("/signal/word", (ended, 2.0)), 0.0)


def test_letters_and_words_come_as_they_are_written_and_the_texts_end_is_kept(session: SessionState) -> None:
    bulletin = Bulletin()
    assert bulletin.posts(session, 0.0) == [Post("stage", "lit", True)]
    word(session, "In the ", "the")
    assert bulletin.posts(session, 0.0) == [Post("char", " "), Post("word", "the"), Post("text", "In the", True)]
    session.apply(Signal("/signal/sentence", ("In the\nbeginning.", 2.0, 3)), 0.0)
    assert bulletin.posts(session, 0.0) == [Post("sentence", "In the beginning.", True)]
    assert bulletin.posts(session, 0.0) == []


def test_a_long_texts_end_begins_with_a_word(session: SessionState) -> None:
    word(session, "word " * 100, "word")
    text = next(post.text for post in Bulletin().posts(session, 0.0) if post.topic == "text")
    assert text.startswith("word ") and TEXT_CHARS - 5 <= len(text) <= TEXT_CHARS


def test_who_writes_is_told_with_its_colour_when_it_changes(session: SessionState) -> None:
    bulletin, card = Bulletin(), demo_cards()[0]
    for _ in range(2):
        session.apply(Signal("/signal/voice", (0, card.slug, 0.8)), 0.0)
    posts = bulletin.posts(session, 0.0)[1:]
    assert posts == [Post("voice", card.slug, True), Post("colour", card.colour, True)]


def test_numbers_come_a_few_times_a_second_and_only_the_newest(session: SessionState) -> None:
    bulletin = Bulletin()
    for level in range(100):
        session.apply(Signal("/signal/entropy", (level / 100,)), 0.0)
    assert bulletin.posts(session, 0.0)[1:] == [Post("signal/entropy", "0.99")]
    session.apply(Signal("/signal/share/bible", (0.25,)), 0.0)
    assert bulletin.posts(session, SIGNALS_PERIOD_S / 2) == []
    assert bulletin.posts(session, SIGNALS_PERIOD_S) == [Post("signal/share/bible", "0.25")]


def test_a_black_stage_has_no_text_and_a_frozen_one_no_new_text(session: SessionState) -> None:
    bulletin = Bulletin()
    word(session, "In the ", "the")
    bulletin.posts(session, 0.0)
    session.apply(ShowStands("", 0, True, False, "look"), 0.0)
    word(session, "In the beginning ", "beginning")
    assert bulletin.posts(session, 0.0) == [Post("stage", "black", True), Post("text", "", True)]
    session.apply(ShowStands("", 0, False, False, "look"), 0.0)
    assert bulletin.posts(session, 0.0) == [Post("stage", "lit", True), Post("text", "In the beginning", True)]
    session.apply(ShowStands("", 0, False, True, "look"), 0.0)
    word(session, "In the beginning was ", "was")
    assert bulletin.posts(session, 0.0) == [Post("stage", "frozen", True)]


@pytest.mark.parametrize("topic", ["", "a/#", "+", "/a", "a/", "$SYS", "a" * 201])
def test_a_topic_of_no_use_is_refused(topic: str) -> None:
    with pytest.raises(ParameterError):
        PahoBroker("127.0.0.1", 1, topic)


# ---- a real broker ---------------------------------------------------------------------------------------------------


class Mosquitto:
    """Mosquitto on a free port of the loopback; it may be ended and started again."""

    def __init__(self, folder: Path) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._file = folder / "mosquitto.conf"
        self._file.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        self._process: subprocess.Popen[bytes] | None = None
        self.begin()

    def begin(self) -> None:
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin:/opt/homebrew/sbin")
        assert program, "mosquitto is not installed: make test installs it where it may"
        self._process = subprocess.Popen([program, "-c", str(self._file)], stderr=subprocess.DEVNULL)

    def end(self) -> None:
        assert self._process
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    yield broker
    broker.end()


class Ticker:
    """A device that subscribes to all topics; ``got`` are topic, payload, and whether the broker had kept it."""

    def __init__(self, port: int) -> None:
        from paho.mqtt import client as paho
        from paho.mqtt.enums import CallbackAPIVersion

        self.got: list[tuple[str, str, bool]] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._hear
        self._client.on_connect = lambda client, *_: client.subscribe("show/#", qos=1)
        self._client.connect_async("127.0.0.1", port)
        self._client.reconnect_delay_set(1, 1)
        self._client.loop_start()

    def _hear(self, client: Any, data: Any, message: Any) -> None:
        self.got.append((message.topic.removeprefix("show/"), message.payload.decode(), bool(message.retain)))

    def texts(self, topic: str) -> list[str]:
        return [text for name, text, _ in self.got if name == topic]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client.on_connect = self._client.on_message = None


def wait(there: Any) -> None:
    until = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < until
        time.sleep(0.02)


class Playing:
    """A performance in memory that is published."""

    def __init__(self, broker: Broker) -> None:
        self.link, self.lines, self._ending = FakeLink(), list[str](), threading.Event()
        self.link.deliver(demo_cards())
        arguments = (self.link, broker, self._ending.is_set, self.lines.append)
        self._thread = threading.Thread(target=run, args=arguments)
        self._thread.start()

    def word(self, text: str, ended: str) -> None:
        tints = ((),) * len(text)
        char = Char(len(text), text[-1], text, len(text), 0, tints)
        self.link.deliver(
            [char, Signal("/signal/char", (ord(text[-1]), text[-1])), Signal("/signal/word", (ended, 2.0))]
        )

    def close(self) -> None:
        self._ending.set()
        self._thread.join()


def test_a_ticker_reads_letters_and_words_and_one_that_wakes_has_what_holds(mosquitto: Mosquitto) -> None:
    ticker, playing = Ticker(mosquitto.port), Playing(PahoBroker("127.0.0.1", mosquitto.port, "show"))
    wait(lambda: "online" in ticker.texts("status"))
    playing.word("In the ", "the")
    wait(lambda: "In the" in ticker.texts("text"))
    assert ticker.texts("char") == [" "] and ticker.texts("word") == ["the"]
    late = Ticker(mosquitto.port)
    wait(lambda: {("text", "In the", True), ("status", "online", True), ("stage", "lit", True)} <= set(late.got))
    assert not late.texts("word")
    playing.close()
    wait(lambda: ticker.texts("status")[-1] == "offline")
    ticker.close()
    late.close()


def test_a_broker_that_vanishes_is_said_in_a_line_and_has_what_holds_when_it_is_back(mosquitto: Mosquitto) -> None:
    playing = Playing(PahoBroker("127.0.0.1", mosquitto.port, "show"))
    wait(lambda: playing.lines and playing.lines[-1] == "the broker is there")
    mosquitto.end()
    wait(lambda: "is gone" in playing.lines[-1])
    playing.word("It was ", "was")
    mosquitto.begin()
    ticker = Ticker(mosquitto.port)
    wait(lambda: "It was" in ticker.texts("text"))
    wait(lambda: playing.lines[-1] == "the broker is there")
    ticker.close()
    playing.close()


def test_the_fake_keeps_what_a_broker_would() -> None:
    broker = FakeBroker()
    playing = Playing(broker)
    playing.word("In the ", "the")
    wait(lambda: broker.kept.get("text") == "In the")
    playing.close()
    assert broker.closed and Post("word", "the") in broker.posts


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "paho.mqtt", None)
    with pytest.raises(ParameterError, match=r"antiphon\[mqtt\]"):
        PahoBroker("127.0.0.1")
