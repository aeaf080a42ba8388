"""The README's pictures, of a real performance: ``python docs/photograph.py [--seed N] [--slow N] [FOLDER]``.

A real server with the shipped voices, both real windows on two monitors of software with ghost letters, ribbon and
creature, a real mouse on the puck. What the monitors show is taken ten times a second: ``performance.webp`` moves,
``control.png`` and ``stage.png``, without the creature, are its last moment, and the other pictures of the stage show
the same performance a little later. On a machine that cannot draw two windows so fast, ``--slow 3`` plays and films at
a third of the speed.
Needs what tests need (Xvfb, xdotool, xrandr) and Pillow: ``pip install -e '.[docs]'``.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from frontend.client.link import Link
from frontend.control.drawing.layout import plan_panels
from frontend.control.panels.puck import circle
from frontend.control.state.controller import GHOST_LETTERS
from frontend.look.png import save_png
from protocol.puck import position
from protocol.tree import LOOKAHEAD, on_address
from server.supervisor.child_process import ServerProcess
from tests.journeys.conftest import ANTIPHON, Witness
from tests.journeys.hands import Hand, wait_until
from tests.journeys.performance import Stand, front_end, inked, two_monitors
from tests.screens import shown

Pixels = NDArray[np.uint8]
Taken = tuple[Pixels, Pixels, tuple[float, float]]  # both windows, and where the pointer was

SECONDS = 13.0  # of film
FRAMES = 10  # a second
RATE = 17.0  # characters a second
TEMPERATURE = 0.6
WIDTH = 960  # pixels of the film
BAND = (0.36, 0.97)  # of the stage's height, that is filmed: the last lines, creature, ghosts and ribbon
GAP = 10  # pixels between the windows
GROUND = (18, 20, 24)
LARGEST = 3.0  # MB of the film
QUALITIES = (85, 75, 65, 55, 45)  # of the WebP, the first that is small enough
WAY = ("austen", "bible", "linux", "frankenstein", "austen")  # where the puck goes, a moment at each
DWELL = 0.45  # of the time at a voice
REACH = 0.78  # of the way to its place
LATER = {  # pictures of the stage in other settings
    "stage-histogram": ("histogram=on", "names=on"),
    "stage-paper": ("theme=paper", "names=on"),
}
ARROW = ((0, 0), (0, 17), (4, 13), (7, 19), (10, 18), (7, 12), (12, 12))


def where(seconds: float, stops: list[tuple[float, float]]) -> tuple[float, float]:
    """The puck's place at a moment of the film: from stop to stop, at rest at each, in a bow."""
    leg = SECONDS / len(stops)
    last, share = divmod(seconds / leg, 1.0)
    here, there = stops[int(last) % len(stops)], stops[(int(last) + 1) % len(stops)]
    share = max(0.0, (share - DWELL) / (1.0 - DWELL))
    eased = share * share * (3.0 - 2.0 * share)
    x, y = (a + (b - a) * eased for a, b in zip(here, there, strict=True))
    bow = 1.0 - 0.35 * math.sin(math.pi * eased)
    return x * bow, y * bow


