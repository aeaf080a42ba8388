"""What the pictures are taken of: a real control window, a demo, a clock that is turned by hand, a mouse, a controller.

The demo plays in simulated time, so that half a minute of text takes a second; the mouse is pyglet's own events, the
controller a port in memory. One thread, and those of the inputs that are switched on.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pyglet.window import mouse

from frontend.client.fake_link import FakeLink
from frontend.config.scenes import Scenes
from frontend.config.setlists import SetListFolder
from frontend.control.drawing.layout import PanelLayout, plan_panels
from frontend.control.state.controller import Controller
from frontend.control.state.preferences import TABLE, Preferences
from frontend.control.window import ControlWindow
from frontend.input_registry import all_inputs
from frontend.inputs.bindings import Binding, Bindings, MidiControl
from frontend.inputs.hub import Hub
from frontend.inputs.midi.controller_maps import OUR_MAPS, load_maps
from frontend.inputs.midi.input import MidiInput
from frontend.inputs.midi.ports import FakePorts
from frontend.stage.staging import StageState
from frontend.teaching.taught import PoseInput
from frontend.teaching.teacher import Teacher
from protocol.tree import on_address, weight_address

FRAME = 1 / 30  # seconds of simulated time
LONGEST = 1.0  # seconds of simulated time that one frame makes up for
PLAYED = 34.0  # seconds before the picture
MIX = {
    "apollo11": 0.14,
    "austen": 0.8,
    "bible": 0.72,
    "frankenstein": 0.26,
    "linux": 0.58,
    "lovesongs": 0.66,
    "nietzsche": 0.33,
}
CONTROLLER = "nanoKONTROL2"
BOUND = {"austen": 1, "bible": 2, "linux": 4}  # voices and their faders, where no controller is asked for
NOT_MET, STANDS = 4, 104  # the fader that has not met its weight, and where it stands


class Stand:
    """A control window, a demo, a simulated clock and a hand."""

    def __init__(
        self, size: tuple[int, int], mix: dict[str, float], device: str = "", began: float = 1_000.0, **settings: object
    ) -> None:
        """``settings`` are the control window's own; a ``device`` is plugged in, by its port's name. ``began``: the
        simulated time of the first frame.
        """
        self.now = began
        self.link = FakeLink.demo(seed=7, clock=lambda: self.now)
        home = Path(tempfile.mkdtemp())
        self.ports = FakePorts(device or CONTROLLER)
        preferences = Preferences()
        preferences.put(TABLE.changed(preferences.settings, {"toured": True, **settings}))
        scenes, shelf = Scenes.load(home / "scenes.json"), SetListFolder(home / "setlists")
        self.hub = Hub(self.link, clock=lambda: self.now)
        poses = PoseInput(self.link, self.hub.features, self.hub.set)
        maps = load_maps([OUR_MAPS])[0] if device else []
        self.midi = MidiInput(self.hub, self.link, self.ports, maps, lambda: self.now)
        self.hub.add(*all_inputs(self.hub, self.link, poses), self.midi)
        controller = Controller(
            self.link, self.midi, scenes, StageState(), preferences, shelf, self.hub, Teacher(poses, self.hub)
        )
        self.window = ControlWindow(controller, size, vsync=False)
        self.size = size
        self.link.pump(self.now)
        for slug in controller.link.session.slugs:
            self.link.set(on_address(slug), slug in mix)
            self.link.set(weight_address(slug), mix.get(slug, 0.0))
        self.link.set("/mix/temperature", 0.5)
        self.hub.turn(self.now)
        if not device:
            faders = {slug: MidiControl(CONTROLLER, "cc", 1, number) for slug, number in BOUND.items()}
            learnt = (Binding(fader, weight_address(slug)) for slug, fader in faders.items())
            self.hub.restore(Bindings(tuple(learnt)))
            self.ports.move(CONTROLLER, NOT_MET, STANDS)

    @property
    def layout(self) -> PanelLayout:
        settings = self.controller.preferences.settings
        return plan_panels(*self.size, settings.theme.least_type, settings.arrangement)

    @property
    def controller(self) -> Controller:
        return self.window.panels.controller

    def play(self, seconds: float = PLAYED) -> None:
        for _ in range(round(seconds / FRAME)):
            self.now += FRAME
            self.hub.turn(self.now)
            self.window.build(self.now)

    def live(self, seconds: float, act: Callable[[], None]) -> None:
        """Play as time really passes, for inputs that date by themselves what comes; ``act`` before every frame.

        What lies behind is made up for first, and by a slow machine in fewer frames.
        """
        ends = max(self.now, time.monotonic()) + seconds
        while self.now < ends:
            act()
            behind = time.monotonic() - self.now
            time.sleep(max(0.0, -behind))
            self.now += min(LONGEST, max(FRAME, behind))
            self.hub.turn(self.now)
            self.window.build(self.now)

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a place in dp."""
        s = self.layout.scale
        event = (round(x * s), self.window.window.height - round(y * s))
        self._happen("on_mouse_motion", *event, 0, 0)

    def button(self, x: float, y: float, which: int, down: bool) -> None:
        s = self.layout.scale
        event = (round(x * s), self.window.window.height - round(y * s), which, 0)
        self._happen("on_mouse_press" if down else "on_mouse_release", *event)

    def _happen(self, *event: object) -> None:
        self.window.window.dispatch_event(*event)
        self.window.window.dispatch_events()  # until then it only waits in a queue
        self.play(0.1)

    def drag(self, *places: tuple[float, float], let_go: bool = True) -> None:
        self.point(*places[0])
        self.button(*places[0], mouse.LEFT, True)
        for place in places:
            self.point(*place)
        if let_go:
            self.button(*places[-1], mouse.LEFT, False)

    def take(self, path: Path) -> None:
        self.window.draw(self.now)
        self.window.save_picture(path)

    def close(self) -> None:
        self.hub.close()
        self.window.close()
