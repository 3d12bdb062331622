"""How well runs pin down a mean: intervals and tests that hold for skewed differences.

The excess of a schedule has a long tail (one run in twenty holds a massacre that another does not), so
that the usual bootstrap intervals hold the mean less often than they say. Hall's (1992) transformation takes
the skewness out of Student's t, but trusts a skewness that few runs show badly; Student's t is safe where
tails are heavy on both sides. The interval here reaches as far as the farther of the two on either side. It
needs no resampling: it is exact, repeatable, and linear in runs. How often it holds the mean, beside other
methods: experiments/intervals.md.

P. Hall 1992, On the removal of skewness by transformation, J. R. Statist. Soc. B 54:221-228.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

FEWEST = 20
"""Runs below which no interval is given: with fewer the tail of the differences has not been seen."""
LEVEL = 0.95
UNSEEN = 15.0
"""Runs over which the skewness of a sample is doubled: a sample of n shows less of it than there is, by
about 1 + 15/n for the excess in the Liberian case (by which this was set; the other cases test it)."""


def _moments(x: np.ndarray) -> tuple[float, float, float]:
    """Return mean, its standard error, and the skewness (enlarged, see `UNSEEN`) over the root of n."""
    mean = float(x.mean())
    deviation = x - mean
    spread = float(x.std(ddof=1))
    if spread <= 0.0:
        return mean, 0.0, 0.0
    n = len(x)
    skew = float((deviation**3).mean()) / spread**3 * (1.0 + UNSEEN / n)
    return mean, spread / math.sqrt(n), skew / math.sqrt(n)


def mean_interval(x: Sequence[float] | np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Return the confidence interval of a mean at `level`; NaN, NaN for fewer than two values."""
    x = np.asarray(x, float)
    n = len(x)
    if n < 2:
        return math.nan, math.nan
    mean, error, g = _moments(x)
    if error == 0.0:
        return mean, mean
    t = float(special.stdtrit(n - 1, 0.5 + level / 2.0))
    return mean - error * max(t, _untransformed(t, g)), mean - error * min(-t, _untransformed(-t, g))


def proportion_interval(share: float, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Return Wilson's interval of a share (0-1) of `n` runs: it stays between none and all.

    NaN, NaN without runs.
    """
    if n < 1:
        return math.nan, math.nan
    z = float(special.ndtri(0.5 + level / 2.0))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def p_value(x: Sequence[float] | np.ndarray) -> float:
    """Return the two-sided p-value of a mean of zero, by the same method; 1 for fewer than two values.

    It is below 1 - level exactly where the interval at `level` excludes zero.
    """
    x = np.asarray(x, float)
    if len(x) < 2:
        return 1.0
    mean, error, g = _moments(x)
    if error == 0.0:
        return 1.0 if mean == 0.0 else 0.0
    t = mean / error
    hall = _transformed(t, g)
    nearer = min(abs(t), abs(hall)) if t * hall > 0 else 0.0
    return float(2.0 * special.stdtr(len(x) - 1, -nearer))


def sign_p_value(x: Sequence[float] | np.ndarray) -> float:
    """Return the two-sided p-value of as many values above zero as below (sign test; zeros do not count)."""
    x = np.asarray(x, float)
    above, below = int((x > 0).sum()), int((x < 0).sum())
    return min(1.0, 2.0 * float(special.bdtr(min(above, below), above + below, 0.5)))


def _transformed(t: float, g: float) -> float:
    """Return Student's t without its skewness; `g`: skewness over the root of the sample's size."""
    return t + g * t * t / 3.0 + g * g * t**3 / 27.0 + g / 6.0


def _untransformed(u: float, g: float) -> float:
    """Return the t that `_transformed` makes `u`: it is monotone, so there is one."""
    if abs(g) < 1e-9:
        return u
    return 3.0 / g * (math.copysign(abs(1.0 + g * (u - g / 6.0)) ** (1 / 3), 1.0 + g * (u - g / 6.0)) - 1.0)


def holm(p: Sequence[float] | np.ndarray, level: float = 1.0 - LEVEL) -> np.ndarray:
    """Return which of several comparisons hold together: bool, in the given order (Holm 1979).

    The chance that any of them holds although nothing differs is at most `level`.
    """
    p = np.asarray(p, float)
    order = np.argsort(p, kind="stable")
    passed = p[order] <= level / np.arange(len(p), 0, -1)
    held = np.zeros(len(p), bool)
    held[order] = np.logical_and.accumulate(passed)
    return held
