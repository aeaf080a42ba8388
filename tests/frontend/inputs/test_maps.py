"""Ready maps: known controllers, and what a user adds."""

from pathlib import Path

import pytest

from frontend.demo import demo_cards
from frontend.inputs.bindings import Source, parse
from frontend.inputs.maps import OURS, load_maps, parse_map
from frontend.inputs.targets import target
from protocol.errors import ParameterError
from protocol.tree import ParameterTree

MAP = 'name = "desk"\nport = "DESK"\nchannel = 2\nfaders = [7, 8]\n[controls]\n9 = "/mix/rate"\n'


def test_our_maps_are_whole_and_drive_what_there_is() -> None:
    maps, complaints = load_maps([OURS])
    assert complaints == [] and "nanoKONTROL2" in [known.name for known in maps]
    tree = ParameterTree(card.slug for card in demo_cards())
    for known in maps:
        for address in known.bindings("port", tree.slugs).values():
            assert target(tree, address)


def test_a_map_fits_every_port_that_holds_its_text_in_any_case() -> None:
    known = parse_map(MAP)
    assert known.fits("My Desk MIDI 1") and not known.fits("nanoKONTROL2")


def test_faders_follow_the_voices_in_play() -> None:
    assert parse_map(MAP).bindings("desk 1", ["austen", "bible", "linux"]) == {
        Source("desk 1", "cc", 2, 7): "/style/austen/weight",
        Source("desk 1", "cc", 2, 8): "/style/bible/weight",
        Source("desk 1", "cc", 2, 9): "/mix/rate",
    }


def test_a_users_map_takes_the_place_of_ours_and_a_broken_one_is_one_line(tmp_path: Path) -> None:
    ours, users = tmp_path / "ours", tmp_path / "users"
    for folder in (ours, users):
        folder.mkdir()
    (ours / "desk.toml").write_text(MAP)
    (users / "desk.toml").write_text(MAP.replace('"desk"', '"my desk"'))
    (users / "torn.toml").write_text(MAP[:20])
    maps, complaints = load_maps([ours, users, tmp_path / "nowhere"])
    assert [known.name for known in maps] == ["my desk"]
    assert len(complaints) == 1 and complaints[0].startswith("torn.toml: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (MAP.replace("= 2", "= 17"), "a map needs a channel from 1 to 16, not '17'"),
        (MAP.replace("[7, 8]", "[7, 128]"), "faders needs a controller from 0 to 127, not '128'"),
        (MAP.replace("[7, 8]", "[7, 9]"), "a controller is named twice"),
        (MAP.replace("9 =", "knob ="), "[controls] needs a controller from 0 to 127, not 'knob'"),
        (MAP.replace("/mix/rate", "/mix/volume"), "no control can drive /mix/volume: there is no such parameter"),
        (MAP.replace("/mix/rate", "/transport/run"), "/transport/run does not belong in [controls]"),
        (MAP.replace("name", "title"), "a map needs a name and a part of its port's name"),
    ],
)
def test_a_wrong_map_says_what_is_wrong(text: str, line: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_map(text)
    assert str(caught.value) == line


def test_the_map_in_the_documentation_is_one() -> None:
    page = (Path(__file__).parents[3] / "docs" / "inputs.md").read_text("utf-8")
    blocks = [block.split("```")[0] for block in page.split("```toml\n")[1:]]
    assert parse_map(blocks[0]).bindings("DESK 1", ["bible"])[Source("DESK 1", "cc", 1, 7)] == "/style/bible/weight"
    assert list(parse(blocks[1]).by_source.values()) == ["/style/bible/weight"]
