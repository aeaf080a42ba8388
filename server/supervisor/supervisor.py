"""The supervisor: keeps the server and the front end running, each with a spare process that stands ready.

A process that died, or whose main loop has not turned for a while, is killed, waited for, and only then replaced, so
that no two servers share a port. The spare has everything loaded and begins within a fraction of a second. Where there
is none, one is started: at first, or because the machine's memory holds the voices only once (``lean``). When the front
end ends in order, the play ends. Times are monotonic seconds, so that neither a clock that is set nor a machine that
slept looks like a process that hangs. All of it runs on the main thread of ``antiphon play``.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar

from protocol.errors import LinkError
from protocol.heartbeat import LONGEST_BEAT_BYTES, LOOPBACK, State, begin_call, read_beat
from protocol.logs import log_folder

# ---- judging one process ---------------------------------------------------------------------------------------------

HUNG_AFTER_S = 1.5  # seconds without a beat
START_TIMEOUT_S = 60.0  # seconds that a process may take to its first beat, slow disks and busy machines allowed for
SETTLING_S = 10.0  # seconds from its first beat on in which it may be silent for as long: first frames are slow
END_TIMEOUT_S = 10.0  # seconds that it may take to end once it said that it does
EXCUSED_ABSENCE_S = 0.5  # seconds that the watcher itself may have been away before beats that it missed are excused

SAFE_MODE_RESTARTS, SAFE_MODE_WITHIN_S = 5, 60.0  # so many restarts in so many seconds lead to the safe mode
# seconds before a restart in the safe mode: the first, and the most
FIRST_RESTART_DELAY_S, LONGEST_RESTART_DELAY_S = (1.0, 10.0)

Verdict = Literal["starting", "ready", "well", "ending", "hung"]


class HeartbeatMonitor:
    """Judges a process that was started at ``began`` by its heartbeats.

    ``hung_after`` seconds without a beat mean that it hangs.
    """

    def __init__(self, began: float, hung_after: float = HUNG_AFTER_S) -> None:
        self._hung = hung_after
        self._state: State | None = None
        self._settled = float("inf")  # when it has been at work for a while
        self._until = began + START_TIMEOUT_S

    @property
    def state(self) -> State | None:
        """What it said last; None before its first beat."""
        return self._state

    def on_beat(self, state: State, now: float) -> None:
        if state == "well" and self._state != "well":
            self._settled = now + SETTLING_S
        self._state = state
        patience = END_TIMEOUT_S if state == "ending" else self._hung
        self._until = max(now + patience, self._settled) if state == "well" else now + patience

    def called(self, now: float) -> None:
        """One that stood ready begins, and has the time of a start for it."""
        self._state, self._until = None, now + START_TIMEOUT_S

    def allow_gap(self, seconds: float) -> None:
        """The watcher was away for so long: beats of that time may have been missed, or everything stood still."""
        self._until += seconds

    def verdict(self, now: float) -> Verdict:
        if now > self._until:
            return "hung"
        return "starting" if self._state is None else self._state


class RestartPolicy:
    """None so far. ``safe`` once they were too many; it stays so until everything is ended."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=SAFE_MODE_RESTARTS)
        self._breath = 0.0
        self.count = 0
        self.safe = False

    @property
    def given_up(self) -> bool:
        """Whether even the safe mode falls over for as long as anybody would wait."""
        return self._breath >= LONGEST_RESTART_DELAY_S

    def note(self, now: float) -> float:
        """One is due at ``now``; how many seconds to wait before it: none, but ever more where the safe mode fails."""
        self.count += 1
        self._times.append(now)
        often = len(self._times) == SAFE_MODE_RESTARTS and now - self._times[0] <= SAFE_MODE_WITHIN_S
        if self.safe and often:
            self._breath = min(max(FIRST_RESTART_DELAY_S, 2 * self._breath), LONGEST_RESTART_DELAY_S)
        elif not often:
            self._breath = 0.0
        self.safe = self.safe or often
        return self._breath


POLL_INTERVAL_S = 0.05  # seconds between two looks at the processes
SPARE_AFTER_S = 5.0  # seconds of playing well before another is made ready: starting has the machine to itself
SPARE_RETRY_S = 30.0  # seconds after which one that could not be made ready is tried again
SPARES_APART_S = 3.0  # seconds by which the two are kept apart
STANDSTILL_S = 10.0  # seconds for which a window's loop may stand still where moving a window stops it


