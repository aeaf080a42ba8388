"""The training benchmark measures the real trainer, and the order of things holds."""

from benchmarks.train import measure, prose, to_a_loss
from models.char_lstm.network import Shape


def test_wider_voices_take_longer_and_a_step_is_both_passes_and_more() -> None:
    figures = measure(rounds=5, grid=((1, 64), (2, 256)), race=False)
    small, large = figures["rows"]
    assert (small["layers"], small["hidden"], small["texts"] * small["steps"]) == (1, 64, 2_500)
    assert small["step_ms"] < large["step_ms"] and small["chars_per_second"] > large["chars_per_second"]
    assert large["forward_ms"] < large["step_ms"]


def test_windows_need_far_longer_to_the_same_loss() -> None:
    race = to_a_loss(enough=20_000, patience=5.0, shape=Shape(1, 32))
    assert race["times_faster"] >= 4.0
    assert race["windows_reached_it"] is (race["windows_nats"] <= race["goal_nats"])


def test_the_race_is_run_on_prose() -> None:
    text = bytes(prose(50_000)).decode("ascii")
    assert len(text) == 50_000 and text.count(" the ") > 200
