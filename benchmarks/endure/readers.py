"""Everything that reads what strangers made: each reader, a true example, and the only errors it may end with.

``fuzz`` damages the examples for as long as one likes and gives what ended otherwise.
"""

from __future__ import annotations

import random
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.endure.rubbish import damaged, well_formed
from frontend.client.session_state import SessionState
from frontend.config.scenes import Scenes
from frontend.config.setlists import SetListFolder
from frontend.control.state.handover import SHAPE as SESSION_SHAPE
from frontend.control.state.preferences import TABLE as WINDOW
from frontend.gallery.settings import settings_of
from frontend.inputs import inputs_file, leap
from frontend.inputs.midi import controller_maps, ports
from frontend.inputs.osc import tuio
from frontend.remote.links import Role
from frontend.remote.phone_messages import parse_message
from frontend.stage.look import parse_theme
from frontend.stage.settings import TABLE as STAGE
from frontend.teaching import lesson
from models import voice_folders
from models.char_lstm.weights_file import VoiceWeights
from models.training import recipes
from protocol.documents import json_of
from protocol.documents import toml as toml_of
from protocol.errors import AntiphonError
from protocol.formats import TO_FRONT
from protocol.messages import Pong, Set
from protocol.osc import decode_to_front, decode_to_server, encode
from protocol.tree import ParameterTree
from server.recording.events import event_of, header_of
from styles.card import parse_card

NESTING_DEPTH = 20_000  # brackets; far beyond what any parser follows
TRAPS = (
    b"[" * NESTING_DEPTH,
    b'{"a":' * NESTING_DEPTH,
    b"a = " + b"[" * NESTING_DEPTH,
    b"a = " + b"9" * 5_000,
    b'{"scenes": [' + b"9" * 5_000 + b"]}",
    b".".join([b"a"] * 1_000) + b" = 1",
    b'{"scenes": [1e999, NaN, "\\ud800"]}',
    b"\xff\xfe\x00",
    b"",
)
TREE = ParameterTree(["ada", "bob"])


@dataclass(frozen=True)
class Reader:
    """``read`` is given bytes; ``allowed`` are the errors that it promises for what makes no sense."""

    read: Callable[[bytes], object]
    example: bytes
    allowed: tuple[type[Exception], ...] = (AntiphonError,)


