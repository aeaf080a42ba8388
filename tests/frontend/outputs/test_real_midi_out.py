"""MIDI out by real ports of this machine: words are heard as notes, by JACK's dummy server."""

import pytest

from tests.jack import play_on_real_ports


@pytest.mark.timeout(480)
def test_words_are_heard_on_real_ports_and_a_synthesiser_may_vanish_and_return() -> None:
    play_on_real_ports("tests.frontend.outputs.jack_out_session")
