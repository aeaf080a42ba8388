"""The look in numbers: the colours, type sizes and times that all panels share.

Three ideas: colour belongs to the voices and all else is near-grey; only what changed moves; Roboto is the instrument
speaking, Inconsolata is the voices writing. Sizes are design pixels (dp) at 1920 x 1080. Pure; no thread of its own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChromeColours:
    """Every colour that is no voice's, as "#RRGGBB", and the opacities that a contrast setting may change."""

    stage: str = "#07090C"  # the stage's ground
    bg0: str = "#0B0D11"  # window ground, wells, text on chips
    bg1: str = "#11141A"  # panel
    bg2: str = "#171B22"  # row in play, current scene
    bg3: str = "#1F252E"  # button, slider track, hover row
    hi: str = "#E9EDF3"  # text, knobs, cursor
    mid: str = "#A9B2C0"  # values, labels
    low: str = "#7E8898"  # captions; not on bg3
    off: str = "#4A5361"  # outlines, empty scenes; never words to be read
    line: str = "#2B323D"  # hairlines, panel edge
    blue: str = "#4D8DFF"  # fader handle, MIDI mark
    blue_panel: str = "#0E1626"
    blue_line: str = "#24395F"
    pink: str = "#FF5C9E"  # puck ring, puck sliders, path dot
    pink_panel: str = "#1B111B"
    pink_line: str = "#57284A"
    ok: str = "#5FD08C"
    warn: str = "#FFB02E"
    err: str = "#FF6B5E"
    white: str = "#FFFFFF"  # puck, lit character, sampled cap: nothing else
    edge_alpha: float = 0.75  # of a panel's edge
    edge_width: float = 1.0
    bar_alpha: float = 0.72  # of histogram bars that were not sampled
    asleep_alpha: float = 0.65  # of a sleeping voice's chip
    field_alpha: float = 0.16  # of the puck's colour field
    influence_width: float = 1.0  # the thinnest influence line


DARK = ChromeColours()
HIGH_CONTRAST = ChromeColours(
    stage="#000000",
    bg0="#000000",
    bg1="#000000",
    bg2="#000000",
    blue_panel="#000000",
    pink_panel="#000000",
    hi="#FFFFFF",
    mid="#C3CBD6",
    low="#C3CBD6",
    line="#4A5361",
    blue_line="#4A5361",
    pink_line="#4A5361",
    edge_alpha=1.0,
    edge_width=2.0,
    bar_alpha=1.0,
    asleep_alpha=1.0,
    field_alpha=0.0,
    influence_width=3.0,
)


@dataclass(frozen=True)
class AnimationTimes:
    """How long things take, in seconds. Nothing under a hand is ever eased."""

    hover: float = 0.080
    lit: float = 0.120  # the sampled character's set stays for this, or half the period of the rate
    lit_fade: float = 0.180
    fall: float = 0.060  # half-life of a falling histogram bar; rising is at once
    enter: float = 0.200  # a voice enters or leaves play
    ghost: float = 0.150


FULL_ANIMATION = AnimationTimes()
REDUCED_ANIMATION = AnimationTimes(hover=0.0, lit_fade=0.0, fall=0.0, enter=0.0, ghost=0.0)


@dataclass(frozen=True)
class Theme:
    """What a performer may choose about the look."""

    chrome: ChromeColours = DARK
    motion: AnimationTimes = FULL_ANIMATION
    least_type: float = 11.0  # dp; the compact layout knows nothing smaller than 14


FIGURE, CAPTION, LABEL, VALUE, NAME, TITLE, SETTING, BIG = 11, 12, 13, 14, 15, 16, 16, 20  # type sizes, dp of the em
STALE_AFTER_S = 1.0  # seconds without a word from the server
PLAIN_ABOVE_VOICES = 10  # more voices in play than this and strips, chips and rows grow plain
