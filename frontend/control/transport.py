"""How it runs: pause, one character, rewind; rate, temperature, alloy and top-p; the nine scenes. UI thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from frontend.control.draw import Align
from frontend.control.frame import Frame
from frontend.control.hand import Touch
from frontend.control.layout import Rect
from frontend.control.shapes import focus_ring, panel, pill, track
from frontend.control.travel import Travel
from frontend.control.voices import midi_mark
from frontend.theme import LABEL, SETTING, VALUE

BUTTONS = ("pause", "one char", "rewind")
TIPS = ("write or rest  \u00b7  space", "write one character  \u00b7  .", "take back the last word  \u00b7  backspace")


@dataclass(frozen=True)
class Setting:
    """One slider of the transport. A curve under 1 gives the low end more room."""

    address: str
    name: str
    words: str  # how its value is written
    unit: str = ""
    curve: float = 1.0
    centred: bool = False  # filled from 0, not from its low end


SETTINGS = (
    Setting("/mix/rate", "rate", "{:.1f}", "char/s", 0.5),
    Setting("/mix/temperature", "temperature", "{:.2f}"),
    Setting("/mix/alloy", "alloy", "{:.2f}", centred=True),
    Setting("/mix/top_p", "top-p", "{:.2f}"),
)


@dataclass
class TransportPanel:
    _buttons: list[Touch] = field(default_factory=list)
    _settings: list[Touch] = field(default_factory=list)
    _scenes: list[Touch] = field(default_factory=list)

    def touch(self, frame: Frame) -> None:
        desk, hand, layout = frame.desk, frame.hand, frame.layout
        self._buttons = [hand.area(f"button {i}", rect, focusable=True) for i, rect in enumerate(layout.buttons)]
        acts: tuple[Callable[[], None], ...] = (desk.run_or_rest, desk.step, desk.rewind)
        for touch, act, words in zip(self._buttons, acts, TIPS, strict=True):
            if touch.pressed or touch.double or (touch.focused and frame.nudges.press):
                act()
            frame.tip(touch, words)
        self._settings = []
        for i, setting in enumerate(SETTINGS):
            rect, way = self._grasp(frame, i)
            travel = Travel.of(desk.parameter(setting.address), setting.curve)
            self._settings.append(frame.slide(setting.address, setting.address, rect, way, travel))
        self._scenes = [hand.area(f"scene {i}", rect, focusable=True) for i, rect in enumerate(layout.scenes)]
        for place, touch in enumerate(self._scenes):
            scene = desk.scenes.places[place]
            if touch.right or (touch.clicked and touch.shift):
                desk.store_scene(place)
            elif frame.pressed(touch):
                desk.recall_scene(place)
            name = f"{scene.name}  \u00b7  click: recall, " if scene else "empty  \u00b7  "
            frame.tip(touch, f"{name}shift+click: store  \u00b7  {place + 1}")

    @staticmethod
    def _grasp(frame: Frame, place: int) -> tuple[Rect, float]:
        """Where a setting can be grasped, and its way in dp."""
        settings, pitch = frame.layout.settings, frame.layout.setting_pitch
        inset = 16.0 if not frame.layout.compact else 10.0
        left = settings.x + inset + pitch * place
        way = pitch - 20
        return Rect(left - 6, settings.y + 4, way + 12, settings.h - 6), way

    def draw(self, frame: Frame) -> None:
        desk = frame.desk
        for place in range(len(BUTTONS)):
            self._button(frame, place)
        panel(frame.canvas, frame.layout.settings)
        for place, setting in enumerate(SETTINGS):
            self._setting(frame, place, setting)
        hovers = tuple(frame.hover(f"scene {place}", touch) for place, touch in enumerate(self._scenes))
        focus = tuple(touch.keyboard for touch in self._scenes)
        state = (frame.layout.scenes, tuple(desk.scenes.places), desk.scene, desk.colours, hovers, focus)
        frame.canvas.kept("scenes", state, lambda: self._draw_scenes(frame, hovers))

    # ---- buttons ---------------------------------------------------------------------------------------------------

    def _button(self, frame: Frame, place: int) -> None:
        canvas, chrome, rect, touch = (
            frame.canvas,
            frame.canvas.chrome,
            frame.layout.buttons[place],
            self._buttons[place],
        )
        running = frame.desk.flag("/transport/run")
        strong = place == 0 and running
        hover = frame.hover(f"button {place}", touch)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3 if strong else chrome.bg1, 1.0, 8)
        if not strong:
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 1.0 if touch.held else hover, 8)
        elif hover or touch.held:
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.line, 1.0 if touch.held else hover, 8)
        canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.off if strong else chrome.line,
                       1.0 if strong else chrome.edge_alpha, 8, chrome.edge_width)  # fmt: skip
        if touch.keyboard:
            focus_ring(canvas, rect, 10)
        x, y = rect.x + rect.w / 2, rect.y + 25
        ink = chrome.hi if strong or touch.hot else chrome.mid
        if place == 0 and running:
            canvas.fill(x - 7, y - 8, 5, 16, ink)
            canvas.fill(x + 2, y - 8, 5, 16, ink)
        elif place == 0:
            canvas.triangle(((x - 6, y - 8), (x + 8, y), (x - 6, y + 8)), ink)
        elif place == 1:
            canvas.triangle(((x - 9, y - 8), (x + 4, y), (x - 9, y + 8)), ink)
            canvas.fill(x + 5, y - 8, 4, 16, ink)
        else:
            canvas.triangle(((x - 1, y - 8), (x - 1, y + 8), (x - 11, y)), ink)
            canvas.triangle(((x + 9, y - 8), (x + 9, y + 8), (x - 1, y)), ink)
        words = ("pause" if running else "run") if place == 0 else BUTTONS[place]
        canvas.text(x, rect.y + 53, words, ink if strong else chrome.mid, LABEL, align=Align.CENTRE)

    # ---- settings --------------------------------------------------------------------------------------------------

    def _setting(self, frame: Frame, place: int, setting: Setting) -> None:
        canvas, chrome, desk, bold = frame.canvas, frame.canvas.chrome, frame.desk, frame.canvas.faces.bold
        grasp, way = self._grasp(frame, place)
        touch = self._settings[place]
        x, right, y = grasp.x + 6, grasp.x + 6 + way, frame.layout.settings.y + 45
        base = frame.layout.settings.y + 26
        value = desk.number(setting.address)
        travel = Travel.of(desk.parameter(setting.address), setting.curve)
        unit = setting.unit if not frame.layout.compact else ""
        wide = canvas.text(right, base, unit, chrome.low, LABEL, align=Align.RIGHT) + 4.0 if unit else 0.0
        words = setting.words.format(value if abs(value) >= 0.005 else 0.0)
        wide += canvas.text(right - wide, base, words, chrome.hi, SETTING, bold, Align.RIGHT)
        canvas.text(x, base, setting.name, chrome.low, LABEL)
        mark = midi_mark(frame, setting.address)
        if mark is not None:
            pill(canvas, right - wide - 6, base - 5, *mark)
        share = travel.share(value)
        if setting.centred:
            self._centred(frame, x, y, way, share, travel.share(0.0))
        else:
            track(canvas, x, y, way, share, chrome.mid, chrome.bg3)
        if touch.hot or touch.held:
            canvas.ring(x + way * share, y, 9.5, chrome.hi, 0.35 if not touch.held else 0.7, 1.5)
        if touch.keyboard:
            focus_ring(canvas, Rect(x - 8, y - 9, way + 16, 18))
        ghost = desk.midi.ghost(setting.address)
        if ghost is not None:
            canvas.ring(x + way * travel.share(ghost), y, 7, chrome.blue, 1.0, 1.25)

    @staticmethod
    def _centred(frame: Frame, x: float, y: float, way: float, share: float, zero: float) -> None:
        """A slider filled from where its 0 is."""
        canvas, chrome = frame.canvas, frame.canvas.chrome
        low, high = sorted((share, zero))
        canvas.fill(x, y - 2, way, 4, chrome.bg3, 1.0, 2)
        canvas.fill(x + way * low, y - 2, way * (high - low), 4, chrome.mid, 1.0, 2)
        canvas.fill(x + way * zero - 1, y - 5, 2, 10, chrome.off)
        canvas.disc(x + way * share, y, 7, chrome.hi)

    # ---- scenes ----------------------------------------------------------------------------------------------------

    def _draw_scenes(self, frame: Frame, hovers: Sequence[float]) -> None:
        for place, hover in enumerate(hovers):
            self._scene(frame, place, hover)

    def _scene(self, frame: Frame, place: int, hover: float) -> None:
        canvas, chrome, desk = frame.canvas, frame.canvas.chrome, frame.desk
        rect, touch, scene = frame.layout.scenes[place], self._scenes[place], desk.scenes.places[place]
        current = desk.scene == place
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg2 if current else chrome.bg1, 1.0, 8)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 0.8 * hover, 8)
        if current:
            canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.hi, 1.0, 8, 1.5)
        else:
            canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.line, chrome.edge_alpha, 8, chrome.edge_width)
        if touch.keyboard:
            focus_ring(canvas, rect, 10)
        ink = chrome.hi if current or hover > 0.5 else chrome.mid if scene else chrome.off
        canvas.text(rect.x + 8, rect.y + 21, str(place + 1), ink, VALUE, canvas.faces.bold)
        left, width = rect.x + 8, rect.w - 16
        if scene is None:
            canvas.hair_h(left, left + width, rect.y + 43.5, chrome.line)
            return
        shares = scene.shares(desk.slugs)
        total, x = sum(shares) or 1.0, left
        for voice, share in enumerate(shares):
            wide = width * share / total
            if wide >= 1.0:
                canvas.fill(x, rect.y + 36, max(1.0, wide - 1), 16, desk.colours[voice], 1.0 if current else 0.72)
            x += wide
