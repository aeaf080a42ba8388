"""How it runs: run, char, word, back, end, hold, undo; and the settings of the mix, in two rows. UI thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.layout import SETTINGS_A_ROW, TRANSPORT_KEYS, PanelLayout, Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring, panel, pill, track
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.voices import midi_mark
from frontend.control.state.edits import ControlRange
from frontend.look.theme import FIGURE, LABEL, SETTING, VALUE
from protocol.alphabet import MEMORY_TONGUE, SENSE, WORD_TONGUE
from protocol.messages import Narrator
from protocol.tree import GRAIN, GRAIN_BOUNDARY, MIN_P, SPELLING, SURPRISE, mix_tongue_address

TIPS = {
    "run": "write or rest  \u00b7  Space",
    "char": "write one character  \u00b7  .",
    "word": "on to the end of a word, at once  \u00b7  W",
    "end": "on to the end of the sentence, then rest  \u00b7  E",
    "undo": "take back what you did to controls, scenes, panels, settings  \u00b7  Ctrl+Z",
    "back": "take back one character  \u00b7  Shift+Backspace",
    "back word": "take back the last word  \u00b7  Backspace",
    "hold": "the mix stays as it is heard while you move everything; let go, it all enters  \u00b7  H",
    "redo": "do again what you took back  \u00b7  Ctrl+Shift+Z",
}
WORDS = {"back": "char", "back word": "word"}  # where a button says another word than its name


@dataclass(frozen=True)
class TransportSetting:
    """One slider of the transport. A curve under 1 gives the low end more room."""

    address: str
    name: str
    short: str  # where there is little room
    words: str | tuple[str, ...]  # how its value is written; or the names of its values from 0 on
    unit: str = ""
    curve: float = 1.0
    centred: bool = False  # filled from 0, not from its low end
    tip: str = ""

    def written(self, value: float) -> str:
        """``value`` as it is shown."""
        if isinstance(self.words, tuple):
            return self.words[min(len(self.words) - 1, max(0, round(value)))]
        return self.words.format(value if abs(value) >= 0.005 else 0.0)


SETTINGS = (
    TransportSetting("/mix/rate", "rate", "rate", "{:.1f}", "char/s", 0.5),
    TransportSetting("/mix/temperature", "temperature", "temp.", "{:.2f}"),
    TransportSetting("/mix/fusion", "fusion", "fusion", "{:.2f}"),
    TransportSetting("/mix/alloy", "alloy", "alloy", "{:.2f}", centred=True),
    TransportSetting("/mix/top_p", "top-p", "top-p", "{:.2f}"),
    TransportSetting(
        MIN_P,
        "min-p",
        "min-p",
        "{:.2f}",
        curve=0.5,
        tip="only what has this share of the likeliest letter's probability is written: 0 everything may be",
    ),
    TransportSetting(
        SURPRISE,
        "surprise",
        "surpr.",
        "{:.1f}",
        "bit",
        tip="how surprising the letters are on the average, held by what is left out and by heat; 0 as they come",
    ),
    TransportSetting(
        GRAIN,
        "grain",
        "grain",
        "{:.2f}",
        tip="how much a voice that foresaw the letters of a word keeps it: 0 every letter is a new vote",
    ),
    TransportSetting(
        GRAIN_BOUNDARY,
        "kept for",
        "for",
        ("a word", "a phrase", "a line", "a sentence"),
        tip="for how long a voice that is understood keeps the say",
    ),
    TransportSetting(
        SPELLING,
        "spelling",
        "spell.",
        "{:.2f}",
        tip="how much letters are held back that lead to no word which the voices in play know",
    ),
    TransportSetting(
        mix_tongue_address(WORD_TONGUE),
        "words",
        "words",
        "{:.2f}",
        tip="from letters, that invent, to words, that make sense: of styles that have a voice of words",
    ),
    TransportSetting(
        mix_tongue_address(MEMORY_TONGUE),
        "memory",
        "mem.",
        "{:.2f}",
        tip="how much of their letters styles know by heart: of those that have a memory",
    ),
    TransportSetting(mix_tongue_address(SENSE), "sense", "sense", "{:.2f}"),
)
ROW_HEIGHT_DP = 30.0
LEAST_WAY_WITH_LARGE_TYPE_DP = 84.0
ALWAYS = 0.98  # of the last letters


def narrator_note(narrator: Narrator, sense: float) -> str:
    """What is written beside the control: that there is no narrator, or how often it is done in time if not always."""
    if not narrator.name:
        return "none"
    return f"{narrator.part:.0%}" if sense > 0.0 and narrator.part < ALWAYS else ""


def narrator_tip(narrator: Narrator) -> str:
    """What the last line says of the control."""
    if not narrator.name:
        return "sentences that hold together, by a transformer: antiphon models install smollm2 gets one"
    heard = f"{narrator.part:.0%} of the last letters" if narrator.part < ALWAYS else "every letter"
    return f"how much the narrator, {narrator.name}, says in all styles: 0 nothing, 1 all; it had a say in {heard}"


class _Key(NamedTuple):
    """All that a small button shows."""

    name: str
    rect: Rect
    lit: bool
    idle: bool
    touch: Touch
    hover: float


class _Knob(NamedTuple):
    """All that a setting shows."""

    setting: TransportSetting
    grasp: Rect
    way: float  # dp
    travel: ControlRange
    value: float
    touch: Touch
    mark: tuple[str, float] | None
    ghost: float | None


@dataclass
class TransportPanel:
    name: str = "transport"
    _run: Touch = NO_TOUCH
    _keys: dict[str, Touch] = field(default_factory=dict)
    _settings: list[Touch] = field(default_factory=list)

    def touch(self, frame: PanelFrame) -> None:
        controller, tracker, layout = frame.controller, frame.tracker, frame.layout
        self._run = tracker.area("button run", layout.run, focusable=True)
        acts: dict[str, Callable[[], None]] = {
            "char": controller.step,
            "word": controller.word,
            "end": controller.finish,
            "undo": controller.undo,
            "back": controller.back,
            "back word": controller.rewind,
            "hold": controller.hold,
            "redo": controller.redo,
        }
        self._press(frame, self._run, controller.toggle_run, TIPS["run"])
        for name in TRANSPORT_KEYS:
            touch = self._keys[name] = tracker.area(f"button {name}", layout.keys[name], focusable=True)
            self._press(frame, touch, acts[name], TIPS[name])
        self._settings = []
        for i, setting in enumerate(SETTINGS):
            rect, way = self.grasp(frame.layout, i)
            travel = ControlRange.of(controller.parameter(setting.address), setting.curve)
            touch = frame.slide(setting.address, setting.address, rect, way, travel)
            self._settings.append(touch)
            if setting.address == mix_tongue_address(SENSE):
                frame.tip(touch, narrator_tip(controller.link.session.narrator))
            elif setting.tip:
                frame.tip(touch, setting.tip)

    @staticmethod
    def _press(frame: PanelFrame, touch: Touch, act: Callable[[], None], words: str) -> None:
        """What must come at once comes with the press, not when the finger leaves."""
        if touch.pressed or touch.double or (touch.focused and frame.nudges.press):
            act()
        frame.tip(touch, words)

    @staticmethod
    def grasp(layout: PanelLayout, place: int) -> tuple[Rect, float]:
        """Where a setting can be grasped, and its way in dp."""
        settings, pitch = layout.settings, layout.setting_pitch
        row, column = divmod(place, SETTINGS_A_ROW)
        left = settings.x + 16.0 + pitch * column
        way = pitch - (10.0 if layout.compact else 16.0)
        return Rect(left - 6, settings.y + 2 + ROW_HEIGHT_DP * row, way + 12, ROW_HEIGHT_DP), way

    def draw(self, frame: PanelFrame) -> None:
        canvas, layout = frame.canvas, frame.layout
        running, hover = frame.controller.flag("/transport/run"), frame.hover("button run", self._run)
        canvas.kept("run", (layout.run, running, hover, self._run), lambda: self._draw_run(frame, running, hover))
        keys = tuple(self._key(frame, name) for name in TRANSPORT_KEYS)
        canvas.kept("keys", keys, lambda: _draw_keys(canvas, keys))
        knobs = tuple(self._knob(frame, place, setting) for place, setting in enumerate(SETTINGS))
        canvas.kept("settings", (layout.settings, knobs), lambda: _draw_settings(canvas, layout.settings, knobs))

    # ---- buttons ---------------------------------------------------------------------------------------------------

    def _draw_run(self, frame: PanelFrame, running: bool, hover: float) -> None:
        canvas, chrome, rect, touch = frame.canvas, frame.canvas.chrome, frame.layout.run, self._run
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3 if running else chrome.bg1, 1.0, 8)
        canvas.fill(
            rect.x, rect.y, rect.w, rect.h, chrome.line if running else chrome.bg3, 1.0 if touch.held else hover, 8
        )
        canvas.outline(
            rect.x,
            rect.y,
            rect.w,
            rect.h,
            chrome.off if running else chrome.line,
            1.0 if running else chrome.edge_alpha,
            8,
            chrome.edge_width,
        )
        if touch.keyboard:
            focus_ring(canvas, rect, 10)
        x, y = rect.x + rect.w / 2, rect.y + 25
        if running:
            canvas.fill(x - 7, y - 8, 5, 16, chrome.hi)
            canvas.fill(x + 2, y - 8, 5, 16, chrome.hi)
        else:
            canvas.triangle(((x - 6, y - 8), (x + 8, y), (x - 6, y + 8)), chrome.hi)
        words = "pause" if running else "run"
        canvas.text(x, rect.y + 53, words, chrome.hi if running else chrome.mid, LABEL, align=Align.CENTRE)

    def _key(self, frame: PanelFrame, name: str) -> _Key:
        controller, touch, status = frame.controller, self._keys[name], frame.controller.link.session.status
        finishing = status is not None and status.finishing
        lit = (name == "hold" and controller.flag("/transport/hold")) or (name == "end" and finishing)
        back, forth = controller.history.steps
        idle = (name == "undo" and not back) or (name == "redo" and not forth)
        return _Key(name, frame.layout.keys[name], lit, idle, touch, frame.hover(f"button {name}", touch))

    def _knob(self, frame: PanelFrame, place: int, setting: TransportSetting) -> _Knob:
        controller, address = frame.controller, setting.address
        travel = ControlRange.of(controller.parameter(address), setting.curve)
        if address == mix_tongue_address(SENSE):
            note = narrator_note(controller.link.session.narrator, controller.number(address))
            setting = replace(setting, unit=note) if note else setting
        return _Knob(
            setting,
            *self.grasp(frame.layout, place),
            travel,
            controller.number(address),
            self._settings[place],
            midi_mark(frame, address),
            controller.hub.ghost(address),
        )


def _draw_keys(canvas: ImGuiCanvas, keys: Sequence[_Key]) -> None:
    for key in keys:
        canvas.kept(("key", key.name), key, partial(_draw_key, canvas, key))


def _draw_key(canvas: ImGuiCanvas, key: _Key) -> None:
    chrome, (name, rect, lit, idle, touch, hover) = canvas.chrome, key
    canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.hi if lit else chrome.bg1, 1.0, 6)
    if not lit:
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 1.0 if touch.held else hover, 6)
    canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.line, chrome.edge_alpha, 6, chrome.edge_width)
    if touch.keyboard:
        focus_ring(canvas, rect, 8)
    ink = chrome.bg0 if lit else chrome.off if idle else chrome.hi if touch.hot else chrome.mid
    words = WORDS.get(name, name)
    gap = 6.0
    left = rect.x + (rect.w - 14 - gap - canvas.width(words, LABEL)) / 2
    _icon(canvas, name, left + 7, rect.y + rect.h / 2, ink)
    canvas.text(left + 14 + gap, canvas.middle(rect.y + rect.h / 2, LABEL), words, ink, LABEL)


def _draw_settings(canvas: ImGuiCanvas, rect: Rect, knobs: Sequence[_Knob]) -> None:
    panel(canvas, rect)
    for knob in knobs:
        canvas.kept(("setting", knob.setting.name), (rect, knob), partial(_draw_setting, canvas, knob))


def _draw_setting(canvas: ImGuiCanvas, knob: _Knob) -> None:
    chrome, bold, setting, touch = canvas.chrome, canvas.faces.bold, knob.setting, knob.touch
    x, right, y = knob.grasp.x + 6, knob.grasp.x + 6 + knob.way, knob.grasp.y + 22
    base = knob.grasp.y + 13
    words = setting.written(knob.value)
    size = SETTING if knob.way >= LEAST_WAY_WITH_LARGE_TYPE_DP else VALUE
    wide = canvas.width(words, size, bold)
    left = x + _draw_name(canvas, knob, x, base, knob.way - wide - 6)
    unit = setting.unit if left + wide + canvas.width(setting.unit, LABEL) + 16 < right else ""
    ends = right
    if unit:
        ends -= canvas.text(right, base, unit, chrome.low, LABEL, align=Align.RIGHT) + 4
    canvas.text(ends, base, words, chrome.hi, size, bold, Align.RIGHT)
    share = knob.travel.share(knob.value)
    if setting.centred:
        _draw_centred(canvas, x, y, knob.way, share, knob.travel.share(0.0))
    else:
        track(canvas, x, y, knob.way, share, chrome.mid, chrome.bg3)
    if touch.hot or touch.held:
        canvas.ring(x + knob.way * share, y, 9.5, chrome.hi, 0.35 if not touch.held else 0.7, 1.5)
    if touch.keyboard:
        focus_ring(canvas, Rect(x - 8, y - 9, knob.way + 16, 18))
    if knob.ghost is not None:
        canvas.ring(x + knob.way * knob.travel.share(knob.ghost), y, 7, chrome.blue, 1.0, 1.25)


def _draw_name(canvas: ImGuiCanvas, knob: _Knob, x: float, base: float, room: float) -> float:
    """The setting's name, shorter where there is little room, and its MIDI mark; gives their width."""
    setting, mark = knob.setting, knob.mark
    marked = 0.0 if mark is None else canvas.width(mark[0], 11, canvas.faces.bold) + 18
    ways = ((setting.name, LABEL), (setting.short, LABEL), (setting.short, FIGURE))  # the last is the smallest type
    name, size = next((way for way in ways if canvas.width(*way) + marked <= room), ("", LABEL))
    wide = canvas.text(x, base, name, canvas.chrome.low, size) if name else 0.0
    if mark is not None:
        pill(canvas, x + wide + marked - (0 if name else 6), base - 5, *mark)
    return wide + marked


