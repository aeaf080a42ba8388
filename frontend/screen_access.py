"""Reaching the screen: the one import that opens the display, and why that cannot be done. UI thread."""

from __future__ import annotations

from protocol.errors import DisplayError


def reach_screen() -> None:
    """Import what reaches for screen and OpenGL, and say in one line why that cannot be done."""
    try:
        import pyglet.window
    except (ImportError, OSError) as error:  # no libGL, no libX11
        raise DisplayError(f"{error}: OpenGL and a window system are needed") from error
    except Exception as error:  # pyglet has a class of its own for each way not to find a screen
        if not type(error).__module__.startswith("pyglet"):
            raise
        raise DisplayError(f"{error}: a screen with OpenGL 3.3 is needed") from error
    assert pyglet.window
