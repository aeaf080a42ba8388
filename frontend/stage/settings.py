"""What a performer may set about the stage: one table of fields, the values they have, and the file that keeps them.

``FIELDS`` declares each setting once: the control window draws it, the command line takes it (``--stage size=1.2``),
``stage.toml`` in the user's configuration folder keeps it, docs/stage.md is read off it. Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from frontend.config.setting_fields import Corner, SettingField, SettingsTable, Value, choice, flag, number, whole
from protocol.errors import ParameterError

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
    weight: bool = False
    mix: bool = True
    names: bool = False
    histogram: bool = False
    ribbon: bool = False
    ghosts: bool = False
    leader: bool = False
    choirs: str = "columns"
    poem: bool = False
    creature: bool = False
    swarm: bool = True
    invitation: str = "none"
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


def _corner(name: str) -> SettingField:
    label = name.replace("_", " ")
    words = f"where the {label} corner is moved, to the right and down, in shares of the picture"
    return SettingField(name, label, "projector", "corner", words, -FARTHEST_PIN, FARTHEST_PIN, 0.001)


FIELDS = (
    choice("theme", "theme", "colour", "ground and ink; a theme of your own is a readable file"),
    choice("colour", "of letters", "colour", "in the colours of their voices, or plain", "theme", "voices", "plain"),
    number("fade", "fade", "colour", "how far old lines fade: 0 not at all, 1 to a tenth", step=0.05),
    choice("font", "typeface", "letters", "Inconsolata, or an equally spaced TrueType file of yours"),
    number("size", "size", "letters", "of the letters; 1 is a fifteenth of the picture's height", 0.7, 1.6),
    whole("columns", "columns", "letters", "letters a line; 0: as many as fit at this size", 0, 120, 1),
    choice("cursor", "cursor", "letters", "how the place of the next letter is marked", "bar", "block", "line", "none"),
    flag("weight", "weight", "letters", "the more surprising a letter was, the heavier it is set"),
    flag("mix", "mix line", "picture", "the voices' shares as a thin line at the very bottom"),
    flag("names", "names", "picture", "the names of those who speak, over their shares of the mix"),
    flag("histogram", "histogram", "picture", "what the next letter may be, under the text"),
    flag("ribbon", "ribbon", "picture", "who wrote the last minutes, under the text where no histogram is"),
    flag("ghosts", "ghosts", "picture", "what the voices would write next, behind the line and under it"),
    flag(
        "leader", "leader", "picture", "who takes the lead: the name, large and faint behind the text for two seconds"
    ),
    choice(
        "choirs",
        "two choirs",
        "picture",
        "in antiphony: both in columns, one of them alone for a projector of its own, or one text",
        "columns",
        "first",
        "second",
        "one text",
    ),
    flag("poem", "poem", "picture", "the puck's field fills it, and the last letters lie where they were written"),
    flag("creature", "creature", "picture", "a creature that the mix shapes, beside the text"),
    flag("swarm", "swarm", "picture", "the audience's pucks, as points in a small circle"),
    choice("invitation", "code", "picture", "the code that lets the audience's phones in", "none", "corner", "large"),
    flag("still", "no motion", "picture", "nothing glides: lines and letters are at once where they belong"),
    whole(
        "screen",
        "screen",
        "projector",
        "which screen it goes to, as the system counts them; 0: the largest without the control window",
        0,
        16,
        1,
    ),
    *(_corner(name) for name in CORNERS),
)
TABLE = SettingsTable("the stage", DEFAULTS, HEAD, FIELDS)


def settings_of_words(words: Sequence[str]) -> dict[str, Value]:
    """``["size=1.2", "names=on"]`` as values by name. Raises ``ParameterError``."""
    values: dict[str, Value] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ParameterError(f"--stage takes NAME=VALUE, for example size=1.2, not {word[:40]!r}")
        values[name.strip()] = TABLE.named(name.strip()).read(value)
    return values
