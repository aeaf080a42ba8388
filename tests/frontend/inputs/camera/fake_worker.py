"""The camera's process without a camera: a face whose mouth opens and shuts, told as ``frontend.inputs.camera.worker``
tells it.

Its source says how it ends: "dies" after ten glimpses, "refuses" at once with a line, "babbles" what is no glimpse.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[4]))

from frontend.inputs.camera.features import Glimpse, put

SIDE = 4


def main(source: str) -> None:
    pipe = os.fdopen(1, "wb")
    if source == "refuses":
        put(pipe, Glimpse(trouble="there is no camera 7"))
        return
    if source == "babbles":
        pipe.write(b"\xff" * 64)
        pipe.flush()
    for number in range(10 if source == "dies" else 100_000):
        mouth = (number % 50) / 50
        put(pipe, Glimpse({"face/mouth": mouth, "hand/x": 0.5}, SIDE, SIDE, bytes(3 * SIDE * SIDE), "", 5.0))
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("--source") + 1])
