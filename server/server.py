"""The server: performances, UDP endpoint and engines wired together, from the first character to a clean end.

Two threads: the caller's runs the scheduler and its engines, the endpoint's receives. The parts are wired here only.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from models.interface import Voices, narrator_of
from protocol.alphabet import SENSE
from protocol.atomic_file import write_atomically
from protocol.command_line import ended_by_signals
from protocol.errors import ParameterError, VoiceError
from protocol.logs import LOG
from protocol.messages import CODE, DEFAULT_PORT, MAIN, Card
from protocol.process import ENGINE_PRIORITY, RECEIVER_PRIORITY, raise_priority
from protocol.tree import ParameterTree, Value, mix_tongue_address, on_address, weight_address
from server.checkpoint.restore import restore_performance
from server.checkpoint.writer import SnapshotWriter, Stamps, newest, snapshots
from server.engine.clock import MonotonicClock
from server.engine.engine import Engine
from server.engine.hot_reload import HotReload, learnt_since
from server.engine.opening import OPENINGS
from server.engine.parameter_store import ParameterStore, PerformanceRegistry
from server.engine.performance import Performance
from server.engine.scheduler import Scheduler
from server.engine.signal_sender import SignalDestination, SignalTarget
from server.engine.status_line import StatusLine
from server.filters.filters import FilterSet
from server.filters.load import LoadedFilters
from server.net.access_control import AccessControl
from server.net.udp_endpoint import UdpEndpoint
from server.recording.recorder import Recorder

Complain = Callable[[str], None]  # a way out for one line that the performer should read

OPENING = {  # a mix that shows at once what the instrument is: slug, weight
    "austen": 0.80,
    "bible": 0.72,
    "lovesongs": 0.66,
    "linux": 0.58,
    "nietzsche": 0.33,
    "frankenstein": 0.26,
    "apollo11": 0.14,
}
OPENING_SENSE = 0.5  # of the narrator, where there is one: with it held-out prose was foreseen best
OPENING_VOICES = 3  # so many begin, with equal weights, if none of those is there


def opening_mix(slugs: Sequence[str], narrator: str = "") -> dict[str, Value]:
    """Values with which something plays at once: the voices of ``OPENING`` that there are, else the first few.

    Where there is a ``narrator``, it has a say.
    """
    chosen = {slug: weight for slug, weight in OPENING.items() if slug in slugs}
    chosen = chosen or dict.fromkeys(slugs[:OPENING_VOICES], max(OPENING.values()))
    values: dict[str, Value] = {mix_tongue_address(SENSE): OPENING_SENSE} if narrator else {}
    for slug, weight in chosen.items():
        values |= {weight_address(slug): weight, on_address(slug): True}
    return values


@dataclass(frozen=True)
class ServerConfig:
    """How a server is to play; all of it has a default that plays."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT  # 0: any that is free
    seed: int = 0  # of main; the others have their own by it
    openings: Sequence[str] = OPENINGS  # first lines, of which a text begins with one where none is named
    opening: Mapping[str, Value] | None = None  # the first values; by default a mix that plays at once
    performances: Sequence[str] = ()  # that are there besides main before anybody subscribes to them
    access: AccessControl | None = None  # who is let in; without them, this machine alone
    signals: Sequence[SignalDestination] = ()  # places that get the signals of main unasked
    filters: LoadedFilters | None = None  # the lists that texts are guarded by
    precedence: bool = False  # the system is asked to run this before all else (``protocol.process``)
    takes: Path | None = None  # the folder that every performance is recorded into
    device: str = "cpu"  # what the voices are computed by, for the takes to say
    keep: Path | None = None  # the folder in which every performance is kept, and continued if it is there already
    figures: Path | None = None  # where the engine's own measurements are written at the end
    word: str = ""  # shown as trouble for a moment at first
    safe: bool = False  # there are fewer voices than there could be


