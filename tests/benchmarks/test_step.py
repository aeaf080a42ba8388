"""The step benchmark measures the real choir, and the order of things holds."""

from benchmarks.machine import describe, percentile
from benchmarks.step import measure, weight_bytes
from models.char_lstm.network import Shape


def test_more_voices_cost_more_and_the_choir_beats_a_loop_of_networks() -> None:
    rows = measure((2, 12), Shape(2, 256), rounds=15)["rows"]
    assert [row["voices"] for row in rows] == [2, 12]
    assert rows[0]["step_ms"] < rows[1]["step_ms"] < rows[1]["loop_ms"]


def test_the_floor_counts_the_bytes_that_a_step_has_to_read() -> None:
    assert weight_bytes(Shape(2, 512)) == 2048 * 512 * 3 + 128 * 512 + 2048


def test_a_percentile_is_a_measured_value() -> None:
    assert percentile([0.001 * i for i in range(1, 101)], 0.99) == 100.0


def test_the_machine_is_described_without_naming_it() -> None:
    machine = describe()
    assert machine["cores"] >= 1 and "torch" in machine
    assert not any("/" in str(machine[key]) for key in ("processor", "system"))
