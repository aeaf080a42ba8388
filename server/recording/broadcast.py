"""Broadcasts a take: the messages that subscribers got when it was played, made again at the same times.

The letters are those of the take, even where another machine, or voices that were trained since, would write others.
``Broadcast`` knows no socket and no clock: its caller says what time it is, and owns the thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain, pairwise

from models.interface import Voices
from protocol.errors import TakeError
from protocol.messages import DEFAULT_PORT, MAIN, TAIL_CHARS, Card, CrowdPucks, Message, MorePucks, ResendText
from protocol.puck import CROWD, MORE
from protocol.tree import ParameterTree, Value
from server.engine.clock import MonotonicClock
from server.engine.parameter_store import RUN, ActionRequest, ParameterStore, PerformanceRegistry
from server.engine.pending_commands import PendingCommands
from server.engine.performance import Performance
from server.engine.publisher import STATUS_INTERVAL_S, MessageSink, Publisher, RecordingSink
from server.engine.status_line import StatusLine
from server.engine.subscribers import Address
from server.engine.timing_stats import TimingStats
from server.filters.filters import FilterSet
from server.net.udp_endpoint import UdpEndpoint
from server.recording.events import (
    BranchRestored,
    Event,
    Identity,
    ListenDeferred,
    TextPrimed,
    TextReset,
    TextRewound,
    VoicesReplaced,
)
from server.recording.reader import Take
from server.recording.replay import EventPlayer
from server.voice_cards import introduce_all

LoadVoices = Callable[[Sequence[Identity]], Voices]  # the voices of these identities, in their order


class ReplayParameterStore(ParameterStore):
    """Where the controls stood. No hand moves them any more; all that one can do is let the take rest and go on."""

    def __init__(self, tree: ParameterTree, opening: Mapping[str, Value] | None = None) -> None:
        super().__init__(tree)
        self.resting = False

    def put(self, address: str, value: Value, source: Address | None = None) -> None:
        if address == RUN:
            self.resting = not value

    def add_pucks(self, said: MorePucks | CrowdPucks, source: Address, now: float) -> None:
        """Pucks are the take's alone."""

    def submit(self, request: ActionRequest) -> bool:
        """Old text can be asked for, and nothing else."""
        return super().submit(request) if isinstance(request.action, ResendText) else True

    def show(self, values: Mapping[str, Value]) -> None:
        """Let the controls stand so, and these pucks be there."""
        known = {address: value for address, value in values.items() if address in self.tree}
        if self.resting:
            known[RUN] = False
        with self._lock:
            self._replace(known)
            before, self._pucks = self._pucks, {kind: values[kind] for kind in (MORE, CROWD) if kind in values}
            self._pucks_changed |= {kind for kind in (MORE, CROWD) if before.get(kind) != self._pucks.get(kind)}


class Broadcast:
    """``take`` before the voices that ``gather`` finds, sent to ``sink``. Call each of ``steps`` when it is time."""

    def __init__(
        self,
        take: Take,
        gather: LoadVoices,
        filters: FilterSet,
        begin: Callable[[ParameterTree], tuple[ReplayParameterStore, MessageSink]],
        extend: Callable[[ParameterTree], object],
        status_line: StatusLine,
        began: float = 0.0,
    ) -> None:
        """``begin`` gives parameters and sink, once; ``extend`` is called with the parameters of voices that joined.

        ``began`` is the time that the publisher counts from.
        """
        self._take, self._gather, self._grow = take, gather, extend
        choir = gather(take.header.voices)
        self.parameters, sink = begin(ParameterTree(choir.slugs))
        self._timing = TimingStats()
        stage = Performance(choir, take.header.seed, filters=filters)
        self._player = EventPlayer(stage, self._joining, to_the_letter=True)
        self._joined = choir
        self.publisher = Publisher(
            stage,
            self.parameters,
            sink,
            status_line,
            self._timing,
            PendingCommands(),
            cards_of(choir, take.header.voices),
            lambda: (MAIN,),
            began,
        )

    def steps(self) -> Iterator[tuple[float, Callable[[float], None]]]:
        """Each event's time in the take, in seconds, and what carries it out and sends it, given the time.

        Raises ``TakeError`` where the take cannot be read; doing raises it where it cannot be played on.
        """
        t = 0.0
        for event, following in pairwise(chain(self._take.events(), [None])):
            assert event is not None
            t = max(t, getattr(event, "t", 0.0))

            def do(now: float, event: Event = event, following: Event | None = following) -> None:
                self._do(event, following, now)

            yield t, do

    def poll(self, now: float) -> None:
        """Between events: show what a hand let rest, answer who asked, and say the state when it is time."""
        self._stand()
        for request in self.parameters.take_requests():
            if isinstance(request.action, ResendText):
                self.publisher.answer(request.action.position, request.source)
        self.publisher.publish_changes()
        self.publisher.publish_state(now)

    def _do(self, event: Event, following: Event | None, now: float) -> None:
        buffer, publisher = self._player.performance.buffer, self.publisher
        before = buffer.length
        if written := self._player.play(event):
            self._timing.pace.beat(now)
            publisher.publish_character(written)
        match event:
            case VoicesReplaced(voices=voices):
                self._grow(ParameterTree(self._joined.slugs))
                publisher.set_cards(cards_of(self._joined, voices))
            case TextPrimed():
                publisher.resend_from(before, now)
            case TextRewound() | BranchRestored():
                publisher.resend_from(min(before, buffer.length) - TAIL_CHARS, now)
            case TextReset():
                publisher.resend_from(0, now)
        self._stand()
        if not isinstance(following, ListenDeferred):
            self._player.listen_if_due()
        publisher.publish_changes()
        publisher.publish_distributions()

    def _stand(self) -> None:
        """The controls stand where they stood, those that a hold keeps from being in force as well."""
        player = self._player
        self.parameters.show(player.values if player.coming is None else player.coming)

    def _joining(self, voices: Sequence[Identity]) -> Voices:
        self._joined = self._gather(voices)
        return self._joined


