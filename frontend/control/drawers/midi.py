"""MIDI in a drawer: what is plugged in, which bank and beat it gives, and every message as it arrives. UI thread only.

The newest message is at the top; paused, the lines stand still while the instrument goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from frontend.control.drawers.drawer import HEAD, Drawer, button
from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.panels.frame import PanelFrame
from frontend.inputs.midi.monitor import Line
from frontend.inputs.midi.ports import BEND_TOP, MidiMessage
from frontend.look.theme import CAPTION, LABEL, VALUE

TOP = 118.0  # dp from the drawer's top to the first line: devices and buttons stand over them
LINE = 22.0
BUTTONS = ("pause", "clear", "learn", "banks -", "banks +")
TIPS = {
    "pause": "let the lines stand still, to read them; the instrument goes on",
    "clear": "forget the lines",
    "learn": "show on the whole window what can be learnt: click it, then move a control  \u00b7  G",
    "banks -": "the voices before, under the hardware's faders",
    "banks +": "the next voices, under the hardware's faders",
}
SHARES = (0.0, 0.12, 0.38, 0.565, 0.655)  # of the width, where time, device, message, channel and value begin
DRIVES = 0.80
KINDS = {
    "cc": "controller {}",
    "note": "note {}",
    "off": "note {} off",
    "bend": "pitch bend",
    "program": "programme {}",
}


def words_of(heard: MidiMessage) -> str:
    """What was heard, as a performer says it."""
    return KINDS[heard.kind].format(heard.number)


def drives(addresses: Sequence[str]) -> str:
    """What a message drives: the last words of the addresses."""
    return ", ".join(address.strip("/").removeprefix("style/").replace("/", " ") for address in addresses)


@dataclass
class MidiDrawer(Drawer):
    """``learn`` is whether learning was asked for in this frame."""

    name: str = "MIDI"
    learn: bool = False
    _touches: dict[str, Touch] = field(default_factory=dict)

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        self.learn = False
        if not self.open:
            return
        midi = frame.controller.midi
        for name, rect in self._buttons(frame).items():
            touch = self._touches[name] = frame.tracker.area(f"MIDI {name}", rect, focusable=True)
            frame.tip(touch, TIPS[name])
            if not frame.pressed(touch):
                continue
            match name:
                case "pause":
                    midi.monitor.pause(not midi.monitor.paused)
                case "clear":
                    midi.monitor.clear()
                case "learn":
                    self.learn = True
                case _:
                    midi.turn_bank(1 if name == "banks +" else -1)
        self.touch_ground(frame)

    def _buttons(self, frame: PanelFrame) -> dict[str, Rect]:
        """Where each button stands; those of the banks only where there are several."""
        rect, w = frame.layout.drawer, 92.0
        names = BUTTONS if frame.controller.midi.bank.of > 1 else BUTTONS[:3]
        return {name: Rect(rect.x + 20 + (w + 8) * place, rect.y + TOP - 50, w, 30) for place, name in enumerate(names)}

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        canvas, chrome, rect, midi = frame.canvas, frame.canvas.chrome, frame.layout.drawer, frame.controller.midi
        self.draw_ground(frame, "MIDI")
        named = [f"{device} (ready map)" if known else f"{device} (learnt only)" for device, known in midi.devices]
        words = ",  ".join(named) if named else midi.status
        canvas.text(rect.x + 20, rect.y + HEAD + 6, words, chrome.mid, VALUE)
        right = rect.right - 20
        canvas.text(right, rect.y + TOP - 30, self._beat(frame), chrome.mid, LABEL, align=Align.RIGHT)
        for name, place in self._buttons(frame).items():
            lit = name == "pause" and midi.monitor.paused
            button(frame, f"MIDI {name}", place, self._touches.get(name, NO_TOUCH), name, lit)
        self._lines(frame, midi.monitor.lines)

    @staticmethod
    def _beat(frame: PanelFrame) -> str:
        """The bank, and the beat that comes in."""
        controller = frame.controller
        bpm = controller.midi.tempo.bpm(frame.now)
        clock = f"clock {bpm:.1f} beats/min" if bpm is not None else "no clock"
        followed = (
            "" if controller.preferences.settings.tempo == "off" or controller.tempo_sync.bpm is None else ", followed"
        )
        return "    ".join(filter(None, (controller.midi.bank.words, clock + followed)))

    def _lines(self, frame: PanelFrame, lines: Sequence[Line]) -> None:
        canvas, chrome, rect = frame.canvas, frame.canvas.chrome, frame.layout.drawer
        left, wide = rect.x + 20, rect.w - 40
        y = rect.y + TOP + 14
        heads = ("time", "device", "message", "channel", "value")
        for share, words in zip((*SHARES, DRIVES), (*heads, "drives"), strict=True):
            canvas.text(left + wide * share, y, words, chrome.low, CAPTION)
        canvas.hair_h(left, left + wide, y + 7, chrome.line)
        room = int((rect.bottom - y - 24) / LINE)
        if not lines:
            words = "Nothing has been heard yet: move a fader, turn a knob, press a button."
            canvas.text(left, y + 34, words, chrome.mid, VALUE)
        for place, line in enumerate(reversed(lines[-room:])):
            self._line(frame, left, wide, y + 7 + LINE * (place + 1) - 5, line, 1.0 if place == 0 else 0.82)

    @staticmethod
    def _line(frame: PanelFrame, left: float, wide: float, y: float, line: Line, alpha: float) -> None:
        canvas, chrome, heard = frame.canvas, frame.canvas.chrome, line.heard
        device = frame.controller.midi.shown_name(heard.port)
        for share, words in zip(
            SHARES,
            (f"{line.at % 1000:.2f}", device, words_of(heard), str(heard.channel), str(heard.value)),
            strict=True,
        ):
            canvas.text(left + wide * share, y, words, chrome.hi if alpha == 1.0 else chrome.mid, VALUE)
        x, w = left + wide * 0.715, wide * 0.065
        level = heard.value / (BEND_TOP if heard.kind == "bend" else 127)
        canvas.fill(x, y - 7, w, 4, chrome.bg3, 1.0, 2)
        canvas.fill(x, y - 7, w * level, 4, chrome.mid, alpha, 2)
        words = drives(line.drives)
        canvas.text(left + wide * DRIVES, y, words or "nothing", chrome.blue if words else chrome.low, VALUE)
