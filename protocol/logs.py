"""The log of a process: a file for whoever has to find out what went wrong, one for each kind of process.

``start_logging`` sends what the program logs (logger ``antiphon``) to ``NAME.log`` in the log folder of the system
(platformdirs; ``ANTIPHON_HOME/logs`` where that is set), and to standard error where it is ``verbose``. An exception
that nobody expected leaves its traceback there, on whichever thread it was raised. Any thread may log, and none waits
for the disk: a thread of the log's own writes. The file is bounded, and so is what a flood of records can add to it.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from logging.handlers import QueueHandler, QueueListener, WatchedFileHandler
from pathlib import Path
from types import TracebackType

import platformdirs

HOME_VARIABLE = "ANTIPHON_HOME"  # one folder for all that is the user's
LARGEST_LOG_BYTES = 1_000_000
KEPT_LOGS = 3  # older files, besides the one that is written
MOST_RECORDS, WITHIN_S = 200, 60.0  # records beyond so many in so many seconds are left out
LINE = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"

LOG = logging.getLogger("antiphon")
LOG.addHandler(logging.NullHandler())  # a process that keeps no log prints nothing either


def log_folder() -> Path:
    """Where logs are kept. Not made until something is written."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / "logs" if home else Path(platformdirs.user_log_dir("antiphon", appauthor=False))


def start_logging(
    name: str, verbose: bool = False, unexpected: Callable[[str], object] = lambda line: None
) -> Callable[[], None]:
    """Keep a log called ``name`` from now on; returns what ends it, which the end of the process does as well.

    ``unexpected`` is given one line for the performer when an exception that nobody caught was logged, on its thread.
    A disk that takes no log file costs the log, and nothing else.
    """
    path = log_folder() / f"{name}.log"
    handlers: list[logging.Handler] = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(RotatedFile(path))
    except OSError as error:
        unexpected(f"there is no log: {path} cannot be written ({error.strerror or error})")
    if verbose:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(logging.Formatter(LINE))
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    entry = QueueHandler(waiting)
    entry.addFilter(RateLimit())
    listener = QueueListener(waiting, *handlers)
    LOG.addHandler(entry)
    LOG.setLevel(logging.INFO)
    listener.start()
    before = sys.excepthook, threading.excepthook

    def caught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None and issubclass(kind, Exception):
            LOG.critical("an exception that nobody expected", exc_info=(kind, error, trace))
            unexpected(f"something is wrong in Antiphon itself ({kind.__name__}): {path} says where")
        before[0](kind, error or kind(), trace)

    def caught_on_thread(args: threading.ExceptHookArgs) -> None:
        caught(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook, threading.excepthook = caught, caught_on_thread
    ended = threading.Event()

    def end() -> None:
        if not ended.is_set():
            ended.set()
            sys.excepthook, threading.excepthook = before
            LOG.removeHandler(entry)
            listener.stop()
            for handler in handlers:
                handler.close()

    atexit.register(end)
    return end


class RotatedFile(WatchedFileHandler):
    """A log file that several processes may append to; the one that finds it full moves it aside.

    Raises ``OSError`` where it cannot be opened. Where an open file cannot be moved (Windows), it grows on.
    """

    def __init__(self, path: Path, largest: int = LARGEST_LOG_BYTES, kept: int = KEPT_LOGS) -> None:
        super().__init__(path, encoding="utf-8")
        self._path, self._largest, self._kept = path, largest, kept

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self._path.stat().st_size >= self._largest:
                for number in range(self._kept, 0, -1):
                    older = self._path if number == 1 else self._numbered(number - 1)
                    if older.exists():
                        older.replace(self._numbered(number))
        except OSError:
            pass
        super().emit(record)

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


class RateLimit(logging.Filter):
    """Lets at most ``most`` records pass in any ``within`` seconds."""

    def __init__(self, most: int = MOST_RECORDS, within: float = WITHIN_S) -> None:
        super().__init__()
        self._within = within
        self._times: deque[float] = deque(maxlen=most)

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if len(self._times) == self._times.maxlen and now - self._times[0] < self._within:
            return False
        self._times.append(now)
        return True
