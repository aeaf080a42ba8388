"""The inputs' file: read by types, written around the user's own words, and taken over from the version before."""

from dataclasses import replace
from pathlib import Path
from shutil import copy
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.bindings import KINDS, NOTHING_BOUND, Binding, Bindings, MidiControl, Takeover, highest_number
from frontend.inputs.inputs_file import InputsConfig, InputsFile, default_path, parse, render
from frontend.inputs.midi.ports import BEND_TOP
from protocol.errors import ParameterError
from tests.frontend.inputs.fake_input import FakeInput

WRITTEN_BEFORE = Path(__file__).parent / "written_before"
TABLES = {"hand": FakeInput("hand").table}
DEFAULTS = InputsConfig({"hand": TABLES["hand"].defaults})
FADER = Binding(MidiControl("nanoKONTROL2", "cc", 1, 4), "/style/bible/weight")
HAND = Binding("hand/height", "/mix/alloy", 0.2, 0.6)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
CONTROLS = st.builds(
    lambda port, kind, channel, number: MidiControl(
        port, kind, channel, 0 if kind == "bend" else number % (highest_number(kind) + 1)
    ),
    NAMES,
    st.sampled_from(sorted(KINDS)),
    st.integers(1, 16),
    st.integers(0, BEND_TOP),
)
ADDRESSES = st.sampled_from(["", "/mix/rate", "/puck.x", "/scene/3"]) | NAMES.map(lambda name: f"/style/{name}")
BINDINGS = st.builds(
    Binding, NAMES | CONTROLS, ADDRESSES, st.floats(0, 1), st.floats(0, 1), st.sampled_from([None, *get_args(Takeover)])
)


@given(st.lists(BINDINGS, unique=True, max_size=8), st.booleans())
def test_what_is_written_is_read_back(learnt: list[Binding], ready_maps: bool) -> None:
    config = replace(DEFAULTS, bindings=Bindings(tuple(learnt), ready_maps))
    assert parse(render(config, TABLES), TABLES) == (config, [])


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text, TABLES)
    except (ValueError, ParameterError) as error:  # tomllib's errors are ValueErrors
        assert "\n" not in str(error) or isinstance(error, ValueError)


def test_what_the_version_before_wrote_is_taken_over_once_and_kept_beside(tmp_path: Path) -> None:
    for name in ("inputs.toml", "bindings.toml"):
        copy(WRITTEN_BEFORE / name, tmp_path / name)
    nano = "nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTRL"
    wanted = Bindings(
        (
            HAND,
            Binding("hand/x", ""),
            Binding("midi/nanoKONTROL2/cc 7", "/mix/top_p"),
            Binding(MidiControl(nano, "cc", 1, 4), "/style/bible/weight"),
            Binding(MidiControl(nano, "cc14", 1, 5), "/puck.x"),
            Binding(MidiControl(nano, "relative", 2, 16), "/mix/rate"),
            Binding(MidiControl('desk "2"', "note", 10, 36), "/transport/word"),
            Binding(MidiControl('desk "2"', "bend", 3), "/mix/temperature"),
            Binding(MidiControl(nano, "program", 1, 2), "/scene/4"),
        ),
        ready_maps=False,
    )
    for _ in range(2):
        file = InputsFile(tmp_path / "inputs.toml")
        config = file.load(TABLES)
        assert (config.bindings, file.trouble) == (wanted, "")
        assert (config.settings["hand"].gain, config.settings["hand"].lost) == (1.5, "stay")
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "bindings.old.toml",
            "inputs.old.toml",
            "inputs.toml",
        ]
    assert (tmp_path / "bindings.old.toml").read_bytes() == (WRITTEN_BEFORE / "bindings.toml").read_bytes()
    assert (tmp_path / "inputs.old.toml").read_bytes() == (WRITTEN_BEFORE / "inputs.toml").read_bytes()


def test_learnt_midi_alone_is_taken_over_too(tmp_path: Path) -> None:
    copy(WRITTEN_BEFORE / "bindings.toml", tmp_path)
    assert len(InputsFile(tmp_path / "inputs.toml").load(TABLES).bindings.learnt) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bindings.old.toml", "inputs.toml"]


def test_where_no_file_is_nothing_is_bound_and_nothing_written(tmp_path: Path) -> None:
    assert InputsFile(tmp_path / "inputs.toml").load(TABLES) == DEFAULTS
    assert list(tmp_path.iterdir()) == []


