"""What the hardware is told: motors, rings and lights follow the screen. Pure.

``wanted`` says how every device should stand; ``Answers.due`` gives the messages that lead there, few at a time, and
none for a control that a hand is at. What a control said itself is known and not told again; a device that came back is
told everything.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from frontend.inputs.bindings import FINE, MidiControl
from frontend.inputs.midi.controller_maps import Control, ControllerMap, Feedback, Setup, system_exclusive
from frontend.inputs.midi.ports import BEND_TOP
from frontend.inputs.routing import Wiring
from frontend.inputs.targets import Action, Aim, Target
from protocol.tree import Value, on_address

PACE = 1 / 30  # seconds between two rounds of answers
MOST = 24  # messages to one device in a round: 720 a second, of the 1,000 that a MIDI cable carries

Message = tuple[int, ...]
STANDS = ("cc", "cc14", "bend")  # kinds of controls that can be told where to stand


@dataclass(frozen=True)
class Answer:
    """``messages`` bring one light, ring or motor of the device on ``port`` where it should be; ``level`` is where."""

    messages: tuple[Message, ...]
    level: float | None = None


@dataclass(frozen=True)
class Ring:
    """The light beside the control of the voice at ``place``."""

    port: str
    place: int


Part = MidiControl | Ring


def wanted(
    setup: Setup, wiring: Wiring, values: Mapping[str, Value], lit: Container[str], slugs: tuple[str, ...]
) -> dict[Part, Answer]:
    """How every part of every device that takes answers should stand. ``lit`` are the actions whose lights burn."""
    found: dict[Part, Answer] = {}
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
            if feedback.values and source.kind in STANDS:
                found[source] = standing(source, 0.0)
        elif feedback.dark is not None:
            found[source] = _light(source, feedback, False)
    for port, known in setup.known.items():
        found |= _rings(port, known, values, slugs)
    return found


def control_of(source: MidiControl) -> Control:
    """The control as its device's map names it."""
    return Control(source.kind, source.number, source.channel)


def standing(source: MidiControl, level: float) -> Answer:
    """The answer that lets a control stand at ``level``: the message that it would send itself there."""
    status = source.channel - 1
    if source.kind == "bend":
        number = round(level * BEND_TOP)
        return Answer(((0xE0 | status, number % 128, number // 128),), level)
    if source.kind == "cc14":
        number = round(level * BEND_TOP)
        return Answer(
            ((0xB0 | status, source.number, number // 128), (0xB0 | status, source.number + FINE, number % 128)), level
        )
    return Answer(((0xB0 | status, source.number, round(level * 127)),), level)


def _answer(
    source: MidiControl, aim: Aim, feedback: Feedback, values: Mapping[str, Value], lit: Container[str]
) -> Answer | None:
    if isinstance(aim, Action):
        return None if feedback.lit is None else _light(source, feedback, aim.address in lit)
    if isinstance(aim, Target) and aim.is_switch:
        return None if feedback.lit is None else _light(source, feedback, bool(values[aim.parameter.address]))
    return standing(source, min(1.0, aim.stands(values))) if feedback.values and source.kind in STANDS else None


def _light(source: MidiControl, feedback: Feedback, burns: bool) -> Answer:
    value = feedback.lit if burns else feedback.dark
    assert value is not None
    elsewhere = feedback.lights.get(control_of(source), control_of(source))
    status = 0x90 if elsewhere.kind in ("note", "velocity", "held") else 0xB0
    return Answer(((status | elsewhere.channel - 1, elsewhere.number, value),))


def _rings(port: str, known: ControllerMap, values: Mapping[str, Value], slugs: tuple[str, ...]) -> dict[Part, Answer]:
    feedback = known.feedback
    if not feedback.rings or feedback.lit is None or feedback.dark is None:
        return {}
    found: dict[Part, Answer] = {}
    for place in range(len(known.voices.get("weight", ()))):
        burns = place < len(slugs) and bool(values[on_address(slugs[place])])
        value = feedback.lit if burns else feedback.dark
        found[Ring(port, place)] = Answer((system_exclusive(feedback.rings, place, value),))
    return found


class Answers:
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
            self._told[source] = standing(source, level).messages

    def due(
        self, wanting: Callable[[], Mapping[Part, Answer]], busy: Callable[[MidiControl], bool], now: float
    ) -> dict[Part, Answer]:
        """What is to be told now; those that have waited longest first. ``wanting`` is asked only when it is time."""
        if now < self._next_at:
            return {}
        self._next_at = now + PACE
        wanted = wanting()
        late = [part for part, answer in wanted.items() if self._told.get(part) != answer.messages]
        late = [part for part in late if isinstance(part, Ring) or not busy(part)]
        found: dict[Part, Answer] = {}
        count: dict[str, int] = {}
        for part in sorted(late, key=lambda part: self._told_at.get(part, 0.0)):
            count[part.port] = count.get(part.port, 0) + len(wanted[part].messages)
            if count[part.port] <= MOST:
                found[part] = wanted[part]
                self._told[part], self._told_at[part] = wanted[part].messages, now
        return found
