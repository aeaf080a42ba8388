"""Manners in a performance: what is drawn, what is refused, and that switches hold from the next character on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.fake_voices import FakeVoices
from protocol.errors import ParameterError
from protocol.mixing import WRITABLE
from protocol.tree import CIRCLES, LAYOUT, WORDS, ParameterTree, Value, on_address, weight_address
from server.engine.performance import Performance
from server.filters import load
from server.filters.blocklist import BlocklistFilter, parse, pattern
from server.filters.filters import FilterSet, NextCharacterRules
from server.filters.load import copy_words, load_filters
from server.filters.repetition import warmth

FORBIDDEN_WORDS = "duck*\n*uck*\nkc"


def playing(**switches: Value) -> dict[str, Value]:
    values = ParameterTree(["parrot"]).defaults()
    return (
        values
        | {on_address("parrot"): True, weight_address("parrot"): 1.0}
        | {f"/guard/{name}": value for name, value in switches.items()}
    )


def parrot(letters: str, entries: str = FORBIDDEN_WORDS) -> Performance:
    return Performance(FakeVoices({"parrot": letters}), 1, filters=FilterSet(BlocklistFilter(parse(entries)[0])))


def written(performance: Performance, values: dict[str, Value], chars: int) -> str:
    text = ""
    for _ in range(chars):
        performance.settle(values)
        performance.catch_up(lambda: True)
        text += performance.write(values).character
        performance.listen()
    return text


def test_what_a_voice_wants_to_say_stays_unsaid_while_the_guard_is_on() -> None:
    search = pattern(parse(FORBIDDEN_WORDS)[0]).search
    assert search(written(parrot("duck "), playing(words=False), 600))
    guarded = parrot("duck ")
    assert not search(written(guarded, playing(words=True), 600))
    assert guarded.filters.withheld > 20


def test_a_voice_that_wants_nothing_else_writes_something_else() -> None:
    text = written(parrot("d", "ddd*\nd\nd d*"), playing(words=True), 40)
    assert set(text) - {"d"}


def test_a_text_to_prime_with_that_holds_a_word_is_refused() -> None:
    performance = parrot("duck ")
    performance.settle(playing(words=True))
    performance.prime("a du")
    with pytest.raises(ParameterError, match="holds a word of the guard's list"):
        performance.prime("ck")
    assert performance.buffer.tail(10).text == "a du"


def test_a_circle_warms_the_mix_only_where_it_is_led_out() -> None:
    for circles in (True, False):
        performance = parrot("ab ", "")
        performance.prime("and the " * 40)
        written(performance, playing(circles=circles), 1)
        assert (performance.filters.warmth > 1.5) == circles
        assert warmth("and the " * 40) > 1.5


def test_where_both_guards_leave_nothing_the_quotation_goes_on() -> None:
    joint = np.zeros(128)
    joint[[97, 98]] = 0.5
    only_b = np.arange(128) == 98
    kept, held_back = NextCharacterRules(words=only_b, quotation=~only_b).kept(joint, lambda: joint)
    assert kept[98] == 1.0
    assert held_back == 1.0


def test_what_the_nucleus_left_out_is_asked_before_any_character_is_as_likely() -> None:
    narrow, wide = np.zeros(128), np.zeros(128)
    narrow[97], wide[[97, 98]] = 1.0, (0.9, 0.1)
    assert NextCharacterRules(words=np.arange(128) != 97).kept(narrow, lambda: wide)[0][98] == 1.0
    nothing, _ = NextCharacterRules(words=np.arange(128) != 97).kept(narrow, lambda: narrow)
    assert np.array_equal(nothing > 0.0, WRITABLE & (np.arange(128) != 97))


def test_a_curators_list_takes_the_place_of_the_shipped_one(home: Path) -> None:
    path = copy_words()
    path.write_text("duck\n")
    assert [entry.letters for entry in load_filters().filter_set.words.entries] == ["duck"]
    with pytest.raises(ParameterError, match="there is a list already"):
        copy_words()


def test_a_broken_list_is_told_and_the_shipped_one_holds(home: Path) -> None:
    path = load.own_words()
    path.parent.mkdir(parents=True)
    for broken in (b"???\n", b"\0\1\2\3" * 20):
        path.write_bytes(broken)
        loaded = load_filters()
        assert "words.txt" in loaded.complaint and loaded.complaint.endswith("the shipped list holds")
        assert len(loaded.filter_set.words.entries) > 50


@pytest.mark.parametrize("line", [b"half-wit\n", "hurensöhne\n".encode(), "hurensöhne\n".encode("cp1252")])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_every_word_of_a_public_list_holds_whatever_its_letters_and_its_encoding(
    home: Path, mark: bytes, line: bytes
) -> None:
    path = load.own_words()
    path.parent.mkdir(parents=True)
    path.write_bytes(mark + b"goose\r\nduck*\r\n" + line)
    loaded = load_filters()
    assert loaded.complaint == ""
    assert len(loaded.filter_set.words.entries) == 3


def test_a_line_that_cannot_be_read_costs_itself_and_is_told(home: Path) -> None:
    path = load.own_words()
    path.parent.mkdir(parents=True)
    path.write_text("goose\n2g1c\nduck*\n:)\n")
    loaded = load_filters()
    assert [entry.letters for entry in loaded.filter_set.words.entries] == ["goose", "duck"]
    assert "words.txt, line 2: an entry is up to 40 letters" in loaded.complaint
    assert loaded.complaint.endswith("(and 1 more); the other 2 entries hold")


def test_the_switches_are_parameters_like_any_other() -> None:
    defaults = ParameterTree([]).defaults()
    assert (defaults[WORDS], defaults[CIRCLES]) == (False, True)
    assert defaults[LAYOUT] is True


def test_the_layout_is_kept_where_a_voice_wants_nothing_but_blanks() -> None:
    assert written(parrot(" ", ""), playing(layout=False), 40).isspace()
    text = written(parrot(" ", ""), playing(layout=True), 400)
    assert "   " not in text.replace("\n", "") and text.strip()


def test_comments_stand_where_a_voice_of_code_has_the_say() -> None:
    for code in ((), ("parrot",)):
        performance = Performance(FakeVoices({"parrot": "x\n* "}), 1, filters=FilterSet(code=code))
        assert ("\n*" in written(performance, playing(layout=True), 200)) == bool(code)


def test_where_words_and_layout_leave_nothing_the_layout_gives_way() -> None:
    joint, layout = np.zeros(128), np.arange(128) == 97
    joint[97] = 1.0
    kept, _ = NextCharacterRules(words=np.arange(128) == 32).kept(joint, lambda: joint, layout)
    assert kept[32] == 1.0


def test_a_voice_that_joins_may_be_of_code() -> None:
    filters = parrot("ab").filters
    filters.introduce(["newcomer"])
    assert filters.of_code(["parrot", "newcomer"]).tolist() == [False, True]
