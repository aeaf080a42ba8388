"""A text that is pasted into the window, or dropped on it, becomes a voice by ``antiphon listen``, in its own process.

The voice is made where voices lie, on this machine, and a server that runs here takes it in by itself. So this is only
offered beside such a server. ``hear`` and ``poll`` belong to the UI thread; the process is waited for on a thread.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from protocol.networks import is_loopback

LEAST_CHARS = 200  # of a text that is pasted; what is shorter is a beginning to be read
MOST_BYTES = 20_000_000  # of a text
TIMEOUT_S = 120.0
REFUSAL_CHARS = 200  # of a line that says why it failed


@dataclass(frozen=True)
class Heard:
    """What became of a text: the slug of its voice, or why there is none."""

    slug: str = ""
    characters: int = 0
    trouble: str = ""


class TextListener:
    """One text at a time. ``program`` is the command line's words; without any nothing is offered."""

    def __init__(self, program: Sequence[str] = (), host: str = "") -> None:
        """``host`` is where the server runs."""
        self._program, self._host = tuple(program), host
        self._thread: threading.Thread | None = None
        self._heard: Heard | None = None
        self.name = ""  # of the text that is being heard

    def hear(self, text: str) -> str:
        """Begin to make a voice of a text; a line that says what is done."""
        data = text.encode("utf-8", "replace")
        if len(data) > MOST_BYTES:
            return f"the text has {len(data):,} bytes: {MOST_BYTES:,} at most"
        return self._begin("-", data, "the text")

    def hear_file(self, path: Path) -> str:
        """The same of a file, which gives the voice its name."""
        return self._begin(str(path.absolute()), b"", path.name)

    def poll(self) -> Heard | None:
        """What became of the text, once."""
        heard, self._heard = self._heard, None
        if heard is not None:
            self._thread = None
        return heard

    def _begin(self, source: str, data: bytes, name: str) -> str:
        if not self._program:
            return "no text can be heard here"
        if not (is_loopback(self._host) or self._host == "localhost"):
            return f"a voice is made where the server runs: antiphon listen FILE, on {self._host}"
        if self._thread is not None:
            return f"one text after the other: {self.name} is being heard"
        self.name = name
        self._thread = threading.Thread(target=self._listen, args=(source, data), name="listener", daemon=True)
        self._thread.start()
        return f"{name} is being heard: a voice in a moment"

    def _listen(self, source: str, data: bytes) -> None:
        words = [*self._program, "listen", "--json", "--", source]
        try:
            done = subprocess.run(words, input=data, capture_output=True, timeout=TIMEOUT_S, check=False)
            if done.returncode == 0:
                made = json.loads(done.stdout)
                self._heard = Heard(str(made["slug"]), int(made["characters"]))
                return
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            trouble = lines[-1] if lines else f"antiphon listen ended with {done.returncode}"
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
            trouble = f"antiphon listen: {error}"
        self._heard = Heard(trouble=trouble[:REFUSAL_CHARS])
