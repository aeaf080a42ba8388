"""What a take is made of: one event a line, and everything that a performance's text depends on among them.

A performance is exact: with the same voices, seed and calls it writes the same text. So a take holds the calls, in
their order: what the controls said, what was asked for, how many slices of reading and fusing there was time for, and
each character that came of it. Time itself decides nothing on replay. ``docs/takes.md`` has the format.

Plain frozen values; no thread of its own. ``at`` is the number (``sequence``) of the character that comes next, the
first that the event can have had a part in; ``t`` are seconds since the take began.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from protocol.alphabet import ADAPTER, COLOUR, ROLES, SENSE, WRITABLE_CODES
from protocol.documents import json_of
from protocol.errors import TakeError
from protocol.messages import CODE, Tint
from protocol.tree import AIM_CHARS, Value

FORMAT = 1  # of the lines; a reader refuses others

Change = Mapping[str, Value | None]  # values by address; None: it is gone, as pucks besides the one come and go


def changed(values: Mapping[str, Value], change: Change) -> dict[str, Value]:
    """``values`` with the change made."""
    both = {**values, **change}
    return {address: value for address, value in both.items() if value is not None}


def difference(values: Mapping[str, Value], others: Mapping[str, Value]) -> dict[str, Value | None]:
    """The change that makes ``values`` of ``others``."""
    gone = dict.fromkeys(address for address in others if address not in values)
    return gone | {each: value for each, value in values.items() if each not in others or others[each] != value}


@dataclass(frozen=True)
class Identity:
    """A voice of a take: how it looked, and the checksum of its weights."""

    slug: str
    name: str
    monogram: str
    colour: str  # "#RRGGBB"
    checksum: str = ""  # "sha256:..." of its file; empty where there was none, or it changed meanwhile
    kind: str = ""  # "prose", "verse" or "code"; empty in takes from before the layout guard
    tongues: Mapping[str, str] = field(default_factory=dict)  # by ``EVERY_ROLE`` the checksums of its further tongues
    sprite: str | None = None  # what its creature is made of; None in takes from before creatures


def of_code(voices: Iterable[Identity]) -> set[str]:
    """The slugs of those that are of code."""
    return {voice.slug for voice in voices if voice.kind == CODE}


@dataclass(frozen=True)
class Header:
    """The first line of each of a take's files."""

    name: str  # of the performance
    began: str  # ISO 8601, local time with its offset
    seed: int
    voices: tuple[Identity, ...]
    version: str  # Antiphon's
    machine: Mapping[str, str]  # the kind of machine, on which alone the text is the same to the letter
    lists: Mapping[str, str] = field(default_factory=dict)  # checksums of the lists that its text was guarded by
    part: int = 1  # which of the take's files
    first: int = 0  # the number of the first event in this file, counted over all


@dataclass(frozen=True)
class _AtTime:
    at: int
    t: float


@dataclass(frozen=True)
class ControlsChanged(_AtTime):
    """`set`: these values came into force, all others stayed; who is wanted was decided by them."""

    values: Change


@dataclass(frozen=True)
class UpcomingControls(_AtTime):
    """`coming`: where controls stand that a hold keeps from being in force, as far as they differ; None: no hold."""

    values: Change | None


@dataclass(frozen=True)
class AwakeVoicesDecided:
    """`settle`: who is wanted was decided anew by the same values."""


@dataclass(frozen=True)
class CatchUpSlices:
    """`read`: so many slices of reading and fusing were done."""

    slices: int


@dataclass(frozen=True)
class ListenDeferred:
    """`unheard`: what follows came before the voices had read the last character."""


@dataclass(frozen=True)
class DeferredListen:
    """`listen`: only now did the awake voices read the newest character."""


@dataclass(frozen=True)
class TextPrimed(_AtTime):
    """`prime`: this text was put on the page."""

    text: str


