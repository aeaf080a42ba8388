"""The mix: from what each voice expects and where the controls stand to one distribution, and who is behind a draw.

Both processes mix with these functions: the server to write, the front end to redraw the joint histogram while a fader
moves. Pure numpy, float64 inside; no thread of its own. S voices, V = 128 characters; a distribution p sums to 1.

Whatever comes in, what goes out is never NaN: entries that are not finite count as 0, and where nothing at all is left
to choose from each function says what it gives instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.messages import Tint
from protocol.puck import influence
from protocol.tree import ParameterTree, Value, on_address, weight_address

VOCABULARY = 128
WRITABLE = np.zeros(VOCABULARY, np.bool_)  # (V,) what may be written: space to tilde, line's end, tab
WRITABLE[32:127] = WRITABLE[[ord("\n"), ord("\t")]] = True
WRITABLE.flags.writeable = False

DEFAULTS = ParameterTree(()).defaults()  # what holds for a control that a table of values leaves out

Vector = NDArray[np.float64]


# ---- weights -----------------------------------------------------------------------------------------------------


def effective_weights(values: Mapping[str, Value], slugs: Sequence[str]) -> Vector:
    """(S,) fader x puck influence of the voices that are on, 0 for others, summing to 1; all zeros if nobody speaks."""
    weights = np.zeros(len(slugs))
    playing = [i for i, slug in enumerate(slugs) if values.get(on_address(slug), False)]
    faders = [_number(values, weight_address(slugs[i])) for i in playing]
    if not _number(values, "/puck/lifted"):
        puck = values.get("/puck", DEFAULTS["/puck"])
        centre = puck if isinstance(puck, tuple) else (0.0, 0.0)
        shares = influence(centre, len(playing), _number(values, "/puck/falloff"))
        faders = [fader * share for fader, share in zip(faders, shares, strict=True)]
    weights[playing] = faders
    return normalised(weights)


def normalised(weights: ArrayLike) -> Vector:
    """``weights`` scaled to sum to 1, whatever is negative or not finite counted as 0; all zeros stay zeros."""
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


def mix(p: NDArray[np.floating], w: ArrayLike, values: Mapping[str, Value]) -> Vector:
    """(V,) what the next character is drawn from: rows ``p`` (S, V), weights ``w`` (S,) and the controls' ``values``.

    In this order: power mean, only WRITABLE characters, temperature, top-p. All zeros if nobody has weight; if the
    voices want nothing that can be written, every WRITABLE character is as likely.
    """
    if not normalised(w).any():
        return np.zeros(np.shape(p)[-1])
    mean = power_mean(p, w, alloy_exponent(_number(values, "/mix/alloy")))
    mean = np.where(WRITABLE, mean, 0.0)
    if not mean.any():
        mean = WRITABLE.astype(np.float64)
    return top_p(temper(mean, _number(values, "/mix/temperature")), _number(values, "/mix/top_p"))


def joint(p: NDArray[np.floating], values: Mapping[str, Value], slugs: Sequence[str]) -> Vector:
    """``mix`` with the ``effective_weights`` of the voices ``slugs``: row i of ``p`` is what ``slugs[i]`` expects."""
    return mix(p, effective_weights(values, slugs), values)


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

    ``p_column`` (S,) is what each voice gave the character. An infinite exponent gives all to the extreme voice (equals
    share by weight), as does a negative one to voices that gave it nothing; where no voice gave it anything it is w.
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


def _number(values: Mapping[str, Value], address: str) -> float:
    """A control's value as a number; what ``values`` lacks stands at its default, and a fader's is 0."""
    value = values.get(address, DEFAULTS.get(address, 0.0))
    return 0.0 if isinstance(value, tuple) else float(value)
