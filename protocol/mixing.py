"""The mix: from what each voice expects and where the controls stand to one distribution, and who is behind a draw.

Both processes mix with these functions: the server to write, the front end to redraw the joint histogram while a fader
moves. Pure numpy, float64 inside; no thread of its own. S voices, V = 128 characters; a distribution p sums to 1.

**Choirs**: in antiphony the voices in play are two groups, and only the one whose turn it is is heard.

**Weights** are signed: a positive one says how much of the mix a voice is, a negative one how far the mix is led away
from it (*contrast*); their absolute values sum to 1. **Fusion**: where a mix has S + 1 rows, the last is the network
that the voices in play are fused into, one more voice, to which they give a share of their weights.

Whatever comes in, what goes out is never NaN: entries that are not finite count as 0, and where nothing at all is left
to choose from each function says what it gives instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import repeat

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.alphabet import VOCABULARY, WRITABLE_CODES
from protocol.grain import grained
from protocol.messages import Tint
from protocol.puck import CROWD, MORE, Puck, joint_influence, pucks_in
from protocol.spelling import spelled
from protocol.tree import (
    ANTIPHONY,
    GRAIN,
    MIN_P,
    SPELLING,
    TOP_P,
    TURN,
    ParameterTree,
    Value,
    choir_address,
    number_of,
    on_address,
    place_address,
    weight_address,
)

WRITABLE = np.zeros(VOCABULARY, np.bool_)  # (V,) what may be written: space to tilde, line's end, tab
WRITABLE[sorted(WRITABLE_CODES)] = True
WRITABLE.flags.writeable = False

PLAUSIBLE_SHARE = (
    0.1  # of the likeliest character's probability; what has less is not chosen for being unlike something
)
STRONGEST_CONTRAST = 2.0  # contrast, however little of the mix is positive
CONTRAST_FLOOR = 0.05  # share of the joint itself in what it is compared with: no ratio is above 1 / DOUBT

DEFAULTS = ParameterTree(()).defaults()  # what holds for a control that a table of values leaves out

FARTHEST_CONCEPT = 1.0  # that a fused network is led away from voices, as a share of the way to them

Vector = NDArray[np.float64]


# ---- weights -----------------------------------------------------------------------------------------------------


def circle(values: Mapping[str, Value], slugs: Sequence[str]) -> list[int]:
    """The indices of the voices in play in their order round the puck, clockwise from twelve: by place, then index.

    In antiphony each choir stands together: the second on the right, the first on the left.
    """
    if not _number(values, ANTIPHONY):
        return _by_place(values, slugs)
    first, second = choirs(values, slugs)
    return [*second, *first]


def choirs(values: Mapping[str, Value], slugs: Sequence[str]) -> tuple[list[int], list[int]]:
    """The voices in play by choir, first and second, each clockwise in its order round the circle.

    A voice that is given to neither belongs to the side of the circle that it stands on: the second has the right.
    """
    playing = _by_place(values, slugs)
    right = (len(playing) + 1) // 2
    sides: tuple[list[int], list[int]] = ([], [])
    for place, voice in enumerate(playing):
        given = int(_number(values, choir_address(slugs[voice])))
        sides[given - 1 if given else int(place < right)].append(voice)
    return sides


def _by_place(values: Mapping[str, Value], slugs: Sequence[str]) -> list[int]:
    addresses = _addresses(tuple(slugs))
    playing = [i for i, (on, _, _) in enumerate(addresses) if values.get(on, False)]
    return sorted(playing, key=lambda i: _number(values, addresses[i][2], float(i)))


def effective_weights(values: Mapping[str, Value], slugs: Sequence[str]) -> Vector:
    """(S,) fader x pucks' influence of the voices in play, 0 for others, the absolute values summing to 1.

    Negative ones are contrast. All zeros if every fader is at 0. In antiphony the choir that waits has 0.
    """
    addresses = _addresses(tuple(slugs))
    weights = np.zeros(len(slugs))
    playing = circle(values, slugs)
    faders = [_number(values, addresses[i][1]) for i in playing]
    shares = pucks_influence(values, len(playing))
    if _number(values, ANTIPHONY):
        return balanced(_in_turn(values, slugs, playing, faders, shares))
    if shares is not None:
        faders = [fader * share for fader, share in zip(faders, shares, strict=True)]
    weights[playing] = faders
    return balanced(weights)


def _in_turn(
    values: Mapping[str, Value],
    slugs: Sequence[str],
    playing: Sequence[int],
    faders: Sequence[float],
    shares: Sequence[float] | None,
) -> Vector:
    """(S,) what ``effective_weights`` balances, of two choirs, each by how far it is its turn.

    The first is moved by the performer's pucks alone, the second by ``shares``, in which the crowd has a say. What is
    below 0 is kept away from in any turn, and where only one choir has anything to say, it speaks.
    """
    weights = np.zeros(len(slugs))
    first, second = choirs(values, slugs)
    own = pucks_influence(values, len(playing), crowd=False)
    for voice, fader, mine, joint in zip(playing, faders, own or repeat(1.0), shares or repeat(1.0), strict=False):
        weights[voice] = fader * (joint if voice in second else mine)
    sung = [float(_counted(weights[choir]).sum()) for choir in (first, second)]
    if min(sung) <= 0.0:
        return weights
    turn = min(1.0, max(0.0, _number(values, TURN)))
    for choir, part, whole in zip((first, second), (1.0 - turn, turn), sung, strict=True):
        heard = [voice for voice in choir if weights[voice] > 0.0]
        weights[heard] *= part / whole
    return weights


def let_through(values: Mapping[str, Value], slugs: Sequence[str]) -> dict[int, float]:
    """How much of each fader in play pucks and turn let through, by the voice's index; the most being 1."""
    playing = circle(values, slugs)
    said = pucks_influence(values, len(playing)) or (1.0,) * len(playing)
    passed = dict(zip(playing, said, strict=True))
    if _number(values, ANTIPHONY):
        ones = {**values, **{weight_address(slugs[voice]): 1.0 for voice in playing}}
        heard = effective_weights(ones, slugs)
        passed = {voice: float(heard[voice]) for voice in playing}
    most = max(passed.values(), default=1.0) or 1.0
    return {voice: share / most for voice, share in passed.items()}


