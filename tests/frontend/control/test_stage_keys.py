"""The stage's keys, in the control window as in the stage's own."""

import numpy as np
import pytest
from imgui_bundle import imgui

from frontend.control.panels.stage import LETTER_ALPHA, blocks, buttons, without_glows
from frontend.stage.staging import StageSnapshot
from tests.frontend.control.conftest import Instrument, written


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


def words(instrument: Instrument) -> set[str]:
    return {each.words for each in written(instrument)}


def test_the_control_window_says_in_words_that_the_stage_is_black_or_frozen(instrument: Instrument) -> None:
    assert not {"STAGE BLACK", "STAGE FROZEN"} & words(instrument)
    instrument.type("v")
    assert "STAGE FROZEN" in words(instrument)
    instrument.type("b")
    assert "STAGE BLACK" in words(instrument)
    instrument.controller.preferences.enlarge("puck")  # and also where one panel has the window
    assert "STAGE BLACK" in words(instrument)


def test_nothing_that_the_last_line_tells_pushes_its_words_about(instrument: Instrument) -> None:
    def places() -> dict[str, float]:
        return {each.words: each.rect.x for each in written(instrument) if each.words in ("server ok", "0 lost")}

    before = places()
    assert len(before) == 2
    instrument.type("b")
    assert places() == before


def test_while_the_mix_is_held_the_last_line_names_who_gains_and_loses(instrument: Instrument) -> None:
    controller = instrument.controller
    first = controller.playing[0]
    instrument.type("h")
    instrument.run(0.1)
    controller.set_fader(first, 0.0)
    instrument.run(0.1)
    told = [each for each in words(instrument) if each.startswith("held; coming when you let go (H)")]
    assert len(told) == 1 and f"{controller.slugs[first]} " in told[0] and " to 0" in told[0]
    instrument.type("h")
    instrument.run(0.1)
    assert controller.held_shares is None


def test_the_stages_panel_blacks_it_out_freezes_it_and_sends_it_on(instrument: Instrument) -> None:
    places, staging = buttons(instrument.layout.stage), instrument.controller.staging
    instrument.click(places["black"])
    instrument.click(places["freeze"])
    assert (staging.dark, staging.frozen) == (True, True)
    instrument.click(places["move"])
    assert instrument.panels.take_window_requests().stage


def test_the_stages_picture_is_drawn_of_the_boxes_that_the_stage_drew() -> None:
    letter = [10.0, 20.0, 30.0, 50.0, 0.1, 0.1, 0.2, 0.2, 1.0, 0.0, 0.0, 1.0]
    block = [0.0, 0.0, 5.0, 5.0, 0.5, 0.5, 0.5, 0.5, 0.0, 1.0, 0.0, 0.5]
    boxes = np.array([letter, block], np.float32)
    edges, inks = blocks(boxes, 1.0)
    assert edges.tolist() == [[10, 20, 30, 50], [0, 0, 5, 5]]
    assert [f"{ink:08X}" for ink in inks.tolist()] == [f"{round(255 * LETTER_ALPHA):02X}0000FF", "8000FF00"]
    assert (blocks(boxes, 0.0)[1] >> 24).tolist() == [0, 0]


def test_the_glow_round_a_creature_is_no_block_in_the_stages_picture() -> None:
    glow = [0.0, 0.0, 500.0, 500.0, 0.1, 0.1, 0.2, 0.2, 1.0, 0.0, 0.0, 1.0]
    bar = [0.0, 0.0, 500.0, 5.0, 0.5, 0.5, 0.5, 0.5, 0.0, 1.0, 0.0, 0.5]
    letter = [0.0, 0.0, 36.0, 72.0, 0.1, 0.1, 0.2, 0.2, 1.0, 0.0, 0.0, 1.0]
    assert len(without_glows(np.array([glow, bar, letter], np.float32), 270.0)) == 2


def test_a_stage_that_is_shown_is_drawn_in_the_control_window(instrument: Instrument) -> None:
    boxes = np.array([[0, 0, 100, 100, 0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1]], np.float32)
    instrument.controller.staging.shown = StageSnapshot(boxes, 1920, 1080, (0.0, 0.0, 0.0), 1.0, "on screen 2")
    assert "on screen 2" in words(instrument)
    instrument.controller.staging.shown = None
    assert "no stage is open" in words(instrument)
