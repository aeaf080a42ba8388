"""A show's commands: what it does at one moment, from outside, declared once: address, arguments, description.

A desk that runs a show (QLab, Companion, Eos, Chataigne) sends them to the server as plain OSC. The server does some by
itself and hands the others to the front end that holds the show; either way who asked is answered with what happened.
OSC, OSCQuery, the ready layouts and the reference in docs/ are read off this table. Pure; no thread of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from protocol.errors import MessageError
from protocol.guard import shown
from protocol.messages import ShowCommand

WHICH = "w"  # beside OSC's own tags: a number or a name, as a text or as a number
WHAT_CHARS = 80  # characters of a name
LONGEST_FADE_S = 120.0  # seconds


SHOW, PAPER = "show", "paper"  # the roles of those that commands are handed to


@dataclass(frozen=True)
class ShowCommandFormat:
    """One command. ``tags`` are its arguments, of which the first ``needed`` must be there; ``names`` what they mean.

    A first argument "T" is true or false, "f" a number from ``low`` to ``high``, "s" a name, "w" a number or a name; a
    second one is the seconds of the fade. Without a first argument, or where that may be left out, a button can send
    it: a press does it, a release does nothing.
    """

    address: str
    tags: str
    needed: int
    names: str
    description: str
    low: float = 0.0
    high: float = 1.0
    role: str = SHOW  # who does it

    @property
    def takes_name(self) -> bool:
        return self.tags[:1] in (WHICH, "s")

    @property
    def osc_tags(self) -> str:
        """As OSC has them, for whoever wants to know one kind for each."""
        return self.tags.replace(WHICH, "s")


RECALL, GO, NEXT, BACK = "/scene/recall", "/cue/go", "/cue/next", "/cue/back"
OPEN = "/setlist/open"
PRINT = "/paper/print"
BLACK, FREEZE, THEME, SIZE = "/stage/black", "/stage/freeze", "/stage/theme", "/stage/size"
CREATURE = "/stage/creature"
CALM = "/panic"  # a message of its own; the front end that holds the show is told of it

SHOW_COMMANDS = {
    form.address: form
    for form in (
        ShowCommandFormat(
            RECALL,
            "wf",
            1,
            "scene, seconds",
            "recall a scene, by its number (1 to 9) or its name, in so many seconds; without them as the keys do",
        ),
        ShowCommandFormat(
            GO,
            "wf",
            0,
            "cue, seconds",
            "take a cue of the set list, by its number (from 1) or its name; without one the next",
        ),
        ShowCommandFormat(NEXT, "", 0, "", "take the next cue of the set list"),
        ShowCommandFormat(BACK, "", 0, "", "take the cue before"),
        ShowCommandFormat(OPEN, "s", 1, "name", "open a set list by its name, before its first cue"),
        ShowCommandFormat(BLACK, "T", 1, "black", "the stage is black, or not"),
        ShowCommandFormat(FREEZE, "T", 1, "frozen", "the stage's picture stands still while the text goes on, or not"),
        ShowCommandFormat(CREATURE, "T", 1, "creature", "a creature stands beside the text, or not"),
        ShowCommandFormat(THEME, "s", 1, "theme", "the stage's theme, by its name"),
        ShowCommandFormat(
            PRINT, "", 0, "", "print the last sentence, where `antiphon receipt --stay` runs", role=PAPER
        ),
        ShowCommandFormat(SIZE, "f", 1, "size", "the size of the stage's letters; 1 is as designed", 0.7, 1.6),
    )
}


def read_show_command(address: str, arguments: Sequence[object]) -> ShowCommand | None:
    """The command that was sent to ``address``, one of ``SHOW_COMMANDS``; None for a button that is let go.

    What many programs send passes: numbers as floats, and more arguments than are wanted. Raises ``MessageError``.
    """
    form = SHOW_COMMANDS[address]
    if not arguments:
        if form.needed:
            raise MessageError(f"{address} takes {form.names}")
        return ShowCommand(address)
    first = arguments[0]
    if not form.needed or form.tags[0] == WHICH:
        if first is False or (first == 0 and not isinstance(first, str)):
            return None
        if not form.needed and (first is True or (isinstance(first, float) and first == 1.0)):
            return ShowCommand(address)  # pressed, and nothing is chosen
    if not form.tags:
        return ShowCommand(address)
    seconds = _seconds(form, arguments[1:2])
    return ShowCommand(address, _what(form, first), seconds)


def show_command_arguments(command: ShowCommand) -> tuple[str, list[Any]]:
    """``command`` as OSC type tags and arguments; the inverse of ``read_show_command``. Raises ``MessageError``."""
    form = SHOW_COMMANDS.get(command.address)
    if form is None:
        raise MessageError(f"there is no command {shown(command.address)}")
    if not command.what:
        return "", []
    seconds = [command.seconds] if command.seconds >= 0.0 and len(form.tags) > 1 else []
    match form.tags[:1]:
        case "T":
            return ("T" if command.what == "1" else "F"), [command.what == "1"]
        case "f":
            return "f", [float(command.what)]
    what: Any = int(command.what) if form.tags[0] == WHICH and command.what.isdecimal() else command.what
    return ("i" if isinstance(what, int) else "s") + "f" * len(seconds), [what, *seconds]


def _what(form: ShowCommandFormat, first: object) -> str:
    tag = form.tags[0]
    if tag in (WHICH, "s") and isinstance(first, str):
        name = " ".join(first.split())
        if 0 < len(name) <= WHAT_CHARS and name.isprintable():
            return name
        raise MessageError(f"{form.address} takes a name of 1 to {WHAT_CHARS} characters, not {shown(first)}")
    if isinstance(first, (bool, int, float)) and math.isfinite(first):
        if tag == "T":
            return "1" if first else "0"
        if tag == "f" and not isinstance(first, bool):
            return f"{min(form.high, max(form.low, first)):g}"
        if tag == WHICH and not isinstance(first, bool) and first == int(first) and 0 < first < 10_000:
            return str(int(first))
    raise MessageError(f"{form.address} takes {form.names}, not {shown(str(first))}")


def _seconds(form: ShowCommandFormat, rest: Sequence[object]) -> float:
    """The fade's seconds; -1 where none are given."""
    if len(form.tags) < 2 or not rest:
        return -1.0
    if not isinstance(rest[0], (int, float)) or isinstance(rest[0], bool) or not math.isfinite(rest[0]):
        raise MessageError(f"{form.address} takes seconds, not {shown(str(rest[0]))}")
    return min(LONGEST_FADE_S, max(0.0, float(rest[0])))
