"""The keys, declared once: the window obeys this table and the help overlay is read off it. Pure.

A key is named by what is printed on it; "Shift+" before a digit is the only chord. Letters and signs are matched by the
character typed, so that they sit where each keyboard has them; all others by the key itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Act(Enum):
    """What a key asks for."""

    RUN = auto()
    STEP = auto()
    REWIND = auto()
    SCENE = auto()
    STORE = auto()
    PRIME = auto()
    STAGE = auto()
    BLACKOUT = auto()
    FULLSCREEN = auto()
    HELP = auto()
    CALM = auto()
    FOCUS = auto()
    NUDGE = auto()
    DEFAULT = auto()
    PRESS = auto()
    SOLO = auto()
    MUTE = auto()


@dataclass(frozen=True)
class Binding:
    key: str
    act: Act
    words: str
    group: str


BINDINGS = (
    Binding("Space", Act.RUN, "run, pause", "time"),
    Binding(".", Act.STEP, "write one character", "time"),
    Binding("Backspace", Act.REWIND, "take back the last word", "time"),
    Binding("P", Act.PRIME, "type what the voices continue; Enter feeds, Esc leaves", "time"),
    Binding("1 \u2026 9", Act.SCENE, "recall a scene", "scenes"),
    Binding("Shift+1 \u2026 9", Act.STORE, "store a scene", "scenes"),
    Binding("Tab", Act.FOCUS, "next control (Shift: the one before)", "controls"),
    Binding("Arrows", Act.NUDGE, "move it (Shift: finely); Home, End: to its ends", "controls"),
    Binding("Enter", Act.PRESS, "press it: a voice, a button, a scene", "controls"),
    Binding("Delete", Act.DEFAULT, "its default; a fader to zero", "controls"),
    Binding("S", Act.SOLO, "solo the voice under the pointer", "controls"),
    Binding("M", Act.MUTE, "mute it", "controls"),
    Binding("F", Act.STAGE, "send the stage to the second screen and back", "windows"),
    Binding("B", Act.BLACKOUT, "black out the stage and bring it back", "windows"),
    Binding("F11", Act.FULLSCREEN, "this window full screen", "windows"),
    Binding("?", Act.HELP, "show or hide these keys", "windows"),
    Binding("Esc", Act.CALM, "leave: menu, MIDI learn, help, focus", "windows"),
)

HAND = (
    ("voice", "click: in or out of play \u00b7 drag: weight \u00b7 right click: MIDI, solo, mute, details"),
    ("fader", "drag \u00b7 Shift: fine \u00b7 double click: zero \u00b7 right click: MIDI"),
    ("puck", "drag \u00b7 double click: lift \u00b7 path: record the next drag, repeat it"),
    ("slider", "drag \u00b7 Shift: fine \u00b7 double click: default \u00b7 right click: MIDI"),
    ("scene", "click: recall \u00b7 Shift+click or right click: store"),
)

_SIGNS = {".": Act.STEP, "?": Act.HELP}
_LETTERS = {"f": Act.STAGE, "p": Act.PRIME, "b": Act.BLACKOUT, "s": Act.SOLO, "m": Act.MUTE}
BY_CHARACTER = _SIGNS | _LETTERS | {letter.upper(): act for letter, act in _LETTERS.items()}

BY_SYMBOL = {0x20: Act.RUN, ord("."): Act.STEP, 0xFF08: Act.REWIND, ord("f"): Act.STAGE, ord("b"): Act.BLACKOUT}
"""Keys that hold in the stage window too, by pyglet's symbols (X keysyms)."""
