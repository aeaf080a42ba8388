"""The performer's hand: what the pointer is over, what it holds, and which control the keyboard moves.

Panels ask ``area`` for each thing that can be touched, innermost first: the first to claim the pointer has it, and what
was pressed keeps it until release, wherever the pointer goes. Pure (dp and seconds in, ``Touch`` out); UI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from frontend.control.drawing.layout import Rect

DRAG_FROM_DP = 4.0  # dp; less is a click


@dataclass(frozen=True)
class Pointer:
    """The mouse in one frame, in dp. ``presses``: 1 for a press in this frame, 2 for the second of a double click."""

    x: float = -1e6
    y: float = -1e6
    down: bool = False
    presses: int = 0
    right_press: bool = False
    wheel: float = 0.0
    shift: bool = False
    free: bool = True  # no menu, no text field stands between pointer and panel


class Touch(NamedTuple):
    """What the pointer does to one area in this frame."""

    hot: bool = False  # over it, or holding it
    held: bool = False
    pressed: bool = False
    double: bool = False
    clicked: bool = False  # released over it without a drag
    released: bool = False
    right: bool = False
    dragging: bool = False
    dx: float = 0.0  # since the last frame
    dy: float = 0.0
    wheel: float = 0.0
    shift: bool = False
    focused: bool = False  # the keyboard moves it
    keyboard: bool = False  # and the focus came by keyboard, so it is to be seen
    hot_for: float = 0.0  # seconds over it without holding

    @property
    def moved(self) -> bool:
        """Whether the hand went on while it held it. On a slow machine the last of the way comes with the release."""
        return (self.held or self.released) and (self.dx != 0.0 or self.dy != 0.0)


NO_TOUCH = Touch()


@dataclass
class PointerTracker:
    """Remembers between frames what is held, focused and hovered."""

    pointer: Pointer = Pointer()
    now: float = 0.0
    held: str | None = None
    focus: str | None = None
    focus_seen: bool = False
    grip: float = 0.0  # where on its way the held control would be, had the way no ends
    hot: str | None = None
    _claimed: bool = False
    _hot_since: float = 0.0
    _hot_before: str | None = None
    _start: tuple[float, float] = (0.0, 0.0)
    _dragging: bool = False
    _last: tuple[float, float] = (0.0, 0.0)
    _order: list[str] = field(default_factory=list)
    _order_before: list[str] = field(default_factory=list)
    _step: tuple[float, float] = (0.0, 0.0)
    _let_go: str | None = None

    def begin(self, pointer: Pointer, now: float) -> None:
        """A new frame. Everything that ``area`` says until the next call is about this pointer."""
        self._step = (pointer.x - self.pointer.x, pointer.y - self.pointer.y)
        self.pointer, self.now = pointer, now
        self._claimed = False
        self._hot_before, self.hot = self.hot, None
        self._order_before, self._order = self._order, []
        self._let_go = None
        if self.held is not None:
            if not self._dragging:
                moved = max(abs(pointer.x - self._start[0]), abs(pointer.y - self._start[1]))
                self._dragging = moved >= DRAG_FROM_DP
            if not pointer.down:
                self._let_go, self.held = self.held, None

    def area(self, key: str, rect: Rect, focusable: bool = False) -> Touch:
        """What the pointer does to the area called ``key`` in this frame."""
        pointer = self.pointer
        if focusable:
            self._order.append(key)
        focused = self.focus == key
        if self.held == key:
            self.hot, self._claimed = key, True
            return Touch(
                hot=True,
                held=True,
                dragging=self._dragging,
                dx=self._step[0],
                dy=self._step[1],
                shift=pointer.shift,
                focused=focused,
                keyboard=focused and self.focus_seen,
            )
        inside = rect.has(pointer.x, pointer.y)
        if self._let_go == key:
            self.hot, self._claimed = (key if inside else None), True
            return Touch(
                hot=inside,
                released=True,
                clicked=inside and not self._dragging,
                dragging=self._dragging,
                dx=self._step[0],
                dy=self._step[1],
                shift=pointer.shift,
                focused=focused,
            )
        if self._claimed or self.held is not None or not pointer.free or not inside:
            return Touch(focused=True, keyboard=self.focus_seen) if focused else NO_TOUCH
        self.hot, self._claimed = key, True
        if self._hot_before != key:
            self._hot_since = self.now
        if pointer.presses:
            self.held, self._start, self._dragging = key, (pointer.x, pointer.y), False
            self.focus, self.focus_seen = (key if focusable else None), False
            focused = focusable
        return Touch(
            hot=True,
            held=pointer.presses > 0,
            pressed=pointer.presses == 1,
            double=pointer.presses == 2,
            right=pointer.right_press,
            wheel=pointer.wheel,
            shift=pointer.shift,
            focused=focused,
            keyboard=focused and self.focus_seen,
            hot_for=self.now - self._hot_since,
        )

    def hand_over(self, key: str) -> None:
        """What is held now goes on as another area: the press was on its way there."""
        self.held, self.focus = key, key

    @property
    def gesture(self) -> str | None:
        """What the pointer holds, or let go of in this frame."""
        return self.held or self._let_go

    @property
    def hovered(self) -> str | None:
        """What the pointer is over: in this frame if that is known yet, else in the last."""
        return self.hot if self._claimed else self._hot_before

    def move_focus(self, by: int) -> None:
        """The keyboard's focus goes ``by`` places on among the focusable areas of the last frame, round and round."""
        order = self._order or self._order_before
        if order:
            at = order.index(self.focus) + by if self.focus in order else (0 if by > 0 else -1)
            self.focus, self.focus_seen = order[at % len(order)], True

    def drop_focus(self) -> None:
        self.focus, self.focus_seen = None, False
