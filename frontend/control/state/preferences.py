"""What a performer made of the control window, remembered: its look, its panels, how a scene fades, whether the tour
was seen.

Kept in ``control.toml`` in the user's configuration folder, written a moment after the last change. Trouble with the
disk is reported in ``trouble``, not raised. UI thread only; the settings themselves are values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from frontend.config.scenes import Fade, Unit
from frontend.config.setlists import FIRST_NAME
from frontend.config.setting_fields import SettingsTable, Value, choice, flag, number, whole
from frontend.config.toml_file import save_settings
from frontend.config.user_files import config_folder, copied_aside, kept_aside
from frontend.look.theme import DARK, FULL_ANIMATION, HIGH_CONTRAST, REDUCED_ANIMATION, Theme
from frontend.outputs.midi_out import OFF
from protocol.documents import read

SAVE_AFTER_S = 1.0  # seconds without a change after which the file is written
HEAD = "# The control window. Written when something is set there; may be edited while nothing runs.\n"
NONE = "none"
PANELS = ("voices", "faders", "puck", "histogram", "text", "entropy", "prime", "stage")
ENLARGEABLE = PANELS[:-1]  # the stage's picture has the stage itself


@dataclass(frozen=True)
class Arrangement:
    """What a performer made of the window. ``large`` type is the compact layout's, on a screen of any size."""

    hidden: frozenset[str] = frozenset()
    enlarged: str | None = None
    large: bool = False

    @property
    def shown(self) -> tuple[str, ...]:
        if self.enlarged is not None:
            return (self.enlarged,)
        return tuple(name for name in PANELS if name not in self.hidden)


@dataclass(frozen=True)
class ControlSettings:
    """Every setting of the control window, within its field's range. The defaults are the window as designed."""

    contrast: str = "normal"
    type: str = "normal"
    letters: float = 24.0
    still: bool = False
    throwing: bool = True
    strips: str = "weights"
    tempo: str = "off"
    beat: float = 8.0
    starts: bool = True
    voices: bool = True
    faders: bool = True
    puck: bool = True
    histogram: bool = True
    text: bool = True
    entropy: bool = True
    prime: bool = True
    stage: bool = True
    enlarged: str = NONE
    midi_out: str = OFF
    fade: float = 0.25
    unit: str = "s"
    setlist: str = FIRST_NAME
    toured: bool = False
    width: int = 0
    height: int = 0
    full_screen: bool = False

    @cached_property
    def theme(self) -> Theme:
        return Theme(
            HIGH_CONTRAST if self.contrast == "high" else DARK, REDUCED_ANIMATION if self.still else FULL_ANIMATION
        )

    @cached_property
    def arrangement(self) -> Arrangement:
        hidden = frozenset(name for name in PANELS if not getattr(self, name))
        return Arrangement(hidden, None if self.enlarged == NONE else self.enlarged, self.type == "large")

    @property
    def recall(self) -> Fade:
        return Fade(self.fade, cast(Unit, self.unit))


FIELDS = (
    choice(
        "contrast", "contrast", "look", "of the window: high is white on black, every line thicker", "normal", "high"
    ),
    choice("type", "all writing", "look", "the size of all writing and of what is touched", "normal", "large"),
    number(
        "letters",
        "the voices' text",
        "look",
        "the size of the text that the voices write, in this window",
        18.0,
        44.0,
        1.0,
    ),
    flag("still", "no motion", "look", "reduced motion: nothing in the window fades or glides"),
    flag("throwing", "puck glides on", "hands", "a puck that is let go while moving glides on"),
    choice(
        "strips", "faders show", "hands", "each fader's own weight, or its part of all of them", "weights", "balance"
    ),
    choice(
        "tempo", "rate follows", "tempo", "a beat from outside: a MIDI clock, or Ableton Link", "off", "clock", "Link"
    ),
    number("beat", "letters a beat", "tempo", "how many characters are written in one beat", 1.0, 32.0, 1.0),
    flag("starts", "start, stop", "tempo", "whether the beat's start and stop run and pause the text"),
    *(flag(name, name, "panels", f"whether {name} can be seen") for name in PANELS),
    choice(
        "midi_out",
        "MIDI out",
        "signals",
        "where words, sentences and every voice's share are played as notes and controllers",
    ),
    number("fade", "", "", "", 0.0, 2_000.0),
    choice("unit", "", "", "", "s", "chars"),
    choice("enlarged", "", "", "", NONE, *ENLARGEABLE),
    choice("setlist", "", "", ""),
    flag("toured", "", "", ""),
    whole("width", "", "", "", 0, 20_000),
    whole("height", "", "", "", 0, 20_000),
    flag("full_screen", "", "", ""),
)
TABLE = SettingsTable("the window", ControlSettings(), HEAD, FIELDS)


def default_path() -> Path:
    return config_folder() / "control.toml"


class Preferences:
    """``settings`` are to be read; ``set`` changes them. ``path`` None keeps them nowhere."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.trouble = ""
        self.midi_outs: tuple[str, ...] = (OFF,)  # what there is to choose from
        self._changed_at: float | None = None
        self._now = 0.0
        self.settings = self._known = self._load()  # the latter as they were last read or written

    def set(self, name: str, value: object) -> None:
        """Give a setting a value, numbers clamped to their range. Raises ``ParameterError``."""
        self.put(TABLE.changed(self.settings, {name: value}))

    def put(self, settings: ControlSettings) -> None:
        if settings != self.settings:
            self.settings, self._changed_at = settings, self._now

    def reset(self, name: str) -> None:
        self.set(name, TABLE.default(name))

    def choices(self, name: str) -> tuple[str, ...]:
        return self.midi_outs if name == "midi_out" else TABLE.named(name).choices

    def value(self, name: str) -> Value:
        found: Value = getattr(self.settings, name)
        return found

    def set_recall(self, fade: Fade) -> None:
        """How long a scene takes to come, from now on."""
        self.put(TABLE.changed(self.settings, {"fade": fade.length, "unit": fade.unit}))

    def enlarge(self, name: str | None) -> None:
        """Give the whole window to a panel that can have it; None, or the one that has it: back to all."""
        self.set("enlarged", name if name in ENLARGEABLE and name != self.settings.enlarged else NONE)

    def hide(self, name: str) -> None:
        if self.settings.enlarged == name:
            self.enlarge(None)
        self.set(name, False)

    def poll(self, now: float) -> None:
        """Once a frame: write what is due."""
        self._now = now
        if self._changed_at is not None and now >= self._changed_at + SAVE_AFTER_S:
            self.save()

    def save(self) -> None:
        """Write what is not written yet."""
        if self._changed_at is None or self.path is None:
            return
        self._changed_at = None
        try:
            self._known = save_settings(self.path, TABLE, self._known, self.settings)
        except OSError as error:
            self.trouble = f"the window's settings are not saved: {error.strerror or error}"
        else:
            self.trouble = ""

    def _load(self) -> ControlSettings:
        if self.path is None:
            return TABLE.defaults
        try:
            settings, complaints = TABLE.parse(read(self.path))
        except FileNotFoundError:
            return TABLE.defaults
        except (OSError, ValueError) as error:
            self.trouble = f"{self.path.name} could not be read ({error}); {kept_aside(self.path)}"
            return TABLE.defaults
        if complaints:
            self.trouble = f"{self.path.name}: {complaints[0]}; {copied_aside(self.path)}"
        return settings
