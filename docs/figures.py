"""The pictures of docs/instrument.md, taken from the real windows: ``xvfb-run -a python docs/figures.py [FOLDER]``.

A demo performance plays in simulated time, so that half a minute of text takes a second; hands are pyglet's own events.
Needs a screen of 1920x1080 or more (``xvfb-run -a -s "-screen 0 3840x2160x24"``); one thread.
"""

from __future__ import annotations

import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from pyglet.window import mouse
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from docs.puck_field import draw_field
from frontend.control.autopilot import Way
from frontend.control.desk import Desk
from frontend.control.hardware import MidiLike, NoMidi
from frontend.control.layout import Layout, plan
from frontend.control.preferences import TABLE, Preferences
from frontend.control.ring import circle, puck_plan
from frontend.control.strips import Strips
from frontend.control.window import ControlWindow
from frontend.fake_link import FakeLink
from frontend.glide import Fade
from frontend.inputs.bindings import BindingsFile
from frontend.inputs.camera import Camera
from frontend.inputs.hub import Hub
from frontend.inputs.hub_file import Route
from frontend.inputs.maps import OURS, load_maps
from frontend.inputs.midi import Midi
from frontend.inputs.midi_ports import FakePorts
from frontend.inputs.pretend import Pretend
from frontend.inputs.ways import all_inputs
from frontend.scenes import Scenes
from frontend.setlists import Cue, Shelf
from frontend.stage.staging import Staging
from frontend.teaching.taught import Poses
from frontend.teaching.teacher import Teacher
from protocol.pucks import CROWD
from protocol.tree import on_address, weight_address

TABLE_PORT = 43_333
FRAME = 1 / 30  # seconds of simulated time
PLAYED = 34.0  # seconds before the picture
MIX = {"apollo11": 0.14, "austen": 0.8, "bible": 0.72, "frankenstein": 0.26, "linux": 0.58, "lovesongs": 0.66,
       "nietzsche": 0.33}  # fmt: skip


BOUND = {"austen": "CC 1", "bible": "CC 2", "linux": "CC 4"}


class ShownMidi(NoMidi):
    """A controller with three faders bound, one of them not picked up yet."""

    status = "nanoKONTROL2"

    def label(self, address: str) -> str | None:
        return next((label for slug, label in BOUND.items() if address == weight_address(slug)), None)

    def ghost(self, address: str) -> float | None:
        return 0.82 if address == weight_address("linux") else None

    def learn(self, address: str) -> None:
        self.learning = address


class Stand:
    """A control window, a demo, a simulated clock and a hand."""

    def __init__(self, size: tuple[int, int], mix: dict[str, float], controller: str = "", **settings: object) -> None:
        """``settings`` are the control window's own; a ``controller`` is plugged in, by its port's name."""
        self.now = 1_000.0
        self.link = FakeLink.demo(seed=7, clock=lambda: self.now)
        home = Path(tempfile.mkdtemp())
        self.ports = FakePorts(*filter(None, (controller,)))
        bindings = BindingsFile(home / "bindings.toml")
        self.midi: MidiLike = ShownMidi()
        if controller:
            self.midi = Midi(self.link, bindings, self.ports, load_maps([OURS])[0], lambda: self.now)
        preferences = Preferences()
        preferences.put(TABLE.changed(preferences.settings, {"toured": True, **settings}))
        scenes, shelf = Scenes.load(home / "scenes.json"), Shelf(home / "setlists")
        self.hub = Hub(self.link, clock=lambda: self.now)
        poses = Poses(self.link, self.hub.features, self.hub.set)
        self.hub.add(*all_inputs(self.hub, self.link, poses))
        desk = Desk(self.link, self.midi, scenes, Staging(), preferences, shelf, self.hub, Teacher(poses, self.hub))
        self.window = ControlWindow(desk, size, vsync=False)
        self.size = size
        self.link.pump(self.now)
        for slug in desk.link.mirror.slugs:
            self.link.set(on_address(slug), slug in mix)
            self.link.set(weight_address(slug), mix.get(slug, 0.0))
        self.link.set("/mix/temperature", 0.5)

    @property
    def layout(self) -> Layout:
        settings = self.desk.preferences.settings
        return plan(*self.size, settings.theme.least_type, settings.arrangement)

    @property
    def desk(self) -> Desk:
        return self.window.panels.desk

    def play(self, seconds: float = PLAYED) -> None:
        for _ in range(round(seconds / FRAME)):
            self.now += FRAME
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


