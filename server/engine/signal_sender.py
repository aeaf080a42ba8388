"""Sends signals for lights and sound, character by character (``protocol.signals``).

They are measured only while somebody wants them, and after the character itself was sent, so that no character waits.
Values that hold are repeated once a second, also while the text is paused. ``SignalTarget`` is a place that gets the
signals without asking (``--signals HOST:PORT[,PREFIX]``); each has a socket that never waits, so that a lighting desk
which is switched off delays nothing. Runs on the engine's thread.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from protocol.errors import LinkError, MessageError
from protocol.measures import agreement, bits_of_level, entropy, surprise_level
from protocol.messages import TAIL_CHARS, Signal
from protocol.mixing import Vector, effective_weights, normalised, without_fusion
from protocol.networks import host_and_port
from protocol.osc import bundled
from protocol.sentences import ends_sentence
from protocol.signals import (
    AGREEMENT,
    CHAR,
    ENTROPY,
    LONGEST_SENTENCE_CHARS,
    RUNNING,
    SENTENCE,
    SHARE,
    SURPRISE,
    VOICE,
    WORD,
    encode_signal,
)
from server.engine.parameter_store import ParameterStore
from server.engine.pending_commands import LONGEST_WORD_CHARS
from server.engine.performance import Performance, Written

# ---- targets ---------------------------------------------------------------------------------------------------------

TAKES = "--signals takes HOST:PORT or HOST:PORT,/prefix, such as 127.0.0.1:9000"
PREFIX = re.compile(r"(?:/[A-Za-z0-9_.-]{1,32}){0,4}")


@dataclass(frozen=True)
class SignalDestination:
    """Where signals go, and what their addresses begin with there."""

    host: str
    port: int
    prefix: str = ""


def parse_signal_destination(words: str) -> SignalDestination:
    """``"10.0.0.5:9000,/antiphon"`` as a place. Raises ``LinkError``."""
    where, _, prefix = words.partition(",")
    if not PREFIX.fullmatch(prefix):
        raise LinkError(f"{TAKES}, not {words[:80]!r}")
    return SignalDestination(*host_and_port(where, TAKES), prefix)


class SignalTarget:
    """One place. Raises ``LinkError`` where there is no such machine."""

    followed = True

    def __init__(self, place: SignalDestination) -> None:
        self._prefix = place.prefix
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, kind, protocol)
        except (OSError, UnicodeError) as error:
            raise LinkError(f"no signals can go to {place.host}:{place.port} ({error}); say another place") from None
        self._socket.setblocking(False)
        self._address = address

    def send_signals(self, signals: Sequence[Signal]) -> None:
        try:
            datagrams = bundled(encode_signal(signal, self._prefix) for signal in signals)
        except MessageError:  # a number that is none: the next character has others
            return
        for datagram in datagrams:
            with contextlib.suppress(OSError):  # nobody there, no way there, no room
                self._socket.sendto(datagram, self._address)

    def close(self) -> None:
        self._socket.close()


REPEAT_INTERVAL_S = 1.0  # seconds after which what holds is said again


class SignalSink(Protocol):
    """A way out for signals."""

    @property
    def followed(self) -> bool:
        """Whether anybody wants them."""

    def send_signals(self, signals: Sequence[Signal]) -> None:
        """Send these, in their order; never raises."""


class SignalSender:
    """Speaks of ``performance`` and ``parameters`` to ``ways``."""

    def __init__(self, performance: Performance, parameters: ParameterStore, ways: Sequence[SignalSink]) -> None:
        self._performance, self._parameters, self._ways = performance, parameters, ways
        self._reader = TextSegmenter()
        self._read_to = (-1, -1)  # epoch and sequence of the last character that the reader has read
        self._running: bool | None = None  # as it was last said
        self._next = 0.0  # when what holds is due again

    def send_character(self, written: Written) -> None:
        """A character was written just now, and the voices have not read it yet."""
        if not any(way.followed for way in self._ways):
            return
        buffer = self._performance.buffer
        if self._read_to != (buffer.epoch, written.sequence - 1):  # others wrote, or took back, or nobody followed
            self._reader.begin(buffer.tail(TAIL_CHARS + 1).text[:-1])
        self._read_to = (buffer.epoch, written.sequence)
        bits = bits_of_level(surprise_level(written.joint[ord(written.character)])) or 0.0
        signals = [
            Signal(CHAR.address, (ord(written.character), written.character)),
            Signal(SURPRISE.address, (bits,)),
            Signal(ENTROPY.address, (entropy(written.joint),)),
            Signal(AGREEMENT.address, (self._agreement(written),)),
            *self._voice(written),
            *self._shares(without_fusion(_with_fused(written), written.family)),
            *self._reader.read(written.character, bits),
        ]
        self._send_signals(signals)

    def send_state(self, now: float, running: bool) -> None:
        """Say whether the text runs when that changed, and what holds when it is time."""
        if running == self._running and now < self._next:
            return
        if not any(way.followed for way in self._ways):
            self._running = None
            return
        changed, self._running, self._next = running != self._running, running, now + REPEAT_INTERVAL_S
        signals = [Signal(RUNNING.address, (int(running),))]
        if not running and not changed:  # the faders still move; a text that runs says it with every character
            weights = normalised(effective_weights(self._parameters.controls(), self._parameters.tree.slugs))
            signals += self._shares(weights)
        self._send_signals(signals)

    def _send_signals(self, signals: Sequence[Signal]) -> None:
        for way in self._ways:
            if way.followed:
                way.send_signals(signals)

    def _agreement(self, written: Written) -> float:
        awake = list(self._performance.awake)
        weights = np.append(written.weights, 0.0)[awake]  # a fused network that wakes has no weight yet
        return agreement(self._performance.distributions, weights)

    def _voice(self, written: Written) -> list[Signal]:
        leader = int(np.argmax(written.shares))
        part = float(written.shares[leader])
        return [Signal(VOICE.address, (leader, self._parameters.tree.slugs[leader], part))] if part > 0.0 else []

    def _shares(self, shares: Vector) -> list[Signal]:
        slugs = self._parameters.tree.slugs
        return [Signal(f"{SHARE}{slug}", (float(share),)) for slug, share in zip(slugs, shares, strict=False)]


class TextSegmenter:
    """Reads a text as it comes and tells where words and sentences end.

    A word is what stands between blanks, a sentence ends as ``server.engine.pending_commands`` has it.
    """

    def __init__(self) -> None:
        self._new_sentence()

    def begin(self, text: str) -> None:
        """From now on read what comes behind ``text``, whose surprise nobody knows."""
        self._new_sentence()
        for character in text:
            self.read(character, None)

    def _new_sentence(self) -> None:
        self._tail = ""  # the end of the sentence
        self._letters = 0  # of the word
        self._word: list[float] = []  # bits of its characters, as far as they are known
        self._sentence: list[float] = []
        self._words = 0

    def read(self, character: str, bits: float | None) -> list[Signal]:
        """What ends with ``character``, which was ``bits`` surprising."""
        found: list[Signal] = []
        blank = character.isspace()
        self._tail = (self._tail + character)[-LONGEST_SENTENCE_CHARS:]
        known = [] if bits is None else [bits]
        self._sentence = [*self._sentence[-LONGEST_SENTENCE_CHARS:], *known]
        if not blank:
            self._letters += 1
            self._word += known
        if self._letters and (blank or self._letters >= LONGEST_WORD_CHARS):
            word = self._tail.rstrip()[-self._letters :]
            found.append(Signal(WORD.address, (word, _mean(self._word))))
            self._letters, self._word, self._words = 0, [], self._words + 1
        if self._words and ends_sentence(self._tail):
            found.append(Signal(SENTENCE.address, (self._tail.strip(), _mean(self._sentence), self._words)))
            self._new_sentence()
        return found


def _mean(bits: Sequence[float]) -> float:
    return sum(bits) / len(bits) if bits else 0.0


def _with_fused(written: Written) -> Vector:
    """(S + 1,) the positive weights, the fused network's last, whether it had one or not."""
    weights = normalised(written.weights)
    return weights if len(weights) > len(written.family) else np.append(weights, 0.0)
