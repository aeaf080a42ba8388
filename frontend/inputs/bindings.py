"""Which control of which MIDI device drives which parameter, and the readable file that remembers it.

``bindings.toml`` in the user's configuration folder:

    ready_maps = true             # whether known controllers work without learning

    [[bind]]
    address = "/style/bible/weight"
    port = "nanoKONTROL2"         # the device's name; its system's port number is left out
    kind = "cc"                   # one of KINDS
    channel = 1                   # 1 to 16
    number = 4                    # controller, note or programme, 0 to 127; left out for bend

A device is known by its name, so that it may be unplugged and plugged in elsewhere. Values; only ``BindingsFile``
touches the disk. UI thread.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from frontend.config.user_files import config_folder
from frontend.inputs.midi.ports import Heard
from protocol.atomic_file import write_atomically
from protocol.documents import read, toml
from protocol.errors import ParameterError

KINDS = {  # what a control sends -> how it is called on the screen
    "cc": "CC {number}",  # 0 to 127
    "cc14": "CC {number}+{fine}",  # coarse on the controller, fine on the controller + 32
    "relative": "CC {number} ±",  # steps: 1, 2, .. up and 127, 126, .. down
    "offset": "CC {number} ±",  # steps: 65, 66, .. up and 63, 62, .. down
    "latch": "CC {number}",  # a button that turns its own light on and off: 127 is on, 0 off
    "note": "note {number}",  # a press turns a switch
    "velocity": "note {number}",  # how hard it was struck is the value
    "held": "note {number}",  # the same, and nothing when it is let go
    "bend": "bend",
    "program": "prog. {number}",
}
HEARD_AS = {  # what a control sends -> the messages in which it is heard
    "cc": ("cc",),
    "cc14": ("cc",),
    "relative": ("cc",),
    "offset": ("cc",),
    "latch": ("cc",),
    "note": ("note",),
    "velocity": ("note",),
    "held": ("note", "off"),
    "bend": ("bend",),
    "program": ("program",),
}
FINE = 32  # the fine half of a 14-bit pair lies so many controllers above the coarse one
HEAD = "# Which control drives which parameter. Read at the start; written when a control is learnt or forgotten.\n"


@dataclass(frozen=True)
class Source:
    """One control of one device."""

    port: str
    kind: str
    channel: int  # 1 to 16
    number: int = 0

    @property
    def label(self) -> str:
        """What the screen calls it, such as "CC 4"."""
        return KINDS[self.kind].format(number=self.number, fine=self.number + FINE)

    @property
    def messages(self) -> set[tuple[str, int, int]]:
        """The messages it sends, as (what was heard, channel, number)."""
        numbers = (self.number, self.number + FINE) if self.kind == "cc14" else (self.number,)
        return {(heard, self.channel, number) for heard in HEARD_AS[self.kind] for number in numbers}


@dataclass(frozen=True)
class Bindings:
    """``by_source``: the address that each control drives. ``ready_maps``: whether ready-made maps count too."""

    by_source: Mapping[Source, str]
    ready_maps: bool = True

    def bound(self, source: Source, address: str) -> Bindings:
        """With ``source`` driving ``address``, and neither of them bound to anything else."""
        others = {s: a for s, a in self.by_source.items() if a != address and not _overlap(s, source)}
        return replace(self, by_source={**others, source: address})

    def without(self, address: str) -> Bindings:
        return replace(self, by_source={s: a for s, a in self.by_source.items() if a != address})


NOTHING_BOUND = Bindings({})


class BindingsFile:
    """The bindings on disk at ``path``; None: in the user's configuration folder."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_folder() / "bindings.toml"

    def load(self) -> Bindings:
        """What is written; nothing is bound where no file is. Raises ``ParameterError`` for a broken file."""
        try:
            return parse(read(self.path))
        except FileNotFoundError:
            return NOTHING_BOUND
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ParameterError) as error:
            raise ParameterError(f"{self.path.name}: {error}; MIDI bindings are not used") from None

    def save(self, bindings: Bindings) -> None:
        """Write all, or leave the old file whole; one that could not be read is kept beside it, as ``*.unreadable``.

        Raises ``ParameterError`` where nothing can be written.
        """
        try:
            self._put_aside_unreadable()
            write_atomically(self.path, render(bindings))
        except OSError as error:
            raise ParameterError(f"MIDI bindings are not kept: {error.strerror or error} ({self.path})") from None

    def _put_aside_unreadable(self) -> None:
        try:
            self.load()
        except ParameterError:
            self.path.replace(self.path.with_suffix(".unreadable"))


