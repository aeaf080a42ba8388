"""The server as a child process, with small programs in its place."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from protocol.errors import LinkError
from server.supervisor.child_process import READY, ServerProcess, free_port

LISTENS = (
    f"import sys; print('one is lost', file=sys.stderr); print('antiphon: {READY}127.0.0.1:9'); sys.stdout.flush(); "
)
WAITS = "sys.stdin.read()"


def program(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def gone(process: int) -> bool:
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_it_says_where_it_listens_and_what_it_said_before() -> None:
    remarks: list[str] = []
    with ServerProcess(program(LISTENS + WAITS), remarks.append) as child:
        assert child.address() == ("127.0.0.1", 9)
        assert child.running
    assert remarks == ["one is lost"]
    assert not child.running


def test_one_that_ends_at_once_leaves_its_last_line_as_the_error() -> None:
    remarks: list[str] = []
    source = "import sys; print('a warning', flush=True); sys.exit('antiphon: the port is taken')"
    with (
        ServerProcess(program(source), remarks.append) as child,
        pytest.raises(LinkError, match=r"start: the port is taken$"),
    ):
        child.address()
    assert remarks == ["a warning"]


def test_one_that_says_nothing_is_not_waited_for_for_ever() -> None:
    with (
        ServerProcess(program("import sys; " + WAITS), print) as child,
        pytest.raises(LinkError, match="not ready in time"),
    ):
        child.address(patience=0.2)


def test_one_that_does_not_listen_to_reason_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.supervisor.child_process.END_TIMEOUT_S", 0.2)
    deaf = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + LISTENS + "time.sleep(60)"
    with ServerProcess(program(deaf), lambda line: None) as child:
        child.address()
    assert not child.running


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "process"
    inner = "import os, sys, time; from server.supervisor.child_process import end_with_parent; "
    inner += f"open({str(note)!r}, 'w').write(str(os.getpid())); "
    inner += "end_with_parent(); print('ready on 127.0.0.1:9', flush=True); time.sleep(60)"
    outer = "import os, signal; from server.supervisor.child_process import ServerProcess; "
    outer += f"ServerProcess({program(inner)!r}, print).address(); "
    outer += "os.kill(os.getpid(), signal.SIGKILL)"
    assert subprocess.run(program(outer), timeout=60).returncode == -signal.SIGKILL
    assert gone(int(note.read_text()))


def test_a_port_that_is_taken_is_left_for_a_free_one() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        assert free_port("127.0.0.1", taken) not in (0, taken)
    assert free_port("127.0.0.1", taken) == taken
