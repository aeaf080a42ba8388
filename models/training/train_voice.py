"""Making voices: from texts to files, the base network first, then every voice from it.

A run leaves a checkpoint every half minute, goes on from it when asked again, and replaces a voice only by a better
one. Runs on the caller's thread; ``report`` and ``stop`` are the caller's.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models import tensor_file, voice_folders
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from models.evaluation import bits_per_char
from models.interface import Codes
from models.training.device_streams import DeviceStreams
from models.training.learner import BatchSource
from models.training.streams import Split, Streams, cut, held_out_spans, spread_split, training_spans
from models.training.trainer import Clock, Progress, Trainer, TrainingConfig
from models.training.word_trainer import WordTrainer
from protocol.errors import StyleError, TrainingError

SMALL_TEXT_CHARS = 600_000  # characters below which a text can be learnt by heart in minutes
BY_HEART_READINGS = 8.0  # readings of a small text; 4 without dropout were better than with any
CHARS_PER_MINUTE = 600_000  # that one core reads in training, roughly
MIN_TEXT_CHARS = 2_000  # characters without which there is nothing to learn from
CODE_SHARE = {"linux": 2.2, "latex": 1.8, "apollo11": 1.6}  # read more often by the base: code is learnt late

Sample = tuple[float, int, float, float]  # of a curve: seconds, characters, training bits, held-out bits
Report = Callable[[Progress, CharLSTM], None]


@dataclass(frozen=True)
class TrainingResult:
    """What a run ended with. ``bits`` and ``earlier`` are bits per character on the held-out text."""

    path: Path
    bits: float
    earlier: float | None  # of the voice that stood there before, on the same held-out text
    kept: bool  # whether the new voice was written: it is the first, or better
    seconds: float
    chars: int
    curve: tuple[Sample, ...] = ()


def voice_config(chars: int, minutes: float, from_scratch: bool = False) -> TrainingConfig:
    """How to make one voice of ``chars`` characters, as the trials showed (docs/voices/trials.md).

    Many small batches, and steps that do not lead far from the base, so that the voice can still be fused with its
    kin. Its readers jump often, so that it learns how its text begins where nothing stands before it: a base begins
    like code. Dropout only where a small text will be read so often that it would be learnt by heart.
    """
    readings = minutes * CHARS_PER_MINUTE / chars
    by_heart = chars < SMALL_TEXT_CHARS and (from_scratch or readings > BY_HEART_READINGS)
    return TrainingConfig(
        minutes=minutes,
        texts=16,
        steps=64 if chars > 20_000 else 32,
        warmup=0.05,
        peak=3e-3 if from_scratch else 2e-3,
        dropout=0.15 if by_heart else 0.0,
        weight_decay=0.05 if chars < SMALL_TEXT_CHARS else 0.01,
        stay=2_048,
        every=min(30.0, 3.0 * minutes),
    )


def base_config(minutes: float, further: bool = False) -> TrainingConfig:
    """How to make the base: large steps over many small batches; the trials are told in docs/voices/trials.md."""
    return TrainingConfig(minutes=minutes, texts=32, peak=5e-3, seed=2 if further else 1, every=120.0)


def encode(text: str) -> Codes:
    """A cleaned text as 7-bit codes; raises ``StyleError`` for other characters and for a text that is too short."""
    try:
        codes = np.frombuffer(text.encode("ascii"), np.uint8)
    except UnicodeEncodeError as error:
        raise StyleError(f"the text holds {text[error.start]!r}, which is not 7-bit: clean it first") from None
    if len(codes) < MIN_TEXT_CHARS:
        raise StyleError(
            f"the text has {len(codes)} characters; a voice needs {MIN_TEXT_CHARS} at least, 200,000 to be good"
        )
    return codes


@dataclass(frozen=True)
class Mixture:
    """What a base reads and is examined on. ``shares`` says how often each corpus is read, on any scale."""

    corpora: Sequence[Sequence[Codes]]
    shares: Sequence[float]
    held_out: Sequence[Codes]
    digest: str  # of all texts together
    digests: Mapping[str, str]  # of each, by slug


def mix_texts(texts: Mapping[str, str], shares: Mapping[str, float]) -> Mixture:
    """All texts together, each read in proportion to its share and the root of its length."""
    codes = {slug: encode(text) for slug, text in texts.items()}
    return Mixture(
        [cut(text, training_spans(len(text))) for text in codes.values()],
        [shares.get(slug, 1.0) * CODE_SHARE.get(slug, 1.0) * len(text) ** 0.5 for slug, text in codes.items()],
        [cut(text, held_out_spans(len(text)))[3] for text in codes.values()],
        digest_of(*codes.values()),
        {slug: digest_of(text) for slug, text in codes.items()},
    )


def make_base(
    texts: Mapping[str, str],
    shares: Mapping[str, float],
    path: Path,
    checkpoint: Path,
    config: TrainingConfig,
    shape: Shape,
    device: str,
    report: Report,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.monotonic,
    earlier: VoiceWeights | None = None,
) -> TrainingResult:
    """One network on all texts together, each read in proportion to its share and the root of its length.

    It begins from the ``earlier`` base, where one is given. Its voices are to be made anew then: they are children of
    the base that they began from.
    """
    mixture = mix_texts(texts, shares)
    torch.manual_seed(config.seed)
    network = (earlier.network(config.dropout) if earlier else CharLSTM(shape, config.dropout)).to(device)
    streams = Streams(mixture.corpora, mixture.shares, config.texts, config.steps, config.stay, config.seed)
    trainer = Trainer(network, streams, mixture.held_out, config, clock)
    _run(trainer, checkpoint, "base", mixture.digest, report, stop)
    before = {"before": without_curve(earlier)} if earlier else {}
    record = run_record(trainer, {"texts": dict(mixture.digests), **before})
    VoiceWeights.of(network, voice_folders.BASE, record).save(path, exact=True)
    return TrainingResult(path, trainer.best_bits, None, True, trainer.seconds, trainer.chars, tuple(trainer.curve))


def make_voice(
    slug: str,
    text: str,
    path: Path,
    checkpoint: Path,
    config: TrainingConfig,
    base: VoiceWeights | None,
    shape: Shape,
    device: str,
    report: Report,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.monotonic,
    split: Split | None = None,
) -> TrainingResult:
    """One voice from a cleaned text: from ``base``, whose shape then counts, or from nothing.

    ``base`` is the base network, or a voice that is to be trained further; it stays a child of its own base then.
    ``split`` says what is held out, by default places all over the text.
    """
    run = begin_voice(slug, text, config, base, shape, device, clock, split)
    _run(run.trainer, checkpoint, slug, run.digest, report, stop)
    made = conclude_voice(run, path)
    if run.trainer.share >= 1.0:  # a run that was stopped can go on
        checkpoint.unlink(missing_ok=True)
    return made


@dataclass(frozen=True)
class VoiceRun:
    """A voice that is being made."""

    slug: str
    trainer: Trainer
    split: Split
    held_out: Sequence[Codes]
    base: VoiceWeights | None
    digest: str  # of its text


def begin_voice(
    slug: str,
    text: str,
    config: TrainingConfig,
    base: VoiceWeights | None,
    shape: Shape,
    device: str,
    clock: Clock = time.monotonic,
    split: Split | None = None,
    on_device: bool = False,
) -> VoiceRun:
    """What ``make_voice`` begins with; ``on_device`` lets the text lie on the device and be read there."""
    codes = encode(text)
    split = split or spread_split(len(codes))
    held_out, pieces = cut(codes, split.held_out), cut(codes, split.training)
    torch.manual_seed(config.seed)
    network = (base.network(config.dropout) if base else CharLSTM(shape, config.dropout)).to(device)
    streams: BatchSource
    if on_device:
        streams = DeviceStreams([pieces], [1.0], config.texts, config.steps, config.stay, config.seed, device)
    else:
        streams = Streams([pieces], [1.0], config.texts, config.steps, config.stay, config.seed)
    return VoiceRun(slug, Trainer(network, streams, held_out, config, clock), split, held_out, base, digest_of(codes))


def conclude_voice(run: VoiceRun, path: Path) -> TrainingResult:
    """Compare the voice as it will be shipped, int8 rows included, with the one at ``path``, and keep the better."""
    trainer, slug = run.trainer, run.slug
    device, examination = trainer.learner.device, np.concatenate(run.held_out)
    held_out = [(span.start, span.stop) for span in run.split.held_out]
    record = run_record(trainer, {"text": run.digest, "held_out": held_out, **_descent(run.base)})

    def bits_of(voice: VoiceWeights) -> float:
        return bits_per_char(voice.network().to(device), examination)

    candidate = path.with_name(f".{slug}.candidate")
    try:
        bits = bits_of(VoiceWeights.of(trainer.network, slug, record).save(candidate))
        earlier = bits_of(VoiceWeights.load(path)) if path.exists() else None
        kept = earlier is None or bits < earlier
        if kept:
            VoiceWeights.of(trainer.network, slug, {**record, "held_out_bits": round(bits, 4)}).save(path)
    finally:
        candidate.unlink(missing_ok=True)
    return TrainingResult(path, bits, earlier, kept, trainer.seconds, trainer.chars, tuple(trainer.curve))


def _run(trainer: Trainer, checkpoint: Path, slug: str, digest: str, report: Report, stop: Callable[[], bool]) -> None:
    """Go on from ``checkpoint`` if it is this run's, else begin; leave it there until the voice is written."""
    if checkpoint.exists():
        found = tensor_file.read_record(checkpoint)
        shape = Shape(found["layers"], found["hidden"])
        if (found["text"], shape, found["recipe"]["texts"]) != (digest, trainer.network.shape, trainer.config.texts):
            raise TrainingError(f"{checkpoint} belongs to another text or size of {slug}: delete it to begin anew")
        trainer.restore(checkpoint)
    trainer.digest = digest
    trainer.run(lambda progress: report(progress, trainer.network), checkpoint=checkpoint, stop=stop)


