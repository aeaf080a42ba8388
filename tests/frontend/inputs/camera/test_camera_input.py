"""The camera: what landmarks mean, what comes over the pipe, and a process that may end at any time."""

from __future__ import annotations

import io
import math
import struct
import sys
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.fake_link import FakeLink
from frontend.config.setting_fields import SettingsTable
from frontend.inputs.camera import features
from frontend.inputs.camera.camera_input import MISSING, Camera
from frontend.inputs.camera.features import Glimpse, get, put
from frontend.inputs.camera.install import python
from frontend.inputs.hub import Hub
from tests.frontend.inputs.camera import fake_worker
from tests.frontend.inputs.test_leap import wait

# ---- landmarks -------------------------------------------------------------------------------------------------------


def hand_of(x: float, y: float, open_fingers: bool) -> list[tuple[float, float, float]]:
    """A hand that points up, its palm about (x, y)."""
    points = [(x, y, 0.0)] * features.HAND
    points[features.WRIST] = (x, y + 0.1, 0.0)
    for place, (root, tip) in enumerate(features.FINGERS):
        across = x + 0.03 * (place - 1.5)
        points[root] = (across, y - 0.02, 0.0)
        points[tip] = (across, y - (0.14 if open_fingers else -0.02), 0.0)
    points[features.THUMB_TIP] = (x - 0.12, y, 0.0)
    return points


def test_a_hand_tells_where_it_is_and_how_closed() -> None:
    flat, fist = (features.hand(hand_of(0.5, 0.5, each), 4 / 3) for each in (True, False))
    assert flat["x"] == pytest.approx(0.5, abs=0.01)
    assert flat["y"] == pytest.approx(0.5, abs=0.05)
    assert flat["grip"] < 0.1
    assert fist["grip"] > 0.9
    assert features.hand(hand_of(0.8, 0.2, True), 4 / 3)["y"] > 0.9


def face_of(mouth: float = 0.0, yaw: float = 0.0) -> list[tuple[float, float, float]]:
    """A face in the middle of a square picture, a fifth of it wide between the eyes, turned by ``yaw`` radians."""
    points = [(0.5, 0.5, 0.0)] * features.FACE
    half = 0.1
    for eye, side in zip(features.EYES, (-1, 1), strict=True):
        points[eye] = (0.5 + side * half * math.cos(yaw), 0.45, side * half * math.sin(yaw))
    for corner, side in zip(features.CORNERS, (-1, 1), strict=True):
        points[corner] = (0.5 + side * 0.055, 0.6, 0.0)
    for corner, side in zip(features.MOUTH, (-1, 1), strict=True):
        points[corner] = (0.5 + side * 0.05, 0.6, 0.0)
    for lip, side in zip(features.LIPS, (-1, 1), strict=True):
        points[lip] = (0.5, 0.6 + side * mouth / 2, 0.0)
    for brow, lid in features.BROWS:
        points[brow], points[lid] = (0.5, 0.40, 0.0), (0.5, 0.44, 0.0)
    points[features.TOP], points[features.CHIN] = (0.5, 0.35, 0.0), (0.5, 0.7, 0.0)
    return points


def test_a_mouth_opens_and_a_head_turns() -> None:
    shut, wide, turned = (features.face(face_of(*each), 1.0) for each in ((0.0, 0.0), (0.08, 0.0), (0.0, 0.5)))
    assert (shut["mouth"], wide["mouth"]) == (0.0, 1.0)
    assert shut["yaw"] == shut["roll"] == pytest.approx(0.5)
    assert turned["yaw"] > 0.7


numbers = st.floats(-10.0, 10.0)


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=features.HAND, max_size=features.HAND))
def test_whatever_the_landmarks_every_level_is_in_range(points: list[tuple[float, float, float]]) -> None:
    levels = [*features.hand(points, 4 / 3).values(), *features.face((points * 23)[: features.FACE], 4 / 3).values()]
    assert all(0.0 <= level <= 1.0 for level in levels)


def test_too_few_landmarks_are_none() -> None:
    with pytest.raises(ValueError, match="too few"):
        features.face(face_of()[:100], 1.0)


# ---- the pipe --------------------------------------------------------------------------------------------------------


