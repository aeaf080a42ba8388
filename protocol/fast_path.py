"""The short way in and out: a parameter's plain message, known by its bytes and read without being parsed.

A fader sends the same bytes again and again but for the last four. Whatever is not exactly such a message goes the long
way, ``protocol.osc``, which gives the same for those that are (tests hold it). So a flood of control messages costs the
server a tenth. Pure; no thread of its own.
"""

from __future__ import annotations

import struct
from functools import lru_cache

from protocol.messages import Set
from protocol.tree import Parameter, ParameterTree, Value

NUMBERS = {"f": ">f", "i": ">i"}  # a type tag and how struct reads it


def plain(address: str, parameter: Parameter, value: Value) -> bytes:
    """The message that tells that ``parameter`` has this ``value``; ``address`` may name its performance."""
    if parameter.tags == "T":
        return _head(address, "T" if value else "F")
    if isinstance(value, str):
        return _head(address, "s") + _padded(value)
    numbers = parameter.arguments(value)
    return _head(address, parameter.tags) + struct.pack(f">{parameter.tags}", *numbers)


class FastSetReader:
    """Knows every parameter of ``tree``."""

    def __init__(self, tree: ParameterTree) -> None:
        self._constants: dict[bytes, tuple[Parameter, bool]] = {}  # by the whole message
        self._numbers: dict[bytes, tuple[Parameter, struct.Struct]] = {}  # by the message without its numbers
        for parameter in tree.values():
            if parameter.tags == "s":
                continue  # a text goes the long way
            for tag, value in (("T", True), ("F", False)) if len(parameter.tags) == 1 else ():
                self._constants[_head(parameter.address, tag)] = parameter, value
            for tag, form in NUMBERS.items():
                tags = tag * len(parameter.tags)
                numbers = struct.Struct(">" + form[1:] * len(tags))
                self._numbers[_head(parameter.address, tags)] = parameter, numbers

    def read(self, datagram: bytes) -> Set | None:
        """The wish that ``datagram`` is, clamped; None if it is none of this kind.

        Raises ``ParameterError`` for NaN and infinities.
        """
        for size in (4, 8):
            if found := self._numbers.get(datagram[:-size]):
                parameter, numbers = found
                if numbers.size == size:
                    return Set(parameter.address, parameter.accept(numbers.unpack_from(datagram, len(datagram) - size)))
        if constant := self._constants.get(datagram):
            return Set(constant[0].address, constant[0].accept([constant[1]]))
        return None


@lru_cache(1_024)
def _head(address: str, tags: str) -> bytes:
    """An OSC message up to its arguments."""
    return _padded(address) + _padded(f",{tags}")


def _padded(text: str) -> bytes:
    raw = text.encode("ascii") + b"\0"
    return raw + b"\0" * (-len(raw) % 4)
