"""The hands' further gestures, in the real panels without a window: docs/instrument.md, held to."""

from __future__ import annotations

import math

import pytest
from imgui_bundle import imgui

from frontend.config.scenes import Fade
from frontend.control.panels.faders import StripGeometry
from frontend.control.panels.puck_geometry import circle, puck_plan
from frontend.control.panels.text import ribbon_rect
from frontend.control.state.autopilot import AutopilotMode
from frontend.control.state.text_listener import Heard, TextListener
from frontend.look.ribbon import STRETCH_CHARS
from protocol.messages import FinishSentence, Panic, Rewind, Set, Step, WriteWord
from protocol.mixing import circle as order_of
from protocol.puck import position
from tests.frontend.control.conftest import Instrument, written
from tests.frontend.control.test_control_panels import row, weight


def strips(instrument: Instrument, below: float = 0.0) -> StripGeometry:
    return StripGeometry(instrument.layout.faders, len(instrument.controller.playing), False, below)


def last_sent(instrument: Instrument, kind: type) -> object:
    return next(message for message in reversed(instrument.link.sent) if isinstance(message, kind))


# ---- voices ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["austen", "kant"])
def test_a_double_click_lets_a_voice_speak_alone_in_play_or_not(instrument: Instrument, slug: str) -> None:
    instrument.click(row(instrument, slug), times=2)
    instrument.run(0.4)
    assert instrument.link.session.values[f"/style/{slug}/on"] is True
    assert {other for other in instrument.controller.slugs if weight(instrument, other) != 0.0} == {slug}
    instrument.run(0.5)
    instrument.click(row(instrument, slug), times=2)
    instrument.run(0.4)
    assert not instrument.controller.soloed and instrument.link.session.values[f"/style/{slug}/on"] is True


# ---- faders ------------------------------------------------------------------------------------------------------


def test_a_fader_dragged_to_its_end_rests_at_zero_and_goes_below_it_only_past_a_notch(instrument: Instrument) -> None:
    x, y = strips(instrument).x(1), strips(instrument).y(0.8)
    zero = strips(instrument).y(0.0)
    instrument.drag((x, y), (x, zero), (x, zero + 8))
    assert weight(instrument, "bible") == 0.0
    instrument.drag((x, zero), (x, zero + 10), (x, zero + 60))
    assert -1.0 < weight(instrument, "bible") < -0.2


def test_below_zero_the_handle_goes_with_the_hand_and_double_click_brings_it_back(instrument: Instrument) -> None:
    instrument.controller.set_fader(instrument.controller.slugs.index("bible"), -0.5)
    instrument.run(0.4)
    below = strips(instrument, 1.0)
    instrument.drag((below.x(1), below.y(-0.5)), (below.x(1), below.y(-0.75)))
    assert weight(instrument, "bible") == pytest.approx(-0.75, abs=0.02)
    instrument.run(0.5)
    instrument.click((below.x(1), below.y(-0.75)), times=2)
    assert weight(instrument, "bible") == 0.0


def test_a_voice_below_zero_has_a_share_below_zero_and_owns_no_letter(instrument: Instrument) -> None:
    bible = instrument.controller.slugs.index("bible")
    instrument.controller.set_fader(bible, -0.5)
    instrument.run(1.0)
    assert instrument.controller.shares[bible] < 0.0
    shown = instrument.controller.readouts
    assert bible in shown.voices and shown.responsibility[shown.owners.index(bible)].max() == 0.0


def test_in_the_view_of_balance_one_fader_moves_the_others_and_the_whole_stays(instrument: Instrument) -> None:
    instrument.type("n")
    controller = instrument.controller
    assert controller.preferences.settings.strips == "balance"
    before = {voice: controller.fader(voice) for voice in controller.playing}
    bible = controller.playing[1]
    share = before[bible] / sum(before.values())
    where = strips(instrument)
    instrument.drag((where.x(1), where.y(share)), (where.x(1), where.y(0.5)))
    after = {voice: controller.fader(voice) for voice in controller.playing}
    assert after[bible] / sum(after.values()) == pytest.approx(0.5, abs=0.01)
    others = [after[voice] / before[voice] for voice in controller.playing if voice != bible]
    assert max(others) == pytest.approx(min(others))


# ---- puck --------------------------------------------------------------------------------------------------------


