"""What a transformer knows of a text: the keys and values of its last tokens, in a ring that all hypotheses share.

A token that was read has a *serial*, one more than the token before it, whichever hypothesis read it. A hypothesis is a
path of serials. It hears the last ``WINDOW`` tokens, and of a longer text its first ``SINKS`` tokens too (Xiao et al.
2024: without them attention breaks down); those are kept apart, and stand right before the window, wherever it is.
Belongs to one thread.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from models.transformer.network import TransformerShape, rotated, waves_at

WINDOW = 508  # tokens that are heard, besides the sinks
SINKS = 4  # tokens of the text's beginning that are heard however long it is
RING = 2_048  # tokens that are held: the window of what is written, and of what a rewind may go back to
HEARD_SHARE = 7 / 8  # of the ring that is heard at the most: the tokens that come next take the place of the rest


@dataclass(frozen=True)
class Sinks:
    """The keys and values (layers, key heads, SINKS, head) of a text's first tokens, as they stood at its beginning."""

    keys: Tensor
    values: Tensor


@dataclass(frozen=True)
class Path:
    """The tokens that a hypothesis heard: the serials of the last ones, how many there were, and the first ones."""

    serials: tuple[int, ...] = ()
    length: int = 0
    sinks: Sinks | None = None


class KeyValues:
    """An empty ring for a network of this ``shape``; memory is taken as it fills."""

    def __init__(self, shape: TransformerShape, window: int = WINDOW, ring: int = RING) -> None:
        self.shape, self.ring = shape, ring
        self._window = shape.positions or window  # learnt positions end, and there is nothing to be moved
        size = (shape.layers, shape.key_heads, ring, shape.head)
        self.keys, self.values = torch.zeros(size), torch.zeros(size)  # rotated as in the whole text
        self._newest = 0  # the serial that the next token gets

    def holds(self, path: Path) -> bool:
        """Whether all of ``path`` is still there."""
        return all(serial >= self._newest - self.ring for serial in path.serials[:1])

    def begin(self, paths: Sequence[Path]) -> Hearing:
        """One token more behind each of ``paths``, of which a later one may go on from an earlier one's."""
        first = self._newest
        self._newest += len(paths)
        return Hearing(self, paths, first)

    def lengthened(self, path: Path, serial: int) -> Path:
        """``path`` with the token ``serial`` behind it, cut to the window."""
        serials, sinks = (*path.serials, serial), path.sinks
        if len(serials) > self._window + (SINKS if sinks is None else 0):
            if sinks is None:
                at = torch.tensor([each % self.ring for each in serials[:SINKS]])
                sinks = Sinks(self.keys.index_select(2, at), self.values.index_select(2, at))
            serials = serials[-self._window :]
        oldest = self._newest - int(HEARD_SHARE * self.ring)  # where many hypotheses were read, few tokens are held
        serials = serials[bisect_left(serials, oldest) :]
        return replace(path, serials=serials, length=path.length + 1, sinks=sinks)


class Hearing:
    """Tokens that are being read side by side, n of them, through all layers.

    ``paths`` are what each hears; the i-th gets the serial ``first`` + i, and hears itself too.
    """

    def __init__(self, held: KeyValues, paths: Sequence[Path], first: int) -> None:
        self._shape = held.shape
        self._keys, self._values, ring = held.keys, held.values, held.ring
        self.serials = range(first, first + len(paths))
        self._slots = [serial % ring for serial in self.serials]
        self._heard = [_Heard.of(path, own, ring) for path, own in zip(paths, self.serials, strict=True)]
        self._sinks = [path.sinks for path in paths]
        if self._shape.positions:
            return
        positions = [float(path.length) for path in paths]
        self._waves = tuple(wave[:, None] for wave in waves_at(torch.tensor(positions).double(), self._shape))
        shifts = [float(path.length - len(path.serials) - SINKS) for path in paths]  # how far the sinks are moved
        self._shifts = waves_at(torch.tensor(shifts).double(), self._shape)

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """(n, D) what the tokens hear in ``layer``: their queries (n, H, head), keys and values (n, KV, head)."""
        if not self._shape.positions:
            q, k = rotated(q, *self._waves), rotated(k, *self._waves)
        for row, slot in enumerate(self._slots):
            self._keys[layer, :, slot], self._values[layer, :, slot] = k[row], v[row]
        grouped = q.view(len(q), self._shape.key_heads, -1, self._shape.head)  # (n, KV, G, head)
        return torch.stack([self._of_row(layer, row, each).flatten() for row, each in enumerate(grouped)])

    def _of_row(self, layer: int, row: int, q: Tensor) -> Tensor:
        """(KV, G, head) what one token hears, of its queries of the same size."""
        heard, sinks = self._heard[row], self._sinks[row]
        keys, values = heard.of_ring(self._keys[layer]), heard.of_ring(self._values[layer])
        scores = torch.bmm(q, keys.transpose(1, 2)).mul_(self._shape.head**-0.5)  # (KV, G, span)
        if heard.mask is not None:
            scores.add_(heard.mask)
        if sinks is None:
            return torch.bmm(scores.softmax(2), values)
        first = rotated(sinks.keys[layer], self._shifts[0][row], self._shifts[1][row])
        of_sinks = torch.bmm(q, first.transpose(1, 2)).mul_(self._shape.head**-0.5)
        shares = torch.cat([of_sinks, scores], 2).softmax(2)
        return torch.bmm(shares[:, :, :SINKS], sinks.values[layer]) + torch.bmm(shares[:, :, SINKS:], values)


@dataclass(frozen=True)
class _Heard:
    """Where in the ring a path lies, and what of it is of other paths."""

    pieces: tuple[slice, ...]
    mask: Tensor | None  # (span,) 0 where the path has a token, else minus infinity

    @staticmethod
    def of(path: Path, own: int, ring: int) -> _Heard:
        serials = (*path.serials, own)
        span = own + 1 - serials[0]
        begin, end = serials[0] % ring, serials[0] % ring + span
        pieces = (slice(begin, end),) if end <= ring else (slice(begin, ring), slice(0, end - ring))
        if span == len(serials):
            return _Heard(pieces, None)
        mask = torch.full((span,), -torch.inf)
        mask[torch.tensor(serials) - serials[0]] = 0.0
        return _Heard(pieces, mask)

    def of_ring(self, ring: Tensor) -> Tensor:
        """(KV, span, head) of one layer's (KV, ring, head)."""
        pieces = [ring[:, piece] for piece in self.pieces]
        return pieces[0] if len(pieces) == 1 else torch.cat(pieces, 1)
