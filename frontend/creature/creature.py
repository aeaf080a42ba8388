"""The creature of a text: asked for as words and weights move, kept as it was where a sentence ended.

While a sentence is written, its words move the noise and the voices' present weights the mix, read as late as a
letter's. One request is under way at a time, so a slow artist means fewer frames and nothing else. What stays behind a
sentence is made of its words and of who wrote them, and of nothing that frames or hands decide: a take, a film and who
comes later see the same. Pure but for the artist; UI thread.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from frontend.client.session_state import SessionState
from frontend.creature.artist import AnyArtist
from frontend.creature.sentences import Sentence, SentenceFollower
from protocol.messages import Card, SpriteShown, Tint
from protocol.sprites import (
    NOISE_NUMBERS,
    Noise,
    Picture,
    SpriteRequest,
    category_mix,
    mix_of_words,
    sentence_noise,
    shown,
    sized,
)
from protocol.tree import CREATURE

GLIDE_S = 0.35  # seconds in which a word's step is taken
NEWS_PERIOD_S = 1 / 15  # seconds between two messages on what is shown, where it changes
SAID_AGAIN_S = 1.0  # seconds, where it does not
MOST_ASKED = 12  # pictures in a frame
LEAST_SHARE = 0.02  # of a voice that colours a creature
READ_AT_ONCE = 100  # characters of a whole text: more sentences than a follower remembers are not in so few
WRITTEN_WORD = re.compile(r"(?:[A-Za-z0-9']+[^A-Za-z0-9']+)*")  # words that are finished


@dataclass(frozen=True, eq=False)
class KeptCreature:
    """What stands behind a sentence's last mark; ``since`` is when it ended, where that was seen.

    Until it is ``settled`` it is the one that was alive when the sentence ended.
    """

    picture: Picture
    since: float | None
    settled: bool = True


class Creature:
    """``picture`` is the one that is alive, ``kept`` those of ended sentences, by the position of their last mark."""

    def __init__(self, artist: AnyArtist) -> None:
        self._artist = artist
        self._sentences = SentenceFollower()
        self._cards: Sequence[Card] | None = None
        self._mixes: list[dict[str, float]] = []
        self._colours: list[str] = []
        self._number = 0
        self._request: SpriteRequest | None = None  # the last one
        self._alive: SpriteRequest | None = None  # what ``picture`` was drawn for
        self._said: SpriteShown | None = None
        self._said_at = -math.inf
        self._asked: tuple[object, ...] = ()  # what the last request for the living one was made of
        self._for: Sentence | None = None  # which one that has ended the last request is for
        self._kept_next = True  # whether it is the turn of one that has ended
        self._goal = (np.zeros(NOISE_NUMBERS, np.float32), -1.0)  # where the noise goes, and since when
        self._from: Noise = self._goal[0]
        self._words = ("", "")
        self.picture: Picture | None = None
        self.born = 0.0  # when the living one's sentence began
        self.kept: dict[int, KeptCreature] = {}
        self._nothing: set[int] = set()  # sentences that have none

    @property
    def trouble(self) -> str:
        return self._artist.trouble

    def follow(self, session: SessionState, shares: Sequence[float], now: float) -> None:
        """Once a frame: ``shares`` are the voices' weights as they are this moment, one a card."""
        self._hear(now)
        if session.cards is not self._cards:
            self._cards = session.cards
            self._mixes = [mix_of_words(card.sprite) for card in session.cards]
            self._colours = [card.colour for card in session.cards]
        if len(shares) != len(self._mixes):
            return
        self._read(session, now)
        for _ in range(MOST_ASKED):  # more than one where the artist is waited for, as for films
            if not self._artist.may_ask(now):
                return
            if self._kept_next and self._ask_for_kept(session, now):
                self._kept_next = False
            elif self._ask_for_living(session, shares, now):
                self._kept_next = True
            elif self._kept_next or not self._ask_for_kept(session, now):
                return
            self._hear(now)

    def news(self, seen: bool, now: float) -> SpriteShown | None:
        """What is to be said by OSC of the living one now, where the audience has ``seen`` it; None: nothing new."""
        there = seen and self.picture is not None and self._alive is not None
        said = shown(self._alive) if there and self._alive else SpriteShown("")
        since = now - self._said_at
        if since < NEWS_PERIOD_S or (said == self._said and since < SAID_AGAIN_S):
            return None
        self._said, self._said_at = said, now
        return said

    def _hear(self, now: float) -> None:
        answer = self._artist.take(now)
        if answer is None or answer[0] != self._number:
            return
        if self._for is None:
            self.picture, self._alive = answer[1], self._request
        elif self._for not in self._sentences.ended:
            pass  # it was taken back meanwhile
        elif answer[1] is not None:
            before = self.kept.get(self._for.last)
            self.kept[self._for.last] = KeptCreature(answer[1], before.since if before else None)
        else:
            self._leave_out(self._for.last)

    def _leave_out(self, place: int) -> None:
        self._nothing.add(place)
        self.kept.pop(place, None)

    def _ask(self, request: SpriteRequest, now: float) -> None:
        self._number, self._request = request.number, request
        self._artist.ask(request, now)

    def _read(self, session: SessionState, now: float) -> None:
        """Take in the text; a sentence that has just ended leaves its creature behind it."""
        follower = self._sentences
        before = follower.ended
        known = before[-1].last if before else -1
        anew = follower.follow(session.text, session.dropped, session.revision)
        if anew:
            places = {sentence.last for sentence in follower.ended if sentence in before}
            self.kept = {place: kept for place, kept in self.kept.items() if place in places}
            self._nothing &= places
        elif follower.ended and follower.ended[-1].last > known:
            ended = follower.ended[-1]
            if self.picture is not None:
                self.kept[ended.last] = KeptCreature(self.picture, now, settled=False)
            self.born = now
            oldest = follower.ended[0].last
            self.kept = {place: kept for place, kept in self.kept.items() if place >= oldest}
        finished = WRITTEN_WORD.match(follower.begun)
        words = (follower.before, finished.group() if finished else "")
        if words != self._words or self._goal[1] < 0.0:
            began = words[0] != self._words[0] or anew
            self._from = self._noise(now)
            self._goal, self._words = (sentence_noise(*words), now), words
            if began:
                self._from = self._goal[0]

    def _noise(self, now: float) -> Noise:
        """On the way from word to word; of the same size all along."""
        goal, since = self._goal
        share = min(1.0, max(0.0, (now - since) / GLIDE_S)) if since >= 0.0 else 1.0
        if share >= 1.0:
            return goal
        share = share * share * (3.0 - 2.0 * share)
        return sized((np.float32(1.0 - share) * self._from + np.float32(share) * goal).astype(np.float32))

    def _mix(self, session: SessionState, shares: Sequence[float]) -> dict[str, float]:
        """What a creature is made of: what a scene says, or what the voices of these shares do."""
        return mix_as_said(str(session.values.get(CREATURE, "")), shares, self._mixes)

    def _ask_for_living(self, session: SessionState, shares: Sequence[float], now: float) -> bool:
        """The one that is alive; whether it is not as it was asked for last."""
        mix = self._mix(session, shares)
        if not mix:
            self.picture = None
            return False
        tints, noise = tints_of(shares, self._colours), self._noise(now)
        made = (tuple(sorted(mix.items())), tuple(tints), noise.tobytes())
        if made == self._asked:
            return False
        self._asked, self._for = made, None
        self._ask(SpriteRequest.of(self._number + 1, mix, noise, tints), now)
        return True

    def _ask_for_kept(self, session: SessionState, now: float) -> bool:
        """One of a sentence that has ended, the newest first; whether there was one to ask for."""
        for sentence in reversed(self._sentences.ended):
            kept = self.kept.get(sentence.last)
            if (kept and kept.settled) or sentence.last in self._nothing:
                continue
            shares = writers(session.tints, session.dropped, sentence, len(session.cards))
            mix = self._mix(session, shares)
            if not mix:
                self._leave_out(sentence.last)
                continue
            self._for = sentence
            self._ask(request_of(self._number + 1, sentence, mix, tints_of(shares, self._colours)), now)
            return True
        return False


