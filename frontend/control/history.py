"""What was done, step by step, and the way back: a line of states, of which one is the present.

A gesture is one step, however many frames it took: as long as the same hand holds the same thing, or goes on within
``LULL`` seconds, its states replace each other. Pure: states are values that somebody else can compare and restore.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

LULL = 1.0  # seconds after which the same gesture counts as another one
MOST = 500  # steps back

ELSEWHERE = "elsewhere"  # the gesture of whoever moves the controls from another program

State = TypeVar("State")


class History(Generic[State]):
    """``present`` is what stands now. ``same`` tells whether two states are no step apart."""

    def __init__(self, present: State, same: Callable[[State, State], bool]) -> None:
        self._same = same
        self._past: deque[State] = deque(maxlen=MOST)
        self._future: list[State] = []
        self.begin(present)

    def begin(self, present: State) -> None:
        """Forget everything: nothing is to be undone from here."""
        self.present = present
        self._past.clear()
        self._future.clear()
        self._pause()

    def _pause(self) -> None:
        self._gesture: str | None = None
        self._last = -math.inf

    @property
    def steps(self) -> tuple[int, int]:
        """How many steps there are back and forth."""
        return len(self._past), len(self._future)

    def see(self, state: State, gesture: str, now: float, holding: bool = False) -> None:
        """``state`` stands at ``now`` because of ``gesture``; ``holding`` while a hand is still at it."""
        goes_on = gesture == self._gesture and now - self._last <= LULL
        if self._same(state, self.present):
            if goes_on and holding:
                self._last = now
            return
        if not goes_on:
            self._past.append(self.present)
        elif self._past and self._same(state, self._past[-1]):
            self._past.pop()  # back where it began: no step at all
            goes_on = False
        self._future.clear()
        self.present, self._gesture, self._last = state, gesture, now

    def undo(self) -> State | None:
        """The state before the last step, which is the present from now on; None where there is none."""
        if not self._past:
            return None
        self._future.append(self.present)
        self.present = self._past.pop()
        self._pause()
        return self.present

    def redo(self) -> State | None:
        """The step that was undone last, done again."""
        if not self._future:
            return None
        self._past.append(self.present)
        self.present = self._future.pop()
        self._pause()
        return self.present
