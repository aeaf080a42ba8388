"""An adapter is learnt from a text while the network stays, goes on from a checkpoint, and is kept where it gains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from models import tensor_file
from models.evaluation import bits_per_char
from models.training.adapter_run import make_adapter
from models.training.adapter_trainer import AdapterConfig
from models.training.train_voice import TrainingResult
from models.training.trainer import Progress
from models.transformer import load as transformer
from models.transformer.stepping import Stepper
from protocol.errors import TrainingError
from tests.models.transformer.tiny import weights

TEXT = "the abc he ab the abca " * 120
CONFIG = AdapterConfig(minutes=1.0, readings=100.0, tokens=24, rank=4, peak=0.02)


@pytest.fixture
def narrator(tmp_path: Path) -> Path:
    made, path = weights(), tmp_path / "base.safetensors"
    made.save(path, transformer.expect(Stepper(made)))
    return path


def train(
    narrator: Path,
    text: str = TEXT,
    updates: int = 25,
    stop: Callable[[], bool] = lambda: False,
    seen: list[tuple[Progress, str]] | None = None,
) -> TrainingResult:
    """A run of so many updates, by a clock that a look at it moves."""
    ticks: Iterator[int] = count()
    told = [] if seen is None else seen

    def report(progress: Progress, write: Callable[[int], str]) -> None:
        told.append((progress, write(12) if progress.examined else ""))

    path, checkpoint = narrator.with_name("ada.safetensors"), narrator.with_name("run.safetensors")
    seconds = 60.0 * CONFIG.minutes / updates
    return make_adapter("ada", text, path, checkpoint, CONFIG, narrator, report, stop, lambda: seconds * next(ticks))


def test_what_is_learnt_leans_the_network_to_its_text(narrator: Path) -> None:
    seen: list[tuple[Progress, str]] = []
    made = train(narrator, seen=seen)
    record = tensor_file.read_record(made.path)["training"]
    assert (
        made.kept
        and made.bits == pytest.approx(record["held_out_bits"], abs=1e-3)
        and not narrator.with_name("run.safetensors").exists()
    )
    assert made.bits < 0.8 * record["plain_bits"]
    assert sum(len(sample) == 12 for _, sample in seen) >= 3
    plain, leaned = (transformer.load([narrator, *more], "cpu", pytest.fail) for more in ((), (made.path,)))
    leaned.lean({"ada": 1.0})
    text = np.frombuffer(TEXT[:60].encode(), np.uint8)
    assert bits_per_char(leaned, text) < 0.8 * bits_per_char(plain, text)


def test_a_run_that_was_stopped_goes_on_from_its_checkpoint(narrator: Path) -> None:
    left = iter([False] * 10)
    stopped = train(narrator, stop=lambda: next(left, True))
    seen: list[tuple[Progress, str]] = []
    made = train(narrator, seen=seen)
    assert seen[0][0].chars > stopped.chars > 0 and made.chars > stopped.chars
    assert made.bits <= stopped.bits


def test_a_checkpoint_of_another_text_is_refused(narrator: Path) -> None:
    left = iter([False] * 3)
    train(narrator, stop=lambda: next(left, True))
    with pytest.raises(TrainingError, match="belongs to another text"):
        train(narrator, "he the " * 900)


def test_a_worse_one_does_not_replace_what_is_there(narrator: Path) -> None:
    made = train(narrator, updates=40)
    again = train(narrator, updates=6)
    assert not again.kept and again.earlier == pytest.approx(made.bits, abs=1e-3)


def test_where_nothing_is_gained_nothing_is_made(narrator: Path) -> None:
    with pytest.raises(TrainingError, match="best without an adapter"):
        train(narrator, stop=lambda: True)
    assert not narrator.with_name("ada.safetensors").exists()
