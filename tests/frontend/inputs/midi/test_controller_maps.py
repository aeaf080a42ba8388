"""Ready maps: known controllers, and what a user adds."""

from pathlib import Path

import pytest

from frontend.client.fake_link import demo_cards
from frontend.inputs.bindings import MidiControl
from frontend.inputs.inputs_file import parse
from frontend.inputs.midi.controller_maps import OUR_MAPS, ControllerMap, load_maps, parse_map
from frontend.inputs.targets import aim
from protocol.errors import ParameterError
from protocol.tree import ParameterTree

MAP = 'name = "desk"\nport = "DESK"\nchannel = 2\nfaders = [7, 8]\n[controls]\n9 = "/mix/rate"\n'


def test_our_maps_are_whole_and_drive_what_there_is() -> None:
    maps, complaints = load_maps([OUR_MAPS])
    assert complaints == [] and "nanoKONTROL2" in [known.name for known in maps]
    tree = ParameterTree(card.slug for card in demo_cards())
    for known in maps:
        for address in known.bindings("port", tree.slugs, tree.slugs).values():
            assert aim(tree, address)


def test_a_controls_word_tells_its_kind_and_channel() -> None:
    known, _ = parse_map(
        MAP + '[switches]\n"note 41 channel 3" = "/transport/word"\n"latch 20" = "/style/bible/mute"\n'
    )
    assert known.bindings("desk", [], []) == {
        MidiControl("desk", "cc", 2, 9): "/mix/rate",
        MidiControl("desk", "note", 3, 41): "/transport/word",
        MidiControl("desk", "latch", 2, 20): "/style/bible/mute",
    }


def test_controls_that_every_voice_has_follow_the_list_and_not_the_bank() -> None:
    known, _ = parse_map(MAP + "[voices]\nweight = [20, 21]\n[strips]\nmute = [30]\n")
    driven = known.bindings("desk", ["linux"], ["austen", "bible", "linux"])
    assert driven[MidiControl("desk", "cc", 2, 21)] == "/style/bible/presence"
    assert driven[MidiControl("desk", "cc", 2, 30)] == "/style/linux/mute"


@pytest.mark.parametrize("known", load_maps([OUR_MAPS])[0], ids=lambda known: str(known.name))
def test_every_ready_map_has_a_bank_buttons_for_it_and_lights(known: ControllerMap) -> None:
    addresses = set(known.controls.values())
    assert known.width == 8 and {"/bank/left", "/bank/right"} <= addresses and known.feedback.is_there
    assert {"weight", "mute"} <= known.strips.keys() and {"/transport/run", "/scene/1"} & addresses


def test_a_map_fits_every_port_that_holds_its_text_in_any_case() -> None:
    known, _ = parse_map(MAP)
    assert known.fits("My Desk MIDI 1") and not known.fits("nanoKONTROL2")


def test_faders_follow_the_voices_in_play() -> None:
    assert parse_map(MAP)[0].bindings("desk 1", ["austen", "bible", "linux"], []) == {
        MidiControl("desk 1", "cc", 2, 7): "/style/austen/weight",
        MidiControl("desk 1", "cc", 2, 8): "/style/bible/weight",
        MidiControl("desk 1", "cc", 2, 9): "/mix/rate",
    }


def test_a_users_map_takes_the_place_of_ours_and_a_broken_one_is_one_line(tmp_path: Path) -> None:
    ours, users = tmp_path / "ours", tmp_path / "users"
    for folder in (ours, users):
        folder.mkdir()
    (ours / "controller.toml").write_text(MAP)
    (users / "controller.toml").write_text(MAP.replace('"desk"', '"my desk"'))
    (users / "torn.toml").write_text(MAP[:20])
    maps, complaints = load_maps([ours, users, tmp_path / "nowhere"])
    assert [known.name for known in maps] == ["my desk"]
    assert len(complaints) == 1 and complaints[0].startswith("torn.toml: ")


CONTROL = 'a controller from 0 to 127 or a control such as "note 41"'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (MAP.replace("= 2", "= 17"), "channel is to be a whole number from 1 to 16, not '17'"),
        (MAP.replace("[7, 8]", '["bend", "fader 8"]'), f"faders 2 is to be {CONTROL}, not 'fader 8'"),
        (MAP.replace("[7, 8]", "[7, 128]"), f"faders 2 is to be {CONTROL}, not '128'"),
        (MAP.replace("[7, 8]", "[7, 7]"), "strips: weight names a control that is named twice"),
        (MAP.replace("[7, 8]", "[7, 9]"), "9 is named twice"),
        (MAP.replace("9 =", "knob ="), f"controls: a name is to be {CONTROL}, not 'knob'"),
        (MAP + "[strips]\nfaders = [1]\n", "strips: there is no 'faders'; there are weight, on, solo, mute"),
        (
            MAP + '[strips]\nmute = ["bend"]\n',
            "strips: mute 1 is to be a controller, a latch, a note or a program, not 'bend'",
        ),
        (MAP + "[feedback]\nlit = 1\n", "feedback: it needs both dark and lit"),
        (
            MAP + '[feedback]\ndark = 0\nlit = 1\nrings = "F0 {place} F8 F7"\n',
            "feedback: a message begins with F0 and ends with F7, hexadecimal between, not 'F0 {place} F8 F7'",
        ),
        (
            MAP + "[lights]\n",
            "there is no 'lights'; there are name, port, channel, faders, strips, voices, controls, switches, feedback",
        ),
        (
            MAP.replace("/mix/rate", "/mix/volume"),
            "controls: 9 is to be the address of a level, such as /mix/temperature, not '/mix/volume'",
        ),
        (
            MAP.replace("/mix/rate", "/transport/run"),
            "controls: 9 is to be the address of a level, such as /mix/temperature, not '/transport/run'",
        ),
        (MAP.replace("name", "title"), "name is missing: text of 1 or more characters"),
    ],
)
def test_a_wrong_map_says_what_is_wrong(text: str, line: str) -> None:
    try:
        _, complaints = parse_map(text)
    except ParameterError as error:
        complaints = [str(error)]
    assert len(complaints) == 1 and complaints[0].startswith(line)


def test_one_bad_entry_of_a_map_costs_only_itself_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text(MAP + '[switches]\n41 = "/transport/rum"\n', "utf-8-sig")
    maps, complaints = load_maps([tmp_path])
    assert maps == [parse_map(MAP)[0]]
    assert complaints == [
        "desk.toml: switches: 41 is to be the address of a switch, such as /transport/run, not '/transport/rum'; "
        "the rest of this map is used"
    ]


def test_the_map_in_the_documentation_is_one() -> None:
    page = (Path(__file__).parents[4] / "docs" / "inputs.md").read_text("utf-8")
    blocks = [block.split("```")[0] for block in page.split("```toml\n")[1:]]
    controller = next(parse_map(block)[0] for block in blocks if block.startswith('name = "my desk"'))
    driven = controller.bindings("DESK 1", ["bible"], ["austen"])
    assert driven[MidiControl("DESK 1", "cc", 1, 7)] == "/style/bible/weight"
    assert driven[MidiControl("DESK 1", "note", 1, 43)] == "/bank/right" and controller.feedback.values
    learnt, complaints = next(parse(block, {}) for block in blocks if "[[bind]]" in block and "port" in block)
    assert [each.address for each in learnt.bindings.learnt] == ["/style/bible/weight"] and complaints == []
