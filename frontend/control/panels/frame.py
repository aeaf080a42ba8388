"""One frame as every panel sees it, and what a panel is.

A frame has two passes: first every panel handles input and tells the controller, then the controller settles, then
every panel draws. So nothing that is drawn is older than the hand. UI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from frontend.control.drawing.canvas import ImGuiCanvas
from frontend.control.drawing.layout import PanelLayout, Rect
from frontend.control.drawing.pointer import PointerTracker, Touch
from frontend.control.state.controller import Controller
from frontend.control.state.edits import ControlRange
from frontend.look.easing import AnimatedValues
from frontend.look.theme import AnimationTimes

TIP_AFTER_S = 0.15  # seconds that the pointer rests on a thing before the line at the foot tells of it
NUDGE, FINE_NUDGE = 0.02, 0.002  # of a control's range, a key press
FINE_SHARE = 0.1  # of the hand's way, with shift


@dataclass(frozen=True)
class Nudges:
    """What the keyboard asks of the focused control in this frame."""

    steps: int = 0  # arrow keys: up and right are +1, down and left -1
    across: int = 0  # left and right alone
    upward: int = 0  # up and down alone
    fine: bool = False
    home: bool = False
    end: bool = False
    default: bool = False  # Delete: as a double click
    press: bool = False  # Enter: as a click

    @property
    def amount(self) -> float:
        return self.steps * (FINE_NUDGE if self.fine else NUDGE)


@dataclass
class PanelFrame:
    """What this frame has to work with; ``dt`` in seconds since the last one."""

    canvas: ImGuiCanvas
    tracker: PointerTracker
    controller: Controller
    animated: AnimatedValues
    motion: AnimationTimes
    layout: PanelLayout
    now: float = 0.0
    dt: float = 0.0
    nudges: Nudges = field(default_factory=Nudges)
    menu: str | None = None  # the address whose menu was asked for
    tips: list[str] = field(default_factory=list)
    _settled: dict[int, float] | None = None  # the faders, when no hand moves them any more

    @property
    def letters(self) -> float:
        """The size of the text that the voices write, in dp."""
        return self.controller.preferences.settings.letters

    @property
    def faders(self) -> dict[int, float]:
        """The fader positions of the voices in play, by voice in list order."""
        if self._settled is not None:
            return self._settled
        return {voice: self.controller.fader(voice) for voice in self.controller.playing}

    def settle(self) -> None:
        """The hands are done: from here on panels only draw."""
        self.controller.settle()
        self._settled = self.faders

    def hover(self, key: str, touch: Touch) -> float:
        """How far the hover of ``key`` has come, 0 to 1."""
        return self.animated.toward(key, 1.0 if touch.hot and not touch.held else 0.0, self.motion.hover)

    def lit(self, key: str, touch: Touch) -> float:
        """The same of a button, which is wholly lit while it is held."""
        return 1.0 if touch.held else self.hover(key, touch)

    def pressed(self, touch: Touch) -> bool:
        """Whether a button-like area was clicked, or has the keyboard and Enter was pressed."""
        return touch.clicked or (touch.focused and self.nudges.press)

    def tip(self, touch: Touch, words: str) -> None:
        """Offer words for the pointer that rests on ``touch``; the first that are offered stand in the last line."""
        if touch.hot_for >= TIP_AFTER_S:
            self.tips.append(words)

    def slide(
        self, key: str, address: str, rect: Rect, way: float, travel: ControlRange, upright: bool = False
    ) -> Touch:
        """Let the hand, and the keyboard where it has the focus, move the parameter at ``address``.

        ``rect`` is where it can be grasped, ``way`` the dp from its low to its high. A level slider jumps to where it
        is pressed, an upright one does not. Shift is fine, a double click or Delete gives the default back, a right
        click asks for the menu.
        """
        touch = self.tracker.area(key, rect, focusable=True)
        share = self.moved(touch, travel.share(self.controller.number(address)), way, upright)
        if touch.pressed and not touch.shift and not upright:
            share = self.tracker.grip = (self.tracker.pointer.x - rect.x - (rect.w - way) / 2) / way
        if touch.double or (touch.focused and self.nudges.default):
            self.controller.set(address, self.controller.parameter(address).default)
        elif share is not None:
            self.controller.set(address, travel.value(share))
        if touch.right:
            self.menu = address
        words = (
            f"{self.controller.parameter(address).description}  \u00b7  double click: {default_words(self, address)}"
        )
        self.tip(touch, words + held_words(self, address))
        return touch

    def head(self, name: str, rect: Rect, wide: float = 76.0) -> None:
        """A panel's name at the left of its top: a double click gives the panel the whole window, and back."""
        touch = self.tracker.area(f"title {name}", Rect(rect.x + 8, rect.y + 6, wide, 32))
        if touch.double:
            self.controller.preferences.enlarge(name)
            self.tracker.held = None
        if touch.right:
            self.menu = panel_menu(name)
        self.tip(touch, "double click, or Z: the whole window for it, and back  \u00b7  X hides it")

    def moved(self, touch: Touch, share: float, way: float, upright: bool) -> float | None:
        """The share of its way that a control has now if hand or keyboard moved it, else None.

        A hand that overshoots an end must come back to it before the control follows again.
        """
        if touch.pressed or touch.double:
            self.tracker.grip = share
        elif touch.moved:
            self.tracker.grip += (-touch.dy if upright else touch.dx) / way * (FINE_SHARE if touch.shift else 1.0)
            return self.tracker.grip
        elif touch.focused and (self.nudges.home or self.nudges.end):
            return 1.0 if self.nudges.end else 0.0
        elif touch.focused and self.nudges.steps:
            return share + self.nudges.amount
        return None


PANEL_MENU = "panel "


def panel_menu(name: str) -> str:
    """What ``PanelFrame.menu`` is called for a panel."""
    return PANEL_MENU + name


def default_words(frame: PanelFrame, address: str) -> str:
    default = frame.controller.parameter(address).default
    return f"{default:g}" if isinstance(default, float) else str(default)


def held_words(frame: PanelFrame, address: str) -> str:
    """Who last moved the parameter at ``address``, for the end of a tip; nothing where nobody has."""
    holder = frame.controller.hub.holders.of(address)
    return f"  \u00b7  {'held' if holder.fresh(frame.now) else 'last moved'} by {holder.who}" if holder else ""


class Panel(Protocol):
    """One part of the window."""

    name: str  # as the layout calls it, or the part of the window that is always there

    def touch(self, frame: PanelFrame) -> None:
        """Handle input: change the controller, draw nothing."""

    def draw(self, frame: PanelFrame) -> None:
        """Draw what the controller now says; change nothing but what was drawn last."""
