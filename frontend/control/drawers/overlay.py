"""What lies over the panels for a moment: a control's menu, a voice's details, the help. UI thread only."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from frontend.control.drawers.inputs import ROUTE_MENU, draw_learning, draw_route_menu
from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.keymap import BINDINGS, MOUSE_HELP
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.shapes import CHIP_W, chip
from frontend.control.panels.frame import PANEL_MENU, PanelFrame
from frontend.control.panels.status import named
from frontend.look.theme import LABEL, NAME, VALUE
from protocol.alphabet import MEMORY_TONGUE, WORD_TONGUE
from protocol.messages import Card
from protocol.tree import ANTIPHONY, AS_THE_MIX, choir_address, tongue_address

MENU = "menu"
HELP_WIDTH_DP = 1240.0
LINE_DP = 26.0
MENU_WRAP_DP = 360.0  # dp, of what a menu says about a voice
CHOIR_WORDS = ("The choir of its side", "In the first choir", "In the second choir")
TONGUE_WORDS = {
    WORD_TONGUE: "From letters to words; 0.5: as the mix has it",
    MEMORY_TONGUE: "How much it knows by heart; 0.5: as the mix has it",
}


def apply_style(canvas: ImGuiCanvas) -> None:
    """Let ImGui's own popups look like the rest."""
    style, chrome, s = imgui.get_style(), canvas.chrome, canvas.scale

    def rgba(colour: str, alpha: float = 1.0) -> tuple[float, float, float, float]:
        red, green, blue = bytes.fromhex(colour[1:])
        return red / 255, green / 255, blue / 255, alpha

    for slot, colour, alpha in (
        (imgui.Col_.text, chrome.hi, 1.0),
        (imgui.Col_.text_disabled, chrome.low, 1.0),
        (imgui.Col_.window_bg, chrome.bg0, 1.0),
        (imgui.Col_.popup_bg, chrome.bg2, 0.98),
        (imgui.Col_.border, chrome.off, 1.0),
        (imgui.Col_.header, chrome.bg3, 1.0),
        (imgui.Col_.header_hovered, chrome.line, 1.0),
        (imgui.Col_.header_active, chrome.off, 1.0),
        (imgui.Col_.separator, chrome.line, 1.0),
        (imgui.Col_.text_selected_bg, chrome.blue, 0.45),
        (imgui.Col_.input_text_cursor, chrome.hi, 1.0),
    ):
        style.set_color_(slot, rgba(colour, alpha))
    style.popup_rounding = 6 * s
    style.popup_border_size = 1.0
    style.window_padding = imgui.ImVec2(12 * s, 10 * s)
    style.item_spacing = imgui.ImVec2(8 * s, 8 * s)
    style.window_border_size = 0.0


