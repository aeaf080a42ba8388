"""Pictures of the ways in for docs/inputs.md: controllers, tables, a hand in the air, other programs, a camera, poses.

What speaks to the inputs here is not a device but what ships for trying them: real datagrams, a real websocket, MIDI in
memory. ``docs/figures.py`` takes them.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from docs.stand import FRAME, MIX, PLAYED, Stand
from frontend.inputs.bindings import Binding, Bindings
from frontend.inputs.camera.camera_input import Camera
from frontend.inputs.osc.osc_input import numbers
from frontend.inputs.osc.wekinator import INPUTS, OUTPUTS, floats_of
from protocol.guard import elements
from protocol.puck import CROWD
from protocol.tree import weight_address
from tests.frontend.inputs.fake_input import FakeInput
from tests.frontend.inputs.leap_stream import RATE, Service, frame, hand

TABLE_PORT = 43_333
OSC_PORT = 43_338
WEKINATOR = (43_448, 43_120)  # where its inputs and its outputs go


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
            for words in (
                ("alive", *fingers),
                *(("set", key, x, y, 0.0, 0.0, 0.0) for key, (x, y) in fingers.items()),
                ("fseq", self._number),
            ):
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
    weights = dict(
        zip(
            sorted((*MIX, "coleridge", "davinci", "homer", "kant", "quran")),
            (0.3, 0.8, 0.7, 0.2, 0.4, 0.6, 0.5, 0.55, 0.6, 0.7, 0.45, 0.35),
            strict=True,
        )
    )
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
        stand.controller.learn("/puck.y")
        stand.play(0.5)
        stand.take(folder / "learning.png")


def inputs(folder: Path) -> None:
    """The inputs, a touch table playing."""
    with closing(Stand((1920, 1080), MIX)) as stand, closing(TouchTable(stand)) as table:
        stand.play()
        stand.hub.bind("tuio/3/y", "/mix/temperature")
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


def teach(folder: Path) -> None:
    """Three poses of a hand in the air, taught and at work."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play(2.0)
        controller, poses = stand.controller, stand.controller.teacher.poses
        hand = FakeInput("leap")
        controller.hub.add(hand, poses)
        stand.window.panels.teach.open = True

        def hold(seconds: float, x: float, height: float, grip: float) -> None:
            for _ in range(round(seconds / FRAME)):
                for axis, level in (("x", x), ("height", height), ("depth", 0.6 - 0.2 * x), ("grip", grip)):
                    hand.say(f"leap/hand/{axis}", level + 0.004 * np.sin(37 * stand.now + len(axis)))
                controller.hub.turn(stand.now)
                stand.play(FRAME)

        frame = type("F", (), {"layout": stand.layout, "controller": controller})
        shown = {cell.key: cell.aim for cell in stand.window.panels.teach.cells(frame)}
        held = {"lovesongs": (0.2, 0.7, 0.1), "linux": (0.8, 0.5, 0.95), "scene 1": (0.5, 0.2, 0.4)}
        for times in range(3):
            for key, pose in held.items():
                hold(0.1, *(level + 0.01 * times for level in pose))
                controller.teacher.record(key, shown[key])
                hold(0.7, *(level + 0.01 * times for level in pose))
        controller.teacher.train()
        while controller.teacher.training:
            time.sleep(0.01)
            hold(FRAME, 0.2, 0.7, 0.1)
        controller.hub.change("taught", on=True)
        hold(3.0, 0.36, 0.64, 0.34)
        stand.point(*stand.window.panels.teach.cells(frame)[0].rect.centre)
        hold(0.3, 0.36, 0.64, 0.34)
        stand.take(folder / "teach.png")


