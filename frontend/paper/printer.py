"""A receipt printer (ESC/POS), and the queue before it, which waits for a printer that is away or out of paper.

A receipt goes out as a picture, so that it needs no character set of the printer's. Before each the printer is asked
whether it has paper (DLE EOT 4); one that answers nothing is taken to have some. The queue's thread talks to the
printer; ``put`` and ``trouble`` are for any.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import socket
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from frontend.paper.drawing import Dots
from protocol.errors import LinkError, ParameterError
from protocol.networks import host_and_port

NETWORK_PORT = 9100  # of printers on a network
CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S = 5.0, 1.0
TRY_AGAIN_S = 3.0  # seconds between two looks at a printer that does not print
MAX_WAITING = 50  # receipts
BAND_ROWS = 200  # rows of dots in one command: small printers hold no more
RESET, CUT, FEED = b"\x1b@", b"\x1dV\x41\x03", b"\n\n\n\n"
HAS_PAPER = b"\x10\x04\x04"  # DLE EOT 4
OUT_OF_PAPER = 0x60  # bits of its answer
USB = re.compile(r"usb:([0-9a-fA-F]{4}):([0-9a-fA-F]{4})")
MISSING = "a printer on USB needs the package python-escpos: pip install 'antiphon[paper]'"


class Wire(Protocol):
    """An open way to a printer. All raise ``OSError``."""

    def ask(self, question: bytes) -> bytes:
        """The answer; empty where none comes."""

    def send(self, data: bytes) -> None: ...

    def close(self) -> None: ...


def receipt_bytes(dots: Dots) -> bytes:
    """What a printer is sent: the picture in bands (GS v 0), paper fed, and cut."""
    height, width = dots.shape
    padded = np.pad(dots, ((0, 0), (0, -width % 8)))
    bands = []
    for top in range(0, height, BAND_ROWS):
        rows = padded[top : top + BAND_ROWS]
        head = b"\x1dv0\0" + (rows.shape[1] // 8).to_bytes(2, "little") + len(rows).to_bytes(2, "little")
        bands.append(head + np.packbits(rows, axis=1).tobytes())
    return RESET + b"".join(bands) + FEED + CUT


def printer_at(where: str) -> Callable[[], Wire]:
    """What opens the printer that ``where`` means: HOST or HOST:PORT, a device's file, or usb:VENDOR:PRODUCT.

    Raises ``LinkError`` or ``ParameterError`` for what is no printer's place.
    """
    if where.startswith("usb:"):
        found = USB.fullmatch(where)
        if found is None:
            raise ParameterError("a printer on USB is usb:VENDOR:PRODUCT, both four digits such as usb:04b8:0e28")
        vendor, product = (int(part, 16) for part in found.groups())
        return lambda: _UsbWire(vendor, product)
    if where.startswith(("/", ".")) or "\\" in where:
        return lambda: _FileWire(Path(where))
    takes = "--printer takes HOST, HOST:PORT, a device's file or usb:VENDOR:PRODUCT"
    host, port = host_and_port(where, takes) if ":" in where else (where, NETWORK_PORT)
    if not host:
        raise LinkError(takes)
    return lambda: _NetworkWire(host, port)


class _NetworkWire:
    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), CONNECT_TIMEOUT_S)

    def ask(self, question: bytes) -> bytes:
        self._socket.sendall(question)
        self._socket.settimeout(ANSWER_TIMEOUT_S)
        try:
            return self._socket.recv(16)
        except TimeoutError:
            return b""
        finally:
            self._socket.settimeout(CONNECT_TIMEOUT_S)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close(self) -> None:
        self._socket.close()


class _FileWire:
    """A printer that the system has as a file: it cannot be asked."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def ask(self, question: bytes) -> bytes:
        return b""

    def send(self, data: bytes) -> None:
        self._file.write(data)

    def close(self) -> None:
        self._file.close()


class _UsbWire:
    def __init__(self, vendor: int, product: int) -> None:
        try:
            self._printer: Any = importlib.import_module("escpos.printer").Usb(vendor, product)
        except ImportError:
            raise OSError(MISSING) from None
        except Exception as error:  # python-escpos and libusb have errors of their own
            raise OSError(str(error)) from None

    def ask(self, question: bytes) -> bytes:
        return b""

    def send(self, data: bytes) -> None:
        try:
            self._printer._raw(data)
        except Exception as error:
            raise OSError(str(error)) from None

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._printer.close()


class PrintQueue:
    """Receipts on their way to the printer that ``open_wire`` opens, in their order, each until it is printed."""

    def __init__(self, open_wire: Callable[[], Wire], try_again_s: float = TRY_AGAIN_S) -> None:
        self._open_wire, self._try_again_s = open_wire, try_again_s
        self._waiting: deque[bytes] = deque()
        self._change = threading.Condition()
        self._closing = False
        self.trouble = ""  # one line; empty while all is well
        self.printed = 0
        self._thread = threading.Thread(target=self._run, name="antiphon printer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, dots: Dots) -> int:
        """Let this be printed; how many wait now. Raises ``ParameterError`` where too many do."""
        with self._change:
            if len(self._waiting) >= MAX_WAITING:
                raise ParameterError(f"{MAX_WAITING} receipts wait for the printer: {self.trouble or 'it is slow'}")
            self._waiting.append(receipt_bytes(dots))
            self._change.notify()
            return len(self._waiting)

    def wait(self, seconds: float) -> bool:
        """Whether all is printed, within so many seconds."""
        with self._change:
            return self._change.wait_for(lambda: not self._waiting, seconds)

    def close(self) -> None:
        """What waits is given up; a second time does nothing."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._closing)
                if self._closing:
                    return
                data = self._waiting[0]
            try:
                self._print(data)
            except OSError as error:
                self.trouble = f"the printer does not print: {error.strerror or error}"
                with self._change:
                    self._change.wait_for(lambda: self._closing, self._try_again_s)
                continue
            with self._change:
                self.trouble = ""
                self.printed += 1
                self._waiting.popleft()
                self._change.notify_all()

    def _print(self, data: bytes) -> None:
        """Raises ``OSError``: then it is tried again from the beginning."""
        with contextlib.closing(self._open_wire()) as wire:
            answer = wire.ask(HAS_PAPER)
            if answer and answer[0] & OUT_OF_PAPER:
                raise OSError("it is out of paper")
            wire.send(data)
