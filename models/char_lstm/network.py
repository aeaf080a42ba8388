"""The character-level LSTM that every shipped voice is: one-hot characters in, logits out.

Hochreiter & Schmidhuber 1997 with forget gates (Gers et al. 2000), the gate order i, f, g, o of ``torch.nn.LSTM``.
This module is for training and for reading whole texts; on stage the weights live in ``models.char_lstm.choir``.
Pure torch, no thread of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from protocol.alphabet import VOCABULARY

State = tuple[Tensor, Tensor]  # hidden and cell, each (layers, B, H)


@dataclass(frozen=True)
class Shape:
    """How large a voice is: ``layers`` LSTM layers of ``hidden`` units."""

    layers: int = 2
    hidden: int = 512

    def __post_init__(self) -> None:
        if not (1 <= self.layers <= 8 and 8 <= self.hidden <= 4096):
            raise ValueError(f"a voice has 1-8 layers of 8-4096 units, not {self.layers} of {self.hidden}")

    def __str__(self) -> str:
        return f"{self.layers}x{self.hidden}"


class CharLSTM(nn.Module):
    """Next-character logits for B texts read side by side.

    ``dropout`` acts between the layers and before the output, in training only (Zaremba et al. 2014).
    """

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.lstm = nn.LSTM(VOCABULARY, shape.hidden, shape.layers, dropout=dropout if shape.layers > 1 else 0.0)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(shape.hidden, VOCABULARY)
        with torch.no_grad():  # a forget gate that starts open learns long lines sooner (Jozefowicz et al. 2015)
            for k in range(shape.layers):
                getattr(self.lstm, f"bias_ih_l{k}")[shape.hidden : 2 * shape.hidden] = 1.0

    def zero_state(self, texts: int) -> State:
        """The state of ``texts`` texts of which nothing has been read."""
        size = (self.shape.layers, texts, self.shape.hidden)
        like = self.output.weight
        return torch.zeros(size, device=like.device), torch.zeros(size, device=like.device)

    def forward(self, codes: Tensor, state: State) -> tuple[Tensor, State]:
        """Read ``codes`` (T, B) of ints below 128; return logits (T, B, 128) and the state after them."""
        one_hot = F.one_hot(codes, VOCABULARY).to(self.output.weight.dtype)  # (T, B, V)
        read, state = self.lstm(one_hot, state)  # (T, B, H)
        return self.output(self.dropout(read)), state
