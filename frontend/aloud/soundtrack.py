"""The voice of a film: a take's words spoken where they ended, as one WAV. The caller's thread waits for it all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from frontend.aloud.engine import Engine
from frontend.aloud.sound import RATE, Sound, placed, wav
from frontend.aloud.voices import SpokenVoice, VoiceRow, cast
from frontend.aloud.words import FASTEST, USUAL, Collector, Saying, Unit
from protocol.atomic_file import write_atomically
from protocol.errors import ParameterError
from protocol.messages import Tint

MAX_TRACK_S = 4 * 3600.0
ROOM_SHARE = 0.9  # of the time to the next word that a word may take


Letter = tuple[float, str, Tint]  # when it was written, in seconds; an empty one: text was taken away


def sayings_of(letters: Iterable[Letter], voices: int, begin: float, end: float, unit: Unit) -> list[Saying]:
    """What was said when, in seconds from ``begin``."""
    collector, found = Collector(unit, voices), list[Saying]()
    for at, character, tint in letters:
        if at > end:
            break
        if not character:
            collector.clear()
            continue
        saying = collector.take(character, tint, at - begin)
        if saying is not None and saying.at >= 0.0:
            found.append(saying)
    return found


def track(sayings: Sequence[Saying], voices: Sequence[SpokenVoice], engine: Engine, seconds: float) -> Sound:
    """All of it in stereo: each begins where it ended in the text, and is spoken faster where the next comes soon."""
    sound = np.zeros((round(min(MAX_TRACK_S, seconds) * RATE), 2), np.float32)
    for saying, following in zip(sayings, [*sayings[1:], None], strict=True):
        voice = voices[saying.voice] if saying.voice is not None else SpokenVoice()
        spoken = engine.say(saying.text, voice, USUAL)
        room = ROOM_SHARE * (following.at - saying.at) if following is not None else len(spoken) / RATE
        if len(spoken) > room * RATE > 0.0:
            spoken = engine.say(saying.text, voice, min(FASTEST, USUAL * len(spoken) / (room * RATE)))
        start = round(saying.at * RATE)
        stereo = placed(spoken, voice.place)[: max(0, len(sound) - start)]
        sound[start : start + len(stereo)] += stereo
    return sound


def write_soundtrack(
    letters: Iterable[Letter],
    slugs: Sequence[str],
    path: Path,
    begin: float,
    end: float,
    engine: Engine,
    rows: Sequence[VoiceRow] = (),
    unit: Unit = "word",
) -> Path:
    """Write what the ``letters`` of the styles ``slugs`` say from second ``begin`` to ``end`` to ``path``.

    Raises ``ParameterError``.
    """
    if not begin < end < math.inf:
        raise ParameterError("there is nothing to speak in that part of the take")
    sayings = sayings_of(letters, len(slugs), begin, end, unit)
    write_atomically(path, wav(track(sayings, cast(slugs, rows), engine, end - begin)))
    return path
