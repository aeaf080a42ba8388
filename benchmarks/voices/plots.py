"""The pictures of a report, as SVG: on the instrument's ground, in its letters, each voice in its own colour.

Values in, bytes out; the same values give the same bytes. No window and no thread of its own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle

from benchmarks.voices.findings import Findings, Placing, VoiceFindings
from frontend.look.fonts import ROBOTO
from frontend.look.theme import DARK

WIDE = 9.6  # inches
DEPTH = LinearSegmentedColormap.from_list("depth", [DARK.hi, "#7DBBD4", "#33617F", DARK.bg3, DARK.bg0])

Colours = Mapping[str, str]  # "#RRGGBB" by slug

_STYLE: Any = {
    "font.family": ["Roboto", "sans-serif"],
    "font.size": 9,
    "svg.fonttype": "path",
    "svg.hashsalt": "antiphon",
    "figure.facecolor": DARK.bg1,
    "savefig.facecolor": DARK.bg1,
    "axes.facecolor": DARK.bg1,
    "axes.edgecolor": DARK.line,
    "axes.labelcolor": DARK.mid,
    "axes.titlecolor": DARK.hi,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": DARK.line,
    "grid.linewidth": 0.6,
    "xtick.color": DARK.mid,
    "ytick.color": DARK.mid,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "text.color": DARK.mid,
    "legend.frameon": False,
    "legend.labelcolor": DARK.mid,
}


def draw(width: float, height: float, picture: Callable[[Figure], None]) -> bytes:
    """What ``picture`` draws on a figure of so many inches, as an SVG file."""
    font_manager.fontManager.addfont(str(ROBOTO))
    with matplotlib.rc_context(_STYLE):
        figure = Figure((width, height), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12))  # inches
        picture(figure)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


# ---- bits per character ------------------------------------------------------------------------------------------


def overview(findings: Findings, colours: Colours) -> bytes:
    """Every voice's bits beside PPMd and the n-gram."""

    def picture(figure: Figure) -> None:
        axes = figure.subplots()
        for row, voice in enumerate(findings.voices):
            colour = colours[voice.slug]
            axes.plot([voice.bits, voice.ppmd], [row, row], color=colour, linewidth=3, alpha=0.35)
            axes.plot(voice.ngram, row, "o", color=DARK.bg1, markeredgecolor=DARK.low, markersize=5)
            axes.plot(voice.ppmd, row, "|", color=DARK.hi, markersize=11, markeredgewidth=2)
            axes.plot(voice.bits, row, "o", color=colour, markersize=8.5)
        axes.set_yticks(range(len(findings.voices)), [voice.slug for voice in findings.voices])
        for label, voice in zip(axes.get_yticklabels(), findings.voices, strict=True):
            label.set_color(colours[voice.slug])
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("bits per character on held-out text: the fewer the better")
        keys: list[Any] = [
            axes.plot([], [], "o", color=DARK.mid, markersize=8.5)[0],
            axes.plot([], [], "|", color=DARK.hi, markersize=11, markeredgewidth=2)[0],
            axes.plot([], [], "o", color=DARK.bg1, markeredgecolor=DARK.low, markersize=5)[0],
        ]
        figure.legend(keys, ["the voice", "PPMd, order 8", "n-gram, order 6"], loc="outside upper left", ncols=3)

    return draw(WIDE, 1.3 + 0.25 * len(findings.voices), picture)


def curve(voice: VoiceFindings, colour: str) -> bytes:
    """How one voice learnt, beside what it is measured by."""

    def picture(figure: Figure) -> None:
        axes = figure.subplots()
        rows = np.asarray(voice.training["curve"], float).reshape(-1, 3)
        axes.plot(rows[:, 0], rows[:, 1], color=DARK.low, linewidth=1.2)
        axes.plot(rows[:, 0], rows[:, 2], color=colour, linewidth=2.2)
        marks = [(voice.ppmd, "PPMd"), (voice.ngram, "n-gram")]
        if len(rows):
            marks += [(rows[-1, 1], "text it reads"), (rows[-1, 2], "held-out text")]
        low = min([level for level, _ in marks] + [voice.bits])
        top = max([voice.ngram] + ([float(np.median(rows[:, 2])), rows[-1, 1]] if len(rows) else []))
        axes.set_ylim(low - 0.06, top + 0.35 * (top - low) + 0.1)
        for level, _ in marks[:2]:
            axes.axhline(level, color=DARK.hi, linewidth=1, linestyle=(0, (4, 3)), alpha=0.8)
        inks = [DARK.hi, DARK.hi, DARK.low, colour]
        _beside(axes, [(level, text, ink) for (level, text), ink in zip(marks, inks, strict=False)])
        axes.set_xlim(left=0)
        axes.set_xlabel("minutes of training")
        axes.set_ylabel("bits per character")

    return draw(WIDE * 0.75, 3.0, picture)


# ---- tables of all with all --------------------------------------------------------------------------------------


