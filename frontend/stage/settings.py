"""What a performer may set about the stage: one table of fields, the values they have, and the file that keeps them.

``FIELDS`` declares each setting once: the control window draws it, the command line takes it (``--stage size=1.2``),
``stage.toml`` in the user's configuration folder keeps it, docs/stage.md is read off it. Values are plain Python:
float, int, bool, str, or a pair of floats for a corner. Pure; no thread of its own.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from protocol.errors import ParameterError

Corner = tuple[float, float]
Value = float | int | bool | str | Corner
Kind = Literal["number", "whole", "flag", "choice", "corner"]

CORNERS = ("top_left", "top_right", "bottom_right", "bottom_left")
FARTHEST_PIN = 0.10  # of the picture's width or height, that a corner can be moved
HEAD = "# The stage. Written when something is set in the control window; may be edited while nothing runs.\n"


@dataclass(frozen=True)
class StageSettings:
    """Every setting at a value within its field's range. The defaults are the stage as designed."""

    theme: str = "look"
    colour: str = "theme"
    fade: float = 1.0
    font: str = "Inconsolata Medium"
    size: float = 1.0
    columns: int = 0
    cursor: str = "bar"
    mix: bool = True
    names: bool = False
    histogram: bool = False
    still: bool = False
    screen: int = 0
    top_left: Corner = (0.0, 0.0)
    top_right: Corner = (0.0, 0.0)
    bottom_right: Corner = (0.0, 0.0)
    bottom_left: Corner = (0.0, 0.0)

    @property
    def pins(self) -> tuple[Corner, Corner, Corner, Corner]:
        """Where the corners were moved, clockwise from the top left: shares of width and height, right and down."""
        return self.top_left, self.top_right, self.bottom_right, self.bottom_left


DEFAULTS = StageSettings()


@dataclass(frozen=True)
class Field:
    """One setting. ``low`` to ``high`` in steps of ``step`` hold for numbers, for both numbers of a corner too.

    ``choices`` are a choice's words; empty where they depend on the user's folders (``Staging.choices``).
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

    @property
    def default(self) -> Value:
        value: Value = getattr(DEFAULTS, self.name)
        return value

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
        raise ParameterError(f"the stage's {self.name} takes {self.takes}, not {str(value)[:40]!r}")

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
            raise ParameterError(f"the stage's {self.name} takes {self.takes}, not {word[:40]!r}") from None

    def _number(self, value: object) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return float(min(self.high, max(self.low, value)))
        raise ParameterError(f"the stage's {self.name} takes {self.takes}, not {str(value)[:40]!r}")


def _corner(name: str) -> Field:
    label = name.replace("_", " ")
    words = f"where the {label} corner is moved, to the right and down, in shares of the picture"
    return Field(name, label, "projector", "corner", words, -FARTHEST_PIN, FARTHEST_PIN, 0.001)


FIELDS = (
    Field("theme", "theme", "colour", "choice", "ground and ink; a theme of your own is a readable file"),
    Field("colour", "letters", "colour", "choice", "in the colours of their voices, or plain",
          choices=("theme", "voices", "plain")),
    Field("fade", "fade", "colour", "number", "how far old lines fade: 0 not at all, 1 to a tenth", step=0.05),
    Field("font", "typeface", "type", "choice", "Inconsolata, or an equally spaced TrueType file of your own"),
    Field("size", "size", "type", "number", "of the letters; 1 is a fifteenth of the picture's height", 0.7, 1.6),
    Field("columns", "columns", "type", "whole", "letters a line; 0: as many as fit at this size", 0, 120, 1),
    Field("cursor", "cursor", "type", "choice", "how the place of the next letter is marked",
          choices=("bar", "block", "line", "none")),
    Field("mix", "mix line", "picture", "flag", "the voices' shares as a thin line at the very bottom"),
    Field("names", "names", "picture", "flag", "the names of those who speak, over their shares of the mix"),
    Field("histogram", "histogram", "picture", "flag", "what the next letter may be, under the text"),
    Field("still", "still", "picture", "flag", "nothing glides: lines and letters are at once where they belong"),
    Field("screen", "screen", "projector", "whole",
          "which screen it goes to, as the system counts them; 0: the largest without the control window", 0, 16, 1),
    *(_corner(name) for name in CORNERS),
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}


def field_named(name: str) -> Field:
    """Raises ``ParameterError`` for a setting that the stage lacks."""
    if name not in BY_NAME:
        raise ParameterError(f"the stage has no setting {name[:40]!r}; there are {', '.join(BY_NAME)}")
    return BY_NAME[name]


def changed(settings: StageSettings, values: Mapping[str, object]) -> StageSettings:
    """``settings`` with some of them at new values. Raises ``ParameterError``."""
    taken = {name: field_named(name).accept(value) for name, value in values.items()}
    return replace(settings, **taken)  # type: ignore[arg-type]  # fields and settings agree: a test holds it


def settings_of_words(words: Sequence[str]) -> dict[str, Value]:
    """``["size=1.2", "names=on"]`` as values by name. Raises ``ParameterError``."""
    values: dict[str, Value] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ParameterError(f"--stage takes NAME=VALUE, for example size=1.2, not {word[:40]!r}")
        values[name.strip()] = field_named(name.strip()).read(value)
    return values


def render(settings: StageSettings) -> str:
    """The text of ``stage.toml``: every setting, each under a line that says what it is."""
    lines = [HEAD]
    for field in FIELDS:
        lines.append(f"# {field.words} ({field.takes})")
        lines.append(f"{field.name} = {_written(getattr(settings, field.name))}\n")
    return "\n".join(lines)


def parse(text: str) -> tuple[StageSettings, list[str]]:
    """What a file's text sets, the rest at its default, and one line for each entry that makes no sense.

    Raises ``tomllib.TOMLDecodeError`` when it is no TOML.
    """
    settings, complaints = DEFAULTS, []
    for name, value in tomllib.loads(text).items():
        try:
            settings = changed(settings, {name: value})
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
        plain = (sign if sign.isprintable() and sign not in '"\\' else f"\\U{ord(sign):08X}" for sign in value)
        return f'"{"".join(plain)}"'
    return f"{value:g}"
