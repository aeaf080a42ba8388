"""What building a frame costs: both windows before a performance of 24 voices and 10,000 characters of text.

Processor time of the drawing thread, so that other work on the machine does not count: for the control window all that
happens before OpenGL is asked to draw, datagrams decoded and a fader moved in every frame; for the stage all until the
picture is flipped. In the same run the toolkit alone draws a bar for every wish, 24 x 128 in ImPlot: what that costs is
the measure of a machine, and the windows are told as multiples of its median, too. Then hours of text pass in a quick
motion while the memory is watched. The windows stand on this machine's screen or on one made of software. Run as a
program (SECONDS HOURS [PROFILE]) it prints the figures as JSON.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import ROOT, describe, percentile, resident_mb, screen
from frontend.client.fake_link import FakeLink
from protocol.errors import DisplayError
from protocol.fragments import distribution_messages, past_messages
from protocol.messages import TAIL_CHARS, Card, Char, Joint, Message, Set, Status, Tint
from protocol.mixing import quantise
from protocol.osc import decode_to_front, encode_bundle
from protocol.tree import on_address, weight_address

VOICES, CHARACTERS = 24, 10_000
CHARS_PER_S, FRAMES_PER_S = 20, 60  # characters and frames a second
WINDOW_SIZE_PX = (1920, 1080)  # pixels, either window
CHARS_PER_LEAP = 60  # in quick motion, between two frames: fewer than a datagram tells, so that none is lost
PROFILE_ROWS = 30  # functions that a profile shows
LEAPS_PER_FRAME = 8  # of so many such leaps one is drawn
MADE_UP_WORDS = tuple("abcdefghijklmnopqrstuvwxyz"[n : n + 1 + n % 7] for n in range(26))


def measure(seconds: float = 10.0, hours: float = 1.0, profile: Path | None = None) -> dict[str, Any]:
    """One JSON object: percentiles in ms over ``seconds`` of frames, memory in MB before and after ``hours`` of text.

    ``profile`` is a file for where the frames' time goes, as ``pstats`` reads it; figures are slower then. Raises
    ``DisplayError`` where no window opens.
    """
    with screen() as display:
        words = [str(seconds), str(hours), *([str(profile)] if profile else [])]
        command = [sys.executable, "-m", "benchmarks.frames", *words]
        ran = subprocess.run(command, cwd=ROOT, env={**os.environ, "DISPLAY": display}, capture_output=True, text=True)
    if ran.returncode:
        raise DisplayError(f"no frame could be measured: {(ran.stderr.strip() or 'no word why').splitlines()[-1]}")
    figures: dict[str, Any] = json.loads(ran.stdout)
    return {"benchmark": "frames", "machine": describe(), **figures}


class Playback:
    """A performance that needs no server: what one would send, as datagrams. The same each time."""

    def __init__(self) -> None:
        self._chance = random.Random(1)
        self._distributions = np.random.default_rng(1).dirichlet(np.full(128, 0.05), (64, VOICES))
        self._text = ""
        self._tints: list[Tint] = []
        self.sequence = 0
        self.cards = [_card(index) for index in range(VOICES)]

    def beginning(self) -> Iterator[Message]:
        """Cards, controls and all of the text."""
        yield from self.cards
        for card in self.cards:
            yield Set(on_address(card.slug), True)
            yield Set(weight_address(card.slug), 0.5)
        self._write(CHARACTERS)
        yield Status(self.sequence, self.sequence, 0, CHARS_PER_S, 1.0, 1, "")
        yield from past_messages(0, 0, self._text, self._tints)
        yield from self._newest()

    def go_on(self, count: int) -> Iterator[Message]:
        """``count`` characters more, told at once as the newest one tells them."""
        self._write(count)
        yield from self._newest()

    def _newest(self) -> Iterator[Message]:
        distributions = self._distributions[self.sequence % len(self._distributions)]
        yield Char(
            self.sequence, self._text[-1], self._text[-TAIL_CHARS:], self.sequence, 0, tuple(self._tints[-TAIL_CHARS:])
        )
        yield Joint(self.sequence, quantise(distributions.mean(0)).tobytes())
        yield from distribution_messages(self.sequence + 1, range(VOICES), distributions)

    def _write(self, count: int) -> None:
        written = ""
        while len(written) < count:
            written += self._chance.choice(MADE_UP_WORDS) + self._chance.choice("      ,\n")
        self._text = (self._text + written[:count])[-CHARACTERS:]
        for _ in range(count):
            voices = self._chance.sample(range(VOICES), 3)
            self._tints.append(tuple(zip(voices, (120, 80, 55), strict=True)))
        self._tints = self._tints[-CHARACTERS:]
        self.sequence += count


def _card(index: int) -> Card:
    colour = f"#{40 + 8 * index:02X}A0{230 - 8 * index:02X}"
    slug, name, monogram = f"voice-{index:02}", f"Voice {index}", f"V{chr(ord('a') + index)}"
    return Card(index, VOICES, slug, name, monogram, colour, "prose", "A voice of the benchmark.")


class WiredLink(FakeLink):
    """A link in memory whose messages come as datagrams, to be decoded in ``pump`` as they are in a real one."""

    def __init__(self) -> None:
        super().__init__()
        self._datagrams: list[bytes] = []

    def post(self, messages: Iterator[Message]) -> None:
        self._datagrams += encode_bundle(messages)

    def pump(self, now: float) -> None:
        tree = self.session.tree if self.session.cards else None
        for datagram in self._datagrams:
            self.deliver(decode_to_front(datagram, tree).messages)
        self._datagrams.clear()
        super().pump(now)


class ToolkitAlone:
    """Dear ImGui and ImPlot with the same number of bars and nothing else, in contexts of their own, off the screen."""

    def __init__(self) -> None:
        from imgui_bundle import imgui, implot

        self._imgui, self._implot = imgui, implot
        before = imgui.get_current_context()
        self._context = imgui.create_context()
        imgui.set_current_context(self._context)
        io = imgui.get_io()
        io.set_ini_filename("")
        io.backend_flags |= imgui.BackendFlags_.renderer_has_textures
        io.display_size = imgui.ImVec2(*WINDOW_SIZE_PX)
        self._plots = implot.create_context()
        self._bars = np.random.default_rng(2).random((VOICES, 128))
        imgui.set_current_context(before)

    def frame(self) -> None:
        """Build one frame."""
        imgui, implot = self._imgui, self._implot
        before = imgui.get_current_context()
        imgui.set_current_context(self._context)
        imgui.get_io().delta_time = 1 / FRAMES_PER_S
        imgui.new_frame()
        imgui.set_next_window_pos((0, 0))
        imgui.set_next_window_size(imgui.get_io().display_size)
        imgui.begin("bars")
        if implot.begin_plot("wishes", imgui.ImVec2(-1, -1)):
            for voice, row in enumerate(self._bars):
                implot.plot_bars(f"{voice}", row)
            implot.end_plot()
        imgui.end()
        imgui.render()
        for texture in imgui.get_platform_io().textures:
            if texture.status != imgui.ImTextureStatus.ok:
                texture.set_status(imgui.ImTextureStatus.ok)
        imgui.set_current_context(before)

    def close(self) -> None:
        before = self._imgui.get_current_context()
        self._imgui.set_current_context(self._context)
        self._implot.destroy_context(self._plots)
        self._imgui.destroy_context(self._context)
        self._imgui.set_current_context(before)


def _measure(seconds: float, hours: float, folder: str, profile: Path | None) -> dict[str, Any]:
    from frontend.config.scenes import Scenes
    from frontend.control.state.controller import Controller
    from frontend.control.state.midi_interface import NoMidi
    from frontend.control.window import ControlWindow
    from frontend.stage.window import StageWindow

    link, playback = WiredLink(), Playback()
    controller = Controller(link, NoMidi(), Scenes.load(Path(folder) / "scenes.json"))
    control = ControlWindow(controller, WINDOW_SIZE_PX, vsync=False)
    stage = StageWindow(link.session, size=WINDOW_SIZE_PX, vsync=False)
    fader = weight_address(playback.cards[0].slug)
    link.post(playback.beginning())
    now = 0.0

    toolkit, profiler = ToolkitAlone(), cProfile.Profile()

    def frame() -> tuple[float, float, float]:
        """Build both windows' frames of ``now``, and the toolkit's; seconds of processor time for each."""
        nonlocal now
        now += 1 / FRAMES_PER_S
        if link.session.cards:
            link.set(fader, 0.5 + 0.4 * np.sin(now))
        building = _cost(lambda: control.build(now))
        drawing = _cost(lambda: stage.build(now))
        stage.window.flip()
        return building, drawing, _cost(toolkit.frame)

    for _ in range(FRAMES_PER_S):  # the first ones make fonts, textures and pages
        frame()
    times = []
    if profile is not None:
        profiler.enable()
    for number in range(round(seconds * FRAMES_PER_S)):
        if number % (FRAMES_PER_S // CHARS_PER_S) == 0:
            link.post(playback.go_on(1))
        times.append(frame())
    if profile is not None:
        profiler.disable()
        profiler.dump_stats(profile)
    memory = []
    for number in range(round(hours * 3600 * CHARS_PER_S / CHARS_PER_LEAP)):
        link.post(playback.go_on(CHARS_PER_LEAP))
        link.pump(now)
        if number % LEAPS_PER_FRAME == 0:
            frame()
        if number % (600 * CHARS_PER_S // CHARS_PER_LEAP) == 0:
            memory.append(resident_mb(os.getpid()))
    memory.append(resident_mb(os.getpid()))
    toolkit.close()
    stage.close()
    control.close()
    controls, stages, alone = zip(*times, strict=True)
    measure_ms = percentile(alone, 0.5)
    return {
        "voices": VOICES,
        "characters": CHARACTERS,
        "width": WINDOW_SIZE_PX[0],
        "height": WINDOW_SIZE_PX[1],
        "frames": len(times),
        "control_p50_ms": percentile(controls, 0.5),
        "control_p99_ms": percentile(controls, 0.99),
        "stage_p50_ms": percentile(stages, 0.5),
        "stage_p99_ms": percentile(stages, 0.99),
        "toolkit_p50_ms": measure_ms,
        "control_p50_ratio": round(percentile(controls, 0.5) / measure_ms, 2),
        "control_p99_ratio": round(percentile(controls, 0.99) / measure_ms, 2),
        "stage_p50_ratio": round(percentile(stages, 0.5) / measure_ms, 2),
        "hours": hours,
        "rss_before_mb": memory[min(1, len(memory) - 1)],
        "rss_mb": memory[-1],
    }


def show_profile(path: Path) -> None:
    """Print the functions in which frames spend most time, their own and with what they call."""
    for order in ("tottime", "cumulative"):
        pstats.Stats(str(path)).strip_dirs().sort_stats(order).print_stats(PROFILE_ROWS)


def _cost(task: Callable[[], object]) -> float:
    began = time.thread_time()
    task()
    return time.thread_time() - began


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="antiphon-frames-") as empty:
        where = Path(sys.argv[3]) if len(sys.argv) > 3 else None
        print(json.dumps(_measure(float(sys.argv[1]), float(sys.argv[2]), empty, where)))
