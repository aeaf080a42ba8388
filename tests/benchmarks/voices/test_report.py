"""A whole report of three small voices: what is on the pages, and that it is there whole or not at all."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from benchmarks.voices import ngram, placing, plots, reading, report, words, writing
from benchmarks.voices.findings import Findings, Slide
from benchmarks.voices.markdown import sample
from benchmarks.voices.pages import BEGIN, END, rewritten
from benchmarks.voices.report import check_packages, summary, write_pages
from benchmarks.voices.subjects import FUSED, Scale, pairs, subject
from models import evaluation
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from models.training.streams import held_out_spans
from protocol.errors import AntiphonError, StyleError, VoiceError
from styles.card import Card
from styles.library import find
from tests.test_docs import LINK

LETTERS = {"austen": "aeiou", "bible": "bdgpt", "linux": "lmnrw"}  # what the words of each text are made of
SMALL = Scale(held_out=600, stretches=1, written=3, real=5, lessons=12, fused=2, slid=1, slid_pieces=2, weights=3)


def quiet(what: str, done: int, total: int) -> None:
    pass


def write_text(folder: Path, slug: str, chars: int = 48_000) -> bytes:
    """A text of words of five letters of its own."""
    random = np.random.default_rng(len(slug))
    letters = np.frombuffer((LETTERS[slug] + "  \n").encode(), np.uint8)
    text = random.choice(letters, chars, p=[0.16] * 5 + [0.09, 0.09, 0.02]).tobytes()
    (folder / f"{slug}.txt").write_bytes(text)
    return text


def save_voice(folder: Path, slug: str, text: bytes) -> None:
    """A voice that writes the letters of its text, each as often, whatever it has read."""
    torch.manual_seed(1)
    network = CharLSTM(Shape(1, 8))
    counts = torch.bincount(torch.frombuffer(bytearray(text), dtype=torch.uint8).long(), minlength=128)
    with torch.no_grad():
        network.output.weight.zero_()
        network.output.bias.copy_((counts + 0.01).log())
    spans = [(span.start, span.stop) for span in held_out_spans(len(text))]
    record = {
        "text": sha256(text).hexdigest(),
        "held_out": spans,
        "base": "one",
        "seconds": 90,
        "chars": 1_000_000,
        "curve": [[30.0, 1, 4.0, 4.1], [60.0, 2, 3.0, 3.1]],
        "made": "2026-01-01",
    }
    VoiceWeights.of(network, slug, record).save(folder / f"{slug}.safetensors")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three texts and the voices that have read them."""
    folder = tmp_path_factory.mktemp("world")
    for slug in LETTERS:
        save_voice(folder, slug, write_text(folder, slug))
    return folder


@dataclass(frozen=True)
class Made:
    """A report, its folder of pages, and the environment in which it was made."""

    findings: Findings
    folder: Path
    settle: Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="session")