def run_record(trainer: Trainer | WordTrainer, more: Mapping[str, Any]) -> dict[str, Any]:
    """What a voice's file tells of the run that made it, and ``more``."""
    return {
        "recipe": asdict(trainer.config),
        "seconds": round(trainer.seconds),
        "chars": trainer.chars,
        "best_bits": round(trainer.best_bits, 4),
        "curve": trainer.curve,
        "torch": torch.__version__,
        "made": time.strftime("%Y-%m-%d"),
        **more,
    }


def _descent(base: VoiceWeights | None) -> dict[str, Any]:
    """Whose child a voice is, and what was read before if it is an earlier voice trained further."""
    if base is None or base.slug == voice_folders.BASE:
        return {"base": fingerprint(base) if base else None}
    return {"base": base.record.get("base"), "before": without_curve(base)}


def without_curve(voice: VoiceWeights) -> dict[str, Any]:
    return {key: value for key, value in voice.record.items() if key != "curve"}


def digest_of(*texts: Codes) -> str:
    """SHA-256 of the texts, one after the other."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.tobytes())
    return digest.hexdigest()


def fingerprint(base: VoiceWeights) -> str:
    """What tells one base from another: SHA-256 of its output layer and golden vector."""
    return hashlib.sha256(base.output.to_float().numpy().tobytes() + repr(base.golden).encode()).hexdigest()
