"""Streams whose texts and places lie on the device: the next batch is a few tensor operations and waits for nothing.

The same reading as ``models.training.streams``: a place is drawn by the corpus's share and the piece's length, read for
``stay`` characters, then left for another. Made for hundreds of streams on an accelerator, and works on a processor
too. The draws come from a generator on the device, so another kind of device reads other places. No thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.interface import Codes

STATE_TENSORS = ("place", "end", "left", "fresh")  # of ``DeviceStreams``, one number a reader


class DeviceStreams:
    """``texts`` readers on ``device``; ``batch`` gives what they read next."""

    def __init__(
        self,
        corpora: Sequence[Sequence[Codes]],
        shares: Sequence[float],
        texts: int,
        steps: int,
        stay: int,
        seed: int,
        device: torch.device | str,
    ) -> None:
        """``corpora``: the pieces of each corpus; ``shares``: how often each is read, any positive scale."""
        kept = [[piece for piece in corpus if len(piece) > steps + 1] for corpus in corpora]
        if not all(kept):
            raise ValueError(f"every corpus needs a piece of more than {steps + 1} characters")
        pieces = [piece for corpus in kept for piece in corpus]
        lengths = np.array([len(piece) for piece in pieces])
        each = np.repeat(shares / np.sum(shares) / [sum(map(len, corpus)) for corpus in kept], [len(c) for c in kept])
        chances = each * lengths  # (P,) of every piece to be drawn
        self._text = torch.from_numpy(np.concatenate(pieces)).to(device)  # every piece, one after the other
        ends = torch.from_numpy(np.cumsum(lengths))
        self._ends = ends.to(device)  # (P,)
        self._starts = (ends - torch.from_numpy(lengths)).to(device)  # (P,)
        rooms = [max(1, length - max(steps + 1, min(stay, length // 2))) for length in lengths.tolist()]
        self._rooms = torch.tensor(rooms, dtype=torch.float64).to(device)  # (P,) places that a reader may begin at
        self._edges = torch.from_numpy(np.cumsum(chances)).to(device)  # (P,) of the drawn number, up to each piece
        self._steps, self._stay = steps, stay
        self._random = torch.Generator(device).manual_seed(seed)
        self._window = torch.arange(steps + 1, device=device).view(-1, 1)  # (T + 1, 1)
        self._place, self._end = self._draw(texts)  # (B,) each
        turns = torch.arange(1, texts + 1, device=device)  # so that they do not all jump at once
        self._left = stay * turns // texts
        self._fresh = torch.ones(texts, dtype=torch.bool, device=device)

    def _draw(self, texts: int) -> tuple[Tensor, Tensor]:
        """A place for each reader, and the end of the piece it lies in."""
        drawn = torch.rand(2, texts, dtype=torch.float64, device=self._text.device, generator=self._random)
        piece = torch.searchsorted(self._edges, drawn[0]).clamp_max(len(self._edges) - 1)
        return self._starts[piece] + (drawn[1] * self._rooms[piece]).long(), self._ends[piece]

    def batch(self) -> tuple[Tensor, Tensor]:
        """The next (steps + 1, texts) codes, and which of the texts begin anew (their state is to be zeroed)."""
        jumps = (self._left < self._steps) | (self._place + self._steps + 1 > self._end)
        place, end = self._draw(len(self._place))
        self._place = torch.where(jumps, place, self._place)
        self._end = torch.where(jumps, end, self._end)
        self._left = torch.where(jumps, self._stay, self._left)
        codes = self._text[self._place + self._window].long()
        fresh, self._fresh = self._fresh | jumps, torch.zeros_like(jumps)
        self._place = self._place + self._steps
        self._left = self._left - self._steps
        return codes, fresh

    def state(self) -> dict[str, Any]:
        """Everything that decides the batches to come, as plain JSON values. Waits for the device."""
        places = {name: getattr(self, f"_{name}").tolist() for name in STATE_TENSORS}
        return {**places, "random": self._random.get_state().tolist()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where ``state`` was taken, on a device of the same kind."""
        for name in STATE_TENSORS:
            held: Tensor = getattr(self, f"_{name}")
            setattr(self, f"_{name}", torch.tensor(state[name], dtype=held.dtype, device=held.device))
        self._random.set_state(torch.tensor(state["random"], dtype=torch.uint8))
