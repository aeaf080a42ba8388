"""A second machine: what is played elsewhere is played here, whatever comes between, until this machine goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.fake_link import FakeLink, demo_cards
from frontend.client.following import (
    ANSWER_WAIT_S,
    READ_CHARS,
    SETTLED_AFTER_S,
    SILENT_AFTER_S,
    YOUNG_CHARS,
    FollowingLink,
    Mirror,
)
from frontend.client.session_state import SessionState
from protocol.fragments import past_messages
from protocol.messages import Choose, Pong, Prime, Reset, Rewind, Set, Status, Tint, ToFront, ToServer
from protocol.tree import RUN, weight_address

ADA: Tint = ((0, 255),)


class Page:
    """A server's text, which tells all of it after everything that happens to it; ``never`` is never written there."""

    def __init__(self, opening: str = "", never: str = "") -> None:
        self.text, self.tints, self.epoch, self.sequence = "", list[Tint](), 0, 0
        self._opening, self._never = opening, never
        self.session = SessionState()
        for card in demo_cards():
            self.session.apply(card, 0.0)
        self.write(opening, ())

    def write(self, letters: str, tint: Tint = ADA) -> None:
        self.text, self.tints = self.text + letters, self.tints + [tint] * len(letters)
        self.sequence += len(letters)
        self.tell()

    def rewind(self, chars: int) -> None:
        left = max(0, len(self.text) - chars)
        self.epoch += left < len(self.text)
        self.text, self.tints = self.text[:left], self.tints[:left]
        self.tell()

    def obey(self, message: ToServer) -> None:
        match message:
            case Reset():
                self.text, self.tints, self.epoch = "", [], self.epoch + 1
                self.write(self._opening, ())
            case Rewind(chars):
                self.rewind(chars)
            case Prime(text):
                if not (self._never and self._never in text):
                    self.write(text, ())
            case Choose(letters):
                for letter in letters:
                    self.write("?" if letter == self._never else letter)

    def told(self) -> list[ToFront]:
        status = Status(self.sequence, len(self.text), self.epoch, 10.0, 1.0, 7, "")
        return [status, *past_messages(self.epoch, 0, self.text, self.tints)]

    def tell(self) -> None:
        for message in self.told():
            self.session.apply(message, 0.0)


def brought_together(mirror: Mirror, there: Page, here: Page, now: float = 0.0) -> float:
    """Turns until this text is the other; what time it is then."""
    for _ in range(2_000):
        now += ANSWER_WAIT_S / 10
        for message in mirror.text(there.session, here.session, now):
            here.obey(message)
        if mirror.in_step and here.text[-len(there.text) :] == there.text:
            return now
    raise AssertionError(f"{here.text[-60:]!r} is not {there.text[-60:]!r}")


def test_a_young_text_is_written_again_letter_by_letter_and_what_nobody_wrote_is_read() -> None:
    there, here = Page("Once "), Page("In the ")
    there.write("upon a ti")
    mirror, asked = Mirror(), list[ToServer]()
    for now in range(5):
        asked += (new := mirror.text(there.session, here.session, float(now)))
        for message in new:
            here.obey(message)
    assert asked == [Reset(7), Rewind(7), Prime("Once "), Choose("upon a ti")]
    assert (here.text, here.tints) == (there.text, there.tints)


def test_of_a_long_text_the_end_is_read_and_what_comes_is_written() -> None:
    there, here = Page(), Page("In the beginning ")
    there.write("word " * 1_500)
    mirror = Mirror()
    for now in range(4):
        for message in mirror.text(there.session, here.session, float(now)):
            here.obey(message)
    assert here.text == there.text[-READ_CHARS:]
    there.write("an")
    assert mirror.text(there.session, here.session, 9.0) == [Choose("an")]


def test_what_is_taken_back_there_is_taken_back_here() -> None:
    there, here, mirror = Page("one "), Page(), Mirror()
    there.write("two three")
    now = brought_together(mirror, there, here)
    there.rewind(5)
    there.write("four")
    assert mirror.text(there.session, here.session, now + 1.0) == [Rewind(5), Choose("four")]


def test_what_somebody_does_to_the_text_here_is_undone() -> None:
    there, here, mirror = Page("one "), Page(), Mirror()
    now = brought_together(mirror, there, here)
    here.write("zwei")
    assert mirror.text(there.session, here.session, now + 1.0) == [Rewind(4)]


