"""The recipes that `antiphon train NAME --recipe RECIPE` knows: one readable TOML file each, shipped or a user's own.

    about, text, lower, rounds, held_out, layers, hidden    what is learnt, from which text, how often it is read
    [training]    fields of ``models.training.trainer.TrainingConfig``
    [goal]        a loss in nats to be beaten, and whose it is
    [[sample]]    a text to be written on the way (``after`` so many rounds) or at the end

Reading a file checks every field. Reads files on the caller's thread, keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Interval, Predicate, doc

from models.char_lstm.network import Shape as VoiceShape
from models.training.trainer import TrainingConfig
from protocol import documents
from protocol.documents import toml
from protocol.errors import TrainingError
from protocol.validation import Shape
from styles.library import data_folder

SHIPPED = Path(__file__).parent / "recipe_files"
SET_BY_ROUNDS = ("minutes", "chars", "every")  # of ``TrainingConfig``: by the rounds
SPEAKER_PRIME = "speaker"  # a prime: the character who speaks most often


Ascii = Annotated[str, Predicate(lambda text: text and text.isascii()), doc("a text in 7-bit characters")]
Rounds = Annotated[float, Interval(ge=0.0, le=10_000.0)]
Count = Annotated[int, Ge(0)]


@dataclass(frozen=True)
class Goal:
    """A loss to be beaten, in nats per character, and who had it."""

    nats: Annotated[float, Interval(ge=0.0, le=10.0)]
    whose: Ascii


@dataclass(frozen=True)
class SampleSpec:
    """A sample: begun with ``prime`` or, where ``seed`` is given, with that many characters of the text."""

    chars: Count
    temperature: Annotated[float, Interval(ge=0.0, le=5.0)]  # 0: always the likeliest character
    after: Rounds | None = None  # None: at the end
    prime: Ascii = "\n"
    seed: Count = 0


@dataclass(frozen=True)
class _Named:
    """What a recipe and its file have in common."""

    about: Ascii
    text: Ascii  # slug of the text to read unless another is given
    rounds: Annotated[float, Interval(ge=0.01, le=10_000.0)]  # readings of the text
    lower: bool = False
    held_out: Annotated[float, Interval(ge=0.0, le=0.5)] = 0.0  # share of the text, its end, that is not read
    goal: Goal | None = None


@dataclass(frozen=True)
class Recipe(_Named):
    """One recipe. Where nothing is ``held_out`` the loss is on what was read."""

    name: str = field(kw_only=True)
    shape: VoiceShape = field(kw_only=True)
    training: TrainingConfig = field(kw_only=True)
    samples: tuple[SampleSpec, ...] = ()


@dataclass(frozen=True)
class _File(_Named):
    """A recipe as its file says it."""

    layers: Count = field(kw_only=True)
    hidden: Count = field(kw_only=True)
    training: Mapping[str, Any] = field(default_factory=dict)
    sample: tuple[SampleSpec, ...] = ()


FILE = Shape(_File, TrainingError)
TRAINING = Shape(TrainingConfig, TrainingError)


def user_folder() -> Path:
    """Where a user's own recipes stand."""
    return data_folder() / "recipes"


def names() -> tuple[str, ...]:
    """All recipes by name."""
    return tuple(sorted({path.stem for folder in (SHIPPED, user_folder()) for path in folder.glob("*.toml")}))


def load(name: str) -> Recipe:
    """The recipe called ``name``, a user's own before a shipped one; raises ``TrainingError``."""
    for folder in (user_folder(), SHIPPED):
        if name in {path.stem for path in folder.glob("*.toml")}:
            return read(folder / f"{name}.toml")
    raise TrainingError(f"there is no recipe {name[:40]!r}: there are {', '.join(names())}")


def read(path: Path) -> Recipe:
    """The recipe in the file at ``path``; raises ``TrainingError`` with the file and what is wrong in it."""
    try:
        table = toml(documents.read(path))
    except (OSError, ValueError) as error:
        raise TrainingError(f"the recipe {path} cannot be read: {error}") from None
    where = f"the recipe {path}"
    file = FILE.read(table, where)
    named = {field.name: getattr(file, field.name) for field in fields(_Named)}
    try:
        shape = VoiceShape(file.layers, file.hidden)
    except ValueError as error:
        raise TrainingError(f"{where}: {error}") from None
    known = {field.name for field in fields(TrainingConfig)}.difference(SET_BY_ROUNDS)
    if strange := sorted(set(file.training) - known):
        raise TrainingError(f"{where}: training: there is no {strange[0]!r}; there are {', '.join(sorted(known))}")
    training = TRAINING.read(file.training, f"{where}: training")
    return Recipe(name=path.stem, shape=shape, training=training, samples=file.sample, **named)