@dataclass(frozen=True)
class LettersChosen(_AtTime):
    """`choose`: these were to be the next letters, one a character, in place of any that were to be before."""

    letters: str


@dataclass(frozen=True)
class TextRewound(_AtTime):
    """`rewind`: so many characters were taken back."""

    chars: int


@dataclass(frozen=True)
class BranchRestored(_AtTime):
    """`branch`: what an earlier rewind had left, by its number, was put back."""

    number: int


@dataclass(frozen=True)
class TextReset(_AtTime):
    """`reset`: an empty page and fresh voices, with this seed, or (None) with the one there was."""

    seed: int | None


@dataclass(frozen=True)
class GeneratorReseeded(_AtTime):
    """`seed`: the generator began anew with this seed, the text stayed; only a take that was made of another has it."""

    seed: int


@dataclass(frozen=True)
class ActionRequested(_AtTime):
    """`asked`: steps, words, the end of a sentence or a panic were asked for; other events say what came of it."""

    what: str  # "step", "word", "finish", "panic", "arrive", ``PART_BEGINS``, ``PART_ENDS``
    count: int = 1


@dataclass(frozen=True)
class VoicesReplaced(_AtTime):
    """`voices`: these play from now on; those of the indices ``kept`` were there before and are as they were."""

    voices: tuple[Identity, ...]
    kept: tuple[int, ...]


@dataclass(frozen=True)
class FusionWeights:
    """`family`: what the fused network is made of from the next character on, by slug; empty: it has no part."""

    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class CharacterWritten:
    """`char`: a character was written, the ``number``-th ever, by those of ``tint``; ``surprise`` in 16ths of a bit."""

    number: int
    t: float
    character: str
    tint: Tint
    surprise: int


@dataclass(frozen=True)
class ServerResumed:
    """`resumed`: the server came back, as it stood after event ``after`` and with all that the take holds beyond.

    ``again``: it knew the text but not what the voices had known, and they read its end again.
    """

    at: int
    after: int
    again: bool = False


@dataclass(frozen=True)
class EventsLost:
    """`lost`: so many events could not be kept; from here on the take can be read, but not played again."""

    events: int


@dataclass(frozen=True)
class TakeEnded:
    """`end`: the performance ended in good order."""

    t: float
    ended: str  # ISO 8601


TextEvent = CharacterWritten | TextPrimed | LettersChosen | TextRewound | BranchRestored | TextReset
VoiceEvent = AwakeVoicesDecided | CatchUpSlices | ListenDeferred | DeferredListen | VoicesReplaced | FusionWeights
ControlEvent = ControlsChanged | UpcomingControls | ActionRequested | GeneratorReseeded
Event = TextEvent | VoiceEvent | ControlEvent | ServerResumed | EventsLost | TakeEnded


# ---- events ----------------------------------------------------------------------------------------------------------
# Events as lines and lines as events: JSON with bounds, whoever wrote it. The first key of a line says what it is, so
# that a take can be read by eye and by ``grep``. Whatever is wrong with a line is a ``TakeError`` with one sentence.
# Pure; no thread of its own.

LONGEST_LINE_BYTES = 1_000_000  # bytes
LONGEST_TEXT_CHARS = 20_000  # characters of one string
MOST_VOICES = 1_000
EVERY_ROLE = (*ROLES, SENSE, ADAPTER)  # what further files a voice spoke by
MOST_VALUES = 10_000  # in one change of the controls
MOST_TEXTS = 100  # in one object
MOST_NUMBERS = 1_000  # in one value
GREATEST_WHOLE = 2**53  # of whole numbers
HEADER = "antiphon take"
PART_BEGINS, PART_ENDS = "start", "stop"  # of a part that is handed on by itself
ASKED = ("step", "word", "finish", "panic", "arrive", PART_BEGINS, PART_ENDS)
CHECKSUM = re.compile(r"(sha256:[0-9a-f]{64})?\Z")

