"""A study of sequences: all orders looked at in some worlds, the best of them again in worlds that are new.

The first look asks which orders can be ruled out. Whatever is lowest there was partly lucky, so a short
list of the lowest, the order of the plan itself, and what saves most for its harm are looked at a second
time, in worlds that the first did not see, with their adaptive forms. Each look has half of the error.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from sim.intervals import LEVEL
from sim.scenario.case import COUNTERFACTUAL
from sim.study.answers import REIMBURSEMENT, YEAR
from sim.study.experiments import decide
from sim.study.experiments.decide import Harm
from sim.study.experiments.plan import Plan
from sim.study.experiments.store import Results
from sim.study.experiments.sweep import sweep
from sim.study.sequences import answer, runs
from sim.study.sequences.orders import Closures, Order
from sim.study.sequences.search import search

MOST = 5040
"""Orders up to which all are run: those of seven bases."""
WORLDS = 20
AGAIN = 100
SHORT = 8
"""Orders of the least harm that are looked at again."""
CHEAP = 4
"""Orders of the front of harm and cost that are looked at again besides."""
ADAPTIVE = 3
"""Orders of least harm of which the adaptive form is looked at, besides the plan's."""
LOOKS = 2

Tell = Callable[[str, int, int, int], None]
"""Called with (which part of the work, runs done, runs in all, runs failed)."""


