"""Creatures between two processes: what is asked for and drawn, a line of JSON each; which creature a text has.

The front end asks for a picture by category weights, noise and the colours of those who speak; whoever draws answers
with a picture of at most 16 colours, 700 bytes at 32x32. The noise is a function of the text alone: a sentence begins
somewhere, each of its words is a small step, so whoever reads the same text sees the same creatures. Everything from
the other side is bounded and checked. Pure; no thread of its own.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np
import numpy.typing as npt
from annotated_types import Interval, Len, MaxLen, Predicate

from protocol.alphabet import COLOUR, SLUG
from protocol.errors import MessageError
from protocol.messages import SpriteShown
from protocol.validation import Shape

NOISE_NUMBERS = 100  # of which a creature is made, each as if drawn from a normal distribution
NOISE_STEPS = 32  # a unit of the noise, as it crosses the wire
PALETTE_COLOURS = 16  # of a picture; 0 is clear
MOST_SIDE = 64  # pixels
MOST_CATEGORIES = 64
MOST_TINTS = 8  # voices that colour a creature: the loudest
MOST_LINE_CHARS = 16_384
WORD_STEP = 0.45  # how much of the noise a word makes new
WORD = re.compile(r"[A-Za-z0-9']+")
MIX = re.compile(r"\s*([a-z0-9-]{1,32})\s+([0-9]*\.?[0-9]+)")  # a category and its weight

TINT = re.compile(r"(#[0-9A-Fa-f]{6})\s+([0-9]*\.?[0-9]+)")  # a colour and its share

Noise = npt.NDArray[np.float32]
Slug = Annotated[str, Predicate(SLUG.fullmatch)]
Colour = Annotated[str, Predicate(COLOUR.fullmatch)]
Share = Annotated[float, Interval(ge=0.0, le=1.0)]


@dataclass(frozen=True)
class SpriteRequest:
    """Draw this. ``mix`` are weights by category, ``noise`` signed bytes in base64, ``tints`` shares and colours."""

    number: Annotated[int, Interval(ge=0, le=2**62)]
    mix: Annotated[dict[Slug, Share], MaxLen(MOST_CATEGORIES)]
    noise: Annotated[str, MaxLen(4 * NOISE_NUMBERS)]
    tints: Annotated[list[tuple[Share, Colour]], MaxLen(MOST_TINTS)]

    @staticmethod
    def of(
        number: int, mix: Mapping[str, float], noise: Noise, tints: Sequence[tuple[float, str]] = ()
    ) -> SpriteRequest:
        """From numbers; the weakest of too many voices are left out."""
        loudest = sorted(tints, reverse=True)[:MOST_TINTS]
        return SpriteRequest(
            number,
            {name: round(float(weight), 4) for name, weight in mix.items() if weight > 0.0},
            base64.b64encode(packed_noise(noise)).decode("ascii"),
            [(round(float(share), 4), colour) for share, colour in loudest],
        )

    @property
    def numbers(self) -> Noise:
        """The noise; raises ``MessageError`` where it is none."""
        try:
            return unpacked_noise(base64.b64decode(self.noise, validate=True))
        except (ValueError, binascii.Error):
            raise MessageError("noise of a creature is bytes in base64") from None

    def line(self) -> str:
        return json.dumps(vars(self), separators=(",", ":"))

    @staticmethod
    def of_line(line: str) -> SpriteRequest:
        """Raises ``MessageError`` for a line that says something else."""
        if len(line) > MOST_LINE_CHARS:
            raise MessageError("a request for a creature is a short line")
        return REQUEST.read_json(line)


def shown(request: SpriteRequest) -> SpriteShown:
    """What is said by OSC of the creature that was drawn for ``request``."""
    tints = " ".join(f"{colour} {share:g}" for share, colour in request.tints)
    return SpriteShown(words_of_mix(request.mix), tints, base64.b64decode(request.noise))


def request_of_shown(number: int, said: SpriteShown) -> SpriteRequest:
    """The inverse: to draw the creature that somebody else shows. Raises ``MessageError`` for what is none."""
    tints = [(min(1.0, float(share)), colour) for colour, share in TINT.findall(said.tints)[:MOST_TINTS]]
    return SpriteRequest.of(number, mix_of_words(said.mix), unpacked_noise(said.noise), tints)


@dataclass(frozen=True)
class SpriteFrame:
    """What was drawn for the request of this ``number``; ``picture`` is ``PackedSprite``'s bytes in base64, or none."""

    number: Annotated[int, Interval(ge=0, le=2**62)]
    picture: Annotated[str, MaxLen(MOST_LINE_CHARS)]

    def line(self) -> str:
        return json.dumps(vars(self), separators=(",", ":"))


@dataclass(frozen=True)
class SpriteSet:
    """Who draws: the ``categories`` that it knows; ``trouble`` is a line where it cannot draw at all."""

    categories: Annotated[list[Slug], Len(0, MOST_CATEGORIES)]
    trouble: Annotated[str, MaxLen(1_000)] = ""

    def line(self) -> str:
        return json.dumps(vars(self), separators=(",", ":"))


REQUEST = Shape(SpriteRequest, MessageError)
FRAME, SET = Shape(SpriteFrame, MessageError), Shape(SpriteSet, MessageError)


