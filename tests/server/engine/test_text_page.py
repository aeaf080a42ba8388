"""The page against the plainest model there is: a string."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.messages import Tint
from server.engine.text_buffer import KEPT_CHARS, TextBuffer

changes = st.lists(st.one_of(st.sampled_from("abc \n"), st.integers(0, 12), st.just(None)), max_size=80)


@given(changes, st.integers(-5, 90), st.integers(0, 90))
def test_the_page_holds_what_a_string_would(made: list[str | int | None], position: int, chars: int) -> None:
    buffer, text, epoch, sequence = TextBuffer(), "", 0, 0
    for change in made:
        if isinstance(change, str):
            buffer.append(change)
            text, sequence = text + change, sequence + 1
        elif change is None:
            buffer.clear()
            text, epoch = "", epoch + 1
        else:
            cut = buffer.cut(change)
            assert cut == min(change, len(text))
            text, epoch = text[: len(text) - cut], epoch + (cut > 0)
    assert (buffer.length, buffer.epoch, buffer.sequence, buffer.start) == (len(text), epoch, sequence, 0)
    begin = max(0, min(position, len(text)))
    passage = buffer.since(position, chars)
    assert (passage.position, passage.text) == (begin, text[begin : begin + chars])
    assert len(passage.tints) == len(passage.text)
    assert buffer.tail(chars).text == text[max(0, len(text) - chars) :]


def test_only_the_last_ten_thousand_characters_are_held() -> None:
    buffer = TextBuffer()
    tints: list[Tint] = [((n % 24, 255),) for n in range(KEPT_CHARS + 500)]
    for n, tint in enumerate(tints):
        buffer.append(chr(32 + n % 90), tint, n % 250)
    assert (buffer.start, buffer.length) == (500, KEPT_CHARS + 500)
    assert buffer.code(500) == 32 + 500 % 90
    passage = buffer.since(0, 2)
    assert (passage.position, passage.tints, passage.surprises) == (500, tuple(tints[500:502]), b"\x00\x01")
    last = buffer.tail(3)
    assert (last.position, last.tints, last.surprises) == (KEPT_CHARS + 497, tuple(tints[-3:]), bytes([247, 248, 249]))
    assert buffer.cut(KEPT_CHARS + 500) == KEPT_CHARS
    assert (buffer.start, buffer.length) == (500, 500)


def test_taking_nothing_away_changes_nothing() -> None:
    buffer = TextBuffer()
    buffer.append("a")
    assert (buffer.cut(0), buffer.cut(-3), buffer.epoch, buffer.length) == (0, 0, 0, 1)
