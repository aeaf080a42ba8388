"""Server and front end killed (-9) at random moments of a real performance: how soon it goes on, and what is lost.

The performance is `antiphon play` in a home of its own, its front end streaming text or, where a window is wanted, on a
screen. A witness listens beside it, and what it was told is held against the take afterwards, letter by letter. After
four kills another performance begins, for five in a minute would lead to the safe mode. Linux only, for it looks into
/proc. Runs on the caller's thread, and one that reads what the front end prints.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import describe, screen
from frontend.client.link import Link
from protocol.errors import LinkError
from protocol.messages import Char
from protocol.tree import on_address, weight_address
from server.recording.events import CharacterWritten, TextPrimed, TextReset, TextRewound
from server.recording.reader import Take
from server.supervisor.child_process import free_port

FRONT_DOOR = Path(__file__).parents[2] / "antiphon.py"
KILLS_PER_SESSION = 4  # kills
KILL_PAUSES_S = (1.0, 9.0)  # seconds between two kills, at random
RETURN_TIMEOUT_S = 120.0  # seconds; a text that is silent for longer does not come back
AIM_S = 2.0


def measure(count: int = 20, seed: int = 1, window: bool = False) -> dict[str, Any]:
    """One JSON object: ``count`` kills, half of them of the server, with the seconds until the text went on."""
    chance = random.Random(seed)
    seconds: dict[str, list[float]] = {"server": [], "front": []}
    faults = {"lost": 0, "changed": 0, "differs_from_take": 0, "weights_changed": 0}
    left = count
    while left > 0:
        kills = min(left, KILLS_PER_SESSION)
        left -= kills
        with temporary_home() as home, played(home, window) as show:
            show.move(chance)
            for _ in range(kills):
                show.listen(chance.uniform(*KILL_PAUSES_S))
                whom = "server" if len(seconds["server"]) <= len(seconds["front"]) else "front"
                seconds[whom].append(show.kill(whom))
            show.listen(1.0)
            faults["weights_changed"] += show.moved()
            show.close()
            faults["lost"] += show.lost()
            faults["changed"] += show.changed
            faults["differs_from_take"] += show.text != show.taken()
    return {
        "benchmark": "kills",
        "machine": describe(),
        "kills": count,
        "seed": seed,
        "aim_s": AIM_S,
        "rows": [_row(whom, times) for whom, times in seconds.items()],
        **faults,
    }


def _row(whom: str, times: list[float]) -> dict[str, Any]:
    ordered = sorted(times) or [float("nan")]
    p90 = ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))]
    return {
        "killed": whom,
        "times": len(times),
        "median_s": round(median(ordered), 2),
        "p90_s": round(p90, 2),
        "worst_s": round(ordered[-1], 2),
        "over_aim": sum(seconds > AIM_S for seconds in times),
    }


class PlayProcess:
    """`antiphon play` as ``process``, its server at ``port``, and a witness beside it; ``home`` has its takes."""

    def __init__(self, process: subprocess.Popen[str], port: int, home: Path, window: bool) -> None:
        self._process, self._port, self._home, self._window = process, port, home, window
        self._link = Link("127.0.0.1", port)
        self._apply = self._link.session.apply
        self._link.session.apply = self._note  # type: ignore[method-assign]
        self.characters: dict[int, str] = {}  # by their numbers
        self.changed = 0  # characters that were told once more, and otherwise
        self.wanted: dict[str, float] = {}
        self.printed_at = 0.0  # when the front end last printed anything
        if not window:
            threading.Thread(target=self._read, daemon=True).start()
        self._until(lambda: self._link.session.length > 20, "a text")

    def move(self, chance: random.Random) -> None:
        """Weights that nobody else would have thought of."""
        for slug in chance.sample(self._link.session.slugs, min(3, len(self._link.session.slugs))):
            self.wanted[weight_address(slug)] = round(chance.uniform(0.2, 1.0), 3)
            self._link.set(on_address(slug), True)
            self._link.set(weight_address(slug), self.wanted[weight_address(slug)])

    def moved(self) -> int:
        """How many weights are others than they were set to."""
        values = self._link.session.values
        return sum(
            abs(float(values[address]) - weight) > 1e-6  # type: ignore[arg-type]
            for address, weight in self.wanted.items()
        )

    def listen(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._until(lambda: time.monotonic() >= until, "the time")

    def kill(self, whom: str) -> float:
        """Kill the server or the front end; seconds until it is seen to go on."""
        pid = self._holder(remote=whom == "front")
        if whom == "front":
            os.kill(pid, signal.SIGKILL)
            at = time.monotonic()
            self._until(lambda: self._front_is_back(at, pid), "the front end")
            return time.monotonic() - at
        os.kill(pid, signal.SIGKILL)
        at = time.monotonic()
        self.listen(0.05)  # what was on its way
        last = max(self.characters)
        self._until(lambda: max(self.characters) > last, "the text")
        return time.monotonic() - at

    def stop(self, whom: str, seconds: float) -> float:
        """Let the server or the front end hang for ``seconds`` (SIGSTOP); seconds until text was told again."""
        pid, last, at = self._holder(remote=whom == "front"), max(self.characters), time.monotonic()
        os.kill(pid, signal.SIGSTOP)
        if whom == "front":
            self._until(lambda: self._front_is_back(at, pid), "the front end")
        else:
            self.listen(0.05)
            last = max(self.characters)
            self._until(lambda: max(self.characters) > last, "the text")
        took = time.monotonic() - at
        self.listen(max(0.0, seconds - took))
        with suppress(ProcessLookupError):  # whoever hung was replaced
            os.kill(pid, signal.SIGCONT)
        return took

    def playing(self) -> set[int]:
        """The processes of the server and the front end that play; those that stand ready are not among them."""
        return {self._holder(remote=False), self._holder(remote=True)}

    def longest_gap(self, seconds: float) -> float:
        """The longest time without a new character in the next ``seconds``."""
        until, newest, at, longest = time.monotonic() + seconds, max(self.characters), time.monotonic(), 0.0
        while time.monotonic() < until:
            self._link.pump(time.monotonic())
            if max(self.characters) > newest:
                newest, at = max(self.characters), time.monotonic()
            longest = max(longest, time.monotonic() - at)
            time.sleep(0.005)
        return longest

    def lost(self) -> int:
        """Numbers between the first and the last character that nobody was told."""
        return len(set(range(min(self.characters), max(self.characters) + 1)) - set(self.characters))

    @property
    def text(self) -> str:
        """All that the witness was told."""
        return "".join(self.characters[number] for number in sorted(self.characters))

    def taken(self) -> str:
        """The same by the take."""
        (first,) = [path for path in (self._home / "takes").glob("*-main.jsonl")]
        text: dict[int, str] = {}
        for event in Take(first).events():
            assert not isinstance(event, TextReset | TextRewound)
            if isinstance(event, CharacterWritten):
                text[event.number] = event.character
            elif isinstance(event, TextPrimed):  # the opening
                text |= dict(enumerate(event.text, event.at))
        return "".join(text.get(number, "?") for number in sorted(self.characters))

    def close(self) -> None:
        self._link.close()
        self._process.send_signal(signal.SIGINT)
        self._process.wait(RETURN_TIMEOUT_S)

    def _note(self, message: Any, now: float) -> None:
        if isinstance(message, Char):
            tail = message.tail[-40:]
            for number, character in enumerate(tail, message.sequence - len(tail) + 1):
                self.changed += self.characters.setdefault(number, character) != character
        self._apply(message, now)

    def _front_is_back(self, at: float, before: int) -> bool:
        if self._window:
            found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^Antiphon$"], capture_output=True)
            return bool(found.stdout.strip()) and self._holder(remote=True) != before
        printed = self.printed_at > at + 0.05  # what it printed before it was killed may still come
        return printed and self._holder(remote=True) not in (0, before)

    def _read(self) -> None:
        assert self._process.stdout
        while self._process.stdout.read(1):
            self.printed_at = time.monotonic()

    def _holder(self, remote: bool) -> int:
        """The child whose socket has the server's port: here the server's own, or ``remote`` a front end's."""
        port = f":{self._port:04X}"
        lines = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
        sockets = {f"socket:[{fields[9]}]" for fields in lines if fields[2 if remote else 1].endswith(port)}
        for child in _children(self._process.pid):
            with_sockets = Path(f"/proc/{child}/fd")
            try:
                if any(os.readlink(descriptor) in sockets for descriptor in with_sockets.iterdir()):
                    return child
            except OSError:  # gone, or its file is
                continue
        return 0

    def _until(self, done: Any, what: str) -> None:
        until = time.monotonic() + RETURN_TIMEOUT_S
        while not done():
            if time.monotonic() > until:
                raise LinkError(f"{what} did not come back within {RETURN_TIMEOUT_S:.0f} s")
            self._link.pump(time.monotonic())
            time.sleep(0.005)


