"""Datagrams that nobody should send: random bytes, true messages with damage, and the traps that stopped others.

Pure: the same from the same generator. Every message that ``protocol.osc`` knows is damaged, so that one added tomorrow
is too.
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Mapping

from protocol.formats import MessageFormat
from protocol.guard import BUNDLE, MOST_ELEMENTS
from protocol.tree import ParameterTree

MAX_DATAGRAM_BYTES = 65_507  # bytes; UDP over IPv4 carries no more
HEADER = BUNDLE + bytes(8)
NASTY = (0, 1, -1, -4, 5, 2**31 - 1, -(2**31), 2**31 - 4, 0x7FC00000, 0x7F800000)  # as lengths, counts and floats

Damage = Callable[[bytearray, random.Random], None]


def bundle(*elements: bytes) -> bytes:
    return HEADER + b"".join(struct.pack(">i", len(element)) + element for element in elements)


def text(characters: bytes) -> bytes:
    """An OSC string."""
    return characters + bytes(4 - len(characters) % 4)


def message(address: str, tags: str, luck: random.Random) -> bytes:
    """A well-formed message with arguments of these types."""
    return text(address.encode()) + text(f",{tags}".encode()) + b"".join(_argument(tag, luck) for tag in tags)


def _argument(tag: str, luck: random.Random) -> bytes:
    match tag:
        case "i":
            return struct.pack(">i", luck.choice((0, 1, 7, 60, luck.randint(-(2**31), 2**31 - 1))))
        case "f":
            return struct.pack(">f", luck.choice((0.0, 0.5, 1.0, 20.0, -1.0, math.nan, math.inf, luck.uniform(-9, 9))))
        case "s":
            return text("".join(luck.choices("abc \n\u00fc\u4e2d{}\\", k=luck.choice((1, 8, 80, 900)))).encode())
        case "b":
            size = luck.choice((1, 16, 32, 128, 700))
            return struct.pack(">i", size) + luck.randbytes(size) + bytes(-size % 4)
        case _:
            return b""


def well_formed(forms: Mapping[str, MessageFormat], tree: ParameterTree, luck: random.Random) -> bytes:
    """One of the messages in ``forms``, or a parameter's, or a bundle of several. Subscribers name no other's port."""
    if luck.random() < 0.1:
        return bundle(*(well_formed(forms, tree, luck) for _ in range(luck.randint(0, 12))))
    if luck.random() < 0.3:
        parameter = luck.choice(list(tree.values()))
        tags = luck.choice((parameter.tags, parameter.tags.replace("T", luck.choice("TF")), luck.choice("ifsTF")))
        return message(parameter.address, tags, luck)
    form = luck.choice(list(forms.values()))
    tags = form.tags[: luck.randint(form.needed, len(form.tags))]
    if form.address.endswith(("/subscribe", "/follow")):
        tags = ""
    return message(luck.choice(("", "", "/performance/blue")) + form.address, tags, luck)


def damaged(whole: bytes, luck: random.Random) -> bytes:
    """``whole`` with one to four kinds of damage."""
    damaged = bytearray(whole)
    for _ in range(luck.randint(1, 4)):
        luck.choice(DAMAGES)(damaged, luck)
    return bytes(damaged[:MAX_DATAGRAM_BYTES])


def random_bytes(luck: random.Random) -> bytes:
    """Mostly short, seldom as long as can be; half of it begins like OSC."""
    size = luck.choices((8, 64, 512, 4_096, MAX_DATAGRAM_BYTES - 16), (20, 40, 30, 9, 1))[0]
    start = luck.choice((b"", b"", b"/", b"/mix/", BUNDLE, HEADER))
    return start + luck.randbytes(luck.randint(0, size))


def _flip(damaged: bytearray, luck: random.Random) -> None:
    if damaged:
        damaged[luck.randrange(len(damaged))] ^= 1 << luck.randrange(8)


def _lie(damaged: bytearray, luck: random.Random) -> None:
    """Write a nasty number where a length or a value may be."""
    if len(damaged) >= 4:
        place = luck.randrange(len(damaged) // 4) * 4
        damaged[place : place + 4] = struct.pack(">i", luck.choice(NASTY))


def _cut(damaged: bytearray, luck: random.Random) -> None:
    del damaged[luck.randint(0, len(damaged)) :]


def _repeat(damaged: bytearray, luck: random.Random) -> None:
    if damaged:
        start = luck.randrange(len(damaged))
        damaged[start:start] = damaged[start : start + luck.randint(1, 64)] * luck.randint(1, 20)


def _insert(damaged: bytearray, luck: random.Random) -> None:
    place = luck.randint(0, len(damaged))
    damaged[place:place] = luck.choice((b"\0", b"\0\0\0\0", b"*" * 30, b"\xff\xfe\xfd\xfc", luck.randbytes(4)))


def _nest(damaged: bytearray, luck: random.Random) -> None:
    for _ in range(luck.randint(1, 12)):
        damaged[:] = bundle(bytes(damaged))


DAMAGES: tuple[Damage, ...] = (_flip, _flip, _lie, _lie, _cut, _repeat, _insert, _nest)


def _deep(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = bundle(inner) if inner else bundle()
    return inner


TRAPS: dict[str, bytes] = {
    "an element of -4 bytes": HEADER + struct.pack(">i", -4),
    "an element of 2 GB": HEADER + b"\x7f\xff\xff\xfc",
    "800 bundles deep": _deep(800),
    "800 empty bundles": bundle(*[bundle()] * 800),
    "thirty stars": text(b"/mix/" + b"*" * 30 + b"x") + text(b",f") + bytes(4),
    "as many unknown addresses as there is room for": bundle(
        *[text(b"/" + b"q" * 99) + text(b",f") + bytes(4)] * MOST_ELEMENTS
    ),
    "as many patterns": bundle(*[text(b"/mix/" + b"*" * 30 + b"x") + text(b",f") + bytes(4)] * MOST_ELEMENTS),
    "as many texts in Latin-1": bundle(*[text(b"/text/prime") + text(b",s") + text(b"\xff\xc3(")] * MOST_ELEMENTS),
    "as many questions": bundle(*[text(b"/mix/rate") + text(b",")] * MOST_ELEMENTS),
    "as many pings": bundle(*[text(b"/ping") + text(b",i") + bytes(4)] * MOST_ELEMENTS),
    "as many subscriptions": bundle(*[text(b"/subscribe") + text(b",")] * MOST_ELEMENTS),
    "as many steps": bundle(*[text(b"/transport/step") + text(b",")] * MOST_ELEMENTS),
    "as many rates": bundle(*[text(b"/mix/rate") + text(b",f") + struct.pack(">f", 20.0)] * MOST_ELEMENTS),
    "messages of sixteen texts": bundle(*[text(b"/text/prime") + text(b"," + b"s" * 16) + b"abc\0" * 16] * 120),
    "a text of 16,000 bytes": text(b"/text/prime") + text(b",s") + text(b"y" * 16_000),
    "a text that is no UTF-8": text(b"/text/prime") + text(b",s") + text(b"\xff" * 16_000),
    "an address that never ends": b"/" + b"x" * 16_383,
    "a blob of 2 GB": text(b"/session/prove") + text(b",b") + b"\x7f\xff\xff\xff",
    "a weight that is no number": text(b"/mix/rate") + text(b",f") + struct.pack(">f", math.nan),
    "nothing": b"",
    "nothing, often": bytes(16_384),
    "as long as UDP carries": b"/" * MAX_DATAGRAM_BYTES,
}
