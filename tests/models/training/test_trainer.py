"""A voice learns, stops, goes on, and never replaces a better one."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch

from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from models.evaluation import bits_per_char
from models.training import learner as learner_module
from models.training.sampling import sample
from models.training.streams import Streams, cut, held_out_spans, training_spans
from models.training.train_voice import encode, fingerprint, make_base, make_voice, voice_config
from models.training.trainer import Progress, Trainer, TrainingConfig
from protocol.errors import StyleError, TrainingError

LINE = "the quick brown fox jumps over the lazy dog. "
TEXT = LINE * 300
QUICK = TrainingConfig(minutes=0.04, texts=8, steps=16, peak=1e-2, stay=512)


def stepping(seconds: float = 0.01) -> Callable[[], float]:
    """A clock on which every update takes so many seconds, however busy the machine."""
    ticks = count()
    return lambda: next(ticks) * seconds


def nothing(progress: Progress, network: CharLSTM) -> None:
    pass


def trainer(recipe: TrainingConfig) -> Trainer:
    codes = encode(TEXT)
    torch.manual_seed(1)
    streams = Streams([cut(codes, training_spans(len(codes)))], [1.0], recipe.texts, recipe.steps, recipe.stay)
    return Trainer(CharLSTM(Shape(1, 32)), streams, cut(codes, held_out_spans(len(codes))), recipe, stepping())


def test_a_line_said_over_and_over_is_learnt(tmp_path: Path) -> None:
    path, checkpoint = tmp_path / "fox.safetensors", tmp_path / "fox.ckpt"
    made = make_voice("fox", TEXT, path, checkpoint, QUICK, None, Shape(1, 64), "cpu", nothing, clock=stepping())
    assert made.kept and made.bits < 1.5  # an untrained voice needs 7
    record = VoiceWeights.load(made.path).record
    assert record["held_out_bits"] == pytest.approx(made.bits, abs=1e-4)
    assert record["held_out"] == [[span.start, span.stop] for span in held_out_spans(len(TEXT))]
    assert not checkpoint.exists()


def test_a_base_goes_on_from_the_base_there_was_and_says_so(tmp_path: Path) -> None:
    texts = {"fox": TEXT, "hen": "a hen said no. " * 400}
    path = tmp_path / "base.safetensors"
    first = make_base(texts, {}, path, tmp_path / "b", QUICK, Shape(1, 64), "cpu", nothing, clock=stepping())
    none = TrainingConfig(minutes=1e-9, texts=8, steps=16)
    again = make_base(
        texts,
        {},
        path,
        tmp_path / "c",
        none,
        Shape(1, 64),
        "cpu",
        nothing,
        clock=stepping(),
        earlier=VoiceWeights.load(path),
    )
    assert again.bits == pytest.approx(first.bits, abs=0.05)  # bfloat16 on disk
    assert VoiceWeights.load(path).record["before"]["chars"] == first.chars


@pytest.mark.parametrize("there", [False, True])
def test_what_a_processor_cannot_compute_in_bfloat16_it_computes_in_float32(
    there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner_module, "has_bfloat16", lambda: there)
    with learner_module.autocast_bfloat16("cpu"):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == (torch.bfloat16 if there else torch.float32)


def test_a_worse_voice_does_not_replace_a_better_one(tmp_path: Path) -> None:
    path = tmp_path / "fox.safetensors"
    make_voice("fox", TEXT, path, tmp_path / "c", QUICK, None, Shape(1, 64), "cpu", nothing, clock=stepping())
    before = path.read_bytes()
    poor = TrainingConfig(minutes=0.001, texts=8, steps=16)
    made = make_voice("fox", TEXT, path, tmp_path / "c", poor, None, Shape(1, 64), "cpu", nothing, clock=stepping())
    assert not made.kept and made.earlier is not None and made.earlier < made.bits
    assert path.read_bytes() == before


def test_a_child_of_the_base_starts_from_what_the_base_knows(tmp_path: Path) -> None:
    texts = {"fox": TEXT, "hen": "a hen said no. " * 300}
    path = tmp_path / "base.safetensors"
    make_base(texts, {}, path, tmp_path / "b", QUICK, Shape(1, 64), "cpu", nothing, clock=stepping())
    base = VoiceWeights.load(path)
    short = TrainingConfig(minutes=0.002, texts=8, steps=16, peak=1e-4)
    child, orphan = (
        make_voice(
            "hen",
            texts["hen"],
            tmp_path / f"{name}.safetensors",
            tmp_path / "c",
            short,
            parent,
            Shape(1, 64),
            "cpu",
            nothing,
            clock=stepping(),
        )
        for name, parent in (("child", base), ("orphan", None))
    )
    assert child.bits < orphan.bits - 1.0


def test_a_voice_trained_further_stays_a_child_of_its_base_and_tells_what_it_read_before(tmp_path: Path) -> None:
    base, path, checkpoint = tmp_path / "base.safetensors", tmp_path / "fox.safetensors", tmp_path / "c"
    make_base(
        {"hen": "a hen said no. " * 300},
        {},
        base,
        tmp_path / "b",
        QUICK,
        Shape(1, 32),
        "cpu",
        nothing,
        clock=stepping(0.1),
    )
    parent = VoiceWeights.load(base)
    make_voice("fox", TEXT, path, checkpoint, QUICK, parent, Shape(), "cpu", nothing, clock=stepping(0.1))
    young = VoiceWeights.load(path)
    make_voice("fox", TEXT, path, checkpoint, QUICK, young, Shape(), "cpu", nothing, clock=stepping())
    record = VoiceWeights.load(path).record
    assert record["base"] == young.record["base"] == fingerprint(parent)
    assert record["before"]["chars"] == young.record["chars"] < record["chars"]
    assert record["held_out_bits"] < young.record["held_out_bits"]


def test_a_stopped_run_goes_on_exactly_where_it_was(tmp_path: Path) -> None:
    recipe = TrainingConfig(minutes=1e9, texts=4, steps=16, dropout=0.3)  # the schedule stands still
    whole = trainer(recipe)
    for _ in range(8):
        whole.advance(0.0)
    first = trainer(recipe)
    steps = iter(range(100))
    first.run(checkpoint=tmp_path / "run", stop=lambda: next(steps) >= 4)
    second = trainer(recipe)
    second.restore(tmp_path / "run")
    for _ in range(4):
        second.advance(0.0)
    assert second.learner.train_bits == pytest.approx(whole.learner.train_bits, abs=1e-5)
    assert second.examine() == pytest.approx(whole.examine(), abs=1e-5)


def test_the_best_weights_are_kept_when_later_ones_are_worse() -> None:
    run = trainer(replace(QUICK, every=0.3))
    run.run()
    best = run.examine()
    assert best == pytest.approx(run.best_bits, abs=1e-6)
    assert run.best_bits <= min(bits for _, _, _, bits in run.curve) + 1e-4  # the curve is rounded


def test_a_run_given_characters_ends_with_them_and_is_the_same_on_any_clock() -> None:
    recipe = replace(QUICK, chars=16 * 8 * 16)
    slow, fast = trainer(recipe), trainer(recipe)
    slow._clock, fast._clock = stepping(60.0), stepping(1e-4)
    told: list[Progress] = []
    slow.run(told.append)
    fast.run()
    assert slow.chars == fast.chars == recipe.chars
    assert [progress.share for progress in told] == pytest.approx(np.arange(1, 17) / 16)
    assert [progress.examined for progress in told] == [True] * 16  # a minute each, and fewer than it has looks
    assert [row[1:] for row in slow.curve] == [row[1:] for row in fast.curve]


def test_the_learning_rate_rises_and_then_falls_to_its_floor() -> None:
    recipe = TrainingConfig(peak=1.0, floor=0.1, warmup=0.1)
    rates = [recipe.rate(share) for share in np.linspace(0, 1, 101)]
    assert rates.index(max(rates)) == 10 and max(rates) == 1.0
    assert rates[-1] == pytest.approx(0.1) and rates == sorted(rates[:10]) + sorted(rates[10:], reverse=True)


def test_a_checkpoint_of_another_text_is_refused(tmp_path: Path) -> None:
    path, checkpoint = tmp_path / "fox.safetensors", tmp_path / "fox.ckpt"
    make_voice("fox", TEXT, path, checkpoint, QUICK, None, Shape(1, 16), "cpu", nothing, stop=lambda: True)
    assert checkpoint.exists()
    with pytest.raises(TrainingError, match="delete it to begin anew"):
        make_voice("fox", TEXT + "!", path, checkpoint, QUICK, None, Shape(1, 16), "cpu", nothing, clock=stepping())


def test_only_small_texts_that_are_read_often_get_dropout() -> None:
    assert voice_config(300_000, 20).dropout > voice_config(300_000, 2).dropout == voice_config(2_900_000, 20).dropout


@pytest.mark.parametrize(("text", "line"), [("short", "a voice needs 2000"), ("caf\u00e9 " * 999, "not 7-bit")])
def test_a_text_that_cannot_be_learnt_is_refused(text: str, line: str) -> None:
    with pytest.raises(StyleError, match=line):
        encode(text)


def test_bits_per_character_are_those_of_one_plain_reading() -> None:
    torch.manual_seed(5)
    network = CharLSTM(Shape(2, 16)).eval()
    text = np.frombuffer(TEXT[:777].encode(), np.uint8)
    with torch.inference_mode():
        read = torch.tensor([10, *text[:-1].tolist()]).view(-1, 1)
        logits, _ = network(read, network.zero_state(1))
    plain = -torch.log2(logits[:, 0].softmax(1)).gather(1, torch.tensor(text.astype(int)).view(-1, 1)).mean().item()
    assert bits_per_char(network, text) == pytest.approx(plain, abs=1e-4)


def test_many_streams_give_nearly_the_bits_of_one() -> None:
    torch.manual_seed(5)
    network = CharLSTM(Shape(1, 16))
    text = np.frombuffer(TEXT[:6_001].encode(), np.uint8)
    parts = [bits_per_char(network, text[:400])]
    assert bits_per_char(network, text) == pytest.approx(parts[0], abs=0.05)


def test_a_sample_is_writable_text_and_the_same_for_the_same_seed() -> None:
    torch.manual_seed(5)
    network = CharLSTM(Shape(1, 16))
    written = sample(network, 80)
    assert written == sample(network, 80) and len(written) == 80
    assert all(c in "\n\t" or " " <= c <= "~" for c in written)
