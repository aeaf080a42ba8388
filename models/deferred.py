"""Voices that are fetched from the disk only when they are first asked to read, on a thread of their own.

A transformer is some hundred megabytes, and a second or more of work before it can speak; nobody should pay for one
that is not heard. Implements ``models.interface.Deferred``. What was fetched is shared by all texts. The object belongs
one thread at a time; ``load`` and ``complain`` are called on the thread that fetches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Event, Lock, Thread

import numpy as np
from numpy.typing import NDArray

from models.interface import Adaptable, State, Trail, Unhurried, Voices
from protocol.alphabet import VOCABULARY
from protocol.errors import VoiceError


class Source:
    """Where voices come from; they are loaded once, whoever asks first."""

    def __init__(self, load: Callable[[], Voices]) -> None:
        self._load, self._lock = load, Lock()
        self._thread: Thread | None = None
        self._ended = Event()
        self._error: Exception | None = None
        self._fresh: Voices | None = None  # of which nobody has let anything be read
        self._shared: Voices | None = None

    @property
    def ended(self) -> bool:
        """Whether they are there, or cannot be had."""
        return self._ended.is_set()

    def begin(self) -> None:
        """Let them be loaded, if nobody has yet. Does not wait."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="antiphon fetches a voice", daemon=True)
                self._thread.start()

    def take(self) -> Voices:
        """Voices for one text, waited for; raises what ``load`` raised."""
        self.begin()
        self._ended.wait()
        if self._error is not None or self._shared is None:
            raise self._error or VoiceError("nothing was loaded")
        with self._lock:
            fresh, self._fresh = self._fresh, None
        return fresh or self._shared.for_new_text()

    def _run(self) -> None:
        try:
            self._fresh = self._shared = self._load()
        except Exception as error:  # whoever wrote the kind; it is raised where the voices are asked for
            self._error = error
        self._ended.set()


class DeferredVoices:
    """The voices called ``slugs`` that ``source`` gives."""

    def __init__(self, slugs: Sequence[str], source: Source) -> None:
        self.slugs = tuple(slugs)
        self._source = source
        self._found: Voices | None = None
        self._asked: set[int] = set()  # those that were to forget all, and that nobody was there for
        self._weights: Mapping[str, float] = {}
        self._nothing = np.full((len(self.slugs), VOCABULARY), 1 / VOCABULARY, np.float32)

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._nothing if self._found is None else self._found.distributions

    def absent(self, voice: int) -> bool:
        return self._found is None and not self._source.ended

    def fetch(self) -> None:
        self._source.begin()
        self._there()

    def lean(self, weights: Mapping[str, float]) -> None:
        self._weights = weights
        if isinstance(self._found, Adaptable):
            self._found.lean(weights)

    def step(self, code: int, voices: Sequence[int]) -> None:
        self._there().step(code, voices)

    def reset(self, voices: Sequence[int]) -> None:
        if self._found is not None:
            self._found.reset(voices)
        else:
            self._source.begin()
            self._asked.update(voices)

    def begun(self, voice: int) -> bool:
        if self._found is None:
            return voice in self._asked
        return isinstance(self._found, Unhurried) and self._found.begun(voice)

    def work(self, voice: int) -> None:
        found = self._there()
        if isinstance(found, Unhurried) and found.begun(voice):
            found.work(voice)

    def forgets(self, voice: int) -> bool:
        return not isinstance(self._found, Unhurried) or self._found.forgets(voice)

    def save_state(self) -> State:
        return {} if self._found is None else self._found.save_state()

    def load_state(self, state: State) -> None:
        """Nothing where nobody is there yet, who has to read again in any case."""
        if self._found is not None:
            self._found.load_state(state)

    def for_new_text(self) -> DeferredVoices:
        return DeferredVoices(self.slugs, self._source)

    def copy_state(self, others: Voices, voices: Sequence[int]) -> None:
        assert isinstance(others, DeferredVoices)
        if others._found is not None:
            self._there().copy_state(others._found, voices)

    def trail(self, places: int) -> DeferredTrail:
        return DeferredTrail(lambda: None if self._found is None else self._found.trail(places))

    def _there(self) -> Voices:
        """The voices themselves, waited for."""
        if self._found is None:
            self._found = self._source.take()
            self.lean(self._weights)
            self._found.reset(sorted(self._asked))
            self._asked.clear()
        return self._found


class DeferredTrail:
    """The trail of voices that may come later; implements ``models.interface.Trail``."""

    def __init__(self, begin: Callable[[], Trail | None]) -> None:
        """``begin`` gives None as long as nobody is there."""
        self._begin = begin
        self._trail: Trail | None = None

    def push(self, place: int, voices: Sequence[int]) -> None:
        if self._trail is None:
            self._trail = self._begin()
        if self._trail is not None:
            self._trail.push(place, voices)

    def restore(self, place: int) -> tuple[int, ...]:
        return self._trail.restore(place) if self._trail is not None else ()

    def clear(self) -> None:
        if self._trail is not None:
            self._trail.clear()
