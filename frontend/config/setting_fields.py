"""Settings that a user makes once: a table of fields, the frozen dataclass that holds their values, a readable file.

A field is declared once; panels draw it, a TOML file keeps it, pages are read off it. Values are plain Python: float,
int, bool, str, or a pair of floats for a corner. Pure; no thread of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from protocol.documents import toml, toml_string, without_broken_lines
from protocol.errors import ParameterError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Corner = tuple[float, float]
Value = float | int | bool | str | Corner
Kind = Literal["number", "whole", "flag", "choice", "corner"]


@dataclass(frozen=True)
class SettingField:
    """One setting. ``low`` to ``high`` in steps of ``step`` hold for numbers, for both numbers of a corner too.

    ``choices`` are a choice's words; empty where they depend on the user's folders. A field without ``words`` is for
    the file alone: no panel shows it.
    """

    name: str
    label: str
    group: str
    kind: Kind
    words: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    choices: tuple[str, ...] = ()
    owner: str = "the window"  # whose setting it is, as a complaint says it

    def accept(self, value: object) -> Value:
        """``value`` as the setting takes it, numbers clamped. Raises ``ParameterError`` for what is none."""
        match self.kind:
            case "flag" if isinstance(value, bool):
                return value
            case "choice" if isinstance(value, str) and value and (not self.choices or value in self.choices):
                return value
            case "number":
                return self._number(value)
            case "whole":
                return round(self._number(value))
            case "corner" if isinstance(value, Sequence) and len(value) == 2:
                return self._number(value[0]), self._number(value[1])
        raise ParameterError(self._refused(value))

    @property
    def takes(self) -> str:
        """The range in words."""
        between = f"{self.low:g} to {self.high:g}"
        return {
            "flag": "on or off",
            "choice": f"one of {', '.join(self.choices)}" if self.choices else "a name",
            "number": f"a number from {between}",
            "whole": f"a whole number from {between}",
            "corner": f"two numbers from {between}",
        }[self.kind]

    def read(self, word: str) -> Value:
        """The value that ``word`` on a command line means. Raises ``ParameterError``."""
        word = word.strip()
        reading: dict[Kind, Callable[[], object]] = {
            "flag": lambda: {"on": True, "off": False}.get(word.lower()),
            "choice": lambda: word,
            "number": lambda: float(word),
            "whole": lambda: int(word),
            "corner": lambda: [float(part) for part in word.split(",")],
        }
        try:
            return self.accept(reading[self.kind]())
        except ValueError:
            raise ParameterError(self._refused(word)) from None

    def _refused(self, value: object) -> str:
        return f"{self.owner}'s {self.name} takes {self.takes}, not {str(value)[:40]!r}"

    def _number(self, value: object) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return float(min(self.high, max(self.low, value)))
        raise ParameterError(self._refused(value))


def flag(name: str, label: str, group: str, words: str) -> SettingField:
    return SettingField(name, label, group, "flag", words)


def choice(name: str, label: str, group: str, words: str, *choices: str) -> SettingField:
    return SettingField(name, label, group, "choice", words, choices=choices)


def number(
    name: str, label: str, group: str, words: str, low: float = 0.0, high: float = 1.0, step: float = 0.01
) -> SettingField:
    return SettingField(name, label, group, "number", words, low, high, step)


def whole(name: str, label: str, group: str, words: str, low: int, high: int, step: float = 0.01) -> SettingField:
    return SettingField(name, label, group, "whole", words, low, high, step)


Settings = TypeVar("Settings", bound="DataclassInstance")


class SettingsTable(Generic[Settings]):
    """All fields of one kind of settings, in the order of their file. ``head`` is its first line, a comment.

    ``owner`` is whose settings they are, as a complaint says it.
    """

    def __init__(self, owner: str, defaults: Settings, head: str, fields: Sequence[SettingField]) -> None:
        self.owner, self.defaults, self.head = owner, defaults, head
        self.fields = tuple(replace(field, owner=owner) for field in fields)
        self._by_name = {field.name: field for field in self.fields}

    def named(self, name: str) -> SettingField:
        """Raises ``ParameterError`` for a setting that there is not."""
        if name not in self._by_name:
            raise ParameterError(f"{self.owner} has no setting {name[:40]!r}; there are {', '.join(self._by_name)}")
        return self._by_name[name]

    def default(self, name: str) -> Value:
        value: Value = getattr(self.defaults, name)
        return value

    def changed(self, settings: Settings, values: Mapping[str, object]) -> Settings:
        """``settings`` with some of them at new values. Raises ``ParameterError``."""
        taken: dict[str, Any] = {name: self.named(name).accept(value) for name, value in values.items()}
        return replace(settings, **taken)

    def render(self, settings: Settings) -> str:
        """The text of the file: every setting, each under a line that says what it is."""
        lines = [self.head]
        for field in self.fields:
            if field.words:
                lines.append(f"# {field.words} ({field.takes})")
            lines.append(f"{field.name} = {_written(getattr(settings, field.name))}\n")
        return "\n".join(lines)

    def parse(self, text: str) -> tuple[Settings, list[str]]:
        """What a file's text sets, the rest at its default, and one line for each entry that makes no sense.

        Raises ``tomllib.TOMLDecodeError`` when it is no TOML.
        """
        text, broken = without_broken_lines(text)
        settings, complaints = self.read(toml(text))
        return settings, [*broken, *complaints]

    def read(self, values: Mapping[str, object]) -> tuple[Settings, list[str]]:
        """The same for what was parsed already, such as one table of a larger file."""
        settings, complaints = self.defaults, []
        for name, value in values.items():
            try:
                settings = self.changed(settings, {name: value})
            except ParameterError as error:
                complaints.append(str(error))
        return settings, complaints


def _written(value: Value) -> str:
    """``value`` in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{value[0]:g}, {value[1]:g}]"
    if isinstance(value, str):
        return toml_string(value)
    return f"{value:g}"