def _draw_centred(canvas: ImGuiCanvas, x: float, y: float, way: float, share: float, zero: float) -> None:
    """A slider filled from where its 0 is."""
    chrome = canvas.chrome
    low, high = sorted((share, zero))
    canvas.fill(x, y - 2, way, 4, chrome.bg3, 1.0, 2)
    canvas.fill(x + way * low, y - 2, way * (high - low), 4, chrome.mid, 1.0, 2)
    canvas.fill(x + way * zero - 1, y - 5, 2, 10, chrome.off)
    canvas.disc(x + way * share, y, 7, chrome.hi)


def _icon(canvas: ImGuiCanvas, name: str, x: float, y: float, ink: str) -> None:
    """A button's sign, 14 wide and 10 high, centred on (x, y)."""
    match name:
        case "char":
            canvas.triangle(((x - 6, y - 5), (x + 2, y), (x - 6, y + 5)), ink)
            canvas.fill(x + 3, y - 5, 2.5, 10, ink)
        case "word":
            canvas.triangle(((x - 7, y - 5), (x - 1, y), (x - 7, y + 5)), ink)
            canvas.triangle(((x - 1, y - 5), (x + 5, y), (x - 1, y + 5)), ink)
            canvas.fill(x + 5, y - 5, 2, 10, ink)
        case "back":
            canvas.triangle(((x + 6, y - 5), (x + 6, y + 5), (x - 2, y)), ink)
            canvas.fill(x - 5.5, y - 5, 2.5, 10, ink)
        case "back word":
            canvas.triangle(((x + 7, y - 5), (x + 7, y + 5), (x + 1, y)), ink)
            canvas.triangle(((x + 1, y - 5), (x + 1, y + 5), (x - 5, y)), ink)
            canvas.fill(x - 7, y - 5, 2, 10, ink)
        case "end":
            canvas.triangle(((x - 6, y - 5), (x + 2, y), (x - 6, y + 5)), ink)
            canvas.disc(x + 5, y + 3.5, 2, ink)
        case "hold":
            canvas.outline(x - 6, y - 6, 12, 12, ink, 1.0, 3, 1.5)
            canvas.fill(x - 2.5, y - 2.5, 5, 5, ink)
        case "undo" | "redo":
            towards = -1 if name == "undo" else 1
            canvas.line(x - 5, y, x + 5, y, ink, 1.0, 1.5)
            canvas.line(x + 5 * towards, y, x + 1 * towards, y - 4, ink, 1.0, 1.5)
            canvas.line(x + 5 * towards, y, x + 1 * towards, y + 4, ink, 1.0, 1.5)
