"""What machine a figure was measured on, and how a figure is summed up. No thread of its own."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any


def describe() -> dict[str, Any]:
    """Processor, cores, memory, load and versions, as plain JSON values; no name or path of the machine."""
    import torch

    return {
        "processor": _from("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": _from("/proc/meminfo", "MemTotal"),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def in_turn(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Time every task once a round, in turn, so that a noisy moment falls on all: seconds, ``rounds`` of each."""
    for task in tasks.values():
        task()
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - began)
    return times


def milliseconds(times: Sequence[float]) -> float:
    """The median, in ms."""
    return round(1e3 * median(times), 3)


def percentile(times: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0-1) of ``times`` lie, in ms."""
    ordered = sorted(times)
    return round(1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)


def resident_mb(pid: int) -> float | None:
    """The memory of a process that stands in RAM, in MB (10^6 bytes); None where there is no /proc."""
    resident = _from(f"/proc/{pid}/status", "VmRSS")
    return None if resident is None else round(int(resident.split()[0]) * 1024 / 1e6, 1)


def busy_seconds(pid: int) -> float:
    """Processor time that a process has taken, all its threads together; NaN where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _from(path: str, key: str) -> str | None:
    """The value of ``key`` in one of Linux's ``key : value`` files; None elsewhere."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)
