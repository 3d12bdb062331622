"""The end of a calibration: draws of parameters, weighted by how near their runs come to the record.

Approximate Bayesian computation by rejection with regression (Beaumont, Zhang & Balding 2002), on runs and
not on emulators. To the summaries of each parameter set errors are added as the targets state them, for
observation and discrepancy, and as chance has them between one history and the mean of a few: then what is
accepted is a posterior under those errors (Wilkinson 2013). The nearest are kept, with weights that fall to
nothing at the farthest; each is moved along a regression to where it would meet the targets.

M. A. Beaumont, W. Zhang & D. J. Balding 2002, Approximate Bayesian computation in population genetics,
Genetics 162:2025-2035. R. D. Wilkinson 2013, Approximate Bayesian computation gives exact results under the
assumption of model error, Statistical Applications in Genetics and Molecular Biology 12(2):129-141.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.study.calibrate import emulator
from sim.study.calibrate.files import Aim
from sim.study.experiments.need import need

COPIES = 4
"""Times that each parameter set is taken, each with errors of its own."""
FARTHEST = 3.0
"""Standard deviations beyond which it does not matter how far a target is missed, or that nothing is told."""
EDGE = 1e-3
"""How near to the ends of a range the scale on which parameters are moved tells them apart."""
_PENALTIES = np.logspace(0, 5, 11)


@dataclass(frozen=True)
class Pool:
    """Parameter sets that are not ruled out, with their runs."""

    points: np.ndarray
    """(N, parameters) in the unit cube"""
    mean: np.ndarray
    """(N, aims): means over runs on the scale of the targets, NaN where untold."""
    count: np.ndarray
    """(N, aims): how many runs."""
    single: np.ndarray
    """(N, aims): of one run alone, the first."""
    ensemble: np.ndarray
    """(aims,): variance of a single run."""


@dataclass(frozen=True)
class Posterior:
    """Weighted draws."""

    points: np.ndarray
    """(draws, parameters) in the unit cube, moved."""
    weights: np.ndarray
    """(draws,), adding up to 1."""
    rows: np.ndarray
    """(draws,): which set of the pool each was."""
    distance: float
    """How far from the targets the farthest is: root mean square over targets, in standard deviations."""
    more: np.ndarray
    """(draws, quantities): what was given along, moved likewise."""


def scales(aims: Sequence[Aim], pool: Pool) -> np.ndarray:
    """Return the standard deviation in which distance from each target is measured: (aims,)."""
    return np.sqrt([a.variance + e for a, e in zip(aims, pool.ensemble, strict=True)])


def noisy(aims: Sequence[Aim], pool: Pool, copies: int, rng: np.random.Generator) -> np.ndarray:
    """Return summaries of a single history as an observer would have them: (copies, N, aims)."""
    errors = np.array([a.variance for a in aims])
    chance = pool.ensemble * (1.0 - 1.0 / np.maximum(pool.count, 1))
    sd = np.sqrt(errors[None, :] + chance)
    return np.asarray(pool.mean + sd * rng.standard_normal((copies, *sd.shape)))


def posterior(
    aims: Sequence[Aim],
    pool: Pool,
    draws: int,
    rng: np.random.Generator,
    *,
    leave: np.ndarray | None = None,
    more: np.ndarray | None = None,
    copies: int = COPIES,
) -> Posterior:
    """Return weighted draws from a pool.

    Parameters
    ----------
    leave: bool (aims,), targets that are left out.
    more: (N, quantities), whatever else is to be moved to where the targets are met.
    """
    used = np.ones(len(aims), bool) if leave is None else ~leave
    scale = scales(aims, pool)
    seen = noisy(aims, pool, copies, rng)
    off = np.stack([a.off(seen[:, :, j]) / scale[j] for j, a in enumerate(aims)], axis=2)
    off = np.clip(np.where(np.isfinite(off), off, FARTHEST), -FARTHEST, FARTHEST)[:, :, used]
    off = off.reshape(-1, off.shape[2])
    distance = np.sqrt((off**2).mean(axis=1))
    nearest = np.argsort(distance, kind="stable")[: min(draws, len(distance) - 1)]
    farthest = float(np.sort(distance)[len(nearest)])
    weights = 1.0 - (distance[nearest] / farthest) ** 2 if farthest > 0.0 else np.ones(len(nearest))
    weights = np.maximum(weights, 1e-6)
    rows = nearest % len(pool.points)
    own = pool.points[rows]
    given = np.zeros((len(rows), 0)) if more is None else more[rows]
    told = np.asarray(np.isfinite(given).all(axis=1))
    moved, extra = _moved(off[nearest], weights, own, given, told)
    return Posterior(moved, weights / weights.sum(), rows, farthest, extra)


def _moved(
    off: np.ndarray, weights: np.ndarray, points: np.ndarray, more: np.ndarray, told: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return points and quantities, moved along a regression to where nothing is off."""
    linear = need("sklearn.linear_model", "experiments", "a calibration")
    u = np.clip(points, EDGE, 1.0 - EDGE)
    logit = np.log(u / (1.0 - u))
    extra = more.copy()
    with emulator.single_thread():
        line = linear.RidgeCV(_PENALTIES, alpha_per_target=logit.shape[1] > 1)
        line.fit(off, logit, sample_weight=weights)
        logit = logit - off @ np.atleast_2d(line.coef_).T
        if more.shape[1] and told.sum() > more.shape[1]:
            line = linear.RidgeCV(_PENALTIES).fit(off[told], more[told], sample_weight=weights[told])
            extra = more - off @ np.atleast_2d(line.coef_).T
    return 1.0 / (1.0 + np.exp(-logit)), extra


def quantiles(values: np.ndarray, weights: np.ndarray, at: Sequence[float]) -> np.ndarray:
    """Return weighted quantiles of values, NaN left out; NaN if there is none."""
    there = np.isfinite(values) & (weights > 0.0)
    values, weights = values[there], weights[there]
    if not len(values):
        return np.full(len(at), np.nan)
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.asarray(np.interp(np.asarray(at) * weights.sum(), middle, values[order]))
