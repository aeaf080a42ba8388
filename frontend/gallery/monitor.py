"""What the supervisor of a gallery does besides: log, watchdog, health report, nightly fresh start, the screen's hours;
and the unit by which systemd starts it with its machine.

On the main thread of `antiphon gallery`, some twenty times a second; the health page reads the last report.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from frontend.client.link import Link
from frontend.gallery.screen_power import ScreenPower
from frontend.gallery.settings import GallerySettings, is_open
from protocol.errors import ParameterError
from protocol.logs import LOG

REPORT_PERIOD_S = 1.0  # seconds between two reports
SERVER_SILENT_AFTER_S = 3.0  # seconds without a word of the server, after which it is not well


class RestartCount(Protocol):
    """How often a process had to be restarted."""

    @property
    def count(self) -> int: ...

    @property
    def safe(self) -> bool: ...


class SupervisorStatus(Protocol):
    """What the monitor needs of the supervisor of server and front end."""

    @property
    def restarts(self) -> RestartCount: ...

    @property
    def well(self) -> bool: ...

    @property
    def processes(self) -> Mapping[str, int]: ...

    def renew(self, now: float) -> None: ...


class GalleryMonitor:
    """Watches over an installation by ``settings``; ``link`` listens to the server. ``turn`` goes into the supervisor's
    loop."""

    def __init__(
        self,
        settings: GallerySettings,
        link: Link,
        watchdog: Watchdog,
        screen: ScreenPower,
        today: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._settings, self._link, self._watchdog, self._today = settings, link, watchdog, today
        self._screen = screen
        self._began, self._next = time.monotonic(), 0.0
        self._fresh_at = self._next_fresh(today())
        self._ready = False
        self._trouble = ""
        self.report: dict[str, Any] = {"well": False}

    def turn(self, supervisor: SupervisorStatus, now: float) -> bool:
        """Once a turn; always True, for a gallery does not end by itself."""
        self._link.pump(now)
        if now < self._next:
            return True
        self._next = now + REPORT_PERIOD_S
        today = self._today()
        if self._fresh_at is not None and today >= self._fresh_at:
            self._fresh_at = self._next_fresh(today)
            LOG.info("a fresh start, as every night")
            supervisor.renew(now)
        self._see(supervisor, now, today)
        self._screen.set(bool(self.report["open"]), now)
        well = bool(self.report["well"])
        if well and not self._ready:
            self._ready = True
            self._watchdog.notify("READY=1")
        self._watchdog.notify("WATCHDOG=1")  # restarts are the supervisor's task; this says that its loop runs
        return True

    def _see(self, supervisor: SupervisorStatus, now: float, today: datetime) -> None:
        session = self._link.session
        status = session.status
        trouble = status.trouble if status is not None else ""
        if trouble and trouble != self._trouble:
            LOG.warning("the server says: %s", trouble)
            self._trouble = trouble
        self.report = {
            "well": now - session.heard_at < SERVER_SILENT_AFTER_S and supervisor.well,
            "open": is_open(self._settings.opening, today),
            "up_seconds": round(now - self._began),
            "characters": session.sequence,
            "characters_a_second": round(status.rate, 1) if status is not None else 0.0,
            "restarts": supervisor.restarts.count,
            "safe_mode": supervisor.restarts.safe,
            "memory_mb": {name: _resident_mb(pid) for name, pid in supervisor.processes.items()},
            "trouble": trouble,
            "last_trouble": self._trouble,
            "fresh_start": self._fresh_at.isoformat(timespec="minutes") if self._fresh_at else "never",
            "text": session.text[-120:],
        }

    def _next_fresh(self, now: datetime) -> datetime | None:
        if self._settings.starts_afresh is None:
            return None
        then = datetime.combine(now.date(), self._settings.starts_afresh, now.tzinfo)
        return then if then > now else then + timedelta(days=1)


def _resident_mb(pid: int) -> float | None:
    """The memory of a process that stands in RAM, in MB; None where it cannot be told."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(round(int(line.split()[1]) * 1024 / 1e6, 1) for line in lines if line.startswith("VmRSS"))
    except (OSError, StopIteration, ValueError):
        return None


# ---- systemd ---------------------------------------------------------------------------------------------------------

NAME = "antiphon-gallery.service"

UNIT = """\
# Written by `antiphon gallery install`. Start it now and with every login of this user:
#   systemctl --user enable --now {name}
[Unit]
Description=Antiphon, alone in a gallery
After=graphical-session.target
PartOf=graphical-session.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
Restart=always
RestartSec=2
TimeoutStartSec=120
TimeoutStopSec=15
WatchdogSec=15

[Install]
WantedBy=graphical-session.target
"""


def unit_text(command: Sequence[str]) -> str:
    """The unit that runs ``command``. Raises ``ParameterError`` for words that a unit cannot hold."""
    return UNIT.format(name=NAME, command=" ".join(quoted(word) for word in command))


def quoted(word: str) -> str:
    """A word of a command line as a unit wants it."""
    if any(not character.isprintable() for character in word):
        raise ParameterError(f"a unit cannot hold {word[:60]!r}: move the folder")
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$") + '"'


def unit_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's units stand."""
    home = environment.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "systemd" / "user" / NAME


class Watchdog:
    """Tells systemd that all is well, where it started this process and wants to know; else it does nothing."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        place = environment.get("NOTIFY_SOCKET", "")
        self._place = "\0" + place[1:] if place.startswith("@") else place

    def notify(self, word: str) -> None:
        """Such as READY=1 or WATCHDOG=1."""
        if self._place:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
                way.sendto(word.encode(), self._place)
