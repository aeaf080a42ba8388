"""The products that a choir may use all say what float32 says, and the step that they serve allocates nothing."""

import gc
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from models import voice_folders
from models.char_lstm.batched_choir import BatchedChoir
from models.char_lstm.kernels import STRIP_OUTPUTS, Batch, FbgemmMatmul, FloatMatmul, Matmul, OneDnnMatmul, Workspace
from models.char_lstm.network import Shape
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.stored_voice import QuantisedMatrix, StoredVoice
from models.char_lstm.weights_file import VoiceWeights
from styles.cleaning import transliterate
from tests.models.char_lstm.test_choir import choir_of, voices

CPU = torch.device("cpu")
KINDS: dict[str, Callable[[Sequence[QuantisedMatrix]], Matmul]] = {
    "rows": FbgemmMatmul,
    "matrix": OneDnnMatmul,
    "float": lambda made: FloatMatmul.of(made, CPU),
}
HOUSE = Path(__file__).parents[3]
STREAMS = 25  # the text is read in so many places at once


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lanes", [Batch((0, 1, 2)), Batch((2, 0)), Batch((1,)), Batch((1,), 5)])
@pytest.mark.parametrize(("rows", "columns"), [(32, 8), (128, 96), (2048, 64)])
def test_a_product_adds_the_matrix_times_the_vectors_of_each_lane(
    kind: str, lanes: Batch, rows: int, columns: int
) -> None:
    torch.manual_seed(rows)
    made = [QuantisedMatrix.of(torch.randn(rows, columns)) for _ in range(3)]
    vectors = [torch.rand(len(lanes), columns // 2) * 2 - 1 for _ in range(2)]
    into = torch.randn(len(lanes), rows)
    matrices = [made[voice].values * made[voice].scale[:, None] for voice in lanes.voices for _ in range(lanes.repeats)]
    expected = torch.stack(
        [
            start + matrix.double() @ torch.cat([a, b]).double()
            for start, matrix, a, b in zip(into.double(), matrices, *vectors, strict=True)
        ]
    )
    KINDS[kind](made).prepare(lanes, vectors, into, into, Workspace(CPU))()
    torch.testing.assert_close(into.double(), expected, atol=1e-3 if kind == "matrix" else 1e-4, rtol=1e-4)


def test_a_processors_registers_do_not_change_a_bit_of_the_sums() -> None:
    torch.manual_seed(1)
    made = [QuantisedMatrix.of(torch.randn(2048, 64)) for _ in range(2)]
    vector, sums = torch.rand(2, 64) * 2 - 1, []
    for strip in STRIP_OUTPUTS.values():
        into = torch.ones(2, 2048)
        FbgemmMatmul(made, strip).prepare(Batch((0, 1)), [vector], into, into, Workspace(CPU))()
        sums.append(into)
    assert torch.equal(*sums)


@pytest.mark.parametrize("many", [False, True])
def test_int8_foresees_real_text_as_float32_does(many: bool) -> None:
    """10,000 characters of this house's own prose, by three of the shipped voices."""
    paths = list(voice_folders.voices().values())[::8]
    prose = "".join(transliterate((HOUSE / name).read_text()) for name in ("LICENSE", "README.md", "docs/protocol.md"))
    codes = torch.tensor(list(prose[:10_000].encode())).view(STREAMS, -1).t()  # (T, B)
    rooms = BatchedChoir(PackedWeights([StoredVoice.read(path) for path in paths], many=many), STREAMS)
    every = [range(len(paths))] * STREAMS
    for choir in rooms.choirs:
        choir.forget(range(len(paths)))
    ours = torch.empty(len(paths), *codes.shape, 128)  # (S, T, B, V)
    for place, read in enumerate(codes):
        rooms.step(read.tolist(), every)
        for room, choir in enumerate(rooms.choirs):
            ours[:, place, room] = torch.from_numpy(choir.distributions)
    for path, said in zip(paths, ours, strict=True):
        network = VoiceWeights.load(path).network()
        with torch.inference_mode():
            exact = network(codes, network.zero_state(STREAMS))[0].softmax(-1)
        bits, exact_bits = (-p[:-1].gather(2, codes[1:, :, None]).log2().mean().item() for p in (said, exact))
        assert 0.5 * (said - exact).abs().sum(-1).mean() < 0.005
        assert abs(bits / exact_bits - 1) < 0.003


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
    assert kept < 4 * 2_000  # bytes: where the lanes end, and who they are