def test_a_voice_dragged_along_the_circle_takes_another_place_there_and_nowhere_else(instrument: Instrument) -> None:
    controller, ring = instrument.controller, circle(instrument.layout)
    first = controller.ring[0]
    assert controller.ring == controller.playing
    ways = [ring.outward(position(step, 70)) for step in range(0, 31, 3)]
    instrument.drag(ring.outward(position(0, 7)), *ways)
    assert controller.ring == (*controller.playing[1:4], first, *controller.playing[4:])
    assert list(controller.ring) == order_of(instrument.link.session.values, controller.slugs)


def test_a_click_on_a_voice_of_the_circle_brings_the_puck_to_it(instrument: Instrument) -> None:
    ring = circle(instrument.layout)
    instrument.click(ring.outward(position(2, 7)))
    assert instrument.controller.puck == pytest.approx(position(2, 7))
    assert instrument.controller.shares.argmax() == instrument.controller.ring[2]


def test_the_puck_snaps_onto_a_voice_that_is_very_near_but_not_with_shift(instrument: Instrument) -> None:
    ring, voice = circle(instrument.layout), position(2, 7)
    near = voice[0] * 0.95, voice[1] * 0.95
    instrument.drag(ring.outward((0.0, 0.0)), ring.outward(near))
    assert instrument.controller.puck == pytest.approx(voice)
    instrument.controller.set("/puck", (0.0, 0.0))
    instrument.shift(True)
    instrument.drag(ring.outward((0.0, 0.0)), ring.outward(near))
    instrument.shift(False)
    assert instrument.controller.puck != pytest.approx(voice, abs=0.01)


def test_a_puck_let_go_while_moving_glides_on_and_a_press_stops_it(instrument: Instrument) -> None:
    ring = circle(instrument.layout)
    ways = [ring.outward((-0.5 + step / 15, 0.0)) for step in range(8)]
    instrument.drag(ring.outward((-0.5, 0.0)), *ways, rest=0.0)
    x, _ = instrument.controller.puck
    instrument.run(0.3)
    assert instrument.controller.autopilot.way is AutopilotMode.THROWN and instrument.controller.puck[0] > x + 0.05
    instrument.click(ring.outward((0.0, -0.5)))
    resting = instrument.controller.puck
    instrument.run(0.5)
    assert instrument.controller.puck == resting == pytest.approx((0.0, -0.5), abs=0.02)


def test_a_puck_that_nobody_wants_thrown_stays_where_it_is_let_go(instrument: Instrument) -> None:
    instrument.controller.preferences.set("throwing", False)
    ring = circle(instrument.layout)
    instrument.drag(ring.outward((-0.5, 0.0)), *(ring.outward((-0.5 + s / 15, 0.0)) for s in range(8)), rest=0.0)
    assert not instrument.controller.autopilot.moving


@pytest.mark.parametrize(
    ("place", "way"), [(1, AutopilotMode.DRIFT), (2, AutopilotMode.ORBIT), (3, AutopilotMode.FIGURE)]
)
def test_a_button_lets_the_puck_go_by_itself_and_lands_a_lifted_one(
    instrument: Instrument, place: int, way: AutopilotMode
) -> None:
    instrument.click(puck_plan(instrument.layout).buttons[place])
    assert instrument.controller.autopilot.way is way and instrument.link.session.values["/puck/lifted"] is False
    before = instrument.controller.puck
    instrument.run(1.0)
    assert instrument.controller.puck != before
    instrument.click(puck_plan(instrument.layout).buttons[place])
    assert not instrument.controller.autopilot.moving


def test_a_key_goes_through_the_ways_and_another_lifts_the_puck(instrument: Instrument) -> None:
    instrument.type("a")
    assert instrument.controller.autopilot.way is AutopilotMode.DRIFT
    instrument.type("u")
    assert not instrument.controller.autopilot.moving and instrument.link.session.values["/puck/lifted"] is True


def test_the_tempo_is_dragged_and_comes_back_by_a_double_click(instrument: Instrument) -> None:
    grasp = puck_plan(instrument.layout).tempo.grasp
    instrument.click((grasp.right - 4, grasp.y + 12))
    assert instrument.controller.autopilot.tempo > 6.0
    instrument.run(0.5)
    instrument.click((grasp.right - 40, grasp.y + 12), times=2)
    assert instrument.controller.autopilot.tempo == pytest.approx(1.0)


