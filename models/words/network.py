"""The word LSTM while it learns: vectors in, one layer, and the same vectors as its output.

Input and output share one matrix (Press & Wolf 2017; Inan et al. 2017), so that it costs its numbers once. For training
and for reading whole texts; on stage they live in ``models.words.reading``. Pure torch, no thread of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]  # hidden and cell, each (1, B, H)


@dataclass(frozen=True)
class WordShape:
    """How large a word voice is: ``words`` known ones and the unknown, vectors of ``numbers``, ``hidden`` units."""

    words: int
    numbers: int = 100
    hidden: int = 384

    def __post_init__(self) -> None:
        if not (2 <= self.words <= 100_000 and 4 <= self.numbers <= 1_000 and 8 <= self.hidden <= 4_096):
            raise ValueError(f"no word voice has {self.words} words, vectors of {self.numbers}, {self.hidden} units")

    def __str__(self) -> str:
        return f"{self.words - 1:,} words, 1x{self.hidden}"


class WordLSTM(nn.Module):
    """What comes after each word, for B texts read side by side; ``dropout`` acts on all that enters and leaves."""

    def __init__(self, shape: WordShape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.vectors = nn.Parameter(torch.zeros(shape.words, shape.numbers))
        self.lstm = nn.LSTM(shape.numbers, shape.hidden)
        self.projection = nn.Linear(shape.hidden, shape.numbers)
        self.bias = nn.Parameter(torch.zeros(shape.words))
        self.dropout = nn.Dropout(dropout)

    def zero_state(self, texts: int) -> State:
        """The state of ``texts`` texts of which nothing has been read."""
        return torch.zeros(1, texts, self.shape.hidden), torch.zeros(1, texts, self.shape.hidden)

    def read(self, numbers: Tensor, state: State) -> tuple[Tensor, State]:
        """Read words (T, B) by number; the vectors (T, B, E) that the next ones are likened to, and the state."""
        read, state = self.lstm(self.dropout(self.vectors[numbers]), state)
        return self.projection(self.dropout(read)), state

    def logits(self, read: Tensor) -> Tensor:
        """Of every word (..., words), for vectors that ``read`` gave."""
        return read @ self.vectors.t() + self.bias
