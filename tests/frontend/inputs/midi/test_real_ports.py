"""Real MIDI: messages between real ports of this machine, by JACK's dummy server."""

import shutil
import subprocess
import sys

import pytest


def test_a_real_fader_moves_a_weight_and_its_device_may_vanish_and_return() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("JACK's dummy server is tried on Linux only")
    if shutil.which("jackd") is None:
        pytest.fail("jackd is not installed: apt install jackd2, or run make test, which does")
    session = [sys.executable, "-m", "tests.frontend.inputs.midi.jack_session"]
    result = subprocess.run(session, capture_output=True, text=True, timeout=150)
    assert result.stdout == "played\n", result.stderr[-2_000:]
