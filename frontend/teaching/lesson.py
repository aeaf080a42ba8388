"""The lesson: which poses were shown and what each is to mean, as values and as a readable file. Pure.

A *pose* is what the inputs said while it was held: features by name, such as "face/mouth" or "leap/hand/x". An *aim* is
what it is to mean: parameters of the tree and their values, a pair's halves as "/puck.x" and "/puck.y". Several poses
may have one aim. The file is JSON; whoever wrote it, it is read within bounds, and nothing in it is run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, get_args

from annotated_types import Interval, Len, MaxLen, Predicate, doc

from protocol.documents import json_of
from protocol.errors import ParameterError
from protocol.tree import Parameter, Value, weight_address
from protocol.validation import Shape

VERSION = 1
MAX_TARGETS = 32
MAX_EXAMPLES = 400
MAX_FEATURES = 1_500  # a face with all its landmarks
MAX_WORD_CHARS = 255  # of an address or a feature's name
MAX_NAME_CHARS = 40
MAX_FILE_BYTES = 16_000_000  # bytes
Method = Literal["network", "nearest"]
METHODS: tuple[Method, ...] = get_args(Method)
HALVES = (".x", ".y")

Level = Annotated[float, Interval(ge=-1e9, le=1e9)]
Name = Annotated[str, Len(1, MAX_WORD_CHARS), Predicate(str.isprintable), doc("a short name")]
TargetAddress = Annotated[
    str,
    Len(1, MAX_WORD_CHARS),
    Predicate(lambda word: word.startswith("/") and word.isprintable()),
    doc("an address such as /mix/temperature"),
]


@dataclass(frozen=True)
class PoseTarget:
    """What a pose means. ``values`` by address, a pair's halves apart; a weight that is not named is 0."""

    name: Name
    values: Annotated[Mapping[TargetAddress, Level], MaxLen(MAX_FEATURES)]


@dataclass(frozen=True)
class Example:
    """One pose as it was shown. ``aim`` is the key of one in the lesson."""

    aim: Name
    features: Annotated[Mapping[Name, Level], Len(1, MAX_FEATURES)]


@dataclass(frozen=True)
class Lesson:
    """Everything that was shown. ``aims`` by key, in the order in which they were first shown."""

    aims: Mapping[str, PoseTarget] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    method: Method = METHODS[0]

    def shown(self, key: str, aim: PoseTarget, features: Mapping[str, float]) -> Lesson:
        """With one example more; all of this key mean what ``aim`` means now. Raises ``ParameterError`` when full."""
        if not features:
            raise ParameterError("no input says anything: switch one on, and hold the pose before it")
        if len(self.examples) >= MAX_EXAMPLES:
            raise ParameterError(f"a lesson has {MAX_EXAMPLES} examples at most: delete some")
        if key not in self.aims and len(self.aims) >= MAX_TARGETS:
            raise ParameterError(f"a lesson has {MAX_TARGETS} poses at most: delete one")
        kept = _short(dict(sorted(features.items())[:MAX_FEATURES]))
        return replace(self, aims={**self.aims, key: aim}, examples=(*self.examples, Example(key, kept)))

    def without(self, place: int) -> Lesson:
        """Without the example at ``place``; an aim that nothing shows any more goes with it."""
        return self._of([example for at, example in enumerate(self.examples) if at != place])

    def without_aim(self, key: str) -> Lesson:
        return self._of([example for example in self.examples if example.aim != key])

    def _of(self, examples: Sequence[Example]) -> Lesson:
        shown = {example.aim for example in examples}
        aims = {key: aim for key, aim in self.aims.items() if key in shown}
        return replace(self, aims=aims, examples=tuple(examples))

    def count(self, key: str) -> int:
        """How often it was shown."""
        return sum(example.aim == key for example in self.examples)

    @property
    def led(self) -> tuple[str, ...]:
        """What the poses lead: the addresses about which their aims differ. The rest is left as it is."""
        addresses = sorted({address for aim in self.aims.values() for address in aim.values})
        return tuple(address for address in addresses if len(set(self._column(address))) > 1)

    def table(self) -> list[list[float]]:
        """(aims, led): the value of each aim at each led address; one that says nothing about it says the mean."""
        columns = [self._column(address) for address in self.led]
        return [[column[place] for column in columns] for place in range(len(self.aims))]

    def _column(self, address: str) -> list[float]:
        said = [aim.values[address] for aim in self.aims.values() if address in aim.values]
        default = 0.0 if is_weight_address(address) else sum(said) / len(said)
        return [aim.values.get(address, default) for aim in self.aims.values()]


def is_weight_address(address: str) -> bool:
    return address.startswith("/style/") and address.endswith("/weight")


def aim_of_voice(slug: str, name: str) -> PoseTarget:
    """This voice alone."""
    return PoseTarget(name[:MAX_NAME_CHARS], {weight_address(slug): 1.0})


def aim_of_values(name: str, values: Mapping[str, Value], tree: Mapping[str, Parameter]) -> PoseTarget:
    """Every level among ``values``: what is only on or off, or a place on the circle, cannot be led smoothly."""
    levels: dict[str, float] = {}
    for address, value in values.items():
        tags = tree[address].tags if address in tree else ""
        if tags == "f" and isinstance(value, (int, float)):
            levels[address] = float(value)
        elif tags == "ff" and isinstance(value, tuple):
            levels |= {address + half: part for half, part in zip(HALVES, value, strict=True)}
    return PoseTarget(name[:MAX_NAME_CHARS], levels)


# ---- the file --------------------------------------------------------------------------------------------------------


def render(lesson: Lesson) -> str:
    """The file's text; ``parse`` reads it back."""
    aims = {key: {"name": aim.name, "values": dict(aim.values)} for key, aim in lesson.aims.items()}
    lines = ",\n".join(
        f"  {json.dumps({'aim': example.aim, 'features': dict(example.features)})}" for example in lesson.examples
    )
    head = f'"antiphon poses": {VERSION},\n "method": {json.dumps(lesson.method)},\n "aims": {json.dumps(aims)}'
    return f'{{{head},\n "examples": [\n{lines}\n ]}}\n'


def _short(features: Mapping[str, float]) -> dict[str, float]:
    """As many digits as an input has, and as a reader likes."""
    return {name: float(f"{level:.6g}") for name, level in features.items()}


@dataclass(frozen=True)
class _File:
    """A lesson as its file says it."""

    aims: Annotated[Mapping[Name, PoseTarget], MaxLen(MAX_TARGETS)]
    examples: Annotated[tuple[Example, ...], MaxLen(MAX_EXAMPLES)]
    method: Method


FILE = Shape(_File, unknown="ignore")


def parse(text: str) -> tuple[Lesson, list[str]]:
    """The lesson that a file's text means, and one line for each pose or example in it that makes no sense.

    Raises ``ParameterError`` for what is no lesson.
    """
    if len(text) > MAX_FILE_BYTES:
        raise ParameterError(f"more than {MAX_FILE_BYTES:,} characters")
    try:
        document = json_of(text)
    except ValueError:
        raise ParameterError("no JSON") from None
    file, complaints = FILE.read_what_fits(document)
    aims = {key: replace(aim, name=aim.name[:MAX_NAME_CHARS]) for key, aim in file.aims.items()}
    taken = [example for example in file.examples if example.aim in aims]
    if lost := len(file.examples) - len(taken):
        complaints.append(f"{lost} of the examples are of a pose that is not there")
    return Lesson(aims, (), file.method)._of(taken), complaints
