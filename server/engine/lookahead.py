"""Looking ahead: the letters that each of the leading voices would most likely write next, and that the mix would.

Every letter is the likeliest one, so nothing is drawn and nothing is decided: a text is the same with it and without.
The first letter is what the read-outs show as likeliest, tongues, grain and guards included; those behind it are the
voices' own, mixed by the present weights alone. Letters that were chosen are the mix's next ones.

What was rolled out holds while the text goes the same way: a course whose first letter was just written goes on at its
end, and only one that foresaw another letter begins anew. While weights move, a mix that is under way is rolled to its
end first, so that there is something to be seen.

``Lookahead`` works in slices on the engine's thread, in the time that no character needs. In one slice all leading
voices read a letter, each on its own course or all on the mix's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.interface import Readings
from protocol.messages import THE_MIX, Ahead
from protocol.mixing import WRITABLE, Vector, normalised
from protocol.tree import LOOKAHEAD, Value, number_of
from server.engine.arrival import Mixing
from server.engine.performance import Performance

LEADING_VOICES = 4  # that are looked ahead for, the heaviest
LEAST_SHARE = 0.02  # of the mix, below which a voice is none of them
TOLD_AT_CHARS = 4  # letters that are worth telling of a course that is not whole yet


@dataclass
class _Course:
    """One way on. Who reads it has read all of ``letters`` but the last, or, if ``anew``, does not stand there yet."""

    voice: int  # or THE_MIX
    letters: str = ""
    told: str = ""
    anew: bool = True

    def begin(self, letter: str) -> None:
        self.letters, self.anew = letter, True

    def written(self, letters: str) -> None:
        """These came in the text."""
        self.told = self.told[len(letters) :] if self.told.startswith(letters) else ""
        if self.letters.startswith(letters) and len(letters) < len(self.letters):
            self.letters = self.letters[len(letters) :]
        else:
            self.begin("")

    def news(self, chars: int) -> bool:
        """Whether its letters are worth telling, of which so many make it whole."""
        if len(self.letters) >= chars:
            return self.letters != self.told
        grown = len(self.letters) - len(self.told) >= TOLD_AT_CHARS
        return len(self.letters) >= TOLD_AT_CHARS and (grown or not self.told.startswith(self.letters))


class Lookahead:
    """Looks ahead from the end of ``performance``, by the controls' ``values``. For the engine's thread."""

    def __init__(self, performance: Performance, values: Callable[[], Mapping[str, Value]]) -> None:
        self._performance, self._values = performance, values
        self._place = (-1, -1)  # epoch and characters ever written, where the courses begin
        self._firsts: tuple[object, dict[int, str]] = (None, {})  # by what they depend on, each voice's first letter
        self.forget()

    def forget(self) -> None:
        """Other voices play, or nobody wants to know: nothing of what was rolled out holds."""
        self._leading: tuple[int, ...] = ()
        self._own: list[_Course] = []  # one for each of those who lead
        self._mix = _Course(THE_MIX)
        self._mixing: Mixing | None = None  # by which the mix's course was begun
        self._apart: Readings | None = None  # those who lead, each on its own course
        self._together: Readings | None = None  # and on the mix's

    @property
    def waiting(self) -> bool:
        """Whether there is more to roll out."""
        chars = int(number_of(self._values(), LOOKAHEAD))
        return self._performance.ready and any(len(course.letters) < chars for course in self._courses)

    def work(self, goes_on: Callable[[], bool]) -> None:
        """Roll courses out while ``goes_on()`` and they are not whole. For when the performance has nothing to read."""
        chars = int(number_of(self._values(), LOOKAHEAD))
        if chars == 0:
            if self._leading:
                self.forget()
            return
        if not self._performance.ready or not goes_on():
            return
        self._follow_text()
        self._follow_mix(chars)
        while self.waiting and goes_on():
            self._slice(chars)

    def news(self) -> list[Ahead]:
        """What is new to tell; it is told then."""
        chars = int(number_of(self._values(), LOOKAHEAD))
        found = [course for course in self._courses if chars and course.news(chars)]
        for course in found:
            course.told = course.letters
        return self._messages(found)

    def told(self) -> list[Ahead]:
        """What was told last and still holds, for whoever did not hear it."""
        return self._messages([course for course in self._courses if course.told])

    @property
    def _courses(self) -> list[_Course]:
        return [self._mix, *self._own] if self._leading else []

    def _messages(self, courses: Sequence[_Course]) -> list[Ahead]:
        epoch, sequence = self._place
        return [Ahead(epoch, sequence + 1, course.voice, course.told) for course in courses]

    # ---- what there is to look ahead for ---------------------------------------------------------------------------

    def _follow_text(self) -> None:
        """Let go what foresaw other letters than were written."""
        buffer, (epoch, sequence) = self._performance.buffer, self._place
        self._place = (buffer.epoch, buffer.sequence)
        written = buffer.sequence - sequence
        if buffer.epoch != epoch or written < 0 or written > buffer.length:
            self.forget()
        elif written:
            letters = buffer.tail(written).text
            for course in self._courses:
                course.written(letters)

    def _follow_mix(self, chars: int) -> None:
        """The courses are of those who lead now, and begin with the letters that are likeliest."""
        weights = self._performance.rolled_weights
        heaviest = np.argsort(-weights, kind="stable")[:LEADING_VOICES]
        leading = tuple(sorted(int(voice) for voice in heaviest if weights[voice] >= LEAST_SHARE))
        if leading != self._leading:
            known = {course.voice: course.told for course in self._own}
            mix = self._mix
            self.forget()
            self._leading = leading
            self._own = [_Course(voice, told=known.get(voice, "")) for voice in leading]
            self._mix.told = mix.told
        if not leading:
            return
        geometric = number_of(self._values(), "/mix/alloy") > 0.25
        mixing = Mixing(normalised(weights[list(leading)]), 1.0, geometric)
        chosen, firsts = self._performance.chosen[:chars], self._first_letters(weights)
        if not mixing.like(self._mixing) and (self._mixing is None or len(self._mix.letters) >= chars):
            self._mixing = mixing
            self._mix.begin("")
        for course in self._courses:
            certain = chosen if course is self._mix else ""
            first = (certain or firsts.get(course.voice, ""))[:1]
            if not (course.letters.startswith(first) and course.letters.startswith(certain[: len(course.letters)])):
                course.begin("")
            course.letters = course.letters or first

    def _first_letters(self, weights: Vector) -> dict[int, str]:
        """What is likeliest now, of each awake voice and of the mix."""
        performance = self._performance
        state = (self._place, performance.awake, performance.settled, performance.boundary, weights.tobytes())
        if state != self._firsts[0]:
            rows = performance.distributions
            firsts = {voice: _likeliest(row) for voice, row in zip(performance.awake, rows, strict=True)}
            firsts[THE_MIX] = performance.likely(1, self._values())
            self._firsts = state, firsts
        return self._firsts[1]

    # ---- one slice -------------------------------------------------------------------------------------------------

    def _slice(self, chars: int) -> None:
        """A letter more for the mix, or for all voices' own courses that are not whole: for what is shortest."""
        if len(self._mix.letters) <= min(len(course.letters) for course in self._own):
            self._extend_mix()
        else:
            self._extend_own(chars)

    def _extend_mix(self) -> None:
        if self._together is None:
            self._together = self._performance.read_apart(self._leading)
        if self._mix.anew:
            self._together.restart(range(len(self._leading)))
            self._mix.anew = False
        assert self._mixing is not None
        self._together.step([ord(self._mix.letters[-1])] * len(self._leading))
        place = len(self._mix.letters)
        chosen = self._performance.chosen[place : place + 1]
        self._mix.letters += chosen or _likeliest(self._mixing.mixed(self._together.distributions[None])[0])

    def _extend_own(self, chars: int) -> None:
        if self._apart is None:
            self._apart = self._performance.read_apart(self._leading)
        anew = [place for place, course in enumerate(self._own) if course.anew]
        if anew:
            self._apart.restart(anew)
            for place in anew:
                self._own[place].anew = False
        growing = [len(course.letters) < chars for course in self._own]
        self._apart.step([ord(c.letters[-1]) if grows else -1 for c, grows in zip(self._own, growing, strict=True)])
        for course, row, grows in zip(self._own, self._apart.distributions, growing, strict=True):
            course.letters += _likeliest(row) if grows else ""


def _likeliest(row: NDArray[np.floating]) -> str:
    return chr(int(np.where(WRITABLE, row, 0.0).argmax()))