def pucks_influence(values: Mapping[str, Value], n: int, crowd: bool = True) -> tuple[float, ...] | None:
    """What all pucks say to ``n`` voices in the circle's order; None where there are none: the faders stand alone.

    The performer's are the puck and those in ``MORE``, all lifted together; the crowd's are those in ``CROWD``, which
    are left out where not ``crowd``.
    """
    own: list[Puck] = []
    if not _number(values, "/puck/lifted"):
        puck = values.get("/puck", DEFAULTS["/puck"])
        x, y = puck[:2] if isinstance(puck, tuple) else (0.0, 0.0)
        own = [(x, y, 1.0), *pucks_in(values, MORE)]
    theirs = pucks_in(values, CROWD) if crowd else ()
    return joint_influence(own, theirs, _number(values, "/crowd/share"), n, _number(values, "/puck/falloff"))


def balanced(weights: ArrayLike) -> Vector:
    """``weights`` scaled so that their absolute values sum to 1, what is not finite counted as 0; all zeros stay so."""
    raw = np.asarray(weights, np.float64)
    kept = np.where(np.isfinite(raw), raw, 0.0)
    greatest = np.abs(kept).max(initial=0.0)
    if greatest == 0.0:
        return kept
    kept /= greatest  # before the sum: so that neither huge nor tiny weights overflow it
    return np.asarray(kept / np.abs(kept).sum())


def normalised(weights: ArrayLike) -> Vector:
    """The positive ones of ``weights`` scaled to sum to 1, all others 0; all zeros if none is positive."""
    kept = _counted(np.asarray(weights, np.float64))
    greatest = kept.max(initial=0.0)
    if greatest == 0.0:
        return kept
    kept /= greatest  # before the sum: so that neither huge nor tiny weights overflow it
    return np.asarray(kept / kept.sum())


def alloy_exponent(alloy: float) -> float:
    """The power mean's exponent for the alloy knob in [-1, 1]: (1 - 2x) / (1 - x^2).

    -1 gives +inf (maximum), 0 gives 1 (arithmetic), 0.5 gives 0 (geometric), 1 gives -inf (minimum).
    """
    if alloy <= -1.0:
        return math.inf
    if alloy >= 1.0:
        return -math.inf
    return (1.0 - 2.0 * alloy) / ((1.0 - alloy) * (1.0 + alloy))


def contrast_strength(w: ArrayLike) -> float:
    """How strongly weights ``w`` (S,) keep away from the voices below 0: their sum against the others', at most 2."""
    weights = balanced(w)
    wanted, unwanted = float(_counted(weights).sum()), float(_counted(-weights).sum())
    if wanted == 0.0:
        return 0.0
    return STRONGEST_CONTRAST if unwanted >= STRONGEST_CONTRAST * wanted else unwanted / wanted


