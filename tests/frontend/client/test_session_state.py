"""The mirror: what it shows after messages that came in order, late, twice or never."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.client.fake_link import DemoServer, demo_cards
from frontend.client.link import MissingTextRequests
from frontend.client.session_state import SessionState
from protocol.errors import ParameterError
from protocol.messages import (
    TAIL_CHARS,
    Ahead,
    Card,
    Char,
    Distributions,
    Joint,
    Prime,
    Reset,
    Rewind,
    Set,
    Status,
    Step,
    TextExcerpt,
    Tint,
    ToFront,
    ToServer,
)
from protocol.mixing import quantise
from protocol.tree import LOOKAHEAD, ParameterTree

BIBLE: Tint = ((5, 255),)


def char(text: str, sequence: int | None = None, epoch: int = 0, tint: Tint = BIBLE) -> Char:
    """The message that tells the last character of ``text``."""
    tail = text[-TAIL_CHARS:]
    return Char(len(text) if sequence is None else sequence, text[-1], tail, len(text), epoch, (tint,) * len(tail))


def status(text: str, sequence: int, epoch: int = 0, seconds: float = 9.0) -> Status:
    return Status(sequence, len(text), epoch, 15.0, seconds, 1, "")


def one_hot(code: int) -> bytes:
    return quantise(np.eye(128)[code]).tobytes()


def distributions(sequence: int, *voices: int, part: int = 0, parts: int = 1) -> Distributions:
    """Voice i wants the character of code 65 + i."""
    return Distributions(sequence, part, parts, voices, b"".join(one_hot(65 + voice) for voice in voices))


def mirror_of(*messages: ToFront) -> SessionState:
    session = SessionState()
    for message in [*demo_cards(), *messages]:
        session.apply(message, 0.0)
    return session


def test_there_are_no_cards_before_all_of_them_have_come() -> None:
    session = SessionState()
    cards = demo_cards()
    for card in reversed(cards[1:]):
        session.apply(card, 0.0)
    assert session.cards == [] and session.slugs == ()
    session.apply(cards[0], 0.0)
    assert session.cards == cards
    assert session.values == ParameterTree(card.slug for card in cards).defaults()


def test_values_told_before_the_cards_hold_after_them() -> None:
    session = mirror_of()
    early = SessionState()
    told: list[ToFront] = [Set("/style/bible/weight", 0.5), Set("/mix/rate", 20.0), *demo_cards()]
    for message in told:
        early.apply(message, 0.0)
    assert early.values == session.values | {"/style/bible/weight": 0.5, "/mix/rate": 20.0}


def test_another_choir_takes_the_place_of_the_first_when_it_is_complete() -> None:
    session = mirror_of(Set("/mix/rate", 20.0))
    cats, dogs = (Card(i, 2, slug, slug, slug[:2], "#FFFFFF", "prose", "") for i, slug in enumerate(("cats", "dogs")))
    session.apply(dogs, 0.0)
    assert len(session.cards) == 24
    session.apply(cats, 0.0)
    assert session.slugs == ("cats", "dogs")
    assert session.values["/mix/rate"] == 20.0 and "/style/bible/weight" not in session.values


def test_a_value_set_here_is_not_overruled_by_its_own_echoes() -> None:
    session = mirror_of()
    session.set_locally("/mix/rate", 30.0, now=1.0)
    session.apply(Set("/mix/rate", 15.0), now=1.49)
    assert session.values["/mix/rate"] == 30.0
    session.apply(Set("/mix/rate", 15.0), now=1.5)
    assert session.values["/mix/rate"] == 15.0


def test_a_value_is_clamped_and_an_unknown_address_refused() -> None:
    session = mirror_of()
    assert session.accept("/mix/rate", 1000) == 60.0
    with pytest.raises(ParameterError, match="there is no parameter /style/dickens/weight"):
        session.accept("/style/dickens/weight", 1.0)


def test_characters_in_order_make_the_text() -> None:
    text = "In the beginning"
    session = mirror_of(*(char(text[:end]) for end in range(1, len(text) + 1)))
    assert (session.text, session.tints, session.length, session.sequence) == (text, [BIBLE] * 16, 16, 16)
    assert (session.lost, session.missing()) == (0, None)


def test_a_lost_character_is_healed_by_the_next_tail_and_counted() -> None:
    session = mirror_of(char("In"), char("In t"))
    assert (session.text, session.missing(), session.lost) == ("In t", None, 1)


def test_a_late_or_doubled_character_changes_nothing() -> None:
    session = mirror_of(char("In"), char("In t"), char("In "), char("In t"))
    assert (session.text, session.sequence, session.lost) == ("In t", 4, 1)


def test_more_lost_than_a_tail_holds_is_asked_for_and_filled() -> None:
    text = "".join(chr(97 + place % 26) for place in range(200))
    session = mirror_of(char(text[:50]), char(text))
    assert (session.missing(), session.lost) == (50, 149)
    session.apply(TextExcerpt(0, 50, text[50:120], (BIBLE,) * 70), 0.0)
    assert (session.text, session.missing()) == (text, None)


def test_primed_characters_are_not_counted_as_lost() -> None:
    session = mirror_of(char("In"), char("In" + "p" * 200, tint=()))
    assert (session.lost, session.length) == (0, 202)


def test_a_reset_empties_the_page_even_while_nothing_is_written() -> None:
    session = mirror_of(char("In the"), status("", 6, epoch=1))
    assert (session.text, session.epoch, session.missing()) == ("", 1, None)


def test_a_character_from_before_a_reset_that_comes_late_is_not_written() -> None:
    session = mirror_of(char("In the"), status("", 6, epoch=1), char("In the "))
    assert session.text == ""


def test_a_rewind_takes_the_end_away_and_the_text_goes_on_from_there() -> None:
    text = "a truth universally acknowledged"
    session = mirror_of(char(text), status("a truth uni", 40, epoch=1), char("a truth unic", sequence=41, epoch=1))
    assert (session.text, session.missing()) == ("a truth unic", None)


def test_a_server_that_began_again_with_smaller_numbers_is_believed_after_a_silence() -> None:
    session = mirror_of(char("In the beginning"))
    session.apply(char("It"), 1.0)
    assert session.text == "In the beginning"
    session.apply(char("It"), 2.0)
    assert (session.text, session.sequence) == ("It", 2)


def test_a_server_that_is_younger_than_before_has_begun_again() -> None:
    session = mirror_of(char("In"), status("In", 2, seconds=100.0), status("x" * 30, 30, seconds=2.0))
    assert (session.text, session.missing()) == ("", 0)


def test_wishes_count_once_all_parts_are_here_in_any_order() -> None:
    session = mirror_of(distributions(7, 5, 17, part=1, parts=2))
    assert session.distributions == {}
    session.apply(distributions(7, 2, part=0, parts=2), 0.0)
    assert {voice: int(p.argmax()) for voice, p in session.distributions.items()} == {2: 67, 5: 70, 17: 82}
    assert all(p.sum() == pytest.approx(1.0, abs=1e-12) for p in session.distributions.values())
    assert session.distributions_sequence == 7


def test_parts_of_two_sets_are_never_put_together() -> None:
    session = mirror_of(
        distributions(7, 2, part=0, parts=2), distributions(8, 5, part=1, parts=2), distributions(7, 6, part=1, parts=2)
    )
    assert session.distributions == {}
    session.apply(distributions(8, 2, part=0, parts=2), 0.0)
    assert sorted(session.distributions) == [2, 5]


def test_a_voice_that_woke_joins_the_wishes_for_the_same_character() -> None:
    session = mirror_of(distributions(7, 2), distributions(7, 2, 5))
    assert sorted(session.distributions) == [2, 5]


def test_wishes_that_come_late_or_name_no_voice_of_the_choir_are_left_out() -> None:
    session = mirror_of(distributions(8, 2, 25), distributions(7, 5))
    assert sorted(session.distributions) == [2]


def test_the_fused_network_is_one_voice_more_than_there_are_cards() -> None:
    assert sorted(mirror_of(distributions(8, 2, 24)).distributions) == [2, 24]


@pytest.mark.parametrize("joint_first", [True, False])
def test_the_lit_character_keeps_the_wishes_that_it_was_drawn_from(joint_first: bool) -> None:
    drawn: list[ToFront] = [char("G", sequence=7), Joint(7, one_hot(ord("G")))]
    session = mirror_of(distributions(7, 6), distributions(8, 2), *(reversed(drawn) if joint_first else drawn))
    assert session.lit is not None
    assert (session.lit.sequence, session.lit.character) == (7, "G")
    assert session.lit.joint[ord("G")] == 1.0
    assert sorted(session.lit.distributions) == [6]


def test_what_the_voices_foresaw_comes_with_their_wishes_and_stays_with_the_lit_character() -> None:
    told = replace(distributions(7, 6, 9), evidence=bytes([0, 0, 1, 128]))
    session = mirror_of(told, distributions(8, 6, 9), char("G", sequence=7), Joint(7, one_hot(ord("G"))))
    assert session.evidence == {}
    assert session.lit is not None and session.lit.evidence == {6: 0.0, 9: -1.5}


def test_hearing_is_dated_by_the_last_message() -> None:
    session = mirror_of()
    session.apply(char("a"), 12.5)
    assert session.heard_at == 12.5


def test_a_page_of_ten_thousand_characters_stays_one() -> None:
    text = "".join(chr(97 + place % 26) for place in range(10_050))
    session = mirror_of(*(TextExcerpt(0, at, text[at : at + 500], (BIBLE,) * 500) for at in range(0, 10_000, 500)))
    for end in range(10_001, 10_051):
        session.apply(char(text[:end]), 0.0)
    assert (session.text, session.dropped, len(session.tints)) == (text[50:], 50, 10_000)


ACTS = st.one_of(
    st.just(Step()),
    st.builds(Rewind, st.integers(0, 200)),
    st.builds(Prime, st.text("abc \n", min_size=90, max_size=200)),
    st.builds(Reset, st.none()),
    st.builds(Set, st.just("/style/bible/weight"), st.floats(0, 1)),
    st.builds(Set, st.just("/mix/rate"), st.floats(1, 60)),
)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(ACTS, st.sampled_from((0.0, 0.2, 2.0))), min_size=2, max_size=12),
    st.randoms(use_true_random=False),
)
def test_whatever_the_wire_loses_doubles_or_shuffles_all_is_right_two_seconds_later(
    acts: list[tuple[ToServer, float]], wire: Random
) -> None:
    demo, session, asking, now = DemoServer(), SessionState(), MissingTextRequests(), 0.0

    def play(seconds: float, *, is_bad: bool) -> None:
        nonlocal now
        for _ in range(int(30 * seconds) + 1):
            now += 1 / 30
            messages = demo.advance(now)
            if is_bad:
                messages = [message for message in messages for _ in range(wire.choice((0, 1, 1, 2)))]
                wire.shuffle(messages)
            for message in messages:
                session.apply(message, now)
            since = asking.due(session.missing(), now)
            if since is not None:
                demo.take(since)

    for act, seconds in acts:
        demo.take(act)
        play(seconds, is_bad=True)
    demo.take(Set("/transport/run", False))
    for card in demo.cards:  # they are told again every five seconds; this demo tells them once
        session.apply(card, now)
    play(2.0, is_bad=False)
    assert (session.text, session.tints) == (demo.text[-10_000:], demo.tints[-10_000:])
    assert (session.sequence, session.length, session.missing()) == (demo.sequence, len(demo.text), None)
    assert session.values == demo.values


def test_what_was_told_of_the_letters_to_come_holds_while_they_come() -> None:
    session = mirror_of(Set(LOOKAHEAD, 8), char("so"), Ahead(0, 3, 5, " it came"), Ahead(0, 3, -1, " it was"))
    assert session.ahead == {5: " it came", -1: " it was"}
    session.apply(char("so it "), 0.0)
    assert session.ahead == {5: "came", -1: "was"}
    session.apply(char("so it w"), 0.0)
    assert session.ahead == {-1: "as"}


def test_letters_to_come_that_are_told_late_early_or_of_another_text_are_left_out() -> None:
    session = mirror_of(Set(LOOKAHEAD, 8), char("so it"), Ahead(0, 9, 5, "too early"))
    assert session.ahead == {}
    for told in (Ahead(0, 4, 1, "an it"), Ahead(1, 6, 2, " was"), Ahead(0, 1, 3, "so")):
        session.apply(told, 0.0)
    assert session.ahead == {}
    session.apply(Ahead(0, 4, 4, "it was"), 0.0)
    session.apply(Ahead(0, 2, 4, "o it is"), 0.0)  # an older one that comes late
    assert session.ahead == {4: " was"}


def test_where_nobody_looks_ahead_nothing_is_shown_of_what_was_told() -> None:
    session = mirror_of(Set(LOOKAHEAD, 8), char("so"), Ahead(0, 3, 5, " it came"), Set(LOOKAHEAD, 0))
    assert session.ahead == {}
