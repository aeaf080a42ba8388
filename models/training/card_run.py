"""Base and voices on one accelerator within a few minutes: texts on the card, hundreds of streams, voices side by side.

The base goes on from its state in hundreds of streams, its rate falls at the end, then all voices learn from it at
once: each has its own network and optimiser, as small a batch as it has on a processor, and a CUDA stream of its own,
so that the card works on several while Python only queues updates, in turn. Nothing waits for the card but an
examination. The same code runs on a processor, one voice's update after the other's; the tests do that. Runs on the
caller's thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import torch

from models.char_lstm.weights_file import VoiceWeights
from models.training.base_run import BaseRun
from models.training.long_run import LongRunConfig
from models.training.train_voice import (
    BY_HEART_READINGS,
    CHARS_PER_MINUTE,
    CODE_SHARE,
    SMALL_TEXT_CHARS,
    TrainingResult,
    VoiceRun,
    begin_voice,
    conclude_voice,
    voice_config,
)
from models.training.trainer import EXAMINATIONS_PER_RUN
from protocol.errors import AntiphonError

HOLD_SHARE, DECAY_SHARE, VOICES_SHARE = 0.32, 0.13, 0.47  # of the minutes given; the rest goes into files
BASE_CONFIG = LongRunConfig(texts=512, peak=8e-3, warmup_updates=200, half_life_chars=32_768_000)
VOICE_CHARS = 3_500_000  # a voice is to read
CODE_CHARS = 8_000_000  # a voice of code

Lane = Callable[[], AbstractContextManager[object]]
Say = Callable[[str], None]
Clock = Callable[[], float]


def wanted_chars(slug: str, chars: int) -> int:
    """How many characters the voice ``slug`` is to read of its text of ``chars``."""
    if chars < SMALL_TEXT_CHARS:
        return round(min(VOICE_CHARS, BY_HEART_READINGS * chars))
    return CODE_CHARS if slug in CODE_SHARE else VOICE_CHARS


def make_base_on_card(run: BaseRun, minutes: float, path: Path, stop: Callable[[], bool]) -> TrainingResult | None:
    """Hold, then decay, in the base's share of ``minutes``; None where it was stopped."""
    before = run.chars
    run.hold(stop, HOLD_SHARE * minutes, every_s=30.0)
    read = max(run.chars - before, 1)
    return run.decay(round(read * DECAY_SHARE / HOLD_SHARE), path, stop, every_s=30.0)


def begin_voices(
    texts: Mapping[str, str], base: VoiceWeights, device: str, say: Say, clock: Clock = time.monotonic
) -> list[VoiceRun]:
    """A run for every text; one that cannot begin is said and left out."""
    runs = []
    for slug, text in texts.items():
        chars = wanted_chars(slug, len(text))
        config = replace(voice_config(len(text), chars / CHARS_PER_MINUTE), chars=chars)
        try:
            runs.append(begin_voice(slug, text, config, base, base.shape, device, clock, on_device=True))
        except AntiphonError as error:
            say(f"{slug}: {error}")
    return runs


def train_together(
    runs: Sequence[VoiceRun], seconds: float, stop: Callable[[], bool], say: Say, clock: Clock = time.monotonic
) -> None:
    """Let all ``runs`` learn side by side, until each has read what its config says or the seconds are over.

    The schedule follows whichever comes first, so that the rates have fallen when time is short, too. Each then holds
    the best weights that its examinations saw.
    """
    began, examined = clock(), 0
    lanes = [_lane(run) for run in runs]
    most = max(run.trainer.config.chars for run in runs)
    credit = [0.0] * len(runs)
    share = 0.0
    while share < 1.0 and not stop():
        for index, run in enumerate(runs):
            credit[index] += run.trainer.config.chars / most
            if credit[index] >= 1.0:
                credit[index] -= 1.0
                with lanes[index]():
                    run.trainer.advance(share)
        spent = clock() - began
        read = sum(run.trainer.chars for run in runs) / sum(run.trainer.config.chars for run in runs)
        share = min(1.0, max(spent / seconds, read))
        if share * EXAMINATIONS_PER_RUN >= examined + 1 or share >= 1.0:
            examined = int(share * EXAMINATIONS_PER_RUN)
            say(_examine(runs, lanes, spent))
    if share < 1.0:
        say(_examine(runs, lanes, clock() - began))
    for run in runs:
        run.trainer.keep_best()


def conclude_voices(runs: Iterable[VoiceRun], path_of: Callable[[str], Path]) -> dict[str, TrainingResult]:
    """Compare every voice with the one that stands where it belongs, and keep the better."""
    return {run.slug: conclude_voice(run, path_of(run.slug)) for run in runs}


def _examine(runs: Sequence[VoiceRun], lanes: Sequence[Lane], spent: float) -> str:
    bits = []
    for run, lane in zip(runs, lanes, strict=True):
        run.trainer.seconds = spent
        with lane():
            bits.append(run.trainer.examine_and_keep())
    read = sum(run.trainer.chars for run in runs)
    return (
        f"{len(runs)} voices: {read / 1e6:,.1f} million characters at {read / max(spent, 1e-9):,.0f} a second, "
        f"{sum(bits) / len(bits):.4f} bits held out in the mean"
    )


def _lane(run: VoiceRun) -> Lane:
    """Where a voice's work is queued: a CUDA stream of its own, which begins after all that was queued before."""
    device = run.trainer.learner.device
    if device.type != "cuda":
        return nullcontext
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream(device))
    return lambda: torch.cuda.stream(stream)
