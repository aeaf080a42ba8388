"""The camera: a hand is the puck, a face's mouth, smile, brows and turn are channels.

Channels, 0 to 1: ``camera/hand/`` x, y, grip, pinch; ``camera/face/`` x, y, mouth, smile, brow, yaw, pitch, roll. A
process of its own looks (``frontend.inputs.camera.worker``), so that no frame waits for it and it may fall over by
itself; a reader thread keeps its last glimpse. The hands' thread; ``glimpse`` may be read from any.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from frontend.config.setting_fields import SettingsTable, choice, flag, whole
from frontend.inputs.bindings import Binding
from frontend.inputs.camera import features, install, worker
from frontend.inputs.camera.features import Glimpse
from frontend.inputs.channels import SHAPING_FIELDS, Reading, Shaping
from frontend.inputs.interface import Wake
from protocol.errors import LinkError

NO_FILE = "none"
NO_PICTURE_S = 0.5  # seconds without a glimpse after which nobody is there
RESTART_AFTER_S = 2.0  # seconds before a process that ended is begun anew
MISSING = "the camera needs MediaPipe: run `antiphon camera` once"


@dataclass(frozen=True)
class CameraSettings(Shaping):
    device: int = 0
    look: Literal["both", "hand", "face"] = "both"
    mirror: bool = True
    file: str = NO_FILE


TABLE = SettingsTable(
    "the camera",
    CameraSettings(),
    "[camera]",
    (
        *SHAPING_FIELDS,
        whole("device", "camera", "camera", "which one, counted from 0", 0, 15, 1.0),
        choice("look", "looks for", "camera", "what is looked for; less is quicker", "both", "hand", "face"),
        flag("mirror", "mirror", "camera", "right is the performer's right"),
        choice("file", "", "", ""),
    ),
)
READY = (Binding("camera/hand/x", "/puck.x"), Binding("camera/hand/y", "/puck.y"))


class Camera:
    """The way in for hand and face. ``python`` runs ``script``; None: the one that `antiphon camera` made."""

    key, name, table = "camera", "Camera", TABLE
    ready: Sequence[Binding] = READY

    def __init__(self, python: Path | None = None, script: Path = Path(worker.__file__)) -> None:
        self._python, self._script = python, script
        self._command: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._wake: Wake = lambda: None
        self._ended_at = 0.0
        self._latest: tuple[float, Glimpse] | None = None
        self._seen: set[str] = set()
        self._trouble = ""

    @property
    def glimpse(self) -> Glimpse | None:
        """What was seen last; None while nothing is. Any thread."""
        latest = self._latest
        return latest[1] if latest is not None and time.monotonic() - latest[0] < NO_PICTURE_S else None

    @property
    def status(self) -> str:
        if not self._command:
            return ""
        seen = self.glimpse
        if seen is None:
            return "opening"
        kinds = sorted({name.split("/")[0] for name in seen.levels})
        return f"{' and '.join(kinds) or 'nobody'}, {seen.ms:.0f} ms a picture"

    @property
    def complaint(self) -> str:
        return self._trouble

    def start(self, settings: CameraSettings, wake: Wake) -> None:
        python = self._python or install.python()
        if python is None:
            raise LinkError(MISSING)
        source = str(settings.device) if settings.file == NO_FILE else settings.file
        self._command = [str(python), str(self._script), "--source", source, "--look", settings.look]
        self._command += ["--mirror"] if settings.mirror else []
        self._wake, self._trouble = wake, ""
        self._open()

    def poll(self, now: float) -> Iterator[Reading]:
        if self._process is not None and self._thread is not None and not self._thread.is_alive():
            self._end()
            self._ended_at = now
        if self._process is None and self._command and now - self._ended_at > RESTART_AFTER_S:
            self._open()
        seen = self.glimpse
        levels = {} if seen is None else seen.levels
        for name in sorted(self._seen | levels.keys()):
            yield Reading(
                f"{self.key}/{name}", levels.get(name), features.REST_LEVELS.get(name.rpartition("/")[2], 0.0)
            )
        self._seen = set(levels)

    def sockets(self) -> Sequence[socket.socket]:
        return ()

    def stop(self) -> None:
        self._command = []
        self._end()
        self._latest, self._seen, self._trouble = None, set(), ""

    def _open(self) -> None:
        try:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            self._process, self._command = None, []
            raise LinkError(f"the camera's process does not start ({error.strerror}): run `antiphon camera`") from None
        assert self._process.stdout is not None
        self._thread = threading.Thread(
            target=self._read, args=(self._process.stdout,), name="antiphon camera", daemon=True
        )
        self._thread.start()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if self._thread is not None:
                self._thread.join(timeout=2.0)
            if process.stdout is not None:
                process.stdout.close()

    def _read(self, pipe: BinaryIO) -> None:
        with contextlib.suppress(ValueError, OSError):
            while (seen := features.get(pipe)) is not None:
                self._trouble = seen.trouble
                if not seen.trouble:
                    self._latest = (time.monotonic(), seen)
                self._wake()
