"""What the user told the inputs: the settings of each, and which channel drives which parameter. One readable file.

``inputs.toml`` in the user's configuration folder has a table for every input and a ``[[map]]`` for every route:

    [leap]
    on = true
    gain = 1.5

    [[map]]
    channel = "leap/right/x"
    address = "/puck.x"           # a parameter, or half of a pair; "" for none
    low = 0.0                     # the part of the parameter's range that is driven; turned round where low > high
    high = 1.0

Values; only ``InputsFile`` touches the disk, on the UI thread. A broken entry costs a line, not the others.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frontend.config.setting_fields import SettingsTable
from frontend.config.user_files import config_folder, kept_aside
from frontend.inputs.channels import Shaping
from frontend.inputs.targets import target
from protocol.atomic_file import write_atomically
from protocol.documents import read, toml
from protocol.errors import ParameterError
from protocol.tree import ParameterTree

HEAD = "# How each input is listened to, and what its channels drive. Read at the start; written when it is changed.\n"
MOST_ROUTES = 512
LONGEST_CHANNEL = 120  # characters of a channel's name


@dataclass(frozen=True)
class Route:
    """``channel`` drives ``address`` between ``low`` and ``high`` of its range; an empty address: nothing."""

    channel: str
    address: str
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Kept:
    """``settings`` by input's key; ``routes`` as the user has them, those that an input brings along left out."""

    settings: Mapping[str, Shaping] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()


class InputsFile:
    """The file at ``path``; None: kept nowhere."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.trouble = ""  # one line about the file; empty when all is well

    def load(self, tables: Mapping[str, SettingsTable[Any]]) -> Kept:
        """What is written, the rest at its default. Never raises: ``trouble`` says what is wrong."""
        if self.path is None:
            return Kept({key: table.defaults for key, table in tables.items()})
        try:
            kept, complaints = parse(read(self.path), tables)
        except FileNotFoundError:
            return Kept({key: table.defaults for key, table in tables.items()})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.trouble = f"{self.path.name} could not be read ({error}); {kept_aside(self.path)}"
            return Kept({key: table.defaults for key, table in tables.items()})
        if complaints:
            self.trouble = f"{self.path.name}: {complaints[0]}"
        return kept

    def save(self, kept: Kept, tables: Mapping[str, SettingsTable[Any]]) -> None:
        """Write all, or leave the old file whole."""
        if self.path is None:
            return
        try:
            write_atomically(self.path, render(kept, tables))
        except OSError as error:
            self.trouble = f"the inputs' settings are not saved: {error.strerror or error}"
        else:
            self.trouble = ""


def default_path() -> Path:
    return config_folder() / "inputs.toml"


def render(kept: Kept, tables: Mapping[str, SettingsTable[Any]]) -> str:
    """The file's text; ``parse`` reads it back."""
    parts = [HEAD, *(tables[key].render(settings) for key, settings in kept.settings.items() if key in tables)]
    for route in kept.routes:
        parts.append(
            f"[[map]]\nchannel = {json.dumps(route.channel)}\naddress = {json.dumps(route.address)}\n"
            f"low = {route.low:g}\nhigh = {route.high:g}\n"
        )
    return "\n".join(parts)


def parse(text: str, tables: Mapping[str, SettingsTable[Any]]) -> tuple[Kept, list[str]]:
    """What a file's text says, and one line for each entry that makes no sense. Raises ``tomllib.TOMLDecodeError``.

    A table of an input that is not there (a newer program's, or another's) is passed over.
    """
    found = toml(text)
    settings, complaints = {}, []
    for key, table in tables.items():
        section = found.get(key, {})
        settings[key], wrong = table.read(section if isinstance(section, dict) else {})
        complaints += wrong
    rows = found.get("map", [])
    routes: list[Route] = []
    for row in rows[:MOST_ROUTES] if isinstance(rows, Sequence) and not isinstance(rows, str) else ():
        try:
            routes.append(_route(row))
        except ParameterError as error:
            complaints.append(str(error))
    return Kept(settings, tuple(routes)), complaints


def _route(row: object) -> Route:
    if not isinstance(row, dict):
        raise ParameterError("every route is a [[map]]")
    channel, address = row.get("channel"), row.get("address")
    if not isinstance(channel, str) or not 0 < len(channel) <= LONGEST_CHANNEL:
        raise ParameterError("a [[map]] needs a channel such as leap/right/x")
    if not isinstance(address, str) or (address and not address.startswith("/")):
        raise ParameterError(f'{channel} needs an address such as /puck.x, or "" for nothing')
    if address and not address.startswith("/style/"):  # whose voices there are is known only later
        target(ParameterTree(()), address)
    return Route(channel, address, _share(row, "low", 0.0), _share(row, "high", 1.0))


def _share(row: Mapping[str, object], key: str, default: float) -> float:
    number = row.get(key, default)
    if isinstance(number, (int, float)) and not isinstance(number, bool) and math.isfinite(number):
        return min(1.0, max(0.0, float(number)))
    raise ParameterError(f"a [[map]]'s {key} is a number from 0 to 1, not {str(number)[:20]!r}")