@dataclass
class Overlay:
    """``help`` is whether the keys are shown."""

    help: bool = False
    _address: str | None = None

    def draw(self, frame: PanelFrame) -> None:
        """The popups, which are ImGui's windows; inside the root window."""
        if frame.menu is not None:
            self._address = frame.menu
            imgui.open_popup(MENU)
        canvas = frame.canvas
        imgui.push_font(canvas.faces.regular.font, canvas.faces.regular.sized(canvas.em(VALUE)).size)
        if imgui.begin_popup(MENU):
            if self._address is not None and self._address.startswith(PANEL_MENU):
                self._panel_menu(frame, self._address.removeprefix(PANEL_MENU))
            elif self._address is not None and self._address.startswith(ROUTE_MENU):
                draw_route_menu(frame, self._address.removeprefix(ROUTE_MENU))
            elif self._address is not None:
                self._menu(frame, self._address)
            if imgui.is_key_pressed(imgui.Key.escape, False):
                imgui.close_current_popup()
            imgui.end_popup()
        imgui.pop_font()

    def draw_above(self, frame: PanelFrame) -> None:
        """The help, on top of everything."""
        if self.help:
            self._draw_help(frame)

    # ---- menu ------------------------------------------------------------------------------------------------------

    def _menu(self, frame: PanelFrame, address: str) -> None:
        controller, canvas = frame.controller, frame.canvas
        voice = voice_of(address, controller.slugs)
        if voice is not None:
            self._voice_title(frame, voice)
        else:
            imgui.text_disabled(named(address))
        imgui.separator()
        draw_learning(frame, address)
        if voice is not None:
            imgui.separator()
            if imgui.menu_item("In play", "", controller.on(voice))[0]:
                controller.toggle(voice)
            if imgui.menu_item("Solo", "", controller.slugs[voice] in controller.soloed)[0]:
                controller.solo(voice)
            if imgui.menu_item("Mute", "", controller.slugs[voice] in controller.muted)[0]:
                controller.mute(voice)
            self._choir(frame, voice)
            self._tongues(frame, voice)
            imgui.separator()
            imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + MENU_WRAP_DP * canvas.scale)
            for words in details(controller.cards[voice]):
                imgui.text_disabled(words)
            imgui.pop_text_wrap_pos()
        else:
            default = controller.parameter(address).default
            if imgui.menu_item("Back to default", "", False)[0]:
                controller.set(address, default)

    @staticmethod
    def _choir(frame: PanelFrame, voice: int) -> None:
        """In antiphony: which choir the voice sings in."""
        controller = frame.controller
        if not controller.flag(ANTIPHONY):
            return
        imgui.separator()
        address = choir_address(controller.slugs[voice])
        for choir, words in enumerate(CHOIR_WORDS):
            if imgui.menu_item(words, "", controller.number(address) == choir)[0]:
                controller.set(address, choir)

    @staticmethod
    def _tongues(frame: PanelFrame, voice: int) -> None:
        """A slider for each further tongue of a voice, with what it does and how hardware learns it."""
        controller, card = frame.controller, frame.controller.cards[voice]
        for role in card.tongues.split():
            if role not in TONGUE_WORDS:
                continue
            address = tongue_address(card.slug, role)
            imgui.push_id(role)
            imgui.separator()
            imgui.text_disabled(TONGUE_WORDS[role])
            imgui.set_next_item_width(MENU_WRAP_DP * 0.6 * frame.canvas.scale)
            moved, value = imgui.slider_float("##share", controller.number(address), 0.0, 1.0, "%.2f")
            if moved:
                controller.set(address, value)
            imgui.same_line()
            if imgui.small_button("as the mix"):
                controller.set(address, AS_THE_MIX)
            draw_learning(frame, address)
            imgui.pop_id()

    @staticmethod
    def _panel_menu(frame: PanelFrame, name: str) -> None:
        preferences = frame.controller.preferences
        imgui.text_disabled(name)
        imgui.separator()
        if imgui.menu_item("The whole window", "Z", preferences.settings.enlarged == name)[0]:
            preferences.enlarge(name)
        if imgui.menu_item("Hide", "X", False)[0]:
            preferences.hide(name)
        for hidden in sorted(preferences.settings.arrangement.hidden):
            if imgui.menu_item(f"Show {hidden}", "", False)[0]:
                preferences.set(hidden, True)

    @staticmethod
    def _voice_title(frame: PanelFrame, voice: int) -> None:
        canvas, card, words = frame.canvas, frame.controller.cards[voice], frame.controller.called(voice)
        place = imgui.get_cursor_screen_pos()
        s = canvas.scale
        with canvas.onto(imgui.get_window_draw_list()):
            x, y = place.x / s, place.y / s
            chip(canvas, x, y, card.monogram, card.colour)
            canvas.text(x + CHIP_W + 10, canvas.middle(y + 12, NAME), words, canvas.chrome.hi, NAME)
        imgui.dummy((max(180.0, CHIP_W + 20 + canvas.width(words, NAME)) * s, 24 * s))

    # ---- help ------------------------------------------------------------------------------------------------------

    def _draw_help(self, frame: PanelFrame) -> None:
        """Every key and gesture, in two columns."""
        canvas, chrome, layout = frame.canvas, frame.canvas.chrome, frame.layout
        columns = help_columns()
        h = 92 + max(sum(len(rows) * LINE_DP + 16 for _, rows in column) for column in columns)
        squeeze = min(1.0, (layout.height - 24) / h)
        rect = Rect(
            (layout.width - HELP_WIDTH_DP) / 2, max(12.0, (layout.height - h * squeeze) / 2), HELP_WIDTH_DP, h * squeeze
        )
        with canvas.onto(imgui.get_foreground_draw_list()):
            canvas.fill(0, 0, layout.width, layout.height, chrome.bg0, 0.72)
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg2, 1.0, 8)
            canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.off, 1.0, 8)
            canvas.text(rect.x + 32, rect.y + 42, "keys and gestures", chrome.hi, 20, canvas.faces.bold)
            canvas.text(rect.right - 32, rect.y + 42, "? closes", chrome.low, LABEL, align=Align.RIGHT)
            for place, column in enumerate(columns):
                x, y = rect.x + 32 + (HELP_WIDTH_DP - 32) / 2 * place, rect.y + 72
                for group, rows in column:
                    canvas.hair_h(x, x + HELP_WIDTH_DP / 2 - 56, y - 6, chrome.line)
                    canvas.text(x, y + 17, group, chrome.low, LABEL)
                    for key, words in rows:
                        self._key(canvas, x + 72, y, key, pill=group != HAND_GROUP)
                        left = x + (134 if group == HAND_GROUP else 202)
                        canvas.text(left, y + 17, words, chrome.hi, LABEL)
                        y += LINE_DP * squeeze
                    y += 16 * squeeze

    @staticmethod
    def _key(canvas: ImGuiCanvas, x: float, y: float, key: str, pill: bool) -> None:
        chrome, bold = canvas.chrome, canvas.faces.bold
        if pill:
            w = max(28.0, canvas.width(key, LABEL, bold) + 16)
            canvas.fill(x, y, w, 22, chrome.bg3, 1.0, 4)
            canvas.outline(x, y, w, 22, chrome.off, 1.0, 4)
            canvas.text(x + w / 2, y + 16, key, chrome.hi, LABEL, bold, Align.CENTRE)
        else:
            canvas.text(x, y + 17, key, chrome.mid, VALUE, bold)


