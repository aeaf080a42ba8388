"""Sessions on real MIDI ports, each a process of its own, by JACK's dummy server."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

MOST_CRASHES = 2  # of JACK's client library, which on a busy machine may bring its process down as a port goes


def play_on_real_ports(session: str) -> None:
    """Run the module ``session``, which says "played" when all went well; skipped where there is no Linux."""
    if not sys.platform.startswith("linux"):
        pytest.skip("JACK's dummy server is tried on Linux only")
    if shutil.which("jackd") is None:
        pytest.fail("jackd is not installed: apt install jackd2, or run make test, which does")
    for _ in range(1 + MOST_CRASHES):
        result = subprocess.run([sys.executable, "-m", session], capture_output=True, text=True, timeout=150)
        if result.returncode >= 0:  # it was not ended by a signal
            break
    assert result.stdout == "played\n", f"ended with {result.returncode}: {result.stderr[-2_000:]}"
