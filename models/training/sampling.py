"""A sample of what a network in training writes, for the progress display. Runs on the caller's thread."""

from __future__ import annotations

import numpy as np
import torch

from models.char_lstm.network import CharLSTM
from models.interface import Voices, finish
from models.words.network import WordLSTM
from models.words.tokens import UNKNOWN, Vocabulary
from protocol.alphabet import VOCABULARY, WRITABLE_CODES

WRITABLE = torch.tensor([code in WRITABLE_CODES for code in range(VOCABULARY)])


def sample(network: CharLSTM, chars: int = 160, temperature: float = 0.7, prime: str = "\n", seed: int = 1) -> str:
    """``chars`` characters written after ``prime`` (7-bit, not empty), one at a time, as on stage.

    At ``temperature`` 0 each is the likeliest, and ``seed`` decides nothing.
    """
    training = network.training
    network.eval()
    generator = np.random.default_rng(seed)
    device = network.output.weight.device
    codes = torch.tensor(list(prime.encode("ascii")), device=device).view(-1, 1)
    state = network.zero_state(1)
    written: list[int] = []
    with torch.inference_mode():
        for _ in range(chars):
            logits, state = network(codes, state)
            last = logits[-1, 0].float().cpu().masked_fill(~WRITABLE, -torch.inf)
            if temperature:
                p = (last / temperature).softmax(0).double().numpy()
                written.append(int(generator.choice(VOCABULARY, p=p / p.sum())))
            else:
                written.append(int(last.argmax()))
            codes = torch.tensor([[written[-1]]], device=device)
    network.train(training)
    return bytes(written).decode("ascii")


def sample_words(network: WordLSTM, vocabulary: Vocabulary, chars: int = 160, temperature: float = 0.7) -> str:
    """Some ``chars`` characters written after a line's end, word by word, known ones only."""
    training = network.training
    network.eval()
    generator = np.random.default_rng(1)
    number, state, written = int(vocabulary.numbers([b"\n"])[0]), network.zero_state(1), b""
    with torch.inference_mode():
        while len(written) < chars:
            read, state = network.read(torch.tensor([[number]]), state)
            logits = network.logits(read)[0, 0]
            logits[UNKNOWN] = -torch.inf
            p = (logits / temperature).softmax(0).double().numpy()
            number = int(generator.choice(len(p), p=p / p.sum()))
            written += vocabulary.words[number - 1]
    network.train(training)
    return written.decode("ascii")


def sample_voices(voices: Voices, chars: int = 160, temperature: float = 0.7) -> str:
    """``chars`` characters that the first of ``voices``, of whatever kind, writes after a reset."""
    generator, written = np.random.default_rng(1), b""
    voices.reset([0])
    for _ in range(chars):
        finish(voices, 0)
        likely = np.where(WRITABLE.numpy(), voices.distributions[0].astype(np.float64), 0.0) ** (1.0 / temperature)
        code = int(generator.choice(VOCABULARY, p=likely / likely.sum()))
        written += bytes([code])
        voices.step(code, [0])
    return written.decode("ascii")
