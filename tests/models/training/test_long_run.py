"""A run over days: gone on with at any moment, averaged, and brought down in a branch that leaves it alone."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import torch

from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from models.training import run_state
from models.training.base_run import BaseRun, time_left
from models.training.device_streams import DeviceStreams
from models.training.long_run import LongProgress, LongRun, LongRunConfig, Sitting
from models.training.streams import Streams
from models.training.train_voice import mix_texts
from protocol.errors import TrainingError

TEXTS = {"fox": "the quick brown fox jumps over the lazy dog. " * 200, "hen": "a hen said no to the fox. " * 200}
CONFIG = LongRunConfig(texts=8, steps=16, peak=1e-2, warmup_updates=10, half_life_chars=3_000, stay=512)
PER_UPDATE = CONFIG.texts * CONFIG.steps


def stepping(seconds: float = 0.01) -> Callable[[], float]:
    ticks = count()
    return lambda: next(ticks) * seconds


def after(updates: int) -> Callable[[], bool]:
    """To stop after so many updates."""
    asked = count()
    return lambda: next(asked) >= updates


def nothing(progress: LongProgress) -> None:
    pass


def long_run(config: LongRunConfig = CONFIG, on_device: bool = False, texts: dict[str, str] = TEXTS) -> LongRun:
    mixture = mix_texts(texts, {})
    torch.manual_seed(1)
    place = (mixture.corpora, mixture.shares, config.texts, config.steps, config.stay, 1)
    streams = DeviceStreams(*place, "cpu") if on_device else Streams(*place)
    return LongRun(CharLSTM(Shape(1, 32)), streams, mixture.held_out, config, mixture.digest, "here", stepping())


@pytest.mark.parametrize("on_device", [False, True])
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(on_device: bool, tmp_path: Path) -> None:
    whole, first, second = (long_run(on_device=on_device) for _ in range(3))
    whole.hold(Sitting(after(50), nothing))
    first.hold(Sitting(after(23), nothing))
    run_state.save_exact(tmp_path / "run", first.state())
    second.restore(run_state.load(tmp_path / "run"))
    second.hold(Sitting(after(27), nothing))
    ours, theirs = whole.state(), second.state()
    assert second.chars == whole.chars == 50 * PER_UPDATE
    for name in ours.network:
        assert torch.allclose(theirs.network[name], ours.network[name], atol=1e-6)
        assert torch.allclose(theirs.average[name], ours.average[name], atol=1e-6)
    assert theirs.record["streams"] == ours.record["streams"]
    assert theirs.record["machines"] == {"here": (second.chars, pytest.approx(second.seconds))}


def test_the_average_of_the_weights_comes_to_read_better_than_at_the_start() -> None:
    told: list[LongProgress] = []
    run = long_run()
    run.hold(Sitting(after(300), told.append, examine_every_s=1.0))
    assert told[-1].average_bits < told[0].average_bits and told[-1].average_bits < 4.0
    assert [row[4] for row in run.curve] == [pytest.approx(progress.average_bits, abs=1e-4) for progress in told]


def test_a_decay_branch_ends_with_its_characters_and_reads_better_than_the_held_run() -> None:
    run = long_run()
    run.hold(Sitting(after(150), nothing))
    held = run.curve[-1][3]
    begun = run.chars
    assert run.decay(60 * PER_UPDATE, Sitting(lambda: False, nothing))
    assert run.chars == begun + 60 * PER_UPDATE
    assert run.better()[1] < held


def test_a_decay_branch_that_was_stopped_goes_on_as_it_was_begun(tmp_path: Path) -> None:
    run, again = long_run(), long_run()
    assert not run.decay(40 * PER_UPDATE, Sitting(after(15), nothing))
    run_state.save_exact(tmp_path / "run", run.state())
    again.restore(run_state.load(tmp_path / "run"))
    assert again.decay(99 * PER_UPDATE, Sitting(lambda: False, nothing))
    assert again.chars == 40 * PER_UPDATE


def test_with_other_streams_a_run_goes_on_at_other_places_and_warms_up_anew(tmp_path: Path) -> None:
    few = long_run()
    few.hold(Sitting(after(30), nothing))
    run_state.save_packed(tmp_path / "run", few.state())
    many = long_run(LongRunConfig(texts=16, steps=16, peak=1e-2, warmup_updates=10, stay=512), on_device=True)
    many.restore(run_state.load(tmp_path / "run"))
    many.hold(Sitting(after(5), nothing))
    assert many.chars == 30 * PER_UPDATE + 5 * 16 * 16
    assert many.state().record["warm_from"] == 30


def test_the_state_of_other_texts_is_refused(tmp_path: Path) -> None:
    run_state.save_exact(tmp_path / "run", long_run().state())
    with pytest.raises(TrainingError, match="other texts"):
        long_run(texts={"hen": TEXTS["hen"]}).restore(run_state.load(tmp_path / "run"))


def base_run(folder: Path, said: list[str], runs: str = "runs") -> BaseRun:
    return BaseRun(
        TEXTS, folder / runs / "base", folder / "state", "cpu", Shape(1, 32), None, said.append, CONFIG, stepping()
    )


def test_the_base_says_how_far_it_is_and_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    said: list[str] = []
    base_run(tmp_path, said).hold(after(40), every_s=0.2)
    assert said[0].startswith("base: 0.0 of 300 million characters read")
    assert "bits held out (the average's" in said[1] and "h to 300 million" in said[1]
    assert said[-1].endswith(f"to be committed is {tmp_path / 'state'}")
    again = base_run(tmp_path, said)
    assert again.chars == 40 * PER_UPDATE
    again.hold(lambda: False, minutes=0.01)
    assert base_run(tmp_path, said).chars > 40 * PER_UPDATE


def test_another_machine_goes_on_from_the_state_that_was_committed(tmp_path: Path) -> None:
    said: list[str] = []
    base_run(tmp_path, said).hold(after(40))
    there = base_run(tmp_path, said, runs="elsewhere")
    assert there.chars == 40 * PER_UPDATE
    there.hold(after(1))
    assert "bits held out 3." in said[-3] or "bits held out 4." in said[-3]


def test_the_base_is_made_in_a_branch_and_the_held_run_stays_where_it_was(tmp_path: Path) -> None:
    said: list[str] = []
    base_run(tmp_path, said).hold(after(100))
    path = tmp_path / "base.safetensors"
    assert base_run(tmp_path, said).decay(30 * PER_UPDATE, path, after(10)) is None and not path.exists()
    made = base_run(tmp_path, said).decay(30 * PER_UPDATE, path, lambda: False)
    assert made is not None and made.chars == 130 * PER_UPDATE
    base = VoiceWeights.load(path)
    assert base.slug == "base" and base.record["chars"] == made.chars and set(base.record["texts"]) == set(TEXTS)
    assert base_run(tmp_path, said).chars == 100 * PER_UPDATE
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == ["base"]


def test_a_branch_that_was_left_unfinished_is_forgotten_once_the_held_run_has_gone_on(tmp_path: Path) -> None:
    said: list[str] = []
    path = tmp_path / "base.safetensors"
    base_run(tmp_path, said).hold(after(20))
    assert base_run(tmp_path, said).decay(30 * PER_UPDATE, path, after(10)) is None
    base_run(tmp_path, said).hold(after(20))
    made = base_run(tmp_path, said).decay(30 * PER_UPDATE, path, lambda: False)
    assert made is not None and made.chars == 70 * PER_UPDATE


def test_the_time_that_is_left_is_said_until_the_goal_is_read() -> None:
    assert time_left(264_000_000, 10_000.0) == "1.0 h to 300 million"
    assert time_left(300_000_000, 10_000.0) == "the goal of 300 million is read: --decay makes the base"