# ---- out ---------------------------------------------------------------------------------------------------------


def line_of(event: Event | Header) -> str:
    """The line of ``event`` with its end. It is 7-bit, and ``event_of`` gives the same event back."""
    return json.dumps(_plain(event), separators=(",", ":"), allow_nan=False) + "\n"


def _plain(event: Event | Header) -> dict[str, Any]:
    match event:
        case CharacterWritten(number, t, character, tint, surprise):
            return {"char": character, "n": number, "t": t, "tint": tint, "surprise": surprise}
        case ControlsChanged(at, t, values):
            return {"set": dict(values), "at": at, "t": t}
        case UpcomingControls(at, t, coming):
            return {"coming": None if coming is None else dict(coming), "at": at, "t": t}
        case AwakeVoicesDecided():
            return {"settle": True}
        case CatchUpSlices(slices):
            return {"read": slices}
        case ListenDeferred():
            return {"unheard": True}
        case DeferredListen():
            return {"listen": True}
        case TextPrimed(at, t, text):
            return {"prime": text, "at": at, "t": t}
        case LettersChosen(at, t, letters):
            return {"choose": letters, "at": at, "t": t}
        case TextRewound(at, t, chars):
            return {"rewind": chars, "at": at, "t": t}
        case BranchRestored(at, t, number):
            return {"branch": number, "at": at, "t": t}
        case TextReset(at, t, seed):
            return {"reset": seed, "at": at, "t": t}
        case GeneratorReseeded(at, t, seed):
            return {"seed": seed, "at": at, "t": t}
        case ActionRequested(at, t, what, count):
            return {"asked": what, "count": count, "at": at, "t": t}
        case VoicesReplaced(at, t, voices, kept):
            return {"voices": [_plain_identity(voice) for voice in voices], "kept": kept, "at": at, "t": t}
        case FusionWeights(weights):
            return {"family": dict(weights)}
        case ServerResumed(at, after, again):
            return {"resumed": after, "at": at, "again": again}
        case EventsLost(events):
            return {"lost": events}
        case TakeEnded(t, ended):
            return {"end": ended, "t": t}
        case Header():
            parsed = {**vars(event), "machine": dict(event.machine)}
            parsed["voices"] = [_plain_identity(voice) for voice in event.voices]
            parsed["lists"] = dict(event.lists)
            return {HEADER: FORMAT, **parsed}


def _plain_identity(voice: Identity) -> dict[str, Any]:
    fields = {**vars(voice), "tongues": dict(voice.tongues)}
    absent = {"tongues": not voice.tongues, "sprite": voice.sprite is None}
    return {name: each for name, each in fields.items() if not absent.get(name)}


# ---- in ----------------------------------------------------------------------------------------------------------


def event_of(line: bytes) -> Event:
    """The event of one line; raises ``TakeError`` with what is wrong."""
    parsed = _object(line)
    kind = next(iter(parsed), "")
    if kind == HEADER:
        raise TakeError("a take begins anew in the middle of a file")
    read = READERS.get(kind)
    if read is None:
        raise TakeError(f"nothing is known of {kind[:40]!r}")
    return read(_Fields(parsed))


def header_of(line: bytes) -> Header:
    """The header of a file's first line; raises ``TakeError`` for what is no take, or one of another format."""
    parsed = _object(line)
    if HEADER not in parsed:
        raise TakeError("it does not begin like a take")
    if parsed[HEADER] != FORMAT:
        raise TakeError(f"it is a take of format {str(parsed[HEADER])[:20]}; this Antiphon reads format {FORMAT}")
    fields = _Fields(parsed)
    return Header(
        fields.text("name"),
        fields.text("began"),
        fields.whole("seed", -GREATEST_WHOLE, GREATEST_WHOLE),
        fields.voices("voices"),
        fields.text("version"),
        fields.texts("machine"),
        {name: _checksum(parsed) for name, parsed in fields.texts("lists").items()},
        fields.whole("part", 1),
        fields.whole("first"),
    )


