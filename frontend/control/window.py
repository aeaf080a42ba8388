"""The control window: a pyglet window, one ImGui context, and the frame that asks every panel twice.

``ControlPanels`` is the instrument without a window: it needs but a current ImGui context, so that tests can drive it
with nothing on the screen. ``ControlWindow`` is the edge: pixels, keys, pictures. UI thread only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyglet
from imgui_bundle import imgui

from frontend.backend import Renderer
from frontend.control.desk import Desk
from frontend.control.draw import Align, Canvas
from frontend.control.ease import Eases
from frontend.control.faders import FadersPanel
from frontend.control.field import FieldTexture
from frontend.control.frame import Frame, Nudges, Panel
from frontend.control.hand import Hand, Pointer
from frontend.control.histogram import HistogramPanel
from frontend.control.keys import BY_CHARACTER, Act
from frontend.control.layout import plan
from frontend.control.overlay import MENU, Overlay, apply_style
from frontend.control.prime import PrimePanel
from frontend.control.puck import PuckPanel
from frontend.control.status import StatusLine
from frontend.control.text import TextPanel
from frontend.control.trace import TracePanel
from frontend.control.transport import TransportPanel
from frontend.control.voices import VoicesPanel
from frontend.fonts import Faces, load_faces
from frontend.theme import LABEL, Theme

ROOT_FLAGS = (imgui.WindowFlags_.no_decoration | imgui.WindowFlags_.no_move | imgui.WindowFlags_.no_saved_settings
              | imgui.WindowFlags_.no_background | imgui.WindowFlags_.no_bring_to_front_on_focus
              | imgui.WindowFlags_.no_nav | imgui.WindowFlags_.no_scroll_with_mouse)  # fmt: skip
TIMED = 600  # frames whose building time is remembered
DIGITS = tuple(getattr(imgui.Key, f"_{digit}") for digit in range(1, 10))
LEAST_SIZE = (960, 540)


@dataclass
class Wishes:
    """What the keyboard asked of the window itself in this frame."""

    stage: bool = False
    fullscreen: bool = False


class ControlPanels:
    """All panels and what they share. ``build`` makes one frame of the current ImGui context."""

    def __init__(self, desk: Desk, faces: Faces, theme: Theme, field_texture: FieldTexture | None = None) -> None:
        self.desk, self.theme = desk, theme
        self.canvas = Canvas(faces, theme.chrome)
        self.hand = Hand()
        self.eases = Eases()
        self.overlay = Overlay()
        self.prime = PrimePanel()
        self.puck = PuckPanel(field_texture=field_texture)
        self.panels: tuple[Panel, ...] = (
            VoicesPanel(), TransportPanel(), FadersPanel(), self.puck, HistogramPanel(), TextPanel(), TracePanel(), self.prime,
            StatusLine(),
        )  # fmt: skip
        self.wishes = Wishes()
        self.built_ms: list[float] = []  # Python time of the last frames, for figures
        self._last: float | None = None

    def build(self, now: float, typed: list[str]) -> None:
        """Pump, touch, settle, draw. Between ``new_frame`` and ``render``; ``typed`` are the characters typed since the last."""
        began = time.perf_counter()
        dt = 0.0 if self._last is None else now - self._last
        self._last = now
        self.desk.pump(now)
        io = imgui.get_io()
        layout = plan(io.display_size.x, io.display_size.y, self.theme.least_type)
        apply_style(self.canvas)
        imgui.set_next_window_pos((0, 0))
        imgui.set_next_window_size(io.display_size)
        imgui.begin("control", None, ROOT_FLAGS)
        self.canvas.begin(imgui.get_window_draw_list(), layout.scale, layout.least_type)
        self.eases.now = now
        self.canvas.fill(0, 0, layout.width, layout.height, self.theme.chrome.bg0)
        free = imgui.is_window_hovered() and not self.overlay.help
        self.hand.begin(pointer_of(io, layout.scale, free), now)
        frame = Frame(self.canvas, self.hand, self.desk, self.eases, self.theme.motion, layout, now, dt)
        if self.desk.slugs:
            self._keyboard(frame, typed)
            for panel in self.panels:
                panel.touch(frame)
            self.desk.settle()
            for panel in self.panels:
                panel.draw(frame)
            self.overlay.draw(frame)
        else:
            self._waiting(frame)
        self.overlay.draw_above(frame)
        imgui.end()
        self.built_ms.append(1000 * (time.perf_counter() - began))
        del self.built_ms[:-TIMED]

    def _waiting(self, frame: Frame) -> None:
        """Before the server has said who sings."""
        canvas, layout = frame.canvas, frame.layout
        self.panels[-1].draw(frame)
        words = f"waiting for the voices{' from ' + self.desk.link.where if self.desk.link.where else ''}\u2026"
        canvas.text(layout.width / 2, layout.height / 2, words, canvas.chrome.mid, LABEL + 7, align=Align.CENTRE)

    # ---- keyboard --------------------------------------------------------------------------------------------------

    def _keyboard(self, frame: Frame, typed: list[str]) -> None:
        if imgui.is_key_pressed(imgui.Key.escape, False):
            self._calm()
        if self.prime.typing or imgui.is_popup_open(MENU):
            return
        desk, hand, shift = self.desk, self.hand, imgui.get_io().key_shift
        acts = [BY_CHARACTER[character] for character in typed if character in BY_CHARACTER]
        if imgui.is_key_pressed(imgui.Key.space, False):
            acts.append(Act.RUN)
        if imgui.is_key_pressed(imgui.Key.backspace):
            acts.append(Act.REWIND)
        if imgui.is_key_pressed(imgui.Key.f11, False):
            acts.append(Act.FULLSCREEN)
        for act in acts:
            self._act(act)
        for place, key in enumerate(DIGITS):
            if imgui.is_key_pressed(key, False):
                (desk.store_scene if shift else desk.recall_scene)(place)
        if imgui.is_key_pressed(imgui.Key.tab):
            hand.move_focus(-1 if shift else 1)
        if hand.focus is not None:
            frame.nudges = nudges(shift)
            if frame.nudges != Nudges():
                hand.focus_seen = True

    def _act(self, act: Act) -> None:
        match act:
            case Act.RUN:
                self.desk.run(not self.desk.flag("/transport/run"))
            case Act.STEP:
                self.desk.step()
            case Act.REWIND:
                self.desk.rewind()
            case Act.PRIME:
                self.prime.focus()
            case Act.HELP:
                self.overlay.help = not self.overlay.help
            case Act.STAGE:
                self.wishes.stage = True
            case Act.FULLSCREEN:
                self.wishes.fullscreen = True

    def _calm(self) -> None:
        """Esc: leave whatever one is in, the innermost first."""
        if self.overlay.help:
            self.overlay.help = False
        elif self.desk.midi.learning is not None:
            self.desk.midi.forget(self.desk.midi.learning)
        else:
            self.hand.drop_focus()


def nudges(shift: bool) -> Nudges:
    """What arrows, Home, End and Delete ask for in this frame."""

    def pressed(key: imgui.Key) -> int:
        return int(imgui.is_key_pressed(key))

    across = pressed(imgui.Key.right_arrow) - pressed(imgui.Key.left_arrow)
    upward = pressed(imgui.Key.up_arrow) - pressed(imgui.Key.down_arrow)
    moved = across or upward
    return Nudges(across + upward, across, upward, shift and bool(moved), bool(pressed(imgui.Key.home)),
                  bool(pressed(imgui.Key.end)), bool(pressed(imgui.Key.delete)))  # fmt: skip


def pointer_of(io: imgui.IO, scale: float, free: bool) -> Pointer:
    """ImGui's mouse in dp."""
    there = imgui.is_mouse_pos_valid()
    x, y = (io.mouse_pos.x / scale, io.mouse_pos.y / scale) if there else (-1e6, -1e6)
    clicks = imgui.get_mouse_clicked_count(0)
    return Pointer(x, y, imgui.is_mouse_down(0), 0 if not clicks else 2 - clicks % 2, imgui.is_mouse_clicked(1),
                   io.mouse_wheel, io.key_shift, free)  # fmt: skip