class TouchTable:
    """A tracker that says by real datagrams where fingers are, x and y from 0 to 1 and y down."""

    def __init__(self, stand: Stand) -> None:
        self._stand, self._number = stand, 0
        stand.hub.change("tuio", on=True, port=TABLE_PORT)
        stand.play(0.1)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def hold(self, fingers: dict[int, tuple[float, float]], seconds: float) -> None:
        for _ in range(round(seconds / FRAME)):
            self._number += 1
            bundle = OscBundleBuilder(IMMEDIATELY)
            for words in (("alive", *fingers), *(("set", key, x, y, 0.0, 0.0, 0.0) for key, (x, y) in fingers.items()),
                          ("fseq", self._number)):  # fmt: skip
                message = OscMessageBuilder("/tuio/2Dcur")
                for word in words:
                    message.add_arg(word)
                bundle.add_content(message.build())
            self._socket.sendto(bundle.build().dgram, ("127.0.0.1", TABLE_PORT))
            time.sleep(0.002)  # simulated time is faster than a datagram
            self._stand.play(FRAME)

    def close(self) -> None:
        self._socket.close()


def turned(stand: Stand, port: str, number: int, *values: int, kind: str = "cc", channel: int = 1) -> None:
    """A control of a device is moved, a tenth of a second a message."""
    for value in values:
        stand.ports.move(port, number, value, kind, channel)
        stand.play(0.1)


def banks(folder: Path) -> None:
    """Twelve voices in play and eight faders: the second bank, two of its faders not picked up."""
    weights = dict(zip(sorted((*MIX, "coleridge", "davinci", "homer", "kant", "quran")),
                       (0.3, 0.8, 0.7, 0.2, 0.4, 0.6, 0.5, 0.55, 0.6, 0.7, 0.45, 0.35), strict=True))  # fmt: skip
    with closing(Stand((1920, 1080), weights, "nanoKONTROL2")) as stand:
        stand.play(6.0)
        turned(stand, "nanoKONTROL2", 59, 127, 0)
        for fader, value in ((0, 100), (2, 12)):
            turned(stand, "nanoKONTROL2", fader, value, value)
        stand.play(1.0)
        stand.take(folder / "banks.png")


def monitor(folder: Path) -> None:
    """What arrives from a controller, and what it drives."""
    with closing(Stand((1920, 1080), MIX, "Launch Control XL")) as stand:
        stand.play(20.0)
        device = "Launch Control XL"
        for number in (77, 78, 79):
            turned(stand, device, number, 20, 60, 100, channel=9)
        turned(stand, device, 41, 127, kind="note", channel=9)
        turned(stand, device, 41, 0, kind="off", channel=9)
        turned(stand, device, 15, 0, 1, 24, 40, channel=9)
        turned(stand, device, 60, 64, channel=1)
        turned(stand, device, 0, 9_000, kind="bend", channel=1)
        turned(stand, device, 8, 127, kind="program", channel=9)
        for pulse in range(60):
            stand.ports.move(device, 0, 0, "pulse", 0)
            if pulse < 59:
                stand.now += 60 / 112 / 24
        stand.window.panels.midi.open = True
        stand.play(0.1)
        stand.take(folder / "monitor.png")


