"""The Latin letter of the key that types another script's letter, so that shortcuts hold on every keyboard. Pure.

Where the key itself is known, it goes by that (``frontend.look.keysyms``); a typed character tells it by what the
standard keyboards of its script have there. Where two keyboards of a script differ, the more common one counts:
Russian for Cyrillic, and what only the others have by theirs.
"""

from __future__ import annotations

import unicodedata

LATIN = "`qwertyuiop[] asdfghjkl;' zxcvbnm,./"  # the keys of an American keyboard, row by row
SHIFTED = dict(zip("`[];',./", '~{}:"<>?', strict=True))
KEYBOARDS = (  # what the same keys type elsewhere; an underscore where it is no letter, or another keyboard's
    "ёйцукенгшщзхъ фывапролджэ ячсмитьбю_",  # Russian
    "____________ї _і________є __________",  # Ukrainian
    "_________ў___ ___________ __________",  # Belarusian
    "_љњ________ђ_ _______ј__ћ ѕ_џ_______",  # Serbian, Macedonian
    "__ςερτυθιοπ__ ασδφγηξκλ__ ζχψωβνμ___",  # Greek
    "___קראטוןםפ__ שדגכעיחלךף_ זסבהנמצתץ_",  # Hebrew
    "ذضصثقفغعهخحجد شسيبلاتنمكط ئءؤر_ىةوزظ",  # Arabic
    "_ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ__ ㅁㄴㅇㄹㅎㅗㅓㅏㅣ__ ㅋㅌㅊㅍㅠㅜㅡ___",  # Korean
)
_BY_LETTER = {
    letter: key
    for keyboard in reversed(KEYBOARDS)
    for letter, key in zip(keyboard, LATIN, strict=True)
    if letter not in "_ "
}


def elsewhere(character: str) -> list[str]:
    """What other keyboards type where an American one types ``character``."""
    return [typed for letter in _BY_LETTER for typed in {letter, letter.upper()} if latin(typed) == character]


def latin(character: str) -> str:
    """The character that an American keyboard types with the same keys; ``character`` itself where that is unknown."""
    if character.isascii() or len(character) != 1:
        return character
    if character.isdigit():
        return str(unicodedata.digit(character))
    lower = character.lower()
    key = _BY_LETTER.get(lower)
    if key is None:
        return character
    return key if character == lower else SHIFTED.get(key, key.upper())
