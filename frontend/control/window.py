"""The control window: a pyglet window with an ImGui context of its own, around ``ControlPanels``.

The edge where pixels, keys and pictures are; what is drawn and why is the panels' affair. UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyglet
import pyglet.window
from imgui_bundle import imgui

from frontend.control.control_panels import POINTER_GONE, ControlPanels
from frontend.control.drawers.teach import CameraTexture
from frontend.control.drawing.texture import Texture
from frontend.control.opening import fitting, open_window
from frontend.control.panels.puck import FieldKey
from frontend.control.state.controller import Controller
from frontend.look.colour import Floats, puck_field
from frontend.look.fonts import load_fonts
from frontend.look.imgui_pyglet import Renderer
from frontend.look.png import save_png
from frontend.look.poem import MapBounds
from frontend.look.screens import ScreenArea
from frontend.stage.canvas import read_pixels

FIELD_SIDE = 128  # texels
FIELD_PAUSE_S = 0.06  # seconds between two makings of the field while the falloff is dragged


class FieldTexture:
    """The puck's ground as a texture, made anew only when the voices or the falloff changed."""

    def __init__(self) -> None:
        self._texture = Texture()
        self._key: tuple[FieldKey, MapBounds] | None = None
        self._made_at = -1.0

    def reference(
        self,
        key: FieldKey,
        places: Sequence[tuple[float, float]],
        oklab: Floats,
        now: float,
        bounds: MapBounds = MapBounds(),  # noqa: B008  # it cannot be changed
    ) -> imgui.ImTextureRef:
        """The field of the voices at ``places`` with these colours; ``key`` names them and ends with the falloff."""
        wanted = key, bounds
        if wanted != self._key and (
            now - self._made_at >= FIELD_PAUSE_S or self._key is None or self._key[1] != bounds
        ):
            edges = bounds.left, bounds.bottom, bounds.right, bounds.top
            pixels = puck_field(places, oklab, key[2], FIELD_SIDE, edges).tobytes()
            self._texture.upload(FIELD_SIDE, FIELD_SIDE, pixels, alpha=True)
            self._key, self._made_at = wanted, now
        return self._texture.reference


STIRRING = (  # pyglet's events that call for a frame at once
    "on_mouse_motion",
    "on_mouse_drag",
    "on_mouse_press",
    "on_mouse_release",
    "on_mouse_scroll",
    "on_mouse_leave",
    "on_key_press",
    "on_key_release",
    "on_text",
    "on_expose",
    "on_resize",
    "on_activate",
    "on_file_drop",
)
FIRST_FRAME_S = 1 / 60  # seconds, for the first frame
DOUBLE_CLICK_S = 0.3


class ControlWindow:
    """What the performer sees and touches. ``panels`` hold the window requests that only the application can carry
    out."""

    def __init__(
        self,
        controller: Controller,
        size: tuple[int, int] | None = None,
        vsync: bool = True,
        opened: pyglet.window.Window | None = None,
    ) -> None:
        """``size`` None: as it was last, or as large as the screen has room for. ``opened`` is one that is there.

        Raises ``DisplayError`` when no window opens.
        """
        kept = controller.preferences.settings
        self.window = opened or open_window(size or fitting((kept.width, kept.height)), vsync)
        self.window.switch_to()
        self._context = imgui.create_context()
        imgui.set_current_context(self._context)
        io = imgui.get_io()
        io.set_ini_filename("")
        io.mouse_double_click_time = DOUBLE_CLICK_S
        faces = load_fonts()
        self._renderer = Renderer(self.window, self._context)
        self.panels = ControlPanels(controller, faces, FieldTexture(), CameraTexture())
        self._built_at: float | None = None
        self.stirred = True  # whether mouse, keys or screen did something since the last frame
        self.closed = False
        if size is None and kept.full_screen:
            self.toggle_full_screen()
        self.window.push_handlers(
            on_close=self._request_close, on_mouse_leave=self._pointer_left, on_file_drop=self._files_dropped
        )
        self.window.push_handlers(**dict.fromkeys(STIRRING, self._stir))

    def _stir(self, *_: object) -> None:
        self.stirred = True

    def _request_close(self) -> bool:
        self.closed = True
        return pyglet.event.EVENT_HANDLED  # the application closes it, after the last picture

    def _pointer_left(self, x: int, y: int) -> None:
        imgui.set_current_context(self._context)
        if not imgui.is_mouse_down(0):  # a hand that drags beyond the edge still holds what it holds
            imgui.get_io().add_mouse_pos_event(*POINTER_GONE)

    def _files_dropped(self, x: int, y: int, paths: Sequence[str]) -> None:
        """A text that is dropped becomes a voice; of several the first."""
        if paths:
            self.panels.controller.hear(Path(paths[0]))

    @property
    def area(self) -> ScreenArea:
        """Where it stands on the desktop."""
        return ScreenArea(*self.window.get_location(), *self.window.get_size())

    def draw(self, now: float) -> None:
        """Build the frame of ``now`` (monotonic seconds) and show it."""
        self.stirred = False
        self.build(now)
        self._paint()
        self.window.flip()

    @property
    def calls_for_a_frame(self) -> bool:
        """Whether one is wanted at once: a hand moved, something came from the server, or something is on its way."""
        return self.stirred or self.panels.moving or self.panels.controller.link.has_news

    def build(self, now: float) -> None:
        """Let hands and text go on to ``now`` without showing anything."""
        dt = FIRST_FRAME_S if self._built_at is None else now - self._built_at
        self._built_at = now
        self.window.switch_to()
        self._renderer.begin(dt)
        self.panels.build(now, self._renderer.take_typed())
        imgui.render()

    def _paint(self) -> None:
        self.window.switch_to()
        self.window.clear()
        self._renderer.render(imgui.get_draw_data())

    def save_picture(self, path: Path) -> None:
        """Save the last frame as a PNG file, whole or not at all. Raises ``OSError``."""
        self._paint()
        save_png(path, read_pixels(*self.window.get_framebuffer_size()))

    def come_forward(self) -> None:
        """Stand before the other windows, with the keyboard; on X11 pyglet's ``activate`` gives only that."""
        self.window.activate()
        display = getattr(self.window, "_x_display", None)
        if display is not None:
            from pyglet.libs.x11 import xlib

            xlib.XRaiseWindow(display, getattr(self.window, "_window", 0))

    def toggle_full_screen(self) -> None:
        self.window.set_fullscreen(not self.window.fullscreen)

    def remember(self) -> None:
        """Let the window open like this the next time."""
        preferences = self.panels.controller.preferences
        preferences.set("full_screen", bool(self.window.fullscreen))
        if not self.window.fullscreen:
            preferences.set("width", self.window.width)
            preferences.set("height", self.window.height)

    def close(self) -> None:
        """Release window and context; a second time does nothing."""
        if self.window.context is not None:
            self.window.switch_to()
            imgui.set_current_context(self._context)
            self._renderer.shutdown()
            imgui.destroy_context(self._context)
            self.window.close()
