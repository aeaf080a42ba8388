"""Making word voices: from a text to a file, from the word base if there is one.

A run leaves a checkpoint every minute, goes on from it when asked again, and replaces a voice only by a better one. The
same places are held out as for a char voice, so the bits can be compared. Runs on the caller's thread; ``report`` and
``stop`` are the caller's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models import tensor_file
from models.evaluation import bits_per_char
from models.interface import Codes
from models.training import word_vectors
from models.training.sampling import sample_words
from models.training.streams import cut, held_out_spans, spread_split, training_spans
from models.training.train_voice import TrainingResult, digest_of, encode, run_record
from models.training.trainer import Clock, Progress
from models.training.word_trainer import HeldOut, Numbers, WordTrainer, WordTrainingConfig
from models.words.load import expect
from models.words.network import WordLSTM, WordShape
from models.words.reading import WordVoice
from models.words.spelling import Spelling
from models.words.tokens import MOST_WORDS, Token, Vocabulary, tokens
from models.words.weights_file import WordWeights
from protocol.errors import TrainingError, VoiceError

BASE_WORDS = 20_000  # that the base knows
BASE_READINGS = 2  # of its texts, for the vectors: there is much text
SPELLED_BY_BASE = 20_000  # words that tell the base how unknown ones are spelled; each voice has its own

BASE_CHILD_PEAK = 2e-3  # the highest learning rate of a voice that begins from the base

Report = Callable[[Progress, Callable[[int], str]], None]  # is given what writes so many characters by now


def word_config(minutes: float, from_base: bool) -> WordTrainingConfig:
    """How to make one word voice in so many minutes of the processor."""
    return WordTrainingConfig(minutes=minutes, peak=BASE_CHILD_PEAK if from_base else 3e-3)


def word_base_config(minutes: float) -> WordTrainingConfig:
    """How to make the base: its texts are more than are read once, so that hardly anything need be dropped out."""
    return WordTrainingConfig(minutes=minutes, dropout=0.1)


@dataclass(frozen=True)
class WordTexts:
    """What a word voice reads, as words, and what it is examined on."""

    vocabulary: Vocabulary
    spelling: Spelling
    read: Numbers
    chars: int  # of what is read
    held_out: HeldOut

    @property
    def newline(self) -> int:
        """The number of a line's end."""
        return int(self.vocabulary.numbers([b"\n"])[0])

    @staticmethod
    def of(
        read: Sequence[Token], held_out: Sequence[Sequence[Token]], most: int, others: Sequence[Token] = ()
    ) -> WordTexts:
        """Of a text's tokens; ``others`` are words worth knowing that it may lack."""
        vocabulary, spelling = Vocabulary.of(read, most, others), Spelling.of(read)
        numbers = [vocabulary.numbers(piece) for piece in held_out]
        costs = [
            np.array([0.0 if number else spelling.bits(token) for number, token in zip(each, piece, strict=True)])
            for each, piece in zip(numbers, held_out, strict=True)
        ]
        chars = [np.array([len(token) for token in piece]) for piece in held_out]
        return WordTexts(
            vocabulary, spelling, vocabulary.numbers(read), sum(map(len, read)), HeldOut.of(numbers, costs, chars)
        )


def make_word_voice(
    slug: str,
    text: str,
    path: Path,
    checkpoint: Path,
    config: WordTrainingConfig,
    base: WordWeights | None,
    vectors: Path | None,
    report: Report,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.process_time,
    size: WordShape | None = None,
) -> TrainingResult:
    """One word voice of a cleaned text: from ``base``, or from word vectors, in a file or learnt from the text.

    ``size`` says of how many numbers and units a voice without a base is; vectors of a file bring their own numbers.
    """
    codes = encode(text)
    split = spread_split(len(codes))
    held_out = [tokens(piece.tobytes()) for piece in cut(codes, split.held_out)]
    shape = base.shape if base else size or WordShape(2)
    if vectors:
        shape = replace(shape, numbers=word_vectors.size_of(vectors))
    known = _by_frequency(base) if base else ()
    read = _words(cut(codes, split.training))
    texts = WordTexts.of(read, held_out, MOST_WORDS, known)
    shape = replace(shape, words=len(texts.vocabulary) + 1)
    torch.manual_seed(config.seed)
    network = WordLSTM(shape, config.dropout)
    if base and not vectors:
        inherited = word_vectors.inherited(texts.vocabulary, base.vocabulary, base.vectors.to_float().numpy())
        _inherit(network, base, inherited)
    elif not checkpoint.exists():
        _set_vectors(network, texts, vectors)
    trainer = WordTrainer(network, texts.read, texts.chars, texts.held_out, config, clock, texts.newline)
    _run(trainer, texts.vocabulary, checkpoint, slug, digest_of(codes), report, stop)
    record = run_record(
        trainer, {"text": trainer.digest, "held_out": [(span.start, span.stop) for span in split.held_out]}
    )
    made = _conclude(trainer, texts, slug, cut(codes, split.held_out), path, record)
    if trainer.share >= 1.0:  # a run that was stopped can go on
        checkpoint.unlink(missing_ok=True)
    return made


