"""What is chosen about the stage: kept in a file, read from themes, and never lost to a file that makes no sense."""

import os
from pathlib import Path

import numpy as np
import pytest

from frontend.client.fake_link import demo_cards
from frontend.look.colour import Palette, contrast, hex_of_rgb
from frontend.stage.look import AS_DESIGNED, OURS, load_theme, parse_theme, theme_files
from frontend.stage.settings import DEFAULTS, StageSettings
from frontend.stage.staging import StageState
from protocol.errors import ParameterError


def staging(folder: Path, **overrides: object) -> StageState:
    return StageState(folder / "stage.toml", overrides, (OURS, folder / "stage"))


def write_theme(folder: Path, text: str, name: str = "dusk", at: int = 0) -> None:
    path = folder / "stage" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, ns=(at, at))


# ---- kept ------------------------------------------------------------------------------------------------------------


def test_undoing_writes_nothing_that_was_for_this_run_alone(tmp_path: Path) -> None:
    stage = staging(tmp_path, size=1.2)
    before = stage.settings
    stage.set("names", True)
    stage.go_back(before)
    stage.save()
    assert stage.settings == before and stage.settings.size == 1.2
    assert staging(tmp_path).settings == DEFAULTS


def test_what_was_set_is_there_again_at_the_next_start(tmp_path: Path) -> None:
    one = staging(tmp_path)
    one.set("size", 1.3)
    one.set("top_left", (0.04, -0.01))
    one.save()
    assert staging(tmp_path).settings == StageSettings(size=1.3, top_left=(0.04, -0.01))


def test_a_moving_slider_writes_once_when_it_has_come_to_rest(tmp_path: Path) -> None:
    one = staging(tmp_path)
    for frame in range(60):
        one.poll(frame / 60)
        one.set("size", 0.8 + frame / 100)
    assert not one.path.exists()  # type: ignore[union-attr]
    one.poll(2.1)
    assert staging(tmp_path).settings.size == pytest.approx(1.39)


def test_the_command_line_holds_for_this_run_and_is_not_written(tmp_path: Path) -> None:
    one = staging(tmp_path, size=1.5)
    assert one.settings.size == 1.5
    one.set("fade", 0.5)
    one.save()
    assert staging(tmp_path).settings == StageSettings(fade=0.5)


def test_a_setting_can_be_given_back_its_default_and_all_of_them_too(tmp_path: Path) -> None:
    one = staging(tmp_path, size=1.5, fade=0.2)
    one.reset("size")
    assert one.settings == StageSettings(fade=0.2)
    one.reset()
    assert one.settings == DEFAULTS


def test_a_broken_file_is_kept_aside_and_told(tmp_path: Path) -> None:
    (tmp_path / "stage.toml").write_text("size: 1.2", "utf-8")
    one = staging(tmp_path)
    assert one.settings == DEFAULTS
    assert "kept as stage.unreadable" in one.trouble
    assert (tmp_path / "stage.unreadable").read_text("utf-8") == "size: 1.2"


def test_a_full_disk_is_told_and_the_stage_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = staging(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("frontend.stage.staging.save_settings", full)
    one.set("size", 1.2)
    one.save()
    assert one.trouble == "the stage's settings are not saved: No space left on device"
    assert one.settings.size == 1.2


def test_the_look_is_the_same_object_until_something_changes(tmp_path: Path) -> None:
    one = staging(tmp_path)
    look = one.look
    assert one.look is look
    one.set("size", 1.2)
    assert one.look is not look and one.look.settings.size == 1.2


# ---- themes ----------------------------------------------------------------------------------------------------------


def test_the_shipped_themes_are_there_and_the_first_is_the_design(tmp_path: Path) -> None:
    assert staging(tmp_path).choices("theme") == ("contrast", "look", "paper", "plain")
    assert load_theme(OURS / "look.toml") == AS_DESIGNED


@pytest.mark.parametrize(("name", "least"), [("look", 7.5), ("contrast", 9.0), ("paper", 5.0), ("plain", 21.0)])
def test_every_voice_can_be_read_in_every_shipped_theme(name: str, least: float) -> None:
    theme = load_theme(OURS / f"{name}.toml")
    palette = Palette([card.colour for card in demo_cards()])
    voices = palette.stage(np.eye(24), theme.lightness, theme.ink, theme.towards_ink).tolist() if theme.coloured else []
    assert all(contrast(hex_of_rgb(rgb), theme.ground) >= least for rgb in voices)
    assert contrast(theme.ink, theme.ground) >= max(15.0, least)


def test_a_theme_of_the_users_own_joins_ours_or_takes_its_place(tmp_path: Path) -> None:
    write_theme(tmp_path, 'ground = "#102030"')
    write_theme(tmp_path, 'ground = "#111111"', "paper")
    one = staging(tmp_path, theme="dusk")
    assert one.look.theme.ground == "#102030" and one.look.theme.ink == AS_DESIGNED.ink
    assert "dusk" in one.choices("theme")
    one.set("theme", "paper")
    assert one.look.theme.ground == "#111111"


def test_a_theme_that_is_edited_while_it_is_shown_is_taken_up(tmp_path: Path) -> None:
    write_theme(tmp_path, 'ground = "#102030"')
    one = staging(tmp_path, theme="dusk")
    one.poll(1.0)
    write_theme(tmp_path, 'ground = "#203040"', at=10**9)
    one.poll(1.5)
    assert one.look.theme.ground == "#102030"
    one.poll(2.1)
    assert one.look.theme.ground == "#203040"


def test_a_theme_that_is_broken_while_it_is_shown_leaves_the_picture_and_is_told_until_it_is_mended(
    tmp_path: Path,
) -> None:
    write_theme(tmp_path, 'ground = "#102030"')
    one = staging(tmp_path, theme="dusk")
    for at, text, trouble in (
        (1, 'ground = "#10203"', "dusk.toml: ground is to be a colour such as #7DE4FF, not '#10203'"),
        (2, "ground = ", "dusk.toml"),
        (3, 'ground = "#102030"', ""),
    ):
        write_theme(tmp_path, text, at=at * 10**9)
        one.poll(2.0 * at)
        assert one.look.theme.ground == "#102030"
        assert trouble in one.trouble and bool(one.trouble) == bool(trouble)


def test_a_theme_that_is_not_there_is_refused_on_the_command_line_and_told_from_the_file(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="there is no theme 'noon' for the stage; there are contrast, look"):
        staging(tmp_path, theme="noon")
    one = staging(tmp_path)
    one.set("theme", "noon")
    assert one.look.theme == AS_DESIGNED and "noon" in one.trouble


@pytest.mark.parametrize(
    "text",
    [
        "glow = 1",
        'ink = "white"',
        "ink = 3",
        "lightness = 0.5",
        "lightness = [0.5, 2]",
        'coloured = "yes"',
        "cursor = -1",
        "least_alpha = nan",
        "mix_alpha = true",
    ],
)
def test_what_means_no_theme_is_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        parse_theme(text)


def test_themes_are_found_where_there_is_no_folder_of_the_users(tmp_path: Path) -> None:
    assert set(theme_files((OURS, tmp_path / "nowhere"))) == {"look", "plain", "contrast", "paper"}


def test_a_comment_in_the_stages_file_outlives_what_is_set(tmp_path: Path) -> None:
    (tmp_path / "stage.toml").write_text("# for the chapel\nsize = 1.0  # never larger\n", "utf-8")
    one = staging(tmp_path)
    one.set("size", 1.5)
    one.save()
    assert (tmp_path / "stage.toml").read_text("utf-8").startswith("# for the chapel\nsize = 1.5  # never larger\n")
