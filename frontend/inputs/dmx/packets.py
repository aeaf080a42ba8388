"""DMX over the network, as bytes: sACN (ANSI E1.31-2018) and Art-Net 4. Both ways.

A universe has 512 slots of a byte. Every length is looked at before it is followed. Pure; no thread of its own.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

Dialect = Literal["sacn", "artnet"]
PORTS: dict[Dialect, int] = {"sacn": 5568, "artnet": 6454}
HIGHEST_UNIVERSE: dict[Dialect, int] = {"sacn": 63_999, "artnet": 32_767}
LOWEST_UNIVERSE: dict[Dialect, int] = {"sacn": 1, "artnet": 0}
SLOTS = 512
STREAM_ENDS = 0x40  # sACN's option: the source will say no more
PREVIEW = 0x80  # sACN's option: not for lamps
OLDEST_BEHIND = 20  # sACN's sequence numbers: one that is so far behind or less is late, more is a source's new start

ACN = b"\x00\x10\x00\x00ASC-E1.17\x00\x00\x00"
ROOT = struct.Struct(">HI16s")  # flags and length, vector, the source's number
FRAMING = struct.Struct(">HI64sBHBBH")  # flags and length, vector, name, priority, sync, sequence, options, universe
LAYER = struct.Struct(">HBBHHH")  # flags and length, vector, types, first address, increment, count with start code
SACN_HEAD_BYTES = len(ACN) + ROOT.size + FRAMING.size + LAYER.size  # the start code follows
FLAGS = 0x7000
ARTNET = b"Art-Net\0"
ART_DMX = struct.Struct("<H")  # 0x5000
ART_HEAD = struct.Struct(">HBB")  # version, sequence, physical
ART_HEAD_BYTES = 18


@dataclass(frozen=True)
class DmxPacket:
    """The ``slots`` of a ``universe``. ``source`` tells senders apart; ``priority`` is 100 where none is said."""

    dialect: Dialect
    universe: int
    slots: bytes
    sequence: int
    source: str
    priority: int = 100
    ends: bool = False


def sacn_packet(packet: DmxPacket, name: str = "Antiphon") -> bytes:
    """``packet`` as a datagram; its ``source`` is 16 bytes in hexadecimal."""
    count = len(packet.slots)
    layer = LAYER.pack(FLAGS | (LAYER.size + 1 + count), 2, 0xA1, 0, 1, count + 1) + b"\0" + packet.slots
    framing = FRAMING.pack(
        FLAGS | (FRAMING.size + len(layer)),
        2,
        name.encode("utf-8")[:63],
        packet.priority,
        0,
        packet.sequence & 0xFF,
        STREAM_ENDS if packet.ends else 0,
        packet.universe,
    )
    root = ROOT.pack(FLAGS | (ROOT.size + len(framing) + len(layer)), 4, bytes.fromhex(packet.source))
    return ACN + root + framing + layer


def artnet_packet(packet: DmxPacket) -> bytes:
    """``packet`` as a datagram. A sequence number of 0 would say that there is none."""
    slots = packet.slots + b"\0" * (len(packet.slots) % 2)
    return (
        ARTNET
        + ART_DMX.pack(0x5000)
        + ART_HEAD.pack(14, 1 + packet.sequence % 255, 0)
        + struct.pack("<H", packet.universe)
        + struct.pack(">H", len(slots))
        + slots
    )


def read_packet(datagram: bytes, host: str) -> DmxPacket | None:
    """The slots that a datagram from ``host`` carries; None for anything else, such as a poll or a preview."""
    if datagram.startswith(ACN):
        return _sacn(datagram)
    if datagram.startswith(ARTNET):
        return _artnet(datagram, host)
    return None


def _sacn(datagram: bytes) -> DmxPacket | None:
    if len(datagram) < SACN_HEAD_BYTES + 1:
        return None
    _, root, source = ROOT.unpack_from(datagram, len(ACN))
    _, framing, _, priority, _, sequence, options, universe = FRAMING.unpack_from(datagram, len(ACN) + ROOT.size)
    _, layer, types, first, step, count = LAYER.unpack_from(datagram, SACN_HEAD_BYTES - LAYER.size)
    slots = datagram[SACN_HEAD_BYTES + 1 : SACN_HEAD_BYTES + count]
    known = (root, framing, layer, types, first, step) == (4, 2, 2, 0xA1, 0, 1)
    if not known or not 1 <= count <= SLOTS + 1 or len(slots) != count - 1:
        return None
    if options & PREVIEW or datagram[SACN_HEAD_BYTES] != 0 or priority > 200:  # other start codes are no levels
        return None
    return DmxPacket("sacn", universe, slots, sequence, source.hex(), priority, bool(options & STREAM_ENDS))


def _artnet(datagram: bytes, host: str) -> DmxPacket | None:
    if len(datagram) < ART_HEAD_BYTES or datagram[8:10] != ART_DMX.pack(0x5000):
        return None
    _, sequence, _ = ART_HEAD.unpack_from(datagram, 10)
    (universe,), (count,) = struct.unpack_from("<H", datagram, 14), struct.unpack_from(">H", datagram, 16)
    slots = datagram[ART_HEAD_BYTES : ART_HEAD_BYTES + count]
    if not 1 <= count <= SLOTS or len(slots) != count or universe > HIGHEST_UNIVERSE["artnet"]:
        return None
    return DmxPacket("artnet", universe, slots, sequence, host)


def is_late(sequence: int, last: int, dialect: Dialect) -> bool:
    """Whether a packet of this number comes behind one of number ``last`` that it should have come before."""
    if dialect == "artnet" and (sequence == 0 or last == 0):
        return False  # the sender does not count
    behind = (last - sequence) & 0xFF
    return behind < OLDEST_BEHIND


def multicast(universe: int) -> str:
    """Where sACN sends a universe to."""
    return f"239.255.{universe >> 8}.{universe & 0xFF}"
