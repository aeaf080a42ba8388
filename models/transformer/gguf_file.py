"""GGUF files read with suspicion: what they say of themselves, and their tensors as floats.

The format is that of ggml (version 2 or 3, little-endian). Nothing in a file is run, every count and length is bounded
and checked against the file's own size before it is believed, and tensors are read one at a time. Pure; no thread.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from protocol.errors import VoiceError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_ENTRIES = 4_096  # of what a file says of itself, and tensors
MOST_ITEMS = 1_000_000  # of a list
MOST_NAME = 65_535  # bytes of a name or a text; the longest texts are templates for conversations
MOST_DIMENSIONS = 4
ALIGNMENT = 32  # bytes that tensors begin at multiples of, unless the file says otherwise
TEXT, LIST = 8, 9  # kinds of value that have a length
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


# ---- how numbers are packed: (n, bytes of a block) to (n, numbers of a block) ----------------------------------------


def _half(blocks: Bytes, at: int) -> Floats:
    """(n, 1) the half float that stands at this byte of each block."""
    return np.ascontiguousarray(blocks[:, at : at + 2]).view(np.float16).astype(np.float32)


def _nibbles(packed: Bytes) -> Floats:
    """(n, 2 m) the low halves of (n, m) bytes, then the high ones."""
    return np.concatenate([packed & 15, packed >> 4], 1).astype(np.float32)


def _q4_0(blocks: Bytes) -> Floats:
    return _half(blocks, 0) * (_nibbles(blocks[:, 2:]) - 8.0)


def _q4_1(blocks: Bytes) -> Floats:
    return _half(blocks, 0) * _nibbles(blocks[:, 4:]) + _half(blocks, 2)


def _q8_0(blocks: Bytes) -> Floats:
    return _half(blocks, 0) * np.ascontiguousarray(blocks[:, 2:]).view(np.int8).astype(np.float32)


def _q6_k(blocks: Bytes) -> Floats:
    """Sixteen scales of a byte for 16 numbers each; of a number 4 bits stand in one place and 2 in another."""
    four, two = blocks[:, :128].reshape(-1, 2, 64), blocks[:, 128:192].reshape(-1, 2, 1, 32)
    low = np.stack([four & 15, four >> 4], 2).reshape(-1, 2, 4, 32)
    high = (two >> np.array([0, 2, 4, 6], np.uint8)[:, None]) & 3  # (n, 2, 4, 32)
    numbers = (low | (high << 4)).astype(np.float32) - 32.0
    scales = np.ascontiguousarray(blocks[:, 192:208]).view(np.int8).astype(np.float32)
    return np.asarray(_half(blocks, 208) * (numbers.reshape(-1, 16, 16) * scales[:, :, None]).reshape(-1, 256))


def _f32(blocks: Bytes) -> Floats:
    return np.ascontiguousarray(blocks).view(np.float32)


def _f16(blocks: Bytes) -> Floats:
    return np.ascontiguousarray(blocks).view(np.float16).astype(np.float32)


def _bf16(blocks: Bytes) -> Floats:
    return (np.ascontiguousarray(blocks).view(np.uint16).astype(np.uint32) << 16).view(np.float32)


@dataclass(frozen=True)
class Packing:
    """How numbers stand in a file: so many of them in a block of so many bytes."""

    name: str
    numbers: int
    size: int
    unpack: Callable[[Bytes], Floats]


PACKINGS = {
    0: Packing("F32", 1, 4, _f32),
    1: Packing("F16", 1, 2, _f16),
    2: Packing("Q4_0", 32, 18, _q4_0),
    3: Packing("Q4_1", 32, 20, _q4_1),
    8: Packing("Q8_0", 32, 34, _q8_0),
    14: Packing("Q6_K", 256, 210, _q6_k),
    30: Packing("BF16", 1, 2, _bf16),
}


# ---- the file --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    shape: tuple[int, ...]  # rows first
    packing: Packing
    offset: int


class GgufFile:
    """An open file, to be used in ``with``; raises ``VoiceError`` for one that is torn or that is no GGUF."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise VoiceError(f"{path} cannot be read ({error})") from None
        try:
            self.record, self._places = _Parser(self._data).parse()
        except (ValueError, struct.error) as error:
            self._data.close()
            raise VoiceError(f"{path} is no whole GGUF file ({error}): get it again") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._data.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Of all tensors."""
        return tuple(self._places)

    def tensor(self, name: str) -> Floats:
        """The tensor called ``name``, rows first; raises ``VoiceError`` where there is none."""
        try:
            place = self._places[name]
        except KeyError:
            raise VoiceError(f"{self.path} has no {name}") from None
        packing = place.packing
        blocks = math.prod(place.shape) // packing.numbers
        packed = np.frombuffer(self._data, np.uint8, blocks * packing.size, place.offset).reshape(blocks, packing.size)
        found = packing.unpack(packed).reshape(place.shape)
        return np.array(found)  # not the file's own memory, which goes with it


class _Parser:
    """Reads from the beginning; every read is checked to lie in the file."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data, self._at = data, 0

    def parse(self) -> tuple[Mapping[str, Any], dict[str, _Place]]:
        if self._bytes(4) != MAGIC:
            raise ValueError("it does not begin as one")
        version = self._number("I")
        if version not in VERSIONS:
            raise ValueError(f"its version is {version}")
        tensors, entries = self._count(MOST_ENTRIES), self._count(MOST_ENTRIES)
        record = {self._text(): self._value(self._number("I")) for _ in range(entries)}
        told = [self._told() for _ in range(tensors)]
        alignment = record.get("general.alignment", ALIGNMENT)
        if not (isinstance(alignment, int) and 0 < alignment <= MOST_NAME):
            raise ValueError("its tensors lie nowhere")
        begin = -(-self._at // alignment) * alignment
        return record, {name: self._placed(shape, kind, begin + offset) for name, shape, kind, offset in told}

    def _told(self) -> tuple[str, tuple[int, ...], int, int]:
        name, dimensions = self._text(), self._number("I")
        if not 0 < dimensions <= MOST_DIMENSIONS:
            raise ValueError(f"{name[:40]!r} has {dimensions} dimensions")
        shape = tuple(self._number("Q") for _ in range(dimensions))
        return name, shape[::-1], self._number("I"), self._number("Q")

    def _placed(self, shape: tuple[int, ...], kind: int, offset: int) -> _Place:
        packing = PACKINGS.get(kind)
        if packing is None:
            known = ", ".join(each.name for each in PACKINGS.values())
            raise ValueError(f"its numbers are packed in the way number {kind}, and those read here are {known}")
        if shape[-1] % packing.numbers:
            raise ValueError(f"a row of {shape[-1]} is no whole number of blocks of {packing.numbers}")
        if offset + math.prod(shape) // packing.numbers * packing.size > len(self._data):
            raise ValueError("it ends before its tensors do")
        return _Place(shape, packing, offset)

    def _value(self, kind: int) -> Any:
        if kind == TEXT:
            return self._text()
        if kind == LIST:
            inner, count = self._number("I"), self._count(MOST_ITEMS)
            if inner == LIST:
                raise ValueError("it has lists of lists")
            if inner == TEXT:
                return [self._text() for _ in range(count)]
            return list(struct.unpack(f"<{count}{_letter(inner)}", self._bytes(count * _size(inner))))
        return self._number(_letter(kind))

    def _text(self) -> str:
        return self._bytes(self._count(MOST_NAME)).decode("utf-8", "replace")

    def _count(self, most: int) -> int:
        count = int(self._number("Q"))
        if count > most:
            raise ValueError(f"it counts {count:,} of what may be {most:,}")
        return count

    def _number(self, letter: str) -> Any:
        return struct.unpack(f"<{letter}", self._bytes(struct.calcsize(f"<{letter}")))[0]

    def _bytes(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise ValueError("it is cut off")
        found, self._at = self._data[self._at : end], end
        return found


def _letter(kind: int) -> str:
    if kind not in NUMBERS:
        raise ValueError(f"it has values of the kind {kind}")
    return NUMBERS[kind]


def _size(kind: int) -> int:
    return struct.calcsize(f"<{_letter(kind)}")
