"""The tables that sentences about a comparison are made from: paired, judged together, with names.

An `Answers` holds what the printed page needs of a `Comparison` as plain arrays: S schedules besides the
counterfactual, R matched worlds, D districts, H half-years. Everything that a sentence says is computed
here, so that it can be computed again from the arrays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from sim import measures
from sim.intervals import FEWEST, holm, mean_interval, p_value, sign_p_value
from sim.measures import Difference
from sim.scenario.case import COUNTERFACTUAL

if TYPE_CHECKING:
    from sim.study.compare import Comparison

YEAR = 365.2425 / 7.0
"""Weeks in a year."""
OUTCOMES = ("killed", "killed_by_criminals", "excess_deaths", "fled", "vacuum_weeks")
"""What the page counts besides troops."""
RANKED = ("killed", "excess_deaths", "deaths", "fled", "vacuum_weeks")
"""Outcomes by which schedules are ordered, to see whether the order turns."""
NEEDED = (*OUTCOMES, "deaths", "recorded_killed", "troop_weeks", "police_weeks")
REIMBURSEMENT = 1428.0
"""US$ a month that the UN pays governments for a soldier or formed police officer: General Assembly, since
1 July 2018 (read at casquebleu.org, Personnel reimbursement). A part of what a mission costs: without
equipment, staff, buildings, fuel and aircraft."""
NEXT_TO_NOTHING = 0.02
"""A closure that takes away less than two answers in a hundred attacks takes next to nothing."""
SPEARMAN = 1.03
"""Standard error of Fisher's transform of a rank correlation of n pairs, times the root of n - 3 (Fieller,
Hartley & Pearson 1957)."""
SATURATED = 0.5
"""A measure that is on in half of all weeks already without closures has little room to rise."""


@dataclass(frozen=True)
class Filled:
    """What became of the protection that closures took, over all closures and worlds of a schedule."""

    closures: int
    took: int
    """Closures after which the district had less protection than in the matched world."""
    un: int
    state: int
    nobody: int
    """By whom four fifths of the loss were made good before the run ended; they add up to `took`."""
    depth: float
    """Mean loss over the quarter after a closure: chance (0-1) that an attack is met."""


@dataclass(frozen=True)
class Answers:
    """A comparison as plain arrays, the schedules without the counterfactual."""

    case: str
    names: tuple[str, ...]
    values: Mapping[str, np.ndarray]
    """Metric to totals (S + 1, R), the counterfactual last."""
    weeks: int
    people: int
    districts: tuple[str, ...]
    half_years: tuple[str, ...]
    """Last day of each, "2017-08-27"."""
    cumulated: np.ndarray
    """(S, kept R, H): civilians killed up to the end of each half-year, minus the counterfactual."""
    places: np.ndarray
    """(S, kept R, D): civilians killed, minus the counterfactual."""
    filled: Mapping[str, Filled] = field(default_factory=dict)
    """Schedules with closures."""
    troops_left: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """(S + 1,): troops in the last week, mean over worlds."""
    first_closure: Mapping[str, str] = field(default_factory=dict)
    drawn: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Parameters that differ between worlds, to their value in each (R,); empty if none does."""
    _cache: dict[tuple[str, ...], object] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, result: Comparison) -> Answers:
        """Return the answers of a comparison."""
        case = result.scenario
        names = tuple(n for n in result.names if n != COUNTERFACTUAL)
        every = [*names, COUNTERFACTUAL]
        totals = result.totals.sel(schedule=every)
        values = {m: totals.sel(metric=m).values for m in NEEDED}
        series = [str(s) for s in result.weekly.coords["series"].values]
        weekly = np.zeros((len(every), result.weekly.sizes["replicate"], case.weeks))
        for part in measures.KILLED:
            weekly += result.weekly.sel(schedule=every).isel(series=series.index(part)).values
        ends = [*range(26, case.weeks, 26), case.weeks]
        cumulated = np.cumsum(weekly, axis=2, dtype=np.float64)[:, :, [e - 1 for e in ends]]
        places = result.places.sel(schedule=every, measure="killed").sum("half_year").values.astype(float)
        troops = result.weekly.sel(schedule=every, series="un_troops").isel(week=-1).mean("replicate").values
        first = {}
        for plan in result.schedules:
            weeks = measures.closures(case, plan)["week"] if plan.actions else []
            if len(weeks):
                first[plan.name] = case.date_of(int(min(weeks))).isoformat()
        return cls(
            case=case.name,
            names=names,
            values=values,
            weeks=case.weeks,
            people=sum(d.population for d in case.districts),
            districts=tuple(d.name for d in case.districts),
            half_years=tuple((case.date_of(e - 1) + timedelta(days=6)).isoformat() for e in ends),
            cumulated=cumulated[:-1] - cumulated[-1],
            places=places[:-1] - places[-1],
            filled=_filled(result, names),
            troops_left=np.asarray(troops, float),
            first_closure=first,
            drawn=_drawn(result),
        )

    @property
    def worlds(self) -> int:
        """How many matched worlds."""
        return int(self.values["killed"].shape[1])

    @property
    def kept(self) -> int:
        """How many of them, the first, are kept district by district and week by week."""
        return int(self.places.shape[1])

    @property
    def years(self) -> float:
        """Length of a run."""
        return self.weeks / YEAR

    @property
    def enough(self) -> bool:
        """Whether there are worlds enough for intervals."""
        return self.worlds >= FEWEST

    @property
    def reference(self) -> str:
        """The schedule that others are compared with: 'actual' where it is there, else the first."""
        return "actual" if "actual" in self.names else self.names[0]

    @property
    def ordered(self) -> tuple[str, ...]:
        """The schedules: the reference, then the others from fewest to most killed."""
        if not self.names:
            return ()
        others = [n for n in self.names if n != self.reference]
        return (self.reference, *sorted(others, key=lambda n: self.total("killed", n)))

    def row(self, name: str) -> int:
        """Return the row of a schedule in `values`."""
        return len(self.names) if name == COUNTERFACTUAL else self.names.index(name)

    def paired(self, metric: str, a: str, b: str = COUNTERFACTUAL) -> np.ndarray:
        """Return the paired differences a - b, (R,)."""
        values = self.values[metric]
        return np.asarray(values[self.row(a)] - values[self.row(b)], float)

    def total(self, metric: str, name: str = COUNTERFACTUAL) -> float:
        """Return the mean total of a schedule."""
        return float(self.values[metric][self.row(name)].mean())

    def difference(self, metric: str, a: str, b: str = COUNTERFACTUAL) -> Difference:
        """Return the summary of the paired differences a - b."""
        key = (metric, a, b)
        if key not in self._cache:
            self._cache[key] = measures.difference(self.paired(metric, a, b), np.zeros(self.worlds))
        found = self._cache[key]
        assert isinstance(found, Difference)
        return found

    @property
    def pairs(self) -> int:
        """How many pairs of schedules there are, the counterfactual among them."""
        return (len(self.names) + 1) * len(self.names) // 2

    def told(self, metric: str, a: str, b: str = COUNTERFACTUAL) -> int:
        """Return 1 if a has clearly more than b, -1 if fewer, 0 if the runs cannot tell.

        All pairs of schedules of a metric are judged together: the chance that any of them is told
        apart although it does not differ is at most 5 % (Holm 1979).
        """
        signs = self._cache.get(("told", metric))
        if signs is None:
            every = (*self.names, COUNTERFACTUAL)
            pairs = list(combinations(every, 2))
            signs = dict.fromkeys(pairs, 0)
            if self.enough:
                found = [self.difference(metric, x, y) for x, y in pairs]
                held = holm([d.p_value for d in found])
                signs = {
                    pair: (1 if d.mean > 0 else -1) if h else 0
                    for pair, d, h in zip(pairs, found, held, strict=True)
                }
            self._cache["told", metric] = signs
        assert isinstance(signs, dict)
        return signs[a, b] if (a, b) in signs else -signs[b, a]

    def turns(self) -> list[tuple[str, str, str, str]]:
        """Return (a, b, outcome, other outcome) where a has clearly more of one and b of the other."""
        found = []
        for a, b in combinations((*self.ordered, COUNTERFACTUAL), 2):
            for one, other in combinations(RANKED, 2):
                sign = self.told(one, a, b)
                if sign and self.told(other, a, b) == -sign:
                    found.append((a, b, one, other) if sign > 0 else (b, a, one, other))
        return found

    def clear_from(self, name: str) -> int | None:
        """Return the first half-year from which the cumulated difference in killed stays clear, or None.

        Clear: its 95 % interval excludes zero, on the same side, at the end of that half-year and of all
        that follow.
        """
        if not self.enough:
            return None
        cumulated = self.cumulated[self.row(name)]
        sides = []
        for h in range(cumulated.shape[1]):
            low, high = mean_interval(cumulated[:, h])
            sides.append(1 if low > 0 else -1 if high < 0 else 0)
        if sides[-1] == 0:
            return None
        first = len(sides) - 1
        while first > 0 and sides[first - 1] == sides[-1]:
            first -= 1
        return first

    def carriers(self, name: str, most: int = 3) -> list[tuple[str, float, int]]:
        """Return the districts that carry a schedule's difference in killed: (name, mean, worlds with it).

        At most `most`, the largest first, of those that go the way of the whole beyond chance, all districts
        judged together (Holm). A district goes that way if its mean does or if worlds do: where one massacre
        outweighs 30 worlds, the mean alone would leave out the places that carry the most.
        """
        if not self.enough:
            return []
        own = self.places[self.row(name)]
        means = own.mean(axis=0)
        sign = 1.0 if self.difference("killed", name).mean > 0 else -1.0
        held = holm([_one_way(own[:, d], sign) for d in range(own.shape[1])])
        chosen = [int(d) for d in np.argsort(-sign * means, kind="stable") if held[d] and sign * means[d] > 0]
        return [
            (self.districts[d], float(means[d]), int((sign * own[:, d] > 0).sum())) for d in chosen[:most]
        ]

    def recorded_less(self, name: str) -> tuple[int, float, float]:
        """Return whether less of the excess than of all killed is on record, and both shares.

        -1: clearly less, 1: clearly more, 0: the runs cannot tell (or the excess is not clear).
        Shares: of the excess, and of all under the counterfactual, on the simulated record.
        """
        killed, recorded = self.paired("killed", name), self.paired("recorded_killed", name)
        level = self.total("killed")
        usual = self.total("recorded_killed") / level if level else 0.0
        own = float(recorded.mean() / killed.mean()) if killed.mean() else 0.0
        if not self.enough or self.told("killed", name) == 0:
            return 0, own, usual
        low, high = mean_interval(recorded - usual * killed)
        sign = 1 if killed.mean() > 0 else -1
        return sign * (1 if low > 0 else -1 if high < 0 else 0), own, usual

    def troop_years(self, name: str = COUNTERFACTUAL) -> float:
        """Return troops and formed police of the mission, in person-years."""
        return (self.total("troop_weeks", name) + self.total("police_weeks", name)) / YEAR

    @property
    def distinct(self) -> int:
        """How many worlds differ in their parameters: what counts as independent where draws come again."""
        if not self.drawn:
            return 1
        return len(np.unique(np.stack(list(self.drawn.values()), axis=1), axis=0))

    def deciders(self, name: str, most: int = 3) -> list[tuple[str, float, float, float]]:
        """Return the parameters that a schedule's difference in killed goes with, over plausible worlds.

        (parameter, Spearman's rank correlation, its 95 % interval), at most `most`, the closest first; only
        those that go with it beyond chance, all parameters judged together (Holm).
        """
        n = self.distinct
        excess = self.paired("killed", name)
        if not self.enough or n < FEWEST or np.ptp(excess) == 0:
            return []
        ranks = _ranks(excess)
        found = []
        for parameter, values in self.drawn.items():
            if np.ptp(values) == 0:
                continue
            rho = float(np.clip(np.corrcoef(ranks, _ranks(values))[0, 1], -0.9999, 0.9999))
            z, error = math.atanh(rho), SPEARMAN / math.sqrt(n - 3)
            found.append((parameter, rho, z, error))
        held = holm([2.0 * float(special.ndtr(-abs(z) / error)) for _, _, z, error in found])
        kept = sorted((f for f, h in zip(found, held, strict=True) if h), key=lambda f: -abs(f[1]))
        reach = float(special.ndtri(0.975))
        return [
            (parameter, rho, math.tanh(z - reach * error), math.tanh(z + reach * error))
            for parameter, rho, z, error in kept[:most]
        ]

    @property
    def district_weeks(self) -> int:
        """Districts times weeks: how many weeks could be in a vacuum in a run."""
        return len(self.districts) * self.weeks

    @property
    def in_vacuum(self) -> float:
        """Share of all district-weeks under the counterfactual that are in a vacuum."""
        return self.total("vacuum_weeks") / self.district_weeks


