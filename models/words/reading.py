"""One word voice reading one text, letter by letter.

Inside a word it knows the letters so far, and weighs the words that begin so against the unknown ones. Where the
letters are a word already, the LSTM has to say what would follow it, which is one step; that step is kept, and is the
voice's own once the word is over. Belongs to one thread; the weights are shared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.kernels import one_matrix
from models.token_tree import NOWHERE, TokenTree
from models.words.letters import Expectation
from models.words.tokens import LONGEST_WORD, UNKNOWN, Token, lengthens, may_begin
from models.words.weights_file import WordWeights
from protocol.alphabet import VOCABULARY

NEGLIGIBLE = 1e-6  # probability that a word is over below which it is not asked what would follow

ANY_LETTER = np.ones(VOCABULARY, np.bool_)


class WordVoice:
    """The weights of a voice, ready to be stepped."""

    def __init__(self, weights: WordWeights) -> None:
        self.slug, self.golden, self.hidden = weights.slug, weights.golden, weights.shape.hidden
        self.words = TokenTree(weights.vocabulary.words)
        self.spelling = weights.spelling
        self.newline = int(weights.vocabulary.numbers([b"\n"])[0])
        self._vectors, self._bias, self._gates_bias = weights.vectors, weights.bias, weights.gates_bias
        self._projection_bias = weights.projection_bias
        self._gates, self._projection, self._output = map(
            one_matrix, (weights.gates, weights.projection, weights.vectors)
        )

    @torch.inference_mode()
    def step(self, number: int, state: LstmState) -> LstmState:
        """Read one word."""
        vector = self._vectors.values[number] * self._vectors.scale[number]
        i, f, g, o = self._gates.times(torch.cat([vector, state.hidden])).add_(self._gates_bias).view(4, -1)
        cell = f.sigmoid() * state.cell + i.sigmoid() * g.tanh()
        return LstmState(o.sigmoid() * cell.tanh(), cell)

    @torch.inference_mode()
    def expectation(self, state: LstmState) -> Expectation:
        """What the next word is to be, all words weighed."""
        wanted = self._projection.times(state.hidden).add_(self._projection_bias)
        return Expectation.of(self._output.times(wanted).add_(self._bias).numpy())


@dataclass(frozen=True)
class LstmState:
    """What the LSTM knows; nothing writes into it."""

    hidden: Tensor  # (H,)
    cell: Tensor  # (H,)


Following = tuple[LstmState, Expectation]  # what is known behind a word, and what it lets expect


@dataclass(frozen=True)
class Position:
    """Where a reading stands: all that has to be kept of it."""

    state: LstmState  # after the last whole word
    begun: Token  # of the word that is being read, its last ``LONGEST_WORD`` characters
    length: int  # of the word that is being read; one more than the longest stands for all that are longer


class Reading:
    """A voice and how far it has read."""

    def __init__(self, voice: WordVoice) -> None:
        self._voice = voice
        self._behind: Following | None = None  # if the word is over here
        self._begun: Token = b""
        self.reset()

    @property
    def position(self) -> Position:
        """Where it stands."""
        return Position(self._state, self._begun, self._length)

    def reset(self) -> None:
        """Forget all; what has been read then is one line's end."""
        nothing = torch.zeros(self._voice.hidden)
        self._begin(self._voice.step(self._voice.newline, LstmState(nothing, nothing)))

    def go_to(self, position: Position) -> None:
        """Stand where another reading of this voice stood."""
        if position.state is not self._state:
            self._begin(position.state)
        else:
            self._begin_word()
        for code in position.begun if position.length <= LONGEST_WORD else ():
            self._spell(code)
        if position.length > LONGEST_WORD:
            self._node, self._unknown = NOWHERE, 1.0
        self._begun, self._length = position.begun, position.length

    def read(self, code: int) -> None:
        """One character more."""
        if not lengthens(self._begun, code):
            if self._behind:
                state, self._expects = self._behind
                self._state = state
                self._begin_word()
            else:
                self._begin(self._voice.step(self._number(), self._state))
        self._spell(code)

    def expected(self) -> NDArray[np.float64]:
        """(128,) what the next character is to be; it sums to 1."""
        voice, words = self._voice, self._voice.words
        spelled = voice.spelling.after(self._begun)
        if not self._length:
            return self._expects.first_letters(words, spelled, ANY_LETTER)
        letters: NDArray[np.float64] = self._unknown * spelled
        if self._node is not NOWHERE:
            letters = letters + np.diff(self._expects.sums[words.boundaries(self._node)])
            whole = words.whole(self._node)
            if whole is not None:
                over = float(self._expects.sums[whole + 1] - self._expects.sums[whole])
                letters = letters + over * self._first_letters(over)
        total = letters.sum()
        return letters / total if total > 0.0 else spelled

    def _first_letters(self, over: float) -> NDArray[np.float64]:
        """With what the word behind this one begins, if this one is over, which has the probability ``over``."""
        voice = self._voice
        if over > NEGLIGIBLE * (self._unknown + self._expects.mass(self._node)):
            state = voice.step(self._number(), self._state)
            self._behind = state, voice.expectation(state)
        expects = self._behind[1] if self._behind else self._expects
        return expects.first_letters(voice.words, voice.spelling.after(b""), may_begin(self._begun))

    def _number(self) -> int:
        """Of the word that has been read, the unknown one's if it is none."""
        whole = self._voice.words.whole(self._node)
        return UNKNOWN if whole is None else whole + 1

    def _begin(self, state: LstmState) -> None:
        self._state, self._expects = state, self._voice.expectation(state)
        self._begin_word()

    def _begin_word(self) -> None:
        self._begun = b""
        self._length = 0
        self._node = self._voice.words.root
        self._unknown = self._expects.unknown  # that the word is none, and begins with the letters that were read
        self._behind = None

    def _spell(self, code: int) -> None:
        self._unknown *= float(self._voice.spelling.after(self._begun)[code])
        self._node = self._voice.words.child(self._node, code)
        if self._node is NOWHERE:
            self._unknown = 1.0  # there is nothing else that it would be weighed against
        self._begun = (self._begun + bytes([code]))[-LONGEST_WORD:]
        self._length = min(self._length + 1, LONGEST_WORD + 1)
        self._behind = None
