"""What the camera's process tells: one glimpse after another on a pipe. Pure.

A glimpse is two big-endian 32-bit lengths, so many bytes of JSON and so many of picture (RGB, row by row):

    {"trouble": "", "levels": {"hand/x": 0.4}, "width": 320, "height": 240, "ms": 12.5}

Whoever is at the other end, lengths and levels are looked at before they are used. Only the standard library: both
processes read this file.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

LONGEST_WORDS = 65_536  # bytes of JSON
WIDEST = 640  # pixels a side of the picture
MOST_LEVELS = 64
HEAD = struct.Struct(">II")


@dataclass(frozen=True)
class Glimpse:
    """``levels`` by channel without the input's key; ``picture`` is width x height x 3 bytes, or empty."""

    levels: Mapping[str, float] = field(default_factory=dict)
    width: int = 0
    height: int = 0
    picture: bytes = b""
    trouble: str = ""
    ms: float = 0.0  # that looking took


def put(pipe: BinaryIO, glimpse: Glimpse) -> None:
    """Raises ``OSError`` when nobody reads any more."""
    words = {
        "trouble": glimpse.trouble,
        "levels": dict(glimpse.levels),
        "width": glimpse.width,
        "height": glimpse.height,
        "ms": round(glimpse.ms, 3),
    }
    text = json.dumps(words).encode("ascii")
    pipe.write(HEAD.pack(len(text), len(glimpse.picture)) + text + glimpse.picture)
    pipe.flush()


def get(pipe: BinaryIO) -> Glimpse | None:
    """The next glimpse; None at the end. Raises ``ValueError`` for what is none: nothing after it can be read."""
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    words_long, picture_long = HEAD.unpack(head)
    if words_long > LONGEST_WORDS or picture_long > 3 * WIDEST * WIDEST:
        raise ValueError("a glimpse is too long")
    text, picture = pipe.read(words_long), pipe.read(picture_long)
    if len(text) < words_long or len(picture) < picture_long:
        return None
    words = json.loads(text)
    if not isinstance(words, dict):
        raise ValueError("a glimpse is an object")
    width, height, levels = words.get("width"), words.get("height"), words.get("levels")
    if not (isinstance(width, int) and isinstance(height, int) and width * height * 3 == picture_long):
        raise ValueError("a glimpse's picture has another size than it says")
    if not isinstance(levels, dict) or len(levels) > MOST_LEVELS:
        raise ValueError("a glimpse has no levels, or too many")
    taken = {
        str(name)[:40]: float(level)
        for name, level in levels.items()
        if isinstance(level, (int, float)) and math.isfinite(level)
    }
    ms = words.get("ms")
    trouble = " ".join(str(words.get("trouble", ""))[:200].split())
    return Glimpse(taken, width, height, picture, trouble, float(ms) if isinstance(ms, (int, float)) else 0.0)
