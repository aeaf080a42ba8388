"""What a report has found out: plain values, as they are written to ``figures.json`` and shown on the pages.

Shares are 0-1, bits are bits per character. No thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

REAL = "real"  # a source of text beside the temperatures: what was held out
SAMPLED = (0.5, 0.7, 1.0)  # temperatures of the samples
JUDGED = (0.7, 1.0)  # temperatures at which many pieces are written; the instrument starts at 0.7


def source(temperature: float) -> str:
    """The name of text written at ``temperature``."""
    return f"{temperature:.1f}"


SOURCES = (REAL, *(source(temperature) for temperature in JUDGED))


@dataclass(frozen=True)
class Placing:
    """How the pieces of one source of one style were attributed."""

    counts: tuple[int, ...]  # pieces given to each of the report's styles
    own: int  # the column of the style whose pieces they are

    @property
    def pieces(self) -> int:
        return sum(self.counts)

    @property
    def share(self) -> float:
        """Of the pieces, those that were given to their own style."""
        return self.counts[self.own] / self.pieces if self.pieces else 0.0


@dataclass(frozen=True)
class Copying:
    """What one source of text shares with what its voice has read."""

    longest: int  # characters of the longest run
    run: str  # that run, if it is shorter than 80 characters
    per_10000: float  # the mean, over stretches of 10,000 characters, of the longest run in each
    windows: float  # share of 30-character windows that stand in what was read


@dataclass(frozen=True)
class VoiceFindings:
    """All about one voice. What has a key has it for each of ``SOURCES``."""

    slug: str
    bits: float  # on the held-out text
    own_cell: float  # the same as the matrix measures it
    ngram: float
    ppmd: float
    yardstick: float | None  # PPMd on another cut, as given to us
    held_out: int  # characters
    read: int  # characters of different text in its training
    training: Mapping[str, Any]  # minutes, characters seen, curve of (minutes, training bits, held-out bits), date
    samples: Mapping[str, str]  # by temperature
    placing: Mapping[str, Placing]
    second: Mapping[str, Placing]  # the n-gram models' opinion
    copying: Mapping[str, Copying]
    words: Mapping[str, float] | None  # share of real words; None for code
    weights: str  # SHA-256 of the voice's file
    text: str  # SHA-256 of the style's text


@dataclass(frozen=True)
class Slide:
    """The weight slides from the voice ``one`` (0) to ``other`` (1), and with it whom the text is attributed to."""

    one: str
    other: str
    weights: tuple[float, ...]
    to_one: tuple[float, ...]  # share of pieces
    to_other: tuple[float, ...]
    pieces: int  # at each weight

    @property
    def falls(self) -> float:
        """By how much, at most, the share given to ``other`` ever lies below what it had been; 0 if it only rises."""
        highest, fall = 0.0, 0.0
        for share in self.to_other:
            fall = max(fall, highest - share)
            highest = max(highest, share)
        return fall


@dataclass(frozen=True)
class Fusing:
    """The networks between two voices, from ``one`` (0) to ``other`` (1), reading the held-out text of each: bits."""

    one: str
    other: str
    weights: tuple[float, ...]
    reads_one: tuple[float, ...]
    reads_other: tuple[float, ...]
    sample: str  # of the network halfway, at 0.7


@dataclass(frozen=True)
class Findings:
    """A whole report. ``styles`` are the columns of matrix and placing, ``voices`` their rows."""

    styles: tuple[str, ...]
    voices: tuple[VoiceFindings, ...]
    matrix: tuple[tuple[float, ...], ...]  # bits of row's voice on column's held-out text
    slides: tuple[Slide, ...]
    fusings: tuple[Fusing, ...]
    mean_of_all: Mapping[str, float]  # bits of the even mean of all voices on each style's held-out text
    mean_sample: str
    scale: Mapping[str, Any]
    made: Mapping[str, Any] = field(default_factory=dict)  # when, how long, on what machine, with which versions

    def mean(self, column: str) -> float:
        """The mean over all voices of one of their figures."""
        return fmean(float(getattr(voice, column)) for voice in self.voices)

    def beat(self, column: str) -> list[VoiceFindings]:
        """The voices that need fewer bits than ``column`` of theirs."""
        return [voice for voice in self.voices if (other := getattr(voice, column)) is not None and voice.bits < other]

    def placed(self, source: str, opinion: str = "placing") -> float:
        """Of all pieces of a source, the share that was given to its own style."""
        placings = [getattr(voice, opinion)[source] for voice in self.voices]
        return float(sum(each.counts[each.own] for each in placings) / max(1, sum(each.pieces for each in placings)))
