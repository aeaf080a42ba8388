"""Ready maps: what the controls of a known MIDI controller drive before anything is learnt, and how it is answered.

One readable TOML file a controller, here and in ``midi/`` of the user's configuration folder, where a file of the same
name takes the place of ours; ``maps/midimix.toml`` shows most of what may stand in it. UI thread, at the start only.

Where there are more voices than faders, a ``Bank`` says which of the voices in play lie under them. ``set_up`` puts
maps, voices and bank together for the devices that are plugged in; it is pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from annotated_types import Interval, Len, Predicate, doc

from frontend.config.user_files import config_folder
from frontend.inputs.bindings import KINDS, Binding, MessageKey, MidiControl, highest_number
from frontend.inputs.targets import is_switch, presence_address
from protocol.documents import read, toml, without_broken_lines
from protocol.errors import ParameterError
from protocol.tree import on_address, weight_address
from protocol.validation import Shape

# ---- banks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bank:
    """``width`` faders on the voices from place ``first`` on, of ``count`` in play. Without faders width is 0."""

    first: int = 0
    width: int = 0
    count: int = 0

    @property
    def of(self) -> int:
        """How many banks there are."""
        return -(-self.count // self.width) if self.width else 0

    @property
    def number(self) -> int:
        """Which one this is, counted from 1."""
        return self.first // self.width + 1 if self.width else 0

    @property
    def places(self) -> range:
        """The places in play that lie under a fader."""
        return range(self.first, min(self.count, self.first + self.width))

    @property
    def words(self) -> str:
        """Which bank it is, for a status line; empty where all voices have a fader."""
        return f"bank {self.number} of {self.of}" if self.of > 1 else ""

    def turned(self, by: int) -> Bank:
        """The bank ``by`` places on, as far as there is one."""
        return bank(self.first + by * self.width, self.width, self.count)


def bank(first: int, width: int, count: int) -> Bank:
    """The bank that holds place ``first``, or the last one there is."""
    if not width or not count:
        return Bank(0, width, count)
    return Bank(max(0, min(first, count - 1)) // width * width, width, count)


# ---- maps ------------------------------------------------------------------------------------------------------------

OUR_MAPS = Path(__file__).parent / "maps"
CONTROL_WORDS = re.compile(r"(?:([a-z0-9]+) )?([0-9]+)(?: channel ([0-9]+))?|bend(?: channel ([0-9]+))?")
VOICE_ADDRESSES: dict[str, Callable[[str], str]] = {  # what a strip may hold -> the address that it drives
    "weight": weight_address,
    "on": on_address,
    "solo": lambda slug: f"/style/{slug}/solo",
    "mute": lambda slug: f"/style/{slug}/mute",
}


@dataclass(frozen=True)
class Control:
    """A control as a map names it: on the map's channel where it names none of its own."""

    kind: str
    number: int
    channel: int

    def on(self, port: str) -> MidiControl:
        return MidiControl(port, self.kind, self.channel, self.number)


@dataclass(frozen=True)
class Feedback:
    """How a device is answered. ``values``: faders and knobs take the messages that they send.

    ``dark`` and ``lit`` are what a button's light is sent, ``lights`` the messages where they are not the button's own;
    ``touch`` the notes that say that a strip's fader is touched; ``rings`` a system exclusive message for the light
    beside each voice's control, with its place and value.
    """

    values: bool = False
    dark: int | None = None
    lit: int | None = None
    lights: Mapping[Control, Control] = field(default_factory=dict)
    touch: Sequence[Control] = ()
    rings: str = ""

    @property
    def is_there(self) -> bool:
        return self.values or self.lit is not None or bool(self.rings)


@dataclass(frozen=True)
class ControllerMap:
    """``strips`` follow the voices in play of a bank, ``voices`` all voices; ``controls`` have fixed addresses."""

    name: str
    port: str
    strips: Mapping[str, Sequence[Control]] = field(default_factory=dict)
    voices: Mapping[str, Sequence[Control]] = field(default_factory=dict)
    controls: Mapping[Control, str] = field(default_factory=dict)
    feedback: Feedback = field(default_factory=Feedback)

    @property
    def width(self) -> int:
        """How many voices its strips have at a time."""
        return max(map(len, self.strips.values()), default=0)

    def fits(self, port: str) -> bool:
        return self.port.lower() in port.lower()

    def bindings(self, port: str, bank: Sequence[str], everybody: Sequence[str]) -> dict[MidiControl, str]:
        """What each control of the device on ``port`` drives while the voices of ``bank`` are under its strips."""
        driven = {control.on(port): address for control, address in self.controls.items()}
        for part, controls in self.strips.items():
            name = VOICE_ADDRESSES[part]
            driven |= {control.on(port): name(slug) for control, slug in zip(controls, bank, strict=False)}
        for part, controls in self.voices.items():
            name = presence_address if part == "weight" else VOICE_ADDRESSES[part]
            driven |= {control.on(port): name(slug) for control, slug in zip(controls, everybody, strict=False)}
        return driven


