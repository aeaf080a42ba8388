"""What each gesture does, in the real panels without a window: docs/instrument.md, held to."""

from __future__ import annotations

import numpy as np
import pytest
from imgui_bundle import imgui

from frontend.client.fake_link import FakeLink
from frontend.control.panels.faders import StripGeometry
from frontend.control.panels.puck import circle
from frontend.control.panels.transport import SETTINGS, TransportPanel, narrator_note, narrator_tip
from frontend.control.panels.voices import VoicesPanel
from protocol.messages import Narrator, Prime, Rewind, Set, Step
from protocol.puck import position
from tests.frontend.control.conftest import Instrument


def strips(instrument: Instrument) -> StripGeometry:
    return StripGeometry(instrument.layout.faders, len(instrument.controller.playing), instrument.layout.compact)


def weight(instrument: Instrument, slug: str) -> float:
    value = instrument.link.session.values[f"/style/{slug}/weight"]
    assert isinstance(value, float)
    return value


def row(instrument: Instrument, slug: str) -> tuple[float, float]:
    """The middle of a voice's row."""
    panel = next(panel for panel in instrument.panels.panels if isinstance(panel, VoicesPanel))
    voice = instrument.controller.slugs.index(slug)
    return panel._rows[voice].rect.centre  # where rows stand is the panel's own affair


# ---- voices ------------------------------------------------------------------------------------------------------


def test_a_click_on_a_voice_brings_it_into_play_and_another_sends_it_away(instrument: Instrument) -> None:
    instrument.click(row(instrument, "kant"))
    instrument.run(0.3)
    assert instrument.link.session.values["/style/kant/on"] is True
    assert weight(instrument, "kant") == 0.5
    instrument.click(row(instrument, "kant"))
    instrument.run(0.3)
    assert instrument.link.session.values["/style/kant/on"] is False


def test_a_voice_comes_and_goes_without_a_jump(instrument: Instrument) -> None:
    instrument.link.sent.clear()
    instrument.click(row(instrument, "bible"))
    instrument.run(0.3)
    faded = [m.value for m in instrument.link.sent if isinstance(m, Set) and m.address == "/style/bible/weight"]
    assert faded[0] == pytest.approx(0.8, abs=0.1)
    assert min(faded) == 0.0 and faded.index(0.0) < len(faded) - 1  # silent before it leaves, then its place is kept
    assert faded[-1] == pytest.approx(0.8)


def test_an_upright_drag_on_a_voice_sets_its_weight(instrument: Instrument) -> None:
    x, y = row(instrument, "linux")
    before = weight(instrument, "linux")
    instrument.drag((x, y), (x, y - 20), (x, y - 47))
    assert weight(instrument, "linux") == pytest.approx(before + 47 / 188, abs=1e-6)
    assert instrument.link.session.values["/style/linux/on"] is True


def test_a_drag_on_a_voice_that_is_away_brings_it_in_from_nothing(instrument: Instrument) -> None:
    x, y = row(instrument, "kant")
    instrument.drag((x, y), (x, y - 10), (x, y - 104))
    assert instrument.link.session.values["/style/kant/on"] is True
    assert weight(instrument, "kant") == pytest.approx(94 / 188, abs=1e-6)


def test_a_muted_voice_keeps_its_fader_and_sends_nothing(instrument: Instrument) -> None:
    bible = instrument.controller.slugs.index("bible")
    x, y = row(instrument, "bible")
    instrument.move(x, y)
    instrument.click((222.0, y - 5))  # its M
    assert instrument.controller.muted == {"bible"}
    assert weight(instrument, "bible") == 0.0
    assert instrument.controller.fader(bible) == pytest.approx(0.8)
    instrument.click((222.0, y - 5))
    assert weight(instrument, "bible") == pytest.approx(0.8)


def test_a_soloed_voice_silences_all_others(instrument: Instrument) -> None:
    x, y = row(instrument, "austen")
    instrument.move(x, y)
    instrument.click((198.0, y - 5))  # its S
    heard = {slug for slug in instrument.controller.slugs if weight(instrument, slug) > 0}
    assert heard == {"austen"}


def test_m_and_s_silence_the_voice_under_the_pointer(instrument: Instrument) -> None:
    instrument.move(*row(instrument, "linux"))
    instrument.type("m")
    assert instrument.controller.muted == {"linux"}
    instrument.move(strips(instrument).x(1), strips(instrument).y(0.5))
    instrument.type("s")
    assert instrument.controller.soloed == {"bible"}


