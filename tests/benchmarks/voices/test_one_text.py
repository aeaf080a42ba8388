"""One text is learnt in every way, and the table says what came of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.voices import one_text as page
from benchmarks.voices.one_text import BEGIN, END, bits_of_rows, expectations, leaned, one_text, written
from models import voice_folders
from models.fake_voices import FakeVoices
from models.transformer import load as transformer
from models.transformer.stepping import Stepper
from tests.models.transformer.test_subwords import TEXT
from tests.models.transformer.tiny import weights


def test_a_way_is_examined_by_what_it_expected_where_each_letter_came() -> None:
    voices = FakeVoices({"ada": "abc"}, 0.5)
    text = np.frombuffer(b"abc", np.uint8)
    rows = expectations(voices, text)
    assert rows.shape == (3, 128) and bits_of_rows(rows, text) == pytest.approx(-np.log2(rows[0, 97]), abs=1e-5)
    assert written([FakeVoices({"ada": "abc"}, 1.0)], text[:1], lambda each: each[0])[:3] == "bca"


def test_the_mix_of_all_is_the_stages() -> None:
    rows = [np.random.default_rng(seed).dirichlet(np.ones(128), 4) for seed in range(3)]
    mixed = leaned(rows)
    wanted = np.sqrt((rows[0] + rows[1]) / 2 * rows[2])
    assert mixed == pytest.approx(wanted / wanted.sum(1, keepdims=True))


def test_the_table_stands_between_its_marks_and_what_was_measured_is_kept(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tokenizers")
    monkeypatch.setattr(page, "WRITTEN_CHARS", 60)
    monkeypatch.setattr(page, "PLACE_CHARS", 20)
    narrator = voice_folders.narrator_file()
    narrator.parent.mkdir(parents=True)
    made = weights()
    made.save(narrator, transformer.expect(Stepper(made)))
    monkeypatch.setattr(page, "ways", lambda shop: {way: every[way] for every in [ways(shop)] for way in KEPT})
    monkeypatch.setattr(page, "TOGETHER", ("memory", "memory", "smollm2"))
    target = tmp_path / "recipes.md"
    target.write_text(f"before\n{BEGIN}old\n{END}after\n")
    for _ in range(2):  # the second time nothing is made
        assert one_text("play", TEXT, 0.01, None, target, lambda *told: None) == target
        text = target.read_text()
        assert text.startswith("before\n") and text.endswith("after\n") and "old\n" not in text
        assert text.count("| memory: n-gram of order 8 |") == 1 and "sense 0.5" in text
        monkeypatch.setattr(page, "measured", pytest.fail)


KEPT = ("memory", "gpt2", "smollm2")
ways = page.ways
