"""Whatever is thrown at the server, each datagram is dealt with at once and the text goes on. `endure` throws more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.endure.hostile import measure_receiver, measure_server
from benchmarks.endure.rubbish import TRAPS, damaged, random_bytes, well_formed
from protocol.formats import TO_FRONT, TO_SERVER
from protocol.osc import decode_to_front, decode_to_server
from protocol.tree import ParameterTree

TREE = ParameterTree(["ada", "bob"])


def test_each_datagram_is_dealt_with_in_well_under_a_character() -> None:
    figures = measure_receiver(2_000, seed=2)
    assert figures["slowest_trap"] in TRAPS
    assert figures["dealt_us"]["median"] < figures["dealt_us"]["p99"] < 10_000  # 1 ms on a machine that is not busy


def test_a_real_server_speaks_on_and_does_not_grow(home: Path, spelling_voices: Path) -> None:
    figures = measure_server(1_000, seed=3, weights=spelling_voices, patience=60.0)
    assert figures["characters_meanwhile"] > 0
    assert figures["memory_mb"]["at_the_end"] - figures["memory_mb"]["after_a_fifth"] < 20


@pytest.mark.parametrize("seed", range(5))
def test_no_damage_is_more_than_a_line_a_message(seed: int) -> None:
    luck = random.Random(seed)
    for _ in range(200):
        for datagram in (
            random_bytes(luck),
            damaged(well_formed(TO_SERVER, TREE, luck), luck),
            damaged(well_formed(TO_FRONT, TREE, luck), luck),
        ):
            for decoded in (decode_to_server(datagram, TREE), decode_to_front(datagram, None)):
                assert all(line.isprintable() and len(line) < 200 for line in decoded.complaints)


def test_most_messages_are_true_before_they_are_damaged() -> None:
    luck = random.Random(1)
    decoded = [decode_to_server(well_formed(TO_SERVER, TREE, luck), TREE) for _ in range(300)]
    assert sum(bool(each.messages) for each in decoded) > 150