def test_the_fader_of_a_muted_voice_moves_in_silence(instrument: Instrument) -> None:
    controller = instrument.controller
    bible = controller.slugs.index("bible")
    controller.mute(bible)
    instrument.frames(2)
    controller.set_fader(bible, 0.3)
    instrument.frames(2)
    assert weight(instrument, "bible") == 0.0
    controller.mute(bible)
    instrument.frames(2)
    assert weight(instrument, "bible") == 0.3


# ---- faders ------------------------------------------------------------------------------------------------------


def test_a_drag_moves_a_fader_by_as_much_as_the_hand(instrument: Instrument) -> None:
    place = 1  # the bible's, at .8
    x, y = strips(instrument).x(place), strips(instrument).y(0.8)
    instrument.drag((x, y), (x, y + 10), (x, y + 64))
    assert weight(instrument, "bible") == pytest.approx(0.3, abs=1e-6)


def test_on_a_slow_machine_a_drag_arrives_though_its_end_and_the_release_come_together(instrument: Instrument) -> None:
    x, y = strips(instrument).x(1), strips(instrument).y(0.8)
    ring, io = circle(instrument.layout), imgui.get_io()
    instrument.move(x, y)
    instrument.press()
    io.add_mouse_pos_event(x, y + 64)
    instrument.release()
    assert weight(instrument, "bible") == pytest.approx(0.3, abs=1e-6)
    instrument.move(*ring.outward((0.0, 0.0)))
    instrument.press()
    io.add_mouse_pos_event(*ring.outward((0.5, 0.5)))
    instrument.release()
    assert instrument.controller.puck == pytest.approx((0.5, 0.5), abs=0.02)


def test_shift_makes_the_drag_ten_times_finer(instrument: Instrument) -> None:
    x, y = strips(instrument).x(1), strips(instrument).y(0.8)
    instrument.shift(True)
    instrument.drag((x, y), (x, y + 64))
    assert weight(instrument, "bible") == pytest.approx(0.75, abs=1e-6)


def test_a_double_click_puts_a_fader_to_zero(instrument: Instrument) -> None:
    instrument.click((strips(instrument).x(1), strips(instrument).y(0.8)), times=2)
    assert weight(instrument, "bible") == 0.0


def test_pressing_the_track_brings_the_handle_to_the_hand(instrument: Instrument) -> None:
    instrument.click((strips(instrument).x(1), strips(instrument).y(0.25)))
    assert weight(instrument, "bible") == pytest.approx(0.25, abs=1 / 128)  # a pointer stands on whole pixels


def test_a_hand_that_overshoots_comes_back_to_the_end_before_the_fader_follows(instrument: Instrument) -> None:
    x, y = strips(instrument).x(1), strips(instrument).y(0.8)
    instrument.move(x, y)
    instrument.press()
    instrument.move(x, y - 100)
    assert weight(instrument, "bible") == 1.0
    instrument.move(x, y - 60)
    assert weight(instrument, "bible") == 1.0
    instrument.move(x, y)
    assert weight(instrument, "bible") == pytest.approx(0.8, abs=1e-6)


def test_tab_and_arrows_move_a_fader_without_a_mouse(instrument: Instrument) -> None:
    instrument.controller.link.set("/style/austen/weight", 0.5)
    instrument.panels.tracker.focus = "/style/austen/weight"
    instrument.key(imgui.Key.up_arrow)
    assert weight(instrument, "austen") == pytest.approx(0.52)
    instrument.key(imgui.Key.end)
    assert weight(instrument, "austen") == 1.0
    instrument.key(imgui.Key.delete)
    assert weight(instrument, "austen") == 0.0


def test_tab_and_enter_press_a_voice_without_a_mouse(instrument: Instrument) -> None:
    instrument.key(imgui.Key.tab, imgui.Key.tab, imgui.Key.enter)
    instrument.run(0.3)
    assert instrument.link.session.values["/style/aristotle/on"] is True


def test_a_faders_move_is_in_the_joint_of_the_same_frame(instrument: Instrument) -> None:
    controller = instrument.controller
    instrument.link.set("/mix/grain", 0.0)  # where a voice keeps the word, less of the move is seen inside it
    instrument.frames(1)
    before = controller.readouts.joint.copy()
    sequence = controller.readouts.sequence
    x, y = strips(instrument).x(1), strips(instrument).y(0.8)
    instrument.move(x, y)
    instrument.press()
    imgui.get_io().add_mouse_pos_event(x, y + 150)
    instrument.clock.now -= 1 / 60  # no time passes, so no character comes in between
    instrument.frames(1)
    assert controller.readouts.sequence >= sequence
    assert weight(instrument, "bible") < 0.1
    assert np.abs(controller.readouts.joint - before).max() > 0.01


# ---- puck --------------------------------------------------------------------------------------------------------


