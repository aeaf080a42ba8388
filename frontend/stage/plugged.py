"""Which screens are plugged in, looked at again and again without holding up a frame.

Asking X11 for its screens makes it ask every connector, which takes some machines a tenth of a second. So the number of
its last change is asked for first, which it knows by heart. UI thread.
"""

from __future__ import annotations

import math
from typing import Any

import pyglet

from frontend.look.screens import ScreenArea

LOOK_PERIOD_S = 1.0  # seconds


def areas_here() -> list[ScreenArea]:
    """The screens of this machine, as pyglet counts them."""
    screens = pyglet.display.get_display().get_screens()
    return [ScreenArea(screen.x, screen.y, screen.width, screen.height) for screen in screens]


class ScreenWatcher:
    """The screens there were at the last look."""

    def __init__(self) -> None:
        self._mark: object = _mark()
        self._areas = areas_here()
        self._next = -math.inf

    def changed(self, now: float) -> list[ScreenArea] | None:
        """The screens, if others are there than at the last look; None if not, or if it was a moment ago."""
        if now < self._next:
            return None
        self._next = now + LOOK_PERIOD_S
        mark = _mark()
        if mark is not None and mark == self._mark:
            return None
        self._mark = mark
        areas, before = areas_here(), self._areas
        self._areas = areas
        return areas if areas != before else None


def _mark() -> object:
    """What changes whenever X11's screens do; None where only the screens themselves can be asked for."""
    display: Any = pyglet.display.get_display()
    try:
        from pyglet.display import xlib as screens
        from pyglet.libs.x11 import xlib, xrandr

        if not screens._have_xrandr:
            return None
        root = xlib.XDefaultRootWindow(display._display)
        found = xrandr.XRRGetScreenResourcesCurrent(display._display, root)
        if not found:
            return None
        mark = found.contents.timestamp, found.contents.configTimestamp
        xrandr.XRRFreeScreenResources(found)
    except (ImportError, AttributeError):
        return None  # no X11
    return mark
