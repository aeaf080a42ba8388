"""One recipe carried out: a text learnt from nothing, samples on the way and at the end, and the loss it came to.

Rounds are counted in characters read, so that a run is the same on any machine. Runs on the caller's thread.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import torch

from models.char_lstm.network import CharLSTM
from models.char_lstm.weights_file import VoiceWeights
from models.training.progress import Display, ProgressReporter
from models.training.recipes import SPEAKER_PRIME, Recipe, SampleSpec
from models.training.sampling import sample
from models.training.streams import tail_split
from models.training.train_voice import TrainingResult, make_voice
from models.training.trainer import Progress
from protocol.errors import TrainingError

THREADS_FROM_UNITS = 8_192  # units times texts, below which a second thread costs more than it brings
MAX_NAME_CHARS = 40  # characters of a line that may be a character's name, its indent included

_NAME = re.compile(r"[A-Z][A-Z .'-]*(?: ?\([A-Z.' ]+\))?|[A-Z][A-Za-z .'-]*:")


def run_recipe(
    recipe: Recipe,
    slug: str,
    text: str,
    path: Path,
    checkpoint: Path,
    device: str,
    display: Display,
    stop: Callable[[], bool] = lambda: False,
) -> TrainingResult:
    """Learn ``text`` (cleaned) as ``recipe`` says and leave the voice ``slug`` at ``path`` if it beats what is there.

    Raises ``TrainingError`` for a text too short to hold out what the recipe holds out, or to take a seed from.
    """
    text = text.lower() if recipe.lower else text
    split = tail_split(len(text), recipe.held_out)
    read = sum(len(span) for span in split.training)
    if min(len(split.held_out[0]), read) <= recipe.training.steps + 1:
        raise TrainingError(f"the text is too short for the recipe {recipe.name}: {len(text):,} characters")
    config = replace(recipe.training, chars=max(1, round(recipe.rounds * read)))
    primes = {wanted: prime_of(wanted, text[:read]) for wanted in recipe.samples}
    display.say(f"{recipe.name}: {recipe.about}")
    watch = ProgressReporter(f"{slug}: {recipe.shape} from scratch, {recipe.rounds:g} rounds", display)
    waiting = sorted((wanted for wanted in recipe.samples if wanted.after is not None), key=_after)
    begun = False

    def report(progress: Progress, network: CharLSTM) -> None:
        nonlocal begun
        rounds = progress.chars / read
        if not begun:  # a run gone on with has shown its first samples already
            waiting[:] = [wanted for wanted in waiting if _after(wanted) >= rounds - config.texts * config.steps / read]
            begun = True
        while waiting and rounds >= _after(waiting[0]):
            wanted = waiting.pop(0)
            display.say(f"after {_after(wanted):g} rounds:")
            _tell(display, wanted, primes[wanted], network)
        watch(progress, network)

    with _threads(recipe.shape.hidden * config.texts >= THREADS_FROM_UNITS):
        made = make_voice(slug, text, path, checkpoint, config, None, recipe.shape, device, report, stop, split=split)
    display.say(verdict(recipe, made, read, sum(len(span) for span in split.held_out)))
    if made.kept:
        network = VoiceWeights.load(path).network()
        for wanted in recipe.samples:
            if wanted.after is None:
                _tell(display, wanted, primes[wanted], network)
    return made


@contextmanager
def _threads(many: bool) -> Iterator[None]:
    """Torch works on one thread inside, or on as ``many`` as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(before if many else 1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def verdict(recipe: Recipe, made: TrainingResult, read: int, examined: int) -> str:
    """The loss in nats, on what, and how it stands to the recipe's goal."""
    nats = made.bits * math.log(2)
    where = (
        f"the last {recipe.held_out:.0%}, {examined:,} characters held out"
        if recipe.held_out
        else (f"all {read:,} characters read")
    )
    line = (
        f"{'validation' if recipe.held_out else 'training'} loss {nats:.4f} nats per character on {where}, after "
        f"{made.chars / read:.1f} rounds in {made.seconds:.0f} s"
    )
    if recipe.goal is None:
        return line
    goal = recipe.goal
    return f"{line}; the goal of {goal.nats:.4f} ({goal.whose}) is {'met' if nats <= goal.nats else 'not met'}"


def prime_of(wanted: SampleSpec, text: str) -> str:
    """What a sample begins with. A seed is taken from the middle of ``text``, so that it is the same every time."""
    if wanted.seed:
        if len(text) < wanted.seed:
            raise TrainingError(f"the text has fewer than the {wanted.seed} characters that a sample begins with")
        start = (len(text) - wanted.seed) // 2
        return text[start : start + wanted.seed]
    return speaker(text) if wanted.prime == SPEAKER_PRIME else wanted.prime


def speaker(text: str) -> str:
    """The line that names who speaks most often in a play, indent and line feed included.

    A name is a short line, in capitals or with a colon at its end, with something said below it. In a text without
    any it is an empty line.
    """
    lines = text.split("\n")
    named = Counter(
        line
        for line, below in pairwise(lines)
        if below.strip() and len(line) <= MAX_NAME_CHARS and _NAME.fullmatch(line.strip())
    )
    return f"{named.most_common(1)[0][0]}\n" if named else "\n"


def _after(wanted: SampleSpec) -> float:
    return wanted.after or 0.0


def _tell(display: Display, wanted: SampleSpec, prime: str, network: CharLSTM) -> None:
    how = f"drawn at temperature {wanted.temperature:g}" if wanted.temperature else "always the likeliest"
    display.say(f'seed: "{prime}"' if wanted.seed else f"begun with {prime!r}:")
    display.say(f"{wanted.chars:,} characters, {how}:")
    display.say(sample(network, wanted.chars, wanted.temperature, prime))
    display.say("")