def with_fusion(w: ArrayLike, fusion: float, children: ArrayLike = True) -> Vector:
    """(S + 1,) weights ``w`` (S,) with the fused network's last, for the knob ``fusion`` in [0, 1].

    Every positive weight of a voice that is among the ``children`` of the base gives this share of itself. The others
    are mixed only, and contrast stays contrast.
    """
    weights = balanced(w)
    share = min(1.0, max(0.0, fusion)) if math.isfinite(fusion) else 0.0
    given = np.where(np.broadcast_to(np.asarray(children, np.bool_), weights.shape), _counted(weights), 0.0)
    return np.append(weights - share * given, share * given.sum())


def fusion_parts(w: ArrayLike, children: ArrayLike, concept: float) -> Vector:
    """(S,) how much of each voice's parameters is in the fused network, for weights ``w`` (S,); they sum to 1.

    The ``children`` above 0 are in it by their weights. With ``concept`` above 0 (to 1) those below 0 are led away from
    as well: the difference between the mean of the others and such a voice is a direction ("Austen minus Bible"), and
    the network goes along it (task arithmetic, Ilharco et al. 2023). All zeros where no child is above 0.
    """
    weights = np.where(np.broadcast_to(np.asarray(children, np.bool_), np.shape(w)), np.asarray(w, np.float64), 0.0)
    parts = normalised(weights)
    positive = _counted(weights).sum()
    if not (concept > 0.0 and positive > 0.0):
        return parts
    away = min(1.0, concept) * _counted(-weights) / positive
    total = float(away.sum())
    if total > FARTHEST_CONCEPT:
        away, total = away * (FARTHEST_CONCEPT / total), FARTHEST_CONCEPT
    return np.asarray(parts * (1.0 + total) - away)


# ---- mixing ------------------------------------------------------------------------------------------------------


def power_mean(p: NDArray[np.floating], w: ArrayLike, exponent: float) -> Vector:
    """(V,) the ``w``-weighted power mean of the rows of ``p`` (S, V), summing to 1 as far as they do.

    Exponent 1 is sum w p, 0 the geometric mean, +inf the maximum and -inf the minimum over voices with w > 0; the
    others are ignored, whatever their rows hold. A single voice gives its own row, bit for bit. Where the voices agree
    on no character at all (a geometric mean of rows that do not overlap) it is sum w p; zeros if nobody has weight.
    """
    shares = normalised(w)
    speaking = np.flatnonzero(shares)  # n voices
    if not len(speaking):
        return np.zeros(np.shape(p)[-1])
    rows, shares = _counted(np.asarray(p[speaking], np.float64)), shares[speaking]  # (n, V), (n,)
    if len(speaking) == 1:
        return np.asarray(rows[0])
    if exponent == 1.0:
        return np.asarray(shares @ rows)
    with np.errstate(divide="ignore"):
        logs = np.log(rows)  # (n, V), -inf for 0
    mean = _log_mean(logs, shares, exponent)  # (V,)
    likeliest = mean.max()
    if likeliest == -math.inf:
        return np.asarray(shares @ rows)
    powers = np.exp(mean - likeliest)
    return np.asarray(powers / powers.sum())


def contrast(p: ArrayLike, unwanted: ArrayLike, strength: float) -> Vector:
    """(V,) ``p`` led away from what ``unwanted`` (V,) expects: p (p / q)^strength, summing to 1.

    Contrastive decoding (Li et al. 2023) made continuous. q is ``unwanted`` with a little of p, so that no ratio is
    boundless; where both agree nothing changes. Only what p itself finds plausible may gain: a character that it gives
    less than PLAUSIBLE x strength (at most PLAUSIBLE) of its likeliest is not chosen, one that it gives less than twice
    that only partly. At strength 0 it is p.
    """
    kept, other = _counted(np.asarray(p, np.float64)), _counted(np.asarray(unwanted, np.float64))
    total, against = kept.sum(), other.sum()
    limit = PLAUSIBLE_SHARE * min(1.0, strength)
    if total == 0.0 or against == 0.0 or not limit > 1e-12:
        return np.asarray(kept / (total or 1.0))
    kept /= total
    plausible = np.clip((kept / kept.max() - limit) / limit, 0.0, 1.0)
    compared = (1.0 - CONTRAST_FLOOR) * (other / against) + CONTRAST_FLOOR * kept
    ratio = np.divide(kept, compared, out=np.zeros_like(kept), where=plausible > 0.0)
    led = kept * plausible * ratio**strength
    return np.asarray(led / led.sum())


