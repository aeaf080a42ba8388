"""A link without a server: ``FakeLink`` for tests, ``FakeLink.demo()`` to try the windows: it plays by itself.

``FakeLink()`` keeps what is sent in ``sent`` and is fed by ``deliver``. Behind ``FakeLink.demo()`` stands a
``DemoServer``: every voice is a back-off n-gram model of one paragraph (``demo_voices.toml``), so that it can be mixed
and primed like a real one, and the same seed writes the same text. ``tests/frontend/client/test_conformance.py`` plays
the same commands to it and to the real engine. No socket and no thread; values may be set from any thread.
"""

from __future__ import annotations

import math
import re
import time
import tomllib
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from frontend.client.link import Leader, MissingTextRequests
from frontend.client.session_state import SessionState
from protocol.antiphony import Turns
from protocol.grain import begun, grained, quantise_evidence
from protocol.grain import evidence as evidence_of
from protocol.layout import Place
from protocol.measures import NO_SURPRISE, surprise_level
from protocol.messages import (
    TAIL_CHARS,
    Card,
    Char,
    CrowdPucks,
    Distributions,
    FinishSentence,
    HoldShow,
    Joint,
    MorePucks,
    Panic,
    Ping,
    Pong,
    Prime,
    ResendText,
    Reset,
    Rewind,
    Set,
    ShowDocument,
    Status,
    Step,
    TextExcerpt,
    Tint,
    ToFront,
    ToServer,
    WriteWord,
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
from protocol.puck import CROWD, MORE, PuckGatherer
from protocol.sentences import SENTENCE_END_CHARS, ends_sentence
from protocol.tree import (
    GRAIN,
    GRAIN_BOUNDARY,
    OPENING,
    TURN,
    ParameterTree,
    Value,
    number_of,
    on_address,
    weight_address,
)

OPENING_WEIGHTS = {
    "bible": 0.80,
    "austen": 0.60,
    "linux": 0.40,
    "nietzsche": 0.30,
    "lovesongs": 0.20,
    "homer": 0.15,
    "latex": 0.05,
}
PAST_CHARS = 200  # in one Past
VOICES_A_MESSAGE = 8  # in one Distributions
SLEEPS_BELOW = 0.05  # share of the weights
WORD = re.compile(r"\s*(\S+\s|.{40})", re.DOTALL)  # what the command Word writes


def demo_cards() -> list[Card]:
    """The 24 cards in order."""
    rows = voice_rows()
    return [
        Card(
            index,
            len(rows),
            row["slug"],
            row["name"],
            row["monogram"],
            row["colour"],
            row["kind"],
            f"a paragraph in the manner of {row['name']}",
            "one paragraph",
            "MIT, with the rest of Antiphon",
            sprite=row.get("sprite", ""),
        )
        for index, row in enumerate(rows)
    ]


class DemoServer:
    """Answers one front end as the engine would. ``advance`` gives what it sent since the last call.

    ``text``, ``tints``, ``sequence`` and ``values`` are what a front end should come to know.
    """

    def __init__(self, seed: int = 1) -> None:
        self.cards = demo_cards()
        self.tree = ParameterTree(card.slug for card in self.cards)
        self.values: dict[str, Value] = self.tree.defaults()
        for slug, weight in OPENING_WEIGHTS.items():
            self.values |= {weight_address(slug): weight, on_address(slug): True}
        self.values["/mix/temperature"] = 0.5
        self._opening = dict(self.values)
        self._held: dict[str, Value] | None = None  # what the mix is made by while it is held
        self._voices = demo_voices()
        self._random = np.random.default_rng(seed)
        self._seed = seed
        self.text = ""
        self.tints: list[Tint] = []
        self.surprises = bytearray()
        self._chances: list[NDArray[np.float64]] = []  # one row a character: what each voice gave it, NaN: nothing read
        self.sequence = self._epoch = 0
        self._began_at: float | None = None
        self._now = 0.0
        self._gathered = PuckGatherer()
        self._next_at = self._state_at = 0.0
        self._turns = Turns()
        self._finishing: int | None = None  # where the text stood when its sentence was to be finished
        self._out: deque[ToFront] = deque(self.cards)
        self._expect()

    def take(self, message: ToServer) -> None:
        """What a front end sends."""
        match message:
            case Set(address, value):
                parameter = self.tree[address]
                before, value = self.mixing, parameter.accept(parameter.arguments(value))
                self.values[address] = value
                if address == "/transport/hold":
                    self._held = (self._held or before) if value else None
                elif address == "/transport/run" and not value:
                    self._finishing = None
                self._out.append(Set(address, value))
                self._expect()
            case MorePucks(number, pucks) | CrowdPucks(number, pucks):
                self._gathered.hear(MORE if isinstance(message, MorePucks) else CROWD, "", number, pucks, self._now)
                self._out.append(message)
                self._expect()
            case Step(count):
                for _ in range(count):
                    self._write()
            case WriteWord():
                began = self.sequence
                while self._write() and not WORD.fullmatch(self.text[began - self.sequence :]):
                    pass
            case FinishSentence():
                self._finishing = self.sequence if self._finishing is None else self._finishing
                self._give("/transport/run", True)
            case Panic():
                self._finishing = self._held = None
                for address, value in self._opening.items():
                    self._give(address, value)
                self._expect()
            case Prime(text):
                self._read("".join(c for c in text if c in "\n\t" or " " <= c <= "~"))
            case Rewind(chars):
                kept = max(0, len(self.text) - max(0, chars))
                if kept < len(self.text):
                    self._cut(kept)
            case Reset(seed):
                self._finishing = None
                self._seed = self._seed if seed is None else seed
                self._random = np.random.default_rng(self._seed)
                self._cut(0)
                self._read(str(self.values[OPENING]))
            case ResendText(position):
                self._tell_past(max(0, position))
            case Ping(token):
                self._out.append(Pong(token))

    @property
    def mixing(self) -> dict[str, Value]:
        """The values that the next character is mixed by."""
        if self._held is not None:
            return {**self._held, TURN: self.values[TURN]}  # which a hold leaves alone
        return {**self.values, **self._gathered.values(self._now)}

    def _give(self, address: str, value: Value) -> None:
        if self.values[address] != value:
            self.values[address] = value
            self._out.append(Set(address, value))

    def advance(self, now: float) -> list[ToFront]:
        """Write what is due at ``now`` (seconds) and give all messages."""
        if self._began_at is None:
            self._began_at = self._next_at = self._state_at = now
        self._now = now
        if not self.values["/transport/run"]:
            self._next_at = now
        while self._next_at <= now and self.values["/transport/run"]:
            self._write()
            self._next_at = max(self._next_at + 1 / number_of(self.values, "/mix/rate"), now - 1.0)
        if self._state_at <= now:
            self._out.extend(Set(address, value) for address, value in self.values.items())
            self._tell_status()
            self._state_at = now + 1.0
        out = list(self._out)
        self._out.clear()
        return out

    def _write(self) -> bool:
        """Draw one character and tell it, with who is responsible and what comes next; False where nobody speaks."""
        values, slugs = self.mixing, self.tree.slugs
        evidence = self._evidence(values)
        may_follow = Place.behind(self.text).permits(values, code=0.0)
        mixed = joint(self._distributions, values, slugs, allowed=may_follow, evidence=evidence)
        if not mixed.any():  # nobody knows a way on that the layout allows
            mixed = joint(self._distributions, values, slugs, evidence=evidence)
        if not mixed.any():
            return False
        code = draw(mixed, self._random.random())
        weights = effective_weights(values, slugs)
        fusion, alloy = number_of(values, "/mix/fusion"), number_of(values, "/mix/alloy")
        said = grained(with_fusion(weights, fusion), evidence, number_of(values, GRAIN))
        responsibility = responsibilities(self._distributions[:, code], said, alloy_exponent(alloy))
        self._chances.append(np.where(self._distributions.any(1), self._distributions[:, code], np.nan))
        self._put(chr(code), tint(without_fusion(responsibility, weights)), surprise_level(float(mixed[code])))
        self._out.append(Joint(self.sequence, quantise(mixed).tobytes()))
        end = slice(-TAIL_CHARS, None)
        tail, tints, surprises = self.text[end], tuple(self.tints[end]), bytes(self.surprises[end])
        self._out.append(Char(self.sequence, tail[-1], tail, len(self.text), self._epoch, tints, surprises))
        if self._finishing is not None and self._finishing < self.sequence and ends_sentence(self.text):
            self._finishing = None
            self._give("/transport/run", False)
        if (turn := self._turns.wrote(self.text[-SENTENCE_END_CHARS:], values, slugs)) is not None:
            self._give(TURN, turn)
        self._expect()
        return True

    def _read(self, text: str) -> None:
        began = len(self.text)
        for character in text:
            self._chances.append(np.full(len(self._voices) + 1, np.nan))
            self._put(character, ())
        self._tell_status()
        self._tell_past(began)
        self._expect()

    def _cut(self, length: int) -> None:
        self._epoch += 1
        del self._chances[length:]
        self.text, self.tints, self.surprises = self.text[:length], self.tints[:length], self.surprises[:length]
        self._tell_status()
        self._tell_past(max(0, length - TAIL_CHARS))
        self._expect()

    def _put(self, character: str, character_tint: Tint, surprise: int = NO_SURPRISE) -> None:
        self.sequence += 1
        self.surprises.append(surprise)
        self.text += character
        self.tints.append(character_tint)

    def _expect(self) -> None:
        """Let every voice in the mix say what comes next, and tell the distributions of those awake."""
        context = self.text[-CONTEXT_CHARS:] or "\n"
        weights = effective_weights(self.mixing, self.tree.slugs)
        self._distributions = np.zeros((len(self._voices) + 1, 128))
        for voice in np.flatnonzero(weights):
            self._distributions[voice] = self._voices[voice].after(context)
        self._distributions[-1] = fused_distribution(self._distributions[:-1], normalised(weights))
        threshold = min(SLEEPS_BELOW, np.abs(weights).max() / 2)
        awake = [voice for voice, weight in enumerate(weights) if weight and abs(weight) >= threshold]
        if number_of(self.values, "/mix/fusion") > 0.0:
            awake.append(len(self._voices))
        evidence = self._evidence(self.mixing)
        parts = [awake[start : start + VOICES_A_MESSAGE] for start in range(0, len(awake), VOICES_A_MESSAGE)]
        for part, voices in enumerate(parts):
            levels = quantise(self._distributions[voices]).tobytes()
            foreseen = quantise_evidence(evidence[voices]).astype(">u2").tobytes()
            self._out.append(Distributions(self.sequence + 1, part, len(parts), tuple(voices), levels, foreseen))

    def _evidence(self, values: Mapping[str, Value]) -> NDArray[np.float64]:
        """(S + 1,) how well each voice foresaw the present word."""
        chars = begun(self.text, int(number_of(values, GRAIN_BOUNDARY)))
        rows = self._chances[len(self._chances) - chars :]
        return evidence_of(np.array(rows).reshape(chars, len(self._voices) + 1))

    def _tell_past(self, position: int) -> None:
        for start in range(position, len(self.text), PAST_CHARS):
            piece = slice(start, start + PAST_CHARS)
            tints, surprises = tuple(self.tints[piece]), bytes(self.surprises[piece])
            self._out.append(TextExcerpt(self._epoch, start, self.text[piece], tints, surprises))

    def _tell_status(self) -> None:
        rate = number_of(self.values, "/mix/rate") if self.values["/transport/run"] else 0.0
        seconds = self._now - (self._now if self._began_at is None else self._began_at)
        self._out.append(Status(self.sequence, len(self.text), self._epoch, rate, seconds, self._seed, ""))


class FakeLink:
    """``sent`` are the messages sent, values included, oldest first. ``clock`` dates values that are set here.

    ``held`` is what was said last of the show that is held here, ``documents`` what it is made of: they are said again
    and again, and not among the others.
    """

    def __init__(self, demo: DemoServer | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.session = SessionState()
        self.where = "here"
        self.access_warning = ""
        self.leader: Leader | None = None
        self.latency_ms: float | None = None
        self.refused = 0
        self.sent: list[ToServer] = []
        self.held: HoldShow | None = None
        self.documents: list[ShowDocument] = []
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

    @property
    def has_news(self) -> bool:
        return self._demo is not None or bool(self._coming)

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
        if isinstance(message, HoldShow):
            self.held = message
            return
        if isinstance(message, ShowDocument):
            self.documents.append(message)
            return
        with self._lock:
            self.sent.append(message)
            if self._demo is not None:
                self._demo.take(message)

    def close(self) -> None:
        self.closed = True


# ---- the demo's voices, untrained and always the same ----------------------------------------------------------------

CONTEXT_CHARS = 5  # characters of context that a voice looks back on
CONTEXT_TRUST = 0.95  # how far a longer context overrules a shorter one

VOICES_FILE = Path(__file__).parent / "demo_voices.toml"


@cache
def voice_rows() -> tuple[dict[str, str], ...]:
    """Each voice's slug, name, monogram, colour, kind, text and creature, in the order of the cards."""
    return tuple(tomllib.loads(VOICES_FILE.read_text("utf-8"))["voice"])


class NgramVoice:
    """What follows each context of up to ``CONTEXT_CHARS`` characters in ``text``, read as if it repeated for ever."""

    def __init__(self, text: str) -> None:
        self._followers: dict[str, Counter[str]] = defaultdict(Counter)
        ring = text[-CONTEXT_CHARS:] + text
        for place in range(CONTEXT_CHARS, len(ring)):
            for order in range(CONTEXT_CHARS + 1):
                self._followers[ring[place - order : place]][ring[place]] += 1

    def after(self, text: str) -> NDArray[np.float64]:
        """(128,) the distribution of the character after ``text``."""
        p = np.full(128, 1 / 128)
        for order in range(min(CONTEXT_CHARS, len(text)) + 1):
            followers = self._followers.get(text[len(text) - order :])
            if followers is None:
                break
            p *= 1 - CONTEXT_TRUST
            total = followers.total()
            for character, count in followers.items():
                p[ord(character)] += CONTEXT_TRUST * count / total
        return p


@cache
def demo_voices() -> tuple[NgramVoice, ...]:
    return tuple(NgramVoice(row["text"]) for row in voice_rows())


def fused_distribution(distributions: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(128,) in place of the fused network: the distributions' weighted geometric mean, smoothed a little."""
    mean = np.exp(weights @ np.log(distributions + 1e-4))
    return np.asarray(mean / mean.sum())
