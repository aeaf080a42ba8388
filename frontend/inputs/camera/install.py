"""The environment that the camera's process runs in: made once, by ``antiphon camera``, in the user's data folder.

MediaPipe 0.10.21 is the last that brings its models along. Its wheel asks for older versions of numpy and protobuf than
the rest of the house has, so it gets a folder of its own, and those of its companions that it really uses.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from frontend.config.user_files import data_folder
from protocol.errors import AntiphonError

MEDIAPIPE = "mediapipe==0.10.21"
COMPANIONS = (
    "numpy==2.4.6",
    "opencv-python-headless==4.11.0.86",
    "protobuf==4.25.9",
    "absl-py==2.5.1",
    "attrs==26.1.0",
    "flatbuffers==25.12.19",
    "matplotlib==3.11.2",
    "sounddevice==0.5.6",
)
DOWNLOAD = "about 130 MB"


def folder() -> Path:
    return data_folder() / "camera"


def python() -> Path | None:
    """The environment's Python; None where it was not made."""
    for place in ("bin/python", "Scripts/python.exe"):
        if (folder() / place).exists():
            return folder() / place
    return None


def install(say: Callable[[str], None], maker: str = sys.executable) -> None:
    """Make the environment with the Python ``maker``, anew where there is one. Raises ``AntiphonError``."""
    say(f"installing MediaPipe and OpenCV ({DOWNLOAD}) into {folder()}")
    _run([maker, "-m", "venv", "--clear", str(folder())])
    pip = [str(python()), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _run([*pip, *COMPANIONS])
    _run([*pip, "--no-deps", MEDIAPIPE])


def _run(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        why = next((line for line in ran.stderr.splitlines() if "ERROR" in line), ran.stderr.strip()[-200:])
        raise AntiphonError(
            f"the camera's environment could not be made ({why}); {MEDIAPIPE} runs on Python 3.9 to 3.12: "
            "name one with `antiphon camera --python python3.12`"
        )
