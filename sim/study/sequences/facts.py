"""What a mission could go and find out before it decides: how each county stands in each simulated world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.ensemble import Ensemble
from sim.scenario.schema import NO_DRAWDOWN
from sim.study import telling
from sim.study.experiments.task import variant
from sim.study.sequences.study import Sequences
from sim.study.variants import lasting

WEEKS = 13
"""Weeks before the first closure over which a fact is averaged."""


@dataclass(frozen=True)
class Fact:
    """Something about a county that people on the spot can be asked."""

    name: str
    question: str
    fields: tuple[str, ...]
    """Field of the weekly record; of two the first as a share of the second."""


FACTS = (
    Fact(
        "who comes",
        "Who answers the telephone when a village raises the alarm? Of the last ten alarms, how "
        "many reached somebody who could act?",
        ("heard", "alerts"),
    ),
    Fact(
        "reach of the base",
        "When people are attacked, how often does a patrol of the base get there in time? Name the "
        "places it cannot reach.",
        ("un_met",),
    ),
    Fact(
        "state forces in time",
        "And how often do the army or the police get there in time? Whom would they not protect?",
        ("state_met",),
    ),
    Fact(
        "state patrols",
        "Where do people see the army and the police patrol, and how often?",
        ("state_presence",),
    ),
    Fact(
        "fighters",
        "How many fighters of armed groups are in the county now, of whom, and where do they sleep?",
        ("armed",),
    ),
    Fact(
        "who governs",
        "In how much of the county does an armed group tax, judge, or let people pass?",
        ("ruler_control",),
    ),
    Fact(
        "attacks",
        "How many attacks on civilians were there in the last three months, the unreported ones included?",
        ("attacks",),
    ),
    Fact(
        "self-defence",
        "How many people keep arms to defend their village?",
        ("militia",),
    ),
    Fact(
        "quarrels",
        "Which communities quarrel, over what, and is blood owed?",
        ("tension",),
    ),
    Fact(
        "displaced people",
        "How many displaced people live here, in camps and with families?",
        ("hosted",),
    ),
    Fact(
        "want",
        "How many of those in need did relief reach in the last months?",
        ("deprivation",),
    ),
    Fact(
        "fear",
        "Who no longer goes to field, market or water for fear?",
        ("fear",),
    ),
)


@dataclass(frozen=True, repr=False)
class Told:
    """What would tell before an order is chosen. See `tell`."""

    outcome: str
    choices: int
    """Orders among which is chosen."""
    worlds: int
    whole: float
    """What it would be worth to know the world itself, chance included."""
    table: pd.DataFrame
    """One row a fact, the most worth first: county (empty: a parameter of the rules), fact, question, worth,
    error, noise, clear, low and high (nine in ten worlds)."""

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<Told: {len(self.table)} facts before {self.choices} orders, {self.worlds} worlds>"


def tell(s: Sequences) -> Told:
    """Return what knowing each fact would be worth before choosing among the orders looked at again.

    Raises `ValueError` for fewer than `telling.FEWEST` worlds.
    """
    orders = [s.second.schedules.index(s.closures.name(o)) for o in s.short]
    harm = s.second.worlds[:, orders]
    known = pd.concat([counties(s), parameters(s)], axis=1)
    found = telling.worth_knowing(harm, known)
    same = [name for name in known if name not in set(found["fact"])]  # in all worlds: it can tell nothing
    nothing = pd.DataFrame({"fact": same, "worth": 0.0, "error": 0.0, "noise": np.nan, "clear": False})
    if same:
        found = pd.concat([found, nothing], ignore_index=True) if len(found) else nothing
    questions = {fact.name: fact.question for fact in FACTS}
    split = [name.rpartition(": ") for name in found["fact"]]
    table = found.assign(
        county=[county for county, _, _ in split],
        fact=[fact for _, _, fact in split],
        question=[questions.get(fact, "") for _, _, fact in split],
        low=[float(known[name].quantile(0.05)) for name in found["fact"]],
        high=[float(known[name].quantile(0.95)) for name in found["fact"]],
    )
    return Told(s.outcome, len(orders), len(harm), telling.knowing_all(harm), table)


def counties(s: Sequences) -> pd.DataFrame:
    """Return the facts of each county in which a base closes, as they are before the first closure.

    One row a world of the second look, one column a fact, "COUNTY: FACT".
    """
    plan = s.again_plan
    recipe = plan.recipe
    weeks = max(s.closures.case.week_of(s.closures.first), 1)
    early = lasting(s.closures.case, weeks)
    ensemble = Ensemble(early, NO_DRAWDOWN)
    places = {d.id: i for i, d in enumerate(early.districts)}
    home = {u.base: u.district for u in early.units}
    rows = [places[d] for d in dict.fromkeys(home[group[0]] for group in s.closures.groups)]
    found = []
    for number, point in enumerate(plan.points):
        ensemble.set_parameters(lasting(variant(recipe, 0, point), weeks))
        runs = ensemble.run(recipe.seed, recipe.replicate(number, 0), recipe.replicates)
        before = runs.records[:, -WEEKS:, rows]
        # (replicates, counties, facts)
        found.append(np.stack([_value(before, fact) for fact in FACTS], axis=2))
    values = np.concatenate(found)
    columns = [f"{early.districts[r].name}: {fact.name}" for r in rows for fact in FACTS]
    return pd.DataFrame(values.reshape(len(values), -1), columns=columns)


def _value(records: np.ndarray, fact: Fact) -> np.ndarray:
    """Return a fact in each run and county: float (runs, counties)."""
    sums = [records[field].astype(np.float64).sum(axis=1) for field in fact.fields]
    if len(sums) == 1:
        return np.asarray(sums[0] / records.shape[1])
    return np.where(sums[1] > 0, sums[0] / np.where(sums[1] > 0, sums[1], 1.0), 0.0)


def parameters(s: Sequences) -> pd.DataFrame:
    """Return the parameters that differ between the worlds of the second look, a row a world."""
    plan = s.again_plan
    rows = [point for point in plan.points for _ in range(plan.recipe.replicates)]
    return pd.DataFrame(rows, columns=[f.column for f in plan.recipe.factors])
