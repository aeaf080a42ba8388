"""The demo server, on which most tests of the windows run, obeys a front end as the real engine does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.client.fake_link import DemoServer
from frontend.client.session_state import SessionState
from models.fake_voices import FakeVoices
from protocol.messages import (
    MAIN,
    FinishSentence,
    Message,
    Panic,
    Prime,
    ResendText,
    Reset,
    Rewind,
    Set,
    Step,
    ToServer,
    WriteWord,
)
from protocol.sentences import ends_sentence
from protocol.tree import ParameterTree
from server.engine.clock import FakeClock
from server.engine.engine import Engine
from server.engine.parameter_store import ActionRequest, PerformanceRegistry
from server.engine.pending_commands import LONGEST_WORD_CHARS
from server.engine.performance import Performance
from server.engine.publisher import RecordingSink
from server.engine.scheduler import Scheduler
from server.engine.status_line import StatusLine

WORD = re.compile(rf"\s*(\S+\s|.{{{LONGEST_WORD_CHARS}}})", re.DOTALL)
SOURCE = ("127.0.0.1", 9)
commands = st.one_of(
    st.builds(Step, st.integers(1, 30)),
    st.builds(Prime, st.text("abc .\n", max_size=300)),
    st.builds(Rewind, st.integers(0, 200)),
    st.builds(Reset, st.sampled_from([None, 5])),
    st.builds(ResendText, st.integers(0, 400)),
    st.builds(Set, st.sampled_from(["/style/bible/weight", "/mix/alloy"]), st.sampled_from([-2.0, 0.0, 0.25, 1.0])),
    st.builds(Set, st.sampled_from(["/transport/hold", "/style/austen/on"]), st.booleans()),
    st.just(Panic()),
    st.just(WriteWord()),
)


class Both:
    """A demo server and an engine with the same opening, at rest, and a front end that hears each of them."""

    def __init__(self) -> None:
        self.demo, self.clock = DemoServer(), FakeClock()
        self.now = self.clock.now()  # the demo's
        self.sessions = SessionState(), SessionState()
        voices = FakeVoices({card.slug: "It is so. And it was: " for card in self.demo.cards}, certainty=1.0)
        self.opening = dict(self.demo.values)
        registry = PerformanceRegistry(ParameterTree(voices.slugs), self.opening)
        self.parameters, self.sink = registry.parameters(MAIN), RecordingSink()
        engine = Engine(Performance(voices, 1), self.parameters, self.sink, self.clock, StatusLine())
        self._scheduler = Scheduler(self.clock, registry, lambda name, parameters: engine)
        self.hear(self.sessions[1], self.demo.cards)
        self.play(Set("/transport/run", False))
        self.play(Reset(1))

    def hear(self, session: SessionState, messages: Sequence[Message]) -> None:
        for message in messages:
            session.apply(message, self.clock.now())  # type: ignore[arg-type]

    def play(self, command: ToServer, seconds: float = 1.5) -> None:
        """Give the command to both, and let both go on for a while."""
        self.demo.take(command)
        if isinstance(command, Set):
            self.parameters.put(command.address, command.value, SOURCE)
        else:
            self.parameters.submit(ActionRequest(command, SOURCE))  # type: ignore[arg-type]
        until = self.clock.now() + seconds
        with patch("server.engine.scheduler.gc.collect"):  # takes long where there are all the tests' objects
            self._scheduler.run(lambda: self.clock.now() >= until - 1e-9)
        self.hear(self.sessions[1], [*self.sink.broadcasts, *(message for _, message in self.sink.letters)])
        self.sink.broadcasts.clear()
        self.sink.letters.clear()
        while self.now < until - 1e-9:
            self.now += 0.1
            self.hear(self.sessions[0], self.demo.advance(self.now))


@given(st.lists(commands, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_the_same_commands_lead_to_the_same_values_and_the_same_numbers_of_the_text(played: list[ToServer]) -> None:
    both = Both()
    demo, engine = both.sessions
    for command in played:
        before = [(session.length, session.sequence) for session in both.sessions]
        both.play(command)
        if isinstance(command, WriteWord):  # as long as the voices have it: begin again with equally long texts
            for session, (length, _) in zip(both.sessions, before, strict=True):
                assert WORD.fullmatch(session.text[length - session.dropped :])
            both.play(Reset(1))
        elif isinstance(command, Panic):  # the text runs again
            assert demo.values == engine.values == both.opening
            both.play(Set("/transport/run", False))
            both.play(Reset(1))
        else:
            written = [
                session.sequence - sequence for session, (_, sequence) in zip(both.sessions, before, strict=True)
            ]
            assert written[0] == written[1]
        assert demo.values == engine.values
        assert (demo.epoch, demo.length, demo.missing()) == (engine.epoch, engine.length, engine.missing())
        assert [not tint for tint in demo.tints] == [not tint for tint in engine.tints]


@pytest.mark.parametrize("ended", ["", "A sentence. "])
def test_a_sentence_that_is_to_be_finished_is_written_by_the_clock_and_then_the_text_rests(ended: str) -> None:
    both = Both()
    both.play(Prime(ended))
    both.play(FinishSentence(), 0.1)
    assert [session.values["/transport/run"] for session in both.sessions] == [True, True]
    both.play(ResendText(0), 20.0)
    for session in both.sessions:
        assert session.values["/transport/run"] is False
        assert session.length > len(ended) and ends_sentence(session.text)
