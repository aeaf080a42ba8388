"""The pictures of docs/instrument.md and docs/inputs.md, taken from the real windows:

    xvfb-run -a -s "-screen 0 1920x1080x24" .venv/bin/python docs/figures.py [FOLDER [NAME ...]]

Needs a screen of 1920x1080 or more (``-screen 0 3840x2160x24`` for the largest). Here stand those of the instrument
itself; ``docs.hands_figures`` has those of the ways in, ``docs.stand`` the window that all are taken of.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from pyglet.window import mouse

from docs.hands_figures import banks, camera, fingers, inputs, landmarks, leap, learning, monitor, teach, wekinator
from docs.puck_field import draw_field
from docs.stand import MIX, Stand
from frontend.config.scenes import Fade
from frontend.config.setlists import Cue
from frontend.control.panels.faders import StripGeometry
from frontend.control.panels.puck_geometry import circle, puck_plan
from frontend.control.state.autopilot import AutopilotMode
from protocol.tree import on_address, weight_address


def playing(folder: Path) -> None:
    """The instrument as it is played: puck on a path, a hand on a fader, a controller bound."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.controller.recall_scene(2)
        stand.play(0.5)
        stand.controller.scenes.places[2] = None
        stand.controller.store_scene(2)
        ring = circle(stand.layout)
        stand.drag(puck_plan(stand.layout).buttons[0].centre)
        turns = np.linspace(0.0, 1.0, 60)
        way = np.stack([0.66 * np.cos(3.6 * turns - 0.55) + 0.1 * turns, -0.5 * np.sin(3.3 * turns - 0.75)], 1)
        stand.drag(*(ring.outward((x, y)) for x, y in way.tolist()))
        stand.play()
        strips = StripGeometry(stand.layout.faders, len(stand.controller.playing), False)
        place = [stand.controller.slugs[voice] for voice in stand.controller.playing].index("lovesongs")
        x, y = strips.x(place), strips.y(stand.controller.fader(stand.controller.playing[place]))
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
        for place, slug in enumerate(stand.controller.link.session.slugs):
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
        stand.controller.mute(stand.controller.slugs.index("bible"))
        stand.controller.learn(weight_address("nietzsche"))
        rows = {slug: 64 + 40 * voice + 20 for voice, slug in enumerate(stand.controller.slugs)}
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
        stand.controller.preferences.set_recall(Fade(20.0))
        stand.controller.recall_scene(4)
        stand.play(7.0)
        stand.take(folder / "below-zero.png")


def book(folder: Path) -> None:
    """The book of scenes, with a set list."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.play()
        controller = stand.controller
        for place, fade in ((0, Fade(8.0)), (3, Fade(40, "chars")), (2, Fade(0.25)), (5, Fade(20.0)), (1, Fade(2.0))):
            scene = controller.scenes.places[place]
            assert scene is not None
            controller.prepared.replace_setlist(controller.prepared.setlist.add(Cue(scene, fade)))
        controller.take_cue_at(1)
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
        stand.controller.autopilot.choose(AutopilotMode.FIGURE, (0.1, 0.2))
        stand.link.set("/puck/lifted", False)
        stand.play()
        stand.take(folder / "touch.png")


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
        for place, slug in enumerate(stand.controller.link.session.slugs):
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
    playing,
    small,
    everybody,
    states,
    silent,
    keys,
    below_zero,
    book,
    teach,
    touch,
    contrast,
    field,
    inputs,
    fingers,
    banks,
    monitor,
    learning,
    leap,
    landmarks,
    wekinator,
)
CHECKS: tuple[Callable[[Path], None], ...] = (  # looked at, not printed
    camera,
    large,
    settings,
    tour,
    faders,
    rewound,
    arranged,
    small_voices,
)


def main(folder: str = "docs/pictures", *names: str) -> None:
    """Take all figures, or those named."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for figure in (*FIGURES, *CHECKS):
        if figure.__name__ in names or (not names and figure in FIGURES):
            figure(Path(folder))
            print(f"{folder}/{figure.__name__}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
