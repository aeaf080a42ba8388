"""How many characters a second many texts get together: all voices awake in each, one network step shared by all.

    one core     the texts step together on one thread
    all cores    the same, with a thread for every core
    processes    as many processes as there are texts, each with voices of its own, all at once (few texts only: each
                 takes the memory of a whole server)

The weights are random: time does not depend on them. Runs on the caller's thread, and starts processes of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import describe, in_turn
from models.char_lstm.choir import Choir
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.weights_file import VoiceWeights

TEXTS = (1, 8, 64, 256)
VOICES = 24
MOST_PROCESSES = 8  # up to so many texts are also measured in processes of their own
STEPPING_S = 4.0  # of stepping, each
READ_CODE = ord("e")


def measure(
    texts: Sequence[int] = TEXTS,
    shape: Shape | None = None,
    voices: int = VOICES,
    seconds: float = STEPPING_S,
    few: int = MOST_PROCESSES,
) -> dict[str, Any]:
    """One JSON object: for each number of texts, characters a second of all together; ``processes`` up to ``few``."""
    shape = shape or Shape()
    threads = torch.get_num_threads()
    try:
        rows = [_row(count, shape, voices, seconds, few) for count in texts]
    finally:
        torch.set_num_threads(threads)
    return {"benchmark": "rooms", "machine": describe(), "shape": str(shape), "voices": voices, "rows": rows}


def _row(count: int, shape: Shape, voices: int, seconds: float, few: int) -> dict[str, Any]:
    row: dict[str, Any] = {"texts": count}
    rollout = Choir(PackedWeights(_voices(shape, voices))).rollout(range(voices), count)
    codes = [READ_CODE] * count
    for name, threads in (("one_core", 1), ("all_cores", os.cpu_count() or 1)):
        torch.set_num_threads(threads)
        row[name] = round(count * _a_second(lambda: rollout.step(codes), seconds), 1)
    if count <= few:
        row["processes"] = round(_in_processes(count, shape, voices, seconds), 1)
    return row


def _voices(shape: Shape, count: int) -> list[VoiceWeights]:
    torch.manual_seed(count)
    return [VoiceWeights.of(CharLSTM(shape).eval(), f"voice{i}", {}) for i in range(count)]


def _a_second(step: Any, seconds: float) -> float:
    """How often a second ``step`` is done, over about ``seconds``; the first two times, which prepare, do not count."""
    step()
    once = sum(in_turn({"step": step}, 1)["step"])
    rounds = max(3, int(seconds / max(once, 1e-6)))
    began = time.perf_counter()
    for _ in range(rounds):
        step()
    return rounds / (time.perf_counter() - began)


# ---- a process a text --------------------------------------------------------------------------------------------


def _in_processes(count: int, shape: Shape, voices: int, seconds: float) -> float:
    """Characters a second of ``count`` processes together, which all begin once the last of them is ready."""
    words = [sys.executable, "-m", "benchmarks.rooms", str(shape.layers), str(shape.hidden), str(voices), str(seconds)]
    with ExitStack() as leaving:
        processes = []
        for _ in range(count):
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
                cwd=Path(__file__).parents[1],
            )
            processes.append(leaving.enter_context(process))
            leaving.callback(process.kill)
        answers = [process.stdout for process in processes if process.stdout]
        for answer in answers:
            answer.readline()  # it is ready
        for process in processes:
            if process.stdin:
                process.stdin.write("go\n")
        return sum(float(answer.readline()) for answer in answers)


def _alone(layers: int, hidden: int, voices: int, seconds: float) -> None:
    """One text in this process: steps for ``seconds`` of wall time, then tells how many a second."""
    torch.set_num_threads(1)
    choir = Choir(PackedWeights(_voices(Shape(layers, hidden), voices)))
    every = range(voices)
    choir.step(READ_CODE, every)
    print("ready", flush=True)
    sys.stdin.readline()
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        choir.step(READ_CODE, every)
        steps += 1
    print(steps / (time.perf_counter() - began), flush=True)


if __name__ == "__main__":
    layers, hidden, awake = map(int, sys.argv[1:4])
    _alone(layers, hidden, awake, float(sys.argv[4]))
