"""What the performer has chosen about the stage, now: between the control window that sets it and the stage that shows.

Settings are kept in ``stage.toml`` (``frontend.stage.settings``) a moment after the last of them changed; those of the
command line hold for this run and are not written. The theme's file is looked at once a second and read again when it
changed. Trouble with the disk or a file stands in ``trouble``, not raised: the picture stays as it was. UI thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from frontend.config.toml_file import save_settings
from frontend.config.user_files import config_folder, copied_aside, kept_aside
from frontend.stage.boxes import Floats
from frontend.stage.faces import OURS, font_files, font_names, inconsolata, load_stage_font
from frontend.stage.look import AS_DESIGNED, StageLook, StageTheme, load_theme, theme_files
from frontend.stage.settings import DEFAULTS, FIELDS, TABLE, StageSettings
from protocol.documents import read
from protocol.errors import ParameterError

SAVE_AFTER_S = 1.0  # seconds without a change after which the settings are written
LOOK_PERIOD_S = 1.0  # seconds between two looks at the theme's file

Stamp = tuple[Path, int, int] | None  # a file, when it was changed, how long it is


def default_path() -> Path:
    """In the user's configuration folder."""
    return config_folder() / "stage.toml"


@dataclass(frozen=True, eq=False)
class StageSnapshot:
    """A frame of the stage as it was drawn: ``boxes`` (``frontend.stage.boxes``) in a picture of so many pixels.

    ``ground`` is sRGB 0..1, ``light`` the opacity of all boxes, ``where`` names the screen or says that it is a window.
    """

    boxes: Floats
    width: int
    height: int
    ground: tuple[float, float, float]
    light: float
    where: str


