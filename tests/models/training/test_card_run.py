"""Base and voices on one device within a few minutes; here the device is the processor and all is tiny."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

from models.char_lstm.network import Shape
from models.char_lstm.weights_file import VoiceWeights
from models.training.base_run import BaseRun
from models.training.card_run import begin_voices, conclude_voices, make_base_on_card, train_together, wanted_chars
from models.training.long_run import LongRunConfig
from models.training.train_voice import fingerprint

TEXTS = {"fox": "the quick brown fox jumps over the lazy dog. " * 200, "hen": "a hen said no to the fox. " * 200}


def stepping(seconds: float) -> Callable[[], float]:
    ticks = count()
    return lambda: next(ticks) * seconds


def base(folder: Path, said: list[str]) -> VoiceWeights:
    config = LongRunConfig(texts=8, steps=16, peak=1e-2, warmup_updates=10, half_life_chars=3_000, stay=512)
    place = (folder / "runs" / "base", folder / "state", "cpu", Shape(1, 32), None)
    run = BaseRun(TEXTS, *place, said.append, config, stepping(0.1))
    assert make_base_on_card(run, 0.5, folder / "base.safetensors", lambda: False) is not None
    return VoiceWeights.load(folder / "base.safetensors")


def test_the_base_holds_and_falls_within_its_minutes_and_its_voices_learn_side_by_side(tmp_path: Path) -> None:
    said: list[str] = []
    parent = base(tmp_path, said)
    runs = begin_voices({**TEXTS, "no": "too short"}, parent, "cpu", said.append, stepping(0.1))
    assert [run.slug for run in runs] == ["fox", "hen"] and any(line.startswith("no: the text has 9") for line in said)
    begun = {run.slug: run.trainer.best_bits for run in runs}
    train_together(runs, 6.0, lambda: False, said.append, stepping(0.1))
    assert len({run.trainer.chars for run in runs}) == 2  # the longer text is read more
    made = conclude_voices(runs, lambda slug: tmp_path / f"{slug}.safetensors")
    for slug, voice in made.items():
        kept = VoiceWeights.load(tmp_path / f"{slug}.safetensors")
        assert voice.kept and kept.record["base"] == fingerprint(parent)
        assert kept.record["best_bits"] < begun[slug]
    assert said[-1].startswith("2 voices: ")


def test_voices_stop_when_they_are_told_to_and_keep_the_best_so_far(tmp_path: Path) -> None:
    said: list[str] = []
    runs = begin_voices(TEXTS, base(tmp_path, said), "cpu", said.append)
    asked = count()
    train_together(runs, 1e9, lambda: next(asked) >= 3, said.append)
    assert 0 < runs[0].trainer.chars <= 3 * 16 * 64
    assert all(run.trainer.examine() <= run.trainer.curve[-1][3] + 1e-4 for run in runs)


def test_code_is_read_longest_and_a_small_text_only_as_often_as_it_teaches() -> None:
    assert wanted_chars("linux", 2_900_000) == 8_000_000
    assert wanted_chars("austen", 2_700_000) == 3_500_000
    assert wanted_chars("kamasutra", 290_000) == 2_320_000
