"""What MIDI devices are told: motors, rings and lights follow the screen. Pure.

``wanted_feedback`` says how every device should stand; ``SentFeedback.due`` gives the messages that lead there, few at
a time, and none for a control that a hand is at. What a control said itself is known and not told again; a device that
came back is told everything.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from frontend.inputs.bindings import FINE_OFFSET, MidiControl
from frontend.inputs.midi.controller_maps import Control, ControllerMap, Feedback, Setup, system_exclusive
from frontend.inputs.midi.ports import BEND_TOP
from frontend.inputs.routing import Wiring
from frontend.inputs.targets import Action, Aim, Target
from protocol.tree import Value, on_address

FEEDBACK_PERIOD_S = 1 / 30  # seconds between two rounds of answers
MAX_MESSAGES_PER_ROUND = 24  # messages to one device in a round: 720 a second, of the 1,000 that a MIDI cable carries

Message = tuple[int, ...]
POSITIONED_KINDS = ("cc", "cc14", "bend")  # kinds of controls that can be told where to stand


@dataclass(frozen=True)
class DeviceFeedback:
    """``messages`` bring one light, ring or motor of the device on ``port`` where it should be; ``level`` is where."""

    messages: tuple[Message, ...]
    level: float | None = None


@dataclass(frozen=True)
class Ring:
    """The light beside the control of the voice at ``place``."""

    port: str
    place: int


Part = MidiControl | Ring


def wanted_feedback(
    setup: Setup, wiring: Wiring, values: Mapping[str, Value], lit: Container[str], slugs: tuple[str, ...]
) -> dict[Part, DeviceFeedback]:
    """How every part of every device that takes answers should stand. ``lit`` are the actions whose lights burn."""
    found: dict[Part, DeviceFeedback] = {}
    for source in wiring.by_source:
        known = setup.known.get(source.port) if isinstance(source, MidiControl) else None
        aim = wiring.aim_of(source)
        if known is not None and isinstance(source, MidiControl) and aim is not None and known.feedback.is_there:
            answer = _answer(source, aim, known.feedback, values, lit)
            if answer is not None:
                found[source] = answer
    for source in setup.idle:
        if source in wiring.by_source:
            continue
        feedback = setup.known[source.port].feedback
        if control_of(source) in setup.known[source.port].strips.get("weight", ()):
            if feedback.values and source.kind in POSITIONED_KINDS:
                found[source] = position_feedback(source, 0.0)
        elif feedback.dark is not None:
            found[source] = _light(source, feedback, False)
    for port, known in setup.known.items():
        found |= _rings(port, known, values, slugs)
    return found


def control_of(source: MidiControl) -> Control:
    """The control as its device's map names it."""
    return Control(source.kind, source.number, source.channel)


def position_feedback(source: MidiControl, level: float) -> DeviceFeedback:
    """The answer that lets a control stand at ``level``: the message that it would send itself there."""
    status = source.channel - 1
    if source.kind == "bend":
        number = round(level * BEND_TOP)
        return DeviceFeedback(((0xE0 | status, number % 128, number // 128),), level)
    if source.kind == "cc14":
        number = round(level * BEND_TOP)
        return DeviceFeedback(
            ((0xB0 | status, source.number, number // 128), (0xB0 | status, source.number + FINE_OFFSET, number % 128)),
            level,
        )
    return DeviceFeedback(((0xB0 | status, source.number, round(level * 127)),), level)


def _answer(
    source: MidiControl, aim: Aim, feedback: Feedback, values: Mapping[str, Value], lit: Container[str]
) -> DeviceFeedback | None:
    if isinstance(aim, Action):
        return None if feedback.lit is None else _light(source, feedback, aim.address in lit)
    if isinstance(aim, Target) and aim.is_switch:
        return None if feedback.lit is None else _light(source, feedback, bool(values[aim.parameter.address]))
    return (
        position_feedback(source, min(1.0, aim.stands(values)))
        if feedback.values and source.kind in POSITIONED_KINDS
        else None
    )


def _light(source: MidiControl, feedback: Feedback, burns: bool) -> DeviceFeedback:
    value = feedback.lit if burns else feedback.dark
    assert value is not None
    elsewhere = feedback.lights.get(control_of(source), control_of(source))
    status = 0x90 if elsewhere.kind in ("note", "velocity", "held") else 0xB0
    return DeviceFeedback(((status | elsewhere.channel - 1, elsewhere.number, value),))


def _rings(
    port: str, known: ControllerMap, values: Mapping[str, Value], slugs: tuple[str, ...]
) -> dict[Part, DeviceFeedback]:
    feedback = known.feedback
    if not feedback.rings or feedback.lit is None or feedback.dark is None:
        return {}
    found: dict[Part, DeviceFeedback] = {}
    for place in range(len(known.voices.get("weight", ()))):
        burns = place < len(slugs) and bool(values[on_address(slugs[place])])
        value = feedback.lit if burns else feedback.dark
        found[Ring(port, place)] = DeviceFeedback((system_exclusive(feedback.rings, place, value),))
    return found


class SentFeedback:
    """What every device was told last."""

    def __init__(self) -> None:
        self._told: dict[Part, tuple[Message, ...]] = {}
        self._told_at: dict[Part, float] = {}
        self._next_at = 0.0

    def forget(self, port: str) -> None:
        """The device has come anew: it is told everything."""
        self._told = {part: told for part, told in self._told.items() if part.port != port}

    def heard(self, source: MidiControl, level: float | None) -> None:
        """The control has spoken itself: it stands at ``level``; a button (None) may have changed its light."""
        if level is None:
            self._told.pop(source, None)
        else:
            self._told[source] = position_feedback(source, level).messages

    def due(
        self, wanting: Callable[[], Mapping[Part, DeviceFeedback]], busy: Callable[[MidiControl], bool], now: float
    ) -> dict[Part, DeviceFeedback]:
        """What is to be told now; those that have waited longest first. ``wanting`` is asked only when it is time."""
        if now < self._next_at:
            return {}
        self._next_at = now + FEEDBACK_PERIOD_S
        wanted_feedback = wanting()
        late = [part for part, answer in wanted_feedback.items() if self._told.get(part) != answer.messages]
        late = [part for part in late if isinstance(part, Ring) or not busy(part)]
        found: dict[Part, DeviceFeedback] = {}
        count: dict[str, int] = {}
        for part in sorted(late, key=lambda part: self._told_at.get(part, 0.0)):
            count[part.port] = count.get(part.port, 0) + len(wanted_feedback[part].messages)
            if count[part.port] <= MAX_MESSAGES_PER_ROUND:
                found[part] = wanted_feedback[part]
                self._told[part], self._told_at[part] = wanted_feedback[part].messages, now
        return found
