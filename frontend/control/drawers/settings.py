"""The drawer of settings, in tabs: a row for each field of the window's and the stage's settings, off their tables.

The text filters are parameters of the performance and hold for everybody who plays it; they appear as rows like the
others. UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from frontend.config.setting_fields import SettingField, SettingsTable, flag, number, whole
from frontend.control.drawers.drawer import HEAD_DP, Drawer, button
from frontend.control.drawers.setting_rows import SettingRow, SettingRows, SettingSource, rows
from frontend.control.drawing.canvas import Align
from frontend.control.drawing.layout import PanelLayout, Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import focus_ring
from frontend.control.panels.frame import PanelFrame
from frontend.control.state.controller import Controller
from frontend.control.state.preferences import TABLE as WINDOW
from frontend.look.theme import CAPTION, LABEL
from frontend.stage.settings import TABLE as STAGE
from protocol.tree import CIRCLES, LAYOUT, LOOKAHEAD, LOOKAHEAD_CHARS, QUOTATION, WORDS
from protocol.tree import Value as Parameter

# ---- the text filters as settings ------------------------------------------------------------------------------------

ADDRESSES = {"lookahead": LOOKAHEAD, "words": WORDS, "quotation": QUOTATION, "circles": CIRCLES, "layout": LAYOUT}
SHORTEST, LONGEST = 60.0, 300.0  # characters of a quotation; what lies below means: as long as it comes


@dataclass(frozen=True)
class FilterSettings:
    """As the server has them."""

    lookahead: int = 0
    words: bool = False
    quotation: float = 60.0
    circles: bool = True
    layout: bool = True


FILTER_TABLE = SettingsTable(
    "the text",
    FilterSettings(),
    "",
    (
        whole(
            "lookahead",
            "ghost letters",
            "the text",
            "how many letters of what the voices would write next stand behind the cursor; 0: none",
            0,
            LOOKAHEAD_CHARS,
        ),
        flag("circles", "no circles", "the text", "a text that goes round in circles is led out by temperature"),
        flag(
            "layout",
            "tidy blanks",
            "the text",
            "blanks, empty lines and rows of one sign are kept short, and a letter comes at least every three seconds",
        ),
        flag("words", "word guard", "the text", "the words of the guard's list never appear: antiphon manners"),
        number(
            "quotation",
            "longest quotation",
            "the text",
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
            cast(int, values.get(LOOKAHEAD, 0)),
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


NOW = ("blacked out", "frozen", "corner picture")  # what the stage does for the moment, and is kept nowhere
TABS = {  # a tab's name -> whose settings, and the groups of them that it shows
    "window": ("window", ("look", "hands")),
    "panels": ("window", ("panels",)),
    "time, sound": ("window", ("tempo", "signals")),
    "the text": ("filters", ("the text",)),
    "stage": ("stage", ("colour", "letters")),
    "picture": ("stage", ("picture",)),
    "projector": ("stage", ("projector",)),
}
TAB_HEIGHT_DP = 30.0
LABEL_DP = 150.0
FIELDS: dict[str, Sequence[SettingField]] = {
    "window": WINDOW.fields,
    "filters": FILTER_TABLE.fields,
    "stage": STAGE.fields,
}


@dataclass
class SettingsDrawer(Drawer):
    name: str = "settings"
    tab: str = "window"
    _rows: SettingRows = field(default_factory=SettingRows)
    _touches: dict[str, Touch] = field(default_factory=dict)

    @staticmethod
    def tabs(layout: PanelLayout) -> dict[str, Rect]:
        """Where each tab is chosen."""
        rect = layout.drawer
        w = (rect.w - 40) / len(TABS)
        return {name: Rect(rect.x + 20 + w * i, rect.y + HEAD_DP, w, TAB_HEIGHT_DP) for i, name in enumerate(TABS)}

    @staticmethod
    def rows(layout: PanelLayout, tab: str) -> list[SettingRow]:
        """The rows of a tab, all of one height."""
        whose, groups = TABS[tab]
        rect, top = layout.drawer, layout.drawer.y + HEAD_DP + TAB_HEIGHT_DP + 8
        fields = [entry for entry in FIELDS[whose] if entry.group in groups]
        return rows(whose, fields, Rect(rect.x + 20, top, rect.w - 40, rect.bottom - 12 - top), LABEL_DP)

    @staticmethod
    def source(controller: Controller, tab: str) -> SettingSource:
        """Whose settings a tab shows."""
        sources: dict[str, SettingSource] = {
            "window": controller.preferences,
            "filters": FilterSettingsSource(controller),
            "stage": controller.staging,
        }
        return sources[TABS[tab][0]]

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        frame.controller.midi_out.look()
        for name, rect in self.tabs(frame.layout).items():
            touch = self._touches[name] = frame.tracker.area(f"set tab {name}", rect, focusable=True)
            if frame.pressed(touch):
                self.tab = name
            frame.tip(touch, f"settings: {name}")
        source = self.source(frame.controller, self.tab)
        for row in self.rows(frame.layout, self.tab):
            if row.field is not None:
                self._rows.touch(frame, source, row, row.field)
        staging = frame.controller.staging
        for name, rect in self._now_rects(frame).items():
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

    def _now_rects(self, frame: PanelFrame) -> dict[str, Rect]:
        """The buttons of the stage's tabs."""
        if TABS[self.tab][0] != "stage":
            return {}
        rect = frame.layout.drawer
        w = (rect.w - 56) / 3
        return {name: Rect(rect.x + 20 + (w + 8) * i, rect.bottom - 44, w, 30) for i, name in enumerate(NOW)}

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        if not self.open:
            return
        canvas, chrome = frame.canvas, frame.canvas.chrome
        self.draw_ground(frame, "settings")
        for name, rect in self.tabs(frame.layout).items():
            self._draw_tab(frame, name, rect)
        source = self.source(frame.controller, self.tab)
        for row in self.rows(frame.layout, self.tab):
            if row.field is None:
                canvas.text(row.rect.x, row.rect.bottom - 7, row.group, chrome.low, CAPTION)
                canvas.hair_h(row.rect.x + LABEL_DP, row.rect.right, row.rect.bottom - 11, chrome.line)
            else:
                self._rows.draw(frame, source, row, row.field)
        staging = frame.controller.staging
        lit = {"blacked out": staging.dark, "frozen": staging.frozen, "corner picture": staging.pinning}
        for name, place in self._now_rects(frame).items():
            button(frame, f"set now {name}", place, self._touches.get(name, NO_TOUCH), name, lit[name])

    def _draw_tab(self, frame: PanelFrame, name: str, rect: Rect) -> None:
        """A tab's name; the one that is open is underlined."""
        canvas, chrome, touch = frame.canvas, frame.canvas.chrome, self._touches.get(name, NO_TOUCH)
        chosen = name == self.tab
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, frame.lit(f"set tab {name}", touch), 4)
        x, y = rect.centre
        ink = chrome.hi if chosen or touch.hot else chrome.mid
        face = canvas.faces.bold if chosen else canvas.faces.regular
        canvas.text(x, canvas.middle(y, LABEL), canvas.fitted(name, rect.w - 6, LABEL), ink, LABEL, face, Align.CENTRE)
        canvas.fill(rect.x + 2, rect.bottom - 2, rect.w - 4, 2, chrome.hi if chosen else chrome.line)
        if touch.keyboard:
            focus_ring(canvas, rect, 4)
