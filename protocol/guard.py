"""The guard: datagrams from anywhere in, well-formed OSC messages out, at once and with no exception that is not ours.

OSC 1.0 (Wright, 2002). Every length is looked at before it is followed, and every byte once or twice, so that no
datagram takes as long as a millisecond (`antiphon bench hostile` measures it). python-osc, which makes our messages,
reads none: given a bundle whose element size is -4 it never returns, it takes ``*`` in an incoming address for a
regular expression, and a full bundle keeps it for several milliseconds. Pure; no thread of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from protocol.errors import MessageError

LONGEST_DATAGRAM_BYTES = 16_384  # bytes; holds 4,000 characters of any script
LONGEST_ADDRESS_BYTES = 255  # bytes
MOST_ARGUMENTS = 64  # a message; the longest of ours has thirteen, and some programs send each word of a text as one
MOST_ELEMENTS = 128  # a datagram, however its bundles are nested
MOST_BUNDLE_LEVELS = 8  # bundles in bundles
BUNDLE = b"#bundle\0"
BUNDLE_HEADER_BYTES = 16  # bytes: the word and a time tag

NUMBERS = {tag: struct.Struct(f">{code}") for tag, code in {"i": "i", "f": "f", "h": "q", "d": "d"}.items()}
NOT_ARGUMENTS = str.maketrans({"[": "", "]": "", "N": "", "I": "", "S": "s"})  # brackets, nil, impulse; a symbol
TRUTHS = {"T": True, "F": False}
SIZE = NUMBERS["i"]


def elements(datagram: bytes) -> tuple[list[bytes], list[str]]:
    """The messages in ``datagram``, its bundles flattened in order, and a line for whatever cannot be one.

    Time tags are passed over: all is meant for now.
    """
    if not datagram:
        return [], []  # says that somebody is there, or keeps a way open
    if len(datagram) > LONGEST_DATAGRAM_BYTES:
        return [], [f"a datagram of {len(datagram)} bytes was dropped; the most is {LONGEST_DATAGRAM_BYTES}"]
    found = list(islice(_walk(datagram, 0), MOST_ELEMENTS + 1))
    messages = [item for item in found[:MOST_ELEMENTS] if isinstance(item, bytes)]
    complaints = [item for item in found[:MOST_ELEMENTS] if isinstance(item, str)]
    if len(found) > MOST_ELEMENTS:
        complaints.append(f"a datagram with more than {MOST_ELEMENTS} messages was cut off there")
    return messages, complaints


class MessageHead(NamedTuple):
    """An OSC message as far as its arguments: its address, their type tags, and where they begin."""

    address: str
    tags: str
    place: int


def read(message: bytes, most: int = MOST_ARGUMENTS) -> tuple[str, list[object]]:
    """The address and the arguments, at most ``most``, of one OSC message; raises ``MessageError``.

    Arguments are int, float, bool, str or bytes; those of other types are refused. An array is its members, a symbol is
    a text; a nil or an impulse, which is what some programs send for a button, is no argument.
    """
    head = read_head(message, most)
    return head.address, read_arguments(message, head)


def read_head(message: bytes, most: int = MOST_ARGUMENTS) -> MessageHead:
    """What the arguments of ``message`` are for, so that those of a stranger need not be read; ``MessageError``."""
    address, place = _address(message)
    if place == len(message):
        return MessageHead(address, "", place)  # senders older than OSC 1.0 leave out the tags if nothing follows
    tags_at, place = place, _string_end(message, place, "the type tags", address)
    tags = message[tags_at:place].rstrip(b"\0").decode("latin-1")
    if not tags.startswith(",") or len(tags) > 1 + most:
        raise MessageError(f"{shown(address)} has no type tags, or more than {most} arguments")
    return MessageHead(address, tags[1:].translate(NOT_ARGUMENTS), place)


def read_arguments(message: bytes, head: MessageHead, most: int = MOST_ARGUMENTS) -> list[object]:
    """The arguments of ``message``, the first ``most`` of them; raises ``MessageError``.

    Zeros behind them are passed over: some senders send the whole of their buffer.
    """
    arguments: list[object] = []
    place = head.place
    for tag in head.tags[:most]:
        argument, place = _argument(tag, message, place, head.address)
        arguments.append(argument)
    if place != len(message) and len(head.tags) <= most and message[place:].strip(b"\0"):
        raise MessageError(f"{shown(head.address)} has {len(message) - place} bytes too many")
    return arguments


def read_words(message: bytes, head: MessageHead) -> str:
    """The arguments of ``message``, all of them texts, joined by blanks; raises ``MessageError``. Fast for any number.

    An empty text adds nothing.
    """
    raw = message[head.place :]
    if raw and not raw.endswith(b"\0"):
        raise MessageError(f"a text of {shown(head.address)} never ends")
    return _decoded(b" ".join(filter(None, raw.split(b"\0"))))


def shown(text: str) -> str:
    """Foreign ``text`` fit for one line of a complaint: printable ASCII and short."""
    line = text[:61].encode("ascii", "backslashreplace").decode("ascii")[:61]
    if not line.isprintable():
        line = "".join(character if character.isprintable() else "?" for character in line)
    return line if len(line) <= 60 else line[:57] + "..."


def _walk(data: bytes, depth: int) -> Iterator[bytes | str]:
    """What ``data`` holds, left to right: a message's bytes, or a complaint. What follows a broken size is lost."""
    if not data.startswith(BUNDLE):
        yield data
        return
    if depth == MOST_BUNDLE_LEVELS:
        yield f"bundles nested more than {MOST_BUNDLE_LEVELS} deep were dropped"
        return
    if len(data) < BUNDLE_HEADER_BYTES:
        yield "a bundle without a time tag was dropped"
        return
    place = BUNDLE_HEADER_BYTES
    while place < len(data):
        size = struct.unpack_from(">i", data, place)[0] if place + 4 <= len(data) else 0
        if size <= 0 or size % 4 or place + 4 + size > len(data):
            yield f"a bundle was cut off at an element that claims {size} bytes"
            return
        yield from _walk(data[place + 4 : place + 4 + size], depth + 1)
        place += 4 + size


