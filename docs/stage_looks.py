"""The stage to be looked at, at many sizes and in many looks, before it goes out: the real window in simulated time.

    xvfb-run -a -s "-screen 0 3840x2160x24" .venv/bin/python docs/stage_looks.py FOLDER [NAME ...]

One thread.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.stand import FRAME, MIX, Stand
from frontend.stage.staging import StageState
from frontend.stage.window import StageWindow
from protocol.messages import Prime

FULL = (1920, 1080)
LONG_CODE = "static int mercy_of_the_light(struct device *dev, unsigned long created, const char *name_of_the_lord);\n"
VERSE = "Water, water, every where,\nAnd all the boards did shrink;\n" * 2

LOOKS: dict[str, dict[str, Any]] = {
    "designed": {},
    "histogram": {"histogram": True, "names": True},
    "contrast": {"theme": "contrast", "size": 1.3, "names": True, "histogram": True},
    "plain": {"theme": "plain", "cursor": "block"},
    "paper": {"theme": "paper", "names": True, "histogram": True},
    "corners": {"corner": 1, "top_left": (0.05, 0.02), "top_right": (-0.03, 0.06)},
    "keystone": {"top_left": (0.08, 0.02), "top_right": (-0.08, 0.06), "histogram": True, "names": True},
    "small": {"window": (1280, 720), "histogram": True, "names": True},
    "large": {"window": (3840, 2160), "histogram": True, "names": True},
    "upright": {"window": (1080, 1920), "names": True, "histogram": True},
    "columns": {"columns": 90, "fade": 0.5},
    "code": {"text": "\t" + LONG_CODE + "\tif (!page->mercy)\n\t\treturn -EVIL;\n"},
    "verse": {"text": VERSE},
    "unbroken": {"text": "w" * 150 + " and so on "},
    "dark": {"dark": True},
}


def take(
    path: Path,
    window: tuple[int, int] = FULL,
    corner: int | None = None,
    text: str = "",
    dark: bool = False,
    **settings: object,
) -> None:
    """A picture of the stage in ``settings``, 40 seconds into a performance; ``text`` is primed at its end."""
    with closing(Stand((1280, 720), MIX)) as stand:
        stand.play(40.0)
        if text:
            stand.link.set("/transport/run", False)
            stand.link.send(Prime(text))
        staging = StageState()
        for name, value in settings.items():
            staging.set(name, value)
        staging.pinned, staging.dark = corner, dark
        with closing(
            StageWindow(stand.link.session, staging, size=window, readouts=lambda: stand.controller.readouts)
        ) as stage:
            for _ in range(45):
                stand.play(FRAME)
                stage.draw(stand.now)
            stage.save_picture(path)


def main(folder: str, *names: str) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in names or LOOKS:
        take(Path(folder) / f"{name}.png", **LOOKS[name])
        print(f"{folder}/{name}.png", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
