"""The stage's look: what the performer set, and the theme that it is shown in: ground, ink and colours.

A theme is a TOML file, here in ``themes/`` or in ``stage/`` of the user's data folder, where a file of the same name
takes the place of ours; see ``themes/look.toml`` for what may stand in it. Values; only ``load_theme`` and
``theme_files`` look at the disk. UI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Interval, Predicate, doc

from frontend.config.user_files import data_folder
from frontend.stage.faces import StageFont, inconsolata
from frontend.stage.settings import CORNERS, DEFAULTS, StageSettings
from protocol.alphabet import COLOUR
from protocol.documents import read, toml
from protocol.errors import ParameterError
from protocol.validation import Shape

OURS = Path(__file__).parent / "themes"
MAX_THEME_BYTES = 65_536  # bytes of a theme file


Share = Annotated[float, Interval(ge=0.0, le=1.0)]
Colour = Annotated[str, Predicate(COLOUR.fullmatch), doc("a colour such as #7DE4FF")]


@dataclass(frozen=True)
class StageTheme:
    """A theme as its file says it. ``lightness`` is what the voices' range of OKLab L (0.64 to 0.93) becomes."""

    title: str = "as designed"
    ground: Colour = "#07090C"
    ink: Colour = "#E9EDF3"  # the cursor, and text that is plain or that no voice wrote
    coloured: bool = True
    lightness: tuple[Share, Share] = (0.70, 0.93)
    towards_ink: Share = 0.08  # share of ink in each colour
    least_alpha: Share = 0.0  # no line fades below it
    cursor: Annotated[float, Interval(ge=0.0, le=40.0)] = 6.0  # width in pixels of a picture 1080 high
    mix_alpha: Share = 0.30
    creature: Literal["right", "left", "none"] = "right"
    creature_light: Share = 0.16  # of the glow round it


SHAPE = Shape(StageTheme)
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
        return parse_theme(read(path, MAX_THEME_BYTES))
    except OSError as error:
        raise ParameterError(f"the stage's theme {path.name} cannot be read: {error.strerror or error}") from error
    except (ValueError, ParameterError) as error:
        raise ParameterError(f"the stage's theme {path.name}: {error}") from error


def parse_theme(text: str) -> StageTheme:
    """The theme that a file's text means, what it leaves out as designed.

    Raises ``tomllib.TOMLDecodeError`` or ``ParameterError``.
    """
    return SHAPE.read(toml(text))


@dataclass(frozen=True)
class StageLook:
    """All that decides how a text is shown, but for the size of the window."""

    settings: StageSettings = DEFAULTS
    theme: StageTheme = AS_DESIGNED
    face: StageFont = field(default_factory=inconsolata)

    @property
    def coloured(self) -> bool:
        """Whether letters have the colours of their voices."""
        return self.theme.coloured if self.settings.colour == "theme" else self.settings.colour == "voices"

    @property
    def creature(self) -> str:
        """Where the creature stands: "right" or "left" of the text, or "none"."""
        return self.theme.creature if self.settings.creature else "none"

    def alpha(self, designed: float) -> float:
        """The opacity of a line that by its age would have ``designed``."""
        return max(self.theme.least_alpha, 1.0 - self.settings.fade * (1.0 - designed))

    @property
    def upright(self) -> StageLook:
        """The same on a straight screen: all that decides where letters stand within the picture."""
        corners = dict.fromkeys(CORNERS, (0.0, 0.0))
        return StageLook(replace(self.settings, screen=0, **corners), self.theme, self.face)  # type: ignore[arg-type]
