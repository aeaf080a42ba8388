"""All panels together: one frame of the instrument, without a window.

A frame asks every panel twice, hands first (``frontend.control.panels.frame``). It needs but a current ImGui context
with fonts, so that tests and figures can drive the whole instrument with nothing on a screen. UI thread only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from imgui_bundle import imgui

from frontend.control.drawers.aim import AimDrawer
from frontend.control.drawers.drawer import Drawer
from frontend.control.drawers.inputs import InputsDrawer
from frontend.control.drawers.midi import MidiDrawer, MidiLearnMode
from frontend.control.drawers.overlay import MENU, Overlay, apply_style
from frontend.control.drawers.phones import PhonesDrawer
from frontend.control.drawers.setlist import SetListDrawer
from frontend.control.drawers.settings import SettingsDrawer
from frontend.control.drawers.teach import CameraPicture, TeachDrawer
from frontend.control.drawers.tour import Tour
from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.keymap import BY_CHARACTER, BY_SYMBOL, KeyAction
from frontend.control.drawing.layout import plan_panels
from frontend.control.drawing.pointer import Pointer, PointerTracker
from frontend.control.panels.entropy import EntropyPanel
from frontend.control.panels.faders import FadersPanel, turn_view
from frontend.control.panels.frame import Nudges, Panel, PanelFrame, panel_menu
from frontend.control.panels.histogram import HistogramPanel
from frontend.control.panels.prime import PrimePanel
from frontend.control.panels.puck import PuckField, PuckPanel
from frontend.control.panels.scene_strip import SceneStrip
from frontend.control.panels.stage import StagePanel
from frontend.control.panels.status import StatusLine
from frontend.control.panels.text import TextPanel
from frontend.control.panels.transport import TransportPanel
from frontend.control.panels.voices import VoicesPanel
from frontend.control.state.autopilot import AutopilotMode
from frontend.control.state.controller import Controller
from frontend.control.state.preferences import PANELS
from frontend.control.state.text_listener import LEAST_CHARS
from frontend.inputs.last_touch import KEYBOARD, MOUSE
from frontend.look import waiting
from frontend.look.easing import AnimatedValues
from frontend.look.fonts import Fonts
from frontend.look.keyboard_layouts import latin
from frontend.look.theme import ChromeColours
from frontend.stage.pins import CornerEditor
from protocol.tree import weight_address

ROOT_FLAGS = (
    imgui.WindowFlags_.no_decoration
    | imgui.WindowFlags_.no_move
    | imgui.WindowFlags_.no_saved_settings
    | imgui.WindowFlags_.no_background
    | imgui.WindowFlags_.no_bring_to_front_on_focus
    | imgui.WindowFlags_.no_nav
    | imgui.WindowFlags_.no_scroll_with_mouse
)
POINTER_GONE = (-3.4e38, -3.4e38)  # the least that a float can say: for Dear ImGui a pointer that is not there
TIMED_FRAMES = 600  # frames whose building time is remembered
NAMED_KEYS = (
    (imgui.Key.space, KeyAction.RUN),
    (imgui.Key.f11, KeyAction.FULLSCREEN),
    (imgui.Key.f2, KeyAction.RENAME),
    (imgui.Key._0, KeyAction.LOOKAHEAD),
    (imgui.Key.page_down, KeyAction.NEXT_CUE),
    (imgui.Key.page_up, KeyAction.CUE_BEFORE),
)
PIN_KEYS = {  # pyglet's symbols, as the stage window has them
    0xFF51: imgui.Key.left_arrow,
    0xFF52: imgui.Key.up_arrow,
    0xFF53: imgui.Key.right_arrow,
    0xFF54: imgui.Key.down_arrow,
    0xFF0D: imgui.Key.enter,
    0xFF1B: imgui.Key.escape,
    **{ord(digit): getattr(imgui.Key, f"_{digit}") for digit in "01234"},
}
DIGITS = tuple(getattr(imgui.Key, f"_{digit}") for digit in range(1, 10))


@dataclass
class WindowRequests:
    """What the keyboard asked of the window itself in this frame."""

    stage: bool = False
    full_screen: bool = False


class ControlPanels:
    """All panels and what they share. ``build`` makes one frame of the current ImGui context."""

    def __init__(
        self,
        controller: Controller,
        faces: Fonts,
        field_texture: PuckField | None = None,
        picture: CameraPicture | None = None,
    ) -> None:
        self.controller = controller
        self.canvas = ImGuiCanvas(faces, controller.preferences.settings.theme.chrome)
        self.tracker = PointerTracker()
        self.animated = AnimatedValues()
        self.overlay = Overlay()
        self.prime = PrimePanel()
        self.puck = PuckPanel(field_texture)
        self.text = TextPanel()
        self.strip = SceneStrip()
        self.stage = StagePanel()
        self.status = StatusLine()
        self.book = SetListDrawer()
        self.settings = SettingsDrawer()
        self.inputs = InputsDrawer()
        self.midi = MidiDrawer()
        self.teach = TeachDrawer(picture=picture)
        self.phones = PhonesDrawer()
        self.aim = AimDrawer()
        self.drawers: dict[KeyAction, Drawer] = {
            KeyAction.BOOK: self.book,
            KeyAction.SETTINGS: self.settings,
            KeyAction.INPUTS: self.inputs,
            KeyAction.MIDI: self.midi,
            KeyAction.TEACH: self.teach,
            KeyAction.PHONES: self.phones,
            KeyAction.AIM: self.aim,
        }
        self.teaching = MidiLearnMode()
        self.tour = Tour(None if controller.preferences.settings.toured else 0)
        self.panels: tuple[Panel, ...] = (
            VoicesPanel(),
            TransportPanel(),
            self.strip,
            FadersPanel(),
            self.puck,
            HistogramPanel(),
            self.text,
            EntropyPanel(),
            self.prime,
            self.stage,
            self.status,
        )
        self.window_requests = WindowRequests()
        self._pins = CornerEditor(controller.staging)
        self.built_ms: list[float] = []  # processor time of the last frames, for figures
        self._last: float | None = None
        self._styled: tuple[ChromeColours, float] | None = None
        self._waits_since: float | None = None
        self._key_gesture = ""  # what the keyboard did in this frame, for undo
        self._where: str | None = None  # the panel under the pointer

    def build(self, now: float, typed: list[str]) -> None:
        """Pump, touch, settle, draw; between ``new_frame`` and ``render``. ``typed``: what was typed since the last."""
        began = time.thread_time()
        dt = 0.0 if self._last is None else now - self._last
        self._last = now
        controller, theme = self.controller, self.controller.preferences.settings.theme
        controller.pump(now)
        io = imgui.get_io()
        arrangement = controller.preferences.settings.arrangement
        layout = plan_panels(io.display_size.x, io.display_size.y, theme.least_type, arrangement)
        self.canvas.chrome = theme.chrome
        self._style(theme.chrome)
        imgui.set_next_window_pos((0, 0))
        imgui.set_next_window_size(io.display_size)
        imgui.begin("control", None, ROOT_FLAGS)
        self.canvas.begin(imgui.get_window_draw_list(), layout.scale, layout.least_type)
        self.animated.now, self.animated.moving = now, False
        self.canvas.fill(0, 0, layout.width, layout.height, theme.chrome.bg0)
        free = imgui.is_window_hovered() and not self.overlay.help
        self.tracker.begin(pointer_of(io, layout.scale, free), now)
        frame = PanelFrame(self.canvas, self.tracker, controller, self.animated, theme.motion, layout, now, dt)
        if controller.slugs:
            self._frame(frame, typed)
        else:
            self._waiting(frame)
        self.overlay.draw_above(frame)
        imgui.end()
        self.built_ms.append(1000 * (time.thread_time() - began))
        del self.built_ms[:-TIMED_FRAMES]

    @property
    def moving(self) -> bool:
        """Whether the next frame will be another one although nothing comes: something is on its way, or held."""
        controller = self.controller
        on_the_way = controller.autopilot.moving or controller.fading.under_way or self.animated.moving
        return on_the_way or self.tracker.held is not None

    def _style(self, chrome: ChromeColours) -> None:
        """ImGui's own colours and sizes, set when theme or scale have changed."""
        if self._styled != (chrome, self.canvas.scale):
            self._styled = chrome, self.canvas.scale
            apply_style(self.canvas)

    def _frame(self, frame: PanelFrame, typed: list[str]) -> None:
        """Hands first, then what follows from them, then the picture."""
        controller, tracker = self.controller, self.tracker
        self._where = frame.layout.at(tracker.pointer.x, tracker.pointer.y)
        self._keyboard(frame, typed)
        seen = [panel for panel in self.panels if panel.name not in PANELS or panel.name in frame.layout.panels]
        self.tour.touch(frame)
        for drawer in self.drawers.values():
            drawer.touch(frame)
        if self.midi.learn:
            self._act(KeyAction.LEARN, frame)
        self.teaching.touch(frame)
        for panel in seen:
            panel.touch(frame)
        if self.strip.open_book:
            self._act(KeyAction.BOOK, frame)
        for pressed in (self.status.pressed, self.stage.pressed):
            if pressed is not None:
                self._act(pressed, frame)
        controller.gesture = tracker.gesture or self._key_gesture
        controller.holding = tracker.held is not None
        frame.settle()
        covered = any(drawer.open for drawer in self.drawers.values())
        for panel in seen:
            rect = frame.layout.panels.get(panel.name)
            if panel is not self.status and not (covered and rect is not None and frame.layout.drawer.holds(rect)):
                panel.draw(frame)
        self.status.draw(frame)  # behind them: it tells what they offered of themselves
        self.teaching.draw(frame)
        for drawer in self.drawers.values():
            drawer.draw(frame)
        self.tour.draw(frame)
        self.overlay.draw(frame)

    def _waiting(self, frame: PanelFrame) -> None:
        """Before the voices' cards are here: what is happening, and for how long it has."""
        canvas, layout, chrome = frame.canvas, frame.layout, frame.canvas.chrome
        self.status.draw(frame)
        if self._waits_since is None:
            self._waits_since = frame.now
        seconds = frame.now - self._waits_since
        where = f" at {self.controller.link.where}" if self.controller.link.where else ""
        x, y = layout.width / 2, layout.height / 2
        canvas.text(x, y + waiting.TITLE_Y, waiting.TITLE, chrome.hi, waiting.TITLE_SIZE, align=Align.CENTRE)
        lines = [(waiting.WORDS_Y, waiting.READING.format(where=where, seconds=seconds), chrome.mid)]
        if seconds > waiting.LONG_WAIT_S:
            lines.append((waiting.HINT_Y, waiting.HINT, chrome.low))
        for down, words, ink in lines:
            canvas.text(x, y + down, words, ink, waiting.WORDS_SIZE, align=Align.CENTRE)
        for dot in range(waiting.DOTS):
            lit = frame.motion.hover == 0.0 or waiting.is_lit(dot, seconds)
            ink = chrome.mid if lit else chrome.bg3
            canvas.disc(x + waiting.dot_x(dot), y + waiting.DOTS_Y, waiting.DOT_RADIUS, ink)

    # ---- keyboard --------------------------------------------------------------------------------------------------

    @property
    def _typing(self) -> bool:
        """Whether the keyboard belongs to a line of text."""
        return self.prime.typing or any(each.typing for each in self.drawers.values()) or imgui.is_popup_open(MENU)

    def _keyboard(self, frame: PanelFrame, typed: list[str]) -> None:
        io = imgui.get_io()
        self._key_gesture = ""
        if self.controller.staging.pinning and not self._typing:
            self._set_corners(typed, io.key_shift)
            return
        if imgui.is_key_pressed(imgui.Key.escape, False):
            self._act(KeyAction.PANIC if io.key_shift else KeyAction.CALM, frame)
        if self._typing:
            return
        controller, tracker, shift, control = self.controller, self.tracker, io.key_shift, io.key_ctrl or io.key_super
        keys = () if control else map(latin, typed)
        acts = [BY_CHARACTER[character] for character in keys if character in BY_CHARACTER]
        acts += [act for key, act in NAMED_KEYS if imgui.is_key_pressed(key, False)]
        if imgui.is_key_pressed(imgui.Key.backspace):
            acts.append(KeyAction.BACK if shift else KeyAction.REWIND)
        if control and imgui.is_key_pressed(imgui.Key.z):
            acts.append(KeyAction.REDO if shift else KeyAction.UNDO)
        if control and imgui.is_key_pressed(imgui.Key.v, False):
            acts.append(KeyAction.PASTE)
        if imgui.is_key_pressed(imgui.Key.end, False) and tracker.focus is None:
            acts.append(KeyAction.FOLLOW)
        controller.moved_by = KEYBOARD if acts else MOUSE
        for act in acts:
            self._key_gesture = f"key {act.name}"
            self._act(act, frame)
        for place, key in enumerate(DIGITS):
            if imgui.is_key_pressed(key, False):
                self._key_gesture = f"key scene {place}"
                (controller.store_scene if shift else controller.recall_scene)(place)
        if imgui.is_key_pressed(imgui.Key.tab):
            tracker.move_focus(-1 if shift else 1)
        if tracker.focus is not None:
            frame.nudges = nudges(shift)
            if frame.nudges != Nudges():
                controller.moved_by = KEYBOARD
                tracker.focus_seen = True
                self._key_gesture = f"keys {tracker.focus}"

    def _paste(self) -> None:
        """A text that is long enough becomes a voice, a shorter one stands in the well to be fed."""
        text = imgui.get_clipboard_text()
        if len(text) >= LEAST_CHARS:
            self.controller.hear(text)
        elif text:
            self.prime.words += text
            self.prime.focus()

    def _set_corners(self, typed: list[str], shift: bool) -> None:
        """While the stage shows its grid, the keys are the grid's in this window too."""
        for symbol, key in PIN_KEYS.items():
            if imgui.is_key_pressed(key):
                self._pins.key(symbol, shift)
        if {"k", "K"} & set(map(latin, typed)):
            self._pins.key(ord("k"), shift)

    def _act(self, act: KeyAction, frame: PanelFrame | None) -> None:
        """Do what a key, or a button that stands for one, asks. ``frame`` None: from another window."""
        controller, pilot = self.controller, self.controller.autopilot
        simple: dict[KeyAction, Callable[[], None]] = {
            KeyAction.RUN: controller.toggle_run,
            KeyAction.STEP: controller.step,
            KeyAction.WORD: controller.word,
            KeyAction.FINISH: controller.finish,
            KeyAction.REWIND: controller.rewind,
            KeyAction.BACK: controller.back,
            KeyAction.HOLD: controller.hold,
            KeyAction.PANIC: controller.panic,
            KeyAction.UNDO: controller.undo,
            KeyAction.REDO: controller.redo,
            KeyAction.PASTE: self._paste,
            KeyAction.PRIME: self.prime.focus,
            KeyAction.FOLLOW: self.text.scroll.follow,
            KeyAction.LOOKAHEAD: controller.toggle_lookahead,
            KeyAction.ANTIPHONY: controller.toggle_antiphony,
            KeyAction.TURN: controller.pass_turn,
            KeyAction.TOUR: self.tour.begin,
            KeyAction.INVITE: partial(controller.staging.turn, "invitation"),
            KeyAction.CREATURE: self._turn_creature,
        }
        if act in simple:
            simple[act]()
            return
        match act:
            case KeyAction.NEXT_CUE | KeyAction.CUE_BEFORE:
                controller.take_cue(1 if act is KeyAction.NEXT_CUE else -1)
            case KeyAction.SOLO | KeyAction.MUTE:
                self._silence(act)
            case KeyAction.LIFT:
                pilot.stop()
                controller.set("/puck/lifted", not controller.flag("/puck/lifted"))
            case KeyAction.PATH:
                pilot.choose(AutopilotMode.PATH, controller.puck)
            case KeyAction.HELP:
                self.overlay.help = not self.overlay.help
            case (
                KeyAction.BOOK
                | KeyAction.SETTINGS
                | KeyAction.INPUTS
                | KeyAction.MIDI
                | KeyAction.TEACH
                | KeyAction.PHONES
                | KeyAction.AIM
            ):
                self._open(act)
            case KeyAction.LEARN:
                self.teaching.on = not self.teaching.on
                controller.hub.cancel()
            case KeyAction.STAGE:
                self.window_requests.stage = True
            case KeyAction.FULLSCREEN:
                self.window_requests.full_screen = True
            case KeyAction.BLACKOUT:
                controller.staging.dark = not controller.staging.dark
            case KeyAction.FREEZE:
                controller.staging.frozen = not controller.staging.frozen
            case KeyAction.CORNERS:
                controller.staging.pinning = not controller.staging.pinning
            case KeyAction.CALM:
                self._calm(frame)
            case _ if frame is not None:
                self._act_here(act, frame)

    def _act_here(self, act: KeyAction, frame: PanelFrame) -> None:
        """What depends on where the pointer is, or on what is to be seen."""
        preferences = self.controller.preferences
        match act:
            case KeyAction.PILOT:
                self.controller.autopilot.next_figure(self.controller.puck)
                self.puck.land(frame)
            case KeyAction.STRIPS:
                turn_view(frame)
            case KeyAction.MENU:
                frame.menu = self._menu_of(self.tracker.focus or self.tracker.hovered or "")
            case KeyAction.RENAME:
                self._open(KeyAction.BOOK, keep=True)
                self.book.rename(frame)
            case KeyAction.ENLARGE:
                preferences.enlarge(preferences.settings.arrangement.enlarged or self._where)
            case KeyAction.HIDE if self._where is not None:
                preferences.hide(self._where)

    def _open(self, act: KeyAction, keep: bool = False) -> None:
        """One drawer at a time: the one asked for opens, or closes if it was open."""
        for each, drawer in self.drawers.items():
            drawer.open = each is act and (keep or not drawer.open)

    def _menu_of(self, key: str) -> str | None:
        """The menu that belongs to a control: its parameter's, its voice's, its panel's."""
        if key in self.controller.values:
            return key
        words = key.replace("/", " ").split()
        slug = next((slug for slug in self.controller.slugs if slug in words), None)
        if slug is not None:
            return weight_address(slug)
        return panel_menu(self._where) if self._where is not None else None

    def _silence(self, act: KeyAction) -> None:
        """Solo or mute the voice whose row or strip the pointer was over in the last frame."""
        words = (self.tracker.hovered or "").replace("/", " ").split()
        for slug in self.controller.slugs:
            if slug in words:
                (self.controller.solo if act is KeyAction.SOLO else self.controller.mute)(
                    self.controller.slugs.index(slug)
                )

    def _turn_creature(self) -> None:
        staging = self.controller.staging
        staging.set("creature", not staging.settings.creature)

    def stage_key(self, symbol: int, modifiers: int) -> None:
        """A key pressed in the stage window, as pyglet names it; those that need no control work there too."""
        act = BY_SYMBOL.get(symbol)
        if act is not None and self.controller.slugs:
            self._act(act, None)

    def take_window_requests(self) -> WindowRequests:
        """What was asked of the windows since the last call."""
        window_requests, self.window_requests = self.window_requests, WindowRequests()
        return window_requests

    def _calm(self, frame: PanelFrame | None) -> None:
        """Esc: leave whatever one is in, the innermost first."""
        if imgui.is_popup_open(MENU):
            pass  # the menu closes itself
        elif self.overlay.help:
            self.overlay.help = False
        elif self.tour.at is not None and frame is not None:
            self.tour.end(frame)
        elif self.controller.hub.learning is not None:
            self.controller.hub.cancel()
        elif self.teaching.on:
            self.teaching.on = False
        elif any(drawer.open for drawer in self.drawers.values()):
            if not any(drawer.typing for drawer in self.drawers.values()):
                for drawer in self.drawers.values():
                    drawer.open = False
        elif self.text.calm():
            pass
        elif self.controller.preferences.settings.arrangement.enlarged is not None:
            self.controller.preferences.enlarge(None)
        else:
            self.tracker.drop_focus()


