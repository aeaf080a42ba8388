"""Which key it is, whatever Shift or a script makes of it: on X11 pyglet tells "!" for Shift and 1, and no name for
Shift and Tab, or for a Cyrillic letter.

pyglet's symbols are X's. Elsewhere it names keys by themselves, and nothing is to be mended. UI thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyglet.window import BaseWindow

DIGIT_ROW = 10  # the X keycode of the key beside the left end of the digits, on every PC's keyboard; 19 is the last
DIGITS = "1234567890"
LETTER_KEYS = {
    first + place: letter
    for first, row in ((24, "qwertyuiop[]"), (38, "asdfghjkl;'"), (52, "zxcvbnm,./"))
    for place, letter in enumerate(row)
}  # the X keycodes of the letters' rows, and what an American keyboard has there
LATIN_1, FUNCTIONS = 0xFF, 0xFD00  # symbols between the two are letters of other scripts
UNICODE = 0x1000000  # so are those from here on
CODES = 8, 255  # the keycodes there may be (X protocol, "Keyboards")


def unshifted(symbol: int, window: BaseWindow) -> int:
    """The symbol of the key alone.

    Digits go by where the key is, for some keyboards have them under Shift; so do letters of other scripts than the
    Latin one, by what an American keyboard has there.
    """
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
    own = int(xlib.XKeycodeToKeysym(display, code, 0)) or symbol
    return ord(LETTER_KEYS[code]) if code in LETTER_KEYS and (LATIN_1 < own < FUNCTIONS or own >= UNICODE) else own
