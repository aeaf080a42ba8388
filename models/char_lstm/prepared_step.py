"""The states of LSTMs that read texts, and one step of some of them, prepared once and then run again and again.

Everything that a step touches is laid out when it is prepared: running it allocates nothing, makes no list and looks
nothing up, so that on CUDA the whole of it is captured as one graph and replayed, and on a processor the garbage
collector has nothing to find. Belongs to the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from models.char_lstm.packed_weights import PackedWeights
from models.kernels import Batch, Workspace
from protocol.alphabet import VOCABULARY


class LstmStates:
    """What ``voices`` voices know of ``texts`` texts, of which nothing has been read, and what each expects next there.

    The rows of one voice stand together, so that all its texts can be stepped where they stand.
    """

    def __init__(self, weights: PackedWeights, voices: int, texts: int = 1) -> None:
        if texts < 1:
            raise ValueError(f"voices read at least one text, not {texts}")
        self._texts = texts
        rows = voices * texts
        self._rows = torch.zeros(2 * weights.shape.layers, rows, weights.shape.hidden, device=weights.device)
        self._expected_rows = torch.full((rows, VOCABULARY), 1 / VOCABULARY)  # on the processor, whatever the device
        self._workspace = Workspace(weights.device)
        self.states = self._rows.view(len(self._rows), -1, texts, weights.shape.hidden)  # (2 layers, S, texts, H)
        self.expected = self._expected_rows.view(-1, texts, VOCABULARY)  # (S, texts, V)

    def prepare(
        self, weights: PackedWeights, batch: Batch, voices: Sequence[int], texts: Sequence[int] = (0,)
    ) -> PreparedStep:
        """A step of ``batch`` by ``weights``, whose states are those of ``voices`` here, each in all ``texts``.

        Takes about a millisecond.
        """
        rows = [voice * self._texts + text for voice in voices for text in texts]
        return PreparedStep(weights, batch, rows, self._rows, self._expected_rows, self._workspace)


class PreparedStep:
    """The voices of ``batch`` read a character each, by ``weights``.

    ``states`` (2 x layers, R, H) holds hidden states, then cell states. The i-th of the batch has its own in row
    ``rows[i]``, and what it expects next goes to that row of ``expected`` (R, V), which is on the processor. Rows are
    distinct.
    """

    def __init__(
        self,
        weights: PackedWeights,
        batch: Batch,
        rows: Sequence[int],
        states: Tensor,
        expected: Tensor,
        workspace: Workspace,
    ) -> None:
        n, depth, hidden = len(batch), weights.shape.layers, weights.shape.hidden
        device = weights.device
        self.codes = torch.zeros(n, dtype=torch.long, device=device)  # what each is to read, set before ``run``
        self._first = torch.tensor(batch.voices, device=device).repeat_interleave(batch.repeats) * VOCABULARY
        self._which = torch.zeros_like(self._first)  # the row of each in the table of characters
        self._table = weights.characters

        in_place = list(rows) == list(range(rows[0], rows[0] + n))
        here = slice(rows[0], rows[0] + n)
        self._rows = None if in_place else torch.tensor(list(rows), device=device)
        self._states = states
        self._state = (
            states[:, here] if in_place else workspace.buffer("state", 2 * depth, n, hidden)
        )  # (2 layers, n, H)
        self._expected = expected
        self._expected_rows = torch.tensor(list(rows))
        straight = in_place and expected.device == device
        self._answers = expected[here] if straight else workspace.buffer("answers", n, VOCABULARY)
        self._straight = straight

        self._gates = workspace.buffer("gates", n, 4 * hidden)
        into, forget, new, out = self._gates.chunk(4, 1)
        squashed = workspace.buffer("squashed", n, hidden)
        self._logits = workspace.buffer("logits", n, VOCABULARY)
        self._layers: list[tuple[Callable[[], None], tuple[Tensor, ...]]] = []
        self._puts: list[Callable[[], object]] = []
        for k, layer in enumerate(weights.layers):
            hidden_state, cell = self._state[k], self._state[depth + k]
            vectors = [self._state[k - 1], hidden_state] if k else [hidden_state]
            start = self._biases(weights.biases[k], batch, workspace) if k else self._gates
            multiply = layer.prepare(batch, vectors, start, self._gates, workspace)
            self._layers.append((multiply, (into, forget, new, out, cell, squashed, hidden_state)))
        output_bias = self._biases(weights.output_bias, batch, workspace)
        self._read_out = weights.output.prepare(batch, [self._state[depth - 1]], output_bias, self._logits, workspace)
        self._replay = capture_cuda_graph(self._run, states)

    def _biases(self, values: Tensor, batch: Batch, workspace: Workspace) -> Tensor:
        here, put = workspace.gathered(values, batch)
        self._puts.append(put)
        return here

    @torch.inference_mode()
    def run(self) -> None:
        """Each reads its code; its row of ``states`` and of ``expected`` changes."""
        (self._replay or self._run)()
        if not self._straight:
            self._expected.index_copy_(0, self._expected_rows, self._answers.to(self._expected.device))

    def _run(self) -> None:
        for put in self._puts:
            put()
        if self._rows is not None:
            torch.index_select(self._states, 1, self._rows, out=self._state)
        torch.add(self._first, self.codes, out=self._which)
        torch.index_select(self._table, 0, self._which, out=self._gates)
        for multiply, (into, forget, new, out, cell, squashed, hidden) in self._layers:
            multiply()
            self._gates.sigmoid_()
            cell.mul_(forget).addcmul_(into, new, value=2.0).sub_(into)  # + into * tanh, as the gate g is doubled
            torch.add(cell, cell, out=squashed).sigmoid_()  # a sigmoid takes a tenth of the time of tanh
            torch.mul(out, squashed, out=hidden).mul_(2.0).sub_(out)
        self._read_out()
        torch.softmax(self._logits, 1, out=self._answers)
        if self._rows is not None:
            self._states.index_copy_(1, self._rows, self._state)


def capture_cuda_graph(run: Callable[[], None], states: Tensor) -> Callable[[], None] | None:
    """Where ``states`` is on CUDA, a graph captured from ``run`` that does the same; else None.

    Unmeasured so far: nobody ran ``antiphon bench step`` on CUDA yet.
    """
    if states.device.type != "cuda":
        return None
    kept = states.clone()
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.inference_mode(), torch.cuda.stream(aside):  # a first run outside the graph, as capturing asks for
        run()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.inference_mode(), torch.cuda.graph(graph):
        run()
    states.copy_(kept)
    return graph.replay
