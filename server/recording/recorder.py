"""The recorder: begins a take for each performance, with a writer of its own, and ends them all.

Everything runs on the engine's thread; what takes time (the voices' checksums, the disk) is done on the writers'.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import numpy as np

from models import voice_folders
from models.interface import Voices
from protocol.errors import TakeError
from protocol.measures import surprise_level
from protocol.messages import Arrive, Card, EndPart, FinishSentence, Panic, StartPart, Step, WriteWord
from protocol.mixing import Vector
from protocol.tree import Value
from server.engine import performance
from server.engine.clock import Clock
from server.engine.parameter_store import Action
from server.filters.filters import FilterSet
from server.recording.events import (
    PART_BEGINS,
    PART_ENDS,
    ActionRequested,
    AwakeVoicesDecided,
    BranchRestored,
    CatchUpSlices,
    CharacterWritten,
    ControlsChanged,
    DeferredListen,
    Event,
    FusionWeights,
    GeneratorReseeded,
    Header,
    Identity,
    LettersChosen,
    ListenDeferred,
    TakeEnded,
    TextPrimed,
    TextReset,
    TextRewound,
    UpcomingControls,
    VoicesReplaced,
    difference,
)
from server.recording.reader import Take, checksum, find, identify, keep, kept_folder, unused_name
from server.recording.writer import TakeFiles, TakeWriter, most

# ---- a performance that is recorded ----------------------------------------------------------------------------------
# Every call is recorded with what is needed to repeat it exactly. What was decided by time is recorded as its result:
# how many slices of reading and fusing there were, and between which calls. A call that repeats the one before changes
# nothing and is left out, so that a paused text makes no lines. Recording costs some microseconds a character.

ASKED_BY_ACTION: dict[type, str] = {  # as takes say it
    **{WriteWord: "word", FinishSentence: "finish", Panic: "panic"},
    **{StartPart: PART_BEGINS, EndPart: PART_ENDS},
}


@dataclass(frozen=True)
class RecordingState:
    """The state that the take has recorded: the values in force, and whether the awake voices were decided by them."""

    told: Mapping[str, Value]
    coming: Mapping[str, Value] | None
    settled: bool
    family: Mapping[str, float]


class RecordedPerformance(performance.Performance):
    """A performance that hands each event to ``record``, which must not wait.

    ``now`` gives the seconds since it began.
    """

    def __init__(
        self,
        voices: Voices,
        seed: int,
        record: Callable[[Event], None],
        now: Callable[[], float],
        filters: FilterSet | None = None,
    ) -> None:
        super().__init__(voices, seed, filters=filters)
        self._emit, self._now = record, now
        self._recorded_values: Mapping[str, Value] = {}  # the values that the take has
        self._recorded_coming: Mapping[str, Value] | None = None
        self._settled = False  # whether settling by the same values again would change nothing
        self._writing = False
        self._unheard = False  # a character was told and nothing since: the voices' reading it need not be told
        self._overtaken = False  # something was told between a character and the voices' reading it
        self._family: dict[str, float] = {}

    def set_upcoming(self, values: Mapping[str, Value] | None) -> None:
        if values != self._recorded_coming:
            self._recorded_coming = values
            change = None if values is None else difference(values, self._recorded_values)
            self._record(UpcomingControls(self._next, self._t, change))
        super().set_upcoming(values)

    def settle(self, values: Mapping[str, Value]) -> None:
        if values != self._recorded_values:
            change, self._recorded_values = difference(values, self._recorded_values), dict(values)
            self._record(ControlsChanged(self._next, self._t, change))
        elif not (self._settled or self._writing):
            self._record(AwakeVoicesDecided())
        self._settled = True
        super().settle(values)

    def write(self, values: Mapping[str, Value], letter: str | None = None) -> performance.Written:
        self._writing = True
        try:
            written = super().write(values, letter)
        finally:
            self._writing = False
        family = _by_slug(written.family, self._voices.slugs)
        if family != self._family:
            self._family = family
            self._record(FusionWeights(family))
        level = surprise_level(written.joint[ord(written.character)])
        self._record(CharacterWritten(written.sequence, self._t, written.character, written.tint, level))
        self._unheard = True
        return written

    def listen(self) -> None:
        if self._unheard:
            self._unheard, self._settled = False, False
        elif self._overtaken:
            self._record(DeferredListen())
        self._overtaken = False
        super().listen()

    def catch_up(self, goes_on: Callable[[], bool]) -> bool:
        slices = 0

        def counted() -> bool:
            nonlocal slices
            goes = goes_on()
            slices += goes
            return goes

        done = super().catch_up(counted)
        if slices:
            self._record(CatchUpSlices(slices))
        return done

    def prime(self, text: str) -> None:
        self._record(TextPrimed(self._next, self._t, text))
        super().prime(text)

    def choose(self, letters: str) -> None:
        self._record(LettersChosen(self._next, self._t, letters))
        super().choose(letters)

    def rewind(self, chars: int) -> None:
        self._record(TextRewound(self._next, self._t, chars))
        super().rewind(chars)

    def return_to(self, number: int) -> None:
        if self.can_return_to(number):
            self._record(BranchRestored(self._next, self._t, number))
            super().return_to(number)

    def reset(self, seed: int | None = None) -> None:
        self._record(TextReset(self._next, self._t, seed))
        super().reset(seed)

    def reseed(self, seed: int) -> None:
        self._record(GeneratorReseeded(self._next, self._t, seed))
        super().reseed(seed)

    def replace_voices(self, voices: Voices, kept: Sequence[int]) -> None:
        joined = tuple(Identity(slug, "", "", "#000000") for slug in voices.slugs)
        self._record(VoicesReplaced(self._next, self._t, joined, tuple(kept)))
        super().replace_voices(voices, kept)

    def note_action(self, action: Action) -> None:
        """Something was asked for that the engine does: it is kept for whoever reads the take."""
        match action:
            case Step(count):
                requested = "step", count
            case Arrive(_, chars):
                requested = "arrive", chars
            case WriteWord() | FinishSentence() | Panic() | StartPart() | EndPart():
                requested = ASKED_BY_ACTION[type(action)], 1
            case _:
                return
        self._record(ActionRequested(self._next, self._t, *requested))

    def keep_record(self) -> RecordingState:
        """What goes with ``keep``, so that the take can be continued. Asked where the voices have read all."""
        return RecordingState(self._recorded_values, self._recorded_coming, self._settled, self._family)

    def restore_record(self, state: RecordingState) -> None:
        self._recorded_values, self._recorded_coming = state.told, state.coming
        self._settled, self._family = state.settled, dict(state.family)

    @property
    def _next(self) -> int:
        return self.buffer.sequence + 1

    @property
    def _t(self) -> float:
        return round(self._now(), 4)

    def _record(self, event: Event) -> None:
        if self._unheard:
            self._unheard, self._overtaken = False, True
            self._emit(ListenDeferred())
        self._settled = False
        self._emit(event)


def _by_slug(weights: Vector, slugs: Sequence[str]) -> dict[str, float]:
    return {slugs[voice]: round(float(weights[voice]), 4) for voice in np.flatnonzero(weights).tolist()}


MOST_CONTINUED_FILES = 60  # files of a take, after which it is not continued: a week of days and nights

Stand = Callable[[str, str], None]  # what is wrong until it is mended: a cause, and a line or nothing


class EventGate:
    """Lets events through to ``record`` while it is open."""

    def __init__(self, record: Callable[[Event], None]) -> None:
        self._record = record
        self.open = False

    def record(self, event: Event) -> None:
        if self.open:
            self._record(event)


@dataclass(frozen=True)
class ContinuedTake:
    """A take that is continued: what it holds beyond what is known of it, and the way in for more."""

    performance: RecordedPerformance
    tail: list[Event]
    gate: EventGate
    told: int  # events that stand in it


class Recorder:
    """Records into ``folder``; ``stand`` gets what is wrong, ``cards`` gives those of all voices that play now."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        stand: Stand,
        cards: Callable[[], Sequence[Card]],
        device: str = "cpu",
        lists: Mapping[str, Path] | None = None,
        today: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """``device`` is what the voices are computed by, ``lists`` are the files that texts are guarded by, by name;
        ``today`` gives the time of day with its offset.
        """
        self._folder, self._clock, self._stand, self._cards = folder, clock, stand, cards
        self._together = most(os.environ)
        self._device, self._lists, self._today = device, dict(lists or {}), today
        self._recorded: dict[str, RecordedPerformance] = {}  # by performance
        self._writers: dict[str, tuple[TakeWriter, float]] = {}  # by performance, with the time that its take began

    def begin(self, performance: str, voices: Voices, seed: int, filters: FilterSet | None) -> RecordedPerformance:
        """A performance with ``voices`` on an empty page, recorded from its beginning."""
        if performance in self._writers:  # a take that could not be continued
            self._writers.pop(performance)[0].close()
        began, today = self._clock.now(), self._today()
        cards, slugs = self._cards(), voices.slugs

        def header() -> Header:
            identities = self._identify(cards, slugs)
            return Header(
                performance,
                today.isoformat(timespec="seconds"),
                seed,
                identities,
                metadata.version("antiphon"),
                machine(self._device),
                self._keep_lists(),
            )

        parts = TakeFiles(self._folder, unused_name(self._folder, performance, today), together=self._together)
        writer = TakeWriter(parts, header, self._complete, self._stander(performance))
        self._writers[performance] = writer, began
        recorded = RecordedPerformance(voices, seed, writer.record, lambda: self._clock.now() - began, filters)
        recorded.take = writer.name
        self._recorded[performance] = recorded
        return recorded

    def again(
        self,
        performance: str,
        voices: Voices,
        seed: int,
        take: str,
        after: int,
        elapsed: float,
        filters: FilterSet | None,
    ) -> ContinuedTake:
        """Continue the ``take`` that a process which is gone left; ``elapsed`` seconds and ``after`` events of it are
        known.

        Raises ``TakeError`` or ``OSError`` where there is none, or where it is so long that another is to begin: one
        that never ended could never make room.
        """
        began, cards, slugs = self._clock.now() - elapsed, self._cards(), voices.slugs
        earlier = Take(find(take, self._folder))
        if len(earlier.paths) > MOST_CONTINUED_FILES:
            raise TakeError(f"its take has {len(earlier.paths)} files, and another begins")
        tail, told = earlier.tail(after)

        def header() -> Header:
            return replace(earlier.header, voices=self._identify(cards, slugs))

        parts = TakeFiles.again(self._folder, take, together=self._together)
        writer = TakeWriter(parts, header, self._complete, self._stander(performance), told)
        gate = EventGate(writer.record)
        self._writers[performance] = writer, began
        recorded = RecordedPerformance(voices, seed, gate.record, lambda: self._clock.now() - began, filters)
        recorded.take = writer.name
        self._recorded[performance] = recorded
        return ContinuedTake(recorded, tail, gate, told)

    def kept(self, performance: str) -> tuple[str, int, RecordingState]:
        """What the take of ``performance`` is called, how many events it has, and the state that they recorded."""
        writer, _ = self._writers[performance]
        return writer.name, writer.told, self._recorded[performance].keep_record()

    def written(self, performance: str) -> int:
        """How many events of its take outlive this process. Any thread."""
        return self._writers[performance][0].written

    def close(self) -> None:
        """End all takes in good order."""
        for writer, began in self._writers.values():
            writer.record(TakeEnded(round(self._clock.now() - began, 4), self._today().isoformat(timespec="seconds")))
        for writer, _ in self._writers.values():
            writer.close()

    def _complete(self, joined: VoicesReplaced) -> VoicesReplaced:
        slugs = [voice.slug for voice in joined.voices]
        return VoicesReplaced(joined.at, joined.t, self._identify(self._cards(), slugs), joined.kept)

    def _stander(self, performance: str) -> Callable[[str], None]:
        return lambda line: self._stand(f"take of {performance}", line)

    def _identify(self, cards: Sequence[Card], slugs: Sequence[str]) -> tuple[Identity, ...]:
        """The voices called ``slugs``, in their order; their files are kept, where the disk takes them."""
        found = {voice.slug: voice for voice in identify(cards)}
        identities = tuple(found.get(slug, Identity(slug, slug, slug[:2], "#808080")) for slug in slugs)
        paths, tongues = voice_folders.voices(), voice_folders.tongues()
        with suppress(OSError, KeyError):  # the take itself can be written, or the writer complains
            for voice in identities:
                keep(paths[voice.slug], voice.checksum, kept_folder(self._folder))
                for role, told in voice.tongues.items():
                    keep(tongues[voice.slug][role], told, kept_folder(self._folder))
        return identities

    def _keep_lists(self) -> dict[str, str]:
        """The checksums of the lists, which are kept, where the disk takes them."""
        checksums = {}
        for name, path in self._lists.items():
            with suppress(OSError):
                checksums[name] = checksum(path)
                keep(path, checksums[name], kept_folder(self._folder), linked=False)
        return checksums


@lru_cache
def machine(device: str) -> dict[str, str]:
    """The kind of machine this is: where all of it is the same, so is the text of the same take."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": _processor(),
        "device": device,
        "python": platform.python_version(),
        "numpy": metadata.version("numpy"),
        "torch": metadata.version("torch"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
