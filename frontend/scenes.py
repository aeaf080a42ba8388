"""Scenes: nine places for a whole mix, in a file that can be read and edited.

A scene holds every control but run, hold and rate, voices by slug, so that it outlives a change of voices: what the
choir does not know is left out. The file is JSON in the user's data folder, written to a temporary file and renamed.
Pure but for ``Scenes.put`` and ``load``; UI thread.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from frontend.settings import data_folder, kept_aside, write_atomically
from protocol.documents import json_of, read
from protocol.errors import ParameterError
from protocol.mixing import effective_weights
from protocol.tree import CIRCLES, QUOTATION, WORDS, ParameterTree, Value, on_address, weight_address

PLACES = 9
LONGEST_NAME = 40
# how it runs, and what it is kept from, is no part of a mix
UNSCENED = frozenset({"/transport/run", "/transport/hold", "/mix/rate", WORDS, QUOTATION, CIRCLES})
VERSION = 1

Item = TypeVar("Item")


@dataclass(frozen=True)
class Scene:
    """A mix with a name."""

    name: str
    values: Mapping[str, Value]

    def shares(self, slugs: Sequence[str]) -> list[float]:
        """Each voice's share of this mix, in list order."""
        return [float(share) for share in effective_weights(self.values, slugs)]

    @property
    def entry(self) -> dict[str, object]:
        """The scene as it is written into a file."""
        return {"name": self.name, "values": dict(self.values)}

    @classmethod
    def of_entry(cls, entry: Mapping[str, Any]) -> Scene:
        """The inverse of ``entry``. Raises ``KeyError``, ``TypeError`` or ``AttributeError`` for what is none."""
        return cls(name_of(str(entry["name"])), values_of(entry["values"]))

    def for_tree(self, tree: ParameterTree) -> dict[str, Value]:
        """The values that recalling it gives to ``tree``: voices it does not name go out of play."""
        wanted: dict[str, Value] = {on_address(slug): False for slug in tree.slugs}
        for address, value in self.values.items():
            if address in tree and address not in UNSCENED:
                parameter = tree[address]
                with contextlib.suppress(ParameterError):  # a hand-edited file may hold anything
                    wanted[address] = parameter.accept(list(value) if isinstance(value, (list, tuple)) else [value])
        return wanted


def scene_of(values: Mapping[str, Value], slugs: Sequence[str], name: str) -> Scene:
    """What stands on the desk now; of voices, only those in play."""
    away = {
        address
        for slug in slugs
        if not values[on_address(slug)]
        for address in (on_address(slug), weight_address(slug))
    }
    return Scene(name, {address: value for address, value in values.items() if address not in away | UNSCENED})


def _starter(name: str, **weights: float) -> Scene:
    values: dict[str, Value] = {"/mix/temperature": 0.7, "/mix/alloy": 0.0, "/mix/top_p": 1.0, "/puck/lifted": True}
    for slug, weight in weights.items():
        values |= {on_address(slug): True, weight_address(slug): weight}
    return Scene(name, values)


STARTERS = (
    _starter("scripture and source", bible=0.7, linux=0.5),
    _starter("sense and will", austen=0.7, nietzsche=0.6),
    _starter(
        "seven voices", austen=0.7, bible=0.6, frankenstein=0.4, homer=0.4, linux=0.5, lovesongs=0.6, nietzsche=0.5
    ),
    _starter("mission and Odyssey", apollo11=0.6, homer=0.7),
    _starter("the school", aristotle=0.6, kant=0.7, machiavelli=0.5),
    _starter("heart and kitchen", beeton=0.6, lovesongs=0.6, kamasutra=0.4),
)


def default_path() -> Path:
    """In the user's data folder; ``ANTIPHON_HOME`` names another."""
    return data_folder() / "scenes.json"


@dataclass
class Scenes:
    """The nine places; ``places[0]`` is key 1. ``trouble`` is one line about a file that could not be read."""

    path: Path
    places: list[Scene | None] = field(default_factory=lambda: [None] * PLACES)
    trouble: str = ""

    @classmethod
    def load(cls, path: Path) -> Scenes:
        """What ``path`` holds, or the starters where there is no file yet. A file that makes no sense is kept aside."""
        scenes = cls(path)
        try:
            document = json_of(read(path))
            for place, entry in zip(range(PLACES), document["scenes"], strict=False):
                scenes.places[place] = None if entry is None else Scene.of_entry(entry)
        except FileNotFoundError:
            scenes.places[: len(STARTERS)] = STARTERS
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            scenes.places = [None] * PLACES
            scenes.trouble = f"{path.name} could not be read; {kept_aside(path)}"
        return scenes

    def put(self, places: Sequence[Scene | None]) -> None:
        """Let these be the nine, and write the file. Trouble with the disk is told, not raised."""
        self.places = list(places)
        entries = [None if kept is None else kept.entry for kept in self.places]
        try:
            write_atomically(self.path, json.dumps({"antiphon scenes": VERSION, "scenes": entries}, indent=1) + "\n")
        except OSError as error:
            self.trouble = f"scenes not saved: {error.strerror or error}"
        else:
            self.trouble = ""

    def store(self, place: int, scene: Scene | None) -> None:
        """Put ``scene`` in its place, or empty it."""
        self.put([*self.places[:place], scene, *self.places[place + 1 :]])

    def rename(self, place: int, name: str) -> None:
        """Another name for the scene there; a blank one changes nothing."""
        scene, name = self.places[place], name_of(name)
        if scene is not None and name:
            self.store(place, replace(scene, name=name))

    def move(self, place: int, to: int) -> None:
        """The scene at ``place`` goes to place ``to``; those between move up or down."""
        self.put(moved(self.places, place, to))


def moved(items: Sequence[Item], place: int, to: int) -> list[Item]:
    """``items`` with the one at ``place`` taken to place ``to``."""
    left = [*items[:place], *items[place + 1 :]]
    return [*left[:to], items[place], *left[to:]]


def name_of(words: str) -> str:
    """What was typed as a name: one line, not too long."""
    return " ".join(words.split())[:LONGEST_NAME]


def values_of(document: Mapping[str, object]) -> dict[str, Value]:
    """JSON's lists as the puck's pair; what is no number, truth or pair is left out."""
    values: dict[str, Value] = {}
    for address, value in document.items():
        if isinstance(value, (bool, int, float)):
            values[address] = value
        elif isinstance(value, list) and len(value) == 2 and all(isinstance(number, (int, float)) for number in value):
            values[address] = (float(value[0]), float(value[1]))
    return values
