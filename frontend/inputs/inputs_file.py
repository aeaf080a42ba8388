"""What the user told the inputs: the settings of each, and which source drives which parameter. One readable file.

``inputs.toml`` in the user's configuration folder has a table for every input and a ``[[bind]]`` for every binding:

    ready_maps = true             # whether known MIDI controllers work without learning

    [leap]
    on = true
    gain = 1.5

    [[bind]]
    address = "/puck.x"           # a parameter, half of a pair, or an action; "" for nothing
    input = "leap/right/x"        # a channel
    low = 0.0                     # the part of the parameter's range that is driven; turned round where low > high
    high = 1.0
    takeover = "pickup"           # or "meet", "jump"; left out, as this kind of source has it

    [[bind]]
    address = "/style/bible/weight"
    port = "nanoKONTROL2"         # a MIDI device's name; its system's port number is left out
    kind = "cc"                   # one of ``frontend.inputs.bindings.KINDS``
    channel = 1                   # 1 to 16
    number = 4                    # controller, note, programme or (N)RPN; left out for bend

A broken entry costs a line, not the others. What is written goes into the file that is there, so that the user's own
comments and order stay. The files of versions before, ``bindings.toml`` and an ``inputs.toml`` with a
``[[map]]`` for each channel, are read once and kept beside as ``*.old.toml``. Values; only ``InputsFile`` touches the
disk, on the UI thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Interval, Len, Predicate, doc

from frontend.config.merging import merged_list, merged_table, sole_writer
from frontend.config.setting_fields import SettingsTable
from frontend.config.toml_file import settled, write_settled
from frontend.config.user_files import config_folder, copied_aside, kept_aside
from frontend.inputs.bindings import NOTHING_BOUND, Binding, Bindings, MidiControl, Takeover, highest_number, overlap
from frontend.inputs.channels import Shaping
from frontend.inputs.midi.ports import BEND_TOP
from frontend.inputs.targets import aim
from protocol.atomic_file import write_atomically
from protocol.documents import read, toml, toml_string, without_broken_lines
from protocol.errors import ParameterError
from protocol.tree import ParameterTree
from protocol.validation import Shape

FILE_HEAD = (
    "# How each input is listened to, and what it drives. Read at the start; written when something is changed.\n"
)
MAX_BINDINGS = 512
LONGEST_SOURCE_CHARS = 2_000  # characters of a channel or a device; ``device_name`` cuts what a system calls one
ROW_LISTS = ("bind", "map")
OLD_BINDINGS_FILE = "bindings.toml"  # where versions before kept what MIDI drives


@dataclass(frozen=True)
class InputsConfig:
    """``settings`` by input's key; ``bindings`` as the user has them, without what inputs bring along."""

    settings: Mapping[str, Shaping] = field(default_factory=dict)
    bindings: Bindings = NOTHING_BOUND


# ---- entries ---------------------------------------------------------------------------------------------------------


def is_address(text: str) -> bool:
    return not text or text.startswith("/")


Address = Annotated[str, Predicate(is_address), doc('an address such as /mix/rate, or "" for nothing')]
Share = Annotated[float, Interval(ge=0.0, le=1.0)]


@dataclass(frozen=True)
class ChannelEntry:
    """A [[bind]] of a channel of an input."""

    input: Annotated[str, Len(1, LONGEST_SOURCE_CHARS)]
    address: Address
    low: Share = 0.0
    high: Share = 1.0
    takeover: Takeover | None = None

    @property
    def binding(self) -> Binding:
        return Binding(self.input, self.address, self.low, self.high, self.takeover)


@dataclass(frozen=True)
class MidiEntry:
    """A [[bind]] of a control of a MIDI device."""

    address: Address
    port: Annotated[str, Len(1, LONGEST_SOURCE_CHARS)]
    kind: Literal[
        "cc", "cc14", "nrpn", "rpn", "relative", "offset", "latch", "note", "velocity", "held", "bend", "program"
    ]
    channel: Annotated[int, Interval(ge=1, le=16)]
    number: Annotated[int, Interval(ge=0, le=BEND_TOP)] | None = None
    low: Share = 0.0
    high: Share = 1.0
    takeover: Takeover | None = None

    def __post_init__(self) -> None:
        highest = highest_number(self.kind)
        if self.kind != "bend" and not (self.number is not None and self.number <= highest):
            raise ValueError(f"{self.kind} needs a number from 0 to {highest}, not {self.number}")

    @property
    def binding(self) -> Binding:
        number = 0 if self.kind == "bend" or self.number is None else self.number
        control = MidiControl(self.port, self.kind, self.channel, number)
        return Binding(control, self.address, self.low, self.high, self.takeover)


