"""Signals as MIDI: controllers that follow, notes that always end, ports that come and go, files that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.fake_link import FakeLink, demo_cards
from frontend.outputs.midi_out import OFF, VIRTUAL, FakeOutPorts, MidiOut
from frontend.outputs.signal_player import (
    CODE,
    ControllerSignal,
    NoteSignal,
    SignalMapping,
    SignalPlayer,
    load_mapping,
    parse,
)
from protocol.messages import Follow, Signal

WORD = Signal("/signal/word", ("the", 8.0))
MAPPING = SignalMapping(
    (ControllerSignal("entropy", 1, 20), ControllerSignal("share", 1, 40)),
    (NoteSignal("word", 1, 60, 0.5, 27, 127), NoteSignal("char", 2, CODE, 1, 70, 70)),
)


def test_a_controller_follows_its_signal_and_says_nothing_twice() -> None:
    playing = SignalPlayer(MAPPING)
    assert playing.take(Signal("/signal/entropy", (3.5,)), 0.0) == [("cc", 1, 20, 64)]
    assert playing.take(Signal("/signal/entropy", (3.51,)), 0.0) == []
    assert playing.take(Signal("/signal/entropy", (99.0,)), 0.0) == [("cc", 1, 20, 127)]


def test_every_voice_has_a_controller_of_its_own() -> None:
    playing = SignalPlayer(MAPPING, ["ada", "bob"])
    assert playing.take(Signal("/signal/share/bob", (1.0,)), 0.0) == [("cc", 1, 41, 127)]
    assert playing.take(Signal("/signal/share/eve", (1.0,)), 0.0) == []


def test_a_word_is_a_note_as_loud_as_it_was_surprising_and_ends() -> None:
    playing = SignalPlayer(MAPPING)
    assert playing.take(WORD, 1.0) == [("on", 1, 60, 77)]
    assert playing.ended(1.4) == []
    assert playing.take(WORD, 1.4) == [("off", 1, 60, 0), ("on", 1, 60, 77)]
    assert playing.ended(1.9) == [("off", 1, 60, 0)]
    assert playing.silence() == []


def test_letters_are_their_own_notes_and_a_text_that_rests_is_silent() -> None:
    playing = SignalPlayer(MAPPING)
    assert playing.take(Signal("/signal/char", (97, "a")), 0.0) == [("on", 2, 97, 70)]
    assert playing.take(Signal("/signal/running", (0,)), 0.1) == [("off", 2, 97, 0)]


SIGNALS = st.sampled_from(["word", "char", "running", "sentence", "entropy", "share/ada", "nothing"])
ARGUMENTS = st.lists(st.integers(-300, 300) | st.floats() | st.text(max_size=3), max_size=3).map(tuple)


@given(st.lists(st.tuples(SIGNALS, ARGUMENTS, st.floats(0.0, 2.0)), max_size=30))
def test_whatever_comes_every_byte_is_midi_and_every_note_ends_once(heard: list[tuple[str, Any, float]]) -> None:
    playing, now, said = SignalPlayer(MAPPING, ["ada"]), 0.0, []
    for name, arguments, pause in heard:
        now += pause
        said += [*playing.take(Signal(f"/signal/{name}", arguments), now), *playing.ended(now)]
    said += playing.silence()
    assert all(1 <= channel <= 16 and 0 <= number <= 127 and 0 <= value <= 127 for _, channel, number, value in said)
    for key in {(channel, number) for kind, channel, number, _ in said if kind != "cc"}:
        kinds = [kind for kind, *rest in said if kind != "cc" and tuple(rest[:2]) == key]
        assert kinds == ["on", "off"] * (len(kinds) // 2)


class Room:
    """A link to four voices, a desk's port and MIDI out between them."""

    def __init__(self) -> None:
        self.link, self.ports = FakeLink(), FakeOutPorts("synth 28:0")
        self.link.deliver(demo_cards())
        self.out = MidiOut(self.link, self.ports, MAPPING)

    def hear(self, *signals: Signal, at: float, chosen: str = "synth") -> list[tuple[str, int, int, int]]:
        self.link.deliver(signals)
        self.link.pump(at)
        self.ports.sent.clear()
        self.out.poll(chosen, at)
        return [message for _, message in self.ports.sent]


