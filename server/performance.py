"""A performance: one text, the voices that read it as it grows, and the generator that decides where it goes.

Late commitment: the voices read each character as soon as it is written (``listen``) and wait with what they expect;
the controls' values are looked at when the next character is due and not before (``write``). Nothing here knows a
clock, a socket or a thread; all methods belong to the engine's thread, and with the same seed, values and calls the
text is the same.

**Who is awake.** A voice's share is fader x puck, normalised over the voices in play with a weight above 0. Awake are
those with a share of at least 5 %, or of half the greatest share where that is less: 24 equal faders (4.2 % each) keep
all 24 awake. The same holds for the voices below 0, which the mix is led away from, by their part of all weights. When
no weight is above 0, the mix of the last character goes on; if there never was one, all voices speak equally. Voices
that are not awake have no part in the mix, and the others' weights are normalised.

**Waking.** A voice that comes to be wanted reads what it missed if that is no more than 80 characters; otherwise it
forgets and reads the last 80. It reads in slices (``catch_up``) between characters and joins the mix when it stands at
the text's end; until then the voices that are ready go on alone, and a voice does not fall asleep before one that is
wanted is ready.

**Waiting.** After ``prime``, ``rewind`` and ``reset`` the awake voices themselves are behind: ``ready`` is False, and
the next character waits for them, and for nobody else. So it does for all who are wanted when nobody is awake yet.

**Broken voices.** A voice whose numbers are no distribution (NaN, say) is silenced until the next reset; the others go
on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.interface import Voices
from protocol.measures import surprise_level
from protocol.messages import Tint
from protocol.mixing import (
    Vector,
    alloy_exponent,
    balanced,
    draw,
    effective_weights,
    mix,
    normalised,
    responsibilities,
    tint,
)
from protocol.tree import Value
from server.page import Page
from styles.cleaning import transliterate

ASLEEP_BELOW = 0.05  # of the mix, or half the greatest share where that is less
WAKING_READS = 80  # characters of the text that a voice which slept long reads
PRIMING_READS = 400  # characters of a primed text that the voices read, at most
PRIMED = 4_000  # characters of a primed text that are kept, the last ones
SLICE = 4  # waking voices read at a time: between two characters there is room for a few, never for 24
TOLERANCE = 0.01  # by which a distribution's sum may differ from 1
NEVER = -1_000_000_000  # the place in the text of a voice that has to forget before it can read on


@dataclass(frozen=True)
class Written:
    """One character, and all that it was decided by."""

    sequence: int
    character: str
    joint: Vector  # (V,) what it was drawn from
    weights: Vector  # (S,) of the mix, 0 for voices that had no part in it
    shares: Vector  # (S,) who is responsible for it, sum 1
    tint: Tint


class Performance:
    """An empty page before fresh voices."""

    def __init__(self, voices: Voices, seed: int) -> None:
        self._voices = voices
        self._everyone = range(len(voices.slugs))
        self.page = Page()
        self.seed = seed
        self._generator = _generator(seed)
        self._read = [0] * len(voices.slugs)  # the position in the text up to which each voice has read
        self._awake: tuple[int, ...] = ()
        self._waking: tuple[int, ...] = ()
        self._silenced: set[int] = set()
        self._wish = np.zeros(len(voices.slugs))  # (S,) the weights as the controls stood at the last ``settle``
        self._coming: Mapping[str, Value] | None = None  # values that may come into force at any moment
        self._last_mix = np.zeros(len(voices.slugs))  # (S,) the weights of the last character written, 0 before it
        voices.reset(self._everyone)
        self._silence_broken(self._everyone)

    @property
    def awake(self) -> tuple[int, ...]:
        """The voices that have a part in the next character, by index, ascending."""
        return self._awake

    @property
    def waking(self) -> tuple[int, ...]:
        """The voices that are wanted and still read."""
        return self._waking

    @property
    def silenced(self) -> tuple[str, ...]:
        """The slugs of the voices whose numbers are broken."""
        return tuple(self._voices.slugs[voice] for voice in sorted(self._silenced))

    @property
    def ready(self) -> bool:
        """Whether a character can be written now: somebody is awake, and all who are have read the whole text."""
        return bool(self._awake) and all(self._read[voice] == self.page.length for voice in self._awake)

    @property
    def expectations(self) -> NDArray[np.float32]:
        """(awake voices, V) what each of ``awake`` expects next; a copy. To be believed while ``ready``."""
        return self._voices.distributions[list(self._awake)]

    def foresee(self, values: Mapping[str, Value] | None) -> None:
        """Whom ``values`` want is to be awake too, without a part in the mix; None: nothing is coming.

        So a mix that is made ready while another is held can enter whole.
        """
        self._coming = values

    def settle(self, values: Mapping[str, Value]) -> None:
        """Decide by ``values``, and what was foreseen, who is awake, who is to wake and who may sleep."""
        self._wish = self._wished(values)
        audible = _audible(self._wish)
        if self._coming is not None:
            audible |= _audible(self._wished(self._coming))
        wanted = [voice for voice in self._everyone if audible[voice]]
        waking = [voice for voice in wanted if voice not in self._awake]
        for voice in waking:
            if self._missed(voice) > self._patience(voice):
                self._read[voice] = NEVER
        ready = [voice for voice in waking if self._missed(voice) == 0 or not self._awake]
        staying = [voice for voice in self._awake if voice in wanted]
        if not (self._wish[[*staying, *ready]] > 0.0).any():
            staying = list(self._awake)  # they hold the text until somebody who is wanted can
        self._awake = tuple(sorted({*staying, *ready}))
        self._waking = tuple(voice for voice in waking if voice not in ready)

    def write(self, values: Mapping[str, Value]) -> Written:
        """Mix what the awake voices expect by ``values``, draw one character and put it on the page. Needs ``ready``.

        One number is drawn from the generator. The voices have not read the character yet: ``listen`` comes next.
        """
        self.settle(values)
        if not self.ready:
            raise RuntimeError("a character can only be written when the voices are ready")
        weights = self._weights()
        distributions = self._voices.distributions
        joint = mix(distributions, weights, values)
        code = draw(joint, self._generator.random())
        alloy = values.get("/mix/alloy", 0.0)
        exponent = alloy_exponent(0.0 if isinstance(alloy, tuple) else alloy)
        shares = responsibilities(distributions[:, code], weights, exponent)
        written = Written(self.page.sequence + 1, chr(code), joint, weights, shares, tint(shares))
        self.page.append(written.character, written.tint, surprise_level(joint[code]))
        self._last_mix = weights
        return written

    def listen(self) -> None:
        """Let the awake voices read the newest character, all in one step."""
        newest = self.page.length - 1
        self._step(newest, [voice for voice in self._awake if self._read[voice] == newest])

    def catch_up(self, goes_on: Callable[[], bool]) -> bool:
        """Let the voices that are behind read on, slice by slice, as long as ``goes_on()``; True when none is left.

        Those that the text waits for come first; of the others those that are nearest to its end, so that each comes to
        be heard as soon as can be.
        """
        while (slice_ := self._next_slice()) and goes_on():
            if self._read[slice_[0]] == NEVER:
                self._forget(slice_)
            else:
                self._step(self._read[slice_[0]], slice_)
            joined = [voice for voice in slice_ if voice in self._waking and self._missed(voice) == 0]
            if joined:
                self._awake = tuple(sorted((*self._awake, *joined)))
                self._waking = tuple(voice for voice in self._waking if voice not in joined)
        return not slice_

    def prime(self, text: str) -> None:
        """Put ``text`` on the page, transliterated to what can be written, its last ``PRIMED`` characters at most."""
        primed = transliterate(text)[-PRIMED:]
        for character in primed:
            self.page.append(character)
        oldest = self.page.length - PRIMING_READS
        if primed:
            self._read = [position if position == NEVER else max(position, oldest) for position in self._read]

    def rewind(self, chars: int) -> None:
        """Take back the last ``chars`` characters, at most what the page holds, and let the text branch from there.

        The generator is not turned back, so that it takes another way. The voices cannot unread: those that stand
        beyond the cut forget and read the last 80 characters again. (A ring of the last states would be asked here
        first.)
        """
        self.page.cut(chars)
        for voice in self._everyone:
            if self._read[voice] > self.page.length:
                self._read[voice] = NEVER

    def reset(self, seed: int | None = None) -> None:
        """An empty page before fresh voices, broken ones given another chance; the generator begins anew.

        Without a ``seed`` it begins with the one it had, so that the same weights give the same text again.
        """
        self.seed = self.seed if seed is None else seed
        self._generator = _generator(self.seed)
        self.page.clear()
        self._awake, self._waking, self._silenced = (), (), set()
        self._last_mix = np.zeros(len(self._everyone))
        self._forget(self._everyone)

    def _wished(self, values: Mapping[str, Value]) -> Vector:
        """(S,) the weights as the controls stand; those of the last character, else equal ones, if all are zero."""
        sound = [voice for voice in self._everyone if voice not in self._silenced]
        for weights in (effective_weights(values, self._voices.slugs), self._last_mix, np.ones(len(self._everyone))):
            audible = self._only(weights, sound)
            if (audible > 0.0).any():
                return audible
        return np.zeros(len(self._everyone))

    def _weights(self) -> Vector:
        """(S,) the weights of the voices that are awake; those of the last character while they hold it for others."""
        for weights in (self._wish, self._last_mix):
            awake = self._only(weights, self._awake)
            if (awake > 0.0).any():
                return awake
        return self._only(np.ones(len(self._everyone)), self._awake)

    def _only(self, weights: Vector, voices: Sequence[int]) -> Vector:
        """``weights`` of these voices alone, their absolute values summing to 1; all zeros if they have none."""
        kept = np.zeros(len(weights))
        chosen = list(voices)
        kept[chosen] = weights[chosen]
        return balanced(kept)

    def _missed(self, voice: int) -> int:
        """How many characters of the text this voice has not read."""
        return self.page.length - self._read[voice]

    def _patience(self, voice: int) -> int:
        """How many characters it may have missed before it is quicker to forget and read the last ones."""
        return PRIMING_READS if voice in self._waking or not self._awake else WAKING_READS

    def _forget(self, voices: Sequence[int]) -> None:
        """Let these voices forget all, to read the last characters next."""
        self._voices.reset(voices)
        for voice in voices:
            self._read[voice] = max(self.page.start, self.page.length - WAKING_READS)
        self._silence_broken(voices)

    def _next_slice(self) -> list[int]:
        """The voices to read next, all standing at the same place; empty when nobody is behind."""
        waited_for = [voice for voice in self._awake if self._missed(voice)]
        behind = waited_for or self._waking
        if not behind:
            return []
        furthest = max(self._read[voice] for voice in behind)
        together = [voice for voice in behind if self._read[voice] == furthest]
        return together if waited_for else together[:SLICE]

    def _step(self, position: int, voices: list[int]) -> None:
        """Let these voices, which have read up to ``position``, read the character there."""
        if voices:
            self._voices.step(self.page.code(position), voices)
            for voice in voices:
                self._read[voice] += 1
            self._silence_broken(voices)

    def _silence_broken(self, voices: Sequence[int]) -> None:
        """Take those of ``voices`` out of the performance whose numbers are no distribution."""
        chosen = np.array(voices, np.intp)
        rows = self._voices.distributions[chosen]  # (n, V)
        with np.errstate(invalid="ignore", over="ignore"):
            sound = (rows >= 0.0).all(1) & (np.abs(rows.sum(1) - 1.0) < TOLERANCE)  # both False for NaN
        broken = set(chosen[~sound].tolist())
        if broken:
            self._silenced |= broken
            self._awake = tuple(voice for voice in self._awake if voice not in broken)
            self._waking = tuple(voice for voice in self._waking if voice not in broken)


def _audible(weights: Vector) -> NDArray[np.bool_]:
    """(S,) whose part in a mix of ``weights`` is worth being awake for: of what is wanted, or of all that is not."""

    def enough(shares: Vector) -> NDArray[np.bool_]:
        return np.asarray((shares > 0.0) & (shares >= min(ASLEEP_BELOW, shares.max(initial=0.0) / 2)))

    return enough(normalised(weights)) | enough(-weights)


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed & (2**64 - 1)))
