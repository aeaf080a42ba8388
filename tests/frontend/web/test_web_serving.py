"""The stage on the web by real sockets: events, a websocket, and what readers may not do."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from frontend.web import serving
from frontend.web.serving import FILES, FONT, WebStage
from protocol.errors import LinkError
from tests.frontend.web.conftest import Shown

PATIENCE_S = 60.0


def get(shown: Shown, path: str) -> httpx.Response:
    return httpx.get(f"http://{shown.place}{path}", timeout=PATIENCE_S, trust_env=False)


@contextlib.contextmanager
def events(shown: Shown, path: str = "/stream", last: str = "") -> Iterator[Iterator[tuple[str, dict[str, Any]]]]:
    """The events of a stream, with their ids."""
    headers = {"last-event-id": last} if last else {}
    client = httpx.Client(timeout=PATIENCE_S, trust_env=False)
    with client, client.stream("GET", f"http://{shown.place}{path}", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")

        def told() -> Iterator[tuple[str, dict[str, Any]]]:
            known = ""
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    known = line.removeprefix("id: ")
                elif line.startswith("data: "):
                    yield known, json.loads(line.removeprefix("data: "))

        yield told()


def characters_of(messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first that are told, of a reader that is not told the whole text."""
    for message in messages:
        assert "text" not in message
        if "characters" in message:
            return list(message["characters"])
    raise AssertionError("nothing was told")


def test_the_page_and_its_files_are_there_and_nothing_else(shown: Shown) -> None:
    page = get(shown, "/")
    assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
    assert [get(shown, f"/{name}").status_code for name in (*FILES, FONT)] == [200] * (len(FILES) + 1)
    for path in ("/favicon.ico", "/..%2f..%2fetc%2fpasswd", "/stage.html", "/stream/x", "/stream?theme=nosuch"):
        assert get(shown, path).status_code == 404
    assert httpx.post(f"http://{shown.place}/stream", timeout=PATIENCE_S, trust_env=False).status_code == 405


def test_a_stream_is_the_text_as_it_is_written(shown: Shown) -> None:
    with events(shown) as told:
        _, first = next(told)
        text, end = first["text"]["text"], first["text"]["position"] + len(first["text"]["text"])
        while end < first["text"]["position"] + 20:
            for letter in next(told)[1]["characters"]:
                assert letter["position"] == end
                text, end = text + letter["character"], end + 1
    assert shown.link.session.text.startswith(text)


def test_a_reader_that_lost_its_line_is_caught_up_without_a_gap(shown: Shown) -> None:
    with events(shown) as told:
        next(told)
        known, after = next(told)
        position = after["characters"][-1]["position"]
    with events(shown, last=known) as told:
        again = characters_of(message for _, message in told)
    assert again[0]["position"] == position + 1


def test_a_theme_is_chosen_by_the_reader(shown: Shown) -> None:
    with events(shown, "/stream?theme=paper") as told:
        assert next(told)[1]["look"]["ground"] == "#F4F0E6"


def test_a_websocket_says_the_same_and_heeds_nothing(shown: Shown) -> None:
    with connect(f"ws://{shown.place}/socket", proxy=None, open_timeout=PATIENCE_S) as reader:
        reader.send("/panic")
        first = json.loads(reader.recv(PATIENCE_S))
        assert first["text"]["position"] == 0 and first["voices"]
        second = json.loads(reader.recv(PATIENCE_S))
        assert second["characters"] and second["id"].count(".") == 3
    with connect(f"ws://{shown.place}/socket?since={second['id']}", proxy=None, open_timeout=PATIENCE_S) as reader:
        again = characters_of(json.loads(reader.recv(PATIENCE_S)) for _ in range(9))
        assert again[0]["position"] == second["characters"][-1]["position"] + 1
    assert shown.link.sent == []


def test_a_page_from_elsewhere_gets_no_websocket(shown: Shown) -> None:
    with pytest.raises(InvalidStatus):
        connect(f"ws://{shown.place}/socket", origin=Origin("http://elsewhere.example"), proxy=None)


def test_there_are_only_so_many_readers_and_who_leaves_makes_room(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MAX_READERS", 1)
    with events(shown) as told:
        next(told)
        assert get(shown, "/stream").status_code == 503
    until = time.monotonic() + PATIENCE_S
    while shown.stage.readers:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_where_nothing_can_listen_one_line_says_so(shown: Shown) -> None:
    with pytest.raises(LinkError, match="the stage cannot be shown at"):
        WebStage(shown.link, {}, "look", (b"", 0.5), "127.0.0.1", shown.stage.port)
