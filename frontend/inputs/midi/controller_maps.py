"""Ready maps: what the controls of a known controller drive before anything is learnt, and how it is answered.

One readable TOML file a controller, here and in ``midi/`` of the user's configuration folder, where a file of the same
name takes the place of ours; ``maps/midimix.toml`` shows most of what may stand in it. UI thread, at the start only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frontend.config.user_files import config_folder
from frontend.inputs.bindings import KINDS, Binding, MessageKey, MidiControl
from frontend.inputs.targets import is_switch, presence_address
from protocol.documents import read, toml
from protocol.errors import ParameterError
from protocol.tree import on_address, weight_address

# ---- controller maps -------------------------------------------------------------------------------------------------
# Banks: which of the voices in play lie under the hardware's faders, where there are more voices than faders. Pure.


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


OURS = Path(__file__).parent / "maps"
CONTROL = re.compile(r"(?:([a-z0-9]+) )?([0-9]+)(?: channel ([0-9]+))?|bend(?: channel ([0-9]+))?")
OF_A_VOICE: dict[str, Callable[[str], str]] = {  # what a strip may hold -> the address that it drives
    "weight": weight_address,
    "on": on_address,
    "solo": lambda slug: f"/style/{slug}/solo",
    "mute": lambda slug: f"/style/{slug}/mute",
}
KEYS = {"name", "port", "channel", "faders", "strips", "voices", "controls", "switches", "feedback"}


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
            name = OF_A_VOICE[part]
            driven |= {control.on(port): name(slug) for control, slug in zip(controls, bank, strict=False)}
        for part, controls in self.voices.items():
            name = presence_address if part == "weight" else OF_A_VOICE[part]
            driven |= {control.on(port): name(slug) for control, slug in zip(controls, everybody, strict=False)}
        return driven


def load_maps(folders: Sequence[Path] | None = None) -> tuple[list[ControllerMap], list[str]]:
    """All maps, those of later folders first and in place of earlier ones of the same file name, and one line a
    broken file."""
    found: dict[str, ControllerMap] = {}
    complaints = []
    for folder in (OURS, config_folder() / "midi") if folders is None else folders:
        there: dict[str, ControllerMap] = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                there[path.name] = parse_map(read(path))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ParameterError) as error:
                complaints.append(f"{path.name}: {error}; this map is not used")
        found = {**there, **{name: known for name, known in found.items() if name not in there}}
    return list(found.values()), complaints


def parse_map(text: str) -> ControllerMap:
    """The map that a file's text means. Raises ``tomllib.TOMLDecodeError`` or ``ParameterError``."""
    table = toml(text)
    name, port = table.get("name"), table.get("port")
    if not (isinstance(name, str) and name and isinstance(port, str) and port):
        raise ParameterError("a map needs a name and a part of its port's name")
    unknown = table.keys() - KEYS
    if unknown:
        raise ParameterError(f"a map has no {min(unknown)[:40]}; there are {', '.join(sorted(KEYS))}")
    channel = number_in(table, "channel", 1, 16, "a map")
    strips = _of_voices(table, "strips", channel)
    if "faders" in table:  # the short way to say it
        strips["weight"] = _controls(table["faders"], "faders", channel)
    voices = _of_voices(table, "voices", channel)
    controls = {**_addresses(table, "controls", channel), **_addresses(table, "switches", channel)}
    taken = [*controls, *(control for row in (*strips.values(), *voices.values()) for control in row)]
    messages = [message for control in taken for message in control.on("").messages]
    if len(set(messages)) < len(messages):
        raise ParameterError("a control is named twice")
    return ControllerMap(name, port, strips, voices, controls, _feedback(table, channel))


def _of_voices(table: Mapping[str, Any], key: str, channel: int) -> dict[str, list[Control]]:
    rows = table.get(key, {})
    if not isinstance(rows, dict) or not rows.keys() <= OF_A_VOICE.keys():
        raise ParameterError(f"[{key}] has lists of controls for {', '.join(OF_A_VOICE)}")
    found = {}
    for part, row in rows.items():
        controls = _controls(row, f"{part} of [{key}]", channel)
        if part != "weight":
            controls = [_pressed(control) for control in controls]
        found[part] = controls
    return found


def _controls(row: object, what: str, channel: int) -> list[Control]:
    if not isinstance(row, list):
        raise ParameterError(f"{what} is a list of controls")
    return [_control(word, what, channel) for word in row]


def _control(word: object, what: str, channel: int) -> Control:
    """A control from a map's word: 7, "7", "note 41", "relative 16 channel 2" or "bend"."""
    fits = CONTROL.fullmatch(str(word)) if isinstance(word, (int, str)) and not isinstance(word, bool) else None
    kind = "" if fits is None else "bend" if str(word).startswith("bend") else fits[1] or "cc"
    if fits is None or kind not in KINDS:
        raise ParameterError(
            f'{what} needs a controller from 0 to 127 or a control such as "note 41", not {str(word)[:20]!r}'
        )
    highest = 31 if kind == "cc14" else 127
    number = 0 if kind == "bend" else number_in({"controller": int(fits[2])}, "controller", 0, highest, what)
    own = fits[3] or fits[4]
    return Control(kind, number, channel if own is None else number_in({"channel": int(own)}, "channel", 1, 16, what))


def _pressed(control: Control) -> Control:
    """The control as a button: a fader's kinds are none."""
    if control.kind not in ("cc", "latch", "note", "program"):
        raise ParameterError(f"a button is a controller, a latch, a note or a program, not {control.kind}")
    return control


def _addresses(table: Mapping[str, Any], key: str, channel: int) -> dict[Control, str]:
    rows = table.get(key, {})
    if not isinstance(rows, dict):
        raise ParameterError(f"[{key}] is a table of controls and addresses")
    addresses = {}
    for word, address in rows.items():
        control = _control(word, f"[{key}]", channel)
        if is_switch(str(address)) != (key == "switches"):
            raise ParameterError(f"{address} does not belong in [{key}]")
        addresses[_pressed(control) if key == "switches" else control] = str(address)
    return addresses


def _feedback(table: Mapping[str, Any], channel: int) -> Feedback:
    rows = table.get("feedback", {})
    known = {"values", "dark", "lit", "lights", "touch", "rings"}
    if not isinstance(rows, dict) or not rows.keys() <= known:
        raise ParameterError(f"[feedback] has {', '.join(sorted(known))}")
    values, lights, rings = rows.get("values", False), rows.get("lights", {}), rows.get("rings", "")
    if not (isinstance(values, bool) and isinstance(lights, dict) and isinstance(rings, str)):
        raise ParameterError("[feedback] values is true or false, lights a table of controls, rings a message")
    if rings:
        system_exclusive(rings, 0, 0)
    dark = number_in(rows, "dark", 0, 127, "[feedback]") if "dark" in rows else None
    lit = number_in(rows, "lit", 0, 127, "[feedback]") if "lit" in rows else None
    if (dark is None) != (lit is None) or (rings and lit is None):
        raise ParameterError("[feedback] needs both dark and lit")
    elsewhere = {
        _control(button, "lights", channel): _control(light, "lights", channel) for button, light in lights.items()
    }
    return Feedback(values, dark, lit, elsewhere, _controls(rows.get("touch", []), "touch", channel), rings)


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


def number_in(row: Mapping[str, Any], key: str, low: int, high: int, what: str) -> int:
    """The whole number ``row[key]``. Raises ``ParameterError``, naming ``what``, where it is not in range."""
    number = row.get(key)
    if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
        raise ParameterError(f"{what} needs a {key} from {low} to {high}, not {str(number)[:20]!r}")
    return number


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
