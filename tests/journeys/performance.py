"""A whole short performance, played through the real windows on two monitors, with every claim held to the server.

``perform`` is the journey that ``test_a_whole_performance`` takes with voices that spell one letter each. With real
voices, ``python -m tests.journeys.performance [FOLDER]`` takes it again in large windows and keeps the pictures on the
way, which are the documentation's: they show what really stood on the screens.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontend.client.link import Link
from frontend.control.drawing.layout import plan_panels
from frontend.control.panels.faders import StripGeometry
from frontend.look.png import save_png
from frontend.look.screens import ScreenArea
from protocol.puck import position
from protocol.tree import on_address, weight_address
from server.supervisor.child_process import ServerProcess
from tests.journeys.conftest import ANTIPHON, Witness, running
from tests.journeys.hands import BEAT, PATIENCE, STAGE, Hand, area_of, wait_until, windows
from tests.screens import shown, split, virtual_screen

DOUBLE = 0.4  # seconds; a second click that comes sooner makes a double one
NEAR = 0.03
WINDOW = "toured = true\nfade = 1.5\n"  # control.toml: no tour, and scenes that take a while to come


@dataclass(frozen=True)
class Stand:
    """Two monitors side by side, ``left`` with the control window and ``right`` with the stage."""

    memory: Path
    left: ScreenArea
    right: ScreenArea
    pictures: Path | None = None

    def stage(self) -> NDArray[np.uint8]:
        return shown(self.memory, self.right)

    def keep(self, name: str, area: ScreenArea, looks: int = 8) -> None:
        """Keep what stands in ``area`` as a picture, where pictures are wanted: of several looks the calmest."""
        if self.pictures is None:
            return
        taken = [shown(self.memory, area)]
        for _ in range(looks - 1):
            time.sleep(BEAT)
            taken.append(shown(self.memory, area))
        changes = [np.count_nonzero(one != other) for one, other in pairwise(taken)] or [np.intp(0)]
        save_png(self.pictures / f"{name}.png", taken[int(np.argmin(changes))])


@contextmanager
def two_monitors(width: int, height: int, pictures: Path | None = None) -> Iterator[tuple[str, Stand]]:
    """The DISPLAY of a screen that is two monitors of ``width`` x ``height``."""
    with ExitStack() as closing:
        memory = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        display = closing.enter_context(virtual_screen(2 * width, height, memory))
        left, right = ScreenArea(0, 0, width, height), ScreenArea(width, 0, width, height)
        split(display, (left, right))
        subprocess.run(["xsetroot", "-display", display, "-cursor_name", "left_ptr"], check=True, timeout=PATIENCE)
        yield display, Stand(memory, left, right, pictures)


@contextmanager
def front_end(server: tuple[str, int], *options: str) -> Iterator[Hand]:
    """The real windows playing ``server``; they must not fall over meanwhile."""
    with running("front", "--server", "{}:{}".format(*server), *options, module="tests.journeys.two_monitors") as front:
        hand = Hand()
        yield hand
        assert front.poll() is None, "the front end fell over"


def perform(hand: Hand, witness: Witness, stand: Stand, spelling: bool) -> None:
    """Play; ``spelling``: each voice writes one letter, so that the text itself can be held to the mix."""
    layout, slugs = plan_panels(*hand.size), list(witness.session.slugs)
    aside = 6.0, 6.0  # pixels, where nothing is that would say what it does

    def playing() -> list[str]:
        return [slug for slug in slugs if witness.session.values[on_address(slug)]]

    def fader(slug: str, value: float) -> tuple[float, float]:
        strips = StripGeometry(layout.faders, len(playing()), layout.compact)
        return strips.x(playing().index(slug)) * layout.scale, strips.y(value) * layout.scale

    def on_circle(slug: str, part: float = 1.0) -> tuple[float, float]:
        x, y = position(playing().index(slug), len(playing()))
        return hand.on_circle((part * x, part * y))

    def number(address: str) -> float:
        value = witness.session.values[address]
        assert not isinstance(value, tuple)
        return float(value)

    def lies_at(slug: str) -> Callable[[], bool]:
        place = position(playing().index(slug), len(playing()))
        return lambda: near(witness.session.values["/puck"], place)

    # ---- the stage stands on the second monitor, without a border ----
    wait_until(lambda: stage_area() == stand.right, "the stage on the second monitor")
    wait_until(lambda: inked(stand.stage()), "text on the stage")

    # ---- a voice leaves and comes back ----
    row = voice_row(hand, slugs.index("nietzsche"))
    hand.click(*row)
    witness.sees("nietzsche away", lambda session: session.values[on_address("nietzsche")] is False)
    time.sleep(DOUBLE)
    hand.click(*row)
    witness.sees("nietzsche in play", lambda session: session.values[on_address("nietzsche")] is True)

    # ---- faders ----
    hand.drag(fader("linux", number(weight_address("linux"))), fader("linux", 0.85))
    hand.release()
    wait_until(lambda: abs(number(weight_address("linux")) - 0.85) < NEAR, "the fader of linux at .85")

    # ---- the puck, and a scene at each of two voices ----
    here = hand.on_circle((0.0, 0.0))
    for place, slug in ((1, "linux"), (2, "bible")):
        hand.drag(here, on_circle(slug))
        here = on_circle(slug)
        wait_until(lies_at(slug), f"the puck at {slug}")
        if spelling:
            witness.next_text(3)  # what was on its way
            assert set(witness.next_text(20)) <= {slug[0], " "}
        hand.release()
        hand.key("shift", str(place))
        time.sleep(DOUBLE)

    # ---- across from one scene to the other ----
    from_here, to_there = (position(playing().index(slug), len(playing())) for slug in ("bible", "linux"))
    with hand.holding("1"):  # the way is watched from its beginning
        way = followed(lambda: witness.session.values["/puck"], until=lies_at("linux"))
    between = {place for place in way if not near(place, from_here) and not near(place, to_there)}
    assert len(between) >= 3, "a fade has a way"
    hand.move(*aside)
    hand.key("2")
    wait_until(lambda: not near(witness.session.values["/puck"], to_there, 0.3), "some of the way back")
    stand.keep("fade", stand.left, looks=1)
    wait_until(lies_at("bible"), "the puck at bible again")
    if spelling:
        witness.next_text(3)
        assert set(witness.next_text(20)) <= {"b", " "}

    # ---- rest, take back, one character, prime ----
    hand.key("space")
    witness.sees("the text at rest", lambda session: session.values["/transport/run"] is False)
    text = witness.session.text
    hand.key("BackSpace")
    shorter = text.rstrip()[: max(text.rstrip().rfind(" "), text.rstrip().rfind("\n")) + 1]
    witness.sees("a word less", lambda session: session.text == shorter)
    hand.key("period")
    witness.sees("a character more", lambda session: len(session.text) == len(shorter) + 1)
    hand.key("p")
    time.sleep(1.0)  # the well has the keyboard from its next frame on, and a busy machine is slow to draw that
    hand.type("Call me Ishmael. ")
    stand.keep("prime", stand.left)
    hand.key("Return")
    witness.sees("what was typed", lambda session: session.text.endswith("Call me Ishmael. "))
    hand.key("Escape")
    hand.key("space")
    witness.sees("it runs again", lambda session: session.values["/transport/run"] is True)

    # ---- the stage: away and back, frozen, dark and lit, and its corners ----
    witness.next_text(60)  # behind what was typed
    stand.keep("two-monitors", ScreenArea(0, 0, 2 * stand.left.width, stand.left.height))
    hand.key("f")
    wait_until(lambda: stage_area() not in (None, stand.right), "the stage as a plain window")
    hand.key("f")
    wait_until(lambda: stage_area() == stand.right, "the stage back on its monitor")
    wait_until(lambda: inked(stand.stage()), "its text there")
    hand.key("v")
    wait_until(lambda: stands_still(witness, stand), "the text going on behind a frozen picture")
    still = stand.stage()
    hand.key("v")
    wait_until(lambda: not np.array_equal(stand.stage(), still), "the picture going on")
    hand.key("b")
    wait_until(lambda: not stand.stage().any(), "a black stage")
    before = witness.session.length
    witness.sees("the text going on in the dark", lambda session: session.length > before + 5)
    assert not stand.stage().any()
    hand.key("b")
    wait_until(lambda: inked(stand.stage()), "light on the stage")
    hand.key("k")
    wait_until(lambda: bool(stand.stage()[:4, :4].max() > 200), "the grid's first corner")
    hand.key("1")
    for _ in range(3):
        hand.key("shift", "Down")
    wait_until(lambda: bool(stand.stage()[:4, :4].max() < 40), "the corner farther down")
    stand.keep("stage-corners", stand.right)
    hand.key("0")
    wait_until(lambda: bool(stand.stage()[:4, :4].max() > 200), "the corner back")
    hand.key("Escape")
    wait_until(lambda: bool(stand.stage()[:4, :4].max() < 40), "the text again")


def stands_still(witness: Witness, stand: Stand) -> bool:
    """Whether the stage shows the same picture before and after more text was written."""
    before = stand.stage()
    witness.next_text(6)
    return np.array_equal(stand.stage(), before)


def stage_area() -> ScreenArea | None:
    found = windows(STAGE)
    return area_of(found[0]) if found else None


def voice_row(hand: Hand, voice: int) -> tuple[float, float]:
    """The middle of a voice's row in the list, in pixels."""
    layout = plan_panels(*hand.size)
    top, pitch = (12.0, 33.0) if layout.compact else (48.0, 40.0)
    x, y = layout.voices.x + layout.voices.w / 2, layout.voices.y + top + pitch * (voice + 0.5)
    return x * layout.scale, y * layout.scale


