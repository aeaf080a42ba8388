"""The base's long run at a desk: found where it stands, gone on with, kept, and told in lines.

Its state is kept twice. The checkpoint, in the folder of unfinished runs, is exact and written every few minutes. The
state, one packed file beside the code that is committed at the end of a working day, is written when a sitting ends;
another machine goes on from it. Whichever has read more characters counts. Runs on the caller's thread.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import torch

from models import voice_folders
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from models.training import run_state
from models.training.device_streams import DeviceStreams
from models.training.learner import BatchSource
from models.training.long_run import LongProgress, LongRun, LongRunConfig, Sitting
from models.training.run_state import RunState
from models.training.streams import Streams
from models.training.train_voice import TrainingResult, mix_texts

GOAL_CHARS = 300_000_000  # that the base is to read in all, at the least
TOLD_ROWS = 8  # of the curve so far, when a sitting begins

Clock = Callable[[], float]
Say = Callable[[str], None]


def state_file() -> Path:
    """Where the state stands that is committed: in the source tree; where there is none, in the user's data folder."""
    in_source = (Path(__file__).parents[2] / "pyproject.toml").exists()
    folder = Path(__file__).parent / "state" if in_source else voice_folders.user_folder().parent / "training"
    return folder / f"{voice_folders.BASE}{voice_folders.SUFFIX}"


class BaseRun:
    """The long run of the base on ``texts``, opened where it stands."""

    def __init__(
        self,
        texts: Mapping[str, str],
        checkpoint: Path,
        state: Path,
        device: str,
        shape: Shape,
        start: VoiceWeights | None,
        say: Say,
        config: LongRunConfig | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        """Without a checkpoint and a state it begins from the weights ``start``, or from nothing.

        On a processor the texts are read from memory, on an accelerator from its own. ``say`` is given lines.
        """
        self._mixture = mix_texts(texts, {})
        self._checkpoint, self._state, self._device, self._say = checkpoint, state, device, say
        self._config, self._clock = config or LongRunConfig(), clock
        self._machine = machine_name(device)
        found = [run_state.load(path) for path in (checkpoint, state) if path.exists()]
        found = [state for state in found if not state.record["decay"]]
        self._found = max(found, key=lambda state: state.chars) if found else None
        self._shape, self._start = self._found.shape if self._found else start.shape if start else shape, start

    @property
    def chars(self) -> int:
        """Characters read, over all sittings."""
        return self._found.chars if self._found else 0

    def _open(self, state: RunState | None) -> LongRun:
        config, mixture, device = self._config, self._mixture, self._device
        torch.manual_seed(config.seed)
        network = (self._start.network() if self._start and state is None else CharLSTM(self._shape)).to(device)
        seed = config.seed + (state.chars if state else 0)  # other places than in the sitting before
        place = (mixture.corpora, mixture.shares, config.texts, config.steps, config.stay, seed)
        streams: BatchSource = Streams(*place) if device == "cpu" else DeviceStreams(*place, device)
        run = LongRun(network, streams, mixture.held_out, config, mixture.digest, self._machine, self._clock)
        if state:
            run.restore(state)
        return run

    def hold(self, stop: Callable[[], bool], minutes: float | None = None, every_s: float = 300.0) -> None:
        """Go on at the held rate until ``stop()`` or for so many minutes, and leave checkpoint and state."""
        run = self._open(self._found)
        self._say(self._standing(run))
        ends = self._clock() + 60.0 * minutes if minutes else None

        def over() -> bool:
            return stop() or (ends is not None and self._clock() >= ends)

        def keep() -> None:
            run_state.save_exact(self._checkpoint, run.state())

        run.hold(Sitting(over, self._tell, keep, every_s))
        self._found = run.state()
        run_state.save_packed(self._state, self._found)
        read = f"{run.chars / 1e6:,.1f} million characters read"
        self._say(f"base: {read}; the state to be committed is {self._state}")

    def decay(self, chars: int, path: Path, stop: Callable[[], bool], every_s: float = 120.0) -> TrainingResult | None:
        """Lower the rate over ``chars`` characters, from where the run stands, and leave the base at ``path``.

        The held run stays as it is. None where ``stop()`` came first: the same call goes on with the branch.
        """
        branch = self._checkpoint.with_name(f"{voice_folders.BASE}.decay{voice_folders.SUFFIX}")
        begun = run_state.load(branch) if branch.exists() else None
        if begun and begun.record["decay"][0] != self.chars:
            begun = None  # the held run has gone on since
        run = self._open(begun or self._found)
        self._say(f"base: the rate falls to nothing over {chars / 1e6:,.1f} million characters")
        done = run.decay(chars, Sitting(stop, self._tell, lambda: run_state.save_exact(branch, run.state()), every_s))
        if not done:
            return None
        network, bits = run.better()
        record = {
            "recipe": asdict(self._config),
            "seconds": round(run.seconds),
            "chars": run.chars,
            "decay_chars": chars,
            "best_bits": round(bits, 4),
            "curve": [(seconds, read, train, average) for seconds, read, train, _, average in run.curve],
            "machines": run.machines,
            "torch": torch.__version__,
            "made": time.strftime("%Y-%m-%d"),
            "texts": dict(self._mixture.digests),
        }
        VoiceWeights.of(network, voice_folders.BASE, record).save(path, exact=True)
        branch.unlink(missing_ok=True)
        curve = tuple((seconds, read, train, network) for seconds, read, train, network, _ in run.curve)
        return TrainingResult(path, bits, None, True, run.seconds, run.chars, curve)

    def _standing(self, run: LongRun) -> str:
        """How far it is, how the bits fell so far, and how long it will take on this machine."""
        parts = [f"base: {run.chars / 1e6:,.1f} of {GOAL_CHARS / 1e6:,.0f} million characters read"]
        for machine, (chars, seconds) in run.machines.items():
            speed = f"{chars / max(seconds, 1e-9):,.0f} a second"
            parts.append(f"{chars / 1e6:,.1f} million in {seconds / 3600:.1f} h on {machine}, {speed}")
        rows = run.curve[:: max(1, -(-len(run.curve) // TOLD_ROWS))]
        if run.curve:
            rows = [*rows, run.curve[-1]] if rows[-1] != run.curve[-1] else rows
            parts.append("bits held out " + ", ".join(f"{row[4]:.3f} at {row[1] / 1e6:,.0f} M" for row in rows))
        chars, seconds = run.machines.get(self._machine, (0, 0.0))
        parts.append(time_left(run.chars, chars / seconds) if seconds else "how long it takes shows in a few minutes")
        return "; ".join(parts)

    def _tell(self, progress: LongProgress) -> None:
        self._say(
            f"base: {progress.chars / 1e6:,.1f} million characters, {progress.average_bits:.4f} bits held out (the "
            f"average's; the network's {progress.network_bits:.3f}), {progress.train_bits:.3f} read, "
            f"{progress.chars_per_second:,.0f} characters/s; {time_left(progress.chars, progress.chars_per_second)}"
        )


def time_left(chars: int, chars_per_second: float) -> str:
    """How long the goal is away at such a speed."""
    left = GOAL_CHARS - chars
    if left <= 0:
        return f"the goal of {GOAL_CHARS / 1e6:,.0f} million is read: --decay makes the base"
    return f"{left / max(chars_per_second, 1e-9) / 3600:.1f} h to {GOAL_CHARS / 1e6:,.0f} million"


def machine_name(device: str) -> str:
    """What computes: the accelerator's name, or the processor's vectors and the threads used."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    if device != "cpu":
        return f"{device} of {platform.machine()}"
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}, threads: {torch.get_num_threads()}"
