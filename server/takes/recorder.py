"""The recorder: begins a take for each performance, with a scribe of its own, and ends them all.

Begun and ended on the engine's thread; what takes time (the voices' checksums, the disk) is the scribes' affair.
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

from models import shelf
from models.interface import Voices
from protocol.errors import TakeError
from protocol.messages import Card
from server.clock import Clock
from server.manners.keeping import Manners
from server.takes.events import Ended, Event, Header, Identity, Joined
from server.takes.folder import find, kept_folder, unused_name
from server.takes.identity import checksum, identify, keep
from server.takes.parts import Files
from server.takes.reading import Take
from server.takes.recording import RecordedPerformance, RecordState
from server.takes.room import most
from server.takes.scribe import Scribe

LONG = 60  # files of a take, with which it is not gone on with any more: a week of days and nights

Stand = Callable[[str, str], None]  # what is wrong until it is mended: a cause, and a line or nothing


class Gate:
    """Lets through to ``tell`` what is told while it is open."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self.open = False

    def tell(self, event: Event) -> None:
        if self.open:
            self._tell(event)


@dataclass(frozen=True)
class Continued:
    """A take that is gone on with: what it holds beyond what is known of it, and the way in for more."""

    performance: RecordedPerformance
    tail: list[Event]
    gate: Gate
    told: int  # events that stand in it


class Recorder:
    """Records into ``folder``; ``stand`` is told what is wrong, ``cards`` gives those of all voices that play now."""

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
        self._scribes: dict[str, tuple[Scribe, float]] = {}  # by performance, with the time that its take began

    def begin(self, performance: str, voices: Voices, seed: int, manners: Manners | None) -> RecordedPerformance:
        """An empty page before ``voices``, and all that comes of it on record from now on."""
        if performance in self._scribes:  # a take that could not be gone on with
            self._scribes.pop(performance)[0].close()
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

        parts = Files(self._folder, unused_name(self._folder, performance, today), together=self._together)
        scribe = Scribe(parts, header, self._complete, self._stander(performance))
        self._scribes[performance] = scribe, began
        recorded = RecordedPerformance(voices, seed, scribe.tell, lambda: self._clock.now() - began, manners)
        recorded.take = scribe.name
        self._recorded[performance] = recorded
        return recorded

    def again(
        self, performance: str, voices: Voices, seed: int, take: str, after: int, lasted: float, manners: Manners | None
    ) -> Continued:
        """Go on with the ``take`` that a process which is gone left; ``lasted`` seconds and ``after`` events of it are
        known.

        Raises ``TakeError`` or ``OSError`` where there is none, or where it is so long that another is to begin: one
        that never ended could never make room.
        """
        began, cards, slugs = self._clock.now() - lasted, self._cards(), voices.slugs
        earlier = Take(find(take, self._folder))
        if len(earlier.paths) > LONG:
            raise TakeError(f"its take has {len(earlier.paths)} files, and another begins")
        tail, told = earlier.tail(after)

        def header() -> Header:
            return replace(earlier.header, voices=self._identify(cards, slugs))

        parts = Files.again(self._folder, take, together=self._together)
        scribe = Scribe(parts, header, self._complete, self._stander(performance), told)
        gate = Gate(scribe.tell)
        self._scribes[performance] = scribe, began
        recorded = RecordedPerformance(voices, seed, gate.tell, lambda: self._clock.now() - began, manners)
        recorded.take = scribe.name
        self._recorded[performance] = recorded
        return Continued(recorded, tail, gate, told)

    def kept(self, performance: str) -> tuple[str, int, RecordState]:
        """What the take of ``performance`` is called, how many events were told to it, and how far they told it."""
        scribe, _ = self._scribes[performance]
        return scribe.name, scribe.told, self._recorded[performance].keep_record()

    def written(self, performance: str) -> int:
        """How many events of its take outlive this process. Any thread."""
        return self._scribes[performance][0].written

    def close(self) -> None:
        """End all takes in good order."""
        for scribe, began in self._scribes.values():
            scribe.tell(Ended(round(self._clock.now() - began, 4), self._today().isoformat(timespec="seconds")))
        for scribe, _ in self._scribes.values():
            scribe.close()

    def _complete(self, joined: Joined) -> Joined:
        slugs = [voice.slug for voice in joined.voices]
        return Joined(joined.at, joined.t, self._identify(self._cards(), slugs), joined.kept)

    def _stander(self, performance: str) -> Callable[[str], None]:
        return lambda line: self._stand(f"take of {performance}", line)

    def _identify(self, cards: Sequence[Card], slugs: Sequence[str]) -> tuple[Identity, ...]:
        """The voices called ``slugs``, in their order; their files are kept, where the disk takes them."""
        found = {voice.slug: voice for voice in identify(cards)}
        identities = tuple(found.get(slug, Identity(slug, slug, slug[:2], "#808080")) for slug in slugs)
        paths = shelf.voices()
        with suppress(OSError, KeyError):  # the take itself can be written, or the scribe complains
            for voice in identities:
                keep(paths[voice.slug], voice.checksum, kept_folder(self._folder))
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
