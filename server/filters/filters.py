"""What the manners say of a text's next character, and how that is obeyed.

The advice depends on the text and the switches alone: it is found while there is time, before the character is due, and
is the same in every replay. Pure; belongs to the engine's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from protocol.errors import ParameterError
from protocol.layout import Place
from protocol.mixing import WRITABLE, Vector
from protocol.tree import ATTRACT, CIRCLES, LAYOUT, MIN_P, QUOTATION, TEMPERATURE, TOP_P, WORDS, Value, number_of
from server.filters import repetition, spelling
from server.filters.aim import Aim
from server.filters.blocklist import LOOKED_AT_CHARS, BlocklistFilter
from server.filters.quotation import QuotationFilter
from server.filters.spelling import SpellingFilter

Mask = NDArray[np.bool_]  # (V,)
Mix = Callable[[Mapping[str, Value], Mask], Vector]  # of the values, and what may be written at all
EVERYTHING: Mask = np.ones(len(WRITABLE), np.bool_)
LEAST_COUNTED_SHARE = 0.01  # of the probability; less held back is not counted


class FilterSwitches(NamedTuple):
    """How the switches stand."""

    words: bool = False
    quotation: int = 0  # characters, 0: as many as come
    circles: bool = False
    layout: bool = False

    @classmethod
    def of(cls, values: Mapping[str, Value]) -> FilterSwitches:
        quotation = values.get(QUOTATION, 0)
        return cls(
            bool(values.get(WORDS, False)),
            0 if isinstance(quotation, tuple) else int(quotation),
            bool(values.get(CIRCLES, False)),
            bool(values.get(LAYOUT, False)),
        )


@dataclass(frozen=True, eq=False)
class NextCharacterRules:
    """Of one place in a text: (V,) what the word guard and the quotation guard allow, the temperature's factor, and
    what the layout guard has to know.
    """

    words: Mask = field(default_factory=lambda: EVERYTHING)
    quotation: Mask = field(default_factory=lambda: EVERYTHING)
    warmth: float = 1.0
    place: Place = Place()  # noqa: RUF009 (it is immutable)

    def warmed(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """``values`` with the temperature that leads out of a circle."""
        if self.warmth == 1.0:
            return values
        return {**values, TEMPERATURE: number_of(values, TEMPERATURE) * self.warmth}

    def kept(self, joint: Vector, wide: Callable[[], Vector], writable: Mask = WRITABLE) -> tuple[Vector, float]:
        """``joint`` (V,) with what is not allowed taken out, and the probability that was.

        Where nothing is left the ``wide`` mix is asked, which leaves out no character; then any that is ``writable`` by
        the layout; then any at all. A word is never completed; a quotation goes on where it is that or a word.
        """
        if self.words is EVERYTHING and self.quotation is EVERYTHING:
            return joint, 0.0
        both = self.words & self.quotation
        held_back = max(0.0, 1.0 - float(joint[both].sum() / joint.sum()))
        if held_back == 0.0:
            return joint, 0.0
        for allowed, mixes in ((both, (joint, wide, writable)), (self.words, (joint, wide, writable, WRITABLE))):
            for mix in mixes:
                left = np.where(allowed, mix() if callable(mix) else mix, 0.0)
                total = float(left.sum())
                if total > 0.0:
                    return left / total, held_back
        return joint, 0.0  # a list that forbids every character forbids none


class FilterSet:
    """What there is to guard against, for all performances: ``words``, ``quotations``, ``spelling``.

    ``code`` are the slugs of the voices of code; those that come meanwhile are added.
    """

    def __init__(
        self,
        words: BlocklistFilter | None = None,
        quotations: QuotationFilter | None = None,
        code: Iterable[str] = (),
        lexicon: SpellingFilter | None = None,
    ) -> None:
        self.words, self._quotations = words or BlocklistFilter(()), quotations
        self.spelling = lexicon or SpellingFilter(())
        self.code = set(code)

    def advise(self, end: str, switches: FilterSwitches) -> NextCharacterRules:
        """What may follow a text that ends with ``end``."""
        guard = self._quotations if switches.quotation else None
        return NextCharacterRules(
            self.words.allowed(end) if switches.words and self.words.entries else EVERYTHING,
            guard.allowed(end, switches.quotation) if guard else EVERYTHING,
            repetition.warmth(end) if switches.circles else 1.0,
            Place.behind(end) if switches.layout else Place(),
        )


class Passage(Protocol):
    """A piece of a text."""

    @property
    def text(self) -> str: ...


class Text(Protocol):
    """The text that is being written, as filters know it: ``server.engine.text_buffer`` has the real one."""

    @property
    def epoch(self) -> int:
        """Changes whenever the text does otherwise than by one character more."""

    @property
    def sequence(self) -> int:
        """How many characters were ever written."""

    def tail(self, chars: int) -> Passage:
        """The last ``chars`` characters, or as many as are held."""


class PerformanceFilters:
    """The manners of one performance, whose text is ``buffer``."""

    def __init__(self, filters: FilterSet, buffer: Text) -> None:
        self._filters, self._buffer = filters, buffer
        self._switches = FilterSwitches()
        self._attracted = ""  # words that the text is drawn to
        # for a place in the text and the switches
        self._found: tuple[object, NextCharacterRules] = (None, NextCharacterRules())
        self.withheld = 0  # characters at which something was held back

    @property
    def warmth(self) -> float:
        """The factor by which the temperature is raised, 1 to 2."""
        return self._found[1].warmth

    def of_code(self, slugs: Sequence[str]) -> Mask:
        """(S,) which of these voices are of code."""
        return np.array([slug in self._filters.code for slug in slugs], np.bool_)

    def introduce(self, code: Iterable[str]) -> None:
        """These voices, which are to come, are of code."""
        self._filters.code.update(code)

    def set_values(self, values: Mapping[str, Value]) -> None:
        """The switches stand as in ``values``."""
        self._switches = FilterSwitches.of(values)
        attracted = values.get(ATTRACT, "")
        self._attracted = attracted if isinstance(attracted, str) else ""

    def advise(self) -> NextCharacterRules:
        """What holds for the next character; found once for each place in the text."""
        place = (self._buffer.epoch, self._buffer.sequence, self._switches)
        if self._found[0] != place:
            end = self._buffer.tail(max(repetition.LOOKED_AT_CHARS, self._switches.quotation)).text
            self._found = (place, self._filters.advise(end, self._switches))
        return self._found[1]

    def mixed(self, values: Mapping[str, Value], mix: Mix, code: float = 0.0) -> Vector:
        """(V,) what the next character is drawn from: ``mix`` of the ``values``, with what the manners say.

        ``code`` of the say, 0 to 1, is had by voices of code. Where the guards leave nothing together, those of lower
        rank give way: words, then aims, layout, quotations.
        """
        self.set_values(values)
        advice = self.advise()
        warm = advice.warmed(values)
        aim = Aim.of(values)
        end = "" if aim.idle else self._buffer.tail(aim.looked_at_chars).text

        allowed = advice.place.permits(values, code)

        def wide() -> Vector:
            return aim.aimed(mix({**warm, TOP_P: 1.0, MIN_P: 0.0}, allowed), end)

        joint, held_back = advice.kept(aim.aimed(mix(warm, allowed), end), wide, allowed)
        self.withheld += held_back > LEAST_COUNTED_SHARE
        return joint

    @property
    def indenting(self) -> bool:
        """Whether the text ends within the blanks that a line begins with, which come all at once."""
        return self.advise().place.indenting

    def known(self, playing: Set[str]) -> Mask | None:
        """(V,) which characters come next in words that the styles ``playing`` know; None where all may.

        Words that the text is drawn to are known too.
        """
        end = self._buffer.tail(spelling.LOOKED_AT_CHARS).text
        return self._filters.spelling.known(end, playing, self._attracted)

    def admits(self, code: int) -> bool:
        """Whether the word guard lets this character come next."""
        return bool(self.advise().words[code])

    def admit(self, text: str) -> None:
        """Raises ``ParameterError`` where ``text``, put behind what stands, held a word that is never to appear."""
        if self._switches.words:
            end = self._buffer.tail(LOOKED_AT_CHARS).text
            position = self._filters.words.found(end + text)
            if position is not None and position >= len(end):
                raise ParameterError("the text holds a word of the guard's list and is not put on the page")
