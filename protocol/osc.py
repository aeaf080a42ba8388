"""OSC in and out: each message of ``protocol.messages`` as a datagram and back.

One table says how every message looks on the wire; python-osc makes and parses the bytes, ``protocol.guard`` looks at
them first, and an address is looked up in a dict, never matched as a pattern. Encoding raises ``MessageError`` for what
cannot be sent. Decoding never raises: what cannot be read becomes one line for a human and the rest is kept. Pure; no
thread of its own.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pythonosc.osc_message_builder import BuildError, OscMessageBuilder

from protocol import guard
from protocol.errors import MessageError, ParameterError
from protocol.guard import shown
from protocol.messages import (
    DATAGRAM,
    MAIN,
    Card,
    Challenge,
    Char,
    CrowdPucks,
    Distributions,
    Finish,
    Follow,
    Granted,
    Hello,
    Joint,
    Listed,
    Message,
    MorePucks,
    Panic,
    Past,
    Ping,
    Pong,
    Prime,
    Prove,
    Query,
    Reset,
    Rewind,
    Set,
    Signal,
    Since,
    Status,
    Step,
    Subscribe,
    ToFront,
    ToServer,
    Word,
)
from protocol.pucks import CROWD, MORE, MOST_CROWD, MOST_MORE, pack_pucks, unpack_pucks
from protocol.sessions import COOKIE, PROOF
from protocol.signals import PREFIX as SIGNALS
from protocol.signals import encode_signal, read_signal
from protocol.tints import pack_tints, unpack_tints
from protocol.tree import PAIR, Parameter, ParameterTree, Value, style_parameters

VOCABULARY = 128
MOST_STEPS = 10_000  # characters that one message can ask for
PRIME_CHARS = 4_000  # the longest text that voices are primed with
PRIME_DATAGRAM = 9_216  # bytes; only a long ``Prime`` is above DATAGRAM, and macOS sends no more than this
KINDS = {"i": "a whole number", "f": "a number", "s": "a text", "b": "a blob"}  # by type tag, for complaints
IMMEDIATELY = b"\0\0\0\0\0\0\0\1"  # OSC's time tag for "now"

M = TypeVar("M", bound=Message, covariant=True)


@dataclass(frozen=True)
class Decoded(Generic[M]):
    """What a datagram said, in order, and one line for each thing in it that could not be understood.

    ``performances`` names the one that each message is meant for.
    """

    messages: tuple[M, ...]
    complaints: tuple[str, ...]
    performances: tuple[str, ...] = ()


def encode(message: Message, tree: ParameterTree | None = None, performance: str = MAIN) -> bytes:
    """``message`` as one datagram of at most DATAGRAM bytes (a ``Prime``: PRIME_DATAGRAM).

    ``tree`` gives a ``Set`` its type tags; without one, or for an address it lacks, they follow the value. To the
    server, ``performance`` is the one that it is meant for. Raises ``MessageError`` for what the wire cannot carry:
    integers beyond 32 bits, NaN, too long a text, a name that none can have.
    """
    if isinstance(message, Signal):
        return encode_signal(message)
    address = message.address if isinstance(message, Set | Query) else FORMS[type(message)].address
    if performance != MAIN:
        _require(NAME.fullmatch(performance) is not None, f"a performance cannot be called {shown(performance)}")
        address = f"{PREFIX}{performance}{address}"
    builder = OscMessageBuilder(address)
    try:
        tags, arguments = _set_arguments(message, tree) if isinstance(message, Set) else _arguments(message)
        for tag, argument in zip(tags, arguments, strict=True):
            if tag == "f" and not math.isfinite(argument):
                raise MessageError(f"{address} carries finite numbers only, not {argument}")
            builder.add_arg(argument, tag)
        datagram: bytes = builder.build().dgram
    except (BuildError, OverflowError, ValueError) as error:
        raise MessageError(f"{address} cannot be sent: {error}") from error
    most = PRIME_DATAGRAM if isinstance(message, Prime) else DATAGRAM
    if len(datagram) > most:
        raise MessageError(f"{address} cannot be sent: {len(datagram)} bytes, and {most} are the most")
    return datagram


def encode_bundle(
    messages: Iterable[Message], tree: ParameterTree | None = None, performance: str = MAIN
) -> list[bytes]:
    """``messages`` in their order, in as few datagrams of at most DATAGRAM bytes as fit; raises ``MessageError``."""
    return bundled(encode(message, tree, performance) for message in messages)


def bundled(elements: Iterable[bytes]) -> list[bytes]:
    """OSC messages in their order, in as few datagrams of at most DATAGRAM bytes as fit."""
    groups: list[list[bytes]] = []
    size = DATAGRAM
    for element in elements:
        size += 4 + len(element)
        if size > DATAGRAM:
            groups.append([])
            size = guard.BUNDLE_HEADER + 4 + len(element)
        groups[-1].append(element)
    return [group[0] if len(group) == 1 else _bundle(group) for group in groups]


def decode_to_server(
    datagram: bytes, tree: ParameterTree, quick: Callable[[bytes], Set | None] = lambda element: None
) -> Decoded[ToServer]:
    """What a front end, or any OSC sender, says to the server. Values are clamped to their parameters' ranges.

    ``quick`` may know a message at once (``protocol.shortcut``).
    """
    return _decode(datagram, TO_SERVER, tree, quick)


def decode_to_front(datagram: bytes, tree: ParameterTree | None) -> Decoded[ToFront]:
    """What the server says to its subscribers. Without a ``tree`` (no cards yet) any voice's parameters are taken."""
    return _decode(datagram, TO_FRONT, tree, lambda element: None)


