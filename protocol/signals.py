"""Signals: what a performance gives to lights and sound, declared once: address, type, range, unit, description.

A signal goes out and is never set. Some say what holds (entropy, a voice's share), others that something happened (a
letter, a word's end). OSC, OSCQuery, MIDI out and the reference in docs/ are read off this table. Bytes are made here
too, without python-osc, since some thirty go out with every character. Pure; no thread of its own.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from protocol.errors import MessageError
from protocol.messages import Signal, SignalValue

PREFIX = "/signal/"
SHARE = "/signal/share/"  # followed by a voice's slug
LONGEST_SENTENCE_CHARS = 400  # characters of a sentence, the last ones


@dataclass(frozen=True)
class SignalFormat:
    """One signal. ``tags`` are its OSC type tags, ``low`` to ``high`` the range of its number.

    ``number`` is the place of that number among the arguments. An ``event`` happens; the others hold till the next.
    """

    address: str
    tags: str
    arguments: str  # their names
    low: float
    high: float
    unit: str
    description: str
    number: int = 0
    event: bool = False

    @property
    def name(self) -> str:
        """The address without what all have in common: "entropy", "share/bible"."""
        return self.address.removeprefix(PREFIX)

    def level(self, arguments: Sequence[object]) -> float:
        """Where the signal's number lies in its range, 0 to 1; 0 for what is none."""
        number = arguments[self.number] if len(arguments) > self.number else self.low
        if not isinstance(number, (int, float)) or not math.isfinite(number):
            return 0.0
        return min(1.0, max(0.0, (number - self.low) / (self.high - self.low)))


CHAR = SignalFormat("/signal/char", "is", "code, character", 0, 127, "", "a character was written", event=True)
SURPRISE = SignalFormat("/signal/surprise", "f", "bits", 0, 16, "bits", "how surprising that character was")
ENTROPY = SignalFormat(
    "/signal/entropy", "f", "bits", 0, 7, "bits", "how open the choice was: 0 certain, 7 everything as likely"
)
AGREEMENT = SignalFormat(
    "/signal/agreement",
    "f",
    "agreement",
    0,
    1,
    "",
    "1 if all voices wanted the same, 0 if every character tells whose it is",
)
VOICE = SignalFormat(
    "/signal/voice",
    "isf",
    "index, slug, part",
    0,
    1,
    "",
    "the voice most responsible for that character, and its part of it",
    number=2,
)
WORD = SignalFormat(
    "/signal/word",
    "sf",
    "word, bits",
    0,
    16,
    "bits",
    "a word has ended; how surprising its characters were, on average",
    number=1,
    event=True,
)
SENTENCE = SignalFormat(
    "/signal/sentence",
    "sfi",
    "sentence, bits, words",
    0,
    16,
    "bits",
    "a sentence has ended: its last 400 characters, its surprise, how many words it had",
    number=1,
    event=True,
)
RUNNING = SignalFormat("/signal/running", "i", "running", 0, 1, "", "1 while text is being written, 0 while it rests")


def share_of(slug: str) -> SignalFormat:
    """The part of the mix that a voice has."""
    return SignalFormat(f"{SHARE}{slug}", "f", "share", 0, 1, "", f"how much of the mix is {slug}")


def signals(slugs: Iterable[str]) -> dict[str, SignalFormat]:
    """Every signal of a performance with these voices, by address."""
    forms = (CHAR, SURPRISE, ENTROPY, AGREEMENT, VOICE, WORD, SENTENCE, RUNNING, *map(share_of, slugs))
    return {form.address: form for form in forms}


# ---- bytes -------------------------------------------------------------------------------------------------------


def encode_signal(signal: Signal, prefix: str = "") -> bytes:
    """``signal`` as an OSC message at ``prefix`` and its address. Raises ``MessageError`` for what OSC cannot carry."""
    tags, body = ",", b""
    for argument in signal.arguments:
        try:
            if isinstance(argument, str):
                tags, body = tags + "s", body + _padded(argument.replace("\0", ""))
            elif isinstance(argument, int):
                tags, body = tags + "i", body + struct.pack(">i", argument)
            elif math.isfinite(argument):
                tags, body = tags + "f", body + struct.pack(">f", argument)
            else:
                raise MessageError(f"{signal.address} carries finite numbers only, not {argument}")
        except (struct.error, OverflowError) as error:
            raise MessageError(f"{signal.address} cannot be sent: {error}") from None
    return _padded(prefix + signal.address) + _padded(tags) + body


def read_signal(address: str, arguments: Sequence[object]) -> Signal:
    """The signal that was sent. Raises ``MessageError`` for an argument of no use."""
    values: list[SignalValue] = []
    for argument in arguments:
        if not isinstance(argument, (int, float, str)) or (isinstance(argument, float) and not math.isfinite(argument)):
            raise MessageError(f"{address[:80]} takes numbers and texts, not {str(argument)[:40]!r}")
        values.append(argument)
    return Signal(address, tuple(values))


def _padded(text: str) -> bytes:
    raw = text.encode("utf-8", "replace") + b"\0"
    return raw + b"\0" * (-len(raw) % 4)
