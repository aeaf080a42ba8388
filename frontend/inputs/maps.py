"""Ready maps: what the controls of a known controller drive before anything is learnt.

One readable TOML file a controller, here and in ``midi/`` of the user's configuration folder, where a file of the same
name takes the place of ours; see ``maps/nanokontrol2.toml`` for what may stand in it. UI thread, at the start only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from frontend.inputs.bindings import Source, number_in
from frontend.inputs.targets import target
from frontend.settings import config_folder
from protocol.errors import ParameterError
from protocol.tree import ParameterTree, weight_address

OURS = Path(__file__).parent / "maps"


@dataclass(frozen=True)
class ControllerMap:
    """``faders`` follow the voices in play; ``controls`` have fixed addresses, by controller number."""

    name: str
    port: str
    channel: int
    faders: Sequence[int] = ()
    controls: Mapping[int, str] = field(default_factory=dict)

    def fits(self, port: str) -> bool:
        return self.port.lower() in port.lower()

    def bindings(self, port: str, playing: Sequence[str]) -> dict[Source, str]:
        """What each control of the device on ``port`` drives while the voices ``playing`` are in play, in order."""
        driven = dict(self.controls)
        driven |= {number: weight_address(slug) for number, slug in zip(self.faders, playing, strict=False)}
        return {Source(port, "cc", self.channel, number): address for number, address in driven.items()}


def load_maps(folders: Sequence[Path] | None = None) -> tuple[list[ControllerMap], list[str]]:
    """All maps, those of later folders in place of earlier ones of the same file name, and one line a broken file."""
    found: dict[str, ControllerMap] = {}
    complaints = []
    for folder in (OURS, config_folder() / "midi") if folders is None else folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                found[path.name] = parse_map(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ParameterError) as error:
                complaints.append(f"{path.name}: {error}; this map is not used")
    return list(found.values()), complaints


def parse_map(text: str) -> ControllerMap:
    """The map that a file's text means. Raises ``tomllib.TOMLDecodeError`` or ``ParameterError``."""
    table = tomllib.loads(text)
    name, port = table.get("name"), table.get("port")
    if not (isinstance(name, str) and name and isinstance(port, str) and port):
        raise ParameterError("a map needs a name and a part of its port's name")
    faders = table.get("faders", [])
    if not isinstance(faders, list):
        raise ParameterError("faders is a list of controllers")
    numbers = [number_in({"controller": fader}, "controller", 0, 127, "faders") for fader in faders]
    controls = {**_addresses(table, "controls"), **_addresses(table, "switches")}
    taken = [*numbers, *controls]
    if len(set(taken)) < len(taken):
        raise ParameterError("a controller is named twice")
    return ControllerMap(name, port, number_in(table, "channel", 1, 16, "a map"), numbers, controls)


def _addresses(table: Mapping[str, object], key: str) -> dict[int, str]:
    rows = table.get(key, {})
    if not isinstance(rows, dict):
        raise ParameterError(f"[{key}] is a table of controllers and addresses")
    addresses = {}
    for text, address in rows.items():
        number = number_in({"controller": int(text) if text.isdecimal() else text}, "controller", 0, 127, f"[{key}]")
        is_switch = target(ParameterTree(()), str(address)).is_switch
        if is_switch != (key == "switches"):
            raise ParameterError(f"{address} does not belong in [{key}]")
        addresses[number] = str(address)
    return addresses