class Process(Protocol):
    """A child, as it is kept alive."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Its exit code, below 0 for a signal; None while it runs."""

    def kill(self) -> None:
        """End it at once, whatever state it is in, and wait until it is gone."""

    def close(self) -> None:
        """Let it end in order; insist where it does not."""


class Listener(Process, Protocol):
    """A server, which says where it listens."""

    def listening(self, seconds: float) -> bool:
        """Whether it listens, after so many seconds at most; raises ``LinkError`` where it does not come to that."""


P = TypeVar("P", bound=Process)
Launch = Callable[[Sequence[str]], P]  # with these options besides its own


class HeartbeatSocket:
    """The socket that heartbeats arrive at, and by which spares are started."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._port = self._socket.getsockname()[1]
        self._sources: dict[str, tuple[str, int]] = {}

    def close(self) -> None:
        self._socket.close()

    def expect(self) -> tuple[str, str]:
        """A process to come: its token, and the place that it is to be given."""
        token = secrets.token_hex(8)
        return token, f"{self._port}:{token}"

    def listen(self, seconds: float) -> Iterator[tuple[str, State]]:
        """What comes within the next ``seconds``: tokens, and what they say."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0.0:
            self._socket.settimeout(left)
            try:
                datagram, source = self._socket.recvfrom(2 * LONGEST_BEAT_BYTES)
            except TimeoutError:
                return
            except OSError:
                continue  # Windows reports here that a child's socket is closed
            beat = read_beat(datagram)
            if beat is not None:
                self._sources[beat[0]] = source
                yield beat

    def call(self, token: str, word: str = "") -> None:
        """Tell a process that stands ready to begin; said again by whoever sees that it still waits."""
        if token in self._sources:
            with contextlib.suppress(OSError):
                self._socket.sendto(begin_call(token, word), self._sources[token])

    def forget(self, token: str) -> None:
        self._sources.pop(token, None)


