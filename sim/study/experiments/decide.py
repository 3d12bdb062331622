"""Which schedule, under what: paired comparisons, regret, and the set that cannot be told from the best.

Less of an outcome is better. Everything is measured in matched worlds: a world is a point of the design
with a replicate of its chance, the same under every schedule. If the counterfactual "none" was run, harm is
what a schedule adds to it in the same world, otherwise the outcome itself.

What counts as one independent observation (a *unit*) depends on the design. Points of a Latin hypercube are
drawn: a unit is a point, its replicates averaged, and answers speak of all worlds that the ranges allow.
Points of other designs are chosen: a unit is a replicate, averaged over points, and answers speak of those.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from sim.intervals import LEVEL, mean_interval
from sim.measures import METRIC, metric_named
from sim.scenario.case import COUNTERFACTUAL
from sim.study.experiments.errors import StoreError
from sim.study.experiments.experiment import DRAWN
from sim.study.experiments.store import Results

WORST = 0.05
"""Share of worlds that "the worst worlds" are."""
MOST_MORE = 100
"""Times the units there are, beyond which more runs are no advice."""
FEWEST_UNITS = 5
"""Units below which no schedules are told apart."""


@dataclass(frozen=True, repr=False)
class Harm:
    """The harm that each schedule does in matched worlds. See `harm`."""

    outcome: str
    schedules: tuple[str, ...]
    values: np.ndarray
    """float (points, replicates, schedules)"""
    units: np.ndarray
    """float (units, schedules): independent observations"""
    unit: str
    """What one of them is: "point" or "replicate"."""
    beyond_none: bool
    dropped: int
    """Worlds left out because a run in them failed."""

    def __repr__(self) -> str:
        """Say what it is."""
        points, replicates, schedules = self.values.shape
        return (
            f"<Harm ({self.words}): {schedules} schedules in {points:,d} x {replicates} matched worlds, "
            f"{len(self.units):,d} independent>"
        )

    @property
    def words(self) -> str:
        """What is counted, in words."""
        label = METRIC[self.outcome].label
        return f"{label} beyond those with no drawdown" if self.beyond_none else label

    @property
    def choices(self) -> tuple[str, ...]:
        """The schedules to choose among: not the counterfactual, where harm is counted beyond it."""
        return tuple(s for s in self.schedules if s != COUNTERFACTUAL or not self.beyond_none)

    @cached_property
    def worlds(self) -> np.ndarray:
        """The worlds in which every run succeeded: float (worlds, schedules)."""
        flat = self.values.reshape(-1, len(self.schedules))
        return flat[~np.isnan(flat).any(axis=1)]

    @cached_property
    def by_point(self) -> np.ndarray:
        """Means over the replicates of each point: float (points, schedules)."""
        means = mean_over(self.values, axis=1)
        return means[~np.isnan(means).any(axis=1)]


def harm(results: Results, outcome: str | None = None, scenario: str | None = None) -> Harm:
    """Return the harm of each schedule in matched worlds of one scenario.

    `outcome`: default the first of the experiment. Raises `ValueError` for an outcome or scenario that it
    does not have, and `StoreError` if it is not complete.
    """
    name = outcome or results.outcomes[0]
    if name not in results.outcomes:
        metric_named(name)
        raise ValueError(f"{name!r} was not kept; the outcomes are {', '.join(results.outcomes)}")
    data = results.dataset()
    scenarios = [str(s) for s in data["scenario"].values]
    if scenario is None and len(scenarios) > 1:
        raise ValueError(f"there are several scenarios; name one of {', '.join(scenarios)}")
    if scenario is not None and scenario not in scenarios:
        raise ValueError(f"there is no scenario {scenario!r}; there are {', '.join(scenarios)}")
    values = (
        data[name].sel(scenario=scenario or scenarios[0]).transpose("point", "replicate", "schedule").values
    )
    schedules = [str(s) for s in data["schedule"].values]
    broken = np.isnan(values).any(axis=2)
    values = np.where(broken[:, :, None], np.nan, values)
    if broken.all():
        raise StoreError(f"{results.folder}: in every world a run failed; see the column 'error' of its runs")
    beyond = COUNTERFACTUAL in schedules and len(schedules) > 1
    if beyond:
        none = schedules.index(COUNTERFACTUAL)
        values = values - values[:, :, [none]]
    by_points = results.provenance["experiment"]["design"]["kind"] in DRAWN
    means = mean_over(values, axis=1 if by_points and len(values) > 1 else 0)
    unit = "point" if by_points and len(values) > 1 else "replicate"
    units = means[~np.isnan(means).any(axis=1)]
    return Harm(name, tuple(schedules), values, units, unit, beyond, int(broken.sum()))


def mean_over(values: np.ndarray, axis: int) -> np.ndarray:
    """Return means that leave out what is NaN; NaN where nothing is left."""
    there = (~np.isnan(values)).sum(axis=axis)
    with np.errstate(invalid="ignore"):
        return np.nansum(values, axis=axis) / np.where(there, there, np.nan)


# -- pairs ------------------------------------------------------------------------------------------


def worse(found: Harm) -> pd.DataFrame:
    """Return how often one schedule does more harm than another in the same world, for every pair.

    Columns: schedule, than, worse (share of worlds, equal ones count half), low, high (its 95 % interval,
    over independent units), mean (difference), mean_low, mean_high, p_value and clear: whether it holds
    among all pairs together (Holm).
    """
    from sim.intervals import holm, p_value

    rows = []
    count = len(found.schedules)
    for i in range(count):
        for j in range(i + 1, count):
            d = found.worlds[:, i] - found.worlds[:, j]
            share = float((d > 0).mean() + 0.5 * (d == 0).mean())
            low, high = _share_interval(found, i, j, share)
            difference = found.units[:, i] - found.units[:, j]
            mean_low, mean_high = mean_interval(difference)
            rows.append(
                {
                    "schedule": found.schedules[i],
                    "than": found.schedules[j],
                    "worse": share,
                    "low": low,
                    "high": high,
                    "mean": float(difference.mean()),
                    "mean_low": mean_low,
                    "mean_high": mean_high,
                    "p_value": p_value(difference),
                }
            )
    frame = pd.DataFrame(rows)
    if len(frame):
        frame["clear"] = holm(frame["p_value"].to_numpy())
    return frame


def _share_interval(found: Harm, i: int, j: int, share: float) -> tuple[float, float]:
    """Return the 95 % interval of a share of worlds: from points as a whole where these are drawn."""
    if found.unit == "point":
        d = found.values[:, :, i] - found.values[:, :, j]
        shares = mean_over(np.where(np.isnan(d), np.nan, (d > 0) + 0.5 * (d == 0)), axis=1)
        shares = shares[~np.isnan(shares)]
        if shares.std() > 0:
            low, high = mean_interval(shares)
            return max(low, 0.0), min(high, 1.0)
    n = len(found.units)
    z = float(stats.norm.ppf(0.5 + LEVEL / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)  # Wilson


# -- criteria ---------------------------------------------------------------------------------------


def criteria(found: Harm, at_most: float = 0.0) -> pd.DataFrame:
    """Return three ways to weigh harm side by side, one row a schedule, the least mean first.

    Columns: mean, mean_low, mean_high (its 95 % interval), worst (mean of the worst twentieth of worlds),
    regret (the largest over points of what choosing it costs beyond the best choice at that point, of means
    over replicates; see `Harm.choices`) and satisfied (share of worlds in which harm is at most `at_most`).
    """
    count = max(1, math.ceil(WORST * len(found.worlds)))
    choices = [found.schedules.index(s) for s in found.choices]
    regrets = found.by_point - found.by_point[:, choices].min(axis=1, keepdims=True)
    rows = []
    for i, name in enumerate(found.schedules):
        low, high = mean_interval(found.units[:, i])
        own = np.sort(found.worlds[:, i])
        rows.append(
            {
                "schedule": name,
                "mean": float(found.units[:, i].mean()),
                "mean_low": low,
                "mean_high": high,
                "worst": float(own[-count:].mean()),
                "regret": float(regrets[:, i].max()),
                "satisfied": float((own <= at_most).mean()),
            }
        )
    return pd.DataFrame(rows).sort_values("mean", kind="stable", ignore_index=True)


# -- the set that cannot be told from the best ------------------------------------------------------


@dataclass(frozen=True)
class Selection:
    """The schedules that cannot be told from the best, and what more runs would do. See `best_set`."""

    level: float
    """Chance that the best schedule is in the set, at least."""
    best: str
    """The one with the least mean in these runs."""
    kept: tuple[str, ...]
    """The set, the least mean first."""
    excluded: tuple[str, ...]
    advice: tuple[tuple[str, int, float], ...]
    """(schedule, more units that would tell it from the best, 0 for no sensible number; how far apart they
    are at most) for each of the set but the best."""
    units: int
    unit: str
    runs_a_unit: int
    """Runs of each schedule that a unit takes."""


def best_set(found: Harm, schedules: Sequence[str] | None = None, level: float = LEVEL) -> Selection:
    """Return the set of schedules that holds the best one with a chance of at least `level`.

    See `excluded`. `schedules`: those to choose among; default all that do something.
    """
    names = list(schedules or found.choices)
    at = [found.schedules.index(s) for s in names]
    x = found.units[:, at]
    n, k = x.shape
    means = x.mean(axis=0)
    order = np.argsort(means, kind="stable")
    runs = found.values.shape[1] if found.unit == "point" else found.values.shape[0]
    best = int(order[0])
    if k == 1 or n < FEWEST_UNITS:
        advice = tuple((names[i], 0, math.inf) for i in order[1:])
        return Selection(level, names[best], tuple(names[i] for i in order), (), advice, n, found.unit, runs)
    out = excluded(x, level)
    t = reach(n, k, level)
    advice_: list[tuple[str, int, float]] = []
    for i in order:
        if out[i] or i == best:
            continue
        apart = x[:, i] - x[:, best]
        gap, e = float(apart.mean()), float(apart.std(ddof=1)) / math.sqrt(n)
        wanted = math.inf if gap <= 0 else n * (t * e / gap) ** 2
        more = math.ceil(wanted - n) if wanted <= MOST_MORE * n else 0
        advice_.append((names[i], more, gap + t * e))
    return Selection(
        level=level,
        best=names[best],
        kept=tuple(names[i] for i in order if not out[i]),
        excluded=tuple(names[i] for i in order if out[i]),
        advice=tuple(advice_),
        units=n,
        unit=found.unit,
        runs_a_unit=runs,
    )


def reach(n: int, k: int, level: float = LEVEL) -> float:
    """Return how many standard errors apart two of `k` schedules must be in `n` units to be told apart."""
    return float(stats.t.ppf(1 - (1 - level) / (k - 1), n - 1))


def excluded(x: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Return which schedules are not the best, with a confidence of `level` over all comparisons: bool (k,).

    `x`: harm in each unit, (n, k), n and k at least 2. Subset selection over paired differences: a schedule
    is excluded if another one is better by more than a t quantile of their own difference's standard error,
    at (1 - level) / (k - 1) (Bonferroni, which needs no independence between schedules, so that common random
    numbers sharpen it; Nelson, Swann, Goldsman & Song 2001, Operations Research 49:950-963).
    """
    n, k = x.shape
    t = reach(n, k, level)
    means = x.mean(axis=0)
    out = np.zeros(k, bool)
    for j in np.argsort(means, kind="stable"):
        rest = np.flatnonzero(~out & (means > means[j]))
        if not len(rest):
            continue
        d = x[:, rest] - x[:, [j]]
        out[rest] = d.mean(axis=0) > t * d.std(axis=0, ddof=1) / math.sqrt(n)
    return out


