"""The engine that speaks: a separate program, called for each word, which writes a WAV to its standard output.

eSpeak NG by default; any other by a command line with ``{text}``, ``{voice}``, ``{pitch}`` and ``{speed}`` (words a
minute) in it. Never by a shell, so that no text is a command. The caller's thread, which waits for it.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

from frontend.aloud.sound import Sound, read_wav, trimmed
from frontend.aloud.voices import SpokenVoice
from protocol.errors import ParameterError

PROGRAM = "espeak-ng"
ESPEAK = (PROGRAM, "--stdout", "-v", "{voice}", "-p", "{pitch}", "-s", "{speed}", "--", "{text}")
TIMEOUT_S = 10.0
MISSING = f"{PROGRAM} is not installed: apt install {PROGRAM}, brew install espeak-ng, or name another engine in a file"
HOLES = ("text", "voice", "pitch", "speed")


class Engine:
    """Raises ``ParameterError`` where the program of ``command`` is not there, or where no text goes in."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = tuple(command) or ESPEAK
        if shutil.which(self._command[0]) is None:
            missing = MISSING if self._command[0] == PROGRAM else f"there is no program {self._command[0][:60]!r}"
            raise ParameterError(missing)
        if not any("{text}" in word for word in self._command):
            raise ParameterError("an engine's command line is to have {text} in it")

    def say(self, text: str, voice: SpokenVoice, words_per_minute: float) -> Sound:
        """``text`` spoken, mono, without silence around it. Raises ``ParameterError`` where the engine fails."""
        values = {"text": text, "voice": voice.voice, "pitch": str(voice.pitch), "speed": str(round(words_per_minute))}
        words = [_filled(word, values) for word in self._command]
        try:
            ran = subprocess.run(words, capture_output=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ParameterError(f"the engine {self._command[0]} does not speak: {error}"[:200]) from None
        if ran.returncode or not ran.stdout:
            said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ParameterError(
                f"the engine {self._command[0]} does not speak: {(said or ['it says nothing'])[-1]}"[:200]
            )
        return trimmed(read_wav(ran.stdout))


def _filled(word: str, values: dict[str, str]) -> str:
    """``word`` with its holes filled, once: a text that has braces of its own stays as it is."""
    for hole in HOLES:
        if "{" + hole + "}" in word:
            before, _, behind = word.partition("{" + hole + "}")
            return before + values[hole] + _filled(behind, values)
    return word
