"""The page against the plainest model there is: a string."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.messages import Tint
from server.engine.text_buffer import KEPT, TextBuffer

changes = st.lists(st.one_of(st.sampled_from("abc \n"), st.integers(0, 12), st.just(None)), max_size=80)


@given(changes, st.integers(-5, 90), st.integers(0, 90))
def test_the_page_holds_what_a_string_would(made: list[str | int | None], position: int, chars: int) -> None:
    page, text, epoch, sequence = TextBuffer(), "", 0, 0
    for change in made:
        if isinstance(change, str):
            page.append(change)
            text, sequence = text + change, sequence + 1
        elif change is None:
            page.clear()
            text, epoch = "", epoch + 1
        else:
            cut = page.cut(change)
            assert cut == min(change, len(text))
            text, epoch = text[: len(text) - cut], epoch + (cut > 0)
    assert (page.length, page.epoch, page.sequence, page.start) == (len(text), epoch, sequence, 0)
    begin = max(0, min(position, len(text)))
    passage = page.since(position, chars)
    assert (passage.position, passage.text) == (begin, text[begin : begin + chars])
    assert len(passage.tints) == len(passage.text)
    assert page.tail(chars).text == text[max(0, len(text) - chars) :]


def test_only_the_last_ten_thousand_characters_are_held() -> None:
    page = TextBuffer()
    tints: list[Tint] = [((n % 24, 255),) for n in range(KEPT + 500)]
    for n, tint in enumerate(tints):
        page.append(chr(32 + n % 90), tint, n % 250)
    assert (page.start, page.length) == (500, KEPT + 500)
    assert page.code(500) == 32 + 500 % 90
    passage = page.since(0, 2)
    assert (passage.position, passage.tints, passage.surprises) == (500, tuple(tints[500:502]), b"\x00\x01")
    last = page.tail(3)
    assert (last.position, last.tints, last.surprises) == (KEPT + 497, tuple(tints[-3:]), bytes([247, 248, 249]))
    assert page.cut(KEPT + 500) == KEPT
    assert (page.start, page.length) == (500, 500)


def test_taking_nothing_away_changes_nothing() -> None:
    page = TextBuffer()
    page.append("a")
    assert (page.cut(0), page.cut(-3), page.epoch, page.length) == (0, 0, 0, 1)
