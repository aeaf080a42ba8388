"""A child process that is asked by lines and answers by lines, and whose input's end asks it to end.

Phones' page and creature are drawn by such children. One thread minds the child: it calls ``start`` and reads
``lines``, again and again until ``closing`` is set; everything else is for any thread.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator, Sequence

CLOSING_WAIT_S = 3.0  # seconds that a child has to end by itself


class PipedChild:
    """At most one process at a time."""

    def __init__(self) -> None:
        self.closing = threading.Event()  # once it is set no child is started any more
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The child's; 0 while there is none."""
        process = self._process
        return process.pid if process is not None else 0

    def start(self, command: Sequence[str]) -> None:
        """Start a child, in place of one that has ended; nothing once ``closing`` is set."""
        with self._lock:
            if self.closing.is_set():
                return
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # a Ctrl-C in the terminal is for the front end, which then ends the child
            )

    def say(self, line: str) -> None:
        """Write one line; lost where the child has just ended, which whoever minds it notices."""
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                process.stdin.write(line + "\n")
                process.stdin.flush()

    def lines(self, longest: int) -> Iterator[str]:
        """What the child says, line by line, of ``longest`` characters at the most, until it ends it."""
        process = self._process
        if process is not None and process.stdout is not None:
            with process.stdout as said:
                while line := said.readline(longest):
                    yield line

    def wait(self) -> int:
        """Wait for the end of a child whose lines have ended; its exit code, 0 where there is none."""
        process = self._process
        code = process.wait() if process is not None else 0
        self.ask_to_end()  # its input is to be closed here too
        return code

    def ask_to_end(self) -> subprocess.Popen[str] | None:
        """Close the child's input, which asks it to end."""
        with self._lock:
            process = self._process
            if process is not None and process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
            return process

    def close(self) -> None:
        """End the child, by force if it takes too long, and start no other; a second time does nothing."""
        self.closing.set()
        process = self.ask_to_end()
        if process is not None:
            for insist in (process.terminate, process.kill):
                try:
                    process.wait(CLOSING_WAIT_S)
                    break
                except subprocess.TimeoutExpired:
                    insist()
