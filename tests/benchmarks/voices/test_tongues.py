"""What the further tongues of a style are worth is measured, told, and not measured twice."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from benchmarks.voices import tongues
from benchmarks.voices.subjects import Subject
from models import voice_folders
from models.training.streams import held_out_spans
from models.words.load import expect
from models.words.reading import WordVoice
from styles.library import find
from tests.models.words.tiny import weights
from tests.spelling import save_spelling_voice

TEXT = np.frombuffer(b"a the and an ant, a the.\n" * 200, np.uint8)


@pytest.fixture
def subject(home: Path, monkeypatch: pytest.MonkeyPatch) -> Subject:
    """A style of one text, whose letters know nothing of it, and whose words are few."""
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(home / "weights"))
    path = save_spelling_voice(home / "weights", "austen", {letter: 1 / 12 for letter in " \nhentd,.axy"})
    spans = [[span.start, span.stop] for span in held_out_spans(len(TEXT))]
    return Subject(find("austen"), path, "0" * 64, {"held_out": spans}, TEXT, sha256(TEXT.tobytes()).hexdigest())


def give_words(slug: str) -> None:
    voice = weights(slug).quantised()
    voice.save(voice_folders.shipped_folder() / "words" / f"{slug}.safetensors", expect(WordVoice(voice)))


def test_a_style_without_words_has_letters_and_memory(subject: Subject) -> None:
    figures = tongues.measure(subject)
    assert figures.letters == pytest.approx(np.log2(12), abs=1e-3) and figures.words is None
    assert figures.memory < 0.5 < figures.letters_memory < 2.0


def test_a_style_with_words_has_all_three_and_their_mixtures(subject: Subject) -> None:
    give_words("austen")
    figures = tongues.measure(subject)
    assert figures.known == len(weights().vocabulary) and figures.words and figures.letters_words and figures.all_three
    assert figures.letters_words < (figures.letters + figures.words) / 2  # the logarithm of a mean


def test_other_files_are_measured_anew(subject: Subject) -> None:
    before = tongues.measure(subject).made_of
    give_words("austen")
    assert tongues.measure(subject).made_of != before
    assert tongues.measure(replace(subject, weights="1" * 64)).made_of != before


def test_words_write_what_stands_in_their_vocabulary(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tongues, "WRITTEN_CHARS", 300)
    give_words("austen")
    written = tongues.write(subject, frozenset({"the", "and", "an", "ant", "a"}))
    assert len(written.text) == 300 and written.real_words_held_out == 1.0
    assert 0.0 <= written.real_words <= 1.0 and written.longest_run >= 3


def test_the_page_has_a_row_for_every_style_and_the_means_of_those_with_words() -> None:
    plain = tongues.Figures("homer", "Homer", "x", 20_000, 1.6, 1.7, 1.55)
    spoken = tongues.Figures("austen", "Jane Austen", "x", 20_000, 1.5, 1.6, 1.45, 1.4, 1.35, 1.3, 12_000, 0.6)
    wrote = tongues.Writing("austen", "x", 0.995, 0.998, 25, 37, "It was the best of times.")
    page = tongues.page([spoken, plain], [wrote])
    assert "| Jane Austen | 1.500 | 1.400 | 1.350 | 1.600 | 1.450 | 1.300 | 12,000 | 0.6 |" in page
    assert "| Homer | 1.600 |  |  | 1.700 | 1.550 |  |  |  |" in page
    assert "| mean of the 1 with words | 1.500 | 1.400 | 1.350 |" in page
    assert "| Jane Austen | 99.5% | 99.8% | 25 | 37 |" in page and "It was the best of times." in page


def test_the_readme_has_the_means_of_the_styles_that_have_words() -> None:
    plain = tongues.Figures("linux", "Linux", "x", 20_000, 1.0, 1.1, 0.9)
    first = tongues.Figures("austen", "Jane Austen", "x", 20_000, 1.5, 1.6, 1.45, 1.4, 1.35, 1.3, 12_000, 0.6)
    other = replace(first, letters=1.7, words=1.5)
    block = tongues.readme_block([plain, first, other])
    assert "mean of 2 styles" in block and "| letters: char-LSTMs | 1.60 |  |" in block and "| 1.45 | -0.15 |" in block
