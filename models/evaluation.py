"""How well a voice foresees a text: bits per character, the figure that every comparison in docs/ uses.

Float32 arithmetic on the weights as shipped, so that the figure is the file's and not a machine's. Runs on the caller's
thread.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from models.char_lstm.network import CharLSTM
from models.char_lstm.weights_file import VoiceWeights
from models.interface import INITIAL_CODE
from models.training.streams import Codes

READING_STREAMS = 32  # a long text is read in so many places at once
WARMUP_CHARS = 256  # characters read, but not scored, before each place, so that cutting costs nothing
CHUNK_CHARS = 128  # characters between which only the state is kept


def bits_per_char(voice: VoiceWeights | CharLSTM, text: Codes) -> float:
    """Mean of -log2 p over all characters of ``text``, each foreseen from those before it; a line's end comes first.

    ``text`` holds at least one code, all below 128. A long text is read as several streams that overlap by
    ``WARMUP_CHARS``; on 12,000 characters of Austen this differed from one reading by a thousandth of a bit.
    """
    network = voice.network() if isinstance(voice, VoiceWeights) else voice.eval()
    if not len(text):
        raise ValueError("an empty text has no bits per character")
    streams = min(READING_STREAMS, max(1, len(text) // (2 * WARMUP_CHARS)))
    length = math.ceil(len(text) / streams)
    read = np.concatenate([[INITIAL_CODE], text]).astype(np.int64)
    total = _nats(network, read[None, : length + 1], 0)  # from a fresh voice
    if streams > 1:
        rows = np.full((streams - 1, WARMUP_CHARS + length + 1), -1, np.int64)  # -1: past the end, not scored
        for stream in range(1, streams):
            piece = read[stream * length - WARMUP_CHARS : (stream + 1) * length + 1]
            rows[stream - 1, : len(piece)] = piece
        total += _nats(network, rows, WARMUP_CHARS)
    return total / len(text) / math.log(2)


def _nats(network: CharLSTM, rows: NDArray[np.int64], warm: int) -> float:
    """Sum of -ln p over what ``rows`` (B, T + 1) hold after their first ``warm`` + 1 characters."""
    codes = torch.from_numpy(rows.T.copy()).to(network.output.weight.device)  # (T + 1, B)
    targets = codes.clone()
    targets[: warm + 1] = -1
    total = 0.0
    with torch.inference_mode():
        state = network.zero_state(len(rows))
        for start in range(0, len(codes) - 1, CHUNK_CHARS):
            part = codes[start : start + CHUNK_CHARS + 1]
            logits, state = network(part[:-1].clamp_min(0), state)
            wanted = targets[start + 1 : start + len(part)].flatten()
            total += F.cross_entropy(logits.flatten(0, 1), wanted, reduction="sum", ignore_index=-1).item()
    return total
