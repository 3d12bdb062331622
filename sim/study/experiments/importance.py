"""What matters: how much of an answer each uncertainty decides, with its own uncertainty.

Morris' elementary effects for a design of trajectories, Sobol' indices for Saltelli's scheme (SALib does the
arithmetic), PAWN for any other cloud of points. All work on means over replicates, so that chance counts
as noise, and on the unit cube, so that a parameter's effect is that of its range.

M. D. Morris 1991, Technometrics 33:161-174; A. Saltelli et al. 2010, Comp. Phys. Comm. 181:259-270;
F. Pianosi & T. Wagener 2015, Env. Modelling & Software 67:1-11.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.study import telling
from sim.study.experiments.decide import Harm, mean_over
from sim.study.experiments.design import place, unit_problem
from sim.study.experiments.experiment import DRAWN, Experiment, Factor
from sim.study.experiments.need import salib
from sim.study.experiments.store import Results

RESAMPLES = 200
"""Bootstrap samples behind each interval."""
FEWEST_POINTS = 30
"""Points below which PAWN says nothing."""


@dataclass(frozen=True)
class Importance:
    """How much each uncertainty matters to one schedule's harm. See `importance`."""

    schedule: str
    method: str
    table: pd.DataFrame
    """One row a factor, the largest first: factor, effect, low, high (95 % interval), matters, and what else
    the method says."""
    magnified: float
    """Spread of the answer over the mean spread of what goes in (coefficients of variation): by how much
    ignorance of the parameters is magnified. NaN where that makes no sense."""

    @property
    def deciding(self) -> list[str]:
        """The factors that matter, the largest first."""
        return list(self.table.loc[self.table["matters"], "factor"])


def importance(results: Results, found: Harm, schedule: str, seed: int = 1) -> Importance:
    """Return how much each uncertainty matters to the harm of a schedule.

    Raises `ValueError` if the design varies nothing or too little, and `Missing` without SALib.
    """
    asked = Experiment.model_validate(results.provenance["experiment"])
    factors = asked.factors()
    means = mean_over(found.values, axis=1)[:, found.schedules.index(schedule)]
    frame = _points(results)
    kind = asked.design.kind
    if kind in ("defaults", "one-at-a-time", "grid"):
        raise ValueError(
            f"a design of kind {kind!r} does not say how much each uncertainty matters; use 'morris', "
            "'sobol' or 'latin-hypercube'"
        )
    at = _placed(frame, factors)
    unit, names = at.to_numpy(), list(at)
    if kind == "morris":
        table = _morris(unit, means, names, asked.design.levels or 4, seed)
    elif kind == "sobol":
        table = _sobol(means, names, seed)
    else:
        table = _pawn(unit, means, names, seed)
    table = table.sort_values("effect", ascending=False, kind="stable", ignore_index=True)
    words = {"morris": "Morris", "sobol": "Sobol'", "latin-hypercube": "PAWN", "plausible": "PAWN"}
    return Importance(schedule, words[kind], table, _magnified(frame, factors, means))


def what_would_tell(results: Results, found: Harm) -> pd.DataFrame:
    """Return what knowing each uncertainty would be worth before a schedule is chosen, the most first.

    Columns as `sim.study.telling.worth_knowing`; a world is a point with its replicates averaged. Raises
    `ValueError` where points are not drawn over what is uncertain, or there are too few points or schedules.
    """
    asked = Experiment.model_validate(results.provenance["experiment"])
    kind = asked.design.kind
    if kind not in DRAWN:
        raise ValueError(
            f"the points of a design of kind {kind!r} are chosen, not drawn from what is uncertain; use "
            f"{' or '.join(repr(k) for k in DRAWN)}"
        )
    means = mean_over(found.values, axis=1)[:, [found.schedules.index(s) for s in found.choices]]
    there = ~np.isnan(means).any(axis=1)
    return telling.worth_knowing(means[there], _placed(_points(results), asked.factors())[there])


def _points(results: Results) -> pd.DataFrame:
    """Return what is varied, a row a point."""
    return results.sql("SELECT DISTINCT ON (point) * FROM runs ORDER BY point, run")


def _placed(points: pd.DataFrame, factors: list[Factor]) -> pd.DataFrame:
    """Return where each point lies in the range of each factor: 0 to 1, a row a point."""
    return pd.DataFrame({f.column: [place(f, v) for v in points[f.column]] for f in factors}, dtype=float)