def nudges(shift: bool) -> Nudges:
    """What arrows, Home, End, Delete and Enter ask for in this frame."""

    def pressed(key: imgui.Key) -> int:
        return int(imgui.is_key_pressed(key))

    across = pressed(imgui.Key.right_arrow) - pressed(imgui.Key.left_arrow)
    upward = pressed(imgui.Key.up_arrow) - pressed(imgui.Key.down_arrow)
    moved = across or upward
    return Nudges(
        steps=across + upward,
        across=across,
        upward=upward,
        fine=shift and bool(moved),
        home=bool(pressed(imgui.Key.home)),
        end=bool(pressed(imgui.Key.end)),
        default=bool(pressed(imgui.Key.delete)),
        press=imgui.is_key_pressed(imgui.Key.enter, False),
    )


def pointer_of(io: imgui.IO, scale: float, free: bool) -> Pointer:
    """ImGui's mouse in dp."""
    there = imgui.is_mouse_pos_valid()
    x, y = (io.mouse_pos.x / scale, io.mouse_pos.y / scale) if there else (-1e6, -1e6)
    clicks = imgui.get_mouse_clicked_count(0)
    return Pointer(
        x,
        y,
        imgui.is_mouse_down(0),
        0 if not clicks else 2 - clicks % 2,
        imgui.is_mouse_clicked(1),
        io.mouse_wheel,
        io.key_shift,
        free,
    )
