"""The stage alone, over the whole screen, without a pointer: for rooms where nobody sits at the instrument.

What hands there are (MIDI, touch tables, phones) play all the same. UI thread, one turn a frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from frontend.app import FRAME_S, FrameEndCollector
from frontend.client.link import AnyLink
from frontend.config.scenes import Scenes
from frontend.config.scenes import default_path as scenes_path
from frontend.control.state.controller import Controller
from frontend.input_registry import ways_in
from frontend.screen_access import reach_screen
from frontend.stage.staging import StageState

PICTURE_CHECK_PERIOD_S = 0.5  # seconds between two looks whether a picture is wanted


def run(
    link: AnyLink,
    staging: StageState,
    attend: Callable[[float], object],
    seconds: float | None = None,
    wanted: Path | None = None,
    picture: Path | None = None,
    ending: Callable[[], object] = lambda: None,
) -> int:
    """Show ``link`` until the window is closed or ``seconds`` have passed; gives 0.

    ``attend`` is called once a frame. Whenever the file ``wanted`` is there, what the stage shows is saved to
    ``picture`` (PNG) and that file is removed; ``ending`` is called after the last frame. Raises ``DisplayError``.
    """
    reach_screen()
    import pyglet

    from frontend.stage.window import StageWindow

    with ExitStack() as closing:
        hub, midi, teacher = ways_in(link)
        closing.callback(hub.close)
        controller = Controller(link, midi, Scenes.load(scenes_path()), staging, hub=hub, teacher=teacher)
        closing.callback(controller.tempo_sync.close)
        stage = StageWindow(link.session, staging, readouts=lambda: controller.readouts)
        closing.callback(stage.close)
        if stage.on_screen is None:
            stage.window.set_fullscreen(True)
        collector = closing.enter_context(FrameEndCollector())
        began = due = time.monotonic()
        look_at = 0.0
        while seconds is None or due - began < seconds:
            pyglet.clock.tick()
            now = time.monotonic()
            stage.window.switch_to()
            stage.window.dispatch_events()
            if stage.closed:
                break
            controller.pump(now)
            attend(now)
            controller.settle()
            stage.draw(now)
            staging.poll(now)
            if wanted is not None and picture is not None and now >= look_at:
                look_at = now + PICTURE_CHECK_PERIOD_S
                if wanted.exists():
                    stage.save_picture(picture)
                    wanted.unlink(missing_ok=True)
            collector.collect_if_due(now)
            now = time.monotonic()
            due = max(due + FRAME_S, now)
            time.sleep(due - now)
        ending()
    return 0
