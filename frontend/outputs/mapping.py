"""Which signal is which MIDI message, as a readable TOML file says it: ``signals.toml`` here, or the user's own.

Values; only ``load_mapping`` touches the disk, on the UI thread at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from annotated_types import Interval, Len, Predicate, doc

from frontend.config.user_files import config_folder
from protocol.documents import read, toml
from protocol.errors import ParameterError
from protocol.signals import signals
from protocol.validation import Shape

SHIPPED_MAPPING = Path(__file__).parent / "signals.toml"
CODE: Final = "code"  # in place of a note: the character's own code
SHARES = "share"
EVENTS = [form.name for form in signals(()).values() if form.event]
LASTING = [SHARES, *(form.name for form in signals(()).values() if not form.event)]
MAX_ROWS = 256  # rows of a kind

Channel = Annotated[int, Interval(ge=1, le=16)]
SevenBit = Annotated[int, Interval(ge=0, le=127)]
Velocity = Annotated[int, Interval(ge=1, le=127)]
Lasting = Annotated[str, Predicate(LASTING.__contains__), doc(f"a signal that lasts: {', '.join(LASTING)}")]
Happening = Annotated[str, Predicate(EVENTS.__contains__), doc(f"a signal that happens: {', '.join(EVENTS)}")]


@dataclass(frozen=True)
class ControllerSignal:
    """A signal as a controller; ``share`` is a controller for every voice, from ``number`` on."""

    signal: Lasting
    channel: Channel
    number: SevenBit


@dataclass(frozen=True)
class NoteSignal:
    """An event as a note of so many ``seconds``, ``softest`` to ``loudest`` by the number that comes with it."""

    signal: Happening
    channel: Channel
    note: SevenBit | Literal["code"]
    seconds: Annotated[float, Interval(ge=0.01, le=30.0)] = 0.15
    softest: Velocity = 30
    loudest: Velocity = 127

    def __post_init__(self) -> None:
        if self.note == CODE and self.signal != "char":
            raise ValueError(f'only a char has a "{CODE}"')


@dataclass(frozen=True)
class SignalMapping:
    """``control`` and ``note`` are the file's tables."""

    control: Annotated[tuple[ControllerSignal, ...], Len(0, MAX_ROWS)] = ()
    note: Annotated[tuple[NoteSignal, ...], Len(0, MAX_ROWS)] = ()


SHAPE = Shape(SignalMapping)


def load_mapping(path: Path | None = None) -> tuple[SignalMapping, str]:
    """The user's mapping, or ours where there is none or it is no TOML; and a line about what is wrong with it."""
    path = path or config_folder() / SHIPPED_MAPPING.name
    ours, _ = parse(read(SHIPPED_MAPPING))
    try:
        mapping, complaints = parse(read(path))
    except FileNotFoundError:
        return ours, ""
    except (OSError, ValueError, ParameterError) as error:
        return ours, f"{path.name}: {error}; the mapping that comes along is used"
    return mapping, f"{path.name}: {complaints[0]}; that is left out" if complaints else ""


def parse(text: str) -> tuple[SignalMapping, list[str]]:
    """The mapping that a file's text means, without what makes no sense, and one line for each of that.

    Raises ``tomllib.TOMLDecodeError`` or ``ParameterError``.
    """
    return SHAPE.read_what_fits(toml(text))
