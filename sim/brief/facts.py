"""The tables that a briefing speaks of: the `Answers` of a comparison, and what the printed page leaves out.

Nothing is computed twice: differences, what can be told apart, places, closures and evidence come from
`sim.study.answers` and `sim.study.evidence`. Added here: where the harm lies (districts whose base closes,
their neighbours, others), by whom, how it grows, what each base's closing takes, and how many worlds would
tell.

S schedules besides the counterfactual, R worlds, the first K of them kept by district, D districts, H
half-years.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sim import influence, measures
from sim.measures import Difference
from sim.scenario.case import COUNTERFACTUAL
from sim.show.schedules import closing_days
from sim.study.answers import REIMBURSEMENT, Answers
from sim.study.comparison import Comparison
from sim.study.evidence import Evidence, evidence

RINGS = ("own", "neighbour", "other")
"""Districts in which a base closes under the schedule, those one road away from them, and the rest."""
PERPETRATORS = ("killed_by_groups", "killed_by_state", "killed_by_militias", "killed_by_criminals")
SIDE_BY_SIDE = ("killed", "excess_deaths", "fled")
"""What a briefing puts side by side."""
LAST = 2
"""Half-years at the end in which it is asked whether the harm still grows."""
POWER = 1.959964 + 0.841621
"""Normal quantiles for a test at 5 % that finds a difference of this size four times in five."""
MOST_WORLDS = 20_000
"""More worlds than this are not asked of anybody."""


@dataclass(frozen=True)
class Base:
    """What the closing of one base does under one schedule, over all worlds."""

    schedule: str
    base: str
    district: str
    closures: int
    """In how many worlds it closes."""
    took: int
    """In how many of them it takes protection away."""
    depth: float
    """Chance (0-1) by which an attack in its district is met less often in the quarter after; mean of "
    "closures."""
    people: float
    """People in its district at the closure, mean."""
    nobody: int
    state: int
    un: int
    """By whom four fifths of the loss were made good before the end; they add up to `took`."""

    @property
    def lost(self) -> float:
        """Protection lost times the people who lost it: what bases are ordered by."""
        return self.depth * self.people