def _children(process: int) -> list[int]:
    return [
        int(number)
        for task in Path(f"/proc/{process}/task").iterdir()
        for number in (task / "children").read_text().split()
    ]


@contextmanager
def temporary_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="antiphon-kills-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def played(home: Path, window: bool = False, more: Mapping[str, str] | None = None) -> Iterator[PlayProcess]:
    """`antiphon play` with ``more`` in its environment, from its first letters to its end."""
    if window:
        with screen() as display:
            yield from _run(home, {**(more or {}), "DISPLAY": display}, window)
    else:
        yield from _run(home, more or {}, window)


def _run(home: Path, more: Mapping[str, str], window: bool) -> Iterator[PlayProcess]:
    port = free_port("127.0.0.1", 0)
    option = "--no-stage" if window else "--terminal"
    command = [sys.executable, str(FRONT_DOOR), "play", "--port", str(port), option]
    environment = {**os.environ, "ANTIPHON_HOME": str(home), **more}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        yield PlayProcess(process, port, home, window)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(RETURN_TIMEOUT_S)
        if process.stdout:
            process.stdout.close()


# ---- the time of day set back and forward in the middle of a show ----------------------------------------------------
# Nobody may set the clock of a machine that others use, so it is done for the processes of one `antiphon play` alone: a
# ``sitecustomize`` in their path lets ``time.time`` tell an hour that a file says. Monotonic time stays, as it does
# where a clock is really set. Linux only. Runs on the caller's thread.

