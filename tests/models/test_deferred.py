"""Voices that are fetched when they are first asked to read, and nobody waits for them but who wants to."""

from __future__ import annotations

from threading import Event

import pytest

from models.deferred import DeferredVoices, Source
from models.fake_voices import FakeVoices
from models.interface import Adaptable, Deferred, Voices, finish
from protocol.errors import VoiceError
from tests.server.engine.test_tongues import Slow


def code_of(voices: Voices) -> str:
    return chr(int(voices.distributions[0].argmax()))


def test_nothing_is_loaded_before_it_is_asked_to_read() -> None:
    loaded: list[int] = []

    def load() -> Voices:
        loaded.append(1)
        return Slow({"teller": "abc"}, 2)

    voices = DeferredVoices(["teller"], Source(load))
    assert isinstance(voices, Deferred) and isinstance(voices, Adaptable)
    assert (voices.absent(0), voices.begun(0), loaded, voices.save_state()) == (True, False, [], {})
    voices.reset([0])
    finish(voices, 0)
    assert (voices.absent(0), loaded, code_of(voices)) == (False, [1], "a")
    voices.step(ord("a"), [0])
    assert voices.begun(0)
    finish(voices, 0)
    assert code_of(voices) == "b"


def test_while_it_is_fetched_nobody_has_to_wait() -> None:
    there = Event()

    def load() -> Voices:
        assert there.wait(60.0)
        return Slow({"teller": "abc"}, 1)

    voices = DeferredVoices(["teller"], Source(load))
    voices.reset([0])
    assert voices.absent(0) and voices.begun(0) and voices.distributions[0].max() == pytest.approx(1 / 128)
    there.set()
    voices.fetch()
    assert not voices.absent(0) and voices.begun(0)


def test_texts_share_what_was_fetched_and_not_what_was_read() -> None:
    loads: list[int] = []

    def load() -> Voices:
        loads.append(1)
        return FakeVoices({"teller": "abc"}, 1.0)

    voices = DeferredVoices(["teller"], Source(load))
    other = voices.for_new_text()
    voices.fetch()
    voices.step(ord("a"), [0])
    other.fetch()
    assert (code_of(voices), code_of(other), loads) == ("b", "a", [1])
    other.copy_state(voices, [0])
    assert code_of(other) == "b"


def test_a_trail_begins_with_what_is_pushed_first() -> None:
    voices = DeferredVoices(["teller"], Source(lambda: FakeVoices({"teller": "abc"}, 1.0)))
    trail = voices.trail(4)
    assert trail.restore(0) == ()
    voices.reset([0])
    finish(voices, 0)
    trail.push(0, [0])
    voices.step(ord("a"), [0])
    assert trail.restore(0) == (0,) and code_of(voices) == "a"


def test_what_cannot_be_loaded_is_said_where_it_is_to_speak() -> None:
    def load() -> Voices:
        raise VoiceError("the file is torn")

    voices = DeferredVoices(["teller"], Source(load))
    voices.reset([0])
    with pytest.raises(VoiceError, match="torn"):
        voices.work(0)
    assert not voices.absent(0)
