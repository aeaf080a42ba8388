"""The terminal player's keys, declared once: the player binds them, its help and docs/inputs.md list them. Pure.

Settings of the mix are moved by pairs of signs. A setting that the tree gains is shown without a line of code here, and
moved once it has its pair.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from frontend.look.keyboard_layouts import elsewhere

SIGN_NAMES = {  # where textual has names of its own
    "-": "minus",
    "+": "plus,equals_sign",
    "_": "underscore",
    "@": "at",
    "/": "slash",
    "\\": "backslash",
}
WEIGHT_STEP, FINE_WEIGHT_STEP = 0.05, 0.01


@dataclass(frozen=True)
class Nudge:
    """A setting that the key ``down`` makes less by ``step``, and ``up`` more."""

    address: str
    down: str
    up: str
    step: float
    words: str


def sign_name(sign: str) -> str:
    """What textual calls the key that writes ``sign``."""
    return SIGN_NAMES.get(sign) or unicodedata.name(sign).lower().replace(" ", "_").replace("-", "_")


NUDGES = (
    Nudge("/mix/rate", "-", "+", 1.0, "rate"),
    Nudge("/mix/temperature", "[", "]", 0.05, "temperature"),
    Nudge("/mix/alloy", "{", "}", 0.1, "alloy: any, mean, all"),
    Nudge("/mix/fusion", "(", ")", 0.05, "fusion: a mix, or one network"),
    Nudge("/mix/grain", ";", "'", 0.05, "grain: a new vote each letter, or a voice that keeps the word"),
    Nudge("/mix/grain_boundary", "_", "~", 1.0, "kept for: word, phrase, line, sentence"),
    Nudge("/mix/spelling", ":", '"', 0.05, "spelling: words that the voices know"),
    Nudge("/mix/words", "@", "#", 0.05, "from letters to words"),
    Nudge("/mix/memory", "/", "^", 0.05, "how much styles know by heart"),
    Nudge("/mix/sense", "\\", "!", 0.05, "how much the narrator says"),
    Nudge("/mix/top_p", "<", ">", 0.05, "top-p"),
    Nudge("/mix/min_p", "*", "&", 0.01, "min-p"),
    Nudge("/mix/surprise", "%", "$", 0.1, "surprise, in bits a character"),
)

# what is printed on the key, what it does, the keys' names in textual, the action; an empty line between groups
KEYS = (
    ("Space", "run, pause", "space", "run"),
    (". Enter", "write one character", "full_stop,enter", "step"),
    ("W", "on to the end of a word", "w,W", "word"),
    ("E", "to the end of the sentence, rest", "e,E", "finish"),
    ("Backspace", "take back the last word", "backspace", "rewind"),
    ("B", "take back one character", "b,B", "one_back"),
    ("H", "hold the mix; let it in", "h,H", "hold"),
    ("P", "type what the voices continue", "p,P", "prime"),
    ("R", "empty page, the seed anew", "r,R", "reset"),
    ("X", "the calm, known state", "x,X", "panic"),
    ("Z  Y", "undo, redo", "", ""),
    ("", "", "", ""),
    ("Up Down", "choose a voice", "", ""),
    ("Left Right", "its weight, below 0 too; Shift: finely", "", ""),
    ("V", "bring it into play, send it away", "v,V", "voice"),
    ("M  S", "mute, solo", "", ""),
    ("L", "let the next MIDI control drive it", "l,L", "learn"),
    ("0", "its weight to zero", "0", "zero"),
    ("", "", "", ""),
    ("1 ... 9", "recall a scene", "", ""),
    ("PgUp PgDn", "the cue before, the next", "", ""),
    *((f"{nudge.down} {nudge.up}", nudge.words, "", "") for nudge in NUDGES),
    ("U", "lift or lower the puck", "u,U", "lift"),
    ("I", "the inputs; Up Down V: switch", "i,I", "inputs"),
    ("?", "this help", "question_mark,f1", "help"),
    ("Q", "quit", "q,Q", "quit"),
)

_BINDINGS = (  # keys in textual, action
    *((keys, action) for _, _, keys, action in KEYS if keys),
    ("z,Z", "undo"),
    ("y,Y", "redo"),
    ("m,M", "mute"),
    ("s,S", "solo"),
    ("escape", "calm"),
    ("up,k", "choose(-1)"),
    ("down,j", "choose(1)"),
    ("pageup", "cue(-1)"),
    ("pagedown", "cue(1)"),
    ("right", f"weigh({WEIGHT_STEP})"),
    ("left", f"weigh({-WEIGHT_STEP})"),
    ("shift+right", f"weigh({FINE_WEIGHT_STEP})"),
    ("shift+left", f"weigh({-FINE_WEIGHT_STEP})"),
    *((sign_name(nudge.up), f"nudge('{nudge.address}', {nudge.step})") for nudge in NUDGES),
    *((sign_name(nudge.down), f"nudge('{nudge.address}', {-nudge.step})") for nudge in NUDGES),
    *((str(digit), f"scene({digit - 1})") for digit in range(1, 10)),
)
_SIGNS = {name: sign for nudge in NUDGES for sign in (nudge.down, nudge.up) for name in sign_name(sign).split(",")}


def _on_every_keyboard(keys: str) -> str:
    """``keys`` with what the keyboards of other scripts type where these are."""
    names = keys.split(",")
    signs = [_SIGNS.get(name, name) for name in names]
    return ",".join([*names, *sorted(typed for sign in signs if len(sign) == 1 for typed in elsewhere(sign))])


BINDINGS = tuple((_on_every_keyboard(keys), action) for keys, action in _BINDINGS)
