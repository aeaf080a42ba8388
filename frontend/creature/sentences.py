"""Which sentences a text has, followed as it grows: the one being written, and those that have ended.

Costs as much as what is new. Pure; belongs to one thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.sentences import SENTENCE_END_CHARS, ends_sentence

LOOKED_BACK_CHARS = 3_000  # characters of a text that is met in the middle
KEPT_SENTENCES = 40  # ended ones that are remembered
LONGEST_SENTENCE = 600  # characters, of which a creature is made


@dataclass(frozen=True)
class Sentence:
    """Text of a sentence that ended; ``last`` is the position of its last mark in the whole text."""

    before: str
    text: str
    last: int


class SentenceFollower:
    """``ended`` are the sentences that ended, oldest first; ``before`` and ``begun`` the last and the present one."""

    def __init__(self) -> None:
        self.ended: list[Sentence] = []
        self.before = self.begun = ""
        self._end = 0  # position up to which the text is known
        self._revision: int | None = None

    def follow(self, text: str, dropped: int, revision: int) -> bool:
        """``text`` begins at position ``dropped`` of the whole one; with another ``revision`` anything may have
        changed. Gives whether it was read anew, and not only gone on with."""
        end = dropped + len(text)
        anew = revision != self._revision or not dropped <= self._end <= end or end - self._end > LOOKED_BACK_CHARS
        if anew:
            self.ended, self.before, self.begun = [], "", ""
            self._end = max(dropped, end - LOOKED_BACK_CHARS)
            self._revision = revision
        for place in range(self._end - dropped, len(text)):
            self.begun += text[place]
            if text[place].isspace() and ends_sentence(text[max(0, place + 1 - SENTENCE_END_CHARS) : place + 1]):
                self._conclude(dropped + place)
            elif len(self.begun) > LONGEST_SENTENCE:
                self.before, self.begun = self.begun, ""
        self._end = end
        return anew

    def _conclude(self, place: int) -> None:
        stripped = self.begun.rstrip()
        if stripped.strip():
            last = place + 1 - (len(self.begun) - len(stripped)) - 1
            self.ended = [*self.ended[1 - KEPT_SENTENCES :], Sentence(self.before, self.begun, last)]
            self.before = self.begun
        self.begun = ""
