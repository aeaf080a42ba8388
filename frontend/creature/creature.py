"""The creature of a text: asked for as words and weights move, kept as it was where a sentence ended.

While a sentence is written, its words move the noise and the voices' present weights the mix, read as late as a
letter's. One request is under way at a time, so a slow artist means fewer frames and nothing else. A creature of a
sentence that ended unseen is made of who wrote it. Pure but for the artist; UI thread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from frontend.client.session_state import SessionState
from frontend.creature.artist import AnyArtist
from frontend.creature.sentences import Sentence, SentenceFollower
from protocol.messages import Card, Tint
from protocol.sprites import (
    NOISE_NUMBERS,
    Noise,
    Picture,
    SpriteRequest,
    category_mix,
    mix_of_words,
    sentence_noise,
    sized,
)
from protocol.tree import CREATURE

GLIDE_S = 0.35  # seconds in which a word's step is taken
LEAST_SHARE = 0.02  # of a voice that colours a creature
WRITTEN_WORD = re.compile(r"(?:[A-Za-z0-9']+[^A-Za-z0-9']+)*")  # words that are finished


@dataclass(frozen=True, eq=False)
class KeptCreature:
    """What stands behind a sentence's last mark; ``since`` is when it ended, where that was seen."""

    picture: Picture
    since: float | None


class Creature:
    """``picture`` is the one that is alive, ``kept`` those of ended sentences, by the position of their last mark."""

    def __init__(self, artist: AnyArtist) -> None:
        self._artist = artist
        self._sentences = SentenceFollower()
        self._cards: Sequence[Card] | None = None
        self._mixes: list[dict[str, float]] = []
        self._number = 0
        self._asked: tuple[object, ...] = ()  # what the last request for the living one was made of
        self._for: int | None = None  # the position that a request for a kept one is for
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
        if len(shares) != len(self._mixes):
            return
        self._read(session, now)
        if self._artist.may_ask(now):
            mix = self._mix(session, shares)
            if not mix:
                self.picture = None
            tints = tints_of(shares, session.cards)
            noise = self._noise(now)
            made = (tuple(sorted(mix.items())), tuple(tints), noise.tobytes())
            if mix and made != self._asked:
                self._asked, self._for = made, None
                self._ask(SpriteRequest.of(self._number + 1, mix, noise, tints), now)
            else:
                self._ask_for_kept(session, now)

    def _hear(self, now: float) -> None:
        answer = self._artist.take(now)
        if answer is None or answer[0] != self._number:
            return
        if self._for is None:
            self.picture = answer[1]
        elif answer[1] is not None:
            self.kept[self._for] = KeptCreature(answer[1], None)
        else:
            self._nothing.add(self._for)

    def _ask(self, request: SpriteRequest, now: float) -> None:
        self._number = request.number
        self._artist.ask(request, now)

    def _read(self, session: SessionState, now: float) -> None:
        """Take in the text; a sentence that has just ended leaves its creature behind it."""
        follower = self._sentences
        known = follower.ended[-1].last if follower.ended else -1
        anew = follower.follow(session.text, session.dropped, session.revision)
        if anew:
            places = {sentence.last for sentence in follower.ended}
            self.kept = {place: kept for place, kept in self.kept.items() if place in places}
            self._nothing &= places
        elif follower.ended and follower.ended[-1].last > known:
            ended = follower.ended[-1]
            if self.picture is not None:
                self.kept[ended.last] = KeptCreature(self.picture, now)
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
        said = mix_of_words(str(session.values.get(CREATURE, "")))
        return category_mix([1.0], [said]) if any(said.values()) else category_mix(shares, self._mixes)

    def _ask_for_kept(self, session: SessionState, now: float) -> None:
        """One of those sentences that ended before anybody looked, the newest first."""
        for sentence in reversed(self._sentences.ended):
            if sentence.last in self.kept or sentence.last in self._nothing:
                continue
            shares = writers(session.tints, session.dropped, sentence, len(session.cards))
            mix = self._mix(session, shares)
            if not mix:
                self._nothing.add(sentence.last)
                continue
            noise = sentence_noise(sentence.before, sentence.text)
            self._for = sentence.last
            self._ask(SpriteRequest.of(self._number + 1, mix, noise, tints_of(shares, session.cards)), now)
            return


def tints_of(shares: Sequence[float], cards: Sequence[Card]) -> list[tuple[float, str]]:
    """Shares and colours of those who colour a creature."""
    return [
        (min(1.0, float(share)), card.colour) for share, card in zip(shares, cards, strict=True) if share >= LEAST_SHARE
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
