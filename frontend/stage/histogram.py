"""What the next letter may be, under the stage's text: the joint distribution as bars on the alphabet.

A bar has the colour that its letter would have if it came. Heights are square roots on a fixed scale, so that one per
cent is seen; the letter that was just drawn shines. Bars rise at once and fall gently; where a hand moved the mix they
follow it. Pure numpy but for the heights that it remembers; UI thread.
"""

from __future__ import annotations

from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from frontend.look.colour import Palette, rgb_of_hex
from frontend.stage.boxes import NONE, Floats, characters, joined, rectangles
from frontend.stage.glyphs import GlyphAtlas
from frontend.stage.layout import StageLayout
from frontend.stage.look import StageLook

FALL_HALF_LIFE_S = 0.060  # seconds, the half-life of a falling bar
BAR_ALPHA = 0.80
MIN_LETTER_ALPHA, MAX_LETTER_ALPHA = 0.25, 0.95  # opacity of the letters, from never to likely
LOUD_FROM = 0.05  # probability
SIGN_FROM = 0.004  # probability from which a sign's is there at all
MIN_BAR_HEIGHT = 0.05  # height below which there is no bar
GROUND_ALPHA = 0.14

SIGNS = ".,;:!?'\"-_()[]{}<>=+*/\\|&%#@$^~`"
SLOTS = " \n\t" + ascii_lowercase + "0" + SIGNS  # a capital counts as its small letter, any digit as 0
WIDE, NARROW, GAP = 1.5, 0.8, 0.9  # units, of slots up to the digits' and of the signs'; gaps stand between groups
BEGIN_GROUPS = (3, 29, 30)  # the first slots of letters, digits and signs
BAR_SHARE = 0.62  # of a slot that a bar fills
CODES = np.array([ord(character) for character in SLOTS])  # (62,)


def _folded() -> NDArray[np.intp]:
    """(128,) the slot of each code; what is never written has the last sign's."""
    slot = {character: place for place, character in enumerate(SLOTS)}
    slot |= {digit: slot["0"] for digit in digits} | {capital: slot[capital.lower()] for capital in ascii_uppercase}
    return np.array([slot.get(chr(code), len(SLOTS) - 1) for code in range(128)])


SLOT_OF = _folded()
FOLD = np.eye(len(SLOTS))[SLOT_OF]  # (128, 62)


