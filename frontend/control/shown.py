"""What the read-outs show in a frame: whose wishes, mixed as the hands are now, and who is owed what.

While the last character shines it is the set that it was drawn from, then the next one, which waits for its turn. UI
thread only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from frontend.control.axis import parts
from frontend.mirror import Mirror, Wish
from frontend.theme import Motion
from protocol.mixing import alloy_exponent, mix, normalised, with_fusion
from protocol.tree import Value

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shown:
    """One frame's read-outs. n voices speak, in list order; the fused network counts as voice S, the last."""

    sequence: int = -1  # of the character that this is, or was, the choice of
    lit: float = 0.0  # 1 while the sampled character shines, fading to 0
    character: str = ""
    voices: tuple[int, ...] = ()  # (n,) indices
    wishes: Floats = field(default_factory=lambda: np.zeros((0, 128)))  # (n, 128)
    weights: Floats = field(default_factory=lambda: np.zeros(0))  # (n,) signed
    joint: Floats = field(default_factory=lambda: np.zeros(128))
    owners: tuple[int, ...] = ()  # (m,) the voices that something is owed to; the fused network is none of them
    owed: Floats = field(default_factory=lambda: np.zeros((0, 128)))  # (m, 128), columns of sum 1

class Chooser:
    """Chooses a frame's read-outs. Remembers since when the last character shines."""

    def __init__(self) -> None:
        self.last_at = 0.0  # when a character last came, monotonic seconds
        self._lit_sequence = -1

    def choose(self, mirror: Mirror, shares: Floats, values: Mapping[str, Value], motion: Motion, now: float) -> Shown:
        """``shares`` (S,) are the voices' signed weights as the hands have them."""
        children = np.array([card.fusible for card in mirror.cards], np.bool_)
        lit = mirror.lit
        rate, fusion = values["/mix/rate"], values["/mix/fusion"]
        assert not isinstance(rate, tuple) and not isinstance(fusion, tuple)
        shine, fade = min(motion.lit, 0.5 / rate), motion.lit_fade
        weights = with_fusion(shares, fusion, children) if fusion > 0.0 else np.append(shares, 0.0)
        def shown(wishes: Mapping[int, Wish], joint: Wish | None, sequence: int, lit: float, character: str) -> Shown:
            voices, p, w, joint = _mixed(wishes, joint, weights, values)
            alloy = values["/mix/alloy"]
            assert not isinstance(alloy, tuple)
            made_of = normalised(np.where(children, shares, 0.0))
            owners, owed = _owed(voices, parts(p, normalised(w), alloy_exponent(alloy)), made_of)
            return Shown(sequence, lit, character, voices, p, w, joint, owners, owed)

        if lit is None:
            return shown(mirror.distributions, None, mirror.distributions_sequence, 0.0, "")
        if lit.sequence != self._lit_sequence:
            self._lit_sequence, self.last_at = lit.sequence, now
        since = now - self.last_at
        if since < shine:
            return shown(lit.distributions, lit.joint, lit.sequence, 1.0, lit.character)
        glow = max(0.0, 1.0 - (since - shine) / fade) if fade > 0.0 else 0.0
        return shown(mirror.distributions, None, mirror.distributions_sequence, glow, lit.character)


def _mixed(
    wishes: Mapping[int, Wish], joint: Wish | None, weights: Floats, values: Mapping[str, Value]
) -> tuple[tuple[int, ...], Floats, Floats, Floats]:
    """Who speaks, their wishes, their weights and their mix. ``weights`` (S + 1,), the fused network's last; ``joint``
    stands where nobody has weight."""
    voices = tuple(sorted(voice for voice in wishes if voice < len(weights)))
    p = np.stack([wishes[voice] for voice in voices]) if voices else np.zeros((0, 128))
    w = weights[list(voices)]
    if (w > 0.0).any():
        joint = mix(p, w, values)
    elif joint is None:
        joint = np.zeros(128)
    return voices, p, w, joint


def _owed(voices: tuple[int, ...], owed: Floats, made_of: Floats) -> tuple[tuple[int, ...], Floats]:
    """``owed`` (n, V) to ``voices``, with the fused network's part given to the voices it is ``made_of``, in these

    shares.
    """
    fused = len(made_of)
    if fused not in voices:
        return voices, owed
    owners = tuple(sorted({*voices[:-1], *np.flatnonzero(made_of).tolist()}))
    own = np.zeros((len(owners), owed.shape[1]))
    for voice, row in zip(voices[:-1], owed[:-1], strict=True):
        own[owners.index(voice)] += row
    return owners, own + made_of[list(owners)][:, None] * owed[-1]