def temper(p: NDArray[np.floating], temperature: float) -> Vector:
    """p^(1/T) renormalised, in logs, for ``temperature`` T > 0; zeros stay zeros and 1 changes nothing but the sum."""
    kept = _counted(np.asarray(p, np.float64))
    total = kept.sum()
    if total == 0.0 or temperature == 1.0:
        return np.asarray(kept / (total or 1.0))
    with np.errstate(divide="ignore", over="ignore"):
        logs = np.log(kept / kept.max())  # the likeliest has 0, so the division never overflows it
        powers = np.exp(logs / temperature)
    return np.asarray(powers / powers.sum())


def top_p(p: NDArray[np.floating], share: float) -> Vector:
    """The nucleus (Holtzman et al. 2020): the fewest likeliest characters that together reach ``share``, renormalised.

    The likeliest is always among them; of equals the lower code is kept first.
    """
    kept = _counted(np.asarray(p, np.float64))
    total = kept.sum()
    if share < 1.0 and total > 0.0:
        order = np.argsort(-kept, kind="stable")
        reached = np.cumsum(kept[order])
        kept[order[int(np.searchsorted(reached, max(0.0, share) * total)) + 1 :]] = 0.0
        total = kept.sum()
    return np.asarray(kept / (total or 1.0))


def min_p(p: NDArray[np.floating], share: float) -> Vector:
    """Only what has at least this ``share`` of the likeliest's probability (Nguyen et al. 2024), renormalised."""
    kept = _counted(np.asarray(p, np.float64))
    kept[kept < min(1.0, share) * kept.max(initial=0.0)] = 0.0
    return np.asarray(kept / (kept.sum() or 1.0))


def mix(
    p: NDArray[np.floating],
    w: ArrayLike,
    values: Mapping[str, Value],
    allowed: NDArray[np.bool_] = WRITABLE,
    known: NDArray[np.bool_] | None = None,
) -> Vector:
    """(V,) what the next character is drawn from: rows ``p`` (S, V), weights ``w`` (S,) and the controls' ``values``.

    In this order: power mean of the voices above 0, only ``allowed`` characters, contrast with those below 0, ``known``
    characters (all where it is None) before others as ``/mix/spelling`` says, temperature, min-p, top-p. All zeros if
    nobody is above 0; if the voices want nothing that is allowed, every allowed character is as likely. ``allowed``
    (V,) holds WRITABLE characters only.
    """
    if not normalised(w).any():
        return np.zeros(np.shape(p)[-1])
    mean = power_mean(p, w, alloy_exponent(_number(values, "/mix/alloy")))
    mean = np.where(allowed, mean, 0.0)
    if not mean.any():
        mean = allowed.astype(np.float64)
    strength = contrast_strength(w)
    if strength > 0.0:
        unwanted = power_mean(p, -np.asarray(w, np.float64), 1.0)
        mean = contrast(mean, np.where(allowed, unwanted, 0.0), strength)
    spelling = number_of(values, SPELLING)
    if known is not None and spelling > 0.0:
        mean = spelled(mean, p, w, known, spelling)
    tempered = temper(mean, _number(values, "/mix/temperature"))
    least = _number(values, MIN_P)
    return top_p(min_p(tempered, least) if least > 0.0 else tempered, _number(values, TOP_P))


def joint(
    p: NDArray[np.floating],
    values: Mapping[str, Value],
    slugs: Sequence[str],
    children: ArrayLike = True,
    allowed: NDArray[np.bool_] = WRITABLE,
    evidence: ArrayLike | None = None,
) -> Vector:
    """``mix`` with the ``effective_weights`` of the voices ``slugs``: row i of ``p`` is what ``slugs[i]`` expects.

    A row more is the fused network's, which takes the share that ``/mix/fusion`` says of its ``children``'s weights.
    ``evidence``, one number a row, is how well each foresaw the present word (``protocol.grain``).
    """
    weights = effective_weights(values, slugs)
    if len(p) > len(slugs):
        weights = with_fusion(weights, _number(values, "/mix/fusion"), children)
    if evidence is not None:
        weights = grained(weights, evidence, _number(values, GRAIN))
    return mix(p, weights, values, allowed)


