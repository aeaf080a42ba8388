"""Transformers that read one text each by itself, letter by letter, and slice by slice where a letter takes long.

Implements ``models.interface.Unhurried``: ``step`` and ``reset`` only begin, ``work`` goes on. What a voice knows of a
text is a ring of keys and values, 46 kB a token for SmolLM2: too much to be kept every second, so that a snapshot has
what it expects and not what it knows; after it was loaded a voice has to be reset and to read again. A rewind keeps
references into the ring. Where positions were learnt (GPT-2's family) they come to an end: then a voice begins again,
and reads the last letters anew. Belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.interface import State, Voices, check_state
from models.kept_trail import KeptTrail
from models.transformer.adapters import Adapter, Adapters
from models.transformer.beam import Beam, Closeness, Hypothesis
from models.transformer.key_values import KeyValues
from models.transformer.stepping import Stepper
from protocol.alphabet import VOCABULARY

READ_AGAIN_CHARS = 400  # at the most, where learnt positions have come to their end
POSITIONS_LEFT = 16  # of those that were learnt, below which it begins again


@dataclass(frozen=True)
class Kept:
    """What a voice knew at one place: references into its ring, and what it expected."""

    hypotheses: tuple[Hypothesis, ...]  # without their sums, which are large and soon found again
    expected: NDArray[np.float32]
    letters: bytes


class TransformerVoices:
    """One voice for each of ``steppers``, by the name of its network; of none anything has been read."""

    def __init__(
        self, steppers: Sequence[Stepper], adapters: Sequence[Adapter] = (), closeness: Closeness | None = None
    ) -> None:
        """``adapters`` fit the first."""
        self.slugs = tuple(stepper.name for stepper in steppers)
        self._steppers, self._closeness = tuple(steppers), closeness
        self._adapters = Adapters(adapters)
        self._rings = [KeyValues(stepper.shape) for stepper in steppers]
        self._beams = [Beam(*each, closeness) for each in zip(self._steppers, self._rings, strict=True)]
        self._letters = [b""] * len(self._beams)  # the last that were read, where they may have to be read again
        self._working: dict[int, Generator[None, None, None]] = {}
        self._distributions = np.full((len(steppers), VOCABULARY), 1 / VOCABULARY, np.float32)
        self.reset(range(len(steppers)))

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    @property
    def adapted(self) -> tuple[str, ...]:
        """The styles that there are adapters of."""
        return self._adapters.slugs

    def lean(self, weights: Mapping[str, float]) -> None:
        """From the next token on read as these styles do, each by its weight; those that have no adapter count too."""
        self._beams[0].leaning = self._adapters.leaning(weights)

    def step(self, code: int, voices: Sequence[int]) -> None:
        for voice in voices:
            self._finish(voice)
            self._working[voice] = self._reading(voice, code)

    def reset(self, voices: Sequence[int]) -> None:
        for voice in voices:
            self._letters[voice] = b""
            self._working[voice] = self._beams[voice].begin()

    def begun(self, voice: int) -> bool:
        return voice in self._working

    def work(self, voice: int) -> None:
        try:
            next(self._working[voice])
        except StopIteration:
            del self._working[voice]
            self._distributions[voice] = self._beams[voice].expected()
        except BaseException:
            self._working.pop(voice, None)
            raise

    def forgets(self, voice: int) -> bool:
        return True

    def save_state(self) -> State:
        return {"expected": self._distributions.copy()}

    def load_state(self, state: State) -> None:
        check_state(state, ("expected", self._distributions))
        self._distributions[:] = state["expected"]
        self._working.clear()

    def for_new_text(self) -> TransformerVoices:
        fresh = TransformerVoices(self._steppers, (), self._closeness)
        fresh._adapters = self._adapters
        return fresh

    def copy_state(self, others: Voices, voices: Sequence[int]) -> None:
        assert isinstance(others, TransformerVoices)
        for voice in voices:
            others._finish(voice)
            self._working.pop(voice, None)
            self._rings[voice] = others._rings[voice]  # the others are not asked any more
            self._beams[voice] = Beam(self._steppers[voice], self._rings[voice], self._closeness)
            self._put_back(voice, others._keep(voice))

    def trail(self, places: int) -> KeptTrail[Kept]:
        return KeptTrail(places, self._keep, self._put_back, self._is_there)

    def _reading(self, voice: int, code: int) -> Generator[None, None, None]:
        beam, positions = self._beams[voice], self._steppers[voice].shape.positions
        if not positions:
            return beam.read(code)
        self._letters[voice] = (self._letters[voice] + bytes([code]))[-min(READ_AGAIN_CHARS, positions // 2) :]
        ended = max(each.path.length for each in beam.hypotheses) >= positions - POSITIONS_LEFT
        return _again(beam, self._letters[voice]) if ended else beam.read(code)

    def _finish(self, voice: int) -> None:
        while voice in self._working:
            self.work(voice)

    def _keep(self, voice: int) -> Kept:
        known = tuple(replace(each, sums=None) for each in self._beams[voice].hypotheses)
        return Kept(known, self._distributions[voice].copy(), self._letters[voice])

    def _put_back(self, voice: int, kept: Kept) -> None:
        self._working.pop(voice, None)
        self._beams[voice].go_to(kept.hypotheses)
        self._distributions[voice], self._letters[voice] = kept.expected, kept.letters

    def _is_there(self, voice: int, kept: Kept) -> bool:
        return bool(kept.hypotheses) and all(self._rings[voice].holds(each.path) for each in kept.hypotheses)


def _again(beam: Beam, letters: bytes) -> Generator[None, None, None]:
    """Begin anew, and read these."""
    yield from beam.begin()
    for code in letters:
        yield from beam.read(code)