HAND_GROUP = "hand"
Group = tuple[str, list[tuple[str, str]]]


def help_columns() -> tuple[list[Group], list[Group]]:
    """The groups of keys, and the gestures, in two columns that are about equally long."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for binding in BINDINGS:
        groups.setdefault(binding.group, []).append((binding.key, binding.words))
    everything: list[Group] = [*groups.items(), (HAND_GROUP, list(MOUSE_HELP))]
    half, left = sum(len(rows) + 1 for _, rows in everything) / 2, 0
    for cut, (_, rows) in enumerate(everything):
        if left + (len(rows) + 1) / 2 > half:
            return everything[:cut], everything[cut:]
        left += len(rows) + 1
    return everything, []


def details(card: Card) -> list[str]:
    """What there is to know of a voice, a paragraph each."""
    lines = [f"{card.kind}: {card.description}"]
    if card.works:
        lines.append(f"It read {card.works}.")
    if card.licence:
        lines.append(f"Licence: {card.licence}.")
    if card.bits > 0.0:
        lines.append(f"It foresees a text of its kind that it has not read at {card.bits:.2f} bits per character.")
    return lines


def voice_of(address: str, slugs: tuple[str, ...]) -> int | None:
    """The voice that a style's address belongs to."""
    words = address.strip("/").split("/")
    return slugs.index(words[1]) if words[0] == "style" and words[1] in slugs else None
