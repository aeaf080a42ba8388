"""The last line: how server, inputs and text are doing, a plain word when something is wrong and what is being done; at
its end the buttons for settings, stage, help and panic. While the pointer rests on something the line tells of that,
and covers nothing. UI thread only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.keymap import KeyAction
from frontend.control.drawing.layout import CORNER_BUTTONS
from frontend.control.drawing.pointer import Touch
from frontend.control.drawing.shapes import focus_ring, state_pill, warning
from frontend.control.panels.frame import PanelFrame
from frontend.control.state.controller import Controller
from frontend.control.state.edits import percent
from frontend.look.theme import CAPTION, LABEL

PANIC_HOLD_S = 0.6  # seconds
RESTORED_SHOWN_S = 4.0  # seconds that the line tells what undo did
MAX_RESTORED_NAMES = 3
LEAST_MOVED, MOST_MOVED = 0.01, 3  # of a share, to be told as coming; and how many are
WORD_STEP_DP = 16.0  # the words' widths go by this
WORD_GAP_DP = 30.0  # between two words; a hairline stands in the middle
ACTS = {
    "panic": KeyAction.PANIC,
    "help": KeyAction.HELP,
    "stage": KeyAction.STAGE,
    "settings": KeyAction.SETTINGS,
    "inputs": KeyAction.INPUTS,
    "poses": KeyAction.TEACH,
}
TIPS = {
    "panic": "press long: the calm, known state, all controls as at the start, and running  \u00b7  Shift+Esc",
    "help": "all keys and gestures  \u00b7  ?",
    "stage": "send the stage to the next screen  \u00b7  F; B blacks it out",
    "inputs": "what else plays: on or off, how it is listened to, what it drives  \u00b7  I",
    "poses": "teach by showing: hold a pose, press what it means  \u00b7  Y",
    "settings": "look, panels, hands, stage  \u00b7  ,",
}


@dataclass
class StatusLine:
    name: str = "status"
    pressed: KeyAction | None = None  # which of the buttons was pressed in this frame
    tip: str = ""  # what is told of the thing that the pointer rests on
    _touches: dict[str, Touch] = field(default_factory=dict)
    _panic_from: float | None = None  # since when its button is held

    def touch(self, frame: PanelFrame) -> None:
        self.pressed = None
        for name in CORNER_BUTTONS:
            touch = self._touches[name] = frame.tracker.area(
                f"corner {name}", frame.layout.corner[name], focusable=True
            )
            if name == "panic":
                self._touch_panic(frame, touch)
            elif frame.pressed(touch):
                self.pressed = ACTS[name]
            frame.tip(touch, TIPS[name])

    def _touch_panic(self, frame: PanelFrame, touch: Touch) -> None:
        """It takes a press that lasts, so that no hand panics by mistake; Enter and the keys mean it at once."""
        if touch.pressed or touch.double:
            self._panic_from = frame.now
        if not touch.held:
            self._panic_from = None
            if touch.focused and frame.nudges.press:
                self.pressed = KeyAction.PANIC
        elif self._panic_from is not None and frame.now - self._panic_from >= PANIC_HOLD_S:
            self._panic_from, self.pressed = None, KeyAction.PANIC

    def _panicking(self, frame: PanelFrame) -> float:
        """How far the press has come, 0 to 1."""
        return 0.0 if self._panic_from is None else min(1.0, (frame.now - self._panic_from) / PANIC_HOLD_S)

    def draw(self, frame: PanelFrame) -> None:
        canvas, layout = frame.canvas, frame.layout
        if frame.controller.slugs:
            hovers = tuple(frame.lit(f"corner {name}", self._touches[name]) for name in CORNER_BUTTONS)
            panic = self._panicking(frame)
            state = (layout.corner, tuple(self._touches.values()), hovers, panic, frame.controller.staging.state)
            canvas.kept("corner", state, lambda: self._draw_buttons(frame, hovers))
        trouble, words, right = self._trouble(frame), self._words(frame), self._right(frame)
        stage = frame.controller.staging.state
        self.tip = frame.tips[0] if frame.tips else ""
        notices: Sequence[str] | str = self.tip or self._restored(frame) or self._now(frame) or words
        left = layout.corner[CORNER_BUTTONS[-1]].x - 20
        canvas.kept(
            "status",
            (layout.status_baseline, left, trouble, stage, notices, right),
            partial(self._draw_line, canvas, layout.status_baseline, left, trouble, stage, notices, right),
        )

    @staticmethod
    def _draw_line(
        canvas: ImGuiCanvas,
        base: float,
        left: float,
        trouble: str,
        stage: str,
        notices: Sequence[str] | str,
        right: str,
    ) -> None:
        """``notices`` as one text is of the moment, or what the pointer rests on, and has the line to itself.

        Nothing that comes pushes the words about: it covers them, and the stage's state stands at the right end.
        """
        chrome, middle = canvas.chrome, base - 4.5
        if stage:
            left -= canvas.width(stage, CAPTION, canvas.faces.bold) + 16
            state_pill(canvas, left, middle, stage, chrome.warn)
            left -= 16
            right = ""
        if trouble:
            warning(canvas, 16, middle, canvas.fitted(trouble, left - 60, LABEL), chrome.warn)
            return
        canvas.disc(24, middle, 4, chrome.ok)
        x = 36 + canvas.text(36, base, "server ok", chrome.mid, LABEL)
        if isinstance(notices, str):
            canvas.hair_v(x + WORD_GAP_DP / 2, middle - 7, middle + 7, chrome.line)
            canvas.text(x + WORD_GAP_DP, base, canvas.fitted(notices, left - x - WORD_GAP_DP, LABEL), chrome.hi, LABEL)
            return
        wide = canvas.width(right, LABEL)
        for words in notices:
            if x + WORD_GAP_DP + canvas.width(words, LABEL) > left:
                break
            canvas.hair_v(x + WORD_GAP_DP / 2, middle - 7, middle + 7, chrome.line)
            x += WORD_GAP_DP
            wide_words = canvas.text(x, base, words, chrome.mid, LABEL)
            x += math.ceil(wide_words / WORD_STEP_DP) * WORD_STEP_DP  # a figure more does not move what follows
        if x + WORD_GAP_DP + wide < left:
            canvas.text(left, base, right, chrome.low, LABEL, align=Align.RIGHT)

    def _draw_buttons(self, frame: PanelFrame, hovers: Sequence[float]) -> None:
        for name, hover in zip(CORNER_BUTTONS, hovers, strict=True):
            self._button(frame, name, hover)

    def _button(self, frame: PanelFrame, name: str, hover: float) -> None:
        canvas, chrome, rect, touch = frame.canvas, frame.canvas.chrome, frame.layout.corner[name], self._touches[name]
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, hover, 6)
        lit = name == "stage" and bool(frame.controller.staging.state)
        if lit:
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.warn, 1.0, 6)
        if name == "panic":
            canvas.fill(rect.x, rect.y, rect.w * self._panicking(frame), rect.h, chrome.warn, 0.5, 6)
        edge = chrome.warn if name == "panic" else chrome.line
        canvas.outline(rect.x, rect.y, rect.w, rect.h, edge, 0.55 if name == "panic" else chrome.edge_alpha, 6)
        if touch.keyboard:
            focus_ring(canvas, rect, 8)
        x, y = rect.centre
        ink = chrome.bg0 if lit else chrome.warn if name == "panic" else chrome.hi if touch.hot else chrome.mid
        canvas.text(x, canvas.middle(y, LABEL), name, ink, LABEL, align=Align.CENTRE)

    @staticmethod
    def _trouble(frame: PanelFrame) -> str:
        """What is wrong, the most urgent of it; empty where the server is well and all else."""
        controller = frame.controller
        silent = frame.now - controller.link.session.heard_at
        status = controller.link.session.status
        if controller.stale:
            where = f" at {controller.link.where}" if controller.link.where else ""
            words = f"server silent {silent:.0f} s: knocking; what you move is sent when it is back"
            if silent >= 1e6:
                words = f"waiting for the server{where}: knocking twice a second"
            return words
        troubles = (status.trouble if status is not None else "", *controller.troubles)
        return next(filter(None, troubles), "")

    @staticmethod
    def _restored(frame: PanelFrame) -> str:
        """What undo has just done; it has the line to itself for a moment and pushes nothing aside."""
        what, things, at = frame.controller.restored
        if frame.now - at >= RESTORED_SHOWN_S:
            return ""
        names = list(dict.fromkeys(named(thing) if thing.startswith("/") else thing for thing in things))
        more = f" and {len(names) - MAX_RESTORED_NAMES} more" if len(names) > MAX_RESTORED_NAMES else ""
        return f"{what}: {', '.join(names[:MAX_RESTORED_NAMES])}{more}"

    @staticmethod
    def _now(frame: PanelFrame) -> str:
        """What is only so for the moment; empty where nothing is."""
        controller, status = frame.controller, frame.controller.link.session.status
        words = []
        if controller.hub.learning is not None:
            words.append(f"learning {named(controller.hub.learning)}: move a fader, a knob, a hand, a face; Esc ends")
        if controller.flag("/transport/hold"):
            words.append(held_words(controller))
        if controller.fading.under_way and controller.fading.toward is not None:
            words.append(f"fading, {100 * controller.fading.progress(controller.positions):.0f} %")
        if status is not None and status.warmth > 1.0:
            words.append(f"the text circles: temperature x {status.warmth:.1f}")
        return "  \u00b7  ".join(words)

    @staticmethod
    def _words(frame: PanelFrame) -> list[str]:
        """What there is to tell, the most important first: what has no room is left out."""
        controller, session = frame.controller, frame.controller.link.session
        words = []
        midi = controller.midi.status
        words.append(midi if "MIDI" in midi else f"MIDI: {midi}")
        if controller.hub.status:
            words.append(controller.hub.status)
        if session.status is not None:
            words.append(f"{session.status.rate:.1f} char/s")
            if session.status.take:
                words.append(f"rec {session.status.take}")
        if controller.link.latency_ms is not None:
            words.append(f"control latency {_milliseconds(controller.link.latency_ms)}")
        words.append(f"{controller.awake} of {len(controller.playing)} read along")
        if session.status is not None and session.status.waking:
            words.append(f"{session.status.waking} waking")
        words.append(f"{session.lost} lost")
        if session.status is not None and session.status.late:
            words.append(f"{session.status.late} late")
        if controller.link.refused:
            words.append(f"{controller.link.refused} refused")
        if session.status is not None and session.status.withheld:
            words.append(f"{session.status.withheld} withheld")
        cue = controller.prepared.cue
        if cue is not None:
            words.append(f"cue {controller.prepared.setlist.at + 1}: {cue.scene.name}")
        return words

    @staticmethod
    def _right(frame: PanelFrame) -> str:
        session = frame.controller.link.session
        if session.status is None:
            return ""
        seconds = int(session.status.seconds)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        length = f"{session.length:,}".replace(",", "\u2009")
        return f"{clock}    {length} characters    seed {session.status.seed}"


def held_words(controller: Controller) -> str:
    """What is held while the hands move, and what comes when it is let go: the voices that lose and gain most."""
    if controller.held_shares is None:
        return "held: what you move enters when you let go (H)"
    moved = [
        (coming - held, slug, held, coming)
        for slug, held, coming in zip(
            controller.slugs, controller.held_shares.tolist(), controller.shares.tolist(), strict=True
        )
        if abs(coming - held) >= LEAST_MOVED
    ]
    if not moved:
        return "held: the mix stays as it is; what you move enters when you let go (H)"
    most = sorted(moved, key=lambda each: -abs(each[0]))[:MOST_MOVED]
    told = ", ".join(f"{slug} {percent(held)} to {percent(coming)}" for _, slug, held, coming in most)
    return f"held; coming when you let go (H), in %: {told}"


def _milliseconds(latency: float) -> str:
    return f"{latency:.0f} ms" if latency >= 1.0 else "under 1 ms"


def named(address: str) -> str:
    """A control's address as a performer says it."""
    words = address.strip("/").split("/")
    if words[0] == "style":
        return words[1]
    last = words[-1].replace("_", "-")
    return f"{words[0]} {last}" if words[0] == "crowd" else last.replace(".", " ")
