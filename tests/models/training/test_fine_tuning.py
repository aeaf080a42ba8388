"""A small GPT-2 is made on a text, fine-tuned and installed by the code that does so with large ones."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models import tensor_file, voice_folders
from models.evaluation import bits_per_char
from models.narrator_commands import app
from models.training.fine_tuning import FROM_NOTHING, SmallGpt2, every, fine_tune, small_gpt2
from models.training.stretch_trainer import StretchConfig
from models.training.train_voice import TrainingResult
from models.transformer import load as transformer
from models.transformer.install import install
from models.transformer.weights_file import TransformerWeights
from protocol.errors import TrainingError
from tests.models.transformer.test_subwords import TEXT

pytest.importorskip("tokenizers", reason="tokenizers, of the extra gpt, learns the vocabulary")

SMALL = SmallGpt2(pairs=320, layers=2, heads=2, width=16, positions=64)
CONFIG = StretchConfig(minutes=1.0, readings=100.0, texts=4, tokens=24, peak=0.02)


@pytest.fixture
def weights() -> TransformerWeights:
    return small_gpt2(TEXT, SMALL)


def tuned(
    weights: TransformerWeights,
    folder: Path,
    said: list[str],
    stop: Callable[[], bool] = lambda: False,
    updates: int = 24,
) -> TrainingResult:
    ticks = count()
    report = every(10, said.append, lambda progress, write: None)
    seconds = 60.0 / updates
    return fine_tune(
        "play", TEXT, weights, folder / "play.safetensors", folder / "run.safetensors", CONFIG, report, stop,
        lambda: seconds * next(ticks),
    )  # fmt: skip


def test_a_small_gpt2_has_a_vocabulary_of_its_own_and_is_of_that_family(weights: TransformerWeights) -> None:
    assert (weights.shape.layers, weights.shape.positions, weights.shape.biases["up"]) == (2, 64, 64)
    assert any(len(token) > 2 for token in weights.subwords.tokens)


def test_fine_tuning_betters_it_and_shows_what_it_writes_every_so_many_updates(
    weights: TransformerWeights, tmp_path: Path
) -> None:
    said: list[str] = []
    made = tuned(weights, tmp_path, said)
    record = tensor_file.read_record(made.path)["origin"]["training"]
    assert made.bits == pytest.approx(record["held_out_bits"], abs=1e-3) and made.bits < 0.95 * record["plain_bits"]
    assert [line.split(",")[0] for line in said[::2]] == ["after 10 updates", "after 20 updates"]
    assert [len(sample) for sample in said[1::2]] == [300, 300]


def test_a_run_that_was_stopped_goes_on_and_one_of_another_text_does_not(
    weights: TransformerWeights, tmp_path: Path
) -> None:
    def after_eight() -> Callable[[], bool]:
        left = iter([False] * 8)
        return lambda: next(left, True)

    stopped = tuned(weights, tmp_path, [], after_eight())
    made = tuned(weights, tmp_path, [])
    assert made.bits <= stopped.bits and made.chars > stopped.chars > 0
    tuned(weights, tmp_path, [], after_eight())
    other = small_gpt2(TEXT, SmallGpt2(pairs=300, layers=2, heads=2, width=16, positions=64))
    with pytest.raises(TrainingError, match="another text or network"):
        tuned(other, tmp_path, [])


def test_what_was_tuned_by_the_command_is_installed_and_speaks_as_the_narrator(home: Path, tmp_path: Path) -> None:
    (tmp_path / "play.txt").write_text(TEXT)
    words = ["tune", "play", "--text", str(tmp_path / "play.txt"), "--from", "nothing", "--updates", "2"]
    ran = CliRunner().invoke(app, [*words, "--sample-every", "1"])
    assert ran.exit_code == 0 and ran.stdout.count("after ") == 2, ran.output
    path = install("play", lambda line: None)
    assert path == voice_folders.narrator_file()
    voices = transformer.load([path], "cpu", pytest.fail)
    assert voices.slugs == ("play",)
    assert bits_per_char(voices, np.frombuffer(TEXT[:40].encode(), np.uint8)) < 7.0
    assert FROM_NOTHING.peak == tensor_file.read_record(path)["origin"]["training"]["recipe"]["peak"]