def followed(value: Callable[[], object], until: Callable[[], bool]) -> list[object]:
    """What ``value`` gave while it was waited for the end."""
    way: list[object] = []

    def look() -> bool:
        way.append(value())
        return until()

    wait_until(look, "the end of a fade", pause=0.005)
    return way


def near(value: object, place: tuple[float, float], distance: float = NEAR) -> bool:
    assert isinstance(value, tuple)
    return all(abs(a - b) < distance for a, b in zip(value, place, strict=True))


def inked(picture: NDArray[np.uint8]) -> bool:
    """Whether there is text, that is much that is bright."""
    return int((picture[: -len(picture) // 40].max(axis=-1) > 120).sum()) > 50


def main(folder: str = "docs/pictures") -> None:
    """Play it with the shipped voices in windows of full size, and keep the pictures in ``folder``."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, two_monitors(1920, 1080, Path(folder)) as (display, stand):
        os.environ |= {"DISPLAY": display, "ANTIPHON_HOME": home}
        (Path(home) / "control.toml").write_text(WINDOW)
        command = [*ANTIPHON, "serve", "--with-parent", "--port", "0", "--seed", "3"]
        with ServerProcess(command, print) as child, closing(Link(*(server := child.address()))) as link:
            witness = Witness(link)
            witness.sees("a text", lambda session: len(session.slugs) > 0 and session.length > 300)
            with front_end(server) as hand:
                perform(hand, witness, stand, spelling=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
