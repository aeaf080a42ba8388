"""The drawer of inputs: a row for each input; the chosen one shows its settings and channels.

A channel shows its level, bright while it arrives, and what it drives; a click there opens the menu of targets. A
control's own menu has an entry for learning a channel. UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from imgui_bundle import imgui

from frontend.control.drawers.drawer import HEAD_DP, Drawer
from frontend.control.drawers.setting_rows import GROUP_ROW, ROW, SettingRow, SettingRows, draw_switch, rows
from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.status import named
from frontend.inputs.hub import Hub
from frontend.inputs.interface import ChannelRow, InputRow
from frontend.look.theme import LABEL, NAME, VALUE
from protocol.tree import weight_address

# ---- the menu of targets, learning -----------------------------------------------------------------------------------

ROUTE_MENU = "route "


def route_menu(channel: str) -> str:
    """What ``PanelFrame.menu`` is called for a channel."""
    return ROUTE_MENU + channel


def targets(frame: PanelFrame) -> list[str]:
    """What can be driven besides the voices' weights: every parameter, both halves of a pair."""
    tree = frame.controller.link.session.tree
    found: list[str] = []
    for address, parameter in tree.items():
        if not address.startswith("/style/") and parameter.tags != "s":  # a text is typed
            found += [f"{address}.x", f"{address}.y"] if parameter.tags == "ff" else [address]
    return found


def draw_route_menu(frame: PanelFrame, channel: str) -> None:
    """The menu of one channel; inside a popup."""
    controller = frame.controller
    driven = {
        address
        for row in controller.hub.rows()
        for each in row.channels
        if each.name == channel
        for address in each.drives
    }

    def offer(address: str, words: str) -> None:
        if imgui.menu_item(words, "", address in driven or (not address and not driven))[0]:
            controller.hub.bind(channel, address)

    imgui.text_disabled(channel)
    imgui.separator()
    offer("", "nothing")
    for address in targets(frame):
        offer(address, named(address))
    if imgui.begin_menu("a voice's fader"):
        for slug in controller.slugs:
            offer(weight_address(slug), slug)
        imgui.end_menu()


def draw_learning(frame: PanelFrame, address: str) -> None:
    """A control's own entries: let the next fader, hand or face that moves drive it; inside a popup."""
    controller = frame.controller
    pair = controller.parameter(address).tags == "ff"
    for target in [f"{address}.x", f"{address}.y"] if pair else [address]:
        driver = controller.hub.driver(target)
        words = f"Learn an input for {named(target)}" if pair else "Learn an input"
        if imgui.menu_item(words if driver is None else f"{words} anew (now {driver})", "", False)[0]:
            controller.learn(target)
        if driver is not None and imgui.menu_item(f"Forget {driver}", "", False)[0]:
            controller.forget(target)


INPUT_LINE_DP = 38.0  # dp, of an input
CHANNEL_LINE_DP = 26.0
SWITCH_WIDTH_DP = 36.0
WHEEL_CHANNELS = 3.0  # channels, a notch
NAME_X, STATUS_X = 92.0, 232.0  # from the drawer's edge
BAR_X, DRIVES_W = 200.0, 190.0
HIDDEN_FIELDS = ("on",)  # the switch at the row's beginning


@dataclass(frozen=True)
class InputSource:
    """Where an input's settings are kept, as rows of settings want it."""

    hub: Hub
    key: str
    row: InputRow

    @property
    def settings(self) -> object:
        return self.row.settings

    def set(self, name: str, value: object) -> None:
        self.hub.change(self.key, **{name: value})

    def reset(self, name: str) -> None:
        self.set(name, self.row.table.default(name))

    def choices(self, name: str) -> tuple[str, ...]:
        choices: tuple[str, ...] = self.row.table.named(name).choices
        return choices


@dataclass(frozen=True)
class InputRowPlace:
    """Where an input's parts stand; the settings and channels of the chosen one only."""

    row: InputRow
    line: Rect
    settings: tuple[SettingRow, ...] = ()
    channels: tuple[tuple[ChannelRow, Rect], ...] = ()
    first: int = 0  # the first channel that is shown, where they have not room together


