"""The inputs as a list over the performance: whether each is on, what it says, what is wrong with it.

Settings, channels and what those drive are the windows' and `inputs.toml`'s. Painting moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from frontend.inputs.interface import InputRow
from frontend.look.colour import RGB
from frontend.look.theme import DARK
from frontend.terminal.canvas import CellCanvas, rgb

WIDTH = 76  # cells, where the terminal has them
NAME, STATUS = 9, 23  # cells from the list's edge
FOOT = "↑↓ choose   V on, off   I leave"

HI, MID, LOW, OFF = rgb(DARK.hi), rgb(DARK.mid), rgb(DARK.low), rgb(DARK.off)
GROUND, CHOSEN, OK, WARN = rgb(DARK.bg3), rgb(DARK.bg2), rgb(DARK.ok), rgb(DARK.warn)


def paint_inputs(canvas: CellCanvas, rows: Sequence[InputRow], chosen: int) -> None:
    """The list in the middle of ``canvas``; the input at place ``chosen`` is the one that a key switches."""
    width = min(canvas.width, WIDTH)
    said = [_said(row, max(10, width - STATUS - 1)) for row in rows]
    height = min(canvas.height, sum(map(len, said)) + 4)
    x, y = (canvas.width - width) // 2, (canvas.height - height) // 2
    canvas.fill(x, y, width, GROUND, height)
    line, last = y + 1, y + height - 2
    for place, (row, lines) in enumerate(zip(rows, said, strict=True)):
        if line + len(lines) > last:
            break
        _paint_input(canvas, row, lines, x, line, width, place == chosen)
        line += len(lines)
    canvas.put(x + 2, last, FOOT[: max(0, width - 3)], LOW)


def _said(row: InputRow, room: int) -> list[tuple[str, RGB]]:
    """What an input says and what is wrong with it, line by line; at least one, and that may be empty."""
    is_heard = row.settings.on and row.status != "off"  # one that failed to start is off, whatever its switch says
    status = [(row.status if len(row.status) <= room else row.status[: room - 1] + "…", MID)] if is_heard else []
    return [*status, *((line, WARN) for line in wrap(row.complaint, room))] or [("", MID)]


def _paint_input(
    canvas: CellCanvas, row: InputRow, said: Sequence[tuple[str, RGB]], x: int, y: int, width: int, is_chosen: bool
) -> None:
    """One input: its switch, its name, what there is to say."""
    is_on = row.settings.on
    if is_chosen:
        canvas.fill(x, y, width, CHOSEN, len(said))
        canvas.put(x, y, "▌", HI, bold=True)
    lamp = (WARN if row.complaint else OK) if is_on else OFF
    canvas.put(x + 2, y, "●" if is_on else "○", lamp)
    canvas.put(x + 4, y, "on" if is_on else "off", MID if is_on else LOW)
    canvas.put(x + NAME, y, row.name[: STATUS - NAME - 1], HI if is_on else MID, bold=is_chosen)
    for place, (line, colour) in enumerate(said):
        canvas.put(x + STATUS, y + place, line, colour)
