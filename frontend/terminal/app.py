"""The terminal player's edge to textual: keys and mouse to the controller, the view's canvas to the terminal.

One widget shows the whole canvas; a look at the performance thirty times a second repaints the rows that changed. All
on textual's own thread.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from frontend.control.state.controller import Controller
from frontend.look.theme import DARK
from frontend.terminal.canvas import Cell, CellCanvas, rgb
from frontend.terminal.keys import BINDINGS as KEY_BINDINGS
from frontend.terminal.keys import WEIGHT_STEP
from frontend.terminal.view import TerminalView, VoiceSpot
from protocol.errors import AntiphonError
from protocol.messages import Reset
from protocol.tree import weight_address

FRAME_S = 1 / 30  # seconds between two looks
NOTICE_S = 8.0  # seconds that a line of news stays


class CellStrip(Strip):
    """A row of cells that forgets: textual's would keep itself in a cache of its own, as garbage for the collector."""

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        places = list(cuts)
        return [self] if places == [self.cell_length] else super().divide(places)


class CellScreen(Widget, can_focus=True):
    """Shows a canvas and tells what was clicked; ``rows`` are what the terminal has."""

    DEFAULT_CSS = "Screenful { width: 100%; height: 100%; }"

    def __init__(self, player: TerminalApp) -> None:
        super().__init__()
        self._player = player
        self._canvas: CellCanvas | None = None
        self._spots: list[VoiceSpot] = []
        self._held: VoiceSpot | None = None

    def repaint(self) -> None:
        """Paint anew and send the rows that changed."""
        before: list[list[Cell]] = self._canvas.rows if self._canvas is not None else []
        self._canvas = canvas = CellCanvas(self.size.width, self.size.height, rgb(DARK.bg0))
        self._spots = self._player.view.paint(canvas, self._player.controller)
        same_size = len(before) == canvas.height and (not before or len(before[0]) == canvas.width)
        changed = [y for y in range(canvas.height) if not same_size or canvas.rows[y] != before[y]]
        if changed:
            self.refresh(*(Region(0, y, canvas.width, 1) for y in changed))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows as they are, without the border and padding that textual would look for."""
        return [self.render_line(y).crop(crop.x, crop.right) for y in crop.line_range]

    def render_line(self, y: int) -> Strip:
        if self._canvas is None or y >= self._canvas.height:
            return Strip.blank(self.size.width)
        segments = self._canvas.segments(y)
        for each in self.app.get_line_filters():
            if not isinstance(each, ANSIToTruecolor):  # colours that are none here; what is left obeys NO_COLOR
                segments = each.apply(segments, self.background_colors[1])
        return CellStrip(segments, self._canvas.width)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        spot = self._spot_at(event.x, event.y)
        if spot is None:
            return
        self._player.view.selected = spot.voice
        if event.x >= spot.bar_x - 1:
            self._held = spot
            self.capture_mouse()
            self._drag(event.x)
        else:
            self._player.controller.toggle(spot.voice)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._held is not None:
            self._drag(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self._held = None
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll(event, WEIGHT_STEP)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll(event, -WEIGHT_STEP)

    def _scroll(self, event: events.MouseEvent, by: float) -> None:
        spot = self._spot_at(event.x, event.y)
        if spot is not None:
            self._player.view.selected = spot.voice
            self._player.weigh(by)

    def _drag(self, x: int) -> None:
        assert self._held is not None
        level = (x + 0.5 - self._held.bar_x) / self._held.bar_width
        self._player.set_weight(self._held.voice, 0.0 if x < self._held.bar_x else level)

    def _spot_at(self, x: int, y: int) -> VoiceSpot | None:
        return next((spot for spot in self._spots if spot.y == y and spot.x <= x < spot.x + spot.width), None)


class PrimeField(Input):
    """A line of text to prime with. Several lines that are pasted are one text: a sign stands for each line's end."""

    LINE_END = "\u23ce"

    @property
    def text(self) -> str:
        """What is meant by the line."""
        return self.value.replace(self.LINE_END, "\n")

    def on_paste(self, event: events.Paste) -> None:
        line = self.LINE_END.join(event.text.splitlines())
        selection = self.selection
        if selection.is_empty:
            self.insert_text_at_cursor(line)
        else:
            self.replace(line, *selection)
        event.stop()
        event.prevent_default()  # which takes the first line alone