def places(inputs: Sequence[InputRow], chosen: str | None, rect: Rect, first: int = 0) -> list[InputRowPlace]:
    """All inputs from the top of ``rect`` down, the chosen one with what belongs to it, from channel ``first`` on."""
    found: list[InputRowPlace] = []
    y = rect.y
    below = INPUT_LINE_DP * len(inputs)
    for row in inputs:
        line = Rect(rect.x, y, rect.w, INPUT_LINE_DP)
        y, below = y + INPUT_LINE_DP, below - INPUT_LINE_DP
        if row.key != chosen:
            found.append(InputRowPlace(row, line))
            continue
        fields = [entry for entry in row.table.fields if entry.words and entry.name not in HIDDEN_FIELDS]
        half = (len(fields) + 1) // 2
        w = (rect.w - 40) / 2
        columns = [
            one
            for place, part in enumerate((fields[:half], fields[half:]))
            if part
            for one in rows(row.key, part, Rect(rect.x + 8 + (w + 24) * place, y, w, len(part) * ROW + GROUP_ROW))
        ]
        y += half * ROW + 10
        room = max(0, int((rect.bottom - y - below - 8) / CHANNEL_LINE_DP))
        if len(row.channels) > room:
            room = max(0, room - 1)  # a line says so
        first = min(max(0, first), max(0, len(row.channels) - room))
        shown = row.channels[first : first + room]
        channels = tuple(
            (channel, Rect(rect.x + 8, y + CHANNEL_LINE_DP * place, rect.w - 16, CHANNEL_LINE_DP))
            for place, channel in enumerate(shown)
        )
        found.append(InputRowPlace(row, line, tuple(columns), channels, first))
        y += CHANNEL_LINE_DP * (len(shown) + (0 < len(shown) < len(row.channels))) + 8
    return found


