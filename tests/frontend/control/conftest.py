"""An instrument without a window: the real panels in a bare ImGui context, a link in memory, a hand that obeys."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from imgui_bundle import imgui

from frontend.client.fake_link import FakeLink
from frontend.config.scenes import Scenes
from frontend.config.setlists import SetListFolder
from frontend.control.control_panels import ControlPanels
from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.layout import PanelLayout, Rect, plan_panels
from frontend.control.state.controller import Controller
from frontend.control.state.midi_interface import NoMidi
from frontend.control.state.preferences import Preferences
from frontend.look.fonts import Font, load_fonts

FRAME = 1 / 60


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Instrument:
    """Frames, mouse and keys of a control window of ``size`` pixels that nobody sees."""

    panels: ControlPanels
    link: FakeLink
    clock: Clock
    size: tuple[int, int] = (1920, 1080)
    typed: list[str] = field(default_factory=list)

    @property
    def controller(self) -> Controller:
        return self.panels.controller

    @property
    def layout(self) -> PanelLayout:
        settings = self.controller.preferences.settings
        return plan_panels(*self.size, settings.theme.least_type, settings.arrangement)

    def frames(self, count: int = 1) -> None:
        """Build so many frames and throw them away."""
        io = imgui.get_io()
        for _ in range(count):
            self.clock.now += FRAME
            io.display_size = imgui.ImVec2(*self.size)
            io.delta_time = FRAME
            self.controller.hub.turn(self.clock.now)
            imgui.new_frame()
            self.panels.build(self.clock.now, self.typed)
            self.typed = []
            imgui.render()
            for texture in imgui.get_platform_io().textures:
                if texture.status != imgui.ImTextureStatus.ok:
                    texture.set_status(imgui.ImTextureStatus.ok)

    def run(self, seconds: float) -> None:
        self.frames(round(seconds / FRAME))

    def move(self, x: float, y: float) -> None:
        """Put the pointer at a place in dp."""
        scale = self.layout.scale
        imgui.get_io().add_mouse_pos_event(x * scale, y * scale)
        self.frames(2)

    def press(self, button: int = 0) -> None:
        imgui.get_io().add_mouse_button_event(button, True)
        self.frames(2)

    def release(self, button: int = 0) -> None:
        imgui.get_io().add_mouse_button_event(button, False)
        self.frames(2)

    def click(self, where: Rect | tuple[float, float], button: int = 0, times: int = 1) -> None:
        self.move(*(where.centre if isinstance(where, Rect) else where))
        for _ in range(times):
            self.press(button)
            self.release(button)

    def drag(self, start: tuple[float, float], *ways: tuple[float, float], rest: float = 0.1) -> None:
        """Press at ``start``, go through all ``ways``, rest there for so many seconds and let go."""
        self.move(*start)
        self.press()
        for way in ways:
            self.move(*way)
        self.run(rest)
        self.release()

    def shift(self, down: bool) -> None:
        imgui.get_io().add_key_event(imgui.Key.mod_shift, down)
        imgui.get_io().add_key_event(imgui.Key.left_shift, down)
        self.frames(2)

    def control(self, down: bool) -> None:
        imgui.get_io().add_key_event(imgui.Key.mod_ctrl, down)
        imgui.get_io().add_key_event(imgui.Key.left_ctrl, down)
        self.frames(2)

    def key(self, *keys: imgui.Key) -> None:
        for key in keys:
            imgui.get_io().add_key_event(key, True)
            self.frames(2)
            imgui.get_io().add_key_event(key, False)
            self.frames(2)

    def type(self, text: str) -> None:
        """Characters, as the window's backend gives them: to ImGui and to the shortcuts."""
        imgui.get_io().add_input_characters_utf8(text)
        self.typed = list(text)
        self.frames(2)


@dataclass(frozen=True)
class Words:
    """What was written, and the rectangle that it takes, in dp."""

    words: str
    rect: Rect


def within(inner: Rect, outer: Rect) -> bool:
    return (
        inner.x >= outer.x - 1
        and inner.y >= outer.y - 1
        and inner.right <= outer.right + 1
        and inner.bottom <= outer.bottom + 1
    )


class WrittenCanvas(ImGuiCanvas):
    """A canvas that remembers what is written on it, and draws all anew in every frame."""

    def __init__(self, canvas: ImGuiCanvas) -> None:
        super().__init__(canvas.faces, canvas.chrome)
        self.written: list[Words] = []

    def fill(
        self, x: float, y: float, w: float, h: float, colour: str, alpha: float = 1.0, radius: float = 0.0
    ) -> None:
        super().fill(x, y, w, h, colour, alpha, radius)
        if alpha * self.alpha == 1.0:  # what lies under it is not to be seen
            kept = (each for each in self.written if not within(each.rect, Rect(x, y, w, h)))
            self.written = list(kept)

    def begin(self, draw_list: imgui.ImDrawList, scale: float, least_type: float) -> None:
        super().begin(draw_list, scale, least_type)
        self.written = []

    def kept_each(self, pieces: Iterable[tuple[Hashable, object, Callable[[], None]]]) -> None:
        for _, _, draw in pieces:
            draw()

    def text(
        self,
        x: float,
        y: float,
        words: str,
        colour: str,
        size: float,
        face: Font | None = None,
        align: float = Align.LEFT,
        alpha: float = 1.0,
    ) -> float:
        width = super().text(x, y, words, colour, size, face, align, alpha)
        high = 0.72 * max(size, self.least_type)  # of a capital, over the baseline
        if words.strip() and alpha * self.alpha > 0.0:
            self.written.append(Words(words, Rect(x - width * align, y - high, width, high)))
        return width


def written(instrument: Instrument) -> list[Words]:
    """What stands in the window now."""
    canvas = WrittenCanvas(instrument.panels.canvas)
    before, instrument.panels.canvas = instrument.panels.canvas, canvas
    instrument.frames(1)
    instrument.panels.canvas = before
    return canvas.written


@pytest.fixture
def instrument(tmp_path: Path) -> Iterator[Instrument]:
    """All panels around a demo performance with seven voices in play."""
    context = imgui.create_context()
    imgui.set_current_context(context)
    io = imgui.get_io()
    io.set_ini_filename("")
    io.backend_flags |= imgui.BackendFlags_.renderer_has_textures
    clock = Clock()
    link = FakeLink.demo(clock=clock)
    preferences = Preferences()
    preferences.set("toured", True)
    scenes, shelf = Scenes.load(tmp_path / "scenes.json"), SetListFolder(tmp_path / "setlists")
    controller = Controller(link, NoMidi(), scenes, preferences=preferences, shelf=shelf)
    instrument = Instrument(ControlPanels(controller, load_fonts()), link, clock)
    instrument.frames(3)
    yield instrument
    imgui.destroy_context(context)
