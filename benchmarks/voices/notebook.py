"""What has been measured already, so that a report that was stopped goes on, and one of few new voices is quick.

A measurement is looked up by everything that decides it: what it is, the source code that makes it, and its arguments,
among them the checksums of voices and texts. One JSON file each; a torn or foreign one is measured again. Any thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from protocol.atomic_file import write_atomically


class Notebook:
    """Measurements kept in ``folder``; with ``again`` none is looked up, only written down."""

    def __init__(self, folder: Path, again: bool = False) -> None:
        self._folder, self._again = folder, again

    def recall(
        self, what: str, code: Sequence[ModuleType], arguments: Sequence[Any], measure: Callable[[], Any]
    ) -> Any:
        """The outcome (a JSON value) of ``measure()``, which ``code`` and ``arguments`` (JSON values) decide."""
        sources = [sha256(Path(str(module.__file__)).read_bytes()).hexdigest() for module in code]
        question = json.dumps([what, sources, list(arguments)])
        path = self._folder / f"{what}-{sha256(question.encode()).hexdigest()[:24]}.json"
        if not self._again and (answer := _answer(path, question)) is not None:
            return answer
        answer = measure()
        write_atomically(path, json.dumps({"question": question, "answer": answer}))
        return json.loads(json.dumps(answer))  # as it will be read next time


def _answer(path: Path, question: str) -> Any:
    """What stands in the file for this question; None if nothing does."""
    try:
        entry = json.loads(path.read_bytes())
        return entry["answer"] if entry["question"] == question else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
