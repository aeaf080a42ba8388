"""The first line of a text: a performance never begins from nothing by chance.

Whoever plays may name it (``/text/opening``, kept in scenes); else it is one of those that ship, chosen by the seed. It
is put on the page like a primed text, and the voices go on from there at once. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocol.tree import OPENING, Value

OPENINGS = (  # each breaks off where every voice of the opening mix can go on
    "In the beginning was the word, and the word was ",
    "It is a truth universally acknowledged, that ",
    "I had a dream, which was not all a dream: ",
    "She opened the letter, and the first thing that she read was ",
    "Once upon a midnight, while the city was asleep, ",
    "There was a time when the sea ",
    "Let us begin again. In the first place ",
    "Of all that was said on that evening, nothing ",
    "And it came to pass in those days, that ",
    "My love, if you could see the light ",
    "When the moon had risen over the house, ",
    "Nobody knew where the voice came from. It said: ",
)


def first_line(values: Mapping[str, Value], seed: int, openings: Sequence[str]) -> str:
    """What a text of this ``seed`` begins with: what ``values`` name, else one of ``openings``; "" where none are."""
    named = values.get(OPENING)
    if isinstance(named, str) and named.strip():
        return named
    return openings[seed % len(openings)] if openings else ""
