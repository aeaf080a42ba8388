"""Numbers from any OSC program as channels from 0 to 1: landmarks, gestures, sensors, under whatever addresses. Pure.

The number of a message ``/gesture/mouth/height 3.2`` is the channel ``osc/gesture/mouth/height``; several numbers of
one message are ``osc/raw/1``, ``osc/raw/2``, ... What a number's range is OSC does not say. For programs that are known
it stands in ``KNOWN``; others are read on the smallest of ``SCALES`` that has held all numbers of their address so far,
so that a program that speaks in parts of the picture is read as it is, and pixels on a longer scale.

The structure of every message is checked before anything in it is used (OSC 1.0, Wright 2002).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from frontend.inputs.channels import Reading
from protocol.errors import MessageError
from protocol.guard import elements, shown

MOST_NUMBERS = 1_500  # of one message: a face's landmarks in space
MOST_CHANNELS = 256
LONGEST_ADDRESS = 100  # characters
GONE_AFTER = 1.0  # seconds without a message after which what an address speaks of is not there
COMPLAIN_FOR = 5.0  # seconds
MIDDLE = 0.5
SCALES = ((0.0, 1.0), (-1.0, 1.0), (-10.0, 10.0), (-100.0, 100.0), (-1e3, 1e3), (-1e4, 1e4), (-1e6, 1e6))
KNOWN: Mapping[str, tuple[float, float]] = {  # FaceOSC: the range of a face that moves before the camera
    "/pose/scale": (2.0, 8.0),
    "/pose/orientation": (-0.8, 0.8),  # radians
    "/gesture/mouth/width": (8.0, 20.0),
    "/gesture/mouth/height": (0.0, 10.0),
    "/gesture/eyebrow/left": (5.0, 11.0),
    "/gesture/eyebrow/right": (5.0, 11.0),
    "/gesture/eye/left": (1.5, 4.5),
    "/gesture/eye/right": (1.5, 4.5),
    "/gesture/jaw": (18.0, 32.0),
    "/gesture/nostrils": (4.0, 10.0),
}
FOUND = ("/found", "/face/found", "/hand/found")  # 0 here: what the program looks for is not to be seen
SIZES = {"i": ">i", "f": ">f", "h": ">q", "d": ">d", "t": None, "r": None, "c": None, "m": None}
WIDTHS = {"i": 4, "f": 4, "h": 8, "d": 8, "t": 8, "r": 4, "c": 4, "m": 4, "T": 0, "F": 0, "N": 0, "I": 0}


def numbers(message: bytes) -> tuple[str, list[float]]:
    """The address of one OSC message and the numbers among its arguments, at most ``MOST_NUMBERS``.

    Texts, blobs and colours are passed over. Raises ``MessageError`` for what is no OSC message.
    """
    if len(message) % 4 or not message.startswith(b"/"):
        raise MessageError(f"{len(message)} bytes by OSC are no message")
    address, place = _text(message, 0)
    if len(address) > LONGEST_ADDRESS or not (address.isascii() and address.isprintable()):
        raise MessageError(f"{shown(address)} is no address")
    tags, place = _text(message, place) if place < len(message) else (",", place)
    if not tags.startswith(",") or len(tags) > 1 + MOST_NUMBERS:
        raise MessageError(f"{shown(address)} has no type tags, or more than {MOST_NUMBERS} arguments")
    if tags == "," + "f" * (len(tags) - 1) and len(message) - place == 4 * (len(tags) - 1):
        return address, list(struct.unpack_from(f">{len(tags) - 1}f", message, place))
    found: list[float] = []
    for tag in tags[1:]:
        if tag == "s":
            _, place = _text(message, place)
            continue
        if tag == "b":
            size = struct.unpack_from(">i", message, place)[0] if place + 4 <= len(message) else -1
            width = 4 + size + -size % 4 if size >= 0 else -1
        else:
            width = WIDTHS.get(tag, -1)
        if width < 0 or place + width > len(message):
            raise MessageError(f"{shown(address)} ends before its arguments do, or one is of no known type")
        kind = SIZES.get(tag)
        if kind is not None:
            found.append(float(struct.unpack_from(kind, message, place)[0]))
        elif tag in "TF":
            found.append(float(tag == "T"))
        place += width
    return address, found


def _text(message: bytes, start: int) -> tuple[str, int]:
    """The text that begins at ``start``, and where the next thing begins."""
    end = message.find(b"\0", start)
    if end < 0:
        raise MessageError("a text by OSC never ends")
    return message[start:end].decode("latin-1"), end + 4 - end % 4


@dataclass
class Numbers:
    """Remembers every address: its scale, its channels, when it was last heard. ``prefix`` begins all names."""

    prefix: str = "osc"
    refused: int = 0
    _complaint: tuple[str, float] = ("", -math.inf)
    _scales: dict[str, int] = field(default_factory=dict)  # address -> index of its scale
    _channels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _heard: dict[str, float] = field(default_factory=dict)
    _count: int = 0

    def hear(self, datagram: bytes, now: float) -> Iterator[Reading]:
        """What a datagram says. What cannot be understood is counted, told by ``complaint``, and costs nothing else."""
        messages, complaints = elements(datagram)
        for message in messages:
            try:
                address, said = numbers(message)
            except MessageError as error:
                complaints.append(str(error))
                continue
            if address in FOUND:
                if said and said[0] == 0.0:
                    yield from self._lost(list(self._heard))
            elif said:
                yield from self.take(address, said, now)
        if complaints:
            self.refused += len(complaints)
            self._complaint = (complaints[-1], now)

    def gone(self, now: float) -> Iterator[Reading]:
        """The channels of addresses that were not heard for a while: they are not there any more."""
        return self._lost([address for address, at in self._heard.items() if now - at > GONE_AFTER])

    def complaint(self, now: float) -> str:
        """One line about what was not understood, for a few seconds; empty when all is well."""
        return self._complaint[0] if now - self._complaint[1] < COMPLAIN_FOR else ""

    @property
    def heard(self) -> int:
        """How many channels speak now."""
        return sum(len(self._channels[address]) for address in self._heard)

    def _lost(self, addresses: Sequence[str]) -> Iterator[Reading]:
        for address in addresses:
            del self._heard[address]
            yield from (Reading(channel, None, MIDDLE) for channel in self._channels[address])

    def take(self, address: str, said: Sequence[float], now: float) -> Iterator[Reading]:
        """The numbers ``said`` by one message as channels."""
        channels = self._named(address, len(said), now)
        if not channels:
            return
        self._heard[address] = now
        low, high = KNOWN.get(address) or self._scale(address, [each for each in said if math.isfinite(each)])
        for channel, number in zip(channels, said, strict=False):
            if math.isfinite(number):
                yield Reading(channel, (number - low) / (high - low), MIDDLE)

    def _scale(self, address: str, said: Sequence[float]) -> tuple[float, float]:
        least, most, at = min(said, default=0.0), max(said, default=0.0), self._scales.get(address, 0)
        while at < len(SCALES) - 1 and not SCALES[at][0] <= least <= most <= SCALES[at][1]:
            at += 1
        self._scales[address] = at
        return SCALES[at]

    def _named(self, address: str, count: int, now: float) -> tuple[str, ...]:
        """The channels of an address, as many as there is room for."""
        known = self._channels.get(address, ())
        wanted = min(count, len(known) + MOST_CHANNELS - self._count)
        if wanted < count:
            self._complaint = (f"more than {MOST_CHANNELS} numbers come: the rest is left out", now)
        if wanted > len(known):
            self._count += wanted - len(known)
            name = self.prefix + address.rstrip("/")
            known = (name,) if wanted == count == 1 else tuple(f"{name}/{place}" for place in range(1, wanted + 1))
            self._channels[address] = known
        return known