def filmed(seen: Pixels, audience: Pixels, pointer: tuple[float, float]) -> Image.Image:
    """What both windows showed, one above the other, with a pointer that can be seen at this size."""
    control = Image.fromarray(seen)
    ImageDraw.Draw(control).polygon(
        [(pointer[0] + 2.2 * x, pointer[1] + 2.2 * y) for x, y in ARROW], (255, 255, 255), (0, 0, 0), 2
    )
    control = control.resize((WIDTH, WIDTH * control.height // control.width), Image.Resampling.LANCZOS)
    stage = Image.fromarray(audience)
    stage = stage.crop((0, round(BAND[0] * stage.height), stage.width, round(BAND[1] * stage.height)))
    stage = stage.resize((WIDTH, WIDTH * stage.height // stage.width), Image.Resampling.LANCZOS)
    film = Image.new("RGB", (WIDTH, control.height + GAP + stage.height), GROUND)
    film.paste(control, (0, 0))
    film.paste(stage, (0, control.height + GAP))
    return film


def perform(hand: Hand, witness: Witness, stand: Stand, slow: float) -> list[Taken]:
    """Play and film: what both windows showed, and where the pointer was."""
    session = witness.session
    playing = [slug for slug in session.slugs if session.values[on_address(slug)]]
    ring = circle(layout := plan_panels(*hand.size))
    stops = [position(playing.index(slug), len(playing)) for slug in WAY if slug in playing]
    stops = [(REACH * x, REACH * y) for x, y in stops]

    def pixels(seconds: float) -> tuple[float, float]:
        x, y = ring.outward(where(seconds, stops))
        return x * layout.scale, y * layout.scale

    hand.press(*pixels(0.0))
    time.sleep(4.0 * slow)  # until the text is that of the first voice, and fills the stage
    taken, began = [], time.monotonic()
    for frame in range(round(SECONDS * FRAMES)):
        due = began + frame / FRAMES * slow
        time.sleep(max(0.0, due - time.monotonic()))
        at = pixels(frame / FRAMES)
        hand.glide(*at)
        taken.append((shown(stand.memory, stand.left), stand.stage(), at))  # made small later: that takes time
    late = time.monotonic() - began - SECONDS * slow
    if late > 0.1 * SECONDS * slow:
        print(f"this machine was {late:.1f} s too slow to film: use --slow {math.ceil(slow * 1.5)}", file=sys.stderr)
    return taken


def main() -> None:
    words = argparse.ArgumentParser(description="Take the README's pictures.")
    words.add_argument("folder", nargs="?", type=Path, default=Path("docs/pictures"))
    words.add_argument("--seed", type=int, default=3)
    words.add_argument("--slow", type=float, default=1.0)
    wanted = words.parse_args()
    with tempfile.TemporaryDirectory() as home, two_monitors(1920, 1080) as (display, stand):
        os.environ |= {"DISPLAY": display, "ANTIPHON_HOME": home}
        (Path(home) / "control.toml").write_text("toured = true\n")
        command = [*ANTIPHON, "serve", "--with-parent", "--port", "0", "--seed", str(wanted.seed)]
        with ServerProcess(command, print) as child, closing(Link(*(server := child.address()))) as link:
            witness = Witness(link)
            witness.sees("the voices", lambda session: len(session.slugs) > 0 and session.length > 0)
            link.set("/mix/rate", RATE / wanted.slow)
            link.set("/mix/temperature", TEMPERATURE)
            link.set(LOOKAHEAD, GHOST_LETTERS)
            shown_too = [word for name in ("ghosts", "ribbon", "creature") for word in ("--stage", f"{name}=on")]
            with front_end(server, *shown_too) as hand:
                wait_until(lambda: inked(stand.stage()), "text on the stage")
                witness.sees("a creature", lambda session: session.sprite is not None and bool(session.sprite.mix))
                taken = perform(hand, witness, stand, wanted.slow)
                hand.release()
                hand.key("minus")  # the other pictures are of the stage alone
                witness.sees("no creature", lambda session: session.sprite is not None and not session.sprite.mix)
                time.sleep(2.0 * wanted.slow)
                wanted.folder.mkdir(parents=True, exist_ok=True)
                save_png(wanted.folder / "control.png", shown(stand.memory, stand.left))
                save_png(wanted.folder / "stage.png", stand.stage())
            for name, settings in LATER.items():
                options = [word for setting in settings for word in ("--stage", setting)]
                with front_end(server, *options):
                    wait_until(lambda: inked(stand.stage()), "text on the stage")
                    time.sleep(3.0)  # nothing rises or appears as at the beginning any more
                    save_png(wanted.folder / f"{name}.png", stand.stage())
    film = [filmed(*each) for each in taken]
    path = wanted.folder / "performance.webp"
    for quality in QUALITIES:
        film[0].save(
            path,
            save_all=True,
            append_images=film[1:],
            duration=round(1000 / FRAMES),
            loop=0,
            quality=quality,
            method=4,
        )
        if path.stat().st_size <= 1e6 * LARGEST:
            break
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {len(film)} frames of {film[0].width} x {film[0].height}")


if __name__ == "__main__":
    main()
