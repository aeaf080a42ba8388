"""Whether every voice reads as it did when it was made, and how much time a character leaves. Caller's thread."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.doctor.findings import Finding, Level
from benchmarks.machine import percentile
from models import voice_folders
from models.interface import Voices
from protocol.errors import VoiceError

TOPIC = "voices"
TIMED_STEPS = 200  # measured
TICK_MS = 50.0  # ms: 20 characters a second
COMFORTABLE_SHARE, BEARABLE_SHARE = 0.3, 0.7  # of a tick


def examine() -> list[Finding]:
    """All voices on the shelf: their golden vectors, then a step of all of them together."""
    from models.loading import load_voices

    complaints: list[str] = []
    paths = list(voice_folders.voices().values())
    try:
        choir = load_voices(paths, complain=complaints.append)
    except VoiceError as error:
        return [Finding(TOPIC, Level.BAD, str(error), "get the folder models/weights again, or train voices")]
    found = [Finding(TOPIC, Level.WARN, line, "get the file again, or `antiphon train` it") for line in complaints]
    found.append(_counted(choir, paths, complaints))
    times = step_times(choir)
    found.append(judge_step(percentile(times, 0.5), percentile(times, 0.99), len(choir.slugs)))
    return found


def _counted(choir: Voices, paths: Iterable[Path], complaints: Iterable[str]) -> Finding:
    all_there = len(choir.slugs) == len(list(paths)) and not list(complaints)
    words = f"{len(choir.slugs)} voices answer their golden vectors"
    return Finding(TOPIC, Level.GOOD if all_there else Level.WARN, words)


def step_times(choir: Voices, steps: int = TIMED_STEPS) -> list[float]:
    """Seconds that each of ``steps`` characters takes with every voice awake."""
    every = range(len(choir.slugs))
    times = []
    for code in (b"it was the best of times " * (steps // 25 + 1))[:steps]:
        began = time.perf_counter()
        choir.step(code, every)
        times.append(time.perf_counter() - began)
    return times


def judge_step(median_ms: float, p99_ms: float, voices: int) -> Finding:
    """What a step of all voices means at 20 characters a second."""
    words = f"a character costs {median_ms:.1f} ms with all {voices} awake, {p99_ms:.1f} ms at worst in a hundred"
    if p99_ms < COMFORTABLE_SHARE * TICK_MS:
        return Finding(TOPIC, Level.GOOD, f"{words}: 20 a second leave room")
    if p99_ms < BEARABLE_SHARE * TICK_MS:
        return Finding(TOPIC, Level.NOTE, f"{words}: enough for 20 a second", "close other programs before the show")
    rate = max(1.0, 1_000.0 * BEARABLE_SHARE / p99_ms)
    return Finding(
        TOPIC,
        Level.WARN,
        f"{words}: 20 a second will be late",
        f"play at {rate:.0f} a second or fewer, or fewer voices; close other programs",
    )