class _Fields:
    """The fields of one line, each taken out with its type and bounds; raises ``TakeError``."""

    def __init__(self, parsed: Mapping[str, Any]) -> None:
        self._parsed = parsed

    def text(self, key: str) -> str:
        return _text(self._parsed.get(key), key)

    def texts(self, key: str) -> dict[str, str]:
        parsed = self._parsed.get(key)
        if not isinstance(parsed, dict) or len(parsed) > MOST_TEXTS:
            raise TakeError(f"{key} is to be an object with texts")
        return {_text(name, key): _text(value, key) for name, value in parsed.items()}

    def whole(self, key: str, low: int = 0, high: int = GREATEST_WHOLE) -> int:
        return _whole(self._parsed.get(key), key, low, high)

    @property
    def at(self) -> int:
        return self.whole("at")

    @property
    def t(self) -> float:
        seconds = _number(self._parsed.get("t"), "t")
        if not 0.0 <= seconds <= 1e9:
            raise TakeError("t is to be seconds since the beginning")
        return seconds

    def seed(self) -> int | None:
        return None if self._parsed["reset"] is None else self.whole("reset", -GREATEST_WHOLE, GREATEST_WHOLE)

    def character(self) -> str:
        character = self.text("char")
        if len(character) != 1 or ord(character) not in WRITABLE_CODES:
            raise TakeError("char is to be one character that can be written")
        return character

    def tint(self) -> Tint:
        return tuple(_share(pair) for pair in _list(self._parsed.get("tint"), "tint", 3))

    def voices(self, key: str) -> tuple[Identity, ...]:
        return tuple(_identity(voice) for voice in _list(self._parsed.get(key), key, MOST_VOICES))

    def kept(self) -> tuple[int, ...]:
        kept = _list(self._parsed.get("kept"), "kept", MOST_VOICES)
        return tuple(_whole(voice, "kept", 0, MOST_VOICES) for voice in kept)

    def values(self, key: str) -> Change:
        parsed = self._parsed.get(key)
        if not isinstance(parsed, dict) or len(parsed) > MOST_VALUES:
            raise TakeError(f"{key} is to be an object with values by address")
        return {_address(address): _value(value) for address, value in parsed.items()}

    def coming(self) -> Change | None:
        return None if self._parsed["coming"] is None else self.values("coming")

    def weights(self) -> dict[str, float]:
        parsed = self._parsed.get("family")
        if not isinstance(parsed, dict) or len(parsed) > MOST_VOICES:
            raise TakeError("family is to be an object with weights by slug")
        return {_text(slug, "family"): _number(weight, "family") for slug, weight in parsed.items()}

    def flag(self, key: str) -> bool:
        value = self._parsed.get(key)
        if not isinstance(value, bool):
            raise TakeError(f"{key} is to be true or false")
        return value

    def asked(self) -> str:
        what = self.text("asked")
        if what not in ASKED:
            raise TakeError(f"asked is to be one of {', '.join(ASKED)}")
        return what


