"""MIDI out by real ports of this machine: words are heard as notes, by JACK's dummy server."""

import shutil
import subprocess
import sys

import pytest


def test_words_are_heard_on_real_ports_and_a_synthesiser_may_vanish_and_return() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("JACK's dummy server is tried on Linux only")
    if shutil.which("jackd") is None:
        pytest.fail("jackd is not installed: apt install jackd2, or run make test, which does")
    session = [sys.executable, "-m", "tests.frontend.outputs.jack_out_session"]
    result = subprocess.run(session, capture_output=True, text=True, timeout=150)
    assert result.stdout == "played\n", result.stderr[-2_000:]
