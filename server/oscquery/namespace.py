"""What OSCQuery shows: parameters, actions and signals as one tree of nodes, read off their tables.

The Vidvox OSCQuery proposal. A node is a dict with its attributes: a leaf says TYPE, ACCESS, RANGE, UNIT and VALUE, a
container its CONTENTS. Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from protocol.alphabet import VOCABULARY
from protocol.formats import ACTIONS, FORMATS, MOST_STEPS, SPRITE
from protocol.messages import Arrive, Card, Choose, ChooseLikely, Prime, ReturnTo, Rewind, SpriteShown, Step
from protocol.reference import meaning
from protocol.show_commands import SHOW_COMMANDS, ShowCommandFormat
from protocol.signals import SignalFormat, signals
from protocol.tree import PAIR, Parameter, ParameterTree

Node = dict[str, Any]

READ, WRITE, BOTH = 1, 2, 3
IMPULSE = "I"  # the type of what takes no value
COUNTED = (Step, Rewind)  # those that take a number of characters; the others take none
VALUE = "VALUE"
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "RANGE", "DESCRIPTION", "UNIT", "CLIPMODE", "CRITICAL", VALUE)
COMMANDS = ("LISTEN", "PATH_ADDED")
ROOT = "Antiphon, an instrument for playing text"
FOLDERS = {
    "/mix": "how the voices are joined, and how a character is drawn",
    "/transport": "writing, resting, going back",
    "/puck": "where the puck lies on the circle of voices",
    "/style": "the voices",
    "/crowd": "what the audience has to say",
    "/guard": "what the text is kept from",
    "/text": "what the voices read",
    "/scene": "the nine scenes of whoever holds the show",
    "/cue": "the set list, cue by cue",
    "/setlist": "which set list is open",
    "/stage": "what the audience sees",
    "/sprite": "the creature beside the text",
    "/paper": "a receipt to take home",
    "/signal": "numbers and events for lights and sound",
    "/signal/share": "how much of the mix each voice is",
}


# a mix and its colours, one deeper than OSC has them: the control of the mix lies beneath. JSON has no blobs.
SPRITE_SHOWN = f"{SPRITE}/shown"
CREATURE: Node = {"TYPE": "ss", "ACCESS": READ, "DESCRIPTION": meaning(SpriteShown), "CRITICAL": False, VALUE: ["", ""]}


class Namespace:
    """All that can be set, done or followed with the voices that ``cards`` introduce. Without values."""

    def __init__(self, cards: Sequence[Card] = ()) -> None:
        self.tree = ParameterTree(card.slug for card in cards)
        self._folders = FOLDERS | {f"/style/{card.slug}": f"{card.name}: {card.description}" for card in cards}
        self._forms = signals(self.tree.slugs)
        self._leaves: dict[str, Node] = {shown_at(each): _parameter(each) for each in self.tree.values()}
        self._leaves |= {FORMATS[kind].address: _action(kind) for kind in ACTIONS}
        self._leaves |= {address: _deed(form) for address, form in SHOW_COMMANDS.items()}
        self._leaves[SPRITE_SHOWN] = CREATURE
        self._leaves |= {address: _signal(form) for address, form in self._forms.items()}

    @property
    def leaves(self) -> Iterable[str]:
        """The full path of everything that can be set, done or followed."""
        return self._leaves.keys()

    def has(self, path: str) -> bool:
        return path in self._leaves or any(leaf.startswith(_beneath(path)) for leaf in self._leaves)

    def node(self, path: str, values: Mapping[str, Sequence[object]]) -> Node | None:
        """The node at ``path`` with all beneath it, what ``values`` has as VALUE; None where there is nothing."""
        if not self.has(path):
            return None
        found: Node = {"FULL_PATH": path}
        beneath = _beneath(path)
        inside = (leaf.removeprefix(beneath) for leaf in self._leaves if leaf.startswith(beneath))
        names = dict.fromkeys(rest.partition("/")[0] for rest in inside)
        found |= {"DESCRIPTION": self._folders.get(path, ROOT if path == "/" else ""), "ACCESS": 0}
        if path in self._leaves:
            found |= self._leaves[path]
            if found["ACCESS"] & READ and path in values:
                found[VALUE] = list(values[path])
        if names:
            found["CONTENTS"] = {name: self.node(beneath + name, values) for name in names}
        return found

    def added_since(self, before: Namespace) -> list[str]:
        """The paths that ``before`` lacks, of nodes within each other only the highest."""
        fresh: dict[str, None] = {}
        for leaf in self._leaves:
            if not before.has(leaf):
                parts = leaf.split("/")
                path = next(p for n in range(2, len(parts) + 1) if not before.has(p := "/".join(parts[:n])))
                fresh[path] = None
        return list(fresh)


def shown_at(parameter: Parameter) -> str:
    """Where a parameter stands here: a pair one deeper, since others lie beneath it and many clients take only one."""
    return parameter.address + PAIR if parameter.tags == "ff" else parameter.address


def host_info(name: str, osc_port: int, web_port: int) -> Node:
    """Who answers, and where OSC and websockets are spoken: on the machine that was asked, which needs no address."""
    return {
        "NAME": name,
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
        "WS_PORT": web_port,
        "EXTENSIONS": {each: True for each in (*ATTRIBUTES[3:], *COMMANDS)} | {"ACCESS": True},
    }


def _parameter(parameter: Parameter) -> Node:
    node = {"TYPE": parameter.tags, "ACCESS": BOTH, "DESCRIPTION": parameter.description, "CRITICAL": False}
    if parameter.tags not in ("T", "s"):
        count = len(parameter.tags)
        number = int if parameter.tags == "i" else float
        node["RANGE"] = [{"MIN": number(parameter.low), "MAX": number(parameter.high)} for _ in range(count)]
        node["CLIPMODE"] = ["both"] * count
        if parameter.unit:
            node["UNIT"] = [parameter.unit] * count
    return node


def _action(kind: type) -> Node:
    node = {"TYPE": IMPULSE, "ACCESS": WRITE, "DESCRIPTION": meaning(kind), "CRITICAL": True}
    if kind in COUNTED:
        node |= {"TYPE": "i", "RANGE": [{"MIN": 1, "MAX": MOST_STEPS}], "CLIPMODE": ["none"]}
    elif kind is ReturnTo:
        node["TYPE"] = "i"
    elif kind is ChooseLikely:
        node |= {"TYPE": "i", "RANGE": [{"MIN": 1, "MAX": VOCABULARY}], "CLIPMODE": ["none"]}
    elif kind in (Prime, Choose, Arrive):
        node["TYPE"] = "s"
    return node


def _deed(form: ShowCommandFormat) -> Node:
    node = {"TYPE": form.osc_tags or IMPULSE, "ACCESS": WRITE, "DESCRIPTION": form.description, "CRITICAL": True}
    if form.tags == "f":
        node |= {"RANGE": [{"MIN": form.low, "MAX": form.high}], "CLIPMODE": ["both"]}
    return node


def _signal(form: SignalFormat) -> Node:
    ranges: list[Node] = [{} for _ in form.tags]
    ranges[form.number] = {"MIN": form.low, "MAX": form.high}
    node = {"TYPE": form.tags, "ACCESS": READ, "DESCRIPTION": form.description, "RANGE": ranges, "CRITICAL": False}
    node[VALUE] = ["" if tag == "s" else int(form.low) if tag == "i" else float(form.low) for tag in form.tags]
    if form.unit:
        node["UNIT"] = [form.unit if place == form.number else "" for place in range(len(form.tags))]
    return node


def _beneath(path: str) -> str:
    return path if path.endswith("/") else f"{path}/"
