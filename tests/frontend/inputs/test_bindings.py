"""Bindings: what drives what, and the file that survives everything."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.bindings import KINDS, NOTHING_BOUND, Bindings, BindingsFile, Source, parse, render
from protocol.errors import ParameterError

FADER = Source("nanoKONTROL2", "cc", 1, 4)

SOURCES = st.builds(
    lambda port, kind, channel, number: Source(
        port, kind, channel, 0 if kind == "bend" else number % 32 if kind == "cc14" else number
    ),
    st.text(min_size=1),
    st.sampled_from(sorted(KINDS)),
    st.integers(1, 16),
    st.integers(0, 127),
)
BINDINGS = st.builds(Bindings, st.dictionaries(SOURCES, st.text().map(lambda text: "/" + text)), st.booleans())


@given(BINDINGS)
def test_what_is_written_is_read_back(bindings: Bindings) -> None:
    assert parse(render(bindings)) == bindings


@given(st.text())
def test_any_text_is_read_or_refused_with_one_line(text: str) -> None:
    try:
        parse(text)
    except (ValueError, ParameterError) as error:  # tomllib's errors are ValueErrors
        assert "\n" not in str(error) or isinstance(error, ValueError)


def test_a_control_drives_one_address_and_an_address_has_one_control() -> None:
    bindings = NOTHING_BOUND.bound(FADER, "/mix/rate").bound(FADER, "/mix/alloy")
    assert bindings.by_source == {FADER: "/mix/alloy"}
    other = Source("MIDImix", "cc", 1, 19)
    assert bindings.bound(other, "/mix/alloy").by_source == {other: "/mix/alloy"}


def test_the_fine_half_of_a_pair_is_no_control_of_its_own() -> None:
    pair, fine = Source("desk", "cc14", 1, 4), Source("desk", "cc", 1, 36)
    assert NOTHING_BOUND.bound(fine, "/mix/rate").bound(pair, "/mix/alloy").by_source == {pair: "/mix/alloy"}


def test_notes_and_controllers_of_the_same_number_are_different_controls() -> None:
    note = Source("nanoKONTROL2", "note", 1, 4)
    bindings = NOTHING_BOUND.bound(FADER, "/mix/rate").bound(note, "/transport/run")
    assert len(bindings.by_source) == 2
    assert bindings.without("/mix/rate").by_source == {note: "/transport/run"}


@pytest.mark.parametrize(
    ("kind", "label"),
    [("cc", "CC 4"), ("cc14", "CC 4+36"), ("relative", "CC 4 ±"), ("note", "note 4"), ("bend", "bend")],
)
def test_a_control_has_a_name_for_the_screen(kind: str, label: str) -> None:
    assert Source("nanoKONTROL2", kind, 1, 4).label == label


def test_where_no_file_is_nothing_is_bound(tmp_path: Path) -> None:
    assert BindingsFile(tmp_path / "bindings.toml").load() == NOTHING_BOUND


def test_saving_makes_folders_and_leaves_nothing_but_the_file(tmp_path: Path) -> None:
    store = BindingsFile(tmp_path / "new" / "bindings.toml")
    bindings = NOTHING_BOUND.bound(FADER, "/style/bible/weight")
    store.save(bindings)
    assert store.load() == bindings
    assert [path.name for path in store.path.parent.iterdir()] == ["bindings.toml"]


def test_the_users_folder_is_where_the_file_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name, **_: str(tmp_path / name))
    assert BindingsFile().path == tmp_path / "antiphon" / "bindings.toml"


ROW = '[[bind]]\naddress = "/mix/rate"\nport = "desk"\nkind = "cc"\nchannel = 1\nnumber = 4\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[bind", "bindings.toml: Expected ']]' at the end of an array declaration"),
        (ROW.replace("= 4", "= 128"), "bindings.toml: binding 1 needs a number from 0 to 127, not '128'"),
        (ROW.replace("= 1", "= 0"), "bindings.toml: binding 1 needs a channel from 1 to 16, not '0'"),
        (ROW.replace('"cc"', '"cc14"').replace("= 4", "= 32"), "binding 1 needs a number from 0 to 31, not '32'"),
        (ROW + ROW.replace('"cc"', '"fader"'), "binding 2 needs a kind: cc, cc14, relative, offset, latch, note, "),
        (ROW.replace("/mix", "mix"), "binding 1 needs an address such as /mix/rate and a port's name"),
        ("bind = 3", "ready_maps is true or false, and every binding a [[bind]]"),
        ("\xff", "bindings.toml: "),
    ],
)
def test_a_broken_file_is_one_line_and_is_kept_when_another_is_written(tmp_path: Path, text: str, line: str) -> None:
    store = BindingsFile(tmp_path / "bindings.toml")
    store.path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ParameterError) as caught:
        store.load()
    assert line in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).endswith("; MIDI bindings are not used")
    store.save(NOTHING_BOUND)
    assert store.load() == NOTHING_BOUND
    assert (tmp_path / "bindings.unreadable").read_bytes() == text.encode("latin-1")


def test_where_nothing_can_be_written_one_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ParameterError, match="MIDI bindings are not kept: "):
        BindingsFile(tmp_path / "file" / "bindings.toml").save(NOTHING_BOUND)