@dataclass
class ControlWindow:
    """The window on the screen. ``on_stage`` is called when the performer sends the stage elsewhere."""

    desk: Desk
    theme: Theme = field(default_factory=Theme)
    size: tuple[int, int] | None = None
    vsync: bool = True
    on_stage: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        config = pyglet.gl.Config(major_version=3, minor_version=3, double_buffer=True, sample_buffers=0)
        width, height = self.size or _fitting()
        self.window = pyglet.window.Window(width, height, "Antiphon", resizable=True, vsync=self.vsync, config=config)
        self.window.set_minimum_size(*LEAST_SIZE)
        self.context = imgui.create_context()
        imgui.set_current_context(self.context)
        io = imgui.get_io()
        io.set_ini_filename("")
        io.mouse_double_click_time = 0.3
        faces = load_faces()
        self.renderer = Renderer(self.window, self.context)
        self.panels = ControlPanels(self.desk, faces, self.theme, FieldTexture())
        self._drawn_at: float | None = None
        self.window.push_handlers(on_draw=self.draw, on_close=self._close, on_key_press=_keep_escape)
        self.closed = False

    def _close(self) -> bool:
        self.closed = True
        return True

    def draw(self) -> None:
        """Build and show one frame."""
        now = time.monotonic()
        dt = 1 / 60 if self._drawn_at is None else now - self._drawn_at
        self._drawn_at = now
        self.window.switch_to()
        self.renderer.begin(dt)
        self.panels.build(now, self.renderer.take_typed())
        imgui.render()
        self.window.clear()
        self.renderer.render(imgui.get_draw_data())
        wishes, self.panels.wishes = self.panels.wishes, Wishes()
        if wishes.fullscreen:
            self.window.set_fullscreen(not self.window.fullscreen)
        if wishes.stage:
            self.on_stage()

    def save_picture(self, path: Path) -> None:
        """What the window shows, as a PNG; a temporary file beside it, then a rename."""
        self.window.switch_to()
        self.draw()
        picture = pyglet.image.get_buffer_manager().get_color_buffer()
        part = path.with_name(path.name + ".part.png")
        picture.save(str(part))
        part.replace(path)

    def close(self) -> None:
        """Release window and context; a second time does nothing."""
        if self.window.context is not None:
            self.window.switch_to()
            imgui.set_current_context(self.context)
            self.renderer.shutdown()
            imgui.destroy_context(self.context)
            self.window.close()


def _keep_escape(symbol: int, modifiers: int) -> bool | None:
    """pyglet closes a window at Esc; here it only leaves menus."""
    return None


def _fitting() -> tuple[int, int]:
    """The largest 16:9 window that the screen has room for, at most 1920 x 1080."""
    screen = pyglet.display.get_display().get_default_screen()
    scale = min(1.0, screen.width / 1920, screen.height / 1080)
    return round(1920 * scale), round(1080 * scale)
