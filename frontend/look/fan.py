"""The fan of ghost letters behind the cursor: what leading voices would write next, as one tree.

The mix's letters stand on the line itself. A voice that would write the same is nowhere but in their colour; one that
would write something else leaves them at the first word that differs, to a lane of its own below, and from one voice
another may leave in turn. The further a voice leads, the closer the lanes stand together: where one leads alone, the
fan has become the line.

``fan`` says where everything is, in cells of the line and in lanes; both windows draw it. Pure; no thread of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from protocol.messages import THE_MIX

Floats = NDArray[np.float64]

LANE_SCALE = 0.72  # of the type in the lanes, as a share of the line's
STEM_CELLS = 1.0  # from where a strand leaves another to its first letter
LEAST_LETTERS = 2  # for which there must be room
LINE_END = " / "  # how the end of a line is written within one, as verse is quoted
GONE_BELOW, WHOLE_ABOVE = 0.45, 0.7  # spread between which lanes that close up grow faint, before they touch
FARTHEST_FADE = 0.4  # opacity of the last letter, beside the first one's 1
FAINTEST = 0.35  # strength of a voice that weighs next to nothing, beside the heaviest one's 1


@dataclass(frozen=True, eq=False)
class Strand:
    """``letters`` from ``x`` on, cells behind the cursor, in a ``lane``: 0 is the line.

    ``who`` (n, S) says which voices would write each letter, rows of sum 1 or zeros. ``left`` is where it leaves
    another: that one's lane, and where in it. ``strength`` is 0 to 1.
    """

    letters: str
    x: float
    lane: int
    strength: float
    who: Floats
    left: tuple[int, float] | None = None


def spread(shares: Floats) -> float:
    """How far the lanes stand apart, 0 to 1: not at all where one voice has all of the mix."""
    return 1.0 - float(shares.max(initial=0.0)) ** 3


def presence(apart: float) -> float:
    """The opacity of the lanes at a ``spread``: they are gone before they would lie over one another."""
    return min(1.0, max(0.0, (apart - GONE_BELOW) / (WHOLE_ABOVE - GONE_BELOW)))


def fades(count: int) -> Floats:
    """The opacity of ``count`` letters, the nearest first."""
    return np.linspace(1.0, FARTHEST_FADE, count)


def fan(ahead: Mapping[int, str], shares: Floats, room: float, behind: float, lanes: int) -> tuple[Strand, ...]:
    """The strands of what is ``ahead``, by voice, the line's own first; voices of the mix's ``shares`` (S,).

    There are ``room`` cells from the cursor to the line's end, ``behind`` it as many as have been written, and so many
    ``lanes`` below.
    """
    voices = [voice for voice in ahead if voice != THE_MIX and 0 <= voice < len(shares) and shares[voice] > 0.0]
    voices.sort(key=lambda voice: (-shares[voice], voice))
    line = ahead.get(THE_MIX) or (ahead[voices[0]] if voices else "")
    if not line:
        return ()
    ways = {THE_MIX: line, **{voice: ahead[voice] for voice in voices}}
    places: dict[int, tuple[int, int, int]] = {}  # of each voice that leaves: whom, at which letter, and its word's
    drawn = [THE_MIX]
    for voice in voices:
        whom = max(drawn, key=lambda other: _common(ways[voice], ways[other]))
        common = _common(ways[voice], ways[whom])
        if common < len(ways[voice]) and len(drawn) <= lanes:
            places[voice] = whom, common, _word(ways[voice], common)
            drawn.append(voice)
    letters = _folded(line, 0)[: max(0, int(room))]
    strands = {THE_MIX: _strand(ways, THE_MIX, 0, shares, letters, 0.0, 0, 1.0, None)}
    order = sorted(places, key=lambda voice: -places[voice][2])  # who leaves late stands high: no two ways cross
    lane_of = {THE_MIX: 0, **{voice: lane for lane, voice in enumerate(order, 1)}}
    heaviest = float(shares[voices].max(initial=0.0)) if voices else 1.0
    for voice in (each for each in drawn if each in places):  # those whom others leave come first
        whom, common, word = places[voice]
        scale, begun = (1.0, 0) if whom == THE_MIX else (LANE_SCALE, places[whom][2])
        leaves = strands[whom].x + scale * sum(place < word for _, place in _folded(ways[whom], begun))
        letters = _folded(ways[voice], word)
        fits = max(-behind, room - LANE_SCALE * len(letters))
        x = min(leaves + STEM_CELLS, fits)
        letters = letters[: max(0, int((room - x) / LANE_SCALE))]
        strength = FAINTEST + (1.0 - FAINTEST) * math.sqrt(float(shares[voice]) / heaviest)
        left = lane_of[whom], leaves
        strands[voice] = _strand(ways, voice, common, shares, letters, x, lane_of[voice], strength, left)
    return tuple(strand for strand in strands.values() if not strand.lane or len(strand.letters) >= LEAST_LETTERS)


def _strand(
    ways: Mapping[int, str],
    voice: int,
    common: int,
    shares: Floats,
    letters: list[tuple[str, int]],
    x: float,
    lane: int,
    strength: float,
    left: tuple[int, float] | None,
) -> Strand:
    """``letters`` are those drawn, each with its place in the voice's way, whose first ``common`` are another's."""
    who = np.zeros((len(letters), len(shares)))
    for other, way in ways.items():
        if other != THE_MIX:
            alike = _common(way, ways[voice])
            who[[row for row, (_, place) in enumerate(letters) if max(place, common) < alike], other] = shares[other]
    total = who.sum(axis=1, keepdims=True)
    who = np.divide(who, total, out=np.zeros_like(who), where=total > 0.0)
    return Strand("".join(letter for letter, _ in letters), x, lane, strength, who, left)


def _folded(way: str, begun: int) -> list[tuple[str, int]]:
    """What is drawn of a way from its letter ``begun`` on, each sign with its place in it: blanks count as one."""
    found: list[tuple[str, int]] = []
    place = begun
    while place < len(way):
        blanks = len(list(takewhile(str.isspace, way[place:])))
        sign = way[place] if not blanks else LINE_END if "\n" in way[place : place + blanks] else " "
        found.extend((letter, place) for letter in sign)
        place += max(1, blanks)
    return found


def _word(way: str, place: int) -> int:
    """Where the word begins that a way's letter at ``place`` belongs to, or follows."""
    return next((begin for begin in range(place, 0, -1) if way[begin - 1].isspace()), 0)


def _common(one: str, other: str) -> int:
    """How many letters both begin with."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
