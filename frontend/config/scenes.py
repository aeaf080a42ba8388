"""Scenes: nine stored mixes in a file that can be read and edited, and the fade that leads to one of them.

A scene holds every control but run, hold and rate, and names voices by slug, so that it survives a change of voices:
what the choir does not know is left out. The file is JSON in the user's data folder, written atomically. A fade is told
from outside how far it is, so it may be counted in seconds or in characters. Pure but for ``Scenes.put`` and ``load``;
UI thread.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from annotated_types import doc

from frontend.config.merging import merged_rows, sole_writer
from frontend.config.user_files import copied_aside, data_folder, kept_aside
from frontend.look.easing import in_out
from protocol.alphabet import ROLES
from protocol.atomic_file import write_atomically
from protocol.documents import json_of, read
from protocol.errors import ParameterError
from protocol.mixing import effective_weights
from protocol.tree import (
    CIRCLES,
    LAYOUT,
    LOOKAHEAD,
    OPENING,
    QUOTATION,
    TURN,
    WORDS,
    ParameterTree,
    Value,
    choir_address,
    on_address,
    tongue_address,
    weight_address,
)
from protocol.validation import Shape

# ---- fades -----------------------------------------------------------------------------------------------------------

Unit = Literal["s", "chars"]


@dataclass(frozen=True)
class Fade:
    """How long a way is: so many seconds, or so many characters of text."""

    length: float = 0.25
    unit: Unit = "s"

    def __str__(self) -> str:
        if self.unit == "chars":
            return f"{self.length:.0f} ch"
        if self.length < 1.0:
            return f"{self.length:.2f} s".lstrip("0")
        return f"{self.length:.1f} s" if self.length < 10.0 else f"{self.length:.0f} s"


class ValueFade:
    """From ``present`` to ``wanted``, in-out, from position ``began`` on and ``lasts`` long.

    Numbers glide; a voice comes into play at once, its weight from 0, and leaves when its weight has reached 0; the
    puck lands or lifts at once, places on the circle and choirs change at once. ``drop`` takes what a hand has touched
    out of it: the hand wins.
    """

    def __init__(self, present: Mapping[str, Value], wanted: Mapping[str, Value], began: float, lasts: float) -> None:
        self._began, self._lasts = began, lasts
        self._from: dict[str, Value] = {}
        self._to: dict[str, Value] = {}
        self._last: dict[str, Value] = {}  # given when the way is over
        for address, value in wanted.items():
            if isinstance(value, bool) or address.endswith(("/place", "/choir")):
                self._from[address] = self._to[address] = value
            else:
                self._from[address], self._to[address] = present[address], value
        for on in [address for address in wanted if address.endswith("/on")]:
            weight = on.removesuffix("on") + "weight"
            kept = wanted.get(weight, present[weight])
            if wanted[on] and not present[on]:
                self._from[weight], self._to[weight] = 0.0, kept
            elif present[on] and not wanted[on]:
                self._from[weight], self._to[weight] = present[weight], 0.0
                self._from[on] = self._to[on] = True
                self._last |= {on: False, weight: kept}

    @property
    def ends(self) -> dict[str, Value]:
        """The values that will stand when it is over."""
        return self._to | self._last

    def drop(self, address: str) -> None:
        for table in (self._from, self._to, self._last):
            table.pop(address, None)

    def progress(self, position: float) -> float:
        """How far it is at ``position``, 0 to 1."""
        return min(1.0, max(0.0, (position - self._began) / self._lasts)) if self._lasts > 0.0 else 1.0

    def over(self, position: float) -> bool:
        return position >= self._began + self._lasts

    def at(self, position: float) -> dict[str, Value]:
        """The values to set at ``position``."""
        share = in_out(self.progress(position))
        order = sorted(self._to, key=lambda address: address.endswith("/on"))  # who comes in has weight 0 already
        values = {address: _between(self._from[address], self._to[address], share) for address in order}
        return values | self._last if self.over(position) else values


def _between(a: Value, b: Value, share: float) -> Value:
    if share < 1.0 and isinstance(a, tuple) and isinstance(b, tuple):
        return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
    if isinstance(a, (bool, str, tuple)) or isinstance(b, (bool, str, tuple)):
        return b
    return a + (b - a) * share if share < 1.0 else b


FILE_NAME = "scenes.json"  # in the user's data folder
FOLLOWED = "followed"  # a folder there, with the scenes and set lists of a machine that is followed
SCENE_COUNT = 9
MAX_NAME_CHARS = 40
# how it runs, and what it is kept from, is no part of a mix
NOT_IN_SCENES = frozenset(
    {"/transport/run", "/transport/hold", "/mix/rate", WORDS, QUOTATION, CIRCLES, LAYOUT, LOOKAHEAD, TURN}
)
VERSION = 1

Item = TypeVar("Item")


SceneValue = Annotated[Value, doc("a number, true, false, a text or some numbers")]


@dataclass(frozen=True)
class Scene:
    """A mix with a name, as it stands in a file."""

    name: str
    values: Mapping[str, SceneValue]

    def shares(self, slugs: Sequence[str]) -> list[float]:
        """Each voice's share of this mix, in list order."""
        return [float(share) for share in effective_weights(self.values, slugs)]

    @property
    def entry(self) -> dict[str, object]:
        """The scene as it is written into a file."""
        return {"name": self.name, "values": dict(self.values)}

    def named(self, name: str) -> Scene:
        """With what was typed as ``name``: one line, not too long."""
        return replace(self, name=name_of(name))

    def for_tree(self, tree: ParameterTree) -> dict[str, Value]:
        """The values that recalling it gives to ``tree``: voices it does not name go out of play."""
        wanted: dict[str, Value] = {OPENING: "", **{on_address(slug): False for slug in tree.slugs}}
        for address, value in self.values.items():
            if address in tree and address not in NOT_IN_SCENES:
                parameter = tree[address]
                with contextlib.suppress(ParameterError):  # a hand-edited file may hold anything
                    wanted[address] = parameter.accept(list(value) if isinstance(value, (list, tuple)) else [value])
        return wanted


