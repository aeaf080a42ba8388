"""Sends subscribers what was written, what is expected next, the values of the controls, and the state.

State, not events: what matters is repeated, so that a program which lost a datagram or came late is right again within
a second. Runs on the engine's thread; the engine decides when there is time for what.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from protocol.formats import BRANCH_SHOWN_CHARS
from protocol.fragments import distribution_messages, past_messages
from protocol.messages import (
    TAIL_CHARS,
    Ahead,
    ArrivalForecast,
    BranchKept,
    Card,
    Char,
    Joint,
    Message,
    Narrator,
    PerformanceListing,
    Set,
    Signal,
    Status,
)
from protocol.mixing import quantise
from protocol.spelling import pack_known
from protocol.tree import Value
from server.engine.arrival import Coming
from server.engine.parameter_store import ParameterStore
from server.engine.pending_commands import PendingCommands
from server.engine.performance import Performance, Written
from server.engine.status_line import StatusLine
from server.engine.subscribers import MOST_SUBSCRIBERS, Address
from server.engine.text_buffer import Letter, TextBuffer
from server.engine.timing_stats import TimingStats

STATE_INTERVAL_S = 0.5  # seconds
STATUS_INTERVAL_S = 0.25  # seconds; it tells how long the text is, so that whoever lacks the end of it asks
CARDS_INTERVAL_S = 5.0  # seconds
ANSWER_CHARS = 1_000  # characters of old text sent at a time: more at once would hold up the next


class MessageSink(Protocol):
    """The way out, as the engine knows it."""

    def new_subscribers(self) -> list[Address]:
        """Who subscribed since this was last asked."""

    def broadcast(self, messages: Sequence[Message]) -> None:
        """Send to every subscriber, in as few datagrams as fit."""

    def send(self, messages: Sequence[Message], target: Address) -> None:
        """Send to one."""

    def answer_to(self, source: Address) -> Address:
        """Where somebody who asked from ``source`` listens."""

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""

    @property
    def followed(self) -> bool:
        """Whether anybody wants the signals."""

    def send_signals(self, signals: Sequence[Signal]) -> None:
        """Send these to all who follow the signals."""


class RecordingSink:
    """The outlet that ships for tests: it writes down what was said, and to whom."""

    def __init__(self) -> None:
        self.broadcasts: list[Message] = []
        self.letters: list[tuple[Address, Message]] = []
        self.arriving: list[Address] = []
        self.heard = True
        self.followed = False
        self.signals: list[Signal] = []

    def new_subscribers(self) -> list[Address]:
        arrived, self.arriving = self.arriving, []
        return arrived

    def broadcast(self, messages: Sequence[Message]) -> None:
        self.broadcasts.extend(messages)

    def send(self, messages: Sequence[Message], target: Address) -> None:
        self.letters.extend((target, message) for message in messages)

    def answer_to(self, source: Address) -> Address:
        return source

    def send_signals(self, signals: Sequence[Signal]) -> None:
        self.signals.extend(signals)


class Publisher:
    """Speaks of ``performance`` and ``parameters`` through ``sink``, from ``began`` on."""

    def __init__(
        self,
        performance: Performance,
        parameters: ParameterStore,
        sink: MessageSink,
        status_line: StatusLine,
        timing: TimingStats,
        pending: PendingCommands,
        cards: Sequence[Card],
        names: Callable[[], Sequence[str]],
        began: float,
        arrival: Callable[[], Coming] = Coming,
        ahead: Callable[[], Sequence[Ahead]] = tuple,
    ) -> None:
        """``names`` gives those of all performances that there are, ``arrival`` where the text is to come.

        ``ahead`` gives what was told of the letters that may come, which is said again with the state.
        """
        self._ahead = ahead
        self._arrival, self._arrived = arrival, True
        self._performance, self._parameters, self._sink = performance, parameters, sink
        self._status_line, self._timing, self._pending, self._cards = status_line, timing, pending, cards
        self._names = names
        self._began = self._next_state = self._next_status = self._next_cards = began
        self._branches_told: object = ()  # numbers and positions
        self._announced: object = None  # which expectations were told last
        self._asked: dict[Address, int] = {}  # who wants old text, and from which position on

    def set_cards(self, cards: Sequence[Card]) -> None:
        """These play from now on: said at once, with the state, and again as usual."""
        self._cards = cards
        self._next_cards = self._next_state = -math.inf
        self._announced = None

    def resume_at(self, seconds: float, now: float) -> None:
        """The performance has lasted for so many seconds already."""
        self._began = now - seconds

    def elapsed(self, now: float) -> float:
        """How many seconds the performance has lasted."""
        return now - self._began

    def publish_character(self, written: Written) -> None:
        """A character was written just now."""
        buffer = self._performance.buffer
        tail = buffer.tail(TAIL_CHARS)
        self._sink.broadcast(
            [
                Char(
                    written.sequence,
                    written.character,
                    tail.text,
                    buffer.length,
                    buffer.epoch,
                    tail.tints,
                    tail.surprises,
                ),
                Joint(written.sequence, quantise(written.joint).tobytes(), self._performance.threshold),
            ]
        )

    def publish_distributions(self) -> None:
        """What the awake voices expect next: once for each character, and again when a voice has joined or left.

        Again, too, when the evidence is of another unit of the text, other words are known, or tongues have joined;
        tongues that keep pace are waited for.
        """
        performance = self._performance
        place = (performance.buffer.epoch, performance.buffer.sequence, performance.awake)
        current = (*place, performance.boundary, pack_known(performance.known), performance.settled)
        if performance.ready and performance.settled is not None and current != self._announced:
            self._announced = current
            self._sink.broadcast(self._expected())

    def resend_from(self, position: int, now: float) -> None:
        """The text changed otherwise than by a character: its numbers, and what stands from ``position`` on."""
        buffer = self._performance.buffer
        self._sink.broadcast([self._status(now), *_past(buffer, position, buffer.length)])

    def answer(self, position: int, source: Address) -> None:
        """``source`` wants the text from ``position`` on; it comes piece by piece with ``repeat``."""
        target = self._sink.answer_to(source)
        if target in self._asked or len(self._asked) < MOST_SUBSCRIBERS:  # whoever is turned away asks again
            self._asked[target] = min(position, self._asked.get(target, position))

    def publish_changes(self) -> bool:
        """Tell the values that changed; whether any did."""
        changes: list[Message] = [*self._branches()]
        changes += [*self._parameters.changes(), *self._parameters.holders(), *self._parameters.pucks()]
        if changes:
            self._sink.broadcast(changes)
        return bool(changes)

    def publish_state(self, now: float) -> None:
        """Greet who came, answer who asked, and say the state and the cards again when it is time."""
        for newcomer in self._sink.new_subscribers():
            self._sink.send(
                [*self._cards, *self._listed(), *self._state(now), *self._branches(whole=True), *self._expected()],
                newcomer,
            )
        if self._asked:
            self._answer(next(iter(self._asked)))
        if now >= self._next_cards:  # before the state, which names what they introduce
            self._next_cards = max(self._next_cards + CARDS_INTERVAL_S, now)
            self._sink.broadcast(
                [*self._cards, *self._listed(), *self._branches(whole=True), *self._parameters.holders(whole=True)]
            )
        if now >= self._next_state:
            self._next_state = max(self._next_state + STATE_INTERVAL_S, now)
            self._next_status = now + STATUS_INTERVAL_S
            self._sink.broadcast(self._state(now))
        elif now >= self._next_status:
            self._next_status = now + STATUS_INTERVAL_S
            self._sink.broadcast([self._status(now), *self._arriving()])

    def _answer(self, target: Address) -> None:
        """Send the next piece of what ``target`` asked for; if there is more, it stands last in the line then."""
        buffer = self._performance.buffer
        start = max(self._asked.pop(target), buffer.start)
        self._sink.send(_past(buffer, start, ANSWER_CHARS), target)
        if start + ANSWER_CHARS < buffer.length:
            self._asked[target] = start + ANSWER_CHARS

    def _listed(self) -> list[Message]:
        names = self._names()
        return [PerformanceListing(index, len(names), name) for index, name in enumerate(names)]

    def _expected(self) -> list[Message]:
        performance = self._performance
        if not performance.ready:
            return []
        coming = performance.buffer.sequence + 1
        return list(
            distribution_messages(
                coming, performance.awake, performance.distributions, performance.evidence, performance.known
            )
        )

    def _state(self, now: float) -> list[Message]:
        return [
            *_sets(self._parameters.controls()),
            *self._parameters.pucks(whole=True),
            self._status(now),
            Narrator(*self._performance.narrator),
            *self._arriving(),
            *self._ahead(),
        ]

    def _branches(self, whole: bool = False) -> list[Message]:
        """The branches that are kept, if they are others than when they were told last, or with ``whole``."""
        branches = self._performance.branches.all()
        numbers = tuple((branch.number, branch.position) for branch in branches)
        if numbers == self._branches_told and not (whole and branches):
            return []
        self._branches_told = numbers
        if not branches:
            return [BranchKept(0, 0, 0, 0, 0, "")]
        return [
            BranchKept(index, len(branches), branch.number, branch.position, len(branch.items), beginning(branch.items))
            for index, branch in enumerate(branches)
        ]

    def _arriving(self) -> list[Message]:
        """Where the text is to arrive, while it is, and once when it has."""
        coming = self._arrival()
        told = ArrivalForecast(coming.phrase, -1 if coming.chars is None else coming.chars, coming.bits_a_letter)
        if not told.phrase and self._arrived:
            return []
        self._arrived = not told.phrase
        return [told]

    def _status(self, now: float) -> Status:
        buffer, timing = self._performance.buffer, self._timing
        return Status(
            buffer.sequence,
            buffer.length,
            buffer.epoch,
            timing.pace.rate(now),
            now - self._began,
            self._performance.seed,
            self._status_line.line(now),
            len(self._performance.awake),
            len(self._performance.waking),
            timing.late,
            1000.0 * timing.commits.percentile(99),
            1000.0 * timing.lateness.percentile(99),
            self._pending.finishing,
            self._performance.filters.warmth,
            self._performance.filters.withheld,
            self._performance.take,
        )


def beginning(letters: Sequence[Letter]) -> str:
    """The first of ``letters`` as text, as many as are told of a branch."""
    return "".join(letter[0] for letter in letters[:BRANCH_SHOWN_CHARS])


def _sets(values: Mapping[str, Value]) -> list[Message]:
    return [Set(address, value) for address, value in values.items()]


def _past(buffer: TextBuffer, position: int, chars: int) -> list[Message]:
    passage = buffer.since(position, chars)
    return list(past_messages(buffer.epoch, passage.position, passage.text, passage.tints, passage.surprises))
