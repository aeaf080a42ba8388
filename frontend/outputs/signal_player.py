"""Signals as MIDI messages: controllers when they change, notes that always end.

Which signal is which message a readable TOML file says, ``signals.toml`` here or the user's own. Pure; only
``load_mapping`` touches the disk, on the UI thread at the start.

Messages are ("cc", channel, controller, value), ("on", channel, note, velocity) and ("off", channel, note, 0); channels
1 to 16. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from annotated_types import Interval, Len, Predicate, doc

from frontend.config.user_files import config_folder
from protocol.documents import read, toml, without_broken_lines
from protocol.errors import ParameterError
from protocol.messages import Signal
from protocol.signals import SHARE, signals
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
    text, broken = without_broken_lines(text)
    mapping, complaints = SHAPE.read_what_fits(toml(text))
    return mapping, [*broken, *complaints]


Midi = tuple[str, int, int, int]

MAX_NOTES = 64  # notes at a time; the oldest ends for one more


class SignalPlayer:
    """Nothing sounds yet. ``slugs`` are the voices in the order of their cards."""

    def __init__(self, mapping: SignalMapping, slugs: Sequence[str] = ()) -> None:
        self._mapping = mapping
        self.slugs = tuple(slugs)
        self._forms = signals(self.slugs)
        self._said: dict[tuple[int, int], int] = {}  # the value that was last sent to each controller
        self._sounding: dict[tuple[int, int], float] = {}  # channel and note, and when it ends

    def introduce(self, slugs: Sequence[str]) -> None:
        """These are the voices from now on."""
        if self.slugs != tuple(slugs):
            self.slugs = tuple(slugs)
            self._forms = signals(self.slugs)

    def take(self, signal: Signal, now: float) -> list[Midi]:
        """What ``signal`` sounds like."""
        form = self._forms.get(signal.address)
        if form is None:
            return []
        level = form.level(signal.arguments)
        found: list[Midi] = []
        if signal.address.startswith(SHARE):
            place = self.slugs.index(signal.address.removeprefix(SHARE))
            for control in self._mapping.control:
                if control.signal == SHARES and control.number + place <= 127:
                    found += self._control(control.channel, control.number + place, level)
            return found
        for control in self._mapping.control:
            if control.signal == form.name:
                found += self._control(control.channel, control.number, level)
        if form.name == "running" and not level:
            found += self.silence()
        for note in self._mapping.note:
            if note.signal == form.name:
                code = signal.arguments[0] if signal.arguments else 0
                pitch = note.note if isinstance(note.note, int) else code if isinstance(code, int) else 0
                velocity = round(note.softest + level * (note.loudest - note.softest))
                found += self._note(note.channel, min(127, max(0, pitch)), velocity, now + note.seconds)
        return found

    def ended(self, now: float) -> list[Midi]:
        """The notes that have sounded long enough."""
        over = [key for key, until in self._sounding.items() if until <= now]
        return [self._off(key) for key in over]

    def silence(self) -> list[Midi]:
        """The end of all that sounds."""
        return [self._off(key) for key in list(self._sounding)]

    def _control(self, channel: int, number: int, level: float) -> list[Midi]:
        value = round(127 * level)
        if self._said.get((channel, number)) == value:
            return []
        self._said[channel, number] = value
        return [("cc", channel, number, value)]

    def _note(self, channel: int, note: int, velocity: int, until: float) -> list[Midi]:
        key = channel, note
        found = [self._off(key)] if key in self._sounding else []
        if len(self._sounding) >= MAX_NOTES:
            found.append(self._off(next(iter(self._sounding))))
        self._sounding[key] = until
        return [*found, ("on", channel, note, velocity)]

    def _off(self, key: tuple[int, int]) -> Midi:
        del self._sounding[key]
        return ("off", *key, 0)
