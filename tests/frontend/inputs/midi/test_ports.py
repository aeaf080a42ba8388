"""Bytes as messages, whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.bindings import Binding
from frontend.inputs.inputs_file import entry_text, parse
from frontend.inputs.midi.ports import BEND_TOP, LONGEST_NAME_CHARS, MidiMessage, device_name, parse_message


@pytest.mark.parametrize(
    ("data", "heard"),
    [
        ([0xB0, 7, 64], MidiMessage("desk", "cc", 1, 7, 64)),
        ([0x98, 41, 127], MidiMessage("desk", "note", 9, 41, 127)),
        ([0x98, 41, 0], MidiMessage("desk", "off", 9, 41, 0)),
        ([0x88, 41, 64], MidiMessage("desk", "off", 9, 41, 0)),
        ([0xCF, 3], MidiMessage("desk", "program", 16, 3, 127)),
        ([0xE0, 127, 127], MidiMessage("desk", "bend", 1, 0, BEND_TOP)),
        ([0xF8], MidiMessage("desk", "pulse")),
        ([0xFC], MidiMessage("desk", "stop")),
        ([], None),
        ([0xB0, 7], None),
        ([0xB0, 7, 128], None),
        ([0xB0, -1, 1], None),
        ([7, 7, 7], None),
        ([0xF0, 1, 2, 0xF7], None),
        ([0xFE], None),
    ],
)
def test_a_message_is_read_or_passed_over(data: list[int], heard: MidiMessage | None) -> None:
    assert parse_message(data, "desk") == heard


@given(st.lists(st.integers(-1, 300), max_size=5))
def test_what_is_heard_is_always_in_range(data: list[int]) -> None:
    heard = parse_message(data, "desk")
    assert heard is None or (0 <= heard.channel <= 16 and 0 <= heard.number < 128 and 0 <= heard.value <= BEND_TOP)


def test_a_device_keeps_its_name_in_whichever_socket() -> None:
    assert device_name("desk:desk MIDI 1 20:0") == device_name("desk:desk MIDI 1 128:0") == "desk:desk MIDI 1"


@pytest.mark.parametrize(
    ("name", "called"),
    [("Pad \U0001f600:Pad 20:0", "Pad \U0001f600:Pad"), ("Pad\udce9", "Pad?"), ("x" * 5_000, "x" * LONGEST_NAME_CHARS)],
)
def test_a_device_is_called_as_a_file_can_hold_it(name: str, called: str) -> None:
    assert device_name(name) == called
    binding = Binding(f"midi/{called}/cc 4", "/mix/rate")
    assert parse(entry_text(binding), {})[0].bindings.learnt == (binding,)