def test_pressing_the_circle_lands_a_lifted_puck_there(instrument: Instrument) -> None:
    ring = circle(instrument.layout)
    assert instrument.link.session.values["/puck/lifted"] is True
    instrument.click(ring.outward((0.5, 0.25)))
    assert instrument.link.session.values["/puck/lifted"] is False
    assert instrument.link.session.values["/puck"] == pytest.approx((0.5, 0.25), abs=0.01)


def test_the_puck_dragged_onto_a_voice_gives_it_nearly_everything(instrument: Instrument) -> None:
    ring = circle(instrument.layout)
    instrument.drag(ring.outward((0.0, 0.0)), ring.outward((0.3, 0.3)), ring.outward(position(1, 7)))
    assert instrument.controller.shares.argmax() == instrument.controller.slugs.index("bible")
    assert instrument.controller.shares.max() > 0.98


def test_a_double_click_lifts_the_puck(instrument: Instrument) -> None:
    ring = circle(instrument.layout)
    instrument.click(ring.outward((0.2, 0.2)))
    instrument.run(0.5)
    instrument.click(ring.outward((0.2, 0.2)), times=2)
    assert instrument.link.session.values["/puck/lifted"] is True


def test_a_puck_dragged_out_of_the_circle_stays_on_its_edge(instrument: Instrument) -> None:
    ring = circle(instrument.layout)
    instrument.drag(ring.outward((0.0, 0.0)), (ring.x + 20, ring.y), (ring.x + 600, ring.y))
    x, y = instrument.controller.puck
    assert (x, y) == pytest.approx((1.0, 0.0), abs=0.02)


def test_a_recorded_path_goes_on_by_itself(instrument: Instrument) -> None:
    ring = circle(instrument.layout)
    rect = instrument.layout.puck
    instrument.click((rect.x + 600, rect.y + 328))
    instrument.move(*ring.outward((0.0, 0.0)))
    instrument.press()
    for step in range(15):
        instrument.move(*ring.outward((step / 20, 0.0)))
    instrument.release()
    places = set()
    for _ in range(10):
        instrument.run(0.1)
        places.add(instrument.controller.puck)
    assert len(places) > 5


# ---- time, settings, scenes --------------------------------------------------------------------------------------


def test_space_rests_and_runs_and_a_dot_writes_one_character(instrument: Instrument) -> None:
    instrument.key(imgui.Key.space)
    assert instrument.link.session.values["/transport/run"] is False
    instrument.type(".")
    assert instrument.link.sent[-1] == Step()
    instrument.key(imgui.Key.space)
    assert instrument.link.session.values["/transport/run"] is True


@pytest.mark.parametrize(("text", "taken"), [("Call me Ishmael.", 8), ("the whale \n", 7), ("sea", 3)])
def test_rewind_takes_back_the_last_word_with_the_blanks_behind_it(
    instrument: Instrument, text: str, taken: int
) -> None:
    instrument.key(imgui.Key.space)
    instrument.link.send(Prime("\n" + text))
    instrument.frames(2)
    instrument.key(imgui.Key.backspace)
    assert [message for message in instrument.link.sent if isinstance(message, Rewind)] == [Rewind(taken)]


@pytest.mark.parametrize("place", [0, 1, 2, 3, 5, 6])
def test_a_double_click_on_a_setting_gives_its_default_back(instrument: Instrument, place: int) -> None:
    address = SETTINGS[place].address
    parameter = instrument.link.session.tree[address]
    rect = TransportPanel.grasp(instrument.layout, place)[0]
    spot = (rect.x + 0.8 * rect.w, rect.y + 22)
    instrument.click(spot)
    assert instrument.link.session.values[address] != parameter.default
    instrument.run(0.5)
    instrument.click(spot, times=2)
    assert instrument.link.session.values[address] == parameter.default


def test_a_scene_is_stored_with_shift_and_recalled_by_its_key(instrument: Instrument) -> None:
    first_fader = (strips(instrument).x(0), strips(instrument).y(0.25))
    instrument.shift(True)
    instrument.click(instrument.layout.scenes[8])
    instrument.shift(False)
    stored = weight(instrument, "austen")
    instrument.click(first_fader)
    assert weight(instrument, "austen") != stored
    instrument.key(imgui.Key._9)
    assert weight(instrument, "austen") != stored  # it glides
    instrument.run(0.4)
    assert weight(instrument, "austen") == stored
    assert instrument.controller.scene == 8


