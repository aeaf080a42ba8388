"""Devices that come and go, twins among them."""

from frontend.inputs.midi.devices import Devices
from frontend.inputs.midi.ports import FakePorts, MidiMessage

FIRST, SECOND = "desk:desk MIDI 1 20:0", "desk:desk MIDI 1 28:0"
ALIKE = "nanoKONTROL2"  # as macOS and Windows call both of two


def plugged(*names: str, heard: list[MidiMessage] | None = None) -> tuple[FakePorts, Devices]:
    ports = FakePorts(*names)
    devices = Devices(ports, (heard if heard is not None else []).append, lambda port: "desk")
    devices.scan()
    return ports, devices


def test_twins_have_names_of_their_own_and_keep_them() -> None:
    heard: list[MidiMessage] = []
    ports, devices = plugged(FIRST, SECOND, heard=heard)
    assert devices.names == ("desk:desk MIDI 1", "desk:desk MIDI 1 #2")
    ports.unplug(FIRST)
    assert devices.scan() == ([], ["desk:desk MIDI 1"])
    ports.move(SECOND, 4, 1)
    assert heard[-1].port == "desk:desk MIDI 1 #2"
    ports.plug(FIRST.replace("20:0", "32:0"))
    assert devices.scan() == (["desk:desk MIDI 1"], [])


def test_twins_that_the_system_calls_alike_are_both_opened() -> None:
    ports, devices = plugged(ALIKE, ALIKE)
    assert devices.names == ("nanoKONTROL2", "nanoKONTROL2 #2")
    assert ports.open_now == [ALIKE, ALIKE]


def test_our_own_ports_are_no_devices() -> None:
    assert plugged("antiphon:lights", "Antiphon signals 130:0", FIRST)[1].names == ("desk:desk MIDI 1",)


def test_a_device_is_answered_at_its_own_output() -> None:
    ports, devices = plugged(FIRST, SECOND)
    for there, byte in zip(sorted(devices, key=lambda there: there.port), (1, 2), strict=True):
        assert there.out is not None
        there.out.send((0xB0, 81, byte))
    assert ports.told == [(FIRST, (0xB0, 81, 1)), (SECOND, (0xB0, 81, 2))]


def test_a_port_that_cannot_be_opened_is_told_and_the_others_work() -> None:
    class Taken(FakePorts):
        def open(self, name, which, port, hear):
            if name == FIRST:
                raise OSError("MIDI port desk cannot be opened: it is taken")
            return super().open(name, which, port, hear)

    devices = Devices(Taken(FIRST, "other"), lambda heard: None, lambda port: None)
    devices.scan()
    assert (devices.names, devices.complaint) == (("other",), "MIDI port desk cannot be opened: it is taken")
