"""The keys, declared once: the window obeys this table and the help overlay is read off it. Pure.

A key is named by what is printed on it. Letters and signs are matched by the character typed, so that they sit where
each keyboard has them; all others, and chords, by the key itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class KeyAction(Enum):
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
    LOOKAHEAD = auto()
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
    ANTIPHONY = auto()
    TURN = auto()
    UNDO = auto()
    REDO = auto()
    PASTE = auto()
    STAGE = auto()
    BLACKOUT = auto()
    FREEZE = auto()
    CORNERS = auto()
    AIM = auto()
    PHONES = auto()
    INVITE = auto()
    CREATURE = auto()
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
class KeyBinding:
    key: str
    act: KeyAction
    words: str
    group: str


BINDINGS = (
    KeyBinding("Space", KeyAction.RUN, "run, pause", "time"),
    KeyBinding(".", KeyAction.STEP, "write one character", "time"),
    KeyBinding("W", KeyAction.WORD, "on to the end of a word", "time"),
    KeyBinding("E", KeyAction.FINISH, "on to the end of the sentence, then rest", "time"),
    KeyBinding("Backspace", KeyAction.REWIND, "take back the last word", "time"),
    KeyBinding("Shift+Backspace", KeyAction.BACK, "take back one character", "time"),
    KeyBinding("H", KeyAction.HOLD, "hold the mix while the hands move; let it in", "time"),
    KeyBinding("P", KeyAction.PRIME, "type what the voices continue; Enter feeds, Esc leaves", "time"),
    KeyBinding("O", KeyAction.AIM, "aim: words, letters, a phrase; what rewinds left", "time"),
    KeyBinding("End", KeyAction.FOLLOW, "follow the text again after reading back", "time"),
    KeyBinding("0", KeyAction.LOOKAHEAD, "ghosts: what the voices would write next", "time"),
    KeyBinding("Shift+Esc", KeyAction.PANIC, "the calm, known state", "time"),
    KeyBinding("1 \u2026 9", KeyAction.SCENE, "recall a scene; once more: be there now", "scenes"),
    KeyBinding("Shift+1 \u2026 9", KeyAction.STORE, "store a scene", "scenes"),
    KeyBinding("Page Down", KeyAction.NEXT_CUE, "next cue of the set list", "scenes"),
    KeyBinding("Page Up", KeyAction.CUE_BEFORE, "the cue before", "scenes"),
    KeyBinding("L", KeyAction.BOOK, "the book of scenes and set lists", "scenes"),
    KeyBinding("F2", KeyAction.RENAME, "another name for what the pointer is on", "scenes"),
    KeyBinding("Tab", KeyAction.FOCUS, "next control (Shift: the one before)", "controls"),
    KeyBinding("Arrows", KeyAction.NUDGE, "move it (Shift: finely); Home, End: to its ends", "controls"),
    KeyBinding("Enter", KeyAction.PRESS, "press it: a voice, a button, a scene", "controls"),
    KeyBinding("Delete", KeyAction.DEFAULT, "its default; a fader to zero", "controls"),
    KeyBinding("C", KeyAction.MENU, "its menu: MIDI, details", "controls"),
    KeyBinding("G", KeyAction.LEARN, "teach MIDI: click a control, move hardware", "controls"),
    KeyBinding("D", KeyAction.MIDI, "MIDI devices, and what arrives from them", "controls"),
    KeyBinding("Ctrl+Z", KeyAction.UNDO, "undo", "controls"),
    KeyBinding("Ctrl+Shift+Z", KeyAction.REDO, "redo", "controls"),
    KeyBinding("Ctrl+V", KeyAction.PASTE, "a long text becomes a voice, a short one the beginning", "voices"),
    KeyBinding("S", KeyAction.SOLO, "solo the voice under the pointer", "voices"),
    KeyBinding("M", KeyAction.MUTE, "mute it", "voices"),
    KeyBinding("N", KeyAction.STRIPS, "faders: weights, or shares of all", "voices"),
    KeyBinding("U", KeyAction.LIFT, "lift the puck, lay it down", "voices"),
    KeyBinding("A", KeyAction.PILOT, "the puck by itself: drift, orbit, figure, none", "voices"),
    KeyBinding("R", KeyAction.PATH, "record a path, end it", "voices"),
    KeyBinding("=", KeyAction.ANTIPHONY, "antiphony: two choirs answer each other", "voices"),
    KeyBinding(";", KeyAction.TURN, "the turn to the other choir, now", "voices"),
    KeyBinding("F", KeyAction.STAGE, "send the stage to the next screen", "windows"),
    KeyBinding("B", KeyAction.BLACKOUT, "black out the stage and bring it back", "windows"),
    KeyBinding("V", KeyAction.FREEZE, "freeze the stage's picture and let it go", "windows"),
    KeyBinding("K", KeyAction.CORNERS, "set the corners of a projection, on a grid", "windows"),
    KeyBinding("Q", KeyAction.PHONES, "phones: their links as codes, and how many there are", "windows"),
    KeyBinding("J", KeyAction.INVITE, "the audience's code on the stage: none, in the corner, large", "windows"),
    KeyBinding("-", KeyAction.CREATURE, "the creature on the stage: let it come, send it away", "windows"),
    KeyBinding("F11", KeyAction.FULLSCREEN, "this window full screen", "windows"),
    KeyBinding(",", KeyAction.SETTINGS, "settings", "windows"),
    KeyBinding("I", KeyAction.INPUTS, "the inputs: tables, hands, faces, phones", "windows"),
    KeyBinding("Y", KeyAction.TEACH, "teach by showing: poses and what they mean", "windows"),
    KeyBinding("Z", KeyAction.ENLARGE, "the panel under the pointer large, and back", "windows"),
    KeyBinding("X", KeyAction.HIDE, "hide it", "windows"),
    KeyBinding("T", KeyAction.TOUR, "the tour", "windows"),
    KeyBinding("?", KeyAction.HELP, "show or hide these keys", "windows"),
    KeyBinding("Esc", KeyAction.CALM, "leave: menu, MIDI learn, book, help, focus", "windows"),
)

MOUSE_HELP = (
    ("voice", "click: in or out \u00b7 double click: solo \u00b7 drag: weight \u00b7 right click: menu"),
    ("fader", "drag, on below zero: less of it \u00b7 Shift: fine \u00b7 double click: zero"),
    ("puck", "drag \u00b7 throw \u00b7 double click: lift \u00b7 drag a voice round the circle"),
    ("slider", "drag \u00b7 Shift: fine \u00b7 double click: default \u00b7 right click: MIDI"),
    ("histogram", "click a letter: it comes next"),
    ("scene", "click: recall \u00b7 Shift+click or right click: store"),
    ("text", "wheel: back \u00b7 click a letter, again: branch there"),
    ("panel", "double click on its name: the whole window"),
)

_SIGNS = {binding.key: binding.act for binding in BINDINGS if len(binding.key) == 1 and not binding.key.isalnum()}
_LETTERS = {binding.key.lower(): binding.act for binding in BINDINGS if len(binding.key) == 1 and binding.key.isalpha()}
BY_CHARACTER = _SIGNS | _LETTERS | {letter.upper(): act for letter, act in _LETTERS.items()}

BY_SYMBOL = {
    0x20: KeyAction.RUN,
    ord("."): KeyAction.STEP,
    0xFF08: KeyAction.REWIND,
    0xFF56: KeyAction.NEXT_CUE,
    0xFF55: KeyAction.CUE_BEFORE,
    ord("f"): KeyAction.STAGE,
    ord("b"): KeyAction.BLACKOUT,
    ord("v"): KeyAction.FREEZE,
    ord("k"): KeyAction.CORNERS,
    ord("w"): KeyAction.WORD,
    ord("e"): KeyAction.FINISH,
    ord("j"): KeyAction.INVITE,
    ord("-"): KeyAction.CREATURE,
    ord("h"): KeyAction.HOLD,
    ord("0"): KeyAction.LOOKAHEAD,
    ord("="): KeyAction.ANTIPHONY,
    ord(";"): KeyAction.TURN,
}
"""Keys that hold in the stage window too, by pyglet's symbols (X keysyms)."""
