"""Ready panels: what Open Stage Control and TouchOSC read, and that it is the tree."""

from __future__ import annotations

import json
import re
import zlib
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import py2tosc
import pytest

from antiphon import main
from frontend.layouts.arranging import HEIGHT, WIDTH, LayoutControl, arranged
from frontend.layouts.open_stage_control import module, session
from frontend.layouts.touchosc import layout, xml
from protocol.formats import TO_SERVER
from protocol.messages import Card
from protocol.show_commands import SHOW_COMMANDS
from protocol.tree import ParameterTree

SLUGS = [f"voice-{n}" for n in range(24)]
CARDS = [Card(n, 24, slug, slug, f"V{n}"[:2], "#FF8800", "prose", "line") for n, slug in enumerate(SLUGS)]
TREE = ParameterTree(SLUGS)
LEFT_OUT = re.compile(
    r"/(place|choir)$|/aim/(attract|avoid|acrostic)$|/text/opening$|/sprite/mix$|/style/.*/(words|memory)$"
)  # orders are dragged in the window, choirs chosen, texts typed, a style's tongues led with all others' by the mix's


def overlap(one: LayoutControl, other: LayoutControl) -> bool:
    (ax, ay, aw, ah), (bx, by, bw, bh) = one.rect, other.rect
    return ax < bx + bw and bx < ax + aw and ay < by + bh and by < ay + ah


@pytest.mark.parametrize("count", [1, 3, 24, 40])
def test_all_stand_on_the_panel_and_none_on_another(count: int) -> None:
    cards = [Card(n, count, f"v{n}", "V", "Vv", "#FF8800", "prose", "line") for n in range(count)]
    controls = arranged(cards)
    assert all(x >= 0 and y >= 0 and x + w <= WIDTH and y + h <= HEIGHT for x, y, w, h in (c.rect for c in controls))
    assert [(one.name, other.name) for one, other in combinations(controls, 2) if overlap(one, other)] == []


def test_every_parameter_has_a_control_and_every_button_an_action() -> None:
    controls = arranged(CARDS)
    assert {c.address for c in controls if c.parameter} == {each for each in TREE if not LEFT_OUT.search(each)}
    assert {c.address for c in controls if c.kind == "button"} <= {*TO_SERVER, *SHOW_COMMANDS}
    assert len({c.name for c in controls}) == len(controls)


def test_open_stage_control_gets_widgets_with_the_trees_ranges() -> None:
    made = json.loads(session(CARDS, ("127.0.0.1", 7424)))
    assert (made["createdWith"], made["type"], made["content"]["type"]) == ("Open Stage Control", "session", "root")
    widgets = {widget["id"]: widget for widget in made["content"]["widgets"]}
    assert {widget["type"] for widget in widgets.values()} == {"fader", "xy", "button", "text"}
    rate = widgets["/mix/rate"]
    assert (rate["type"], rate["range"], rate["default"]) == ("fader", {"min": 1.0, "max": 60.0}, 15.0)
    assert rate["target"] == "127.0.0.1:7424"
    assert widgets["/puck"]["rangeY"] == {"min": -1.0, "max": 1.0}
    assert widgets["/style/voice-3/weight"]["colorWidget"] == "#FF8800"
    assert (widgets["/transport/run"]["on"], widgets["do step"]["on"], widgets["do calm"]["on"]) == (True, 1, None)
    assert "send(\"127.0.0.1\", 7424, '/subscribe'), 3000" in module(("127.0.0.1", 7424))


def test_touchosc_files_are_read_by_a_library_of_others(tmp_path: Path) -> None:
    path = tmp_path / "antiphon.tosc"
    path.write_bytes(layout(CARDS, 9000))
    document = py2tosc.load(path)
    kinds = {each.get("name"): each.control_type.value for each in document.walk()}
    assert kinds["/puck"] == "XY"
    assert kinds["/mix/rate"] == "FADER"
    assert kinds["/transport/run"] == "BUTTON"
    assert document.root.frame == (0, 0, WIDTH, HEIGHT)


def test_touchosc_sends_and_takes_the_trees_values() -> None:
    tree = ElementTree.fromstring(zlib.decompress(layout(CARDS, 9001)))
    assert "{tag = 'i', value = 9001}" in "".join(value.text or "" for value in tree.iter("value"))
    messages = {osc.findtext("path/partial/value"): osc for osc in tree.iter("osc")}
    puck = messages["/puck"].findall("arguments/partial")
    assert [(p.findtext("value"), p.findtext("scaleMin"), p.findtext("scaleMax")) for p in puck] == [
        ("x", "-1", "1"),
        ("y", "-1", "1"),
    ]
    assert messages["/transport/run"].findtext("arguments/partial/conversion") == "BOOLEAN"
    assert messages["/transport/rewind"].findtext("triggers/trigger/condition") == "RISE"
    assert messages["/panic"].find("arguments/partial") is None
    assert len({node.get("ID") for node in tree.iter("node")}) == len(list(tree.iter("node")))
    assert xml(CARDS, 9000) == xml(CARDS, 9000)


def test_the_command_writes_them_for_the_voices_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, name in (("open-stage-control", "a.json"), ("touchosc", "a.tosc")):
        monkeypatch.setattr("sys.argv", ["antiphon", "layout", kind, str(tmp_path / name)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code in (0, None)
    assert "/style/bible/weight" in (tmp_path / "a.json").read_text("utf-8")
    assert "/subscribe" in (tmp_path / "a.js").read_text("utf-8")
    assert b"/style/bible/weight" in zlib.decompress((tmp_path / "a.tosc").read_bytes())
    assert "--custom-module" in capsys.readouterr().out