def learning(folder: Path) -> None:
    """All that can be learnt, one of it waiting for a control to move."""
    with closing(Stand((1920, 1080), MIX, "nanoKONTROL2")) as stand:
        stand.play(20.0)
        stand.window.panels.teaching.on = True
        stand.desk.learn("/puck.y")
        stand.play(0.5)
        stand.take(folder / "learning.png")


def playing(folder: Path) -> None:
    """The instrument as it is played: puck on a path, a hand on a fader, a controller bound."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.desk.recall_scene(2)
        stand.play(0.5)
        stand.desk.scenes.places[2] = None
        stand.desk.store_scene(2)
        ring = circle(stand.layout)
        stand.drag(puck_plan(stand.layout).buttons[0].centre)
        turns = np.linspace(0.0, 1.0, 60)
        way = np.stack([0.66 * np.cos(3.6 * turns - 0.55) + 0.1 * turns, -0.5 * np.sin(3.3 * turns - 0.75)], 1)
        stand.drag(*(ring.outward((x, y)) for x, y in way.tolist()))
        stand.play()
        strips = Strips(stand.layout.faders, len(stand.desk.playing), False)
        place = [stand.desk.slugs[voice] for voice in stand.desk.playing].index("lovesongs")
        x, y = strips.x(place), strips.y(stand.desk.fader(stand.desk.playing[place]))
        stand.drag((x, y), (x, y - 4), (x, y - 8), let_go=False)
        stand.take(folder / "playing.png")


def small(folder: Path) -> None:
    """The compact layout on a small laptop."""
    with closing(Stand((1280, 720), MIX)) as stand:
        stand.link.set("/puck/lifted", False)
        stand.link.set("/puck", (-0.4, -0.3))
        stand.play()
        stand.take(folder / "small.png")


def everybody(folder: Path) -> None:
    """All 24 in play."""
    with closing(Stand((1920, 1080), {})) as stand:
        for place, slug in enumerate(stand.desk.link.mirror.slugs):
            stand.link.set(on_address(slug), True)
            stand.link.set(weight_address(slug), (7 * place % 24 + 1) / 24)
        stand.link.set("/puck/lifted", False)
        stand.link.set("/puck", (0.3, 0.5))
        stand.play()
        stand.take(folder / "everybody.png")


def states(folder: Path) -> None:
    """One voice muted, one that learns its controller, a menu open."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play()
        stand.desk.mute(stand.desk.slugs.index("bible"))
        stand.desk.learn(weight_address("nietzsche"))
        rows = {slug: 64 + 40 * voice + 20 for voice, slug in enumerate(stand.desk.slugs)}
        stand.point(130, rows["frankenstein"])
        stand.button(130, rows["frankenstein"], mouse.RIGHT, True)
        stand.button(130, rows["frankenstein"], mouse.RIGHT, False)
        stand.point(130, rows["linux"])
        stand.play(0.4)
        stand.take(folder / "states.png")


def silent(folder: Path) -> None:
    """The server has not been heard for three seconds."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play()
        stand.link._demo = None  # the server is gone
        stand.play(3.0)
        stand.take(folder / "silent.png")


def keys(folder: Path) -> None:
    """The help."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play()
        stand.window.panels.overlay.help = True
        stand.take(folder / "keys.png")


def contrast(folder: Path) -> None:
    """The theme of high contrast."""
    with closing(Stand((1920, 1080), {**MIX, "lovesongs": -0.5}, contrast="high")) as stand:
        stand.link.set("/puck/lifted", False)
        stand.link.set("/puck", (0.2, 0.4))
        stand.play()
        stand.take(folder / "contrast.png")


def below_zero(folder: Path) -> None:
    """A voice below zero, fusion at work, and a scene on its way."""
    with closing(Stand((1920, 1080), {**MIX, "linux": -0.45})) as stand:
        stand.link.set("/mix/fusion", 0.4)
        stand.play()
        stand.desk.preferences.set_recall(Fade(20.0))
        stand.desk.recall_scene(4)
        stand.play(7.0)
        stand.take(folder / "below-zero.png")


