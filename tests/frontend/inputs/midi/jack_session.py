"""A performance on real MIDI ports, by JACK's dummy server; run as a process of its own by test_real_midi.py.

It is its own process because closing a port after its JACK server died brings the process down: jackd is stopped last.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count

import rtmidi

from benchmarks.machine import jack_server
from frontend.client.fake_link import FakeLink, demo_cards
from frontend.inputs.hub import Hub
from frontend.inputs.midi.input import MidiInput
from frontend.inputs.midi.ports import SystemPorts
from protocol.messages import Set
from tests.frontend.inputs.midi.test_timecode import quarters

BIBLE = "/style/bible/weight"
PATIENCE, AGAIN = 30.0, 1.0  # seconds
VANISHINGS = 100


def until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"it never came to be that {what}"
        time.sleep(0.005)


class FaderBox:
    """A real MIDI port that sends, under the name that a device would have, and that comes and goes.

    Its client stays; a port that JACK's clients can close again is one that was connected to another, so it has one.
    """

    def __init__(self) -> None:
        self._sink = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="sink")
        self._sink.open_virtual_port("sink")
        self._client = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="desk")
        self.plug()

    def plug(self) -> None:
        self._client.open_port(self._client.get_ports().index("sink:sink"), "fader box")

    def unplug(self) -> None:
        self._client.close_port()

    def send(self, number: int, value: int) -> None:
        self._client.send_message([0xB0, number, value])

    def send_time(self, hours: int) -> None:
        for data in quarters(1, hours, 0, 0, 0):
            self._client.send_message(data)


def clients() -> int:
    """How many JACK ports there are, those of the sound card left out."""
    ports = subprocess.run(["jack_lsp"], capture_output=True, text=True, check=True).stdout.splitlines()
    return sum(1 for port in ports if not port.startswith("system:"))


class PolledPorts(SystemPorts):
    """The machine's ports, looked through by the hub's own turns."""

    slow = False


def play(link: FakeLink, hub: Hub, midi: MidiInput, box: FaderBox, vanishings: int) -> None:
    """Learn a fader and play on it while its device vanishes and returns.

    The hub is told that a second goes by at each turn, so that MIDI looks at the ports every time.
    """
    seconds = count()

    def polled(is_so: Callable[[], bool]) -> Callable[[], bool]:
        def ask() -> bool:
            hub.turn(float(next(seconds)))
            return is_so()

        return ask

    def fader(value: int, is_so: Callable[[], bool], what: str) -> None:
        """Move it there, again and again: on a busy machine JACK leaves messages out."""
        heard = polled(is_so)
        sent_at = -math.inf

        def sent() -> bool:
            nonlocal sent_at
            if time.monotonic() - sent_at > AGAIN:
                sent_at = time.monotonic()
                box.send(4, value)
            return heard()

        until(sent, what)

    def said() -> int:
        return midi.monitor.last.value if midi.monitor.last is not None else -1

    until(polled(lambda: midi.status == "desk"), "the device is found")
    hub.learn(BIBLE)
    fader(0, lambda: hub.label(BIBLE) == "CC 4", "the fader is learnt")
    fader(1, lambda: said() == 1, "a first value is heard")
    fader(2, lambda: link.session.values[BIBLE] == 2 / 127, "the fader moves the weight")
    fader(100, lambda: link.session.values[BIBLE] == 100 / 127, "the weight follows")
    assert link.sent[-1] == Set(BIBLE, 100 / 127)
    hub.change("midi", timecode=True)

    def where() -> float:
        box.send_time(1)
        return midi.timecode.position(time.monotonic()) or 0.0

    until(polled(lambda: where() > 3_600.0), "timecode is heard")
    before = clients()
    for turn in range(vanishings):
        for value in range(8):  # it goes in the middle of a move
            box.send(5, (turn + value) % 128)
        box.unplug()
        until(polled(lambda: midi.status == "no MIDI device"), "the device is missed")
        box.plug()
        until(polled(lambda: midi.status == "desk"), "the device is found again")
    assert clients() == before, "a port was leaked"
    sent = len(link.sent)
    fader(10, lambda: said() == 10, "the device that returned is heard")
    fader(11, lambda: said() == 11, "it is heard again")
    assert len(link.sent) == sent, "the weight jumped"
    assert hub.ghost(BIBLE) == 11 / 127
    fader(110, lambda: link.session.values[BIBLE] == 110 / 127, "the fader crosses the weight and has it again")
    hub.close()
    box.unplug()


def main(vanishings: int = VANISHINGS) -> int:
    link = FakeLink()
    link.deliver(demo_cards())
    link.pump(0.0)
    with jack_server(1024):
        hub = Hub(link)
        midi = MidiInput(hub, link, PolledPorts())
        hub.add(midi)
        play(link, hub, midi, FaderBox(), vanishings)
        print("played", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
