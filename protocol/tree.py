"""Every thing a performer can change, declared once: address, type, range, default, unit, description.

Panels, OSC addresses, MIDI learn, scenes and the reference in docs/ are read off this tree. Values are plain Python
(float, int, bool, a text, or a pair of floats for the puck; a longer tuple only for the pucks of ``protocol.puck``,
which are no parameters). Pure; no thread of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from anyascii import anyascii

from protocol.alphabet import MEMORY_TONGUE, SENSE, WORD_TONGUE
from protocol.errors import ParameterError

Value = float | int | bool | str | tuple[float, ...]
PAIR = "/xy"  # /puck/xy is /puck, for programs in which what holds others has no value of its own
LAST_PLACE = 255  # round the circle


@dataclass(frozen=True)
class Parameter:
    """One control. ``tags`` are its OSC type tags: "f", "i", "T" (true or false), "ff" or "s".

    The ``high`` of a text is the number of characters that it may have.
    """

    address: str
    tags: str
    default: Value
    low: float
    high: float
    unit: str
    description: str
    floor: float | None = None  # see ``bottom``

    @property
    def bottom(self) -> float:
        """Where a hardware fader or knob that drives it ends below; what lies under that is reached otherwise."""
        return self.low if self.floor is None else self.floor

    def accept(self, arguments: Sequence[object]) -> Value:
        """The value that OSC ``arguments`` mean, clamped to the range.

        A text is transliterated to what voices can write, and cut; several are joined by blanks. Raises
        ``ParameterError`` for a wrong number or type of arguments and for NaN and infinities.
        """
        if self.tags == "s":
            return self._text(arguments)
        if len(arguments) != len(self.tags):
            raise ParameterError(f"{self.address} takes {len(self.tags)} value(s), not {len(arguments)}")
        numbers = [self._number(argument) for argument in arguments]
        if self.tags == "T":
            return numbers[0] != 0.0
        if self.tags == "i":
            return int(min(self.high, max(self.low, round(numbers[0]))))
        clamped = [min(self.high, max(self.low, number)) for number in numbers]
        return (clamped[0], clamped[1]) if self.tags == "ff" else clamped[0]

    def arguments(self, value: Value) -> list[object]:
        """``value`` as OSC arguments; the inverse of ``accept``."""
        return list(value) if isinstance(value, tuple) else [value]

    def _text(self, arguments: Sequence[object]) -> str:
        texts = [argument for argument in arguments if isinstance(argument, str)]
        if len(texts) < len(arguments):
            raise ParameterError(f"{self.address} takes a text")
        most = int(self.high)
        plain = anyascii(" ".join(texts)[: 4 * most])
        return "".join(character for character in plain if " " <= character <= "~")[:most]

    def _number(self, argument: object) -> float:
        if isinstance(argument, (bool, int, float)):
            try:
                number = float(argument)
            except OverflowError:
                number = math.inf
            if math.isfinite(number):
                return number
        raise ParameterError(f"{self.address} takes finite numbers, not {str(argument)[:40]!r}")


TEMPERATURE, TOP_P = "/mix/temperature", "/mix/top_p"
MIN_P, SURPRISE = "/mix/min_p", "/mix/surprise"
GRAIN, GRAIN_BOUNDARY, SPELLING = "/mix/grain", "/mix/grain_boundary", "/mix/spelling"
CONCEPT = "/mix/concept"
ATTRACT, ATTRACTION = "/aim/attract", "/aim/attraction"
AVOID, ACROSTIC = "/aim/avoid", "/aim/acrostic"
OPENING = "/text/opening"
RUN = "/transport/run"
LOOKAHEAD = "/text/lookahead"
LOOKAHEAD_CHARS = 24  # the farthest that it can be looked ahead
AIM_CHARS = 200  # the longest text of an aim
WORDS, QUOTATION, CIRCLES = "/guard/words", "/guard/quotation", "/guard/circles"
LAYOUT, RATE = "/guard/layout", "/mix/rate"
CREATURE = "/sprite/mix"
ANTIPHONY, TURN = "/mix/antiphony", "/mix/turn"
AS_THE_MIX = 0.5  # where a style's knob of a tongue leaves it to the mix's


def mix_tongue_address(role: str) -> str:
    """Of the control that says how much the tongues of this role say, in all styles."""
    return f"/mix/{role}"


MIX = (
    Parameter(TEMPERATURE, "f", 0.7, 0.05, 2.0, "", "how daring the choice of the next character is"),
    Parameter(RATE, "f", 15.0, 1.0, 60.0, "characters/s", "how fast the text is written"),
    Parameter(
        "/mix/alloy",
        "f",
        0.0,
        -1.0,
        1.0,
        "",
        "how the wishes are joined: -1 any (union), 0 arithmetic mean, 0.5 geometric mean, 1 all (intersection)",
    ),
    Parameter(
        "/mix/fusion",
        "f",
        0.0,
        0.0,
        1.0,
        "",
        "how much is said by the one network that the voices in play are fused into: 0 none of it, 1 all",
    ),
    Parameter(
        CONCEPT,
        "f",
        0.0,
        0.0,
        1.0,
        "",
        "how far the fused network is led away, in its parameters, from the voices below 0",
    ),
    Parameter(
        GRAIN,
        "f",
        0.5,
        0.0,
        1.0,
        "",
        "how much a voice that foresaw the letters of a word keeps the say in it: 0 every letter is a new vote",
    ),
    Parameter(
        GRAIN_BOUNDARY,
        "i",
        0,
        0,
        3,
        "",
        "for how long it keeps the say: to the end of 0 the word, 1 the phrase, 2 the line, 3 the sentence",
    ),
    Parameter(
        SPELLING,
        "f",
        0.9,
        0.0,
        1.0,
        "",
        "how much letters are weighed down that lead to no word that the voices in play know: 0 not at all, 1 wholly",
    ),
    Parameter(
        mix_tongue_address(WORD_TONGUE),
        "f",
        0.75,
        0.0,
        1.0,
        "",
        "from letters to words: how much of what a style says its voice of whole words says, where it has one",
    ),
    Parameter(
        mix_tongue_address(MEMORY_TONGUE),
        "f",
        0.35,
        0.0,
        1.0,
        "",
        "how much of a style's letters come from what it knows of its text by heart, where it has such a memory",
    ),
    Parameter(
        mix_tongue_address(SENSE),
        "f",
        0.0,
        0.0,
        1.0,
        "",
        "how much of what all styles say the narrator says, a transformer that reads sentences, where one is installed",
    ),
    Parameter(TOP_P, "f", 1.0, 0.05, 1.0, "", "only the likeliest characters that together reach this share"),
    Parameter(MIN_P, "f", 0.0, 0.0, 0.5, "", "only characters that have this share of the likeliest one's probability"),
    Parameter(
        SURPRISE, "f", 0.0, 0.0, 4.0, "bits", "how surprising the characters are to be on the average; 0: as they come"
    ),
    Parameter(RUN, "T", True, 0, 1, "", "whether the text is being written"),
    Parameter(
        "/transport/hold",
        "T",
        False,
        0,
        1,
        "",
        "the mix in force stays while the controls move; let go, all that they say enters at one moment",
    ),
    Parameter("/puck", "ff", (0.0, 0.0), -1.0, 1.0, "radius", "where the puck lies: x to the right, y up"),
    Parameter("/puck/lifted", "T", True, 0, 1, "", "a lifted puck leaves the faders alone"),
    Parameter("/puck/falloff", "f", 2.0, 0.5, 6.0, "", "how steeply influence falls with the distance from the puck"),
    Parameter(
        "/crowd/share",
        "f",
        0.5,
        0.0,
        1.0,
        "",
        "how much of the pucks' say is the crowd's, as far as one is there: 0 the performer's alone, 1 theirs",
    ),
    Parameter(
        ANTIPHONY,
        "T",
        False,
        0,
        1,
        "",
        "whether the voices in play are two choirs that answer each other, sentence by sentence",
    ),
    Parameter(
        TURN,
        "f",
        0.0,
        0.0,
        1.0,
        "",
        "whose turn it is: 0 the first choir's, 1 the second's; passed on at every sentence's end, as the puck lies",
    ),
    Parameter(ATTRACT, "s", "", 0, AIM_CHARS, "characters", "words and letters that the text is drawn to, with blanks"),
    Parameter(ATTRACTION, "f", 0.5, 0.0, 1.0, "", "how strongly they draw"),
    Parameter(AVOID, "s", "", 0, AIM_CHARS, "characters", "letters that never come: a lipogram"),
    Parameter(
        OPENING, "s", "", 0, AIM_CHARS, "characters", "what the text begins with after a reset; none: one that ships"
    ),
    Parameter(
        LOOKAHEAD,
        "i",
        0,
        0,
        LOOKAHEAD_CHARS,
        "characters",
        "how far it is told what the leading voices, and the mix, would most likely write next; 0: not at all",
    ),
    Parameter(ACROSTIC, "s", "", 0, AIM_CHARS, "characters", "what the lines' first letters spell, again and again"),
    Parameter(
        CREATURE,
        "s",
        "",
        0,
        AIM_CHARS,
        "characters",
        "what the creature on the stage is made of, such as undead 0.8 slimes 0.2; none: what the voices' cards say",
    ),
    Parameter(WORDS, "T", False, 0, 1, "", "whether the words of the guard's list are never completed"),
    Parameter(
        QUOTATION,
        "i",
        60,
        0,
        1_000,
        "characters",
        "how long a quotation from what the voices read may be, 60 at least; 0: as long as it comes",
    ),
    Parameter(CIRCLES, "T", True, 0, 1, "", "whether a text that goes round in circles is led out by temperature"),
    Parameter(LAYOUT, "T", True, 0, 1, "", "whether blanks, empty lines and rows of one sign are kept short"),
)


def number_of(values: Mapping[str, Value], address: str, default: float = 0.0) -> float:
    """The value at ``address`` as a number; ``default`` where there is none, or one of another kind."""
    value = values.get(address, default)
    return default if isinstance(value, (tuple, str)) else float(value)


def weight_address(slug: str) -> str:
    return f"/style/{slug}/weight"


def on_address(slug: str) -> str:
    return f"/style/{slug}/on"


def place_address(slug: str) -> str:
    return f"/style/{slug}/place"


def choir_address(slug: str) -> str:
    return f"/style/{slug}/choir"


def tongue_address(slug: str, role: str) -> str:
    """Of the control that makes a style's tongue of this role say more or less than the mix's control does."""
    return f"/style/{slug}/{role}"


def tongue_share(values: Mapping[str, Value], slug: str, role: str) -> float:
    """From 0 to 1, how much the tongue of this role says in this style; 0 where ``values`` say nothing of it.

    The mix's control m and the style's own k are joined as odds, m k / (m k + (1 - m)(1 - k)): k = 0.5 leaves m, 0 and
    1 are the style's alone, and an m of 0 or 1 holds for every style.
    """
    mix = number_of(values, mix_tongue_address(role))
    own = number_of(values, tongue_address(slug, role), AS_THE_MIX)
    if own == AS_THE_MIX or not 0.0 < mix < 1.0:
        return mix
    return mix * own / (mix * own + (1.0 - mix) * (1.0 - own))


TONGUES = {WORD_TONGUE: "from letters to words for {} alone", MEMORY_TONGUE: "how much {} says by heart"}
SAYS = "0 nothing, 0.5 as the mix's control says, 1 all"


def style_parameters(slug: str, index: int = 0) -> tuple[Parameter, ...]:
    """The parameters that every voice has: fader, whether it is in play, place on the circle, choir, tongues."""
    return (
        Parameter(weight_address(slug), "f", 0.0, -1.0, 1.0, "", f"the fader of {slug}; below 0: less of it", 0.0),
        Parameter(on_address(slug), "T", False, 0, 1, "", f"whether {slug} is in play"),
        Parameter(
            place_address(slug),
            "i",
            min(index, LAST_PLACE),
            0,
            LAST_PLACE,
            "",
            f"the place of {slug} round the puck's circle, clockwise from twelve; its default is its index",
        ),
        Parameter(
            choir_address(slug),
            "i",
            0,
            0,
            2,
            "",
            f"the choir of {slug} in antiphony: 1 the first, 2 the second; 0 by its side of the circle, left or right",
        ),
        *(
            Parameter(tongue_address(slug, role), "f", AS_THE_MIX, 0.0, 1.0, "", f"{words.format(slug)}: {SAYS}")
            for role, words in TONGUES.items()
        ),
    )


class ParameterTree(Mapping[str, Parameter]):
    """All parameters of a performance with the given voices, by address, in a fixed order."""

    def __init__(self, slugs: Iterable[str]) -> None:
        self.slugs = tuple(slugs)
        styles = [parameter for i, slug in enumerate(self.slugs) for parameter in style_parameters(slug, i)]
        self._parameters = {parameter.address: parameter for parameter in (*MIX, *styles)}

    def __getitem__(self, address: str) -> Parameter:
        return self._parameters[address]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def defaults(self) -> dict[str, Value]:
        """A fresh table of values, one an address."""
        return {address: parameter.default for address, parameter in self._parameters.items()}
