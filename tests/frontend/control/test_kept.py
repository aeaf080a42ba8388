"""What is kept from frame to frame is never stale: every picture is the one that would be drawn with nothing kept."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import numpy as np
import pytest
from imgui_bundle import imgui

from frontend.client.display_state import Memo
from frontend.control.state.preferences import PANELS
from tests.frontend.control.conftest import FRAME, Instrument


def drawn(instrument: Instrument) -> list[bytes]:
    """The vertices of a frame in which no time passes."""
    instrument.clock.now -= FRAME
    instrument.frames(1)
    return [
        ctypes.string_at(each.vtx_buffer.data_address(), each.vtx_buffer.size() * imgui.VERTEX_SIZE)
        for each in imgui.get_draw_data().cmd_lists
    ]


def forget(instrument: Instrument) -> None:
    """Nothing is kept any more."""
    instrument.panels.canvas._kept.clear()
    for holder in (instrument.controller._readout_builder, *instrument.panels.panels):
        for name, value in vars(holder).items():
            if isinstance(value, Memo):
                setattr(holder, name, Memo())


def setting(name: str, value: object) -> Callable[[Instrument], None]:
    return lambda instrument: instrument.controller.preferences.set(name, value)


def control(address: str, value: object) -> Callable[[Instrument], None]:
    return lambda instrument: instrument.controller.set(address, value)  # type: ignore[arg-type]


def hide_the_server(instrument: Instrument) -> None:
    instrument.link._demo = None
    instrument.run(1.5)


CHANGES: dict[str, Callable[[Instrument], None]] = {
    "theme": setting("contrast", "high"),
    "text size": setting("letters", 36.0),
    "type": setting("type", "large"),
    "balance": setting("strips", "balance"),
    **{f"without {name}": setting(name, False) for name in PANELS},
    "enlarged": setting("enlarged", "puck"),
    "window": lambda instrument: setattr(instrument, "size", (1280, 720)),
    "voice in play": lambda instrument: instrument.controller.toggle(instrument.controller.slugs.index("kant")),
    "weight": control("/style/bible/weight", 0.1),
    "weight below zero": control("/style/bible/weight", -0.4),
    "muted": lambda instrument: instrument.controller.mute(instrument.controller.slugs.index("bible")),
    "puck laid down": control("/puck/lifted", False),
    "puck": control("/puck", (0.3, -0.4)),
    "falloff": control("/puck/falloff", 4.0),
    "alloy": control("/mix/alloy", 0.5),
    "fusion": control("/mix/fusion", 0.5),
    "paused": control("/transport/run", False),
    "scene stored": lambda instrument: instrument.controller.store_scene(3),
    "more text": lambda instrument: instrument.run(0.5),
    "text taken back": lambda instrument: instrument.controller.rewind(),
    "cursor": lambda instrument: setattr(instrument.panels.text, "cursor", instrument.link.session.length - 1),
    "pointer": lambda instrument: instrument.move(320.0, 40.0),
    "silent server": hide_the_server,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_picture_with_what_was_kept_is_the_picture_without(instrument: Instrument, change: str) -> None:
    instrument.run(0.5)
    before = drawn(instrument)
    CHANGES[change](instrument)
    for _ in range(3):
        instrument.frames(3)
        kept = drawn(instrument)
        forget(instrument)
        assert kept == drawn(instrument)
    assert kept != before


def test_the_joint_follows_the_weights_between_two_characters(instrument: Instrument) -> None:
    instrument.run(1.0)  # where the voices want different characters
    instrument.link._demo = None  # nothing comes any more
    instrument.run(0.3)
    before, sequence = instrument.controller.readouts, instrument.controller.readouts.sequence
    instrument.controller.set("/style/bible/weight", 0.1)
    instrument.frames(1)
    after = instrument.controller.readouts
    assert after.sequence == sequence and after.distributions is before.distributions  # looked up, not made again
    assert np.abs(after.joint - before.joint).max() > 0.01


def test_what_was_made_of_other_things_is_made_anew_though_they_are_equal() -> None:
    latest, made = Memo[int](), iter(range(9))
    one, other = [1], [1]
    asked = ((one,), (one,), (other,), (other, one))
    assert [latest.of(lambda: next(made), *things) for things in asked] == [0, 0, 1, 2]