def render(bindings: Bindings) -> str:
    """The file's text; ``parse`` reads it back."""
    lines = [HEAD, f"ready_maps = {str(bindings.ready_maps).lower()}"]
    for source, address in bindings.by_source.items():
        lines += ["", "[[bind]]", f"address = {_quoted(address)}", f"port = {_quoted(source.port)}"]
        lines += [f'kind = "{source.kind}"', f"channel = {source.channel}"]
        lines += [] if source.kind == "bend" else [f"number = {source.number}"]
    return "\n".join(lines) + "\n"


def parse(text: str) -> Bindings:
    """The bindings that a file's text means. Raises ``tomllib.TOMLDecodeError`` or ``ParameterError``."""
    table = toml(text)
    ready_maps = table.get("ready_maps", True)
    rows = table.get("bind", [])
    if not isinstance(ready_maps, bool) or not isinstance(rows, list):
        raise ParameterError("ready_maps is true or false, and every binding a [[bind]]")
    return Bindings(dict(_parse_row(row, place) for place, row in enumerate(rows, start=1)), ready_maps)


def number_in(row: Mapping[str, Any], key: str, low: int, high: int, what: str) -> int:
    """The whole number ``row[key]``. Raises ``ParameterError``, naming ``what``, where it is not in range."""
    number = row.get(key)
    if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
        raise ParameterError(f"{what} needs a {key} from {low} to {high}, not {str(number)[:20]!r}")
    return number


def _parse_row(row: object, place: int) -> tuple[Source, str]:
    what = f"binding {place}"
    if not isinstance(row, dict):
        raise ParameterError(f"{what} is no [[bind]]")
    address, port, kind = (row.get(key) for key in ("address", "port", "kind"))
    if not (isinstance(address, str) and address.startswith("/") and isinstance(port, str) and port):
        raise ParameterError(f"{what} needs an address such as /mix/rate and a port's name")
    if not (isinstance(kind, str) and kind in KINDS):
        raise ParameterError(f"{what} needs a kind: {', '.join(KINDS)}")
    highest = 31 if kind == "cc14" else 127
    number = 0 if kind == "bend" else number_in(row, "number", 0, highest, what)
    return Source(port, kind, number_in(row, "channel", 1, 16, what), number), address


def _overlap(one: Source, other: Source) -> bool:
    """Whether both listen to the same messages."""
    return one.port == other.port and not one.messages.isdisjoint(other.messages)


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes, and DEL besides."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# ---- bindings --------------------------------------------------------------------------------------------------------
# Which control a hand is moving, guessed from the first few messages that it sends. Pure. A fader never says the same
# thing twice; an encoder does, and only a few steps up or down: thus 1 1 or 127 127 is a relative encoder, 65 65 or
# 63 63 one that counts from 64. A controller below 32 that is followed by the one 32 above it is the coarse half of a
# 14-bit pair. Everything else is a plain controller.

FOR_RANGES = {"cc": "cc", "bend": "bend", "note": "velocity"}  # what was heard -> what sends it, at first sight
FOR_SWITCHES = {"cc": "cc", "note": "note", "program": "program"}
STEPS = {"relative": {1, 2, 3, 125, 126, 127}, "offset": {61, 62, 63, 65, 66, 67}}


class Learner:
    """Reads one control, the first that moves. ``for_switch``: what can be pressed counts, else what has a range."""

    def __init__(self, for_switch: bool) -> None:
        self._for_switch = for_switch
        self._first: Heard | None = None
        self._last: Heard | None = None
        self._source: Source | None = None

    def hear(self, heard: Heard) -> Source | None:
        """The control as it is read now, None before any moved. Later messages may correct its kind."""
        if self._first is None:
            kind = (FOR_SWITCHES if self._for_switch else FOR_RANGES).get(heard.kind)
            if kind is None:
                return None
            self._first = self._last = heard
            self._source = Source(heard.port, kind, heard.channel, heard.number)
            return self._source
        if (heard.port, heard.channel) == (
            self._first.port,
            self._first.channel,
        ) and self._first.kind == heard.kind == "cc":
            self._correct(heard)
        return self._source

    def _correct(self, heard: Heard) -> None:
        assert self._first is not None and self._last is not None
        if self._for_switch:
            return
        if heard.number == self._first.number + FINE <= 2 * FINE - 1:
            self._source = Source(heard.port, "cc14", heard.channel, self._first.number)
        elif heard.number == self._first.number:
            if heard.value == self._last.value:
                kinds = [kind for kind, steps in STEPS.items() if heard.value in steps]
                if kinds:
                    self._source = Source(heard.port, kinds[0], heard.channel, heard.number)
            self._last = heard


def steps(kind: str, value: int) -> int:
    """How many steps an encoder of this ``kind`` was turned, up or (negative) down."""
    if kind == "offset":
        return value - 64
    return value if value < 64 else value - 128
