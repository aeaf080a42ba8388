"""Type-setting: what look.md asks of the stage's lines, and that what stands never moves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.session_state import TEXT_KEPT_CHARS, ReceivedText
from frontend.look.typeset import TypesetLine, Typesetter

# Words about as long as the line, white space of every kind, and now and then something that nobody should send.
words = st.text("abcxyz.;{}->", min_size=1, max_size=14)
spaces = st.sampled_from([" "] * 4 + ["  ", "\n", "\n\n", "\n\n\n", "\n\t", "\n\t\t", "\n    ", "\t", " \n \n", "\x07"])
texts = st.lists(st.one_of(words, spaces), max_size=40).map("".join)
columns = st.integers(8, 20)


def typeset(text: str, columns: int = 12, dropped: int = 0) -> Typesetter:
    typesetter = Typesetter(columns)
    typesetter.follow(text, dropped, 0)
    return typesetter


def page(text: str, columns: int = 12) -> list[str]:
    return [str(line) for line in typeset(text, columns).lines]


def glyphs(line: TypesetLine) -> list[tuple[int, str, int]]:
    return list(zip(line.columns, line.characters, line.places, strict=True))


def shown(typesetter: Typesetter) -> list[tuple[int, list[tuple[int, str, int]]]]:
    return [(line.number, glyphs(line)) for line in typesetter.lines]


# ---- the rules, one by one -------------------------------------------------------------------------------------------


def test_a_line_wraps_at_a_space() -> None:
    assert page("the king said unto them") == ["the king", "said unto", "them"]


def test_a_line_may_be_filled_to_its_last_column() -> None:
    assert page("twelve wide. next") == ["twelve wide.", "next"]


def test_a_break_behind_a_full_line_makes_no_empty_line() -> None:
    assert page("twelve wide.\nnext") == ["twelve wide.", "next"]


def test_spaces_at_the_edge_hang_and_do_not_begin_the_next_line() -> None:
    assert page("twelve wide.    next") == ["twelve wide.", "next"]


def test_a_written_line_break_is_kept() -> None:
    assert page("a\nb\n") == ["a", "b", ""]


def test_of_several_empty_lines_one_is_kept() -> None:
    assert page("a\n\n\n \n\t\n\nb\n\nc") == ["a", "", "b", "", "c"]


def test_the_page_does_not_begin_with_an_empty_line() -> None:
    assert page("\n\n\na") == ["a"]


def test_a_tab_is_four_columns() -> None:
    assert page("\tif\n\t\tx\ta", 16) == ["    if", "        x    a"]


def test_code_continues_two_columns_further_in() -> None:
    assert page("\treturn one two;", 16) == ["    return one", "      two;"]
    assert page("    return one two;", 16) == ["    return one", "      two;"]


def test_verse_that_is_set_in_by_less_continues_at_the_edge() -> None:
    assert page("  the dying song of", 12) == ["  the dying", "song of"]


def test_an_indent_never_takes_more_than_half_a_line() -> None:
    assert page("\t\t\t\t\tx yyyyyyyy", 12) == ["      x", "      yyyyyy", "      yy"]


def test_an_unbroken_run_is_cut_at_the_edge() -> None:
    assert page("abcdefghijklmnopqrstuvwxyz") == ["abcdefghijkl", "mnopqrstuvwx", "yz"]


def test_a_word_that_reaches_the_edge_moves_down_whole_and_tells_where_it_came_from() -> None:
    typesetter = typeset("the king unto")
    assert [str(line) for line in typesetter.lines] == ["the king", "unto"]
    assert (typesetter.lines[1].came_from, typesetter.lines[1].came) == (9, 3)
    assert typesetter.column == 4


def test_a_word_that_gains_no_room_below_is_cut() -> None:
    assert page("\ta bbbbbbbbbbbb", 12) == ["    a bbbbbb", "      bbbbbb"]


def test_a_word_behind_a_full_line_has_not_moved() -> None:
    assert typeset("twelve wide. next").lines[1].came == 0


def test_control_codes_are_not_shown() -> None:
    assert page("a\x00\x07\rb\x7f") == ["ab"]


def test_a_line_too_narrow_to_read_is_refused() -> None:
    with pytest.raises(ValueError, match="8 columns"):
        Typesetter(7)


# ---- what holds for every text ---------------------------------------------------------------------------------------


@given(texts, columns)
def test_no_line_is_longer_than_its_columns_and_no_two_characters_share_a_cell(text: str, columns: int) -> None:
    for line in typeset(text, columns).lines:
        assert all(a < b for a, b in zip(line.columns, line.columns[1:], strict=False))
        assert not line.columns or line.columns[-1] < columns


@given(texts, columns)
def test_every_visible_character_is_shown_once_in_order(text: str, columns: int) -> None:
    places = [place for line in typeset(text, columns).lines for place in line.places]
    assert places == [place for place, character in enumerate(text) if "!" <= character <= "~"]
    characters = "".join("".join(line.characters) for line in typeset(text, columns).lines)
    assert characters == "".join(text[place] for place in places)


@given(texts, columns)
def test_a_further_character_moves_nothing_but_the_word_being_written(text: str, columns: int) -> None:
    typesetter = Typesetter(columns)
    before: dict[int, tuple[int, int]] = {}  # where each character stands
    for length in range(1, len(text) + 1):
        typesetter.follow(text[:length], 0, 0)
        now = {place: (line.number, column) for line in typesetter.lines for column, _, place in glyphs(line)}
        word = len(re.sub(r"[^ \n\t]+\Z", "", text[: length - 1]))  # where it began
        moved = [place for place in before if before[place] != now[place]]
        assert all(place >= word for place in moved)
        assert all(now[place][0] == before[place][0] + 1 for place in moved)
        before = now


@given(texts, columns, st.lists(st.integers(0, 200)))
def test_setting_in_pieces_equals_setting_at_once(text: str, columns: int, cuts: list[int]) -> None:
    typesetter = Typesetter(columns)
    for cut in sorted(cuts):
        typesetter.follow(text[:cut], 0, 0)
    typesetter.follow(text, 0, 0)
    assert shown(typesetter) == shown(typeset(text, columns))
    assert typesetter.column == typeset(text, columns).column


@given(texts, columns, st.integers(0, 200), texts)
def test_going_back_and_on_equals_setting_the_new_text_at_once(text: str, columns: int, cut: int, rest: str) -> None:
    typesetter = typeset(text, columns)
    typesetter.follow(text[:cut] + rest, 0, 1)
    assert shown(typesetter) == shown(typeset(text[:cut] + rest, columns))
    assert typesetter.column == typeset(text[:cut] + rest, columns).column


@given(texts, columns, st.integers(0, 100), st.integers(0, 100), texts)
def test_going_back_in_a_text_whose_beginning_was_dropped_leaves_the_lines_above(
    text: str, columns: int, dropped: int, cut: int, rest: str
) -> None:
    dropped = min(dropped, len(text))
    cut = max(dropped, min(cut, len(text)))
    typesetter = typeset(text, columns)
    page = typesetter.page
    typesetter.follow(text[dropped:], dropped, 0)
    typesetter.follow(text[dropped:cut] + rest, dropped, 1)
    if typesetter.page == page:
        whole = typeset(text[:cut] + rest, columns)
        assert shown(typesetter) == shown(whole)[-len(typesetter.lines) :]
    else:
        assert shown(typesetter) == shown(typeset(text[dropped:cut] + rest, columns, dropped))


@given(texts, columns, st.integers(0, 100))
def test_a_line_has_another_stamp_whenever_it_changed(text: str, columns: int, cut: int) -> None:
    typesetter = typeset(text[:cut], columns)
    before = {(line.number, line.stamp): glyphs(line) for line in typesetter.lines}
    typesetter.follow(text, 0, 0)
    for line in typesetter.lines:
        assert before.get((line.number, line.stamp), glyphs(line)) == glyphs(line)


# ---- with a page that forgets ----------------------------------------------------------------------------------------


def test_lines_whose_text_was_dropped_are_forgotten_and_the_others_keep_their_numbers() -> None:
    typesetter, page_ = Typesetter(12), ReceivedText()
    for start in range(0, 3 * TEXT_KEPT_CHARS, 10):
        page_.insert(start, "some words" if start % 30 else " is here.\n", [()] * 10)
        typesetter.follow(page_.text, page_.dropped, page_.revision)
    assert typesetter.page == typeset("").page
    assert len(typesetter.lines) <= TEXT_KEPT_CHARS // 5
    assert typesetter.lines[1].begin.position >= page_.dropped - 12
    assert typesetter.end == 3 * TEXT_KEPT_CHARS


def test_a_reset_begins_a_new_page() -> None:
    typesetter = typeset("the king said unto them")
    page = typesetter.page
    typesetter.follow("", 0, 1)
    assert [str(line) for line in typesetter.lines] == [""]
    typesetter.follow("and", 0, 1)
    assert [str(line) for line in typesetter.lines] == ["and"]
    assert typesetter.page == page + 1


def test_older_text_that_comes_late_sets_the_page_anew() -> None:
    typesetter = typeset("said unto them", dropped=9)
    typesetter.follow("the king said unto them", 0, 1)
    assert shown(typesetter) == shown(typeset("the king said unto them"))


def test_text_that_jumped_ahead_begins_a_new_page() -> None:
    typesetter = typeset("the king")
    typesetter.follow("of Israel", 500, 0)
    assert [str(line) for line in typesetter.lines] == ["of Israel"]
    assert typesetter.lines[0].places[0] == 500
