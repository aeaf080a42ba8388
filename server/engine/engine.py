"""The engine of one performance: writes each character when it is due, and does everything else in between.

    due -> values read -> mixed, drawn -> Char and Joint sent -> the awake voices read it -> Distributions sent
        -> changes, state, new subscribers -> the waking voices read, as far as there is time -> due

The values are read when the clock has ticked and not before, so that what arrives while the engine sleeps decides the
very next character. The engine owns the performance. It shares only the parameter store and the message sink with the
receiver's thread. The scheduler calls it, on the engine's thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from models.interface import Rollout, State, Voices
from protocol.antiphony import Turns
from protocol.errors import ParameterError
from protocol.messages import (
    CODE,
    MAIN,
    TAIL_CHARS,
    Arrive,
    Card,
    Choose,
    ChooseLikely,
    EndPart,
    FinishSentence,
    Panic,
    Prime,
    ResendText,
    Reset,
    ReturnTo,
    Rewind,
    ShowAnswer,
    StartPart,
    Step,
    WriteWord,
)
from protocol.sentences import SENTENCE_END_CHARS
from protocol.tree import ANTIPHONY, TURN, Value, number_of
from server.engine.arrival import Arrival, Coming, Mixing
from server.engine.clock import Clock, Metronome
from server.engine.hot_reload import CrossFade
from server.engine.lookahead import Lookahead
from server.engine.opening import first_line
from server.engine.parameter_store import ActionRequest, ParameterStore
from server.engine.pending_commands import PendingCommands, PendingCommandsState
from server.engine.performance import Performance, PerformanceState
from server.engine.publisher import MessageSink, Publisher
from server.engine.signal_sender import SignalSender, SignalSink
from server.engine.status_line import StatusLine
from server.engine.subscribers import Address
from server.engine.timing_stats import TimingStats
from server.filters.aim import Aim
from styles.cleaning import transliterate

RUN = "/transport/run"
IDLE_SLEEP_S = (
    0.005  # seconds that the engine sleeps at a time when nothing is due: echoes and single steps wait no longer
)
MESSAGE_MARGIN_S = 0.004  # seconds before a character is due, in which no message is put together any more
READING_MARGIN_S = 0.0015  # seconds before a character is due, in which no voice may still be reading
LOOKAHEAD_SLICE_S = 0.005  # seconds that a slice of looking ahead may take: mostly a fifth, but the first of voices
STARVED_AFTER_CHARS = 8  # characters between which no slice of reading fitted, after which waking voices come first
STARVED_SLICES = 2  # slices that they get then, between any two characters: one would only keep up with the text
HEALTH_CHECK_INTERVAL_S = 1.0  # seconds
LATE_SHARE = 0.5  # of the characters of that time, above which the machine is called too slow


@dataclass(frozen=True)
class EngineState:
    """A performance, its controls and what it was asked for, at one moment."""

    performance: PerformanceState
    controls: Mapping[str, Value]
    held: Mapping[str, Value] | None  # what a hold keeps in force
    pending: PendingCommandsState
    seconds: float  # since the performance began


class Engine:
    """Plays ``performance`` by what ``parameters`` says, and lets ``sink`` know.

    The scheduler calls ``tick`` and then ``work_until``, again and again; ``due`` says when at the latest.
    """

    def __init__(
        self,
        performance: Performance,
        parameters: ParameterStore,
        sink: MessageSink,
        clock: Clock,
        status_line: StatusLine,
        cards: Sequence[Card] = (),
        name: str = MAIN,
        names: Callable[[], Sequence[str]] = lambda: (MAIN,),
        signal_targets: Sequence[SignalSink] = (),
        openings: Sequence[str] = (),
    ) -> None:
        """``name`` is this performance's; ``names`` gives those of all performances.

        ``signal_targets`` get the performance's signals without asking. ``openings`` are first lines.
        """
        self._performance, self._parameters, self._sink = performance, parameters, sink
        self._clock, self._status_line, self._name = clock, status_line, name
        self._openings = openings
        began = clock.now()
        self._metronome = Metronome(_rate(parameters.values()), began)
        self._running = False
        self._pending, self._turns = PendingCommands(), Turns()
        self._spare, self._looking = _SliceBudget(clock), _SliceBudget(clock, LOOKAHEAD_SLICE_S)
        self._starved = 0  # characters since a slice of reading fitted
        self.timing = TimingStats()
        self._lookahead = Lookahead(performance, parameters.values)
        self._publisher = Publisher(
            performance,
            parameters,
            sink,
            status_line,
            self.timing,
            self._pending,
            cards,
            names,
            began,
            self._coming,
            self._lookahead.told,
        )
        self._signal_sender = SignalSender(performance, parameters, (sink, *signal_targets))
        self._cross_fade = CrossFade()
        self._wrote = False  # a character that the voices have not read yet
        self._arrival: Arrival | None = None  # on the way to what is asked for
        self._next_judgement = began + HEALTH_CHECK_INTERVAL_S
        self._ticks = self._late_ticks = 0  # since the last judgement

    @property
    def due(self) -> float:
        """When it has to write next: at once while steps or words wait or a line is indented, never while paused."""
        if self._pending.at_once or self._indenting:
            return -math.inf
        return self._metronome.due if self._running else math.inf

    @property
    def ready(self) -> bool:
        """Whether it could write now; else the text waits for voices that read."""
        return self._performance.ready

    @property
    def epoch(self) -> int:
        """Rises whenever text was taken away."""
        return self._performance.buffer.epoch

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return self._sink.heard

    @property
    def reading(self) -> bool:
        """Whether there was time for some of what waits, and more of it waits: the scheduler does not sleep then."""
        return (self._performance.busy and self._spare.used) or (self._lookahead.waiting and self._looking.used)

    def tick(self) -> None:
        """Take in what the performer wants; if a character is due, write it."""
        self._obey(self._parameters.take_requests())
        self._performance.set_upcoming(self._parameters.coming())
        now = self._clock.now()
        self._parameters.expire_pucks(now)
        self._cross_fade.go_on(self._parameters, now)
        values = self._parameters.values()
        self._keep_time(values, now)
        if self._pending.at_once or self._indenting or (self._running and now >= self._metronome.due):
            if not self._performance.ready:
                self._performance.settle(values)
            if self._performance.ready:
                self._write(values, now)

    def work_until(self, others: float = math.inf) -> None:
        """Do all else that there is to do now, as far as there is time before the next character.

        ``others``: when somebody else has to write, at the same time.
        """
        wrote, self._wrote = self._wrote, False
        if wrote:
            self._performance.listen()
            self._publisher.publish_distributions()
        now = self._clock.now()
        if wrote or not self._performance.ready or min(self.due, others) - now > MESSAGE_MARGIN_S:
            if self._publisher.publish_changes() or not self._performance.ready:
                self._performance.settle(self._parameters.values())
            self._judge(now)
            self._publisher.publish_state(now)
            self._signal_sender.send_state(now, self._running)
        self._catch_up(wrote, others)
        self._publisher.publish_distributions()

    def snapshot(self) -> tuple[EngineState, State]:
        """Copies of everything at this moment, and of the voices' states; for between two turns of the scheduler."""
        performance, known = self._performance.snapshot()
        controls, held = self._parameters.snapshot()
        seconds = self._publisher.elapsed(self._clock.now())
        return EngineState(performance, controls, held, self._pending.snapshot(), seconds), known

    def resume_at(self, pending: PendingCommandsState, seconds: float) -> None:
        """The performance has lasted for so many seconds, and this is still asked for."""
        self._pending.restore(pending)
        self._publisher.resume_at(seconds, self._clock.now())

    def replace_voices(
        self, voices: Voices, kept: Sequence[int], cards: Sequence[Card], learnt: Sequence[str] = ()
    ) -> None:
        """Go on with ``voices``: those there were, of whom ``kept`` are as they were, and new ones behind them.

        The styles ``learnt`` only remembered their texts before.
        """
        self._performance.filters.introduce(card.slug for card in cards if card.kind == CODE)
        self._cross_fade.begin(learnt, self._parameters, self._clock.now())
        self._performance.replace_voices(voices, kept)
        self._lookahead.forget()
        self._publisher.set_cards(cards)

    @property
    def _indenting(self) -> bool:
        """Whether a line's indent is written, which the audience is to see at once and together with its first sign."""
        return self._running and self._performance.indenting

    def _keep_time(self, values: Mapping[str, Value], now: float) -> None:
        self._metronome.set_rate(_rate(values), now)
        running = bool(values[RUN])
        if running != self._running:
            self._running = running
            self._metronome.resume(now)
            self.timing.pace.rest()
            if not running:
                self._pending.rested()

    def _write(self, values: Mapping[str, Value], now: float) -> None:
        """The character that is due, or asked for: write it and tell it."""
        due, period, indenting = self._metronome.due, 1.0 / self._metronome.rate, self._indenting
        written = self._performance.write(values)
        drawn_at = self._clock.now()
        self._publisher.publish_character(written)
        self._signal_sender.send_character(written)
        self.timing.commits.add(drawn_at - now)
        self.timing.sequence = written.sequence
        if self._pending.at_once:
            self._metronome.restart_at(now)
        elif not indenting:  # an indent belongs to the tick that it began with
            late = now - due > period / 2
            self.timing.lateness.add(drawn_at - due)
            self.timing.sends.add(self._clock.now() - due)
            self.timing.late += late
            self._ticks += 1
            self._late_ticks += late
            self._metronome.tick(now)
        if not indenting:
            self.timing.pace.beat(now)
        sentences = self._pending.finishing or number_of(values, ANTIPHONY)
        end = self._performance.buffer.tail(SENTENCE_END_CHARS).text if sentences else written.character
        if self._pending.wrote(end):
            self._parameters.put(RUN, False)
        if (turn := self._turns.wrote(end, values, self._parameters.tree.slugs)) is not None:
            self._parameters.put(TURN, turn)
        self._wrote = True

    def _catch_up(self, wrote: bool, others: float) -> None:
        """Let the voices that are behind read on while there is time; if the text waits for them, there is."""
        now = self._clock.now()
        pause_at = now + IDLE_SLEEP_S
        end_by = min(others, self.due if self._performance.ready else math.inf) - READING_MARGIN_S
        self._spare.open(pause_at, end_by)
        if not self._performance.busy:
            self._starved = 0
            self._plan()
            self._looking.open(pause_at, end_by)
            self._look_ahead()
            return
        self._performance.catch_up(self._spare.fits)
        if self._spare.used:
            self._starved = 0
        elif wrote and self._performance.starving:
            self._starved += 1
            if (
                self._starved > STARVED_AFTER_CHARS
            ):  # a machine this slow is late in any case, but nobody waits for ever
                rations = chain(repeat(True, STARVED_SLICES), repeat(False))
                self._performance.catch_up(lambda: next(rations))

    def _judge(self, now: float) -> None:
        """Once a second: say what stands wrong."""
        if now < self._next_judgement:
            return
        self._next_judgement = now + HEALTH_CHECK_INTERVAL_S
        silenced = ", ".join(self._performance.silenced)
        line = silenced and f"silent for broken numbers: {silenced}; a reset tries again"
        self._status_line.set_condition(f"silenced in {self._name}", line)
        self._status_line.set_condition(f"aim in {self._name}", Aim.of(self._parameters.values()).complaint)
        self._status_line.set_condition(f"tongues in {self._name}", self._performance.complaint_of_tongues())
        slow = self._late_ticks > LATE_SHARE * self._ticks
        line = "too much for this machine: lower the rate, or play fewer voices" if slow else ""
        self._status_line.set_condition(f"slow in {self._name}", line)
        self._ticks = self._late_ticks = 0

    def _arrive(self, phrase: str, chars: int, now: float) -> None:
        """The text is to come to ``phrase``; to none where that is empty, or holds what is never to appear."""
        self._pending.arrive("", 0)
        if self._arrival is not None:
            self._arrival.drop()
            self._arrival = None
        plain = transliterate(phrase).strip()
        try:
            self._performance.filters.admit(f" {plain} ")
        except ParameterError as error:
            self._status_line.complain(f"the text cannot arrive there: {error}", now)
            return
        clash = sorted(set(plain.lower()) & set(Aim.of(self._parameters.values()).avoid))
        if clash:
            self._status_line.complain(f"the text cannot arrive at {plain!r}: {clash[0]} is to be avoided", now)
            return
        self._pending.arrive(plain, self._performance.sequence + chars)

    def _mark_part(self, begins: bool, source: Address) -> None:
        """Say that the take notes it: a part begins here, or ends."""
        take, command = self._performance.take, f"/take/{'start' if begins else 'stop'}"
        words = f"a part {'begins' if begins else 'ends'} behind character {self._performance.sequence} of {take}"
        answer = ShowAnswer(command, bool(take), words if take else "no take is recorded: play without --no-take")
        self._sink.send([answer], self._sink.answer_to(source))

    def _coming(self) -> Coming:
        return Coming(self._pending.phrase) if self._arrival is None else self._arrival.coming

    def _plan(self) -> None:
        """Look for the way to the phrase, as far as there is time."""
        if self._arrival is not None and self._arrival.over:
            self._pending.arrive("", 0)
        if not self._pending.phrase:
            self._arrival = None
            return
        if self._arrival is None:
            stage = _Branching(self._performance, self._parameters.values)
            self._arrival = Arrival(stage, self._pending.phrase, self._pending.due)
        self._arrival.work(self._spare.fits)

    def _look_ahead(self) -> None:
        """Roll out what would most likely come, and tell it, as far as there is time."""
        self._lookahead.work(self._looking.fits)
        if self._looking.fits() and (news := self._lookahead.news()):
            self._sink.broadcast(news)

    def open(self) -> None:
        """Put the first line on the empty page."""
        line = first_line(self._parameters.values(), self._performance.seed, self._openings)
        self._prime(line, self._clock.now())

    def _prime(self, text: str, now: float) -> None:
        try:
            self._performance.prime(text)
        except ParameterError as error:
            self._status_line.complain(str(error), now)

    def _choose(self, letters: str) -> None:
        """These come next; while the text rests, they come at once."""
        self._performance.choose(letters)
        if letters and not self._running:
            step = Step(len(letters))
            self._performance.note_action(step)
            self._pending.step(step.count)

    def _obey(self, actions: Sequence[ActionRequest]) -> None:
        """Do what was asked for, in its order."""
        for request in actions:
            before = self._performance.buffer.length
            now = self._clock.now()
            self._performance.note_action(request.action)
            match request.action:
                case Step(count):
                    self._pending.step(count)
                case WriteWord():
                    self._pending.word()
                case FinishSentence():
                    self._pending.finish()
                case Panic():
                    self._pending.clear()
                case Prime(text):
                    self._prime(text, now)
                    self._publisher.resend_from(before, now)
                case Choose(letters):
                    self._choose(letters)
                case ChooseLikely(rank):
                    self._choose(self._performance.likely(rank, self._parameters.values()))
                case Arrive(phrase, chars):
                    self._arrive(phrase, chars, now)
                case Rewind(chars):
                    self._performance.rewind(chars)
                    self._publisher.resend_from(self._performance.buffer.length - TAIL_CHARS, now)
                case ReturnTo(number):
                    before = self._performance.buffer.length
                    self._performance.return_to(number)
                    self._publisher.resend_from(min(before, self._performance.buffer.length) - TAIL_CHARS, now)
                case Reset(seed):
                    self._pending.clear()
                    self._performance.reset(seed)
                    self.open()
                    self._publisher.resend_from(0, now)
                case StartPart() | EndPart():
                    self._mark_part(isinstance(request.action, StartPart), request.source)
                case ResendText(position):
                    self._publisher.answer(position, request.source)


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

    def __init__(self, clock: Clock, least_s: float = 0.0) -> None:
        """``least_s``: seconds for which there must be room, however short slices are."""
        self._clock, self._least_s = clock, least_s
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
        in_time = now + max(self._cost, self._least_s) <= self._end_by
        if not in_time:
            self._cost *= 0.98  # or a single long pause would forbid all that follow
        fits = in_time and now < self._pause_at
        self._began = now if fits else None
        self.used = self.used or fits
        return fits


def _rate(values: Mapping[str, Value]) -> float:
    rate = values["/mix/rate"]
    return 1.0 if isinstance(rate, tuple) else float(rate)
