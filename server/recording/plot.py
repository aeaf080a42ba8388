"""What the hands did and what came of it, over time, as a picture (SVG): weights, who wrote, and the mix's controls.

Pure functions from events to text; no plotting library, no thread of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from protocol.messages import Tint
from protocol.mixing import Vector, effective_weights, normalised
from protocol.tree import MIX, Value
from server.recording.events import (
    CharacterWritten,
    ControlsChanged,
    Event,
    Header,
    Identity,
    TextPrimed,
    TextReset,
    TextRewound,
    VoicesReplaced,
    changed,
)

WIDTH, HEIGHT = 1280, 760  # of the picture, in its own units
LEFT, RIGHT = 96, 256  # its margins; the voices' names stand in the right one
BANDS = ((64, 200), (312, 200), (560, 150))  # top and height of the three plots
GROUND, GRID, WORDS, TITLE, LOW = "#11141A", "#2B323D", "#A9B2C0", "#E9EDF3", "#7E8898"
BIN_RANGE = (20, 300)  # of time, at least and at most
A_SECOND = 2  # of them
MAX_NAMED_VOICES = 9  # voices that are named, those that wrote most
LABEL_UNITS = 48  # units that a word above the plots needs
MIN_BAND_SHARE = 0.004  # share of a voice worth a band anywhere
KNOBS = {
    "/mix/temperature": "#E9EDF3",
    "/mix/alloy": "#FF5C9E",
    "/mix/fusion": "#4D8DFF",
    "/mix/spelling": "#E07B39",
    "/mix/grain": "#B06CFF",
    "/mix/words": "#7DE4FF",
    "/mix/memory": "#C7B299",
    "/mix/sense": "#F4F1C1",
    "/mix/top_p": "#5FD08C",
    "/mix/min_p": "#9BE8B8",
    "/mix/surprise": "#FFE08A",
    "/mix/rate": "#FFB02E",
}
SCALES = {parameter.address: (parameter.low, parameter.high) for parameter in MIX if parameter.address in KNOBS}
# seconds between two, whichever fits
TICK_CHOICES_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400)


@dataclass
class Course:
    """A take over time in n equal bins: S voices."""

    voices: tuple[Identity, ...]
    seconds: float
    weights: Vector  # (n, S), of the mix as wished, rows of sum 1 or 0
    wrote: Vector  # (n, S), rows likewise
    knobs: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # by address: when, and what
    marks: list[tuple[float, str]] = field(default_factory=list)  # when, and what was done


def course(header: Header, events: Iterable[Event]) -> Course:
    """How the controls stood and who wrote, throughout."""
    values: dict[str, Value] = {}
    voices = header.voices
    said: list[tuple[float, Vector]] = []
    tints: list[tuple[float, Tint]] = []
    knobs: dict[str, list[tuple[float, float]]] = {address: [] for address in KNOBS}
    marks: list[tuple[float, str]] = []
    end = 0.0
    for event in events:
        end = max(end, getattr(event, "t", 0.0))
        match event:
            case ControlsChanged(t=t, values=change):
                values = changed(values, change)
                said.append((t, normalised(effective_weights(values, [voice.slug for voice in voices]))))
                for address in KNOBS:
                    value = values.get(address)
                    if isinstance(value, int | float) and (not knobs[address] or knobs[address][-1][1] != value):
                        knobs[address].append((t, float(value)))
            case CharacterWritten(t=t, tint=tint):
                tints.append((t, tint))
            case VoicesReplaced(voices=joined):
                voices = joined
            case TextPrimed(t=t):
                marks.append((t, "prime"))
            case TextRewound(t=t):
                marks.append((t, "rewind"))
            case TextReset(t=t):
                marks.append((t, "reset"))
    end = max(end, 1e-3)
    bins = min(BIN_RANGE[1], max(BIN_RANGE[0], int(A_SECOND * end)))
    weights, wrote = np.zeros((bins, len(voices))), np.zeros((bins, len(voices)))
    for t, shares in said:
        weights[_bin(t, end, bins) :, :] = 0.0
        weights[_bin(t, end, bins) :, : len(shares)] = shares
    for t, tint in tints:
        for voice, share in tint:
            if voice < len(voices):
                wrote[_bin(t, end, bins), voice] += share
    wrote = _smooth(wrote)
    total = wrote.sum(1, keepdims=True)
    return Course(voices, end, weights, wrote / np.where(total > 0, total, 1.0), knobs, marks)


def svg(course: Course, title: str) -> str:
    """The picture."""
    order = np.argsort(-course.wrote.sum(0), kind="stable").tolist()
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="Roboto, Helvetica, Arial, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{GROUND}"/>',
        _text(LEFT, 36, title, fill=TITLE, size=16),
    ]
    for (top, height), name in zip(BANDS, ("weights", "who wrote", "controls"), strict=True):
        parts.append(_text(LEFT - 12, top + 12, name, "end"))
        parts.append(f'<rect x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" height="{height}" fill="#0B0D11"/>')
    for band, rows in zip(BANDS[:2], (course.weights, course.wrote), strict=True):
        parts += _stack(rows, course.voices, band)
    parts += _names(course, order)
    parts += _knobs(course)
    parts += _time(course)
    return "\n".join([*parts, "</svg>", ""])


def _bin(t: float, end: float, bins: int) -> int:
    return min(bins - 1, int(bins * t / end))


def _smooth(rows: Vector) -> Vector:
    """Each bin with something of its neighbours, so that few characters make no comb."""
    padded = np.pad(rows, ((2, 2), (0, 0)))
    return np.asarray(sum(part * padded[i : i + len(rows)] for i, part in enumerate((1, 2, 3, 2, 1))))


def _x(share: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _stack(rows: Vector, voices: Sequence[Identity], band: tuple[int, int]) -> list[str]:
    """A band for each voice, in list order, from the top down."""
    top, height = band
    bins = len(rows)
    edges = np.concatenate([np.zeros((bins, 1)), np.cumsum(rows, 1)], 1)  # (n, S + 1)
    drawn = []
    for voice, identity in enumerate(voices):
        if rows[:, voice].max(initial=0.0) < MIN_BAND_SHARE:
            continue
        upper = [f"{_x(i / (bins - 1)):.1f},{top + height * edges[i, voice]:.1f}" for i in range(bins)]
        lower = [f"{_x(i / (bins - 1)):.1f},{top + height * edges[i, voice + 1]:.1f}" for i in reversed(range(bins))]
        points = " ".join(upper + lower)
        name = escape(identity.name or identity.slug)
        drawn.append(f'<polygon points="{points}" fill="{identity.colour}"><title>{name}</title></polygon>')
    return drawn


def _names(course: Course, order: Sequence[int]) -> list[str]:
    """Those that wrote most, at the right, each with its colour and its share of all."""
    shares = course.wrote.mean(0)
    shares = shares / (shares.sum() or 1.0)
    named = []
    for place, voice in enumerate(order[:MAX_NAMED_VOICES]):
        if shares[voice] < MIN_BAND_SHARE:
            break
        y = BANDS[1][0] + 4 + 22 * place
        identity = course.voices[voice]
        named.append(f'<rect x="{WIDTH - RIGHT + 16}" y="{y}" width="12" height="12" rx="2" fill="{identity.colour}"/>')
        named.append(_text(WIDTH - RIGHT + 36, y + 11, identity.name or identity.slug))
        named.append(_text(WIDTH - 16, y + 11, f"{shares[voice]:.0%}", "end", LOW))
    return named


def _knobs(course: Course) -> list[str]:
    """Each control as a staircase over its own range."""
    top, height = BANDS[2]
    drawn, place = [], 0
    for address, steps in course.knobs.items():
        if not steps:
            continue
        low, high = SCALES[address]
        colour = KNOBS[address]

        def y(value: float, low: float = low, high: float = high) -> float:
            return top + height * (1.0 - (value - low) / (high - low))

        path = f"M{_x(steps[0][0] / course.seconds):.1f} {y(steps[0][1]):.1f}"
        path += "".join(f"H{_x(t / course.seconds):.1f}V{y(value):.1f}" for t, value in steps[1:])
        drawn.append(f'<path d="{path}H{_x(1.0):.1f}" fill="none" stroke="{colour}" stroke-width="1.75"/>')
        line = top + 4 + 22 * place
        drawn.append(f'<rect x="{WIDTH - RIGHT + 16}" y="{line + 5}" width="12" height="3" fill="{colour}"/>')
        drawn.append(_text(WIDTH - RIGHT + 36, line + 11, address.removeprefix("/mix/").replace("_", "-")))
        drawn.append(_text(WIDTH - 16, line + 11, f"{low:g} to {high:g}", "end", LOW))
        place += 1
    return drawn


def _time(course: Course) -> list[str]:
    """The hours below, and through all plots a hair where the text was primed, rewound or begun anew."""
    bottom = BANDS[2][0] + BANDS[2][1]
    drawn = []
    labelled = 0.0
    for t, what in course.marks:
        x = _x(t / course.seconds)
        if x > labelled + LABEL_UNITS:
            labelled = x
            drawn.append(_text(x, BANDS[0][0] - 6, what, "middle", LOW, 12))
        hair = f'<path d="M{x:.1f} {BANDS[0][0]}V{bottom}" stroke="#FFFFFF" stroke-opacity=".35">'
        drawn.append(f"{hair}<title>{what}</title></path>")
    step = next((step for step in TICK_CHOICES_S if course.seconds / step <= 10), TICK_CHOICES_S[-1])
    for number in range(int(course.seconds / step) + 1):
        x = _x(number * step / course.seconds)
        drawn.append(f'<path d="M{x:.1f} {bottom}v5" stroke="{GRID}"/>')
        drawn.append(_text(x, bottom + 20, _clock(number * step), "middle", LOW))
    return drawn


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _text(x: float, y: float, words: str, anchor: str = "start", fill: str = WORDS, size: int = 13) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size}">{escape(words)}</text>'
    )
