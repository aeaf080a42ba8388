"""The supervisor, with small programs in the places of server and front end."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from protocol.errors import LinkError
from server.supervisor.child_process import READY, ServerProcess
from server.supervisor.supervisor import Supervisor

PATIENCE = 30.0  # seconds; never needed but on a machine that is busy with something else

# Writes down that it began, as what, and by which number it can be killed; then it beats for ever.
PROGRAM = f"""
import os, sys, time
from pathlib import Path
from protocol.heartbeat import Heartbeat
from server.supervisor.child_process import end_with_parent
end_with_parent()
place = sys.argv[sys.argv.index("--pulse") + 1]
pulse, notes = Heartbeat(place), Path(sys.argv[1])
def note(line):
    with notes.open("a") as file: file.write(f"{{line}} {{os.getpid()}}\\n")
note("ready" if "--spare" in sys.argv else "alone")
word = pulse.wait() if "--spare" in sys.argv else ""
note("safe" if "--safe" in sys.argv else "begun")
print("{READY}127.0.0.1:9", flush=True)
while not Path(sys.argv[1] + ".over").exists():
    pulse.beat()
    time.sleep(0.02)
sys.exit(int(Path(sys.argv[1] + ".over").read_text()))
"""


class Play:
    """A supervisor that plays on a thread, and what its processes wrote down."""

    def __init__(self, folder: Path, lean: bool = False) -> None:
        self.folder, self.lines, self.codes = folder, list[str](), list[int]()
        self.supervisor = Supervisor(self.launch("server"), self.launch("front"), self.lines.append, lean=lean)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def launch(self, name: str) -> Callable[[Sequence[str]], ServerProcess]:
        command = [sys.executable, "-c", PROGRAM, str(self.folder / name)]
        return lambda options: ServerProcess([*command, *options], lambda line: None)

    def _run(self) -> None:
        with closing(self.supervisor):
            self.codes.append(self.supervisor.run(lambda now: not self._stop.is_set()))

    def notes(self, name: str, word: str) -> list[int]:
        """The processes that wrote this word down, in their order."""
        path = self.folder / name
        lines = path.read_text().splitlines() if path.exists() else []
        return [int(line.split()[1]) for line in lines if line.split()[0] == word]

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < until, f"no sign of {what}"
            time.sleep(0.02)

    def begun(self, name: str, count: int, word: str = "begun") -> int:
        """The ``count``-th process that plays, once it does."""
        self.wait(lambda: len(self.notes(name, word)) >= count, f"{name} number {count}")
        return self.notes(name, word)[count - 1]

    def close(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.supervisor.supervisor.SPARE_AFTER_S", 0.1)
    monkeypatch.setattr("server.supervisor.supervisor.SPARES_APART_S", 0.1)
    monkeypatch.setattr("server.supervisor.supervisor.SETTLING_S", 0.5)


@pytest.fixture
def play(tmp_path: Path, quick: None) -> Iterator[Play]:
    with closing(Play(tmp_path)) as playing:
        yield playing


@pytest.mark.parametrize("name", ["server", "front"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_one_that_dies_or_hangs_is_replaced_by_the_one_that_stands_ready(
    play: Play, name: str, number: signal.Signals
) -> None:
    first = play.begun(name, 1)
    play.wait(lambda: len(play.notes(name, "ready")) == 1, "one that stands ready")
    time.sleep(0.3)  # it has said so
    os.kill(first, number)
    assert play.begun(name, 2) == play.notes(name, "ready")[-1]
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    what = "was killed by signal 9" if number == signal.SIGKILL else "hung"
    assert play.lines == [f"the {'front end' if name == 'front' else name} {what} and was started again"]


def test_a_lean_one_keeps_none_ready_and_starts_what_fell_over(tmp_path: Path, quick: None) -> None:
    with closing(Play(tmp_path, lean=True)) as play:
        first = play.begun("server", 1)
        play.begun("front", 1)
        time.sleep(1.0)
        assert play.notes("server", "ready") == []
        os.kill(first, signal.SIGKILL)
        assert play.begun("server", 2) == play.notes("server", "ready")[0]
        assert play.lines == ["the server was killed by signal 9 and was started again"]


def test_a_fresh_start_takes_those_that_stand_ready_and_says_nothing(play: Play) -> None:
    server, front = play.begun("server", 1), play.begun("front", 1)
    play.wait(lambda: (len(play.notes("server", "ready")), len(play.notes("front", "ready"))) == (1, 1), "both spares")
    time.sleep(0.5)  # they have said so
    play.supervisor.renew(time.monotonic())
    assert play.begun("server", 2) != server and play.begun("front", 2) != front
    play.wait(lambda: play.supervisor.well, "both to do well")
    assert play.lines == [] and play.supervisor.restarts.count == 0


def test_the_front_end_that_ends_by_itself_ends_the_play_with_its_code(play: Play, tmp_path: Path) -> None:
    server, front = play.begun("server", 1), play.begun("front", 1)
    (tmp_path / "front.over").write_text("0")
    play.wait(lambda: play.codes == [0], "the end")
    play.close()
    for process in (server, front):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert play.lines == []


def test_five_deaths_in_a_minute_lead_to_the_safe_mode_and_a_line_that_says_so(play: Play) -> None:
    for count in range(1, 6):
        os.kill(play.begun("server", count), signal.SIGKILL)
    play.begun("server", 1, "safe")
    assert len(play.lines) == 5
    assert "fewer voices" in play.lines[-1] and "fewer voices" not in play.lines[-2]


def test_a_server_that_does_not_start_is_the_error_that_it_always_was(tmp_path: Path) -> None:
    def server(options: Sequence[str]) -> ServerProcess:
        return ServerProcess([sys.executable, "-c", "import sys; sys.exit('antiphon: the port is taken')"], print)

    def front(options: Sequence[str]) -> ServerProcess:
        return ServerProcess([sys.executable, "-c", PROGRAM, str(tmp_path / "front"), *options], lambda line: None)

    with closing(Supervisor(server, front, print)) as supervisor, pytest.raises(LinkError, match="the port is taken"):
        supervisor.run()


def test_the_front_end_is_there_before_the_server_listens_and_may_end_the_wait(tmp_path: Path, quick: None) -> None:
    (tmp_path / "front.over").write_text("0")

    def server(options: Sequence[str]) -> ServerProcess:
        return ServerProcess([sys.executable, "-c", f"import time; time.sleep({PATIENCE})"], print)

    def front(options: Sequence[str]) -> ServerProcess:
        return ServerProcess([sys.executable, "-c", PROGRAM, str(tmp_path / "front"), *options], lambda line: None)

    with closing(Supervisor(server, front, print)) as supervisor:
        assert supervisor.run() == 0
    assert (tmp_path / "front").read_text().startswith("alone")