def draw(p: NDArray[np.floating], u: float) -> int:
    """The code that ``u`` in [0, 1) picks from ``p`` (V,) by the inverse cumulative sum; never one of probability 0.

    Raises ``ValueError`` if every probability is 0.
    """
    reached = np.cumsum(_counted(np.asarray(p, np.float64)))
    if reached[-1] == 0.0:
        raise ValueError("no character has a probability")
    last = int(np.searchsorted(reached, reached[-1]))  # rounding may carry u * total past it
    return min(last, int(np.searchsorted(reached, u * reached[-1], side="right")))


# ---- who said it -------------------------------------------------------------------------------------------------


def responsibilities(p_column: ArrayLike, w: ArrayLike, exponent: float) -> Vector:
    """(S,) each voice's part in a character: r_i proportional to w_i p_i^exponent, summing to 1.

    ``p_column`` (S,) is what each voice gave the character; negative weights count as none. An infinite exponent gives
    all to the extreme voice (equals share by weight), as does a negative one to voices that gave it nothing; where no
    voice gave it anything it is w.
    """
    shares = normalised(w)
    given = _counted(np.asarray(p_column, np.float64))
    if exponent == 0.0 or not shares.any():
        return shares
    with np.errstate(divide="ignore"):
        logs = np.log(given)
    speaking = logs[shares > 0.0]
    extreme = speaking.max() if exponent > 0.0 else speaking.min()
    if math.isinf(exponent) or extreme == -math.inf:
        return normalised(np.where(logs == extreme, shares, 0.0))
    with np.errstate(over="ignore"):
        powers = np.exp(np.minimum(0.0, exponent * (logs - extreme)))  # silent voices may lie beyond the extreme
    return normalised(shares * powers)


def without_fusion(r: ArrayLike, w: ArrayLike, children: ArrayLike = True) -> Vector:
    """(S,) responsibilities ``r`` (S + 1,) with the fused network's part given to those it was fused from.

    They are the ``children`` with a positive weight in ``w`` (S,), and share it by weight.
    """
    parts = normalised(r)
    given = np.where(np.broadcast_to(np.asarray(children, np.bool_), np.shape(w)), _counted(np.asarray(w, float)), 0.0)
    return normalised(parts[:-1] + parts[-1] * normalised(given))


def tint(r: ArrayLike) -> Tint:
    """The up to three strongest of responsibilities ``r`` (S,) as (voice index, 0-255), strongest first, none at 0."""
    levels = np.rint(255.0 * normalised(r)).astype(np.int64)
    strongest = np.argsort(-levels, kind="stable")[:3]
    return tuple((int(i), int(levels[i])) for i in strongest if levels[i] > 0)


# ---- levels on the wire ------------------------------------------------------------------------------------------


def quantise(p: ArrayLike) -> NDArray[np.uint8]:
    """round(255 * sqrt(p)), any shape: fine where p is small, off by at most 1/255 of p's root."""
    return np.rint(255.0 * np.sqrt(np.clip(_counted(np.asarray(p, np.float64)), 0.0, 1.0))).astype(np.uint8)


def dequantise(levels: ArrayLike) -> Vector:
    """(levels / 255)^2, any shape; not renormalised, so a sum may be off 1 by a few per cent."""
    return np.asarray(np.square(np.asarray(levels, np.float64) / 255.0))


def _counted(values: NDArray[np.float64]) -> Vector:
    """A copy in which only what is finite and positive is left, the rest 0."""
    return np.where(np.isfinite(values) & (values > 0.0), values, 0.0)


def _log_mean(logs: Vector, shares: Vector, exponent: float) -> Vector:
    """(V,) the log of the power mean of exp(``logs``) (n, V) by ``shares`` (n,); -inf where it is 0."""
    if abs(exponent) < 1e-9:  # 1 / exponent would only magnify rounding
        return np.asarray(shares @ logs)
    extreme = logs.max(0) if exponent > 0.0 else logs.min(0)  # (V,)
    if math.isinf(exponent):
        return np.asarray(extreme)
    with np.errstate(invalid="ignore", over="ignore"):
        powers = np.exp(exponent * (logs - extreme))  # <= 1; NaN only where the extreme is -inf
        mean = extreme + np.log(shares @ powers) / exponent
    return np.where(np.isneginf(extreme), -math.inf, mean)


def _number(values: Mapping[str, Value], address: str, default: float = 0.0) -> float:
    """A control's value as a number; what ``values`` lacks stands at its default, for a voice's the one given."""
    return number_of(values, address) if address in values else number_of(DEFAULTS, address, default)


@lru_cache(maxsize=16)
def _addresses(slugs: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """Switch, fader and place of each voice, put together once and not in every frame."""
    return tuple((on_address(slug), weight_address(slug), place_address(slug)) for slug in slugs)
