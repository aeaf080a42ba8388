"""OSC in and out: each message of ``protocol.messages`` as a datagram and back.

``protocol.formats`` says how every message looks on the wire; python-osc makes the bytes, ``protocol.guard`` reads
them, and an address is looked up in a dict, never matched as a pattern. Encoding raises ``MessageError`` for what
cannot be sent. Decoding never raises: what cannot be read becomes one line for a human, and the rest is kept. The
server takes what programs really send: a value with a button's press and release, more arguments than it wants, a text
word by word, numbers as text; and it passes over what known programs say of themselves. Pure; no thread of its own.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from pythonosc.osc_message_builder import BuildError, OscMessageBuilder

from protocol import guard
from protocol.alphabet import SLUG
from protocol.errors import MessageError, ParameterError
from protocol.formats import FORMATS, NAME, PREFIX, PRIME_DATAGRAM_BYTES, TO_FRONT, TO_SERVER, MessageFormat
from protocol.guard import shown
from protocol.messages import DATAGRAM_BYTES, MAIN, Message, Prime, Query, Set, ShowCommand, Signal, ToFront, ToServer
from protocol.show_commands import SHOW_COMMANDS, read_show_command, show_command_arguments
from protocol.signals import PREFIX as SIGNALS
from protocol.signals import encode_signal, read_signal
from protocol.tree import PAIR, Parameter, ParameterTree, Value, style_parameters

KINDS = {"i": "a whole number", "f": "a number", "s": "a text", "b": "a blob"}  # by type tag, for complaints
WORDS = {"true": 1.0, "on": 1.0, "yes": 1.0, "false": 0.0, "off": 0.0, "no": 0.0}  # texts that stand for a number
SPELLED = frozenset("sifhd")  # types of which a text may be put together
MOST_MIXED_WORDS = 8  # words and numbers of a text that has both; those of words alone are read faster
HOUSEKEEPING = re.compile(  # what programs say to whoever they are connected to
    r"/\d+|.*/z|/accxyz"  # TouchOSC: the page that is shown, a control that is touched, the tilt of the tablet
    r"|/pong|/hello|/heartbeat|/keepalive|/_samplerate"
    r"|/thump|/udpKeepAlive|/udpReplyPort|/forgetMeNot|/updates"  # QLab's remotes
    r"|/xremote|/xinfo|/info|/status|/renew"  # remotes of Behringer's X32, looking for a desk
    r"|/eos/(ping|subscribe|get/version)"  # ETC Eos
)
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
    address = message.address if isinstance(message, Set | Query | ShowCommand) else FORMATS[type(message)].address
    if performance != MAIN:
        if not NAME.fullmatch(performance):
            raise MessageError(f"a performance cannot be called {shown(performance)}")
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
    most = PRIME_DATAGRAM_BYTES if isinstance(message, Prime) else DATAGRAM_BYTES
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
    size = DATAGRAM_BYTES
    for element in elements:
        size += 4 + len(element)
        if size > DATAGRAM_BYTES:
            groups.append([])
            size = guard.BUNDLE_HEADER_BYTES + 4 + len(element)
        groups[-1].append(element)
    return [group[0] if len(group) == 1 else _bundle(group) for group in groups]


def decode_to_server(
    datagram: bytes, tree: ParameterTree, quick: Callable[[bytes], Set | None] = lambda element: None
) -> Decoded[ToServer]:
    """What a front end, or any OSC sender, says to the server. Values are clamped to their parameters' ranges.

    ``quick`` may know a message at once (``protocol.osc``).
    """
    return _decode(datagram, TO_SERVER, tree, quick)


def decode_to_front(datagram: bytes, tree: ParameterTree | None) -> Decoded[ToFront]:
    """What the server says to its subscribers. Without a ``tree`` (no cards yet) any voice's parameters are taken."""
    return _decode(datagram, TO_FRONT, tree, lambda element: None)


# ---- the ways in and out -----------------------------------------------------------------------------------------


