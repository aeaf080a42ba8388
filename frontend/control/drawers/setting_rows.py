"""Rows of settings, read off their table: a switch, a choice, a slider or a corner for each field. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from frontend.config.setting_fields import Corner, SettingField, Value
from frontend.control.drawers.drawer import NameLine
from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring, track
from frontend.control.panels.frame import PanelFrame
from frontend.look.theme import LABEL, VALUE

LABEL_WIDTH_DP = 92.0
ROW, GROUP_ROW = 32.0, 30.0
MIN_TYPED_STEPS = 1_000  # steps, from which on a number is typed
SEGMENTS, SEGMENT = 3, 9  # choices that stand side by side, and letters of each; others are gone through one by one


class SettingSource(Protocol):
    """Where a column of settings is kept."""

    def set(self, name: str, value: object) -> None: ...

    def reset(self, name: str) -> None: ...

    def choices(self, name: str) -> tuple[str, ...]: ...

    @property
    def settings(self) -> object: ...


@dataclass(frozen=True)
class SettingRow:
    """A field, or the name of a group over the next ones, and where it stands."""

    rect: Rect
    column: str
    group: str = ""
    field: SettingField | None = None
    label_dp: float = LABEL_WIDTH_DP

    @property
    def key(self) -> str:
        return f"set {self.column} {self.field.name if self.field else self.group}"

    @property
    def control(self) -> Rect:
        return Rect(self.rect.x + self.label_dp, self.rect.y + 3, self.rect.w - self.label_dp, ROW - 6)


def rows(column: str, fields: Sequence[SettingField], rect: Rect, label_dp: float = LABEL_WIDTH_DP) -> list[SettingRow]:
    """The fields that have words, a row each from the top of ``rect``, under the names of their groups."""
    found: list[SettingRow] = []
    y, group = rect.y, ""
    for entry in fields:
        if not entry.words:
            continue
        if entry.group != group:
            group = entry.group
            found.append(SettingRow(Rect(rect.x, y, rect.w, GROUP_ROW), column, group, label_dp=label_dp))
            y += GROUP_ROW
        found.append(SettingRow(Rect(rect.x, y, rect.w, ROW), column, group, entry, label_dp))
        y += ROW
    return found


@dataclass
class SettingRows:
    """Lets the hand change settings, a row at a time, and draws them. Remembers how each row was last touched."""

    _touches: dict[str, Touch] = field(default_factory=dict)
    _line: NameLine = field(default_factory=NameLine)

    @property
    def typing(self) -> bool:
        """Whether the keyboard belongs to a number that is being typed."""
        return self._line.editing is not None

    def touch(self, frame: PanelFrame, source: SettingSource, row: SettingRow, entry: SettingField) -> None:
        tracker, rect = frame.tracker, row.control
        touch = self._touches[row.key] = tracker.area(row.key, row.rect, focusable=True)
        value: Value = getattr(source.settings, entry.name)
        if touch.focused and frame.nudges.default:
            source.reset(entry.name)
        elif entry.kind == "flag":
            if frame.pressed(touch):
                source.set(entry.name, not value)
        elif entry.kind == "choice":
            self._choose(frame, source, row, entry, touch, str(value))
        elif isinstance(value, tuple):
            self._move_corner(frame, source, entry, touch, value)
        elif is_typed(entry):
            if frame.pressed(touch):
                self._line.begin(row.key, f"{value}")
        elif isinstance(value, (int, float)):
            way = rect.w - 56
            share = frame.moved(touch, (value - entry.low) / (entry.high - entry.low), way, upright=False)
            if touch.double:
                source.reset(entry.name)
            elif touch.pressed and not touch.shift and tracker.pointer.x >= rect.x:
                share = tracker.grip = (tracker.pointer.x - rect.x) / way
            if share is not None and not touch.double:
                wanted = entry.low + (entry.high - entry.low) * min(1.0, max(0.0, share))
                source.set(entry.name, round(wanted / entry.step) * entry.step)
        frame.tip(touch, entry.words)

    @staticmethod
    def _choose(
        frame: PanelFrame, source: SettingSource, row: SettingRow, entry: SettingField, touch: Touch, value: str
    ) -> None:
        choices, rect, x = source.choices(entry.name), row.control, frame.tracker.pointer.x
        if not choices:
            return
        at = choices.index(value) if value in choices else -1
        if touch.clicked and side_by_side(choices) and x >= rect.x:
            source.set(entry.name, choices[min(len(choices) - 1, int((x - rect.x) / rect.w * len(choices)))])
        elif frame.pressed(touch):
            back = touch.clicked and not side_by_side(choices) and x < rect.centre[0]
            source.set(entry.name, choices[(at + (-1 if back else 1)) % len(choices)])
        elif touch.focused and frame.nudges.across:
            source.set(entry.name, choices[(at + frame.nudges.across) % len(choices)])

    @staticmethod
    def _move_corner(
        frame: PanelFrame, source: SettingSource, entry: SettingField, touch: Touch, value: Corner
    ) -> None:
        """A drag moves the corner as much as the hand; arrows a step."""
        fine = 0.1 if touch.shift or frame.nudges.fine else 1.0
        dx = touch.dx * entry.step * 0.5 * fine if touch.moved else 0.0
        dy = touch.dy * entry.step * 0.5 * fine if touch.moved else 0.0
        if touch.focused and not touch.held:
            dx += frame.nudges.across * entry.step * fine
            dy -= frame.nudges.upward * entry.step * fine
        if touch.double:
            source.reset(entry.name)
        elif dx or dy:
            source.set(entry.name, (value[0] + dx, value[1] + dy))

    def draw(self, frame: PanelFrame, source: SettingSource, row: SettingRow, entry: SettingField) -> None:
        canvas, chrome, rect = frame.canvas, frame.canvas.chrome, row.control
        touch = self._touches.get(row.key, NO_TOUCH)
        value: Value = getattr(source.settings, entry.name)
        y = row.rect.y + row.rect.h / 2
        ink = chrome.hi if touch.hot or touch.held else chrome.mid
        label = canvas.fitted(entry.label, row.label_dp - 8, LABEL)
        canvas.text(row.rect.x, canvas.middle(y, LABEL), label, ink, LABEL)
        if touch.keyboard:
            focus_ring(canvas, row.rect.grown(-2), 4)
        if entry.kind == "flag":
            draw_switch(frame, rect.x, y, bool(value))
        elif entry.kind == "choice":
            self._draw_choice(frame, rect, y, source.choices(entry.name), str(value), touch)
        elif isinstance(value, tuple):
            words = f"{100 * value[0]:+.1f}  {100 * value[1]:+.1f} %  drag"
            canvas.text(rect.right, canvas.middle(y, VALUE), words, ink, LABEL, align=Align.RIGHT)
        elif is_typed(entry):
            self._draw_typed(frame, source, row, entry, str(value))
        elif isinstance(value, (int, float)):
            share = (value - entry.low) / (entry.high - entry.low)
            track(canvas, rect.x, y, rect.w - 56, share, chrome.mid, chrome.bg3)
            words = f"{value:.0f}" if entry.step >= 1.0 else f"{value:.2f}"
            canvas.text(rect.right, canvas.middle(y, VALUE), words, ink, VALUE, canvas.faces.bold, Align.RIGHT)

    def _draw_typed(
        self, frame: PanelFrame, source: SettingSource, row: SettingRow, entry: SettingField, value: str
    ) -> None:
        canvas, rect, y = frame.canvas, row.control, row.rect.y + row.rect.h / 2
        box = Rect(rect.x, y - 12, rect.w, 24)
        typed = self._line.draw(canvas, row.key, box)
        if typed is not None and typed.strip().isdecimal():
            source.set(entry.name, int(typed[:9]))
        if self._line.editing != row.key:
            canvas.fill(box.x, box.y, box.w, box.h, canvas.chrome.bg3, 1.0, 4)
            canvas.text(box.x + 10, canvas.middle(y, VALUE), value, canvas.chrome.hi, VALUE, canvas.faces.bold)

    @staticmethod
    def _draw_choice(frame: PanelFrame, rect: Rect, y: float, choices: Sequence[str], value: str, touch: Touch) -> None:
        canvas, chrome = frame.canvas, frame.canvas.chrome
        h = min(24.0, rect.h)
        canvas.fill(rect.x, y - h / 2, rect.w, h, chrome.bg3, 1.0, 4)
        if side_by_side(choices):
            w = rect.w / len(choices)
            for place, choice in enumerate(choices):
                chosen = choice == value
                if chosen:
                    canvas.fill(rect.x + w * place, y - h / 2, w, h, chrome.hi, 1.0, 4)
                ink = chrome.bg0 if chosen else chrome.mid
                middle, words = rect.x + w * (place + 0.5), canvas.fitted(choice, w - 6, LABEL)
                canvas.text(middle, canvas.middle(y, LABEL), words, ink, LABEL, align=Align.CENTRE)
            return
        words = canvas.fitted(value, rect.w - 48, LABEL)
        canvas.text(rect.centre[0], canvas.middle(y, LABEL), words, chrome.hi, LABEL, align=Align.CENTRE)
        for side in (-1, 1):
            x = rect.centre[0] + side * (rect.w / 2 - 12)
            canvas.triangle(((x - 3 * side, y - 4), (x + 4 * side, y), (x - 3 * side, y + 4)), chrome.mid)


def side_by_side(choices: Sequence[str]) -> bool:
    """Whether all of them can be read at once."""
    return len(choices) == 1 or (1 < len(choices) <= SEGMENTS and max(map(len, choices)) <= SEGMENT)


def is_typed(entry: SettingField) -> bool:
    """Whether a number has so wide a range, as a port has, that it is typed and not dragged."""
    return entry.kind == "whole" and entry.high - entry.low > MIN_TYPED_STEPS


def draw_switch(frame: PanelFrame, x: float, y: float, on: bool) -> None:
    """On: a filled pill with its knob at the right. Off: an outline, at the left."""
    canvas, chrome = frame.canvas, frame.canvas.chrome
    if on:
        canvas.fill(x, y - 9, 36, 18, chrome.hi, 1.0, 9)
        canvas.disc(x + 27, y, 6.5, chrome.bg0)
    else:
        canvas.outline(x, y - 9, 36, 18, chrome.off, 1.0, 9, 1.25)
        canvas.disc(x + 9, y, 6, chrome.low)
