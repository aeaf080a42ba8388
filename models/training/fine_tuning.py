"""Fine-tuning a whole transformer on a text, as GPT-2 is: one that is there, or a small one of its own from nothing.

The same places are held out as for any voice, so that the bits can be compared, and what is written by now is shown
every so many updates. A small GPT-2 has byte pairs of its own, learnt from the text by ``tokenizers``; it is made as
the hub has such models and read as those are. Runs on the caller's thread; the clock is handed in.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor

from models.training.sampling import sample_voices
from models.training.stretch_trainer import Material, StretchConfig, StretchTrainer
from models.training.train_voice import TrainingResult, digest_of
from models.training.trainer import Clock, Progress
from models.transformer.convert import BEGIN, convert
from models.transformer.load import expect
from models.transformer.network import Pairs, Transformer, TransformerShape
from models.transformer.stepping import Stepper
from models.transformer.voices import TransformerVoices
from models.transformer.weights_file import TransformerWeights
from protocol.errors import TrainingError

Report = Callable[[Progress, Callable[[int], str]], None]  # is given what writes so many characters by now
Write = Callable[[str], object]

FURTHER = StretchConfig(minutes=15.0, peak=5e-5)  # of a network that has read a library
FROM_NOTHING = StretchConfig(minutes=6.0, readings=100.0, texts=8, peak=2e-3, floor=0.05)
SAMPLE_CHARS = 300


@dataclass(frozen=True)
class SmallGpt2:
    """How large a GPT-2 of one's own is."""

    pairs: int = 2_048  # tokens of its vocabulary, all bytes among them
    layers: int = 3
    heads: int = 6
    width: int = 192
    positions: int = 256
    seed: int = 1


class FineTuner(StretchTrainer):
    """A run in which all numbers of the network change."""

    def __init__(self, network: Transformer, material: Material, config: StretchConfig, clock: Clock) -> None:
        learnt: dict[str, Tensor] = dict(network.float().named_parameters())
        super().__init__(network, learnt, material.numbers, material.chars, material.examined, config, clock)

    def _pairs(self) -> Pairs | None:
        return None


def fine_tune(
    name: str,
    text: str,
    weights: TransformerWeights,
    path: Path,
    checkpoint: Path,
    config: StretchConfig,
    report: Report,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.process_time,
) -> TrainingResult:
    """A transformer called ``name`` at ``path``, of ``weights`` and a cleaned text.

    Raises ``TrainingError`` where it reads the text better as it is, and for a checkpoint of another run.
    """
    material = Material.of(text, weights.subwords, 2 * config.tokens)
    trainer = FineTuner(weights.network(), material, config, clock)
    trainer.begin(checkpoint, f"{weights.digest()}.{digest_of(material.codes)}", f"network of {name}")

    def write(chars: int) -> str:
        by_now = TransformerWeights.of(trainer.network, name, weights.subwords, {})
        return sample_voices(TransformerVoices([Stepper(by_now)]), chars)

    trainer.run(lambda progress: report(progress, write), checkpoint, stop)
    if trainer.share >= 1.0:  # a run that was stopped can go on
        checkpoint.unlink(missing_ok=True)
    best, bits = trainer.best, trainer.best_bits
    if best is None:
        raise TrainingError(f"it reads the text best as it is ({trainer.plain_bits:.3f} bits): none made")
    trainer.network.load_state_dict(best)
    record = {
        "from": weights.name,
        "recipe": asdict(config),
        "seconds": round(trainer.seconds),
        "chars": trainer.chars,
        "plain_bits": round(trainer.plain_bits, 4),
        "held_out_bits": round(bits, 4),
        "text": digest_of(material.codes),
        "made": time.strftime("%Y-%m-%d"),
    }
    made = TransformerWeights.of(trainer.network, name, weights.subwords, {**weights.record, "training": record})
    made = replace(made, embedding=made.embedding.quantised())
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path, expect(Stepper(made)))
    return TrainingResult(path, bits, None, True, trainer.seconds, trainer.chars, tuple(trainer.curve))


def every(updates: int, say: Write, progress: Report) -> Report:
    """``progress``, and a sample said after every so many updates."""
    counted = 0

    def report(now: Progress, write: Callable[[int], str]) -> None:
        nonlocal counted
        counted += 1
        if counted % updates == 0:
            say(f"after {counted} updates, {now.train_bits:.3f} bits on what is read:")
            say(write(SAMPLE_CHARS))
        progress(now, write)

    return report


def small_gpt2(text: str, of: SmallGpt2 | None = None) -> TransformerWeights:
    """A GPT-2 that has learnt nothing but how ``text`` is cut into byte pairs.

    Raises ``TrainingError`` where ``tokenizers`` is not installed.
    """
    of = of or SmallGpt2()
    try:
        import tokenizers as library
    except ImportError:
        raise TrainingError("byte pairs are learnt by tokenizers: pip install 'antiphon[gpt]' has it") from None
    bytes_ = library.pre_tokenizers.ByteLevel
    pairs: Any = library.Tokenizer(library.models.BPE())
    pairs.pre_tokenizer = bytes_(add_prefix_space=False)
    trainer = library.trainers.BpeTrainer(
        vocab_size=of.pairs, initial_alphabet=bytes_.alphabet(), special_tokens=[BEGIN], show_progress=False
    )
    pairs.train_from_iterator([text], trainer)
    tokens = pairs.get_vocab_size()
    network = Transformer(
        TransformerShape(tokens, of.layers, of.heads, of.heads, of.width, 4 * of.width, positions=of.positions)
    )
    network.start(of.seed)
    config = {
        "model_type": "gpt2",
        "vocab_size": tokens,
        "n_layer": of.layers,
        "n_head": of.heads,
        "n_embd": of.width,
        "n_positions": of.positions,
    }
    with tempfile.TemporaryDirectory(prefix="antiphon-") as name:
        folder = Path(name)
        (folder / "tokenizer.json").write_text(pairs.to_str(), "utf-8")
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
        safetensors.torch.save_file(_as_the_hub_has_it(network), str(folder / "model.safetensors"))
        return convert(folder, "gpt2")


def _as_the_hub_has_it(network: Transformer) -> dict[str, Tensor]:
    """The tensors of a GPT-2 by their usual names, matrices with their rows as columns."""
    found = {name: value.detach() for name, value in network.state_dict().items()}
    called = {"qkv": "attn.c_attn", "output": "attn.c_proj", "up": "mlp.c_fc", "down": "mlp.c_proj"}
    norms = {"attention_norm": "ln_1", "mlp_norm": "ln_2"}
    tensors = {"wte.weight": found["embedding"], "wpe.weight": found["positions"]}
    tensors |= {"ln_f.weight": found["norm"][0], "ln_f.bias": found["norm"][1]}
    for place in range(network.shape.layers):
        for ours, theirs in called.items():
            tensors[f"h.{place}.{theirs}.weight"] = found[f"layers.{place}.{ours}"].t()
            tensors[f"h.{place}.{theirs}.bias"] = found[f"layers.{place}.{ours}_bias"]
        for ours, theirs in norms.items():
            norm = found[f"layers.{place}.{ours}"]
            tensors |= {f"h.{place}.{theirs}.weight": norm[0], f"h.{place}.{theirs}.bias": norm[1]}
    return {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
