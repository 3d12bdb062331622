"""How well runs pin down a mean: intervals and tests that hold for skewed differences.

The excess of a schedule has a long tail (one run in twenty holds a massacre that another run does not), so
that Student's t and the usual bootstrap intervals hold the mean less often than they say. Hall's (1992)
transformation takes the skewness out of Student's t; it needs no resampling, so it is exact, repeatable
and linear in runs. How often it holds: experiments/intervals/.

P. Hall 1992, On the removal of skewness by transformation, J. R. Statist. Soc. B 54:221-228.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

FEWEST = 20
"""Runs below which no interval is given: with fewer the tail of the differences has not been seen."""
LEVEL = 0.95


def _moments(x: np.ndarray) -> tuple[float, float, float]:
    """Return mean, its standard error, and the skewness."""
    mean = float(x.mean())
    deviation = x - mean
    spread = float(x.std(ddof=1))
    if spread <= 0.0:
        return mean, 0.0, 0.0
    skew = float((deviation**3).mean()) / spread**3
    return mean, spread / math.sqrt(len(x)), skew


def mean_interval(x: Sequence[float] | np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Return the confidence interval of a mean at `level`; NaN, NaN for fewer than two values."""
    x = np.asarray(x, float)
    n = len(x)
    if n < 2:
        return math.nan, math.nan
    mean, error, skew = _moments(x)
    if error == 0.0:
        return mean, mean
    t = float(stats.t.ppf(0.5 + level / 2.0, n - 1))
    g = skew / math.sqrt(n)
    return mean - error * _untransformed(t, g), mean - error * _untransformed(-t, g)


def p_value(x: Sequence[float] | np.ndarray) -> float:
    """Return the two-sided p-value of a mean of zero, by the same method; 1 for fewer than two values."""
    x = np.asarray(x, float)
    if len(x) < 2:
        return 1.0
    mean, error, skew = _moments(x)
    if error == 0.0:
        return 1.0 if mean == 0.0 else 0.0
    t = _transformed(mean / error, skew / math.sqrt(len(x)))
    return float(2.0 * stats.t.sf(abs(t), len(x) - 1))


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
