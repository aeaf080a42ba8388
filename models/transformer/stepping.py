"""A transformer stepped by hand, a few tokens at a time, on int8 rows and in slices of half a layer.

The rows are multiplied by the char-LSTMs' kernel (``models.kernels``): vectors keep all their bits, for 8-bit
activations ruin such a network. A slice takes some milliseconds or less on one core, so that a voice which is slow can
be stepped between the characters of the others. The weights are shared by all texts of one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.int8_rows import Matrix
from models.kernels import Batch, Workspace, one_matrix
from models.transformer.key_values import KeyValues, Path
from models.transformer.network import Pair, bent, normed
from models.transformer.weights_file import TransformerWeights

HEAD_PARTS = 8  # slices that the head is computed in: it has as many rows as eight layers
MOST_TOGETHER = 4  # tokens that are read side by side

Slices = Generator[None, None, "Known"]  # each ``next`` is one slice of work
Sums = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """What is known behind tokens that were read: where they stand, and (n, D) the last hidden numbers."""

    paths: tuple[Path, ...]
    hidden: Tensor


class Product:
    """A matrix that is multiplied by one vector, or by a few, again and again."""

    def __init__(self, matrix: Matrix, workspace: Workspace) -> None:
        self._size, self._workspace = tuple(matrix.values.shape), workspace
        self._matmul = one_matrix(matrix)
        self._prepared: dict[int, tuple[Tensor, Tensor, Callable[[], None]]] = {}

    def __call__(self, x: Tensor) -> Tensor:
        """(n, rows) of ``x`` (n, columns), n up to ``MOST_TOGETHER``; lasts until the next call with as many."""
        n, (rows, columns) = len(x), self._size
        if n not in self._prepared:
            vector, into, nothing = torch.zeros(n, columns), torch.zeros(n, rows), torch.zeros(1, rows)
            call = self._matmul.prepare(Batch((0,), n), [vector], nothing, into, self._workspace)
            self._prepared[n] = vector, into, call
        vector, into, call = self._prepared[n]
        vector.copy_(x)
        call()
        return into


class Leaning:
    """What is added to the matrices of a network: the adapters that are in play, side by side, each by its weight.

    ``pair_of`` gives (R, in) and (out, R) for a "LAYER.MATRIX", or None; ``weights`` (R,) are those of their rows.
    """

    def __init__(self, pair_of: Callable[[str], Pair | None], weights: Tensor) -> None:
        self._pair_of, self._weights = pair_of, weights

    def add(self, name: str, x: Tensor, product: Tensor) -> Tensor:
        """``product`` (n, out), of ``x`` (n, in) and the matrix ``name``, with what is added to that."""
        pair = self._pair_of(name)
        return product if pair is None else product.addmm_((x @ pair[0].t()) * self._weights, pair[1].t())


class Stepper:
    """The weights, packed once."""

    def __init__(self, weights: TransformerWeights) -> None:
        self.shape, self.subwords, self.name = weights.shape, weights.subwords, weights.name
        workspace = Workspace(torch.device("cpu"))
        self._begin, self._embedding, self._norm = weights.begin, weights.embedding, weights.norm
        self._layers = [
            (layer, {name: Product(matrix, workspace) for name, matrix in layer.matrices.items()})
            for layer in weights.layers
        ]
        self._positions = weights.positions
        head = weights.head or weights.embedding
        step = -(-self.shape.tokens // HEAD_PARTS)
        self._head = [
            Product(Matrix(head.values[at : at + step], head.scale[at : at + step]), workspace)
            for at in range(0, self.shape.tokens, step)
        ]

    def read(
        self, held: KeyValues, tokens: Sequence[int | None], paths: Sequence[Path], leaning: Leaning | None = None
    ) -> Slices:
        """Read ``tokens`` side by side, each behind its path; None is what a text begins with."""
        with torch.inference_mode():
            hearing = held.begin(paths)
            x = torch.stack([self._embedded(*each) for each in zip(tokens, paths, strict=True)])  # (n, D)
        for place in range(self.shape.layers):
            with torch.inference_mode():
                x = self._attended(place, x, hearing.attend, leaning)
            yield
            with torch.inference_mode():
                x = self._fed_forward(place, x, leaning)
            yield
        with torch.inference_mode():
            known = tuple(held.lengthened(path, serial) for path, serial in zip(paths, hearing.serials, strict=True))
            return Known(known, normed(x, self._norm, self.shape.epsilon))

    def expect(self, hidden: Tensor) -> Generator[None, None, list[Sums]]:
        """What is expected behind ``hidden`` (n, D): of each (T + 1,) the running sums of the tokens' probabilities."""
        parts = []
        for part in self._head:
            with torch.inference_mode():
                parts.append(part(hidden).clone())
            yield
        found = []
        for row in torch.cat(parts, 1):
            with torch.inference_mode():
                sums = torch.zeros(self.shape.tokens + 1, dtype=torch.float64)
                torch.cumsum(row.double().softmax(0), 0, out=sums[1:])
            found.append(sums.numpy())
            yield
        return found

    def _embedded(self, token: int | None, path: Path) -> Tensor:
        found = self._begin
        if token is not None:
            found = self._embedding.values[token].float() * self._embedding.scale[token]
        if self._positions is None:
            return found
        return found + self._positions[min(path.length, self.shape.positions - 1)]

    def _attended(
        self, place: int, x: Tensor, attend: Callable[[int, Tensor, Tensor, Tensor], Tensor], leaning: Leaning | None
    ) -> Tensor:
        """``x`` (n, D) behind the first half of a layer: with what was heard."""
        shape, norm = self.shape, self._layers[place][0].norms["attention_norm"]
        joined = self._product(place, "qkv", normed(x, norm, shape.epsilon), leaning)
        keys = shape.key_heads * shape.head
        q, k, v = (part.view(len(x), -1, shape.head) for part in torch.split(joined, [shape.width, keys, keys], dim=1))
        return x + self._product(place, "output", attend(place, q, k, v), leaning)

    def _fed_forward(self, place: int, x: Tensor, leaning: Leaning | None) -> Tensor:
        """``x`` (n, D) behind the second half."""
        norm, inner = self._layers[place][0].norms["mlp_norm"], "up" if self.shape.positions else "gate_up"
        known = self._product(place, inner, normed(x, norm, self.shape.epsilon), leaning)
        return x + self._product(place, "down", bent(self.shape, known), leaning)

    def _product(self, place: int, name: str, vector: Tensor, leaning: Leaning | None) -> Tensor:
        layer, products = self._layers[place]
        found = products[name](vector)
        if (bias := layer.biases.get(name)) is not None:
            found.add_(bias)
        return found if leaning is None else leaning.add(f"{place}.{name}", vector, found)
