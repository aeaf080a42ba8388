"""How well a voice of any kind foresees a text: bits per character, the figure that every comparison in docs/ uses.

LSTMs are read in float32 arithmetic on the weights as shipped, so that the figure is the file's and not a machine's;
any other voice is stepped through the text, letter by letter, as it plays. Runs on the caller's thread.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from models import tensor_file, voice_folders
from models.char_lstm import load as char_lstm
from models.char_lstm.network import CharLSTM
from models.char_lstm.weights_file import VoiceWeights
from models.interface import INITIAL_CODE, Codes, Voices, finish
from models.loading import load_voices
from models.transformer import load as transformer
from models.transformer.adapters import KIND as ADAPTER
from models.words import load as words
from models.words.weights_file import WordWeights
from models.words.whole_text import likelihoods
from protocol.errors import VoiceError

Foreseeing = VoiceWeights | CharLSTM | WordWeights | Voices

READING_STREAMS = 32  # a long text is read in so many places at once
WARMUP_CHARS = 256  # characters read, but not scored, before each place, so that cutting costs nothing
CHUNK_CHARS = 128  # characters between which only the state is kept


def bits_per_char(voice: Foreseeing, text: Codes) -> float:
    """Mean of -log2 p over all characters of ``text``, each foreseen from those before it; a line's end comes first.

    Of ``Voices`` it is the first that reads. ``text`` holds at least one code, all below 128.
    """
    return bits_of(foreseen(voice, text))


def load_examined(path: Path) -> Foreseeing:
    """The voice at ``path``, of whatever kind, to be examined; raises ``VoiceError`` where it cannot be read."""
    kind = tensor_file.read_record(path).get("kind", char_lstm.KIND)
    if kind == char_lstm.KIND:
        return VoiceWeights.load(path)
    if kind == ADAPTER:
        narrator = transformer.load([voice_folders.installed_narrator(), path], "cpu", refuse)
        narrator.lean(dict.fromkeys(narrator.adapted, 1.0))
        return narrator
    return WordWeights.load(path) if kind == words.KIND else load_voices([path])


def refuse(line: str) -> None:
    """What cannot be read is not examined."""
    raise VoiceError(line.removesuffix(": going on without it"))


def bits_of(probabilities: NDArray[np.float64]) -> float:
    """The mean of -log2 of what ``foreseen`` gave, or of a mixture of such."""
    return float(-np.log2(probabilities).mean())


def foreseen(voice: Foreseeing, text: Codes) -> NDArray[np.float64]:
    """(T,) the probability that the voice gave to each character of ``text`` before it read it.

    A char-LSTM reads a long text as several streams that overlap by ``WARMUP_CHARS``; on 12,000 characters of Austen
    this differed from one reading by a thousandth of a bit.
    """
    if not len(text):
        raise ValueError("an empty text has no bits per character")
    if isinstance(voice, WordWeights):
        return likelihoods(voice, text.tobytes())
    if isinstance(voice, VoiceWeights):
        return _read(voice.network(), text)
    return _read(voice.eval(), text) if isinstance(voice, CharLSTM) else _stepped(voice, text)


def _stepped(voices: Voices, text: Codes) -> NDArray[np.float64]:
    voices.reset([0])
    found = np.empty(len(text))
    for place, code in enumerate(text.tolist()):
        finish(voices, 0)
        found[place] = voices.distributions[0, code]
        voices.step(code, [0])
    return found


def _read(network: CharLSTM, text: Codes) -> NDArray[np.float64]:
    streams = min(READING_STREAMS, max(1, len(text) // (2 * WARMUP_CHARS)))
    length = math.ceil(len(text) / streams)
    read = np.concatenate([[INITIAL_CODE], text]).astype(np.int64)
    found = [_likelihoods(network, read[None, : length + 1], 0)]  # from a fresh voice
    if streams > 1:
        rows = np.full((streams - 1, WARMUP_CHARS + length + 1), -1, np.int64)  # -1: past the end, not scored
        for stream in range(1, streams):
            piece = read[stream * length - WARMUP_CHARS : (stream + 1) * length + 1]
            rows[stream - 1, : len(piece)] = piece
        found.append(_likelihoods(network, rows, WARMUP_CHARS))
    return np.concatenate(found)


def _likelihoods(network: CharLSTM, rows: NDArray[np.int64], warm: int) -> NDArray[np.float64]:
    """The probability of each of what ``rows`` (B, T + 1) hold after their first ``warm`` + 1 characters, in order."""
    codes = torch.from_numpy(rows.T.copy()).to(network.output.weight.device)  # (T + 1, B)
    nats = []
    with torch.inference_mode():
        state = network.zero_state(len(rows))
        for start in range(0, len(codes) - 1, CHUNK_CHARS):
            part = codes[start : start + CHUNK_CHARS + 1].clamp_min(0)
            logits, state = network(part[:-1], state)
            lost = F.cross_entropy(logits.flatten(0, 1), part[1:].flatten(), reduction="none")
            nats.append(lost.view(len(part) - 1, -1).double().cpu().numpy())
    scored = np.concatenate(nats)[warm:].T  # (B, T)
    return np.asarray(np.exp(-scored[rows[:, warm + 1 :] >= 0]))
