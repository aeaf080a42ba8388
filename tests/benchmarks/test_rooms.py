"""Many texts share a step: together they get more characters a second than one text does."""

from benchmarks.rooms import measure
from models.char_lstm.network import Shape


def test_texts_that_step_together_beat_one_text_and_processes_are_measured_for_few_only() -> None:
    one, many = measure((1, 32), Shape(2, 128), voices=3, seconds=0.3, few=1)["rows"]
    assert many["one_core"] > one["one_core"] > 0.0
    assert one["processes"] > 0.0
    assert "processes" not in many