def test_nothing_is_asked_for_or_played_while_it_is_off() -> None:
    room = Room()
    assert room.hear(WORD, at=0.0, chosen=OFF) == []
    assert (room.ports.open_now, Follow() in room.link.sent, len(room.link.session.signals)) == ([], False, 0)


def test_it_asks_for_the_signals_again_and_again_and_plays_them() -> None:
    room = Room()
    assert room.hear(WORD, at=0.0) == [("on", 1, 60, 77)]
    assert room.hear(at=0.6) == [("off", 1, 60, 0)]
    room.hear(at=3.1)
    assert room.link.sent.count(Follow()) == 2


def test_what_sounds_ends_when_another_port_is_chosen_and_when_it_is_closed() -> None:
    room = Room()
    room.hear(WORD, at=0.0)
    assert room.hear(at=0.1, chosen=OFF) == [("off", 1, 60, 0)]
    assert room.hear(WORD, at=0.2, chosen=VIRTUAL) == [("on", 1, 60, 77)]
    room.ports.sent.clear()
    room.out.close()
    assert room.ports.sent == [(VIRTUAL, ("off", 1, 60, 0))]
    assert room.ports.open_now == []


def test_a_port_that_goes_is_told_and_taken_again_under_another_number() -> None:
    room = Room()
    room.hear(at=0.0)
    room.ports.here.clear()
    room.hear(WORD, at=1.1)
    assert room.out.complaint == "MIDI out: synth is not there"
    room.ports.here.append("synth 32:0")
    assert room.hear(WORD, at=2.2) == [("on", 1, 60, 77)]
    assert (room.out.complaint, room.ports.open_now) == ("", ["synth 32:0"])


def test_who_chooses_is_shown_what_there_is() -> None:
    room = Room()
    room.out.look()
    room.hear(at=0.0, chosen=OFF)
    assert room.out.choices == (OFF, VIRTUAL, "synth")


def test_the_mapping_that_comes_along_is_right_and_a_broken_one_is_told(tmp_path: Path) -> None:
    ours, complaint = load_mapping(tmp_path / "signals.toml")
    assert complaint == ""
    assert ControllerSignal("share", 1, 40) in ours.control
    assert NoteSignal("char", 2, CODE, 0.05, 70, 70) in ours.note
    (tmp_path / "signals.toml").write_text("[[note]\n", "utf-8")
    same, complaint = load_mapping(tmp_path / "signals.toml")
    assert same == ours
    assert complaint.startswith("signals.toml: ") and complaint.endswith("; the mapping that comes along is used")


@pytest.mark.parametrize(
    "text",
    [
        "control = 1",
        '[[control]]\nsignal = "entropy"\nchannel = 17\nnumber = 1',
        '[[control]]\nsignal = "word"\nchannel = 1\nnumber = 1',
        '[[control]]\nsignal = "nothing"\nchannel = 1\nnumber = 1',
        f'[[note]]\nsignal = "word"\nchannel = 1\nnote = "{CODE}"',
        '[[note]]\nsignal = "word"\nchannel = 1\nnote = 60\nseconds = nan',
        '[[note]]\nsignal = "word"\nchannel = 1\nnote = 60\nloudest = 0',
        '[[note]]\nsignal = "word"\nchannel = 1\nnote = true',
    ],
)
def test_what_is_no_mapping_is_refused(text: str) -> None:
    mapping, complaints = parse(text)
    assert (mapping, len(complaints)) == (SignalMapping(), 1)


def test_one_bad_row_costs_only_itself_and_is_told(tmp_path: Path) -> None:
    row = '[[control]]\nsignal = "{}"\nchannel = 1\nnumber = 9\n'
    (tmp_path / "signals.toml").write_text(row.format("entropy") + row.format("entropie"), "utf-8-sig")
    mapping, complaint = load_mapping(tmp_path / "signals.toml")
    assert mapping == SignalMapping((ControllerSignal("entropy", 1, 9),))
    assert complaint.startswith("signals.toml: control 2: signal is to be a signal that lasts: share, ")
    assert complaint.endswith(", not 'entropie'; that is left out")