# ---- the table ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """How one kind of message looks: type tags, of which the first ``needed`` must be there, and both conversions.

    ``unpack`` may trust the types of its arguments but not their values, and raises ``MessageError``.
    """

    address: str
    tags: str
    needed: int
    pack: Callable[[Any], list[Any]]
    unpack: Callable[..., Any]


def _char(
    sequence: int, character: str, tail: str, length: int, epoch: int, blob: bytes, surprises: bytes = b""
) -> Char:
    _require(len(character) == 1 and tail.endswith(character) and tail.isascii(), "a tail that ends in its character")
    _require(min(sequence, epoch) >= 0 and length >= len(tail), "counts that can be")
    _require(not surprises or len(surprises) == len(tail), "a byte of surprise for every character")
    return Char(sequence, character, tail, length, epoch, unpack_tints(blob, len(tail)), surprises)


def _past(epoch: int, position: int, text: str, blob: bytes, surprises: bytes = b"") -> Past:
    _require(min(epoch, position) >= 0 and text.isascii(), "7-bit text and a position that can be")
    _require(not surprises or len(surprises) == len(text), "a byte of surprise for every character")
    return Past(epoch, position, text, unpack_tints(blob, len(text)), surprises)


def _distributions(sequence: int, part: int, parts: int, voices: bytes, levels: bytes) -> Distributions:
    _require(sequence >= 0 and 0 <= part < parts, "a part of its parts")
    _require(len(set(voices)) == len(voices) > 0, "voices that are named once")
    _require(len(levels) == VOCABULARY * len(voices), f"{VOCABULARY} bytes a voice")
    return Distributions(sequence, part, parts, tuple(voices), levels)


def _joint(sequence: int, levels: bytes) -> Joint:
    _require(sequence >= 0 and len(levels) == VOCABULARY, f"{VOCABULARY} bytes")
    return Joint(sequence, levels)


def _card(
    index: int, count: int, slug: str, name: str, monogram: str, colour: str, kind: str, description: str,
    works: str = "", licence: str = "", bits: float = 0.0, fusible: int = 1,
) -> Card:  # fmt: skip
    card = Card(index, count, slug, name, monogram, colour, kind, description, works, licence, bits, bool(fusible))
    _require(math.isfinite(bits) and bits >= 0.0, "bits that can be")
    _require(0 <= index < count <= 256, "an index below the count of voices")
    _require(SLUG.fullmatch(card.slug) is not None, "a slug that can stand in an address")
    _require(COLOUR.fullmatch(card.colour) is not None, "a colour such as #7DE4FF")
    return card


def _status(
    sequence: int, length: int, epoch: int, rate: float, seconds: float, seed: int, trouble: str,
    awake: int, waking: int, late: int, commit_ms: float, late_ms: float, finishing: int,
    warmth: float, withheld: int,
) -> Status:  # fmt: skip
    _require(min(sequence, length, epoch, awake, waking, late, withheld) >= 0, "counts that can be")
    _require(all(map(math.isfinite, (rate, seconds, commit_ms, late_ms, warmth))), "finite numbers")
    return Status(
        sequence, length, epoch, rate, seconds, seed, trouble, awake, waking, late, commit_ms, late_ms, bool(finishing),
        warmth, withheld,
    )


def _listed(index: int, count: int, name: str) -> Listed:
    _require(0 <= index < count, "an index below the count of performances")
    _require(NAME.fullmatch(name) is not None, "a name that a performance can have")
    return Listed(index, count, name)


def _subscribe(port: int = 0) -> Subscribe:
    _require(0 <= port <= 65_535, "a port from 0 to 65535")
    return Subscribe(port)


def _follow(port: int = 0) -> Follow:
    return Follow(_subscribe(port).port)


def _step(count: int = 1) -> Step:
    _require(1 <= count <= MOST_STEPS, f"a number of characters from 1 to {MOST_STEPS}")
    return Step(count)


def _rewind(chars: int) -> Rewind:
    _require(chars >= 0, "a number of characters, 0 or more")
    return Rewind(chars)


def _prime(text: str) -> Prime:
    _require(len(text) <= PRIME_CHARS, f"at most {PRIME_CHARS} characters")
    return Prime(text)


def _primed(message: Prime) -> list[str]:
    if len(message.text) > PRIME_CHARS:
        raise MessageError(f"a text to prime with has at most {PRIME_CHARS} characters, not {len(message.text)}")
    return [_text(message.text, PRIME_DATAGRAM)]


def _prove(cookie: bytes, proof: bytes = b"") -> Prove:
    _require(len(cookie) == COOKIE, f"a cookie of {COOKIE} bytes")
    _require(len(proof) in (0, PROOF), f"a proof of {PROOF} bytes, or none")
    return Prove(cookie, proof)


def _challenge(cookie: bytes) -> Challenge:
    _require(len(cookie) == COOKIE, f"a cookie of {COOKIE} bytes")
    return Challenge(cookie)


def _granted(rights: int, seconds: int) -> Granted:
    _require(rights in (1, 2) and seconds > 0, "rights of 1 or 2, and seconds")
    return Granted(rights, seconds)


def _since(position: int) -> Since:
    _require(position >= 0, "a position, 0 or more")
    return Since(position)


SLUG = re.compile(r"[^\s#*,/?\[\]{}\x00-\x1f]{1,64}")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")  # of a performance
PREFIX = "/performance/"
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")

FORMS: dict[type, Form] = {
    Subscribe: Form("/subscribe", "i", 0, lambda m: [m.port], _subscribe),
    Follow: Form("/subscribe/signals", "i", 0, lambda m: [m.port], _follow),
    Step: Form("/transport/step", "i", 0, lambda m: [m.count], _step),
    Word: Form("/transport/word", "", 0, lambda m: [], Word),
    Finish: Form("/transport/finish", "", 0, lambda m: [], Finish),
    Panic: Form("/panic", "", 0, lambda m: [], Panic),
    Rewind: Form("/transport/rewind", "i", 1, lambda m: [m.chars], _rewind),
    Prime: Form("/text/prime", "s", 1, _primed, _prime),
    Reset: Form("/text/reset", "i", 0, lambda m: [] if m.seed is None else [m.seed], Reset),
    Since: Form("/text/since", "i", 1, lambda m: [m.position], _since),
    Ping: Form("/ping", "i", 1, lambda m: [m.token], Ping),
    Hello: Form("/session/hello", "", 0, lambda m: [], Hello),
    Prove: Form("/session/prove", "bb", 1, lambda m: [m.cookie, *_unless_empty(m.proof)], _prove),
    Char: Form("/text/char", "issiibb", 6, lambda m: [
        m.sequence, m.character, m.tail, m.length, m.epoch, pack_tints(m.tints), *_unless_empty(m.surprises)], _char),
    Past: Form("/text/past", "iisbb", 4, lambda m: [
        m.epoch, m.position, m.text, pack_tints(m.tints), *_unless_empty(m.surprises)], _past),
    Distributions: Form("/voice/distributions", "iiibb", 5, lambda m: [
        m.sequence, m.part, m.parts, bytes(m.voices), m.levels], _distributions),
    Joint: Form("/mix/joint", "ib", 2, lambda m: [m.sequence, m.levels], _joint),
    Card: Form("/voice/card", "iissssssssfi", 8, lambda m: [
        m.index, m.count, _text(m.slug, 64), _text(m.name, 128), _text(m.monogram, 16), _text(m.colour, 7),
        _text(m.kind, 32), _text(m.description, 400), _text(m.works, 400), _text(m.licence, 200), m.bits,
        int(m.fusible)], _card),
    Status: Form("/server/status", "iiiffisiiiffifi", 15, lambda m: [
        m.sequence, m.length, m.epoch, m.rate, m.seconds, m.seed, _text(m.trouble, 800), m.awake, m.waking, m.late,
        m.commit_ms, m.late_ms, int(m.finishing), m.warmth, m.withheld], _status),
    Listed: Form("/server/performance", "iis", 3, lambda m: [m.index, m.count, m.name], _listed),
    MorePucks: Form(MORE, "ib", 2, lambda m: [m.number, pack_pucks(m.pucks, MOST_MORE)],
                    lambda number, blob: MorePucks(number, unpack_pucks(blob, MOST_MORE))),
    CrowdPucks: Form(CROWD, "ib", 2, lambda m: [m.number, pack_pucks(m.pucks, MOST_CROWD)],
                     lambda number, blob: CrowdPucks(number, unpack_pucks(blob, MOST_CROWD))),
    Pong: Form("/pong", "i", 1, lambda m: [m.token], Pong),
    Challenge: Form("/session/challenge", "b", 1, lambda m: [m.cookie], _challenge),
    Granted: Form("/session/granted", "ii", 2, lambda m: [m.rights, m.seconds], _granted),
}  # fmt: skip
PUCKS = (MorePucks, CrowdPucks)
ACTIONS = (Step, Word, Finish, Rewind, Prime, Reset, Panic)
TOLD_SERVER = (Subscribe, Follow, *ACTIONS, *PUCKS, Since, Ping, Hello, Prove)
TOLD_FRONT = (Char, Past, Distributions, Joint, Card, Status, Listed, *PUCKS, Pong, Challenge, Granted)
TO_SERVER, TO_FRONT = ({FORMS[kind].address: FORMS[kind] for kind in kinds} for kinds in (TOLD_SERVER, TOLD_FRONT))


# ---- the ways in and out -----------------------------------------------------------------------------------------


def _decode(
    datagram: bytes, forms: Mapping[str, Form], tree: ParameterTree | None, quick: Callable[[bytes], Set | None]
) -> Decoded[Any]:
    elements, complaints = guard.elements(datagram)
    messages: list[Any] = []
    performances: list[str] = []
    for element in elements:
        try:
            if wish := quick(element):
                messages.append(wish)
                performances.append(MAIN)
                continue
            head = guard.read_head(element)
            performance, address = MAIN, head.address
            if address.startswith(PREFIX):
                performance, address = _named(address)
            form = forms.get(address)
            if form is not None:
                _check_count(address, form.tags, form.needed, len(head.tags))
                messages.append(_message(form, guard.read_arguments(element, head)))
            elif forms is TO_FRONT and address.startswith(SIGNALS):
                messages.append(read_signal(address, guard.read_arguments(element, head)))
            else:
                parameter = _wanted(address, tree)
                if forms is TO_SERVER and not head.tags:
                    guard.read_arguments(element, head)
                    messages.append(Query(parameter.address))
                else:
                    _check_count(address, parameter.tags, len(parameter.tags), len(head.tags))
                    messages.append(Set(parameter.address, parameter.accept(guard.read_arguments(element, head))))
            performances.append(performance)
        except (MessageError, ParameterError) as error:
            complaints.append(str(error))
    return Decoded(tuple(messages), tuple(complaints), tuple(performances))


def _named(address: str) -> tuple[str, str]:
    """The performance that ``address`` names, and what it is called within it."""
    name, slash, rest = address.removeprefix(PREFIX).partition("/")
    _require(NAME.fullmatch(name) is not None and slash == "/", f"{shown(address)} names no performance")
    return name, slash + rest


def _check_count(address: str, tags: str, needed: int, count: int) -> None:
    """Raises ``MessageError`` unless ``count`` arguments are as many as ``address`` takes, and worth reading."""
    if not needed <= count <= len(tags):
        least = "" if needed == len(tags) else f"{needed} to "
        raise MessageError(f"{address} takes {least}{len(tags)} value(s), not {count}")


def _message(form: Form, arguments: Sequence[object]) -> object:
    converted = [_argument(form, tag, argument) for tag, argument in zip(form.tags, arguments, strict=False)]
    try:
        return form.unpack(*converted)
    except MessageError as error:
        raise MessageError(f"{form.address} takes {error}") from None


def _argument(form: Form, tag: str, argument: object) -> object:
    """``argument`` as ``tag`` wants it. Numbers pass for one another where nothing is lost: many send only floats."""
    if tag == "s" and isinstance(argument, str):
        return argument
    if tag == "b" and isinstance(argument, bytes):
        return argument
    if tag == "f" and isinstance(argument, (int, float)):
        return float(argument)
    if tag == "i" and isinstance(argument, (int, float)) and math.isfinite(argument) and argument == int(argument):
        if -(2**31) <= argument < 2**31:
            return int(argument)
        raise MessageError(f"{form.address} takes integers of 32 bits, not {argument}")
    raise MessageError(f"{form.address} takes {KINDS[tag]}, not {shown(repr(argument))}")


def _wanted(address: str, tree: ParameterTree | None) -> Parameter:
    parameter = _parameter(address, tree)
    if parameter is None and address.endswith(PAIR):
        pair = _parameter(address.removesuffix(PAIR), tree)
        parameter = pair if pair is not None and pair.tags == "ff" else None
    if parameter is None:
        raise ParameterError(f"nothing here is called {shown(address)}")
    return parameter


def _parameter(address: str, tree: ParameterTree | None) -> Parameter | None:
    """The parameter at ``address``; without a ``tree`` any voice's may be meant."""
    if tree is not None:
        return tree.get(address)
    words = address.split("/")
    if len(words) == 4 and words[1] == "style" and SLUG.fullmatch(words[2]):
        return next((found for found in style_parameters(words[2]) if found.address == address), None)
    return WITHOUT_VOICES.get(address)


