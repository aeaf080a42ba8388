"""Dear ImGui on a pyglet window: imgui-bundle's backend with its faults mended.

The stock backend (1.93.0) runs pyglet's clock inside a frame, presses a button again with every drag event, presses
where the pointer was rather than where it is, knows no key under Shift, and gives text to whichever context happens to
be current. UI thread only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import OpenGL

OpenGL.ERROR_CHECKING = False  # one glGetError a call would cost a third of a frame; must precede OpenGL.GL
OpenGL.ERROR_LOGGING = False

from imgui_bundle import imgui  # noqa: E402
from imgui_bundle.python_backends.pyglet_backend import PygletProgrammablePipelineRenderer  # type: ignore[attr-defined]  # noqa: E402
from pyglet.window import key  # noqa: E402

from frontend.look.keysyms import unshifted  # noqa: E402

if TYPE_CHECKING:
    from pyglet.window import BaseWindow

MAX_STEP_S = 0.1  # seconds; a window that was dragged or hidden does not make eases jump


class Renderer(PygletProgrammablePipelineRenderer):  # type: ignore[misc]  # the base is untyped
    """Feeds ``context`` from ``window`` and draws its frames there."""

    def __init__(self, window: BaseWindow, context: imgui.internal.Context) -> None:
        self._context = context
        self.typed: list[str] = []  # characters that came since the last frame, whoever wants them
        super().__init__(window)

    def begin(self, dt: float) -> None:
        """Start a frame that comes ``dt`` seconds after the last one."""
        imgui.set_current_context(self._context)
        self.io.delta_time = min(MAX_STEP_S, max(1e-4, dt))
        self._set_pixel_ratio(self._window)
        imgui.new_frame()

    def process_inputs(self) -> None:
        """Nothing: ``begin`` gets the time, and the clock belongs to pyglet's loop."""

    def take_typed(self) -> list[str]:
        """The characters typed since the last call."""
        typed, self.typed = self.typed, []
        return typed

    def _move(self, x: float, y: float) -> None:
        self.io.add_mouse_pos_event(float(x), float(self.io.display_size.y - y))

    def on_mouse_motion(self, x: int, y: int, dx: int, dy: int) -> None:
        self._move(x, y)

    def on_mouse_press(self, x: int, y: int, button: int, modifiers: int) -> None:
        self._move(x, y)
        self._on_mouse_button(button, True)

    def on_mouse_release(self, x: int, y: int, button: int, modifiers: int) -> None:
        self._move(x, y)
        self._on_mouse_button(button, False)

    def on_mouse_drag(self, x: int, y: int, dx: int, dy: int, buttons: int, modifiers: int) -> None:
        self._move(x, y)

    def on_mouse_scroll(self, x: int, y: int, scroll_x: float, scroll_y: float) -> None:
        self._move(x, y)
        self.io.add_mouse_wheel_event(float(scroll_x), float(scroll_y))

    def on_key_press(self, symbol: int, modifiers: int) -> bool:
        super().on_key_press(symbol, modifiers)
        return bool(symbol == key.ESCAPE)  # handled: pyglet would close the window in the middle of a performance

    def _on_key(self, symbol: int, down: bool) -> None:
        super()._on_key(unshifted(symbol, self._window), down)

    def on_text(self, text: str) -> Any:
        self.io.add_input_characters_utf8(text)
        self.typed.extend(text)