class ManagedProcess(Generic[P]):
    """One of the two that are kept alive, called ``name`` where it is spoken of."""

    def __init__(
        self,
        name: str,
        launch: Launch[P],
        beats: HeartbeatSocket,
        restarts: RestartPolicy,
        hung_after: float = HUNG_AFTER_S,
        lean: bool = False,
    ) -> None:
        self.name = name
        self._launch, self._beats, self._restarts, self._hung = launch, beats, restarts, hung_after
        self._lean = lean
        self._process: P | None = None
        self._token = ""
        self._monitor = HeartbeatMonitor(0.0)
        self._spare: P | None = None
        self._spare_token = ""
        self._spare_monitor = HeartbeatMonitor(0.0)
        self._spare_due = float("inf")
        self._due = 0.0  # when the next start is, where nothing runs
        self._word = ""
        self._was_ever_well = False  # ever
        self._leaving: P | None = None  # one whose place was taken, and who still shows itself

    # ---- starting --------------------------------------------------------------------------------------------------

    def start(self, now: float) -> P:
        """Start one that begins by itself."""
        process, self._token, self._monitor = self._launched(now)
        self._process = process
        return process

    def prepare(self, now: float) -> None:
        """Start one that stands ready until it is called."""
        self._spare, self._spare_token, self._spare_monitor = self._launched(now, "--spare")

    def begin(self, now: float, word: str = "") -> None:
        """Let the spare play, as soon as it is ready."""
        self._process, self._token, self._monitor = self._spare, self._spare_token, self._spare_monitor
        self._spare, self._word = None, word
        if self._monitor.state == "ready":
            self._call(now)

    def schedule_spare(self, when: float) -> None:
        """Another is to be made ready then."""
        self._spare_due = when

    def _launched(self, now: float, *options: str) -> tuple[P, str, HeartbeatMonitor]:
        token, place = self._beats.expect()
        safe = ("--safe",) if self._restarts.safe else ()
        return self._launch(("--pulse", place, *safe, *options)), token, HeartbeatMonitor(now, self._hung)

    # ---- watching --------------------------------------------------------------------------------------------------

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def beats(self) -> bool:
        """Whether its heartbeats arrive."""
        return self._process is not None and self._monitor.state == "well"

    def on_beat(self, token: str, state: State, now: float) -> None:
        if token == self._token:
            self._monitor.on_beat(state, now)
            self._was_ever_well = self._was_ever_well or state == "well"
            if state == "ready":
                self._call(now)
        elif token == self._spare_token:
            self._spare_monitor.on_beat(state, now)

    def allow_gap(self, seconds: float) -> None:
        self._monitor.allow_gap(seconds)
        self._spare_monitor.allow_gap(seconds)

    def check_failed(self, now: float) -> str | None:
        """What happened to it, if it has to be replaced; it is gone then."""
        if self._process is None:
            return None
        code, verdict = self._process.poll(), self._monitor.verdict(now)
        if code is None and verdict != "hung":
            return None
        self._process.kill()
        self._beats.forget(self._token)
        self._process = None
        if code is None:
            return "hung"
        return f"was killed by signal {-code}" if code < 0 else f"ended with code {code} ({log_folder()} may say why)"

    @property
    def ended(self) -> int | None:
        """The exit code with which it ended by itself and in order, or before it ever did well; else None."""
        code = self._process.poll() if self._process is not None else None
        return code if code == 0 or (code is not None and code > 0 and not self._was_ever_well) else None

    def renew(self, now: float, beside: bool) -> None:
        """Let the one that stands ready take its place although it does well; nothing where there is none.

        ``beside``: they may both be there, and the old one ends only when the new one does well.
        """
        if self._spare is None or self._spare_monitor.state != "ready" or self._process is None or self._leaving:
            return
        if beside:
            self._leaving = self._process
        else:
            self._process.kill()
        self._beats.forget(self._token)
        self.begin(now)
        self._spare_due = now + SPARE_AFTER_S

    def replace(self, now: float, word: str, wait: float) -> None:
        """Another takes its place: the one that stands ready, or one that is started, after ``wait`` seconds."""
        self._word, self._due = word, now + wait
        if self._restarts.safe:
            self._drop_spare()  # it would come with all voices
        self.work_until(now)

    def work_until(self, now: float) -> None:
        """Once a turn: start what is due, and look after the one that stands ready."""
        if self._process is None and now >= self._due:
            if self._spare is None or self._spare.poll() is not None or self._spare_monitor.verdict(now) == "hung":
                self._drop_spare()
                self.prepare(now)
            self.begin(now, self._word)
            self._spare_due = now + SPARE_AFTER_S
        if self._leaving is not None and (self.beats or self._process is None):
            self._leaving.close()
            self._leaving = None
        if self._spare is None:
            if now >= self._spare_due and self.beats and not self._restarts.safe and not self._lean:
                self._spare_due = float("inf")
                self.prepare(now)
        elif self._spare.poll() is not None or self._spare_monitor.verdict(now) == "hung":
            self._drop_spare()
            self._spare_due = now + SPARE_RETRY_S

    def close(self) -> None:
        """End all of it."""
        self._drop_spare()
        if self._leaving is not None:
            self._leaving.close()
            self._leaving = None
        if self._process is not None:
            self._process.close()
            self._process = None

    def _call(self, now: float) -> None:
        self._beats.call(self._token, self._word)
        self._monitor.called(now)

    def _drop_spare(self) -> None:
        if self._spare is not None:
            self._spare.kill()
            self._beats.forget(self._spare_token)
            self._spare = None


