"""A whole short performance, played through the real windows on two monitors, with every claim held to the server.

``perform`` is the journey that ``test_a_whole_performance`` takes with voices that spell one letter each. With real
voices, ``python -m tests.journeys.performance [FOLDER]`` takes it again in large windows and keeps the pictures on the
way, which are the documentation's: they show what really stood on the screens.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontend.control.faders import Strips
from frontend.control.layout import plan
from frontend.picture import save_png
from frontend.screens import Area
from protocol.puck import position
from protocol.tree import on_address, weight_address
from tests.journeys.conftest import Witness, running
from tests.journeys.hands import STAGE, Hand, area_of, wait_until, windows
from tests.screens import shown, split, virtual_screen

DOUBLE = 0.4  # seconds; a second click that comes sooner makes a double one
NEAR = 0.03


@dataclass(frozen=True)
class Stand:
    """Two monitors side by side, ``left`` with the control window and ``right`` with the stage."""

    memory: Path
    left: Area
    right: Area
    pictures: Path | None = None

    def stage(self) -> NDArray[np.uint8]:
        return shown(self.memory, self.right)

    def keep(self, name: str, area: Area) -> None:
        """Keep what stands in ``area`` as a picture, where pictures are wanted."""
        if self.pictures is not None:
            save_png(self.pictures / f"{name}.png", shown(self.memory, area))


@contextmanager
def two_monitors(width: int, height: int, pictures: Path | None = None) -> Iterator[tuple[str, Stand]]:
    """The DISPLAY of a screen that is two monitors of ``width`` x ``height``."""
    with ExitStack() as closing:
        memory = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        display = closing.enter_context(virtual_screen(2 * width, height, memory))
        left, right = Area(0, 0, width, height), Area(width, 0, width, height)
        split(display, (left, right))
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
    layout, slugs = plan(*hand.size), list(witness.mirror.slugs)

    def playing() -> list[str]:
        return [slug for slug in slugs if witness.mirror.values[on_address(slug)]]

    def fader(slug: str, value: float) -> tuple[float, float]:
        strips = Strips(layout.faders, len(playing()), layout.compact)
        return strips.x(playing().index(slug)) * layout.scale, strips.y(value) * layout.scale

    def on_circle(slug: str, part: float = 1.0) -> tuple[float, float]:
        x, y = position(playing().index(slug), len(playing()))
        return hand.on_circle((part * x, part * y))

    def number(address: str) -> float:
        value = witness.mirror.values[address]
        assert not isinstance(value, tuple)
        return float(value)

    def lies_at(slug: str) -> Callable[[], bool]:
        place = position(playing().index(slug), len(playing()))
        return lambda: near(witness.mirror.values["/puck"], place)

    # ---- the stage stands on the second monitor, without a border ----
    wait_until(lambda: stage_area() == stand.right, "the stage on the second monitor")
    wait_until(lambda: inked(stand.stage()), "text on the stage")

    # ---- a voice leaves and comes back ----
    row = voice_row(hand, slugs.index("nietzsche"))
    hand.click(*row)
    witness.sees("nietzsche away", lambda mirror: mirror.values[on_address("nietzsche")] is False)
    time.sleep(DOUBLE)
    hand.click(*row)
    witness.sees("nietzsche in play", lambda mirror: mirror.values[on_address("nietzsche")] is True)

    # ---- faders ----
    hand.drag(fader("linux", number(weight_address("linux"))), fader("linux", 0.85))
    stand.keep("fader", stand.left)
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
        if place == 1:
            stand.keep("puck", stand.left)
        hand.key("shift", str(place))
        time.sleep(DOUBLE)

    # ---- across from one scene to the other ----
    from_here, to_there = (position(playing().index(slug), len(playing())) for slug in ("bible", "linux"))
    with hand.holding("1"):  # the way is watched from its beginning
        way = followed(lambda: witness.mirror.values["/puck"], until=lies_at("linux"))
    assert any(not near(place, from_here) and not near(place, to_there) for place in way), "a fade has a way"
    if spelling:
        witness.next_text(3)
        assert set(witness.next_text(20)) <= {"l", " "}

    # ---- rest, take back, one character, prime ----
    hand.key("space")
    witness.sees("the text at rest", lambda mirror: mirror.values["/transport/run"] is False)
    text = witness.mirror.text
    hand.key("BackSpace")
    shorter = text.rstrip()[: max(text.rstrip().rfind(" "), text.rstrip().rfind("\n")) + 1]
    witness.sees("a word less", lambda mirror: mirror.text == shorter)
    hand.key("period")
    witness.sees("a character more", lambda mirror: len(mirror.text) == len(shorter) + 1)
    hand.key("p")
    time.sleep(1.0)  # the well has the keyboard from its next frame on, and a busy machine is slow to draw that
    hand.type("Call me Ishmael. ")
    stand.keep("prime", stand.left)
    hand.key("Return")
    witness.sees("what was typed", lambda mirror: mirror.text.endswith("Call me Ishmael. "))
    hand.key("Escape")
    hand.key("space")
    witness.sees("it runs again", lambda mirror: mirror.values["/transport/run"] is True)

    # ---- the stage: away and back, dark and lit ----
    stand.keep("stage-on-monitor", stand.right)
    hand.key("f")
    wait_until(lambda: stage_area() not in (None, stand.right), "the stage as a plain window")
    hand.key("f")
    wait_until(lambda: stage_area() == stand.right, "the stage back on its monitor")
    wait_until(lambda: inked(stand.stage()), "its text there")
    hand.key("b")
    wait_until(lambda: not stand.stage().any(), "a black stage")
    before = witness.mirror.length
    witness.sees("the text going on in the dark", lambda mirror: mirror.length > before + 3)
    assert not stand.stage().any()
    hand.key("b")
    wait_until(lambda: inked(stand.stage()), "light on the stage")
    stand.keep("both", Area(0, 0, 2 * stand.left.width, stand.left.height))


def stage_area() -> Area | None:
    found = windows(STAGE)
    return area_of(found[0]) if found else None


def voice_row(hand: Hand, voice: int) -> tuple[float, float]:
    """The middle of a voice's row in the list, in pixels."""
    layout = plan(*hand.size)
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


def near(value: object, place: tuple[float, float]) -> bool:
    assert isinstance(value, tuple)
    return all(abs(a - b) < NEAR for a, b in zip(value, place, strict=True))


def inked(picture: NDArray[np.uint8]) -> bool:
    """Whether there is text, that is much that is bright."""
    return int((picture[: -len(picture) // 40].max(axis=-1) > 120).sum()) > 50
