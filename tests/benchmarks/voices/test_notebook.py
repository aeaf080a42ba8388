"""Nothing is measured twice, and nothing stale is taken for known."""

from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.voices.measuring import Notebook


@pytest.fixture
def code(tmp_path: Path) -> ModuleType:
    """A module whose source decides the measurement."""
    module = ModuleType("code")
    module.__file__ = str(tmp_path / "code.py")
    (tmp_path / "code.py").write_text("1")
    return module


def test_a_measurement_is_made_once_and_comes_back_as_it_was(tmp_path: Path, code: ModuleType) -> None:
    made: list[int] = []

    def measure() -> dict[str, list[float]]:
        made.append(1)
        return {"bits": [0.1, 1 / 3]}

    answers = [Notebook(tmp_path / "notes").recall("bits", [code], ["voice"], measure) for _ in range(2)]
    assert answers == [{"bits": [0.1, 1 / 3]}] * 2 and made == [1]


def test_other_arguments_other_code_and_a_wish_for_it_are_measured_anew(tmp_path: Path, code: ModuleType) -> None:
    notes, answers = Notebook(tmp_path / "notes"), iter(range(9))

    def ask(notebook: Notebook, argument: str) -> int:
        answer: int = notebook.recall("bits", [code], [argument], lambda: next(answers))
        return answer

    assert [ask(notes, "one"), ask(notes, "two"), ask(notes, "one")] == [0, 1, 0]
    Path(str(code.__file__)).write_text("2")
    assert ask(notes, "one") == 2
    assert ask(Notebook(tmp_path / "notes", again=True), "one") == 3 == ask(notes, "one")


@pytest.mark.parametrize("torn", [b"", b'{"question": ', b"[]", b"\xff", b'{"question": "another", "answer": 7}'])
def test_a_torn_or_foreign_entry_is_measured_again(tmp_path: Path, code: ModuleType, torn: bytes) -> None:
    notes = Notebook(tmp_path / "notes")
    notes.recall("bits", [code], [], lambda: 1)
    (entry,) = (tmp_path / "notes").glob("bits-*.json")
    entry.write_bytes(torn)
    assert notes.recall("bits", [code], [], lambda: 2) == 2 == notes.recall("bits", [code], [], lambda: 3)
