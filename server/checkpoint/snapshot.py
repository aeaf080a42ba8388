"""A snapshot: a performance at one moment as a file, from which it goes on in the middle of a word.

Safetensors: what the voices know, and the page, as arrays; all else as one JSON record. What is read is checked before
it is believed, length by length and number by number; a snapshot is plain data and cannot run. No thread of its own.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from models.interface import State
from protocol.alphabet import ROLES, WRITABLE_CODES
from protocol.errors import MessageError, SnapshotError
from protocol.formats import CHOSEN_CHARS, PHRASE_CHARS, pack_tints, unpack_tints
from protocol.messages import Tint
from protocol.tree import AIM_CHARS, Value
from server.engine.branches import BRANCH_CHARS, BRANCHES_KEPT, Branch
from server.engine.catch_up import NEVER, CatchUpState
from server.engine.engine import EngineState
from server.engine.fused_voice import FusedVoiceState
from server.engine.pending_commands import LONGEST_WORD_CHARS, MOST_QUEUED_STEPS, PendingCommandsState
from server.engine.performance import PerformanceState
from server.engine.subscribers import MOST_SUBSCRIBERS, Address
from server.engine.text_buffer import KEPT_CHARS, Letter, TextBufferState
from server.engine.tongues import TonguesState
from server.recording.recorder import RecordingState

FORMAT = 1
RECORD = "antiphon snapshot"  # the metadata key that holds the JSON record
LARGEST_FILE_BYTES = 64_000_000  # bytes; 24 voices of 2x512 take a quarter of a million
MOST_VOICES = 256
MOST_TONGUES = len(ROLES) * MOST_VOICES + 1  # and the narrator
MOST_VALUES = 10_000
MOST_PARTS = 2_000  # numbers of one value: a crowd's pucks are many
TINTS_A_PIECE = 250  # tints
GREATEST_WHOLE = 2**53
VOICES = "voices/"  # what the arrays' names of what the voices know begin with
UNUSABLE = (SafetensorError, MessageError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)


@dataclass(frozen=True)
class TakePosition:
    """The take of a performance: its name, how many events stand in it, and the state that they recorded."""

    take: str
    told: int
    record: RecordingState


@dataclass(frozen=True)
class Snapshot:
    """The performance called ``name``, its voices by ``slugs`` with what identifies their files."""

    name: str
    slugs: tuple[str, ...]
    stamps: Mapping[str, tuple[str, int, int]]  # by slug
    engine: EngineState
    known: State
    at: float  # monotonic seconds, which the next process counts alike
    recorded: TakePosition | None = None
    listeners: tuple[Address, ...] = ()  # who had subscribed to it


def to_bytes(snapshot: Snapshot, pause: Callable[[], object] = lambda: None) -> bytes:
    """The file's content. ``pause`` is called every fraction of a millisecond, to let others have the interpreter."""
    record, arrays = _plain(snapshot, pause)
    pause()
    return save(arrays, {RECORD: json.dumps(record, separators=(",", ":"), allow_nan=False)})


def from_bytes(data: bytes) -> Snapshot:
    """The inverse; raises ``SnapshotError`` for whatever is no snapshot."""
    try:
        header = int.from_bytes(data[:8], "little")
        metadata = json.loads(data[8 : 8 + header])["__metadata__"]
        record, arrays = json.loads(metadata[RECORD]), load(data)
        if record["format"] != FORMAT:
            raise ValueError(f"format {record['format']}")
        return _snapshot(record, arrays)
    except UNUSABLE as error:
        raise SnapshotError(f"this is no snapshot of a performance: {str(error)[:80]}") from None


