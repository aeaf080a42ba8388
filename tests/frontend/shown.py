"""A child process for tests: the real windows around a demo link, telling on standard output what hands change.

``python -m tests.frontend.shown SECONDS WIDTH HEIGHT [PICTURE [STAGE_PICTURE]]``. One JSON list a line: ["set",
address, value], ["send", message's class, its fields] or ["end", what ``run`` gave]. A line on standard input closes
the control window as a window manager would.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from frontend.app import run
from frontend.client.fake_link import DemoServer, FakeLink
from frontend.inputs.midi.ports import FakePorts
from frontend.stage.staging import StageState
from protocol.messages import ToServer
from protocol.tree import Value

CAPTION = "Antiphon"


def tell(*words: object) -> None:
    print(json.dumps(words), flush=True)


class TellingLink(FakeLink):
    """A demo that says aloud what it is told."""

    def set(self, address: str, value: Value) -> None:
        super().set(address, value)
        tell("set", address, value)

    def send(self, message: ToServer) -> None:
        super().send(message)
        tell("send", type(message).__name__, asdict(message))


def close_when_told() -> None:
    """Ask the window to close in its own thread, at its clock's next tick."""
    if sys.stdin.readline():
        import pyglet

        window = next(window for window in pyglet.app.windows if window.caption == CAPTION)
        pyglet.clock.schedule_once(lambda dt: window.dispatch_event("on_close"), 0.0)


def main(seconds: str, width: str, height: str, *pictures: str) -> None:
    picture, stage_picture = [*(Path(name) for name in pictures), None, None][:2]
    link = TellingLink(DemoServer())
    stage = StageState() if stage_picture is not None else None
    threading.Thread(target=close_when_told, daemon=True).start()
    no_midi = FakePorts(has_midi=False)
    ended = run(link, stage, no_midi, float(seconds), picture, stage_picture, (int(width), int(height)))
    tell("end", ended)


if __name__ == "__main__":
    main(*sys.argv[1:])