def test_letters_that_may_not_be_written_here_are_left_out_and_the_rest_goes_on() -> None:
    there, here, mirror = Page("one "), Page(never="#"), Mirror()
    now = brought_together(mirror, there, here)
    there.write("t#")
    for _ in range(400):
        now += ANSWER_WAIT_S / 10
        for message in mirror.text(there.session, here.session, now):
            here.obey(message)
    assert mirror.left_out == 1
    there.write("wo")
    assert mirror.text(there.session, here.session, now + 1.0) == [Choose("wo")]


@given(
    st.lists(st.text(st.characters(codec="ascii", min_codepoint=32), max_size=9) | st.integers(0, 30), max_size=12),
    st.sampled_from(["", "In the beginning "]),
    st.integers(0, YOUNG_CHARS + 50),
)
def test_whatever_happens_there_the_text_here_becomes_the_same(
    steps: list[str | int], opening: str, before: int
) -> None:
    there, here, mirror = Page(opening), Page("x"), Mirror()
    there.write("word " * (before // 5))
    now = 0.0
    for step in steps:
        if isinstance(step, str):
            there.write(step)
        else:
            there.rewind(step)
        now += 0.1
        for message in mirror.text(there.session, here.session, now):
            here.obey(message)
    brought_together(mirror, there, here, now)


class Pair:
    """A machine that follows another, both in memory."""

    def __init__(self, folder: Path) -> None:
        self.now = 100.0
        self.here, self.there = FakeLink(clock=lambda: self.now), FakeLink(clock=lambda: self.now)
        self.page = Page("one ")
        self.mark = folder / "mark"
        self.link = FollowingLink(self.here, self.there, self.mark)
        self.page_here = Page()
        self.here.deliver([*demo_cards(), *self.page_here.told()])
        self.there.deliver([*demo_cards(), *self.page.told()])

    def turns(self, seconds: float, heard: bool = True) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += 0.1
            if heard:
                self.there.deliver([Pong(0)])
            before = len(self.here.sent)
            self.link.pump(self.now)
            for message in self.here.sent[before:]:
                self.page_here.obey(message)
            self.here.deliver(self.page_here.told())


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_while_it_follows_the_text_rests_here_and_controls_stand_as_they_stand_there(pair: Pair) -> None:
    address = weight_address(demo_cards()[0].slug)
    pair.there.deliver([Set(address, 0.25)])
    pair.turns(1.0)
    assert pair.link.session.values[RUN] is False and pair.link.session.values[address] == 0.25
    assert pair.page_here.text == "one " and "Space goes on here" in pair.link.line


def test_silence_of_two_seconds_lets_this_machine_go_on(pair: Pair) -> None:
    pair.turns(4.0)
    pair.turns(SILENT_AFTER_S - 0.3, heard=False)
    assert pair.link.following
    pair.turns(0.5, heard=False)
    assert not pair.link.following and pair.link.session.values[RUN] is True
    assert "fell silent" in pair.link.line and pair.mark.exists() and pair.there.closed


def test_a_text_that_rested_there_rests_here_too_when_the_other_is_gone(pair: Pair) -> None:
    pair.there.deliver([Set(RUN, False)])
    pair.turns(4.0)
    pair.turns(SILENT_AFTER_S + 0.5, heard=False)
    assert not pair.link.following and pair.link.session.values[RUN] is False


def test_a_key_lets_this_machine_go_on(pair: Pair) -> None:
    pair.turns(SETTLED_AFTER_S + 1.0)
    pair.link.set(RUN, True)
    pair.turns(0.2)
    assert not pair.link.following and pair.link.session.values[RUN] is True


def test_a_machine_that_stood_still_itself_does_not_take_the_other_for_dead(pair: Pair) -> None:
    pair.turns(4.0)
    pair.now += 60.0
    pair.turns(SILENT_AFTER_S - 0.3, heard=False)
    assert pair.link.following


def test_one_that_never_heard_the_other_waits_for_it(pair: Pair, tmp_path: Path) -> None:
    here, there = FakeLink(), FakeLink()
    link = FollowingLink(here, there, tmp_path / "none")
    here.deliver(demo_cards())
    for turn in range(100):
        link.pump(100.0 + turn)
    assert link.following and "nothing is heard" in link.line


def test_a_front_end_that_takes_the_place_of_one_that_went_on_does_not_follow_again(pair: Pair) -> None:
    pair.mark.touch()
    again = FollowingLink(pair.here, pair.there, pair.mark)
    again.pump(1.0)
    assert not again.following and pair.there.closed and RUN not in [getattr(m, "address", "") for m in pair.here.sent]
