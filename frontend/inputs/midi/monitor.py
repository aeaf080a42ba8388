"""The last things that MIDI devices said, as lines for a monitor, and how much each of them says.

``hear`` runs on the thread that hears MIDI and only appends; lines are read on the UI thread, as they were when the
monitor was paused.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from frontend.inputs.midi.ports import MidiMessage

LINES_KEPT = 200
FLOOD_PER_S = 2_000  # messages a second from one device, beyond which not each of them is followed at once
FLOOD_SHOWN_S = 5.0  # seconds for which a flood is told


@dataclass(frozen=True)
class Line:
    """One message: when it came (monotonic seconds), what it was and which addresses it drove."""

    at: float
    heard: MidiMessage
    drives: Sequence[str]


class Monitor:
    """``lines`` are the newest last."""

    def __init__(self) -> None:
        self._lines: deque[Line] = deque(maxlen=LINES_KEPT)
        self._paused: list[Line] | None = None
        self._counts: dict[str, tuple[float, int]] = {}  # by device: a second's beginning, and messages since
        self._flooded: tuple[str, float] = ("", -math.inf)

    @property
    def paused(self) -> bool:
        return self._paused is not None

    def pause(self, paused: bool) -> None:
        self._paused = list(self._lines) if paused else None

    @property
    def lines(self) -> list[Line]:
        return list(self._lines) if self._paused is None else self._paused

    @property
    def last(self) -> MidiMessage | None:
        """The last thing heard, paused or not."""
        return self._lines[-1].heard if self._lines else None

    def clear(self) -> None:
        self._lines.clear()
        self._paused = None if self._paused is None else []

    def hear(self, heard: MidiMessage, drives: Sequence[str], now: float) -> bool:
        """Write a line; gives whether its device floods."""
        self._lines.append(Line(now, heard, drives))
        began, count = self._counts.get(heard.port, (now, 0))
        if now - began >= 1.0:
            began, count = now, 0
        self._counts[heard.port] = (began, count + 1)
        if count >= FLOOD_PER_S:
            self._flooded = (heard.port, now)
        return count >= FLOOD_PER_S

    def complaint(self, now: float) -> str:
        """Which device floods, if one does."""
        port, at = self._flooded
        if now - at > FLOOD_SHOWN_S:
            return ""
        return f"{port.split(':')[0]} floods: over {FLOOD_PER_S:,} MIDI messages a second; only the last ones count"