# ---- time --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "key", "message"), [("char", ".", Step), ("word", "w", WriteWord), ("end", "e", FinishSentence)]
)
def test_time_goes_on_by_a_letter_a_word_or_a_sentence(
    instrument: Instrument, button: str, key: str, message: type
) -> None:
    instrument.click(instrument.layout.keys[button])
    assert isinstance(instrument.link.sent[-1], message)
    instrument.link.sent.clear()
    instrument.type(key)
    assert isinstance(last_sent(instrument, message), message)


def test_a_letter_or_a_word_is_taken_back(instrument: Instrument) -> None:
    instrument.run(2.0)
    instrument.controller.toggle_run()
    text = instrument.link.session.text
    instrument.shift(True)
    instrument.key(imgui.Key.backspace)
    instrument.shift(False)
    assert last_sent(instrument, Rewind) == Rewind(1)
    instrument.click(instrument.layout.keys["back word"])
    kept = text[:-1].rstrip()
    word = len(text) - 1 - max(kept.rfind(" "), kept.rfind("\n")) - 1
    assert last_sent(instrument, Rewind) == Rewind(word)


def test_hold_keeps_the_mix_that_is_heard_and_panic_lets_go_of_everything(instrument: Instrument) -> None:
    instrument.type("h")
    assert instrument.link.session.values["/transport/hold"] is True
    instrument.controller.autopilot.choose(AutopilotMode.DRIFT, (0.0, 0.0))
    instrument.controller.mute(instrument.controller.slugs.index("bible"))
    instrument.run(0.2)
    instrument.shift(True)
    instrument.key(imgui.Key.escape)
    instrument.shift(False)
    instrument.run(0.2)
    assert isinstance(last_sent(instrument, Panic), Panic)
    assert instrument.link.session.values["/transport/hold"] is False
    assert not instrument.controller.muted and not instrument.controller.autopilot.moving
    assert weight(instrument, "bible") == pytest.approx(0.8)


# ---- scenes ------------------------------------------------------------------------------------------------------


def test_a_fade_may_be_characters_long_and_waits_while_the_text_rests(instrument: Instrument) -> None:
    controller = instrument.controller
    controller.preferences.set_recall(Fade(10.0, "chars"))
    controller.store_scene(8)
    controller.set_fader(controller.slugs.index("bible"), 0.0)
    controller.toggle_run()
    instrument.frames(3)
    controller.recall_scene(8)
    instrument.run(1.5)
    assert weight(instrument, "bible") < 0.1
    for _ in range(11):
        controller.step()
        instrument.run(0.1)
    assert weight(instrument, "bible") == pytest.approx(0.8)


def test_recalling_a_scene_that_is_on_its_way_is_to_be_there(instrument: Instrument) -> None:
    instrument.controller.preferences.set_recall(Fade(60.0))
    instrument.key(imgui.Key._2)
    instrument.run(0.5)
    assert instrument.controller.fading.under_way
    instrument.key(imgui.Key._2)
    assert not instrument.controller.fading.under_way
    assert [instrument.controller.slugs[voice] for voice in instrument.controller.playing] == ["austen", "nietzsche"]


def test_a_click_on_the_fade_changes_its_unit_and_a_drag_its_length(instrument: Instrument) -> None:
    preferences, fade = instrument.controller.preferences, instrument.layout.fade
    instrument.click(fade)
    assert preferences.settings.recall.unit == "chars"
    before = preferences.settings.recall.length
    x, y = fade.centre
    instrument.drag((x, y), (x + 8, y), (x + 30, y))
    assert preferences.settings.recall.length > before


# ---- undo --------------------------------------------------------------------------------------------------------


def undo(instrument: Instrument, forth: bool = False) -> None:
    instrument.control(True)
    if forth:
        instrument.shift(True)
    instrument.key(imgui.Key.z)
    if forth:
        instrument.shift(False)
    instrument.control(False)
    instrument.run(0.4)


def test_undo_takes_back_a_whole_drag_and_redo_does_it_again(instrument: Instrument) -> None:
    x, y = strips(instrument).x(1), strips(instrument).y(0.8)
    instrument.drag((x, y), *((x, y + step) for step in range(10, 100, 15)))
    after = weight(instrument, "bible")
    undo(instrument)
    assert weight(instrument, "bible") == pytest.approx(0.8, abs=1e-4)
    undo(instrument, forth=True)
    assert weight(instrument, "bible") == pytest.approx(after, abs=1e-4)


