"""The server and the front end as child processes: started, waited for, and always ended.

The server's standard input is a pipe that only this process holds. When this process is gone, for whatever reason, the
pipe closes and the server ends by itself (``end_with_parent``, called there). A thread reads what the child prints, so
that it never blocks. ``play`` puts both under a supervisor. Everything else runs on the caller's thread.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from protocol.command_line import words_of
from protocol.errors import LinkError
from protocol.logs import LOG
from server.options import ServeOptions
from server.supervisor.supervisor import Supervisor, front_patience, terminal_kept

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

READY = "ready on "  # what the child prints once it listens, followed by HOST:PORT
START_TIMEOUT_S = 60.0  # seconds in which a server must be ready, slow disks and two cores allowed for
END_TIMEOUT_S = 3.0  # seconds that a server has to end by itself


class ServerProcess:
    """``command`` run as a server; a context manager that leaves no process behind."""

    def __init__(
        self,
        command: Sequence[str],
        remark: Callable[[str], None],
        environment: Mapping[str, str] | None = None,
        inherited: Sequence[int] = (),
        shows_all: bool = False,
    ) -> None:
        """Start it, in this ``environment`` or this process's own, with these open descriptors (not on Windows).

        ``remark`` is given each line that the child prints before it is ready. With ``shows_all`` the lines after that
        go to standard error.
        """
        self._shows_all = shows_all
        self._remark = remark
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()  # until it is ready; None: it ended
        self._is_ready = False
        self._held: str | None = None  # a line that may turn out to be the last, and then is the error
        self._address: tuple[str, int] | None = None
        self._until = time.monotonic() + START_TIMEOUT_S
        self.last_words = "it said nothing"
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            pass_fds=inherited,
            start_new_session=True,  # a Ctrl-C in the terminal is for the front end, which then ends the child
        )
        threading.Thread(target=self._listen, name="server's output", daemon=True).start()

    def address(self, patience: float = START_TIMEOUT_S) -> tuple[str, int]:
        """Where it listens, once it does. Raises ``LinkError`` with its last line if it ends or takes too long."""
        self._until = time.monotonic() + patience
        while not self.listening(patience):
            pass
        assert self._address is not None
        return self._address

    def listening(self, seconds: float) -> bool:
        """Whether it listens, ``seconds`` from now at the latest. Raises ``LinkError`` as ``address`` does."""
        until = min(self._until, time.monotonic() + seconds)
        while self._address is None:
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                if time.monotonic() < self._until:
                    return False
                raise LinkError(f"the server was not ready in time: {self.last_words}") from None
            if line is None:
                raise LinkError(f"the server did not start: {self._held or 'it said nothing'}")
            if self._held is not None:
                self._remark(self._held)
            self._held = line
            if READY in line:
                self._is_ready = True
                host, port = line.rsplit(READY, 1)[1].split()[0].rsplit(":", 1)
                self._address = host, int(port)
        return True

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self.poll() is None

    def poll(self) -> int | None:
        """Its exit code, below 0 for a signal; None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        self._hang_up()

    def close(self) -> None:
        """End the child: ask by closing its input, then insist."""
        self._hang_up()
        for insist in (self._process.terminate, self._process.kill):
            try:
                self._process.wait(END_TIMEOUT_S)
                break
            except subprocess.TimeoutExpired:
                insist()
        self._process.wait()

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hang_up(self) -> None:
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _listen(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                if line.strip():
                    self.last_words = line.strip().removeprefix("antiphon: ")
                    if not self._is_ready:
                        self._lines.put(self.last_words)
                    elif self._shows_all:
                        sys.stderr.write(line)
        self._lines.put(None)


class FrontEndProcess:
    """``command`` run beside this process, at the same terminal: a Ctrl-C there is for both."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command)

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code, below 0 for a signal; None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Let it end in order; insist where it does not."""
        if self.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()


def free_port(host: str, wanted: int) -> int:
    """``wanted`` if nothing listens there, else one that is free now; 0 where none can be found."""
    for port in (wanted, 0):
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe,
        ):
            probe.bind((host, port))
            found: int = probe.getsockname()[1]
            return found
    return 0


def end_with_parent() -> None:
    """In the child: when the parent's end of standard input closes, stop as on SIGTERM."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent's watch", daemon=True).start()


# ---- both processes --------------------------------------------------------------------------------------------------

Front = TypeVar("Front", bound="DataclassInstance")


def play(
    program: Sequence[str],
    serving: ServeOptions,
    fronting: Front,
    folder: Path,
    complain: Callable[[str], None],
    seconds: float | None = None,
    turn: Callable[[Supervisor, float], bool] = lambda supervisor, now: True,
    *,
    endless: bool = False,
    lean: bool = False,
    front: Sequence[str] = ("front",),
) -> int:
    """Run `PROGRAM serve` and `PROGRAM FRONT` until the front end ends, or ``turn`` gives False; the exit code.

    ``fronting`` has the fields ``seconds`` and ``until``. The performance is kept in ``folder``, and continued where
    it is there already. After ``seconds`` the front end ends by itself. ``endless``: however often they fall over, they
    are started again. ``lean``: no second server and front end stand ready.
    """
    began = time.monotonic()
    first = iter([True])

    serving = replace(serving, with_parent=True, resume=folder)

    def remark(line: str) -> None:
        LOG.warning("%s", line)
        complain(line)

    def start_server(watched: Sequence[str]) -> ServerProcess:
        return ServerProcess([*program, "serve", *words_of(serving), *watched], remark, shows_all=serving.verbose)

    def start_front(watched: Sequence[str]) -> FrontEndProcess:
        ends: dict[str, Any] = {"seconds": seconds}
        if not next(first, False) and seconds is not None:
            ends = {"until": began + seconds}
        return FrontEndProcess([*program, *front, *words_of(replace(fronting, **ends)), *watched])

    with terminal_kept() as restore_terminal:
        supervisor = Supervisor(start_server, start_front, remark, restore_terminal, front_patience(), endless, lean)
        with closing(supervisor):
            return supervisor.run(lambda now: turn(supervisor, now))
