"""What the read-outs show in a frame: distributions, their mix by the present weights, and each voice's responsibility.

While the last character shines it is the set that it was drawn from, then the next one, which waits for its turn. UI
thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from frontend.client.character_axis import responsibilities_of_all
from frontend.client.session_state import Distribution, SampledCharacter, SessionState
from protocol.grain import grained
from protocol.layout import LOOKED_AT_CHARS, Mask, Place
from protocol.messages import CODE
from protocol.mixing import alloy_exponent, mix, normalised, with_fusion, without_fusion
from protocol.surprise_control import heated, limited, threshold
from protocol.tree import GRAIN, Value, number_of

Floats = NDArray[np.float64]

Made = TypeVar("Made")


class Memo(Generic[Made]):
    """The last result of a calculation, made anew when one of the things that it was made from is another object.

    Things are compared by identity, so they must be replaced when they change and never changed in place. For plain
    values use ``lru_cache``.
    """

    def __init__(self) -> None:
        self._things: tuple[object, ...] | None = None
        self._made: Made

    def of(self, make: Callable[[], Made], *things: object) -> Made:
        """What ``make`` made, or makes now, of ``things``."""
        before = self._things
        if before is None or len(before) != len(things) or any(a is not b for a, b in zip(before, things, strict=True)):
            self._made, self._things = make(), things
        return self._made


@dataclass(frozen=True)
class Readouts:
    """One frame's read-outs. n voices speak, in list order; the fused network counts as voice S, the last."""

    sequence: int = -1  # of the character that this is, or was, the choice of
    lit: float = 0.0  # 1 while the sampled character shines, fading to 0
    character: str = ""
    voices: tuple[int, ...] = ()  # (n,) indices
    distributions: Floats = field(default_factory=lambda: np.zeros((0, 128)))  # (n, 128)
    weights: Floats = field(default_factory=lambda: np.zeros(0))  # (n,) signed
    joint: Floats = field(default_factory=lambda: np.zeros(128))
    owners: tuple[int, ...] = ()  # (m,) the voices with a part in it; the fused network is none of them
    responsibility: Floats = field(default_factory=lambda: np.zeros((0, 128)))  # (m, 128), columns of sum 1


class ReadoutBuilder:
    """Chooses a frame's read-outs. Remembers since when the last character shines."""

    def __init__(self) -> None:
        self.last_at = 0.0  # when a character last came, monotonic seconds
        self._lit_sequence = -1
        self._children: Memo[NDArray[np.bool_]] = Memo()
        self._code: Memo[NDArray[np.bool_]] = Memo()
        self._said: Memo[tuple[tuple[int, ...], Floats]] = Memo()

    def build(
        self,
        session: SessionState,
        shares: Floats,
        values: Mapping[str, Value],
        lit_s: float,
        fade_s: float,
        now: float,
    ) -> Readouts:
        """``shares`` (S,) are the voices' signed weights as the hands have them. A sampled character is shown for
        ``lit_s`` seconds, but not longer than half of its turn, and then fades for ``fade_s``.
        """
        cards = session.cards
        children = self._children.of(lambda: np.array([card.fusible for card in cards], np.bool_), cards)
        lit = session.lit
        rate, fusion = number_of(values, "/mix/rate"), number_of(values, "/mix/fusion")
        grain = number_of(values, GRAIN)
        lit_s = min(lit_s, 0.5 / rate)
        weights = with_fusion(shares, fusion, children) if fusion > 0.0 else np.append(shares, 0.0)

        bits = threshold(values, session.threshold)
        text = session.text[-LOOKED_AT_CHARS - 1 :]
        code = self._code.of(lambda: np.array([card.kind == CODE for card in cards], np.bool_), cards)
        says = float(without_fusion(weights, shares, children)[code].sum())

        def shown(
            known: SessionState | SampledCharacter,
            joint: Distribution | None,
            sequence: int,
            lit: float,
            character: str,
            text: str,
        ) -> Readouts:
            distributions = known.distributions
            allowed = Place.behind(text).permits(values, says)
            voices, p = self._said.of(lambda: _stacked(distributions, len(weights)), distributions, cards)
            w = grained(weights[list(voices)], [known.evidence.get(voice, 0.0) for voice in voices], grain)
            joint = limited(_mixed(p, w, joint, heated(values, bits), allowed, known.known), bits)
            owners, responsibility = (
                voices,
                responsibilities_of_all(p, w, alloy_exponent(number_of(values, "/mix/alloy"))),
            )
            if len(shares) in voices:
                owners, responsibility = _share_out_fusion(
                    voices, responsibility, normalised(np.where(children, shares, 0.0))
                )
            return Readouts(sequence, lit, character, voices, p, w, joint, owners, responsibility)

        if lit is None:
            return shown(session, None, session.distributions_sequence, 0.0, "", text)
        if lit.sequence != self._lit_sequence:
            self._lit_sequence, self.last_at = lit.sequence, now
        since = now - self.last_at
        if since < lit_s:
            return shown(lit, lit.joint, lit.sequence, 1.0, lit.character, text[:-1])
        glow = max(0.0, 1.0 - (since - lit_s) / fade_s) if fade_s > 0.0 else 0.0
        return shown(session, None, session.distributions_sequence, glow, lit.character, text)


def _stacked(distributions: Mapping[int, Distribution], count: int) -> tuple[tuple[int, ...], Floats]:
    """The voices among the first ``count`` that speak, in order, and their distributions (n, 128)."""
    voices = tuple(sorted(voice for voice in distributions if voice < count))
    return voices, np.stack([distributions[voice] for voice in voices]) if voices else np.zeros((0, 128))


def _mixed(
    p: Floats, w: Floats, joint: Distribution | None, values: Mapping[str, Value], allowed: Mask, known: Mask | None
) -> Floats:
    """The mix of distributions ``p`` (n, 128) by weights ``w`` (n,); ``joint`` stands where nobody has weight."""
    if (w > 0.0).any():
        return mix(p, w, values, allowed, known)
    return np.zeros(128) if joint is None else joint


def _share_out_fusion(
    voices: tuple[int, ...], responsibility: Floats, made_of: Floats
) -> tuple[tuple[int, ...], Floats]:
    """The fused network's ``responsibility`` (the last of n rows) goes to the ``voices`` that it is ``made_of``."""
    owners = tuple(sorted({*voices[:-1], *np.flatnonzero(made_of).tolist()}))
    own = np.zeros((len(owners), responsibility.shape[1]))
    for voice, row in zip(voices[:-1], responsibility[:-1], strict=True):
        own[owners.index(voice)] += row
    return owners, own + made_of[list(owners)][:, None] * responsibility[-1]
