"""How much better a forecast is than a naive one."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import spearmanr


def skill(observed: np.ndarray, forecast: np.ndarray, naive: np.ndarray) -> float:
    """Return 1 - (mean squared error of a forecast) / (that of a naive one), of log(1 + numbers).

    1: perfect; 0: as good as the naive one; below 0: worse. NaN where the naive one has no error.
    """
    y, f, n = (np.log1p(np.asarray(x, float)) for x in (observed, forecast, naive))
    worst = ((y - n) ** 2).mean()
    return float(1.0 - ((y - f) ** 2).mean() / worst) if worst > 0 else math.nan


def fitted_factor(observed: np.ndarray, forecast: np.ndarray) -> float:
    """Return the factor on a forecast that brings its sum to that observed; NaN for a forecast of nothing."""
    total = float(np.sum(forecast))
    return float(np.sum(observed)) / total if total > 0 else math.nan


def ranks(a: np.ndarray, b: np.ndarray) -> float:
    """Return Spearman's rank correlation; NaN where one does not vary."""
    x, y = np.ravel(a), np.ravel(b)
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    return float(spearmanr(x, y).statistic)


def within(a: np.ndarray, b: np.ndarray) -> float:
    """Return the correlation of log(1 + numbers) over time within places, (T, D): each place's mean off."""
    x, y = (np.log1p(np.asarray(z, float)) for z in (a, b))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    scale = math.sqrt((x**2).sum() * (y**2).sum())
    return float((x * y).sum() / scale) if scale > 0 else math.nan
