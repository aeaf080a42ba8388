"""The engine: writes each character of one performance when it is due and does all else in between.

    due -> values read -> mixed, drawn -> Char and Joint sent -> the awake voices read it -> Distributions sent
        -> echoes, state, newcomers -> the waking voices read, as far as there is time -> due

The values are read when the clock has ticked and not before: what arrives while the engine sleeps decides the very next
character. The engine owns the performance; it meets the receiver's thread only at the board and the outlet. The hall
calls it, on its thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from models.interface import Rollout, State, Voices
from protocol.errors import ParameterError
from protocol.messages import (
    CODE,
    MAIN,
    TAIL,
    Arrive,
    Card,
    Choose,
    Finish,
    Likely,
    Panic,
    Prime,
    Reset,
    ReturnTo,
    Rewind,
    Since,
    Step,
    Word,
)
from protocol.tree import Value
from server.engine.arrival import Arrival, Coming, Mixing
from server.engine.clock import Clock, Metronome
from server.engine.parameter_store import ActionRequest, ParameterStore
from server.engine.pending_commands import LOOKED_AT, PendingCommands, PendingCommandsState
from server.engine.performance import Performance, PerformanceState
from server.engine.publisher import MessageSink, Publisher
from server.engine.signal_sender import SignalSender, SignalSink
from server.engine.status_line import StatusLine
from server.engine.timing_stats import TimingStats
from server.filters.aim import Aim
from styles.cleaning import transliterate

RUN = "/transport/run"
NAP = 0.005  # seconds that the engine sleeps at a time when nothing is due: echoes and single steps wait no longer
ROOM = 0.004  # seconds before a character is due, in which no message is put together any more
CLEAR = 0.0015  # seconds before a character is due, in which no voice may still be reading
STARVED = 8  # characters between which no slice of reading fitted, after which waking voices come first
RATION = 2  # slices that they get then, between any two characters: one would only keep up with the text
JUDGED_EVERY = 1.0  # seconds
LATE_SHARE = 0.5  # of the characters of that time, above which the machine is called too slow


@dataclass(frozen=True)
class EngineState:
    """A performance, its controls and what it was asked for, at one moment."""

    performance: PerformanceState
    controls: Mapping[str, Value]
    held: Mapping[str, Value] | None  # what a hold keeps in force
    errands: PendingCommandsState
    seconds: float  # since the performance began


class Engine:
    """Plays ``performance`` by what ``board`` says, and lets ``outlet`` know.

    The hall calls ``tick`` and then ``tend``, again and again; ``due`` says when at the latest.
    """

    def __init__(
        self,
        performance: Performance,
        board: ParameterStore,
        outlet: MessageSink,
        clock: Clock,
        troubles: StatusLine,
        cards: Sequence[Card] = (),
        name: str = MAIN,
        names: Callable[[], Sequence[str]] = lambda: (MAIN,),
        lamps: Sequence[SignalSink] = (),
    ) -> None:
        """``name`` is the performance's own; ``names`` gives those of all that there are; ``lamps`` get its signals."""
        self._performance, self._board, self._outlet = performance, board, outlet
        self._clock, self._troubles, self._name = clock, troubles, name
        began = clock.now()
        self._metronome = Metronome(_rate(board.values()), began)
        self._running = False
        self._errands = PendingCommands()
        self._spare = _SliceBudget(clock)
        self._starved = 0  # characters since a slice of reading fitted
        self.figures = TimingStats()
        self._herald = Publisher(
            performance, board, outlet, troubles, self.figures, self._errands, cards, names, began, self._coming
        )
        self._beacon = SignalSender(performance, board, (outlet, *lamps))
        self._wrote = False  # a character that the voices have not read yet
        self._arrival: Arrival | None = None  # on the way to what is asked for
        self._next_judgement = began + JUDGED_EVERY
        self._ticks = self._late_ticks = 0  # since the last judgement

    @property
    def due(self) -> float:
        """When it has to write next: at once while steps or words wait or a line is indented, never while paused."""
        if self._errands.at_once or self._indenting:
            return -math.inf
        return self._metronome.due if self._running else math.inf

    @property
    def ready(self) -> bool:
        """Whether it could write now; else the text waits for voices that read."""
        return self._performance.ready

    @property
    def epoch(self) -> int:
        """Rises whenever text was taken away."""
        return self._performance.page.epoch

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return self._outlet.heard

    @property
    def reading(self) -> bool:
        """Whether voices have to read on and there was time for some of it: the hall does not sleep then."""
        return self._performance.busy and self._spare.used

    def tick(self) -> None:
        """Take in what the performer wants; if a character is due, write it."""
        self._obey(self._board.actions())
        self._performance.foresee(self._board.coming())
        now = self._clock.now()
        self._board.pass_time(now)
        values = self._board.values()
        self._keep_time(values, now)
        if self._errands.at_once or self._indenting or (self._running and now >= self._metronome.due):
            if not self._performance.ready:
                self._performance.settle(values)
            if self._performance.ready:
                self._write(values, now)

    def tend(self, others: float = math.inf) -> None:
        """Do all else that there is to do now, as far as there is time before the next character.

        ``others``: when somebody else has to write, at the same time.
        """
        wrote, self._wrote = self._wrote, False
        if wrote:
            self._performance.listen()
            self._herald.expectations()
        now = self._clock.now()
        if wrote or not self._performance.ready or min(self.due, others) - now > ROOM:
            if self._herald.echo() or not self._performance.ready:
                self._performance.settle(self._board.values())
            self._judge(now)
            self._herald.repeat(now)
            self._beacon.repeat(now, self._running)
        self._catch_up(wrote, others)
        self._herald.expectations()

    def keep(self) -> tuple[EngineState, State]:
        """All of it at this moment, and what the voices know; copies. To be asked between two turns of the hall."""
        performance, known = self._performance.keep()
        controls, held = self._board.keep()
        seconds = self._herald.lasted(self._clock.now())
        return EngineState(performance, controls, held, self._errands.keep(), seconds), known

    def carry_on(self, errands: PendingCommandsState, seconds: float) -> None:
        """The performance has lasted for so many seconds, and this is still asked for."""
        self._errands.restore(errands)
        self._herald.carry_on(seconds, self._clock.now())

    def take_in(self, voices: Voices, kept: Sequence[int], cards: Sequence[Card]) -> None:
        """Go on with ``voices``: those there were, of whom ``kept`` are as they were, and new ones behind them."""
        self._performance.keeping.introduce(card.slug for card in cards if card.kind == CODE)
        self._performance.take_in(voices, kept)
        self._herald.introduce(cards)

    @property
    def _indenting(self) -> bool:
        """Whether a line's indent is written, which the audience is to see at once and together with its first sign."""
        return self._running and self._performance.indenting

    def _keep_time(self, values: Mapping[str, Value], now: float) -> None:
        self._metronome.retune(_rate(values), now)
        running = bool(values[RUN])
        if running != self._running:
            self._running = running
            self._metronome.resume(now)
            self.figures.pace.rest()
            if not running:
                self._errands.rested()

    def _write(self, values: Mapping[str, Value], now: float) -> None:
        """The character that is due, or asked for: write it and tell it."""
        due, period, indenting = self._metronome.due, 1.0 / self._metronome.rate, self._indenting
        written = self._performance.write(values)
        drawn_at = self._clock.now()
        self._herald.character(written)
        self._beacon.character(written)
        self.figures.commits.add(drawn_at - now)
        if self._errands.at_once:
            self._metronome.strike(now)
        elif not indenting:  # an indent belongs to the tick that it began with
            late = now - due > period / 2
            self.figures.lateness.add(drawn_at - due)
            self.figures.sends.add(self._clock.now() - due)
            self.figures.late += late
            self._ticks += 1
            self._late_ticks += late
            self._metronome.tick(now)
        if not indenting:
            self.figures.pace.beat(now)
        page = self._performance.page
        if self._errands.wrote(page.tail(LOOKED_AT).text if self._errands.finishing else written.character):
            self._board.put(RUN, False)
        self._wrote = True

    def _catch_up(self, wrote: bool, others: float) -> None:
        """Let the voices that are behind read on while there is time; if the text waits for them, there is."""
        now = self._clock.now()
        self._spare.open(now + NAP, min(others, self.due if self._performance.ready else math.inf) - CLEAR)
        if not self._performance.busy:
            self._starved = 0
            self._plan()
            return
        self._performance.catch_up(self._spare.fits)
        if self._spare.used:
            self._starved = 0
        elif wrote:
            self._starved += 1
            if self._starved > STARVED:  # a machine this slow is late in any case, but nobody waits for ever
                rations = chain(repeat(True, RATION), repeat(False))
                self._performance.catch_up(lambda: next(rations))

    def _judge(self, now: float) -> None:
        """Once a second: say what stands wrong."""
        if now < self._next_judgement:
            return
        self._next_judgement = now + JUDGED_EVERY
        silenced = ", ".join(self._performance.silenced)
        line = silenced and f"silent for broken numbers: {silenced}; a reset tries again"
        self._troubles.stand(f"silenced in {self._name}", line)
        self._troubles.stand(f"aim in {self._name}", Aim.of(self._board.values()).complaint)
        slow = self._late_ticks > LATE_SHARE * self._ticks
        line = "too much for this machine: lower the rate, or play fewer voices" if slow else ""
        self._troubles.stand(f"slow in {self._name}", line)
        self._ticks = self._late_ticks = 0

    def _arrive(self, phrase: str, chars: int, now: float) -> None:
        """The text is to come to ``phrase``; to none where that is empty, or holds what is never to appear."""
        self._errands.arrive("", 0)
        if self._arrival is not None:
            self._arrival.drop()
            self._arrival = None
        plain = transliterate(phrase).strip()
        try:
            self._performance.keeping.admit(f" {plain} ")
        except ParameterError as error:
            self._troubles.complain(f"the text cannot arrive there: {error}", now)
            return
        clash = sorted(set(plain.lower()) & set(Aim.of(self._board.values()).avoid))
        if clash:
            self._troubles.complain(f"the text cannot arrive at {plain!r}: {clash[0]} is to be avoided", now)
            return
        self._errands.arrive(plain, self._performance.sequence + chars)

    def _coming(self) -> Coming:
        return Coming(self._errands.phrase) if self._arrival is None else self._arrival.coming

    def _plan(self) -> None:
        """Look for the way to the phrase, as far as there is time."""
        if self._arrival is not None and self._arrival.over:
            self._errands.arrive("", 0)
        if not self._errands.phrase:
            self._arrival = None
            return
        if self._arrival is None:
            stage = _Branching(self._performance, self._board.values)
            self._arrival = Arrival(stage, self._errands.phrase, self._errands.due)
        self._arrival.work(self._spare.fits)

    def _choose(self, letters: str) -> None:
        """These come next; while the text rests, they come at once."""
        self._performance.choose(letters)
        if letters and not self._running:
            step = Step(len(letters))
            self._performance.asked(step)
            self._errands.step(step.count)

    def _obey(self, actions: Sequence[ActionRequest]) -> None:
        """Do what was asked for, in its order."""
        for action in actions:
            before = self._performance.page.length
            now = self._clock.now()
            self._performance.asked(action.deed)
            match action.deed:
                case Step(count):
                    self._errands.step(count)
                case Word():
                    self._errands.word()
                case Finish():
                    self._errands.finish()
                case Panic():
                    self._errands.clear()
                case Prime(text):
                    try:
                        self._performance.prime(text)
                    except ParameterError as error:
                        self._troubles.complain(str(error), now)
                    self._herald.text_from(before, now)
                case Choose(letters):
                    self._choose(letters)
                case Likely(rank):
                    self._choose(self._performance.likely(rank, self._board.values()))
                case Arrive(phrase, chars):
                    self._arrive(phrase, chars, now)
                case Rewind(chars):
                    self._performance.rewind(chars)
                    self._herald.text_from(self._performance.page.length - TAIL, now)
                case ReturnTo(number):
                    before = self._performance.page.length
                    self._performance.return_to(number)
                    self._herald.text_from(min(before, self._performance.page.length) - TAIL, now)
                case Reset(seed):
                    self._errands.clear()
                    self._performance.reset(seed)
                    self._herald.text_from(0, now)
                case Since(position):
                    self._herald.asked(position, action.source)


