"""PPMd, the yardstick: variant H at order 8, as 7-Zip packs with, given the training text and then the held-out text.

The bits that the held-out text adds are its price (Cleary and Witten 1984; Shkarin 2002). Unlike a voice, PPMd goes on
learning while it reads, and it has whole memory of the training text. What 7-Zip itself needed on another cut of the
same texts stands beside it in ``yardstick.toml``. Runs on the caller's thread.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.training.streams import Codes

ORDER = 8  # characters
MEMORY = 256 << 20  # bytes: no text here fills it, so nothing is ever forgotten
YARDSTICK = Path(__file__).with_name("yardstick.toml")


def ppmd_bits_per_char(training: Sequence[Codes], held_out: Sequence[Codes]) -> float:
    """Bits that each character of ``held_out`` costs after ``training``; both are read as one text each."""
    import pyppmd

    encoder = pyppmd.Ppmd7Encoder(ORDER, MEMORY)
    encoder.encode(np.concatenate(training).tobytes())  # the few bytes still held back are counted with what follows
    examined = np.concatenate(held_out)
    packed = len(encoder.encode(examined.tobytes())) + len(encoder.flush())
    return 8.0 * packed / len(examined)


def yardstick() -> Mapping[str, float]:
    """Bits per character of 7-Zip's PPMd by style, as given to us; its source is told in the file."""
    table: dict[str, float] = tomllib.loads(YARDSTICK.read_text("utf-8"))["bits_per_char"]
    return table