class StageState:
    """``settings`` and ``look`` are to be read; ``dark``, ``frozen`` and ``pinning`` may be set at any time.

    ``shown`` is what the stage's window drew last, None where there is none.

    ``dark``: the stage is blacked out. ``frozen``: its picture stands still while the text goes on. ``pinning``: it
    shows a grid by which the corners of a projection are set; ``pinned`` is then the corner under the hand, clockwise
    from the top left, else None.
    """

    def __init__(
        self,
        path: Path | None = None,
        overrides: Mapping[str, object] | None = None,
        themes: Sequence[Path] | None = None,
        fonts: Path | None = None,
    ) -> None:
        """``path``: the file, None for none at all. ``overrides``: settings for this run alone. ``themes``, ``fonts``:
        their folders, None for ours and the user's.

        Raises ``ParameterError`` for overrides that make no sense.
        """
        self.path = path
        self.dark = self.frozen = False
        self.shown: StageSnapshot | None = None
        self.pinned: int | None = None
        self._themes, self._fonts = themes, fonts
        self._file_trouble = self._theme_trouble = self._face_trouble = ""
        self._kept = self._known = self._load()  # the latter as they were last read or written
        self.settings = TABLE.changed(self._kept, overrides or {})
        self._changed_at: float | None = None  # when something was set that is not written yet
        self._now = 0.0
        self._looked_at = -math.inf
        self._stamp: Stamp = None
        self._theme: StageTheme = AS_DESIGNED
        self._face_asked, self._face = OURS, inconsolata()
        self._look = StageLook(self.settings, self._theme, self._face)
        self._find_theme()
        self._find_face()
        for name, trouble in (("theme", self._theme_trouble), ("font", self._face_trouble)):
            if name in (overrides or {}) and trouble:  # wrong in a file it is but told
                raise ParameterError(trouble)

    @property
    def state(self) -> str:
        """What keeps the audience from seeing what is written, in words for the performer; empty where nothing does."""
        return "STAGE BLACK" if self.dark else "STAGE FROZEN" if self.frozen else ""

    @property
    def look(self) -> StageLook:
        """The same object for as long as nothing changes."""
        before = self._look
        if (before.settings, before.theme, before.face) != (self.settings, self._theme, self._face):
            self._look = StageLook(self.settings, self._theme, self._face)
        return self._look

    @property
    def pinning(self) -> bool:
        """Whether the corners are being set; set to True it begins with the top left one."""
        return self.pinned is not None

    @pinning.setter
    def pinning(self, pinning: bool) -> None:
        if pinning != self.pinning:
            self.pinned = 0 if pinning else None

    @property
    def trouble(self) -> str:
        """One line for the control window's status; empty while all is well."""
        return self._theme_trouble or self._face_trouble or self._file_trouble

    def choices(self, name: str) -> tuple[str, ...]:
        """The words that a choice may have now, those that lie in the user's folders too."""
        if name == "theme":
            return tuple(theme_files(self._themes))
        return font_names(self._fonts) if name == "font" else TABLE.named(name).choices

    def set(self, name: str, value: object) -> None:
        """Give a setting a value, numbers clamped to their range. Raises ``ParameterError``."""
        self._put(TABLE.changed(self.settings, {name: value}), TABLE.changed(self._kept, {name: value}))

    def turn(self, name: str) -> None:
        """Give a choice the next of its words, after the last the first."""
        choices, now = self.choices(name), getattr(self.settings, name)
        self.set(name, choices[(choices.index(now) + 1) % len(choices)])

    def reset(self, name: str | None = None) -> None:
        """A setting, or all of them, as designed."""
        if name is None:
            self._put(DEFAULTS, DEFAULTS)
        else:
            self.set(name, TABLE.default(name))

    def _put(self, settings: StageSettings, kept: StageSettings) -> None:
        """All settings at once; ``kept`` is what is written."""
        if kept != self._kept:
            self._kept, self._changed_at = kept, self._now
        if settings != self.settings:
            self.settings = settings
            self._find_theme()
            self._find_face()

    def go_back(self, settings: StageSettings) -> None:
        """All settings as undoing gives them back: of those for this run alone, only what changes is written."""
        wanted, present = vars(settings), vars(self.settings)
        changes = {entry.name: wanted[entry.name] for entry in FIELDS if wanted[entry.name] != present[entry.name]}
        self._put(settings, replace(self._kept, **changes))

    def poll(self, now: float) -> None:
        """Once a frame, ``now`` in monotonic seconds: write and read what is due."""
        self._now = now
        if self._changed_at is not None and now >= self._changed_at + SAVE_AFTER_S:
            self.save()
        if now >= self._looked_at + LOOK_PERIOD_S:
            self._looked_at = now
            self._find_theme()

    def save(self) -> None:
        """Write what was set and is not written yet."""
        if self._changed_at is None:
            return
        self._changed_at = None
        if self.path is None:
            return
        try:
            self._known = save_settings(self.path, TABLE, self._known, self._kept)
        except OSError as error:
            self._file_trouble = f"the stage's settings are not saved: {error.strerror or error}"
        else:
            self._file_trouble = ""

    # ---- files -------------------------------------------------------------------------------------------------------

    def _load(self) -> StageSettings:
        if self.path is None:
            return DEFAULTS
        try:
            settings, complaints = TABLE.parse(read(self.path))
        except FileNotFoundError:
            return DEFAULTS
        except (OSError, ValueError) as error:
            self._file_trouble = f"{self.path.name} could not be read ({error}); {kept_aside(self.path)}"
            return DEFAULTS
        if complaints:
            self._file_trouble = f"{self.path.name}: {complaints[0]}; {copied_aside(self.path)}"
        return settings

    def _find_theme(self) -> None:
        """Read the theme's file if it is another one or was changed; one that makes no sense leaves the look alone."""
        name = self.settings.theme
        path = theme_files(self._themes).get(name)
        if path is None:
            there = ", ".join(self.choices("theme"))
            self._stamp, self._theme_trouble = None, f"there is no theme {name[:40]!r} for the stage; there are {there}"
            return
        stamp = _stamp(path)
        if stamp is not None and stamp == self._stamp:
            return
        self._stamp, self._theme_trouble = stamp, ""
        try:
            self._theme = load_theme(path)
        except ParameterError as error:
            self._theme_trouble = str(error)

    def _find_face(self) -> None:
        """Read the typeface if it is another one; one that cannot be used leaves the look alone."""
        name = self.settings.font
        if name == self._face_asked:
            return
        self._face_asked, self._face_trouble = name, ""
        path = font_files(self._fonts).get(name)
        try:
            if path is not None:
                self._face = load_stage_font(path)
            elif name == OURS:
                self._face = inconsolata()
            else:
                there = ", ".join(self.choices("font"))
                raise ParameterError(f"there is no typeface {name[:40]!r} for the stage; there are {there}")
        except ParameterError as error:
            self._face_trouble = str(error)


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return path, status.st_mtime_ns, status.st_size