class _Branching:
    """The performance as an arrival knows it, with the controls as they stand."""

    def __init__(self, performance: Performance, values: Callable[[], Mapping[str, Value]]) -> None:
        self._performance, self._values = performance, values

    @property
    def chosen(self) -> str:
        return self._performance.chosen

    @property
    def ready(self) -> bool:
        return self._performance.ready

    @property
    def sequence(self) -> int:
        return self._performance.sequence

    @property
    def end(self) -> str:
        return self._performance.end

    def mixing(self) -> Mixing | None:
        return self._performance.mixing(self._values())

    def rollout(self, copies: int) -> Rollout:
        return self._performance.rollout(copies)

    def choose(self, letters: str) -> None:
        self._performance.choose(letters)


class _SliceBudget:
    """Whether one more slice of reading fits, judged by how long slices took. Nothing fits before ``open``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cost = 0.0  # seconds that a slice takes, rather more than less
        self._pause_at = self._end_by = -math.inf
        self._began: float | None = None
        self.used = False  # whether any fitted since ``open``

    def open(self, pause_at: float, end_by: float) -> None:
        """From now on slices may begin before ``pause_at`` if they will have ended by ``end_by``."""
        self._pause_at, self._end_by, self._began, self.used = pause_at, end_by, None, False

    def fits(self) -> bool:
        now = self._clock.now()
        if self._began is not None and self._end_by < math.inf:  # larger slices are read where the text waits
            self._cost = max(now - self._began, 0.9 * self._cost)
        in_time = now + self._cost <= self._end_by
        if not in_time:
            self._cost *= 0.98  # or a single long pause would forbid all that follow
        fits = in_time and now < self._pause_at
        self._began = now if fits else None
        self.used = self.used or fits
        return fits


def _rate(values: Mapping[str, Value]) -> float:
    rate = values["/mix/rate"]
    return 1.0 if isinstance(rate, tuple) else float(rate)
