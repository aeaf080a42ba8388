"""Who draws creatures: a child process that is asked by lines and answers by lines, started again where it fails.

``AnyArtist`` is what the stage knows. A thread of its own reads what comes; everything else belongs to the UI thread
and never waits, save ``drawn``, which is for films. Only the newest picture is kept: frames are dropped, not queued.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from frontend.piped_child import PipedChild
from protocol.errors import MessageError
from protocol.sprites import MOST_LINE_CHARS, Picture, SpriteFrame, SpriteRequest, SpriteSet, drawn_of_line

RESTART_PAUSE_S = 5.0  # seconds before a child that failed is started again
MOST_RESTARTS = 3  # of a child that fails again and again
FRAME_PERIOD_S = 1 / 25  # seconds between two requests
LOST_AFTER_S = 2.0  # seconds after which an unanswered request is given up
SLOW_S = 0.35  # seconds that an answer may take on the average
JUDGED_ANSWERS = 25  # answers over which that is measured
REST_S = 30.0  # seconds that a creature rests where this machine is too slow, before it is tried again


class AnyArtist(Protocol):
    """What the stage knows of who draws."""

    @property
    def trouble(self) -> str:
        """One line; empty where all is well."""

    def may_ask(self, now: float) -> bool:
        """Whether a request would be taken now."""

    def ask(self, request: SpriteRequest, now: float) -> None:
        """Have this drawn; ``take`` gives it later."""

    def take(self, now: float) -> tuple[int, Picture | None] | None:
        """The newest answer, once: the request's number and what was drawn, None where nothing is to be seen."""


class AnswerTimes:
    """How long answers take: whether this machine draws fast enough. Pure."""

    def __init__(self) -> None:
        self._taken: deque[float] = deque(maxlen=JUDGED_ANSWERS)

    @property
    def slow(self) -> bool:
        full = len(self._taken) == JUDGED_ANSWERS
        return full and sum(self._taken) / JUDGED_ANSWERS > SLOW_S

    def note(self, seconds: float) -> None:
        self._taken.append(seconds)

    def forget(self) -> None:
        self._taken.clear()


class ArtistProcess:
    """``command`` run as the creature's process, from the first question on."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._child = PipedChild()
        self._lock = threading.Lock()
        self._answer: tuple[int, Picture | None] | None = None
        self._answered = threading.Condition(self._lock)
        self._categories: list[str] | None = None
        self._trouble = self._last_words = ""
        self._asked: tuple[int, float] | None = None  # number, and when
        self._asked_at = -math.inf
        self._times = AnswerTimes()
        self._minder: threading.Thread | None = None

    @property
    def trouble(self) -> str:
        if self._times.slow:
            return "the creature rests: this machine draws it too slowly"
        return self._trouble

    def may_ask(self, now: float) -> bool:
        self._begin()
        if self._times.slow and now - self._asked_at > REST_S:
            self._times.forget()
        if self._categories is None or self._times.slow or now - self._asked_at < FRAME_PERIOD_S:
            return False
        return self._asked is None or now - self._asked[1] > LOST_AFTER_S

    def ask(self, request: SpriteRequest, now: float) -> None:
        self._asked, self._asked_at = (request.number, now), now
        self._child.say(request.line())

    def take(self, now: float) -> tuple[int, Picture | None] | None:
        with self._lock:
            answer, self._answer = self._answer, None
        if answer is not None and self._asked is not None and answer[0] == self._asked[0]:
            self._times.note(now - self._asked[1])
            self._asked = None
        return answer

    def drawn(self, request: SpriteRequest, patience: float = 60.0) -> Picture | None:
        """What is drawn for ``request``, waited for: for films. None where nothing is, or nobody draws."""
        until = time.monotonic() + patience
        self._begin()
        while self._categories is None and not self._trouble and time.monotonic() < until:
            time.sleep(0.02)
        if self._categories is None:
            return None
        self.ask(request, time.monotonic())
        with self._answered:
            self._answered.wait_for(
                lambda: self._answer is not None and self._answer[0] == request.number, until - time.monotonic()
            )
            answer, self._answer, self._asked = self._answer, None, None
        return answer[1] if answer is not None and answer[0] == request.number else None

    def close(self) -> None:
        """End the child; a second time does nothing."""
        self._child.close()
        if self._minder is not None:
            self._minder.join()

    def _begin(self) -> None:
        if self._minder is None and not self._child.closing.is_set():
            self._minder = threading.Thread(target=self._mind, name="creature", daemon=True)
            self._minder.start()

    # ---- the minder's thread -----------------------------------------------------------------------------------------

    def _mind(self) -> None:
        for _ in range(1 + MOST_RESTARTS):
            if self._child.closing.is_set():
                return
            self._child.start(self._command)
            self._listen()
            self._categories = None
            if not self._child.closing.is_set() and not self._trouble:
                self._trouble = f"the creature: {self._last_words or 'its process ended'}"
            self._child.closing.wait(RESTART_PAUSE_S)

    def _listen(self) -> None:
        for line in self._child.lines(MOST_LINE_CHARS):
            match drawn_of_line(line):
                case SpriteFrame(number, picture):
                    self._hear(number, picture)
                case SpriteSet(categories, trouble):
                    self._trouble = f"the creature: {trouble}" if trouble else ""
                    self._categories = categories or None
                case _ if line.strip():
                    self._last_words = line.strip().removeprefix("antiphon: ")
        self._child.wait()

    def _hear(self, number: int, picture: str) -> None:
        try:
            answer = number, Picture.unpacked(picture) if picture else None
        except MessageError:
            return
        with self._answered:
            self._answer = answer
            self._answered.notify()


class PatientArtist:
    """A process whose pictures are waited for, so that each frame has its own: for films."""

    def __init__(self, process: ArtistProcess) -> None:
        self._process = process
        self._answer: tuple[int, Picture | None] | None = None

    @property
    def trouble(self) -> str:
        return self._process.trouble

    def may_ask(self, now: float) -> bool:
        return not self._process.trouble

    def ask(self, request: SpriteRequest, now: float) -> None:
        self._answer = request.number, self._process.drawn(request)

    def take(self, now: float) -> tuple[int, Picture | None] | None:
        answer, self._answer = self._answer, None
        return answer
