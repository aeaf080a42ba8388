"""What the narrator costs beside a choir: late characters, how often it is done in time, and milliseconds a letter.

A real server plays with every voice awake, heard from another process over UDP, first without the narrator and then
with it, for each number of voices that is asked for. Then the narrator reads letters that a voice wrote, alone and by
the processor's clock. Runs on the caller's thread.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.clock import SETTLE_S
from benchmarks.machine import ServerListener, describe, listener, percentile, resident_mb, server
from models import voice_folders
from models.interface import Voices, finish
from models.transformer import load as transformer
from protocol.messages import Char, Narrator, Set, Status
from protocol.tree import on_address, weight_address

SENSE, RATE = "/mix/sense", 15.0
READY_S = 45.0  # seconds that the narrator may take to read what there is of the text, on a slow machine
READ_CHARS = 400
SAMPLE = (
    "It was a bright cold morning, and the old man had walked down to the harbour before anybody else was awake. "
    "He looked at the boats for a long time. 'You will not go out today,' said his daughter behind him, \"for the wind "
    'has turned, and there is nobody to help you with the nets." He answered nothing. In 1893, when he was young, they '
    "had all gone out in worse weather; but he knew, as she did, that it was another man who had done so.\n"
)


def measure(seconds: float = 60.0, voices: tuple[int, ...] = (24, 7, 3), sense: float = 0.5) -> dict[str, Any]:
    """One JSON object: for each number of voices, without the narrator and with it, what came late, and its part."""
    voice_folders.installed_narrator()
    rows = [_played(count, share, seconds) for count in voices for share in (0.0, sense)]
    return {"benchmark": "narrator", "machine": describe(), "rate": RATE, "rows": rows, **_letters()}


def _played(count: int, sense: float, seconds: float) -> dict[str, Any]:
    with server() as playing, listener(playing.address) as listening:
        cards = listening.introductions()
        for place, card in enumerate(cards):
            listening.send(Set(on_address(card.slug), place < count), Set(weight_address(card.slug), 1.0))
        listening.send(Set("/mix/rate", RATE), Set(SENSE, sense))
        listening.wait_for_voices(min(count, len(cards)))
        _wait_for_narrator(listening, sense)
        list(listening.receive(SETTLE_S))
        heard = list(listening.receive(seconds))
        memory = resident_mb(playing.pid)
        playing.stop()
    told = [message for one in heard for message in one.messages]
    parts = [message.part for message in told if isinstance(message, Narrator)]
    late = [message.late for message in told if isinstance(message, Status)]
    times = [one.at for one in heard if any(isinstance(message, Char) for message in one.messages)]
    jitter = [abs(later - earlier - 1.0 / RATE) for earlier, later in pairwise(times)]
    return {
        "voices": min(count, len(cards)),
        "sense": sense,
        "characters": len(times),
        "late": late[-1] - late[0],
        "narrator_part": round(float(np.mean(parts)), 3) if parts else 0.0,
        "jitter_p99_ms": percentile(jitter, 0.99),
        "rss_mb": memory,
    }


def _wait_for_narrator(listening: ServerListener, sense: float) -> None:
    """Until it has come to the text's end for the first time, if it can."""
    until = time.monotonic() + READY_S
    while sense > 0.0 and time.monotonic() < until:
        told = [message for one in listening.receive(1.0) for message in one.messages if isinstance(message, Narrator)]
        if told and told[-1].part > 0.5:
            return


def _letters() -> dict[str, Any]:
    """The processor's milliseconds for a letter, read alone by the network itself, and leaned by all adapters."""
    adapters = voice_folders.adapters()
    narrator = transformer.load([voice_folders.installed_narrator(), *adapters.values()], "cpu", lambda line: None)
    found: dict[str, Any] = {"letter_ms": _read(narrator), "adapters": len(narrator.adapted)}
    if narrator.adapted:
        narrator.lean(dict.fromkeys(narrator.adapted, 1.0))
        found["leaned_letter_ms"] = _read(narrator)
    return found


def _read(voices: Voices) -> dict[str, float]:
    voices.reset([0])
    finish(voices, 0)
    times = []
    for code in SAMPLE.encode()[:READ_CHARS]:
        began = time.process_time()
        voices.step(code, [0])
        finish(voices, 0)
        times.append(time.process_time() - began)
    return {
        "p50": percentile(times, 0.5),
        "mean": round(1e3 * float(np.mean(times)), 2),
        "p99": percentile(times, 0.99),
    }
