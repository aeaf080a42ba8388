"""What the supervisor of a gallery does besides: log, watchdog, health report, nightly fresh start, the screen's hours.

On the main thread of `antiphon gallery`, some twenty times a second; the health page reads the last report.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from frontend.client.link import Link
from frontend.gallery.screen_power import ScreenPower
from frontend.gallery.settings import GallerySettings, is_open
from frontend.gallery.unit import Watchdog
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