@dataclass(frozen=True)
class Facts:
    """Everything that the sentences, tables and figures of a briefing are made from."""

    answers: Answers
    evidence: Evidence
    title: str
    titles: Mapping[str, str]
    start: date
    end: date
    seed: int
    rings: np.ndarray
    """(S, K, 3): civilians killed by `RINGS`, minus the counterfactual."""
    by: Mapping[str, np.ndarray]
    """Perpetrator to (S + 1, R), the counterfactual last."""
    bases: tuple[Base, ...]
    """Base by base, those that lose most first within a schedule."""
    closing: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    """Schedule to base to the day on which it is planned to close."""

    @classmethod
    def of(cls, result: Comparison) -> Facts:
        """Return the facts of a comparison."""
        case = result.scenario
        a = Answers.of(result)
        every = [*a.names, COUNTERFACTUAL]
        totals = result.totals.sel(schedule=every)
        plans = {p.name: p for p in result.schedules}
        closing = {n: closing_days(case, plans[n]) for n in a.names}
        return cls(
            answers=a,
            evidence=evidence(case),
            title=case.header.title,
            titles={n: plans[n].title for n in every},
            start=case.header.start,
            end=case.header.end,
            seed=result.seed,
            rings=_rings(result, a, closing),
            by={m: totals.sel(metric=m).values for m in PERPETRATORS},
            bases=_bases(result, a.names),
            closing=closing,
        )

    # -- order ------------------------------------------------------------------------------------------

    @property
    def ordered(self) -> tuple[str, ...]:
        """The schedules, from fewest to most killed on average."""
        a = self.answers
        return tuple(sorted(a.names, key=lambda n: a.difference("killed", n).mean))

    def label(self, name: str) -> tuple[str, str]:
        """Return the title of a schedule, and its name where another one has the same title."""
        own = self.titles[name]
        shared = sum(t == own for t in self.titles.values()) > 1
        return own, name if shared else ""

    # -- course -----------------------------------------------------------------------------------------

    def half_by(self, name: str) -> int | None:
        """Return the half-year by whose end half of the mean difference in killed has come, to stay.

        None unless the schedule is told from the counterfactual.
        """
        mean = self._course(name)
        if mean is None:
            return None
        below = np.flatnonzero(mean < 0.5)
        return int(below[-1]) + 1 if len(below) else 0

    def last_share(self, name: str) -> float | None:
        """Return which part of the mean difference came in the last `LAST` half-years; None as above."""
        mean = self._course(name)
        if mean is None or len(mean) <= LAST:
            return None
        return float(1.0 - mean[-1 - LAST])

    def _course(self, name: str) -> np.ndarray | None:
        """Return the mean difference so far as a share of that at the end, (H,)."""
        a = self.answers
        mean = a.cumulated[a.row(name)].mean(axis=0)
        if a.told("killed", name) * mean[-1] <= 0:
            return None
        return np.asarray(mean / mean[-1], float)

    # -- parts ------------------------------------------------------------------------------------------

    def ring(self, name: str, ring: int) -> Difference:
        """Return the killed of a ring beyond the counterfactual."""
        return _summary(self.rings[self.answers.row(name), :, ring])

    def perpetrator(self, name: str, metric: str) -> Difference:
        """Return those killed by a perpetrator beyond the counterfactual."""
        values = self.by[metric]
        return _summary(np.asarray(values[self.answers.row(name)] - values[-1], float))

    def bases_of(self, name: str) -> tuple[Base, ...]:
        """Return the bases whose closing takes most from most people, one a district: what is lost is its."""
        own = sorted((b for b in self.bases if b.schedule == name and b.took), key=lambda b: -b.lost)
        first: dict[str, Base] = {}
        for base in own:
            first.setdefault(base.district, base)
        return tuple(b for b in first.values() if b.depth > 0)

    # -- what would tell --------------------------------------------------------------------------------

    def needed(self, a: str, b: str) -> int | None:
        """Return how many worlds would tell two schedules apart, if they differ as much as they seem to.

        By those killed, one comparison by itself, four times in five; two significant digits. None where no
        sensible number would.
        """
        d = self.answers.paired("killed", a, b)
        mean, spread = float(d.mean()), float(d.std(ddof=1)) if len(d) > 1 else 0.0
        if mean == 0.0 or spread == 0.0:
            return None
        n = (POWER * spread / mean) ** 2
        if n > MOST_WORLDS:
            return None
        scale = 10 ** max(math.floor(math.log10(max(n, 1.0))) - 1, 0)
        return int(math.ceil(n / scale) * scale)

    # -- cost -------------------------------------------------------------------------------------------

    def saved(self, name: str) -> float:
        """Return troop-years that a schedule takes beyond the counterfactual (negative: fewer)."""
        return self.answers.troop_years(name) - self.answers.troop_years()

    def millions(self, name: str) -> float:
        """Return the same as reimbursements to governments, US$ m."""
        return self.saved(name) * REIMBURSEMENT * 12.0 / 1e6

    # -- what matters -----------------------------------------------------------------------------------

    @property
    def magnified(self) -> float:
        """By how much ignorance of all parameters is magnified in the deaths that closures add."""
        return float(influence.made()["magnification"]["excess"]["magnified"])

    @property
    def older(self) -> bool:
        """Whether that, and `matter`, were measured under earlier rules."""
        return bool(influence.older())

    @property
    def matter(self) -> tuple[str, ...]:
        """The parameters that move a headline by 30 % or more over their range, the largest first."""
        return tuple(name for name, one in influence.table().items() if one.tier == 1)


def _summary(x: np.ndarray) -> Difference:
    return measures.difference(x, np.zeros(len(x)))


def _rings(result: Comparison, a: Answers, closing: Mapping[str, Mapping[str, date]]) -> np.ndarray:
    case = result.scenario
    ids = [d.id for d in case.districts]
    at = {u.base: ids.index(u.district) for u in case.units}
    near: dict[int, set[int]] = {i: set() for i in range(len(ids))}
    for r in case.routes:
        if r.mode == "air":
            continue
        i, j = ids.index(r.origin), ids.index(r.destination)
        near[i].add(j)
        near[j].add(i)
    found = np.zeros((*a.places.shape[:2], len(RINGS)))
    for s, name in enumerate(a.names):
        own = {at[base] for base in closing[name] if base in at}
        beside = {j for i in own for j in near[i]} - own
        other = set(range(len(ids))) - own - beside
        for k, ring in enumerate((own, beside, other)):
            found[s, :, k] = a.places[s][:, sorted(ring)].sum(axis=1)
    return found


def _bases(result: Comparison, names: tuple[str, ...]) -> tuple[Base, ...]:
    found = []
    if len(result.cliffs):
        for (name, base), own in result.cliffs.groupby(["schedule", "base"], sort=False):
            took = own[own["depth"] > measures.LOSS]
            by = took["refilled_by"].value_counts()
            found.append(
                Base(
                    schedule=str(name),
                    base=str(base),
                    district=str(own["district"].iloc[0]),
                    closures=len(own),
                    took=len(took),
                    depth=float(own["depth"].mean()),
                    people=float(own["people"].mean()),
                    nobody=int(by.get("nobody", 0)),
                    state=int(by.get("state forces", 0)),
                    un=int(by.get("UN", 0)),
                )
            )
    return tuple(
        sorted(
            (b for b in found if b.schedule in names),
            key=lambda b: (names.index(b.schedule), -b.lost, b.base),
        )
    )