def _address(message: bytes) -> tuple[str, int]:
    """The address of ``message``, and where it ends."""
    if len(message) % 4 or not message.startswith(b"/"):
        raise MessageError(f"{len(message)} bytes were dropped that are no OSC message")
    address = message[: LONGEST_ADDRESS_BYTES + 1].partition(b"\0")[0].decode("latin-1")
    place = _string_end(message, 0, "an address")
    if place > LONGEST_ADDRESS_BYTES or not (address.isascii() and address.isprintable()):
        raise MessageError(f"{shown(address)} is no address")
    return address, place


def _argument(tag: str, message: bytes, place: int, address: str) -> tuple[object, int]:
    """The argument of type ``tag`` that begins at ``place``, and where it ends."""
    if number := NUMBERS.get(tag):
        end = place + number.size
        if end <= len(message):
            return number.unpack_from(message, place)[0], end
    elif tag in TRUTHS:
        return TRUTHS[tag], place
    elif tag == "s":
        end = _string_end(message, place, "a text", address)
        if end <= len(message):
            return _decoded(message[place:end].rstrip(b"\0")), end
    elif tag == "b":
        size = SIZE.unpack_from(message, place)[0] if place + 4 <= len(message) else -1
        end = place + 4 + size + -size % 4
        if not 0 <= size <= len(message) - place - 4:
            raise MessageError(f"{shown(address)} has a blob that claims {size} bytes")
        if end <= len(message):
            return message[place + 4 : place + 4 + size], end
    else:
        raise MessageError(f"{shown(address)} has an argument of a type that is not understood: {shown(tag)}")
    raise MessageError(f"{shown(address)} ends before its arguments do")


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")  # what older programs send


def _string_end(message: bytes, start: int, what: str, address: str = "") -> int:
    """Where the padded string that begins at ``start`` ends."""
    end = message.find(b"\0", start)
    if end < 0:
        raise MessageError(f"{what} of {shown(address)} never ends" if address else f"{what} never ends")
    return end + 4 - end % 4
