"""Landmarks and anything else from other programs, by OSC: numbers under any address become channels.

FaceOSC, bridges from MediaPipe, ZIG SIM, sensors. The number of a message ``/gesture/mouth/height 3.2`` is the channel
``osc/gesture/mouth/height``; several numbers of one message are ``osc/raw/1``, ``osc/raw/2``, ... OSC does not say what
a number's range is. For programs that are known it stands in ``KNOWN``; others are read on the smallest of ``SCALES``
that has held all numbers of their address so far. The structure of every message is checked before anything in it is
used. Off until it is switched on, and then this machine alone is heard unless the settings say otherwise. The hands'
thread.
"""

from __future__ import annotations

import contextlib
import errno
import math
import socket
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from frontend.config.setting_fields import SettingsTable, flag, whole
from frontend.inputs.bindings import Binding
from frontend.inputs.channels import SHAPING_FIELDS, Reading, Shaping
from frontend.inputs.interface import Wake
from protocol.errors import LinkError, MessageError
from protocol.guard import LONGEST_DATAGRAM_BYTES, elements, shown

# ---- numbers ---------------------------------------------------------------------------------------------------------

MAX_NUMBERS = 1_500  # of one message: a face's landmarks in space
MAX_OSC_CHANNELS = 256
MAX_ADDRESS_CHARS = 100  # characters
GONE_AFTER_S = 1.0  # seconds without a message after which what an address speaks of is not there
COMPLAINT_SHOWN_S = 5.0  # seconds
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
WIDTHS = {"i": 4, "f": 4, "h": 8, "d": 8, "t": 8, "r": 4, "c": 4, "m": 4} | dict.fromkeys("TFNI[]", 0)


def numbers(message: bytes) -> tuple[str, list[float]]:
    """The address of one OSC message and the numbers among its arguments, at most ``MAX_NUMBERS``.

    An array is its members; texts, blobs and colours are passed over. Raises ``MessageError`` for no OSC message.
    """
    if len(message) % 4 or not message.startswith(b"/"):
        raise MessageError(f"{len(message)} bytes by OSC are no message")
    address, place = _text(message, 0)
    if len(address) > MAX_ADDRESS_CHARS or not (address.isascii() and address.isprintable()):
        raise MessageError(f"{shown(address)} is no address")
    tags, place = _text(message, place) if place < len(message) else (",", place)
    if not tags.startswith(",") or len(tags) > 1 + MAX_NUMBERS:
        raise MessageError(f"{shown(address)} has no type tags, or more than {MAX_NUMBERS} arguments")
    if tags == "," + "f" * (len(tags) - 1) and len(message) - place == 4 * (len(tags) - 1):
        return address, list(struct.unpack_from(f">{len(tags) - 1}f", message, place))
    found: list[float] = []
    for tag in tags[1:]:
        if tag in "sS":
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
        return self._lost([address for address, at in self._heard.items() if now - at > GONE_AFTER_S])

    def complaint(self, now: float) -> str:
        """One line about what was not understood, for a few seconds; empty when all is well."""
        return self._complaint[0] if now - self._complaint[1] < COMPLAINT_SHOWN_S else ""

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
        wanted = min(count, len(known) + MAX_OSC_CHANNELS - self._count)
        if wanted < count:
            self._complaint = (f"more than {MAX_OSC_CHANNELS} numbers come: the rest is left out", now)
        if wanted > len(known):
            self._count += wanted - len(known)
            name = self.prefix + address.rstrip("/")
            known = (name,) if wanted == count == 1 else tuple(f"{name}/{place}" for place in range(1, wanted + 1))
            self._channels[address] = known
        return known


# ---- the port --------------------------------------------------------------------------------------------------------
# A UDP port that an input listens to: opened, emptied without waiting, closed. The hands' thread. Other machines are
# heard only where the user says so.

DATAGRAMS_PER_LOOK = 64  # datagrams a look: a flood waits in the system's buffer, and is lost there
LOOPBACK, ANYWHERE = "127.0.0.1", "0.0.0.0"


class Listening:
    """One port, or none while it is closed: then there is nothing to wait for, and nothing comes or goes."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    @property
    def port(self) -> int:
        """The port that is listened to, 0 for none."""
        return int(self._socket.getsockname()[1]) if self._socket is not None else 0

    def open(self, port: int, wide: bool = False) -> None:
        """Listen at ``port``, of this machine only unless ``wide``. Raises ``LinkError`` where that cannot be."""
        self.close()
        opening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            opening.setblocking(False)
            opening.bind((ANYWHERE if wide else LOOPBACK, port))
        except OSError as error:
            opening.close()
            why = "another program has it" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
            raise LinkError(f"UDP port {port} cannot be listened to: {why}; choose another port") from None
        self._socket = opening

    def close(self) -> None:
        """A second time does nothing."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def sockets(self) -> Sequence[socket.socket]:
        """What to wait for."""
        return () if self._socket is None else (self._socket,)

    def waiting(self) -> Iterator[tuple[bytes, str]]:
        """The datagrams that wait, a few at a time, each with its sender's host."""
        listening = self._socket
        if listening is None:
            return
        for _ in range(DATAGRAMS_PER_LOOK):
            try:
                datagram, sender = listening.recvfrom(LONGEST_DATAGRAM_BYTES + 1)
            except BlockingIOError:
                return
            except OSError:  # an earlier datagram of ours was refused there: nothing was lost
                continue
            yield datagram, sender[0]

    def send(self, datagram: bytes, port: int) -> None:
        """Send to a port of this machine; where nobody listens the next one may be heard."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(datagram, (LOOPBACK, port))


PORT = 8338  # FaceOSC's


@dataclass(frozen=True)
class OscSettings(Shaping):
    port: int = PORT
    wide: bool = False


TABLE = SettingsTable(
    "OSC",
    OscSettings(),
    "[osc]",
    (
        *SHAPING_FIELDS,
        whole("port", "UDP port", "network", "where programs send to", 1, 65_535, 1.0),
        flag("wide", "from outside", "network", "other machines are heard too"),
    ),
)


class OscIn:
    """The way in for numbers by OSC."""

    key, name, table = "osc", "OSC", TABLE
    ready: Sequence[Binding] = ()

    def __init__(self) -> None:
        self._listening = Listening()
        self._numbers = Numbers()

    @property
    def status(self) -> str:
        heard, port = self._numbers.heard, self._listening.port
        return "" if not port else f"{heard} numbers at port {port}" if heard else f"nothing yet at port {port}"

    @property
    def complaint(self) -> str:
        return self._numbers.complaint(time.monotonic())

    def start(self, settings: OscSettings, wake: Wake) -> None:
        self._numbers = Numbers()
        self._listening.open(settings.port, settings.wide)

    def poll(self, now: float) -> Iterator[Reading]:
        for datagram, _ in self._listening.waiting():
            yield from self._numbers.hear(datagram, now)
        yield from self._numbers.gone(now)

    def sockets(self) -> Sequence[socket.socket]:
        return self._listening.sockets()

    def stop(self) -> None:
        self._listening.close()
