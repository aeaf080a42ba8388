"""The last line: how server, inputs and text are doing, a plain word when something is wrong and what is being done; at
its end the buttons for settings, stage, help and panic. UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from frontend.control.drawing.canvas import Align, Canvas
from frontend.control.drawing.keymap import Act
from frontend.control.drawing.layout import CORNER
from frontend.control.drawing.pointer import Touch
from frontend.control.drawing.shapes import focus_ring, warning
from frontend.control.panels.frame import Frame
from frontend.look.theme import LABEL

GAP = 30.0  # between two words; a hairline stands in the middle
ACTS = {
    "panic": Act.PANIC,
    "help": Act.HELP,
    "stage": Act.STAGE,
    "settings": Act.SETTINGS,
    "inputs": Act.INPUTS,
    "poses": Act.TEACH,
}
TIPS = {
    "panic": "the calm, known state: all controls as at the start, and running  \u00b7  Shift+Esc",
    "help": "all keys and gestures  \u00b7  ?",
    "stage": "send the stage to the next screen  \u00b7  F; B blacks it out",
    "inputs": "what else plays: on or off, how it is listened to, what it drives  \u00b7  I",
    "poses": "teach by showing: hold a pose, press what it means  \u00b7  Y",
    "settings": "look, panels, hands, stage  \u00b7  ,",
}


@dataclass
class StatusLine:
    name: str = "status"
    pressed: Act | None = None  # which of the buttons was pressed in this frame
    _touches: dict[str, Touch] = field(default_factory=dict)

    def touch(self, frame: Frame) -> None:
        self.pressed = None
        for name in CORNER:
            touch = self._touches[name] = frame.hand.area(f"corner {name}", frame.layout.corner[name], focusable=True)
            if frame.pressed(touch):
                self.pressed = ACTS[name]
            frame.tip(touch, TIPS[name])

    def draw(self, frame: Frame) -> None:
        canvas, layout = frame.canvas, frame.layout
        if frame.desk.slugs:
            hovers = tuple(frame.lit(f"corner {name}", self._touches[name]) for name in CORNER)
            state = (layout.corner, tuple(self._touches.values()), hovers)
            canvas.kept("corner", state, lambda: self._draw_buttons(frame, hovers))
        trouble, words, right = self._trouble(frame), self._words(frame), self._right(frame)
        left = layout.corner[CORNER[-1]].x - 20
        canvas.kept(
            "status",
            (layout.status_baseline, left, trouble, words, right),
            partial(self._draw_line, canvas, layout.status_baseline, left, trouble, words, right),
        )

    @staticmethod
    def _draw_line(canvas: Canvas, base: float, left: float, trouble: str, told: Sequence[str], right: str) -> None:
        chrome, middle = canvas.chrome, base - 4.5
        if trouble:
            x = warning(canvas, 16, middle, trouble, chrome.warn)
        else:
            canvas.disc(24, middle, 4, chrome.ok)
            x = 36 + canvas.text(36, base, "server ok", chrome.mid, LABEL)
        wide = canvas.width(right, LABEL)
        for words in told:
            if x + GAP + canvas.width(words, LABEL) > left:
                break
            canvas.hair_v(x + GAP / 2, middle - 7, middle + 7, chrome.line)
            x += GAP
            x += canvas.text(x, base, words, chrome.mid, LABEL)
        if x + GAP + wide < left:
            canvas.text(left, base, right, chrome.low, LABEL, align=Align.RIGHT)

    def _draw_buttons(self, frame: Frame, hovers: Sequence[float]) -> None:
        for name, hover in zip(CORNER, hovers, strict=True):
            self._button(frame, name, hover)

    def _button(self, frame: Frame, name: str, hover: float) -> None:
        canvas, chrome, rect, touch = frame.canvas, frame.canvas.chrome, frame.layout.corner[name], self._touches[name]
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, hover, 6)
        edge = chrome.warn if name == "panic" else chrome.line
        canvas.outline(rect.x, rect.y, rect.w, rect.h, edge, 0.55 if name == "panic" else chrome.edge_alpha, 6)
        if touch.keyboard:
            focus_ring(canvas, rect, 8)
        x, y = rect.centre
        ink = chrome.warn if name == "panic" else chrome.hi if touch.hot else chrome.mid
        canvas.text(x, canvas.middle(y, LABEL), name, ink, LABEL, align=Align.CENTRE)

    @staticmethod
    def _trouble(frame: Frame) -> str:
        """What is wrong, the most urgent of it; empty where the server is well and all else."""
        desk = frame.desk
        silent = frame.now - desk.link.mirror.heard_at
        status = desk.link.mirror.status
        if desk.stale:
            where = f" at {desk.link.where}" if desk.link.where else ""
            words = f"server silent {silent:.0f} s: knocking; what you move is sent when it is back"
            if silent >= 1e6:
                words = f"waiting for the server{where}: knocking twice a second"
            return words
        troubles = (status.trouble if status is not None else "", *desk.troubles)
        return next(filter(None, troubles), "")

    @staticmethod
    def _words(frame: Frame) -> list[str]:
        """What there is to tell, the most important first: what has no room is left out."""
        desk, mirror = frame.desk, frame.desk.link.mirror
        words = []
        if desk.midi.learning is not None:
            words.append(f"learning {named(desk.midi.learning)}: move a fader or knob, Esc ends")
        if desk.hub.learning is not None:
            words.append(f"learning {named(desk.hub.learning)}: move a hand, a face, a finger; Esc ends")
        if desk.flag("/transport/hold"):
            words.append("held: what you move enters when you let go (H)")
        if desk.fading.under_way and desk.fading.toward is not None:
            words.append(f"fading, {100 * desk.fading.progress(desk.positions):.0f} %")
        if mirror.status is not None and mirror.status.warmth > 1.0:
            words.append(f"the text circles: temperature x {mirror.status.warmth:.1f}")
        midi = desk.midi.status
        words.append(midi if "MIDI" in midi else f"MIDI: {midi}")
        if desk.hub.status:
            words.append(desk.hub.status)
        if mirror.status is not None:
            words.append(f"{mirror.status.rate:.1f} char/s")
            if mirror.status.take:
                words.append(f"rec {mirror.status.take}")
        if desk.link.latency_ms is not None:
            words.append(f"control latency {_milliseconds(desk.link.latency_ms)}")
        words.append(f"{desk.awake} voices awake" if desk.awake != 1 else "1 voice awake")
        if mirror.status is not None and mirror.status.waking:
            words.append(f"{mirror.status.waking} waking")
        words.append(f"{mirror.lost} lost")
        if mirror.status is not None and mirror.status.late:
            words.append(f"{mirror.status.late} late")
        if desk.link.refused:
            words.append(f"{desk.link.refused} refused")
        if mirror.status is not None and mirror.status.withheld:
            words.append(f"{mirror.status.withheld} withheld")
        cue = desk.book.cue
        if cue is not None:
            words.append(f"cue {desk.book.setlist.at + 1}: {cue.scene.name}")
        return words

    @staticmethod
    def _right(frame: Frame) -> str:
        mirror = frame.desk.link.mirror
        if mirror.status is None:
            return ""
        seconds = int(mirror.status.seconds)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        length = f"{mirror.length:,}".replace(",", "\u2009")
        return f"{clock}    {length} characters    seed {mirror.status.seed}"


def _milliseconds(latency: float) -> str:
    return f"{latency:.0f} ms" if latency >= 1.0 else "under 1 ms"


def named(address: str) -> str:
    """A control's address as a performer says it."""
    words = address.strip("/").split("/")
    if words[0] == "style":
        return words[1]
    last = words[-1].replace("_", "-")
    return f"{words[0]} {last}" if words[0] == "crowd" else last.replace(".", " ")
