"""A layout for TouchOSC (the second one, with `.tosc` files): XML, compressed by zlib.

A script in its root subscribes every three seconds and names the port at which TouchOSC receives. Pure; no thread of
its own.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from frontend.layouts.arranging import HEIGHT, WIDTH, LayoutControl, arranged
from protocol.messages import Card

FIRST = "0000000001"  # of TouchOSC's ten connections
DARK = "#101216"
NAMES = uuid.UUID("5f0f3c0e-0d0c-4c55-9b1b-7c3f5a1d7424")  # so that the same control has the same ID in every file
TYPES = {"fader": "FADER", "slider": "FADER", "pad": "XY", "toggle": "BUTTON", "button": "BUTTON", "label": "LABEL"}
CONVERSIONS = {"f": "FLOAT", "ff": "FLOAT", "i": "INTEGER", "T": "BOOLEAN"}  # by type tags
UPRIGHT, ACROSS = 0, 1
MOMENTARY, TOGGLE = 0, 1
SCRIPT = """-- asks again and again to be told what holds
local last = -3000
function update()
  if getMillis() - last >= 3000 then
    last = getMillis()
    sendOSC({'/subscribe', {{tag = 'i', value = %d}}})
  end
end
"""

Properties = Mapping[str, tuple[str, object]]  # by name: kind and value


def layout(cards: Sequence[Card], receive_port: int) -> bytes:
    """The file. ``receive_port`` is what TouchOSC's connection calls its receive port."""
    return zlib.compress(xml(cards, receive_port))


def xml(cards: Sequence[Card], receive_port: int) -> bytes:
    """What is in the file."""
    tree = ElementTree.Element("lexml", version="3")
    root = _node(tree, "GROUP", "Antiphon", (0, 0, WIDTH, HEIGHT), DARK, {"script": ("s", SCRIPT % receive_port)})
    children = ElementTree.SubElement(root, "children")
    for control in arranged(cards):
        _control(children, control)
        if control.kind in ("toggle", "button"):  # TouchOSC's buttons have no words of their own
            _label(children, f"{control.name} words", control.text, "#FFFFFF", control.rect)
    return bytes(ElementTree.tostring(tree, "UTF-8", xml_declaration=True))


def _control(parent: ElementTree.Element, control: LayoutControl) -> None:
    if control.kind == "label":
        _label(parent, control.name, control.text, control.colour, control.rect)
        return
    more: dict[str, tuple[str, object]] = {}
    if control.kind in ("fader", "slider"):
        more["orientation"] = "i", ACROSS if control.kind == "slider" else UPRIGHT
    elif control.kind in ("toggle", "button"):
        more["buttonType"] = "i", TOGGLE if control.kind == "toggle" else MOMENTARY
    node = _node(parent, TYPES[control.kind], control.name, control.rect, control.colour, more)
    axes = ("x", "y") if control.kind == "pad" else ("x",)
    values = ElementTree.SubElement(node, "values")
    _value(values, "touch", "false")
    for place, axis in enumerate(axes):
        _value(values, axis, f"{_level(control, place):g}")
    messages = ElementTree.SubElement(node, "messages")
    _osc(messages, control, axes)


def _level(control: LayoutControl, place: int) -> float:
    """Where the default of the control's parameter lies, 0 to 1."""
    parameter = control.parameter
    if parameter is None:
        return 0.0
    default = parameter.arguments(parameter.default)[place]
    low = parameter.bottom
    return (float(default) - low) / (parameter.high - low) if isinstance(default, (int, float)) else 0.0


def _osc(parent: ElementTree.Element, control: LayoutControl, axes: Sequence[str]) -> None:
    """The message that a control sends, and by which it is moved."""
    parameter = control.parameter
    osc = ElementTree.SubElement(parent, "osc")
    receives = "1" if parameter is not None else "0"
    fields = {"enabled": "1", "send": "1", "receive": receives, "feedback": "0", "connections": FIRST}
    for name, text in fields.items():
        ElementTree.SubElement(osc, name).text = text
    triggers = ElementTree.SubElement(osc, "triggers")
    for axis in axes:
        trigger = ElementTree.SubElement(triggers, "trigger")
        ElementTree.SubElement(trigger, "var").text = axis
        ElementTree.SubElement(trigger, "condition").text = "RISE" if control.kind == "button" else "ANY"
    _partial(ElementTree.SubElement(osc, "path"), "CONSTANT", "STRING", control.address)
    arguments = ElementTree.SubElement(osc, "arguments")
    if parameter is None:
        if control.argument is not None:
            _partial(arguments, "CONSTANT", "INTEGER", str(control.argument))
        return
    for axis in axes:
        conversion = CONVERSIONS[parameter.tags]
        _partial(arguments, "VALUE", conversion, axis, parameter.bottom, parameter.high)


def _partial(
    parent: ElementTree.Element, kind: str, conversion: str, value: str, low: float = 0.0, high: float = 1.0
) -> None:
    partial = ElementTree.SubElement(parent, "partial")
    for name, text in (
        ("type", kind),
        ("conversion", conversion),
        ("value", value),
        ("scaleMin", f"{low:g}"),
        ("scaleMax", f"{high:g}"),
    ):
        ElementTree.SubElement(partial, name).text = text


def _label(parent: ElementTree.Element, name: str, text: str, colour: str, rect: tuple[int, int, int, int]) -> None:
    more: dict[str, tuple[str, object]] = {
        "background": ("b", 0),
        "outline": ("b", 0),
        "interactive": ("b", 0),
        "textColor": ("c", colour),
        "textSize": ("i", 14 if rect[2] > 30 else 11),
    }
    node = _node(parent, "LABEL", name, rect, DARK, more)
    values = ElementTree.SubElement(node, "values")
    _value(values, "text", text)
    _value(values, "touch", "false")


def _node(
    parent: ElementTree.Element, kind: str, name: str, rect: tuple[int, int, int, int], colour: str, more: Properties
) -> ElementTree.Element:
    node = ElementTree.SubElement(parent, "node", ID=str(uuid.uuid5(NAMES, f"{kind} {name}")), type=kind)
    properties = ElementTree.SubElement(node, "properties")
    always: dict[str, tuple[str, object]] = {"name": ("s", name), "frame": ("r", rect), "color": ("c", colour)}
    for key, (letter, value) in (always | dict(more)).items():
        entry = ElementTree.SubElement(properties, "property", type=letter)
        ElementTree.SubElement(entry, "key").text = key
        _property(ElementTree.SubElement(entry, "value"), letter, value)
    return node


def _property(element: ElementTree.Element, letter: str, value: object) -> None:
    """A rectangle and a colour have elements of their own, all else is text."""
    if letter == "r" and isinstance(value, tuple):
        for name, number in zip("xywh", value, strict=True):
            ElementTree.SubElement(element, name).text = str(number)
    elif letter == "c":
        parts = [int(str(value)[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        for name, part in zip("rgba", (*parts, 1.0), strict=True):
            ElementTree.SubElement(element, name).text = f"{part:.4g}"
    else:
        element.text = str(value)


def _value(parent: ElementTree.Element, key: str, default: str) -> None:
    value = ElementTree.SubElement(parent, "value")
    for name, text in (
        ("key", key),
        ("locked", "0"),
        ("lockedDefaultCurrent", "0"),
        ("default", default),
        ("defaultPull", "0"),
    ):
        ElementTree.SubElement(value, name).text = text