CHANNEL_ENTRY, MIDI_ENTRY = Shape(ChannelEntry), Shape(MidiEntry)


def read_entry(row: object, where: str = "") -> Binding:
    """The binding that a [[bind]] means. Raises ``ParameterError`` in one line that begins with ``where``."""
    if not isinstance(row, dict) or ("input" in row) == ("port" in row):
        raise ParameterError(f'{where} needs either an input, such as "leap/right/x", or a port, a MIDI device')
    entry: ChannelEntry | MidiEntry = (CHANNEL_ENTRY if "input" in row else MIDI_ENTRY).read(row, where)
    if entry.address and not entry.address.startswith("/style/"):  # whose voices there are is known only later
        aim(ParameterTree(()), entry.address)
    return entry.binding


def entry_text(binding: Binding) -> str:
    """The [[bind]] that means ``binding``; ``read_entry`` reads it back. What is as usual is left out."""
    source = binding.source
    lines = ["[[bind]]", f"address = {toml_string(binding.address)}"]
    if isinstance(source, str):
        lines.append(f"input = {toml_string(source)}")
    else:
        lines += [f"port = {toml_string(source.port)}", f'kind = "{source.kind}"', f"channel = {source.channel}"]
        lines += [] if source.kind == "bend" else [f"number = {source.number}"]
    if (binding.low, binding.high) != (0.0, 1.0):
        lines += [f"low = {float(binding.low)!r}", f"high = {float(binding.high)!r}"]
    lines += [] if binding.takeover is None else [f'takeover = "{binding.takeover}"']
    return "\n".join(lines) + "\n"


# ---- the text --------------------------------------------------------------------------------------------------------


def parse(text: str, tables: Mapping[str, SettingsTable[Any]]) -> tuple[InputsConfig, list[str]]:
    """What a file's text says, and one line for each entry that makes no sense. Raises ``tomllib.TOMLDecodeError``.

    A table of an input that is not there (a newer program's, or another's) is passed over.
    """
    found = toml(text)
    settings, complaints = {}, []
    for key, table in tables.items():
        section = found.get(key, {})
        settings[key], wrong = table.read(section if isinstance(section, dict) else {})
        complaints += wrong
    ready_maps = found.get("ready_maps", True)
    if not isinstance(ready_maps, bool):
        complaints.append("ready_maps is to be true or false")
        ready_maps = True
    learnt: list[Binding] = []
    rows = [*_rows(found, "bind"), *map(_as_bind, _rows(found, "map"))]
    for place, row in enumerate(rows[:MAX_BINDINGS], start=1):
        try:
            learnt.append(read_entry(row, f"binding {place}"))
        except ParameterError as error:
            complaints.append(str(error))
    return InputsConfig(settings, Bindings(tuple(dict.fromkeys(learnt)), ready_maps)), complaints


def _rows(found: Mapping[str, Any], key: str) -> list[Any]:
    rows = found.get(key, [])
    return rows if isinstance(rows, list) else [rows]


def _as_bind(row: object) -> object:
    """A [[map]] of versions before as a [[bind]]; its low and high were clamped."""
    if not isinstance(row, dict):
        return row
    shares = {key: _clamped(row[key]) for key in ("low", "high") if key in row}
    return {**{key: value for key, value in row.items() if key != "channel"}, "input": row.get("channel"), **shares}


def _clamped(number: object) -> object:
    is_number = isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
    return min(1.0, max(0.0, float(number))) if is_number else number  # type: ignore[arg-type]


