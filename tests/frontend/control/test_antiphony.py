"""Antiphony in the control window: its switch, whose turn it is, keys, a voice's choir, and undo."""

from frontend.control.panels.puck_geometry import puck_plan
from protocol.tree import ANTIPHONY, TURN
from tests.frontend.control.conftest import Instrument, written


def value(instrument: Instrument, address: str) -> object:
    return instrument.link.session.values[address]


def test_the_switch_makes_two_choirs_and_their_buttons_pass_the_turn(instrument: Instrument) -> None:
    plan = puck_plan(instrument.layout)
    instrument.click(plan.antiphony)
    assert value(instrument, ANTIPHONY) is True
    instrument.frames(2)
    assert {"first", "second"} <= {words.words for words in written(instrument)}
    instrument.click(plan.choirs[1])
    assert value(instrument, TURN) == 1.0
    instrument.click(plan.choirs[0])
    assert value(instrument, TURN) == 0.0


def test_keys_turn_it_on_and_pass_the_turn(instrument: Instrument) -> None:
    instrument.type(";")
    assert value(instrument, TURN) == 0.0  # nobody is there to whom it could pass
    instrument.type("=")
    assert value(instrument, ANTIPHONY) is True
    instrument.type(";")
    assert value(instrument, TURN) == 1.0


def test_undo_takes_back_the_choirs_and_leaves_the_turn(instrument: Instrument) -> None:
    instrument.run(2.0)
    instrument.controller.toggle_antiphony()
    instrument.run(2.0)
    instrument.controller.pass_turn(1.0)
    instrument.run(1.0)
    instrument.controller.undo()
    instrument.run(1.0)
    assert value(instrument, ANTIPHONY) is False


def test_faders_of_the_choir_that_waits_are_dim(instrument: Instrument) -> None:
    instrument.controller.toggle_antiphony()
    instrument.controller.set("/puck/lifted", True)
    instrument.run(0.5)
    controller = instrument.controller
    waiting = set(controller.ring[: controller.choir_sizes[1]])
    first_turn = controller.number(TURN) < 0.5
    assert {voice for voice, part in controller.passing.items() if part == 0.0} == (
        waiting if first_turn else set(controller.ring) - waiting
    )