def book(folder: Path) -> None:
    """The book of scenes, with a set list."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play()
        desk = stand.desk
        for place, fade in ((0, Fade(8.0)), (3, Fade(40, "chars")), (2, Fade(0.25)), (5, Fade(20.0)), (1, Fade(2.0))):
            scene = desk.scenes.places[place]
            assert scene is not None
            desk.book.write(desk.book.setlist.add(Cue(scene, fade)))
        desk.take_cue_at(1)
        stand.play(1.0)
        stand.window.panels.book.open = True
        stand.point(stand.layout.drawer.x + 120, stand.layout.drawer.y + 170)
        stand.play(0.3)
        stand.take(folder / "book.png")


def settings(folder: Path) -> None:
    """The settings."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play()
        stand.window.panels.settings.open = True
        stand.play(0.3)
        stand.take(folder / "settings.png")


def teach(folder: Path) -> None:
    """Three poses of a hand in the air, taught and at work."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play(2.0)
        desk, poses = stand.desk, stand.desk.teacher.poses
        hand = Pretend("leap")
        desk.hub.add(hand, poses)
        stand.window.panels.teach.open = True

        def hold(seconds: float, x: float, height: float, grip: float) -> None:
            for _ in range(round(seconds / FRAME)):
                for axis, level in (("x", x), ("height", height), ("depth", 0.6 - 0.2 * x), ("grip", grip)):
                    hand.say(f"leap/hand/{axis}", level + 0.004 * np.sin(37 * stand.now + len(axis)))
                desk.hub.turn(stand.now)
                stand.play(FRAME)

        frame = type("F", (), {"layout": stand.layout, "desk": desk})
        shown = {cell.key: cell.aim for cell in stand.window.panels.teach.cells(frame)}
        held = {"lovesongs": (0.2, 0.7, 0.1), "linux": (0.8, 0.5, 0.95), "scene 1": (0.5, 0.2, 0.4)}
        for times in range(3):
            for key, pose in held.items():
                hold(0.1, *(level + 0.01 * times for level in pose))
                desk.teacher.record(key, shown[key])
                hold(0.7, *(level + 0.01 * times for level in pose))
        desk.teacher.train()
        while desk.teacher.training:
            time.sleep(0.01)
            hold(FRAME, 0.2, 0.7, 0.1)
        desk.hub.change("taught", on=True)
        hold(3.0, 0.36, 0.64, 0.34)
        stand.point(*stand.window.panels.teach.cells(frame)[0].rect.centre)
        hold(0.3, 0.36, 0.64, 0.34)
        stand.take(folder / "teach.png")


def camera(folder: Path) -> None:
    """A face before the camera, in the poses' drawer. Needs what `antiphon camera` installs."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play(2.0)
        hub, eyes = stand.desk.hub, Camera()
        hub.add(eyes)
        hub.change("camera", on=True, file="tests/frontend/inputs/astronaut.jpg", mirror=False, look="face")
        stand.window.panels.teach.open = True
        until = time.monotonic() + 60
        while eyes.glimpse is None and time.monotonic() < until:
            hub.turn(stand.now)
            time.sleep(0.05)
        for _ in range(30):
            hub.turn(stand.now)
            stand.play(FRAME)
        stand.take(folder / "camera.png")
        hub.close()


def tour(folder: Path) -> None:
    """The first start."""
    with closing(Stand((1920, 1080), MIX, toured=False)) as stand:
        stand.play()
        stand.window.panels.tour.at = 1
        stand.play(0.1)
        stand.take(folder / "tour.png")


def touch(folder: Path) -> None:
    """The puck alone in the window."""
    with closing(Stand((1920, 1080), MIX, enlarged="puck")) as stand:
        stand.desk.pilot.choose(Way.FIGURE, (0.1, 0.2))
        stand.link.set("/puck/lifted", False)
        stand.play()
        stand.take(folder / "touch.png")


