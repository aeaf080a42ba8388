"""The front end's loop: the control window, the stage window, and the link between them and the server.

One thread, the UI thread, one turn a frame: take in what came, let the hands work, draw both windows. While no hand
moves, nothing is on its way and nothing came, the control window rests every other turn, and a stage that stands still
is not drawn again. pyglet opens the display as soon as its windows are imported, so they are imported only when one is
wanted.

Python's garbage collector runs seldom, at the end of a frame. Left to itself it walks all living objects several times
a second and stops every thread for that time (60 ms were measured). So what exists at the start is frozen and never
walked again, and what comes later is collected by ``FrameEndCollector`` alone.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import frontend.control.control_panels  # noqa: F401  # slow to load, needs no screen: an early import gains time
from frontend.client.link import AnyLink
from frontend.config.scenes import FILE_NAME as SCENES
from frontend.config.scenes import FOLLOWED, Scenes
from frontend.config.setlists import FOLDER as SETLISTS
from frontend.config.setlists import SetListFolder
from frontend.config.user_files import data_folder
from frontend.control.state.controller import Controller
from frontend.control.state.handover import HandoverFile
from frontend.control.state.preferences import Preferences
from frontend.control.state.preferences import default_path as preferences_path
from frontend.control.state.text_listener import TextListener
from frontend.creature.artist import ArtistProcess
from frontend.creature.creature import Creature
from frontend.input_registry import ways_in
from frontend.inputs.midi.ports import MidiPorts
from frontend.outputs.midi_out import MidiOut
from frontend.remote.host import AnyPhones, audience_link
from frontend.screen_access import reach_screen
from frontend.stage.staging import StageState
from protocol.process import ManualCollection

if TYPE_CHECKING:
    import pyglet.window

    from frontend.control.window import ControlWindow
    from frontend.stage.window import StageWindow


# ---- garbage collection at the end of a frame ------------------------------------------------------------------------

COLLECTION_STARTS_AFTER_S = 2.0  # seconds after the first frame: by then what is imported and built late has come
COLLECTION_PERIOD_S = 30.0  # seconds between two collections
MAX_NEW_OBJECTS = 250_000  # objects made since the last one that still live, at which the next does not wait


class FrameEndCollector(ManualCollection):
    """A context that leaves all to ``collect_if_due``; when it ends the collector is as Python has it."""

    def __init__(self) -> None:
        self._due_at = math.inf

    def collect_if_due(self, now: float) -> bool:
        """Once a frame, after it was drawn; ``now`` in monotonic seconds. Whether garbage was collected."""
        if self._due_at == math.inf:
            self._due_at = now + COLLECTION_STARTS_AFTER_S
        begins = gc.isenabled()
        if now < self._due_at and (begins or gc.get_count()[0] < MAX_NEW_OBJECTS):
            return False
        if begins:
            self.hold()
        else:
            gc.collect()
        self._due_at = now + COLLECTION_PERIOD_S
        return True


FRAME_S = 1 / 60
RESTING_TURNS = 2  # turns to a frame of the control window while no hand moves


class RestingPace:
    """In which turns the control window has a frame: in each that calls for one, else in every other."""

    def __init__(self) -> None:
        self._rested = RESTING_TURNS

    def turn(self, called: bool) -> bool:
        """Once a turn. ``called``: a hand moved, something came or is on its way, so that a frame is wanted at once."""
        self._rested = 0 if called or self._rested + 1 >= RESTING_TURNS else self._rested + 1
        return self._rested == 0


def run(
    link: AnyLink,
    stage: StageState | None = None,
    ports: MidiPorts | None = None,
    seconds: float | None = None,
    picture: Path | None = None,
    stage_picture: Path | None = None,
    size: tuple[int, int] | None = None,
    ending: Callable[[], object] = lambda: None,
    phones: AnyPhones | None = None,
    session: Path | None = None,
    listener: TextListener | None = None,
    opened: pyglet.window.Window | None = None,
    shown: Callable[[], object] = lambda: None,
    artist: Sequence[str] = (),
) -> int:
    """Play ``link`` in windows until one of them is closed or ``seconds`` have passed; gives 0.

    At the end what the windows show is saved to ``picture`` and ``stage_picture`` (PNG). ``ports`` None: whatever
    MIDI is connected; ``size`` of the control window in pixels, None: as it was last, or as the screen has room;
    ``stage`` None: no window for the audience; ``ending`` is called after the last frame; ``phones`` are those that are
    let in; ``session`` is a file that another front end left, or finds (``frontend.control.state.handover``);
    ``listener`` makes voices of texts; ``opened`` is the control window where it is there already, and ``shown`` is
    called after the first frame with voices. ``artist`` is the command of who draws the creature; none: there is none.
    Raises ``DisplayError`` when no window opens.
    """
    reach_screen()
    from frontend.control.window import ControlWindow

    with ExitStack() as closing:
        preferences = Preferences(preferences_path())
        folder = data_folder() / FOLLOWED if link.leader is not None else data_folder()
        shelf = SetListFolder(folder / SETLISTS)
        hub, midi, teacher = ways_in(link, ports)
        closing.callback(hub.close)
        closing.callback(teacher.save)
        scenes = Scenes.load(folder / SCENES)
        controller = Controller(link, midi, scenes, stage, preferences, shelf, hub, teacher)
        controller.phones = phones or controller.phones
        controller.listener = listener or controller.listener
        keeping = HandoverFile(session)
        keeping.restore(controller)
        closing.callback(controller.tempo_sync.close)
        controller.midi_out = sound = MidiOut(link)
        closing.callback(sound.close)
        closing.callback(controller.staging.save)
        closing.callback(preferences.save)
        alone = stage is None  # two windows that both wait for the screen would halve the rate
        control = ControlWindow(controller, size, vsync=alone, opened=opened)
        closing.callback(control.close)
        if size is None:
            closing.callback(control.remember)
        audience = None if alone else _open_stage(controller, control, closing, artist)
        _loop(controller, control, audience, keeping, closing.enter_context(FrameEndCollector()), seconds, shown)
        ending()
        if picture is not None:
            control.save_picture(picture)
        if stage_picture is not None and audience is not None and not audience.closed:
            audience.save_picture(stage_picture)
    return 0


def _open_stage(
    controller: Controller, control: ControlWindow, closing: ExitStack, artist: Sequence[str]
) -> StageWindow:
    from frontend.stage.window import StageWindow

    creature = None
    if artist:
        process = ArtistProcess(artist)
        closing.callback(process.close)
        creature = Creature(process)
    audience = StageWindow(
        controller.link.session,
        controller.staging,
        readouts=lambda: controller.readouts,
        creature=creature,
        link=lambda: audience_link(controller.phones),
        control=lambda: control.area,
        on_key=control.panels.stage_key,
        on_same_screen=control.come_forward,
    )
    closing.callback(audience.close)
    control.come_forward()
    return audience


def _loop(
    controller: Controller,
    control: ControlWindow,
    audience: StageWindow | None,
    keeping: HandoverFile,
    collector: FrameEndCollector,
    seconds: float | None,
    shown: Callable[[], object],
) -> None:
    """Frame after frame, evenly; a frame that took too long is not made up for."""
    import pyglet

    told = False
    pace = RestingPace()
    began = due = time.monotonic()
    while True:
        pyglet.clock.tick()
        now = time.monotonic()
        for window in (control, audience):
            if window is None:
                continue
            window.window.switch_to()
            window.window.dispatch_events()
            if window.closed:
                return
            if window is not control or pace.turn(control.calls_for_a_frame):
                window.draw(now)
        if not told and controller.slugs:
            shown()
            told = True
        keeping.keep(controller)
        _grant(controller, control, audience, now)
        collector.collect_if_due(now)
        now = time.monotonic()
        if seconds is not None and now - began >= seconds:
            return
        due = max(due + FRAME_S, now)
        time.sleep(due - now)


def _grant(controller: Controller, control: ControlWindow, audience: StageWindow | None, now: float) -> None:
    """Play the signals, do what the keyboard asked, and let the control window tell the stage's trouble."""
    controller.midi_out.poll(controller.preferences.settings.midi_out, now)
    controller.preferences.midi_outs = controller.midi_out.choices
    window_requests = control.panels.take_window_requests()
    if window_requests.full_screen:
        control.toggle_full_screen()
    if audience is None:
        if window_requests.stage:
            controller.trouble = "there is no stage: this front end was started without one"
    else:
        if window_requests.stage and audience.next_screen():
            control.window.activate()
        controller.staging.poll(now)
        controller.stage_trouble = audience.trouble or controller.staging.trouble
        sprite = audience.sprite_news(now) if controller.show.holding else None
        if sprite is not None:
            controller.link.send(sprite)
