"""A session for Open Stage Control 1.x, as JSON, and the module that keeps its subscription going.

A session sends only what hands move; a custom module runs in Open Stage Control's own server and may speak by itself.
Pure; no thread of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from frontend.layouts.arranging import HEIGHT, WIDTH, LayoutControl, arranged
from protocol.messages import Card

MADE_FOR = "1.25.0"  # the version whose widgets these are
RENEWAL = 3_000  # milliseconds between subscriptions


def session(cards: Sequence[Card], server: tuple[str, int]) -> str:
    """The session's file: all widgets send to ``server``."""
    target = f"{server[0]}:{server[1]}"
    root = {
        "type": "root",
        "id": "root",
        "width": WIDTH,
        "height": HEIGHT,
        "colorBg": "#101216",
        "padding": 0,
        "scroll": False,
        "target": target,
        "widgets": [_widget(control, target) for control in arranged(cards)],
        "tabs": [],
    }
    made = {"createdWith": "Open Stage Control", "version": MADE_FOR, "type": "session", "content": root}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def module(server: tuple[str, int]) -> str:
    """The custom module's file."""
    where = f"{json.dumps(server[0])}, {server[1]}"
    return (
        "// Open Stage Control's side of Antiphon: asks again and again to be told what holds.\n"
        f"setInterval(() => send({where}, '/subscribe'), {RENEWAL})\n"
        "module.exports = {}\n"
    )


def _widget(control: LayoutControl, target: str) -> dict[str, Any]:
    x, y, w, h = control.rect
    widget: dict[str, Any] = {
        "id": control.name,
        "left": x,
        "top": y,
        "width": w,
        "height": h,
        "colorWidget": control.colour,
        "address": control.address or "auto",
        "target": target,
    }
    parameter = control.parameter
    match control.kind:
        case "label":
            return widget | {"type": "text", "value": control.text, "colorText": control.colour, "bypass": True}
        case "button":
            on = {"on": control.argument, "typeTags": "i"} if control.argument is not None else {"on": None}
            return widget | {"type": "button", "label": control.text, "mode": "tap", **on}
    assert parameter is not None
    widget["comments"] = parameter.description
    match control.kind:
        case "toggle":
            return widget | {
                "type": "button",
                "label": control.text,
                "mode": "toggle",
                "on": True,
                "off": False,
                "default": bool(parameter.default),
            }
        case "pad":
            span = {"min": parameter.low, "max": parameter.high}
            return widget | {
                "type": "xy",
                "rangeX": span,
                "rangeY": span,
                "typeTags": "ff",
                "decimals": 4,
                "default": parameter.arguments(parameter.default),
            }
    return widget | {
        "type": "fader",
        "horizontal": control.kind == "slider",
        "colorFill": control.colour,
        "typeTags": parameter.tags,
        "range": {"min": parameter.bottom, "max": parameter.high},
        "decimals": 0 if parameter.tags == "i" else 4,
        "default": parameter.default,
    }