def matrix(findings: Findings, colours: Colours) -> bytes:
    """Every voice reading every text, in bits: the brighter the better; each one's own text is framed."""
    bits = np.asarray(findings.matrix)
    low, high = float(bits.min()), float(min(np.quantile(bits, 0.98), bits.min() + 4.0))

    def picture(figure: Figure) -> None:
        axes = figure.subplots()
        shade = np.clip((bits - low) / max(1e-9, high - low), 0.0, 1.0) ** 0.6
        axes.imshow(DEPTH(shade), aspect="auto")
        for (row, column), level in np.ndenumerate(bits):
            ink = DARK.bg0 if shade[row, column] < 0.5 else DARK.mid
            axes.text(column, row, f"{level:.1f}", color=ink, size=6.5, ha="center", va="center")
        for row, voice in enumerate(findings.voices):  # its own text
            corner = (findings.styles.index(voice.slug) - 0.5, row - 0.5)
            axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=colours[voice.slug], linewidth=1.6))
        _names(axes, [voice.slug for voice in findings.voices], findings.styles, colours)
        axes.set_xlabel("the text that is read")
        axes.set_ylabel("the voice that reads it")

    return draw(WIDE, 2.0 + 0.25 * len(findings.voices), picture)


def confusion(findings: Findings, sources: Mapping[str, str], colours: Colours) -> bytes:
    """Whom the pieces of each style are attributed to; one panel for each of ``sources`` (source: title)."""

    def picture(figure: Figure) -> None:
        panels = figure.subplots(1, len(sources), squeeze=False)[0]
        for axes, (name, title) in zip(panels, sources.items(), strict=True):
            shares = np.stack([_shares(voice.placing[name]) for voice in findings.voices])  # (N, K)
            inks = np.array([to_rgb(colours[slug]) for slug in findings.styles])  # (K, 3)
            strength = shares[..., None] ** 0.5
            axes.imshow(strength * inks + (1 - strength) * np.array(to_rgb(DARK.bg0)), aspect="auto")
            rows = [voice.slug for voice in findings.voices] if axes is panels[0] else []
            _names(axes, rows, findings.styles, colours)
            axes.set_title(f"{title}: {findings.placed(name):.1%}")
            axes.set_xlabel("attributed to")
        panels[0].set_ylabel("whose text it is")

    return draw(WIDE, 1.8 + 0.16 * len(findings.voices), picture)


# ---- from one voice to another -----------------------------------------------------------------------------------


def steering(findings: Findings, colours: Colours) -> bytes:
    """Whom the text is attributed to as the weight slides, one panel a pair."""

    def panel(axes: Axes, place: int) -> None:
        slide = findings.slides[place]
        others = 1.0 - np.asarray(slide.to_one) - np.asarray(slide.to_other)
        axes.fill_between(slide.weights, 0, others, color=DARK.off, alpha=0.5, linewidth=0)
        axes.plot(slide.weights, slide.to_one, color=colours[slide.one], linewidth=2.2)
        axes.plot(slide.weights, slide.to_other, color=colours[slide.other], linewidth=2.2)
        axes.set_ylim(-0.03, 1.03)
        axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        _pair_title(axes, slide.one, slide.other, colours)

    return _panels(len(findings.slides), 3, panel, "weight of the second voice", "share of pieces attributed")


def fusion(findings: Findings, colours: Colours) -> bytes:
    """The networks between two voices reading the text of each, one panel a pair."""

    def panel(axes: Axes, place: int) -> None:
        pair = findings.fusings[place]
        axes.plot(pair.weights, pair.reads_one, color=colours[pair.one], linewidth=2.2)
        axes.plot(pair.weights, pair.reads_other, color=colours[pair.other], linewidth=2.2)
        _pair_title(axes, pair.one, pair.other, colours)

    return _panels(len(findings.fusings), 5, panel, "share of the second voice's parameters", "bits per character")


def _panels(count: int, columns: int, panel: Callable[[Axes, int], None], below: str, beside: str) -> bytes:
    """``count`` small pictures of one kind, which share their axes."""
    columns = max(1, min(columns, count))
    rows = max(1, -(-count // columns))

    def picture(figure: Figure) -> None:
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for place, axes in enumerate(grid):
            if place < count:
                panel(axes, place)
                axes.set_xlim(0, 1)
                axes.set_xticks([0, 0.5, 1], ["0", "½", "1"])
            else:
                axes.set_visible(False)
        figure.supxlabel(below, size=9)
        figure.supylabel(beside, size=9)

    return draw(WIDE, 0.7 + 1.9 * rows, picture)


# ---- small things ------------------------------------------------------------------------------------------------


def _shares(placing: Placing) -> Any:
    return np.asarray(placing.counts, float) / max(1, placing.pieces)


def _names(axes: Axes, rows: Sequence[str], columns: Sequence[str], colours: Colours) -> None:
    axes.grid(False)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks(range(len(columns)), columns, rotation=90)
    for label, slug in zip([*axes.get_yticklabels(), *axes.get_xticklabels()], [*rows, *columns], strict=True):
        label.set_color(colours[slug])
        label.set_fontsize(7.5)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _pair_title(axes: Axes, one: str, other: str, colours: Colours) -> None:
    axes.set_title(one, color=colours[one], loc="left", size=9)
    axes.set_title(other, color=colours[other], loc="right", size=9)


def _beside(axes: Axes, marks: Sequence[tuple[float, str, str]]) -> None:
    """Names at the right end of their levels, moved apart where they would meet."""
    low, high = axes.get_ylim()
    step = 0.075 * (high - low)
    at = -np.inf
    for level, text, ink in sorted(marks):
        at = max(at + step, level)
        axes.annotate(text, (1.01, at), xycoords=("axes fraction", "data"), color=ink, va="center", size=8.5)
