"""Set lists: pieces in order, each a file that can be read, edited and sent to somebody.

A cue is a scene of its own, copied when it was added, with the fade that brings it. Files are JSON in ``setlists`` in
the user's data folder, named after the list, written whole or not at all. Pure but for ``SetListFolder``; UI thread.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Predicate, doc

from frontend.config.merging import merged_list, sole_writer
from frontend.config.scenes import Fade, Scene, Unit, moved, name_of
from frontend.config.user_files import copied_aside, kept_aside
from protocol.atomic_file import write_atomically
from protocol.documents import json_of, read
from protocol.errors import ParameterError
from protocol.validation import Shape

FOLDER = "setlists"  # in the user's data folder
VERSION = 1
FIRST_NAME = "tonight"
MAX_FADE: dict[str, float] = {"s": 120.0, "chars": 2_000.0}
MAX_CUES = 500


CLOCK = re.compile(r"|([01]?\d|2[0-3]):([0-5]\d):([0-5]\d(?:\.\d{1,3})?)")


def clock(at: float) -> str:
    """A second of timecode as it stands in a file."""
    thousandths = round(at * 1000)
    whole = f"{thousandths // 3_600_000:02}:{thousandths // 60_000 % 60:02}:{thousandths // 1000 % 60:02}"
    return f"{whole}.{thousandths % 1000:03}" if thousandths % 1000 else whole


def second(words: str) -> float | None:
    """The inverse of ``clock``; None for none."""
    if not words:
        return None
    hours, minutes, seconds = words.split(":")
    return 3600.0 * int(hours) + 60.0 * int(minutes) + float(seconds)


@dataclass(frozen=True)
class Cue:
    """A scene that is recalled in its turn; ``at``: the second of a timecode at which it comes by itself."""

    scene: Scene
    fade: Fade = field(default_factory=Fade)
    at: float | None = None

    @property
    def entry(self) -> dict[str, object]:
        """The cue as it is written into a file."""
        written = {**self.scene.entry, "fade": self.fade.length, "unit": self.fade.unit}
        return written if self.at is None else {**written, "at": clock(self.at)}


@dataclass(frozen=True)
class SetList:
    """``at`` is the cue that was taken last, -1 before the first."""

    name: str = FIRST_NAME
    cues: tuple[Cue, ...] = ()
    at: int = -1

    def add(self, cue: Cue) -> SetList:
        return replace(self, cues=(*self.cues, cue)[:MAX_CUES])

    def remove(self, place: int) -> SetList:
        left = (*self.cues[:place], *self.cues[place + 1 :])
        return replace(self, cues=left, at=self.at - (place <= self.at))

    def move(self, place: int, to: int) -> SetList:
        """The cue at ``place`` goes to ``to``; the one that was taken last stays so."""
        order = moved(range(len(self.cues)), place, to)
        return replace(self, cues=tuple(self.cues[i] for i in order), at=order.index(self.at) if self.at >= 0 else -1)

    def rename(self, place: int, name: str) -> SetList:
        name = name_of(name)
        return self._with(place, replace(self.cues[place].scene, name=name)) if name else self

    def refade(self, place: int, fade: Fade) -> SetList:
        cues = list(self.cues)
        cues[place] = replace(cues[place], fade=fade)
        return replace(self, cues=tuple(cues))

    def _with(self, place: int, scene: Scene) -> SetList:
        cues = list(self.cues)
        cues[place] = replace(cues[place], scene=scene)
        return replace(self, cues=tuple(cues))

    def step(self, by: int) -> SetList | None:
        """The list with the next cue taken (``by`` 1) or the one before (-1); None where it ends."""
        to = self.at + by
        return replace(self, at=to) if 0 <= to < len(self.cues) else None

    @property
    def document(self) -> dict[str, object]:
        return {"antiphon set list": VERSION, "name": self.name, "cues": [cue.entry for cue in self.cues]}


@dataclass(frozen=True)
class CueEntry(Scene):
    """A cue as it stands in a file: a scene and how it comes."""

    fade: Annotated[float, Ge(0.0)] = Fade().length
    unit: Unit = "s"
    at: Annotated[str, Predicate(CLOCK.fullmatch), doc("a time such as 01:00:30 or 01:00:30.5")] = ""

    @property
    def cue(self) -> Cue:
        scene = Scene(self.name, self.values).named(self.name)
        return Cue(scene, Fade(min(MAX_FADE[self.unit], self.fade), self.unit), second(self.at))


@dataclass(frozen=True)
class File:
    """What stands in a set list's file."""

    name: str
    cues: list[Any]