HOURS = (0, -1, 1, 0)
NOTICEABLE_GAP_S = 1.0  # seconds without a character that somebody would notice
SET_CLOCK = """import time

def _set(told, unit):
    def tell():
        try:
            with open({path!r}) as file:
                hours = int(file.read())
        except (OSError, ValueError):
            hours = 0
        return told() + hours * 3600 * unit
    return tell

time.time, time.time_ns = _set(time.time, 1), _set(time.time_ns, 10**9)
"""


def measure_wrong_clock(seconds: float = 8.0) -> dict[str, Any]:
    """One JSON object: the longest gap between characters at each setting, and whether anybody was started anew."""
    with temporary_home() as home:
        setting, first = home / "hour", home / "path"
        setting.write_text("0")
        first.mkdir()
        (first / "sitecustomize.py").write_text(SET_CLOCK.format(path=str(setting)))
        path = os.pathsep.join(filter(None, (str(first), os.environ.get("PYTHONPATH", ""))))
        with played(home, more={"PYTHONPATH": path}) as show:
            show.listen(2.0)
            before, gaps = show.playing(), {}
            for step, hour in enumerate(HOURS):
                write_whole(setting, str(hour))
                gaps[f"{step}: {hour:+d} h"] = round(show.longest_gap(seconds), 3)
            anew = len(show.playing() - before)
            show.close()
            same = show.text == show.taken()
    return {
        "benchmark": "endure wrong clock",
        "machine": describe(),
        "gap_s": gaps,
        "longest_s": max(gaps.values()),
        "started_anew": anew,
        "as_in_the_take": same,
    }


def write_whole(path: Path, text: str) -> None:
    """So that nobody reads half of it."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