def test_a_glimpse_is_read_as_it_was_put() -> None:
    pipe, seen = io.BytesIO(), Glimpse({"hand/x": 0.25}, 2, 1, b"abcdef", "", 1.5)
    put(pipe, seen)
    put(pipe, Glimpse(trouble="no camera"))
    pipe.seek(0)
    assert [get(pipe), get(pipe), get(pipe)] == [seen, Glimpse(trouble="no camera"), None]


@given(st.binary(max_size=40))
def test_what_is_no_glimpse_is_refused_or_the_end(words: bytes) -> None:
    for raw in (words, struct.pack(">II", len(words), 0) + words):
        with suppress(ValueError):
            assert get(io.BytesIO(raw)) is None


# ---- the process -----------------------------------------------------------------------------------------------------


def hub_seeing(source: str) -> tuple[Hub, Camera]:
    camera = Camera(Path(sys.executable), Path(fake_worker.__file__))
    settings = replace(camera.table.defaults, on=True, file=source, smoothing=0.0)
    camera.table = SettingsTable("the camera", settings, "[camera]", camera.table.fields)
    hub = Hub(FakeLink.demo())
    hub.add(camera)
    hub.begin()
    return hub, camera


def test_a_face_is_channels_and_its_picture_can_be_shown() -> None:
    hub, camera = hub_seeing("lives")
    with closing(hub):
        wait(lambda: "camera/face/mouth" in hub.features())
        assert camera.glimpse is not None
        assert len(camera.glimpse.picture) == 3 * fake_worker.SIDE**2
        assert "face and hand" in hub.status
    assert camera.glimpse is None


def test_a_process_that_dies_is_begun_again() -> None:
    hub, _ = hub_seeing("dies")
    with closing(hub):
        for _ in range(2):
            wait(lambda: "camera/hand/x" in hub.features())
            wait(lambda: "camera/hand/x" not in hub.features())


def test_what_is_wrong_with_the_camera_is_told() -> None:
    hub, _ = hub_seeing("refuses")
    with closing(hub):
        wait(lambda: hub.complaint == "Camera: there is no camera 7")


def test_babble_on_the_pipe_moves_nothing() -> None:
    hub, camera = hub_seeing("babbles")
    with closing(hub):
        wait(lambda: camera._thread is not None and not camera._thread.is_alive())
        assert hub.features() == {}


def test_without_mediapipe_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANTIPHON_HOME", str(tmp_path))
    hub = Hub(FakeLink.demo())
    hub.add(Camera())
    hub.change("camera", on=True)
    hub.turn(0.0)
    assert hub.complaint == f"Camera: {MISSING}"


# ---- the real thing: pytest -m camera, after `antiphon camera` -------------------------------------------------------


def really_seen(picture: str, channel: str) -> Glimpse:
    """What MediaPipe says of a picture beside this file, once it says something of ``channel``."""
    assert python() is not None, "run `antiphon camera` first"
    camera = Camera()
    settings = replace(camera.table.defaults, on=True, file=str(Path(__file__).parent / picture), mirror=False)
    camera.table = SettingsTable("the camera", settings, "[camera]", camera.table.fields)
    hub = Hub(FakeLink.demo())
    hub.add(camera)
    hub.begin()
    with closing(hub):
        wait(lambda: channel in hub.features(), 60.0)
        seen = camera.glimpse
        assert seen is not None
        return seen


@pytest.mark.camera
def test_a_real_face_is_found_and_smiles() -> None:
    """Eileen Collins, photographed by NASA (public domain)."""
    seen = really_seen("astronaut.jpg", "camera/face/smile")
    assert seen.levels["face/smile"] > 0.6
    assert seen.levels["face/mouth"] < 0.4
    assert seen.levels["face/yaw"] == pytest.approx(0.5, abs=0.1)
    assert seen.width * seen.height * 3 == len(seen.picture) > 0


@pytest.mark.camera
def test_a_flat_hand_is_found() -> None:
    """A hand drawn by code."""
    seen = really_seen("hand.jpg", "camera/hand/x")
    assert seen.levels["hand/x"] == pytest.approx(0.5, abs=0.1)
    assert seen.levels["hand/grip"] < 0.3
