"""Who belongs to a performance, and what is its own, is read from the system."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.together import Process, family, own_memory_mb

PATIENCE_S = 60.0
SLEEPS = "import sys; print('awake', flush=True); sys.stdin.read()"

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="there is no /proc here")


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two servers, and a program that is nothing of ours."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    begun = [
        subprocess.Popen([sys.executable, "-c", SLEEPS, word], **pipes)  # type: ignore[call-overload]
        for word in ("serve", "serve", "stranger")
    ]
    for each in begun:
        assert each.stdout.readline() == b"awake\n"
    yield begun
    for each in begun:
        with each:
            each.kill()


def test_the_younger_of_two_that_do_the_same_is_in_reserve(children: list[subprocess.Popen[bytes]]) -> None:
    first, second = sorted(each.pid for each in children[:2])
    ours = [each for each in family(os.getpid()) if each.pid in {child.pid for child in children}]
    assert ours == [Process(first, "server", False), Process(second, "server", True)]


def test_a_process_has_memory_of_its_own_until_it_is_gone(children: list[subprocess.Popen[bytes]]) -> None:
    assert own_memory_mb(children[0].pid) > 1.0
    children[0].kill()
    children[0].wait()
    until = time.monotonic() + PATIENCE_S
    while own_memory_mb(children[0].pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert own_memory_mb(children[0].pid) == 0.0
