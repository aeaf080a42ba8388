"""The quotation guard: what stands in a text is never quoted longer than is allowed; all else is left alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import VoiceError
from server.filters.quotation import SHORTEST_QUOTATION_CHARS, WINDOW_CHARS, QuotationFilter, QuotationIndex, hashes


def noise(seed: int, length: int) -> str:
    return "".join(np.random.default_rng(seed).choice(list("abcdefghijklmnop .,"), length))


READ = noise(1, 20_000)
GUARD = QuotationFilter([QuotationIndex.of([READ])])


@given(st.integers(0, len(READ) - 301), st.integers(SHORTEST_QUOTATION_CHARS, 300))
def test_a_quotation_of_the_longest_length_cannot_go_on(start: int, longest: int) -> None:
    assert not GUARD.allowed(READ[start : start + longest], longest)[ord(READ[start + longest])]


def test_a_quotation_ends_where_a_word_begins_if_it_can() -> None:
    starts = [place + 1 - 58 for place in range(100, 2_000) if READ[place] == " "]  # 58 characters, the last a blank
    cut = [GUARD.allowed(READ[start : start + 58], 70)[ord(READ[start + 58])] for start in starts]
    early = [GUARD.allowed(READ[start : start + 58], 71)[ord(READ[start + 58])] for start in starts]
    assert starts and not any(cut) and all(early)


@given(st.integers(0, len(READ) - 301), st.integers(0, SHORTEST_QUOTATION_CHARS - 1))
def test_a_shorter_quotation_may_go_on(start: int, length: int) -> None:
    text = noise(2, 100) + READ[start : start + length]
    assert GUARD.allowed(text, SHORTEST_QUOTATION_CHARS + 40).all()


def test_a_text_from_elsewhere_is_left_alone() -> None:
    foreign = noise(3, 3_000)
    assert all(GUARD.allowed(foreign[:length], SHORTEST_QUOTATION_CHARS).all() for length in range(0, 3_000, 7))


def test_no_more_than_is_allowed_is_quoted_however_much_is_wanted() -> None:
    text = READ[:10]
    while len(text) < 600:  # a voice that has learnt its text by heart
        wanted = READ[READ.find(text[-10:]) + 10] if text[-10:] in READ[:-1] else "a"
        text += wanted if GUARD.allowed(text, 70)[ord(wanted)] else "q"
    assert max(len(piece) for piece in text.split("q")) == 70


def test_a_window_has_one_hash_wherever_it_stands() -> None:
    codes = np.frombuffer(READ[:500].encode(), np.uint8)
    assert hashes(codes)[100] == hashes(codes[100 : 100 + WINDOW_CHARS])[0]
    assert len(hashes(codes)) == 500 - WINDOW_CHARS + 1
    assert len(hashes(codes[: WINDOW_CHARS - 1])) == 0


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    made = QuotationIndex.of([READ])
    made.save(tmp_path / "q.safetensors", {"styles": ["read"]})
    assert np.array_equal(QuotationIndex.load(tmp_path / "q.safetensors").bits, made.bits)


def test_another_file_is_refused(tmp_path: Path, spelling_voices: Path) -> None:
    with pytest.raises(VoiceError, match="no file of quotations"):
        QuotationIndex.load(spelling_voices / "austen.safetensors")