@dataclass
class InputsDrawer(Drawer):
    name: str = "inputs"
    chosen: str | None = None
    first: int = 0  # of the chosen one's channels, the first that is seen
    _rows: SettingRows = field(default_factory=SettingRows)
    _places: list[InputRowPlace] = field(default_factory=list)
    _touches: dict[str, Touch] = field(default_factory=dict)

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        self.typing = False
        if not self.open:
            return
        hub, rect = frame.controller.hub, frame.layout.drawer
        pointer = frame.tracker.pointer
        if pointer.wheel and rect.has(pointer.x, pointer.y):
            self.first -= round(pointer.wheel * WHEEL_CHANNELS)
        inside = Rect(rect.x + 20, rect.y + HEAD_DP, rect.w - 40, rect.h - HEAD_DP)
        self._places = places(hub.rows(), self.chosen, inside, self.first)
        self.first = next((place.first for place in self._places if place.channels), 0)
        for place in self._places:
            self._touch_line(frame, place)
            source = InputSource(hub, place.row.key, place.row)
            for row in place.settings:
                if row.field is not None:
                    self._rows.touch(frame, source, row, row.field)
            self.typing = self.typing or self._rows.typing
            for channel, line in place.channels:
                key = f"channel {channel.name}"
                touch = self._touches[key] = frame.tracker.area(key, self._drives_rect(line), focusable=True)
                if frame.pressed(touch) or touch.right:
                    frame.menu = route_menu(channel.name)
                frame.tip(touch, f"what {channel.name} drives  \u00b7  click: choose  \u00b7  or right click a control")
        self.touch_ground(frame)

    def _touch_line(self, frame: PanelFrame, place: InputRowPlace) -> None:
        row, line, tracker = place.row, place.line, frame.tracker
        switch = self._touches[f"on {row.key}"] = tracker.area(
            f"input on {row.key}", Rect(line.x, line.y + 4, SWITCH_WIDTH_DP + 16, INPUT_LINE_DP - 8), focusable=True
        )
        if frame.pressed(switch):
            frame.controller.hub.change(row.key, on=not row.settings.on)
            if not row.settings.on:
                self.chosen = row.key
        frame.tip(switch, f"listen to {row.name}, or not")
        head = self._touches[row.key] = tracker.area(f"input {row.key}", line, focusable=True)
        if frame.pressed(head):
            self.chosen, self.first = None if self.chosen == row.key else row.key, 0
        frame.tip(head, f"{row.name}: its settings and channels")

    @staticmethod
    def _drives_rect(line: Rect) -> Rect:
        return Rect(line.right - DRIVES_W, line.y + 2, DRIVES_W, CHANNEL_LINE_DP - 4)

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        self.draw_ground(frame, "inputs")
        canvas, chrome = frame.canvas, frame.canvas.chrome
        for place in self._places:
            self._draw_line(frame, place)
            source = InputSource(frame.controller.hub, place.row.key, place.row)
            for row in place.settings:
                if row.field is not None:
                    self._rows.draw(frame, source, row, row.field)
            for channel, line in place.channels:
                self._draw_channel(frame, place.row, channel, line)
            if 0 < len(place.channels) < len(place.row.channels):
                y = place.channels[-1][1].bottom + 18
                last = place.first + len(place.channels)
                words = f"{place.first + 1} to {last} of {len(place.row.channels)}  \u00b7  the wheel shows the others"
                canvas.text(place.line.x + 8, y, words, chrome.low, LABEL)

    def _draw_line(self, frame: PanelFrame, place: InputRowPlace) -> None:
        canvas, chrome, row, line = frame.canvas, frame.canvas.chrome, place.row, place.line
        head, switch = self._touches.get(row.key, NO_TOUCH), self._touches.get(f"on {row.key}", NO_TOUCH)
        canvas.hair_h(line.x, line.right, line.bottom - 1, chrome.line)
        canvas.fill(line.x, line.y, line.w, INPUT_LINE_DP - 1, chrome.bg2, frame.hover(f"input {row.key}", head), 4)
        if head.keyboard:
            focus_ring(canvas, line.grown(-2), 4)
        y = line.y + INPUT_LINE_DP / 2
        draw_switch(frame, line.x + 8, y, row.settings.on)
        if switch.keyboard:
            focus_ring(canvas, Rect(line.x + 4, y - 13, SWITCH_WIDTH_DP + 8, 26), 13)
        ink = chrome.hi if row.settings.on else chrome.mid
        canvas.text(line.x + NAME_X - 32, canvas.middle(y, NAME), row.name, ink, NAME, canvas.faces.bold)
        present = sum(channel.seen for channel in row.channels)
        right = line.right - 12
        side = 1 if place.row.key == self.chosen else 0
        canvas.triangle(
            ((right - 4, y - 3), (right + 4, y - 3), (right, y + 4))
            if side
            else ((right - 3, y - 4), (right + 4, y), (right - 3, y + 4)),
            chrome.mid,
        )
        if row.complaint:
            words = canvas.fitted(row.complaint, line.right - line.x - STATUS_X - 40, LABEL)
            canvas.text(line.x + STATUS_X - 40, canvas.middle(y, LABEL), words, chrome.warn, LABEL)
            return
        words = canvas.fitted(row.status, line.right - line.x - STATUS_X - 120, LABEL)
        canvas.text(line.x + STATUS_X - 40, canvas.middle(y, LABEL), words, chrome.mid, LABEL)
        if row.channels:
            words = f"{present} of {len(row.channels)} present"
            canvas.text(right - 16, canvas.middle(y, LABEL), words, chrome.low, LABEL, align=Align.RIGHT)

    def _draw_channel(self, frame: PanelFrame, row: InputRow, channel: ChannelRow, line: Rect) -> None:
        canvas, chrome = frame.canvas, frame.canvas.chrome
        y = line.y + CHANNEL_LINE_DP / 2
        ink = chrome.hi if channel.seen else chrome.low
        name = canvas.fitted(channel.name.removeprefix(f"{row.key}/"), BAR_X - 16, LABEL)
        canvas.text(line.x, canvas.middle(y, LABEL), name, ink, LABEL)
        w = line.w - BAR_X - DRIVES_W - 72
        canvas.fill(line.x + BAR_X, y - 3, w, 6, chrome.bg3, 1.0, 3)
        canvas.fill(line.x + BAR_X, y - 3, w * channel.level, 6, chrome.hi if channel.seen else chrome.off, 1.0, 3)
        words = f"{channel.level:.2f}" if channel.seen else "\u2013"
        canvas.text(line.x + BAR_X + w + 48, canvas.middle(y, VALUE), words, ink, VALUE, align=Align.RIGHT)
        self._draw_drives(frame, channel, self._drives_rect(line), y)

    def _draw_drives(self, frame: PanelFrame, channel: ChannelRow, rect: Rect, y: float) -> None:
        """What it drives, in a box; a dot before it while it leads."""
        canvas, chrome = frame.canvas, frame.canvas.chrome
        touch = self._touches.get(f"channel {channel.name}", NO_TOUCH)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 1.0, 4)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.line, frame.hover(f"channel {channel.name}", touch), 4)
        if touch.keyboard:
            focus_ring(canvas, rect)
        driven = [named(address) for address in channel.drives]
        ink = chrome.hi if driven and channel.seen else chrome.mid if driven else chrome.low
        words = canvas.fitted(", ".join(driven) or "drives nothing", rect.w - 40, LABEL)
        if driven and channel.leads:
            canvas.disc(rect.x + 14, y, 4, chrome.ok)
        elif driven:
            canvas.ring(rect.x + 14, y, 3.5, chrome.mid, 0.8, 1.25)
        canvas.text(rect.x + 28, canvas.middle(y, LABEL), words, ink, LABEL)