def test_a_hand_on_a_fader_wins_over_a_scene_on_its_way(instrument: Instrument) -> None:
    instrument.controller.store_scene(8)
    instrument.controller.set_fader(instrument.controller.slugs.index("bible"), 0.1)
    instrument.controller.recall_scene(8)
    instrument.frames(3)
    instrument.controller.set_fader(instrument.controller.slugs.index("bible"), 0.3)
    instrument.run(0.5)
    assert weight(instrument, "bible") == 0.3


def test_a_scene_brings_its_voices_and_sends_the_others_away(instrument: Instrument) -> None:
    instrument.key(imgui.Key._2)
    instrument.run(0.5)
    assert [instrument.controller.slugs[voice] for voice in instrument.controller.playing] == ["austen", "nietzsche"]


# ---- priming, help -----------------------------------------------------------------------------------------------


def test_typed_text_is_fed_by_enter_and_makes_no_shortcuts(instrument: Instrument) -> None:
    well = instrument.panels.prime.well(instrument.layout)
    instrument.click(well)
    instrument.type("fp 1. ?")
    instrument.key(imgui.Key.space)
    assert instrument.link.session.values["/transport/run"] is True
    instrument.key(imgui.Key.enter)
    sent = instrument.link.sent[-1]
    assert isinstance(sent, Prime) and sent.text.lstrip() == "fp 1. ?"
    assert instrument.panels.prime.words == ""
    assert not instrument.panels.overlay.help


def test_after_enter_no_key_is_lost_to_a_shortcut_until_escape_leaves_the_well(instrument: Instrument) -> None:
    io = imgui.get_io()
    instrument.click(instrument.panels.prime.well(instrument.layout))
    instrument.type("fee")
    io.add_key_event(imgui.Key.enter, True)
    for _ in range(4):
        instrument.frames()
        assert instrument.panels.prime.typing
    io.add_key_event(imgui.Key.enter, False)
    instrument.key(imgui.Key.enter)
    io.add_key_event(imgui.Key.escape, True)  # in the very frame that asks for the keyboard again
    instrument.frames(3)
    io.add_key_event(imgui.Key.escape, False)
    instrument.frames(2)
    assert not instrument.panels.prime.typing


def test_more_than_can_be_primed_at_once_is_not_taken(instrument: Instrument) -> None:
    instrument.click(instrument.panels.prime.well(instrument.layout))
    instrument.type("x" * 500)
    assert len(instrument.panels.prime.words) == 400


def test_the_question_mark_shows_the_keys_and_escape_hides_them(instrument: Instrument) -> None:
    instrument.type("?")
    assert instrument.panels.overlay.help
    instrument.key(imgui.Key.escape)
    assert not instrument.panels.overlay.help


@pytest.mark.parametrize("by_key", [False, True])
def test_a_menu_opens_by_right_click_or_key_and_escape_closes_it_and_nothing_else(
    instrument: Instrument, by_key: bool
) -> None:
    instrument.type("l")
    instrument.click(row(instrument, "kant"), button=0 if by_key else 1)
    if by_key:
        instrument.type("c")
    assert imgui.is_popup_open("", imgui.PopupFlags_.any_popup)
    instrument.key(imgui.Key.escape)
    assert not imgui.is_popup_open("", imgui.PopupFlags_.any_popup)
    assert instrument.panels.book.open


def test_the_window_waits_for_a_server_without_falling_over(instrument: Instrument) -> None:
    instrument.controller.link, instrument.controller.slugs = FakeLink(), ()
    instrument.key(imgui.Key.space, imgui.Key._1)
    instrument.type(".p?f")
    instrument.drag((700, 270), (700, 300))
    assert instrument.controller.stale


@pytest.mark.parametrize("size", [(960, 540), (1280, 720), (1920, 1080), (3840, 2160), (2560, 1080)])
@pytest.mark.parametrize("voices", [0, 7, 24])
def test_every_size_draws_any_number_of_voices(instrument: Instrument, size: tuple[int, int], voices: int) -> None:
    instrument.size = size
    for voice, slug in enumerate(instrument.controller.slugs):
        instrument.link.set(f"/style/{slug}/on", voice < voices)
    instrument.move(*instrument.layout.histogram.centre)
    instrument.run(0.7)  # long enough for a tooltip
    assert len(instrument.controller.playing) == voices


def test_the_control_of_the_narrator_says_that_there_is_none_or_how_often_it_is_in_time() -> None:
    absent, late, timely = Narrator(""), Narrator("teller", 0.62), Narrator("teller", 1.0)
    assert [narrator_note(each, 0.5) for each in (absent, late, timely)] == ["none", "62%", ""]
    assert narrator_note(late, 0.0) == ""
    assert "antiphon models install smollm2" in narrator_tip(absent)
    assert "teller" in narrator_tip(late) and "62% of the last letters" in narrator_tip(late)