def serve(
    voices: Voices,
    cards: Sequence[Card],
    config: ServerConfig,
    ready: Callable[[str, int], None] = lambda host, port: None,
    stop: Event | None = None,
    hot_reload: Callable[[Complain], HotReload] | None = None,
    stamps: Callable[[], Stamps] = dict,
    beat: Callable[[], object] = lambda: None,
    status_line: StatusLine | None = None,
) -> int:
    """Play until ``stop`` is set or a signal ends the process (SIGINT, SIGTERM); return the exit code.

    ``cards`` introduce the voices, one each in their order; ``ready`` gets the host and the port listened on.
    ``hot_reload`` makes, given a complaint's way out, what looks out for voices that come meanwhile. A performance that
    was kept is continued where its voices are the same by ``stamps`` (``models.voice_folders.stamps``). ``beat`` is
    called as long as all goes well, several times a second;
    ``status_line`` shows what is wrong. Raises ``LinkError`` if the port or a place cannot be had
    or would let in others whom nobody allowed, ``VoiceError`` if there are no voices, ``ParameterError`` for a seed, a
    value or a name of no use.
    """
    if not voices.slugs:
        raise VoiceError("there is no voice that could speak; `antiphon train` makes one")
    if not -(2**31) <= config.seed < 2**31:
        raise ParameterError(f"a seed is a whole number from {-(2**31)} to {2**31 - 1}, not {config.seed}")
    ending = stop or Event()
    server = Server(voices, cards, config, hot_reload, stamps, beat, status_line or StatusLine())
    with closing(server), ended_by_signals(ending):
        LOG.info("serving %d voices on %s:%d", len(voices.slugs), *server.address)
        ready(*server.address)
        server.play(ending.is_set)
    return 0


class Server:
    """Everything that a server is made of, wired: listening from the beginning, playing in ``play``."""

    def __init__(
        self,
        voices: Voices,
        cards: Sequence[Card],
        config: ServerConfig,
        hot_reload: Callable[[Complain], HotReload] | None,
        stamps: Callable[[], Stamps],
        beat: Callable[[], object],
        status_line: StatusLine,
    ) -> None:
        self._voices, self._cards, self._config, self._stamps, self._beat = voices, cards, config, stamps, beat
        self._clock, self._status_line = MonotonicClock(), status_line
        filters = config.filters
        self._status_line.set_condition("manners", filters.complaint if filters else "")
        self._guards = filters.filter_set if filters else FilterSet()
        self._guards.code.update(card.slug for card in cards if card.kind == CODE)
        opening = opening_mix(voices.slugs, narrator_of(voices)) if config.opening is None else config.opening
        self._kept = snapshots(config.keep, self._complain) if config.keep else {}
        names = list(dict.fromkeys((*config.performances, *self._kept)))
        self._registry = PerformanceRegistry(ParameterTree(voices.slugs), opening, names)
        with ExitStack() as after:
            self._endpoint = after.enter_context(closing(self._listen()))
            self._signal_targets = [after.enter_context(closing(SignalTarget(place))) for place in config.signals]
            self._hot_reload = after.enter_context(closing(hot_reload(self._complain))) if hot_reload else None
            self._recorder = after.enter_context(closing(self._record(config.takes))) if config.takes else None
            self._snapshot_writer = after.enter_context(closing(self._keep(config.keep))) if config.keep else None
            self._after = after.pop_all()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self._endpoint.address

    def play(self, ended: Callable[[], bool]) -> None:
        """Write until ``ended()``, then write down how it was."""
        if self._config.word:
            self._complain(self._config.word)
        if self._config.safe:
            line = f"safe mode, with {len(self._voices.slugs)} voices: too much fell over; end and start for all"
            self._status_line.set_condition("safe", line)
        scheduler = Scheduler(self._clock, self._registry, self._begin, self._reload_voices, self._each_turn)
        first = self._prepare(ENGINE_PRIORITY)
        scheduler.run(ended)
        if self._config.figures is not None:
            figures = {"precedence": first, **scheduler.main.timing.as_json()}
            write_atomically(self._config.figures, json.dumps(figures))

    def close(self) -> None:
        """Let everything go, the last first; a second time does nothing."""
        self._after.close()

    # ---- what it is made of ----------------------------------------------------------------------------------------

    def _listen(self) -> UdpEndpoint:
        config = self._config
        return UdpEndpoint(
            self._registry,
            self._status_line,
            self._clock,
            config.host,
            config.port,
            lambda: self._prepare(RECEIVER_PRIORITY),
            config.access,
        )

    def _record(self, folder: Path) -> Recorder:
        lists = self._config.filters.files if self._config.filters else {}
        return Recorder(
            folder, self._clock, self._status_line.set_condition, lambda: self._cards, self._config.device, lists
        )

    def _keep(self, folder: Path) -> SnapshotWriter:
        return SnapshotWriter(
            folder, self._stamps, self._status_line.set_condition, self._recorder, self._endpoint.listeners
        )

    def _prepare(self, level: int) -> bool:
        """Take precedence, on the thread that is to have it; whether it was given."""
        return self._config.precedence and raise_priority(level)

    def _complain(self, line: str) -> None:
        self._status_line.complain(line, self._clock.now())

    # ---- what the scheduler calls, on the engine's thread ------------------------------------------------------------

    def _begin(self, name: str, parameters: ParameterStore) -> Engine:
        """An engine for a performance: a new one, or the one that was kept."""
        speaking = self._voices if name == MAIN else self._voices.for_new_text()
        seed = seed_of(self._config.seed, name)

        def fresh() -> Performance:
            if self._recorder:
                return self._recorder.begin(name, speaking, seed, self._guards)
            return Performance(speaking, seed, filters=self._guards)

        restored = None
        if snapshot := self._kept.pop(name, None):
            restored = restore_performance(
                snapshot,
                self._stamps(),
                speaking,
                parameters,
                self._recorder,
                fresh,
                time.monotonic(),
                self._complain,
                self._guards,
            )
            self._endpoint.expect(name, snapshot.listeners)
        performance = restored.performance if restored else fresh()
        sink, places = self._endpoint.sink(name), self._signal_targets if name == MAIN else ()
        engine = Engine(
            performance,
            parameters,
            sink,
            self._clock,
            self._status_line,
            self._cards,
            name,
            self._registry.names,
            places,
            self._config.openings,
        )
        if restored:
            engine.resume_at(restored.pending, restored.seconds)
        else:
            engine.open()
        return engine

    def _reload_voices(self, engines: Mapping[str, Engine]) -> bool:
        """Take in the voices that came meanwhile, if there are any."""
        arrival = self._hot_reload.take_ready() if self._hot_reload else None
        if arrival is None:
            return False
        learnt = learnt_since(self._voices, arrival.voices)
        self._voices, self._cards = arrival.voices, arrival.cards
        self._registry.extend(ParameterTree(self._voices.slugs))
        for name, engine in engines.items():
            engine.replace_voices(
                self._voices if name == MAIN else self._voices.for_new_text(), arrival.kept, self._cards, learnt
            )
        return True

    def _each_turn(self, engines: Mapping[str, Engine], left: float) -> None:
        self._beat()
        if self._snapshot_writer:
            self._snapshot_writer.write_due(engines, self._voices.slugs, left)


