"""The stage window: the text, large and alone, for the audience. No pointer, no name, no message.

pyglet alone, no Dear ImGui. UI thread: the application's loop calls ``draw`` once a frame and dispatches the window's
events. Keys and a request to close are handed on to the application, which owns the shortcuts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyglet
import pyglet.window
from pyglet.gl.lib import GLException
from pyglet.graphics.shader import ShaderException

from frontend.client.session_state import SessionState
from frontend.creature.creature import Creature
from frontend.look.keysyms import unshifted
from frontend.look.png import save_png
from frontend.look.screens import Placement, PlacementStep, ScreenArea, candidates, place
from frontend.look.screens import beside as place_beside
from frontend.stage.boxes import Floats
from frontend.stage.canvas import StageCanvas, read_pixels
from frontend.stage.histogram import StageReadouts
from frontend.stage.pins import CornerEditor
from frontend.stage.scene import StagePicture
from frontend.stage.staging import StageSnapshot, StageState
from protocol.errors import DisplayError
from protocol.messages import SpriteShown

PLAIN_WINDOW_SIZE_PX = (1280, 720)  # pixels of the plain window, where no second screen was found
CAPTION = "Antiphon stage"
STILL_S = 0.5  # seconds for which a picture that stands still is not painted again: a screen may have lost it
REFUSALS = (pyglet.window.WindowException, pyglet.gl.ContextException, GLException, ShaderException)  # OpenGL's and X's


@dataclass(frozen=True)
class _Painted:
    """All that a picture on the screen was painted from, and when."""

    window: object
    atlas: object
    projection: object
    width: int
    height: int
    ground: tuple[float, float, float]
    light: float
    boxes: Floats
    at: float

    def stands_for(self, other: _Painted) -> bool:
        """Whether ``other`` would be the very same picture, so soon behind this one."""
        same = (self.width, self.height, self.ground, self.light) == (
            other.width,
            other.height,
            other.ground,
            other.light,
        )
        return (
            same
            and other.at - self.at < STILL_S
            and self.window is other.window
            and self.atlas is other.atlas
            and self.projection is other.projection
            and np.array_equal(self.boxes, other.boxes)
        )


class StageWindow:
    """A window of its own for the text of ``session``.

    It opens without borders on the second screen where there is one, else as a plain window beside the control window,
    or behind it where that leaves no room; ``next_screen`` takes it elsewhere. How it looks, and whether it is dark or
    frozen, ``staging`` says in each frame.
    """

    def __init__(
        self,
        session: SessionState,
        staging: StageState | None = None,
        *,
        readouts: Callable[[], StageReadouts] | None = None,
        creature: Creature | None = None,
        size: tuple[int, int] | None = None,
        link: Callable[[], str] = lambda: "",
        control: Callable[[], ScreenArea] | None = None,
        on_key: Callable[[int, int], None] | None = None,
        on_close: Callable[[], None] | None = None,
        on_same_screen: Callable[[], None] = lambda: None,
        vsync: bool = True,
        visible: bool = True,
    ) -> None:
        """``staging`` None: as designed. ``readouts`` gives what the histogram shows, in every frame anew, ``creature``
        is the one beside the text, ``link`` what the audience's phones open. ``control`` tells where the control window
        stands; with a ``size`` no screen is looked for. ``on_same_screen`` is called when it has opened as a plain
        window where there is no other screen, and lies over what is there.

        ``on_key`` gets pyglet's symbol and modifiers; without ``on_close`` a request to close makes it ``closed``.
        Raises ``DisplayError`` when there is no screen or no OpenGL 3.3.
        """
        self._staging = staging or StageState()
        self._scene = StagePicture(
            session, self._staging.look, *(size or PLAIN_WINDOW_SIZE_PX), readouts=readouts, creature=creature
        )
        self._creature = creature
        self._hand = CornerEditor(self._staging)
        self._link = link
        self._on_key, self._on_close = on_key, on_close
        self._size = size or PLAIN_WINDOW_SIZE_PX
        self._control, self._vsync, self._visible = control, vsync, visible
        self._on_same_screen = on_same_screen
        self._screen: int | None = None  # where it was opened
        self._goal: int | None = None  # where it is to be
        self._closing = False
        self._trouble = self._absent = ""
        self._placement: Placement | None = None
        self._plugged = ScreenWatcher()
        self._home: ScreenArea | None = None  # the screen that it was put on last; it goes back there
        self._away = False  # whether it is elsewhere for the moment
        self._is_beside = False  # whether it stands where it leaves the control window free
        self._alone = True  # whether there was no other screen when it opened
        self._plain = size is not None  # whether it is a plain window because somebody asked for it
        self._now = 0.0
        self._window: pyglet.window.Window | None = None
        self._canvas: StageCanvas | None = None
        self._painted: _Painted | None = None  # what is on the screen
        self._pointing = False  # whether the pointer is seen: only while corners are set
        self._asked = 0 if size is not None else self._staging.settings.screen  # the setting, as it was last heeded
        self._open(None if size is not None else self._requested())

    # ---- what the performer may do -----------------------------------------------------------------------------------

    @property
    def on_screen(self) -> int | None:
        """The screen that it was put on, as pyglet counts them; None for a plain window."""
        return self._screen

    def next_screen(self) -> bool:
        """Go on to the next screen that may be the stage's, and from the last one to a plain window and back.

        Where there is only one screen it fills that, over the control window, and becomes a plain window again. Gives
        whether the control window stays free. It happens with the next frame: pyglet cannot close a window whose events
        it is handing out.
        """
        areas = areas_here()
        others = candidates(areas, self._control and self._control())
        places = [*(others or range(min(1, len(areas)))), None]
        here = places.index(self._goal) if self._goal in places else -1
        self._goal = places[(here + 1) % len(places)]
        self._placement, self._home, self._absent = None, None, ""
        self._away, self._plain = False, self._goal is None
        return bool(others) or self._goal is None

    def _requested(self) -> int | None:
        """The screen that the settings name, or the best there is; None for a plain window."""
        areas, chosen = areas_here(), self._staging.settings.screen
        if 0 < chosen <= len(areas):
            self._absent = ""
            return chosen - 1
        self._absent = f"there is no screen {chosen}: the stage went where there is room" if chosen else ""
        screens = candidates(areas, self._control and self._control())
        return screens[0] if screens else None

    @property
    def trouble(self) -> str:
        """One line for the control window's status; empty while all is well."""
        creature = self._creature.trouble if self._creature and self._staging.look.creature != "none" else ""
        return (
            self._trouble
            or self._absent
            or creature
            or (self._placement.trouble if self._placement is not None else "")
        )

    def sprite_news(self, now: float) -> SpriteShown | None:
        """What is to be said by OSC of the creature that the audience sees; None where nothing is new."""
        if self._creature is None:
            return None
        return self._creature.news(self._staging.look.creature != "none", now)

    # ---- what the application does -----------------------------------------------------------------------------------

    @property
    def window(self) -> pyglet.window.Window:
        """The window as pyglet knows it; another one after ``next_screen``. ``DisplayError`` once it is closed."""
        if self._window is None:
            raise DisplayError("the stage window is closed")
        return self._window

    @property
    def closed(self) -> bool:
        """Whether it is closed, or someone closed it by its frame and ``close`` is still to be called."""
        return self._window is None or self._closing

    def draw(self, now: float) -> None:
        """Build the frame of ``now`` (monotonic seconds) and show it; nothing once the window is closed."""
        painted = self._painted
        self.build(now)
        if self._window is not None and self._painted is not painted:
            self._window.flip()

    def build(self, now: float) -> None:
        """The same without showing it, for figures. A picture that is on the screen already is not painted again."""
        if self._closing:
            self.close()
        if self._window is None:
            return
        if self._staging.settings.screen != self._asked:
            self._asked, self._placement = self._staging.settings.screen, None
            self._home, self._away, self._plain = None, False, False
            self._goal = self._requested()
        if (areas := self._plugged.changed(now)) is not None:
            self._follow(areas)
        if self._goal != self._screen:
            self._reopen(self._goal)
        self._place(now)
        self._paint(now)

    def save_picture(self, path: Path) -> None:
        """Save what was drawn last as a PNG file, whole or not at all. Raises ``OSError``."""
        self._painted = None
        self._paint(self._now)
        save_png(path, read_pixels(*self.window.get_framebuffer_size()))

    def close(self) -> None:
        """Close the window; a second time does nothing. Not while pyglet hands out its events."""
        if self._window is not None and self._canvas is not None:
            self._window.switch_to()
            self._canvas.close()
            self._window.close()
        self._window = self._canvas = None
        self._staging.shown = None

    def _paint(self, now: float) -> None:
        self._now = now
        window, canvas, scene = self.window, self._canvas, self._scene
        assert canvas is not None
        window.switch_to()
        width, height = window.get_framebuffer_size()
        scene.fit(width, height, self._staging.look)
        scene.link = self._link()
        scene.frozen, scene.pinned = self._staging.frozen, self._staging.pinned
        scene.darken(self._staging.dark, now)
        if self._pointing != (self._staging.pinned is not None):
            self._pointing = not self._pointing
            window.set_mouse_visible(self._pointing)
        ground, light, boxes = scene.ground(now), scene.light(now), scene.boxes(now)
        painted = _Painted(window, scene.atlas, scene.projection, width, height, ground, light, boxes, now)
        if self._painted is None or not self._painted.stands_for(painted):
            self._painted = painted
            canvas.use(scene.atlas, scene.projection, width, height)
            canvas.begin(ground)
            canvas.draw(boxes, light)
        self._staging.shown = StageSnapshot(self._painted.boxes, width, height, ground, light, self._where)

    @property
    def _where(self) -> str:
        """Where it is, for the performer."""
        if self._screen is not None:
            return f"on screen {self._screen + 1}"
        if self._is_beside:
            return "beside this window: F fills the screen"
        return "behind this window: F shows it" if self._alone else "in a window"

    # ---- opening and placing -----------------------------------------------------------------------------------------

    def _open(self, screen: int | None, full_screen: bool = False) -> None:
        """Open the window on ``screen``, or a plain one; one that was open is closed when this succeeded."""
        here = pyglet.display.get_display().get_screens()
        beside: ScreenArea | None = None
        options: dict[str, Any] = {"caption": CAPTION, "vsync": self._vsync, "visible": False}
        if screen is None or screen >= len(here):  # it may have been unplugged
            screen = None
            beside = self._room_beside()
            size = self._size if beside is None else (beside.width, beside.height)
            options |= {"width": size[0], "height": size[1], "resizable": True}
        elif full_screen:
            options |= {"fullscreen": True, "screen": here[screen]}
        else:
            style = pyglet.window.Window.WINDOW_STYLE_BORDERLESS
            options |= {"width": here[screen].width, "height": here[screen].height, "style": style}
        window = None
        try:
            window = pyglet.window.Window(**options)
            canvas = StageCanvas()
        except REFUSALS as error:
            if window is not None:
                window.close()
            raise DisplayError(f"the stage does not open ({error}): it needs a screen with OpenGL 3.3") from error
        self._screen = self._goal = screen
        if screen is not None and not self._away:
            own = here[screen]
            self._home = ScreenArea(own.x, own.y, own.width, own.height)
        window.push_handlers(
            on_key_press=self._key_pressed,
            on_mouse_press=self._pressed,
            on_mouse_drag=self._dragged,
            on_mouse_release=self._released,
            on_close=self._request_close,
        )
        self._pointing = False
        window.set_mouse_visible(False)
        if screen is not None and not full_screen:
            window.set_location(here[screen].x, here[screen].y)
        if screen is None and beside is not None:
            window.set_location(beside.x, beside.y)
        window.set_visible(self._visible)
        self.close()
        self._window, self._canvas = window, canvas
        self._alone = not candidates(areas_here(), self._control and self._control())
        self._is_beside = beside is not None
        if screen is None and self._alone:
            self._on_same_screen()

    def _room_beside(self) -> ScreenArea | None:
        """Where a plain window leaves the control window free, on the only screen; None: nowhere, or anywhere will do.

        One of a size that somebody asked for stays as it is.
        """
        areas = areas_here()
        if self._control is None or len(areas) != 1 or self._size != PLAIN_WINDOW_SIZE_PX:
            return None
        return place_beside(areas[0], self._control())

    def _reopen(self, screen: int | None, full_screen: bool = False) -> None:
        """``_open`` in the middle of a performance: where it fails, the window that there is stays."""
        self._trouble = ""
        try:
            self._open(screen, full_screen)
        except DisplayError as error:
            self._trouble, self._goal = str(error), self._screen

    def _follow(self, areas: list[ScreenArea]) -> None:
        """Screens were plugged in or out: go on where there is a screen, and back to its own when that returns."""
        here = place(areas, self._home, self._plain, self._control and self._control())
        self._away = here.away
        self._absent = "the stage's screen is gone: it goes back there as soon as it is plugged in" if here.away else ""
        on = self._placement.screen if self._placement is not None and self._screen is not None else None
        if here.screen is not None and areas[here.screen] == on:
            self._screen = self._goal = here.screen  # the same screen, counted anew
            return
        self._goal, self._placement = here.screen, None

    def _place(self, now: float) -> None:
        """Help the window on to its screen, a step at a time."""
        if self._screen is None:
            return
        if self._placement is None:
            areas = areas_here()
            if self._screen >= len(areas):
                return  # gone already: it is noticed within a second
            self._placement = Placement(areas[self._screen], now)
        if not self._placement.due(now):
            return
        window, wanted = self.window, self._placement.screen
        match self._placement.check(ScreenArea(*window.get_location(), *window.get_size()), now):
            case PlacementStep.MOVED:
                window.set_size(wanted.width, wanted.height)
                window.set_location(wanted.x, wanted.y)
            case PlacementStep.FULL_SCREEN:
                self._reopen(self._screen, full_screen=True)
            case PlacementStep.WINDOWED:
                self._reopen(None)
            case _:
                pass

    # ---- events ------------------------------------------------------------------------------------------------------

    def _key_pressed(self, symbol: int, modifiers: int) -> bool:
        symbol = unshifted(symbol, self.window)
        if self._staging.pinned is not None:
            self._hand.key(symbol, bool(modifiers & pyglet.window.key.MOD_SHIFT))
        elif self._on_key is not None:
            self._on_key(symbol, modifiers)
        return pyglet.event.EVENT_HANDLED  # else Escape would close the window in the middle of a performance

    def _pressed(self, x: int, y: int, button: int, modifiers: int) -> None:
        if self._staging.pinned is not None:
            width, height = self.window.get_size()
            self._hand.press((x / width, 1.0 - y / height), width / height)

    def _dragged(self, x: int, y: int, dx: int, dy: int, buttons: int, modifiers: int) -> None:
        width, height = self.window.get_size()
        self._hand.drag((x / width, 1.0 - y / height))

    def _released(self, x: int, y: int, button: int, modifiers: int) -> None:
        self._hand.release()

    def _request_close(self) -> bool:
        if self._on_close is not None:
            self._on_close()
        else:
            self._closing = True
        return pyglet.event.EVENT_HANDLED


# ---- which screens are plugged in ------------------------------------------------------------------------------------

LOOK_PERIOD_S = 1.0


def areas_here() -> list[ScreenArea]:
    """The screens of this machine, as pyglet counts them."""
    screens = pyglet.display.get_display().get_screens()
    return [ScreenArea(screen.x, screen.y, screen.width, screen.height) for screen in screens]


class ScreenWatcher:
    """The screens there were at the last look, asked for again and again without holding up a frame.

    Asking X11 for its screens makes it ask every connector, which takes some machines a tenth of a second. So the
    number of its last change is asked for first, which it knows by heart.
    """

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