def scene_of(values: Mapping[str, Value], slugs: Sequence[str], name: str) -> Scene:
    """The present values; of voices, only those in play."""
    away = {
        address
        for slug in slugs
        if not values[on_address(slug)]
        for address in (
            on_address(slug),
            weight_address(slug),
            choir_address(slug),
            *(tongue_address(slug, role) for role in ROLES),
        )
    }
    return Scene(name, {address: value for address, value in values.items() if address not in away | NOT_IN_SCENES})


def _starter(name: str, opening: str, **weights: float) -> Scene:
    values: dict[str, Value] = {"/mix/temperature": 0.7, "/mix/alloy": 0.0, "/mix/top_p": 1.0, "/puck/lifted": True}
    values[OPENING] = opening
    for slug, weight in weights.items():
        values |= {on_address(slug): True, weight_address(slug): weight}
    return Scene(name, values)


STARTERS = (
    _starter("scripture and source", "In the beginning was the word, and the word was ", bible=0.7, linux=0.5),
    _starter("sense and will", "It is a truth universally acknowledged, that the will ", austen=0.7, nietzsche=0.6),
    _starter(
        "seven voices",
        "Tell me, O muse, of the night in which ",
        austen=0.7,
        bible=0.6,
        frankenstein=0.4,
        homer=0.4,
        linux=0.5,
        lovesongs=0.6,
        nietzsche=0.5,
    ),
    _starter("mission and Odyssey", "Houston, we have come to the shore, and the sea ", apollo11=0.6, homer=0.7),
    _starter("the school", "All men by nature desire to know ", aristotle=0.6, kant=0.7, machiavelli=0.5),
    _starter(
        "heart and kitchen", "Take a pound of butter, and think of your love ", beeton=0.6, lovesongs=0.6, kamasutra=0.4
    ),
)


@dataclass(frozen=True)
class File:
    """What stands in ``scenes.json``."""

    scenes: list[Any]


FILE = Shape(File, unknown="ignore")
SCENE: Shape[Scene | None] = Shape(Scene | None, unknown="ignore")


def default_path() -> Path:
    """In the user's data folder; ``ANTIPHON_HOME`` names another."""
    return data_folder() / FILE_NAME


