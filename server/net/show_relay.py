"""The relay: a show's commands go to the front end that holds the show, and what became of them to whoever asked.

The first front end that says it has scenes holds the show. It says so every second; one that falls silent, or does not
answer, holds it no longer, and the next in line does. Commands wait in their order, and one is handed on at a time,
said again until it is answered, so that a lost datagram loses no cue and changes no order. Pure: time is passed in, and
what is to be sent is given back. Belongs to the receiver's thread.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from protocol.errors import MessageError
from protocol.messages import HoldShow, ShowAnswer, ShowCommand, ShowDone, ShowHolder, ShowRequest, ToFront
from protocol.show_commands import PAPER, SHOW
from server.engine.subscribers import Address

HOLD_LAPSES_S = 3.0  # seconds after which a front end that did not say it again holds the show no longer
ASK_AGAIN_S = 0.1  # seconds after which the same command is handed on again
ANSWER_TIMEOUT_S = 1.5  # seconds without an answer after which the next front end is asked
PATIENCE_S = 5.0  # seconds that a command waits for any front end
MOST_WAITING = 64  # commands
MOST_HOLDERS = 8  # front ends in line
NUMBERS = 2**31 - 1
NOBODY = {SHOW: "no front end holds the show: open one", PAPER: "nobody prints: start antiphon receipt --stay"}

Outgoing = list[tuple[Address, ToFront]]


@dataclass
class _Candidate:
    """A front end that could do a show's commands."""

    heard_at: float
    told: bool = False  # that it holds the show, and where that stands


@dataclass
class _Waiting:
    number: int
    command: ShowCommand
    asker: Address
    since: float
    asked: Address | None = None  # the front end that was asked last
    asked_since: float = 0.0
    asked_at: float = -1.0


@dataclass
class ShowRelay:
    """Of one performance and one ``role``. ``first`` is the number before the first command's: another one each time a
    server starts."""

    first: int = 0
    role: str = SHOW
    _line: dict[Address, _Candidate] = field(default_factory=dict)  # the first of them holds the show
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _stands: HoldShow = field(default_factory=lambda: HoldShow("", 0))  # where the show stands, or stood

    def __post_init__(self) -> None:
        self._number = self.first

    def hold(self, source: Address, said: HoldShow, now: float) -> tuple[ShowHolder, str]:
        """A front end has scenes: what it is answered, and a line for the performer, or none."""
        self._drop(now)
        fresh = source not in self._line
        if fresh and len(self._line) >= MOST_HOLDERS:
            raise MessageError(f"{MOST_HOLDERS} front ends stand ready to hold the show: one more cannot")
        known = self._line.setdefault(source, _Candidate(now))
        known.heard_at = now
        holder = next(iter(self._line))
        if known.told:
            self._stands = said
        complaint = ""
        if fresh and holder != source:
            complaint = f"two programs can hold the {self.role}: {_place(holder)} does, {_place(source)} stands ready"
        return self._tell(source, holder), complaint

    def _tell(self, source: Address, holder: Address) -> ShowHolder:
        self._line[source].told = yours = source == holder
        return ShowHolder(yours, _place(holder), self._stands.setlist, self._stands.cue)

    def ask(self, command: ShowCommand, asker: Address, now: float) -> None:
        """Let this be done. Raises ``MessageError`` where too many wait already."""
        if len(self._waiting) >= MOST_WAITING:
            raise MessageError(f"{MOST_WAITING} commands of the show wait already: {command.address} is left out")
        self._number = self._number % NUMBERS + 1
        self._waiting.append(_Waiting(self._number, command, asker, now))

    def done(self, said: ShowDone) -> Outgoing:
        """A front end says what became of a command; a second answer to the same one is passed over."""
        if not self._waiting or self._waiting[0].number != said.number:
            return []
        waiting = self._waiting.popleft()
        return _answer(waiting, said.done, said.words)

    def due(self, now: float) -> Outgoing:
        """What is to be sent now."""
        out: Outgoing = []
        self._drop(now)
        while self._waiting:
            waiting = self._waiting[0]
            holder = next(iter(self._line), None)
            if waiting.asked != holder:
                waiting.asked, waiting.asked_since, waiting.asked_at = holder, now, -1.0
                if holder is not None and not self._line[holder].told:
                    out.append((holder, self._tell(holder, holder)))
            elif holder is not None and now - waiting.asked_since >= ANSWER_TIMEOUT_S:
                del self._line[holder]  # it is there, and does nothing: the next one
                continue
            if now - waiting.since >= PATIENCE_S:
                words = "nobody answered" if waiting.asked_at >= 0.0 else NOBODY[self.role]
                self._waiting.popleft()
                out += _answer(waiting, False, words)
                continue
            if holder is not None and (waiting.asked_at < 0.0 or now - waiting.asked_at >= ASK_AGAIN_S):
                waiting.asked_at = now
                command = waiting.command
                out.append((holder, ShowRequest(waiting.number, command.address, command.what, command.seconds)))
            break
        return out

    def holds(self, source: Address, now: float) -> bool:
        self._drop(now)
        return next(iter(self._line), None) == source

    def held(self, now: float) -> bool:
        """Whether any front end holds the show."""
        self._drop(now)
        return bool(self._line)

    @property
    def busy(self) -> bool:
        """Whether any command waits."""
        return bool(self._waiting)

    def _drop(self, now: float) -> None:
        for source in [each for each, known in self._line.items() if now - known.heard_at > HOLD_LAPSES_S]:
            del self._line[source]


def _answer(waiting: _Waiting, done: bool, words: str) -> Outgoing:
    return [(waiting.asker, ShowAnswer(waiting.command.address, done, words))]


def _place(address: Address) -> str:
    return f"{address[0]}:{address[1]}"
