"""Cues at times: a timecode from outside takes the cues of the set list that have a time, each once.

Where it jumps ahead, the last cue that it passed is taken; where it jumps back, nothing is: the cues behind that place
are taken when it comes there again. A time that trembles takes no cue twice. UI thread, once a frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from frontend.control.state.controller import Controller

REWIND_S = 2.0  # seconds that timecode goes back before it counts as wound


class CueTimer:
    """No cue was taken. Pure."""

    def __init__(self) -> None:
        self._taken_to = -math.inf  # the cues up to here are taken

    def follow(self, position: float | None, times: Sequence[float | None]) -> int | None:
        """The place of the cue to take at ``position`` of timecode (None: it stands), of cues that have ``times``."""
        if position is None:
            return None
        if position < self._taken_to - REWIND_S:
            self._taken_to = position
            return None
        due = [(at, place) for place, at in enumerate(times) if at is not None and self._taken_to < at <= position]
        self._taken_to = max(self._taken_to, position)
        return max(due)[1] if due else None


def follow_timecode(controller: Controller) -> None:
    """Take the cue whose time has come, and run and rest as a transport says."""
    timecode, setlist = controller.midi.timecode, controller.prepared.setlist
    place = controller.cue_timer.follow(timecode.position(controller.now), [cue.at for cue in setlist.cues])
    if place is not None and place != setlist.at:
        controller.take_cue_at(place)
    for running in timecode.turns():
        controller.set("/transport/run", running)
