"""Clients that know OSCQuery and nothing of Antiphon: python-oscquery from PyPI, plain HTTP and a plain websocket."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonoscquery.osc_query_client import OSCQueryClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from zeroconf import ServiceInfo

from models.fake_voices import FakeVoices
from protocol.messages import Card, HoldShow, SpriteShown
from protocol.osc import encode
from server.engine.hot_reload import ReloadedVoices
from server.oscquery.on_demand import OnDemandProcess, command_for
from server.server import ServerConfig, serve

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0  # seconds
LINES = {"ada": "ab cd. ", "bob": "01 23. "}
MORE = {**LINES, "cy": "AB CD. "}


def cards(lines: dict[str, str]) -> list[Card]:
    return [Card(n, len(lines), slug, slug, "Xy", "#FF8800", "prose", "a parrot") for n, slug in enumerate(lines)]


class Newcomer:
    """A voice that comes when it is told to."""

    def __init__(self) -> None:
        self.come = threading.Event()

    def take_ready(self) -> ReloadedVoices | None:
        if not self.come.is_set():
            return None
        self.come.clear()
        return ReloadedVoices(FakeVoices(MORE, 1.0), (0, 1), tuple(cards(MORE)))

    def close(self) -> None: ...


class House:
    """A server with two fake voices, OSCQuery beside it, and how to reach both."""

    def __init__(self) -> None:
        self._ready, self._stop = threading.Event(), threading.Event()
        self.newcomer = Newcomer()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        self.remarks: list[str] = []
        show = command_for(str(ROOT / "antiphon.py"), self.osc, (), False)
        self.beside = OnDemandProcess(show, "127.0.0.1", self.osc[1], remark=self.remarks.append)
        self.web = f"127.0.0.1:{self.beside.port}"

    def _run(self) -> None:
        opening = {"/style/ada/on": True, "/style/ada/weight": 1.0, "/mix/rate": 30.0}
        serve(
            FakeVoices(LINES, 1.0),
            cards(LINES),
            ServerConfig(port=0, opening=opening),
            self._listens,
            self._stop,
            cast(Any, lambda complain: self.newcomer),
        )

    def _listens(self, host: str, port: int) -> None:
        self.osc = (host, port)
        self._ready.set()

    def close(self) -> None:
        self.beside.close()
        self._stop.set()
        self._thread.join(PATIENCE)

    def get(self, path: str, host: str | None = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self.web, timeout=PATIENCE)
        connection.request("GET", path, headers={"Host": host or self.web})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, json.loads(body) if answer.status == 200 else body.decode()

    def listen(self, **options: Any) -> ClientConnection:
        opened: ClientConnection = connect(f"ws://{self.web}/", open_timeout=PATIENCE, proxy=None, **options)
        return opened


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    house = House()
    yield house
    house.close()


def osc(address: str, *arguments: Any) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    datagram: bytes = builder.build().dgram
    return datagram


def order(client: ClientConnection, command: str, path: str) -> None:
    client.send(json.dumps({"COMMAND": command, "DATA": path}))


def hear(client: ClientConnection, address: str) -> list[Any]:
    """The arguments of the next binary message at ``address``."""
    while True:
        said = client.recv(PATIENCE)
        if isinstance(said, bytes) and (message := OscMessage(said)).address == address:
            return list(message)


def until(true: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_client_by_others_reads_the_whole_tree(house: House) -> None:
    host, port = house.web.split(":")
    kind = "_oscjson._tcp.local."
    service = ServiceInfo(kind, f"Antiphon.{kind}", int(port), addresses=[socket.inet_aton(host)])
    client: Any = OSCQueryClient(service)
    info = client.get_host_info()
    assert (info.name, info.osc_port, info.osc_transport) == ("Antiphon", house.osc[1], "UDP")
    assert client.query_node("/mix/rate").value == [30.0]
    assert client.query_node("/none") is None
    weights = [voice.contents[0] for voice in client.query_node("/style").contents]
    assert [(weight.full_path, weight.value) for weight in weights] == [
        ("/style/ada/weight", [1.0]),
        ("/style/bob/weight", [0.0]),
    ]
    puck = client.query_node("/puck").contents
    assert {each.full_path for each in puck} >= {"/puck/xy", "/puck/lifted", "/puck/falloff"}
    assert client.query_node("/signal").description


def test_attributes_are_asked_for_one_by_one_and_errors_are_the_proposals(house: House) -> None:
    assert house.get("/style/ada/weight?VALUE") == (200, {"VALUE": [1.0]})
    assert house.get("/style/ada/weight?RANGE") == (200, {"RANGE": [{"MIN": -1.0, "MAX": 1.0}]})
    assert house.get("/style?VALUE")[0] == 204
    assert house.get("/style?GABBAGABBAHEY")[0] == 400
    assert house.get("/style/nobody")[0] == 404
    assert house.get("/mix?HOST_INFO")[1]["EXTENSIONS"]["LISTEN"] is True


def test_a_value_set_by_osc_comes_to_whoever_listens_and_to_nobody_else(house: House) -> None:
    with house.listen() as client, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        order(client, "LISTEN", "/mix/temperature")
        assert hear(client, "/mix/temperature") == [pytest.approx(0.7)]
        other.sendto(osc("/mix/alloy", 0.5), house.osc)
        other.sendto(osc("/mix/temperature", 1.25), house.osc)
        assert client.recv(PATIENCE) == osc("/mix/temperature", 1.25)
        order(client, "IGNORE", "/mix/temperature")
        order(client, "LISTEN", "/mix/alloy")
        assert client.recv(PATIENCE) == osc("/mix/alloy", 0.5)
        other.sendto(osc("/mix/temperature", 0.7), house.osc)
        until(lambda: house.get("/mix/temperature?VALUE")[1]["VALUE"] == [pytest.approx(0.7)])
        other.sendto(osc("/mix/alloy", 0.0), house.osc)
        assert client.recv(PATIENCE) == osc("/mix/alloy", 0.0)


def test_the_websocket_plays_too(house: House) -> None:
    with house.listen() as client:
        order(client, "LISTEN", "/puck/xy")
        assert hear(client, "/puck/xy") == [0.0, 0.0]
        client.send(osc("/puck/xy", 0.25, -0.5))
        assert hear(client, "/puck/xy") == [0.25, -0.5]
        client.send(b"rubbish")
        client.send("{")
        client.send(json.dumps({"COMMAND": "LISTEN", "DATA": ["/mix"]}))
        client.send(osc("/mix/top_p", 9.0))
        until(lambda: house.get("/mix/top_p?VALUE")[1]["VALUE"] == [1.0])


def test_signals_come_while_somebody_listens_to_them(house: House) -> None:
    with house.listen() as client:
        order(client, "LISTEN", "/signal/sentence")
        sentence, bits, words = hear(client, "/signal/sentence")
    assert (sentence, bits, words) == ("ab cd.", 0.0, 2)


def test_the_creature_on_the_stage_is_told_to_whoever_listens(house: House) -> None:
    noise = bytes(range(100))
    with house.listen() as client, closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as stage:
        order(client, "LISTEN", "/sprite/shown")
        for number in range(200):  # a stage says it again and again
            stage.sendto(encode(HoldShow("", 0)), house.osc)
            stage.sendto(encode(SpriteShown("undead 1", f"#CC7203 0.{number:03}", noise)), house.osc)
            time.sleep(0.05)
            if house.get("/sprite/shown?VALUE")[1]["VALUE"][0]:
                break
        mix, tints = hear(client, "/sprite/shown")
    assert (mix, tints[:10]) == ("undead 1", "#CC7203 0.")


def test_a_voice_that_comes_is_a_path_that_was_added(house: House) -> None:
    with house.listen() as client:
        assert house.get("/style/cy")[0] == 404
        house.newcomer.come.set()
        assert json.loads(client.recv(PATIENCE)) == {"COMMAND": "PATH_ADDED", "DATA": "/style/cy"}
        assert house.get("/style/cy/weight")[1]["TYPE"] == "f"


def test_a_page_from_elsewhere_neither_reads_nor_plays(house: House) -> None:
    assert house.get("/", host="evil.example")[0] == 403
    assert house.get("/", host="localhost:1")[0] == 200
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        house.listen(origin="http://evil.example").recv(PATIENCE)


def test_a_port_that_is_taken_is_another_port_and_a_remark() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        remarks: list[str] = []
        port = taken.getsockname()[1]
        beside = OnDemandProcess(lambda option: ["true"], "127.0.0.1", port, False, remarks.append, patience=0.0)
        assert beside.port not in (0, port)
        beside.close()
        assert remarks == [f"port {port} is taken for TCP: OSCQuery is on {beside.port}"]


def test_a_port_that_is_given_up_soon_is_waited_for() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        beside = OnDemandProcess(lambda option: ["true"], "127.0.0.1", port, patience=PATIENCE)
        time.sleep(0.3)
    assert beside.port == port
    beside.close()


def test_a_process_that_does_not_start_is_a_remark_and_callers_are_refused() -> None:
    remarks: list[str] = []
    says = "import sys; sys.exit('no such module')"
    beside = OnDemandProcess(lambda option: [sys.executable, "-c", says], "127.0.0.1", 0, True, remarks.append)
    beside._thread.join(PATIENCE)
    beside.close()
    assert remarks[-1] == "OSCQuery: the server did not start: no such module"


def test_nobody_asks_and_no_process_begins() -> None:
    begun = []
    beside = OnDemandProcess(lambda option: begun.append(option) or ["true"], "127.0.0.1", 0)  # type: ignore[func-returns-value]
    time.sleep(0.6)
    beside.close()
    assert begun == []


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_it_is_announced_where_others_can_come_and_found_there() -> None:
    """In a network of its own, which ends at this machine's loopback: an announcement goes to everybody."""
    program = textwrap.dedent("""
        import asyncio, time
        from zeroconf import ServiceBrowser, Zeroconf, ServiceListener
        from server.oscquery.server import KIND, announce
        class Ear(ServiceListener):
            heard = {}
            def add_service(self, browser, kind, name):
                found = browser.get_service_info(kind, name)
                print(name, found.parsed_addresses(), found.port, flush=True)
                self.heard[name] = True
            def update_service(self, *_): pass
            def remove_service(self, browser, kind, name):
                print("gone", name, flush=True)
                self.heard.clear()
        async def until(true):
            for _ in range(600):
                if true(): return
                await asyncio.sleep(0.1)
            raise SystemExit("not found")
        async def play():
            ears = Zeroconf(["10.77.0.1"])
            browser = ServiceBrowser(ears, KIND, Ear())
            saying = asyncio.create_task(announce("Antiphon", "10.77.0.1", 7424))
            await until(lambda: Ear.heard)
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
            await until(lambda: not Ear.heard)
            ears.close()
        asyncio.run(play())
    """)
    network = "ip link set lo up multicast on; ip addr add 10.77.0.1/24 dev lo; ip route add 224.0.0.0/4 dev lo"
    ran = subprocess.run(
        ["unshare", "-n", "sh", "-c", f'{network}; exec "$0" -c "$1"', sys.executable, program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    name = "Antiphon._oscjson._tcp.local."
    assert (ran.stdout, ran.returncode) == (f"{name} ['10.77.0.1'] 7424\ngone {name}\n", 0), ran.stderr