def _drawn(result: Comparison) -> dict[str, np.ndarray]:
    """Return the parameters that differ between replicates, and their values."""
    draws = result.draws
    if draws is None:
        return {}
    values = draws.values[result.drawn]
    set_ = {*result.scenario.header.parameters, *result.scenario.overrides}
    return {n: values[:, i] for i, n in enumerate(draws.names) if n not in set_}


def _one_way(x: np.ndarray, sign: float) -> float:
    """Return a p-value of differences that go one way, by their mean or by their number; 1 if neither."""
    by_mean = p_value(x) if sign * x.mean() > 0 else 1.0
    by_count = sign_p_value(x) if sign * float(np.sign(x).sum()) > 0 else 1.0
    return min(1.0, 2.0 * min(by_mean, by_count))


def _ranks(x: np.ndarray) -> np.ndarray:
    return np.asarray(stats.rankdata(x))


def _filled(result: Comparison, names: tuple[str, ...]) -> dict[str, Filled]:
    cliffs = result.cliffs
    if not len(cliffs):
        return {}
    found = {}
    for name in names:
        own = cliffs[cliffs["schedule"] == name]
        if not len(own):
            continue
        took = own[own["depth"] > measures.LOSS]
        by = took["refilled_by"].value_counts()
        found[name] = Filled(
            closures=len(own),
            took=len(took),
            un=int(by.get("UN", 0)),
            state=int(by.get("state forces", 0)),
            nobody=int(by.get("nobody", 0)),
            depth=float(own["depth"].mean()),
        )
    return found
