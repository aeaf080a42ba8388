"""The tree as OSCQuery shows it: every parameter, action and signal once, with its range, unit and description."""

from __future__ import annotations

from typing import Any

from protocol.messages import Card
from server.oscquery.namespace import Namespace

CARDS = [Card(n, 2, slug, slug.title(), "Xy", "#FF8800", "prose", "a parrot") for n, slug in enumerate(["ada", "bob"])]


def node(path: str, **values: Any) -> dict[str, Any]:
    found = Namespace(CARDS).node(path, {f"/{name.replace('__', '/')}": value for name, value in values.items()})
    assert found is not None
    return found


def test_a_parameter_says_all_that_a_panel_needs() -> None:
    assert node("/mix/rate", mix__rate=[15.0]) == {
        "FULL_PATH": "/mix/rate",
        "DESCRIPTION": "how fast the text is written",
        "ACCESS": 3,
        "TYPE": "f",
        "CRITICAL": False,
        "RANGE": [{"MIN": 1.0, "MAX": 60.0}],
        "CLIPMODE": ["both"],
        "UNIT": ["characters/s"],
        "VALUE": [15.0],
    }


def test_a_switch_a_place_and_a_pair_have_their_types() -> None:
    assert (node("/transport/run")["TYPE"], "RANGE" in node("/transport/run")) == ("T", False)
    assert (node("/style/bob/place")["TYPE"], node("/style/bob/place")["RANGE"]) == ("i", [{"MIN": 0, "MAX": 255}])
    assert (node("/puck/xy")["TYPE"], node("/puck/xy")["RANGE"]) == ("ff", [{"MIN": -1.0, "MAX": 1.0}] * 2)


def test_what_is_done_can_only_be_written_and_what_is_told_only_read() -> None:
    assert (node("/panic")["ACCESS"], node("/panic")["TYPE"]) == (2, "I")
    assert (node("/transport/step")["TYPE"], node("/text/prime")["TYPE"]) == ("i", "s")
    assert (node("/signal/entropy")["ACCESS"], node("/signal/entropy")["UNIT"]) == (1, ["bits"])
    assert (node("/sprite/shown")["ACCESS"], node("/sprite/shown")["VALUE"]) == (1, ["", ""])
    assert node("/signal/word")["RANGE"] == [{}, {"MIN": 0, "MAX": 16}]
    assert "VALUE" not in node("/panic", panic=[1])


def test_the_root_holds_everything_and_what_holds_others_has_no_type() -> None:
    leaves: list[dict[str, Any]] = []
    folders: list[dict[str, Any]] = []

    def walk(each: dict[str, Any]) -> None:
        (folders if "CONTENTS" in each else leaves).append(each)
        for name, child in each.get("CONTENTS", {}).items():
            assert child["FULL_PATH"] == f"{each['FULL_PATH'].rstrip('/')}/{name}"
            walk(child)

    walk(node("/"))
    assert sorted(leaf["FULL_PATH"] for leaf in leaves) == sorted(Namespace(CARDS).leaves)
    assert all("TYPE" not in folder and folder["ACCESS"] == 0 for folder in folders)
    assert node("/style/ada")["DESCRIPTION"] == "Ada: a parrot"


def test_what_is_not_there_is_nothing() -> None:
    assert Namespace(CARDS).node("/style/cy", {}) is None
    assert Namespace(CARDS).node("/sty", {}) is None


def test_a_voice_that_comes_is_one_new_path_and_its_share_another() -> None:
    before = Namespace(CARDS[:1])
    assert Namespace(CARDS).added_since(before) == ["/style/bob", "/signal/share/bob"]
