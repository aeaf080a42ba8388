"""Which key it is, whatever Shift makes of it: on X11 pyglet tells "!" for Shift and 1, and no name for Shift and Tab.

pyglet's symbols are X's. Elsewhere it names keys by themselves, and nothing is to be mended. UI thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyglet.window import BaseWindow

DIGIT_ROW = 10  # the X keycode of the key beside the left end of the digits, on every PC's keyboard; 19 is the last
DIGITS = "1234567890"
CODES = 8, 255  # the keycodes there may be (X protocol, "Keyboards")


def unshifted(symbol: int, window: BaseWindow) -> int:
    """The symbol of the key alone. Digits go by where the key is, for some keyboards have them under Shift."""
    display = getattr(window, "_x_display", None)
    if display is None:
        return symbol
    from pyglet.libs.x11 import xlib

    return _of_key(symbol, xlib, display)


def _of_key(symbol: int, xlib: Any, display: object) -> int:
    code = symbol >> 32 or int(xlib.XKeysymToKeycode(display, symbol))  # a key that pyglet has no name for is its code
    if DIGIT_ROW <= code < DIGIT_ROW + len(DIGITS):
        return ord(DIGITS[code - DIGIT_ROW])
    if not CODES[0] <= code <= CODES[1]:
        return symbol
    return int(xlib.XKeycodeToKeysym(display, code, 0)) or symbol
