"""Phones on real sockets: what they get, what they may do, and what becomes of those that misbehave."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from frontend.remote import serving
from frontend.remote.guests import MAX_PERFORMERS, MAX_PHONES
from frontend.remote.links import Role
from frontend.remote.serving import FILES, PhoneServer
from protocol.errors import LinkError
from protocol.messages import Set, WriteWord
from tests.frontend.remote.conftest import PATIENCE, Open, wait_for


def get(house: Open, path: str) -> httpx.Response:
    return httpx.get(f"http://{house.place}{path}", timeout=PATIENCE, trust_env=False)


def told(phone: ClientConnection, kind: str) -> Any:
    """The next message of its ``kind``, "hello" or "now"."""
    while True:
        message = json.loads(phone.recv(PATIENCE))
        if kind in message:
            return message[kind]


def test_the_right_link_gives_the_page_and_all_of_its_files(house: Open) -> None:
    page = get(house, f"/{house.keys.audience}/")
    assert page.status_code == 200
    assert "<title>Antiphon</title>" in page.text
    assert [get(house, f"/{house.keys.audience}/{name}").status_code for name in FILES] == [200] * len(FILES)
    assert get(house, f"/{house.keys.performer}").headers["location"] == f"/{house.keys.performer}/"


def test_everything_else_is_one_page_that_says_that_the_link_is_wrong(house: Open) -> None:
    token = house.keys.audience
    elsewhere = (
        "/",
        "/favicon.ico",
        "/nobody-knows-this/",
        "/nobody-knows-this/remote.js",
        "/nobody/play",
        f"/{token}x/",
        f"/{token}/../../etc/passwd",
        f"/{token}/page.html",
        f"/{token}/%2e%2e/",
        "/" + "a" * 4_000,
    )
    for path in elsewhere:
        answer = get(house, path)
        assert (path, answer.status_code) == (path, 403)
        assert "This link is not valid." in answer.text
        assert not any(known in answer.text for known in vars(house.keys).values())


def test_the_page_may_speak_to_where_it_came_from_alone_and_nobody_keeps_it(house: Open) -> None:
    headers = get(house, f"/{house.keys.audience}/").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert f"connect-src 'self' ws://{house.place};" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_the_page_needs_nothing_from_anywhere_else() -> None:
    folder = Path(serving.__file__).with_name("page")
    assert {path.name for path in folder.iterdir()} == {*FILES, "page.html", "refused.html"}
    words = "".join(path.read_text("utf-8") for path in folder.iterdir())
    assert "https:" not in words
    assert words.replace("http://www.w3.org/2000/svg", "").count("http:") == 0


def test_a_phone_is_told_who_sings_and_what_stands(house: Open) -> None:
    phone = house.phone(house.keys.performer)
    hello = told(phone, "hello")
    assert hello["role"] == "performer"
    assert ["bible", "Bible", "Bi", "#EFBC3A"] in hello["voices"]
    now = told(phone, "now")
    assert now["values"]["/style/bible/weight"] == 0.8
    assert sum(count for _, count in now["tints"]) == len(now["text"])
    assert sum(now["shares"]) == pytest.approx(100, abs=len(now["ring"]))


def test_a_performer_plays_every_control(house: Open) -> None:
    phone = house.phone(house.keys.performer)
    phone.send('{"set": {"/style/bible/weight": 0.25, "/puck": [0.5, 0.5], "/mix/rate": 1000}, "do": "word"}')
    wait_for(lambda: WriteWord() in house.link.sent, "the word was not asked for")
    assert {Set("/style/bible/weight", 0.25), Set("/puck", (0.5, 0.5)), Set("/mix/rate", 60.0)} <= set(house.link.sent)


def test_the_audience_holds_pucks_and_moves_no_control(house: Open) -> None:
    phones = [house.phone(house.keys.audience) for _ in range(3)]
    for place, phone in enumerate(phones):
        phone.send(json.dumps({"puck": [place / 10, 0.0]}))
    wait_for(lambda: house.crowds and [weight for *_, weight in house.crowds[-1]] == [1.0] * 3, "three pucks")
    phones[0].send('{"set": {"/mix/rate": 60}}')
    wait_for(lambda: house.guests.trouble(time.monotonic()), "no complaint")
    assert not house.link.sent
    wait_for(lambda: told(phones[2], "now")["phones"] == 3, "they were not counted")


def test_a_phone_that_vanishes_in_the_middle_of_a_move_leaves_no_puck(house: Open) -> None:
    phone = house.phone(house.keys.audience)
    phone.send('{"puck": [0.5, 0.5]}')
    wait_for(lambda: house.crowds and house.crowds[-1] == ((0.5, 0.5, 1.0),), "no puck")
    phone.socket.shutdown(socket.SHUT_RDWR)  # no farewell
    wait_for(lambda: house.crowds[-1] == (), "the puck stays")
    fading = [crowd[0][2] for crowd in house.crowds[-20:-1]]
    assert fading == sorted(fading, reverse=True)  # little by little
    assert house.guests.count(Role.AUDIENCE) == 0


@pytest.mark.parametrize("token", ["", "nobody-knows-this", "%00", "a" * 500])
def test_a_wrong_token_opens_no_socket(house: Open, token: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        house.phone(token)


def test_a_page_from_elsewhere_opens_no_socket(house: Open) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        house.phone(house.keys.performer, origin="http://elsewhere.example")


def test_a_flood_is_cut_off_and_the_others_play_on(house: Open) -> None:
    flooding, other = house.phone(house.keys.performer), house.phone(house.keys.performer)
    with pytest.raises(ConnectionClosed) as closed:
        for i in range(100_000):
            flooding.send(json.dumps({"set": {"/mix/temperature": i % 100 / 100}}))
    assert closed.value.rcvd is None or closed.value.rcvd.code == serving.SENT_AWAY
    assert "sent away" in house.guests.trouble(time.monotonic())
    assert len(house.link.sent) < 1_000
    other.send('{"do": "word"}')
    wait_for(lambda: WriteWord() in house.link.sent, "the other one is not heard")


@pytest.mark.parametrize("words", ["x" * 2_049, b"\x00\xff", "{" * 30])
def test_nonsense_moves_nothing_and_is_not_borne_for_long(house: Open, words: str | bytes) -> None:
    phone = house.phone(house.keys.performer)
    with pytest.raises(ConnectionClosed):
        for _ in range(60):
            phone.send(words)
        phone.recv(PATIENCE)
        while True:
            phone.recv(PATIENCE)
    assert not house.link.sent


def test_a_full_house_says_so_and_holds(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_PHONES >= 200
    phones = [house.phone(house.keys.performer) for _ in range(MAX_PERFORMERS)]
    one_more = house.phone(house.keys.performer)
    with pytest.raises(ConnectionClosed) as closed:
        one_more.recv(PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == serving.NO_ROOM
    assert told(phones[0], "now")["run"] is True


def test_whoever_is_not_admitted_gets_no_answer_at_all(house: Open) -> None:
    shut = PhoneServer(house.link, house.guests, house.keys, "127.0.0.1", 0, admits=lambda host: False)
    thread = threading.Thread(target=shut.run)
    thread.start()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{shut.port}/{house.keys.audience}/", timeout=PATIENCE, trust_env=False)
    shut.end()
    thread.join()


def test_a_port_that_is_taken_is_told_in_one_line(house: Open) -> None:
    with pytest.raises(LinkError, match="give another --remote-host or --remote-port"):
        PhoneServer(house.link, house.guests, house.keys, "127.0.0.1", house.server.port)
