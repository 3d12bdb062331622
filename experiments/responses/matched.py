"""Matched runs and what they come to: means, paired differences, ratios, with 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from sim import Scenario, Schedule
from sim.build import build
from sim.ensemble import Ensemble, simulate
from sim.intervals import mean_interval, proportion_interval
from sim.world.state import World

SEED = 1
BLOCK = 4
"""Replicates whose records a thread holds at a time; what is kept of them is small."""
RESAMPLES = 2000
BY = ("groups", "state", "militias")
INF = math.inf

Of = Callable[[np.ndarray], Mapping[str, np.ndarray]]
"""What is kept of a block of records (R, W, D): arrays of R by name."""
Kept = dict[str, np.ndarray]


@dataclass(frozen=True)
class Point:
    """One number that was measured: its row on the page, with interval and, if it is a check, a bound."""

    case: str
    measure: str
    level: str
    value: float
    low: float
    high: float
    unit: str
    runs: int
    bound: tuple[float, float] | None = None

    @property
    def verdict(self) -> str:
        """`verdict_of` its numbers."""
        return verdict_of(self.value, self.low, self.high, self.bound)


def verdict_of(value: float, low: float, high: float, bound: tuple[float, float] | None) -> str:
    """Return "green" if the interval lies in the bound, "red" if outside, "open" across its edge.

    Empty where nothing is asked, or nothing could be measured.
    """
    if bound is None or math.isnan(value):
        return ""
    low, high = (value if math.isnan(x) else x for x in (low, high))
    if math.isinf(bound[1]):  # above, so nothing at all is not enough
        return "green" if low > bound[0] else "red" if high <= bound[0] else "open"
    if math.isinf(bound[0]):
        return "green" if high < bound[1] else "red" if low >= bound[1] else "open"
    if bound[0] <= low and high <= bound[1]:
        return "green"
    return "red" if high < bound[0] or low > bound[1] else "open"


@dataclass
class Work:
    """How runs are made, and who is told of them."""

    threads: int = 2
    seed: int = SEED
    tick: Callable[[int], None] = field(default=lambda runs: None)


def run(
    work: Work,
    case: Scenario,
    schedule: str | Schedule,
    of: Of,
    replicates: int,
    at_end: Callable[[World], Mapping[str, float]] | None = None,
) -> Kept:
    """Return what `of` keeps of so many replicates, and `at_end` of their last week, in order.

    Replicate r of a seed meets the same chance in every case and under every schedule.
    """

    def block(first: int) -> Kept:
        engine = _engines.pop() if _engines else Ensemble(case, schedule)
        count = min(BLOCK, replicates - first)
        weeks, districts = engine.start.record.shape
        records = np.zeros((count, weeks, districts), engine.start.record.dtype).view(np.recarray)
        ends = []
        for r in range(count):
            world = engine.fresh(records[r])
            simulate(world, work.seed, first + r, weeks)
            if at_end:
                ends.append(at_end(world))
        kept = {name: np.asarray(values) for name, values in of(records).items()}
        if ends:
            kept |= {name: np.array([end[name] for end in ends]) for name in ends[0]}
        _engines.append(engine)
        work.tick(count)
        return kept

    _engines: list[Ensemble] = []
    with ThreadPoolExecutor(work.threads) as pool:
        parts = list(pool.map(block, range(0, replicates, BLOCK)))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def killed(records: np.ndarray, by: tuple[str, ...] = BY) -> np.ndarray:
    """Return civilians killed: (R, W, D)."""
    return np.sum([records[f"killed_by_{who}"].astype(np.float64) for who in by], axis=0)


def harm(first: int = 0) -> Of:
    """Return the keeper of those killed from a week on: in all, by perpetrator, and by district (R, D)."""

    def of(records: np.ndarray) -> Kept:
        after = records[:, first:]
        kept = {f"by {who}": killed(after, (who,)).sum(axis=(1, 2)) for who in BY}
        return kept | {"killed": killed(after).sum(axis=(1, 2)), "at": killed(after).sum(axis=1)}

    return of


def season_of(case: Scenario) -> np.ndarray:
    """Return the season of each week as the model has it, 0 dry and 1 wet: (weeks,)."""
    return build(case, "none")[0].calendar


# -- intervals ---------------------------------------------------------------------------------------

Estimate = tuple[float, float, float]


def mean(x: np.ndarray) -> Estimate:
    """Return a mean over runs with its interval; runs without a value are left out."""
    x = np.asarray(x, float)
    x = x[np.isfinite(x)]
    return (float(x.mean()), *mean_interval(x)) if len(x) else (math.nan,) * 3


def proportion(x: np.ndarray) -> Estimate:
    """Return the share (%) of runs in which something is true, with Wilson's interval."""
    share = float(x.mean())
    low, high = proportion_interval(share, len(x))
    return 100 * share, 100 * low, 100 * high


def of_means(stat: Callable[..., np.ndarray | float], *arrays: np.ndarray) -> Estimate:
    """Return a function of means over the same runs, with its bootstrap interval (percentiles).

    `arrays`: (R,) each; runs are drawn together, so that what they share cancels.
    """
    runs = len(arrays[0])
    value = float(stat(*(a.mean() for a in arrays)))
    if runs < 2:
        return value, math.nan, math.nan
    draws = np.random.default_rng(7).integers(0, runs, (RESAMPLES, runs))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(stat(*(a[draws].mean(axis=1) for a in arrays)), float)
    low, high = np.nanquantile(found, [0.025, 0.975]) if np.isfinite(found).any() else (math.nan,) * 2
    return value, float(low), float(high)


def ratio(a: np.ndarray, b: np.ndarray) -> Estimate:
    """Return the ratio of two means over the same runs."""
    return of_means(lambda x, y: x / y, a, b)


def apart(a: np.ndarray, b: np.ndarray) -> Estimate:
    """Return the difference of two means over runs that share nothing (normal approximation)."""
    value = float(a.mean() - b.mean())
    error = 1.96 * math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)) if len(a) > 1 else math.nan
    return value, value - error, value + error