def read(path: Path) -> Snapshot:
    """The snapshot at ``path``; raises ``SnapshotError`` where there is none that can be used."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise SnapshotError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(data) > LARGEST_FILE_BYTES:
        raise SnapshotError(f"{path} is too long for a snapshot")
    return from_bytes(data)


# ---- out ---------------------------------------------------------------------------------------------------------


def _plain(snapshot: Snapshot, pause: Callable[[], object]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    engine = snapshot.engine
    stage = engine.performance
    buffer = stage.buffer
    arrays = {VOICES + name: np.ascontiguousarray(array) for name, array in snapshot.known.items()}
    arrays["text"] = np.frombuffer("".join(buffer.characters).encode("ascii"), np.uint8)
    arrays["tints"] = np.frombuffer(_tints(buffer.tints, pause), np.uint8)
    arrays["surprises"] = np.frombuffer(bytes(buffer.surprises), np.uint8)
    record = {
        "format": FORMAT,
        "name": snapshot.name,
        "slugs": snapshot.slugs,
        "stamps": snapshot.stamps,
        "at": snapshot.at,
        "page": {"length": buffer.length, "sequence": buffer.sequence, "epoch": buffer.epoch},
        "readers": asdict(stage.readers),
        "fusing": None if stage.fused_voice is None else asdict(stage.fused_voice),
        "seed": stage.seed,
        "generator": [str(number) for number in stage.generator],
        "read_next": stage.read_next,
        "wish": stage.wish,
        "fusion": stage.fusion,
        "coming": stage.coming,
        "last_mix": stage.last_mix,
        "chosen": stage.chosen,
        "branches": [_branch_record(branch) for branch in stage.branches],
        "next_branch": stage.next_branch,
        "threshold": stage.threshold,
        "tongues": None if stage.tongues is None else asdict(stage.tongues),
        "controls": engine.controls,
        "held": engine.held,
        "errands": asdict(engine.pending),
        "seconds": engine.seconds,
        "listeners": snapshot.listeners,
        "recorded": None if snapshot.recorded is None else asdict(snapshot.recorded),
    }
    return record, arrays


def _tints(tints: Sequence[Tint], pause: Callable[[], object]) -> bytes:
    pieces = []
    for first in range(0, len(tints), TINTS_A_PIECE):
        pieces.append(pack_tints(tints[first : first + TINTS_A_PIECE]))
        pause()
    return b"".join(pieces) or pack_tints(())


# ---- in ----------------------------------------------------------------------------------------------------------


def _snapshot(record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Snapshot:
    slugs = tuple(_word(slug) for slug in _items(record["slugs"], MOST_VOICES))
    voices = len(slugs)
    known = {name.removeprefix(VOICES): array for name, array in arrays.items() if name.startswith(VOICES)}
    rows = len(_items(record["readers"]["read"], MOST_VOICES + 1))
    if not voices <= rows <= voices + 1 or not all(np.isfinite(array).all() for array in known.values()):
        raise ValueError("the voices' memory")
    readers = _catch_up_state(record["readers"], rows)
    stage = PerformanceState(
        _buffer(record["page"], arrays),
        readers,
        None if record["fusing"] is None else _fused_voice(record["fusing"], voices),
        _whole(record["seed"], -(2**63), 2**64 - 1),
        (_large(record["generator"][0]), _large(record["generator"][1])),
        _flag(record["read_next"]),
        _numbers(record["wish"], voices),
        _number(record["fusion"]),
        None if record["coming"] is None else _values(record["coming"]),
        _numbers(record["last_mix"], voices),
        _word(record.get("chosen", ""), CHOSEN_CHARS),  # snapshots of the version before have none
        tuple(map(_branch, _items(record.get("branches", []), BRANCHES_KEPT))),
        _whole(record.get("next_branch", 1), 1),
        max(0.0, _number(record.get("threshold", 0.0))),
        _tongues(record.get("tongues")),
    )
    held = None if record["held"] is None else _values(record["held"])
    engine = EngineState(
        stage, _values(record["controls"]), held, _pending(record["errands"]), _number(record["seconds"])
    )
    stamps = {_word(slug): _stamp(stamp) for slug, stamp in _table(record["stamps"], MOST_VOICES).items()}
    recorded = None if record["recorded"] is None else _recorded(record["recorded"])
    listeners = tuple(_address(address) for address in _items(record["listeners"], MOST_SUBSCRIBERS))
    return Snapshot(_word(record["name"]), slugs, stamps, engine, known, _number(record["at"]), recorded, listeners)


@lru_cache(2 * BRANCHES_KEPT)
def _branch_record(branch: Branch[Letter]) -> list[Any]:
    """A branch as plain values; made once, since the same branches are written every second."""
    characters, colours, surprises = zip(*branch.items, strict=True)
    packed = base64.b64encode(pack_tints(colours)).decode(), base64.b64encode(bytes(surprises)).decode()
    return [branch.number, branch.position, "".join(characters), *packed]


def _branch(fields: Any) -> Branch[Letter]:
    number, position, text, colours, surprises = fields
    characters = _word(text, BRANCH_CHARS)
    if not WRITABLE_CODES.issuperset(characters.encode("ascii")):
        raise ValueError("a branch with a character that cannot be written")
    tints = unpack_tints(base64.b64decode(_word(colours, 16 * BRANCH_CHARS)), len(characters))
    levels = base64.b64decode(_word(surprises, 2 * BRANCH_CHARS))
    return Branch(_whole(number, 1), _whole(position, 0), tuple(zip(characters, tints, levels, strict=True)))


def _buffer(numbers: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> TextBufferState:
    text, tints, surprises = (arrays[name] for name in ("text", "tints", "surprises"))
    if any(array.dtype != np.uint8 or array.ndim != 1 for array in (text, tints, surprises)):
        raise ValueError("the page's arrays")
    length, sequence = (_whole(numbers[name], 0, GREATEST_WHOLE) for name in ("length", "sequence"))
    if not len(text) == len(surprises) <= KEPT_CHARS or not len(text) <= length <= sequence:
        raise ValueError("the page's length")
    if not WRITABLE_CODES.issuperset(text.tolist()):
        raise ValueError("a character that cannot be written")
    characters = tuple(text.tobytes().decode("ascii"))
    tinted = unpack_tints(tints.tobytes(), len(characters))
    return TextBufferState(characters, tinted, tuple(surprises.tolist()), length, sequence, _whole(numbers["epoch"], 0))


def _catch_up_state(fields: Mapping[str, Any], rows: int) -> CatchUpState:
    def indices(name: str) -> tuple[int, ...]:
        found = tuple(_whole(index, 0, rows - 1) for index in _items(fields[name], rows))
        if len(set(found)) != len(found):
            raise ValueError(f"voices that are {name} twice")
        return found

    read, since = (
        tuple(_whole(place, NEVER, GREATEST_WHOLE) for place in _items(fields[name], rows))
        for name in ("read", "since")
    )
    if not len(read) == len(since) == rows:
        raise ValueError("how far the voices have read")
    return CatchUpState(read, since, *(indices(name) for name in ("awake", "waking", "silenced", "unready")))


def _tongues(fields: Mapping[str, Any] | None) -> TonguesState | None:
    """What was kept of styles' further tongues; snapshots of the version before have none."""
    if fields is None:
        return None
    read = tuple(_whole(place, NEVER, GREATEST_WHOLE) for place in _items(fields["read"], MOST_TONGUES))
    wanted, silenced = (
        tuple(_whole(index, 0, len(read) - 1) for index in _items(fields[name], len(read)))
        for name in ("wanted", "silenced")
    )
    return TonguesState(read, wanted, silenced, _flag(fields["waiting_turn"]))


