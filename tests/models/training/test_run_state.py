"""A run's state as a file: exact, or packed in a quarter of the bytes and nearly the same."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.char_lstm.network import CharLSTM, Shape
from models.training import run_state
from models.training.base_run import state_file
from models.training.run_state import RunState, pack_moments, quantise_blocks, unpack_moments, unquantise_blocks
from protocol.errors import TrainingError


def state(shape: Shape, texts: int = 2) -> RunState:
    torch.manual_seed(7)
    network = dict(CharLSTM(shape).state_dict())
    average = {name: value + 0.01 * torch.randn_like(value) for name, value in network.items()}
    moments = {}
    for index, value in enumerate(network.values()):
        moments[f"{index}.step"] = torch.tensor(1_234.0)
        moments[f"{index}.exp_avg"] = torch.randn_like(value)
        moments[f"{index}.exp_avg_sq"] = torch.rand_like(value) * 1e-6
    hidden, cell = torch.randn(2, shape.layers, texts, shape.hidden)
    record = {"layers": shape.layers, "hidden": shape.hidden, "chars": 5, "curve": [[1.0, 2, 3.0, 4.0, 5.0]]}
    return RunState(network, average, moments, hidden, cell, record)


def test_an_exact_state_comes_back_bit_by_bit(tmp_path: Path) -> None:
    kept = state(Shape(2, 16))
    run_state.save_exact(tmp_path / "run", kept)
    found = run_state.load(tmp_path / "run")
    for ours, theirs in ((kept.network, found.network), (kept.average, found.average), (kept.moments, found.moments)):
        assert set(ours) == set(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert torch.equal(kept.hidden, found.hidden) and torch.equal(kept.cell, found.cell)
    assert found.chars == 5 and found.shape == Shape(2, 16) and list(found.network) == list(kept.network)


def test_a_packed_state_is_nearly_the_same(tmp_path: Path) -> None:
    kept = state(Shape(2, 16))
    run_state.save_packed(tmp_path / "run", kept)
    found = run_state.load(tmp_path / "run")
    for name in kept.network:
        assert torch.allclose(found.average[name], kept.average[name], rtol=2**-8, atol=0)
        assert torch.allclose(found.network[name], kept.network[name], rtol=0, atol=2e-3)
    assert all(not found.moments[name].any() for name in found.moments if name.endswith(".exp_avg"))
    assert found.moments["3.step"].item() == 1_234 and list(found.network) == list(kept.network)


def test_the_packed_state_of_a_base_is_small_enough_to_be_committed(tmp_path: Path) -> None:
    run_state.save_packed(tmp_path / "run", state(Shape(), texts=64))
    assert (tmp_path / "run").stat().st_size < 14_000_000


def test_the_state_that_is_committed_is_small_and_can_be_gone_on_from() -> None:
    assert state_file().stat().st_size < 14_000_000
    state = run_state.load(state_file())
    network = CharLSTM(state.shape)
    network.load_state_dict(state.network)
    assert state.record["decay"] is None and state.record["curve"][-1][1] <= state.chars


@given(st.integers(1, 600), st.floats(1e-6, 1e6))
def test_blocks_give_numbers_back_to_half_a_step(length: int, size: float) -> None:
    values = size * torch.randn(length, generator=torch.Generator().manual_seed(length))
    codes, scale = quantise_blocks(values)
    step = scale.repeat_interleave(run_state.BLOCK)[:length]
    assert bool(((unquantise_blocks(codes, scale) - values).abs() <= 0.501 * step).all())


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_second_moments_come_back_within_half_a_step_of_the_range_that_rows_and_columns_leave(
    rows: int, columns: int, seed: int
) -> None:
    random = torch.Generator().manual_seed(seed)
    row, column = (10.0 ** (-4 * torch.rand(n, 1, generator=random)) for n in (rows, columns))
    second = row * column.t() * 1e-6 * (1.0 + torch.rand(rows, columns, generator=random))
    second[torch.rand(rows, columns, generator=random) < 0.1] = 0.0
    back = unpack_moments(pack_moments(second), second.shape)
    assert torch.equal(back == 0.0, second == 0.0)
    there = second > 0.0
    wrong = (back[there].log2() - second[there].log2()).abs()
    assert wrong.numel() == 0 or wrong.max().item() < 0.5


def test_a_vector_of_moments_is_kept_as_it_is() -> None:
    second = torch.rand(9)
    assert torch.equal(unpack_moments(pack_moments(second), second.shape), second)


def test_a_file_that_is_no_state_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with pytest.raises(TrainingError, match="is not there"):
        run_state.load(path)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(TrainingError, match="cannot be read"):
        run_state.load(path)
