"""The camera's own process: looks, finds a hand and a face with MediaPipe, and tells on standard output what they say.

    python eyes.py --source 0 --look both [--mirror]

It runs in an environment of its own (``frontend.inputs.camera.install``), since MediaPipe 0.10.21, the last that brings
its models along, wants older companions than the rest; so it imports nothing of the house but its neighbours ``sight``
and ``glimpse``, which need the standard library alone. A source is a camera's number, or a picture's or a film's file,
which is shown again and again. It ends when nobody reads any more.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

if __name__ == "__main__":  # the house comes last: this environment's own packages are meant
    sys.path[:1] = []
    sys.path.append(str(Path(__file__).parents[3]))

from frontend.inputs.camera import features

MAX_PICTURES_PER_S = 30.0  # pictures a second at most
STILL_PICTURES_PER_S = 10.0  # of a picture from a file
SHOWN_WIDTH = 320  # pixels that the picture is wide, on the screen
PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
NEEDS = "MediaPipe 0.10.21 is needed (newer ones bring no models): run `antiphon camera`"
DOT = (255, 92, 158)  # RGB, the puck's pink


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", default="0")
    parser.add_argument("--look", choices=("hand", "face", "both"), default="both")
    parser.add_argument("--mirror", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is for the whole group of processes: no word of it here
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no glimpse
    try:
        run(pipe, options.source, options.look, options.mirror)
    except BrokenPipeError:
        os._exit(0)  # nobody reads any more; MediaPipe's threads are not waited for
    except Exception as error:
        features.put(pipe, features.Glimpse(trouble=str(error) or type(error).__name__))
        os._exit(1)


def run(pipe: BinaryIO, source: str, look: str, mirror: bool) -> None:
    """Look until nobody reads any more. Raises ``OSError`` or ``RuntimeError`` with a line for the performer."""
    try:
        import cv2
        import mediapipe

        solutions = mediapipe.solutions
    except (ImportError, AttributeError) as error:
        raise RuntimeError(f"{NEEDS} ({error})") from None
    hands = solutions.hands.Hands(max_num_hands=1, model_complexity=0) if look != "face" else None
    faces = solutions.face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=True) if look != "hand" else None
    for picture in pictures(cv2, source):
        began = time.perf_counter()
        seen = cv2.cvtColor(cv2.flip(picture, 1) if mirror else picture, cv2.COLOR_BGR2RGB)
        aspect = seen.shape[1] / seen.shape[0]
        levels: dict[str, float] = {}
        dots: list[tuple[float, float]] = []
        for model, name, kind, read in (
            (hands, "multi_hand_landmarks", "hand", features.hand),
            (faces, "multi_face_landmarks", "face", features.face),
        ):
            found = getattr(model.process(seen), name) if model is not None else None
            if found:
                points = [(each.x, each.y, each.z) for each in found[0].landmark]
                levels |= {f"{kind}/{said}": level for said, level in read(points, aspect).items()}
                dots += [(x, y) for x, y, _ in points]
        shown = small(cv2, seen, dots)
        spent = 1000 * (time.perf_counter() - began)
        features.put(pipe, features.Glimpse(levels, shown.shape[1], shown.shape[0], shown.tobytes(), "", spent))


def small(cv2: Any, seen: Any, dots: list[tuple[float, float]]) -> Any:
    """The picture as it is shown, with its landmarks."""
    height = max(1, min(features.MAX_PICTURE_SIDE, round(SHOWN_WIDTH * seen.shape[0] / seen.shape[1])))
    shown = cv2.resize(seen, (SHOWN_WIDTH, height), interpolation=cv2.INTER_AREA)
    for x, y in dots:
        if 0.0 <= x < 1.0 and 0.0 <= y < 1.0:
            cv2.circle(shown, (int(x * SHOWN_WIDTH), int(y * height)), 1, DOT, -1)
    return shown


def pictures(cv2: Any, source: str) -> Iterator[Any]:
    """(h, w, 3) BGR, one after the other, no faster than they are wanted."""
    if source.lower().endswith(PICTURES):
        still = cv2.imread(source)
        if still is None:
            raise OSError(f"the picture {source} cannot be read")
        while True:
            yield still
            time.sleep(1 / STILL_PICTURES_PER_S)
    is_camera = source.isdecimal()
    capture = cv2.VideoCapture(int(source) if is_camera else source)
    if not capture.isOpened():
        raise OSError(f"there is no camera {source}" if is_camera else f"the film {source} cannot be read")
    if is_camera:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, 640)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, 480)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest picture, not the oldest that waits
    due, empty = time.monotonic(), 0
    while True:
        there, picture = capture.read()
        if there:
            empty = 0
            yield picture
        elif is_camera or empty > 1:
            raise OSError("the camera was unplugged" if is_camera else f"the film {source} cannot be read")
        else:
            empty += 1
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)  # again from the beginning
        due = max(due + 1 / MAX_PICTURES_PER_S, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    main()
