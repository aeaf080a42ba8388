"""Fusion: the parameters of voices of one base averaged, by live weights, into one network that speaks as voice S.

Voices that were trained from one base lie close enough together that their mean is a network too (Wortsman et al. 2022,
"model soups"). A row of every matrix is a weighted sum of int8 rows with a scale each (``models.kernels``): all bytes
are read once, in slices that fit between two characters. What comes out is float32, written into the network that does
not speak; when it is whole the two change places, and the state goes on.

Belongs to the thread of its choir.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.char_lstm.choir import Choir
from models.char_lstm.packed_weights import EmptyWeights, PackedWeights
from models.char_lstm.weights_file import VoiceWeights
from models.kernels import Batch, FloatMatmul

SLICE_ROWS = 128  # of a matrix averaged at a time: well under a millisecond for 24 voices
SLICE_FLOATS = 32_768  # of the table of characters, likewise


class FusionSources:
    """Those of the packed voices that were trained from one base, ready to be averaged; shared by all texts."""

    def __init__(self, voices: Sequence[VoiceWeights], weights: PackedWeights) -> None:
        """``weights`` are those of ``voices``. Of several bases the one with most voices counts."""
        bases = Counter(voice.base for voice in voices if voice.base is not None)
        base = bases.most_common(1)[0][0] if bases else None
        self.members = tuple(base is not None and voice.base == base for voice in voices)  # (S,)
        self.indices = [index for index, member in enumerate(self.members) if member]
        self.weights = weights
        self.stacks = [product.stack(self.indices) for product in (*weights.layers, weights.output) if self.exist]

    @property
    def exist(self) -> bool:
        """Whether there is anything to be averaged."""
        return len(self.indices) > 1


class FusedNetwork:
    """One network of the sources' shape, made of given weights a slice at a time."""

    def __init__(self, sources: FusionSources) -> None:
        self._sources = sources
        self.weights = EmptyWeights(sources.weights)
        self._work: list[Callable[[], None]] = []

    def begin(self, weights: Tensor) -> None:
        """Plan the work for ``weights`` (members,), which sum to 1."""
        sources, whole, new = self._sources, self._sources.weights, self.weights
        chosen = weights.nonzero().flatten()  # (m,) among the members
        parts = weights[chosen]
        share = torch.zeros(len(whole.slugs))  # (S,)
        share[sources.indices] = weights
        share = share.to(whole.device)
        characters = whole.characters.view(len(share), -1)  # (S, V * 4H), the first biases within

        def average(values: Tensor, into: Tensor) -> None:
            torch.mv(values.t(), share, out=into)  # (S, n) -> (n,)

        def small() -> None:
            for mine, theirs in ((new.output_bias, whole.output_bias), *zip(new.biases, whole.biases, strict=True)):
                average(theirs, mine[0])

        self._work = [small]  # as many slices whatever is wished: takes count them
        self._work += [
            partial(average, characters[:, these], new.characters.view(-1)[these])
            for these in _slices(characters.shape[1], SLICE_FLOATS)
        ]
        for stack, product in zip(sources.stacks, (*new.layers, new.output), strict=True):
            assert isinstance(product, FloatMatmul)
            self._work += [
                partial(stack.mean, rows, chosen, parts, product.weights[0, rows])
                for rows in _slices(stack.rows, SLICE_ROWS)
            ]
        self._work.reverse()

    @torch.inference_mode()
    def work(self) -> bool:
        """Do one slice; True when the network is whole."""
        if self._work:
            self._work.pop()()
        return not self._work


class FusibleChoir(Choir):
    """A choir of which the voices of one base can be fused; the fused voice is number S. See ``models.interface``."""

    def __init__(self, sources: FusionSources) -> None:
        self._sources = sources
        self._whole = False  # whether there ever was a network
        self._making = False
        super().__init__(sources.weights)
        self._speaking, self._coming = (  # they change places whenever a new one is whole
            (network, self._rows.prepare(network.weights, Batch((0,)), [len(self.slugs)]))
            for network in (FusedNetwork(sources), FusedNetwork(sources))
        )

    @property
    def _voices(self) -> int:
        return len(self.slugs) + 1

    @property
    def fusible(self) -> tuple[bool, ...]:
        return self._sources.members

    def step(self, code: int, voices: Sequence[int]) -> None:
        fused = len(self.slugs)
        if fused not in voices:
            super().step(code, voices)
            return
        super().step(code, [voice for voice in voices if voice != fused])
        if self._whole:
            _, step = self._speaking
            step.codes.fill_(code)
            step.run()

    def request_fusion(self, weights: NDArray[np.floating[Any]]) -> None:
        parts = torch.from_numpy(np.asarray(weights, np.float32)[self._sources.indices])
        total = float(parts.sum())
        if total > 0.0:
            self._coming[0].begin(parts / total)
            self._making = True

    def continue_fusion(self, goes_on: Callable[[], bool]) -> bool:
        while self._making and goes_on():
            if self._coming[0].work():
                self._speaking, self._coming = self._coming, self._speaking
                self._making, self._whole = False, True
        return not self._making

    def for_new_text(self) -> FusibleChoir:
        return FusibleChoir(self._sources)


def _slices(rows: int, length: int) -> list[slice]:
    return [slice(first, min(first + length, rows)) for first in range(0, rows, length)]