def test_undo_gives_back_scenes_mutes_and_voices_one_by_one(instrument: Instrument) -> None:
    controller = instrument.controller
    instrument.click(row(instrument, "kant"))
    instrument.run(1.5)
    instrument.move(*row(instrument, "linux"))
    instrument.type("m")
    instrument.run(1.5)
    instrument.shift(True)
    instrument.key(imgui.Key._9)
    instrument.shift(False)
    assert controller.scenes.places[8] is not None
    undo(instrument)
    assert controller.scenes.places[8] is None and controller.muted == {"linux"}
    undo(instrument)
    assert not controller.muted and weight(instrument, "linux") > 0.0
    undo(instrument)
    assert instrument.link.session.values["/style/kant/on"] is False


def test_a_scene_is_one_step_even_while_it_fades_and_what_moves_by_itself_is_none(instrument: Instrument) -> None:
    controller = instrument.controller
    instrument.run(1.2)
    steps = controller.history.steps[0]
    controller.preferences.set_recall(Fade(3.0))
    instrument.key(imgui.Key._2)
    instrument.run(4.0)
    assert controller.history.steps[0] == steps + 1
    instrument.type("a")
    instrument.run(3.0)
    assert controller.history.steps[0] <= steps + 2
    undo(instrument)
    undo(instrument)
    assert len(controller.playing) == 7


def test_a_hidden_panel_and_a_setting_of_the_stage_come_back_too(instrument: Instrument) -> None:
    instrument.run(1.2)
    instrument.move(*instrument.layout.histogram.centre)
    instrument.type("x")
    instrument.run(1.2)
    instrument.controller.staging.set("names", True)
    instrument.run(0.2)
    undo(instrument)
    assert instrument.controller.staging.settings.names is False
    undo(instrument)
    assert "histogram" in instrument.layout.panels


def test_what_another_program_moves_can_be_undone_too(instrument: Instrument) -> None:
    instrument.run(1.2)
    instrument.link.deliver([Set("/mix/temperature", 1.5)])
    instrument.run(0.2)
    undo(instrument)
    assert instrument.link.session.values["/mix/temperature"] == pytest.approx(0.5)


def test_how_the_text_runs_is_played_and_not_undone(instrument: Instrument) -> None:
    instrument.run(1.2)
    steps = instrument.controller.history.steps
    instrument.key(imgui.Key.space)
    instrument.type("h")
    instrument.run(0.2)
    assert instrument.controller.history.steps == steps
    assert math.isfinite(instrument.controller.number("/mix/rate"))


# ---- what is heard -----------------------------------------------------------------------------------------------


def lines_of(instrument: Instrument, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[float]]:
    """Where each dashed line begins and ends and how wide it is, by its colour."""
    lines: dict[str, list[float]] = {}
    canvas = instrument.panels.canvas

    def dashed(x0: float, y0: float, x1: float, y1: float, colour: str, alpha: float, width: float, *_: float) -> None:
        lines[colour] = [x1, y1, width]

    with monkeypatch.context() as patched:
        patched.setattr(canvas, "dashed", dashed)
        patched.setattr(canvas, "kept", lambda name, state, draw: draw())
        instrument.frames(1)
    return lines


