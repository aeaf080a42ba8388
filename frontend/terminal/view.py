"""What the terminal player shows, for any size of terminal: the text, who wants which letter, the mix, the voices.

From 120 x 32 cells up the voices stand in one column at the left, below that in two under the text; where even that
has no room the text is left alone. Painting reads the controller and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from frontend.client.character_axis import SLOTS, slot_of, slots
from frontend.control.state.controller import Controller
from frontend.inputs.interface import InputRow
from frontend.look.colour import RGB, bytes_of_oklab
from frontend.look.theme import DARK
from frontend.look.typeset import LEAST_COLUMNS, Typesetter
from frontend.terminal.canvas import CellCanvas, between, rgb
from frontend.terminal.keys import KEYS, NUDGES
from protocol.mixing import normalised
from protocol.tree import weight_address

WIDE_FROM_CELLS = (120, 32)  # cells from which the voices stand beside the text
COMPACT_FROM_CELLS = (60, 21)  # cells from which there is room for more than the text
VOICES_WIDTH_CELLS = 52  # cells, the voices' column in the wide layout
TEXT_MARGIN_CELLS = 2  # cells beside the text
NAME_CELLS = (12, 24)  # cells for a name, fewest and most
FIGURES_CELLS = 10  # cells for a weight and a share
MIN_BAR_HEIGHT = 0.02  # of the histogram's height; what is below is left out
MAX_LINE_COLUMNS = 96  # columns, the longest line of the text
LAST_LINES_BRIGHTNESS = (1.0, 1.0, 1.0, 0.82, 0.82, 0.62)  # how bright the last lines of the text are, the last first
OLDEST_LINE_BRIGHTNESS = 0.45

HELP_CELLS = (54, 40)  # cells of the help, in one column and each of two
LESS = "\u2591"  # what a weight below 0 is drawn with
HINTS = (
    "? keys",
    "Q quit",
    "Space pause",
    "↑↓ voice",
    "←→ weight",
    "V in, out",
    "P prime",
    "-+ rate",
    "[] temperature",
)

INPUTS_WIDTH = 76  # cells of the inputs' list, where the terminal has them
INPUT_NAME, INPUT_STATUS = 9, 23  # cells from the list's edge
INPUTS_FOOT = "↑↓ choose   V on, off   I leave"

HI, MID, LOW, OFF = rgb(DARK.hi), rgb(DARK.mid), rgb(DARK.low), rgb(DARK.off)
STAGE, GROUND, PANEL, ROW, TRACK = rgb(DARK.stage), rgb(DARK.bg0), rgb(DARK.bg1), rgb(DARK.bg2), rgb(DARK.bg3)
BLUE, OK, WARN, WHITE = rgb(DARK.blue), rgb(DARK.ok), rgb(DARK.warn), rgb(DARK.white)


@dataclass(frozen=True)
class VoiceSpot:
    """Where a voice can be clicked: its row, and the bar within that stands for its weight."""

    voice: int
    x: int
    y: int
    width: int
    bar_x: int
    bar_width: int


class TerminalView:
    """Keeps what is set between two paintings: the lines of the text, for the width they were set for."""

    def __init__(self) -> None:
        self.selected = 0
        self.shows_help = self.shows_inputs = False
        self.input = 0  # the place of the one that a key switches
        self.notice = ""  # one line in place of the hint
        self._typesetter: Typesetter | None = None

    def paint(self, canvas: CellCanvas, controller: Controller) -> list[VoiceSpot]:
        """Fill ``canvas`` with what stands now."""
        width, height = canvas.width, canvas.height
        if width >= WIDE_FROM_CELLS[0] and height >= WIDE_FROM_CELLS[1]:
            spots = self._paint_wide(canvas, controller)
        elif width >= COMPACT_FROM_CELLS[0] and height >= COMPACT_FROM_CELLS[1]:
            spots = self._paint_compact(canvas, controller)
        else:
            self._paint_text(canvas, controller, 0, 0, width, height - 1)
            spots = []
        self._paint_foot(canvas, controller)
        if self.shows_inputs:
            paint_inputs(canvas, controller.hub.rows(), self.input)
        if self.shows_help:
            _paint_help(canvas)
        return spots

    # ---- layouts ---------------------------------------------------------------------------------------------------

    def _paint_wide(self, canvas: CellCanvas, controller: Controller) -> list[VoiceSpot]:
        width, height = canvas.width, canvas.height
        tall = min(8, (height - 12) // 4)  # cells, the histogram
        _paint_head(canvas, controller)
        _paint_mix(canvas, controller, 1, 2, width - 2)
        top = 4
        canvas.fill(0, top, VOICES_WIDTH_CELLS, PANEL, height - top - 1)
        count, rows = len(controller.cards), height - top - 1
        first = _scrolled(self.selected, count, rows)
        spacing = 2 if rows >= 2 * count else 1
        spots = self._paint_voices(
            canvas, controller, 0, top, VOICES_WIDTH_CELLS, range(first, min(first + rows, count)), spacing
        )
        left, foot = VOICES_WIDTH_CELLS + 1, height - 2
        _paint_wishes(canvas, controller, left + TEXT_MARGIN_CELLS, foot, width - left - 2 * TEXT_MARGIN_CELLS, tall)
        self._paint_text(canvas, controller, left, top, width - left, foot - tall - 1 - top)
        return spots

    def _paint_compact(self, canvas: CellCanvas, controller: Controller) -> list[VoiceSpot]:
        width, height = canvas.width, canvas.height
        deep = (len(controller.cards) + 1) // 2  # voices in a column
        rows = min(deep, height - 9)
        first_row = height - 1 - rows
        _paint_head(canvas, controller)
        spots = []
        half = width // 2
        for column in range(2):
            first = column * deep + _scrolled(self.selected % max(1, deep), deep, rows)
            voices = range(first, min(first + rows, len(controller.cards)))
            spots += self._paint_voices(canvas, controller, column * half, first_row, half, voices, 1)
        _paint_mix(canvas, controller, 0, first_row - 1, width)
        tall = 2 if height < 30 else 4
        _paint_wishes(canvas, controller, 1, first_row - 2, width - 2, tall)
        self._paint_text(canvas, controller, 0, 1, width, first_row - 2 - tall - 1)
        return spots

    # ---- parts -----------------------------------------------------------------------------------------------------

    def _paint_text(self, canvas: CellCanvas, controller: Controller, x: int, y: int, width: int, height: int) -> None:
        """The end of the text, every character in the colour of who wrote it; the last line at the bottom."""
        columns = min(MAX_LINE_COLUMNS, max(LEAST_COLUMNS, width - 2 * TEXT_MARGIN_CELLS))
        if self._typesetter is None or self._typesetter.columns != columns:
            self._typesetter = Typesetter(columns)
        session, setter = controller.link.session, self._typesetter
        setter.follow(session.text, session.dropped, session.revision)
        canvas.fill(x, y, width, STAGE, height)
        lines = setter.lines[-height:] if height > 0 else []
        begin = next((line.places[0] - session.dropped for line in lines if line.places), len(session.tints))
        colours = controller.palette.text(session.tints, begin)
        bottom = y + min(height, len(lines)) - 1 if len(setter.lines) < height else y + height - 1
        for age, line in enumerate(reversed(lines)):
            part = LAST_LINES_BRIGHTNESS[age] if age < len(LAST_LINES_BRIGHTNESS) else OLDEST_LINE_BRIGHTNESS
            part *= 0.5 if controller.stale else 1.0
            for column, character, place in zip(line.columns, line.characters, line.places, strict=True):
                colour = colours[place - session.dropped - begin]
                canvas.put(x + TEXT_MARGIN_CELLS + column, bottom - age, character, between(STAGE, colour, part))
        if lines:
            canvas.put(
                x + TEXT_MARGIN_CELLS + setter.column, bottom, "▏", HI if controller.flag("/transport/run") else LOW
            )

    def _paint_voices(
        self,
        canvas: CellCanvas,
        controller: Controller,
        x: int,
        y: int,
        width: int,
        voices: Sequence[int],
        spacing: int,
    ) -> list[VoiceSpot]:
        """One row a voice: chip, name, fader, weight, share."""
        spots = []
        for place, voice in enumerate(voices):
            row = y + spacing * place
            if row >= canvas.height - 1:
                break
            spots.append(self._paint_voice(canvas, controller, x, row, width, voice))
        return spots

    def _paint_voice(
        self, canvas: CellCanvas, controller: Controller, x: int, y: int, width: int, voice: int
    ) -> VoiceSpot:
        card, share = controller.cards[voice], float(controller.shares[voice])
        colour, is_on, is_chosen = rgb(card.colour), controller.on(voice), voice == self.selected
        is_silent = controller.silenced(voice)
        ground = TRACK if is_chosen else ROW if is_on else PANEL
        canvas.fill(x, y, width, ground)
        canvas.put(x, y, "▌" if is_chosen else " ", HI, bold=True)
        chip = f" {card.monogram[:2]:<2} "
        if is_on:
            canvas.put(x + 1, y, chip, colour if is_silent else GROUND, ground if is_silent else colour, bold=True)
        else:
            canvas.put(x + 1, y, chip, between(ground, colour, 0.65))
        name_colour = (MID if is_silent else HI) if is_on else (MID if is_chosen else LOW)
        room = min(NAME_CELLS[1], max(NAME_CELLS[0], 14 + (width - 40) * 2 // 3))
        canvas.put(x + 6, y, _clipped(card.name, room), name_colour, struck=is_on and is_silent)
        bar_x = x + 7 + room
        bar_width = width - (bar_x - x) - FIGURES_CELLS - 1
        if is_on:
            weight = controller.fader(voice)
            track = PANEL if is_chosen else TRACK
            bar = between(ground, colour, 0.35) if is_silent else colour
            if weight < 0.0:  # less of it
                canvas.fill(bar_x, y, bar_width, track)
                canvas.put(bar_x, y, LESS * round(-weight * bar_width), bar)
            else:
                canvas.bar(bar_x, y, bar_width, weight, bar, track)
            canvas.put(bar_x + bar_width + 1, y, _weight(weight), MID)
            words = "mute" if is_silent else f"{100 * share:3.0f}%"
            canvas.put(bar_x + bar_width + 6, y, words, LOW if is_silent or share == 0.0 else HI)
        self._paint_midi(canvas, controller, voice, y, bar_x, bar_width)
        return VoiceSpot(voice, x, y, width, bar_x, bar_width)

    def _paint_midi(
        self, canvas: CellCanvas, controller: Controller, voice: int, y: int, bar_x: int, bar_width: int
    ) -> None:
        """The hardware's mark where a fader waits to be picked up, and what to do while a control is being learnt."""
        address = weight_address(controller.slugs[voice])
        ghost = controller.hub.ghost(address)
        if ghost is not None:
            canvas.put(bar_x + min(bar_width - 1, int(ghost * bar_width)), y, "│", BLUE, bold=True)
        if controller.hub.learning == address:
            canvas.put(bar_x, y, "move it".ljust(bar_width)[:bar_width], GROUND, BLUE, bold=True)
        elif not controller.on(voice) and (label := controller.mark(address)) is not None:
            canvas.put(bar_x, y, label[:bar_width], BLUE)

    def _paint_foot(self, canvas: CellCanvas, controller: Controller) -> None:
        y = canvas.height - 1
        canvas.fill(0, y, canvas.width, PANEL)
        if self.notice:
            lines = wrap(self.notice, max(10, canvas.width - 2))
            canvas.fill(0, y + 1 - len(lines), canvas.width, TRACK, len(lines))
            for row, line in enumerate(lines, start=y + 1 - len(lines)):
                canvas.put(1, row, line, HI)
            return
        status = _status(controller)
        left, right = 1, canvas.width - len(status) - 1
        for hint in HINTS:
            if left + len(hint) + 2 > right:
                break
            left = canvas.put(left, y, hint, LOW) + 3
        canvas.put(right, y, status, LOW)


