"""What many orders compared say: which may be the best, what these have in common, what a place is worth.

Less harm is better. Harm is an array of (worlds, orders), each world the same under every order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from sim.intervals import LEVEL, holm, mean_interval, p_value
from sim.study.experiments.decide import excluded, reach
from sim.study.sequences.orders import Order

COMMON = 0.9
"""Share of the set from which something is said to be common to it."""
BEYOND = 0.15
"""How much less common it must be among all orders, so as not to follow from the constraints alone."""
MOST_SAID = 4


@dataclass(frozen=True)
class Common:
    """Something that the orders of a set have in common."""

    words: str
    """Such as "Akobo last"."""
    share: float
    """Of the set (0-1)."""
    of_all: float
    """Of all orders compared (0-1)."""

    def __str__(self) -> str:
        """Say it, such as "Akobo last in 96 of 100 (of all orders in 14)"."""
        share, of_all = _in_100(self.share), _in_100(self.of_all)
        return f"{self.words} in {share} of 100 (of all orders in {of_all})"


def _in_100(share: float) -> str:
    n = round(100 * share)
    return {0: "under 1", 100: "over 99"}.get(n, str(n)) if 0 < share < 1 else str(n)


def in_common(names: Sequence[str], orders: Sequence[Order], inside: np.ndarray) -> list[Common]:
    """Return what the orders in a set have in common and the others have less, the most telling first.

    `inside`: bool (orders,). Of each base one thing is said: the rest mostly follows from it.
    """
    if inside.all() or not inside.any():
        return []
    places = np.argsort(np.array(orders), axis=1)  # (orders, bases): where in the order each base comes
    n = len(names)
    found: list[tuple[float, tuple[int, ...], Common]] = []

    def add(words: str, about: tuple[int, ...], holds: np.ndarray) -> None:
        share, of_all = float(holds[inside].mean()), float(holds.mean())
        if share >= COMMON and share - of_all >= BEYOND:
            found.append((of_all - share, about, Common(words, share, of_all)))

    for i, base in enumerate(names):
        add(f"{base} first", (i,), places[:, i] == 0)
        add(f"{base} last", (i,), places[:, i] == n - 1)
        if n > 3:
            add(f"{base} among the first {n // 2}", (i,), places[:, i] < n // 2)
            add(f"{base} among the last {n // 2}", (i,), places[:, i] >= n - n // 2)
    for i, j in permutations(range(n), 2):
        add(f"{names[i]} before {names[j]}", (i, j), places[:, i] < places[:, j])
    said: list[Common] = []
    told: set[int] = set()
    for _, about, common in sorted(found, key=lambda f: (f[0], f[1])):
        if not set(about) & told and len(said) < MOST_SAID:
            said.append(common)
            told |= set(about)
    return said


def worth(names: Sequence[str], orders: Sequence[Order], harm: np.ndarray) -> np.ndarray:
    """Return what each base does at each place of the order: float (worlds, bases, places).

    Mean harm of the orders that have it there, beyond the mean over orders of the same world; NaN where no
    order has. Of orders that were chosen by what they do, `by_place` says the same without their bias.
    """
    n = len(names)
    design = _places(np.array(orders), n)
    count = design.sum(axis=0)
    centred = harm - harm.mean(axis=1, keepdims=True)
    means = (centred @ design) / np.where(count > 0, count, np.nan)
    return means.reshape(len(harm), n, n)  # type: ignore[no-any-return]


def fitted(names: Sequence[str], orders: Sequence[Order], harm: np.ndarray) -> np.ndarray:
    """Return what each base adds at each place, by least squares: float (worlds, bases, places).

    The parts of an order add up to its harm beyond the mean over orders of the same world, as far as bases
    do.
    """
    n = len(names)
    design = _places(np.array(orders), n)
    centred = harm - harm.mean(axis=1, keepdims=True)
    found = np.linalg.pinv(design - design.mean(axis=0)) @ centred.T  # (bases * places, worlds)
    return found.T.reshape(len(harm), n, n)  # type: ignore[no-any-return]


def by_place(names: Sequence[str], orders: Sequence[Order], harm: np.ndarray) -> np.ndarray:
    """Return what `worth` would say if all orders had been run, as far as bases add up."""
    n = len(names)
    return fitted(names, orders, harm) * n / (n - 1)  # with a base in its place, others cannot be there


def _places(orders: np.ndarray, n: int) -> np.ndarray:
    """Return which base is in which place: float (orders, bases * places)."""
    design = np.zeros((len(orders), n, n))
    rows = np.arange(len(orders))[:, None]
    design[rows, orders, np.arange(n)[None, :]] = 1.0
    return design.reshape(len(orders), n * n)


def pooled(names: Sequence[str], orders: Sequence[Order], harm: np.ndarray) -> np.ndarray:
    """Return the mean harm of each order, drawn towards what the places of its bases say: float (orders,).

    The mean of an order in few worlds is mostly chance, and the least of many means is one that was lucky.
    What `fitted` says of its bases rests on all runs, but bases do not add up. Each mean is drawn towards
    the sum as far as chance, of what sets the two apart, is the greater part.
    """
    n, worlds = len(names), len(harm)
    summed = _places(np.array(orders), n) @ fitted(names, orders, harm).reshape(worlds, -1).T
    apart = harm - harm.mean(axis=1, keepdims=True) - (summed - summed.mean(axis=0)).T
    own = apart.mean(axis=0)
    chance = float(apart.var(axis=0, ddof=1).mean()) / worlds if worlds > 1 else 0.0
    beyond = max(float(own.var()) - chance, 0.0)
    kept = beyond / (beyond + chance) if beyond + chance > 0.0 else 1.0
    return harm.mean(axis=0) - (1.0 - kept) * own  # type: ignore[no-any-return]


def late_or_early(names: Sequence[str], found: np.ndarray) -> pd.DataFrame:
    """Return what it does to close a base last rather than first, by `worth`, the largest saving first.

    Last and first of the places that the constraints leave it; bases that have one place are left out.

    Columns: base, mean, low, high (its 95 % interval; below zero: better late), fewer (worlds with less
    harm if last), worlds, clear (whether it holds among all bases together, Holm).
    """
    rows, chances = [], []
    for i, base in enumerate(names):
        has = np.flatnonzero(~np.isnan(found[:, i]).any(axis=0))
        if len(has) < 2:
            continue
        d = found[:, i, has[-1]] - found[:, i, has[0]]
        low, high = mean_interval(d)
        rows.append((base, float(d.mean()), low, high, int((d < 0).sum()), len(d)))
        chances.append(p_value(d))
    frame = pd.DataFrame(rows, columns=["base", "mean", "low", "high", "fewer", "worlds"])
    frame["clear"] = holm(chances)
    return frame.sort_values("mean", kind="stable", ignore_index=True)


def inside(harm: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Return which orders cannot be told from the best: bool (orders,). See `decide.excluded`."""
    worlds, orders = harm.shape
    return np.ones(orders, bool) if orders < 2 or worlds < 2 else ~excluded(harm, level)


def more_worlds(harm: np.ndarray, level: float = LEVEL) -> float:
    """Return about how many more worlds would tell the order in the middle of the set from the best.

    Infinite if the two do not differ in these worlds.
    """
    kept = np.flatnonzero(inside(harm, level))
    if len(kept) < 2:
        return 0.0
    means = harm.mean(axis=0)
    ranked = kept[np.argsort(means[kept], kind="stable")]
    d = harm[:, ranked[len(ranked) // 2]] - harm[:, ranked[0]]
    n = len(d)
    if d.mean() <= 0:
        return math.inf
    wanted = (reach(n, harm.shape[1], level) * d.std(ddof=1) / d.mean()) ** 2
    return float(max(wanted - n, 0.0))


def front(*criteria: np.ndarray) -> np.ndarray:
    """Return which of some choices no other one beats in all criteria (less is better): bool (choices,).

    A choice is beaten by one that is no worse in any and better in at least one; of equal ones all stay.
    """
    values = np.stack(criteria, axis=1)
    no_worse = np.all(values[None, :, :] <= values[:, None, :], axis=2)
    better = np.any(values[None, :, :] < values[:, None, :], axis=2)
    return np.asarray(~np.any(no_worse & better, axis=1))
