"""The server, put together: performances, endpoint and engines, from the first character to a clean end.

Two threads: the caller's runs the engine, the endpoint's receives. The rooms are wired here and nowhere else.
"""

from __future__ import annotations

import json
import signal
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event
from types import FrameType

from models.interface import Voices
from protocol.errors import ParameterError, VoiceError
from protocol.messages import DEFAULT_PORT, MAIN, Card
from protocol.tree import ParameterTree, Value, on_address, weight_address
from server.board import Board
from server.clock import MonotonicClock
from server.doors import Doors
from server.endpoint import Endpoint
from server.engine import Engine
from server.hall import Hall
from server.keeper import Keeper, Stamps, snapshots
from server.lamps import Lamp, Place
from server.manners.shelf import Loaded
from server.newcomers import Newcomers
from server.performance import Performance
from server.precedence import ENGINE, RECEIVER, take_precedence
from server.register import Register
from server.resuming import go_on
from server.takes.recorder import Recorder
from server.troubles import Troubles
from styles.files import write_bytes

OPENING = {  # a mix that shows at once what the instrument is: slug, weight
    "austen": 0.80, "bible": 0.72, "lovesongs": 0.66, "linux": 0.58,
    "nietzsche": 0.33, "frankenstein": 0.26, "apollo11": 0.14,
}  # fmt: skip
OPENING_VOICES = 3  # so many speak, equally, if none of those is there


def opening_mix(slugs: Sequence[str]) -> dict[str, Value]:
    """Values with which something plays at once: the voices of ``OPENING`` that there are, else the first few."""
    chosen = {slug: weight for slug, weight in OPENING.items() if slug in slugs}
    chosen = chosen or dict.fromkeys(slugs[:OPENING_VOICES], max(OPENING.values()))
    values: dict[str, Value] = {}
    for slug, weight in chosen.items():
        values |= {weight_address(slug): weight, on_address(slug): True}
    return values


