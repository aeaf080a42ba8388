"""The server as a front end meets it: a real socket, a real clock, plain python-osc on the other side."""

from __future__ import annotations

import contextlib
import math
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from models.fake_voices import FakeVoices
from protocol.errors import LinkError, ParameterError, VoiceError
from protocol.messages import DATAGRAM_BYTES, Card
from server.net.access_control import AccessControl
from server.server import OPENING, ServerConfig, opening_mix, serve

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; never needed but on a machine that is busy with something else
SAID_AGAIN_S = 0.25  # how often a table says its pucks
LINES = {"ada": "abcdefghij", "bob": "0123456789"}
CARDS = [Card(n, 2, slug, slug.title(), slug[:2].title(), "#FF8800", "prose", "parrot") for n, slug in enumerate(LINES)]

Heard = tuple[str, list[Any]]  # address and arguments


class Client:
    """Somebody with python-osc and a socket."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.heard: list[Heard] = []
        self.longest = 0

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def say(self, address: str, *arguments: Any, tags: str = "") -> None:
        builder = OscMessageBuilder(address)
        for n, argument in enumerate(arguments):
            builder.add_arg(argument, tags[n] if tags else None)
        self.throw(builder.build().dgram)

    def throw(self, datagram: bytes) -> None:
        self._socket.sendto(datagram, self._server)

    def hear(self, until: Callable[[str, list[Any]], bool], seconds: float = PATIENCE) -> Heard:
        """The first message from now on of which ``until`` is true; ``AssertionError`` after ``seconds``."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                datagram = self._socket.recv(65_536)
            except TimeoutError:
                break
            self.longest = max(self.longest, len(datagram))
            messages = list(flat(datagram))
            self.heard += messages
            for address, arguments in messages:
                if until(address, arguments):
                    return address, arguments
        raise AssertionError(f"not heard within {seconds} s")

    def hears(self, until: Callable[[str, list[Any]], bool]) -> bool:
        """Whether such a message comes within ``SAID_AGAIN_S``."""
        with contextlib.suppress(AssertionError):
            return bool(self.hear(until, SAID_AGAIN_S))
        return False

    def close(self) -> None:
        self._socket.close()


def flat(datagram: bytes) -> Iterator[Heard]:
    """The messages of a datagram, bundle or not."""
    for message in OscBundle(datagram) if OscBundle.dgram_is_bundle(datagram) else [OscMessage(datagram)]:
        assert isinstance(message, OscMessage)
        yield message.address, list(message.params)


def at(wanted: str) -> Callable[[str, list[Any]], bool]:
    return lambda address, arguments: address == wanted


@pytest.fixture
def openings() -> tuple[str, ...]:
    """First lines: none, so that the voices' first letters are the text's."""
    return ()


@pytest.fixture
def server(openings: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """A server with two fake voices, of which only ada is in play."""
    opening = {"/style/ada/on": True, "/style/ada/weight": 1.0, "/mix/rate": 30.0}
    listening, stop, at_address = threading.Event(), threading.Event(), []

    def ready(host: str, port: int) -> None:
        at_address.append((host, port))
        listening.set()

    def run() -> None:
        config = ServerConfig(port=0, seed=7, opening=opening, openings=openings)
        codes.append(serve(FakeVoices(LINES, 1.0), CARDS, config, ready, stop))

    codes: list[int] = []
    thread = threading.Thread(target=run)
    thread.start()
    assert listening.wait(PATIENCE)
    yield at_address[0]
    stop.set()
    thread.join(PATIENCE)
    assert codes == [0]


@pytest.fixture
def client(server: tuple[str, int]) -> Iterator[Client]:
    client = Client(server)
    yield client
    client.close()


def test_the_pucks_of_one_program_are_told_to_all_who_listen(client: Client, server: tuple[str, int]) -> None:
    client.say("/subscribe")
    pucks = bytes.fromhex("40000000ff")
    with contextlib.closing(Client(server)) as table:
        for number in range(1, int(PATIENCE / SAID_AGAIN_S)):  # as a table says them: pucks fade of whoever is silent
            table.say("/puck/more", number, pucks, tags="ib")
            if client.hears(lambda address, arguments: address == "/puck/more" and arguments[1] == pucks):
                break
        else:
            raise AssertionError(f"no pucks within {PATIENCE} s")
    client.hear(lambda address, arguments: address == "/puck/more" and arguments[1] == b"\0")


def test_a_subscriber_is_told_cards_values_state_and_then_every_character(client: Client) -> None:
    client.say("/subscribe", 0)
    client.hear(at("/text/char"))
    for _ in range(9):
        client.hear(at("/text/char"))
    by_address = {address: arguments for address, arguments in client.heard}
    assert [arguments[2] for address, arguments in client.heard if address == "/voice/card"][:2] == ["ada", "bob"]
    assert by_address["/style/ada/on"] == [True]
    assert by_address["/style/bob/weight"] == [0.0]
    assert by_address["/puck"] == [0.0, 0.0]
    assert by_address["/server/status"][5:9] == [7, "", 1, 0]
    characters = [arguments for address, arguments in client.heard if address == "/text/char"]
    assert [arguments[0] for arguments in characters] == list(range(characters[0][0], characters[0][0] + 10))
    assert all(("abcdefghij" * 9)[: arguments[3]].endswith(arguments[2]) for arguments in characters)
    assert client.longest <= DATAGRAM_BYTES


def test_a_fader_moved_is_heard_and_echoed(client: Client) -> None:
    client.say("/subscribe", 0)
    client.hear(at("/text/char"))
    client.say("/style/bob/weight", 1.0)
    client.say("/style/bob/on", 1)
    client.say("/style/ada/on", False)
    client.hear(lambda address, arguments: address == "/text/char" and arguments[1].isdigit())
    assert ("/style/bob/weight", [1.0]) in client.heard
    assert ("/style/ada/on", [False]) in client.heard


def test_a_ping_is_answered_without_subscribing(client: Client) -> None:
    client.say("/ping", 4711)
    assert client.hear(at("/pong")) == ("/pong", [4711])
    assert client.heard == [("/pong", [4711])]


def test_old_text_is_sent_to_who_asks(client: Client) -> None:
    client.say("/subscribe", 0)
    client.hear(lambda address, arguments: address == "/text/char" and arguments[3] >= 12)
    client.say("/text/since", 3)
    _, (epoch, position, text, *_) = client.hear(at("/text/past"))
    assert (epoch, position, text[:9]) == (0, 3, "defghijab")


def test_steps_priming_rewinding_and_reset_come_through(client: Client) -> None:
    client.say("/transport/run", False)
    client.say("/text/reset")
    client.say("/subscribe", 0)
    client.hear(lambda address, arguments: address == "/server/status" and arguments[1] == 0)
    client.say("/text/prime", "Hëllo")
    client.hear(lambda address, arguments: address == "/text/past" and arguments[1:3] == [0, "Hello"])
    client.say("/transport/step")
    assert client.hear(at("/text/char"))[1][2] == "Hellof"
    client.say("/transport/rewind", 3)
    client.hear(lambda address, arguments: address == "/text/past" and arguments[2] == "Hel")
    client.say("/transport/step")
    assert client.hear(at("/text/char"))[1][2] == "Held"


def test_what_is_not_a_number_is_refused_and_said(client: Client) -> None:
    client.say("/subscribe", 0)
    client.hear(at("/text/char"))
    client.say("/mix/temperature", math.nan)
    _, status = client.hear(lambda address, arguments: address == "/server/status" and arguments[6] != "")
    assert "/mix/temperature" in status[6] and "finite" in status[6]
    temperatures = [arguments for address, arguments in client.heard if address == "/mix/temperature"]
    assert temperatures and all(math.isfinite(arguments[0]) for arguments in temperatures)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"\xff" * 999,
        b"#bundle\0" + b"\0" * 8 + b"\xff\xff\xff\xfc",  # an element of -4 bytes: hangs python-osc for ever
        b"/mix/" + b"*" * 30 + b"x\0\0\0\0,f\0\0\0\0\0\0",
        b"/\xc3(\0,\0\0\0",
        b"/text/prime\0,s\0\0" + b"y" * 60_000,
    ],
)
def test_rubbish_leaves_the_server_speaking(client: Client, rubbish: bytes) -> None:
    client.say("/subscribe", 0)
    client.throw(rubbish)
    client.hear(at("/text/char"))
    client.hear(at("/text/char"))