WITHOUT_VOICES = ParameterTree(())


def _arguments(message: Message) -> tuple[str, list[Any]]:
    """The type tags and arguments of ``message``, which is no ``Set``."""
    if isinstance(message, Query):
        return "", []
    form = FORMS[type(message)]
    arguments = form.pack(message)
    return form.tags[: len(arguments)], arguments


def _set_arguments(message: Set, tree: ParameterTree | None) -> tuple[str, list[Any]]:
    """The type tags and arguments of ``message``."""
    parameter = _parameter(message.address, tree)
    value: Value = message.value
    if parameter is not None:
        arguments: list[Any] = list(parameter.arguments(value))
        tags = parameter.tags
    else:
        arguments = list(value) if isinstance(value, tuple) else [value]
        tags = "T" if isinstance(value, bool) else "i" if isinstance(value, int) else "f" * len(arguments)
    if len(arguments) != len(tags):
        raise MessageError(f"{message.address} takes {len(tags)} value(s), not {len(arguments)}")
    return ("T" if value else "F", arguments) if tags == "T" else (tags, arguments)


def _unless_empty(blob: bytes) -> list[bytes]:
    """``blob`` as the last argument, left out where it is empty: python-osc makes no empty blob."""
    return [blob] if blob else []


def _bundle(elements: Iterable[bytes]) -> bytes:
    return guard.BUNDLE + IMMEDIATELY + b"".join(struct.pack(">i", len(element)) + element for element in elements)


def _text(text: str, most: int) -> str:
    """``text`` cut to ``most`` bytes of UTF-8, without NULs and broken surrogates: what an OSC string can hold."""
    return text.replace("\0", "").encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def _require(condition: bool, wanted: str) -> None:
    if not condition:
        raise MessageError(wanted)
