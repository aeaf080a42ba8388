"""How packed weights are multiplied: many matrices, each by its own vectors, on buffers that are laid out once.

A character costs at least the time in which all weights are read once, so they stay int8 as files have them.

``FbgemmMatmul`` is for processors. Matrix times vector is a weighted sum of the matrix's columns, and FBGEMM's
embedding kernel (Khudia et al. 2021) sums int8 rows with float weights for all voices in one call. It reads one stretch
of memory from end to end, and vectors keep all their bits. On Zen 5 it came within 1.1-1.2x of the bare reading;
FBGEMM's packed products took 1.25x and rounded vectors to 8 bits, oneDNN's ``_int_mm`` 1.5x, its bfloat16 ones 4x
(twice the bytes, and no packing for one vector). The kernel reads in several passes what the registers do not hold at
once: a processor with AVX2 alone took four times as long with the strips of one with AVX-512.

Where many texts read one voice, they share each reading of its weights: by oneDNN's int8 product, whose sums of 32 bits
are exact. Vectors are hidden states, which lie in -1..1; they are given to it in 15 bits, as a coarse and a fine part
of 8. Where the processor or this PyTorch has no such product, the weights become floats first.

``FloatMatmul`` is for everything else: CUDA, MPS, a processor or a PyTorch without FBGEMM's kernel, checking the other,
and weights that change (``models.char_lstm.fusion``).

The answer of a row of a batch does not depend on the other rows. All of it belongs to the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import ceil, prod
from typing import Any, Protocol

import torch
from torch import Tensor

from models.int8_rows import Matrix

STRIP_OUTPUTS = {"AVX512": 448, "AVX2": 96}  # outputs summed at a time: as many as the registers hold
REGISTER_FLOATS = 16  # floats in a register; strips are multiples of it where they can be
ROW_TAIL_BYTES = 8  # bytes after each row of bytes that hold its scale and its bias, as FBGEMM wants them
ZERO_POINT = 128  # a byte b stands for (b - ZERO_POINT) * scale
SHARED_FROM = 8  # texts of one voice from which they share each reading of its weights
STATE_STEPS = 127  # a hidden state of 1 in quantised steps
FINE_PARTS = 254  # parts of a step that the fine part of a vector tells apart


@dataclass(frozen=True)
class Batch:
    """Which voice each row of a batch is of: every row another voice (``repeats`` 1), or ``repeats`` rows of one."""

    voices: tuple[int, ...]
    repeats: int = 1

    def __len__(self) -> int:
        return len(self.voices) * self.repeats


class Workspace:
    """Buffers by role, shared by all calls that never run at the same time; laid out when they are first asked for."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._flat: dict[tuple[str | int, torch.dtype], Tensor] = {}
        self._gathered: dict[int, Tensor] = {}

    def buffer(self, role: str | int, *size: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """A buffer whose contents last until somebody else uses the buffer of the same role."""
        flat = self._flat.get((role, dtype))
        if flat is None or len(flat) < prod(size):
            flat = self._flat[role, dtype] = torch.zeros(prod(size), dtype=dtype, device=self._device)
        return flat[: prod(size)].view(size)

    def concatenated(self, vectors: Sequence[Tensor]) -> tuple[Tensor, Callable[[], object]]:
        """Where ``vectors`` (n, H) each stand as one (n, columns), and the call that puts them there."""
        if len(vectors) == 1:
            return vectors[0], no_op
        together = self.buffer("concatenated", len(vectors[0]), sum(vector.shape[1] for vector in vectors))
        return together, lambda: torch.cat(vectors, 1, out=together)  # type: ignore[arg-type]

    def gathered(self, values: Tensor, batch: Batch, each: bool = False) -> tuple[Tensor, Callable[[], object]]:
        """Where those of the lasting ``values`` (S, ...) stand that a batch asks for, and the call that fills it.

        (n, ...), or (1, ...) if all rows are of one voice and not ``each`` is asked for. However many steps are
        prepared, there is one such buffer: a step that runs after another puts its own there first.
        """
        voices = [voice for voice in batch.voices for _ in range(batch.repeats if each else 1)]
        if voices == list(range(len(values))):
            return values, no_op
        if self._device.type != "cpu":  # a CUDA graph cannot ask what stands in the buffer
            return values[torch.tensor(voices, device=self._device)], no_op
        key, index = id(values), torch.tensor(voices)
        most = max(len(voices), len(values))  # laid out once, however the number of voices grows
        here = self.buffer(key, most, *values.shape[1:], dtype=values.dtype)[: len(voices)]

        def put() -> None:
            if self._gathered.get(key) is not here:
                torch.index_select(values, 0, index, out=here)
                self._gathered[key] = here

        return here, put


def no_op() -> None:
    """What is to be done where all is done."""


class Matmul(Protocol):
    """S matrices (rows, columns) of one shape."""

    def prepare(
        self, batch: Batch, vectors: Sequence[Tensor], start: Tensor, into: Tensor, workspace: Workspace
    ) -> Callable[[], None]:
        """A call that sets ``into`` (n, rows) to ``start`` + the matrices times the ``vectors``, row by row.

        ``vectors`` (n, H) each are read side by side as one of ``columns``; ``start`` is (n, rows) or (1, rows) and
        may be ``into`` itself.
        """

    def times(self, vector: Tensor) -> Tensor:
        """(rows,) the first matrix times ``vector`` (columns,). Keeps nothing, so that any thread may ask."""

    def stack(self, which: Sequence[int]) -> MatrixStack:
        """The matrices ``which``, ready to be averaged."""


class MatrixStack(Protocol):
    """n matrices (rows, columns) whose weighted mean can be had a few rows at a time. Threads may share it."""

    rows: int

    def mean(self, rows: slice, which: Tensor, weights: Tensor, into: Tensor) -> None:
        """Set ``into`` (rows, columns) to the sum of ``weights`` (m,) times the rows of the matrices ``which`` (m,)."""


class FbgemmMatmul:
    """int8 weights, float vectors, one call of the library for all voices and strips of outputs of each, and one more
    for a narrower strip that may be left.

    The library hands out its sums in a new tensor, the one thing that a step allocates: 8 kB a voice, which the
    allocator gives again and again.
    """

    def __init__(self, matrices: Sequence[Matrix], strip: int | None = None) -> None:
        rows, self._columns = matrices[0].values.shape
        self._scales = torch.stack([matrix.scale for matrix in matrices])  # (S, rows)
        strip = strip or STRIP_OUTPUTS.get(torch.backends.cpu.get_cpu_capability(), STRIP_OUTPUTS["AVX2"])
        width = min(rows, REGISTER_FLOATS * ceil(rows / ceil(rows / strip) / REGISTER_FLOATS))
        whole = rows - rows % width
        ones = torch.ones(len(matrices), self._columns)  # a row is of many outputs, which have their scales later
        self._parts = []
        for part, width_ in ((slice(0, whole), width), (slice(whole, rows), rows - whole)):
            if width_:
                strips = [
                    embedding_table([matrix.values[first : first + width_].t() for matrix in matrices], ones)
                    for first in range(part.start, part.stop, width_)
                ]
                table = torch.stack(strips, 1)  # (S, strips, columns, width + tail): a voice lies from end to end
                which = torch.arange(table.shape[:3].numel(), dtype=torch.int32).view(len(matrices), -1)
                self._parts.append((part, width_, table.flatten(0, 2), which))
        self._ends = torch.arange(0, ceil(rows / width) * self._columns + 1, self._columns, dtype=torch.int32)

    def prepare(
        self, batch: Batch, vectors: Sequence[Tensor], start: Tensor, into: Tensor, workspace: Workspace
    ) -> Callable[[], None]:
        if batch.repeats >= SHARED_FROM:
            return self._prepare_for_many(batch, vectors, start, into, workspace)
        n, columns = len(batch), self._columns
        scales, put_scales = workspace.gathered(self._scales, batch)
        vector, gather = workspace.concatenated(vectors)
        each, puts = vector[:, None], [gather, put_scales]
        calls: list[tuple[Tensor, Callable[[], Tensor], Tensor, Tensor, Tensor]] = []
        for part, width, table, which in self._parts:
            strips = (part.stop - part.start) // width
            rows, put = workspace.gathered(which, batch, each=True)
            puts.append(put)
            most = max(n, len(which))
            weights = workspace.buffer("weights", most, strips, columns)[:n]  # the vectors for each strip anew
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

    def times(self, vector: Tensor) -> Tensor:
        """(rows,) the first matrix times ``vector`` (columns,). Keeps nothing, so that any thread may ask."""
        products = []
        for part, width, table, which in self._parts:
            strips = (part.stop - part.start) // width
            ends = self._ends[: strips + 1]
            products.append(weighted_row_sums(table, which[0], ends, vector.repeat(strips)).flatten())
        return torch.cat(products).mul_(self._scales[0])

    def stack(self, which: Sequence[int]) -> MatrixStack:
        return FbgemmStack(self, which)

    @property
    def columns(self) -> int:
        return self._columns

    @property
    def scales(self) -> Tensor:
        """(S, rows) what a step of each output is worth."""
        return self._scales

    def put_rows(self, voice: int, rows: slice, into: Tensor) -> None:
        """Set ``into`` (rows, columns) to bytes of a matrix, row by row, as ``embedding_table`` has them."""
        for part, width, table, which in self._parts:
            strips = (part.stop - part.start) // width
            stored = table.view(len(which), strips, self._columns, -1)[voice, :, :, :width]
            for strip, first in zip(stored, range(part.start, part.stop, width), strict=True):
                start, stop = max(rows.start, first), min(rows.stop, first + width)
                if start < stop:
                    here = slice(start - rows.start, stop - rows.start)
                    into[here].copy_(strip[:, start - first : stop - first].t())

    def _prepare_for_many(
        self, batch: Batch, vectors: Sequence[Tensor], start: Tensor, into: Tensor, workspace: Workspace
    ) -> Callable[[], None]:
        """The same for many rows of one voice, whose weights are read once for all of them."""
        (voice,) = batch.voices
        columns, scales = self._columns, self._scales[voice]
        vector, gather = workspace.concatenated(vectors)
        puts, products = [gather], list[Callable[[], None]]()
        halves = None
        if has_int8_matmul():
            halves, split = _in_halves(vector, workspace)
            puts.append(split)
            scales = scales / STATE_STEPS
        for part, width, table, which in self._parts:
            strips = (part.stop - part.start) // width
            size = which.shape[1]  # rows of the table that one voice has
            stored = table[voice * size : (voice + 1) * size].view(strips, columns, -1)[:, :, :width]
            start_, into_ = (values[:, part].view(len(values), strips, width) for values in (start, into))
            scales_ = scales[part].view(strips, width)
            if halves is not None:
                products.append(_int8_product(stored, halves, start_, scales_, into_, workspace))
            else:
                products.append(_float_product(stored, vector, start_, scales_, into_, workspace))

        def multiply() -> None:
            for put in puts:
                put()
            for product in products:
                product()

        return multiply


def _in_halves(vector: Tensor, workspace: Workspace) -> tuple[Tensor, Callable[[], None]]:
    """Where ``vector`` (n, columns) of -1..1 stands as (2 n, columns) int8, coarse parts before fine, and the call."""
    n, columns = vector.shape
    steps, rest = workspace.buffer("steps", n, columns), workspace.buffer("rest", n, columns)
    halves = workspace.buffer("halves", 2 * n, columns, dtype=torch.int8)

    def split() -> None:
        torch.mul(vector, STATE_STEPS, out=rest)
        torch.round(rest, out=steps)
        halves[:n].copy_(steps)
        halves[n:].copy_(rest.sub_(steps).mul_(FINE_PARTS).round_())

    return halves, split


def _int8_product(
    stored: Tensor, halves: Tensor, start: Tensor, scales: Tensor, into: Tensor, workspace: Workspace
) -> Callable[[], None]:
    """The call that sets ``into`` (n, strips, width) from bytes as ``embedding_table`` has them."""
    n, (strips, columns, width) = len(halves) // 2, stored.shape
    plain = workspace.buffer("bytes", strips, columns, width, dtype=torch.uint8)
    sums = workspace.buffer("int sums", strips, 2 * n, width, dtype=torch.int32)
    total, fine = workspace.buffer("sums", strips, n, width), workspace.buffer("fine sums", strips, n, width)
    weights = plain.view(torch.int8)

    def multiply() -> None:
        torch.bitwise_xor(stored, ZERO_POINT, out=plain)
        for strip in range(strips):
            torch._int_mm(halves, weights[strip], out=sums[strip])
        total.copy_(sums[:, :n])
        total.add_(fine.copy_(sums[:, n:]), alpha=1 / FINE_PARTS)
        torch.addcmul(start, total.transpose(0, 1), scales, out=into)

    return multiply


def _float_product(
    stored: Tensor, vector: Tensor, start: Tensor, scales: Tensor, into: Tensor, workspace: Workspace
) -> Callable[[], None]:
    """The same in floats, where there is no product of int8."""
    n, (strips, columns, width) = len(vector), stored.shape
    floats, sums = workspace.buffer("floats", strips, columns, width), workspace.buffer("sums", strips, n, width)
    vectors = vector.expand(strips, n, columns)

    def multiply() -> None:
        floats.copy_(stored).sub_(ZERO_POINT)
        torch.bmm(vectors, floats, out=sums)
        torch.addcmul(start, sums.transpose(0, 1), scales, out=into)

    return multiply


def embedding_table(matrices: Sequence[Tensor], scales: Tensor) -> Tensor:
    """n int8 ``matrices`` (rows, columns) and their rows' ``scales`` (n, rows) as ``weighted_row_sums`` reads them.

    (n, rows, columns + ROW_TAIL_BYTES) bytes; flatten the first two for a table.
    """
    rows, columns = matrices[0].shape
    table = torch.empty(len(matrices), rows, columns + ROW_TAIL_BYTES, dtype=torch.uint8)
    for place, matrix in zip(table, matrices, strict=True):
        place[:, :columns].copy_(matrix.view(torch.uint8))
        place[:, :columns].bitwise_xor_(ZERO_POINT)
    table[:, :, columns:] = _row_tails(scales)
    return table


def _row_tails(scales: Tensor) -> Tensor:
    """(..., ROW_TAIL_BYTES) what stands behind rows of bytes of these ``scales`` (...)."""
    return torch.stack([scales, -ZERO_POINT * scales], -1).contiguous().view(torch.uint8)


def weighted_row_sums(table: Tensor, which: Tensor, ends: Tensor, weights: Tensor) -> Tensor:
    """(n, columns) sums of the rows ``which`` of ``table``, each times its weight; sum i is of ``ends[i:i+2]``."""
    kernel: Any = torch.ops.quantized.embedding_bag_byte_rowwise_offsets
    sums: Tensor = kernel(table, which, ends, False, 0, False, weights, None, True)
    return sums


# ---- what this PyTorch and this processor have -----------------------------------------------------------------------
# None of these are public functions of PyTorch's, so they are tried on a small example before they are used.


@cache
def has_fbgemm() -> bool:
    """Whether FBGEMM's kernel is there, and sums as we expect."""
    return "fbgemm" in torch.backends.quantized.supported_engines and sums_rows(weighted_row_sums)


@cache
def has_int8_matmul() -> bool:
    """Whether oneDNN's product of int8 is there, is quick on this processor, and multiplies as we expect."""
    try:
        return torch.cpu._is_vnni_supported() and multiplies_int8(torch._int_mm)
    except (AttributeError, NotImplementedError, RuntimeError):
        return False


def sums_rows(kernel: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> bool:
    """Whether ``kernel``, called as ``weighted_row_sums`` is, gives the sums of a small table."""
    table = embedding_table([torch.tensor([[1, -2], [30, 127]], dtype=torch.int8)], torch.tensor([[1.0, 0.5]]))[0]
    which, ends = torch.tensor([0, 1, 1], dtype=torch.int32), torch.tensor([0, 2, 3], dtype=torch.int32)
    try:
        sums = kernel(table, which, ends, torch.tensor([2.0, 4.0, -1.0]))
        return torch.equal(sums, torch.tensor([[62.0, 250.0], [-15.0, -63.5]]))
    except (AttributeError, NotImplementedError, RuntimeError, TypeError):
        return False


def multiplies_int8(product: Callable[..., Tensor]) -> bool:
    """Whether ``product``, called as ``torch._int_mm`` is, multiplies two small matrices."""
    left = torch.tensor([[1, -2], [3, 4], [-128, 127]], dtype=torch.int8)
    right, sums = torch.tensor([[5, -6], [127, -128]], dtype=torch.int8), torch.zeros(3, 2, dtype=torch.int32)
    try:
        product(left, right, out=sums)
    except (AttributeError, NotImplementedError, RuntimeError, TypeError):
        return False
    return torch.equal(sums, torch.tensor([[-249, 250], [523, -530], [15489, -15488]], dtype=torch.int32))


class FbgemmStack:
    """int8 matrices row by row, of which FBGEMM's kernel sums those of all voices at once; ``matrices`` are column by
    column. It is a second copy of their bytes, so a row is laid out when it is first averaged.

    Two threads may lay out the same row: they write the same bytes.
    """

    def __init__(self, matrices: FbgemmMatmul, which: Sequence[int]) -> None:
        self._matrices, self._voices = matrices, tuple(which)
        self._scales = matrices.scales[list(which)]  # (n, rows)
        self.rows, self._columns = self._scales.shape[1], matrices.columns
        # no memory is taken before it is written
        self._table = torch.empty(len(self._voices), self.rows, self._columns + ROW_TAIL_BYTES, dtype=torch.uint8)
        self._laid_out: set[tuple[int, int, int]] = set()  # place, from row, to row

    def _lay_out(self, place: int, rows: slice) -> None:
        here = self._table[place, rows]
        self._matrices.put_rows(self._voices[place], rows, here[:, : self._columns])
        here[:, self._columns :] = _row_tails(self._scales[place, rows])
        self._laid_out.add((place, rows.start, rows.stop))

    def mean(self, rows: slice, which: Tensor, weights: Tensor, into: Tensor) -> None:
        for place in which.tolist():
            if (place, rows.start, rows.stop) not in self._laid_out:
                self._lay_out(place, rows)
        first = which.int() * self.rows
        places = (torch.arange(rows.start, rows.stop, dtype=torch.int32)[:, None] + first).flatten()
        ends = torch.arange(0, len(places) + 1, len(which), dtype=torch.int32)
        repeated = weights.repeat(rows.stop - rows.start)
        into.copy_(weighted_row_sums(self._table.flatten(0, 1), places, ends, repeated))


class FloatStack:
    """Float matrices ``weights`` (S, rows, columns) as they lie, on their device."""

    def __init__(self, weights: Tensor, which: Sequence[int]) -> None:
        self._weights, self._which = weights, torch.tensor(list(which), device=weights.device)
        self.rows = weights.shape[1]

    def mean(self, rows: slice, which: Tensor, weights: Tensor, into: Tensor) -> None:
        chosen = self._weights[self._which[which.to(self._which.device)], rows]  # (m, rows, columns)
        into.copy_((chosen * weights.to(chosen.device)[:, None, None]).sum(0))


class FloatMatmul:
    """``weights`` (S, rows, columns) in float32 on any device: on a processor voice by voice, on others in one call."""

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights

    @staticmethod
    def of(matrices: Sequence[Matrix], device: torch.device) -> FloatMatmul:
        """A copy of ``matrices`` on ``device``."""
        weights = torch.empty(len(matrices), *matrices[0].values.shape, device=device)
        for weight, matrix in zip(weights, matrices, strict=True):
            weight.copy_(matrix.values).mul_(matrix.scale[:, None].to(device))
        return FloatMatmul(weights)

    def times(self, vector: Tensor) -> Tensor:
        return self.weights[0] @ vector

    def stack(self, which: Sequence[int]) -> MatrixStack:
        return FloatStack(self.weights, which)

    def prepare(
        self, batch: Batch, vectors: Sequence[Tensor], start: Tensor, into: Tensor, workspace: Workspace
    ) -> Callable[[], None]:
        vector, gather = workspace.concatenated(vectors)
        calls: list[tuple[Any, Tensor, Tensor, Tensor, Tensor]]
        if batch.repeats > 1:
            calls = [(torch.addmm, start, vector, self.weights[batch.voices[0]].t(), into)]
        elif self.weights.device.type != "cpu" and batch.voices == tuple(range(len(self.weights))):
            calls = [(torch.baddbmm, start[:, :, None], self.weights, vector[:, :, None], into[:, :, None])]
        else:
            calls = [
                (torch.addmv, start[row], self.weights[voice], vector[row], into[row])
                for row, voice in enumerate(batch.voices)
            ]

        def multiply() -> None:
            gather()
            for add_product, start_, left, right, into_ in calls:
                add_product(start_, left, right, out=into_)

        return multiply


def one_matrix(matrix: Matrix) -> Matmul:
    """What multiplies ``matrix`` on this processor: in int8 where it is int8 and the kernel is there."""
    in_int8 = matrix.values.dtype == torch.int8 and has_fbgemm()
    return FbgemmMatmul([matrix]) if in_int8 else FloatMatmul.of([matrix], torch.device("cpu"))
