"""Which source a hand is moving, told from what the inputs say: one learner for all of them. Pure.

A channel of an input, such as how high a hand is, speaks all the time: it is taken when it has moved by a fifth of its
range. A MIDI control speaks when a hand moves it, but not alone: a motor fader says that it is touched, a neighbour
trembles, a bank comes before its programme. So for a moment all that is heard is weighed, and what moved most is taken;
what is heard meanwhile moves nothing. How each kind of controller sends is told in docs/inputs.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from frontend.inputs.bindings import FINE_OFFSET, MessageKey, MidiControl, Source
from frontend.inputs.channels import Reading
from frontend.inputs.midi.decoding import level_of
from frontend.inputs.midi.high_resolution import PAIR_S
from frontend.inputs.midi.ports import MidiMessage

FOR_RANGES = {"cc": "cc", "bend": "bend", "nrpn": "nrpn", "rpn": "rpn", "note": "velocity"}  # heard -> what sends it
FOR_SWITCHES = {"cc": "cc", "note": "note", "program": "program"}
LEARNT_RANGE = 0.2  # of a channel's range that it has to move to be learnt
MOMENT_S = 0.4  # seconds for which what is heard is weighed
PATIENCE_S = 0.9  # seconds after which a control that has hardly moved is taken, if it is the only one
LONG_PATIENCE_S = 3.0  # seconds that a note may be the touch of a fader that is to be moved, and a step an encoder's
FIRST_STEPS = frozenset((1, 63, 65))  # what an encoder says first, and a fader hardly ever
LEVELS = 512  # places of a range that are told apart
MOVED_LEVELS = 3 * LEVELS // 128  # levels that a trembling control does not go through
MANY_PLACES = 3  # different levels that a control which is moved stands at, and a button does not
PRESSED = 64  # the value from which a button is pressed
LONGEST_HISTORY = 256  # messages of a control that are weighed
MOST_CANDIDATES = 64  # controls that are weighed
BANKS = frozenset((0, FINE_OFFSET))  # controllers that choose a bank before a programme change
NUMBERS = frozenset((96, 97, 98, 99, 100, 101))  # those that step a parameter, or select it by its number
FIRST_MODE = 120  # from here on controllers are orders, such as all notes off
UPWARD, BY_SIGN, BY_COMPLEMENT, BY_OFFSET = (
    range(1, 8),
    range(65, 72),
    range(121, 128),
    range(57, 64),
)  # encoders' steps


def control_in(heard: MidiMessage, for_switch: bool) -> MidiControl | None:
    """The control that sent ``heard``, at first sight; None where it cannot drive a switch, or a range."""
    kind = (FOR_SWITCHES if for_switch else FOR_RANGES).get(heard.kind)
    return None if kind is None else MidiControl(heard.port, kind, heard.channel, heard.number)


@dataclass
class _Candidate:
    """A MIDI control that was heard while one is looked for: what it said, and when."""

    control: MidiControl
    since: float
    values: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    at: float = 0.0  # when it was last heard
    held: bool = False  # a note that was not let go
    level: float = 0.0
    pairs: bool = False  # a fine half that came beside its coarse one

    def hear(self, heard: MidiMessage, now: float) -> None:
        if len(self.values) < LONGEST_HISTORY:
            self.values.append(heard.value)
            self.levels.append(int(level_of(heard) * (LEVELS - 1)))
        self.at, self.level = now, level_of(heard)

    @property
    def way(self) -> int:
        """Over how many levels it went."""
        return max(self.levels) - min(self.levels)

    @property
    def encoder(self) -> str:
        """The kind of encoder that repeats its steps so; empty for what is none."""
        values = set(self.values)
        repeats = any(one == other for one, other in zip(self.values, self.values[1:], strict=False))
        if self.control.kind != "cc" or not repeats:
            return ""
        if values <= {*BY_OFFSET, *BY_SIGN}:
            return "offset"
        return (
            "relative"
            if values <= {0, *UPWARD, *BY_SIGN, *BY_COMPLEMENT} and values & {*UPWARD, *BY_COMPLEMENT}
            else ""
        )

    @property
    def travel(self) -> tuple[int, int]:
        """How much it moved: different places, or steps, and how far apart."""
        return (len(self.values) if self.encoder else len(set(self.levels))), self.way

    @property
    def is_moved(self) -> bool:
        """Whether a hand is moving it, surely."""
        return bool(self.encoder) or (len(set(self.levels)) >= MANY_PLACES and self.way >= MOVED_LEVELS)

    @property
    def is_pressed(self) -> bool:
        return self.control.kind in ("note", "program") or (max(self.values) >= PRESSED and not self.is_trembling)

    @property
    def is_trembling(self) -> bool:
        went_one_way = len(set(self.values)) >= MANY_PLACES and self.values in (
            sorted(self.values),
            sorted(self.values, reverse=True),
        )
        return len(set(self.values)) > 1 and self.way < MOVED_LEVELS and not self.encoder and not went_one_way


class Learner:
    """Finds one source for ``address``. ``for_switch``: what can be pressed counts, else what has a range.

    ``level`` is where that stands, where it is known.
    """

    def __init__(self, address: str, for_switch: bool) -> None:
        self.address = address
        self.level: float | None = None
        self._for_switch = for_switch
        self._stood: dict[str, float] = {}  # where each channel stood when it was first seen
        self._candidates: dict[MessageKey, _Candidate] = {}
        self._programmes: set[tuple[str, int]] = set()  # devices and channels that changed theirs

    def hear(self, reading: Reading, now: float) -> Source | None:
        """The source, where this reading tells it."""
        if reading.heard is not None:
            self._hear(reading.heard, now)
            return self.decide(now)
        if isinstance(reading.source, str):
            return self._channel(reading.source, reading.level)
        return None

    def decide(self, now: float) -> Source | None:
        """The MIDI control that moved most, when it has been heard for long enough; ask in every look."""
        candidates = [each for each in self._candidates.values() if self._may_be(each)]
        chosen = self._press(candidates, now) if self._for_switch else self._move(candidates, now)
        if chosen is None:
            return None
        self.level = None if chosen.encoder else chosen.level
        return self._control(chosen)

    @property
    def weighs(self) -> bool:
        """Whether MIDI is being weighed: then it moves nothing."""
        return bool(self._candidates)

    def _channel(self, name: str, level: float | None) -> Source | None:
        if level is None or not math.isfinite(level):
            return None
        if abs(level - self._stood.setdefault(name, level)) < LEARNT_RANGE:
            return None
        self.level = level
        return name

    def _hear(self, heard: MidiMessage, now: float) -> None:
        if heard.kind == "off":
            note = self._candidates.get((heard.port, "note", heard.channel, heard.number))
            if note is not None:
                note.held, note.at = False, now
            return
        if heard.kind == "program":
            self._programmes.add((heard.port, heard.channel))
        control = control_in(heard, self._for_switch)
        if control is None or (heard.kind == "cc" and heard.number >= FIRST_MODE):
            return
        known = self._candidates.get(heard.key)
        if known is None:
            if len(self._candidates) >= MOST_CANDIDATES:
                return
            known = self._candidates[heard.key] = _Candidate(control, now)
        known.hear(heard, now)
        known.held = heard.kind == "note"
        if heard.kind == "cc" and heard.number < 2 * FINE_OFFSET:
            coarse, fine = (self._of(heard, heard.number % FINE_OFFSET + up) for up in (0, FINE_OFFSET))
            if coarse is not None and fine is not None and abs(coarse.at - fine.at) <= PAIR_S:
                fine.pairs = True

    def _of(self, heard: MidiMessage, number: int) -> _Candidate | None:
        return self._candidates.get((heard.port, "cc", heard.channel, number))

    def _may_be(self, each: _Candidate) -> bool:
        """Whether that can be a control: no half of another one's message, and none that announces one."""
        control, others = each.control, self._candidates
        if control.kind != "cc":
            return True
        beside = {key[1] for key in others if key[0] == control.port and key[2] == control.channel}
        if control.number in NUMBERS:
            return each.is_moved and not beside & {"nrpn", "rpn"}
        if control.number in BANKS and (control.port, control.channel) in self._programmes:
            return False
        return not each.pairs

    def _fine_of(self, coarse: _Candidate) -> _Candidate | None:
        """The fine half of this one, where it has one."""
        control = coarse.control
        fine = self._candidates.get((control.port, "cc", control.channel, control.number + FINE_OFFSET))
        return fine if control.kind == "cc" and control.number < FINE_OFFSET and fine and fine.pairs else None

    def _control(self, chosen: _Candidate) -> MidiControl:
        control, kind = chosen.control, ""
        if not self._for_switch:
            kind = "cc14" if self._fine_of(chosen) is not None else chosen.encoder
        return MidiControl(control.port, kind or control.kind, control.channel, control.number)

    def _move(self, candidates: list[_Candidate], now: float) -> _Candidate | None:
        """For a range."""
        moved = [each for each in candidates if each.is_moved or self._fine_moves(each)]
        if moved:
            best = max(moved, key=lambda each: each.travel)
            return best if now - best.since >= MOMENT_S else None
        return next((each for each in candidates if self._is_late(each, now)), None)

    def _fine_moves(self, each: _Candidate) -> bool:
        """Whether a pair moves by so little that the coarse half says nothing of it."""
        fine = self._fine_of(each)
        return fine is not None and len(set(fine.values)) >= MANY_PLACES

    @staticmethod
    def _is_late(each: _Candidate, now: float) -> bool:
        """Whether a control that has hardly moved is all the same the one, since nothing else came."""
        if each.control.kind in ("nrpn", "rpn") or each.is_trembling:
            return False
        may_go_on = each.held or set(each.values) <= FIRST_STEPS
        return now - each.since >= (LONG_PATIENCE_S if may_go_on else PATIENCE_S)

    def _press(self, candidates: list[_Candidate], now: float) -> _Candidate | None:
        """For a switch."""
        pressed = [each for each in candidates if each.is_pressed and now - each.since >= MOMENT_S]
        if pressed:
            return max(pressed, key=lambda each: (each.control.kind == "program", each.control.kind == "note"))
        return next((each for each in candidates if not each.is_trembling and now - each.since >= PATIENCE_S), None)
