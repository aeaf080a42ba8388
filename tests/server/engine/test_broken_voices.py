"""A voice whose numbers are no distribution costs only itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest

from models.fake_voices import FakeVoices
from server.engine.performance import Performance
from tests.server.engine.test_performance import MANY, always, written


class Breaking(FakeVoices):
    """Fake voices of which some give rubbish from their fourth character on, until they are mended."""

    def __init__(
        self, texts: Mapping[str, str], broken: set[int], rubbish: tuple[float, float] = (math.nan, 0.0)
    ) -> None:
        self.broken, self.rubbish = broken, rubbish
        super().__init__(texts, 1.0)

    def step(self, code: int, voices: Sequence[int]) -> None:
        super().step(code, voices)
        for voice in voices:
            if voice in self.broken and self._read[voice] > 3:
                self._distributions[voice, 7:9] = self.rubbish


@pytest.mark.parametrize("rubbish", [(math.nan, 0.0), (math.inf, 0.0), (-0.5, 0.5), (1e30, 0.0)])
def test_a_broken_voice_is_silenced_and_the_others_go_on(mixed, rubbish: tuple[float, float]) -> None:
    performance = Performance(Breaking(MANY, {3, 5}, rubbish), 1)
    values = mixed(dict.fromkeys(MANY, 1.0), tuple(MANY))
    text = written(performance, values, 400)
    assert performance.silenced == ("v03", "v05")
    assert set(text[3:]) == set(MANY.values()) - {"d", "f"}


def test_where_the_only_voice_in_play_breaks_the_others_take_over(mixed) -> None:
    performance = Performance(Breaking({"ada": "a", "bob": "b", "cy": "c"}, {0}), 1)
    text = written(performance, mixed({"ada": 1.0}), 50)
    assert text[:3] == "aaa"
    assert set(text[3:]) == {"b", "c"}


def test_where_every_voice_breaks_nothing_is_written_and_nothing_is_left_to_read(mixed) -> None:
    performance = Performance(Breaking({"ada": "a", "bob": "b"}, {0, 1}), 1)
    values = mixed({"ada": 1.0}, ["ada", "bob"])
    for _ in range(20):
        performance.settle(values)
        performance.catch_up(always)
        if performance.ready:
            performance.write(values)
            performance.listen()
    assert (performance.ready, performance.awake, performance.waking) == (False, (), ())
    assert performance.catch_up(always)
    with pytest.raises(RuntimeError, match="ready"):
        performance.write(values)


def test_a_reset_gives_a_broken_voice_another_chance(mixed) -> None:
    voices = Breaking({"ada": "a", "bob": "b", "cy": "c"}, {0})
    performance, values = Performance(voices, 1), mixed({"ada": 1.0}, guard_layout=False)
    written(performance, values, 10)
    assert performance.silenced == ("ada",)
    voices.broken.clear()
    performance.reset()
    assert written(performance, values, 10) == "a" * 10
