"""What a whole performance takes of this machine: both windows, take, phones' page and OSCQuery, process by process.

`antiphon play` is started as a performer starts it, under a screen made of software where there is no other, and left
to itself at 15 characters a second. Then each process of it is asked what it took of the processors, and what memory is
its own (the proportional set size: what two processes share counts half in each). Linux only, for it reads /proc. Runs
on the caller's thread.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import FRONT_DOOR, LINK_TIMEOUT_S, busy_seconds, describe, screen
from protocol.errors import DisplayError

SETTLING_S = 12.0  # after the last of its processes has come: spares get ready
ROLES = {  # what a process is called by the command that it runs
    "play": "what watches the others",
    "serve": "server",
    "front": "front end, both windows",
    "remote": "phones' page",
    "oscquery": "controls by HTTP",
}
KB = 1024
MB = 1e6


@dataclass(frozen=True)
class Process:
    """One of a performance's processes."""

    pid: int
    role: str
    in_reserve: bool  # of two that do the same the younger one only waits


def measure(seconds: float = 30.0, lean: bool = False) -> dict[str, Any]:
    """One JSON object: for each process its share of one core in per cent and its memory in MB, and the sums."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise DisplayError("what processes take is read from Linux's /proc, which is not here")
    options = ["--oscquery", "--remote", "--remote-port", "0", *(["--lean"] if lean else [])]
    with tempfile.TemporaryDirectory(prefix="antiphon-bench-") as home, screen() as display:
        command = [sys.executable, str(FRONT_DOOR), "play", "--port", "0", "--seed", "1", *options]
        environment = {**os.environ, "DISPLAY": display, "ANTIPHON_HOME": home}
        play = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wanted = 2 if lean else 4  # servers and front ends, with their spares
            processes = _wait_for(play.pid, wanted)
            before = {each: busy_seconds(each.pid) for each in processes}
            began = time.perf_counter()
            time.sleep(seconds)
            passed = time.perf_counter() - began
            rows: list[dict[str, Any]] = [
                {
                    "process": each.role + (", in reserve" if each.in_reserve else ""),
                    "core_percent": round(100 * (busy_seconds(each.pid) - busy) / passed, 1),
                    "memory_mb": own_memory_mb(each.pid),
                }
                for each, busy in before.items()
            ]
        finally:
            play.terminate()
            play.wait(LINK_TIMEOUT_S)
    rows.sort(key=lambda row: -row["core_percent"])
    cores = os.cpu_count() or 1
    return {
        "benchmark": "together",
        "machine": describe(),
        "seconds": seconds,
        "lean": lean,
        "rows": rows,
        "machine_percent": round(sum(row["core_percent"] for row in rows) / cores, 1),
        "memory_mb": round(sum(row["memory_mb"] for row in rows), 1),
    }


def _wait_for(root: int, wanted: int) -> list[Process]:
    """All processes of a performance, once ``wanted`` servers and front ends are there and have settled."""
    deadline = time.monotonic() + LINK_TIMEOUT_S
    while sum(each.role in (ROLES["serve"], ROLES["front"]) for each in family(root)) < wanted:
        if time.monotonic() > deadline or not Path(f"/proc/{root}").exists():
            raise DisplayError(f"antiphon play has not begun within {LINK_TIMEOUT_S:.0f} s")
        time.sleep(0.2)
    time.sleep(SETTLING_S)
    return family(root)


def family(root: int) -> list[Process]:
    """The process ``root`` and all that descend from it, as far as they are Antiphon's."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdecimal()}
    found, added = {root}, {root}
    while added:
        added = {pid for pid, parent in parents.items() if parent in found} - found
        found |= added
    processes: list[Process] = []
    for pid in sorted(found):
        role = next((role for command, role in ROLES.items() if command in _words(pid)), None)
        if role:
            processes.append(Process(pid, role, any(each.role == role for each in processes)))
    return processes


def own_memory_mb(pid: int) -> float:
    """The proportional set size of a process in MB (10^6 bytes); 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    sizes = [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
    return round(sum(sizes) * KB / MB, 1)


def _parent(path: Path) -> int:
    try:
        return int((path / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended meanwhile
        return 0


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return []