def _scrolled(chosen: int, count: int, rows: int) -> int:
    """The first of ``count`` rows to show where only ``rows`` fit, so that the chosen one is seen."""
    return max(0, min(chosen - rows // 2, count - rows))


def _clipped(words: str, room: int) -> str:
    return words if len(words) <= room else words[: room - 1].rstrip() + "…"


def _weight(weight: float) -> str:
    """In four cells."""
    if abs(weight) >= 0.995:
        return "1.00" if weight > 0.0 else "-1.0"
    return f"{'-' if weight < 0.0 else ' '}.{round(100 * abs(weight)):02d}"


def _status(controller: Controller) -> str:
    latency = controller.link.latency_ms
    parts = [controller.midi.status, f"{controller.awake} awake"]
    parts += [] if latency is None else [f"{latency:.1f} ms"]
    parts += [f"{controller.link.session.lost} lost"] if controller.link.session.lost else []
    return " · ".join(parts)


def _paint_head(canvas: CellCanvas, controller: Controller) -> None:
    """Whether it runs, how fast, how daring; what is wrong, if anything is."""
    canvas.fill(0, 0, canvas.width, PANEL)
    runs = controller.flag("/transport/run")
    x = canvas.put(1, 0, "▶ " if runs else "‖ ", OK if runs else WARN, bold=True)
    x = canvas.put(x, 0, "writing" if runs else "paused ", HI, bold=True)
    if controller.flag("/transport/hold"):
        x = canvas.put(x + 1, 0, " the mix is held ", GROUND, WARN, bold=True)
    puck = "lifted" if controller.flag("/puck/lifted") else "{:+.2f} {:+.2f}".format(*controller.puck)
    settings = [(name, _setting(controller, address)) for name, address in _settings(controller)]
    for label, value in (*settings, ("puck", puck)):
        if x + 3 + len(label) + 1 + len(value) < canvas.width:
            x = canvas.put(x + 3, 0, label, LOW)
            x = canvas.put(x + 1, 0, value, HI)
    trouble = _trouble(controller)
    if trouble:
        pill = f" ! {trouble} "[: canvas.width]
        canvas.put(canvas.width - len(pill), 0, pill, GROUND, WARN, bold=True)
    else:
        count = f"{controller.link.session.length:,} characters"
        if x + 3 + len(count) < canvas.width:
            canvas.put(canvas.width - 1 - len(count), 0, count, LOW)


def _settings(controller: Controller) -> list[tuple[str, str]]:
    """Name and address of every number of the mix, those with keys first."""
    mixed = [address for address in controller.link.session.tree if address.startswith("/mix/")]
    keyed = [nudge.address for nudge in NUDGES if nudge.address in mixed]
    return [(address.rpartition("/")[2].replace("_", "-"), address) for address in dict.fromkeys([*keyed, *mixed])]


def _setting(controller: Controller, address: str) -> str:
    """A setting's value, as wide at one end of its range as at the other."""
    parameter, number = controller.parameter(address), controller.number(address)
    if parameter.high >= 10.0:
        return f"{number:4.1f}"
    return f"{number:+5.2f}" if parameter.low < 0.0 else f"{number:4.2f}"


def _trouble(controller: Controller) -> str:
    session = controller.link.session
    if not controller.cards:
        return f"waiting for the server at {controller.link.where}"
    if controller.stale:
        return f"server silent {controller.now - session.heard_at:.0f} s"
    trouble = session.status.trouble if session.status is not None else ""
    return trouble or next(filter(None, controller.troubles), "")


def _paint_mix(canvas: CellCanvas, controller: Controller, x: int, y: int, width: int) -> None:
    """The shares of the mix in one bar, in list order."""
    parts = [
        (float(share), card.monogram, rgb(card.colour))
        for share, card in zip(normalised(controller.shares), controller.cards, strict=True)
        if share > 0.0
    ]
    canvas.stacked(x, y, width, parts, GROUND, TRACK)


def _paint_wishes(canvas: CellCanvas, controller: Controller, x: int, axis: int, width: int, tall: int) -> None:
    """The joint distribution, sqrt(p) high, over its axis on row ``axis``: each bar in the colour of who wants it."""
    shown, count = controller.readouts, min(width, len(SLOTS))
    wide = 2 if width >= 2 * len(SLOTS) else 1
    canvas.fill(x, axis - tall, width, GROUND, tall + 1)
    heights = np.sqrt(slots(shown.joint))[:count]
    lit = slot_of(shown.character) if shown.lit > 0.0 and shown.character else -1
    if shown.owners:
        responsibility = slots(shown.responsibility)[:, :count]  # (n, count)
        lab = responsibility.T @ controller.palette.oklab[list(shown.owners)]  # (count, 3)
        colours: list[RGB] = [(r, g, b) for r, g, b in bytes_of_oklab(lab).tolist()]
    else:
        colours = [OFF] * count
    for slot in range(count):
        left, glow = x + wide * slot, slot == lit
        colour = between(colours[slot], WHITE, shown.lit) if glow else between(GROUND, colours[slot], 0.8)
        if heights[slot] >= MIN_BAR_HEIGHT:
            canvas.column(left, axis - 1, tall, float(heights[slot]), colour, GROUND)
        sign = {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(SLOTS[slot], SLOTS[slot])
        if glow:
            canvas.put(left, axis, sign, GROUND, between(GROUND, WHITE, shown.lit), bold=True)
        else:
            canvas.put(left, axis, sign, MID if heights[slot] > 0.1 else OFF)  # here they are marks, not words


def _paint_help(canvas: CellCanvas) -> None:
    """All keys, in two columns where one is too long."""
    wide = HELP_CELLS[0] if canvas.height >= len(KEYS) + 2 or canvas.width < 2 * HELP_CELLS[1] else 2 * HELP_CELLS[1]
    columns = wide // HELP_CELLS[1]
    rows = -(-len(KEYS) // columns)
    width, height = min(canvas.width, wide), min(canvas.height, rows + 2)
    x, y = (canvas.width - width) // 2, (canvas.height - height) // 2
    canvas.fill(x, y, width, TRACK, height)
    for place, (key, words, _, _) in enumerate(KEYS):
        column, row = divmod(place, rows)
        left, room = x + column * width // columns, width // columns
        if row < height - 1:
            canvas.put(left + 1, y + 1 + row, f"{key:>10}", HI, bold=True)
            canvas.put(left + 13, y + 1 + row, words[: room - 13], MID)


# ---- the inputs as a list over the performance -----------------------------------------------------------------------


def paint_inputs(canvas: CellCanvas, rows: Sequence[InputRow], chosen: int) -> None:
    """The list in the middle of ``canvas``; the input at place ``chosen`` is the one that a key switches."""
    width = min(canvas.width, INPUTS_WIDTH)
    said = [_said(row, max(10, width - INPUT_STATUS - 1)) for row in rows]
    height = min(canvas.height, sum(map(len, said)) + 4)
    x, y = (canvas.width - width) // 2, (canvas.height - height) // 2
    canvas.fill(x, y, width, TRACK, height)
    line, last = y + 1, y + height - 2
    for place, (row, lines) in enumerate(zip(rows, said, strict=True)):
        if line + len(lines) > last:
            break
        _paint_input(canvas, row, lines, x, line, width, place == chosen)
        line += len(lines)
    canvas.put(x + 2, last, INPUTS_FOOT[: max(0, width - 3)], LOW)


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
        canvas.fill(x, y, width, ROW, len(said))
        canvas.put(x, y, "▌", HI, bold=True)
    lamp = (WARN if row.complaint else OK) if is_on else OFF
    canvas.put(x + 2, y, "●" if is_on else "○", lamp)
    canvas.put(x + 4, y, "on" if is_on else "off", MID if is_on else LOW)
    canvas.put(x + INPUT_NAME, y, row.name[: INPUT_STATUS - INPUT_NAME - 1], HI if is_on else MID, bold=is_chosen)
    for place, (line, colour) in enumerate(said):
        canvas.put(x + INPUT_STATUS, y + place, line, colour)
