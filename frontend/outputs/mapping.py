"""Which signal is which MIDI message, as a readable TOML file says it: ``signals.toml`` here, or the user's own.

Values; only ``load_mapping`` touches the disk, on the UI thread at the start.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontend.config.user_files import config_folder
from frontend.inputs.bindings import number_in
from protocol.documents import toml
from protocol.errors import ParameterError
from protocol.signals import signals

OURS = Path(__file__).parent / "signals.toml"
CODE = "code"  # in place of a note: the character's own code
SHARES = "share"
NAMES = {form.name: form for form in signals(()).values()}
LONGEST = 30.0  # seconds of a note
MOST = 256  # rows of a file


@dataclass(frozen=True)
class Control:
    """A signal as a controller; ``share`` is a controller for every voice, from ``number`` on."""

    signal: str
    channel: int  # 1 to 16
    number: int  # 0 to 127


@dataclass(frozen=True)
class Note:
    """An event as a note of so many ``seconds``, ``softest`` to ``loudest`` by the number that comes with it.

    ``note`` None: the character's own code.
    """

    signal: str
    channel: int
    note: int | None
    seconds: float
    softest: int
    loudest: int


@dataclass(frozen=True)
class Mapping:
    controls: tuple[Control, ...] = ()
    notes: tuple[Note, ...] = ()


def load_mapping(path: Path | None = None) -> tuple[Mapping, str]:
    """The user's mapping, or ours where there is none or it is broken; and a line about what is wrong with it."""
    path = path or config_folder() / OURS.name
    try:
        return parse(path.read_text("utf-8")), ""
    except FileNotFoundError:
        return parse(OURS.read_text("utf-8")), ""
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ParameterError) as error:
        return parse(OURS.read_text("utf-8")), f"{path.name}: {error}; the mapping that comes along is used"


def parse(text: str) -> Mapping:
    """The mapping that a file's text means. Raises ``tomllib.TOMLDecodeError`` or ``ParameterError``."""
    table = toml(text)
    controls, notes = table.get("control", []), table.get("note", [])
    if not (isinstance(controls, list) and isinstance(notes, list) and len(controls) + len(notes) <= MOST):
        raise ParameterError(f"a mapping has [[control]]s and [[note]]s, {MOST} at most")
    return Mapping(
        tuple(_control(row, f"control {place}") for place, row in enumerate(controls, 1)),
        tuple(_note(row, f"note {place}") for place, row in enumerate(notes, 1)),
    )


def _control(row: Any, what: str) -> Control:
    signal = _signal(row, what)
    if signal != SHARES and NAMES[signal].event:
        raise ParameterError(f"{what}: {signal} happens and does not last; it can be a note")
    return Control(signal, number_in(row, "channel", 1, 16, what), number_in(row, "number", 0, 127, what))


def _note(row: Any, what: str) -> Note:
    signal = _signal(row, what)
    if signal == SHARES or not NAMES[signal].event:
        raise ParameterError(f"{what}: {signal} lasts and does not happen; it can be a control")
    own_code = row.get("note") == CODE
    if own_code and signal != "char":
        raise ParameterError(f'{what}: only a char has a "{CODE}"')
    seconds = row.get("seconds", 0.15)
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0.01 <= seconds <= LONGEST:
        raise ParameterError(f"{what} lasts 0.01 to {LONGEST:g} seconds, not {str(seconds)[:20]!r}")
    row = {"softest": 30, "loudest": 127, **row}
    return Note(
        signal,
        number_in(row, "channel", 1, 16, what),
        None if own_code else number_in(row, "note", 0, 127, what),
        float(seconds),
        number_in(row, "softest", 1, 127, what),
        number_in(row, "loudest", 1, 127, what),
    )


def _signal(row: Any, what: str) -> str:
    signal = row.get("signal") if isinstance(row, dict) else None
    if signal not in (SHARES, *NAMES):
        raise ParameterError(f"{what} needs a signal: {SHARES}, {', '.join(NAMES)}")
    return str(signal)
