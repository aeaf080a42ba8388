"""Voices made on several machines: one Ray task a voice, progress from each, a lost worker's voice tried again.

Text and base travel to the worker as plain bytes and the voice comes back as the bytes of its file; nothing is pickled
here. A task that is tried again goes on from its checkpoint where ``runs`` is a folder that all machines share, else it
begins anew. Antiphon has to be installed on every machine. Ray is an optional dependency. ``train_on_cluster`` runs on
the caller's thread; a task runs in a process of Ray's.
"""

from __future__ import annotations

import logging
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.char_lstm.network import Shape
from models.char_lstm.weights_file import VoiceWeights
from models.evaluation import bits_per_char
from models.training.progress import ProgressReporter, View, plain_lines
from models.training.streams import cut, spread_split
from models.training.train_voice import TrainingResult, encode, make_voice
from models.training.trainer import TrainingConfig
from protocol.atomic_file import write_atomically
from protocol.errors import AntiphonError, TrainingError

TASK_RETRIES = 3  # times that a voice is tried again when its worker is lost
POLL_S = 0.5  # seconds between two looks at how the tasks do
REPORTS_PER_STOP_CHECK = 5  # reports between two questions whether to stop


@dataclass(frozen=True)
class Job:
    """One voice to be made. ``base`` is a voice's file, byte for byte; None: from nothing."""

    slug: str
    text: str
    config: TrainingConfig
    base: bytes | None
    shape: Shape


@dataclass(frozen=True)
class ClusterResult:
    """What came of a job: the voice's file and how it did, or what went wrong."""

    slug: str
    voice: bytes
    made: TrainingResult | None
    trouble: str


@contextmanager
def cluster(address: str | None) -> Iterator[Any]:
    """Ray, connected to the cluster at ``address`` (HOST:PORT, "auto"), or started on this machine.

    Raises ``TrainingError`` where Ray is not installed or nobody answers.
    """
    try:
        import ray
    except ModuleNotFoundError:
        raise TrainingError("--cluster needs Ray, which is not installed: pip install 'antiphon[ray]'") from None
    try:
        ray.init(
            address or "local",
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        raise TrainingError(f"no Ray cluster answers at {address}: {error}") from None
    try:
        yield ray
    finally:
        ray.shutdown()


def train_on_cluster(
    ray: Any, jobs: Sequence[Job], runs: Path, say: Callable[[str], None], stop: Callable[[], bool] = lambda: False
) -> Iterator[ClusterResult]:
    """Run every job as a task of ``ray`` and give the results as they come, in no order.

    ``stop`` lets all tasks end with the best so far.
    """
    board = ray.remote(num_cpus=0)(ProgressCollector).remote()
    train = ray.remote(max_retries=TASK_RETRIES)(_train)
    waiting = {train.remote(_plain(job), str(runs), board): job.slug for job in jobs}
    begun: dict[str, int] = {}
    stopping = False
    while waiting:
        done, _ = ray.wait(list(waiting), timeout=POLL_S)
        for slug, line, begins in ray.get(board.take.remote()):
            begun[slug] = begun.get(slug, 0) + begins
            say(f"{slug}: its worker was lost; {line}" if begins and begun[slug] > 1 else f"{slug}: {line}")
        if stop() and not stopping:
            stopping = True
            ray.get(board.end.remote())
        for reference in done:
            slug = waiting.pop(reference)
            try:
                yield _result(ray.get(reference))
            except ray.exceptions.RayError as error:
                yield ClusterResult(slug, b"", None, f"lost {TASK_RETRIES + 1} times ({type(error).__name__})")


def store_if_better(result: ClusterResult, text: str, path: Path) -> TrainingResult:
    """Put the voice of ``result`` at ``path`` unless the one there reads the held-out places of ``text`` better."""
    if result.made is None:
        raise TrainingError(f"{result.slug}: {result.trouble}")
    codes = encode(text)
    examination = np.concatenate(cut(codes, spread_split(len(codes)).held_out))
    earlier = bits_per_char(VoiceWeights.load(path), examination) if path.exists() else None
    kept = earlier is None or result.made.bits < earlier
    if kept:
        write_atomically(path, result.voice)
    made = result.made
    return TrainingResult(path, made.bits, earlier, kept, made.seconds, made.chars, made.curve)


class ProgressCollector:
    """What the tasks say, kept until it is taken; and whether they are to end. An actor beside the caller."""

    def __init__(self) -> None:
        self._said: list[tuple[str, str, bool]] = []
        self._ending = False

    def tell(self, slug: str, line: str, begins: bool = False) -> None:
        self._said.append((slug, line, begins))

    def take(self) -> list[tuple[str, str, bool]]:
        said, self._said = self._said, []
        return said

    def end(self) -> None:
        self._ending = True

    def ending(self) -> bool:
        return self._ending


class _Wire:
    """A display that is a line to the board."""

    wants_all = False

    def __init__(self, slug: str, board: Any) -> None:
        self._slug, self._board = slug, board

    def say(self, line: str) -> None:
        self._board.tell.remote(self._slug, line)

    def show(self, view: View) -> None:
        self.say(plain_lines(view)[0].strip())


def _train(job: Mapping[str, Any], runs: str, board: Any) -> dict[str, Any]:
    """One voice, in a process of Ray's. Plain values in and out."""
    import ray

    slug = job["slug"]
    ray.get(board.tell.remote(slug, f"begun in process {os.getpid()} of {platform.node()}", begins=True))
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked % REPORTS_PER_STOP_CHECK == 0 and bool(ray.get(board.ending.remote()))

    with tempfile.TemporaryDirectory() as folder:
        base = None
        if job["base"] is not None:
            write_atomically(Path(folder, "base.safetensors"), job["base"])
            base = VoiceWeights.load(Path(folder, "base.safetensors"))
        path = Path(folder, f"{slug}.safetensors")
        try:
            made = make_voice(
                slug,
                job["text"],
                path,
                Path(runs, path.name),
                TrainingConfig(**job["recipe"]),
                base,
                Shape(*job["shape"]),
                "cpu",
                ProgressReporter("", _Wire(slug, board)),
                stop,
            )
        except AntiphonError as error:
            return {"slug": slug, "trouble": str(error)}
        return {
            "slug": slug,
            "voice": path.read_bytes(),
            "bits": made.bits,
            "seconds": made.seconds,
            "chars": made.chars,
            "curve": [list(sample) for sample in made.curve],
        }


def _plain(job: Job) -> dict[str, Any]:
    return {
        "slug": job.slug,
        "text": job.text,
        "recipe": asdict(job.config),
        "base": job.base,
        "shape": (job.shape.layers, job.shape.hidden),
    }


def _result(told: Mapping[str, Any]) -> ClusterResult:
    if "trouble" in told:
        return ClusterResult(told["slug"], b"", None, told["trouble"])
    curve = tuple((row[0], row[1], row[2], row[3]) for row in told["curve"])
    made = TrainingResult(Path(), told["bits"], None, True, told["seconds"], told["chars"], curve)
    return ClusterResult(told["slug"], told["voice"], made, "")