@dataclass
class Scenes:
    """The nine places; ``places[0]`` is key 1. ``trouble`` is one line about a file that could not be read.

    What another front end changes in the file meanwhile stays there.
    """

    path: Path
    places: list[Scene | None] = field(default_factory=lambda: [None] * SCENE_COUNT)
    trouble: str = ""
    _known: list[Any] = field(default_factory=lambda: [None] * SCENE_COUNT)  # rows of the file, as last read or written

    @classmethod
    def load(cls, path: Path) -> Scenes:
        """What ``path`` holds, or the starters where there is no file yet. A file that makes no sense is kept aside."""
        scenes = cls(path)
        try:
            places, complaints, rows = _read(json_of(read(path)))
        except FileNotFoundError:
            scenes.places[: len(STARTERS)] = STARTERS
            scenes._known = scenes._entries
            return scenes
        except (OSError, ValueError, ParameterError):
            scenes.trouble = f"{path.name} could not be read; {kept_aside(path)}"
            return scenes
        scenes._known[: len(rows)] = rows
        scenes.places = places
        if complaints:
            scenes.trouble = f"{path.name}: {complaints[0]}; {copied_aside(path)}"
        return scenes

    def put(self, places: Sequence[Scene | None]) -> None:
        """Let these be the nine, and write the file. Trouble with the disk is reported, not raised."""
        self.places = list(places)
        entries = self._entries
        try:
            with sole_writer(self.path):
                merged = merged_rows(self._known, self._standing(), entries)
                write_atomically(self.path, json.dumps(_document(merged), indent=1) + "\n")
            self._known = entries
        except OSError as error:
            self.trouble = f"scenes not saved: {error.strerror or error}"
        else:
            self.trouble = ""

    @property
    def document(self) -> dict[str, object]:
        """The nine as their file has them; ``places_of`` reads it."""
        return _document(self._entries)

    @property
    def _entries(self) -> list[Any]:
        """The rows that the file is to have, as JSON has them."""
        return [None if kept is None else json.loads(json.dumps(kept.entry)) for kept in self.places]

    def _standing(self) -> list[Any]:
        """The rows that stand in the file; those that are known where it is not there, or makes no sense."""
        try:
            rows = FILE.read(json_of(read(self.path))).scenes[:SCENE_COUNT]
        except (OSError, ValueError, ParameterError):
            return self._known
        return [*rows, *[None] * (SCENE_COUNT - len(rows))]

    def store(self, place: int, scene: Scene | None) -> None:
        """Put ``scene`` in its place, or empty it."""
        self.put([*self.places[:place], scene, *self.places[place + 1 :]])

    def rename(self, place: int, name: str) -> None:
        """Another name for the scene there; a blank one changes nothing."""
        scene, name = self.places[place], name_of(name)
        if scene is not None and name:
            self.store(place, scene.named(name))

    def move(self, place: int, to: int) -> None:
        """The scene at ``place`` goes to place ``to``; those between move up or down."""
        self.put(moved(self.places, place, to))


def places_of(document: object) -> list[Scene | None]:
    """The nine places that a document has, those that make no sense empty. Raises ``ParameterError``."""
    return _read(document)[0]


def _read(document: object) -> tuple[list[Scene | None], list[str], list[Any]]:
    """The nine places, what is wrong in them, and the rows that they were read from."""
    rows = FILE.read(document).scenes[:SCENE_COUNT]
    found, complaints = SCENE.read_rows(rows, "scene")
    places = [scene and scene.named(scene.name) for scene in found]
    return [*places, *[None] * (SCENE_COUNT - len(places))], complaints, rows


def _document(rows: list[Any]) -> dict[str, object]:
    return {"antiphon scenes": VERSION, "scenes": rows}


def moved(items: Sequence[Item], place: int, to: int) -> list[Item]:
    """``items`` with the one at ``place`` taken to place ``to``."""
    left = [*items[:place], *items[place + 1 :]]
    return [*left[:to], items[place], *left[to:]]


def name_of(words: str) -> str:
    """What was typed as a name: one line, not too long."""
    return " ".join(words.split())[:MAX_NAME_CHARS]
