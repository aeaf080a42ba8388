"""The phones' server as a child process of whoever plays: started, given its keys, started again if it fails, ended.

The child tells line by line how many phones there are; a thread of its own reads that, everything else belongs to the
UI thread and never waits. ``PhoneSwitch`` starts and ends it during a show; ``NoPhones`` is there for tests.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from frontend.piped_child import PipedChild
from frontend.remote.links import AccessTokens, InviteLinks
from protocol.errors import AntiphonError

RESTART_PAUSE_S = 2.0  # seconds before a child that failed is started again
MAX_LINE_CHARS = 4_096  # characters of a line


class AnyPhones(Protocol):
    """What windows know of phones. ``links`` is None while nobody is let in."""

    @property
    def links(self) -> InviteLinks | None: ...

    @property
    def performers(self) -> int:
        """Phones that play."""

    @property
    def audience(self) -> int:
        """Phones in the audience."""

    @property
    def holding(self) -> int:
        """How many of them hold a puck now."""

    @property
    def trouble(self) -> str:
        """One line; empty where all is well."""

    def renew(self) -> None:
        """Make other links; the phones that are here lose theirs."""

    @property
    def on(self) -> bool:
        """Whether they are let in, or about to be."""

    def turn(self) -> None:
        """Let them in, or shut them out."""

    def wait(self, seconds: float) -> InviteLinks | None:
        """The links, as soon as they hold; None if that takes longer."""


def audience_link(phones: AnyPhones) -> str:
    """What the audience's phones open; empty while none are let in."""
    return phones.links.audience if phones.links is not None else ""


@dataclass
class NoPhones:
    """Nobody is let in, or, in tests, whoever the fields say."""

    links: InviteLinks | None = None
    performers: int = 0
    audience: int = 0
    holding: int = 0
    trouble: str = ""
    on: bool = False

    def renew(self) -> None:
        """There is nothing to renew."""

    def turn(self) -> None:
        """Nobody comes for it."""

    def wait(self, seconds: float) -> InviteLinks | None:
        return self.links


@dataclass(frozen=True)
class PhoneServerReport:
    """What the child says: one JSON object a line."""

    performers: int = 0
    audience: int = 0
    holding: int = 0
    trouble: str = ""
    port: int = 0

    def line(self) -> str:
        return json.dumps(vars(self))

    @classmethod
    def of_line(cls, line: str) -> PhoneServerReport | None:
        """None for a line that says something else."""
        try:
            report = cls(**json.loads(line))
        except (ValueError, TypeError, RecursionError):
            return None
        numbers = (report.performers, report.audience, report.holding, report.port)
        right = all(isinstance(number, int) for number in numbers) and isinstance(report.trouble, str)
        return report if right else None


@dataclass
class PhoneServerProcess:
    """``command`` run as the phones' server that listens on ``host``. Its first line of input is its keys.

    ``fixed``: the keys are kept in a file, and ``renew`` leaves them.
    """

    command: Sequence[str]
    host: str
    keys: AccessTokens
    fixed: bool = False
    remark: Callable[[str], None] = lambda line: None
    _report: PhoneServerReport = field(default_factory=PhoneServerReport)
    _last_words: str = ""
    _remarked: InviteLinks | None = None
    _child: PipedChild = field(default_factory=PipedChild)

    def __post_init__(self) -> None:
        self._minder = threading.Thread(target=self._mind, name="phones", daemon=True)
        self._minder.start()

    @property
    def links(self) -> InviteLinks | None:
        port = self._report.port
        return InviteLinks.of(self.keys, self.host, port) if port else None

    @property
    def performers(self) -> int:
        return self._report.performers

    @property
    def audience(self) -> int:
        return self._report.audience

    @property
    def holding(self) -> int:
        return self._report.holding

    @property
    def trouble(self) -> str:
        return self._report.trouble or (f"phones: {self._last_words}" if self._last_words else "")

    @property
    def pid(self) -> int:
        """The child's; 0 while there is none."""
        return self._child.pid

    def renew(self) -> None:
        if not self.fixed:
            self.keys = AccessTokens.fresh()
        self._child.ask_to_end()  # the minder starts another one

    def wait(self, seconds: float) -> InviteLinks | None:
        """The links, as soon as they hold; None if that takes longer."""
        until = time.monotonic() + seconds
        while self.links is None and time.monotonic() < until:
            time.sleep(0.05)
        return self.links

    def close(self) -> None:
        """End the child; a second time does nothing."""
        self._child.close()
        self._minder.join()

    def _mind(self) -> None:
        """The minder's thread: one child after the other, always on the port that the first one had."""
        port = 0
        while not self._child.closing.is_set():
            began = time.monotonic()
            self._start(port)
            self._listen()
            port = self._report.port or port
            self._report = PhoneServerReport()
            if self._last_words or time.monotonic() - began < RESTART_PAUSE_S:
                self._child.closing.wait(RESTART_PAUSE_S)

    def _start(self, port: int) -> None:
        self._child.start([*self.command, *(("--port", str(port)) if port else ())])
        self._child.say(self.keys.as_json())

    def _remark_once(self) -> None:
        """Say where phones play, and how far that reaches, when the links are new."""
        links = self.links
        if links is not None and links != self._remarked:
            self._remarked = links
            reach = "whoever reaches this machine and has the link" if links.wide else "only this machine reaches it"
            self.remark(f"phones: {links.performer} plays, {links.audience} is the audience's ({reach})")

    def _listen(self) -> None:
        """Until the child has ended. What it says besides figures is remembered: the last of it tells why it ended."""
        words = ""
        for line in self._child.lines(MAX_LINE_CHARS):
            report = PhoneServerReport.of_line(line)
            if report is not None:
                self._report, self._last_words = report, ""
                self._remark_once()
            elif line.strip():
                words = line.strip().removeprefix("antiphon: ")
        self._last_words = words if self._child.wait() else ""


class PhoneSwitch:
    """Lets phones in by ``start`` and shuts them out again, as often as one likes; never waits for either."""

    def __init__(self, start: Callable[[], PhoneServerProcess], on: bool = False) -> None:
        """``start`` raises ``AntiphonError`` where it cannot; with ``on`` it is called at once, and that is raised."""
        self._start = start
        self._process = start() if on else None
        self._refusal = ""
        self._ending: list[threading.Thread] = []

    @property
    def on(self) -> bool:
        return self._process is not None

    def turn(self) -> None:
        process, self._process, self._refusal = self._process, None, ""
        if process is None:
            try:
                self._process = self._start()
            except AntiphonError as error:
                self._refusal = f"phones: {error}"
            return
        ending = threading.Thread(target=process.close, name="phones end", daemon=True)
        ending.start()
        self._ending = [thread for thread in (*self._ending, ending) if thread.is_alive()]

    @property
    def links(self) -> InviteLinks | None:
        return self._process.links if self._process else None

    @property
    def performers(self) -> int:
        return self._process.performers if self._process else 0

    @property
    def audience(self) -> int:
        return self._process.audience if self._process else 0

    @property
    def holding(self) -> int:
        return self._process.holding if self._process else 0

    @property
    def trouble(self) -> str:
        return self._refusal or (self._process.trouble if self._process else "")

    def renew(self) -> None:
        if self._process:
            self._process.renew()

    def wait(self, seconds: float) -> InviteLinks | None:
        return self._process.wait(seconds) if self._process else None

    def close(self) -> None:
        """Shut them out and wait until that is done."""
        if self._process is not None:
            self._process.close()
            self._process = None
        for thread in self._ending:
            thread.join()