# -- convergence ------------------------------------------------------------------------------------


def convergence(found: Harm, a: str, b: str) -> pd.DataFrame:
    """Return how the mean difference between two schedules settles as units are added.

    Columns: units, mean, low, high (95 % interval of the first `units`), excluded (whether zero is).
    """
    d = found.units[:, found.schedules.index(a)] - found.units[:, found.schedules.index(b)]
    counts = sorted(
        {n for n in (*np.unique(np.geomspace(5, max(len(d), 5), 25).astype(int)), len(d)) if n <= len(d)}
    )
    rows = []
    for n in counts:
        low, high = mean_interval(d[:n])
        rows.append((n, float(d[:n].mean()), low, high, bool(low > 0 or high < 0)))
    return pd.DataFrame(rows, columns=["units", "mean", "low", "high", "excluded"])


def tail_share(found: Harm, schedule: str) -> float:
    """Return how much of a schedule's total harm falls on the worst twentieth of worlds: 0 to 1, or NaN.

    In an even distribution it would be 0.05; the more it is, the less a mean says.
    """
    own = np.sort(found.worlds[:, found.schedules.index(schedule)])
    own = own[own > 0]
    if not len(own):
        return math.nan
    return float(own[-max(1, math.ceil(WORST * len(found.worlds))) :].sum() / own.sum())