# ---- the file --------------------------------------------------------------------------------------------------------


def load_maps(folders: Sequence[Path] | None = None) -> tuple[list[ControllerMap], list[str]]:
    """All maps, those of later folders first and in place of earlier ones of the same file name, and one line for all
    in a file that makes no sense."""
    found: dict[str, ControllerMap] = {}
    complaints: list[str] = []
    for folder in (OUR_MAPS, config_folder() / "midi") if folders is None else folders:
        there: dict[str, ControllerMap] = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                there[path.name], wrong = parse_map(read(path))
            except (OSError, ValueError, ParameterError) as error:
                complaints.append(f"{path.name}: {error}; this map is not used")
            else:
                complaints += [f"{path.name}: {line}; the rest of this map is used" for line in wrong]
        found = {**there, **{name: known for name, known in found.items() if name not in there}}
    return list(found.values()), complaints


def is_control(word: int | str) -> bool:
    """Whether a map may name a control so: 7, "7", "note 41", "relative 16 channel 2" or "bend"."""
    fits = CONTROL_WORDS.fullmatch(str(word))
    if fits is None:
        return False
    kind = "bend" if str(word).startswith("bend") else fits[1] or "cc"
    number, own = int(fits[2] or 0), int(fits[3] or fits[4] or 1)
    return kind in KINDS and number <= highest_number(kind) and 1 <= own <= 16


def is_button(word: int | str) -> bool:
    """Whether that is a control which can be pressed: a fader's kinds cannot."""
    return is_control(word) and control_of(word, 1).kind in ("cc", "latch", "note", "program")


def control_of(word: int | str, channel: int) -> Control:
    """The control that ``word`` names, on ``channel`` where it names none of its own."""
    fits = CONTROL_WORDS.fullmatch(str(word))
    assert fits, "the file's types let nothing else through"
    own = int(fits[3] or fits[4] or channel)
    return Control("bend" if str(word).startswith("bend") else fits[1] or "cc", int(fits[2] or 0), own)


def _drives(switch: bool) -> Callable[[str], bool]:
    def drives(address: str) -> bool:
        try:
            return is_switch(address) is switch
        except ParameterError:  # there is no such address
            return False

    return drives


SevenBit = Annotated[int, Interval(ge=0, le=127)]
Word = Annotated[int | str, Predicate(is_control), doc('a controller from 0 to 127 or a control such as "note 41"')]
Key = Annotated[str, Predicate(is_control), doc('a controller from 0 to 127 or a control such as "note 41"')]
Button = Annotated[int | str, Predicate(is_button), doc("a controller, a latch, a note or a program")]
ButtonKey = Annotated[str, Predicate(is_button), doc("a controller, a latch, a note or a program")]
LevelAddress = Annotated[str, Predicate(_drives(False)), doc("the address of a level, such as /mix/temperature")]
SwitchAddress = Annotated[str, Predicate(_drives(True)), doc("the address of a switch, such as /transport/run")]


@dataclass(frozen=True)
class _OfVoices:
    """[strips] and [voices]: what of a voice each row of controls drives, by the names of ``VOICE_ADDRESSES``."""

    weight: tuple[Word, ...] = ()
    on: tuple[Button, ...] = ()
    solo: tuple[Button, ...] = ()
    mute: tuple[Button, ...] = ()

    def on_channel(self, channel: int) -> dict[str, list[Control]]:
        return {part: [control_of(word, channel) for word in row] for part, row in vars(self).items() if row}


@dataclass(frozen=True)
class _Feedback:
    """[feedback], see ``Feedback``."""

    values: bool = False
    dark: SevenBit | None = None
    lit: SevenBit | None = None
    lights: Mapping[Key, Word] = field(default_factory=dict)
    touch: tuple[Word, ...] = ()
    rings: str = ""

    def __post_init__(self) -> None:
        if (self.dark is None) != (self.lit is None) or (self.rings and self.lit is None):
            raise ValueError("it needs both dark and lit")
        try:
            system_exclusive(self.rings or "F0 00 F7", 0, 0)
        except ParameterError as error:
            raise ValueError(error) from None

    def on_channel(self, channel: int) -> Feedback:
        lights = {control_of(key, channel): control_of(light, channel) for key, light in self.lights.items()}
        touch = [control_of(word, channel) for word in self.touch]
        return Feedback(self.values, self.dark, self.lit, lights, touch, self.rings)


