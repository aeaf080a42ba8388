"""The readers of strangers' things, damaged by what it leads to: atheris goes on from whatever reaches new code.

An extra (`pip install '.[fuzz]'`, Linux); where it is not there, `endure` damages by chance alone. libFuzzer ends the
process that it runs in, so each reader has one of its own: run as a program (NAME SECONDS FOLDER VOICE) this file is
that process. Nothing of Antiphon may be imported before atheris watches over it: hence the imports inside ``main``.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTRUMENTED_PACKAGES = ["frontend", "models", "protocol", "server", "styles"]
MAX_INPUT_BYTES = 65_536  # bytes of a trial; a voice's file is damaged at its beginning, where all that decides stands
HANG_S = 20  # seconds after which one trial counts as hung
MEMORY_MB = 4_096  # MB that one may take
IMPORT_S = 120.0  # seconds for everything to be imported
RUNS = re.compile(r"Done (\d+) runs")


@dataclass(frozen=True)
class FuzzRun:
    """How often a reader read, and what ended otherwise than it may: one line, empty where nothing did."""

    runs: int
    finding: str


def is_installed() -> bool:
    """Whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


def fuzz(name: str, seconds: int, folder: Path, voice: Path) -> FuzzRun:
    """Damage what the reader ``name`` reads, for so many seconds; ``folder`` is empty, or holds an earlier hunt."""
    words = [sys.executable, "-m", "benchmarks.endure.guided", name, str(seconds), str(folder), str(voice)]
    try:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, timeout=seconds + IMPORT_S, check=False)
    except subprocess.TimeoutExpired:
        return FuzzRun(0, f"it did not end within {seconds + IMPORT_S:.0f} s")
    output = done.stderr.decode("utf-8", "replace") + done.stdout.decode("utf-8", "replace")
    runs = RUNS.search(output)
    if done.returncode == 0 and runs:
        return FuzzRun(int(runs[1]), "")
    lines = [
        line for line in output.splitlines() if re.match(r"[\w.]*(Error|Exception|Interrupt)\b|==\d+== ERROR", line)
    ]
    kept = next((path.read_bytes()[:80] for path in folder.glob("found-*")), b"")
    return FuzzRun(0, f"{lines[0] if lines else f'exit code {done.returncode}'} from {kept!r}")


def measure(seconds: float, report: Callable[[str], None] = lambda line: None) -> dict[str, FuzzRun]:
    """A hunt for every reader, ``seconds`` shared among them."""
    from benchmarks.endure.readers import readers
    from models import voice_folders

    voice = next(iter(voice_folders.voices().values()))
    with tempfile.TemporaryDirectory(prefix="antiphon-hunts-") as place:
        names = list(readers(Path(place), voice))
        hunts = {}
        for name in names:
            folder = Path(place) / re.sub(r"\W", "-", name)
            folder.mkdir()
            hunts[name] = fuzz(name, max(1, round(seconds / len(names))), folder, voice)
            report(f"{name}: {hunts[name].runs:,} runs {hunts[name].finding}")
    return hunts


def main(name: str, seconds: int, folder: Path, voice: Path) -> None:
    """Never returns."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED_PACKAGES, enable_loader_override=False):
        from benchmarks.endure.readers import TRAPS, readers
    reader = readers(folder, voice)[name]
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, example in enumerate((reader.example, *TRAPS)):
        (corpus / f"example-{number}").write_bytes(example[:MAX_INPUT_BYTES])

    def one(data: bytes) -> None:
        with contextlib.suppress(*reader.allowed):
            reader.read(data)

    limits = [f"-max_total_time={seconds}", f"-max_len={MAX_INPUT_BYTES}", f"-timeout={HANG_S}"]
    atheris.Setup(
        [sys.argv[0], *limits, f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={folder}/found-", str(corpus)], one
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
