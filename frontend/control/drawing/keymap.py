"""The keys, declared once: the window obeys this table and the help overlay is read off it. Pure.

A key is named by what is printed on it. Letters and signs are matched by the character typed, so that they sit where
each keyboard has them; all others, and chords, by the key itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Act(Enum):
    """What a key asks for."""

    RUN = auto()
    STEP = auto()
    WORD = auto()
    FINISH = auto()
    REWIND = auto()
    BACK = auto()
    HOLD = auto()
    PRIME = auto()
    FOLLOW = auto()
    PANIC = auto()
    SCENE = auto()
    STORE = auto()
    NEXT_CUE = auto()
    CUE_BEFORE = auto()
    BOOK = auto()
    RENAME = auto()
    FOCUS = auto()
    NUDGE = auto()
    DEFAULT = auto()
    PRESS = auto()
    SOLO = auto()
    MUTE = auto()
    MENU = auto()
    STRIPS = auto()
    LIFT = auto()
    PILOT = auto()
    PATH = auto()
    UNDO = auto()
    REDO = auto()
    STAGE = auto()
    BLACKOUT = auto()
    FREEZE = auto()
    CORNERS = auto()
    PHONES = auto()
    INVITE = auto()
    FULLSCREEN = auto()
    SETTINGS = auto()
    INPUTS = auto()
    MIDI = auto()
    LEARN = auto()
    TEACH = auto()
    ENLARGE = auto()
    HIDE = auto()
    TOUR = auto()
    HELP = auto()
    CALM = auto()


@dataclass(frozen=True)
class Binding:
    key: str
    act: Act
    words: str
    group: str


BINDINGS = (
    Binding("Space", Act.RUN, "run, pause", "time"),
    Binding(".", Act.STEP, "write one character", "time"),
    Binding("W", Act.WORD, "on to the end of a word", "time"),
    Binding("E", Act.FINISH, "on to the end of the sentence, then rest", "time"),
    Binding("Backspace", Act.REWIND, "take back the last word", "time"),
    Binding("Shift+Backspace", Act.BACK, "take back one character", "time"),
    Binding("H", Act.HOLD, "hold the mix while the hands move; let it in", "time"),
    Binding("P", Act.PRIME, "type what the voices continue; Enter feeds, Esc leaves", "time"),
    Binding("End", Act.FOLLOW, "follow the text again after reading back", "time"),
    Binding("Shift+Esc", Act.PANIC, "the calm, known state", "time"),
    Binding("1 \u2026 9", Act.SCENE, "recall a scene; once more: be there now", "scenes"),
    Binding("Shift+1 \u2026 9", Act.STORE, "store a scene", "scenes"),
    Binding("Page Down", Act.NEXT_CUE, "next cue of the set list", "scenes"),
    Binding("Page Up", Act.CUE_BEFORE, "the cue before", "scenes"),
    Binding("L", Act.BOOK, "the book of scenes and set lists", "scenes"),
    Binding("F2", Act.RENAME, "another name for what the pointer is on", "scenes"),
    Binding("Tab", Act.FOCUS, "next control (Shift: the one before)", "controls"),
    Binding("Arrows", Act.NUDGE, "move it (Shift: finely); Home, End: to its ends", "controls"),
    Binding("Enter", Act.PRESS, "press it: a voice, a button, a scene", "controls"),
    Binding("Delete", Act.DEFAULT, "its default; a fader to zero", "controls"),
    Binding("C", Act.MENU, "its menu: MIDI, details", "controls"),
    Binding("G", Act.LEARN, "teach MIDI: click a control, move hardware", "controls"),
    Binding("D", Act.MIDI, "MIDI devices, and what arrives from them", "controls"),
    Binding("Ctrl+Z", Act.UNDO, "undo", "controls"),
    Binding("Ctrl+Shift+Z", Act.REDO, "redo", "controls"),
    Binding("S", Act.SOLO, "solo the voice under the pointer", "voices"),
    Binding("M", Act.MUTE, "mute it", "voices"),
    Binding("N", Act.STRIPS, "faders: weights, or shares of all", "voices"),
    Binding("U", Act.LIFT, "lift the puck, lay it down", "voices"),
    Binding("A", Act.PILOT, "the puck by itself: drift, orbit, figure, none", "voices"),
    Binding("R", Act.PATH, "record a path, end it", "voices"),
    Binding("F", Act.STAGE, "send the stage to the next screen", "windows"),
    Binding("B", Act.BLACKOUT, "black out the stage and bring it back", "windows"),
    Binding("V", Act.FREEZE, "freeze the stage's picture and let it go", "windows"),
    Binding("K", Act.CORNERS, "set the corners of a projection, on a grid", "windows"),
    Binding("Q", Act.PHONES, "phones: their links as codes, and how many there are", "windows"),
    Binding("J", Act.INVITE, "the audience's code on the stage: none, in the corner, large", "windows"),
    Binding("F11", Act.FULLSCREEN, "this window full screen", "windows"),
    Binding(",", Act.SETTINGS, "settings", "windows"),
    Binding("I", Act.INPUTS, "the inputs: tables, hands, faces, phones", "windows"),
    Binding("Y", Act.TEACH, "teach by showing: poses and what they mean", "windows"),
    Binding("Z", Act.ENLARGE, "the panel under the pointer large, and back", "windows"),
    Binding("X", Act.HIDE, "hide it", "windows"),
    Binding("T", Act.TOUR, "the tour", "windows"),
    Binding("?", Act.HELP, "show or hide these keys", "windows"),
    Binding("Esc", Act.CALM, "leave: menu, MIDI learn, book, help, focus", "windows"),
)

HAND = (
    ("voice", "click: in or out \u00b7 double click: solo \u00b7 drag: weight \u00b7 right click: menu"),
    ("fader", "drag, on below zero: less of it \u00b7 Shift: fine \u00b7 double click: zero"),
    ("puck", "drag \u00b7 throw \u00b7 double click: lift \u00b7 drag a voice round the circle"),
    ("slider", "drag \u00b7 Shift: fine \u00b7 double click: default \u00b7 right click: MIDI"),
    ("scene", "click: recall \u00b7 Shift+click or right click: store"),
    ("text", "wheel: back \u00b7 click a letter, again: branch there"),
    ("panel", "double click on its name: the whole window"),
)

_SIGNS = {".": Act.STEP, "?": Act.HELP, ",": Act.SETTINGS}
_LETTERS = {binding.key.lower(): binding.act for binding in BINDINGS if len(binding.key) == 1 and binding.key.isalpha()}
BY_CHARACTER = _SIGNS | _LETTERS | {letter.upper(): act for letter, act in _LETTERS.items()}

BY_SYMBOL = {
    0x20: Act.RUN,
    ord("."): Act.STEP,
    0xFF08: Act.REWIND,
    0xFF56: Act.NEXT_CUE,
    0xFF55: Act.CUE_BEFORE,
    ord("f"): Act.STAGE,
    ord("b"): Act.BLACKOUT,
    ord("v"): Act.FREEZE,
    ord("k"): Act.CORNERS,
    ord("w"): Act.WORD,
    ord("e"): Act.FINISH,
    ord("j"): Act.INVITE,
    ord("h"): Act.HOLD,
}
"""Keys that hold in the stage window too, by pyglet's symbols (X keysyms)."""
