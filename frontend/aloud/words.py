"""From letters to what is said: words, or phrases, each with whose it is; and how fast, so that speech keeps up. Pure.

A word is said when it has ended. Speech may be one word behind the text and no more: it quickens as the words do, and
where that is not enough words are left out, which is counted. Times are monotonic seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from frontend.look.surplus import shares_of_tints
from protocol.messages import Tint

Unit = Literal["word", "phrase"]
LONGEST_PHRASE_WORDS = 12
MAX_SAID_CHARS = 200  # characters that are said at once
PHRASE_ENDS = ".,;:!?\n"
MEAN_OF = 6  # words from whose ends the pace is told
HURRY = 1.15  # times as fast as the words come
FASTEST = 450.0  # words a minute that an engine speaks
USUAL = 175.0


@dataclass(frozen=True)
class Saying:
    """``text`` ended at ``at``; ``voice`` is the index of whose it is, None for nobody's; ``words`` how many it has."""

    text: str
    at: float
    voice: int | None
    words: int = 1


class Collector:
    """Puts letters together. ``voices`` is how many there are."""

    def __init__(self, unit: Unit, voices: int) -> None:
        self._unit, self.voices = unit, voices
        self._letters, self._tints = "", list[Tint]()

    def clear(self) -> None:
        """The text was taken away: what had begun is not said."""
        self._letters, self._tints = "", []

    def take(self, character: str, tint: Tint, at: float) -> Saying | None:
        """One more letter; what has ended with it."""
        if not character.isspace():
            self._letters += character
            self._tints.append(tint)
            if len(self._letters) < MAX_SAID_CHARS:
                return None
        elif self._unit == "phrase" and self._letters.strip():
            words = len(self._letters.split())
            ended = self._letters.rstrip()[-1] in PHRASE_ENDS or character == "\n" or words >= LONGEST_PHRASE_WORDS
            if not ended:
                self._letters += " "
                self._tints.append(())
                return None
        text, tints = self._letters.strip(), self._tints
        self.clear()
        if not any(letter.isalnum() for letter in text):
            return None
        return Saying(text, at, whose(tints, self.voices), len(text.split()))


def whose(tints: Sequence[Tint], voices: int) -> int | None:
    """The index of the voice that wrote most of it."""
    shares = shares_of_tints(tints, voices).sum(axis=0)
    return int(shares.argmax()) if len(shares) and shares.max() > 0.0 else None


class Pacer:
    """What is to be said next, and how fast. At most one saying waits; ``dropped`` counts those that were left out."""

    def __init__(self) -> None:
        self._waiting: deque[Saying] = deque(maxlen=1)
        self._ends: deque[tuple[float, int]] = deque(maxlen=MEAN_OF)
        self.dropped = 0

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    def put(self, saying: Saying) -> None:
        self._ends.append((saying.at, saying.words))
        self.dropped += len(self._waiting)
        self._waiting.append(saying)

    def clear(self) -> None:
        self._waiting.clear()

    def next(self) -> Saying | None:
        return self._waiting.popleft() if self._waiting else None

    @property
    def words_per_minute(self) -> float:
        """How fast the next one is to be spoken: as usual, or as fast as words come, and a little more."""
        if len(self._ends) < 2:
            return USUAL
        seconds = self._ends[-1][0] - self._ends[0][0]
        words = sum(words for _, words in list(self._ends)[1:])
        return USUAL if seconds <= 0.0 else min(FASTEST, max(USUAL, HURRY * 60.0 * words / seconds))
