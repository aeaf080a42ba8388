"""Which key it is, whatever Shift makes of it: with keyboards as an X server describes them."""

from __future__ import annotations

import pytest

from frontend.look.keysyms import _of_key, unshifted

TAB, ISO_LEFT_TAB, F5 = 0xFF09, 0xFE20, 0xFFC2
PARAGRAPH = 0xA7  # Shift and 3 on a German keyboard


class Keyboard:
    """Rows of an X keyboard's table: a key's code and its symbols, alone and under Shift."""

    def __init__(self, **keys: tuple[int, int, int]) -> None:
        self._keys = list(keys.values())

    def XKeysymToKeycode(self, display: object, symbol: int) -> int:
        return next((code for code, *symbols in self._keys if symbol in symbols), 0)

    def XKeycodeToKeysym(self, display: object, wanted: int, level: int) -> int:
        return next((symbols[level] for code, *symbols in self._keys if code == wanted), 0)


AMERICAN = Keyboard(one=(10, ord("1"), ord("!")), tab=(23, TAB, ISO_LEFT_TAB), stop=(60, ord("."), ord(">")))
GERMAN = Keyboard(three=(12, ord("3"), PARAGRAPH), stop=(60, ord("."), ord(":")))
CYRILLIC_TSE, CYRILLIC_YU, HEBREW_QOPH, GEORGIAN = 0x6C3, 0x6C0, 0xCF7, 0x10010EC
RUSSIAN = Keyboard(w=(25, CYRILLIC_TSE, 0x6E3), stop=(60, CYRILLIC_YU, 0x6E0), one=(10, ord("1"), ord("!")))
HEBREW, GEORGIAN_ALONE = Keyboard(e=(26, HEBREW_QOPH, HEBREW_QOPH)), Keyboard(w=(25, GEORGIAN, GEORGIAN))
FRENCH = Keyboard(one=(10, ord("&"), ord("1")))


@pytest.mark.parametrize(
    ("keyboard", "told", "meant"),
    [
        (AMERICAN, ord("!"), ord("1")),
        (AMERICAN, ord("1"), ord("1")),
        (AMERICAN, 23 << 32, TAB),  # pyglet has no name for it and tells the key's code
        (AMERICAN, ord(">"), ord(".")),
        (GERMAN, ord(":"), ord(".")),
        (GERMAN, 12 << 32, ord("3")),
        (FRENCH, ord("&"), ord("1")),
        (FRENCH, ord("1"), ord("1")),
        (RUSSIAN, 25 << 32, ord("w")),
        (RUSSIAN, CYRILLIC_TSE, ord("w")),
        (RUSSIAN, 60 << 32, ord(".")),
        (HEBREW, 26 << 32, ord("e")),
        (GEORGIAN_ALONE, 25 << 32, ord("w")),
        (AMERICAN, F5, F5),  # a key that this keyboard lacks stays what it is
        (AMERICAN, 200 << 32, 200 << 32),
    ],
)
def test_a_key_is_the_same_key_under_shift_on_every_keyboard(keyboard: Keyboard, told: int, meant: int) -> None:
    assert _of_key(told, keyboard, None) == meant


def test_where_there_is_no_x_server_keys_are_what_they_are_called() -> None:
    class Window:
        pass

    assert unshifted(ord("!"), Window()) == ord("!")  # type: ignore[arg-type]
