"""How fast voices learn: characters a second over torch-rnn's grid, beside Keras, and the time to a given loss.

    forward, backward   the two passes of one iteration, 50 texts x 50 characters = 2,500 characters, in ms
    step                a whole update by ``models.training.trainer.Trainer``: both passes, clipping, AdamW
    keras               a whole update (Adam) of the same LSTM in Keras, ``train_on_batch`` (where Keras is installed)
    to a loss           this training, state carried over and every character foreseen, against windows of 100
                        characters of which one is foreseen, as in the classical exercise: same network, same optimiser

The grid reads random characters: time does not depend on them. The time to a loss is taken on the prose of Python's
own documentation. Runs on the caller's thread, torch on as many as it is given.
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.machine import describe, in_turn, milliseconds
from models.char_lstm.network import CharLSTM, Shape
from models.evaluation import bits_per_char
from models.interface import Codes
from models.training.learner import autocast_bfloat16
from models.training.streams import Split, Streams, cut, tail_split
from models.training.trainer import Trainer, TrainingConfig
from protocol.alphabet import VOCABULARY
from styles.cleaning import transliterate

LAYERS, WIDTHS = (1, 2, 3), (64, 128, 256, 512)  # torch-rnn's grid
TEXTS = STEPS = 50  # 2,500 characters an iteration
SHIPPED_TEXTS, SHIPPED_STEPS = 32, 64  # as voices are trained
ROUNDS = 7

RACE = Shape(1, 128)
RACE_CHARS = 200_000  # of the text that the race is run on
HELD_OUT_CHARS = 6_000  # characters held out
GOAL_CHARS = 1_000_000  # characters after which the loss that ours has come to is the goal
WINDOW, WINDOWS = 100, 128  # characters of a window, windows a batch: the classical exercise's
WINDOWS_TIME_LIMIT = 20.0  # times as long as ours took, after which the windows are stopped
LEARNING_RATE = 3e-3  # of learning, for both


def measure(rounds: int = ROUNDS, grid: Sequence[tuple[int, int]] | None = None, race: bool = True) -> dict[str, Any]:
    """One JSON object: the machine, a row for each shape of the grid and for the shipped one, and the race."""
    keras = importlib.util.find_spec("keras") is not None
    shapes = [Shape(*pair) for pair in (product(LAYERS, WIDTHS) if grid is None else grid)]
    rows = [_row(shape, TEXTS, STEPS, rounds, keras) for shape in shapes]
    if grid is None:
        rows.append(_row(Shape(), SHIPPED_TEXTS, SHIPPED_STEPS, rounds, keras))
    figures: dict[str, Any] = {
        "benchmark": "train",
        "machine": describe(),
        "threads": torch.get_num_threads(),
        "keras": _keras_name() if keras else "not installed: its columns are left out",
        "rounds": rounds,
        "rows": rows,
    }
    return figures | ({"to_a_loss": to_a_loss()} if race else {})


def _row(shape: Shape, texts: int, steps: int, rounds: int, keras: bool) -> dict[str, Any]:
    codes = np.random.default_rng(1).integers(32, 127, 200_000).astype(np.uint8)
    streams = Streams([[codes]], [1.0], texts, steps)
    trainer = Trainer(CharLSTM(shape), streams, [codes[:200]], TrainingConfig(texts=texts, steps=steps))
    forward, backward = _passes(CharLSTM(shape), texts, steps)
    tasks: dict[str, Callable[[], object]] = {
        "forward": forward,
        "backward": backward,
        "step": lambda: trainer.advance(0.5),
    }
    if keras:
        tasks["keras"] = _keras(shape, texts, steps)
    times = in_turn(tasks, rounds)
    row: dict[str, Any] = {"layers": shape.layers, "hidden": shape.hidden, "texts": texts, "steps": steps}
    row |= {f"{name}_ms": milliseconds(values) for name, values in times.items()}
    row["chars_per_second"] = round(1e3 * texts * steps / row["step_ms"])
    if keras:
        row["keras_chars_per_second"] = round(1e3 * texts * steps / row["keras_ms"])
        row["times_keras"] = round(row["keras_ms"] / row["step_ms"], 1)
    return row


def _passes(network: CharLSTM, texts: int, steps: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """The two passes of an iteration; the backward one uses what the forward one just left."""
    codes = torch.randint(32, 127, (steps + 1, texts))
    state = network.zero_state(texts)
    left: list[torch.Tensor] = []

    def forward() -> None:
        with autocast_bfloat16("cpu"):
            logits, _ = network(codes[:-1], state)
        left[:] = [F.cross_entropy(logits.float().flatten(0, 1), codes[1:].flatten())]

    def backward() -> None:
        network.zero_grad()
        left[0].backward()  # type: ignore[no-untyped-call]

    return forward, backward


def _keras(shape: Shape, texts: int, steps: int) -> Callable[[], object]:
    import keras  # type: ignore[import-not-found, import-untyped, unused-ignore]

    model = keras.Sequential(
        [
            keras.Input(batch_shape=(texts, steps, VOCABULARY)),
            *(keras.layers.LSTM(shape.hidden, return_sequences=True, stateful=True) for _ in range(shape.layers)),
            keras.layers.Dense(VOCABULARY),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    codes = np.random.default_rng(1).integers(32, 127, (texts, steps + 1))
    read, wanted = np.eye(VOCABULARY, dtype=np.float32)[codes[:, :-1]], codes[:, 1:]
    return lambda: model.train_on_batch(read, wanted)


def _keras_name() -> str:
    import keras

    return f"Keras {keras.__version__} on {keras.backend.backend()}"


def to_a_loss(enough: int = GOAL_CHARS, patience: float = WINDOWS_TIME_LIMIT, shape: Shape = RACE) -> dict[str, Any]:
    """Seconds until a held-out loss is reached, by this training and by windows; ``None`` where patience ended."""
    codes = prose(RACE_CHARS)
    split = tail_split(len(codes), HELD_OUT_CHARS / len(codes))
    goal, ours, ours_chars = _carried(codes, split, shape, enough)
    seconds, reached, foreseen = _windows(codes, split, shape, goal, patience * ours)
    return {
        "shape": str(shape),
        "goal_nats": round(goal, 4),
        "seconds": round(ours, 2),
        "chars": ours_chars,
        "windows_seconds": round(seconds, 2),
        "windows_chars": foreseen,
        "windows_nats": round(reached, 4),
        "windows_reached_it": reached <= goal,
        "times_faster": round(seconds / ours, 1),
    }


def prose(chars: int) -> Codes:
    """English that every Python has with it, its own documentation, as 7-bit codes."""
    from pydoc_data.topics import topics

    text = transliterate("\n".join(topics[name] for name in sorted(topics)))
    return np.frombuffer(text[:chars].encode("ascii"), np.uint8)


def _carried(codes: Codes, split: Split, shape: Shape, enough: int) -> tuple[float, float, int]:
    """The held-out loss (nats) that this training comes to, the seconds of training, the characters foreseen."""
    torch.manual_seed(1)
    network = CharLSTM(shape)
    recipe = TrainingConfig(chars=enough, texts=16, steps=50, peak=LEARNING_RATE, floor=1.0, warmup=0.02)
    streams = Streams([cut(codes, split.training)], [1.0], recipe.texts, recipe.steps)
    trainer = Trainer(network, streams, cut(codes, split.held_out), recipe)
    trainer.run()
    return _nats(network, codes, split), trainer.seconds, trainer.chars


def _windows(codes: Codes, split: Split, shape: Shape, goal: float, seconds: float) -> tuple[float, float, int]:
    """The seconds that windows take to ``goal``, or all of ``seconds``; the loss then, the characters foreseen."""
    torch.manual_seed(1)
    network = CharLSTM(shape)
    optimizer = torch.optim.AdamW(
        network.parameters(), LEARNING_RATE, weight_decay=TrainingConfig().weight_decay, fused=True
    )
    (read,) = cut(codes, split.training)
    places = np.lib.stride_tricks.sliding_window_view(read, WINDOW + 1)
    random = np.random.default_rng(1)
    spent, updates, every = 0.0, 0, 50
    while True:
        began = time.monotonic()
        for _ in range(every):
            batch = torch.from_numpy(places[random.integers(0, len(places), WINDOWS)].T.astype(np.int64))  # (T + 1, B)
            with autocast_bfloat16("cpu"):
                seen, _ = network.lstm(F.one_hot(batch[:-1], VOCABULARY).float(), network.zero_state(WINDOWS))
                logits = network.output(seen[-1])
            loss = F.cross_entropy(logits.float(), batch[-1])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
        spent += time.monotonic() - began
        updates += every
        nats = _nats(network, codes, split)
        network.train()
        if nats <= goal or spent >= seconds:
            return spent, nats, updates * WINDOWS


def _nats(network: CharLSTM, codes: Codes, split: Split) -> float:
    return bits_per_char(network, np.concatenate(cut(codes, split.held_out))) * math.log(2)
