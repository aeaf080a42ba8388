"""The inputs' panel: switches, settings, channels as they are, and what each drives; and who holds a control."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from imgui_bundle import imgui

from frontend.control.drawers.inputs import InputRowPlace, InputsDrawer, places
from frontend.control.drawing.layout import Rect
from frontend.inputs.bindings import Binding
from frontend.inputs.hub import Hub
from frontend.inputs.osc.tuio import TuioInput
from protocol.messages import MorePucks, ParameterHolder
from protocol.tree import weight_address
from tests.frontend.control.conftest import Instrument
from tests.frontend.inputs.fake_input import FakeInput


@pytest.fixture
def hands(instrument: Instrument) -> Iterator[Callable[[str, float | None], None]]:
    """The panel open on a device with one channel on the rate; gives what lets the channel say something."""
    controller = instrument.controller
    device = FakeInput("hand", [Binding("hand/height", "/mix/rate")], on=False)
    controller.hub.add(device, TuioInput(controller.hub, controller.link))

    def say(channel: str, level: float | None) -> None:
        device.say(channel, level)
        controller.hub.turn(controller.now)
        instrument.frames(2)

    instrument.type("i")
    yield say
    controller.hub.close()


def drawer(instrument: Instrument) -> InputsDrawer:
    return instrument.panels.inputs


def place(instrument: Instrument, key: str) -> InputRowPlace:
    rect = instrument.layout.drawer
    inside = Rect(rect.x + 20, rect.y + 52, rect.w - 40, rect.h - 52)
    found = places(instrument.controller.hub.rows(), drawer(instrument).chosen, inside, drawer(instrument).first)
    return next(each for each in found if each.row.key == key)


Say = Callable[[str, float | None], None]


def test_a_click_on_the_switch_lets_an_input_in_and_shows_what_is_its_own(instrument: Instrument, hands: Say) -> None:
    line = place(instrument, "hand").line
    instrument.click((line.x + 20, line.centre[1]))
    hands("hand/height", 0.5)
    found = place(instrument, "hand")
    assert found.row.settings.on and found.row.status == "connected"
    assert [channel.name for channel, _ in found.channels] == ["hand/height"]
    assert "Hand: connected" in instrument.controller.hub.status


def test_a_slider_of_an_input_changes_its_settings_and_a_double_click_gives_the_default_back(
    instrument: Instrument, hands: Say
) -> None:
    drawer(instrument).chosen = "hand"
    row = next(row for row in place(instrument, "hand").settings if row.field and row.field.name == "gain")
    x, y = row.control.x + 10, row.control.centre[1]
    instrument.drag((x, y), (x + 100, y))
    assert instrument.controller.hub.settings("hand").gain > 1.2
    instrument.click((x + 60, y), times=2)
    assert instrument.controller.hub.settings("hand").gain == 1.0


def test_a_port_is_typed(instrument: Instrument, hands: Say) -> None:
    drawer(instrument).chosen = "tuio"
    row = next(row for row in place(instrument, "tuio").settings if row.field and row.field.name == "port")
    instrument.click(row.control)
    instrument.frames(2)
    assert drawer(instrument).typing
    instrument.type("3334")
    instrument.key(imgui.Key.enter)
    assert instrument.controller.hub.settings("tuio").port == 3334
    assert not drawer(instrument).typing


def test_a_click_on_what_a_channel_drives_asks_for_something_else(instrument: Instrument, hands: Say) -> None:
    instrument.controller.hub.change("hand", on=True)
    drawer(instrument).chosen = "hand"
    hands("hand/height", 0.5)
    _, line = place(instrument, "hand").channels[0]
    instrument.click((line.right - 40, line.centre[1]))
    assert imgui.is_popup_open("menu", imgui.PopupFlags_.any_popup)
    instrument.controller.hub.bind("hand/height", weight_address("bible"))
    hands("hand/height", 0.5)
    assert instrument.controller.hub.driver(weight_address("bible")) == "height"


def test_escape_leaves_learning_first_and_the_panel_then(instrument: Instrument, hands: Say) -> None:
    instrument.controller.hub.learn("/mix/rate")
    instrument.key(imgui.Key.escape)
    assert instrument.controller.hub.learning is None and drawer(instrument).open
    instrument.key(imgui.Key.escape)
    assert not drawer(instrument).open


def test_who_holds_a_control_is_known_hands_here_others_by_their_name(instrument: Instrument) -> None:
    controller, holders = instrument.controller, instrument.controller.hub.holders
    controller.set("/mix/rate", 20.0)
    controller.hub.set("/mix/temperature", 1.0, "Leap")
    controller.link.session.apply(ParameterHolder("/mix/alloy", "127.0.0.1:9000"), controller.now)
    instrument.frames(2)
    who = {
        address: holder and (holder.who, holder.short)
        for address in ("/mix/rate", "/mix/temperature", "/mix/alloy")
        for holder in [holders.of(address)]
    }
    assert who == {"/mix/rate": ("mouse", ""), "/mix/temperature": ("Leap", "Leap"), "/mix/alloy": ("OSC :9000", "OSC")}


def test_a_scene_and_undo_say_that_it_was_them(instrument: Instrument) -> None:
    controller = instrument.controller
    controller.store_scene(2)
    controller.set(weight_address("bible"), 0.1)
    instrument.run(0.5)
    instrument.key(imgui.Key._3)
    instrument.run(0.5)
    assert (holder := controller.hub.holders.of(weight_address("bible"))) is not None and holder.who == "scene 3"
    controller.undo()
    instrument.run(0.5)
    assert (holder := controller.hub.holders.of(weight_address("bible"))) is not None and holder.who == "undo"


def test_a_hand_elsewhere_wins_over_a_fade_and_over_the_pilot(instrument: Instrument) -> None:
    controller = instrument.controller
    controller.store_scene(0)
    controller.set("/mix/temperature", 1.5)
    instrument.run(0.5)
    controller.recall_scene(0)
    instrument.frames(3)
    controller.hub.set("/mix/temperature", 1.9, "Leap")
    instrument.run(1.0)
    assert controller.number("/mix/temperature") == 1.9
    instrument.type("a")
    instrument.run(0.3)
    assert controller.autopilot.moving
    controller.hub.set("/puck", (0.3, 0.3), "TUIO")
    instrument.run(0.2)
    assert not controller.autopilot.moving and controller.puck == (0.3, 0.3)


def test_further_pucks_change_the_shares_in_the_same_frame(instrument: Instrument) -> None:
    controller = instrument.controller
    controller.set("/puck/lifted", False)
    controller.set("/puck", (0.0, 1.0))
    instrument.frames(2)
    before = controller.shares.copy()
    controller.link.send(MorePucks(0, ((0.0, -1.0, 1.0),)))
    instrument.frames(2)
    assert abs(controller.shares - before).max() > 0.1


def test_the_hub_knows_where_the_circle_is_on_the_screen(instrument: Instrument) -> None:
    circle = instrument.controller.hub.circle
    assert circle is not None
    assert circle.across * instrument.size[0] == pytest.approx(circle.down * instrument.size[1])
    assert isinstance(instrument.controller.hub, Hub)


def test_the_wheel_goes_through_more_channels_than_have_room(instrument: Instrument, hands: Say) -> None:
    instrument.controller.hub.change("hand", on=True)
    drawer(instrument).chosen = "hand"
    for number in range(60):
        hands(f"hand/{number}", 0.5)
    x, y = instrument.layout.drawer.centre
    instrument.move(x, y)
    imgui.get_io().add_mouse_wheel_event(0.0, -4.0)
    instrument.frames(2)
    assert drawer(instrument).first == 12
    imgui.get_io().add_mouse_wheel_event(0.0, -400.0)
    instrument.frames(2)
    found = place(instrument, "hand")
    assert found.channels[-1][0] == found.row.channels[-1]
