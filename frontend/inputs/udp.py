"""A UDP port that an input listens to: opened, emptied without waiting, closed. The hands' thread.

Other machines are heard only where the user says so.
"""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterator, Sequence

from protocol.errors import LinkError
from protocol.guard import LONGEST_DATAGRAM

AT_ONCE = 64  # datagrams a look: a flood waits in the system's buffer, and is lost there
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
        for _ in range(AT_ONCE):
            try:
                datagram, sender = listening.recvfrom(LONGEST_DATAGRAM + 1)
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
