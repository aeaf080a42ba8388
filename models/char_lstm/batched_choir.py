"""Many texts at once: the rooms of a gallery, or the members of an audience, each with the same voices and a text.

All rooms share one reading of a voice's weights, so that each further text costs arithmetic but little memory traffic.
Belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from models.char_lstm.choir import Choir
from models.char_lstm.kernels import Batch
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.prepared_step import PreparedStep
from models.char_lstm.trail import LstmStates

PREPARED_STEPS_KEPT = 256  # prepared ones: a voice and the rooms in which it is awake


class BatchedChoir:
    """``texts`` independent texts; pack ``weights`` for ``many`` where they are more than a few."""

    def __init__(self, weights: PackedWeights, texts: int) -> None:
        self._ensemble = weights
        self._memory = LstmStates(weights, texts)
        self.choirs = tuple(Choir(weights, self._memory, text) for text in range(texts))  # each room's own ``Voices``
        self._steps: dict[tuple[int, tuple[int, ...]], PreparedStep] = {}

    def step(self, codes: Sequence[int], voices: Sequence[Sequence[int]]) -> None:
        """Room i's ``voices[i]`` read ``codes[i]``, as its choir would have them do, to float32's last bits.

        A room whose voices are none reads nothing. Voices are stepped one after the other, each in all its rooms.
        """
        listening: dict[int, list[int]] = {}
        for room, awake in enumerate(voices):
            for voice in awake:
                listening.setdefault(voice, []).append(room)
        read = torch.as_tensor(codes, dtype=torch.long)
        for voice, rooms in listening.items():
            step = self._steps.get((voice, tuple(rooms))) or self._prepare(voice, tuple(rooms))
            step.codes.copy_(read if len(rooms) == len(read) else read[rooms])
            step.run()

    def _prepare(self, voice: int, rooms: tuple[int, ...]) -> PreparedStep:
        if len(self._steps) == PREPARED_STEPS_KEPT:
            self._steps.clear()
        rows = [self._memory.row(voice, room) for room in rooms]
        step = self._memory.prepare(self._ensemble, Batch((voice,), len(rooms)), rows)
        self._steps[voice, rooms] = step
        return step
