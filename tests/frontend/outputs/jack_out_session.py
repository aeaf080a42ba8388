"""MIDI out on real ports, by JACK's dummy server; run as a process of its own by test_real_midi_out.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import mido
import rtmidi

from benchmarks.machine import jack_server
from frontend.client.fake_link import FakeLink, demo_cards
from frontend.outputs.midi_out import NAME, OFF, VIRTUAL, MidiOut
from frontend.outputs.signal_player import load_mapping
from protocol.messages import Signal
from tests.frontend.inputs.midi.jack_session import clients, until

WORD = Signal("/signal/word", ("the", 16.0))


class Synthesiser:
    """What is sent to a port, asked for message by message.

    By a callback, as mido does it, closing would now and then wait for ever: it ends JACK's thread while that waits for
    the interpreter.
    """

    def __init__(self, keys: str = "") -> None:
        self._client = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="synth")
        if keys:
            self._client.open_virtual_port(keys)

    def listen_to(self, port: str) -> None:
        self._client.open_port(self._client.get_ports().index(port))

    def sources(self) -> list[str]:
        """The ports that it could listen to."""
        return list(self._client.get_ports())

    def iter_pending(self) -> Iterator[mido.Message]:
        while (found := self._client.get_message()) is not None:
            yield mido.Message.from_bytes(found[0])

    def close(self) -> None:
        self._client.close_port()
        self._client.delete()


class Studio:
    """A link, MIDI out, and a synthesiser that hears what is played."""

    def __init__(self) -> None:
        self.link = FakeLink()
        self.link.deliver(demo_cards())
        self.out = MidiOut(self.link, mapping=load_mapping()[0])
        self.now = 0.0
        self.heard: list[mido.Message] = []

    def play(self, chosen: str, *signals: Signal, seconds: float = 2.0) -> None:
        self.now += seconds
        self.link.deliver(signals)
        self.link.pump(self.now)
        self.out.poll(chosen, self.now)

    def finds_it(self) -> bool:
        self.out.look()
        self.play(OFF)
        return "synth:keys" in self.out.choices

    def misses_it(self) -> bool:
        self.play("synth:keys")
        return "is not there" in self.out.complaint

    def connects(self, synth: Synthesiser, chosen: str) -> None:
        """Play until it is heard: JACK connects a moment after it was told to."""

        def is_heard() -> bool:
            self.play(chosen, WORD)
            self.heard += synth.iter_pending()
            return bool(self.heard)

        until(is_heard, "anything is heard")
        self.play(chosen)

    def hears(self, synth: Synthesiser, *expected: str) -> None:
        """Until these are the last that came."""

        def all_came() -> bool:
            self.heard += synth.iter_pending()
            return [str(message) for message in self.heard[-len(expected) :]] == list(expected)

        until(all_came, f"{expected} is heard, not {self.heard}")
        self.heard.clear()


def from_a_port_of_its_own(studio: Studio) -> None:
    studio.play(VIRTUAL)
    synth = Synthesiser()
    until(lambda: any(NAME in name for name in synth.sources()), "the port is there to connect to")
    synth.listen_to(next(name for name in synth.sources() if NAME in name))
    studio.connects(synth, VIRTUAL)
    studio.play(VIRTUAL, Signal("/signal/entropy", (7.0,)), WORD)
    studio.hears(
        synth, "control_change channel=0 control=20 value=127 time=0", "note_on channel=0 note=60 velocity=127 time=0"
    )
    studio.play(OFF)
    studio.hears(synth, "note_off channel=0 note=60 velocity=0 time=0")
    synth.close()


def to_a_synthesiser_that_vanishes(studio: Studio) -> None:
    for _ in range(3):
        synth = Synthesiser("keys")
        until(studio.finds_it, "it is found")
        studio.connects(synth, "synth:keys")
        studio.play("synth:keys", WORD)
        studio.hears(synth, "note_on channel=0 note=60 velocity=127 time=0")
        synth.close()
        until(studio.misses_it, "it is missed")
    studio.play(OFF)


def main() -> int:
    with jack_server():
        studio = Studio()
        studio.play(OFF)
        before = clients()
        from_a_port_of_its_own(studio)
        to_a_synthesiser_that_vanishes(studio)
        studio.out.close()
        assert clients() <= before + 1, "a port was leaked"  # the scanner stays
    print("played", flush=True)
    os._exit(0)  # the scanner's server is gone: closing it now could bring the process down


if __name__ == "__main__":
    sys.exit(main())