def _fused_voice(fields: Mapping[str, Any], voices: int) -> FusedVoiceState:
    wish, making = (None if fields[name] is None else _numbers(fields[name], voices) for name in ("wish", "making"))
    slices = _whole(fields["slices"], 0, 1_000_000)
    return FusedVoiceState(_numbers(fields["made_of"], voices), wish, making, slices, _flag(fields["fresh"]))


def _pending(fields: Mapping[str, Any]) -> PendingCommandsState:
    steps, words = (_whole(fields[name], 0, MOST_QUEUED_STEPS) for name in ("steps", "words"))
    sentence = None if fields["sentence"] is None else _whole(fields["sentence"], 0)
    phrase, due = _word(fields.get("phrase", ""), PHRASE_CHARS), _whole(fields.get("due", 0), 0)
    letters = _word(fields["letters"], LONGEST_WORD_CHARS)
    return PendingCommandsState(steps, words, letters, sentence, _flag(fields["begun"]), phrase, due)


def _recorded(fields: Mapping[str, Any]) -> TakePosition:
    record = fields["record"]
    coming = None if record["coming"] is None else _values(record["coming"])
    family = {_word(slug): _number(part) for slug, part in _table(record["family"], MOST_VOICES).items()}
    state = RecordingState(_values(record["told"]), coming, _flag(record["settled"]), family)
    return TakePosition(_word(fields["take"], 200), _whole(fields["told"], 0), state)


def _values(fields: Any) -> dict[str, Value]:
    return {_word(address, 255): _value(value) for address, value in _table(fields, MOST_VALUES).items()}


def _value(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(_number(part) for part in _items(value, MOST_PARTS))
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _word(value, AIM_CHARS)
    return _whole(value, -(2**31), 2**31 - 1) if isinstance(value, int) else _number(value)


def _stamp(fields: Any) -> tuple[str, int, int]:
    path, changed, size = fields
    return _word(path, 4_096), _whole(changed, 0, 2**63), _whole(size, 0)


def _address(fields: Any) -> Address:
    host, port = fields
    return _word(host), _whole(port, 1, 65_535)


def _table(fields: Any, most: int) -> dict[str, Any]:
    if not isinstance(fields, dict) or len(fields) > most:
        raise TypeError("a table")
    return fields


def _items(items: Any, most: int) -> list[Any]:
    if not isinstance(items, list) or len(items) > most:
        raise TypeError("a list")
    return items


def _numbers(items: Any, count: int) -> tuple[float, ...]:
    if len(_items(items, count)) != count:
        raise ValueError("as many numbers as voices")
    return tuple(_number(item) for item in items)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("a number")
    return float(value)


def _whole(value: Any, least: int, most: int = GREATEST_WHOLE) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise TypeError("a whole number")
    return value


def _large(value: Any) -> int:
    """One of the generator's numbers of 128 bits, which JSON's readers would not all keep."""
    number = int(_word(value, 40))
    if not 0 <= number < 2**128:
        raise ValueError("the generator's state")
    return number


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _word(value: Any, most: int = 64) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise TypeError("a word")
    return value
