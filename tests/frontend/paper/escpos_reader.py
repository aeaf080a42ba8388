"""A receipt printer made of software: reads ESC/POS from a socket, answers as one, and shows what it printed."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import numpy as np

from frontend.paper.drawing import Dots


def printed(data: bytes) -> tuple[list[Dots], int]:
    """The pictures that ``data`` prints, the bands of each together, and how often paper is cut."""
    pictures: list[Dots] = []
    bands: list[Dots] = []
    cuts = place = 0
    while place < len(data):
        rest = data[place:]
        if rest.startswith(b"\x1dv0\0"):
            wide, high = int.from_bytes(rest[4:6], "little"), int.from_bytes(rest[6:8], "little")
            raster = np.frombuffer(rest[8 : 8 + wide * high], np.uint8).reshape(high, wide)
            bands.append(np.unpackbits(raster, axis=1).astype(bool))
            place += 8 + wide * high
        elif rest.startswith(b"\x1dVA"):
            cuts, place = cuts + 1, place + 4
            pictures.append(np.vstack(bands))
            bands = []
        elif rest.startswith(b"\x1b@"):
            place += 2
        elif rest[0] == 0x0A:
            place += 1
        else:
            raise AssertionError(f"this is no command: {rest[:8]!r}")
    return pictures, cuts


class PaperMachine:
    """A printer at ``port`` of this machine. ``has_paper`` may be changed at any time."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.has_paper = True
        self.asked = 0
        self.data = b""
        self._ending = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._ending = True
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._ending:
            wire, _ = self._socket.accept()
            with wire:
                while came := wire.recv(65_536):
                    while b"\x10\x04\x04" in came[:3]:
                        self.asked += 1
                        wire.sendall(b"\x12" if self.has_paper else b"\x72")
                        came = came[3:]
                    self.data += came
