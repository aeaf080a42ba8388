"""Which controllers are there, and whether a MIDI message comes through. Caller's thread."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

from benchmarks.doctor.findings import Finding, Level
from frontend.inputs.midi.controller_maps import ControllerMap, load_maps
from frontend.inputs.midi.ports import SystemPorts, device_name

TOPIC = "MIDI"
IGNORED_PORTS = ("Midi Through", "antiphon")
NAME = "antiphon doctor"
MESSAGE_TIMEOUT_S = 1.0


def examine() -> list[Finding]:
    """The devices by name, which have a ready map, and one message sent through this machine's MIDI and heard."""
    try:
        names = [name for name in map(device_name, SystemPorts().names()) if not name.startswith(IGNORED_PORTS)]
    except OSError as error:
        return [Finding(TOPIC, Level.NOTE, f"no MIDI here ({error}): mouse, keys, touch and OSC play all the same")]
    maps, complaints = load_maps()
    found = judge(names, maps)
    found += [Finding(TOPIC, Level.WARN, line, "mend the file, or move it away") for line in complaints]
    if (heard := comes_through()) is not None:
        found.append(
            Finding(TOPIC, Level.GOOD, "a MIDI message comes through this machine")
            if heard
            else Finding(
                TOPIC,
                Level.WARN,
                "a MIDI message was sent on this machine and not heard",
                "another program may hold MIDI: end it, or start the computer anew",
            )
        )
    return found


def judge(names: Sequence[str], maps: Sequence[ControllerMap]) -> list[Finding]:
    if not names:
        return [Finding(TOPIC, Level.NOTE, "no controller is plugged in", "plug it in whenever you like")]
    found = []
    for name in names:
        ready = next((one.name for one in maps if one.port.lower() in name.lower()), None)
        words = f"{name}: plays at once, as {ready}" if ready else f"{name}: has to learn (right click what is to move)"
        found.append(Finding(TOPIC, Level.GOOD if ready else Level.NOTE, words))
    return found


def comes_through() -> bool | None:
    """Whether a message sent to a port that is made here is heard at it; None where no port can be made."""
    import mido

    heard = Event()
    try:
        receiver = mido.open_input(NAME, virtual=True, callback=lambda message: heard.set())
    except (OSError, SystemError, RuntimeError, NotImplementedError, ValueError):
        return None
    try:
        name = next((name for name in mido.get_output_names() if NAME in name), None)
        if name is None:
            return False
        with mido.open_output(name) as sender:
            sender.send(mido.Message("control_change", control=1, value=1))
            return heard.wait(MESSAGE_TIMEOUT_S)
    except (OSError, SystemError, RuntimeError):
        return False
    finally:
        receiver.close()