def _morris(unit: np.ndarray, y: np.ndarray, names: list[str], levels: int, seed: int) -> pd.DataFrame:
    """Elementary effects: mu* is the mean size of what a step along one factor does to the answer."""
    size = len(names) + 1
    keep = ~np.isnan(y).reshape(-1, size).any(axis=1)  # a trajectory with a hole is of no use
    rows = np.repeat(keep, size)
    said = salib("analyze.morris").analyze(
        unit_problem(names), unit[rows], y[rows], num_levels=levels, num_resamples=RESAMPLES, seed=seed
    )
    effect, half = np.asarray(said["mu_star"], float), np.asarray(said["mu_star_conf"], float)
    frame = pd.DataFrame(
        {
            "factor": names,
            "effect": effect,
            "low": np.maximum(effect - half, 0.0),
            "high": effect + half,
            "mean_effect": np.asarray(said["mu"], float),
            "sigma": np.asarray(said["sigma"], float),
        }
    )
    frame["matters"] = frame["low"] > 0.1 * frame["effect"].max()
    return frame


def _sobol(y: np.ndarray, names: list[str], seed: int) -> pd.DataFrame:
    """Sobol' indices: the share of the answer's variance that goes with a factor, alone and in all."""
    size = len(names) + 2
    keep = ~np.isnan(y).reshape(-1, size).any(axis=1)
    said = salib("analyze.sobol").analyze(
        unit_problem(names),
        y[np.repeat(keep, size)],
        calc_second_order=False,
        num_resamples=RESAMPLES,
        seed=seed,
    )
    total, half = np.asarray(said["ST"], float), np.asarray(said["ST_conf"], float)
    frame = pd.DataFrame(
        {
            "factor": names,
            "effect": total,
            "low": total - half,
            "high": total + half,
            "alone": np.asarray(said["S1"], float),
            "alone_half": np.asarray(said["S1_conf"], float),
        }
    )
    frame["matters"] = frame["low"] > 0.01
    return frame


def _pawn(unit: np.ndarray, y: np.ndarray, names: list[str], seed: int) -> pd.DataFrame:
    """PAWN: how far knowing a factor moves the distribution of the answer (0 to 1), beside pure noise.

    Noise is a factor that is shuffled: what it seems to do is what the number of points makes anything do.
    """
    there = ~np.isnan(y)
    unit, y = unit[there], y[there]
    if len(y) < FEWEST_POINTS:
        raise ValueError(
            f"{len(y)} points are too few to say what matters; give the design at least {FEWEST_POINTS}, "
            f"better {20 * len(names)}"
        )
    rng = np.random.default_rng(seed)
    slides = max(2, min(10, len(y) // 15))
    effect = pawn(unit, y, slides)
    shuffled = np.column_stack([rng.permutation(len(y)) / len(y) for _ in range(5 * RESAMPLES)])
    noise = pawn(shuffled, y, slides)
    sample = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(y), len(y))
        sample.append(pawn(unit[rows], y[rows], slides))
    # points that a resample holds twice move distances up: the interval is turned about the value itself
    low, high = np.quantile(sample, [0.025, 0.975], axis=0)
    frame = pd.DataFrame(
        {
            "factor": names,
            "effect": effect,
            "low": np.clip(2 * effect - high, 0.0, effect),
            "high": np.clip(2 * effect - low, effect, 1.0),
            "noise": float(np.quantile(noise, 1 - 0.05 / len(names))),  # of any of the factors
        }
    )
    frame["matters"] = (frame["effect"] > frame["noise"]) & (frame["low"] > np.median(noise))
    return frame


def pawn(unit: np.ndarray, y: np.ndarray, slides: int) -> np.ndarray:
    """Return the PAWN index of each factor: the median over slices of its range of how far y moves there.

    That is the Kolmogorov-Smirnov distance of y in the slice from y as a whole. As SALib's, and far quicker.
    """
    order = np.argsort(y, kind="stable")
    n, ranked = len(y), y[order]
    last = np.append(ranked[1:] != ranked[:-1], True)  # of equal values the last counts
    whole = np.arange(1, n + 1)[last] / n
    found = np.empty(unit.shape[1])
    for k, x in enumerate(unit[order].T):
        edges = np.quantile(x, np.linspace(0, 1, slides + 1))
        inside = (x >= edges[:-1, None]) & (x < edges[1:, None])  # (slides, n)
        count = inside.sum(axis=1)
        inside, count = inside[count > 0], count[count > 0]
        share = np.cumsum(inside, axis=1)[:, last] / count[:, None]
        found[k] = np.median(np.abs(share - whole).max(axis=1))
    return found


def _magnified(frame: pd.DataFrame, factors: list[Factor], y: np.ndarray) -> float:
    """Return the coefficient of variation of the answer over the mean of those of the numbers varied."""
    spreads = []
    for f in factors:
        if f.kind == "parameter":
            x = frame[f.column].to_numpy(float)
            if x.mean() != 0:
                spreads.append(x.std(ddof=1) / abs(x.mean()))
    y = y[~np.isnan(y)]
    if not spreads or y.mean() == 0 or len(y) < 2:
        return math.nan
    return float(y.std(ddof=1) / abs(y.mean()) / np.mean(spreads))