def requests_of(
    text: str,
    tints: Sequence[Tint],
    colours: Sequence[str],
    sprites: Sequence[str],
    said: Callable[[int], str] = lambda place: "",
) -> Iterator[tuple[int, SpriteRequest]]:
    """What stays behind each sentence of a whole ``text``, by the place of its last mark: those that a stage had.

    ``colours`` and ``sprites`` are the voices', as their cards have them; ``said`` is what a scene said at a place.
    """
    follower, mixes, done = SentenceFollower(), [mix_of_words(words) for words in sprites], -1
    for end in range(0, len(text) + READ_AT_ONCE, READ_AT_ONCE):
        follower.follow(text[:end], 0, 0)
        for sentence in follower.ended:
            if sentence.last <= done:
                continue
            done = sentence.last
            shares = writers(tints, 0, sentence, len(colours))
            if mix := mix_as_said(said(done), shares, mixes):
                yield done, request_of(done, sentence, mix, tints_of(shares, colours))


def request_of(
    number: int, sentence: Sentence, mix: Mapping[str, float], tints: Sequence[tuple[float, str]]
) -> SpriteRequest:
    """For what stays behind a sentence that has ended."""
    return SpriteRequest.of(number, mix, sentence_noise(sentence.before, sentence.text), tints)


def mix_as_said(said: str, shares: Sequence[float], mixes: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The categories' weights: as a scene ``said``, or as the ``mixes`` of the voices of these shares make them."""
    chosen = mix_of_words(said)
    return category_mix([1.0], [chosen]) if any(chosen.values()) else category_mix(shares, mixes)


def tints_of(shares: Sequence[float], colours: Sequence[str]) -> list[tuple[float, str]]:
    """Shares and colours of those who colour a creature."""
    return [
        (min(1.0, float(share)), colour) for share, colour in zip(shares, colours, strict=True) if share >= LEAST_SHARE
    ]


def writers(tints: Sequence[Tint], dropped: int, sentence: Sentence, count: int) -> list[float]:
    """Who wrote the end of a sentence, as shares; all 0 where nobody knows."""
    last = sentence.last - dropped
    whole = [0.0] * count
    for tint in tints[max(0, last + 1 - len(sentence.text)) : max(0, last + 1)]:
        for voice, part in tint:
            if voice < count:
                whole[voice] += part
    total = sum(whole)
    return [part / total for part in whole] if total else whole
