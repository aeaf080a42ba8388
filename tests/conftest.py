"""What tests of several rooms share: voices that are made in a moment, a home folder of their own, a screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from frontend.config.user_files import config_folder

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: its default threads thrash on a busy machine

# The same examples in every run, so that a change is judged by itself; ANTIPHON_SEARCH=1 looks for new ones.
settings.register_profile("house", deadline=None, derandomize="ANTIPHON_SEARCH" not in os.environ, print_blob=True)
settings.load_profile("house")

LETTERS = {"austen": "a", "bible": "b", "linux": "l", "nietzsche": "n"}  # what each spelling voice writes, and spaces


@pytest.fixture(scope="session")
def spelling_voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four real voice files, each of which writes one letter of its own and a space now and then."""
    from tests.spelling import save_spelling_voice

    folder = tmp_path_factory.mktemp("weights")
    for slug, letter in LETTERS.items():
        save_spelling_voice(folder, slug, {letter: 0.9, " ": 0.1})
    return folder


@pytest.fixture
def home(tmp_path: Path, spelling_voices: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and the spelling voices in place of the shipped ones, here and in child processes."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(spelling_voices))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return tmp_path


@pytest.fixture
def screen(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The DISPLAY of an X server made of software, 1920x1080, for this test and its child processes.

    Whoever plays there has seen the tour.
    """
    from tests.screens import virtual_screen

    window = config_folder() / "control.toml"
    window.parent.mkdir(parents=True)
    window.write_text("toured = true\n")
    with virtual_screen(1920, 1080) as display:
        monkeypatch.setenv("DISPLAY", display)
        yield display
