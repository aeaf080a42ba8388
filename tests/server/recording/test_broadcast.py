"""A take shown: its listeners are told what those of the evening were told, whoever's voices speak now."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from frontend.client.link import Link
from frontend.client.session_state import SessionState
from models.fake_voices import FusibleFakeVoices
from protocol.messages import CrowdPucks, Panic, ResendText, Set
from protocol.tree import ParameterTree
from server.engine.parameter_store import ActionRequest
from server.filters.filters import FilterSet
from server.recording.broadcast import ReplayParameterStore, broadcast_messages, watch
from server.recording.events import (
    CharacterWritten,
    ControlsChanged,
    Event,
    Header,
    Identity,
    TextPrimed,
    TextReset,
    TextRewound,
    UpcomingControls,
    line_of,
)
from server.recording.reader import Take
from tests.journeys.hands import wait_until

LINES = {"ada": "abcdefghij ", "bob": "0123456789 "}
TINT = ((0, 255),)
ON = {"/style/ada/on": True, "/style/ada/weight": 1.0, "/mix/rate": 20.0, "/transport/run": True}


def gather(voices: Sequence[Identity]) -> Any:
    return FusibleFakeVoices({voice.slug: LINES[voice.slug] for voice in voices})


def written(first: int, text: str, start: float) -> list[Event]:
    return [CharacterWritten(first + i, start + i / 20, letter, TINT, 16) for i, letter in enumerate(text)]


def take(folder: Path, *events: Event) -> Take:
    voices = tuple(Identity(slug, slug.upper(), slug[:2], "#123456") for slug in LINES)
    header = Header("main", "2026-11-25T20:30:00+00:00", 1, voices, "0", {})
    (folder / "one.jsonl").write_text("".join(map(line_of, (header, ControlsChanged(1, 0.0, ON), *events))))
    return Take(folder / "one.jsonl")


def seen(shown: Take, until: float = 1e9) -> SessionState:
    """What a front end knows after so many seconds of it."""
    session, complaints = SessionState(), list[str]()
    for t, messages in broadcast_messages(shown, gather, FilterSet(), complaints.append):
        if t > until:
            break
        for message in messages:
            session.apply(message, t)  # type: ignore[arg-type]
    assert not complaints
    return session


def test_the_letters_are_those_of_the_take_though_the_voices_of_today_want_others(tmp_path: Path) -> None:
    session = seen(take(tmp_path, *written(1, "Hello, world", 0.5)))
    assert session.text == "Hello, world"
    assert session.tints == [TINT] * 12
    assert [(card.slug, card.name, card.colour) for card in session.cards] == [
        ("ada", "ADA", "#123456"),
        ("bob", "BOB", "#123456"),
    ]


def test_creatures_are_made_of_what_the_cards_said_then(tmp_path: Path) -> None:
    shown = take(tmp_path, *written(1, "Hello", 0.5))
    known = seen(shown).cards[0].sprite
    path = shown.path
    first, _, rest = path.read_text().partition("\n")
    header = json.loads(first)
    header["voices"][0]["sprite"] = "undead 0.8 slimes 0.2"
    path.write_text(json.dumps(header) + "\n" + rest)
    assert (known, seen(Take(path)).cards[0].sprite) == ("", "undead 0.8 slimes 0.2")


def test_text_that_was_primed_taken_back_and_begun_anew_is_seen_so(tmp_path: Path) -> None:
    shown = take(
        tmp_path,
        *written(1, "one", 0.5),
        TextPrimed(4, 1.0, " two"),
        TextRewound(8, 2.0, 3),
        *written(8, "x", 2.5),
        TextReset(9, 3.0, None),
        *written(9, "y", 4.0),
    )
    assert [seen(shown, t).text for t in (0.9, 1.5, 2.2, 2.9, 3.5, 5.0)] == ["one", "one two", "one ", "one x", "", "y"]


def test_controls_stand_where_they_stood_also_those_that_a_hold_kept_from_being_in_force(tmp_path: Path) -> None:
    held = ControlsChanged(1, 1.0, {"/transport/hold": True})
    shown = take(tmp_path, held, UpcomingControls(1, 1.1, {"/mix/temperature": 1.5, "/crowd/pucks": (0.5, 0.0, 1.0)}))
    session = seen(shown)
    assert session.values["/mix/temperature"] == 1.5 and session.values["/style/ada/weight"] == 1.0
    assert len(session.crowd) == 1 and session.crowd[0][2] == 1.0


def test_a_hand_changes_nothing_but_that_it_rests() -> None:
    parameters = ReplayParameterStore(ParameterTree(LINES))
    parameters.show(ON)
    parameters.put("/style/ada/weight", 0.1, ("127.0.0.1", 9))
    parameters.add_pucks(CrowdPucks(1, ((0.0, 0.0, 1.0),)), ("127.0.0.1", 9), 0.0)
    assert parameters.submit(ActionRequest(Panic(), ("127.0.0.1", 9))) and parameters.submit(
        ActionRequest(ResendText(3), ("127.0.0.1", 9))
    )
    assert [request.action for request in parameters.take_requests()] == [ResendText(3)]
    assert parameters.control("/style/ada/weight") == 1.0 and parameters.pucks(whole=True) == []
    parameters.changes()
    parameters.put("/transport/run", False, ("127.0.0.1", 9))
    parameters.show(ON)
    assert parameters.resting and parameters.changes() == [Set("/transport/run", False)]


def test_a_front_end_that_listens_sees_it_to_its_end_and_can_let_it_rest(tmp_path: Path) -> None:
    shown = take(tmp_path, *written(1, "Hello, world. ", 0.1), *written(15, "And on.", 1e5))
    stop, place = threading.Event(), list[tuple[str, int]]()

    def ready(host: str, port: int) -> Any:
        place.append((host, port))
        return lambda: False

    arguments = (shown, gather, FilterSet(), ready, stop, 20.0, "127.0.0.1", 0)
    thread = threading.Thread(target=watch, args=arguments)
    thread.start()
    try:
        wait_until(lambda: bool(place), "it is ready")
        with closing(Link(*place[0])) as hand, closing(Link(*place[0])) as other:

            def session(link: Link) -> SessionState:
                link.pump(time.monotonic())
                return link.session

            wait_until(lambda: session(hand).text == session(other).text == "Hello, world. ", "all of it")
            hand.set("/transport/run", False)
            wait_until(lambda: session(other).values["/transport/run"] is False, "it rests")
    finally:
        stop.set()
        thread.join()
