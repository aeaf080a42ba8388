"""Writes a snapshot of every performance each second, so that another process can continue it.

The engine's thread copies the state, which takes a fraction of a millisecond and is done only where there is time
before the next character. A thread of the writer's own turns it into bytes, in small pieces, and writes the file. A
snapshot is put in place when the take holds everything that led to it. Once a minute one is synced to the disk itself,
and so outlives a power cut.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Condition, Thread

from protocol.atomic_file import write_atomically
from protocol.errors import SnapshotError
from protocol.formats import NAME
from server.checkpoint.snapshot import Snapshot, TakePosition, read, to_bytes
from server.engine.engine import Engine
from server.engine.parameter_store import MOST_PERFORMANCES
from server.engine.subscribers import Address
from server.recording.recorder import Recorder

SNAPSHOT_INTERVAL_S = 1.0  # seconds between two snapshots of a performance
SNAPSHOT_MARGIN_S = 0.006  # seconds that there have to be before the next character
SNAPSHOT_TIMEOUT_S = 0.25  # seconds after which a snapshot that is due is made in any case
SYNC_INTERVAL_S = 60.0  # seconds between two that are seen onto the disk
WRITER_PAUSE_S = 0.0002  # seconds between two pieces of work on the writer's thread
TAKE_TIMEOUT_S = 0.5  # seconds that a snapshot waits for its take
NOW, MINUTE = ".now.snapshot", ".minute.snapshot"  # how the two files of a performance end

Stamps = Mapping[str, tuple[str, int, int]]  # see ``models.voice_folders.stamps``


class SnapshotWriter:
    """Keeps the performances in ``folder`` until ``close``; ``stamps`` identifies the voices' files.

    ``stand`` gets what is wrong with the disk, and an empty line when it is mended; ``listeners`` are the subscribers
    of a performance.
    """

    def __init__(
        self,
        folder: Path,
        stamps: Callable[[], Stamps],
        stand: Callable[[str, str], None],
        recorder: Recorder | None,
        listeners: Callable[[str], tuple[Address, ...]] = lambda name: (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._stamps, self._stand, self._recorder, self._now = folder, stamps, stand, recorder, now
        self._listeners = listeners
        self._due: dict[str, float] = {}
        self._known: dict[str, object] = {}  # by performance, by what it is seen that nothing changed
        self._epochs: dict[str, int] = {}  # a text that was taken back is kept at once
        self._lasting: dict[str, float] = {}  # when the next one is seen onto the disk
        self._waiting: dict[str, Snapshot] = {}  # the newest of each
        self._condition = Condition()
        self._closing = False
        self._thread = Thread(target=self._run, name="antiphon snapshots", daemon=True)
        self._thread.start()

    def write_due(self, engines: Mapping[str, Engine], slugs: tuple[str, ...], left: float) -> None:
        """Make the snapshot that is due, if any is; ``left`` seconds are left until the next character."""
        now = self._now()
        for name, engine in engines.items():
            due = 0.0 if engine.epoch != self._epochs.get(name) else self._due.get(name, 0.0)
            if now >= due and (left >= SNAPSHOT_MARGIN_S or now >= self._due.get(name, 0.0) + SNAPSHOT_TIMEOUT_S):
                self._due[name] = now + SNAPSHOT_INTERVAL_S
                self._take(name, engine, slugs, now)
                return  # one in a turn

    def close(self) -> None:
        """Write what waits, and end."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join()

    def _take(self, name: str, engine: Engine, slugs: tuple[str, ...], now: float) -> None:
        state, known = engine.snapshot()
        recorded = TakePosition(*self._recorder.kept(name)) if self._recorder is not None else None
        buffer, listeners = state.performance.buffer, self._listeners(name)
        events = recorded.told if recorded is not None else None
        self._epochs[name] = buffer.epoch
        changes = (buffer.sequence, buffer.epoch, state.controls, events, listeners)
        if changes == self._known.get(name):
            return
        self._known[name] = changes
        with self._condition:
            self._waiting[name] = Snapshot(name, slugs, {}, state, known, now, recorded, listeners)
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._waiting and not self._closing:
                    self._condition.wait()
                if not self._waiting:
                    return
                name, snapshot = self._waiting.popitem()
            try:
                self._write(name, snapshot)
                self._stand("snapshots", "")
            except OSError as error:
                self._stand("snapshots", f"the performance is not kept for a restart: {error.strerror or error}")

    def _write(self, name: str, snapshot: Snapshot) -> None:
        stamps = self._stamps()
        snapshot = replace(snapshot, stamps={slug: stamps[slug] for slug in snapshot.slugs if slug in stamps})
        data = to_bytes(snapshot, lambda: time.sleep(WRITER_PAUSE_S))
        if self._recorder is not None and snapshot.recorded is not None:
            until = self._now() + TAKE_TIMEOUT_S
            while self._recorder.written(name) < snapshot.recorded.told and self._now() < until:
                time.sleep(0.005)
        write_atomically(self._folder / f"{name}{NOW}", data, lasting=False)
        if self._now() >= self._lasting.get(name, 0.0):
            self._lasting[name] = self._now() + SYNC_INTERVAL_S
            write_atomically(self._folder / f"{name}{MINUTE}", data, lasting=True)


def snapshots(folder: Path, complain: Callable[[str], None]) -> dict[str, Snapshot]:
    """The newest snapshot of each performance in ``folder``, by name; ``complain`` gets what is wrong with others."""
    names = {path.name.removesuffix(ending) for ending in (NOW, MINUTE) for path in folder.glob(f"*{ending}")}
    found = {name: newest(folder, name, complain) for name in sorted(names) if NAME.fullmatch(name)}
    kept = {name: snapshot for name, snapshot in found.items() if snapshot is not None and snapshot.name == name}
    return dict(list(kept.items())[:MOST_PERFORMANCES])


def newest(folder: Path, name: str, complain: Callable[[str], None]) -> Snapshot | None:
    """The newest snapshot of a performance that can be used; None, and ``complain`` gets why, where there is none."""
    trouble = ""
    for ending in (NOW, MINUTE):
        path = folder / f"{name}{ending}"
        if path.exists():
            try:
                return read(path)
            except SnapshotError as error:
                trouble = trouble or str(error)
    if trouble:
        complain(trouble)
    return None
