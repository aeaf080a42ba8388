"""A word voice learns from a text, stops, goes on, and never replaces a better one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models import tensor_file
from models.commands import app
from models.evaluation import bits_per_char
from models.ngram.text_file import RememberedText
from models.training import word_vectors
from models.training.train_voice import TrainingResult
from models.training.word_run import make_word_base, make_word_voice
from models.training.word_trainer import WordTrainingConfig
from models.words.network import WordShape
from models.words.tokens import Vocabulary
from models.words.weights_file import WordWeights
from protocol.errors import StyleError, TrainingError
from tests.models.training.test_train_cli import TEXT

TINY = WordShape(2, 8, 16)
CONFIG = WordTrainingConfig(minutes=100.0, readings=4.0, texts=8, steps=16, peak=0.03, drawn=20)

pytest.importorskip("gensim")


def make(
    path: Path,
    text: str = TEXT,
    config: WordTrainingConfig = CONFIG,
    base: WordWeights | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> TrainingResult:
    return make_word_voice(
        path.stem, text, path, path.with_suffix(".run"), config, base, None, lambda *_: None, stop, size=TINY
    )


def test_a_voice_learns_words_and_says_how_well(tmp_path: Path) -> None:
    path = tmp_path / "fox.safetensors"
    made = make(path)
    voice = WordWeights.load(path)
    assert made.kept and made.bits < 2.0 and voice.record["held_out_bits"] == pytest.approx(made.bits, abs=1e-4)
    assert b" jumps" in voice.vocabulary.words and not path.with_suffix(".run").exists()
    held_out = "".join(TEXT[start:stop] for start, stop in voice.record["held_out"])
    assert bits_per_char(voice, np.frombuffer(held_out.encode(), np.uint8)) == pytest.approx(made.bits, abs=1e-3)


def test_a_run_that_was_stopped_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    path, calls = tmp_path / "fox.safetensors", iter([False] * 5 + [True] * 9)
    first = make(path, stop=lambda: next(calls))
    assert tensor_file.read_record(path.with_suffix(".run"))["updates"] == 5
    second = make(path)
    assert second.chars > first.chars and second.bits < first.bits and second.kept
    assert second.curve[0] == first.curve[0]


def test_a_worse_voice_does_not_replace_a_better_one(tmp_path: Path) -> None:
    path = tmp_path / "fox.safetensors"
    better = make(path)
    worse = make(path, config=WordTrainingConfig(minutes=100.0, readings=0.1, texts=8, steps=16))
    assert not worse.kept and worse.earlier == pytest.approx(better.bits)


def test_a_file_that_is_no_voice_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "fox.safetensors"
    path.write_bytes(b"torn")
    assert make(path).earlier is None and WordWeights.load(path).slug == "fox"


def test_a_checkpoint_of_another_text_is_refused(tmp_path: Path) -> None:
    path, calls = tmp_path / "fox.safetensors", iter([False] * 2 + [True] * 9)
    make(path, stop=lambda: next(calls))
    with pytest.raises(TrainingError, match="belongs to another text"):
        make(path, TEXT.replace("fox", "cat"))


def test_a_voice_from_the_base_knows_the_bases_words_and_learns_sooner(tmp_path: Path) -> None:
    sea = TEXT.replace("fox", "whale").replace("dog", "ship")
    base_path = tmp_path / "base.safetensors"
    make_word_base({"fox": TEXT, "sea": sea}, base_path, tmp_path / "run", CONFIG, lambda *_: None, size=TINY)
    base = WordWeights.load(base_path)
    assert {b" fox", b" whale"} <= set(base.vocabulary.words)
    short = WordTrainingConfig(minutes=100.0, readings=0.5, texts=8, steps=16)
    child = make(tmp_path / "child.safetensors", config=short, base=base)
    orphan = make(tmp_path / "orphan.safetensors", config=short)
    assert child.bits < orphan.bits
    assert b" whale" in WordWeights.load(child.path).vocabulary.words


def test_a_text_of_three_words_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StyleError, match=r"the text has 14 characters; a voice needs"):
        make(tmp_path / "fox.safetensors", "Call me Ismael")
    assert list(tmp_path.iterdir()) == []


WORDS = Vocabulary((b"\n", b" Fox", b" dog"))


@pytest.mark.parametrize("head", ["", "2 3\n"])
def test_vectors_are_read_in_both_formats(tmp_path: Path, head: str) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(f"{head}fox 1 2 3\ndog 3 2 2\ncat 0 0 0\n")
    vectors = word_vectors.from_file(path, WORDS, 3)
    assert vectors.shape == (4, 3) and vectors.std() == pytest.approx(word_vectors.SPREAD)
    apart = (vectors[2] - vectors[3]) / np.abs(vectors[2] - vectors[3]).max()
    assert apart == pytest.approx(np.array([-1.0, 0.0, 0.5]), abs=1e-5)


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ("fox 1 2\n", "a vector of 2 numbers in line 1, among others of 3"),
        ("2 50\nfox 1 2\n", "a vector of 50 numbers in line 1, among others of 3"),
        ("fox 1 2 x\n", "is no file of word vectors"),
        ("fox 1 2 nan\n", "of no use"),
        ("cat 1 2 3\n", "of no use"),
        ("", "of no use"),
    ],
)
def test_vectors_that_do_not_fit_are_refused_in_one_line(tmp_path: Path, lines: str, wrong: str) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(lines)
    with pytest.raises(TrainingError, match=wrong):
        word_vectors.from_file(path, WORDS, 3)
    with pytest.raises(TrainingError, match="cannot be read"):
        word_vectors.from_file(tmp_path / "nothing.txt", WORDS, 3)


@pytest.mark.parametrize(
    ("lines", "size"),
    [("fox" + " 1" * 50 + "\n", 50), ("2 12\nfox" + " 1" * 12 + " \n", 12), ("fox 1 2\n", None), ("", None)],
)
def test_a_voice_takes_vectors_of_the_files_length(tmp_path: Path, lines: str, size: int | None) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(lines)
    if size:
        assert word_vectors.size_of(path) == size
    else:
        with pytest.raises(TrainingError, match="those of 10 to 600 are read"):
            word_vectors.size_of(path)


def train(*arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["train", *arguments])
    return ran.exit_code, ran.output + str(ran.exception or "")


def test_an_ngram_of_a_users_text_is_made_in_an_instant(home: Path) -> None:
    (home / "notes.txt").write_text(TEXT)
    code, said = train("my-notes", "--text", str(home / "notes.txt"), "--kind", "ngram", "--into", str(home / "made"))
    assert code == 0, said
    made = RememberedText.load(home / "made" / "memory" / "my-notes.safetensors")
    assert made.order == 8 and made.record["held_out_bits"] < 1.0 and len(made.codes) < len(TEXT)


def test_a_word_voice_of_a_users_text_stands_with_the_words(home: Path) -> None:
    (home / "notes.txt").write_text(TEXT)
    into = ("--into", str(home / "made"), "--runs", str(home / "runs"), "--minutes", "0.02", "--from-scratch")
    code, said = train("my-notes", "--text", str(home / "notes.txt"), "--kind", "word", *into)
    assert code == 0, said
    assert WordWeights.load(home / "made" / "words" / "my-notes.safetensors").shape.hidden == 384


@pytest.mark.parametrize(
    "arguments",
    [
        ("x", "--kind", "word", "--recipe", "alice"),
        ("x", "--kind", "ngram", "--further"),
        ("x", "--vectors", "v.txt"),
        ("x", "--order", "4"),
        ("--base", "--kind", "ngram"),
    ],
)
def test_what_does_not_go_with_a_kind_is_a_wrong_command_line(home: Path, arguments: tuple[str, ...]) -> None:
    assert train(*arguments)[0] == 2