def inputs(folder: Path) -> None:
    """The inputs, a touch table playing."""
    with closing(Stand((1920, 1080), MIX)) as stand, closing(TouchTable(stand)) as table:
        stand.play()
        stand.hub.route(Route("tuio/3/y", "/mix/temperature"))
        panel = stand.window.panels.inputs
        panel.open, panel.chosen = True, "tuio"
        table.hold({1: (0.68, 0.3), 2: (0.3, 0.62)}, 1.0)
        table.hold({1: (0.68, 0.3), 2: (0.3, 0.62), 3: (0.6, 0.7)}, 0.5)
        table.hold({1: (0.68, 0.3), 2: (0.3, 0.62), 3: (0.6, 0.5)}, 1.0)
        stand.take(folder / "inputs.png")


def fingers(folder: Path) -> None:
    """The puck alone on a touch table under four fingers, with a crowd."""
    with closing(Stand((1920, 1080), MIX, enlarged="puck")) as stand, closing(TouchTable(stand)) as table:
        stand.play()
        crowd = np.random.default_rng(4).normal((-0.45, 0.2), 0.22, (40, 2)).tolist()
        stand.hub.gather(CROWD, "figure", [(x, y, 1.0) for x, y in crowd if x * x + y * y < 1.0])
        table.hold({1: (0.62, 0.22)}, 1.0)
        table.hold({1: (0.62, 0.22), 2: (0.3, 0.72), 3: (0.74, 0.66), 4: (0.5, 0.45)}, 1.0)
        stand.take(folder / "fingers.png")


def faders(folder: Path) -> None:
    """The faders alone in the window, one of them below zero."""
    with closing(Stand((1920, 1080), {**MIX, "linux": -0.45}, enlarged="faders")) as stand:
        stand.play()
        stand.take(folder / "faders.png")


def rewound(folder: Path) -> None:
    """A cursor in the text, a place to branch from, and what a letter tells."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play()
        rect = stand.layout.text
        stand.drag((rect.x + 330, rect.y + 100))
        stand.play(0.8)
        stand.take(folder / "rewound.png")


def arranged(folder: Path) -> None:
    """Large type, faders and traces hidden."""
    with closing(Stand((1920, 1080), MIX, type="large", faders=False, entropy=False)) as stand:
        stand.play()
        stand.take(folder / "arranged.png")


def small_voices(folder: Path) -> None:
    """All 24 on a small laptop."""
    with closing(Stand((1280, 720), {})) as stand:
        for place, slug in enumerate(stand.desk.link.mirror.slugs):
            stand.link.set(on_address(slug), True)
            stand.link.set(weight_address(slug), (7 * place % 24 + 1) / 24)
        stand.play()
        stand.take(folder / "small-voices.png")


def field(folder: Path) -> None:
    """The weight field of the puck, with its borders."""
    draw_field(folder / "field.png")


def large(folder: Path) -> None:
    """Twice the size."""
    with closing(Stand((3840, 2160), MIX)) as stand:
        stand.play()
        stand.take(folder / "large.png")


FIGURES: tuple[Callable[[Path], None], ...] = (
    playing, small, everybody, states, silent, keys, below_zero, book, teach, touch, contrast, field, inputs,
    fingers, banks, monitor, learning,
)  # fmt: skip
CHECKS: tuple[Callable[[Path], None], ...] = (  # looked at, not printed
    camera, large, settings, tour, faders, rewound, arranged, small_voices,
)  # fmt: skip


def main(folder: str = "docs/pictures", *names: str) -> None:
    """Take all figures, or those named."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for figure in (*FIGURES, *CHECKS):
        if figure.__name__ in names or (not names and figure in FIGURES):
            figure(Path(folder))
            print(f"{folder}/{figure.__name__}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
