"""The products that a choir may use all say what float32 says, and the step that they serve allocates nothing."""

import gc
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from models import kernels, voice_folders
from models.char_lstm.choir import Choir
from models.char_lstm.network import Shape
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.weights_file import VoiceWeights
from models.int8_rows import Matrix
from models.kernels import STRIP_OUTPUTS, Batch, FbgemmMatmul, FloatMatmul, Matmul, Workspace
from styles.cleaning import transliterate
from tests.models.char_lstm.test_choir import choir_of, voices

CPU = torch.device("cpu")
KINDS: dict[str, Callable[[Sequence[Matrix]], Matmul]] = {
    "fbgemm": FbgemmMatmul,
    "float": lambda made: FloatMatmul.of(made, CPU),
}
ROOT = Path(__file__).parents[2]
STREAMS = 25  # the text is read in so many places at once


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", [Batch((0, 1, 2)), Batch((2, 0)), Batch((1,)), Batch((1,), 5), Batch((1,), 20)])
@pytest.mark.parametrize(("rows", "columns"), [(32, 8), (128, 96), (2048, 64)])
def test_a_product_adds_the_matrix_times_the_vectors_of_each_row(
    kind: str, batch: Batch, rows: int, columns: int
) -> None:
    torch.manual_seed(rows)
    made = [Matrix.of(torch.randn(rows, columns)).quantised() for _ in range(3)]
    vectors = [torch.rand(len(batch), columns // 2) * 2 - 1 for _ in range(2)]
    into = torch.randn(len(batch), rows)
    matrices = [made[voice].to_float() for voice in batch.voices for _ in range(batch.repeats)]
    expected = torch.stack(
        [
            start + matrix.double() @ torch.cat([a, b]).double()
            for start, matrix, a, b in zip(into.double(), matrices, *vectors, strict=True)
        ]
    )
    KINDS[kind](made).prepare(batch, vectors, into, into, Workspace(CPU))()
    torch.testing.assert_close(into.double(), expected, atol=1e-3 if batch.repeats > 8 else 1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rows", "columns"), [(32, 8), (130, 96), (2048, 64)])
def test_a_stack_averages_the_matrices_that_it_was_made_of(kind: str, rows: int, columns: int) -> None:
    torch.manual_seed(rows)
    made = [Matrix.of(torch.randn(rows, columns)).quantised() for _ in range(4)]
    stack, part, into = KINDS[kind](made).stack([3, 0, 1]), slice(8, 24), torch.empty(16, columns)
    stack.mean(part, torch.tensor([0, 2]), torch.tensor([0.25, 0.75]), into)
    expected = 0.25 * made[3].to_float()[part] + 0.75 * made[1].to_float()[part]
    torch.testing.assert_close(into, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rows", "columns"), [(32, 8), (130, 96), (12_001, 100)])
def test_one_matrix_times_one_vector_needs_no_preparation(kind: str, rows: int, columns: int) -> None:
    torch.manual_seed(rows)
    made, vector = Matrix.of(torch.randn(rows, columns)).quantised(), torch.rand(columns) * 2 - 1
    expected = made.to_float().double() @ vector.double()
    torch.testing.assert_close(KINDS[kind]([made]).times(vector).double(), expected, atol=1e-4, rtol=1e-4)


def test_a_processors_registers_do_not_change_a_bit_of_the_sums() -> None:
    torch.manual_seed(1)
    made = [Matrix.of(torch.randn(2048, 64)).quantised() for _ in range(2)]
    vector, sums = torch.rand(2, 64) * 2 - 1, []
    for strip in STRIP_OUTPUTS.values():
        into = torch.ones(2, 2048)
        FbgemmMatmul(made, strip).prepare(Batch((0, 1)), [vector], into, into, Workspace(CPU))()
        sums.append(into)
    assert torch.equal(*sums)


@pytest.mark.parametrize("int8_matmul", [True, False])
def test_int8_foresees_real_text_as_float32_does(int8_matmul: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """10,000 characters of this project's own prose, by three of the shipped voices, in so many places at once."""
    if int8_matmul and not kernels.has_int8_matmul():
        pytest.skip("this processor has no product of int8")
    monkeypatch.setattr(kernels, "has_int8_matmul", lambda: int8_matmul)
    paths = list(voice_folders.voices().values())[::8]
    prose = "".join(transliterate((ROOT / name).read_text()) for name in ("LICENSE", "README.md", "docs/protocol.md"))
    codes = torch.tensor(list(prose[:10_000].encode())).view(STREAMS, -1).t()  # (T, B)
    weights = [VoiceWeights.load(path) for path in paths]
    choir = Choir(PackedWeights(weights))
    choir.forget(range(len(paths)))
    rollout = choir.rollout(range(len(paths)), STREAMS)
    ours = torch.empty(len(paths), *codes.shape, 128)  # (S, T, B, V)
    for place, read in enumerate(codes):
        rollout.step(read.tolist())
        ours[:, place] = torch.from_numpy(rollout.distributions).transpose(0, 1)
    for voice, said in zip(weights, ours, strict=True):
        network = voice.network()
        with torch.inference_mode():
            exact = network(codes, network.zero_state(STREAMS))[0].softmax(-1)
        bits, exact_bits = (-p[:-1].gather(2, codes[1:, :, None]).log2().mean().item() for p in (said, exact))
        assert 0.5 * (said - exact).abs().sum(-1).mean() < 0.005
        assert abs(bits / exact_bits - 1) < 0.003


def test_where_pytorch_has_no_such_kernels_the_plain_product_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = voices(3)
    quick = choir_of(made)
    monkeypatch.setattr("models.char_lstm.packed_weights.has_fbgemm", lambda: False)
    plain = choir_of(made)
    for choir in (quick, plain):
        for code in b"a plain product":
            choir.step(code, [0, 1, 2])
    assert [type(choir.weights.output) for choir in (quick, plain)] == [FbgemmMatmul, FloatMatmul]
    np.testing.assert_allclose(plain.distributions, quick.distributions, atol=2e-6)


def test_a_kernel_that_is_gone_or_does_something_else_is_not_used() -> None:
    def gone(*_: object, **__: object) -> torch.Tensor:
        raise AttributeError("'_OpNamespace' 'quantized' object has no attribute 'embedding_bag_byte_rowwise_offsets'")

    def other(*_: object, **__: object) -> torch.Tensor:
        return torch.zeros(2, 2)

    assert not any(kernels.sums_rows(kernel) or kernels.multiplies_int8(kernel) for kernel in (gone, other))
    assert kernels.sums_rows(kernels.weighted_row_sums) == kernels.has_fbgemm()


@pytest.mark.parametrize("chosen", [range(6), [4, 1]])
def test_a_step_leaves_nothing_behind_and_allocates_only_the_librarys_sums(chosen: list[int]) -> None:
    choir = choir_of(voices(6, Shape(2, 128)))
    for _ in range(3):
        choir.step(ord("a"), chosen)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=True) as watched:
        choir.step(ord("b"), chosen)
    asked = {event.key: event.self_cpu_memory_usage for event in watched.key_averages() if event.self_cpu_memory_usage}
    sums = 4 * len(chosen) * (4 * 128 + 4 * 128 + 128)  # bytes of the products of both layers and of the output
    assert 0 < sum(usage for usage in asked.values() if usage > 0) <= sums + 64

    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.take_snapshot()
        for _ in range(50):
            choir.step(ord("c"), chosen)
        grown = [
            line
            for line in tracemalloc.take_snapshot().compare_to(before, "filename")
            if line.size_diff > 0 and "/models/" in line.traceback[0].filename
        ]
    finally:
        tracemalloc.stop()
    assert sum(line.size_diff for line in grown) < 1_000


def test_however_many_steps_are_prepared_what_they_read_lies_in_one_buffer() -> None:
    choir = choir_of(voices(6, Shape(2, 128)))
    choir.step(ord("a"), [0, 1, 2, 3, 5])
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=True) as watched:
        for chosen in ([0, 2], [1, 3, 4], [5], [0, 2, 3, 4]):
            choir.step(ord("b"), chosen)
    kept = sum(event.self_cpu_memory_usage for event in watched.key_averages())
    assert kept < 4 * 2_000  # bytes: where the batch end, and who they are
