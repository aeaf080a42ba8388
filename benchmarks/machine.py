"""What a benchmark needs around it: the machine's description, sums of figures, a real server and a listener, a front
end and a flood of messages beside them, a screen, a JACK server.

Everything runs on the caller's thread; servers and front ends are processes of their own.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from frontend.client.link import Link
from protocol.errors import DisplayError, LinkError
from protocol.messages import Card, Distributions, Set, Step, Subscribe, ToFront, ToServer
from protocol.osc import decode_to_front, encode
from server.supervisor.child_process import ServerProcess

# ---- a server, and what can be heard of it ---------------------------------------------------------------------------
# Times are seconds of ``time.perf_counter``. On Linux a datagram is dated by the system as it is handed over, so that
# how soon this process comes to read it makes no difference.

ROOT = Path(__file__).parents[1]
FRONT_DOOR = ROOT / "antiphon.py"
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

    def send(self, *messages: ToServer) -> None:
        for message in messages:
            self._socket.send(encode(message))

    def receive(self, seconds: float) -> Iterator[Datagram]:
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
        for heard in self.receive(SERVER_TIMEOUT_S):
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


# ---- what else is at work meanwhile ----------------------------------------------------------------------------------
# Each is a process of its own, ended with its context. Run as a program this file is the flood.

FLOOD_BURST_S = 0.01
FLOODED_ADDRESS = "/mix/temperature"
FLOOD_LAST_VALUE = 0.625  # the value that a flood ends with; like all of its values exact in 32 bits


@contextmanager
def screen() -> Iterator[str]:
    """The DISPLAY of this machine's screen or, without one, of one made of software (Xvfb) for the time being."""
    if display := os.environ.get("DISPLAY"):
        yield display
        return
    if not shutil.which("Xvfb"):
        raise DisplayError("there is no screen and no Xvfb to make one: install xvfb, or measure with --front terminal")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp", "-noreset"]
    xvfb = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            name = number.readline().strip()
        if not name:
            raise DisplayError("Xvfb does not start: measure with --front terminal")
        yield f":{name}"
    finally:
        ended(xvfb)


@contextmanager
def front_end_playing(kind: str, address: tuple[str, int]) -> Iterator[None]:
    """A front end, "window", "terminal" or "none", that plays the server at ``address``."""
    command = [sys.executable, str(ROOT / "antiphon.py"), "front", "--server", f"{address[0]}:{address[1]}"]
    if kind == "window":
        with screen() as display:
            process = subprocess.Popen(
                [*command, "--no-stage"],
                env={**os.environ, "DISPLAY": display},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            try:
                yield
            finally:
                ended(process)
    elif kind == "terminal":
        with _in_a_terminal([*command, "--terminal"]):
            yield
    else:
        yield


@contextmanager
def _in_a_terminal(command: list[str]) -> Iterator[None]:
    """``command`` on a pseudo-terminal of 200 x 50, whose picture nobody looks at."""
    import pty
    import struct
    import termios
    from fcntl import ioctl

    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)

    def look_away() -> None:
        try:
            while os.read(ours, 65_536):
                pass
        except OSError:  # the other end was closed
            pass

    reader = threading.Thread(target=look_away, daemon=True)
    reader.start()
    try:
        yield
    finally:
        ended(process)
        reader.join()
        os.close(ours)


