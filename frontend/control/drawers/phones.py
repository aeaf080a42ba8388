"""Phones: their links as codes to be scanned, how many are here, how much the audience says. UI thread only."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from frontend.control.drawers.drawer import HEAD_DP, Drawer, button
from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.puck_geometry import PuckSlider
from frontend.control.panels.puck_view import draw_slider
from frontend.control.state.edits import ControlRange
from frontend.look.theme import CAPTION, LABEL, VALUE
from frontend.remote.links import QUIET_ZONE, code_of, runs

SHARE = "/crowd/share"
STAGES = {"none": "code on the stage", "corner": "code: in the corner", "large": "code: large"}
ASK = (
    "Nobody is let in.",
    "Phones in the network that this machine is in get a page: no app, no internet.",
    "Their links, and codes to scan, appear here; the audience's can go onto the stage.",
)
WAITING = "the page is being put up"


@dataclass
class PhonesDrawer(Drawer):
    name: str = "phones"
    _touches: dict[str, Touch] = field(default_factory=dict)
    _share: Touch = NO_TOUCH

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        controller = frame.controller
        place = self._buttons(frame)["turn"]
        turn = self._touches["turn"] = frame.tracker.area("phones turn", place, focusable=True)
        if frame.pressed(turn):
            controller.phones.turn()
        frame.tip(turn, "let phones of this network play, or shut them out")
        if controller.phones.links is not None:
            slider = self._slider(frame)
            travel = ControlRange.of(controller.parameter(SHARE), 0.5)
            self._share = frame.slide("crowd share", SHARE, slider.grasp, slider.way, travel)
            for key, rect in self._buttons(frame).items():
                if key == "turn":
                    continue
                touch = self._touches[key] = frame.tracker.area(f"phones {key}", rect, focusable=True)
                if frame.pressed(touch):
                    controller.staging.turn("invitation") if key == "stage" else controller.phones.renew()
            frame.tip(self._touches["stage"], "where the audience can scan it  \u00b7  J")
            frame.tip(self._touches["renew"], "all phones that are here lose their links, and codes become others")
        self.touch_ground(frame)

    @staticmethod
    def _codes(frame: PanelFrame) -> tuple[Rect, Rect]:
        """The audience's code, and the performer's beside it."""
        rect = frame.layout.drawer
        large = min(rect.h - HEAD_DP - 150, (rect.w - 60) * 0.56)
        small = min(0.62 * large, rect.w - 60 - large)
        x, y = rect.x + 20, rect.y + HEAD_DP + 22
        return Rect(x, y, large, large), Rect(x + large + 20, y, small, small)

    def _slider(self, frame: PanelFrame) -> PuckSlider:
        rect = frame.layout.drawer
        y = rect.bottom - 86
        return PuckSlider(Rect(rect.x + 20, y, rect.w - 40, 26), rect.w - 40)

    @staticmethod
    def _buttons(frame: PanelFrame) -> dict[str, Rect]:
        rect = frame.layout.drawer
        keys = ("stage", "renew", "turn")
        w = (rect.w - 40 - 8 * (len(keys) - 1)) / len(keys)
        return {key: Rect(rect.x + 20 + (w + 8) * at, rect.bottom - 44, w, 30) for at, key in enumerate(keys)}

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        canvas, chrome, rect, controller = frame.canvas, frame.canvas.chrome, frame.layout.drawer, frame.controller
        self.draw_ground(frame, "phones")
        phones = controller.phones
        links = phones.links
        words, turn = "shut phones out" if phones.on else "let phones in", self._touches.get("turn", NO_TOUCH)
        button(frame, "phones turn", self._buttons(frame)["turn"], turn, words, phones.on)
        if links is None:
            y = rect.y + HEAD_DP + 30
            waiting = (WAITING,) if phones.on else ASK
            for words in (phones.trouble,) if phones.trouble else waiting:
                for line in self._lines(frame, words, rect.w - 40):
                    canvas.text(rect.x + 20, y, line, chrome.mid, LABEL)
                    y += 24
            return
        for place, name, link, count in zip(
            self._codes(frame),
            ("audience", "performer"),
            (links.audience, links.performer),
            (controller.phones.audience, controller.phones.performers),
            strict=True,
        ):
            canvas.text(place.x, place.y - 9, name, chrome.hi, VALUE, canvas.faces.bold)
            canvas.text(place.right, place.y - 9, f"{count} here", chrome.mid, LABEL, align=Align.RIGHT)
            canvas.kept(f"code {name}", (place, link), partial(self._code, frame, place, link))
        large, small = self._codes(frame)
        canvas.text(large.x, large.bottom + 22, links.audience, chrome.mid, LABEL)
        y = small.bottom + 28
        lines = [
            f"{controller.phones.holding} hold a puck now" if controller.phones.holding != 1 else "1 holds a puck now",
            "their pucks are one voice together;",
            "the performer's link plays every control",
        ]
        if not links.wide:
            lines.append("only this machine reaches it: --remote-host")
        for words in lines:
            if y < large.bottom + 4:
                canvas.text(small.x, y, words, chrome.low, CAPTION)
            y += 20
        share = controller.number(SHARE)
        draw_slider(
            canvas,
            self._slider(frame),
            "the audience's share of the pucks' say",
            f"{100 * share:.0f} %",
            share,
            self._share,
        )
        for key, place in self._buttons(frame).items():
            if key == "turn":
                continue
            chosen = controller.staging.settings.invitation
            words = STAGES[chosen] if key == "stage" else "new links"
            lit = key == "stage" and chosen != "none"
            button(frame, f"phones {key}", place, self._touches.get(key, NO_TOUCH), words, lit)

    @staticmethod
    def _lines(frame: PanelFrame, words: str, width: float) -> list[str]:
        """``words`` in lines that are no wider than ``width``."""
        lines = [""]
        for word in words.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and frame.canvas.width(longer, LABEL) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    @staticmethod
    def _code(frame: PanelFrame, place: Rect, link: str) -> None:
        """Dark on light, whatever the theme: cameras want it so."""
        canvas, chrome = frame.canvas, frame.canvas.chrome
        code = code_of(link)
        module = place.w / (len(code) + 2 * QUIET_ZONE)
        canvas.fill(place.x, place.y, place.w, place.w, chrome.hi)
        x, y = place.x + QUIET_ZONE * module, place.y + QUIET_ZONE * module
        for column, row, wide in runs(code):
            canvas.fill(x + column * module, y + row * module, wide * module, module, chrome.bg0)
