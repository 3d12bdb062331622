"""Whether a calibration can be believed: tried on worlds whose parameters are known, and on cases left out.

Nothing is run for it. A world that was run stands for the truth, what an observer would have of one of its
histories for the record, and the other worlds for what is known: the intervals must hold the truth as often
as they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim.study.calibrate import emulator
from sim.study.calibrate.abc import Pool, posterior, quantiles
from sim.study.calibrate.files import Aim, Rule
from sim.study.calibrate.history import Wave, counted, implausibility

LEVELS = (0.05, 0.5, 0.95)
"""Ends and middle of the intervals whose coverage is counted: nine in ten."""
COVERS = (0.85, 0.95)
"""Coverage of nine in ten that is as good as can be told."""


@dataclass(frozen=True)
class Coverage:
    """How often intervals of nine in ten hold a truth that is known."""

    truths: int
    parameters: np.ndarray
    """(parameters,): of each."""
    quantities: np.ndarray
    """(quantities,): of each of what was given along; NaN where it could not be told."""
    narrower: np.ndarray
    """(parameters,): how wide the interval is, beside that of the pool; 1 where nothing was learnt."""

    @property
    def mean(self) -> float:
        """Over all parameters."""
        return float(self.parameters.mean())

    def interval(self, share: float, each: int = 1) -> tuple[float, float]:
        """Return the 95 % interval (Wilson) of a share over the truths."""
        n, z = self.truths * each, 1.96
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return middle - half, middle + half


def coverage(
    aims: Sequence[Aim],
    pool: Pool,
    draws: int,
    truths: int,
    quantities: np.ndarray,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Coverage:
    """Try the method on worlds of the pool: each in turn the truth, the others what is known.

    Its record is its first run with errors as stated; a target that is a range lies around that anywhere.
    `quantities` (N, Q): what else of each world should be held by its interval. Parameters are compared in
    the unit cube. `draws` is scaled with the pool.
    """
    rng = np.random.default_rng([seed, 4])
    n = len(pool.points)
    chosen = rng.permutation(n)[: min(truths, n)]
    inside = np.zeros((len(chosen), pool.points.shape[1]))
    narrower = np.zeros(inside.shape)
    held = np.full((len(chosen), quantities.shape[1]), np.nan)
    everything = np.ptp(np.quantile(pool.points, [LEVELS[0], LEVELS[-1]], axis=0), axis=0)
    for k, i in enumerate(chosen):
        own = _truth(aims, pool.single[i], rng)
        rest = np.arange(n) != i
        there = np.isfinite(pool.single[i])
        others = Pool(pool.points[rest], pool.mean[rest], pool.count[rest], pool.single[rest], pool.ensemble)
        found = posterior(own, others, draws, rng, leave=~there, more=quantities[rest])
        for p in range(inside.shape[1]):
            low, _, high = quantiles(found.points[:, p], found.weights, LEVELS)
            inside[k, p] = low <= pool.points[i, p] <= high
            narrower[k, p] = (high - low) / max(everything[p], 1e-9)
        for q in range(held.shape[1]):
            low, _, high = quantiles(found.more[:, q], found.weights, LEVELS)
            if np.isfinite([low, quantities[i, q]]).all():
                held[k, q] = low <= quantities[i, q] <= high
        progress(k + 1, len(chosen))
    known = np.isfinite(held)
    shares = np.where(known.any(axis=0), np.nansum(held, axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)
    return Coverage(len(chosen), inside.mean(axis=0), shares, narrower.mean(axis=0))


def _truth(aims: Sequence[Aim], single: np.ndarray, rng: np.random.Generator) -> list[Aim]:
    """Return the targets that an observer of one history would state."""
    seen = single + np.sqrt([a.variance for a in aims]) * rng.standard_normal(len(aims))
    made = []
    for aim, known in zip(aims, seen, strict=True):
        width, share = aim.high - aim.low, rng.random()
        value = float(known) if np.isfinite(known) else aim.low
        made.append(replace(aim, low=value - share * width, high=value + (1.0 - share) * width))
    return made


def left_out(aims: Sequence[Aim], waves: Sequence[Wave], rule: Rule, candidates: np.ndarray) -> pd.DataFrame:
    """Return what the other cases foresee of the targets of each case: a row a target.

    Parameter sets are those that no target of another case rules out, and summaries what the emulators of the
    last wave make of them: median, and nine in ten of single histories. Only what is told of them is used.
    """
    rows = []
    cases = list(dict.fromkeys(a.case for a in aims))
    rng = np.random.default_rng(5)
    with emulator.single_thread():
        found = [implausibility(one, aims, candidates) for one in waves]
    for case in cases if len(cases) > 1 else ():
        others = np.array([a.case != case for a in aims])
        kept = np.ones(len(candidates), bool)
        for one, implausible in zip(waves, found, strict=True):
            kept &= counted(implausible[:, others], rule.allowed) <= one.cut
        last = waves[-1]
        for j, aim in enumerate(aims):
            made = last.emulators[j]
            if aim.case != case or made is None or not kept.any():
                continue
            mean, variance = made.predict(candidates[kept])
            sd = np.sqrt(variance + last.ensemble[j])
            seen = mean[:, None] + sd[:, None] * rng.standard_normal((len(mean), 20))
            low, middle, high = aim.summary.unscaled(np.quantile(seen, LEVELS))
            inside = aim.low <= np.quantile(seen, LEVELS[2]) and np.quantile(seen, LEVELS[0]) <= aim.high
            rows.append(
                {
                    "case": case, "summary": aim.name, "target": aim.words, "low": float(low),
                    "median": float(middle), "high": float(high), "meets": bool(inside),
                    "left": float(kept.mean()),
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=["case", "summary", "target", "low", "median", "high", "meets", "left"])


def misfits(aims: Sequence[Aim], pool: Pool, cut: float) -> np.ndarray:
    """Return which share of the parameter sets that were run could have made each target: (aims,).

    Could have: its mean lies within `cut` standard deviations of chance, observation and discrepancy.
    """
    sd = np.sqrt([a.variance + e for a, e in zip(aims, pool.ensemble, strict=True)])
    off = np.stack([a.off(pool.mean[:, j]) for j, a in enumerate(aims)], axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(off) <= cut * sd).mean(axis=0))