@contextmanager
def flood(address: tuple[str, int], rate: int) -> Iterator[None]:
    """``rate`` control messages a second; at the end the temperature is ``FLOOD_LAST_VALUE``. None for 0."""
    if not rate:
        yield
        return
    command = [sys.executable, "-m", "benchmarks.machine", address[0], str(address[1]), str(rate)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    assert process.stdin
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(10)


def ended(process: subprocess.Popen[bytes]) -> None:
    """End it in order; insist where it does not."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _pour(host: str, port: int, rate: int, stop: threading.Event) -> None:
    """Control messages in bursts until ``stop``, then the last one, thrice since datagrams may be lost."""
    distributions = [encode(Set(FLOODED_ADDRESS, 0.5 + step / 256)) for step in range(128)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        began, sent = time.perf_counter(), 0
        while not stop.is_set():
            due = int((time.perf_counter() - began + FLOOD_BURST_S) * rate)
            for _ in range(min(due - sent, rate)):
                sender.sendto(distributions[sent % len(distributions)], (host, port))
                sent += 1
            sent = max(sent, due)  # what could not be sent in time is not made up for
            time.sleep(FLOOD_BURST_S)
        for _ in range(3):
            sender.sendto(encode(Set(FLOODED_ADDRESS, FLOOD_LAST_VALUE)), (host, port))
            time.sleep(FLOOD_BURST_S)


def main() -> None:
    """HOST PORT RATE: flood until standard input is closed."""
    stop = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=wait, daemon=True).start()
    _pour(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), stop)


# ---- a JACK server: real MIDI cables made of software, without a sound card or rights --------------------------------

JACK_FRAMES_PER_S = 48_000  # frames a second
JACK_TIMEOUT_S = 20.0


@contextmanager
def jack_server(period: int = 128) -> Iterator[None]:
    """MIDI of this process and its children goes through it; messages are handed on once a ``period`` of frames.

    Raises ``DisplayError`` where jackd is not installed or does not start.
    """
    if shutil.which("jackd") is None:
        raise DisplayError("MIDI is measured through JACK, which is not installed: apt install jackd2")
    name = f"antiphon-{os.getpid()}"
    os.environ |= {
        "JACK_DEFAULT_SERVER": name,
        "JACK_NO_START_SERVER": "1",
        "JACK_NO_AUDIO_RESERVATION": "1",
        "MIDO_BACKEND": "mido.backends.rtmidi/UNIX_JACK",
    }
    command = ["jackd", "--no-realtime", "-n", name, "-d", "dummy", "-r", str(JACK_FRAMES_PER_S), "-p", str(period)]
    server = _begun(command)
    try:
        deadline = time.monotonic() + JACK_TIMEOUT_S
        while subprocess.run(["jack_lsp"], capture_output=True).returncode != 0:
            if time.monotonic() > deadline:
                raise DisplayError("jackd does not start: MIDI cannot be measured here")
            if server.poll() is not None:  # another began in this moment, or JACK has no place free
                server = _begun(command)
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(JACK_TIMEOUT_S)


def _begun(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# ---- waiting for a link, never for ever ------------------------------------------------------------------------------

LINK_TIMEOUT_S = 120.0  # seconds that nothing on loopback takes, however busy the machine is


def pump_until(done: Callable[[], bool], trouble: str, *links: Link) -> None:
    """Let ``links`` take in what comes until ``done()``. Raises ``LinkError`` with the ``trouble`` if it never is."""
    deadline = time.monotonic() + LINK_TIMEOUT_S
    while True:
        for link in links:
            link.pump(time.monotonic())
        if done():
            return
        if time.monotonic() > deadline:
            raise LinkError(f"{trouble} within {LINK_TIMEOUT_S:.0f} s: the run ends here")
        time.sleep(0.002)


def wait_for_state(link: Link) -> None:
    """Until the server has said who speaks and how it does."""
    pump_until(lambda: bool(link.session.slugs) and link.session.status is not None, "the server was not heard", link)


def write_on(link: Link, chars: int) -> None:
    """Have so many characters written at once, and wait for them."""
    until = link.session.sequence + chars
    link.send(Step(chars))
    pump_until(lambda: link.session.sequence >= until, "the text stood still", link)


def describe() -> dict[str, Any]:
    """Processor, cores, memory, load and versions, as plain JSON values; no name or path of the machine."""
    import torch

    return {
        "processor": _from("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": _from("/proc/meminfo", "MemTotal"),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def in_turn(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Time every task once a round, in turn, so that a noisy moment falls on all: seconds, ``rounds`` of each."""
    for task in tasks.values():
        task()
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - began)
    return times


def milliseconds(times: Sequence[float]) -> float:
    """The median, in ms."""
    return round(1e3 * median(times), 3)


def percentile(times: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0-1) of ``times`` lie, in ms."""
    ordered = sorted(times)
    return round(1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)


def resident_mb(pid: int) -> float | None:
    """The memory of a process that stands in RAM, in MB (10^6 bytes); None where there is no /proc."""
    resident = _from(f"/proc/{pid}/status", "VmRSS")
    return None if resident is None else round(int(resident.split()[0]) * 1024 / 1e6, 1)


def busy_seconds(pid: int) -> float:
    """Processor time that a process has taken, all its threads together; NaN where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _from(path: str, key: str) -> str | None:
    """The value of ``key`` in one of Linux's ``key : value`` files; None elsewhere."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)


if __name__ == "__main__":
    main()
