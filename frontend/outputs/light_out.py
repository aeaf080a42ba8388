"""Light out: the universes of a rig, sent by UDP as sACN or Art-Net, at most 40 times a second.

A universe is sent when it changed, and once a second where nothing did, so that nodes keep their lamps; at the end it
is sent dark, and sACN is told that the stream is over. What cannot be sent is dropped: the next packet comes soon. The
caller's thread.
"""

from __future__ import annotations

import contextlib
import math
import secrets
import socket
import time
from collections.abc import Callable

from frontend.client.link import AnyLink
from frontend.inputs.dmx.packets import PORTS, SLOTS, DmxPacket, artnet_packet, multicast, sacn_packet
from frontend.outputs.light import LightPlayer, Rig, UniverseRow
from protocol.errors import LinkError
from protocol.messages import Follow

FRAME_S = 1 / 40  # seconds between two packets of a universe: DMX itself is no faster
KEEP_ALIVE_S = 1.0
FOLLOW_PERIOD_S = 3.0  # seconds between subscriptions to the signals; they lapse after 10
LAST_PACKETS = 3  # packets that say that a stream is over (E1.31)


class LightOut:
    """Plays what ``link`` hears on the lamps of ``rig`` until it is closed. Raises ``LinkError`` for no address."""

    def __init__(self, link: AnyLink, rig: Rig) -> None:
        self._link, self._player = link, LightPlayer(rig)
        self._targets = {row.universe: (row, _target(row)) for row in rig.universe}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        self._source = secrets.token_hex(16)
        self._sequence = 0
        self._sent: dict[int, bytes] = {}
        self._sent_at: dict[int, float] = {}
        self._follow_at = self._frame_at = -math.inf

    def poll(self, now: float) -> None:
        """Take in what came, and send what is due. Often."""
        session = self._link.session
        self._link.pump(now)
        if now >= self._follow_at:
            self._follow_at = now + FOLLOW_PERIOD_S
            self._link.send(Follow())
        self._player.introduce(session.slugs, [card.colour for card in session.cards])
        while session.signals:
            self._player.take(session.signals.popleft(), now)
        if now < self._frame_at:
            return
        self._frame_at = now + FRAME_S
        for universe, slots in self._player.universes(now).items():
            if slots != self._sent.get(universe) or now - self._sent_at[universe] >= KEEP_ALIVE_S:
                self._sent[universe], self._sent_at[universe] = slots, now
                self._send(universe, slots)

    def close(self) -> None:
        """Dark, and over; a second time does nothing."""
        if self._socket.fileno() < 0:
            return
        for universe in self._targets:
            self._send(universe, bytes(SLOTS))
            for _ in range(LAST_PACKETS):
                self._send(universe, bytes(SLOTS), ends=True)
        self._socket.close()

    def _send(self, universe: int, slots: bytes, ends: bool = False) -> None:
        row, target = self._targets[universe]
        self._sequence = (self._sequence + 1) & 0xFF
        packet = DmxPacket(row.protocol, universe, slots, self._sequence, self._source, ends=ends)
        with contextlib.suppress(OSError):
            self._socket.sendto(sacn_packet(packet) if row.protocol == "sacn" else artnet_packet(packet), target)


def _target(row: UniverseRow) -> tuple[str, int]:
    if row.to == "multicast" and row.protocol == "artnet":
        raise LinkError("Art-Net is sent to an address, such as a node's or the network's 10.255.255.255")
    host = multicast(row.universe) if row.to == "multicast" else row.to
    try:
        address = socket.getaddrinfo(host, row.port or PORTS[row.protocol], socket.AF_INET, socket.SOCK_DGRAM)[0][4]
    except (OSError, UnicodeError) as error:
        raise LinkError(f"universe {row.universe} cannot be sent to {host[:60]} ({error})") from None
    return str(address[0]), int(address[1])


def run(light: LightOut, ended: Callable[[], bool]) -> None:
    """Until ``ended()``; then dark."""
    try:
        while not ended():
            light.poll(time.monotonic())
            time.sleep(FRAME_S / 4)
    finally:
        light.close()
