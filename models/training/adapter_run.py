"""Making adapters: from a text to a file that leans the narrator to its style, from a checkpoint if there is one.

The same places are held out as for a char voice, so that the bits can be compared. Whoever hears the narrator needs the
network that the adapter was trained on. Runs on the caller's thread; ``report`` and ``stop`` are the caller's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from models.training.adapter_trainer import AdapterConfig, AdapterTrainer
from models.training.sampling import sample_voices
from models.training.stretch_trainer import Material
from models.training.train_voice import TrainingResult, digest_of
from models.training.trainer import Clock, Progress
from models.transformer.adapters import Adapter
from models.transformer.stepping import Stepper
from models.transformer.voices import TransformerVoices
from models.transformer.weights_file import TransformerWeights
from protocol.errors import TrainingError, VoiceError

Report = Callable[[Progress, Callable[[int], str]], None]  # is given what writes so many characters by now


def make_adapter(
    slug: str,
    text: str,
    path: Path,
    checkpoint: Path,
    config: AdapterConfig,
    narrator: Path,
    report: Report,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.process_time,
) -> TrainingResult:
    """An adapter of ``narrator`` to a cleaned text; it replaces the one at ``path`` only if it is better.

    Raises ``TrainingError`` where the narrator reads the text better without.
    """
    weights = TransformerWeights.load(narrator)
    digest = weights.digest()
    material = Material.of(text, weights.subwords, 2 * config.tokens)
    trainer = AdapterTrainer(weights.network(), material.numbers, material.chars, material.examined, config, clock)
    trainer.begin(checkpoint, f"{digest}.{digest_of(material.codes)}", f"narrator of {slug}")
    stepper = Stepper(weights)

    def write(chars: int) -> str:
        return _sample(stepper, Adapter(slug, digest, trainer.pairs or {}), chars)

    trainer.run(lambda progress: report(progress, write), checkpoint, stop)
    pairs, bits = trainer.pairs, trainer.best_bits
    if trainer.share >= 1.0:  # a run that was stopped can go on
        checkpoint.unlink(missing_ok=True)
    if pairs is None:
        raise TrainingError(
            f"the narrator reads {slug} best without an adapter ({trainer.plain_bits:.3f} bits): none made"
        )
    earlier = _earlier_bits(path, weights, digest)
    kept = earlier is None or bits < earlier
    if kept:
        record = {
            "recipe": asdict(config),
            "seconds": round(trainer.seconds),
            "chars": trainer.chars,
            "plain_bits": round(trainer.plain_bits, 4),
            "held_out_bits": round(bits, 4),
            "text": digest_of(material.codes),
            "held_out": [(span.start, span.stop) for span in material.held_out],
            "curve": trainer.curve,
            "torch": torch.__version__,
            "made": time.strftime("%Y-%m-%d"),
        }
        Adapter(slug, digest, pairs, record).save(path)
    return TrainingResult(path, bits, earlier, kept, trainer.seconds, trainer.chars, tuple(trainer.curve))


def _sample(stepper: Stepper, adapter: Adapter, chars: int) -> str:
    """What the narrator writes in this style by now."""
    voices = TransformerVoices([stepper], [adapter] if adapter.pairs else [])
    voices.lean({adapter.slug: 1.0})
    return sample_voices(voices, chars)


def _earlier_bits(path: Path, weights: TransformerWeights, digest: str) -> float | None:
    """Of the adapter that stands at ``path``, on the same places; None where there is none of use."""
    try:
        return float(Adapter.load(path, weights.shape, digest).record["held_out_bits"])
    except (VoiceError, KeyError, TypeError, ValueError):
        return None
