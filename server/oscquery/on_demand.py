"""OSCQuery beside a server: a socket that listens from the start, and a process for it as soon as somebody comes.

So a server that nobody asks starts as fast, and needs as little, as one without. A thread of its own waits for the
first caller; then the process has the socket and the caller with it.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence

from protocol.errors import AntiphonError, LinkError
from server.supervisor.child_process import ServerProcess

PORT_TIMEOUT_S = 3.0  # seconds that the wanted port is waited for
CLOSING_CHECK_S = 0.25  # seconds after which the waiting thread looks whether it is to end
INHERITS = os.name == "posix"  # elsewhere a process has no sockets from another, and begins at once


def command_for(
    program: str, server: tuple[str, int], allowed: Sequence[str], announced: bool
) -> Callable[[Sequence[str]], Sequence[str]]:
    """The command line of `antiphon oscquery`, given the option that names its socket."""
    options = ["--with-parent", "--server", f"{server[0]}:{server[1]}", "--host", server[0]]
    options += [word for network in allowed for word in ("--allow", network)]
    options += ["--announce"] if announced else []
    return lambda socket: [sys.executable, program, "oscquery", *options, *socket]


class OnDemandProcess:
    """Listens on ``host``:``wanted`` until ``close``, or on any port if that stays taken.

    ``command`` gives the process's command line, given the option that names its socket; it begins when somebody comes,
    or now if ``at_once``. ``remark`` gets one line for what goes wrong.
    """

    def __init__(
        self,
        command: Callable[[Sequence[str]], Sequence[str]],
        host: str,
        wanted: int,
        at_once: bool = False,
        remark: Callable[[str], None] = lambda line: None,
        patience: float = PORT_TIMEOUT_S,
    ) -> None:
        self._command, self._host, self._wanted, self._remark = command, host, wanted, remark
        self._at_once, self._patience = at_once or not INHERITS, patience
        self._child: ServerProcess | None = None
        self._listens, self._closing = threading.Event(), threading.Event()
        self._port = 0
        self._thread = threading.Thread(target=self._work, name="antiphon oscquery", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens, once it does; 0 if it cannot."""
        self._listens.wait()
        return self._port

    def close(self) -> None:
        """End the process, if there is one; nobody listens any more."""
        self._closing.set()
        self._thread.join()
        if self._child is not None:
            self._child.close()

    def _work(self) -> None:
        try:
            with self._listen() as listener:
                self._port = listener.getsockname()[1]
                self._listens.set()
                if self._port != self._wanted:
                    self._remark(f"port {self._wanted} is taken for TCP: OSCQuery is on {self._port}")
                while not self._at_once and not select.select([listener], [], [], CLOSING_CHECK_S)[0]:
                    if self._closing.is_set():
                        return
                self._begin(listener)
        except (OSError, AntiphonError) as error:
            if not self._closing.is_set():
                self._remark(f"OSCQuery: {error}")
        finally:
            self._listens.set()

    def _listen(self) -> socket.socket:
        """The wanted port, as soon as whoever had it is gone, such as a server that this one replaces."""
        until = time.monotonic() + self._patience
        while True:
            try:
                return listening(self._host, self._wanted, self._wanted)
            except LinkError:
                if time.monotonic() >= until:
                    return listening(self._host, None, self._wanted)
                self._closing.wait(CLOSING_CHECK_S)

    def _begin(self, listener: socket.socket) -> None:
        if INHERITS:
            number = listener.fileno()
            self._child = ServerProcess(self._command(["--socket", str(number)]), self._remark, inherited=(number,))
        else:
            listener.close()
            self._child = ServerProcess(self._command(["--port", str(self._port)]), self._remark)
        self._child.address()


def listening(host: str, port: int | None, wanted: int) -> socket.socket:
    """A TCP socket on ``host``; raises ``LinkError``."""
    last: Exception | None = None
    for number in (wanted, 0) if port is None else (port,):
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
            listener = socket.socket(family, kind, protocol)
        except (OSError, UnicodeError) as error:
            raise LinkError(f"OSCQuery cannot listen on {host} ({error}); say another --host") from None
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(64)
        except OSError as error:
            listener.close()
            last = error
        else:
            return listener
    raise LinkError(f"OSCQuery cannot listen on {host}:{port} ({last}); say another --port")
