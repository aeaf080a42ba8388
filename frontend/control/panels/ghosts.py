"""Ghost letters behind the cursor and under it: what the mix and the leading voices would write next. UI thread only.

Where each stands is ``frontend.look.fan``'s affair; here they are drawn in the text's panel, in each voice's colour,
the farther ahead the fainter, and the closer together the more one voice leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from frontend.control.drawing.canvas import ImGuiCanvas
from frontend.control.panels.frame import PanelFrame
from frontend.look.colour import packed
from frontend.look.fan import LANE_SCALE, Strand, fades, fan, presence, spread
from protocol.mixing import normalised

LANES = 4
LANE_EMS = 0.98  # of the text's size, from lane to lane
FIRST_LANE_EMS = 0.42  # more, from the line to the first
LINE_ALPHA, LANE_ALPHA = 0.6, 0.75
STEM_ALPHA, STEM_WIDTH_DP = 0.4, 1.25
STEM_POINTS = 7
SHARE_STEPS = 64  # in which shares are told apart: less moves nothing that can be seen
_ALPHA_BITS = 24


def height(letters: float) -> float:
    """The room that the lanes take under the line, for a text of so many dp."""
    return letters * (FIRST_LANE_EMS + LANE_EMS * LANES)


def draw_ghosts(frame: PanelFrame, x: float, y: float, column: int, columns: int, lanes: int) -> None:
    """The cursor stands at (x, y) in dp, y on the baseline, in ``column`` of ``columns``."""
    controller = frame.controller
    ahead = controller.link.session.ahead
    if not ahead or column > columns:
        return
    shares = np.rint(normalised(controller.shares) * SHARE_STEPS) / SHARE_STEPS
    place = (x, y, column, columns, lanes, frame.letters)
    frame.canvas.kept(
        "ghosts",
        (tuple(ahead.items()), shares.tobytes(), controller.palette, place),
        partial(_draw, frame, ahead, shares, x, y, float(columns - column), float(column), lanes),
    )


def _draw(
    frame: PanelFrame,
    ahead: dict[int, str],
    shares: NDArray[np.float64],
    x: float,
    y: float,
    room: float,
    behind: float,
    lanes: int,
) -> None:
    canvas, palette = frame.canvas, frame.controller.palette
    em = canvas.em(frame.letters)
    cell = canvas.faces.mono.width("x", em) / canvas.scale
    apart = spread(shares)
    for strand in fan(ahead, shares, room, behind, lanes if presence(apart) else 0):
        size = em * (LANE_SCALE if strand.lane else 1.0)
        opacity = LANE_ALPHA * strand.strength * presence(apart) if strand.lane else LINE_ALPHA
        base = y + _drop(strand.lane, apart, frame.letters)
        colours = [packed(colour, 0.0) for colour in palette.of_shares(strand.who)]
        if strand.left is not None and strand.x > strand.left[1]:  # near the line's end a strand begins farther left
            lane, leaves = strand.left
            from_y = y + _drop(lane, apart, frame.letters)
            _stem(canvas, x + leaves * cell, from_y, x + strand.x * cell, base, colours[0], opacity, frame.letters)
        _letters(canvas, strand, x + strand.x * cell, base, size, colours, opacity)


def _drop(lane: int, apart: float, letters: float) -> float:
    """How far below the line a lane stands, in dp."""
    return letters * (FIRST_LANE_EMS + LANE_EMS * (1.0 + apart * (lane - 1))) if lane else 0.0


def _letters(
    canvas: ImGuiCanvas, strand: Strand, x: float, y: float, em: float, colours: Sequence[int], opacity: float
) -> None:
    face = canvas.faces.mono
    cell, top = face.width("x", em), round(y * canvas.scale) - face.sized(em).ascent
    for place, (letter, fade) in enumerate(zip(strand.letters, fades(len(strand.letters)), strict=True)):
        if letter != " ":
            alpha = round(255 * opacity * fade * canvas.alpha) << _ALPHA_BITS
            canvas.run(x * canvas.scale + place * cell, top, letter, colours[place] | alpha, em, face)


def _stem(
    canvas: ImGuiCanvas, x0: float, y0: float, x1: float, y1: float, ink: int, opacity: float, letters: float
) -> None:
    """A thin curve from where a strand leaves another down to the middle of its first letter."""
    share = np.linspace(0.0, 1.0, STEM_POINTS)
    bend = share * share * (3.0 - 2.0 * share)
    x0, y0, y1 = x0 + 0.1 * letters, y0 + 0.16 * letters, y1 - 0.3 * LANE_SCALE * letters
    points = np.stack([x0 + (x1 - 0.1 * letters - x0) * share**2, y0 + (y1 - y0) * bend], axis=1)
    alpha = round(255 * opacity * STEM_ALPHA / LANE_ALPHA * canvas.alpha) << _ALPHA_BITS
    canvas.curve(points, ink | alpha, STEM_WIDTH_DP)
