"""How long one character takes: all voices awake, beside the floor and beside what people would use instead.

    step    the choir: every voice reads one character
    floor   the weights' bytes are read once, which no arithmetic on a processor can undercut
    loop    one torch.nn.LSTM a voice, stepped one after the other
    keras   the same LSTM in Keras with its state carried over, one voice after the other (where Keras is installed)

The weights are random: time does not depend on them. Runs on the caller's thread.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import torch

from benchmarks.machine import describe, in_turn, milliseconds
from models.char_lstm.choir import Choir
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.weights_file import VoiceWeights
from protocol.alphabet import VOCABULARY

VOICES = (1, 6, 24, 96, 240)
ROUNDS = 30
READ_CODE = ord("e")


def measure(counts: Sequence[int] = VOICES, shape: Shape | None = None, rounds: int = ROUNDS) -> dict[str, Any]:
    """One JSON object: the machine, the shape and a row of medians in ms for each number of voices."""
    shape = shape or Shape()
    torch.set_num_threads(1)
    rows = [_row(count, shape, rounds) for count in counts]
    return {"benchmark": "step", "machine": describe(), "shape": str(shape), "rounds": rounds, "rows": rows}


def _row(count: int, shape: Shape, rounds: int) -> dict[str, Any]:
    torch.manual_seed(count)
    networks = [CharLSTM(shape).eval() for _ in range(count)]
    choir = Choir(PackedWeights([VoiceWeights.of(network, f"voice{i}", {}) for i, network in enumerate(networks)]))
    every = range(count)
    tasks: dict[str, Callable[[], object]] = {
        "step": lambda: choir.step(READ_CODE, every),
        "floor": _floor(count, shape),
        "loop": _loop(networks),
    }
    if importlib.util.find_spec("keras"):
        tasks["keras"] = _keras(count, shape)
    times = in_turn(tasks, rounds)
    return {"voices": count, **{f"{name}_ms": milliseconds(values) for name, values in times.items()}}


def weight_bytes(shape: Shape) -> int:
    """The int8 bytes that one voice has to read for one character; of the characters' matrix it is one row only."""
    gates, hidden = 4 * shape.hidden, shape.hidden
    return gates * hidden * (2 * shape.layers - 1) + VOCABULARY * hidden + gates


def _floor(count: int, shape: Shape) -> Callable[[], object]:
    words = torch.ones(count * weight_bytes(shape) // 8, dtype=torch.int64)
    return words.sum


def _loop(networks: Sequence[CharLSTM]) -> Callable[[], object]:
    states = [network.zero_state(1) for network in networks]
    code = torch.tensor([[READ_CODE]])

    @torch.inference_mode()
    def step() -> None:
        for i, network in enumerate(networks):
            logits, states[i] = network(code, states[i])
            logits.softmax(-1)

    return step


def _keras(count: int, shape: Shape) -> Callable[[], object]:
    import keras  # type: ignore[import-not-found, import-untyped, unused-ignore]
    import numpy as np

    def build() -> Any:
        layers = [
            keras.layers.LSTM(shape.hidden, stateful=True, return_sequences=k + 1 < shape.layers)
            for k in range(shape.layers)
        ]
        characters = keras.Input(batch_shape=(1, 1, VOCABULARY))
        return keras.Sequential([characters, *layers, keras.layers.Dense(VOCABULARY, activation="softmax")])

    models = [build() for _ in range(count)]
    one_hot = np.eye(VOCABULARY, dtype=np.float32)[READ_CODE].reshape(1, 1, VOCABULARY)
    return lambda: [model.predict_on_batch(one_hot) for model in models]