def camera(folder: Path) -> None:
    """A face before the camera, in the poses' drawer. Needs what `antiphon camera` installs."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play(2.0)
        hub, eyes = stand.controller.hub, Camera()
        hub.add(eyes)
        hub.change("camera", on=True, file="tests/frontend/inputs/camera/astronaut.jpg", mirror=False, look="face")
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


def _opened(stand: Stand, key: str) -> None:
    """Open the inputs, the settings and channels of one among them."""
    panel = stand.window.panels.inputs
    panel.open, panel.chosen = True, key


def _osc(address: str, *numbers: float) -> bytes:
    message = OscMessageBuilder(address)
    for number in numbers:
        message.add_arg(number)
    return message.build().dgram


def _speaker(port: int, say: Callable[[float], list[bytes]]) -> tuple[socket.socket, Callable[[], None]]:
    """A program that sends what ``say`` gives for the seconds since it began, in real datagrams; and its next turn."""
    mouth, began = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), time.monotonic()

    def speak() -> None:
        for datagram in say(time.monotonic() - began):
            mouth.sendto(datagram, ("127.0.0.1", port))

    return mouth, speak


def _face(at: float) -> list[bytes]:
    """What FaceOSC says of a face at a moment: it laughs and grows calm again, once in four and a half seconds."""
    laugh = 0.5 - 0.5 * np.cos(1.4 * at)
    return [
        _osc("/gesture/mouth/width", 11.0 + 4.0 * laugh),
        _osc("/gesture/mouth/height", 1.2 + 3.4 * laugh),
        _osc("/gesture/eyebrow/left", 7.2 + 0.9 * laugh),
        _osc("/gesture/eyebrow/right", 7.3 + 0.8 * laugh),
        _osc("/pose/orientation", -0.08, 0.21 * laugh, 0.03),
    ]


def leap(folder: Path) -> None:
    """A hand in the air over a Leap Motion whose service is made of software."""
    service = Service()
    for number in range(round(60.0 * RATE)):
        turn = 0.6 * number / RATE
        palm = (70.0 * np.cos(turn), 200.0 + 60.0 * np.sin(2.0 * turn), -45.0 * np.sin(turn))
        service.playing.append(frame(number, hand(12, "right", palm, 0.3 + 0.2 * np.sin(turn), 0.1)))
    began = time.monotonic() - PLAYED
    with service.running(), closing(Stand((1920, 1080), MIX, began=began, enlarged="puck")) as stand:
        stand.play()
        stand.hub.change("leap", on=True, address=service.address)
        _opened(stand, "leap")
        stand.live(6.0, lambda: None)
        stand.take(folder / "leap.png")


def landmarks(folder: Path) -> None:
    """What another program says of a face, by OSC: two of its numbers lead a voice and the temperature."""
    with closing(Stand((1920, 1080), MIX, began=time.monotonic() - PLAYED)) as stand:
        stand.play()
        stand.hub.change("osc", on=True, port=OSC_PORT)
        mouth_drives = Binding("osc/gesture/mouth/height", "/style/lovesongs/weight")
        eyebrow_drives = Binding("osc/gesture/eyebrow/left", "/mix/temperature", 0.15, 0.4)
        stand.hub.restore(Bindings((mouth_drives, eyebrow_drives)))
        _opened(stand, "osc")
        mouth, speak = _speaker(OSC_PORT, _face)
        with closing(mouth):
            stand.live(5.0, speak)
        stand.take(folder / "landmarks.png")


class PretendWekinator:
    """A program in Wekinator's place: how near what our inputs say comes to each of three faces that it knows."""

    KNOWN = (0.25, 0.4, 0.55)  # what the mean of mouth and brows is at each

    def __init__(self) -> None:
        self._heard: list[float] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", WEKINATOR[0]))
        self._socket.setblocking(False)

    def answer(self) -> None:
        """Take in what came, and send what follows from the last of it, as Wekinator does all the time."""
        with suppress(BlockingIOError):
            while True:
                for message in elements(self._socket.recv(65_536))[0]:
                    address, levels = numbers(message)
                    self._heard = levels[:4] if address == INPUTS else self._heard
        if self._heard:
            mean = sum(self._heard) / len(self._heard)
            near = [float(np.exp(-(((mean - known) / 0.15) ** 2))) for known in self.KNOWN]
            self._socket.sendto(floats_of(OUTPUTS, near), ("127.0.0.1", WEKINATOR[1]))

    def close(self) -> None:
        self._socket.close()


def wekinator(folder: Path) -> None:
    """A face by OSC goes on to a program in Wekinator's place, whose three answers lead three voices."""
    began = time.monotonic() - PLAYED
    with closing(Stand((1920, 1080), MIX, began=began)) as stand, closing(PretendWekinator()) as other:
        stand.play()
        stand.hub.change("osc", on=True, port=OSC_PORT)
        stand.hub.change("wek", on=True, inputs_port=WEKINATOR[0], outputs_port=WEKINATOR[1])
        for place, slug in enumerate(("austen", "linux", "lovesongs"), start=1):
            stand.hub.bind(f"wek/{place}", weight_address(slug))
        _opened(stand, "wek")
        mouth, speak = _speaker(OSC_PORT, _face)

        def both() -> None:
            speak()
            other.answer()

        with closing(mouth):
            stand.live(6.0, both)
        stand.take(folder / "wekinator.png")
