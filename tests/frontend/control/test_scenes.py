"""Scenes: kept in a readable file, recalled by a glide in which nothing jumps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.config.scenes import SCENE_COUNT, STARTERS, Scene, Scenes, ValueFade, default_path, scene_of
from protocol.tree import ParameterTree, Value, on_address, weight_address

SLUGS = ("austen", "bible", "linux")
TREE = ParameterTree(SLUGS)
shares = st.floats(0.0, 1.0)


@st.composite
def desks(draw: st.DrawFn) -> dict[str, Value]:
    """Any state of all controls."""
    values = TREE.defaults()
    for slug in SLUGS:
        values |= {weight_address(slug): draw(shares), on_address(slug): draw(st.booleans())}
    return values | {"/mix/temperature": draw(st.floats(0.05, 2.0)), "/puck": (draw(shares) / 2, draw(shares) / 2)}


@given(desks())
def test_a_scene_stored_and_recalled_is_the_mix_it_was(values: dict[str, Value]) -> None:
    wanted = scene_of(values, SLUGS, "mine").for_tree(TREE)
    for slug in SLUGS:
        assert wanted[on_address(slug)] is values[on_address(slug)]
        if values[on_address(slug)]:
            assert wanted[weight_address(slug)] == values[weight_address(slug)]
    assert wanted["/puck"] == values["/puck"] and wanted["/mix/temperature"] == values["/mix/temperature"]


@given(desks())
def test_how_it_runs_is_no_part_of_a_scene(values: dict[str, Value]) -> None:
    assert not {"/mix/rate", "/transport/run"} & scene_of(values, SLUGS, "").for_tree(TREE).keys()


@given(desks(), desks())
def test_a_glide_ends_exactly_where_it_shall(present: dict[str, Value], target: dict[str, Value]) -> None:
    wanted = scene_of(target, SLUGS, "").for_tree(TREE)
    end = ValueFade(present, wanted, 10.0, 0.25).at(10.25)
    assert {address: end[address] for address in wanted} == wanted


@given(desks(), desks(), st.floats(0.0, 0.249))
def test_on_its_way_no_weight_leaves_its_span(present: dict[str, Value], target: dict[str, Value], t: float) -> None:
    wanted = scene_of(target, SLUGS, "").for_tree(TREE)
    way = ValueFade(present, wanted, 0.0, 0.25)
    for slug in SLUGS:
        address = weight_address(slug)
        at = way.at(t).get(address)
        if at is not None:
            span = [0.0, present[address], wanted.get(address, 0.0)]
            assert min(span) - 1e-9 <= at <= max(span) + 1e-9  # type: ignore[operator]


@given(desks(), desks())
def test_who_comes_begins_at_nothing_and_who_leaves_stays_until_nothing_is_left(
    present: dict[str, Value], target: dict[str, Value]
) -> None:
    way = ValueFade(present, scene_of(target, SLUGS, "").for_tree(TREE), 0.0, 0.25)
    start, nearly = way.at(0.0), way.at(0.2499)
    for slug in SLUGS:
        before, after = present[on_address(slug)], target[on_address(slug)]
        if after and not before:
            assert start[weight_address(slug)] == 0.0 and start[on_address(slug)] is True
        if before and not after:
            assert nearly[on_address(slug)] is True and nearly[weight_address(slug)] == pytest.approx(0.0, abs=1e-6)


def test_a_weight_comes_before_the_voice_that_it_silences() -> None:
    present = TREE.defaults() | {weight_address("bible"): 0.9}
    order = list(ValueFade(present, {on_address("bible"): True, weight_address("bible"): 0.5}, 0.0, 0.2).at(0.0))
    assert order.index(weight_address("bible")) < order.index(on_address("bible"))


def test_what_a_hand_touches_leaves_the_glide() -> None:
    way = ValueFade(TREE.defaults(), {"/mix/temperature": 2.0, "/mix/alloy": 1.0}, 0.0, 0.25)
    way.drop("/mix/alloy")
    assert way.at(1.0) == {"/mix/temperature": 2.0}


def test_a_fresh_user_finds_scenes_to_begin_with(tmp_path: Path) -> None:
    scenes = Scenes.load(tmp_path / "scenes.json")
    assert tuple(scenes.places[: len(STARTERS)]) == STARTERS
    assert scenes.places[len(STARTERS) :] == [None] * (SCENE_COUNT - len(STARTERS))


def test_scenes_survive_the_program(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "scenes.json"
    scenes = Scenes.load(path)
    scenes.store(8, Scene("dusk", {"/puck": (0.25, -0.5), "/puck/lifted": False, "/style/bible/weight": 0.5}))
    again = Scenes.load(path)
    assert again.places == scenes.places
    assert again.places[8] == Scene("dusk", {"/puck": (0.25, -0.5), "/puck/lifted": False, "/style/bible/weight": 0.5})


def test_the_file_can_be_read_by_people(tmp_path: Path) -> None:
    Scenes.load(tmp_path / "scenes.json").store(0, Scene("dusk", {"/style/bible/weight": 0.5}))
    document = json.loads((tmp_path / "scenes.json").read_text())
    assert document["scenes"][0] == {"name": "dusk", "values": {"/style/bible/weight": 0.5}}


@pytest.mark.parametrize("content", ["{", "[]", '{"scenes": 3}', "\0\xff"])
def test_a_file_that_makes_no_sense_is_kept_aside_and_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "scenes.json"
    path.write_text(content)
    scenes = Scenes.load(path)
    assert scenes.places == [None] * SCENE_COUNT
    assert "scenes.json could not be read" in scenes.trouble
    assert (tmp_path / "scenes.unreadable").read_text() == content


def test_one_bad_scene_costs_only_itself_and_a_copy_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "scenes.json"
    good, odd = {"name": " one  two", "values": {"/mix/rate": 3, "/mix/alloy": None}}, {"name": "two"}
    content = json.dumps({"scenes": [odd, good, None, {"name": "three", "values": {"/puck": [0, 0.5]}, "newer": 1}]})
    path.write_text(content, "utf-8-sig")
    scenes = Scenes.load(path)
    assert scenes.places[:5] == [
        None,
        Scene("one two", {"/mix/rate": 3}),
        None,
        Scene("three", {"/puck": (0.0, 0.5)}),
        None,
    ]
    assert scenes.trouble.startswith("scenes.json: scene 1: values is missing: a table; a copy was kept as")
    assert (tmp_path / "scenes.unreadable").read_text("utf-8-sig") == content


def test_a_disk_that_takes_nothing_is_told_and_the_scene_is_there_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    scenes = Scenes(tmp_path / "file" / "scenes.json")
    scenes.store(0, STARTERS[0])
    assert scenes.trouble.startswith("scenes not saved")
    assert scenes.places[0] == STARTERS[0]


def test_hand_edited_nonsense_is_left_out_or_clamped() -> None:
    scene = Scene("odd", {"/style/bible/weight": 7.0, "/style/nobody/weight": 1.0, "/mix/temperature": float("nan")})
    wanted = scene.for_tree(TREE)
    assert wanted["/style/bible/weight"] == 1.0
    assert wanted.keys() == {"/text/opening", "/style/bible/weight", *(on_address(slug) for slug in SLUGS)}


def test_one_folder_can_be_named_for_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_HOME", str(tmp_path))
    assert default_path() == tmp_path / "scenes.json"
