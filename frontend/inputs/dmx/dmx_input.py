"""A light desk as an input: the slots of one universe are channels, ``dmx/1`` to ``dmx/512``, that drive parameters.

Of several desks the one with the highest priority is heard; a packet that comes late is passed over, a desk that falls
silent is gone after 2.5 seconds. A slot becomes a channel when it first is anything but 0. Off until it is switched on,
and then this machine alone is heard unless the settings say otherwise. The hands' thread.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from frontend.config.setting_fields import SettingsTable, choice, flag, whole
from frontend.inputs.bindings import Binding
from frontend.inputs.channels import SHAPING_FIELDS, Reading, Shaping
from frontend.inputs.dmx.packets import PORTS, SLOTS, Dialect, DmxPacket, is_late, multicast, read_packet
from frontend.inputs.interface import Wake
from frontend.inputs.osc.osc_input import Listening

GONE_AFTER_S = 2.5  # seconds without a packet after which a desk is not there (E1.31: network data loss)
MAX_DMX_CHANNELS = 128  # slots that speak
MAX_DESKS = 16
FULL = 255


@dataclass
class _Desk:
    packet: DmxPacket
    at: float


class Universe:
    """What desks say about one universe. Pure."""

    def __init__(self, dialect: Dialect, universe: int) -> None:
        self._dialect, self._universe = dialect, universe
        self._desks: dict[str, _Desk] = {}
        self._levels: dict[int, int] = {}  # by slot, counted from 1: what was said last
        self._crowded = False
        self.late = 0

    @property
    def desks(self) -> int:
        return len(self._desks)

    @property
    def complaint(self) -> str:
        return f"more than {MAX_DMX_CHANNELS} slots speak: the rest is left out" if self._crowded else ""

    def hear(self, datagram: bytes, host: str, now: float) -> None:
        packet = read_packet(datagram, host)
        if packet is None or (packet.dialect, packet.universe) != (self._dialect, self._universe):
            return
        known = self._desks.get(packet.source)
        if known is not None and is_late(packet.sequence, known.packet.sequence, self._dialect):
            self.late += 1
            return
        if packet.ends:
            self._desks.pop(packet.source, None)
        elif known is not None or len(self._desks) < MAX_DESKS:
            self._desks[packet.source] = _Desk(packet, now)

    def readings(self, now: float) -> Iterator[Reading]:
        """What changed since the last call: once, however many packets came."""
        for source in [source for source, desk in self._desks.items() if now - desk.at > GONE_AFTER_S]:
            del self._desks[source]
        leading = max(self._desks.values(), key=lambda desk: desk.packet.priority, default=None)
        if leading is None:
            yield from (Reading(f"dmx/{slot}", None) for slot in self._levels)
            self._levels.clear()
            return
        for slot, level in enumerate(leading.packet.slots[:SLOTS], 1):
            if level == self._levels.get(slot, 0):
                continue
            if slot not in self._levels and len(self._levels) >= MAX_DMX_CHANNELS:
                self._crowded = True
                continue
            self._levels[slot] = level
            yield Reading(f"dmx/{slot}", level / FULL)


@dataclass(frozen=True)
class DmxSettings(Shaping):
    protocol: Dialect = "sacn"
    universe: int = 1
    port: int = 0
    wide: bool = False


TABLE = SettingsTable(
    "light desk",
    DmxSettings(),
    "[dmx]",
    (
        *SHAPING_FIELDS,
        choice("protocol", "protocol", "network", "what the desk speaks", "sacn", "artnet"),
        whole("universe", "universe", "network", "as the desk counts it; sACN's first is 1", 0, 63_999, 1.0),
        whole("port", "UDP port", "network", "0: the protocol's own, 5568 or 6454", 0, 65_535, 1.0),
        flag("wide", "from outside", "network", "desks on other machines are heard too"),
    ),
)


class DmxInput:
    """The way in for light desks."""

    key, name, table = "dmx", "light desk", TABLE
    ready: Sequence[Binding] = ()

    def __init__(self) -> None:
        self._listening = Listening()
        self._universe = Universe("sacn", 1)

    @property
    def port(self) -> int:
        """The port that is listened to, 0 for none."""
        return self._listening.port

    @property
    def status(self) -> str:
        port, desks = self._listening.port, self._universe.desks
        return "" if not port else f"{desks} at port {port}" if desks else f"no desk yet at port {port}"

    @property
    def complaint(self) -> str:
        return self._universe.complaint

    def start(self, settings: DmxSettings, wake: Wake) -> None:
        self._universe = Universe(settings.protocol, settings.universe)
        self._listening.open(settings.port or PORTS[settings.protocol], settings.wide)
        if settings.wide and settings.protocol == "sacn" and settings.universe:
            for listening in self._listening.sockets():
                _join(listening, multicast(settings.universe))

    def poll(self, now: float) -> Iterator[Reading]:
        for datagram, host in self._listening.waiting():
            self._universe.hear(datagram, host, now)
        yield from self._universe.readings(now)

    def sockets(self) -> Sequence[socket.socket]:
        return self._listening.sockets()

    def stop(self) -> None:
        self._listening.close()


def _join(listening: socket.socket, group: str) -> None:
    """Ask the network for a group's packets; where there is no network, desks on this machine are heard."""
    request = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton("0.0.0.0"))
    with contextlib.suppress(OSError):
        listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
