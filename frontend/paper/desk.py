"""Who prints: follows a performance, and prints its last sentence when a button, a message or the hour asks for it.

Says to the server that it has paper, as a front end says that it holds the show; ``/paper/print`` is then handed to it
and answered with what happened. The caller's thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Event

from frontend.client.link import AnyLink
from frontend.look.png import save_png
from frontend.paper.drawing import draw, pixels
from frontend.paper.printer import PrintQueue
from frontend.paper.receipt import Unit, receipt_of
from protocol.errors import AntiphonError, LinkError
from protocol.messages import HoldShow, ShowDone
from protocol.show_commands import PAPER

CONNECT_TIMEOUT_S = 20.0  # seconds in which the text must have come
PRINT_TIMEOUT_S = 30.0  # seconds that one receipt may take before it is said what keeps it
POLL_S = 0.02
HOLD_PERIOD_S = 1.0
LEAST_BETWEEN_S = 1.0  # seconds between two receipts: a button that bounces prints one
ANSWERS_KEPT = 32


class PaperDesk:
    """``queue`` None: only the ``picture``; ``complain`` gets one line for what is wrong, once."""

    def __init__(
        self,
        link: AnyLink,
        queue: PrintQueue | None,
        picture: Path | None,
        unit: Unit,
        url: str,
        width: int,
        complain: Callable[[str], object],
        today: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._link, self._queue, self._picture = link, queue, picture
        self._unit, self._url, self._width, self._complain, self._today = unit, url, width, complain, today
        self.ending = Event()
        self._answers: dict[int, ShowDone] = {}
        self._printed_at = self._held_at = float("-inf")
        self._said = ""

    def print_once(self) -> str:
        """Print what stands now; what happened. Raises ``AntiphonError`` where nothing could be printed."""
        until = time.monotonic() + CONNECT_TIMEOUT_S
        session = self._link.session
        while not (session.cards and session.text and session.missing() is None):
            self._link.pump(time.monotonic())
            if time.monotonic() > until:
                raise LinkError(f"no text came from {self._link.where} within {CONNECT_TIMEOUT_S:.0f} s")
            time.sleep(POLL_S)
        words = self.print_now()
        if self._queue is not None and not self._queue.wait(PRINT_TIMEOUT_S):
            raise LinkError(self._queue.trouble or "the printer did not print in time")
        return words

    def print_now(self) -> str:
        """One receipt; what happened. Raises ``AntiphonError``."""
        receipt = receipt_of(self._link.session, self._unit, self._today(), self._url)
        dots = draw(receipt, self._width)
        words = f"{len(receipt.text)} characters"
        if self._picture is not None:
            try:
                save_png(self._picture, pixels(dots))
            except OSError as error:
                raise LinkError(f"{self._picture}: {error.strerror or error}") from None
            words += f", drawn as {self._picture}"
        if self._queue is not None:
            waiting = self._queue.put(dots)
            words += f", {waiting} in the printer's queue"
        return words

    def stay(self, every_s: float | None = None) -> None:
        """Print when it is asked for, and every so many seconds, until ``ending``."""
        due = time.monotonic() + every_s if every_s else float("inf")
        while not self.ending.is_set():
            now = time.monotonic()
            self.turn(now)
            if every_s and now >= due:
                due = now + every_s
                try:
                    self.print_now()
                except AntiphonError as error:
                    self._complain(str(error))
            self.ending.wait(POLL_S)

    def turn(self, now: float) -> None:
        """Take in what came, print what is asked for, and say that there is paper."""
        self._link.pump(now)
        if now - self._held_at >= HOLD_PERIOD_S and not self._link.access_warning:
            self._held_at = now
            self._link.send(HoldShow("", 0, PAPER))
        commands = self._link.session.commands
        while commands:
            _, request = commands.popleft()
            answer = self._answers.get(request.number)
            if answer is None:
                answer = self._answers[request.number] = self._done(request.number, now)
                for number in list(self._answers)[:-ANSWERS_KEPT]:
                    del self._answers[number]
            self._link.send(answer)
        trouble = self._link.access_warning or (self._queue.trouble if self._queue is not None else "")
        if trouble != self._said:
            self._said = trouble
            if trouble:
                self._complain(trouble)

    def _done(self, number: int, now: float) -> ShowDone:
        if now - self._printed_at < LEAST_BETWEEN_S:
            return ShowDone(number, False, "one was printed a moment ago")
        try:
            words = self.print_now()
        except AntiphonError as error:
            return ShowDone(number, False, str(error))
        self._printed_at = now
        return ShowDone(number, True, words)
