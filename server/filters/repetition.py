"""Texts that go round in circles ("and the and the and the"): noticed by how much of the last lines stood there before.

Of all runs of ``RUN`` characters in the last ``LOOKED_AT``, the share that occurred earlier among them. Runs without
two different letters are layout (indents, rules, columns) and do not count. The temperature rises with that share, and
falls again as what leads out of the circle moves into the window. Pure.
"""

from __future__ import annotations

from functools import lru_cache

LOOKED_AT = 240  # characters
RUN = 12  # characters: longer than nearly all single words
LETTERS = 2  # different ones that a run has at least, to be text
FEWEST = 60  # runs without which nothing is said
EASY = 0.35  # share above which it is a circle; real texts stay below (docs/manners.md)
WARMEST = 2.0  # times the temperature, where all of it stood there before
REMEMBERED = 4_096  # runs: a text looks at the same ones again with each character, but for one


def repeated(text: str) -> float:
    """The share, 0 to 1, of runs in the end of ``text`` that stood there before; 0 where there is little text."""
    end = text[-LOOKED_AT:]
    seen: set[str] = set()
    again = counted = 0
    for start in range(len(end) - RUN + 1):
        run = end[start : start + RUN]
        if not _is_text(run):
            continue
        counted += 1
        again += run in seen
        seen.add(run)
    return again / counted if counted >= FEWEST else 0.0


@lru_cache(REMEMBERED)
def _is_text(run: str) -> bool:
    return len({letter for letter in run if letter.isalpha()}) >= LETTERS


def warmth(text: str) -> float:
    """The factor, 1 to ``WARMEST``, by which the temperature rises to lead ``text`` out of a circle."""
    return 1.0 + (WARMEST - 1.0) * max(0.0, repeated(text) - EASY) / (1.0 - EASY)
