"""The monitor: what arrives, and who says too much."""

from frontend.inputs.midi.monitor import FLOOD_PER_S, LINES_KEPT, Line, Monitor
from frontend.inputs.midi.ports import MidiMessage


def test_the_last_lines_are_kept_and_stand_still_while_paused() -> None:
    monitor = Monitor()
    heard = [MidiMessage("desk", "cc", 1, 7, value % 128) for value in range(LINES_KEPT + 5)]
    for place, message in enumerate(heard):
        monitor.hear(message, ["/mix/rate"], float(place))
    assert monitor.lines == [Line(float(place), heard[place], ["/mix/rate"]) for place in range(5, LINES_KEPT + 5)]
    monitor.pause(True)
    monitor.hear(heard[0], [], 900.0)
    assert len(monitor.lines) == LINES_KEPT and monitor.lines[-1].heard == heard[-1] and monitor.last == heard[0]
    monitor.pause(False)
    assert monitor.lines[-1].at == 900.0


def test_a_device_that_floods_is_named_for_a_while() -> None:
    monitor = Monitor()
    message = MidiMessage("desk:desk MIDI 1", "cc", 1, 7, 1)
    assert [monitor.hear(message, [], 0.5) for _ in range(FLOOD_PER_S + 1)] == [False] * FLOOD_PER_S + [True]
    assert monitor.complaint(1.0) == "desk floods: over 2,000 MIDI messages a second; only the last ones count"
    assert monitor.hear(message, [], 1.6) is False
    assert monitor.complaint(6.0) == ""


def test_nobody_floods_where_the_clock_begins_at_nothing() -> None:
    assert Monitor().complaint(0.0) == ""
