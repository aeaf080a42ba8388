"""The performance as the front end knows it: cards, values, text and distributions, put together from messages.

``SessionState.apply`` takes messages that may be lost, doubled or late, and is right again as soon as later messages
allow; windows read its attributes every frame and change nothing. ``set_locally`` shows at once, from any thread, what
the performer moves here, and echoes of older values are ignored for a moment. All else belongs to the UI thread. It
knows no clock but the ``now`` it is given (monotonic seconds).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from protocol.errors import ParameterError
from protocol.fragments import DocumentGatherer, distribution_rows, evidence_rows
from protocol.measures import NO_SURPRISE, bits_of_level
from protocol.messages import (
    AccessChallenge,
    AccessGranted,
    Ahead,
    ArrivalForecast,
    BranchKept,
    Card,
    Char,
    CrowdPucks,
    Distributions,
    Joint,
    MorePucks,
    Narrator,
    ParameterHolder,
    Pong,
    Set,
    ShowAnswer,
    ShowDocument,
    ShowHolder,
    ShowRequest,
    ShowStands,
    Signal,
    SpriteShown,
    Status,
    TextExcerpt,
    Tint,
    ToFront,
)
from protocol.mixing import dequantise
from protocol.puck import CROWD, MORE, Puck, PuckGatherer
from protocol.spelling import Mask, unpack_known
from protocol.tree import LOOKAHEAD, ParameterTree, Value, number_of

# ---- the text, pieced together ---------------------------------------------------------------------------------------

TEXT_KEPT_CHARS = 10_000  # characters
NO_TINT: Tint = ()  # the tint of a character that no voice answers for: primed, or not here yet

Span = tuple[int, int]  # from a position of the text up to, not including, another


class ReceivedText:
    """The end of the performance's text, at most ``TEXT_KEPT_CHARS`` characters, put together from pieces.

    ``text``, ``tints`` and ``surprises`` are equally long; ``text[i]`` stands at position ``dropped + i`` of the whole
    text. Pieces may come late, twice, in any order or not at all. What is not here yet is a hole, shown as spaces, and
    ``missing`` names the first position to ask for again. After text was taken away (rewind, reset) the rest is shown
    and asked for again: another turn may have been lost on the way, and no piece that agrees with what is held proves
    that all of it is the server's still.

    ``revision`` rises whenever anything but appending and trimming happened: what was laid out from ``text`` must then
    be laid out anew. One that replaces another begins with a revision above the other's. Pure; one thread.
    """

    def __init__(self, revision: int = 0) -> None:
        self.text = ""
        self.tints: list[Tint] = []
        self.surprises = bytearray()  # levels as ``protocol.measures`` has them
        self.dropped = 0
        self.revision = revision
        self._promised = 0  # the length that the server told
        self._holes: list[Span] = []  # in order, apart from each other, inside [dropped, end)

    @property
    def end(self) -> int:
        """The position after the last character held."""
        return self.dropped + len(self.text)

    def announce_length(self, length: int) -> None:
        """The server says that the whole text is this long."""
        self._promised = length

    def truncate(self, length: int) -> None:
        """Text was taken away and what is left is ``length`` long; whether it begins as before is not known yet."""
        self._promised = length
        if length < self.end:
            kept = max(0, length - self.dropped)
            self.text, self.tints, self.surprises = self.text[:kept], self.tints[:kept], self.surprises[:kept]
            self.dropped = min(self.dropped, length)
        self._holes = [(self.dropped, self.end)] if self.text else []
        self.revision += 1

    def insert(self, start: int, text: str, tints: Sequence[Tint], surprises: bytes = b"") -> None:
        """Put a piece of the text in its place. ``tints`` one a character, ``surprises`` too or none at all."""
        if len(surprises) != len(text):
            surprises = bytes([NO_SURPRISE]) * len(text)
        skipped = max(0, self._promised - TEXT_KEPT_CHARS - start)  # too old to be kept
        start, text, tints, surprises = start + skipped, text[skipped:], tints[skipped:], surprises[skipped:]
        stop = start + len(text)
        if not text:
            return
        if not self.text:
            self.dropped = start
        if start < self.dropped:
            self._pad_before(start, stop)
        if start > self.end:
            self._holes.append((self.end, start))
            self._append(
                " " * (start - self.end), [NO_TINT] * (start - self.end), bytes([NO_SURPRISE]) * (start - self.end)
            )
        self._write_over(start, text, tints, surprises)
        fresh = max(0, stop - self.end)
        if fresh:
            self._append(text[-fresh:], tints[-fresh:], surprises[-fresh:])
        self._promised = max(self._promised, stop)
        self._trim()

    def missing(self) -> int | None:
        """The first position worth asking for again, or None when all is here."""
        oldest = max(0, self._promised - TEXT_KEPT_CHARS)
        if self.dropped > oldest:
            return oldest
        if self._holes:
            return self._holes[0][0]
        return self.end if self.end < self._promised else None

    def _pad_before(self, start: int, stop: int) -> None:
        """Make room for an older piece; what lies between it and the page is a hole."""
        room = self.dropped - start
        if stop < self.dropped:
            self._holes.insert(0, (stop, self.dropped))
        self.text = " " * room + self.text
        self.tints[:0] = [NO_TINT] * room
        self.surprises[:0] = bytes([NO_SURPRISE]) * room
        self.dropped = start
        self.revision += 1

    def _write_over(self, start: int, text: str, tints: Sequence[Tint], surprises: bytes) -> None:
        """Let the piece replace what is held at its positions; the holes it covers are filled."""
        low, high = start - self.dropped, min(start + len(text), self.end) - self.dropped
        if high <= low:
            return
        piece, piece_tints = text[: high - low], tints[: high - low]
        if self.text[low:high] != piece or self.tints[low:high] != list(piece_tints):
            self.text = self.text[:low] + piece + self.text[high:]
            self.tints[low:high] = piece_tints
            self.surprises[low:high] = surprises[: high - low]
            self.revision += 1
        self._holes = [part for hole in self._holes for part in _without(hole, (start, start + len(text)))]

    def _append(self, text: str, tints: Sequence[Tint], surprises: bytes) -> None:
        self.text += text
        self.tints.extend(tints)
        self.surprises.extend(surprises)

    def _trim(self) -> None:
        excess = len(self.text) - TEXT_KEPT_CHARS
        if excess > 0:
            self.text = self.text[excess:]
            del self.tints[:excess], self.surprises[:excess]
            self.dropped += excess
            self._holes = [part for hole in self._holes for part in _without(hole, (0, self.dropped))]


def _without(span: Span, covered: Span) -> list[Span]:
    """What of ``span`` lies outside ``covered``: no, one or two spans."""
    before = (span[0], min(span[1], covered[0]))
    after = (max(span[0], covered[1]), span[1])
    return [part for part in (before, after) if part[0] < part[1]]


def still_ahead(told: Ahead, epoch: int, sequence: int, text: str) -> str:
    """What is left of ``told`` before the end of ``text``, whose last character has number ``sequence``.

    Nothing where another text stands, or it went another way; nothing, too, of a place that the text has not reached.
    """
    since = sequence + 1 - told.sequence
    if told.epoch != epoch or not 0 <= since < len(told.letters):
        return ""
    return told.letters[since:] if text.endswith(told.letters[:since]) else ""


LOCAL_VALUE_LEADS_S = 0.5  # seconds for which a value set here is not overruled by the server's echo
SERVER_RESTARTED_AFTER_S = 1.5  # seconds without anything new, after which old numbers mean that a server began again
MAX_WAITING_SIGNALS = 2_048  # that wait for whoever plays them; with 24 voices those of more than a second

MAX_WAITING_COMMANDS = 64  # commands of a show that wait for a frame

Distribution = NDArray[np.float64]  # (128,), the probability of each next character, sums to 1
# for which character; what is expected; how well each foresaw the word; which characters go on in known words
KnownSet = tuple[int, dict[int, Distribution], dict[int, float], Mask | None]


@dataclass(frozen=True)
class SampledCharacter:
    """The character that was last sampled, with the distributions that it was drawn from."""

    sequence: int
    character: str
    joint: Distribution
    distributions: dict[int, Distribution]  # of the voices awake then, by index; empty when they were lost
    evidence: dict[int, float]  # theirs, by index, as ``protocol.grain`` has it; whoever is left out has 0
    known: Mask | None  # characters that went on in known words; None where all did
    at: float  # monotonic seconds when it was complete here


class SessionState:
    """What is known now. Read every attribute; call only ``apply``, ``set_locally``, ``follow_server`` and ``missing``.

    ``cards`` is empty until every voice's card is here. ``values`` has one value for every address of ``tree``.
    ``text`` and ``tints`` are the end of the performance's text (see ``frontend.client.session_state``); ``revision``
    rises whenever they changed otherwise than by appending at the end and dropping at the beginning. ``distributions``
    are the latest complete set, of the voices awake, by index, the fused network's as one voice more than there are
    cards; they wait for character ``distributions_sequence``. ``evidence`` is how well each foresaw the present word,
    ``known`` which characters go on in known words, None: all.
    """

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self.tree = ParameterTree(())
        self.values: dict[str, Value] = self.tree.defaults()
        self.epoch = 0
        self.sequence = 0
        self.distributions: dict[int, Distribution] = {}
        self.evidence: dict[int, float] = {}
        self.known: Mask | None = None
        self.distributions_sequence = -1
        self.lit: SampledCharacter | None = None
        self.status: Status | None = None
        self.heard_at = -math.inf  # monotonic seconds of the last message
        self.lost = 0  # characters whose own datagram never came
        self.signals: deque[Signal] = deque(maxlen=MAX_WAITING_SIGNALS)  # heard and not taken yet, oldest first
        # what a show asks for, with when it came
        self.commands: deque[tuple[float, ShowRequest]] = deque(maxlen=MAX_WAITING_COMMANDS)
        self.show: ShowHolder | None = None  # who holds the show, as the server said last
        self.stands: ShowStands | None = None  # where the show stands, as its holder said last
        self.documents = DocumentGatherer()  # what the show is made of
        self.sprite: SpriteShown | None = None  # the creature on the stage, as who holds the show said last
        self.sprite_at = -math.inf
        self._page = ReceivedText()
        self._dealt: dict[int, Card] = {}
        self._early: dict[str, Value] = {}  # values told before the cards were complete
        self._led: dict[str, float] = {}  # when each address was last set here
        self.here = ""  # the place that this front end has for the server
        self._ahead: dict[int, Ahead] = {}  # by voice, the latest that was told; replaced, never changed
        # what was found to be ahead, and of what: windows ask several times a frame
        self._still_ahead: tuple[object, object, object, dict[int, str]] = (None, None, None, {})
        self.arriving = ArrivalForecast("")  # where the text is to come
        self.narrator = Narrator("")  # who is behind the control sense, and how often it is done in time
        self.branches: tuple[BranchKept, ...] = ()  # what rewinds left, the oldest first
        self.taken: dict[str, str] = {}  # parameters that another program set, and its place; to be read and emptied
        self._gathered = PuckGatherer()
        self._leading = Lock()  # guards ``_led``, and the values against being led while an echo is looked at
        self._news_at = -math.inf  # when something last came that was not older than what is known
        self._distributions_at = -math.inf  # the same for distributions
        self._parts: dict[int, Distributions] = {}  # the set being put together
        self._previous: KnownSet = (-1, {}, {}, None)  # the set before the present one
        self._char: Char | None = None
        self._joint: tuple[int, Distribution] | None = None
        self.threshold = 0.0  # bits that the next character may have under the surprise fader; 0: any

    @property
    def slugs(self) -> tuple[str, ...]:
        return self.tree.slugs

    @property
    def text(self) -> str:
        return self._page.text

    @property
    def tints(self) -> list[Tint]:
        """One tint a character of ``text``; do not change it."""
        return self._page.tints

    @property
    def surprises(self) -> bytearray:
        """One level of surprise a character of ``text``, as ``protocol.measures`` has them; do not change it."""
        return self._page.surprises

    def surprise(self, position: int) -> float | None:
        """How surprising the character at a position of the whole text was, in bits; None where nobody knows."""
        at = position - self._page.dropped
        return bits_of_level(self._page.surprises[at]) if 0 <= at < len(self._page.surprises) else None

    @property
    def dropped(self) -> int:
        """The position in the whole text of the first character of ``text``."""
        return self._page.dropped

    @property
    def length(self) -> int:
        """The length of the whole text, as far as it is here."""
        return self._page.end

    @property
    def revision(self) -> int:
        return self._page.revision

    def missing(self) -> int | None:
        """The position to send ``ResendText`` for, or None when no text is missing."""
        return self._page.missing()

    @property
    def ahead(self) -> dict[int, str]:
        """The letters that leading voices would write next, by index, and the mix's, as far as the text goes that way.

        What was told before the last letters came holds as long as they are the letters that it said.
        """
        wanted, told, text = number_of(self.values, LOOKAHEAD), self._ahead, self.text
        looked = (wanted, self.epoch, self.sequence)
        known, still, before, found = self._still_ahead
        if known != looked or still is not told or before is not text:
            found = {voice: still_ahead(each, self.epoch, self.sequence, text) for voice, each in told.items()}
            found = {voice: letters for voice, letters in found.items() if letters} if wanted else {}
            self._still_ahead = looked, told, text, found
        return found

    @property
    def more(self) -> tuple[Puck, ...]:
        """The performer's pucks besides the one."""
        return self._gathered.present(MORE, self.heard_at)

    @property
    def crowd(self) -> tuple[Puck, ...]:
        """The crowd's pucks."""
        return self._gathered.present(CROWD, self.heard_at)

    @property
    def mixing(self) -> Mapping[str, Value]:
        """``values`` and, beside them, all pucks that have a part in the mix."""
        pucks = self._gathered.values(self.heard_at)
        return {**self.values, **pucks} if pucks else self.values

    def accept(self, address: str, value: Value) -> Value:
        """``value`` as the tree takes it, clamped to its range.

        Raises ``ParameterError`` for an address that the tree lacks and for what is no finite number.
        """
        if address not in self.tree:
            raise ParameterError(f"there is no parameter {address}")
        parameter = self.tree[address]
        return parameter.accept(parameter.arguments(value))

    def set_locally(self, address: str, value: Value, now: float) -> None:
        """Set a value here, before the server knows; its echoes are ignored for ``LOCAL_VALUE_LEADS_S`` seconds."""
        with self._leading:
            if address in self.values:  # the choir may have changed since it was accepted
                self.values[address] = value
                self._led[address] = now

    def follow_server(self) -> None:
        """Let the server's values hold again at once, whatever was set here a moment ago."""
        with self._leading:
            self._led.clear()

    def apply(self, message: ToFront, now: float) -> None:
        """Take one message in."""
        self.heard_at = now
        match message:
            case Char():
                self._apply_char(message, now)
            case TextExcerpt():
                if message.epoch == self.epoch:
                    self._page.insert(message.position, message.text, message.tints, message.surprises)
            case Distributions():
                self._apply_distributions(message, now)
            case Joint():
                self.threshold = message.threshold
                self._joint = (message.sequence, _distribution(dequantise(np.frombuffer(message.levels, np.uint8))))
                self._light(now)
            case Set():
                self._apply_value(message, now)
            case ParameterHolder(address, who):
                if who == self.here:
                    self.taken.pop(address, None)
                else:
                    self.taken[address] = who
            case ArrivalForecast():
                self.arriving = message
            case Ahead():
                before = self._ahead.get(message.voice)
                if before is None or (before.epoch, before.sequence) <= (message.epoch, message.sequence):
                    self._ahead = {**self._ahead, message.voice: message}
            case Narrator():
                self.narrator = message
            case BranchKept():
                others = [each for each in self.branches if each.index != message.index]
                kept = sorted([*others, message], key=lambda each: each.index)
                self.branches = tuple(kept[: message.count])
            case MorePucks(number, pucks):
                self._gathered.hear(MORE, "", number, pucks, now)
            case CrowdPucks(number, pucks):
                self._gathered.hear(CROWD, "", number, pucks, now)
            case Status():
                self._apply_status(message, now)
            case Card():
                self._apply_card(message)
            case Signal():
                self.signals.append(message)
            case ShowRequest():
                self.commands.append((now, message))
            case ShowHolder():
                self.show = message
            case ShowStands():
                self.stands = message
            case ShowDocument():
                self.documents.hear(message)
            case SpriteShown():
                self.sprite, self.sprite_at = message, now
            case Pong() | AccessChallenge() | AccessGranted() | ShowAnswer():
                pass  # the link's own affairs

    def _is_news(self, epoch: int, sequence: int, now: float) -> bool:
        """Whether what bears these numbers is no older than what is known.

        Where nothing but old numbers came for ``SERVER_RESTARTED_AFTER_S`` seconds, another server plays now: all its
        text is new.
        """
        if (epoch, sequence) < (self.epoch, self.sequence):
            if now - self._news_at < SERVER_RESTARTED_AFTER_S:
                return False
            self._begin_again(epoch, sequence)
        self._news_at = now
        return True

    def _begin_again(self, epoch: int, sequence: int) -> None:
        """Another server plays: nothing that was written before counts."""
        self._page = ReceivedText(self.revision + 1)
        self._ahead = {}
        self.epoch, self.sequence, self.status = epoch, sequence, None
        self.distributions_sequence, self._parts, self._char, self._joint = -1, {}, None, None

    def _apply_status(self, status: Status, now: float) -> None:
        if self.status is not None and status.seconds < self.status.seconds - SERVER_RESTARTED_AFTER_S:
            self._begin_again(status.epoch, status.sequence)
        if not self._is_news(status.epoch, status.sequence, now):
            return
        self._turn(status.epoch, status.length)
        self.sequence = status.sequence
        self._page.announce_length(status.length)
        self.status = status

    def _turn(self, epoch: int, length: int) -> None:
        """Text was taken away where the epoch rose. Characters written since are beyond ``length``."""
        if epoch > self.epoch:
            self.epoch = epoch
            self._page.truncate(length)

    def _apply_char(self, char: Char, now: float) -> None:
        last, began = self.sequence, self._char is not None or self.status is not None
        same_text = char.epoch == self.epoch
        if not self._is_news(char.epoch, char.sequence, now):
            return
        if began and same_text and char.sequence > last + 1:
            self.lost += _unheard(char, char.sequence - last - 1)
        self._turn(char.epoch, char.length)
        self.sequence = char.sequence
        self._page.announce_length(char.length)
        self._page.insert(char.length - len(char.tail), char.tail, char.tints, char.surprises)
        self._char = char
        self._light(now)

    def _light(self, now: float) -> None:
        """A character and the joint that it was drawn from are lit as soon as both are here."""
        if self._char is None or self._joint is None or self._char.sequence != self._joint[0]:
            return
        sequence, joint = self._joint
        if self.lit is not None and self.lit.sequence == sequence and self.lit.character == self._char.character:
            return
        sets = (self._present, self._previous)
        wishes, evidence, known = next((each[1:] for each in sets if each[0] == sequence), ({}, {}, None))
        self.lit = SampledCharacter(sequence, self._char.character, joint, wishes, evidence, known, now)

    def _apply_distributions(self, message: Distributions, now: float) -> None:
        first = next(iter(self._parts.values()), message)
        if (
            message.sequence < max(self.distributions_sequence, first.sequence)
            and now - self._distributions_at < SERVER_RESTARTED_AFTER_S
        ):
            return
        if (first.sequence, first.parts) != (message.sequence, message.parts):
            self._parts = {}
        self._distributions_at = now
        self._parts[message.part] = message
        rows = distribution_rows(self._parts.values())
        if rows is None:
            return
        if self.distributions_sequence != message.sequence:
            self._previous = self._present
        self.distributions = {voice: _distribution(row) for voice, row in rows.items() if voice <= len(self.cards)}
        self.evidence = evidence_rows(self._parts.values())
        self.known = unpack_known(message.known)
        self.distributions_sequence = message.sequence
        self._parts = {}

    @property
    def _present(self) -> KnownSet:
        return self.distributions_sequence, self.distributions, self.evidence, self.known

    def _apply_value(self, message: Set, now: float) -> None:
        if message.address not in self.tree:
            if not self.cards:
                self._early[message.address] = message.value
            return
        with self._leading:
            if now - self._led.get(message.address, -math.inf) >= LOCAL_VALUE_LEADS_S:
                self.values[message.address] = message.value

    def _apply_card(self, card: Card) -> None:
        others = self._dealt.values()
        if self._dealt.get(card.index, card) != card or any(other.count != card.count for other in others):
            self._dealt = {}  # another choir's cards are being dealt
        self._dealt[card.index] = card
        cards = [self._dealt[index] for index in sorted(self._dealt)]
        if len(cards) < card.count or cards == self.cards:
            return
        self.cards = cards
        tree = ParameterTree(card.slug for card in cards)
        with self._leading:
            known = {**self.values, **self._early}
            self.tree = tree
            self.values = {address: known.get(address, default) for address, default in tree.defaults().items()}
        self._early = {}


def _distribution(p: Distribution) -> Distribution:
    """(V,) a distribution, of which quantising left the sum a little off 1."""
    total = float(p.sum())
    return p / total if total > 0 else np.full(len(p), 1 / len(p))


def _unheard(char: Char, gap: int) -> int:
    """How many of the ``gap`` characters before ``char`` had a datagram of their own: primed ones, told by their empty
    tints, had none. Beyond the tail the oldest character seen speaks for the rest."""
    seen = char.tints[-1 - gap : -1]
    written = sum(1 for tint in seen if tint)
    return written + (gap - len(seen) if seen and seen[0] else 0)