class TerminalApp(App[None]):
    """``controller`` is played, ``seconds`` after the start it ends (None: never), ``reason`` is shown at first.

    ``keep`` is called in every look, and ``collect_if_due``, with the time, after it.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = f"""
        Screen {{ background: {DARK.bg0}; }}
        Input {{ dock: bottom; height: 1; border: none; padding: 0 1; background: {DARK.bg3}; color: {DARK.hi};
                 display: none; }}
        Input.open {{ display: block; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "quit", priority=True),
        *(Binding(keys, action) for keys, action in KEY_BINDINGS),
    ]

    def __init__(
        self,
        controller: Controller,
        seconds: float | None,
        reason: str,
        clock: Callable[[], float] = time.monotonic,
        keep: Callable[[Controller], object] = lambda controller: None,
        collect_if_due: Callable[[float], object] = lambda now: None,
    ) -> None:
        super().__init__()
        self.controller, self.view, self._keep = controller, TerminalView(), keep
        self._screenful = CellScreen(self)
        self._field = PrimeField(placeholder="what the voices continue: Enter feeds, Esc leaves", compact=True)
        self._seconds, self._collect_if_due, self._clock = seconds, collect_if_due, clock
        self._ends_at: float | None = None
        self._notice_until = 0.0
        self._has_chosen = False
        self._reason = reason
        self._gesture = ""  # what the keyboard or the mouse did since the last look, for undo

    def compose(self) -> ComposeResult:
        yield self._screenful
        yield self._field

    def on_mount(self) -> None:
        now = self._clock()
        self._ends_at = None if self._seconds is None else now + self._seconds
        if self._reason:
            self._tell(self._reason)
        self._screenful.focus()
        self.set_interval(FRAME_S, self.look)
        self.look()

    def end(self) -> None:
        """End at the next look; may be called from a signal's handler."""
        self._ends_at = -math.inf

    def look(self) -> None:
        """Take in what came and show it."""
        now = self._clock()
        if self._ends_at is not None and now >= self._ends_at:
            self.exit()
            return
        self.controller.pump(now)
        if self.controller.cards and not self._has_chosen:
            self.view.selected = next(iter(self.controller.playing), 0)
            self._has_chosen = True
        self.view.selected = max(0, min(self.view.selected, len(self.controller.cards) - 1))
        self.controller.gesture, self._gesture = self._gesture, ""
        self.controller.settle()
        self._keep(self.controller)
        if now >= self._notice_until:
            self.view.notice = ""
        self._screenful.repaint()
        self._collect_if_due(now)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self._gesture = f"key {event.key}"
        elif isinstance(event, events.MouseEvent):
            self._gesture = f"mouse at {self.view.selected}"
        await super().on_event(event)

    def on_resize(self) -> None:
        if self._screenful.is_attached:  # a size may be told before there is anything to show, and after
            self.look()

    # ---- what keys do ----------------------------------------------------------------------------------------------

    def action_run(self) -> None:
        self.controller.toggle_run()

    def action_step(self) -> None:
        self.controller.step()

    def action_rewind(self) -> None:
        self.controller.rewind()

    def action_word(self) -> None:
        self.controller.word()

    def action_finish(self) -> None:
        self.controller.finish()

    def action_one_back(self) -> None:
        self.controller.back()

    def action_hold(self) -> None:
        self.controller.hold()

    def action_panic(self) -> None:
        self.controller.panic()

    def action_undo(self) -> None:
        self.controller.undo()

    def action_redo(self) -> None:
        self.controller.redo()

    def action_cue(self, by: int) -> None:
        self.controller.take_cue(by)

    def action_reset(self) -> None:
        self.controller.link.send(Reset())

    def action_help(self) -> None:
        self.view.shows_help = not self.view.shows_help

    def action_inputs(self) -> None:
        self.view.shows_inputs = not self.view.shows_inputs

    def action_calm(self) -> None:
        """Leave whatever is open."""
        self.view.shows_help = self.view.shows_inputs = False
        self.controller.hub.cancel()
        self._close_prime()

    def action_choose(self, by: int) -> None:
        if self.view.shows_inputs:
            self.view.input = (self.view.input + by) % max(1, len(self.controller.hub.rows()))
        elif self.controller.cards:
            self.view.selected = (self.view.selected + by) % len(self.controller.cards)

    def action_weigh(self, by: float) -> None:
        self.weigh(by)

    def action_zero(self) -> None:
        if self.controller.cards:
            self.controller.set_fader(self.view.selected, 0.0)

    def action_voice(self) -> None:
        if self.view.shows_inputs:
            for row in self.controller.hub.rows()[self.view.input : self.view.input + 1]:
                self.controller.hub.change(row.key, on=not row.settings.on)
        elif self.controller.cards:
            self.controller.toggle(self.view.selected)

    def action_mute(self) -> None:
        if self.controller.cards:
            self.controller.mute(self.view.selected)

    def action_solo(self) -> None:
        if self.controller.cards:
            self.controller.solo(self.view.selected)

    def action_learn(self) -> None:
        if self.controller.cards:
            self.controller.learn(weight_address(self.controller.slugs[self.view.selected]))

    def action_lift(self) -> None:
        self.controller.set("/puck/lifted", not self.controller.flag("/puck/lifted"))

    def action_nudge(self, address: str, by: float) -> None:
        parameter = self.controller.parameter(address)
        value = round(self.controller.number(address) + by, 2)
        self.controller.set(address, min(parameter.high, max(parameter.low, value)))

    def action_scene(self, place: int) -> None:
        self.controller.recall_scene(place)

    def weigh(self, by: float) -> None:
        """Move the chosen voice's weight; one that is not in play comes into it."""
        if self.controller.cards:
            voice = self.view.selected
            before = self.controller.fader(voice) if self.controller.on(voice) else 0.0
            if self.controller.on(voice) or by > 0.0:
                self.set_weight(voice, round(before + by, 2))

    def set_weight(self, voice: int, weight: float) -> None:
        """Give a voice a weight from -1 to 1, in play from now on."""
        weight = min(1.0, max(-1.0, weight))
        if self.controller.on(voice):
            self.controller.set_fader(voice, weight)
        else:
            self.controller.enter_at(voice, weight)

    # ---- priming ---------------------------------------------------------------------------------------------------

    def action_prime(self) -> None:
        self._field.add_class("open")
        self._field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self.controller.prime(self._field.text)
        except AntiphonError as error:
            self._tell(str(error))
        self._close_prime()

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.action_calm()

    def _close_prime(self) -> None:
        self._field.value = ""
        self._field.remove_class("open")
        self._screenful.focus()

    def _tell(self, news: str) -> None:
        self.view.notice, self._notice_until = news, self._clock() + NOTICE_S