def drawn_of_line(line: str) -> SpriteFrame | SpriteSet | None:
    """What the drawing side says; None for a line that is something else."""
    for shape in (FRAME, SET):
        try:
            return shape.read_json(line)
        except MessageError:
            continue
    return None


# ---- a picture of few colours ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Picture:
    """``places`` [side, side] into ``palette`` [16, 3]; place 0 is clear."""

    places: npt.NDArray[np.uint8]
    palette: npt.NDArray[np.uint8]

    @property
    def rgba(self) -> npt.NDArray[np.uint8]:
        """As bytes [side, side, 4]."""
        alpha = np.where(self.places > 0, 255, 0).astype(np.uint8)
        return np.concatenate([self.palette[self.places], alpha[..., None]], -1)

    def standing(self) -> Picture:
        """Without the clear rows under its feet; ``places`` are no square then."""
        rows = np.flatnonzero(self.places.any(1))
        return Picture(self.places[: rows[-1] + 1], self.palette)

    def trimmed(self) -> Picture:
        """Without the clear rows and columns round it; ``places`` need be no square then."""
        rows, columns = (np.flatnonzero(self.places.any(axis)) for axis in (1, 0))
        return Picture(self.places[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], self.palette)

    def packed(self) -> str:
        """Side, palette and two pixels a byte, in base64."""
        flat = self.places.ravel()
        pairs = (flat[::2] << 4) | flat[1::2]
        blob = bytes([self.places.shape[0]]) + self.palette.tobytes() + pairs.tobytes()
        return base64.b64encode(blob).decode("ascii")

    @staticmethod
    def unpacked(text: str) -> Picture:
        """The inverse; raises ``MessageError``."""
        try:
            blob = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
        except (ValueError, binascii.Error):
            raise MessageError("a picture is bytes in base64") from None
        side, head = int(blob[0]) if len(blob) else 0, 1 + 3 * PALETTE_COLOURS
        if not 2 <= side <= MOST_SIDE or side % 2 or len(blob) != head + side * side // 2:
            raise MessageError("a picture has two pixels a byte behind its palette")
        pairs = blob[head:]
        places = np.stack([pairs >> 4, pairs & 15], 1).reshape(side, side)
        return Picture(places, blob[1:head].reshape(PALETTE_COLOURS, 3))


# ---- which creature a text has ---------------------------------------------------------------------------------------


def packed_noise(noise: Noise) -> bytes:
    return np.clip(np.rint(np.asarray(noise) * NOISE_STEPS), -127, 127).astype(np.int8).tobytes()


def unpacked_noise(blob: bytes) -> Noise:
    if len(blob) != NOISE_NUMBERS:
        raise MessageError(f"noise of a creature is {NOISE_NUMBERS} bytes")
    noise: Noise = np.frombuffer(blob, np.int8).astype(np.float32) / np.float32(NOISE_STEPS)
    return noise


@lru_cache(maxsize=2_048)
def noise_of(word: str) -> Noise:
    """The noise that a word stands for, on every machine the same."""
    random = np.random.default_rng(zlib.crc32(word.lower().encode()))
    noise = sized(random.standard_normal(NOISE_NUMBERS).astype(np.float32))
    noise.flags.writeable = False
    return noise


def sentence_noise(before: str, sentence: str) -> Noise:
    """The noise of an unfinished or finished ``sentence``; it begins where the sentence ``before`` it leads."""
    noise = noise_of(f"sentence {before.strip()}")
    for word in WORD.findall(sentence):
        noise = stepped(noise, word)
    return noise


def stepped(noise: Noise, word: str) -> Noise:
    """One word further."""
    further: Noise = np.float32((1.0 - WORD_STEP**2) ** 0.5) * noise + np.float32(WORD_STEP) * noise_of(word)
    return sized(further)


def sized(noise: Noise) -> Noise:
    """``noise`` as large as noise of so many numbers is: a creature is never far out, nor a mean of all."""
    size = float(np.linalg.norm(noise))
    return noise * np.float32(NOISE_NUMBERS**0.5 / size) if size > 0.0 else noise


def mix_of_words(words: str) -> dict[str, float]:
    """``"undead 0.8 slimes 0.2"`` as weights by category; what makes no sense is passed over."""
    return {name: min(1.0, float(weight)) for name, weight in MIX.findall(words)[:MOST_CATEGORIES]}


def words_of_mix(mix: Mapping[str, float]) -> str:
    """The inverse."""
    return " ".join(f"{name} {weight:g}" for name, weight in mix.items())


def category_mix(shares: Sequence[float], mixes: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The voices' ``shares``, each with its own mix of categories, as weights that sum to one; empty for no creature.

    A voice without categories takes its share away from nobody: the creature is the others'.
    """
    joined: dict[str, float] = {}
    for share, mix in zip(shares, mixes, strict=True):
        whole = sum(mix.values())
        for name, weight in mix.items():
            if share > 0.0 and whole > 0.0:
                joined[name] = joined.get(name, 0.0) + share * weight / whole
    total = sum(joined.values())
    return {name: weight / total for name, weight in joined.items()} if total > 0.0 else {}
