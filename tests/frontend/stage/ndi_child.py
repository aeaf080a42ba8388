"""The stage by NDI to NDI's own receiver, in a process of its own: prints what came as JSON.

``python -m tests.frontend.stage.ndi_child FOLDER``: NDI looks at this machine alone, by a settings file put there.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontend.client.fake_link import FakeLink
from frontend.stage.feed import NdiFeed, run
from frontend.stage.staging import StageState
from protocol.messages import ShowStands
from protocol.tree import RUN

SIZE, FPS, PATIENCE_S, CUTS = (640, 360), 60.0, 60.0, 20
NAME = f"antiphon-{os.getpid()}"
HERE_ALONE = {"ndi": {"networks": {"ips": "127.0.0.1,", "discovery": ""}, "multicast": {"send": {"enable": False}}}}


class Mixer:
    """A video mixer that takes the source called ``NAME``."""

    def __init__(self) -> None:
        import cyndilib

        finder = cyndilib.Finder()
        finder.open()
        until = time.monotonic() + PATIENCE_S
        while not (found := [each for each in finder if NAME in each.name]):
            assert time.monotonic() < until, "NDI does not find its own source"
            finder.wait_for_sources(0.5)
        self._receiver = cyndilib.Receiver(
            color_format=cyndilib.RecvColorFormat.RGBX_RGBA, bandwidth=cyndilib.RecvBandwidth.highest
        )
        self._frame = cyndilib.VideoFrameSync()
        self._receiver.frame_sync.set_video_frame(self._frame)
        self._receiver.set_source(found[0])

    def picture(self) -> NDArray[np.uint8]:
        """What it shows now, (height, width, 4); nothing before the first."""
        self._receiver.frame_sync.capture_video()
        if not self._frame.get_data_size():
            return np.zeros((0, 0, 4), np.uint8)
        return np.array(self._frame, dtype=np.uint8).reshape(self._frame.yres, self._frame.xres, 4)

    def until(self, there: Callable[[NDArray[np.uint8]], bool]) -> tuple[NDArray[np.uint8], float]:
        """The first picture of which ``there`` is true, and when it came."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if there(shown := self.picture()):
                return shown, time.monotonic()
            time.sleep(0.001)
        raise AssertionError("it never came")


def _cut(link: FakeLink, mixer: Mixer, dark: bool) -> float:
    """The stage goes black, or comes back; in how many milliseconds the mixer shows that it begins to."""
    before = _cover(mixer.picture())
    asked = time.monotonic()
    link.deliver([ShowStands("", 0, dark, False, "look")])
    _, came = mixer.until(lambda shown: abs(_cover(shown) - before) > before // 50 + 500)
    mixer.until(lambda shown: bool((shown[..., 3] > 200).any()) != dark)
    time.sleep(0.4)  # until the veil has come or gone
    return round(1000 * (came - asked), 1)


def _cover(shown: NDArray[np.uint8]) -> int:
    return int(shown[..., 3].astype(np.int64).sum())


def main(folder: Path) -> None:
    (folder / "ndi-config.v1.json").write_text(json.dumps(HERE_ALONE))
    os.environ["NDI_CONFIG_DIR"] = str(folder)
    link, ending, report = FakeLink.demo(), threading.Event(), dict[str, object]()
    feed = NdiFeed(NAME, SIZE, FPS)

    def look() -> None:
        try:
            mixer = Mixer()
            shown, _ = mixer.until(lambda each: int((each[..., 3] > 200).sum()) > 500)
            report["size"], report["corner"] = [shown.shape[1], shown.shape[0]], shown[2, 2].tolist()
            letters = shown[shown[..., 3] > 250][:, :3]
            report["brightest"] = int(letters.max())
            link.set(RUN, False)
            time.sleep(1.0)
            ages = []
            for cut in range(CUTS):
                ages.append(_cut(link, mixer, dark=cut % 2 == 0))
                if cut == 0:
                    report["black"] = int(mixer.picture()[..., 3].max())
            report["ages_ms"] = sorted(ages)
        finally:
            ending.set()

    looking = threading.Thread(target=look)
    looking.start()
    run(link, StageState(), SIZE, FPS, feed, ending.is_set)
    looking.join()
    print(json.dumps(report))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
