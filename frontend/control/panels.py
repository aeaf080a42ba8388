"""All panels together: one frame of the instrument, without a window.

A frame asks every panel twice, hands first (``frontend.control.frame``). It needs but a current ImGui context with
fonts, so that tests and figures can drive the whole instrument with nothing on a screen. UI thread only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from imgui_bundle import imgui

from frontend.control.desk import Desk
from frontend.control.draw import Align, Canvas
from frontend.control.ease import Eases
from frontend.control.faders import FadersPanel
from frontend.control.frame import Frame, Nudges, Panel
from frontend.control.hand import Hand, Pointer
from frontend.control.histogram import HistogramPanel
from frontend.control.keys import BY_CHARACTER, BY_SYMBOL, Act
from frontend.control.layout import plan
from frontend.control.overlay import MENU, Overlay, apply_style
from frontend.control.prime import PrimePanel
from frontend.control.puck import FieldLike, PuckPanel
from frontend.control.status import StatusLine
from frontend.control.text import TextPanel
from frontend.control.trace import TracePanel
from frontend.control.transport import TransportPanel
from frontend.control.voices import VoicesPanel
from frontend.fonts import Faces
from frontend.theme import LABEL, Theme

ROOT_FLAGS = (imgui.WindowFlags_.no_decoration | imgui.WindowFlags_.no_move | imgui.WindowFlags_.no_saved_settings
              | imgui.WindowFlags_.no_background | imgui.WindowFlags_.no_bring_to_front_on_focus
              | imgui.WindowFlags_.no_nav | imgui.WindowFlags_.no_scroll_with_mouse)  # fmt: skip
TIMED = 600  # frames whose building time is remembered
DIGITS = tuple(getattr(imgui.Key, f"_{digit}") for digit in range(1, 10))


@dataclass
class Wishes:
    """What the keyboard asked of the window itself in this frame."""

    stage: bool = False
    blackout: bool = False
    full_screen: bool = False


class ControlPanels:
    """All panels and what they share. ``build`` makes one frame of the current ImGui context."""

    def __init__(self, desk: Desk, faces: Faces, theme: Theme, field_texture: FieldLike | None = None) -> None:
        self.desk, self.theme = desk, theme
        self.canvas = Canvas(faces, theme.chrome)
        self.hand = Hand()
        self.eases = Eases()
        self.overlay = Overlay()
        self.prime = PrimePanel()
        self.puck = PuckPanel(field_texture=field_texture)
        self.panels: tuple[Panel, ...] = (
            VoicesPanel(), TransportPanel(), FadersPanel(), self.puck, HistogramPanel(), TextPanel(), TracePanel(),
            self.prime, StatusLine(),
        )  # fmt: skip
        self.wishes = Wishes()
        self.built_ms: list[float] = []  # processor time of the last frames, for figures
        self._last: float | None = None

    def build(self, now: float, typed: list[str]) -> None:
        """Pump, touch, settle, draw; between ``new_frame`` and ``render``. ``typed``: what was typed since the last."""
        began = time.thread_time()
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
        self.built_ms.append(1000 * (time.thread_time() - began))
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
                self.desk.run_or_rest()
            case Act.STEP:
                self.desk.step()
            case Act.REWIND:
                self.desk.rewind()
            case Act.PRIME:
                self.prime.focus()
            case Act.SOLO | Act.MUTE:
                self._silence(act)
            case Act.HELP:
                self.overlay.help = not self.overlay.help
            case Act.STAGE:
                self.wishes.stage = True
            case Act.FULLSCREEN:
                self.wishes.full_screen = True
            case Act.BLACKOUT:
                self.wishes.blackout = True

    def _silence(self, act: Act) -> None:
        """Solo or mute the voice whose row or strip the pointer was over in the last frame."""
        words = (self.hand.hovered or "").replace("/", " ").split()
        for slug in self.desk.slugs:
            if slug in words:
                (self.desk.solo if act is Act.SOLO else self.desk.mute)(self.desk.slugs.index(slug))

    def stage_key(self, symbol: int, modifiers: int) -> None:
        """A key pressed in the stage window, as pyglet names it; those that need no control work there too."""
        act = BY_SYMBOL.get(symbol)
        if act is not None and self.desk.slugs:
            self._act(act)

    def take_wishes(self) -> Wishes:
        """What was asked of the windows since the last call."""
        wishes, self.wishes = self.wishes, Wishes()
        return wishes

    def _calm(self) -> None:
        """Esc: leave whatever one is in, the innermost first."""
        if self.overlay.help:
            self.overlay.help = False
        elif self.desk.midi.learning is not None:
            self.desk.midi.cancel()
        else:
            self.hand.drop_focus()


def nudges(shift: bool) -> Nudges:
    """What arrows, Home, End, Delete and Enter ask for in this frame."""

    def pressed(key: imgui.Key) -> int:
        return int(imgui.is_key_pressed(key))

    across = pressed(imgui.Key.right_arrow) - pressed(imgui.Key.left_arrow)
    upward = pressed(imgui.Key.up_arrow) - pressed(imgui.Key.down_arrow)
    moved = across or upward
    return Nudges(
        steps=across + upward, across=across, upward=upward, fine=shift and bool(moved),
        home=bool(pressed(imgui.Key.home)), end=bool(pressed(imgui.Key.end)),
        default=bool(pressed(imgui.Key.delete)), press=imgui.is_key_pressed(imgui.Key.enter, False),
    )  # fmt: skip


def pointer_of(io: imgui.IO, scale: float, free: bool) -> Pointer:
    """ImGui's mouse in dp."""
    there = imgui.is_mouse_pos_valid()
    x, y = (io.mouse_pos.x / scale, io.mouse_pos.y / scale) if there else (-1e6, -1e6)
    clicks = imgui.get_mouse_clicked_count(0)
    return Pointer(x, y, imgui.is_mouse_down(0), 0 if not clicks else 2 - clicks % 2, imgui.is_mouse_clicked(1),
                   io.mouse_wheel, io.key_shift, free)  # fmt: skip