class Supervisor:
    """Keeps two children alive, made by ``server`` and ``front``; ``remark`` is given a line for each restart."""

    def __init__(
        self,
        server: Launch[Listener],
        front: Launch[Process],
        remark: Callable[[str], None],
        restore_terminal: Callable[[], None] = lambda: None,
        patience: float = HUNG_AFTER_S,
        endless: bool = False,
        lean: bool = False,
    ) -> None:
        """``restore_terminal`` is called after a front end has failed.

        ``patience`` is how many seconds without a beat mean that the front end hangs. With ``endless`` a process is
        restarted however often it fails. With ``lean`` no spare process stands ready.
        """
        self._beats = HeartbeatSocket()
        self.restarts = RestartPolicy()
        self._server = ManagedProcess("the server", server, self._beats, self.restarts, lean=lean)
        self._front = ManagedProcess("the front end", front, self._beats, self.restarts, patience, lean)
        self._all_managed: tuple[ManagedProcess[Any], ...] = (self._server, self._front)
        self._remark, self._restore_terminal, self._endless = remark, restore_terminal, endless

    @property
    def well(self) -> bool:
        """Whether both do well."""
        return all(managed.beats for managed in self._all_managed)

    @property
    def processes(self) -> dict[str, int]:
        """The numbers of the processes that play."""
        return {managed.name: managed.pid for managed in self._all_managed if managed.pid is not None}

    def renew(self, now: float) -> None:
        """A fresh server and a fresh front end, each from the one that stands ready, without a visible gap."""
        self._front.renew(now, beside=True)
        self._server.renew(now, beside=False)

    def close(self) -> None:
        self._front.close()
        self._server.close()
        self._beats.close()

    def run(self, turn: Callable[[float], bool] = lambda now: True) -> int:
        """Play until the front end ends of itself, or ``turn``, called often, gives False; the exit code.

        Raises ``LinkError`` where the server does not start, and where they fall over again and again.
        """
        now = time.monotonic()
        server = self._server.start(now)
        self._front.start(now)  # at once: its window says what is happening
        while not server.listening(POLL_INTERVAL_S):
            self._hear(POLL_INTERVAL_S)
            if self._front.ended is not None:
                return self._front.ended
        now = time.monotonic()
        self._server.schedule_spare(now + SPARE_AFTER_S)
        self._front.schedule_spare(now + SPARE_AFTER_S + SPARES_APART_S)
        before = now
        while turn(before):
            self._hear(POLL_INTERVAL_S)
            now = time.monotonic()
            away, before = now - before - POLL_INTERVAL_S, now
            code = self._front.ended
            if code is not None:
                return code
            for managed in self._all_managed:
                if away > EXCUSED_ABSENCE_S:
                    managed.allow_gap(away)
                self._look_after(managed, now)
        return 0

    def _hear(self, seconds: float) -> None:
        """Take in the heartbeats that came, and that come within ``seconds``."""
        for token, state in self._beats.listen(seconds):
            for managed in self._all_managed:
                managed.on_beat(token, state, time.monotonic())

    def _look_after(self, managed: ManagedProcess[Any], now: float) -> None:
        what = managed.check_failed(now)
        if what is not None:
            was_safe = self.restarts.safe
            wait = self.restarts.note(now)
            line = f"{managed.name} {what} and was started again"
            if self.restarts.safe and not was_safe:
                line += "; that was often: fewer voices play, until you end and start it"
            if self.restarts.given_up and not self._endless:
                raise LinkError(f"{managed.name} {what}, and does so again and again: it is given up")
            if managed is self._front:
                self._restore_terminal()
            self._remark(line)
            managed.replace(now, line, wait)
        managed.work_until(now)


def front_patience() -> float:
    """Seconds without a beat after which a front end counts as hung on this system.

    On Windows and macOS nothing is drawn for as long as somebody holds a window by its title.
    """
    return HUNG_AFTER_S if sys.platform == "linux" else STANDSTILL_S


@contextmanager
def terminal_kept() -> Iterator[Callable[[], None]]:
    """Gives what puts the terminal back into the state that it has now; done at the end, too.

    A front end that was killed cannot do so itself, and what takes its place would believe that it was so before.
    """
    try:
        import termios

        descriptor = sys.stdin.fileno()
        attributes = termios.tcgetattr(descriptor)
    except (ImportError, OSError, ValueError, termios.error):  # no terminal, or none that can be put back
        yield lambda: None
        return

    def restore() -> None:
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
            if sys.stderr.isatty():
                sys.stderr.write(TERMINAL_RESET)
                sys.stderr.flush()

    yield restore
    restore()


@contextmanager
def kept_while_playing() -> Iterator[Path]:
    """A folder for what is kept of a performance while it is played: in memory where the system has such a place."""
    place = os.environ.get("XDG_RUNTIME_DIR")
    with tempfile.TemporaryDirectory(
        prefix="antiphon-", dir=place if place and os.access(place, os.W_OK) else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


TERMINAL_RESET = (
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[0m"  # no mouse, one screen
)
