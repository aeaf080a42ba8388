"""The recipes that `antiphon train NAME --recipe RECIPE` knows: one readable TOML file each, shipped or a user's own.

    about, text, lower, rounds, held_out, layers, hidden    what is learnt, from which text, how often it is read
    [training]    fields of ``models.training.trainer.TrainingConfig``
    [goal]        a loss in nats to be beaten, and whose it is
    [[sample]]    a text to be written on the way (``after`` so many rounds) or at the end

Reading a file checks every field. Reads files on the caller's thread, keeps nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from models.char_lstm.network import Shape
from models.training.trainer import TrainingConfig
from protocol.errors import TrainingError
from styles.library import data_folder

SHIPPED = Path(__file__).parent / "recipe_files"
SET_BY_ROUNDS = ("minutes", "chars", "every")  # of ``TrainingConfig``: by the rounds
SPEAKER_PRIME = "speaker"  # a prime: the character who speaks most often


@dataclass(frozen=True)
class Goal:
    """A loss to be beaten, in nats per character, and who had it."""

    nats: float
    whose: str


@dataclass(frozen=True)
class SampleSpec:
    """A sample: begun with ``prime`` or, where ``seed`` is given, with that many characters of the text."""

    chars: int
    temperature: float  # 0: always the likeliest character
    after: float | None = None  # rounds; None: at the end
    prime: str = "\n"
    seed: int = 0


@dataclass(frozen=True)
class Recipe:
    """One recipe. ``held_out`` is the share of the text, its end, that is not read; 0: the loss is on what was read."""

    name: str
    about: str
    text: str  # slug of the text to read unless another is given
    rounds: float  # readings of the text
    shape: Shape
    training: TrainingConfig
    lower: bool = False
    held_out: float = 0.0
    goal: Goal | None = None
    samples: tuple[SampleSpec, ...] = ()


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
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TrainingError(f"the recipe {path} cannot be read: {error}") from None
    try:
        return _exercise(path.stem, table)
    except (KeyError, TypeError, ValueError) as error:
        wrong = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise TrainingError(f"the recipe {path}: {wrong}") from None


def _exercise(name: str, table: Mapping[str, Any]) -> Recipe:
    _known(table, [*("about", "text", "lower", "rounds", "held_out", "layers", "hidden"), "training", "goal", "sample"])
    goal = table.get("goal")
    if goal is not None:
        _known(goal, ["nats", "whose"])
    held_out = _number(table.get("held_out", 0.0), "held_out", 0.0, 0.5)
    return Recipe(
        name,
        _string(table["about"], "about"),
        _string(table["text"], "text"),
        _number(table["rounds"], "rounds", 0.01, 10_000.0),
        Shape(_whole(table["layers"], "layers"), _whole(table["hidden"], "hidden")),
        _training(table.get("training", {})),
        table.get("lower", False) is True,
        held_out,
        Goal(_number(goal["nats"], "goal.nats", 0.0, 10.0), _string(goal["whose"], "goal.whose")) if goal else None,
        tuple(_sample(sample) for sample in table.get("sample", ())),
    )


def _training(table: Mapping[str, Any]) -> TrainingConfig:
    known = {field.name: type(field.default) for field in fields(TrainingConfig) if field.name not in SET_BY_ROUNDS}
    _known(table, list(known))
    values: dict[str, Any] = {}
    for name, value in table.items():
        where = f"training.{name}"
        values[name] = _whole(value, where) if known[name] is int else _number(value, where, 0.0, 1e6)
    if min(values.get("texts", 1), values.get("steps", 1)) < 1:
        raise ValueError("training.texts and training.steps are 1 or more")
    return TrainingConfig(**values)


def _sample(table: Mapping[str, Any]) -> SampleSpec:
    _known(table, [field.name for field in fields(SampleSpec)])
    after = table.get("after")
    return SampleSpec(
        _whole(table["chars"], "sample.chars"),
        _number(table["temperature"], "sample.temperature", 0.0, 5.0),
        None if after is None else _number(after, "sample.after", 0.0, 10_000.0),
        _string(table.get("prime", "\n"), "sample.prime"),
        _whole(table.get("seed", 0), "sample.seed"),
    )


def _known(table: Mapping[str, Any], known: list[str]) -> None:
    if not isinstance(table, dict):
        raise TypeError(f"{table!r} should be a table of {', '.join(known)}")
    if strange := sorted(set(table) - set(known)):
        raise ValueError(f"{strange[0]} is none of {', '.join(known)}")


def _string(value: object, name: str) -> str:
    if not isinstance(value, str) or not value or not value.isascii():
        raise TypeError(f"{name} is a text in 7-bit characters, not {value!r}")
    return value


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{name} is a whole number from 0 upwards, not {value!r}")
    return value


def _number(value: object, name: str, least: float, most: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise TypeError(f"{name} is a number from {least:g} to {most:g}, not {value!r}")
    return float(value)
