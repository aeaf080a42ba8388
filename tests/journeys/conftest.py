"""Real processes for journeys: a server, front ends, and a witness that hears all that the server tells."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from frontend.client.link import Link
from frontend.client.session_state import SessionState
from server.supervisor.child_process import ServerProcess
from tests.journeys.hands import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]
ANTIPHON = [sys.executable, str(ROOT / "antiphon.py")]


def children(process: int) -> set[int]:
    """The processes that ``process`` started and that still are."""
    tasks = Path(f"/proc/{process}/task")
    lists = [task / "children" for task in tasks.iterdir()] if tasks.exists() else []
    return {int(number) for children in lists for number in children.read_text().split()}


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@dataclass(frozen=True)
class Witness:
    """A subscriber of its own, beside the front end that is tried."""

    link: Link

    @property
    def session(self) -> SessionState:
        self.link.pump(time.monotonic())
        return self.link.session

    def sees(self, what: str, condition: Callable[[SessionState], bool]) -> None:
        wait_until(lambda: condition(self.session), what)

    def next_text(self, chars: int) -> str:
        """What is written from now on, the next ``chars`` characters."""
        start = self.session.length
        self.sees(f"{chars} more characters", lambda session: session.length >= start + chars)
        session = self.session
        return session.text[len(session.text) - (session.length - start) :][:chars]


@pytest.fixture
def server(home: Path) -> Iterator[tuple[str, int]]:
    """The address of a real server process with the spelling voices, as it opens."""
    with ServerProcess([*ANTIPHON, "serve", "--with-parent", "--port", "0", "--seed", "1"], print) as child:
        yield child.address()


@pytest.fixture
def witness(server: tuple[str, int]) -> Iterator[Witness]:
    with closing(Link(*server)) as link:
        witness = Witness(link)
        witness.sees("the voices' cards and a text", lambda session: len(session.slugs) == 4 and session.length > 0)
        yield witness


def finished(*words: str) -> subprocess.CompletedProcess[str]:
    """`antiphon WORDS` run to its end, with no terminal."""
    return subprocess.run(
        [*ANTIPHON, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=2 * PATIENCE
    )


@contextmanager
def running(*words: str, module: str = "antiphon") -> Iterator[subprocess.Popen[str]]:
    """`antiphon WORDS` in the background, as a shell would start it; killed at the end if it still runs."""
    command = [sys.executable, "-m", module, *words]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
