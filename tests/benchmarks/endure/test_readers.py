"""What strangers made is read, or refused in the way that its reader promises. `endure` damages for longer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.endure.readers import fuzz, lying_server, readers

NAMES = list(readers(Path(), Path(__file__)))  # nothing is read yet


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_ends_as_it_promises(name: str, tmp_path: Path, spelling_voices: Path) -> None:
    reader = readers(tmp_path, spelling_voices / "bible.safetensors")[name]
    left = iter(range(40))
    assert list(fuzz(reader, random.Random(1), lambda: next(left, None) is None)) == []


def test_a_lying_server_is_heard_out() -> None:
    lying_server(random.Random(2), 300)
