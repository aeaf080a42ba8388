"""The typefaces of the stage: what it can be set in, and that a file which cannot be used is refused in one line."""

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontend.look.fonts import FONTS as ASSETS
from frontend.stage.faces import OURS, font_names, inconsolata, load_stage_font
from frontend.stage.staging import StageState
from protocol.errors import ParameterError

SPACED = (ASSETS / "Inconsolata-Medium.ttf").read_bytes()


@pytest.fixture
def fonts(tmp_path: Path) -> Path:
    folder = tmp_path / "fonts"
    folder.mkdir()
    return folder


def test_an_equally_spaced_face_of_the_users_own_can_be_chosen(fonts: Path) -> None:
    (fonts / "Mine.ttf").write_bytes(SPACED)
    staging = StageState(fonts=fonts)
    assert staging.choices("font") == (OURS, "Mine") == font_names(fonts)
    staging.set("font", "Mine")
    assert (staging.look.face.name, staging.look.face.advance, staging.trouble) == ("Mine", 0.5, "")
    staging.set("font", OURS)
    assert staging.look.face is inconsolata()


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        ((ASSETS / "Roboto" / "Roboto-Regular.ttf").read_bytes(), "is not equally spaced: choose a monospaced one"),
        (b"no typeface", "is damaged or no TrueType file"),
        (SPACED[:3_000], "is damaged or no TrueType file"),
        ((ASSETS / "fontawesome-webfont.ttf").read_bytes(), 'lacks ! " #'),
    ],
)
def test_a_face_that_cannot_be_used_is_told_and_the_stage_keeps_its_own(
    fonts: Path, content: bytes, trouble: str
) -> None:
    (fonts / "Other.ttf").write_bytes(content)
    staging = StageState(fonts=fonts)
    staging.set("font", "Other")
    assert staging.trouble == f"the typeface Other.ttf {trouble}"
    assert staging.look.face is inconsolata()


def test_a_face_that_is_not_there_is_refused_on_the_command_line(fonts: Path) -> None:
    with pytest.raises(ParameterError, match="there is no typeface 'Nobody' for the stage; there are Inconsolata"):
        StageState(overrides={"font": "Nobody"}, fonts=fonts)


@given(st.lists(st.tuples(st.integers(0, len(SPACED) - 5), st.integers(0, 2**32 - 1)), min_size=1, max_size=3))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_face_with_wrong_bytes_is_a_face_or_refused(fonts: Path, changes: list[tuple[int, int]]) -> None:
    torn = bytearray(SPACED)
    for place, number in changes:
        struct.pack_into(">L", torn, place, number)
    path = fonts / "Torn.ttf"
    path.write_bytes(torn)
    try:
        assert load_stage_font(path).advance > 0.0
    except ParameterError as error:
        assert "Torn.ttf" in str(error)
