"""Set lists: pieces in order, in files that people read, edit and send each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.config.scenes import MAX_NAME_CHARS, Fade, Scene, Scenes, moved
from frontend.config.setlists import MAX_FADE, Cue, SetList, SetListFolder, file_name, parse

names = st.text("abc def", min_size=1, max_size=MAX_NAME_CHARS).map(lambda words: " ".join(words.split())).filter(bool)
fades = st.builds(Fade, st.integers(0, 100).map(float), st.sampled_from(["s", "chars"]))
cues = st.builds(Cue, st.builds(Scene, names, st.just({"/mix/temperature": 0.5, "/puck": (0.25, 0.5)})), fades)
setlists = st.builds(SetList, names, st.lists(cues, max_size=8).map(tuple))


@given(setlists)
def test_a_set_list_is_read_as_it_was_written(made: SetList) -> None:
    assert parse(json.loads(json.dumps(made.document))) == (made, [])


@given(st.lists(st.integers(), min_size=1, max_size=9), st.data())
def test_what_is_moved_stands_there_and_the_others_keep_their_order(items: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(items) - 1))
    to = data.draw(st.integers(0, len(items) - 1))
    after = moved(items, place, to)
    assert after[to] == items[place]
    assert [*after[:to], *after[to + 1 :]] == [*items[:place], *items[place + 1 :]]


@given(setlists.filter(lambda made: len(made.cues) > 1), st.data())
def test_the_cue_taken_last_stays_so_wherever_cues_are_moved(made: SetList, data: st.DataObject) -> None:
    places = st.integers(0, len(made.cues) - 1)
    numbered = SetList(made.name, tuple(Cue(Scene(str(i), {})) for i in range(len(made.cues))), data.draw(places))
    after = numbered.move(data.draw(places), data.draw(places))
    assert after.cues[after.at] == numbered.cues[numbered.at]


def test_the_next_cue_and_the_one_before_end_at_the_ends() -> None:
    made = SetList("x", (Cue(Scene("a", {})), Cue(Scene("b", {}))))
    first = made.step(1)
    assert first is not None and first.at == 0 and made.step(-1) is None
    second = first.step(1)
    assert second is not None and second.at == 1 and second.step(1) is None


def test_a_removed_cue_before_the_present_one_leaves_that_the_present_one() -> None:
    made = SetList("x", tuple(Cue(Scene(name, {})) for name in "abc"), at=2)
    after = made.remove(0)
    assert after.cues[after.at].scene.name == "c"


def test_lists_are_files_named_after_them_and_can_be_renamed(tmp_path: Path) -> None:
    shelf = SetListFolder(tmp_path)
    made = SetList("first night").add(Cue(Scene("dusk", {"/style/bible/weight": 0.5}), Fade(8.0)))
    shelf.save(made)
    assert shelf.names() == ["first night"]
    document = json.loads((tmp_path / "first night.json").read_text())
    assert document["cues"] == [{"name": "dusk", "values": {"/style/bible/weight": 0.5}, "fade": 8.0, "unit": "s"}]
    assert shelf.rename(made, "last night").name == "last night" and shelf.names() == ["last night"]
    assert shelf.load("last night").cues == made.cues


def test_a_list_is_not_renamed_over_another(tmp_path: Path) -> None:
    shelf = SetListFolder(tmp_path)
    for name in ("one", "two"):
        shelf.save(SetList(name))
    assert shelf.rename(SetList("one"), "two").name == "one" and shelf.names() == ["one", "two"]
    assert shelf.free_name() == "tonight"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "con:*?", "\0"])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    shelf = SetListFolder(tmp_path / "setlists")
    shelf.save(SetList(file_name(name) or "x"))
    shelf.save(SetList(name))
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "setlists"}


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"name": "x"}',
        '{"name": "x", "cues": 3}',
        '{"name": "x", "cues": [{"name": "a", "values": {}, "fade": NaN}]}',
        "[" * 100_000,
    ],
)
def test_a_list_that_makes_no_sense_is_kept_aside_and_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.json").write_text(content)
    shelf = SetListFolder(tmp_path)
    assert shelf.load("odd") == SetList("odd")
    assert "could not be read" in shelf.trouble and (tmp_path / "odd.unreadable").exists()


def test_one_bad_cue_costs_only_itself_and_a_copy_is_kept(tmp_path: Path) -> None:
    cues = [{"name": "a", "values": {}}, {"name": "b", "values": 1}, {"name": "c", "values": {}, "unit": "years"}]
    (tmp_path / "odd.json").write_text(json.dumps({"name": "odd", "cues": cues}))
    shelf = SetListFolder(tmp_path)
    assert [cue.scene.name for cue in shelf.load("odd").cues] == ["a", "c"]
    assert shelf.trouble.startswith("the set list odd: cue 2: values is to be a table, not '1'; a copy was kept as ")
    assert (tmp_path / "odd.unreadable").exists()


def test_a_fade_from_a_stranger_is_no_longer_than_any() -> None:
    made, _ = parse({"name": "x", "cues": [{"name": "a", "values": {}, "fade": 1e9, "unit": "s"}]})
    assert made.cues[0].fade.length == MAX_FADE["s"]


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    shelf = SetListFolder(tmp_path / "file" / "setlists")
    shelf.save(SetList("x"))
    assert shelf.trouble.startswith("set list not saved")


def test_scenes_are_renamed_moved_and_emptied_in_their_file(tmp_path: Path) -> None:
    scenes = Scenes.load(tmp_path / "scenes.json")
    first, second = scenes.places[:2]
    assert first is not None and second is not None
    scenes.rename(0, "  a new\n name ")
    scenes.move(0, 1)
    again = Scenes.load(tmp_path / "scenes.json")
    assert again.places[0] == second
    assert again.places[1] == Scene("a new name", first.values)
    scenes.rename(1, "  ")
    assert scenes.places[1] == again.places[1]
