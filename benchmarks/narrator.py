"""What the narrator costs beside a choir: late characters, how often it is done in time, and milliseconds a letter.

A real server plays with every voice awake, heard from another process over UDP, first without the narrator and then
with it, for each number of voices that is asked for. Then the narrator reads letters that a voice wrote, alone and by
the processor's clock. Runs on the caller's thread.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clock import SETTLE_S
from benchmarks.machine import Datagram, ServerListener, describe, listener, percentile, resident_mb, server
from models import voice_folders
from models.interface import Voices, finish
from models.ngram.text_file import RememberedText
from models.ngram.voices import ALONE
from models.transformer import load as transformer
from protocol.alphabet import WORD_TONGUE
from protocol.messages import Card, Char, Narrator, Set, Status
from protocol.tree import AS_THE_MIX, on_address, tongue_address, weight_address

SENSE, RATE = "/mix/sense", 15.0
READY_S = 45.0  # seconds that the narrator may take to read what there is of the text, on a slow machine
READ_CHARS = 400
INSTANT = "harbour"  # what the instant voice of the scene of all kinds is called
KINDS = {"austen": 0.0, "lovesongs": 0.0, "homer": 1.0, INSTANT: AS_THE_MIX}  # who plays in it: the share of words
SAMPLE = (
    "It was a bright cold morning, and the old man had walked down to the harbour before anybody else was awake. "
    "He looked at the boats for a long time. 'You will not go out today,' said his daughter behind him, \"for the wind "
    'has turned, and there is nobody to help you with the nets." He answered nothing. In 1893, when he was young, they '
    "had all gone out in worse weather; but he knew, as she did, that it was another man who had done so.\n"
)


def measure(seconds: float = 60.0, voices: tuple[int, ...] = (24, 7, 3), sense: float = 0.5) -> dict[str, Any]:
    """One JSON object: for each number of voices, without the narrator and with it, what came late, and its part."""
    voice_folders.installed_narrator()
    rows = [_played(playing, share, seconds) for playing in map(_first, voices) for share in (0.0, sense)]
    return {"benchmark": "narrator", "machine": describe(), "rate": RATE, "rows": rows, **_letters()}


def measure_kinds(seconds: float = 300.0, sense: float = 0.5) -> dict[str, Any]:
    """The same of one scene of every kind: two styles of letters, one of words, an instant voice, and the narrator."""
    voice_folders.installed_narrator()
    with tempfile.TemporaryDirectory(prefix="antiphon-bench-") as folder:
        weights = Path(folder)
        for path in voice_folders.shipped_folder().iterdir():
            (weights / path.name).symlink_to(path)
        codes = np.frombuffer(SAMPLE.encode(), np.uint8)
        RememberedText(INSTANT, codes, ALONE, {}).save(weights / f"{INSTANT}{voice_folders.SUFFIX}")
        row = _played(lambda cards: KINDS, sense, seconds, weights)
    return {"benchmark": "kinds", "machine": describe(), "rate": RATE, **row}


def _first(count: int) -> Callable[[list[Card]], Mapping[str, float]]:
    """Of those that introduce themselves the first ``count``, each with what its words say of it."""
    return lambda cards: {card.slug: AS_THE_MIX for card in cards[:count]}


def _played(
    choose: Callable[[list[Card]], Mapping[str, float]], sense: float, seconds: float, weights: Path | None = None
) -> dict[str, Any]:
    """``choose`` gives, of the voices that there are, those that play, each with its share of words."""
    with server(weights=weights) as playing, listener(playing.address) as listening:
        cards = listening.introductions()
        chosen = choose(cards)
        for card in cards:
            listening.send(Set(on_address(card.slug), card.slug in chosen), Set(weight_address(card.slug), 1.0))
            if WORD_TONGUE in card.tongues:
                listening.send(Set(tongue_address(card.slug, WORD_TONGUE), chosen.get(card.slug, AS_THE_MIX)))
        listening.send(Set("/mix/rate", RATE), Set(SENSE, 0.0))
        listening.wait_for_voices(len(chosen))
        list(listening.receive(SETTLE_S))
        listening.send(Set(SENSE, sense))
        joining = _join(listening) if sense > 0.0 else {}
        heard = list(listening.receive(seconds))
        memory = resident_mb(playing.pid)
        playing.stop()
    told = [message for one in heard for message in one.messages]
    parts = [message.part for message in told if isinstance(message, Narrator)]
    times = [one.at for one in heard if any(isinstance(message, Char) for message in one.messages)]
    jitter = [abs(later - earlier - 1.0 / RATE) for earlier, later in pairwise(times)]
    return {
        "voices": len(chosen),
        "sense": sense,
        "seconds": seconds,
        "characters": len(times),
        "late": _late(heard),
        "narrator_part": round(float(np.mean(parts)), 3) if parts else 0.0,
        "jitter_p99_ms": percentile(jitter, 0.99),
        "rss_mb": memory,
        **joining,
    }


def _late(heard: Sequence[Datagram]) -> int:
    """How many characters came late between the first and the last status of these."""
    late = [message.late for one in heard for message in one.messages if isinstance(message, Status)]
    return late[-1] - late[0] if late else 0


def _join(listening: ServerListener) -> dict[str, Any]:
    """The narrator's knob has just risen: how long until it keeps pace for the first time, and what came late."""
    began, heard = time.monotonic(), list[Datagram]()
    while time.monotonic() < began + READY_S:
        now = list(listening.receive(1.0))
        heard += now
        told = [message.part for one in now for message in one.messages if isinstance(message, Narrator)]
        if told and told[-1] > 0.5:
            break
    return {"joined_after_s": round(time.monotonic() - began, 1), "late_while_it_joined": _late(heard)}


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
