"""The stage's themes: ground and ink, and how the voices' colours are fitted to them, as readable files.

One TOML file a theme, here in ``themes/`` and in ``stage/`` of the user's data folder, where a file of the same name
takes the place of ours; see ``themes/look.toml`` for what may stand in it. Values; only ``load_theme`` and
``theme_names`` look at the disk. UI thread.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from frontend.config.user_files import data_folder
from frontend.look.colour import rgb_of_hex
from protocol.documents import toml
from protocol.errors import ParameterError

OURS = Path(__file__).parent / "themes"
LONGEST = 65_536  # bytes of a theme file


@dataclass(frozen=True)
class StageTheme:
    """Colours are "#RRGGBB". ``lightness`` is what the voices' range of OKLab L (0.64 to 0.93) becomes, end to end."""

    title: str = "as designed"
    ground: str = "#07090C"
    ink: str = "#E9EDF3"  # the cursor, and text that is plain or that no voice wrote
    coloured: bool = True
    lightness: tuple[float, float] = (0.70, 0.93)
    towards_ink: float = 0.08  # share of ink in each colour
    least_alpha: float = 0.0  # no line fades below it
    cursor: float = 6.0  # width in pixels of a picture 1080 high
    mix_alpha: float = 0.30


AS_DESIGNED = StageTheme()


def folders() -> tuple[Path, Path]:
    """Where themes stand, the later before the earlier."""
    return OURS, data_folder() / "stage"


def theme_files(where: Sequence[Path] | None = None) -> dict[str, Path]:
    """The file of each theme by its name, ours first, in alphabetical order."""
    ours, *others = folders() if where is None else where
    found = {path.stem: path for path in sorted(ours.glob("*.toml"))}
    for folder in others:
        found |= {path.stem: path for path in sorted(folder.glob("*.toml"))}
    return found


def load_theme(path: Path) -> StageTheme:
    """Raises ``ParameterError``, one line that names the file, when it cannot be read or means no theme."""
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST).decode("utf-8")
        return parse_theme(text)
    except OSError as error:
        raise ParameterError(f"the stage's theme {path.name} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ParameterError) as error:
        raise ParameterError(f"the stage's theme {path.name}: {error}") from error


def parse_theme(text: str) -> StageTheme:
    """The theme that a file's text means, what it leaves out as designed.

    Raises ``tomllib.TOMLDecodeError`` or ``ParameterError``.
    """
    table = toml(text)
    unknown = set(table) - set(StageTheme.__dataclass_fields__)
    if unknown:
        raise ParameterError(f"a theme has no {sorted(unknown)[0]!r}")
    d = AS_DESIGNED
    title, coloured = table.get("title", d.title), table.get("coloured", d.coloured)
    if not isinstance(title, str) or not isinstance(coloured, bool):
        raise ParameterError("title is text and coloured is true or false")
    ends = table.get("lightness", list(d.lightness))
    if not isinstance(ends, list) or len(ends) != 2:
        raise ParameterError("lightness is two numbers from 0 to 1")
    dark, light = (_number({"lightness": end}, "lightness", 0.0, 1.0) for end in ends)
    return StageTheme(
        title,
        _colour(table, "ground", d.ground),
        _colour(table, "ink", d.ink),
        coloured,
        (dark, light),
        _number(table, "towards_ink", d.towards_ink, 1.0),
        _number(table, "least_alpha", d.least_alpha, 1.0),
        _number(table, "cursor", d.cursor, 40.0),
        _number(table, "mix_alpha", d.mix_alpha, 1.0),
    )


def _colour(table: Mapping[str, object], name: str, default: str) -> str:
    value = table.get(name, default)
    try:
        rgb_of_hex(str(value))
    except ValueError as error:
        raise ParameterError(f"{name}: {error}") from None
    return str(value)


def _number(table: Mapping[str, object], name: str, default: float, high: float) -> float:
    value = table.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ParameterError(f"{name} is a number")
    if not 0.0 <= value <= high:
        raise ParameterError(f"{name} is a number from 0 to {high:g}")
    return float(value)
