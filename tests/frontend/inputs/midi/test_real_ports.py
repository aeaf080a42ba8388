"""Real MIDI: messages between real ports of this machine, by JACK's dummy server."""

import pytest

from tests.jack import play_on_real_ports


@pytest.mark.timeout(480)
def test_a_real_fader_moves_a_weight_and_its_device_may_vanish_and_return() -> None:
    play_on_real_ports("tests.frontend.inputs.midi.jack_session")
