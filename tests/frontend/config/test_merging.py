"""Two front ends of one user: neither's scenes, set lists, bindings or settings are lost, whoever writes last.

jimradford/superputty, issue 91, and gitextensions/gitextensions, issue 7259: of two that ran, the last to write won.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.config.merging import merged_list, merged_rows, sole_writer
from frontend.config.scenes import Scene, Scenes
from frontend.config.setlists import Cue, SetListFolder
from frontend.control.state.preferences import Preferences
from frontend.inputs.bindings import Binding, MidiControl
from frontend.inputs.inputs_file import InputsFile
from frontend.inputs.osc.osc_input import OscIn
from frontend.stage.staging import StageState

CALM, WILD = Scene("calm", {"/mix/temperature": 0.5}), Scene("wild", {"/mix/temperature": 1.5})
TABLES = {"osc": OscIn.table}
LISTS = st.lists(st.integers(0, 5), max_size=6)


# ---- entries ---------------------------------------------------------------------------------------------------------


@given(LISTS, LISTS)
def test_where_only_one_changed_a_list_it_is_theirs(base: list[int], changed: list[int]) -> None:
    assert merged_list(base, base, changed) == changed
    assert sorted({*merged_list(base, changed, base)}) == sorted({*changed})


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_what_either_added_is_there_and_what_either_took_away_is_not(
    base: set[int], theirs: set[int], ours: set[int]
) -> None:
    wanted = (base & theirs & ours) | (theirs - base) | (ours - base)
    assert set(merged_list(sorted(base), sorted(theirs), sorted(ours))) == wanted


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), max_size=6))
def test_a_row_is_ours_where_we_changed_it_and_theirs_elsewhere(rows: list[tuple[int, int, int]]) -> None:
    base, theirs, ours = ([row[which] for row in rows] for which in range(3))
    assert merged_rows(base, theirs, ours) == [own if own != was else other for was, other, own in rows]


# ---- files -----------------------------------------------------------------------------------------------------------


def test_a_scene_that_each_of_two_stores_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "scenes.json"
    one, other = Scenes.load(path), Scenes.load(path)
    one.store(7, CALM)
    other.store(8, WILD)
    other.store(0, None)
    one.rename(7, "calmer")
    places = Scenes.load(path).places
    assert [scene and scene.name for scene in places[6:]] == [None, "calmer", "wild"]
    assert places[0] is None and (one.trouble, other.trouble) == ("", "")


def test_of_two_who_store_on_one_key_the_later_has_it(tmp_path: Path) -> None:
    path = tmp_path / "scenes.json"
    one, other = Scenes.load(path), Scenes.load(path)
    one.store(3, CALM)
    other.store(3, WILD)
    assert Scenes.load(path).places[3] == WILD


def test_cues_that_two_add_to_one_set_list_are_all_there(tmp_path: Path) -> None:
    one, other = SetListFolder(tmp_path), SetListFolder(tmp_path)
    first = one.load("show").add(Cue(CALM))
    one.save(first)
    second = other.load("show")
    one.save(first.add(Cue(WILD)))
    other.save(second.add(Cue(replace(CALM, name="encore"))))
    names = [cue.scene.name for cue in SetListFolder(tmp_path).load("show").cues]
    assert sorted(names) == ["calm", "encore", "wild"] and names[0] == "calm"
    other.save(second.remove(0))
    assert [cue.scene.name for cue in SetListFolder(tmp_path).load("show").cues] == ["wild"]


def test_what_two_learn_and_set_about_inputs_is_all_there(tmp_path: Path) -> None:
    one, other = InputsFile(tmp_path / "inputs.toml"), InputsFile(tmp_path / "inputs.toml")
    mine, yours = one.load(TABLES), other.load(TABLES)
    fader, knob = MidiControl("desk", "cc", 1, 4), MidiControl("desk", "cc", 1, 5)
    louder = {"osc": replace(mine.settings["osc"], gain=2.0)}
    one.save(replace(mine, bindings=mine.bindings.bound(fader, "/mix/rate"), settings=louder), TABLES)
    on = {"osc": replace(yours.settings["osc"], on=True)}
    other.save(replace(yours, bindings=yours.bindings.bound(knob, "/mix/top_p"), settings=on), TABLES)
    found = InputsFile(tmp_path / "inputs.toml").load(TABLES)
    assert dict(found.bindings.by_source) == {fader: "/mix/rate", knob: "/mix/top_p"}
    assert (found.settings["osc"].gain, found.settings["osc"].on) == (2.0, True)


def test_a_control_that_two_bind_drives_what_the_later_said(tmp_path: Path) -> None:
    one, other = InputsFile(tmp_path / "inputs.toml"), InputsFile(tmp_path / "inputs.toml")
    mine, yours = one.load(TABLES), other.load(TABLES)
    fader = MidiControl("desk", "cc", 1, 4)
    one.save(replace(mine, bindings=mine.bindings.bound(fader, "/mix/rate")), TABLES)
    other.save(replace(yours, bindings=yours.bindings.bound(replace(fader, kind="cc14"), "/mix/top_p")), TABLES)
    (binding,) = InputsFile(tmp_path / "inputs.toml").load(TABLES).bindings.learnt
    assert binding == Binding(replace(fader, kind="cc14"), "/mix/top_p")


def test_settings_that_two_windows_change_are_all_there(tmp_path: Path) -> None:
    one, other = Preferences(tmp_path / "control.toml"), Preferences(tmp_path / "control.toml")
    one.set("contrast", "high")
    other.set("fade", 3.0)
    for each in (one, other):
        each.save()
    found = Preferences(tmp_path / "control.toml").settings
    assert (found.contrast, found.fade) == ("high", 3.0)


def test_settings_of_the_stage_that_two_windows_change_are_all_there(tmp_path: Path) -> None:
    one, other = StageState(tmp_path / "stage.toml"), StageState(tmp_path / "stage.toml")
    one.set("size", 1.5)
    other.set("mix", not StageState().settings.mix)
    for each in (one, other):
        each.save()
    found = StageState(tmp_path / "stage.toml").settings
    assert (found.size, found.mix) == (1.5, not StageState().settings.mix)


def test_a_file_that_was_taken_away_meanwhile_is_written_whole(tmp_path: Path) -> None:
    scenes = Scenes.load(tmp_path / "scenes.json")
    scenes.store(7, CALM)
    (tmp_path / "scenes.json").unlink()
    scenes.store(8, WILD)
    assert [scene and scene.name for scene in Scenes.load(tmp_path / "scenes.json").places[7:]] == ["calm", "wild"]


@pytest.mark.skipif("sys.platform == 'win32'", reason="folders cannot be locked there")
def test_nobody_writes_between_ones_reading_and_writing(tmp_path: Path) -> None:
    path, done = tmp_path / "scenes.json", threading.Event()
    other = Scenes.load(path)

    def write() -> None:
        other.store(8, WILD)
        done.set()

    writing = threading.Thread(target=write)
    with sole_writer(path):
        writing.start()
        assert not done.wait(0.05)
    assert done.wait(60.0)
    writing.join(60.0)
    assert Scenes.load(path).places[8] == WILD
