"""MIDI in a drawer: what is plugged in, which bank and beat it gives, and every message as it arrives. UI thread only.

The newest message is at the top; paused, the lines stand still while the instrument goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from frontend.control.drawers.drawer import HEAD_DP, Drawer, button
from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import TRANSPORT_KEYS, Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import pill
from frontend.control.panels.faders import FadersPanel
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.puck_geometry import circle, puck_plan
from frontend.control.panels.status import named
from frontend.control.panels.transport import SETTINGS, TransportPanel
from frontend.control.panels.voices import VoicesPanel, midi_mark
from frontend.inputs.midi.decoding import level_of
from frontend.inputs.midi.monitor import Line
from frontend.inputs.midi.ports import MidiMessage
from frontend.look.theme import CAPTION, LABEL, VALUE
from protocol.tree import on_address, weight_address

LINES_TOP_DP = 118.0  # dp from the drawer's top to the first line: devices and buttons stand over them
LINE_DP = 22.0
BUTTONS = ("pause", "clear", "learn", "banks -", "banks +")
TIPS = {
    "pause": "let the lines stand still, to read them; the instrument goes on",
    "clear": "forget the lines",
    "learn": "show on the whole window what can be learnt: click it, then move a control  \u00b7  G",
    "banks -": "the voices before, under the hardware's faders",
    "banks +": "the next voices, under the hardware's faders",
}
COLUMN_SHARES = (0.0, 0.12, 0.38, 0.565, 0.655)  # of the width, where time, device, message, channel and value begin
DRIVES_COLUMN_SHARE = 0.80
KINDS = {
    "cc": "controller {}",
    "note": "note {}",
    "off": "note {} off",
    "bend": "pitch bend",
    "nrpn": "NRPN {}",
    "rpn": "RPN {}",
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
        return {
            name: Rect(rect.x + 20 + (w + 8) * place, rect.y + LINES_TOP_DP - 50, w, 30)
            for place, name in enumerate(names)
        }

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        canvas, chrome, rect, midi = frame.canvas, frame.canvas.chrome, frame.layout.drawer, frame.controller.midi
        self.draw_ground(frame, "MIDI")
        named = [f"{device} (ready map)" if known else f"{device} (learnt only)" for device, known in midi.devices]
        words = ",  ".join(named) if named else midi.status
        canvas.text(rect.x + 20, rect.y + HEAD_DP + 6, words, chrome.mid, VALUE)
        right = rect.right - 20
        canvas.text(right, rect.y + LINES_TOP_DP - 30, self._beat(frame), chrome.mid, LABEL, align=Align.RIGHT)
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
        y = rect.y + LINES_TOP_DP + 14
        heads = ("time", "device", "message", "channel", "value")
        for share, words in zip((*COLUMN_SHARES, DRIVES_COLUMN_SHARE), (*heads, "drives"), strict=True):
            canvas.text(left + wide * share, y, words, chrome.low, CAPTION)
        canvas.hair_h(left, left + wide, y + 7, chrome.line)
        room = int((rect.bottom - y - 24) / LINE_DP)
        if not lines:
            words = "Nothing has been heard yet: move a fader, turn a knob, press a button."
            canvas.text(left, y + 34, words, chrome.mid, VALUE)
        for place, line in enumerate(reversed(lines[-room:])):
            self._line(frame, left, wide, y + 7 + LINE_DP * (place + 1) - 5, line, 1.0 if place == 0 else 0.82)

    @staticmethod
    def _line(frame: PanelFrame, left: float, wide: float, y: float, line: Line, alpha: float) -> None:
        canvas, chrome, heard = frame.canvas, frame.canvas.chrome, line.heard
        device = frame.controller.midi.shown_name(heard.port)
        for share, words in zip(
            COLUMN_SHARES,
            (f"{line.at % 1000:.2f}", device, words_of(heard), str(heard.channel), str(heard.value)),
            strict=True,
        ):
            canvas.text(left + wide * share, y, words, chrome.hi if alpha == 1.0 else chrome.mid, VALUE)
        x, w = left + wide * 0.715, wide * 0.065
        level = level_of(heard)
        canvas.fill(x, y - 7, w, 4, chrome.bg3, 1.0, 2)
        canvas.fill(x, y - 7, w * level, 4, chrome.mid, alpha, 2)
        words = drives(line.drives)
        canvas.text(
            left + wide * DRIVES_COLUMN_SHARE, y, words or "nothing", chrome.blue if words else chrome.low, VALUE
        )


# ---- learning by pointing --------------------------------------------------------------------------------------------

KEY_ACTIONS = {
    "char": "/transport/step",
    "word": "/transport/word",
    "end": "/transport/finish",
    "undo": "/undo",
    "back": "/transport/back",
    "back word": "/transport/rewind",
    "hold": "/transport/hold",
    "redo": "/redo",
}
MARK_TYPE_DP = 11
TARGET_BAND_DP = 26.0  # dp, of the two bars in the puck's circle
LEARN_HELP = (
    "MIDI: click what is outlined, then move a fader, a knob or a button  \u00b7  right click forgets  \u00b7  Esc ends"
)


@dataclass(frozen=True)
class LearnTarget:
    """Something that can be learnt: its address, where it is, what it is called there."""

    address: str
    rect: Rect
    words: str


@dataclass
class MidiLearnMode:
    on: bool = False

    def spots(self, frame: PanelFrame) -> Iterator[LearnTarget]:
        """All that can be learnt and is to be seen, the smaller before what it lies in."""
        controller, layout = frame.controller, frame.layout
        yield LearnTarget("/transport/run", layout.run, "run")
        for name in TRANSPORT_KEYS:
            yield LearnTarget(KEY_ACTIONS[name], layout.keys[name], name)
        for place, setting in enumerate(SETTINGS):
            yield LearnTarget(setting.address, TransportPanel.grasp(layout, place)[0], named(setting.address))
        for place, rect in enumerate(layout.scenes):
            yield LearnTarget(f"/scene/{place + 1}", rect, str(place + 1))
        book = layout.book
        for half, name in enumerate(("before", "next")):
            yield LearnTarget(f"/cue/{name}", Rect(book.x + book.w / 2 * half, book.y, book.w / 2, book.h), name)
        yield LearnTarget("/panic", layout.corner["panic"], "panic")
        if "faders" in layout.panels:
            strips = FadersPanel().strips(frame)
            for place, voice in enumerate(controller.playing):
                slug = controller.slugs[voice]
                strip = strips.grasp(place)
                free = Rect(strip.x, strip.y + 8, strip.w, strip.h - 8)  # its value stays readable
                yield LearnTarget(weight_address(slug), free, slug)
                foot = strips.foot(place)
                for half, name in enumerate(("solo", "mute")):
                    rect = Rect(foot.x + foot.w / 2 * half, foot.y, foot.w / 2, foot.h)
                    yield LearnTarget(f"/style/{slug}/{name}", rect, name[0].upper())
        if "voices" in layout.panels:
            for voice, row in enumerate(VoicesPanel().rows(frame)):
                yield LearnTarget(on_address(controller.slugs[voice]), row.rect, controller.cards[voice].slug)
        if "puck" in layout.panels:
            ring, plan = circle(layout), puck_plan(layout)
            across, up = ring.radius * 1.2, ring.radius * 0.6
            yield LearnTarget("/puck.x", Rect(ring.x - across / 2, ring.y + up, across, TARGET_BAND_DP), "x")
            yield LearnTarget(
                "/puck.y", Rect(ring.x - across / 2 - TARGET_BAND_DP - 6, ring.y - up, TARGET_BAND_DP, across), "y"
            )
            yield LearnTarget("/puck/lifted", Rect(ring.x - 34, ring.y - 14, 68, 28), "lift")
            yield LearnTarget("/puck/falloff", plan.falloff.grasp, "falloff")

    def touch(self, frame: PanelFrame) -> None:
        """Before every panel: what lies under it is out of reach."""
        if not self.on:
            return
        controller, tracker = frame.controller, frame.tracker
        for spot in self.spots(frame):
            touch = tracker.area(f"learn {spot.address}", spot.rect, focusable=True)
            if frame.pressed(touch):
                controller.learn(spot.address)
            elif touch.right or (touch.focused and frame.nudges.default):
                controller.forget(spot.address)
            label = controller.mark(spot.address)
            frame.tip(touch, f"{spot.address}: {f'driven by {label}' if label else 'nothing drives it yet'}")
        tracker.area("learn ground", Rect(0, 0, frame.layout.width, frame.layout.height))

    def draw(self, frame: PanelFrame) -> None:
        """Over every panel."""
        if not self.on:
            return
        canvas, chrome, layout = frame.canvas, frame.canvas.chrome, frame.layout
        canvas.fill(0, 0, layout.width, layout.height, chrome.bg0, 0.45)
        for rect in self._shared_grounds(frame):
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.blue_panel, 1.0, 4)
        for spot in self.spots(frame):
            self._draw_target(frame, spot)
        wide = canvas.width(LEARN_HELP, VALUE) + 40
        left, y = (layout.width - wide) / 2, layout.status_baseline - 44
        canvas.fill(left, y - 20, wide, 40, chrome.bg2, 1.0, 8)
        canvas.outline(left, y - 20, wide, 40, chrome.blue, 1.0, 8, 1.5)
        canvas.text(layout.width / 2, canvas.middle(y, VALUE), LEARN_HELP, chrome.hi, VALUE, align=Align.CENTRE)

    @staticmethod
    def _shared_grounds(frame: PanelFrame) -> Iterator[Rect]:
        """What two targets cover together, half each."""
        yield frame.layout.book
        if "faders" in frame.layout.panels:
            strips = FadersPanel().strips(frame)
            yield from map(strips.foot, range(strips.count))

    @staticmethod
    def _draw_target(frame: PanelFrame, spot: LearnTarget) -> None:
        """A tile with the control's name, or with what drives it; nothing of what it covers shines through."""
        canvas, chrome, controller = frame.canvas, frame.canvas.chrome, frame.controller
        rect, mark = spot.rect.inset(1), midi_mark(frame, spot.address)
        learning = controller.hub.learning == spot.address
        hot = frame.tracker.hovered == f"learn {spot.address}"
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.blue_panel, 1.0, 4)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.blue, 0.34 if learning else 0.24 if hot else 0.0, 4)
        canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.blue, 1.0 if learning or hot else 0.7, 4, 1.25)
        x, y = rect.centre
        room = rect.w - 6
        if mark is None:
            words = canvas.fitted(spot.words, room, LABEL)
            canvas.text(x, canvas.middle(y, LABEL), words, chrome.hi, LABEL, align=Align.CENTRE)
            return
        words, alpha = mark
        wide = canvas.width(words, MARK_TYPE_DP, canvas.faces.bold) + 12
        if learning or wide <= room:
            canvas.fill(x - wide / 2, y - 9, wide, 18, chrome.blue_panel, 1.0, 9)  # it may be wider than its tile
            pill(canvas, x + wide / 2, y, words, alpha)
        else:
            short = canvas.fitted(words.removeprefix("CC ").removeprefix("note "), room, MARK_TYPE_DP)
            base = canvas.middle(y, MARK_TYPE_DP)
            canvas.text(x, base, short, chrome.hi, MARK_TYPE_DP, canvas.faces.bold, Align.CENTRE, alpha)
