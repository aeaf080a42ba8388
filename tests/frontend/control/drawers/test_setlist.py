"""The book of scenes, the text that is read back, and undo, in the real panels without a window."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from imgui_bundle import imgui

from frontend.client.fake_link import FakeLink
from frontend.config.scenes import Fade, Scenes
from frontend.config.setlists import Cue
from frontend.control.drawers.setlist import fitted
from frontend.control.drawing.layout import Rect
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.text import page_rect
from frontend.control.state.controller import Controller
from frontend.control.state.midi_interface import NoMidi
from frontend.control.state.preferences import PANELS
from protocol.messages import Prime, Rewind
from protocol.tree import weight_address
from tests.frontend.control.conftest import Clock, Instrument

# ---- the book ----------------------------------------------------------------------------------------------------


@pytest.fixture
def book(instrument: Instrument) -> Instrument:
    """The book, open."""
    instrument.type("l")
    assert instrument.panels.book.open
    return instrument


def line(instrument: Instrument, key: str) -> Rect:
    """A row of the book."""
    frame = cast(PanelFrame, type("F", (), {"layout": instrument.layout, "controller": instrument.controller}))
    lines = [*instrument.panels.book._scene_lines(frame), *instrument.panels.book._cue_lines(frame)]
    return next(found.rect for found in lines if found.key == key)


def name_of(rect: Rect) -> tuple[float, float]:
    return rect.x + 60, rect.y + 14


def button_of(rect: Rect, from_right: int) -> tuple[float, float]:
    return rect.right - 6 - 54 * from_right + 27, rect.y + 12


def test_a_scene_is_given_a_name_by_a_double_click_on_it(book: Instrument) -> None:
    book.click(name_of(line(book, "book scene 1")), times=2)
    book.type("dusk")
    book.key(imgui.Key.enter)
    scene = book.controller.scenes.places[1]
    assert scene is not None and scene.name == "dusk"
    assert Scenes.load(book.controller.scenes.path).places[1] == scene


def test_typing_a_name_makes_no_shortcuts_and_escape_leaves_it_as_it_was(book: Instrument) -> None:
    book.move(*name_of(line(book, "book scene 0")))
    book.key(imgui.Key.f2)
    book.type("fp 1. ?z")
    book.key(imgui.Key.space, imgui.Key.escape)
    scene = book.controller.scenes.places[0]
    assert scene is not None and scene.name == "scripture and source"
    assert book.panels.book.open and not book.panels.overlay.help
    assert book.link.session.values["/transport/run"] is True


def test_a_scene_is_dragged_to_another_place_and_undo_brings_it_back(book: Instrument) -> None:
    before = list(book.controller.scenes.places)
    start, end = name_of(line(book, "book scene 0")), name_of(line(book, "book scene 2"))
    book.drag(start, (start[0], start[1] + 20), end)
    assert book.controller.scenes.places == [before[1], before[2], before[0], *before[3:]]
    book.controller.undo()
    assert book.controller.scenes.places == before


def test_a_scene_is_deleted_stored_and_put_into_the_set_list_by_its_buttons(book: Instrument) -> None:
    rect = line(book, "book scene 2")
    book.click(button_of(rect, 3))
    assert [cue.scene for cue in book.controller.prepared.setlist.cues] == [book.controller.scenes.places[2]]
    book.click(button_of(rect, 1))
    assert book.controller.scenes.places[2] is None
    book.click(button_of(rect, 1))
    assert book.controller.scenes.places[2] is not None


def test_a_set_list_is_played_by_page_down_and_page_up(instrument: Instrument) -> None:
    controller = instrument.controller
    for place in (1, 4):
        scene = controller.scenes.places[place]
        assert scene is not None
        controller.prepared.replace_setlist(controller.prepared.setlist.add(Cue(scene, Fade(0.0))))

    def playing() -> list[str]:
        instrument.run(0.1)
        return [controller.slugs[voice] for voice in controller.playing]

    instrument.key(imgui.Key.page_down)
    assert playing() == ["austen", "nietzsche"]
    instrument.key(imgui.Key.page_down, imgui.Key.page_down)
    assert playing() == ["aristotle", "kant", "machiavelli"]
    instrument.key(imgui.Key.page_up)
    assert playing() == ["austen", "nietzsche"]


def test_set_lists_are_gone_through_and_begun_anew(book: Instrument) -> None:
    controller = book.controller
    frame = cast(PanelFrame, type("F", (), {"layout": book.layout, "controller": controller}))
    buttons = book.panels.book._list_buttons(frame)
    book.click(buttons["add mix"])
    book.click(buttons["new"])
    assert (
        controller.prepared.setlist.cues == ()
        and controller.preferences.settings.setlist == controller.prepared.setlist.name
    )
    book.click(buttons["before"])
    assert len(controller.prepared.setlist.cues) == 1


def test_a_name_that_is_too_long_is_cut_with_an_ellipsis() -> None:
    assert fitted("mission and Odyssey", lambda words: len(words) <= 10) == "mission a\u2026"
    assert fitted("short", lambda words: len(words) <= 10) == "short"


# ---- the text ----------------------------------------------------------------------------------------------------


def letter(instrument: Instrument, position: int) -> tuple[float, float]:
    """Where a character of the text is drawn."""
    panel, canvas = instrument.panels.text, instrument.panels.canvas
    rect = instrument.layout.text
    cell = canvas.faces.mono.width("x", canvas.em(24.0)) / canvas.scale
    row, found = next((row, found) for row, found in enumerate(panel._seen) if position in found.places)
    column = found.columns[found.places.index(position)]
    page = page_rect(rect)
    y = page.y + (page.h - 7 * 32) / 2 + 32 * (7 - len(panel._seen) + row + 0.5)
    return rect.x + 24 + (column + 0.5) * cell, y


def test_a_letter_tells_whose_it_is_and_how_surprising_it_was(instrument: Instrument) -> None:
    instrument.run(3.0)
    instrument.controller.toggle_run()
    instrument.frames(2)
    last = instrument.panels.text._seen[-1].places[-1]
    instrument.move(*letter(instrument, last))
    instrument.run(0.8)
    session = instrument.link.session
    voice = session.tints[last - session.dropped][0][0]
    told = instrument.panels.status.tip
    assert instrument.controller.cards[voice].slug in told and " bit" in told


def test_a_letter_clicked_twice_is_where_the_text_branches(instrument: Instrument) -> None:
    instrument.run(3.0)
    instrument.controller.toggle_run()
    instrument.frames(2)
    length = instrument.link.session.length
    place = instrument.panels.text._seen[-1].places[0]
    instrument.click(letter(instrument, place))
    assert instrument.panels.text.cursor == place and instrument.link.session.length == length
    instrument.run(0.5)
    instrument.click(letter(instrument, place))
    sent = next(message for message in reversed(instrument.link.sent) if isinstance(message, Rewind))
    assert sent == Rewind(length - place) and instrument.panels.text.cursor is None


def test_escape_leaves_the_cursor_and_nothing_is_taken_back(instrument: Instrument) -> None:
    instrument.run(2.0)
    instrument.controller.toggle_run()
    instrument.frames(2)
    instrument.click(letter(instrument, instrument.panels.text._seen[-1].places[0]))
    instrument.key(imgui.Key.escape)
    assert instrument.panels.text.cursor is None
    assert not any(isinstance(message, Rewind) for message in instrument.link.sent)


def test_the_wheel_goes_back_and_the_end_key_follows_again(instrument: Instrument) -> None:
    for _ in range(60):
        instrument.clock.now += 1.0
        instrument.frames(1)
    instrument.move(*instrument.layout.text.centre)
    imgui.get_io().add_mouse_wheel_event(0.0, 3.0)
    instrument.frames(2)
    assert not instrument.panels.text.scroll.following
    before = [found.number for found in instrument.panels.text._seen]
    instrument.run(2.0)
    assert [found.number for found in instrument.panels.text._seen] == before
    instrument.key(imgui.Key.end)
    assert instrument.panels.text.scroll.following


def test_several_lines_are_primed_and_the_well_grows_with_them(instrument: Instrument) -> None:
    well = instrument.panels.prime.well(instrument.layout)
    instrument.click(well)
    instrument.type("Call me")
    instrument.control(True)
    instrument.key(imgui.Key.enter)
    instrument.control(False)
    instrument.type("Ishma\u00ebl")
    assert instrument.panels.prime.well(instrument.layout).h > well.h
    instrument.key(imgui.Key.enter)
    sent = instrument.link.sent[-1]
    assert isinstance(sent, Prime) and sent.text.lstrip() == "Call me\nIshma\u00ebl"


# ---- undo --------------------------------------------------------------------------------------------------------

acts = st.lists(
    st.one_of(
        st.tuples(st.just("fader"), st.integers(0, 6), st.floats(-1.0, 1.0)),
        st.tuples(
            st.sampled_from(["toggle", "mute", "solo", "store", "recall", "hide", "names", "pace"]),
            st.integers(0, 6),
            st.just(0.0),
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(acts)
@example([("fader", 1, 0.0), ("mute", 1, 0.0), ("fader", 1, 1.0)])  # moved in silence, from where 0 was heard
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_all_that_was_done_leads_back_to_where_it_began(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int, float]]
) -> None:
    clock = Clock()
    link = FakeLink.demo(clock=clock)
    controller = Controller(link, NoMidi(), Scenes.load(tmp_path_factory.mktemp("home") / "scenes.json"))

    def wait(seconds: float, gesture: str = "") -> None:
        for _ in range(round(seconds * 10)):
            clock.now += 0.1
            controller.pump(clock.now)
            controller.gesture, gesture = gesture, ""
            controller.settle()

    wait(0.5)
    began = controller.history.present
    for number, (act, which, weight) in enumerate(acts):
        voice = controller.playing[which % len(controller.playing)] if controller.playing else which
        match act:
            case "fader":
                controller.set_fader(voice, weight)
            case "toggle":
                controller.toggle(which)
            case "mute":
                controller.mute(voice)
            case "solo":
                controller.solo(voice)
            case "store":
                controller.store_scene(which)
            case "hide":
                controller.preferences.hide(PANELS[which])
            case "names":
                controller.staging.set("names", not controller.staging.settings.names)
            case "pace":
                controller.autopilot.tempo = 1.0 + which
            case _:
                controller.recall_scene(which)
        wait(1.5, f"act {number}")
    for _ in range(len(acts) + 1):
        controller.undo()
        wait(0.6)
    assert controller.muted == set(began.muted) and controller.soloed == set(began.soloed)
    assert tuple(controller.scenes.places) == began.scenes
    assert controller.preferences.settings == began.window and controller.staging.settings == began.stage
    assert controller.autopilot.tempo == began.tempo
    for voice, slug in enumerate(controller.slugs):
        assert link.session.values[f"/style/{slug}/on"] == began.values[f"/style/{slug}/on"]
        if controller.on(voice):
            assert controller.fader(voice) == pytest.approx(began.values[weight_address(slug)], abs=1e-3)
