"""A link in memory, with the surface of ``frontend.client.link.Link``: for tests, and for windows that are being made.

``FakeLink()`` keeps what is sent in ``sent`` and is fed by ``deliver``; ``FakeLink.demo()`` plays by itself. No socket
and no thread of its own; as with the real one, values may be set from any thread.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from frontend.client.demo_voices import CHOIR, ORDER, demo_voices, fused_distribution
from frontend.client.link import MissingTextRequests
from frontend.client.session_state import SessionState
from protocol.grain import begun, grained, quantise_evidence
from protocol.grain import evidence as evidence_of
from protocol.measures import NO_SURPRISE, surprise_level
from protocol.messages import (
    TAIL_CHARS,
    Card,
    Char,
    Choose,
    CrowdPucks,
    Distributions,
    Finish,
    Joint,
    Likely,
    MorePucks,
    Panic,
    Past,
    Ping,
    Pong,
    Prime,
    Reset,
    Rewind,
    Set,
    Since,
    Status,
    Step,
    Tint,
    ToFront,
    ToServer,
    Word,
)
from protocol.mixing import (
    alloy_exponent,
    draw,
    effective_weights,
    joint,
    normalised,
    quantise,
    responsibilities,
    tint,
    with_fusion,
    without_fusion,
)
from protocol.pucks import CROWD, MORE, PuckGatherer
from protocol.tree import GRAIN, GRAIN_BOUNDARY, ParameterTree, Value, number_of, on_address, weight_address

# ---- fake link -------------------------------------------------------------------------------------------------------
# A performance without a server or a trained voice, for trying the windows: small and always the same. ``DemoServer``
# takes the messages that a server takes and gives those that it gives, in memory. Belongs to one thread; time is what
# ``advance`` is told.

BEGUN = {  # the faders of the voices in play at the start
    "bible": 0.80,
    "austen": 0.60,
    "linux": 0.40,
    "nietzsche": 0.30,
    "lovesongs": 0.20,
    "homer": 0.15,
    "latex": 0.05,
}
PIECE = 200  # characters in one Past
PART = 8  # voices in one Distributions
LONGEST = 200  # characters that a word or a sentence may have
THRESHOLD = 0.05  # share below which a voice sleeps


def demo_cards() -> list[Card]:
    """The 24 cards in order."""
    return [
        Card(
            index,
            len(CHOIR),
            slug,
            name,
            monogram,
            colour,
            kind,
            f"a paragraph in the manner of {name}",
            "one paragraph",
            "MIT, with the rest of Antiphon",
        )
        for index, (slug, name, monogram, colour, kind, _) in enumerate(CHOIR)
    ]


class DemoServer:
    """A server's whole behaviour towards one front end. ``advance`` gives what it would have sent since the last.

    ``text``, ``tints``, ``sequence`` and ``values`` are what a front end should come to know.
    """

    def __init__(self, seed: int = 1) -> None:
        self.cards = demo_cards()
        self.tree = ParameterTree(card.slug for card in self.cards)
        self.values: dict[str, Value] = self.tree.defaults()
        for slug, weight in BEGUN.items():
            self.values |= {weight_address(slug): weight, on_address(slug): True}
        self.values["/mix/temperature"] = 0.5
        self._opening = dict(self.values)
        self._mixed_by = dict(self.values)  # what holds while the mix is held
        self._voices = demo_voices()
        self._random = np.random.default_rng(seed)
        self._seed = seed
        self._chosen = ""  # the letters that come next
        self.text = ""
        self.tints: list[Tint] = []
        self.surprises = bytearray()
        self._chances: list[NDArray[np.float64]] = []  # one row a character: what each voice gave it, NaN: nothing read
        self.sequence = self._epoch = 0
        self._began_at: float | None = None
        self._now = 0.0
        self._gathered = PuckGatherer()
        self._next_at = self._state_at = 0.0
        self._out: deque[ToFront] = deque(self.cards)
        self._expect()

    def take(self, message: ToServer) -> None:
        """What a front end sends."""
        match message:
            case Set(address, value):
                parameter = self.tree[address]
                self.values[address] = parameter.accept(parameter.arguments(value))
                self._out.append(Set(address, self.values[address]))
                self._expect()
            case MorePucks(number, pucks) | CrowdPucks(number, pucks):
                self._gathered.hear(MORE if isinstance(message, MorePucks) else CROWD, "", number, pucks, self._now)
                self._out.append(message)
                self._expect()
            case Step(count):
                for _ in range(count):
                    self._write()
            case Word():
                self._write_to(lambda text: text[-1:].isspace())
            case Finish():
                self._write_to(lambda text: text.rstrip()[-1:] in (".", "!", "?"))
                self._give("/transport/run", False)
            case Panic():
                for address, value in self._opening.items():
                    self._give(address, value)
            case Prime(text):
                self._read("".join(c for c in text if c in "\n\t" or " " <= c <= "~"))
            case Choose(letters):
                self._chosen = letters
                if not self.values["/transport/run"]:
                    for _ in letters:
                        self._write()
            case Likely(rank):
                evidence = self._evidence(self.mixing)
                mixed = joint(self._distributions, self.mixing, self.tree.slugs, evidence=evidence)
                likeliest = np.argsort(-mixed, kind="stable")
                self.take(Choose(chr(likeliest[rank - 1])))
            case Rewind(chars):
                self._cut(max(0, len(self.text) - max(0, chars)))
            case Reset(seed):
                self._seed = self._seed if seed is None else seed
                self._random = np.random.default_rng(self._seed)
                self._cut(0)
            case Since(position):
                for start in range(max(0, position), len(self.text), PIECE):
                    piece = slice(start, start + PIECE)
                    self._out.append(self._past(start, piece))
            case Ping(token):
                self._out.append(Pong(token))

    @property
    def mixing(self) -> dict[str, Value]:
        return {**self.values, **self._gathered.values(self._now)}

    def _give(self, address: str, value: Value) -> None:
        if self.values[address] != value:
            self.values[address] = value
            self._out.append(Set(address, value))

    def _write_to(self, ended: Callable[[str], bool]) -> None:
        """Write until the text has ``ended``, but no more than a line or two."""
        for _ in range(LONGEST):
            self._write()
            if ended(self.text):
                break

    def advance(self, now: float) -> list[ToFront]:
        """Write what is due at ``now`` (seconds) and give all messages."""
        if self._began_at is None:
            self._began_at = self._next_at = self._state_at = now
        self._now = now
        if not self.values["/transport/run"]:
            self._next_at = now
        while self._next_at <= now and self.values["/transport/run"]:
            self._write()
            self._next_at = max(self._next_at + 1 / self._number("/mix/rate"), now - 1.0)
        if self._state_at <= now:
            self._out.extend(Set(address, value) for address, value in self.values.items())
            self._tell_status(now - self._began_at)
            self._state_at = now + 1.0
        out = list(self._out)
        self._out.clear()
        return out

    def _number(self, address: str) -> float:
        value = self.values[address]
        assert not isinstance(value, tuple)
        return float(value)

    def _write(self) -> None:
        """Draw one character and tell it, with who is responsible and what comes next."""
        if not self.values["/transport/hold"]:
            self._mixed_by = self.mixing
        values, slugs = self._mixed_by, self.tree.slugs
        evidence = self._evidence(values)
        mixed = joint(self._distributions, values, slugs, evidence=evidence)
        if not mixed.any():
            return
        code = draw(mixed, self._random.random())
        if self._chosen:
            code, self._chosen = ord(self._chosen[0]), self._chosen[1:]
        weights = effective_weights(values, slugs)
        fusion, alloy = number_of(values, "/mix/fusion"), number_of(values, "/mix/alloy")
        said = grained(with_fusion(weights, fusion), evidence, number_of(values, GRAIN))
        parts = responsibilities(self._distributions[:, code], said, alloy_exponent(alloy))
        self._chances.append(np.where(self._distributions.any(1), self._distributions[:, code], np.nan))
        self._put(chr(code), tint(without_fusion(parts, weights)), surprise_level(float(mixed[code])))
        self._out.append(Joint(self.sequence, quantise(mixed).tobytes()))
        self._tell_char()
        self._expect()

    def _read(self, text: str) -> None:
        for character in text:
            self._chances.append(np.full(len(self._voices) + 1, np.nan))
            self._put(character, ())
        if text:
            self._tell_char()
            self._expect()

    def _cut(self, length: int) -> None:
        self._epoch += 1
        del self._chances[length:]
        self.text, self.tints, self.surprises = self.text[:length], self.tints[:length], self.surprises[:length]
        self._state_at = -math.inf
        self._expect()

    def _put(self, character: str, character_tint: Tint, surprise: int = NO_SURPRISE) -> None:
        self.sequence += 1
        self.surprises.append(surprise)
        self.text += character
        self.tints.append(character_tint)

    def _expect(self) -> None:
        """Let every voice in the mix say what it wants next, and tell the wishes of those awake."""
        context = self.text[-ORDER:] or "\n"
        weights = effective_weights(self.mixing, self.tree.slugs)
        self._distributions = np.zeros((len(self._voices) + 1, 128))
        for voice in np.flatnonzero(weights):
            self._distributions[voice] = self._voices[voice].after(context)
        self._distributions[-1] = fused_distribution(self._distributions[:-1], normalised(weights))
        threshold = min(THRESHOLD, np.abs(weights).max() / 2)
        awake = [voice for voice, weight in enumerate(weights) if weight and abs(weight) >= threshold]
        if self._number("/mix/fusion") > 0.0:
            awake.append(len(self._voices))
        evidence = self._evidence(self.mixing)
        parts = [awake[start : start + PART] for start in range(0, len(awake), PART)]
        for part, voices in enumerate(parts):
            levels = quantise(self._distributions[voices]).tobytes()
            foreseen = quantise_evidence(evidence[voices]).astype(">u2").tobytes()
            self._out.append(Distributions(self.sequence + 1, part, len(parts), tuple(voices), levels, foreseen))

    def _evidence(self, values: Mapping[str, Value]) -> NDArray[np.float64]:
        """(S + 1,) how well each voice foresaw the present word."""
        chars = begun(self.text, int(number_of(values, GRAIN_BOUNDARY)))
        rows = self._chances[len(self._chances) - chars :]
        return evidence_of(np.array(rows).reshape(chars, len(self._voices) + 1))

    def _past(self, start: int, piece: slice) -> Past:
        tints, surprises = tuple(self.tints[piece]), bytes(self.surprises[piece])
        return Past(self._epoch, start, self.text[piece], tints, surprises)

    def _tell_char(self) -> None:
        tail, tints, surprises = (
            self.text[-TAIL_CHARS:],
            tuple(self.tints[-TAIL_CHARS:]),
            bytes(self.surprises[-TAIL_CHARS:]),
        )
        self._out.append(Char(self.sequence, tail[-1], tail, len(self.text), self._epoch, tints, surprises))

    def _tell_status(self, seconds: float) -> None:
        rate = self._number("/mix/rate") if self.values["/transport/run"] else 0.0
        self._out.append(Status(self.sequence, len(self.text), self._epoch, rate, seconds, self._seed, ""))


class FakeLink:
    """``sent`` are the messages sent, values included, oldest first. ``clock`` dates values that are set here."""

    def __init__(self, demo: DemoServer | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.session = SessionState()
        self.where = "here"
        self.access_warning = ""
        self.latency_ms: float | None = None
        self.refused = 0
        self.sent: list[ToServer] = []
        self.closed = False
        self._demo = demo
        self._clock = clock
        self._coming: deque[ToFront] = deque()
        self._asking = MissingTextRequests()
        self._lock = RLock()

    @classmethod
    def demo(cls, seed: int = 1, clock: Callable[[], float] = time.monotonic) -> FakeLink:
        """A link to a small performance that writes by itself at every ``pump``; the same for the same seed."""
        link = cls(DemoServer(seed), clock)
        link.latency_ms = 0.4
        return link

    def deliver(self, messages: Iterable[ToFront]) -> None:
        """What the next ``pump`` finds."""
        self._coming.extend(messages)

    def pump(self, now: float) -> None:
        if self._demo is not None:
            with self._lock:
                self._coming.extend(self._demo.advance(now))
        while self._coming:
            self.session.apply(self._coming.popleft(), now)
        since = self._asking.due(self.session.missing(), now)
        if since is not None:
            self.send(since)

    def set(self, address: str, value: Value) -> None:
        value = self.session.accept(address, value)
        with self._lock:
            self.session.set_locally(address, value, self._clock())
            self.send(Set(address, value))

    def flush(self, now: float) -> float:
        return math.inf

    def send(self, message: ToServer) -> None:
        with self._lock:
            self.sent.append(message)
            if self._demo is not None:
                self._demo.take(message)

    def close(self) -> None:
        self.closed = True
