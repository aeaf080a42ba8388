"""The control window before there is an instrument in it: open at once, while all that it needs is still being loaded.

It takes seconds to import the panels, and the server as long to read its voices. So the window comes first, with a line
of words and dots that go round, drawn with the little that is there by then; ``ControlWindow`` takes it over. Imports
run on a thread of their own meanwhile; all else here is the UI thread's.
"""

from __future__ import annotations

import importlib
import threading
import time

import numpy as np
import pyglet
import pyglet.window

from frontend.control.state.preferences import Preferences
from frontend.look.colour import rgb_of_hex
from frontend.look.theme import ChromeColours
from frontend.look.waiting import (
    DOT_RADIUS,
    DOTS,
    DOTS_Y,
    LOADING,
    TITLE,
    TITLE_SIZE,
    TITLE_Y,
    WORDS_SIZE,
    WORDS_Y,
    dot_x,
    is_lit,
)
from frontend.stage.boxes import POINT, Floats, joined, sprites, width, with_sprites, words
from frontend.stage.canvas import StageCanvas
from frontend.stage.faces import roboto
from frontend.stage.glyphs import GlyphAtlas, make_atlas
from frontend.stage.layout import projection
from protocol.errors import DisplayError

CAPTION = "Antiphon"
DEFAULT_SIZE_PX = (1920, 1080)  # pixels, where the screen has room for it
MIN_SIZE_PX = (960, 540)
FRAME_S = 0.05  # seconds between two pictures while it loads
POINT_REACH = 1.5  # a soft point's radius, as a share of the dot's that it looks like


def open_window(size: tuple[int, int], vsync: bool) -> pyglet.window.Window:
    """The control window, empty. Raises ``DisplayError`` when none opens."""
    try:
        window = pyglet.window.Window(*size, CAPTION, resizable=True, vsync=vsync, file_drops=True)
    except (pyglet.window.WindowException, pyglet.gl.ContextException) as error:
        raise DisplayError(f"the control window could not be opened ({error}): OpenGL 3.3 is needed") from error
    window.set_minimum_size(*MIN_SIZE_PX)
    return window


def fitting(kept: tuple[int, int]) -> tuple[int, int]:
    """The size that was kept if the first screen has room for it, else the largest one of the design's proportions."""
    screen = pyglet.display.get_display().get_default_screen()
    wide, high = kept
    if MIN_SIZE_PX[0] <= wide <= screen.width and MIN_SIZE_PX[1] <= high <= screen.height:
        return kept
    scale = min(1.0, screen.width / DEFAULT_SIZE_PX[0], screen.height / DEFAULT_SIZE_PX[1])
    return round(DEFAULT_SIZE_PX[0] * scale), round(DEFAULT_SIZE_PX[1] * scale)


class Opening:
    """An open ``window`` that shows that it lives, until it is handed over.

    ``shown_at`` is when it first did, in monotonic seconds; ``closed`` whether somebody closed it meanwhile.
    """

    def __init__(self, preferences: Preferences, vsync: bool) -> None:
        """Open it as large as it was last. Raises ``DisplayError``."""
        kept = preferences.settings
        self._chrome = kept.theme.chrome
        self.window = open_window(fitting((kept.width, kept.height)), vsync)
        self.closed = False
        self.window.push_handlers(on_close=self._close)
        self._canvas = StageCanvas()
        self._atlas: tuple[float, GlyphAtlas] | None = None  # and at which scale
        self._began = time.monotonic()
        self._draw()
        self.shown_at = time.monotonic()

    def load(self, *modules: str) -> None:
        """Import ``modules`` while the dots go round; whatever that raises is raised here."""
        failed: list[BaseException] = []

        def work() -> None:
            try:
                for module in modules:
                    importlib.import_module(module)
            except BaseException as error:  # the caller's, whatever it is
                failed.append(error)

        thread = threading.Thread(target=work, name="imports", daemon=True)
        thread.start()
        while thread.is_alive():
            self.window.switch_to()
            self.window.dispatch_events()
            self._draw()
            thread.join(FRAME_S)
        if failed:
            raise failed[0]

    def hand_over(self) -> pyglet.window.Window:
        """The window, for who draws in it from now on."""
        self.window.switch_to()
        self._canvas.close()
        self.window.pop_handlers()
        return self.window

    def _close(self) -> bool:
        self.closed = True
        return pyglet.event.EVENT_HANDLED

    def _draw(self) -> None:
        wide, high = self.window.get_framebuffer_size()
        scale = min(wide / DEFAULT_SIZE_PX[0], high / DEFAULT_SIZE_PX[1])
        if self._atlas is None or self._atlas[0] != scale:
            faces = ((roboto(), size * scale) for size in (TITLE_SIZE, WORDS_SIZE))
            self._atlas = scale, with_sprites(make_atlas(*faces))
        atlas = self._atlas[1]
        self._canvas.use(atlas, projection(wide, high), wide, high)
        red, green, blue = rgb_of_hex(self._chrome.bg0)
        self._canvas.begin((red / 255, green / 255, blue / 255))
        seconds = time.monotonic() - self._began
        self._canvas.draw(waiting_boxes(atlas, self._chrome, (wide / 2, high / 2), scale, seconds), 1.0)
        self.window.flip()


def waiting_boxes(
    atlas: GlyphAtlas, chrome: ChromeColours, middle: tuple[float, float], scale: float, seconds: float
) -> Floats:
    """What is drawn after so many seconds, (n, 12), around the window's middle in pixels."""
    x, y = middle
    parts = []
    for face, (line, colour, down) in enumerate(((TITLE, chrome.hi, TITLE_Y), (LOADING, chrome.mid, WORDS_Y))):
        place = (x - width(atlas, face, line) / 2, y + down * scale)
        parts.append(words(atlas, face, line, place, rgb_of_hex(colour), 1.0))
    places = np.array([(x + dot_x(dot) * scale, y + DOTS_Y * scale) for dot in range(DOTS)])
    colours = [rgb_of_hex(chrome.mid if is_lit(dot, seconds) else chrome.bg3) for dot in range(DOTS)]
    return joined(*parts, sprites(atlas, POINT, places, POINT_REACH * DOT_RADIUS * scale, colours, 1.0))
