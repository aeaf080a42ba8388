"""Learning by pointing: all that hardware can drive is outlined on the window; click it, then move a control.

While it is on the panels are out of reach, so that nothing is moved by mistake. UI thread only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import KEYS, Rect
from frontend.control.drawing.shapes import pill
from frontend.control.panels.faders import FadersPanel
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.puck_geometry import circle, puck_plan
from frontend.control.panels.transport import SETTINGS, TransportPanel
from frontend.control.panels.voices import VoicesPanel, midi_mark
from frontend.look.theme import LABEL, VALUE
from protocol.tree import on_address, weight_address

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
BAND = 26.0  # dp, of the two bars in the puck's circle
WORDS = (
    "MIDI: click what is outlined, then move a fader, a knob or a button  \u00b7  right click forgets  \u00b7  Esc ends"
)


@dataclass(frozen=True)
class LearnTarget:
    """Something that can be learnt: its address, where it is, what it is called where that is not to be seen."""

    address: str
    rect: Rect
    words: str = ""


@dataclass
class MidiLearnMode:
    on: bool = False

    def spots(self, frame: PanelFrame) -> Iterator[LearnTarget]:
        """All that can be learnt and is to be seen, the smaller before what it lies in."""
        controller, layout = frame.controller, frame.layout
        yield LearnTarget("/transport/run", layout.run)
        for name in KEYS:
            yield LearnTarget(KEY_ACTIONS[name], layout.keys[name])
        for place, setting in enumerate(SETTINGS):
            yield LearnTarget(setting.address, TransportPanel.grasp(layout, place)[0])
        for place, rect in enumerate(layout.scenes):
            yield LearnTarget(f"/scene/{place + 1}", rect)
        book = layout.book
        for half, name in enumerate(("before", "next")):
            yield LearnTarget(
                f"/cue/{name}", Rect(book.x + book.w / 2 * half, book.y, book.w / 2, book.h), f"cue {name}"
            )
        yield LearnTarget("/panic", layout.corner["panic"])
        if "faders" in layout.panels:
            strips = FadersPanel().strips(frame)
            for place, voice in enumerate(controller.playing):
                yield LearnTarget(weight_address(controller.slugs[voice]), strips.grasp(place))
                foot = strips.foot(place)
                for half, name in enumerate(("solo", "mute")):
                    rect = Rect(foot.x + foot.w / 2 * half, foot.y, foot.w / 2, min(30.0, foot.h))
                    yield LearnTarget(f"/style/{controller.slugs[voice]}/{name}", rect.inset(1), name[0].upper())
        if "voices" in layout.panels:
            for voice, row in enumerate(VoicesPanel().rows(frame)):
                yield LearnTarget(on_address(controller.slugs[voice]), row.rect)
        if "puck" in layout.panels:
            ring, plan = circle(layout), puck_plan(layout)
            across, up = ring.radius * 1.2, ring.radius * 0.6
            yield LearnTarget("/puck.x", Rect(ring.x - across / 2, ring.y + up, across, BAND), "x")
            yield LearnTarget("/puck.y", Rect(ring.x - across / 2 - BAND - 6, ring.y - up, BAND, across), "y")
            yield LearnTarget("/puck/lifted", Rect(ring.x - 34, ring.y - 14, 68, 28), "lift")
            yield LearnTarget("/puck/falloff", plan.falloff.grasp)

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
        canvas, chrome, layout, controller = frame.canvas, frame.canvas.chrome, frame.layout, frame.controller
        canvas.fill(0, 0, layout.width, layout.height, chrome.bg0, 0.45)
        for spot in self.spots(frame):
            rect, mark = spot.rect.inset(1), midi_mark(frame, spot.address)
            learning = controller.hub.learning == spot.address
            hot = frame.tracker.hovered == f"learn {spot.address}"
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.blue, 0.34 if learning else 0.24 if hot else 0.12, 4)
            canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.blue, 1.0 if learning or hot else 0.7, 4, 1.25)
            x, y = rect.centre
            if mark is not None:
                words, alpha = mark
                wide = canvas.width(words, 11, canvas.faces.bold) + 12
                if learning or wide <= rect.w + 4:
                    canvas.fill(x - wide / 2, y - 9, wide, 18, chrome.bg0, 0.85, 9)
                    pill(canvas, x + wide / 2, y, words, alpha)
                else:
                    short = words.removeprefix("CC ").removeprefix("note ")
                    canvas.text(x, canvas.middle(y, 11), short, chrome.hi, 11, canvas.faces.bold, Align.CENTRE, alpha)
            elif spot.words:
                canvas.text(x, canvas.middle(y, LABEL), spot.words, chrome.hi, LABEL, align=Align.CENTRE)
        wide = canvas.width(WORDS, VALUE) + 40
        left, y = (layout.width - wide) / 2, layout.status_baseline - 44
        canvas.fill(left, y - 20, wide, 40, chrome.bg2, 1.0, 8)
        canvas.outline(left, y - 20, wide, 40, chrome.blue, 1.0, 8, 1.5)
        canvas.text(layout.width / 2, canvas.middle(y, VALUE), WORDS, chrome.hi, VALUE, align=Align.CENTRE)
