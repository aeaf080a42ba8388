"""What moves on the stage, and when: the rise of the text, the fading of old lines, the breathing of the cursor.

Only values and times (monotonic seconds) go in, only offsets and opacities come out. Movements join without a jolt: one
that is overtaken by the next keeps its speed. Pure; belongs to one thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

SCROLL_S = 0.320  # seconds in which the text rises by a line
FADE_S = 0.600  # seconds of each step from one opacity to the next
LEAVE_S = 0.200  # seconds in which a line that has left at the top, or a text that was taken away, is gone
APPEAR_S = 0.060  # seconds of a character
FALL_S = 0.120  # seconds of a word that moves down
VEIL_S = 0.200  # seconds in which a blackout comes and goes
BREATH_S = 2.0  # seconds of the paused cursor's breath
MIN_CURSOR_ALPHA = 0.4  # its least opacity

OLDEST_LINES_ALPHA = (0.74, 0.48, 0.26, 0.10)  # opacities of the oldest four lines


def eased(share: float) -> float:
    """In and out: 0 at 0 and below, 1 at 1 and above, at rest at both (the minimum-jerk curve)."""
    share = min(1.0, max(0.0, share))
    return share**3 * (10.0 + share * (6.0 * share - 15.0))


def age_alphas(lines: int) -> tuple[float, ...]:
    """Opacities for so many visible lines, the writing one first: half of them full, at most four that fade."""
    fading = min(len(OLDEST_LINES_ALPHA), (lines + 1) // 2, lines - 1)
    steps = [
        (len(OLDEST_LINES_ALPHA) - 1) * (1.0 - step / max(1, fading - 1)) for step in range(fading)
    ]  # the last ends the curve
    fades = np.interp(steps[::-1], range(len(OLDEST_LINES_ALPHA)), OLDEST_LINES_ALPHA).tolist()
    return tuple([1.0] * (lines - fading) + fades)


def cursor_alpha(paused_for: float) -> float:
    """Steady while the text runs (0 s and less), breathing from full to 40 % while it is paused."""
    depth = 0.5 - 0.5 * math.cos(math.tau * max(0.0, paused_for) / BREATH_S)
    return 1.0 - (1.0 - MIN_CURSOR_ALPHA) * depth


class SmoothNumber:
    """A number that moves to where it is sent within ``seconds``, from rest like ``eased``, never jolting."""

    def __init__(self, value: float = 0.0) -> None:
        self.target = value
        self._from, self._speed, self._at, self._seconds = value, 0.0, 0.0, 0.0

    def send(self, target: float, now: float, seconds: float) -> None:
        """Move to ``target``, arriving after ``seconds``; at once with 0."""
        if seconds <= 0.0:
            self._from, self._speed = target, 0.0
        else:
            self._from, self._speed = self.value(now), self._slope(now)
        self.target, self._at, self._seconds = target, now, seconds

    def moving(self, now: float) -> bool:
        return self._seconds > 0.0 and now < self._at + self._seconds

    def value(self, now: float) -> float:
        if not self.moving(now):
            return self.target
        share = max(0.0, (now - self._at) / self._seconds)
        way, push = self.target - self._from, self._speed * self._seconds
        cubic, quartic, quintic = 10 * way - 6 * push, -15 * way + 8 * push, 6 * way - 3 * push
        return self._from + share * (push + share**2 * (cubic + share * (quartic + share * quintic)))

    def _slope(self, now: float) -> float:
        """Speed, a second."""
        if not self.moving(now):
            return 0.0
        share = max(0.0, (now - self._at) / self._seconds)
        way, push = self.target - self._from, self._speed * self._seconds
        cubic, quartic, quintic = 10 * way - 6 * push, -15 * way + 8 * push, 6 * way - 3 * push
        return (push + share**2 * (3 * cubic + share * (4 * quartic + share * 5 * quintic))) / self._seconds


class LineScroll:
    """Where the lines stand and how visible they are, while the number of the writing line goes up and down."""

    def __init__(self, alphas: Sequence[float], seconds: float = SCROLL_S) -> None:
        """``alphas``: the opacity of the writing line, of the one above it, and so on; beyond them nothing is seen.

        ``seconds``: how long the text takes to rise by a line.
        """
        self._alphas = tuple(alphas)
        self._seconds = seconds
        self._scroll = SmoothNumber()
        self._fades: dict[int, SmoothNumber] = {}  # by line number
        self._last = 0

    def begin(self, last: int) -> None:
        """Stand still with line ``last`` as the writing line: a new page, or one that jumped."""
        self._scroll = SmoothNumber(float(last))
        self._last = last
        self._fades = {
            number: SmoothNumber(self._goal(number)) for number in range(last - len(self._alphas) + 1, last + 1)
        }

    def turn(self, last: int, now: float) -> None:
        """Line ``last`` is the writing line now. Farther than the page is high is a jump."""
        if last == self._last:
            return
        if abs(last - self._scroll.value(now)) > len(self._alphas):
            self.begin(last)
            return
        self._scroll.send(float(last), now, self._seconds)
        back = last < self._last
        self._last = last
        for number in range(last - len(self._alphas) + 1, last + 1):
            self._fades.setdefault(number, SmoothNumber(0.0 if back else self._goal(number)))
        for number, fade in list(self._fades.items()):
            goal = self._goal(number)
            if goal == 0.0 and not fade.moving(now) and fade.target == 0.0:
                del self._fades[number]
            elif fade.target != goal:
                fade.send(goal, now, FADE_S if goal > 0.0 else LEAVE_S)

    def offset(self, number: int, now: float) -> float:
        """How many lines below the writing line's place line ``number`` stands; lines above it are negative."""
        return number - self._scroll.value(now)

    def alpha(self, number: int, now: float) -> float:
        fade = self._fades.get(number)
        return min(1.0, max(0.0, fade.value(now))) if fade is not None else 0.0  # one that turns back may overshoot

    def visible(self, now: float) -> range:
        """The numbers of the lines that may be seen."""
        seen = [number for number, fade in self._fades.items() if fade.target > 0.0 or fade.moving(now)]
        return range(min(seen, default=0), max(seen, default=-1) + 1)

    def moving(self, now: float) -> bool:
        return self._scroll.moving(now) or any(fade.moving(now) for fade in self._fades.values())

    def _goal(self, number: int) -> float:
        age = self._last - number
        return self._alphas[age] if 0 <= age < len(self._alphas) else 0.0
