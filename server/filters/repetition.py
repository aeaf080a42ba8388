"""The repetition filter: notices a text that goes round in circles ("and the and the and the").

It looks at all runs of ``RUN_CHARS`` characters in the last ``LOOKED_AT_CHARS`` and takes the share of them that came
before. Runs without two different letters are layout (indents, rules, columns) and do not count. The temperature rises
with that share, and falls again as new text moves into the window. Pure.
"""

from __future__ import annotations

from functools import lru_cache

LOOKED_AT_CHARS = 240  # characters
RUN_CHARS = 12  # characters: longer than nearly all single words
LEAST_LETTERS = 2  # different ones that a run has at least, to be text
LEAST_RUNS = 60  # runs without which nothing is said
CIRCLE_SHARE = 0.35  # share above which it is a circle; real texts stay below (docs/manners.md)
MOST_WARMTH = 2.0  # times the temperature, where all of it stood there before
MOST_CACHED_RUNS = 4_096  # runs: a text looks at the same ones again with each character, but for one


def repeated(text: str) -> float:
    """The share, 0 to 1, of runs in the end of ``text`` that stood there before; 0 where there is little text."""
    end = text[-LOOKED_AT_CHARS:]
    seen: set[str] = set()
    again = counted = 0
    for start in range(len(end) - RUN_CHARS + 1):
        run = end[start : start + RUN_CHARS]
        if not _is_text(run):
            continue
        counted += 1
        again += run in seen
        seen.add(run)
    return again / counted if counted >= LEAST_RUNS else 0.0


@lru_cache(MOST_CACHED_RUNS)
def _is_text(run: str) -> bool:
    return len({letter for letter in run if letter.isalpha()}) >= LEAST_LETTERS


def warmth(text: str) -> float:
    """The factor, 1 to ``MOST_WARMTH``, by which the temperature rises to lead ``text`` out of a circle."""
    return 1.0 + (MOST_WARMTH - 1.0) * max(0.0, repeated(text) - CIRCLE_SHARE) / (1.0 - CIRCLE_SHARE)