FILE = Shape(File, unknown="ignore")
CUE = Shape(CueEntry, unknown="ignore")


def parse(document: object) -> tuple[SetList, list[str]]:
    """What a file says, and one line for all in it that makes no sense. Raises ``ParameterError`` for no set list."""
    file = FILE.read(document)
    entries, complaints = CUE.read_rows(file.cues[:MAX_CUES], "cue")
    return SetList(name_of(file.name) or FIRST_NAME, tuple(entry.cue for entry in entries if entry)), complaints


class SetListFolder:
    """The folder of set lists. ``trouble`` is one line about a file that could not be read or written.

    What another front end changes in a file meanwhile stays there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trouble = ""
        self._known: dict[str, list[Any]] = {}  # by list: the cues in its file, as last read or written

    def names(self) -> list[str]:
        """The lists there are, in alphabetical order."""
        found = self.folder.glob("*.json") if self.folder.is_dir() else ()
        return sorted(path.stem for path in found)

    def load(self, name: str) -> SetList:
        """The list called ``name``, an empty one where there is none. Nonsense is kept aside and reported."""
        path = self._path(name)
        try:
            document = json_of(read(path))
            found, complaints = parse(document)
        except FileNotFoundError:
            return SetList(name)
        except (OSError, ValueError, ParameterError):
            self.trouble = f"the set list {name} could not be read; {kept_aside(path)}"
            return SetList(name)
        self._known[name] = FILE.read(document).cues[:MAX_CUES]
        if complaints:
            self.trouble = f"the set list {name}: {complaints[0]}; {copied_aside(path)}"
        return replace(found, name=name)

    def save(self, made: SetList) -> None:
        """Write it. Trouble with the disk is reported, not raised."""
        path, cues = self._path(made.name), json.loads(json.dumps(made.document["cues"]))
        try:
            with sole_writer(path):
                merged = merged_list(self._known.get(made.name, []), self._standing(made.name), cues)[:MAX_CUES]
                write_atomically(path, json.dumps({**made.document, "cues": merged}, indent=1) + "\n")
            self._known[made.name] = cues
        except OSError as error:
            self.trouble = f"set list not saved: {error.strerror or error}"
        else:
            self.trouble = ""

    def _standing(self, name: str) -> list[Any]:
        """The cues that stand in a list's file; those that are known where it is not there, or makes no sense."""
        try:
            return FILE.read(json_of(read(self._path(name)))).cues[:MAX_CUES]
        except (OSError, ValueError, ParameterError):
            return self._known.get(name, [])

    def free_name(self) -> str:
        """A name that no list has yet."""
        taken = set(self.names())
        return next(
            name
            for n in range(1, len(taken) + 3)
            if (name := FIRST_NAME if n == 1 else f"{FIRST_NAME} {n}") not in taken
        )

    def rename(self, made: SetList, name: str) -> SetList:
        """The list under another name, its file too; a name that is taken or blank changes nothing."""
        name = file_name(name)
        if not name or name in self.names():
            return made
        renamed = replace(made, name=name)
        self.save(renamed)
        if not self.trouble:
            with contextlib.suppress(OSError):
                self._path(made.name).unlink(missing_ok=True)
        return renamed

    def _path(self, name: str) -> Path:
        return self.folder / f"{file_name(name) or FIRST_NAME}.json"


def file_name(words: str) -> str:
    """What was typed as a name that every file system takes: letters, digits, blanks, ``- _ .`` inside."""
    return re.sub(r"[^\w \-.]", "", name_of(words)).strip(" .")
