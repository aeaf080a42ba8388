"""A real server in a process of its own, and an ear: what can be known of it from outside, and when.

Times are seconds of ``time.perf_counter``. On Linux a datagram is dated by the system as it is handed over, so that how
soon this process comes to read it makes no difference. Everything runs on the caller's thread.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.errors import LinkError
from protocol.messages import Card, Distributions, Subscribe, ToFront, ToServer
from protocol.osc import decode_to_front, encode
from server.supervisor.child_process import ServerProcess

FRONT_DOOR = Path(__file__).parents[1] / "antiphon.py"
RESUBSCRIBE_S = 3.0  # seconds between subscriptions
SO_TIMESTAMPNS = 35  # SO_TIMESTAMPNS on Linux: datagrams are dated by the system
SERVER_TIMEOUT_S = 60.0  # seconds for voices to wake, slow machines allowed for


@dataclass(frozen=True)
class Datagram:
    """A datagram: when it was handed to the system here, and what it said."""

    at: float
    messages: tuple[ToFront, ...]


class ServerListener:
    """Subscribed to the server at ``address``; also speaks to it. Knows every voice that introduced itself.

    Without ``subscribed`` it hears only the answers to its own questions.
    """

    def __init__(self, address: tuple[str, int], subscribed: bool = True) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(address)
        if sys.platform == "linux":
            self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._subscribed = subscribed
        self._renew_at = 0.0
        self.cards: dict[int, Card] = {}

    def close(self) -> None:
        self._socket.close()

    def say(self, *messages: ToServer) -> None:
        for message in messages:
            self._socket.send(encode(message))

    def hear(self, seconds: float) -> Iterator[Datagram]:
        """All that comes in the next ``seconds``; the subscription is kept meanwhile."""
        until = time.perf_counter() + seconds
        while (now := time.perf_counter()) < until:
            if now >= self._renew_at:
                self._renew_at = now + RESUBSCRIBE_S
                if self._subscribed:
                    self._socket.send(encode(Subscribe()))
            self._socket.settimeout(max(1e-3, min(until, self._renew_at) - now))
            try:
                datagram, beside, _, _ = self._socket.recvmsg(65_536, 64)
            except TimeoutError:
                continue
            except ConnectionRefusedError:  # it does not listen yet
                time.sleep(0.005)
                self._renew_at = 0.0
                continue
            at = time.perf_counter() - _age(beside)
            messages = decode_to_front(datagram, None).messages
            self.cards |= {message.index: message for message in messages if isinstance(message, Card)}
            yield Datagram(at, messages)

    def hear_until(self, done: Callable[[ToFront], bool], what: str) -> Datagram:
        """The first datagram with a message of which ``done`` is true; ``LinkError`` if ``what`` never comes."""
        for heard in self.hear(SERVER_TIMEOUT_S):
            if any(done(message) for message in heard.messages):
                return heard
        raise LinkError(f"{what} within {SERVER_TIMEOUT_S:.0f} s: the benchmark cannot go on")

    def introductions(self) -> list[Card]:
        """The cards of all voices, in their order."""
        self.hear_until(
            lambda _: len(self.cards) > 0 and len(self.cards) == self.cards[min(self.cards)].count,
            "the voices did not introduce themselves",
        )
        return [self.cards[index] for index in sorted(self.cards)]

    def wait_for_voices(self, count: int) -> None:
        """Until ``count`` voices are awake."""
        sequence, heard = -1, set[int]()

        def awake(message: ToFront) -> bool:
            nonlocal sequence
            if isinstance(message, Distributions):
                if message.sequence != sequence:
                    sequence = message.sequence
                    heard.clear()
                heard.update(message.voices)
            return len(heard) == count

        self.hear_until(awake, f"{count} voices were not awake")


def _age(beside: list[tuple[int, int, bytes]]) -> float:
    """Seconds since the system dated a datagram; 0 where it does not."""
    for level, kind, data in beside:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS) and len(data) == 16:
            seconds, nanoseconds = struct.unpack("@qq", data)
            return max(0.0, float(time.time() - seconds - 1e-9 * nanoseconds))
    return 0.0


class BenchServer:
    """`antiphon serve` as a child, by its address; after ``stop`` it tells how it kept time itself."""

    def __init__(self, child: ServerProcess, figures: Path) -> None:
        self._child, self._figures = child, figures
        self.address = child.address()
        self.pid = child.pid

    def stop(self) -> dict[str, Any]:
        """End it; its own measurements in ms, one a character, oldest first (``timing_stats.Figures``)."""
        self._child.close()
        try:
            figures: dict[str, Any] = json.loads(self._figures.read_bytes())
        except FileNotFoundError:
            raise LinkError(f"the server ended before its time: {self._child.last_words}") from None
        return figures


@contextmanager
def server(*options: str, weights: Path | None = None) -> Iterator[BenchServer]:
    """A server on a free port, seed 1, with the voices of the folder ``weights`` or, by default, all there are."""
    with tempfile.TemporaryDirectory(prefix="antiphon-bench-") as folder:
        figures = Path(folder) / "figures.json"
        words = ("serve", "--with-parent", "--port", "0", "--seed", "1", "--figures", str(figures), *options)
        environment = {**os.environ, "ANTIPHON_HOME": folder, **({"ANTIPHON_WEIGHTS": str(weights)} if weights else {})}
        command = [sys.executable, str(FRONT_DOOR), *words]
        with ServerProcess(command, lambda line: print(line, file=sys.stderr), environment) as child:
            yield BenchServer(child, figures)


@contextmanager
def listener(address: tuple[str, int], subscribed: bool = True) -> Iterator[ServerListener]:
    with closing(ServerListener(address, subscribed)) as listening:
        yield listening


def last_in_seconds(values: Sequence[float], count: int) -> list[float]:
    """The newest ``count`` of ``values``, as seconds where those were ms."""
    return [value / 1e3 for value in values[-count:]]