def broadcast_messages(
    take: Take, gather: LoadVoices, filters: FilterSet, complain: Callable[[str], None]
) -> Iterator[tuple[float, Sequence[Message]]]:
    """What subscribers were sent in ``take``, each time with its seconds since the take began, in order.

    ``complain`` gets the reason where it ends early.
    """
    notes = RecordingSink()

    def begin(tree: ParameterTree) -> tuple[ReplayParameterStore, MessageSink]:
        return ReplayParameterStore(tree), notes

    showing = Broadcast(take, gather, filters, begin, lambda tree: showing.parameters.extend(tree), StatusLine())
    beat = 0.0
    try:
        for t, do in showing.steps():
            while beat <= t:
                showing.poll(beat)
                yield beat, _drained(notes)
                beat += STATUS_INTERVAL_S
            do(t)
            if notes.broadcasts:
                yield t, _drained(notes)
    except TakeError as error:
        complain(str(error))


def cards_of(choir: Voices, voices: Sequence[Identity]) -> list[Card]:
    """The cards of ``choir``, which looked then as ``voices`` say."""
    looks = zip(introduce_all(choir), voices, strict=True)
    return [
        replace(
            card,
            name=as_.name,
            monogram=as_.monogram,
            colour=as_.colour,
            sprite=card.sprite if as_.sprite is None else as_.sprite,
        )
        for card, as_ in looks
    ]


def _drained(notes: RecordingSink) -> list[Message]:
    messages, notes.broadcasts = notes.broadcasts, []
    return messages


# ---- in real time ----------------------------------------------------------------------------------------------------
# Front ends see the take as if it happened now. A hand there can only pause it and let it go on. The caller's thread
# plays, the endpoint's receives.

POLL_INTERVAL_S = 0.01  # seconds between two looks at who asks for what
MOST_LATENESS_S = 0.25  # seconds that are made up for where this machine is too slow; the rest comes later
LINGER_S = 2.0  # seconds after the end, in which whoever lost something can have it sent again


def watch(
    take: Take,
    gather: LoadVoices,
    filters: FilterSet,
    ready: Callable[[str, int], Callable[[], bool]],
    stop: threading.Event,
    speed: float = 1.0,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    stays: bool = True,
) -> None:
    """Play ``take`` at ``host``:``port``, from when somebody listens, until its end.

    ``ready`` gets the place, and gives what says whether it is to end; so does ``stop``. ``stays``: at its end the text
    stands until then. Raises ``LinkError`` where the port cannot be had, ``TakeError`` where the take cannot be played.
    """
    clock, status_line = MonotonicClock(), StatusLine()
    opened: list[tuple[PerformanceRegistry, UdpEndpoint]] = []

    def begin(tree: ParameterTree) -> tuple[ReplayParameterStore, MessageSink]:
        registry = PerformanceRegistry(tree, parameters=_parameters)
        endpoint = UdpEndpoint(registry, status_line, clock, host, port)
        opened.append((registry, endpoint))
        parameters = registry.parameters(MAIN)
        assert isinstance(parameters, ReplayParameterStore)
        return parameters, endpoint.sink(MAIN)

    showing = Broadcast(take, gather, filters, begin, lambda tree: opened[0][0].extend(tree), status_line, clock.now())
    endpoint = opened[0][1]
    with closing(endpoint):
        ended = ready(*endpoint.address)

        def over() -> bool:
            showing.poll(clock.now())
            return stop.is_set() or ended()

        def wait(until: Callable[[], bool]) -> bool:
            """False where it is over before."""
            while not until():
                if over():
                    return False
                clock.nap_until(clock.now() + POLL_INTERVAL_S)
            return True

        listened = endpoint.sink(MAIN)
        if not wait(lambda: listened.heard):
            return
        began = looked = attended = clock.now()
        for t, do in showing.steps():
            while True:
                now = clock.now()
                if now >= attended + POLL_INTERVAL_S:
                    attended = now
                    if over():
                        return
                resting = showing.parameters.resting
                began += now - looked if resting else 0.0
                looked, due = now, began + t / speed
                if now >= due and not resting:
                    break
                clock.sleep_until(now + POLL_INTERVAL_S if resting else min(due, now + POLL_INTERVAL_S))
            began += max(0.0, now - due - MOST_LATENESS_S)
            do(now)
        end = clock.now() + LINGER_S
        wait(lambda: not stays and clock.now() >= end)


def _parameters(tree: ParameterTree, opening: object = None) -> ParameterStore:
    return ReplayParameterStore(tree)