def make_word_base(
    texts: Mapping[str, str],
    path: Path,
    checkpoint: Path,
    config: WordTrainingConfig,
    report: Report,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.process_time,
    size: WordShape | None = None,
) -> TrainingResult:
    """One word network on all texts together, from which word voices begin."""
    codes = {slug: encode(text) for slug, text in texts.items()}
    read = [word for text in codes.values() for word in _words(cut(text, training_spans(len(text))))]
    held_out = [tokens(cut(text, held_out_spans(len(text)))[3].tobytes()) for text in codes.values()]
    together = WordTexts.of(read, held_out, BASE_WORDS)
    shape = replace(size or WordShape(2), words=len(together.vocabulary) + 1)
    torch.manual_seed(config.seed)
    network = WordLSTM(shape, config.dropout)
    if not checkpoint.exists():
        learnt = word_vectors.learnt(together.read, shape.words - 1, shape.numbers, BASE_READINGS)
        network.vectors.data.copy_(torch.from_numpy(learnt))
    trainer = WordTrainer(network, together.read, together.chars, together.held_out, config, clock, together.newline)
    _run(trainer, together.vocabulary, checkpoint, path.stem, digest_of(*codes.values()), report, stop)
    spelling = Spelling.of_words(together.spelling.spelled[:: 1 + len(together.spelling.spelled) // SPELLED_BY_BASE])
    record = run_record(
        trainer, {"text": trainer.digest, "texts": {slug: digest_of(text) for slug, text in codes.items()}}
    )
    weights = WordWeights.of(network, path.stem, together.vocabulary, spelling, record).quantised()
    weights.save(path, expect(WordVoice(weights)))
    return TrainingResult(path, trainer.best_bits, None, True, trainer.seconds, trainer.chars, tuple(trainer.curve))


def _words(pieces: Sequence[Codes]) -> list[Token]:
    return [token for piece in pieces for token in tokens(piece.tobytes())]


def _by_frequency(base: WordWeights) -> list[Token]:
    """The words that ``base`` knows, those first that it expects most where it knows nothing."""
    return [base.vocabulary.words[place] for place in base.bias[1:].argsort(descending=True).tolist()]


def _inherit(network: WordLSTM, base: WordWeights, vectors: word_vectors.Vectors) -> None:
    weights = base.network().state_dict()
    network.load_state_dict({**weights, "vectors": torch.from_numpy(vectors), "bias": network.bias.detach()})


def _set_vectors(network: WordLSTM, texts: WordTexts, path: Path | None) -> None:
    size = network.shape.numbers
    if path:
        vectors = word_vectors.from_file(path, texts.vocabulary, size)
    else:
        vectors = word_vectors.learnt(texts.read, len(texts.vocabulary), size)
    network.vectors.data.copy_(torch.from_numpy(vectors))


def _run(
    trainer: WordTrainer,
    vocabulary: Vocabulary,
    checkpoint: Path,
    slug: str,
    digest: str,
    report: Report,
    stop: Callable[[], bool],
) -> None:
    """Go on from ``checkpoint`` if it is this run's, else begin."""
    if checkpoint.exists():
        found = tensor_file.read_record(checkpoint)
        if (found.get("text"), found.get("shape")) != (digest, asdict(trainer.network.shape)):
            raise TrainingError(f"{checkpoint} belongs to another text or size of {slug}: delete it to begin anew")
        trainer.restore(checkpoint)
    trainer.digest = digest

    def write(chars: int) -> str:
        return sample_words(trainer.network, vocabulary, chars)

    trainer.run(lambda progress: report(progress, write), checkpoint, stop)


def _conclude(
    trainer: WordTrainer, texts: WordTexts, slug: str, held_out: Sequence[Codes], path: Path, record: dict[str, Any]
) -> TrainingResult:
    """Compare the voice as it will be shipped, letter by letter, with the one at ``path``, and keep the better."""
    examined = np.concatenate(held_out)
    weights = WordWeights.of(trainer.network, slug, texts.vocabulary, texts.spelling, record).quantised()
    bits = bits_per_char(weights, examined)
    earlier = _earlier_bits(path, examined)
    kept = earlier is None or bits < earlier
    if kept:
        replace(weights, record={**record, "held_out_bits": round(bits, 4)}).save(path, expect(WordVoice(weights)))
    return TrainingResult(path, bits, earlier, kept, trainer.seconds, trainer.chars, tuple(trainer.curve))


def _earlier_bits(path: Path, examined: Codes) -> float | None:
    """Of the voice that stands at ``path``; None where there is none of use."""
    try:
        return bits_per_char(WordWeights.load(path), examined)
    except VoiceError:
        return None
