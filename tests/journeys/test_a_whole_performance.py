"""A whole short performance through the real windows: see ``tests.journeys.performance``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from frontend.config.user_files import config_folder
from tests.journeys.conftest import Witness
from tests.journeys.performance import WINDOW, Stand, front_end, perform, two_monitors


@pytest.fixture
def stand(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    config_folder().mkdir(parents=True)
    (config_folder() / "control.toml").write_text(WINDOW)
    with two_monitors(1280, 720) as (display, stand):
        monkeypatch.setenv("DISPLAY", display)
        yield stand


def test_a_whole_performance_is_what_the_server_does(stand: Stand, server: tuple[str, int], witness: Witness) -> None:
    with front_end(server) as hand:
        perform(hand, witness, stand, spelling=True)
