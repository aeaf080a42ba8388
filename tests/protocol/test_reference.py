"""docs/protocol.md says what the code does, and its examples run."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.messages import AccessChallenge, AccessGranted, AccessProof, Char, Set, Subscribe
from protocol.osc import decode_to_server, encode
from protocol.reference import PAGE, meaning, parameters_table, rewritten
from protocol.sessions import COOKIE_BYTES, proves
from protocol.tree import ParameterTree

EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
TREE = ParameterTree(["bible"])
SECRET = b"a secret of a good length"


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A bare socket in the server's place."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(20)
        yield receiver


def started(example: str, server: socket.socket, folder: Path | None = None) -> subprocess.Popen[str]:
    assert example.count("7424") == 1
    code = example.replace("7424", str(server.getsockname()[1]))
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=folder)


def test_the_tables_are_what_the_code_says() -> None:
    page = PAGE.read_text("utf-8")
    assert rewritten(page) == page, "run: python -m protocol.reference"


def test_every_parameter_and_message_has_its_row() -> None:
    assert parameters_table().count("\n") == 2 + len(ParameterTree(["any"]))
    assert meaning(Subscribe).startswith("stream to this port")


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the table 'to-server'"):
        rewritten("# A page\n")


def test_the_example_that_moves_a_fader_moves_it(server: socket.socket) -> None:
    with started(EXAMPLES[0], server) as example:
        said = [message for _ in range(2) for message in decode_to_server(server.recv(2_000), TREE).messages]
        assert example.wait(20) == 0
    assert [type(message) for message in said] == [Set, Set]
    assert said[0] == Set("/style/bible/on", True)
    assert isinstance(said[1], Set)
    assert said[1].value == pytest.approx(0.8)


def test_the_example_that_prints_the_text_prints_it(server: socket.socket) -> None:
    with started(EXAMPLES[1], server) as example:
        try:
            (subscription,) = decode_to_server(server.recv(2_000), TREE).messages
            assert isinstance(subscription, Subscribe)
            for place, character in enumerate("Selah\n"):
                datagram = encode(Char(place, character, "Selah\n"[: place + 1], place + 1, 0, ((),) * (place + 1)))
                server.sendto(datagram, ("127.0.0.1", subscription.port))
            assert example.stdout is not None
            assert example.stdout.readline() == "Selah\n"
        finally:
            example.kill()


def test_the_example_that_proves_a_secret_proves_it(server: socket.socket, tmp_path: Path) -> None:
    (tmp_path / "antiphon-secret").write_bytes(SECRET + b"\n")
    with started(EXAMPLES[2], server, tmp_path) as example:
        for answer in (AccessChallenge(b"c" * COOKIE_BYTES), AccessGranted(2, 60)):
            datagram, (host, port) = server.recvfrom(2_000)
            (said,) = decode_to_server(datagram, TREE).messages
            server.sendto(encode(answer), (host, port))
        assert isinstance(said, AccessProof) and proves(SECRET, said.proof, b"c" * COOKIE_BYTES, host, port)
        assert example.communicate(timeout=20)[0] == "may play\n"
