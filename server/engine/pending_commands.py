"""What was asked for besides the clock's characters: some at once, a word at once, and the sentence to be finished.

Pure; belongs to the engine's thread, which asks after each character what is still to be done.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.sentences import ends_sentence

MOST_QUEUED_STEPS = 10_000  # characters asked for one by one, and words
LONGEST_WORD_CHARS = 40  # characters; what has no blank by then counts as a word
LONGEST_SENTENCE_CHARS = 400  # characters; then the next blank ends it


@dataclass(frozen=True)
class PendingCommandsState:
    """Steps and words still to be written, the letters of the present word, and characters since a sentence was to be
    finished (None: none is), with whether any of them is seen; the phrase to arrive at, and before which character.
    """

    steps: int = 0
    words: int = 0
    letters: str = ""
    sentence: int | None = None
    begun: bool = False
    phrase: str = ""
    due: int = 0


class PendingCommands:
    """Nothing asked for."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Nothing is asked for any more."""
        self._steps = self._words = 0  # still to be written at once
        self._letters = ""  # of the word being written
        self._sentence: int | None = None  # characters since it was to be finished
        self._begun = False  # whether anything but blanks was written since then
        self.phrase, self.due = "", 0  # where the text is to arrive, and before which character

    def snapshot(self) -> PendingCommandsState:
        return PendingCommandsState(
            self._steps, self._words, self._letters, self._sentence, self._begun, self.phrase, self.due
        )

    def restore(self, state: PendingCommandsState) -> None:
        """Be what was kept."""
        self._steps, self._words, self._letters = state.steps, state.words, state.letters
        self._sentence, self._begun = state.sentence, state.begun
        self.phrase, self.due = state.phrase, state.due

    @property
    def at_once(self) -> bool:
        """Whether a character is to be written now, running or not."""
        return bool(self._steps or self._words)

    @property
    def finishing(self) -> bool:
        """Whether the text is to rest behind its sentence."""
        return self._sentence is not None

    def step(self, count: int) -> None:
        self._steps = min(MOST_QUEUED_STEPS, self._steps + count)

    def word(self) -> None:
        self._words = min(MOST_QUEUED_STEPS, self._words + 1)

    def finish(self) -> None:
        if self._sentence is None:
            self._sentence, self._begun = 0, False

    def arrive(self, phrase: str, due: int) -> None:
        """The text is to come to ``phrase`` before character ``due``; to none where that is empty."""
        self.phrase, self.due = phrase, due

    def rested(self) -> None:
        """The text was brought to rest by hand: there is no sentence to be finished any more."""
        self._sentence = None

    def wrote(self, text: str) -> bool:
        """A character was written, the last of ``text`` (its end will do); whether the text has to rest now."""
        newest = text[-1]
        if self._steps:
            self._steps -= 1
        elif self._words:
            self._letters += newest
            if len(self._letters) >= LONGEST_WORD_CHARS or (newest.isspace() and not self._letters.isspace()):
                self._words, self._letters = self._words - 1, ""
        if self._sentence is None:
            return False
        self._sentence += 1
        self._begun = self._begun or not newest.isspace()
        over = self._sentence - LONGEST_SENTENCE_CHARS
        done = (self._begun and ends_sentence(text)) or (over >= 0 and newest.isspace()) or over >= LONGEST_WORD_CHARS
        if done:
            self._sentence = None
        return done
