"""A stage for the server's tests: fake voices that speak, a clock that nobody waits for, a notebook for a wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from unittest.mock import patch

import pytest

from models.fake_voices import FakeVoices
from models.interface import Voices
from protocol.messages import MAIN, Char, Message
from protocol.tree import ParameterTree, Value, on_address, weight_address
from server.engine.clock import FakeClock
from server.engine.engine import Engine
from server.engine.parameter_store import Action, ActionRequest, ParameterStore, PerformanceRegistry
from server.engine.performance import Performance
from server.engine.publisher import RecordingSink
from server.engine.scheduler import Scheduler
from server.engine.status_line import StatusLine

SOURCE = ("127.0.0.1", 9)
LINES = {"ada": "abcdefghij", "bob": "0123456789", "cy": "ABCDEFGHIJ"}


class SlowVoices(FakeVoices):
    """Fake voices that need time to read, on a clock that only their reading moves; they remember their steps."""

    def __init__(self, texts: Mapping[str, str], certainty: float, seconds: float, clock: FakeClock | None) -> None:
        self._seconds, self._clock = seconds, clock
        self.steps: list[tuple[str, tuple[int, ...]]] = []
        super().__init__(texts, certainty)

    def step(self, code: int, voices: Sequence[int]) -> None:
        super().step(code, voices)
        self.steps.append((chr(code), tuple(voices)))
        if self._clock:
            self._clock.advance(self._seconds * len(voices))


def fakes(
    texts: Mapping[str, str] = LINES, certainty: float = 1.0, seconds: float = 0.0, clock: FakeClock | None = None
) -> SlowVoices:
    """Certain fake voices write their line to the letter; ``seconds`` is what one voice needs to read a character."""
    return SlowVoices(texts, certainty, seconds, clock)


def mixed(weights: Mapping[str, float], slugs: Sequence[str] = tuple(LINES), **others: Value) -> dict[str, Value]:
    """The values with these voices in play at these weights, at temperature 1 but for ``others`` (mix_rate=20).

    Every character is a vote of its own, without grain.
    """
    values = ParameterTree(slugs).defaults() | {"/mix/temperature": 1.0, "/mix/grain": 0.0}
    for slug, weight in weights.items():
        values |= {on_address(slug): True, weight_address(slug): weight}
    return values | {f"/{name.replace('_', '/', 1)}": value for name, value in others.items()}


class Stage:
    """An engine at 10 characters/s on a fake clock, with everything around it within reach."""

    def __init__(
        self,
        weights: Mapping[str, float],
        texts: Mapping[str, str] = LINES,
        certainty: float = 1.0,
        seconds: float = 0.0,
        seed: int = 1,
        voices: Voices | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.voices = voices or fakes(texts, certainty, seconds, self.clock)
        self.registry = PerformanceRegistry(ParameterTree(texts), mixed(weights, tuple(texts), mix_rate=10.0))
        self.parameters = self.registry.parameters(MAIN)
        self.performance = Performance(self.voices, seed)
        self.sink, self.status_line = RecordingSink(), StatusLine()
        self.engine = Engine(
            self.performance, self.parameters, self.sink, self.clock, self.status_line, names=self.registry.names
        )
        self.others: dict[str, RecordingSink] = {}
        self.scheduler = Scheduler(self.clock, self.registry, self.begin)
        self.began = self.clock.now()

    def begin(self, name: str, parameters: ParameterStore) -> Engine:
        """The engine of a performance; all but the first have voices and a notebook of their own, in ``others``."""
        if name == MAIN:
            return self.engine
        voices, sink = self.voices.for_new_text(), RecordingSink()
        self.others[name] = sink
        return Engine(
            Performance(voices, 2), parameters, sink, self.clock, self.status_line, (), name, self.registry.names
        )

    def play(self, until: float) -> None:
        """Play on until so many seconds after the beginning."""
        with patch(
            "server.engine.scheduler.gc.collect"
        ):  # a test is full of other tests' objects: a quarter of a second
            self.scheduler.run(lambda: self.clock.now() >= self.began + until - 1e-9)

    def at(self, seconds: float, event: Callable[[], object]) -> None:
        self.clock.at(self.began + seconds, event)

    def ask(self, action: Action) -> None:
        assert self.parameters.submit(ActionRequest(action, SOURCE))

    def ask_in(self, performance: str, action: Action) -> None:
        assert self.registry.parameters(performance).submit(ActionRequest(action, SOURCE))

    def told(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.sink.broadcasts if isinstance(message, kind)]

    @property
    def text(self) -> str:
        """What was written, as it was told."""
        return "".join(message.character for message in self.sink.broadcasts if isinstance(message, Char))


@pytest.fixture(name="stage", scope="session")
def the_stage() -> type[Stage]:
    return Stage


@pytest.fixture(name="fakes", scope="session")
def slow_voices() -> Callable[..., SlowVoices]:
    return fakes


@pytest.fixture(name="mixed", scope="session")
def the_values() -> Callable[..., dict[str, Value]]:
    return mixed