def test_the_lines_of_a_lifted_puck_begin_at_its_ring_in_the_middle(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = circle(instrument.layout)
    instrument.controller.set("/puck", (0.5, -0.5))
    for lifted, start in ((False, ring.outward((0.5, -0.5))), (True, (ring.x, ring.y))):
        instrument.controller.set("/puck/lifted", lifted)
        found = [line[:2] for line in lines_of(instrument, monkeypatch).values()]
        assert len(found) == 7 and all(place == pytest.approx(start) for place in found)


def test_a_line_is_as_strong_as_its_voices_share_and_not_as_near(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller = instrument.controller
    near, far = controller.ring[0], controller.ring[3]
    controller.set("/puck/lifted", False)
    controller.set("/puck", (0.0, 0.6))  # beside the first
    controller.set_fader(near, 0.01)
    controller.set_fader(far, 1.0)
    lines = lines_of(instrument, monkeypatch)
    assert controller.shares[far] > controller.shares[near]
    assert lines[controller.colours[far]][2] > lines[controller.colours[near]][2]


def test_a_fader_is_bright_as_far_as_the_puck_lets_it_be_heard(instrument: Instrument) -> None:
    controller = instrument.controller
    controller.set("/puck/lifted", True)
    instrument.frames(1)
    assert set(controller.passing.values()) == {1.0}
    controller.set("/puck/lifted", False)
    controller.set("/puck", position(2, 7))
    instrument.frames(1)
    assert controller.passing == {voice: float(place == 2) for place, voice in enumerate(controller.ring)}


def test_a_press_on_the_ribbon_brings_that_part_of_the_text_and_a_cursor_to_branch_from(instrument: Instrument) -> None:
    for _ in range(90):
        instrument.clock.now += 1.0
        instrument.frames(1)
    instrument.controller.set("/transport/run", False)
    instrument.frames(2)
    rect = ribbon_rect(instrument.layout.text)
    assert rect is not None
    length, text = instrument.link.session.length, instrument.panels.text
    instrument.click((rect.right - 300.0, rect.y + 10))
    cursor = text.cursor
    assert cursor is not None and cursor == pytest.approx(length - 300 / 8 * STRETCH_CHARS, abs=2 * STRETCH_CHARS)
    assert not text.scroll.following
    instrument.key(imgui.Key.escape, imgui.Key.escape)
    assert text.cursor is None and text.scroll.following
    instrument.click((rect.right - 2.0, rect.y + 10))
    assert text.scroll.following


def test_a_text_panel_that_is_low_has_no_ribbon(instrument: Instrument) -> None:
    instrument.controller.preferences.enlarge("puck")
    assert ribbon_rect(instrument.layout.text) is None


# ---- what the window says of itself ------------------------------------------------------------------------------


def words(instrument: Instrument) -> set[str]:
    return {each.words for each in written(instrument)}


def test_undo_and_redo_say_what_they_did(instrument: Instrument) -> None:
    instrument.controller.set("/style/bible/weight", 0.25)
    instrument.run(1.2)
    instrument.controller.set("/puck/falloff", 5.0)
    instrument.run(1.2)
    instrument.controller.undo()
    instrument.frames(2)
    assert "undone: falloff" in words(instrument)
    instrument.controller.undo()
    instrument.frames(2)
    assert "undone: bible" in words(instrument)
    instrument.controller.redo()
    instrument.frames(2)
    assert "done again: bible" in words(instrument)
    instrument.run(5.0)
    assert not any(each.startswith("done again") for each in words(instrument))


def test_panic_wants_a_long_press(instrument: Instrument) -> None:
    instrument.controller.set("/mix/temperature", 1.5)
    instrument.click(instrument.layout.corner["panic"])
    assert Panic() not in instrument.link.sent
    instrument.move(*instrument.layout.corner["panic"].centre)
    instrument.press()
    instrument.run(0.8)
    instrument.release()
    assert instrument.link.sent.count(Panic()) == 1


def test_scenes_bear_their_names_in_the_strip(instrument: Instrument) -> None:
    instrument.controller.store_scene(7)
    scene = instrument.controller.scenes.places[7]
    assert scene is not None
    rect = instrument.layout.scenes[7]
    found = [each.words for each in written(instrument) if rect.has(*each.rect.centre)]
    assert any(scene.name.startswith(each.rstrip("\u2026")) for each in found if not each.isdigit())


def test_a_long_text_that_is_pasted_is_heard_and_its_voice_comes_into_play(instrument: Instrument) -> None:
    heard: list[str] = []

    class Ear(TextListener):
        def hear(self, text: str) -> str:
            heard.append(text)
            return ""

        def poll(self) -> Heard | None:
            return Heard("bible", 300) if heard else None

    controller = instrument.controller
    controller.listener = Ear()
    controller.set("/style/bible/on", False)
    instrument.frames(2)
    imgui.set_clipboard_text("a b c " * 50)
    instrument.control(True)
    instrument.key(imgui.Key.v)
    instrument.control(False)
    instrument.run(1.0)
    assert heard == ["a b c " * 50]
    assert controller.on(controller.slugs.index("bible"))


def test_a_short_text_that_is_pasted_stands_in_the_well(instrument: Instrument) -> None:
    imgui.set_clipboard_text("Once upon a time")
    instrument.control(True)
    instrument.key(imgui.Key.v)
    instrument.control(False)
    assert instrument.panels.prime.words == "Once upon a time"
