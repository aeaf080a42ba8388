"""Timecode and transport by MIDI: where a show is (MTC), and whether it runs (MMC, and a clock's start and stop).

MIDI timecode comes as quarter frames, eight of which tell the time as it was two frames before the last of them, or as
one full frame when a tape was wound (MIDI 1.0 Detailed Specification, "MIDI Time Code"; RP-013 for MMC). ``hear`` runs
on the thread that hears MIDI, all else on the UI thread; times are monotonic seconds, positions seconds of timecode.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

FRAMES_PER_S = (24, 25, 30, 30)  # of timecode's four kinds; the third counts 30 and leaves some numbers out
PIECES = 8  # quarter frames of a whole time
OLD_FRAMES = 2  # frames that a time is old when its last quarter comes
STOPPED_AFTER_S = 0.25  # seconds without a quarter frame after which timecode stands still
QUARTER, WOUND, PLAY, PAUSE = "quarter", "wound", "play", "pause"  # kinds of messages
TRANSPORT = {0x01: PAUSE, 0x02: PLAY, 0x03: PLAY, 0x06: PLAY, 0x09: PAUSE}  # MMC's commands
LOCATE = 0x44


def parse_timecode(data: Sequence[int]) -> tuple[str, int, int] | None:
    """What a quarter frame or a system exclusive message says: its kind, and two numbers; None for any other.

    A quarter's are its piece and its value. A full frame's, or an MMC locate's, are the position in milliseconds and 0.
    """
    if len(data) == 2 and data[0] == 0xF1 and 0 <= data[1] < 128:
        return QUARTER, data[1] >> 4, data[1] & 0x0F
    if len(data) < 6 or data[0] != 0xF0 or data[1] != 0x7F or data[-1] != 0xF7:
        return None
    body = list(data[3:-1])
    if any(not 0 <= byte < 128 for byte in body):
        return None
    if len(body) == 6 and body[:2] == [0x01, 0x01]:
        return _wound(body[2:])
    if len(body) == 2 and body[0] == 0x06 and body[1] in TRANSPORT:
        return TRANSPORT[body[1]], 0, 0
    if len(body) >= 8 and body[:4] == [0x06, LOCATE, 0x06, 0x01]:
        return _wound(body[4:8])
    return None


def _wound(time: Sequence[int]) -> tuple[str, int, int] | None:
    position = _position(*time)
    return None if position is None else (WOUND, round(1000 * position), 0)


def _position(hours: int, minutes: int, seconds: int, frames: int) -> float | None:
    """Seconds of a time whose ``hours`` bear the kind of timecode; None for no time."""
    rate = FRAMES_PER_S[(hours >> 5) & 3]
    hours &= 0x1F
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= rate:
        return None
    return 3600.0 * hours + 60.0 * minutes + seconds + frames / rate


class MidiTimecode:
    """Nothing was heard. The first device that sends timecode is followed until it stops."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._port = ""
        self._pieces: list[int] = []  # of the time that is coming, from the first quarter on
        self._at: tuple[float, float] | None = None  # a position, and when it was there
        self._heard_at = float("-inf")  # the last quarter frame
        self._turns: deque[bool] = deque(maxlen=16)

    def hear(self, kind: str, number: int, value: int, port: str, now: float) -> None:
        """A message as ``parse_timecode`` has it, or a clock's "start", "continue" or "stop"."""
        with self._lock:
            if kind == QUARTER:
                self._quarter(number, value, port, now)
            elif kind == WOUND:
                self._pieces = []
                self._at = number / 1000, now
                self._heard_at = float("-inf")
            else:
                self._turns.append(kind in (PLAY, "start", "continue"))

    def position(self, now: float) -> float | None:
        """Where a timecode that runs is now; None while none does."""
        with self._lock:
            if self._at is None or now - self._heard_at > STOPPED_AFTER_S:
                return None
            position, at = self._at
            return position + max(0.0, now - at)

    def turns(self) -> list[bool]:
        """Starts (True) and stops since the last call, oldest first."""
        with self._lock:
            return [self._turns.popleft() for _ in range(len(self._turns))]

    def _quarter(self, piece: int, value: int, port: str, now: float) -> None:
        if port != self._port:
            if now - self._heard_at <= STOPPED_AFTER_S:
                return  # another device leads
            self._port, self._pieces = port, []
        if piece != len(self._pieces):  # one was lost, or it is wound backwards: the next whole time tells
            self._pieces = []
        if piece == len(self._pieces):
            self._pieces.append(value)
        if self._at is not None and self._heard_at > float("-inf"):
            self._heard_at = now
        if len(self._pieces) < PIECES:
            return
        frames, seconds, minutes, hours = (self._pieces[n] | self._pieces[n + 1] << 4 for n in range(0, PIECES, 2))
        self._pieces = []
        position = _position(hours & 0x7F, minutes, seconds, frames)
        if position is not None:
            rate = FRAMES_PER_S[(hours >> 5) & 3]
            self._at, self._heard_at = (position + OLD_FRAMES / rate, now), now