@dataclass(frozen=True)
class _File:
    """A map as its file says it. ``faders`` is the short way to say the weights of [strips]."""

    name: Annotated[str, Len(1)]
    port: Annotated[str, Len(1), doc("a part of its port's name")]
    channel: Annotated[int, Interval(ge=1, le=16)]
    faders: tuple[Word, ...] = ()
    strips: _OfVoices = field(default_factory=_OfVoices)
    voices: _OfVoices = field(default_factory=_OfVoices)
    controls: Mapping[Key, LevelAddress] = field(default_factory=dict)
    switches: Mapping[ButtonKey, SwitchAddress] = field(default_factory=dict)
    feedback: _Feedback = field(default_factory=_Feedback)


SHAPE = Shape(_File)


def parse_map(text: str) -> tuple[ControllerMap, list[str]]:
    """The map that a file's text means, without what makes no sense in it, and one line for each of that.

    Raises ``tomllib.TOMLDecodeError`` or ``ParameterError``.
    """
    text, broken = without_broken_lines(text)
    file, complaints = SHAPE.read_what_fits(toml(text))
    complaints = [*broken, *complaints]
    strips, voices = file.strips.on_channel(file.channel), file.voices.on_channel(file.channel)
    if file.faders:
        strips["weight"] = [control_of(word, file.channel) for word in file.faders]
    messages: list[MessageKey] = []
    for table, rows in (("strips", strips), ("voices", voices)):
        for part, row in list(rows.items()):
            said = [message for control in row for message in control.on("").messages]
            if len({*messages, *said}) < len(messages) + len(said):
                complaints.append(f"{table}: {part} names a control that is named twice")
                del rows[part]
            else:
                messages += said
    controls: dict[Control, str] = {}
    for word, address in (*file.controls.items(), *file.switches.items()):
        control = control_of(word, file.channel)
        if not control.on("").messages.isdisjoint(messages):
            complaints.append(f"{word} is named twice")
            continue
        messages += control.on("").messages
        controls[control] = address
    return ControllerMap(
        file.name, file.port, strips, voices, controls, file.feedback.on_channel(file.channel)
    ), complaints


def system_exclusive(words: str, place: int, value: int) -> tuple[int, ...]:
    """The bytes of a message such as "F0 00 20 29 {place} {value} F7", in hexadecimal. Raises ``ParameterError``."""
    try:
        filled = words.replace("{place}", f"{place:02X}").replace("{value}", f"{value:02X}")
        message = tuple(bytes.fromhex(filled))
    except ValueError:
        message = ()
    if len(message) < 3 or message[0] != 0xF0 or message[-1] != 0xF7 or any(byte > 127 for byte in message[1:-1]):
        raise ParameterError(f"a message begins with F0 and ends with F7, hexadecimal between, not {words[:40]!r}")
    return message


# ---- the devices that are plugged in ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setup:
    """What the ready maps say of the devices that are plugged in.

    ``ready`` are the bindings that they bring along; ``idle`` the controls of strips that have no voice now,
    ``touching`` the strip's fader for each message that says that it is touched, ``known`` the map of each device.
    """

    ready: tuple[Binding, ...] = ()
    idle: tuple[MidiControl, ...] = ()
    touching: Mapping[MessageKey, MidiControl] = field(default_factory=dict)
    known: Mapping[str, ControllerMap] = field(default_factory=dict)
    bank: Bank = field(default_factory=Bank)


def known_map(maps: Sequence[ControllerMap], port: str) -> ControllerMap | None:
    """The map for the device on ``port``, a user's before ours."""
    return next((known for known in maps if known.fits(port)), None)


def set_up(
    maps: Sequence[ControllerMap],
    ports: Sequence[str],
    slugs: Sequence[str],
    playing: Sequence[str],
    first: int,
    ready_maps: bool = True,
) -> Setup:
    """The setup of the devices on ``ports``; the voices ``playing`` from place ``first`` on are under their strips.

    Where several devices have strips the second goes on where the first ends. ``ready_maps`` False: nothing is bound.
    """
    known = {port: found for port in ports if (found := known_map(maps, port)) is not None}
    used = known if ready_maps else {}
    now = bank(first, sum(each.width for each in used.values()), len(playing))
    ready, idle, touching = list[Binding](), list[MidiControl](), dict[MessageKey, MidiControl]()
    left = list(playing[now.first :])
    for port, each in used.items():
        under, left = left[: each.width], left[each.width :]
        ready += [Binding(control, address) for control, address in each.bindings(port, under, slugs).items()]
        idle += [control.on(port) for row in each.strips.values() for control in row[len(under) :]]
        faders = each.strips.get("weight", ())
        for touch, fader in zip(each.feedback.touch, faders, strict=False):
            touching |= {(port, heard, touch.channel, touch.number): fader.on(port) for heard in ("note", "off")}
    return Setup(tuple(ready), tuple(idle), touching, known, now)