def readers(folder: Path, voice: Path) -> dict[str, Reader]:
    """All of them by name. Files are made in ``folder``; ``voice`` is a voice's file to damage."""

    def at(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
        def written(data: bytes) -> object:
            (folder / name).write_bytes(data)
            return read(folder / name)

        return written

    def text(read: Callable[[str], object]) -> Callable[[bytes], object]:
        return lambda data: read(data.decode("utf-8", "replace"))

    toml = (AntiphonError, tomllib.TOMLDecodeError)
    return {
        "scenes": Reader(at("scenes.json", Scenes.load), SCENES, ()),
        "set list": Reader(at("evening.json", lambda path: SetListFolder(path.parent).load("evening")), SET_LIST, ()),
        "window settings": Reader(text(WINDOW.parse), b'scale = 1.5\ntoured = true\nlayout = "x"\n', toml),
        "stage settings": Reader(text(STAGE.parse), b'size = 1.2\ntheme = "paper"\n', toml),
        "theme": Reader(text(parse_theme), b'title = "x"\nground = "#101010"\n', toml),
        "MIDI map": Reader(text(controller_maps.parse_map), MAP, toml),
        "inputs": Reader(text(lambda found: inputs_file.parse(found, {})), BINDINGS, toml),
        "poses": Reader(text(lesson.parse), LESSON),
        "card": Reader(text(parse_card), CARD),
        "recipe": Reader(at("mine.toml", recipes.read), b'about = "x"\ntext = "alice"\nlayers = 2\n'),
        "voice": Reader(at("mine.safetensors", VoiceWeights.load), voice.read_bytes()),
        "take": Reader(lambda line: (_either(header_of, line), event_of(line)), b'{"c": "a", "n": 1, "t": 0.5}'),
        "phone": Reader(text(lambda said: parse_message(said, Role.PERFORMER)), PHONE),
        "gallery": Reader(text(lambda document: settings_of(toml_of(document))), GALLERY, toml),
        "session": Reader(
            text(lambda document: SESSION_SHAPE.read(json_of(document))), SESSION, (AntiphonError, ValueError)
        ),
        "OSC to the server": Reader(lambda data: decode_to_server(data, TREE), encode(Set("/mix/rate", 3.0)), ()),
        "OSC to the front end": Reader(lambda data: decode_to_front(data, TREE), encode(Pong(3)), ()),
        "Leap Motion": Reader(text(leap.read_frame), LEAP),
        "TUIO": Reader(lambda data: tuio.Tuio().take(data, "10.0.0.3", 0.0), TUIO),
        "MIDI": Reader(lambda data: ports.parse_message(data, "port"), b"\xb0\x07\x40", ()),
    }


def lying_server(luck: random.Random, datagrams: int) -> None:
    """A front end that is told damaged truths; raises whatever they make it raise."""
    session = SessionState()
    for number in range(datagrams):
        datagram = well_formed(TO_FRONT, TREE, luck)
        for received in (datagram, damaged(datagram, luck)):
            for message in decode_to_front(received, session.tree if session.cards else None).messages:
                session.apply(message, number / 100)
        session.missing()


def fuzz(reader: Reader, luck: random.Random, until: Callable[[], bool]) -> Iterator[tuple[bytes, Exception]]:
    """What ended otherwise than it may, with what was read."""
    yield from _tried(reader, [reader.example, *TRAPS])
    while not until():
        yield from _tried(reader, [damaged(reader.example, luck)])


def measure(seconds: float, seed: int = 1) -> dict[str, list[str]]:
    """Findings by reader after ``seconds`` shared among them, a lying server's included: none, where all is well."""
    with tempfile.TemporaryDirectory(prefix="antiphon-readers-") as folder:
        every = readers(Path(folder), next(iter(voice_folders.voices().values())))
        found: dict[str, list[str]] = {}
        for name, reader in every.items():
            timer = _Timer(seconds / (len(every) + 1))
            findings = fuzz(reader, random.Random(seed), timer.over)
            found[name] = [f"{error!r} from {data[:80]!r}" for data, error in findings][:5]
    timer, luck = _Timer(seconds / (len(every) + 1)), random.Random(seed)
    found["front end"] = []
    while not timer.over():
        try:
            lying_server(luck, 100)
        except Exception as error:  # that is what is looked for
            found["front end"] = [repr(error)]
            break
    return found


class _Timer:
    """``over`` after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def over(self) -> bool:
        return time.monotonic() >= self._end


def _tried(reader: Reader, inputs: list[bytes]) -> Iterator[tuple[bytes, Exception]]:
    for data in inputs:
        try:
            reader.read(data)
        except reader.allowed:
            continue
        except Exception as error:  # that is what is looked for
            yield data, error


def _either(read: Callable[[bytes], object], line: bytes) -> object:
    try:
        return read(line)
    except AntiphonError:
        return None


SCENES = b"""{"antiphon scenes": 1, "scenes": [
    {"name": "one", "values": {"/mix/rate": 12.0, "/puck": [0.1, 0.2]}}, null]}"""
SET_LIST = b"""{"antiphon set list": 1, "name": "evening", "cues": [
    {"name": "one", "values": {"/mix/rate": 12.0}, "fade": 2.0, "unit": "s"}]}"""
BINDINGS = b"""ready_maps = true
[[bind]]
address = "/mix/rate"
port = "DESK"
kind = "cc"
channel = 1
number = 7
"""
MAP = b"""name = "my desk"
port = "DESK"
channel = 1
faders = [7, 8]
[controls]
20 = "/mix/temperature"
"""
LESSON = b"""{"antiphon poses": 1, "method": "nearest", "aims": {"a": {"name": "one", "values": {"/mix/rate": 9.0}}},
    "examples": [{"aim": "a", "features": {"leap/x": 0.5}}]}"""
CARD = b"""slug = "mine"
name = "Mine"
line = "one line"
colour = "#FF0000"
monogram = "Mi"
kind = "prose"
checksum = "0000000000000000000000000000000000000000000000000000000000000000"
characters = 10
"""
PHONE = b"""{"set": {"/puck": [0.1, 0.2]}, "do": []}"""
GALLERY = b"""idle = 5.0
fresh = "04:00"
[hours]
monday = "10:00-13:00, 14:00-02:00"
[screen]
off = "a b"
on = "c"
"""
SESSION = b"""{"dark": true, "muted": ["ada"], "soloed": [], "kept": {"ada": 0.5}}"""
LEAP = b"""{"hands": [{"id": 1, "type": "left", "palmPosition": [0, 200, 0], "grabStrength": 0.5, "pinchStrength": 0.1,
    "confidence": 0.9}], "interactionBox": {"center": [0, 200, 0], "size": [235, 235, 148]}, "id": 1}"""
TUIO = (
    b"#bundle\0"
    + bytes(8)
    + b"\0\0\0\x1c"
    + b"/tuio/2Dcur\0"
    + b",si\0"
    + b"alive\0\0\0"
    + b"\0\0\0\x01"
    + b"\0\0\0\x1c"
    + b"/tuio/2Dcur\0"
    + b",si\0"
    + b"fseq\0\0\0\0"
    + b"\0\0\0\x02"
)
