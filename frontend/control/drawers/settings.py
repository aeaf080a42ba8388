"""The drawer of settings: a row for each field of the window's and the stage's settings, read off their tables.

The text filters are parameters of the performance and hold for everybody who plays it; they appear as rows like the
others. UI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from frontend.config.setting_fields import SettingField, SettingsTable
from frontend.control.drawers.drawer import HEAD_DP, Drawer, button
from frontend.control.drawers.setting_rows import LABEL_WIDTH_DP, SettingRow, SettingRows, SettingSource, rows
from frontend.control.drawing.layout import PanelLayout, Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.panels.frame import PanelFrame
from frontend.control.state.controller import Controller
from frontend.control.state.preferences import TABLE as WINDOW
from frontend.control.state.preferences import Preferences
from frontend.look.theme import CAPTION
from frontend.stage.settings import TABLE as STAGE
from frontend.stage.staging import StageState
from protocol.tree import CIRCLES, LAYOUT, QUOTATION, WORDS
from protocol.tree import Value as Parameter

# ---- the text filters as settings ------------------------------------------------------------------------------------

ADDRESSES = {"words": WORDS, "quotation": QUOTATION, "circles": CIRCLES, "layout": LAYOUT}
SHORTEST, LONGEST = 60.0, 300.0  # characters of a quotation; what lies below means: as long as it comes


@dataclass(frozen=True)
class FilterSettings:
    """As the server has them."""

    words: bool = False
    quotation: float = 0.0
    circles: bool = True
    layout: bool = True


FILTER_TABLE = SettingsTable(
    "the text",
    FilterSettings(),
    "",
    (
        SettingField(
            "circles", "circles", "manners", "flag", "a text that goes round in circles is led out by temperature"
        ),
        SettingField(
            "layout",
            "layout",
            "manners",
            "flag",
            "blanks, empty lines and rows of one sign are kept short, and a letter comes at least every three seconds",
        ),
        SettingField(
            "words", "words", "manners", "flag", "the words of the guard's list never appear: antiphon manners"
        ),
        SettingField(
            "quotation",
            "quotes",
            "manners",
            "number",
            "the longest quotation from what the voices read, in characters; 0: as long as it comes",
            0.0,
            LONGEST,
            10.0,
        ),
    ),
)


class FilterSettingsSource:
    """A source of settings (``settings_drawer.Source``) that are parameters of the performance."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    @property
    def settings(self) -> FilterSettings:
        values = self._controller.link.session.values
        return FilterSettings(
            bool(values.get(WORDS)),
            min(LONGEST, cast(int, values.get(QUOTATION, 0))),
            bool(values.get(CIRCLES)),
            bool(values.get(LAYOUT)),
        )

    def set(self, name: str, value: object) -> None:
        if name == "quotation" and isinstance(value, (int, float)):
            value = int(value) if value >= SHORTEST else 0
        self._controller.link.set(ADDRESSES[name], cast(Parameter, value))

    def reset(self, name: str) -> None:
        self.set(name, FILTER_TABLE.default(name))

    def choices(self, name: str) -> tuple[str, ...]:
        return FILTER_TABLE.named(name).choices


WINDOW_SETTINGS_SHARE = 0.78  # of the first column's height is the window's own
MOMENTARY_SETTINGS = (
    "blacked out",
    "frozen",
    "corner picture",
)  # what the stage does for the moment, and is kept nowhere


@dataclass
class SettingsDrawer(Drawer):
    name: str = "settings"
    _rows: SettingRows = field(default_factory=SettingRows)
    _touches: dict[str, Touch] = field(default_factory=dict)

    @staticmethod
    def columns(layout: PanelLayout, controller: Controller) -> tuple[tuple[SettingSource, list[SettingRow]], ...]:
        """Whose settings, and where each of them stands."""
        rect = layout.drawer
        w = (rect.w - 64) / 2
        h = rect.h - HEAD_DP - 12
        window: Preferences = controller.preferences
        stage: StageState = controller.staging
        own = rows("window", WINDOW.fields, Rect(rect.x + 20, rect.y + HEAD_DP, w, h * WINDOW_SETTINGS_SHARE))
        end = own[-1].rect.bottom
        return (
            (window, own),
            (
                FilterSettingsSource(controller),
                rows("manners", FILTER_TABLE.fields, Rect(rect.x + 20, end, w, rect.y + HEAD_DP + h - end)),
            ),
            (stage, rows("stage", STAGE.fields, Rect(rect.x + 44 + w, rect.y + HEAD_DP, w, h - 40))),
        )

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        frame.controller.midi_out.look()
        for source, column in self.columns(frame.layout, frame.controller):
            for row in column:
                if row.field is not None:
                    self._rows.touch(frame, source, row, row.field)
        staging = frame.controller.staging
        for name, rect in zip(MOMENTARY_SETTINGS, self._now_rects(frame), strict=True):
            touch = self._touches[name] = frame.tracker.area(f"set now {name}", rect, focusable=True)
            if frame.pressed(touch):
                match name:
                    case "blacked out":
                        staging.dark = not staging.dark
                    case "frozen":
                        staging.frozen = not staging.frozen
                    case _:
                        staging.pinning = not staging.pinning
            frame.tip(touch, "the stage, for the moment")
        self.touch_ground(frame)

    def _now_rects(self, frame: PanelFrame) -> list[Rect]:
        rect = frame.layout.drawer
        w = (rect.w - 64) / 2
        each = (w - 16) / 3
        return [Rect(rect.x + 44 + w + (each + 8) * i, rect.bottom - 44, each, 30) for i in range(3)]

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        canvas, chrome, rect = frame.canvas, frame.canvas.chrome, frame.layout.drawer
        self.draw_ground(frame, "this window")
        bold = canvas.faces.bold
        canvas.text(rect.x + 44 + (rect.w - 64) / 2, rect.y + 33, "the stage", chrome.hi, 16, bold)
        for source, column in self.columns(frame.layout, frame.controller):
            for row in column:
                if row.field is None:
                    canvas.text(row.rect.x, row.rect.bottom - 7, row.group, chrome.low, CAPTION)
                    canvas.hair_h(row.rect.x + LABEL_WIDTH_DP, row.rect.right, row.rect.bottom - 11, chrome.line)
                else:
                    self._rows.draw(frame, source, row, row.field)
        staging = frame.controller.staging
        for name, place, lit in zip(
            MOMENTARY_SETTINGS, self._now_rects(frame), (staging.dark, staging.frozen, staging.pinning), strict=True
        ):
            button(frame, f"set now {name}", place, self._touches.get(name, NO_TOUCH), name, lit)
