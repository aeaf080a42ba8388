"""The words that voices know: what makes a word, how it goes on, and which files are believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lexicon import MOST_STYLES, Lexicon, save_own, words_of
from models.tensor_file import read, write
from protocol.errors import VoiceError

TEXTS = {"sea": "The whale, the whale! Ahab saw Ahab. kelp", "code": "int whale_count; int kelp; USB USB usb_dev dev"}


def test_words_occur_twice_or_in_two_texts_and_a_capital_makes_no_other_word() -> None:
    known = words_of(TEXTS)
    assert known["sea"] == {"whale", "Ahab", "kelp"}
    assert known["code"] == {"int", "whale", "kelp", "USB", "dev"}


def test_the_text_of_a_users_own_is_believed_at_once() -> None:
    assert words_of({"own": "The kraken. the USB"}, least=1)["own"] == {"the", "kraken", "USB"}


def test_a_word_goes_on_as_the_styles_in_play_know_it() -> None:
    lexicon = Lexicon.of({"sea": ["whale", "whaler"], "code": ["while"]})
    sea, both = lexicon.bits_of(["sea", "nobody"]), lexicon.bits_of(["code", "sea"])
    assert lexicon.following("wh", sea) == ("a", False)
    assert lexicon.following("wh", both) == ("ai", False)
    assert lexicon.following("whale", both) == ("r", True)
    assert lexicon.following("whx", both) == ("", False)


@given(st.dictionaries(st.sampled_from("abc"), st.sets(st.text("xyZ", min_size=1, max_size=5), min_size=1), min_size=1))
def test_every_word_is_spelled_by_the_letters_that_follow(words: dict[str, set[str]]) -> None:
    lexicon = Lexicon.of(words)
    for slug, own in words.items():
        bits = lexicon.bits_of([slug])
        for word in own:
            assert all(word[place] in lexicon.following(word[:place], bits)[0] for place in range(1, len(word)))
            assert lexicon.following(word, bits)[1]


def test_a_file_gives_the_same_lexicon_back(tmp_path: Path) -> None:
    kept = Lexicon.load(save_own("sea", TEXTS["sea"], tmp_path))
    assert kept.slugs == ("sea",)
    assert kept.following("wha", kept.bits_of(["sea"])) == ("l", False)


def test_a_file_that_is_none_empty_or_damaged_is_refused(tmp_path: Path) -> None:
    path = save_own("sea", TEXTS["sea"], tmp_path)
    tensors, record = read(path)
    whole = path.read_bytes()
    broken = tensors["trie"].clone()
    broken[20] ^= 1
    for other in ({**tensors, "trie": broken}, {**tensors, "begin": tensors["begin"][:-1]}, {"trie": tensors["trie"]}):
        write(path, other, record)
        with pytest.raises(VoiceError):
            Lexicon.load(path)
    for content in (b"", b"whale\nkelp\n", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(VoiceError):
            Lexicon.load(path)


def test_there_is_room_for_so_many_styles() -> None:
    with pytest.raises(VoiceError, match="fewer texts"):
        Lexicon.of({f"style{n}": ["word"] for n in range(MOST_STYLES + 1)})