def test_saving_makes_folders_and_leaves_nothing_but_the_file(tmp_path: Path) -> None:
    file = InputsFile(tmp_path / "new" / "inputs.toml")
    config = replace(DEFAULTS, bindings=Bindings((FADER, HAND)))
    file.save(config, TABLES)
    assert file.load(TABLES) == config
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["inputs.toml"]


def test_the_users_comments_and_order_stay_when_something_is_learnt_and_forgotten(tmp_path: Path) -> None:
    file = InputsFile(tmp_path / "inputs.toml")
    file.save(replace(DEFAULTS, bindings=Bindings((FADER, HAND))), TABLES)
    assert file.path is not None
    text = file.path.read_text("utf-8").replace('"/mix/alloy"', '"/mix/alloy"  # mine')
    file.path.write_text(text.replace("gain = 1", "gain = 2  # wide"), "utf-8")
    config = file.load(TABLES)
    new = Binding("hand/x", "/puck.x")
    file.save(replace(config, bindings=Bindings((HAND, new))), TABLES)
    written = file.path.read_text("utf-8")
    assert "# mine" in written and "gain = 2  # wide" in written
    assert file.load(TABLES).bindings.learnt == (HAND, new)


def test_the_users_folder_is_where_the_file_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name, **_: str(tmp_path / name))
    assert default_path() == tmp_path / "antiphon" / "inputs.toml"


ROW = '[[bind]]\naddress = "/mix/rate"\nport = "desk"\nkind = "cc"\nchannel = 1\nnumber = 4\n'
GOOD = Binding(MidiControl("desk", "cc", 1, 4), "/mix/rate")


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (ROW.replace("= 4", "= 128"), "binding 1: cc needs a number from 0 to 127, not 128"),
        (ROW.replace("number = 4\n", ""), "binding 1: cc needs a number from 0 to 127, not None"),
        (ROW.replace("channel = 1", "channel = 0"), "binding 1: channel is to be a whole number from 1 to 16, not '0'"),
        (ROW.replace('"cc"', '"cc14"').replace("= 4", "= 32"), "binding 1: cc14 needs a number from 0 to 31, not 32"),
        (ROW.replace('"cc"', '"fader"'), "binding 1: kind is to be one of cc, cc14, nrpn, rpn, relative, "),
        (ROW.replace("/mix", "mix"), "binding 1: address is to be an address such as /mix/rate"),
        (ROW.replace("/mix/rate", "/mix/loudness"), "no control can drive /mix/loudness"),
        (ROW.replace('port = "desk"\n', ""), "binding 1 needs either an input, such as "),
        (ROW + "low = 1.5\n", "binding 1: low is to be a number from 0 to 1, not '1.5'"),
        (ROW + 'takeover = "leap"\n', "binding 1: takeover is to be one of meet, pickup, jump or nothing, not 'leap'"),
        (ROW + "speed = 1\n", "binding 1: there is no 'speed'; there are "),
        ("bind = 3\n", "binding 1 needs either an input, such as "),
        ("ready_maps = 3\n", "ready_maps is to be true or false"),
    ],
)
def test_a_broken_entry_is_one_line_and_the_others_count(tmp_path: Path, row: str, line: str) -> None:
    file = InputsFile(tmp_path / "inputs.toml")
    assert file.path is not None
    file.path.write_text(row if row.startswith("bind") else row + ROW, "utf-8")
    config = file.load(TABLES)
    assert file.trouble.startswith("inputs.toml: ") and line in file.trouble and "\n" not in file.trouble
    assert config.bindings.learnt == (() if row.startswith("bind") else (GOOD,))


@pytest.mark.parametrize("name", ["inputs.toml", "bindings.toml"])
@pytest.mark.parametrize("content", [b"[[bind", b"\xff"])
def test_a_file_that_is_no_toml_is_told_and_kept_aside(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    file = InputsFile(tmp_path / "inputs.toml")
    assert file.load(TABLES) == DEFAULTS
    assert file.trouble.startswith(f"{name} could not be read")
    assert (tmp_path / name).with_suffix(".unreadable").read_bytes() == content


def test_where_nothing_can_be_written_one_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    file = InputsFile(tmp_path / "file" / "inputs.toml")
    file.save(replace(DEFAULTS, bindings=NOTHING_BOUND), TABLES)
    assert file.trouble.startswith("the inputs' settings are not saved: ")