READERS: Mapping[str, Callable[[_Fields], Event]] = {
    "char": lambda f: CharacterWritten(f.whole("n", 1), f.t, f.character(), f.tint(), f.whole("surprise", 0, 255)),
    "set": lambda f: ControlsChanged(f.at, f.t, f.values("set")),
    "coming": lambda f: UpcomingControls(f.at, f.t, f.coming()),
    "settle": lambda f: AwakeVoicesDecided(),
    "read": lambda f: CatchUpSlices(f.whole("read", 1, 1_000_000_000)),
    "unheard": lambda f: ListenDeferred(),
    "listen": lambda f: DeferredListen(),
    "prime": lambda f: TextPrimed(f.at, f.t, f.text("prime")),
    "choose": lambda f: LettersChosen(f.at, f.t, f.text("choose")),
    "rewind": lambda f: TextRewound(f.at, f.t, f.whole("rewind", -GREATEST_WHOLE)),
    "branch": lambda f: BranchRestored(f.at, f.t, f.whole("branch", 0)),
    "reset": lambda f: TextReset(f.at, f.t, f.seed()),
    "seed": lambda f: GeneratorReseeded(f.at, f.t, f.whole("seed", -GREATEST_WHOLE, GREATEST_WHOLE)),
    "asked": lambda f: ActionRequested(f.at, f.t, f.asked(), f.whole("count", -GREATEST_WHOLE)),
    "voices": lambda f: VoicesReplaced(f.at, f.t, f.voices("voices"), f.kept()),
    "family": lambda f: FusionWeights(f.weights()),
    "resumed": lambda f: ServerResumed(f.at, f.whole("resumed"), f.flag("again")),
    "lost": lambda f: EventsLost(f.whole("lost", 1)),
    "end": lambda f: TakeEnded(f.t, f.text("end")),
}


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE_BYTES:
        raise TakeError(f"a line is longer than {LONGEST_LINE_BYTES} bytes")
    try:
        parsed = json_of(line)
    except ValueError:  # bad UTF-8 is one
        raise TakeError("it is no line of JSON") from None
    if not isinstance(parsed, dict):
        raise TakeError("it is no JSON object")
    return parsed


def _text(value: object, key: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT_CHARS:
        raise TakeError(f"{key[:40]} is to be text")
    return value


def _whole(value: object, key: str, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise TakeError(f"{key} is to be a whole number from {low} to {high}")
    return value


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= GREATEST_WHOLE:
        raise TakeError(f"{key[:40]} is to be a number")
    return float(value)


def _list(value: object, key: str, most: int) -> list[object]:
    if not isinstance(value, list) or len(value) > most:
        raise TakeError(f"{key} is to be a list of at most {most}")
    return value


def _share(value: object) -> tuple[int, int]:
    pair = _list(value, "tint", 2)
    if len(pair) != 2:
        raise TakeError("tint is to be pairs of a voice and its share")
    return _whole(pair[0], "tint", 0, 255), _whole(pair[1], "tint", 0, 255)


def _address(address: str) -> str:
    if not (address.startswith("/") and len(address) <= 255 and address.isascii() and address.isprintable()):
        raise TakeError("a parameter's address begins with / and is short")
    return address


def _value(value: object) -> Value | None:
    if value is None:
        return None
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) <= GREATEST_WHOLE):
        return value
    if isinstance(value, str) and len(value) <= AIM_CHARS and value.isascii():
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, list) and len(value) <= MOST_NUMBERS:
        return tuple(_number(number, "each of a value's numbers") for number in value)
    raise TakeError("a value is a number, true, false, a short text, some numbers or null")


def _identity(parsed: object) -> Identity:
    if not isinstance(parsed, dict):
        raise TakeError("a voice is to be an object")
    fields = _Fields(parsed)
    colour = fields.text("colour")
    if not COLOUR.fullmatch(colour):
        raise TakeError("a voice's colour is to be #RRGGBB")
    looks = fields.text("slug"), fields.text("name"), fields.text("monogram"), colour
    tongues = fields.texts("tongues") if "tongues" in parsed else {}
    if not set(EVERY_ROLE).issuperset(tongues):
        raise TakeError(f"a voice's tongues are {', '.join(EVERY_ROLE)}")
    checksums = {role: _checksum(tongue) for role, tongue in tongues.items()}
    kind = fields.text("kind") if "kind" in parsed else ""
    sprite = fields.text("sprite") if "sprite" in parsed else None
    return Identity(*looks, _checksum(fields.text("checksum")), kind, checksums, sprite)


def _checksum(parsed: str) -> str:
    if not CHECKSUM.match(parsed):
        raise TakeError("a checksum is to be sha256: and 64 digits")
    return parsed
