"""Markdown: tables, blocks of sample text, figures that may be missing. Values in, text out; no thread of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

SAMPLE_COLUMNS = 100  # at which the samples of prose are broken


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], sides: str = "") -> str:
    """A Markdown table; ``sides`` has an l or r for each column. A stroke in a cell, as a name may have, ends none."""
    marks = ["---:" if side == "r" else "---" for side in sides.ljust(len(heads), "l")]
    lines = (" | ".join(cell.replace("|", "\\|") for cell in cells) for cells in (heads, marks, *rows))
    return "".join(f"| {line} |\n" for line in lines)


def sample(text: str, code: bool = False) -> str:
    """``text`` as a block that no page takes for Markdown; the long lines of prose are broken, at spaces."""
    lines = text.strip("\n").split("\n")
    if not code:
        lines = [part for line in lines for part in textwrap.wrap(line, SAMPLE_COLUMNS) or [""]]
    fence = "~" * max(3, 1 + max((len(line) - len(line.lstrip("~")) for line in lines), default=0))
    return "\n".join([f"{fence}text", *(line.rstrip() for line in lines), fence])


def maybe(value: float | None, form: str) -> str:
    """``value`` in a format, or nothing."""
    return "" if value is None else format(value, form)
