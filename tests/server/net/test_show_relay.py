"""A show's commands: one front end holds the show, the next one takes it over, and nothing is done twice."""

from __future__ import annotations

import pytest

from protocol.errors import MessageError
from protocol.messages import HoldShow, ShowAnswer, ShowCommand, ShowDone, ShowHolder, ShowRequest
from server.net.show_relay import (
    ANSWER_TIMEOUT_S,
    ASK_AGAIN_S,
    HOLD_LAPSES_S,
    MOST_HOLDERS,
    MOST_WAITING,
    PATIENCE_S,
    ShowRelay,
)

FIRST, SECOND, DESK = ("127.0.0.1", 1), ("127.0.0.1", 2), ("127.0.0.1", 53_000)
TONIGHT, GO = HoldShow("tonight", 0), ShowCommand("/cue/go")


def test_a_command_goes_to_the_first_front_end_and_its_answer_to_the_desk() -> None:
    relay = ShowRelay(first=40)
    assert relay.hold(FIRST, TONIGHT, 0.0) == (ShowHolder(True, "127.0.0.1:1", "", 0), "")
    relay.ask(ShowCommand("/scene/recall", "3", 2.0), DESK, 0.0)
    assert relay.due(0.0) == [(FIRST, ShowRequest(41, "/scene/recall", "3", 2.0))]
    assert relay.done(ShowDone(41, True, "scene 3")) == [(DESK, ShowAnswer("/scene/recall", True, "scene 3"))]
    assert relay.done(ShowDone(41, True, "scene 3")) == [] and not relay.busy


def test_a_second_front_end_stands_ready_and_that_is_said_once() -> None:
    relay = ShowRelay()
    relay.hold(FIRST, TONIGHT, 0.0)
    held, line = relay.hold(SECOND, TONIGHT, 0.0)
    assert not held.yours
    assert line == "two programs can hold the show: 127.0.0.1:1 does, 127.0.0.1:2 stands ready"
    assert relay.hold(SECOND, TONIGHT, 0.5)[1] == ""


def test_what_is_not_answered_is_asked_again_and_the_next_command_waits() -> None:
    relay = ShowRelay()
    relay.hold(FIRST, TONIGHT, 0.0)
    relay.ask(GO, DESK, 0.0)
    relay.ask(GO, DESK, 0.0)
    assert relay.due(0.0) == [(FIRST, ShowRequest(1, "/cue/go"))]
    assert relay.due(ASK_AGAIN_S / 2) == []
    assert relay.due(ASK_AGAIN_S) == [(FIRST, ShowRequest(1, "/cue/go"))]
    relay.done(ShowDone(1, True, "cue 1"))
    assert relay.due(ASK_AGAIN_S) == [(FIRST, ShowRequest(2, "/cue/go"))]


def test_a_front_end_that_falls_silent_loses_the_show_to_the_next_which_is_told_where_it_stands() -> None:
    relay = ShowRelay()
    relay.hold(FIRST, TONIGHT, 0.0)
    relay.hold(FIRST, HoldShow("tonight", 4), 1.0)
    late = 1.0 + HOLD_LAPSES_S + 0.1
    relay.hold(SECOND, TONIGHT, 2.0)
    assert relay.hold(SECOND, TONIGHT, late) == (ShowHolder(True, "127.0.0.1:2", "tonight", 4), "")


def test_a_front_end_that_answers_nothing_is_passed_over() -> None:
    relay = ShowRelay()
    relay.hold(FIRST, HoldShow("tonight", 0), 0.0)
    relay.hold(FIRST, HoldShow("tonight", 2), 0.0)
    relay.hold(SECOND, TONIGHT, 0.0)
    relay.ask(GO, DESK, 0.0)
    relay.due(0.0)
    assert relay.due(ANSWER_TIMEOUT_S) == [
        (SECOND, ShowHolder(True, "127.0.0.1:2", "tonight", 2)),
        (SECOND, ShowRequest(1, "/cue/go")),
    ]


def test_where_nobody_holds_the_show_the_desk_is_told_so_after_a_while() -> None:
    relay = ShowRelay()
    relay.ask(GO, DESK, 0.0)
    assert relay.due(PATIENCE_S - 0.1) == []
    assert relay.due(PATIENCE_S) == [(DESK, ShowAnswer("/cue/go", False, "no front end holds the show: open one"))]


def test_a_front_end_that_opens_in_time_does_what_waits() -> None:
    relay = ShowRelay()
    relay.ask(GO, DESK, 0.0)
    relay.due(0.0)
    relay.hold(FIRST, TONIGHT, 1.0)
    assert relay.due(1.0) == [(FIRST, ShowRequest(1, "/cue/go"))]


def test_a_flood_of_commands_and_of_front_ends_is_bounded() -> None:
    relay = ShowRelay()
    for _ in range(MOST_WAITING):
        relay.ask(GO, DESK, 0.0)
    with pytest.raises(MessageError, match="wait already"):
        relay.ask(GO, DESK, 0.0)
    for port in range(MOST_HOLDERS):
        relay.hold(("127.0.0.1", port), TONIGHT, 0.0)
    with pytest.raises(MessageError, match="one more cannot"):
        relay.hold(("127.0.0.1", 99), TONIGHT, 0.0)
