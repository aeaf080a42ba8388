"""Where controls stand on a panel of 1280 x 800: faders in the voices' colours above, puck, sliders, transport below.

Read off the parameter tree, so that what is added there is here. Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from protocol.messages import Card
from protocol.tree import Parameter, ParameterTree, on_address, weight_address

WIDTH, HEIGHT = 1280, 800
MARGIN, GAP = 16, 6
FADERS = 330  # pixels high
ROW = 44
INK, GREY, ALARM = "#F2F2F2", "#8A8F98", "#FF4D4D"

Kind = Literal["fader", "slider", "pad", "toggle", "button", "label"]


@dataclass(frozen=True)
class LayoutControl:
    """One control at ``rect`` (x, y, width, height in pixels, y down). ``colour`` is "#RRGGBB".

    A button sends ``argument`` where there is one, a label sends nothing; all others drive ``parameter``.
    """

    kind: Kind
    name: str
    text: str
    colour: str
    rect: tuple[int, int, int, int]
    address: str = ""
    parameter: Parameter | None = None
    argument: int | None = None


ACTIONS = (  # text, address, argument
    ("step", "/transport/step", 1),
    ("word", "/transport/word", None),
    ("sentence", "/transport/finish", None),
    ("back", "/transport/rewind", 1),
    ("back 40", "/transport/rewind", 40),
    ("calm", "/panic", None),
    *((f"scene {number}", "/scene/recall", number) for number in range(1, 10)),
    ("cue back", "/cue/back", None),
    ("cue go", "/cue/next", None),
    ("black", "/stage/black", 1),
    ("light", "/stage/black", 0),
)


def arranged(cards: Sequence[Card]) -> list[LayoutControl]:
    """Every control for the voices that ``cards`` introduce, none on top of another but for the words on buttons."""
    tree = ParameterTree(card.slug for card in cards)
    return [*_strips(tree, cards), *_below(tree)]


def _strips(tree: ParameterTree, cards: Sequence[Card]) -> list[LayoutControl]:
    """A fader for each voice, its name above and the switch that brings it into play below."""
    found = []
    each = (WIDTH - 2 * MARGIN + GAP) // max(1, len(cards))
    for place, card in enumerate(cards):
        x, w = MARGIN + place * each, max(8, each - GAP)
        weight, on = tree[weight_address(card.slug)], tree[on_address(card.slug)]
        found += [
            LayoutControl("label", f"name {card.slug}", card.monogram, card.colour, (x, MARGIN, w, 24)),
            _driving("fader", weight, card.slug, card.colour, (x, MARGIN + 28, w, FADERS)),
            _driving("toggle", on, card.monogram, card.colour, (x, MARGIN + 34 + FADERS, w, ROW)),
        ]
    return found


def _below(tree: ParameterTree) -> list[LayoutControl]:
    """The puck as a pad, the other numbers as sliders, what runs and is done as buttons."""
    top = MARGIN + FADERS + ROW + 48
    side = HEIGHT - top - MARGIN
    found = [_driving("pad", tree["/puck"], "puck", INK, (MARGIN, top, side, side))]
    rest = [each for each in tree.values() if not each.address.startswith("/style/")]
    x, w = 2 * MARGIN + side, 480
    numbers = [each for each in rest if each.tags in ("f", "i")]
    row = min(ROW, side // max(1, len(numbers)) - GAP)
    for place, parameter in enumerate(numbers):
        y = top + place * (row + GAP)
        text = _words(parameter)
        found.append(LayoutControl("label", f"name {parameter.address}", text, INK, (x, y, 120, row)))
        found.append(_driving("slider", parameter, text, GREY, (x + 126, y, w - 126, row)))
    x += w + MARGIN
    switches = [each for each in rest if each.tags == "T"]
    wide = (WIDTH - MARGIN - x - 2 * GAP) // 3
    rows = -(-(len(switches) + len(ACTIONS)) // 3)
    tall = min(100, (side + GAP) // rows - GAP)

    def cell(n: int) -> tuple[int, int, int, int]:
        return x + (n % 3) * (wide + GAP), top + (n // 3) * (tall + GAP), wide, tall

    for n, parameter in enumerate(switches):
        found.append(_driving("toggle", parameter, _words(parameter), INK, cell(n)))
    for n, (text, address, argument) in enumerate(ACTIONS, start=len(switches)):
        colour = ALARM if address == "/panic" else GREY
        found.append(LayoutControl("button", f"do {text}", text, colour, cell(n), address, None, argument))
    return found


def _words(parameter: Parameter) -> str:
    """What a control is called: "rate", "puck falloff"."""
    words = parameter.address.removeprefix("/mix").removeprefix("/transport")
    return words.strip("/").replace("/", " ").replace("_", "-")


def _driving(
    kind: Kind, parameter: Parameter, text: str, colour: str, rect: tuple[int, int, int, int]
) -> LayoutControl:
    return LayoutControl(kind, parameter.address, text, colour, rect, parameter.address, parameter)
