"""The stage's keys, in the control window as in the stage's own."""

import pytest
from imgui_bundle import imgui

from tests.frontend.control.conftest import Instrument


def test_keys_black_out_and_freeze_the_stage_from_either_window(instrument: Instrument) -> None:
    staging = instrument.controller.staging
    instrument.type("b")
    instrument.type("v")
    assert (staging.dark, staging.frozen) == (True, True)
    for symbol in "bv":
        instrument.panels.stage_key(ord(symbol), 0)
    assert (staging.dark, staging.frozen) == (False, False)


def test_while_the_stage_shows_its_grid_the_keys_are_the_grids(instrument: Instrument) -> None:
    staging, text = instrument.controller.staging, instrument.controller.link.session.values["/transport/run"]
    instrument.type("k")
    assert staging.pinned == 0
    instrument.key(imgui.Key._2, imgui.Key.down_arrow, imgui.Key.down_arrow, imgui.Key.space)
    assert staging.settings.top_right == pytest.approx((0.0, 0.002))
    assert instrument.controller.scene is None and instrument.controller.values["/transport/run"] == text
    instrument.key(imgui.Key.escape)
    assert not staging.pinning
    instrument.type("k")
    instrument.type("k")
    assert not staging.pinning