def folded(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distributions (..., 128) by slot, (..., 62)."""
    return np.asarray(p @ FOLD)


@lru_cache(maxsize=2)
def axis(left: float, right: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Every slot's middle and width (62,) between ``left`` and ``right``."""
    units = np.where(np.arange(len(SLOTS)) < BEGIN_GROUPS[-1], WIDE, NARROW)
    gaps = np.isin(np.arange(len(SLOTS)), BEGIN_GROUPS) * GAP
    ends = np.cumsum(units + gaps)
    unit = (right - left) / ends[-1]
    return left + (ends - units / 2) * unit, units * unit


class StageReadouts(Protocol):
    """What the control window shows of the next letter (``frontend.client.display_state.Readouts``)."""

    @property
    def sequence(self) -> int:
        """Of the character that this is, or was, the choice of."""

    @property
    def lit(self) -> float:
        """1 while the character that was drawn shines, fading to 0."""

    @property
    def character(self) -> str: ...

    @property
    def owners(self) -> tuple[int, ...]:
        """(m,) the indices of the voices with a part in it."""

    @property
    def joint(self) -> NDArray[np.float64]:
        """(128,) the probability of each character."""

    @property
    def responsibility(self) -> NDArray[np.float64]:
        """(m, 128) who is responsible for it, columns of sum 1."""


class StageHistogram:
    """``boxes`` is called once a frame."""

    def __init__(self) -> None:
        self._heights = np.zeros(len(SLOTS))  # as drawn last
        self._excess = np.zeros(len(SLOTS))  # of them, still to fall
        self._sequence = -1
        self._at = 0.0

    def boxes(
        self,
        readouts: StageReadouts,
        palette: Palette | None,
        layout: StageLayout,
        look: StageLook,
        atlas: GlyphAtlas,
        letters_face: int,
        now: float,
    ) -> Floats:
        """(n, 12), in the order of drawing; nothing where the layout has no room for it."""
        if layout.plot is None:
            return NONE
        left, top, right, ground = layout.plot
        p = folded(readouts.joint)
        heights = self._fallen(np.sqrt(p), readouts.sequence, now, 0.0 if look.settings.still else FALL_HALF_LIFE_S)
        middles, widths = axis(left, right)
        lit = int(SLOT_OF[ord(readouts.character) & 127]) if readouts.lit > 0.0 and readouts.character else -1
        seen = np.flatnonzero(heights > MIN_BAR_HEIGHT)
        halves = widths[seen] * BAR_SHARE / 2
        edges = np.stack(
            [
                middles[seen] - halves,
                ground - heights[seen] * (ground - top),
                middles[seen] + halves,
                np.full(len(seen), ground),
            ],
            axis=1,
        )
        alphas = np.where(seen == lit, BAR_ALPHA + (1.0 - BAR_ALPHA) * readouts.lit, BAR_ALPHA)
        ink, thin = rgb_of_hex(look.theme.ink), max(1, layout.gap // 2)
        line = rectangles(atlas, (left, ground, right, ground + thin), ink, GROUND_ALPHA)
        bars = rectangles(atlas, np.rint(edges), _coloured(readouts, palette, look)[seen], alphas)
        return joined(line, bars, _letters(middles, p, lit, readouts.lit, layout, look, atlas, letters_face))

    def _fallen(self, targets: NDArray[np.float64], sequence: int, now: float, fall: float) -> NDArray[np.float64]:
        """The heights to draw: what is above the target is left from the distributions before, and falls."""
        if sequence != self._sequence:
            self._excess, self._sequence = np.maximum(0.0, self._heights - targets), sequence
        elapsed, self._at = max(0.0, now - self._at), now
        self._excess *= 0.5 ** (elapsed / fall) if fall else 0.0
        self._heights = targets + self._excess
        return self._heights


def _coloured(readouts: StageReadouts, palette: Palette | None, look: StageLook) -> NDArray[np.uint8]:
    """(62, 3) the colour of each slot's bar."""
    theme = look.theme
    if palette is None or not look.coloured or not readouts.owners:
        return np.tile(np.array(rgb_of_hex(theme.ink), np.uint8), (len(SLOTS), 1))
    shares = np.zeros((len(SLOTS), len(palette)))
    shares[:, list(readouts.owners)] = folded(readouts.responsibility * readouts.joint).T
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
    return palette.stage(shares, theme.lightness, theme.ink, theme.towards_ink)


def _letters(
    middles: NDArray[np.float64],
    p: NDArray[np.float64],
    lit: int,
    light: float,
    layout: StageLayout,
    look: StageLook,
    atlas: GlyphAtlas,
    face: int,
) -> Floats:
    """The alphabet under the bars, the likelier the plainer; signs stay away while they are unlikely."""
    alphas = MIN_LETTER_ALPHA + (MAX_LETTER_ALPHA - MIN_LETTER_ALPHA) * np.minimum(1.0, p / LOUD_FROM)
    alphas[BEGIN_GROUPS[-1] :][p[BEGIN_GROUPS[-1] :] < SIGN_FROM] = 0.0
    if lit >= 0:
        alphas[lit] += (1.0 - alphas[lit]) * light
    shown = np.flatnonzero(alphas)
    indices = CODES[shown] + 128 * face
    x = np.rint(middles[shown] - atlas.advances[indices] / 2).astype(np.float32)
    y = np.full(len(shown), layout.letters, np.float32)
    rgba = np.empty((len(shown), 4), np.float32)
    rgba[:, :3], rgba[:, 3] = np.array(rgb_of_hex(look.theme.ink)) / 255.0, alphas[shown]
    return characters(atlas, indices, x, y, rgba)
