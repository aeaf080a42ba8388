"""The aim's drawer: what draws the text is typed there, a phrase asked for, a branch put back; a bar is a letter."""

from __future__ import annotations

from imgui_bundle import imgui

from frontend.client.character_axis import SLOTS, slots
from frontend.control.drawers.aim import PHRASE, AimDrawer
from frontend.control.panels.histogram import likeliest, plot_geometry
from protocol.messages import ArrivalForecast, Arrive, BranchKept, Choose, ReturnTo
from protocol.tree import ATTRACT, AVOID, OPENING
from tests.frontend.control.conftest import Instrument


def opened(instrument: Instrument) -> AimDrawer:
    instrument.type("o")
    instrument.frames(2)
    return instrument.panels.aim


def write(instrument: Instrument, key: str, text: str) -> None:
    """Type into a line of the drawer and press Enter."""
    drawer = instrument.panels.aim
    rect = instrument.layout.drawer
    row = {ATTRACT: 0, AVOID: 2, PHRASE: 4, OPENING: 8}[key]
    instrument.click((rect.x + 200, rect.y + 52 + 40 * row + 14))
    instrument.frames(2)
    assert drawer.typing
    imgui.get_io().add_input_characters_utf8(text)
    instrument.frames(2)
    instrument.key(imgui.Key.enter)


def test_words_that_are_typed_draw_the_text(instrument: Instrument) -> None:
    opened(instrument)
    write(instrument, ATTRACT, "sea ship")
    assert instrument.controller.text(ATTRACT) == "sea ship"
    assert instrument.link.session.values[ATTRACT] == "sea ship"


def test_letters_to_avoid_can_be_undone(instrument: Instrument) -> None:
    opened(instrument)
    write(instrument, AVOID, "e")
    assert instrument.controller.text(AVOID) == "e"
    instrument.run(1.0)
    instrument.controller.undo()
    instrument.frames(2)
    assert instrument.controller.text(AVOID) == ""


def test_a_first_line_that_is_typed_is_what_the_text_begins_with(instrument: Instrument) -> None:
    opened(instrument)
    write(instrument, OPENING, "Call me")
    assert instrument.link.session.values[OPENING] == "Call me"


def test_a_phrase_is_asked_for_and_let_go_again(instrument: Instrument) -> None:
    opened(instrument)
    write(instrument, PHRASE, "the end")
    rect = instrument.layout.drawer
    where = (rect.x + 20 + 108 + 50, rect.y + 52 + 40 * 6 + 14)
    instrument.click(where)
    assert instrument.link.sent[-1] == Arrive("the end", 160)
    instrument.link.session.arriving = ArrivalForecast("the end", 40, 1.5)
    instrument.click(where)
    assert instrument.link.sent[-1] == Arrive("", 160)


def test_what_a_rewind_left_is_put_back_by_a_click(instrument: Instrument) -> None:
    opened(instrument)
    instrument.link.session.branches = (BranchKept(0, 1, 7, 100, 12, "and the sea"),)
    instrument.frames(2)
    rect = instrument.layout.drawer
    instrument.click((rect.x + 100, rect.y + 52 + 40 * 9 + 34 + 12))
    assert instrument.link.sent[-1] == ReturnTo(7)


def test_a_click_on_a_letter_of_the_histogram_makes_it_the_next(instrument: Instrument) -> None:
    plot = plot_geometry(instrument.layout.histogram, 7)
    instrument.controller.set("/transport/run", False)
    instrument.run(0.5)
    likely = likeliest(slots(instrument.controller.readouts.joint), plot.columns)
    instrument.click((float(plot.middles[2]), plot.ground + 20))
    assert instrument.link.sent[-1] == Choose(SLOTS[likely[2]])
