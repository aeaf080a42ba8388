"""The guard: datagrams from anywhere in, well-formed OSC messages out, at once and with no exception that is not ours.

OSC 1.0 (Wright, 2002). python-osc parses single messages here, and only after their structure was checked: given a
bundle whose element size is -4 it never returns, given 4,000 arguments it copies the datagram 4,000 times. Its
dispatcher is not used at all, since it takes ``*`` in an incoming address for a regular expression. Pure; no thread of
its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

from pythonosc.osc_message import OscMessage, ParseError

from protocol.errors import MessageError

LONGEST_DATAGRAM = 16_384  # bytes; holds 4,000 characters of any script
LONGEST_ADDRESS = 255  # bytes
MOST_ARGUMENTS = 16  # a message; the longest of ours has thirteen
MOST_ELEMENTS = 128  # a datagram, however its bundles are nested
DEEPEST = 8  # bundles in bundles
BUNDLE = b"#bundle\0"
BUNDLE_HEADER = 16  # bytes: the word and a time tag

NOTHING = "NI"  # nil and impulse
SIZES = {"i": 4, "f": 4, "h": 8, "d": 8, "T": 0, "F": 0}  # bytes of an argument, by type tag; "s" and "b" say their own


def elements(datagram: bytes) -> tuple[list[bytes], list[str]]:
    """The messages in ``datagram``, its bundles flattened in order, and a line for whatever cannot be one.

    Time tags are passed over: all is meant for now.
    """
    if len(datagram) > LONGEST_DATAGRAM:
        return [], [f"a datagram of {len(datagram)} bytes was dropped; the most is {LONGEST_DATAGRAM}"]
    found = list(islice(_walk(datagram, 0), MOST_ELEMENTS + 1))
    messages = [item for item in found[:MOST_ELEMENTS] if isinstance(item, bytes)]
    complaints = [item for item in found[:MOST_ELEMENTS] if isinstance(item, str)]
    if len(found) > MOST_ELEMENTS:
        complaints.append(f"a datagram with more than {MOST_ELEMENTS} messages was cut off there")
    return messages, complaints


def read(message: bytes) -> tuple[str, list[object]]:
    """The address and the arguments of one OSC message; raises ``MessageError``.

    Arguments are int, float, bool, str or bytes; those of other types are refused. A nil or an impulse, which is what
    some programs send for a button, is no argument.
    """
    if not _check(message).strip(NOTHING):
        return _address(message), []
    try:
        parsed = OscMessage(message)
    except (ParseError, UnicodeDecodeError) as error:
        raise MessageError(f"{shown(_address(message))} cannot be read: its text is not UTF-8") from error
    return parsed.address, parsed.params


def shown(text: str) -> str:
    """Foreign ``text`` fit for one line of a complaint: printable ASCII and short."""
    line = text.encode("ascii", "backslashreplace").decode("ascii")
    line = "".join(character if character.isprintable() else "?" for character in line[:61])
    return line if len(line) <= 60 else line[:57] + "..."


def _walk(data: bytes, depth: int) -> Iterator[bytes | str]:
    """What ``data`` holds, left to right: a message's bytes, or a complaint. What follows a broken size is lost."""
    if not data.startswith(BUNDLE):
        yield data
        return
    if depth == DEEPEST:
        yield f"bundles nested more than {DEEPEST} deep were dropped"
        return
    if len(data) < BUNDLE_HEADER:
        yield "a bundle without a time tag was dropped"
        return
    place = BUNDLE_HEADER
    while place < len(data):
        size = struct.unpack_from(">i", data, place)[0] if place + 4 <= len(data) else 0
        if size <= 0 or size % 4 or place + 4 + size > len(data):
            yield f"a bundle was cut off at an element that claims {size} bytes"
            return
        yield from _walk(data[place + 4 : place + 4 + size], depth + 1)
        place += 4 + size


def _check(message: bytes) -> str:
    """The type tags of ``message``. Raises ``MessageError`` unless every length is true and every tag known."""
    if len(message) % 4 or not message.startswith(b"/"):
        raise MessageError(f"{len(message)} bytes were dropped that are no OSC message")
    address = _address(message)
    place = _string_end(message, 0, "an address")
    if place > LONGEST_ADDRESS or not (address.isascii() and address.isprintable()):
        raise MessageError(f"{shown(address)} is no address")
    if place == len(message):
        return ""  # senders older than OSC 1.0 leave out the type tags of a message without arguments
    tags_at, place = place, _string_end(message, place, f"the type tags of {shown(address)}")
    tags = message[tags_at:place].rstrip(b"\0").decode("latin-1")
    if not tags.startswith(",") or len(tags) > 1 + MOST_ARGUMENTS:
        raise MessageError(f"{shown(address)} has no type tags, or more than {MOST_ARGUMENTS} arguments")
    for tag in tags[1:] if tags[1:].strip(NOTHING) else "":
        if tag == "s":
            place = _string_end(message, place, f"a text of {shown(address)}")
        elif tag == "b":
            size = struct.unpack_from(">i", message, place)[0] if place + 4 <= len(message) else -1
            if not 0 <= size <= len(message) - place - 4:
                raise MessageError(f"{shown(address)} has a blob that claims {size} bytes")
            place += 4 + size + -size % 4
        elif tag in SIZES:
            place += SIZES[tag]
        else:
            raise MessageError(f"{shown(address)} has an argument of a type that is not understood: {shown(tag)}")
        if place > len(message):
            raise MessageError(f"{shown(address)} ends before its arguments do")
    if place != len(message):
        raise MessageError(f"{shown(address)} has {len(message) - place} bytes too many")
    return tags[1:]


def _address(message: bytes) -> str:
    return message[: LONGEST_ADDRESS + 1].partition(b"\0")[0].decode("latin-1")


def _string_end(message: bytes, start: int, what: str) -> int:
    """Where the padded string that begins at ``start`` ends."""
    end = message.find(b"\0", start)
    if end < 0:
        raise MessageError(f"{what} never ends")
    return end + 4 - end % 4
