"""How an ensemble multiplies: many matrices, each by its own vectors, on buffers that are laid out once.

A character costs at least the time in which all weights are read once, so they stay int8 as files have them.

``FbgemmMatmul`` is for a text or a few on a processor: matrix times vector is a weighted sum of the matrix's columns,
and FBGEMM's embedding kernel (Khudia et al. 2021) sums int8 rows with float weights for all voices in one call. It
reads one stretch of memory from end to end, and vectors keep all their bits. On Zen 5 it came within 1.1-1.2x of the
bare reading; FBGEMM's packed products took 1.25x and rounded vectors to 8 bits, oneDNN's ``_int_mm`` 1.5x, its bfloat16
ones 4x (twice the bytes, and no packing for one vector). What the registers do not hold at once the kernel reads in
several passes: a processor with AVX2 alone took four times as long with the strips of one with AVX-512.

``OneDnnMatmul`` is for many texts at once, whose vectors share each reading of a voice's weights: oneDNN's int8
product, exact sums of 32 bits. Vectors are hidden states, which lie in -1..1; they are given to it in 15 bits, as a
coarse and a fine part of 8.

``FloatMatmul`` is for everything else: CUDA, MPS, processors without these kernels, checking the other two, and
weights that change (``models.char_lstm.fusion``).

A *lane* is one voice reading one text: one row of every buffer. A lane's answer does not depend on other lanes.
All of it belongs to the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, prod
from typing import Any, Protocol

import torch
from torch import Tensor

from models.char_lstm.stored_voice import QuantisedMatrix

STRIP_OUTPUTS = {"AVX512": 448, "AVX2": 96}  # outputs summed at a time: as many as the registers hold
REGISTER_FLOATS = 16  # floats in a register; strips are multiples of it where they can be
ROW_TAIL_BYTES = 8  # bytes after each row of bytes that hold its scale and its bias, as FBGEMM wants them
ZERO_POINT = 128  # a byte b stands for (b - OFFSET) * scale
STEPS = 127  # a hidden state of 1 in quantised steps
FINER = 254  # parts of a step that the fine part tells apart


class Workspace:
    """Buffers by role, shared by all calls that never run at the same time; laid out when they are first asked for."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._flat: dict[tuple[str | int, torch.dtype], Tensor] = {}
        self._put: dict[int, Tensor] = {}

    def take(self, role: str | int, *size: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """A buffer whose contents last until somebody else uses what was taken for the same role."""
        flat = self._flat.get((role, dtype))
        if flat is None or len(flat) < prod(size):
            flat = self._flat[role, dtype] = torch.zeros(prod(size), dtype=dtype, device=self._device)
        return flat[: prod(size)].view(size)

    def side_by_side(self, vectors: Sequence[Tensor]) -> tuple[Tensor, Callable[[], object]]:
        """Where ``vectors`` (n, H) each stand as one (n, columns), and the call that puts them there."""
        if len(vectors) == 1:
            return vectors[0], no_op
        together = self.take("side by side", len(vectors[0]), sum(vector.shape[1] for vector in vectors))
        return together, lambda: torch.cat(vectors, 1, out=together)  # type: ignore[arg-type]

    def chosen(self, values: Tensor, batch: Batch, each: bool = False) -> tuple[Tensor, Callable[[], object]]:
        """Where those of the lasting ``values`` (S, ...) stand that lanes ask for, and the call that puts them there.

        (n, ...), or (1, ...) if all lanes are of one voice and not ``each`` is asked for. However many steps are
        prepared, there is one such buffer: a step that runs after another puts its own there first.
        """
        voices = [voice for voice in batch.voices for _ in range(batch.repeats if each else 1)]
        if voices == list(range(len(values))):
            return values, no_op
        if self._device.type != "cpu":  # a graph that is replayed asks no questions
            return values[torch.tensor(voices, device=self._device)], no_op
        key, index = id(values), torch.tensor(voices)
        most = max(len(voices), len(values))  # laid out once, however the number of voices grows
        here = self.take(key, most, *values.shape[1:], dtype=values.dtype)[: len(voices)]

        def put() -> None:
            if self._put.get(key) is not here:
                torch.index_select(values, 0, index, out=here)
                self._put[key] = here

        return here, put


def no_op() -> None:
    """What is to be done where all is done."""


@dataclass(frozen=True)
class Batch:
    """Which voice each row of a batch is of: every row another voice (``repeats`` 1), or ``repeats`` rows of one."""

    voices: tuple[int, ...]
    repeats: int = 1

    def __len__(self) -> int:
        return len(self.voices) * self.repeats


class Matmul(Protocol):
    """S matrices (rows, columns) of one shape."""

    def prepare(
        self, batch: Batch, vectors: Sequence[Tensor], start: Tensor, into: Tensor, workspace: Workspace
    ) -> Callable[[], None]:
        """A call that sets ``into`` (n, rows) to ``start`` + the matrices times the ``vectors``, lane by lane.

        ``vectors`` (n, H), each in -1..1, are read side by side as one of ``columns``; ``start`` is (n, rows) or
        (1, rows) and may be ``into`` itself.
        """


class FbgemmMatmul:
    """int8 weights, float vectors, one call of the library for all voices and strips of outputs of each, and one more
    for a narrower strip that may be left.

    The library hands out its sums in a new tensor, the one thing that a step allocates: 8 kB a voice, which the
    allocator gives again and again.
    """

    def __init__(self, matrices: Sequence[QuantisedMatrix], strip: int | None = None) -> None:
        rows, self._columns = matrices[0].values.shape
        self._scales = torch.stack([matrix.scale for matrix in matrices])  # (S, rows)
        width = min(rows, REGISTER_FLOATS * ceil(rows / ceil(rows / (strip or self.strip())) / REGISTER_FLOATS))
        whole = rows - rows % width
        plain = torch.ones(len(matrices), self._columns)  # a row is of many outputs, which have their scales later
        self._parts = []
        for part, width_ in ((slice(0, whole), width), (slice(whole, rows), rows - whole)):
            if width_:
                strips = [
                    embedding_table([matrix.values[first : first + width_].t() for matrix in matrices], plain)
                    for first in range(part.start, part.stop, width_)
                ]
                table = torch.stack(strips, 1)  # (S, strips, columns, width + TAIL): a voice lies from end to end
                which = torch.arange(table.shape[:3].numel(), dtype=torch.int32).view(len(matrices), -1)
                self._parts.append((part, width_, table.flatten(0, 2), which))

    @staticmethod
    def suits_this_machine() -> bool:
        return "fbgemm" in torch.backends.quantized.supported_engines

    @staticmethod
    def strip() -> int:
        """How many outputs this machine's registers hold."""
        return STRIP_OUTPUTS.get(torch.backends.cpu.get_cpu_capability(), STRIP_OUTPUTS["AVX2"])

    def prepare(
        self, batch: Batch, vectors: Sequence[Tensor], start: Tensor, into: Tensor, workspace: Workspace
    ) -> Callable[[], None]:
        n, columns = len(batch), self._columns
        scales, put_scales = workspace.chosen(self._scales, batch)
        vector, gather = workspace.side_by_side(vectors)
        each, puts = vector[:, None], [gather, put_scales]
        calls: list[tuple[Tensor, Callable[[], Tensor], Tensor, Tensor, Tensor]] = []
        for part, width, table, which in self._parts:
            strips = (part.stop - part.start) // width
            rows, put = workspace.chosen(which, batch, each=True)
            puts.append(put)
            most = max(n, len(which))
            weights = workspace.take("weights", most, strips, columns)[:n]  # the vectors for each strip anew
            ends = torch.arange(0, n * strips * columns + 1, columns, dtype=torch.int32)
            start_, scales_, into_ = (
                values[:, part].view(len(values), strips, width) for values in (start, scales, into)
            )
            sum_up = partial(weighted_row_sums, table, rows.view(-1), ends, weights.view(-1))
            calls.append((weights, sum_up, start_, scales_, into_))

        def multiply() -> None:
            for put in puts:
                put()
            for weights, sum_up, start_, scales_, into_ in calls:
                weights.copy_(each)
                torch.addcmul(start_, sum_up().view_as(into_), scales_, out=into_)

        return multiply


def embedding_table(matrices: Sequence[Tensor], scales: Tensor) -> Tensor:
    """n int8 ``matrices`` (rows, columns) and their rows' ``scales`` (n, rows) as ``weighted_row_sums`` reads them.

    (n, rows, columns + TAIL) bytes; flatten the first two for a table.
    """
    rows, columns = matrices[0].shape
    table = torch.empty(len(matrices), rows, columns + ROW_TAIL_BYTES, dtype=torch.uint8)
    for place, matrix in zip(table, matrices, strict=True):
        place[:, :columns].copy_(matrix.view(torch.uint8))
        place[:, :columns].bitwise_xor_(ZERO_POINT)
    table[:, :, columns:] = torch.stack([scales, -ZERO_POINT * scales], 2).contiguous().view(torch.uint8)
    return table


def weighted_row_sums(table: Tensor, which: Tensor, ends: Tensor, weights: Tensor) -> Tensor:
    """(n, columns) sums of the rows ``which`` of ``table``, each times its weight; sum i is of ``ends[i:i+2]``."""
    kernel: Any = torch.ops.quantized.embedding_bag_byte_rowwise_offsets
    sums: Tensor = kernel(table, which, ends, False, 0, False, weights, None, True)
    return sums


class OneDnnMatmul:
    """int8 weights and vectors of twice 8 bits; the lanes of a voice in one product."""

    def __init__(self, matrices: Sequence[QuantisedMatrix]) -> None:
        self._weights = torch.stack([matrix.values for matrix in matrices])  # (S, rows, columns)
        self._scales = torch.stack([matrix.scale for matrix in matrices]) / STEPS  # (S, rows), for vectors in steps

    @staticmethod
    def suits_this_machine() -> bool:
        return "onednn" in torch.backends.quantized.supported_engines and torch.cpu._is_vnni_supported()

    def prepare(
        self, batch: Batch, vectors: Sequence[Tensor], start: Tensor, into: Tensor, workspace: Workspace
    ) -> Callable[[], None]:
        n, (rows, columns) = len(batch), self._weights.shape[1:]
        scales, put_scales = workspace.chosen(self._scales, batch)
        vector, gather = workspace.side_by_side(vectors)
        steps, rest = workspace.take("steps", n, columns), workspace.take("rest", n, columns)
        coarse, fine = (workspace.take(role, n, columns, dtype=torch.int8) for role in ("coarse", "fine"))
        sums = workspace.take("sums", n, rows, dtype=torch.int32)
        product, finer = workspace.take("product", n, rows), workspace.take("finer", n, rows)
        calls = [
            (slice(place * batch.repeats, (place + 1) * batch.repeats), self._weights[voice].t())
            for place, voice in enumerate(batch.voices)
        ]
        calls_coarse, calls_fine = (
            [(part[these], weight, sums[these]) for these, weight in calls] for part in (coarse, fine)
        )

        def multiply() -> None:
            gather()
            put_scales()
            torch.mul(vector, STEPS, out=rest)
            torch.round(rest, out=steps)
            coarse.copy_(steps)
            fine.copy_(rest.sub_(steps).mul_(FINER).round_())
            for vectors_, weight, sums_ in calls_coarse:
                torch._int_mm(vectors_, weight, out=sums_)
            product.copy_(sums)
            for vectors_, weight, sums_ in calls_fine:
                torch._int_mm(vectors_, weight, out=sums_)
            product.add_(finer.copy_(sums), alpha=1 / FINER)
            torch.addcmul(start, product, scales, out=into)

        return multiply


class FloatMatmul:
    """``weights`` (S, rows, columns) in float32 on any device: on a processor voice by voice, on others in one call."""

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights

    @staticmethod
    def of(matrices: Sequence[QuantisedMatrix], device: torch.device) -> FloatMatmul:
        """A copy of ``matrices`` on ``device``."""
        weights = torch.empty(len(matrices), *matrices[0].values.shape, device=device)
        for weight, matrix in zip(weights, matrices, strict=True):
            weight.copy_(matrix.values).mul_(matrix.scale[:, None].to(device))
        return FloatMatmul(weights)

    def prepare(
        self, batch: Batch, vectors: Sequence[Tensor], start: Tensor, into: Tensor, workspace: Workspace
    ) -> Callable[[], None]:
        vector, gather = workspace.side_by_side(vectors)
        calls: list[tuple[Any, Tensor, Tensor, Tensor, Tensor]]
        if batch.repeats > 1:
            calls = [(torch.addmm, start, vector, self.weights[batch.voices[0]].t(), into)]
        elif self.weights.device.type != "cpu" and batch.voices == tuple(range(len(self.weights))):
            calls = [(torch.baddbmm, start[:, :, None], self.weights, vector[:, :, None], into[:, :, None])]
        else:
            calls = [
                (torch.addmv, start[lane], self.weights[voice], vector[lane], into[lane])
                for lane, voice in enumerate(batch.voices)
            ]

        def multiply() -> None:
            gather()
            for add_product, start_, left, right, into_ in calls:
                add_product(start_, left, right, out=into_)

        return multiply
