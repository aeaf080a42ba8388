"""MIDI on the screen: the drawer, learning by pointing, the bank over the faders."""

import pytest
from imgui_bundle import imgui

from frontend.control.control_panels import ControlPanels
from frontend.control.drawers.midi import drives, words_of
from frontend.control.panels.faders import StripGeometry
from frontend.control.state.controller import Controller
from frontend.inputs.hub import Hub
from frontend.inputs.midi.controller_maps import OUR_MAPS, load_maps
from frontend.inputs.midi.input import MidiInput
from frontend.inputs.midi.ports import FakePorts, MidiMessage
from protocol.tree import on_address
from tests.frontend.control.conftest import Instrument

NANO = "nanoKONTROL2"


@pytest.fixture
def played(instrument: Instrument) -> tuple[Instrument, FakePorts]:
    """The instrument with a controller of eight faders plugged in and twelve voices in play."""
    ports, old = FakePorts(NANO), instrument.controller
    hub = Hub(instrument.link, clock=instrument.clock)
    midi = MidiInput(hub, instrument.link, ports, load_maps([OUR_MAPS])[0], instrument.clock)
    hub.add(midi)
    controller = Controller(instrument.link, midi, old.scenes, preferences=old.preferences, hub=hub)
    instrument.panels = ControlPanels(controller, instrument.panels.canvas.faces)
    for slug in instrument.link.session.slugs[:12]:
        instrument.link.set(on_address(slug), True)
    instrument.frames(3)
    return instrument, ports


def test_a_click_on_an_outlined_control_and_a_move_of_hardware_bind_them(played) -> None:
    instrument, ports = played
    instrument.type("g")
    assert instrument.panels.teaching.on
    instrument.click(instrument.layout.keys["word"])
    assert instrument.controller.hub.learning == "/transport/word" and instrument.link.sent[-1:] != []
    ports.move(NANO, 103, 127)
    instrument.frames(60)
    assert instrument.controller.hub.label("/transport/word") == "CC 103"
    instrument.click(instrument.layout.keys["word"], button=1)
    assert instrument.controller.hub.label("/transport/word") == "CC 44"
    instrument.key(imgui.Key.escape)
    assert not instrument.panels.teaching.on


def test_while_one_points_nothing_is_played_by_mistake(played) -> None:
    instrument, _ = played
    instrument.type("g")
    running = instrument.controller.flag("/transport/run")
    instrument.click(instrument.layout.run)
    instrument.click(instrument.layout.text)
    assert instrument.controller.flag("/transport/run") is running


def test_the_arrows_over_the_strips_turn_the_bank(played) -> None:
    instrument, _ = played
    assert instrument.controller.midi.bank.words == "bank 1 of 2"
    strips = StripGeometry(instrument.layout.faders, len(instrument.controller.playing), instrument.layout.compact)
    end = strips.x(7) + strips.pitch / 2 + 8
    instrument.click((end, strips.top - 33))
    assert instrument.controller.midi.bank.words == "bank 2 of 2"


def test_the_drawer_opens_pauses_and_closes(played) -> None:
    instrument, ports = played
    instrument.type("d")
    drawer = instrument.panels.midi
    assert drawer.open
    ports.move(NANO, 16, 5)
    instrument.frames()
    rect = instrument.layout.drawer
    instrument.click((rect.x + 60, rect.y + 84))
    assert instrument.controller.midi.monitor.paused and len(instrument.controller.midi.monitor.lines) == 1
    instrument.key(imgui.Key.escape)
    assert not drawer.open


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (MidiMessage("desk", "cc", 1, 16, 5), "controller 16"),
        (MidiMessage("desk", "off", 1, 41, 0), "note 41 off"),
        (MidiMessage("desk", "bend", 1, 0, 8_192), "pitch bend"),
        (MidiMessage("desk", "program", 1, 3, 127), "programme 3"),
    ],
)
def test_a_message_is_told_in_words(heard: MidiMessage, words: str) -> None:
    assert words_of(heard) == words


def test_what_it_drives_is_told_without_slashes() -> None:
    assert drives(["/style/bible/weight", "/puck.x"]) == "bible weight, puck.x"
