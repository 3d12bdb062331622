"""Under which conditions does a schedule fail: a box in the space of uncertainties that holds the failures.

The patient rule induction method (Friedman & Fisher 1999, Statistics and Computing 9:123-143) peels the space
of uncertainties, a little at a time, down to where failures are dense. Restrictions that chance could have
given are not made (quasi-p, Bryant & Lempert 2010, Technological Forecasting & Social Change 77:34-49).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

PEEL = 0.05
"""Share of the points that a peel takes away, about."""
FEWEST = 0.05
"""Share of all points below which a box is no longer peeled."""
CHANCE = 0.05
"""Quasi-p of all restrictions together that is still believed."""
MOST = 4
"""Conditions in a box, at most: more are no longer read."""
Limits = tuple[float, float] | frozenset[str]


@dataclass(frozen=True)
class Box:
    """Conditions that hold together, and how well they tell failures."""

    limits: Mapping[str, Limits]
    """Lowest and highest value of a number, or the values that a word may have."""
    coverage: float
    """Share of all failures that lie in the box."""
    density: float
    """Share of the points in the box that are failures."""
    points: int
    quasi_p: Mapping[str, float]
    """For each restriction the chance that as many failures would be in the box if it did not matter."""
    base: float
    """Share of all points that are failures."""

    def holds(self, frame: pd.DataFrame) -> np.ndarray:
        """Return which rows of a table of points lie in the box."""
        inside = np.ones(len(frame), bool)
        for name, limit in self.limits.items():
            inside &= _inside(frame[name], limit)
        return inside


def find_box(points: pd.DataFrame, fails: Sequence[bool] | np.ndarray) -> Box | None:
    """Return the box that tells failures best, None if nothing tells them better than chance.

    `points`: one row a point, one column a factor: numbers, or words. `fails`: whether a schedule fails at
    it. Factors are taken in one by one, each time the one that helps most, as long as chance could hardly
    have given any of the restrictions: their quasi-p must be below `CHANCE` over the number of factors there
    are to choose from (Bonferroni).
    """
    y = np.asarray(fails, bool)
    if not 0 < y.sum() < len(y):
        return None
    bound = CHANCE / points.shape[1]
    chosen: list[str] = []
    best, best_score = None, _score(y, np.ones(len(y), bool))
    while len(chosen) < MOST:
        found = None
        for name in points:
            if name in chosen:
                continue
            limits, score = _prim(points[[*chosen, name]], y)
            if score <= best_score or len(limits) <= len(chosen):
                continue
            chances = {n: _quasi_p(points, y, limits, n) for n in limits}
            if max(chances.values()) <= bound:
                found, best_score = (limits, chances), score
        if found is None:
            break
        best, chosen = found, list(found[0])
    if best is None:
        return None
    limits, chances = best
    inside = np.logical_and.reduce([_inside(points[n], limit) for n, limit in limits.items()])
    return Box(
        limits=limits,
        coverage=float(y[inside].sum() / y.sum()),
        density=float(y[inside].mean()),
        points=int(inside.sum()),
        quasi_p=chances,
        base=float(y.mean()),
    )


def _prim(points: pd.DataFrame, y: np.ndarray) -> tuple[dict[str, Limits], float]:
    """Peel from everything to the densest box; returns the best on the way, and how good it is.

    The best has the highest harmonic mean of coverage and density.
    """
    limits: dict[str, Limits] = {}
    inside = np.ones(len(y), bool)
    best, best_score = dict(limits), _score(y, inside)
    while (peeled := _peel(points, y, inside, limits)) is not None:
        limits, inside = peeled
        score = _score(y, inside)
        if score > best_score:
            best, best_score = dict(limits), score
    return best, best_score


def _peel(
    points: pd.DataFrame, y: np.ndarray, inside: np.ndarray, limits: Mapping[str, Limits]
) -> tuple[dict[str, Limits], np.ndarray] | None:
    """Return the next smaller box: the cut that raises density most for what it takes away.

    If every cut lowers it, that which does least: a failure at the edge must not end the search.
    """
    best: tuple[float, str, Limits, np.ndarray] | None = None
    now = y[inside].mean()
    for name in points:
        values = points[name]
        for limit in _cuts(values[inside], limits.get(name)):
            left = inside & _inside(values, limit)
            taken = int(inside.sum() - left.sum())
            if not taken or left.sum() < max(FEWEST * len(y), 5):
                continue
            gain = (y[left].mean() - now) / taken
            if best is None or gain > best[0]:
                best = (gain, str(name), limit, left)
    if best is None:
        return None
    _, name, limit, left = best
    return {**limits, name: limit}, left


def _cuts(values: pd.Series, limit: Limits | None) -> list[Limits]:
    """Return the limits that a peel of one factor may leave."""
    if not pd.api.types.is_numeric_dtype(values):
        there = set(values)
        return [frozenset(there - {one}) for one in sorted(there)] if len(there) > 1 else []
    x = values.to_numpy(float)
    low, high = limit if isinstance(limit, tuple) else (-np.inf, np.inf)
    return [
        (float(np.quantile(x, PEEL, method="higher")), high),
        (low, float(np.quantile(x, 1 - PEEL, method="lower"))),
    ]


def _inside(values: pd.Series, limit: Limits) -> np.ndarray:
    if isinstance(limit, frozenset):
        return values.isin(list(limit)).to_numpy()
    x = values.to_numpy(float)
    return (x >= limit[0]) & (x <= limit[1])


def _score(y: np.ndarray, inside: np.ndarray) -> float:
    coverage, density = y[inside].sum() / y.sum(), y[inside].mean()
    return float(2 * coverage * density / (coverage + density)) if coverage + density else 0.0


def _quasi_p(points: pd.DataFrame, y: np.ndarray, limits: Mapping[str, Limits], name: str) -> float:
    """Return the chance of as many failures in the box if the restriction of `name` told nothing."""
    others = [_inside(points[n], limit) for n, limit in limits.items() if n != name]
    around = np.logical_and.reduce(others) if others else np.ones(len(y), bool)
    inside = around & _inside(points[name], limits[name])
    return float(stats.binom.sf(y[inside].sum() - 1, inside.sum(), y[around].mean()))


def tree(points: pd.DataFrame, fails: Sequence[bool] | np.ndarray, depth: int = 3) -> str:
    """Return a small decision tree for the same question, as text: a second opinion on the box.

    Raises `Missing` without scikit-learn.
    """
    from sim.study.experiments.need import need

    trees = need("sklearn.tree", "experiments", "a tree")
    numbers = pd.get_dummies(points).astype(float)
    leaf = max(5, len(points) // 20)
    grown = trees.DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=0)
    grown.fit(numbers, np.asarray(fails, bool))
    return str(trees.export_text(grown, feature_names=list(numbers.columns), decimals=3, show_weights=True))
