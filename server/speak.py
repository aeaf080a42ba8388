"""Text without a stage: the same performance, mix and generator, as fast as the voices go, with nobody at the controls.

Runs on the caller's thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from models.interface import Fusible, Voices
from protocol.errors import ParameterError, StyleError
from protocol.measures import surprise
from protocol.tree import ParameterTree, Value, on_address, weight_address
from server.engine.performance import Performance
from server.filters.filters import FilterSet
from server.voice_cards import voices_of_code


@dataclass(frozen=True)
class Spoken:
    """One character of the text."""

    character: str
    shares: dict[str, float]  # who is responsible for it, by slug, those in the mix only; sum 1
    surprise: float  # bits: minus the binary logarithm of the probability that it had


def speak(
    voices: Voices,
    weights: Mapping[str, float],
    chars: int,
    seed: int,
    temperature: float = 0.7,
    prime: str = "",
    settings: Mapping[str, Value] | None = None,
    filters: FilterSet | None = None,
) -> Iterator[Spoken]:
    """``chars`` characters by fresh ``voices``, mixed by ``weights`` (slug: any scale, below 0: less), after ``prime``.

    The same seed and arguments give the same text. ``settings`` are further parameters by address (``/mix/alloy``,
    ...), ``filters`` what the text is guarded by. Raises ``StyleError`` for an unknown style and ``ParameterError`` for
    weights or settings of no use, a fusion of voices that cannot be fused among them, before anything is written.
    """
    values = _values(voices, weights, {**(settings or {}), "/mix/temperature": temperature})
    if values["/mix/fusion"]:
        children = voices.fusible if isinstance(voices, Fusible) else ()
        if not any(child and weights.get(slug, 0.0) > 0.0 for child, slug in zip(children, voices.slugs, strict=False)):
            raise ParameterError("these voices are no children of the base and cannot be fused: leave out --fusion")
    filters = filters or FilterSet()
    filters.code.update(voices_of_code())
    performance = Performance(voices, seed, remembered=0, filters=filters)
    performance.prime(prime)
    return _speak(performance, voices.slugs, values, chars)


def _speak(
    performance: Performance, slugs: tuple[str, ...], values: Mapping[str, Value], chars: int
) -> Iterator[Spoken]:
    for _ in range(chars):
        performance.settle(values)
        performance.catch_up(lambda: True)
        written = performance.write(values)
        performance.listen()
        yield Spoken(
            written.character,
            {slugs[voice]: float(written.shares[voice]) for voice in np.flatnonzero(written.shares)},
            surprise(written.joint[ord(written.character)]),
        )


def _values(voices: Voices, weights: Mapping[str, float], settings: Mapping[str, Value]) -> dict[str, Value]:
    """The values that hold throughout."""
    tree = ParameterTree(voices.slugs)
    unknown = sorted(set(weights) - set(voices.slugs))
    if unknown:
        raise StyleError(f"there is no voice {unknown[0]!r}; `antiphon styles` lists those that there are")
    for slug, weight in weights.items():
        if not math.isfinite(weight):
            raise ParameterError(f"the weight of {slug} is to be a number, not {weight}")
    if max(weights.values(), default=0.0) <= 0.0:
        raise ParameterError("no voice has a weight above 0; say for example --style bible=0.7 --style linux=0.3")
    greatest = max(map(abs, weights.values()))
    faders: dict[str, Value] = {weight_address(slug): weight / greatest for slug, weight in weights.items()}
    playing: dict[str, Value] = {on_address(slug): True for slug in weights}
    values = tree.defaults()
    for address, value in {**settings, **faders, **playing}.items():
        if address not in tree:
            raise ParameterError(f"there is no parameter {address[:80]}")
        values[address] = tree[address].accept(tree[address].arguments(value))
    return values
