"""Ableton Link, by a package in its place: the real one speaks to the whole network."""

import sys
import time
from types import ModuleType

import pytest

from frontend.control.state.tempo_sync import MISSING, AbletonLink


class Session:
    """As aalink.Link: attributes that somebody else on the network changes."""

    last: "Session"

    def __init__(self, bpm: float) -> None:
        self.tempo, self.playing, self.num_peers = bpm, False, 0
        self.enabled = self.start_stop_sync_enabled = False
        Session.last = self


def until(is_so) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_where_the_package_is_not_installed_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aalink", None)
    link = AbletonLink()
    assert (link.trouble, link.bpm(0.0), link.turns()) == (MISSING, None, [])
    link.close()


def test_a_session_is_followed_while_somebody_else_is_there_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("aalink")
    package.Link = Session  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "aalink", package)
    link = AbletonLink()
    until(lambda: hasattr(Session, "last") and Session.last.enabled)
    assert link.bpm(0.0) is None
    Session.last.num_peers, Session.last.tempo, Session.last.playing = 1, 93.5, True
    until(lambda: link.bpm(0.0) == 93.5)
    until(lambda: link.turns() == [True])
    link.close()
    assert not Session.last.enabled