def made(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The report of the three voices, made once."""
    home = tmp_path_factory.mktemp("home")

    def settle(patch: pytest.MonkeyPatch) -> None:
        for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
            patch.delenv(name, raising=False)
        for name, folder in (("HOME", home), ("ANTIPHON_WEIGHTS", world), ("ANTIPHON_CORPORA", world)):
            patch.setenv(name, str(folder))
        patch.setattr(report, "QUICK", SMALL)

    with pytest.MonkeyPatch.context() as patch:
        settle(patch)
        folder = home / "docs" / "voices"
        return Made(make(folder), folder, settle)


def make(folder: Path) -> Findings:
    return report.report(list(LETTERS), quick=True, into=folder, again=False, show=quiet)[1]


def cards() -> dict[str, Card]:
    return {slug: find(slug) for slug in LETTERS}


def test_a_report_says_of_every_voice_what_is_true_of_it(made: Made) -> None:
    findings = made.findings
    assert [voice.slug for voice in findings.voices] == ["austen", "bible", "linux"]
    entropy = -0.8 * math.log2(0.16) - 0.18 * math.log2(0.18) - 0.02 * math.log2(0.02)
    for row, voice in enumerate(findings.voices):
        assert voice.bits == pytest.approx(entropy, abs=0.05)
        assert voice.bits < voice.ngram < voice.bits + 1 and voice.bits < voice.ppmd < voice.bits + 1
        assert voice.own_cell == min(findings.matrix[row]) == findings.matrix[row][row] < 4 < max(findings.matrix[row])
        assert {name: placing.share for name, placing in voice.placing.items()} == {"real": 1, "0.7": 1, "1.0": 1}
        assert voice.copying["1.0"].windows == 0.0 and 4 <= voice.copying["1.0"].longest <= 20
        assert set(voice.samples["0.5"]) <= set(LETTERS[voice.slug] + " \n")
    assert [pair.reads_one[0] < pair.reads_one[1] < pair.reads_one[2] for pair in findings.fusings] == [True, True]
    assert findings.slides[0].to_one[0] == findings.slides[0].to_other[-1] == 1.0
    assert summary(findings)["placed_written"] == 1.0


def test_the_pages_are_whole_and_what_they_point_at_is_there(made: Made) -> None:
    (made.folder / "trials.md").write_text("# Tried\n")
    (made.folder.parent / "credits.md").write_text("# Credits\n")
    for page in made.folder.glob("*.md"):
        targets = [target for target, _ in LINK.findall(page.read_text("utf-8")) if target and "://" not in target]
        assert [target for target in targets if not (page.parent / target).exists()] == []
    for picture in made.folder.glob("*.svg"):
        assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    table = list(csv.reader((made.folder / "matrix.csv").read_text().splitlines()))
    assert table[0] == ["voice", *made.findings.styles]
    assert float(table[1][1]) == pytest.approx(made.findings.matrix[0][0], abs=1e-4)
    figures = json.loads((made.folder / "figures.json").read_text())
    assert figures["voices"][2]["bits"] == made.findings.voices[2].bits
    assert str(made.folder.parents[1]) not in (made.folder / "README.md").read_text()


def test_a_second_report_measures_nothing_again_and_draws_the_same_pictures(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it was known")

    made.settle(monkeypatch)
    monkeypatch.setattr(evaluation, "bits_per_char", refuse)
    monkeypatch.setattr(reading, "read", refuse)
    monkeypatch.setattr(writing, "write", refuse)
    monkeypatch.setattr(placing, "LinearJudge", refuse)
    monkeypatch.setattr(ngram, "ppmd_bits_per_char", refuse)
    monkeypatch.setattr(words, "lexicon", refuse)
    second = make(tmp_path / "second")
    assert replace(second, made={}) == replace(made.findings, made={})
    pictures = sorted(made.folder.glob("*.svg"))
    assert len(pictures) == 8
    for picture in pictures:
        assert picture.read_bytes() == (tmp_path / "second" / picture.name).read_bytes()


def test_nothing_is_written_where_a_picture_cannot_be_made(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(plots, "curve", fail)
    with pytest.raises(MemoryError):
        write_pages(made.findings, cards(), tmp_path / "pages")
    assert not (tmp_path / "pages").exists()


def test_only_the_marked_place_of_the_readme_changes(made: Made, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}old\n{END}after\n")
    write_pages(made.findings, cards(), tmp_path / "again", readme)
    head, block, tail = re.split(f"{re.escape(BEGIN)}|{re.escape(END)}", readme.read_text())
    assert (head, tail) == ("before\n", "after\n")
    assert "100.0%" in block and "old" not in block
    with pytest.raises(ValueError, match="has no place"):
        rewritten("no markers", block)


# ---- what can be wrong -----------------------------------------------------------------------------------------


def lose_text(world: Path) -> None:
    (world / "austen.txt").unlink()


def change_text(world: Path) -> None:
    (world / "austen.txt").write_text("another text")


def lose_record(world: Path) -> None:
    voice = VoiceWeights.load(world / "austen.safetensors")
    VoiceWeights.of(voice.network(), "austen", {}).save(world / "austen.safetensors")


def lose_voice(world: Path) -> None:
    (world / "austen.safetensors").unlink()


@pytest.mark.parametrize(
    ("harm", "error", "line"),
    [
        (lose_text, StyleError, "styles fetch austen' downloads it"),
        (change_text, StyleError, "not the one that its voice has read"),
        (lose_record, VoiceError, "no record of what was held out"),
        (lose_voice, VoiceError, "there is no voice austen yet"),
    ],
)
def test_a_voice_and_a_text_that_do_not_belong_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], None], error: type[Exception], line: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    save_voice(tmp_path, "austen", write_text(tmp_path, "austen"))
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("ANTIPHON_CORPORA", str(tmp_path))
    monkeypatch.setattr("styles.library.corpus_folders", lambda data: (tmp_path,))
    harm(tmp_path)
    with pytest.raises(error, match=line) as caught:
        subject("austen")
    assert "\n" not in str(caught.value)


def test_a_package_that_is_missing_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "NEEDED", {"no_such_module": "no-such-package"})
    with pytest.raises(AntiphonError, match=r"needs no-such-package: pip install .*\[report\]"):
        check_packages()


# ---- small things ----------------------------------------------------------------------------------------------


def test_listed_pairs_come_first_and_neighbours_fill_up() -> None:
    chosen = pairs(FUSED, ["austen", "bible", "linux"], 3)
    assert chosen == [("austen", "linux"), ("austen", "bible"), ("bible", "linux")]
    assert pairs(FUSED, ["austen"], 3) == []


@pytest.mark.parametrize(("shares", "fall"), [((0.0, 0.5, 0.5, 1.0), 0.0), ((0.1, 0.6, 0.3, 0.5, 1.0), 0.3)])
def test_a_slide_falls_by_what_it_lies_below_what_it_had_been(shares: tuple[float, ...], fall: float) -> None:
    assert Slide("a", "b", shares, shares, shares, 10).falls == pytest.approx(fall)


def test_a_sample_cannot_end_its_block_and_code_keeps_its_lines() -> None:
    assert sample("~~~~ x \n\n  y", code=True) == "~~~~~text\n~~~~ x\n\n  y\n~~~~~"
    assert max(map(len, sample("word " * 60).split("\n"))) <= 100