def serve(
    voices: Voices,
    cards: Sequence[Card],
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    seed: int = 0,
    ready: Callable[[str, int], None] | None = None,
    opening: Mapping[str, Value] | None = None,
    stop: Event | None = None,
    figures: Path | None = None,
    precedence: bool = False,
    performances: Sequence[str] = (),
    newcomers: Callable[[Callable[[str], None]], Newcomers] | None = None,
    doors: Doors | None = None,
    signals: Sequence[Place] = (),
    manners: Loaded | None = None,
    takes: Path | None = None,
    device: str = "cpu",
    beat: Callable[[], object] = lambda: None,
    word: str = "",
    keep: Path | None = None,
    stamps: Callable[[], Stamps] = dict,
    safe: bool = False,
) -> int:
    """Play until ``stop`` is set or the process is told to end (SIGINT, SIGTERM); return the exit code.

    ``cards`` introduce the voices, one each in their order; ``ready`` is told the host and the port listened on
    (``port`` 0: any that is free); ``opening`` are the first values, by default a mix that plays at once. At the end
    the engine's own measurements are written to ``figures`` (``server.figures.Figures.as_json``). With ``precedence``
    the system is asked to run this before all else (``server.precedence``). ``performances`` are names of some that
    are there besides ``main`` before anybody subscribes to them. ``newcomers`` makes, given a complaint's way out, what
    looks out for voices that come meanwhile. ``doors`` say who is let in; without them, this machine alone. ``signals``
    are places that get those of ``main`` unasked; ``manners`` are the lists that texts are guarded by. Every
    performance is recorded into the folder ``takes``, if one is named (``server.takes``); ``device`` is what the voices
    are computed by. ``beat`` is called as long as all goes well, several times a second; ``word`` is shown as trouble
    for a moment at first. Every performance is kept in the folder ``keep``, if one is named, and those that are kept
    there already are gone on with, where their voices are the same by ``stamps`` (``models.shelf.stamps``). ``safe``
    says that there are fewer voices than there could be. Raises ``LinkError`` if the port or a place cannot be had or
    would let in others whom nobody allowed, ``VoiceError`` if there are no voices, ``ParameterError`` for a seed, a
    value or a name of no use.
    """
    if not voices.slugs:
        raise VoiceError("there is no voice that could speak; `antiphon train` makes one")
    if not -(2**31) <= seed < 2**31:
        raise ParameterError(f"a seed is a whole number from {-(2**31)} to {2**31 - 1}, not {seed}")
    clock, troubles, ending = MonotonicClock(), Troubles(), stop or Event()
    troubles.stand("manners", manners.complaint if manners else "")

    def complain(line: str) -> None:
        troubles.complain(line, clock.now())

    opening = opening_mix(voices.slugs) if opening is None else opening
    kept = snapshots(keep, complain) if keep else {}
    register = Register(ParameterTree(voices.slugs), opening, list(dict.fromkeys((*performances, *kept))))

    def prepare(level: int) -> bool:
        return precedence and take_precedence(level)

    looking = newcomers(complain) if newcomers else None

    def arrive(engines: Mapping[str, Engine]) -> bool:
        nonlocal voices, cards
        arrival = looking.take() if looking else None
        if arrival is None:
            return False
        voices, cards = arrival.voices, arrival.cards
        register.grow(ParameterTree(voices.slugs))
        for name, engine in engines.items():
            engine.take_in(voices if name == MAIN else voices.another(), arrival.kept, cards)
        return True

    lists = manners.files if manners else {}
    recorder = Recorder(takes, clock, troubles.stand, lambda: cards, device, lists) if takes else None

    def begin(name: str, board: Board) -> Engine:
        speaking, own_seed = voices if name == MAIN else voices.another(), seed_of(seed, name)
        guarded = manners.manners if manners else None

        def fresh() -> Performance:
            if recorder:
                return recorder.begin(name, speaking, own_seed, guarded)
            return Performance(speaking, own_seed, manners=guarded)

        gone_on = None
        if snapshot := kept.pop(name, None):
            gone_on = go_on(snapshot, stamps(), speaking, board, recorder, fresh, time.monotonic(), complain, guarded)
            endpoint.expect(name, snapshot.listeners)
        performance = gone_on.performance if gone_on else fresh()
        outlet, places = endpoint.outlet(name), lamps if name == MAIN else ()
        engine = Engine(performance, board, outlet, clock, troubles, cards, name, register.names, places)
        if gone_on:
            engine.carry_on(gone_on.errands, gone_on.seconds)
        return engine

    def aside(engines: Mapping[str, Engine], left: float) -> None:
        beat()
        if keeper:
            keeper.look(engines, voices.slugs, left)

    listening = Endpoint(register, troubles, clock, host, port, lambda: prepare(RECEIVER), doors)
    with closing(listening) as endpoint, ended_by_signals(ending), ExitStack() as after:
        lamps = [after.enter_context(closing(Lamp(place))) for place in signals]
        keeper = Keeper(keep, stamps, troubles.stand, recorder, endpoint.listeners) if keep else None
        hall = Hall(clock, register, begin, arrive, aside)
        if word:
            complain(word)
        if safe:
            line = f"safe mode, with {len(voices.slugs)} voices: too much fell over; end and start for all"
            troubles.stand("safe", line)
        if ready is not None:
            ready(*endpoint.address)
        first = prepare(ENGINE)
        try:
            hall.run(ending.is_set)
        finally:
            if looking:
                looking.close()
            if keeper:
                keeper.close()
            if recorder:
                recorder.close()
        if figures is not None:
            write_bytes(figures, json.dumps({"precedence": first, **hall.main.figures.as_json()}).encode())
    return 0


def seed_of(seed: int, performance: str) -> int:
    """The seed of one of several performances: its own, and the same whenever they begin with the same ``seed``."""
    return seed if performance == MAIN else (seed + zlib.crc32(performance.encode())) & 0x7FFF_FFFF


@contextmanager
def ended_by_signals(ending: Event) -> Iterator[None]:
    """The first signal to end sets ``ending``; a second one ends at once. Only the main thread can hear them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in signals]

    def restore() -> None:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)

    def end(number: int, frame: FrameType | None) -> None:
        ending.set()
        restore()

    for number in signals:
        signal.signal(number, end)
    try:
        yield
    finally:
        restore()