def render(config: InputsConfig, tables: Mapping[str, SettingsTable[Any]]) -> str:
    """The file's text; ``parse`` reads it back."""
    ready_maps = str(config.bindings.ready_maps).lower()
    parts = [f"{FILE_HEAD}ready_maps = {ready_maps}  # known MIDI controllers work at once\n"]
    parts += [tables[key].render(settings) for key, settings in config.settings.items() if key in tables]
    return "\n".join([*parts, *map(entry_text, config.bindings.learnt)])


def merged(base: InputsConfig, theirs: InputsConfig, ours: InputsConfig) -> InputsConfig:
    """What is to be written where ``ours`` was made of ``base`` while another front end wrote ``theirs``.

    Of two sources that cannot be bound side by side ours is.
    """
    learnt = merged_list(base.bindings.learnt, theirs.bindings.learnt, ours.bindings.learnt)
    own = ours.bindings.learnt
    learnt = [each for each in learnt if each in own or not any(overlap(each.source, one.source) for one in own)]
    flags = base.bindings.ready_maps, theirs.bindings.ready_maps, ours.bindings.ready_maps
    ready_maps = flags[1] if flags[2] == flags[0] else flags[2]
    settings = merged_table(base.settings, theirs.settings, ours.settings)
    return InputsConfig(settings, Bindings(tuple(learnt), ready_maps))


# ---- the file --------------------------------------------------------------------------------------------------------


class InputsFile:
    """The file at ``path``; None: kept nowhere."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.trouble = ""  # one line about the file; empty when all is well
        self._known = InputsConfig()  # as it was last read or written

    def load(self, tables: Mapping[str, SettingsTable[Any]]) -> InputsConfig:
        """What is written, the rest at its default. Never raises: ``trouble`` says what is wrong."""
        text = self._text(self.path)
        before = None if self.path is None else self.path.with_name(OLD_BINDINGS_FILE)
        older = self._text(before)
        config, complaints = parse(text, tables)
        if self.path is not None and complaints:
            self.trouble = f"{self.path.name}: {complaints[0]}"
        if older:
            midi, complaints = parse(older, {})
            learnt = tuple(dict.fromkeys((*config.bindings.learnt, *midi.bindings.learnt)))
            config = InputsConfig(config.settings, Bindings(learnt, midi.bindings.ready_maps))
            if complaints:
                self.trouble = self.trouble or f"{OLD_BINDINGS_FILE}: {complaints[0]}"
        if self.path is not None and (older or "map" in toml(text)):
            self._migrate(text, config, tables)
        self._known = config
        return config

    def save(self, config: InputsConfig, tables: Mapping[str, SettingsTable[Any]]) -> None:
        """Write all, or leave the old file whole. What another front end changed in it meanwhile stays."""
        if self.path is None:
            return
        try:
            with sole_writer(self.path):
                try:
                    standing, _ = parse(read(self.path), tables)
                except (OSError, ValueError):
                    standing = self._known
                write_settled(self.path, render(merged(self._known, standing, config), tables), ROW_LISTS)
            self._known = config
        except OSError as error:
            self.trouble = f"the inputs' settings are not saved: {error.strerror or error}"
        else:
            self.trouble = ""

    def _text(self, path: Path | None) -> str:
        """The text of a file that can be parsed; one that cannot is set aside, and as none."""
        if path is None:
            return ""
        try:
            text, broken = without_broken_lines(read(path))
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            self.trouble = f"{path.name} could not be read ({error}); {kept_aside(path)}"
            return ""
        if broken:
            self.trouble = f"{path.name}: {broken[0]}; {copied_aside(path)}"
        return text

    def _migrate(self, text: str, config: InputsConfig, tables: Mapping[str, SettingsTable[Any]]) -> None:
        """Write what versions before kept in two files as one, and keep theirs beside it."""
        assert self.path is not None
        before = self.path.with_name(OLD_BINDINGS_FILE)
        try:
            if text:
                write_atomically(self.path.with_suffix(".old.toml"), text)
            write_atomically(self.path, settled(render(config, tables), text, ROW_LISTS))
            if before.exists():
                before.replace(before.with_suffix(".old.toml"))
        except OSError as error:
            self.trouble = self.trouble or f"the inputs' settings are not saved: {error.strerror or error}"


def default_path() -> Path:
    return config_folder() / "inputs.toml"
