"""A UDP port that an input listens to: its socket, emptied without waiting. The hands' thread.

Other machines are heard only where the user says so.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

from protocol.errors import LinkError
from protocol.guard import LONGEST_DATAGRAM

AT_ONCE = 64  # datagrams a look: a flood waits in the system's buffer, and is lost there
LOOPBACK, ANYWHERE = "127.0.0.1", "0.0.0.0"


def listen(port: int, wide: bool = False) -> socket.socket:
    """A socket at ``port``, of this machine only unless ``wide``. Raises ``LinkError`` where it is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listening.setblocking(False)
        listening.bind((ANYWHERE if wide else LOOPBACK, port))
    except OSError as error:
        listening.close()
        raise LinkError(f"UDP port {port} cannot be listened to ({error.strerror}): choose another") from None
    return listening


def waiting(listening: socket.socket) -> Iterator[bytes]:
    """The datagrams that wait, a few at a time."""
    for _ in range(AT_ONCE):
        try:
            yield listening.recv(LONGEST_DATAGRAM + 1)
        except BlockingIOError:
            return
        except OSError:  # an earlier datagram of ours was refused there: nothing was lost
            continue