def seed_of(seed: int, performance: str) -> int:
    """The seed of one of several performances: its own, and the same whenever they begin with the same ``seed``."""
    return seed if performance == MAIN else (seed + zlib.crc32(performance.encode())) & 0x7FFF_FFFF


# ---- which voices play, and in which order ---------------------------------------------------------------------------

SAFE_MODE_VOICES = 4  # voices of the safe mode


def wanted(folder: Path | None, safe: bool) -> tuple[Sequence[str], int | None]:
    """The voices that come first for the main performance kept in ``folder``, and how many at most (None: all).

    In the ``safe`` mode they are the few that it needs most.
    """
    snapshot = newest(folder, MAIN, lambda line: None) if folder is not None else None
    if safe:
        values = snapshot.engine.controls if snapshot is not None else {}
        return fewest(values, OPENING), SAFE_MODE_VOICES
    return (snapshot.slugs if snapshot is not None else ()), None


def fewest(values: Mapping[str, Value], opening: Mapping[str, float]) -> list[str]:
    """The voices that are heaviest in the mix of ``values``, then those that a performance would open with."""

    def weight(slug: str) -> float:
        value = values.get(weight_address(slug), 0.0)
        return 0.0 if isinstance(value, tuple) else abs(float(value))

    playing = [address.split("/")[2] for address in values if address.endswith("/on") and values[address]]
    return [*sorted(playing, key=lambda slug: -weight(slug)), *opening]


def in_order(order: Sequence[str], slugs: Sequence[str]) -> tuple[str, ...]:
    """``slugs`` with those of ``order`` first."""
    return (*(slug for slug in order if slug in slugs), *sorted(slug for slug in slugs if slug not in order))
