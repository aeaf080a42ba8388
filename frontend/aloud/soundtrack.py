"""The voice of a film: a take's words spoken where they ended, as one WAV. The caller's thread waits for it all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from frontend.aloud.engine import Engine
from frontend.aloud.sound import RATE, Sound, placed, wav
from frontend.aloud.voices import SpokenVoice, VoiceRow, cast
from frontend.aloud.words import FASTEST, USUAL, Collector, Saying, Unit
from protocol.atomic_file import write_atomically
from protocol.errors import ParameterError
from protocol.messages import Card, Char, Message

MAX_TRACK_S = 4 * 3600.0
ROOM_SHARE = 0.9  # of the time to the next word that a word may take


def sayings_of(
    messages: Iterable[tuple[float, Sequence[Message]]], begin: float, end: float, unit: Unit
) -> tuple[list[Saying], list[str]]:
    """What was said when, in seconds from ``begin``, and the styles' slugs."""
    cards: dict[int, Card] = {}
    collector, found, epoch = Collector(unit, 0), list[Saying](), -1
    for at, told in messages:
        if at > end:
            break
        for message in told:
            if isinstance(message, Card):
                cards[message.index] = message
                collector.voices = len(cards)
            if not isinstance(message, Char):
                continue
            if message.epoch != epoch:
                collector.clear()
                epoch = message.epoch
            saying = collector.take(message.character, message.tints[-1], at - begin)
            if saying is not None and saying.at >= 0.0:
                found.append(saying)
    return found, [cards[index].slug for index in sorted(cards)]


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
    messages: Iterable[tuple[float, Sequence[Message]]],
    path: Path,
    begin: float,
    end: float,
    engine: Engine,
    rows: Sequence[VoiceRow] = (),
    unit: Unit = "word",
) -> Path:
    """Write what ``messages`` said from second ``begin`` to ``end`` to ``path``, spoken. Raises ``ParameterError``."""
    last = 0.0

    def noted() -> Iterable[tuple[float, Sequence[Message]]]:
        nonlocal last
        for at, told in messages:
            last = at
            yield at, told

    sayings, slugs = sayings_of(noted(), begin, end, unit)
    seconds = min(end, last) - begin
    if seconds <= 0.0:
        raise ParameterError("there is nothing to speak in that part of the take")
    write_atomically(path, wav(track(sayings, cast(slugs, rows), engine, seconds)))
    return path
