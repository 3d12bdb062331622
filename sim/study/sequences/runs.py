"""Runs of many orders in matched worlds: a sweep whose schedules are orders, in a store of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sim import __version__, parameters
from sim.scenario.case import Scenario
from sim.study import provenance
from sim.study.experiments.decide import Harm, harm
from sim.study.experiments.design import points
from sim.study.experiments.errors import StoreError
from sim.study.experiments.experiment import Design, Experiment, Levers
from sim.study.experiments.plan import CHUNK, Plan, sha256
from sim.study.experiments.store import Results
from sim.study.experiments.task import Recipe, code_digest
from sim.study.sequences.orders import Closures, Order, Schedules

HARMS = ("killed", "deaths", "excess_deaths", "fled", "vacuum_people_weeks")
"""Harm of a run that is kept, by any of which orders can be compared without running them again."""
COSTS = ("troop_weeks", "police_weeks")
"""What else is kept of it."""


def plan(
    closures: Closures,
    orders: Sequence[Order],
    worlds: int,
    *,
    seed: int = 1,
    plausible: bool = False,
    adaptive: Sequence[Order] = (),
) -> Plan:
    """Return what to run: "none" and every order in the same `worlds`, then `adaptive` ones.

    A world is a replicate of chance, with the parameters of one plausible draw each if `plausible`.
    """
    case = closures.case
    design = Design(kind="plausible", points=worlds, seed=seed) if plausible else Design(kind="defaults")
    asked = Experiment(
        name="sequences",
        title=f"Orders of closing {', '.join(closures.names)} in {case.header.title}"[:120],
        question="In which order do these bases close with least harm?",
        expected="Nothing: a search, not a test.",
        why="It compares orders that nobody has named beforehand.",
        scenarios=[case.name],
        replicates=1 if plausible else worlds,
        seed=seed,
        outcomes=[*HARMS, *COSTS],
        levers=Levers(schedules=["none"]),
        design=design,
    )
    schedules = Schedules(closures, orders, adaptive)
    found = points(asked)
    spec = {
        "software": "drawdown",
        "version": __version__,
        "code_sha256": code_digest(),
        "experiment_sha256": asked.digest,
        "scenarios": {case.name: provenance.case_digest(case)},
        "settings": sha256([dict(case.overrides), sorted(case.off), dict(case.rival)]),
        "schedules": sha256([json.loads(s.model_dump_json()) for s in schedules]),
        "parameters": sha256({n: (p.default, p.low, p.high) for n, p in parameters.PARAMETERS.items()}),
        "points": sha256(found),
    }
    recipe = Recipe(
        key=sha256(spec)[:20],
        code=code_digest(),
        name=asked.name,
        cases=(case,),
        plans=(schedules,),
        levers={},
        factors=tuple(asked.factors()),
        points=len(found),
        replicates=asked.replicates,
        seed=seed,
        own_chance=asked.own_chance,
        outcomes=tuple(asked.outcomes),
        weekly=(),
        weekly_replicates=0,
        provenance=(),
    )
    return Plan(asked, recipe, found, spec, _chunk(recipe, case))


def _chunk(recipe: Recipe, case: Scenario) -> int:
    """Return the runs of a task: about two seconds of work, schedules as a whole where that fits."""
    runs = max(1, CHUNK // (case.weeks * len(case.districts)))
    return max(recipe.replicates * (runs // recipe.replicates), 1) if runs >= recipe.replicates else runs


def harms(results: Results, outcome: str = HARMS[0]) -> Harm:
    """Return the harm of each order in each world, by an outcome that was kept.

    Raises `StoreError` if a run failed, and `ValueError` for an outcome that was not kept.
    """
    wrong = results.sql("SELECT run, error FROM runs WHERE failed ORDER BY run LIMIT 1")
    if len(wrong):
        raise StoreError(
            f"{results.folder}: run {wrong['run'][0]} failed ({wrong['error'][0]}); delete the folder to try "
            "again, and report it if it fails again"
        )
    return harm(results, outcome)