def _decode(
    datagram: bytes,
    formats: Mapping[str, MessageFormat],
    tree: ParameterTree | None,
    quick: Callable[[bytes], Set | None],
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
            message = (
                _to_server(address.rstrip("/"), element, head, tree)
                if formats is TO_SERVER
                else _to_front(address, element, head, tree)
            )
            if message is None:
                continue
            messages.append(message)
            performances.append(performance)
        except (MessageError, ParameterError) as error:
            complaints.append(str(error))
    return Decoded(tuple(messages), tuple(complaints), tuple(performances))


def _to_server(address: str, element: bytes, head: guard.MessageHead, tree: ParameterTree | None) -> object | None:
    """What ``element`` says to the server; None for nothing: a button that is let go, a program that says it is there.

    Raises ``MessageError`` or ``ParameterError``.
    """
    form = TO_SERVER.get(address)
    if form is not None:
        asked = _asked(form, element, head)
        return None if asked is None else _message(form, asked)
    if address in SHOW_COMMANDS:
        names = SHOW_COMMANDS[address].takes_name and "s" in head.tags
        given = _texts("sf", element, head) if names else guard.read_arguments(element, head, 2)
        return read_show_command(address, given if names else [_number(each) for each in given])
    try:
        parameter = _wanted(address, tree)
    except ParameterError:
        if HOUSEKEEPING.fullmatch(address):
            return None
        raise
    if not head.tags:
        guard.read_arguments(element, head)
        return Query(parameter.address)
    return Set(parameter.address, parameter.accept(_values(parameter, element, head)))


def _to_front(address: str, element: bytes, head: guard.MessageHead, tree: ParameterTree | None) -> object:
    """What ``element`` says to a front end, to the letter. Raises ``MessageError`` or ``ParameterError``."""
    form = TO_FRONT.get(address)
    if form is not None:
        _check_count(address, form.tags, form.needed, len(head.tags))
        return _message(form, guard.read_arguments(element, head))
    if address.startswith(SIGNALS):
        return read_signal(address, guard.read_arguments(element, head))
    parameter = _wanted(address, tree)
    if parameter.tags != "s":  # a text may come as several
        _check_count(address, parameter.tags, len(parameter.tags), len(head.tags))
    return Set(parameter.address, parameter.accept(guard.read_arguments(element, head)))


def _named(address: str) -> tuple[str, str]:
    """The performance that ``address`` names, and what it is called within it."""
    name, slash, rest = address.removeprefix(PREFIX).partition("/")
    if not NAME.fullmatch(name) or slash != "/":
        raise MessageError(f"{shown(address)} names no performance")
    return name, slash + rest


def _asked(form: MessageFormat, element: bytes, head: guard.MessageHead) -> list[object] | None:
    """What ``element`` asks of the server: the arguments of ``form``; None where a button was let go."""
    if len(head.tags) < form.needed:
        _check_count(form.address, form.tags, form.needed, len(head.tags))
    if form.tags.count("s") > 1:  # of Antiphon's own programs, to the letter
        return guard.read_arguments(element, head, len(form.tags))
    if form.tags.startswith("s"):
        given = _texts(form.tags, element, head)
        if len(given) < form.needed:
            _check_count(form.address, form.tags, form.needed, len(given))
        return given
    arguments = [_number(each) for each in guard.read_arguments(element, head, max(len(form.tags), int(form.button)))]
    if form.button and arguments:
        if arguments[0] == 0:
            return None
        if not form.needed and (arguments[0] is True or (isinstance(arguments[0], float) and arguments[0] == 1.0)):
            return []  # pressed, and nothing is counted
    return arguments[: len(form.tags)]


def _values(parameter: Parameter, element: bytes, head: guard.MessageHead) -> list[object]:
    """The values that ``element`` has for ``parameter``; what stands behind them is passed over."""
    if parameter.tags == "s":
        return _texts("s", element, head)
    if len(head.tags) < len(parameter.tags):
        _check_count(parameter.address, parameter.tags, len(parameter.tags), len(head.tags))
    return [_number(each) for each in guard.read_arguments(element, head, len(parameter.tags))]


def _texts(tags: str, element: bytes, head: guard.MessageHead) -> list[object]:
    """Arguments of which the first is a text: words that come one by one are joined by blanks, numbers among them.

    Where ``tags`` want a number behind the text, a number that comes last is that.
    """
    if head.tags.count("s") == len(head.tags) > 1:
        return [guard.read_words(element, head)]
    if not SPELLED.issuperset(head.tags) or len(head.tags) > MOST_MIXED_WORDS:
        return guard.read_arguments(element, head, len(tags))
    arguments = guard.read_arguments(element, head)
    last = arguments[len(arguments) - 1 :] if len(tags) > 1 and len(arguments) > 1 and head.tags[-1] != "s" else []
    words = arguments[: len(arguments) - len(last)]
    if not any(isinstance(word, str) for word in words):
        return arguments
    return [" ".join(f"{word:g}" if isinstance(word, float) else str(word) for word in words), *last]


def _number(argument: object) -> object:
    """A text that stands for a number as that; anything else as it is."""
    if not isinstance(argument, str):
        return argument
    word = argument.strip().lower()
    try:
        return WORDS[word] if word in WORDS else float(word)
    except ValueError:
        return argument


def _check_count(address: str, tags: str, needed: int, count: int) -> None:
    """Raises ``MessageError`` unless ``count`` arguments are as many as ``address`` takes, and worth reading."""
    if not needed <= count <= len(tags):
        least = "" if needed == len(tags) else f"{needed} to "
        raise MessageError(f"{address} takes {least}{len(tags)} value(s), not {count}")


def _message(form: MessageFormat, arguments: Sequence[object]) -> object:
    converted = [_argument(form, tag, argument) for tag, argument in zip(form.tags, arguments, strict=False)]
    try:
        return form.unpack(*converted)
    except MessageError as error:
        raise MessageError(f"{form.address} takes {error}") from None


def _argument(form: MessageFormat, tag: str, argument: object) -> object:
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
    if isinstance(message, ShowCommand):
        return show_command_arguments(message)
    form = FORMATS[type(message)]
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
        kinds = {bool: "T", int: "i", str: "s"}
        tags = kinds.get(type(value), "f" * len(arguments))
    if len(arguments) != len(tags):
        raise MessageError(f"{message.address} takes {len(tags)} value(s), not {len(arguments)}")
    return ("T" if value else "F", arguments) if tags == "T" else (tags, arguments)


def _bundle(elements: Iterable[bytes]) -> bytes:
    return guard.BUNDLE + IMMEDIATELY + b"".join(struct.pack(">i", len(element)) + element for element in elements)


# ---- a parameter's plain message, known by its bytes -----------------------------------------------------------------

NUMBERS = {"f": ">f", "i": ">i"}  # a type tag and how struct reads it


def plain(address: str, parameter: Parameter, value: Value) -> bytes:
    """The message that gives ``parameter`` this ``value``; ``address`` may name its performance."""
    if parameter.tags == "T":
        return _head(address, "T" if value else "F")
    if isinstance(value, str):
        return _head(address, "s") + _padded(value)
    numbers = parameter.arguments(value)
    return _head(address, parameter.tags) + struct.pack(f">{parameter.tags}", *numbers)


class FastSetReader:
    """A parameter's plain message, for every parameter of ``tree``, read by its bytes without being parsed.

    A fader sends the same bytes again and again but for the last four. Whatever is not exactly such a message goes the
    long way (``decode_to_server``), which gives the same for those that are (tests hold it). So a flood of control
    messages costs the server a tenth.
    """

    def __init__(self, tree: ParameterTree) -> None:
        self._constants: dict[bytes, tuple[Parameter, bool]] = {}  # by the whole message
        self._numbers: dict[bytes, tuple[Parameter, struct.Struct]] = {}  # by the message without its numbers
        for parameter in tree.values():
            if parameter.tags == "s":
                continue  # a text goes the long way
            for tag, value in (("T", True), ("F", False)) if len(parameter.tags) == 1 else ():
                self._constants[_head(parameter.address, tag)] = parameter, value
            for tag, form in NUMBERS.items():
                tags = tag * len(parameter.tags)
                numbers = struct.Struct(">" + form[1:] * len(tags))
                self._numbers[_head(parameter.address, tags)] = parameter, numbers

    def read(self, datagram: bytes) -> Set | None:
        """The value that ``datagram`` sets, clamped; None if it is no such message.

        Raises ``ParameterError`` for NaN and infinities.
        """
        for size in (4, 8):
            if found := self._numbers.get(datagram[:-size]):
                parameter, numbers = found
                if numbers.size == size:
                    return Set(parameter.address, parameter.accept(numbers.unpack_from(datagram, len(datagram) - size)))
        if constant := self._constants.get(datagram):
            return Set(constant[0].address, constant[0].accept([constant[1]]))
        return None


@lru_cache(1_024)
def _head(address: str, tags: str) -> bytes:
    """An OSC message up to its arguments."""
    return _padded(address) + _padded(f",{tags}")


def _padded(text: str) -> bytes:
    raw = text.encode("ascii") + b"\0"
    return raw + b"\0" * (-len(raw) % 4)