@dataclass(frozen=True, repr=False)
class Sequences:
    """What came out of many orders. See `study`."""

    closures: Closures
    outcome: str
    plausible: bool
    searched: bool
    """Whether orders were searched, as there are too many to run all."""
    orders: tuple[Order, ...]
    """Those that were run."""
    first: Harm
    """Their harm; the counterfactual is its first schedule."""
    saved: np.ndarray
    """US$ that each order costs less than no drawdown, on average: float (orders,)"""
    troop_weeks: np.ndarray
    """Troop-weeks and police-weeks under each order, on average: float (orders,)"""
    short: tuple[Order, ...]
    """Those looked at again."""
    second: Harm
    """Their harm in new worlds, and that of adaptive forms."""
    again: Results
    """The runs of the second look."""
    again_plan: Plan
    """What was run for it."""

    def __repr__(self) -> str:
        """Say what it is."""
        return (
            f"<Sequences of {len(self.closures)} closures: {len(self.orders):,d} orders in "
            f"{len(self.harm)} worlds, {len(self.short)} of them in {len(self.second.worlds)} more>"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The bases whose order is open."""
        return self.closures.names

    @cached_property
    def harm(self) -> np.ndarray:
        """Harm beyond the matched world without drawdown in the first look: float (worlds, orders)."""
        return self.first.worlds[:, 1:]

    @property
    def level(self) -> float:
        """The confidence of each look, so that both together have `LEVEL`."""
        return 1.0 - (1.0 - LEVEL) / LOOKS

    @cached_property
    def inside(self) -> np.ndarray:
        """Which orders cannot be told from the best, by both looks together: bool (orders,).

        Of a search only those looked at twice can be spoken of: it chose the others as it went.
        """
        place = {order: i for i, order in enumerate(self.orders)}
        kept = np.zeros(len(self.orders), bool) if self.searched else answer.inside(self.harm, self.level)
        again = [place[order] for order in self.short]
        columns = [self.second.schedules.index(self.closures.name(order)) for order in self.short]
        held = answer.inside(self.second.worlds[:, columns], self.level)
        kept[again] = held if self.searched else held & kept[again]
        return kept

    @cached_property
    def worth(self) -> np.ndarray:
        """What each base does at each place of the order, see `answer.worth`."""
        reckon = answer.by_place if self.searched else answer.worth
        return reckon(self.names, self.orders, self.harm)

    @cached_property
    def late_or_early(self) -> pd.DataFrame:
        """What it does to close a base last rather than first, see `answer.late_or_early`."""
        return answer.late_or_early(self.names, self.worth)

    @cached_property
    def common(self) -> list[answer.Common]:
        """What the orders that cannot be told from the best have in common."""
        return answer.in_common(self.names, self.orders, self.inside)

    @cached_property
    def estimate(self) -> np.ndarray:
        """Mean harm of each order in the first look, see `answer.pooled`: float (orders,)."""
        return answer.pooled(self.names, self.orders, self.harm)

    @cached_property
    def front(self) -> np.ndarray:
        """Which orders no other one beats in harm, troop-weeks and cost together: bool (orders,)."""
        return answer.front(self.estimate, self.troop_weeks, -self.saved)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an order, the least harm first."""
        rows = []
        for i, order in enumerate(self.orders):
            days = self.closures.days(order)
            assert days is not None
            rows.append(
                {
                    "schedule": self.closures.name(order),
                    "order": self.closures.words(order),
                    "days": ", ".join(str(day) for day in days),
                    "mean": float(self.harm[:, i].mean()),
                    "pooled": float(self.estimate[i]),
                    "may_be_best": bool(self.inside[i]),
                    "troop_weeks": float(self.troop_weeks[i]),
                    "us_dollars_saved": float(self.saved[i]),
                    "front": bool(self.front[i]),
                    "again": order in self.short,
                }
            )
        return pd.DataFrame(rows).sort_values("pooled", kind="stable", ignore_index=True)

    @cached_property
    def criteria(self) -> pd.DataFrame:
        """Three criteria side by side of the second look's schedules, see `decide.criteria`."""
        found = decide.criteria(self.second)
        found = found[found["schedule"] != COUNTERFACTUAL].copy()
        words = {self.closures.name(o): self.closures.words(o) for o in self.short}
        saved = dict(zip(map(self.closures.name, self.orders), self.saved, strict=True))
        base = [name.removesuffix("-adaptive") for name in found["schedule"]]
        found["order"] = [words[name] for name in base]
        found["adaptive"] = [name.endswith("-adaptive") for name in found["schedule"]]
        found["us_dollars_saved"] = [
            np.nan if adaptive else saved[name]
            for name, adaptive in zip(base, found["adaptive"], strict=True)
        ]
        return found.reset_index(drop=True)

    @property
    def plan(self) -> Order | None:
        """The order of the schedule in which the closures are placed, if it closes them all."""
        return self.closures.order_of(self.closures.within)


def study(
    closures: Closures,
    *,
    worlds: int = WORLDS,
    again: int = AGAIN,
    most: int = MOST,
    seed: int = 1,
    plausible: bool = False,
    outcome: str = "killed",
    out: str | os.PathLike[str] = "results/sequences",
    workers: int | None = None,
    tell: Tell | None = None,
    stop: threading.Event | None = None,
) -> Sequences:
    """Compare all orders of some closures; of more than `most`, those that a search finds.

    `worlds`: matched worlds of the first look; `again`: of the second, others. `plausible`: every world has
    parameters of its own. `out`: folder of the runs; what is there already is not run again, and the result
    is the same to the bit for any number of `workers` and any stop in between.

    Raises `Stopped` once `stop` is set, `StoreError` for a folder in use or a run that failed, `Missing`
    without DuckDB, `OSError` if runs cannot be written, and `ValueError` for an outcome that is not kept.
    """
    if outcome not in runs.HARMS:
        raise ValueError(f"{outcome!r} is not kept; choose one of {', '.join(runs.HARMS)}")
    folder = Path(out)

    def made(what: str, plan: Plan) -> Results:
        def tick(done: int, of: int, failed: int) -> None:
            if tell:
                tell(what, done, of, failed)

        return sweep(plan, folder / f"runs-{plan.recipe.key[:12]}", workers=workers, progress=tick, stop=stop)

    def look(what: str, orders: Sequence[Order]) -> tuple[Harm, np.ndarray]:
        results = made(what, runs.plan(closures, orders, worlds, seed=seed, plausible=plausible))
        return runs.harms(results, outcome), _costs(results)

    orders = closures.all(most)
    searched = orders is None
    if orders is None:
        parts: list[tuple[Harm, np.ndarray]] = []

        def evaluate(some: Sequence[Order], number: int) -> np.ndarray:
            parts.append(look("first orders" if number == 0 else f"search, round {number}", some))
            return parts[-1][0].worlds[:, 1:]

        orders, _ = search(closures, evaluate, seed)
        first = _joined([part for part, _ in parts])
        costs = np.concatenate([parts[0][1], *(c[1:] for _, c in parts[1:])])
    else:
        first, costs = look(f"{len(orders):,d} orders", orders)
    troop_weeks = costs.sum(axis=1)
    dollars = troop_weeks * REIMBURSEMENT * 12.0 / YEAR
    saved = dollars[0] - dollars[1:]
    harm = first.worlds[:, 1:]
    short = _short(closures, orders, answer.pooled(closures.names, orders, harm), troop_weeks[1:], -saved)
    adaptive = _adaptive(closures, short)
    last = runs.plan(closures, short, again, seed=seed + 1, plausible=plausible, adaptive=adaptive)
    second = made("second look", last)
    return Sequences(
        closures=closures,
        outcome=outcome,
        plausible=plausible,
        searched=searched,
        orders=tuple(orders),
        first=first,
        saved=saved,
        troop_weeks=troop_weeks[1:],
        short=tuple(short),
        second=runs.harms(second, outcome),
        again=second,
        again_plan=last,
    )


def _costs(results: Results) -> np.ndarray:
    """Return mean troop-weeks and police-weeks of each schedule: float (schedules, 2)."""
    data = results.dataset()
    return np.stack(
        [data[name].mean(("scenario", "point", "replicate")).values for name in runs.COSTS], axis=1
    )


def _joined(parts: Sequence[Harm]) -> Harm:
    """Return the harm of orders that were run one after the other in the same worlds."""
    first = parts[0]
    names = [*first.schedules, *(n for p in parts[1:] for n in p.schedules[1:])]
    values = np.concatenate([first.values, *(p.values[:, :, 1:] for p in parts[1:])], axis=2)
    units = np.concatenate([first.units, *(p.units[:, 1:] for p in parts[1:])], axis=1)
    return Harm(first.outcome, tuple(names), values, units, first.unit, first.beyond_none, 0)


def _short(
    closures: Closures, orders: Sequence[Order], estimate: np.ndarray, *costs: np.ndarray
) -> list[Order]:
    """Return the orders to look at again: of least harm, on the front of harm and cost, and the plan's."""
    ranked = np.argsort(estimate, kind="stable")
    chosen = [orders[i] for i in ranked[:SHORT]]
    best = answer.front(estimate, *costs)
    front = [orders[i] for i in ranked if best[i]]
    spread = np.linspace(0, len(front) - 1, min(CHEAP, len(front))).astype(int)
    chosen += [front[i] for i in spread]
    planned = closures.order_of(closures.within)
    if planned is not None and planned in orders:
        chosen.append(planned)
    return list(dict.fromkeys(chosen))


def _adaptive(closures: Closures, short: Sequence[Order]) -> list[Order]:
    """Return the orders of which the adaptive form is looked at, too."""
    if not closures.asked.triggers:
        return []
    planned = closures.order_of(closures.within)
    return list(dict.fromkeys([*short[:ADAPTIVE], *([planned] if planned in short and planned else [])]))
