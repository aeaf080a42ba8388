"""Where the user's files live, and what becomes of those that make no sense."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from frontend.config.user_files import HOME_VARIABLE, config_folder, copied_aside, data_folder, kept_aside


def test_one_variable_names_the_folder_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    assert config_folder() == data_folder() == tmp_path


def test_a_file_is_kept_aside_under_a_name_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "scenes.json"
    path.write_text("odd")
    assert kept_aside(path) == "it was kept as scenes.unreadable"
    assert (tmp_path / "scenes.unreadable").read_text() == "odd" and not path.exists()


def test_a_file_that_cannot_be_moved_is_told_to_stay(tmp_path: Path) -> None:
    assert kept_aside(tmp_path / "nothing.toml") == "it stays where it is: No such file or directory"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_copy_that_is_kept_is_as_readable_as_the_file(tmp_path: Path) -> None:
    path = tmp_path / "scenes.json"
    path.write_text("{}")
    path.chmod(0o600)
    assert copied_aside(path) == "a copy was kept as scenes.unreadable"
    assert stat.S_IMODE((tmp_path / "scenes.unreadable").stat().st_mode) == 0o600