def test_of_a_flood_the_last_value_wins(client: Client) -> None:
    client.say("/subscribe", 0)
    client.hear(at("/text/char"))
    for n in range(5_000):
        client.say("/mix/alloy", n / 10_000, tags="f")
        if n % 100 == 0:
            time.sleep(0.001)  # or the system drops some of it
    client.say("/mix/alloy", 0.75)
    client.hear(lambda address, arguments: (address, arguments) == ("/mix/alloy", [0.75]))


def test_a_port_of_ones_own_can_be_named(server: tuple[str, int], client: Client) -> None:
    with contextlib.closing(Client(server)) as other:
        client.say("/subscribe", other.port)
        other.hear(at("/text/char"))


def test_a_port_in_use_is_one_line_that_says_what_to_do(server: tuple[str, int]) -> None:
    with pytest.raises(LinkError, match=f"port {server[1]} is taken.*--port"):
        serve(FakeVoices(LINES), CARDS, ServerConfig(port=server[1]))


@pytest.mark.parametrize("host", ["256.1.1.1", "203.0.113.7"])
def test_an_address_that_is_not_here_is_refused(host: str) -> None:
    with pytest.raises(LinkError, match="cannot listen"):
        serve(FakeVoices(LINES), CARDS, ServerConfig(host, 0, access=AccessControl(["203.0.113.0/24"])))


def test_nobody_to_speak_and_a_seed_too_large_are_refused() -> None:
    with pytest.raises(VoiceError, match="no voice"):
        serve(FakeVoices({}), [], ServerConfig(port=0))
    with pytest.raises(ParameterError, match="seed"):
        serve(FakeVoices(LINES), CARDS, ServerConfig(port=0, seed=2**31))


@pytest.mark.parametrize("openings", [("Call me ",)])
def test_a_performance_begins_with_a_first_line(client: Client) -> None:
    client.say("/subscribe", 0)
    _, (_, _, tail, *_) = client.hear(at("/text/char"))
    assert tail.startswith("Call me ")


def test_the_opening_mix_is_of_the_voices_that_there_are() -> None:
    assert opening_mix(["linux", "zola"]) == {"/style/linux/on": True, "/style/linux/weight": OPENING["linux"]}
    expected = {f"/style/{slug}/{what}" for slug in "pqr" for what in ("on", "weight")}
    assert set(opening_mix(["p", "q", "r", "s"])) == expected
    assert set(opening_mix(["p", "q", "r", "s"], "teller")) == {*expected, "/mix/sense"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGTERM")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_told_to_end_ends_with_success(number: signal.Signals) -> None:
    program = (
        "import sys; from models.fake_voices import FakeVoices; from server.server import ServerConfig, serve; "
        "show = lambda host, port: print(port, flush=True); "
        "sys.exit(serve(FakeVoices({'ada': 'abc'}), [], ServerConfig(port=0), show))"
    )
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=pipe, stderr=pipe)
    assert process.stdout and process.stdout.readline().strip().isdigit()
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, b"", b"")
