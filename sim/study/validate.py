"""Hold simulated worlds against patterns from the record: each with its target, its value, a verdict.

The patterns and their targets come from the literature and from the authors' analysis of public data
(docs/sources.md). A verdict is about these worlds under these parameters. Where a parameter was set by a
pattern, or a rule puts it in, the check says so: agreement is then no evidence.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from sim import measures
from sim.ensemble import Ensemble
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import Schedule
from sim.study import patterns
from sim.study.eventlog import event_log
from sim.world.state import WEEKS_A_YEAR

ACTIVE = 25.0
"""Recorded deaths a year from which a conflict counts as active, as UCDP counts armed conflicts."""
CHOOSING = "gated:steps=1+level=0.05+delay=208+then=stay"
"""How the mission closes bases for facts A, B, C and E and for what an observer would conclude."""
HOLDS, EDGE, FAILS, UNKNOWN = "holds", "cannot be told", "fails", "cannot be measured"
CONTROL_EDGES = np.array([0.0, 0.1, 0.3, 0.45, 0.55, 0.7, 0.85, 1.0])
"""Bins of control by armed groups, as a share of what they and the state hold: none, dominated by the
state, ..., parity, ..., dominated, full."""


@dataclass(frozen=True)
class Check:
    """One pattern: what is expected, what the runs give, and what that is worth."""

    number: str
    title: str
    target: tuple[float, float]
    """Interval that the mean over runs should lie in; infinite where one-sided."""
    unit: str
    source: str
    values: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """One value a run; NaN where a run has too little."""
    worth: str = ""
    """Whether a parameter was set by it, a rule puts it in, or it is free."""
    note: str = ""

    @property
    def mean(self) -> float:
        """Mean over the runs that have a value."""
        known = self.values[np.isfinite(self.values)]
        return float(known.mean()) if len(known) else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of that mean."""
        known = self.values[np.isfinite(self.values)]
        return measures.mean_interval(known) if len(known) > 1 else (math.nan, math.nan)

    @property
    def verdict(self) -> str:
        """Whether the interval of the mean lies in the target, across its edge, or outside."""
        low, high = self.interval
        if not math.isfinite(low):
            return UNKNOWN
        if self.target[0] <= low and high <= self.target[1]:
            return HOLDS
        return FAILS if high < self.target[0] or low > self.target[1] else EDGE


@dataclass(frozen=True)
class Validation:
    """All checks on one world, and what is needed to show them."""

    case: Scenario
    schedule: Schedule
    replicates: int
    seed: int
    checks: tuple[Check, ...]
    sizes: np.ndarray
    """Deaths of every lethal attack of armed groups in all runs."""
    by_control: np.ndarray
    """(runs, bins) attacks a week by control, see `CONTROL_EDGES`."""
    observed: pd.DataFrame
    """A row a run: what an observer would conclude of closures, and what was true (`_observer`)."""
    closures: pd.DataFrame
    """A row a run and closure with a year before and after it: district, week, quiet (no recorded deaths in
    the year before), change (of log(1 + deaths) against the matched world), excess (deaths)."""
    exits: np.ndarray
    """(runs,): civilians killed beyond the matched world, per 100,000 people and year from the first
    closure on."""

    @property
    def active(self) -> bool:
        """Whether this is an active conflict: 25 recorded deaths a year or more where bases stay (UCDP)."""
        return bool(self.observed["recorded_a_year"].mean() >= ACTIVE)

    def frame(self) -> pd.DataFrame:
        """Return the checks as a table."""
        return table_of(self.checks)


def table_of(checks: Sequence[Check]) -> pd.DataFrame:
    """Return checks as a table, one row each."""
    return pd.DataFrame(
        [
            {
                "number": c.number,
                "pattern": c.title,
                "target_low": c.target[0],
                "target_high": c.target[1],
                "mean": c.mean,
                "mean_low": c.interval[0],
                "mean_high": c.interval[1],
                "unit": c.unit,
                "verdict": c.verdict,
                "worth": c.worth,
            }
            for c in checks
        ]
    )


def validate(
    case: Scenario,
    schedule: str | Schedule | None = None,
    *,
    replicates: int = 40,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
    stop: threading.Event | None = None,
) -> Validation:
    """Measure the patterns in runs of a case under `schedule` (default: "actual", else its first).

    Besides `schedule` the same replicates are run under "none" and in the same world without any
    peacekeepers. Raises `ValueError` for fewer than two replicates, `ScenarioError` for an unknown
    schedule, `InterruptedError` if `stop` is set.
    """
    if replicates < 2:
        raise ValueError(f"replicates must be at least 2, not {replicates}")
    if schedule is None:
        schedule = "actual" if "actual" in case.schedules else next(iter(case.schedules), COUNTERFACTUAL)
    plan = case.schedule(schedule) if isinstance(schedule, str) else schedule
    planned = measures.closures(case, plan)
    people = sum(d.population for d in case.districts)
    neighbours = _neighbours(case)
    base = Ensemble(case, COUNTERFACTUAL)
    without = Ensemble(replace(case, units=(), schedules={}), COUNTERFACTUAL)
    choosing = _choosing(case)
    chosen = Ensemble(case, choosing) if choosing else None
    due = measures.closures(case, choosing) if choosing else planned
    police = _without_kind(case, "formed-police")
    troops = _without_kind(case, "infantry")
    rows: list[dict[str, float]] = []
    sizes: list[np.ndarray] = []
    by_control: list[np.ndarray] = []
    observed: list[dict[str, float]] = []
    closures: list[pd.DataFrame] = []
    exits: list[float] = []
    for r in range(replicates):
        if stop is not None and stop.is_set():
            raise InterruptedError(f"stopped after {r} of {replicates} replicates")
        log, world = event_log(case, plan, seed=seed, replicate=r)
        record = np.asarray(world.record)
        stays = base.run(seed, r, 1).records[0]
        never = without.run(seed, r, 1).records[0]
        row, deaths = _measure(case, log, record, stays, never, neighbours)
        happened = measures.realised(planned, world.schedule["done"])[0]
        closing = np.column_stack([planned["district"].to_numpy(int), happened])[happened >= 0]
        if chosen is None:
            row |= _facts(record, closing)
            observed.append(_observer(record, stays, closing))
        else:
            runs = chosen.run(seed, r, 1)
            when = measures.realised(due, runs.done[0])[0]
            picked = np.column_stack([due["district"].to_numpy(int), when])[when >= 0]
            row |= _facts(runs.records[0], picked)
            observed.append(_observer(runs.records[0], stays, picked))
        row["police and crime"] = math.nan
        if police is not None and troops is not None:
            crime = stays["killed_by_criminals"].sum()
            of_police, of_troops = (
                100.0 * (1.0 - crime / max(e.run(seed, r, 1).records[0]["killed_by_criminals"].sum(), 1.0))
                for e in (police, troops)
            )
            row["police and crime"] = of_police - of_troops
        closures.append(_closures(record, stays, closing).assign(run=r))
        first = int(closing[:, 1].min()) if len(closing) else 0
        years = max(case.weeks - first, 1) / WEEKS_A_YEAR
        more = (measures.summed(record, measures.KILLED) - measures.summed(stays, measures.KILLED)).sum()
        exits.append(1e5 * more / people / years)
        rows.append(row)
        sizes.append(deaths)
        there = record["armed"] >= measures.ARMED
        held = record["group_control"] + record["state_control"]
        share = record["group_control"] / np.maximum(held, 1e-9)
        by_control.append(patterns.rate_by_control(record["attacks"], share, there, CONTROL_EDGES))
        chosen_out, everybody = (
            patterns.rate_by_control(record[mode], share, there, CONTROL_EDGES)
            for mode in ("selective", "indiscriminate")
        )
        row["selective without control"] = float(_ratio(chosen_out[0], np.fmax(chosen_out[1], chosen_out[5])))
        row["indiscriminate"], row["indiscriminate with control"] = (
            float(_ratio(everybody[k], by_control[-1][k])) for k in (0, 5)
        )
        if progress:
            progress(r + 1, replicates)
    table = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    control = np.array(by_control)
    seen = pd.DataFrame(observed)
    return Validation(
        case=case,
        schedule=plan,
        replicates=replicates,
        seed=seed,
        checks=tuple(_checks(table, control, seen)),
        closures=pd.concat(closures, ignore_index=True),
        exits=np.array(exits),
        sizes=np.concatenate(sizes),
        by_control=control,
        observed=seen,
    )


def _choosing(case: Scenario) -> Schedule | None:
    """Return the schedule of a mission that closes quiet bases, as the record shows missions do (fact A).

    The bases that "actual" closes, from the same day on, each as soon as no killing was recorded around it
    for a quarter, if that comes within four years. None if a case has no base to close.
    """
    try:
        return case.schedule(CHOOSING)
    except ScenarioError:
        return None


def _without_kind(case: Scenario, kind: str) -> Ensemble | None:
    """Return an ensemble of the same world without the mission's units of a kind; None if it has none."""
    rest = tuple(u for u in case.units if u.kind != kind)
    if len(rest) == len(case.units) or not any(d.crime > 0 for d in case.districts):
        return None
    bases = {u.base for u in rest}
    sites = tuple(s if s.base in bases else s.model_copy(update={"base": ""}) for s in case.sites)
    return Ensemble(replace(case, units=rest, sites=sites, schedules={}), COUNTERFACTUAL)


def _facts(record: np.ndarray, closing: np.ndarray) -> dict[str, float]:
    """Return one run's value of facts A, C and I, with the estimators used on real data."""
    recorded = measures.summed(record, measures.RECORDED)
    open_there = record["un_troops"] > 0
    quiet, violent = patterns.closing_rates(recorded, closing, open_there)
    after, stayed = patterns.onset_after(recorded, closing, open_there)
    months = len(record) // patterns.MONTH

    def monthly(values: np.ndarray) -> np.ndarray:
        return values[: months * patterns.MONTH].reshape(months, patterns.MONTH, -1).sum(axis=1)

    return {
        "closing quiet": quiet / violent if violent > 0 else math.nan,
        "onset difference": 100.0 * (after - stayed),
        "elasticity": patterns.elasticity(
            monthly(measures.summed(record, measures.KILLED)), monthly(record["fled"].astype(float))
        ),
    }


def _closures(record: np.ndarray, stays: np.ndarray, closing: np.ndarray) -> pd.DataFrame:
    """Return what each closure with a year before and after it did, see `Validation.closures`."""
    recorded = measures.summed(record, measures.RECORDED)
    true, matched = (measures.summed(r, measures.KILLED) for r in (record, stays))
    year = patterns.YEAR
    rows = []
    for d, week in closing:
        if week < year or week + year > len(record):
            continue
        own, other = true[week : week + year, d].sum(), matched[week : week + year, d].sum()
        quiet = recorded[week - year : week, d].sum() == 0
        rows.append((int(d), int(week), bool(quiet), float(np.log1p(own) - np.log1p(other)), own - other))
    return pd.DataFrame(rows, columns=["district", "week", "quiet", "change", "excess"])


def _neighbours(case: Scenario) -> np.ndarray:
    index = {d.id: i for i, d in enumerate(case.districts)}
    result = np.zeros((len(index), len(index)), bool)
    for a, b in case.graph().edges:
        result[index[a], index[b]] = result[index[b], index[a]] = True
    return result


def _measure(
    case: Scenario,
    log: pd.DataFrame,
    record: np.ndarray,
    stays: np.ndarray,
    never: np.ndarray,
    neighbours: np.ndarray,
) -> tuple[dict[str, float], np.ndarray]:
    """Return one run's value of each pattern, and the deaths of its lethal attacks."""
    attacks = log[log["kind"] == "attack on civilians"]
    deaths = attacks["killed"].to_numpy()
    deaths = deaths[deaths > 0]
    names = {d.name: i for i, d in enumerate(case.districts)}
    lethal = attacks[attacks["killed"] > 0]
    counts = np.zeros((len(record), len(names)))
    np.add.at(counts, (lethal["week"].to_numpy(int), lethal["district"].map(names).to_numpy(int)), 1)
    triggered, memory = patterns.self_excitation(counts)
    months = len(record) // patterns.MONTH
    near, by_chance = patterns.near_in_time(counts)
    violent = counts[: months * patterns.MONTH].reshape(months, patterns.MONTH, -1).sum(axis=1) > 0
    again, onset = patterns.persistence(violent)
    killed = float(measures.summed(record, measures.KILLED).sum())
    years = len(record) / WEEKS_A_YEAR

    def effect(field: str) -> float:
        """Return the part of what happens without peacekeepers that does not happen with them."""
        return float(1.0 - stays[field].sum() / max(never[field].sum(), 1.0))

    by_groups, by_state = effect("killed_by_groups"), effect("killed_by_state")
    row = {
        "exponent": patterns.tail_exponent(deaths),
        "top tenth": 100 * patterns.top_share(deaths),
        "one dead": 100 * float((deaths == 1).mean()) if len(deaths) else math.nan,
        "triggered": 100 * triggered,
        "memory": memory,
        "expansion or relocation": patterns.relocation_or_expansion(violent, neighbours),
        "clustered": near / by_chance if by_chance > 0 else math.nan,
        "exponent above 3": patterns.tail_exponent(deaths, 4),
        "top hundredth": 100 * patterns.top_share(deaths, 0.01),
        "expansion": patterns.expansion_share(violent, neighbours),
        "again": 100 * again,
        "onset": 100 * onset,
        "effect on groups": 100 * by_groups,
        "effect on state": 100 * by_state,
        "effects apart": 100 * (by_groups - by_state),
        "answered": 100 * float(record["answered_un"].sum() / max(record["attacks"].sum(), 1.0)),
        "displaced per death": float(record["fled"].sum() / killed) if killed else math.nan,
        "return": 100
        * float(record["returned"].sum() / years / max(record["hosted"].sum(axis=1).mean(), 1.0)),
        "without": float(
            measures.summed(never, measures.KILLED).sum()
            / max(measures.summed(stays, measures.KILLED).sum(), 1.0)
        ),
    }
    return row, deaths


def _observer(record: np.ndarray, stays: np.ndarray, closing: np.ndarray) -> dict[str, float]:
    """Return what an observer of one world would conclude of its closures, and what was true.

    Observed: differences-in-differences of log(1 + recorded deaths), a year after less a year before,
    closures against districts whose bases stay. True: log(1 + deaths) in the year after less the same in
    the matched world in which the bases stay.
    """
    recorded = measures.summed(record, measures.RECORDED)
    true = measures.summed(record, measures.KILLED)
    matched = measures.summed(stays, measures.KILLED)
    a_year = float(measures.summed(stays, measures.RECORDED).sum() / len(record) * WEEKS_A_YEAR)
    open_there = record["un_troops"] > 0
    own, control = patterns.closure_changes(recorded, closing, open_there)
    truth, change, misled = [], [], []
    year = patterns.YEAR
    for d, week in closing:
        if week < year or week + year > len(record):
            continue
        after = slice(week, week + year)
        truth.append(np.log1p(true[after, d].sum()) - np.log1p(matched[after, d].sum()))
        excess = true[after, d].sum() - matched[after, d].sum()
        seen = recorded[after, d].sum() - recorded[week - year : week, d].sum()
        change.append(seen)
        misled.append(excess > 0 and seen < 0)
    if not len(own) or not truth:
        names = ("observed", "zero_in_interval", "true", "misled", "median_change", "top_share")
        return {**dict.fromkeys(names, math.nan), "recorded_a_year": a_year}
    estimate = own - control
    low, high = measures.mean_interval(estimate) if len(estimate) > 1 else (math.nan, math.nan)
    rises = np.sort(np.maximum(np.array(change), 0.0))[::-1]
    return {
        "recorded_a_year": a_year,
        "observed": float(estimate.mean()),
        "zero_in_interval": float(low <= 0.0 <= high),
        "true": float(np.mean(truth)),
        "misled": 100 * float(np.mean(misled)),
        "median_change": float(np.median(change)),
        "top_share": 100 * float(rises[: max(1, round(0.05 * len(rises)))].sum() / rises.sum())
        if rises.sum() > 0
        else math.nan,
    }


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a / b, NaN where nothing is to be divided by."""
    return np.asarray(np.where(b > 0, a / np.where(b > 0, b, 1.0), np.nan))


def _checks(table: dict[str, np.ndarray], by_control: np.ndarray, seen: pd.DataFrame) -> Sequence[Check]:
    """Return the checks, in the order of the patterns."""
    inf = math.inf
    set_by = "parameters were set by it"
    put_in = "a rule puts it in"
    free = "free: nothing was set by it"
    dominated = np.fmax(by_control[:, 1], by_control[:, 5])
    numbers: list[tuple[str, str, tuple[float, float], str, str, Any, str, str]] = [
        ("1a", "exponent of attacks that kill ten or more", (2.0, 2.5), "", "E2f",
         table["exponent"], put_in, "growth stopped at a random time"),
        ("1b", "share of deaths in the gravest tenth of lethal attacks", (60, 75), "%", "E2f",
         table["top tenth"], put_in, "follows from 1a and the size at the onset"),
        ("1c", "share of lethal attacks that kill one", (33, 53), "%", "E2f (43, with ten points either way)",
         table["one dead"], set_by, "`violence_scale`"),
        ("2a", "share of lethal attacks that others triggered", (37, 50), "%", "E2f",
         table["triggered"], free, ""),
        ("2b", "memory of triggering", (2, 6), "weeks", "E2f",
         table["memory"], set_by, "`grudge_memory` alone; what groups learn lasts longer"),
        ("3a", "spread by expansion for each by relocation", (1.0, inf), "times",
         "E2f (Schutte & Weidmann)", table["expansion or relocation"], free,
         "whole districts stay violent long, which alone gives much of it"),
        ("3'", "spread by expansion, relative to chance", (1.0, inf), "times", "stricter than 3a",
         table["expansion"], free, "above 1: the neighbour stays violent more often than most"),
        ("4", "effect of troops on killings by groups, less that on killings by the state", (0.0, inf),
         "points", "E2a", table["effects apart"], free, "percent of killings prevented"),
        ("5", "effect of the mission's police on killings by criminals, less that of its troops",
         (0.0, inf), "points", "E2a", table["police and crime"], put_in,
         "percent prevented; `police_need`, `troop_policing`"),
        ("6", "attacks that a UN unit answers", (10, 30), "%", "E2c (OIOS)",
         table["answered"], set_by, "`un_act_chance`"),
        ("7", "people displaced per death", (200, 500), "persons", "E2d",
         table["displaced per death"], set_by, "`uprooted_share`"),
        ("8", "displaced people who return in a year", (3, 16), "%", "E2d",
         table["return"], set_by, "`return_rate`; OCHA's counts for eastern DRC imply 37"),
        ("11", "closures after which true harm rose and recorded harm fell", (1.0, inf), "%",
         "E1-11", seen["misled"].to_numpy(), free, "rise against the matched run, fall against last year"),
        ("12", "killings without peacekeepers, relative to those with", (1.0, 10.0), "times", "E2a",
         table["without"], free, "higher, and the world goes on"),
        ("13a", "attacks where one side dominates (groups hold 10-30 or 70-85 %), relative to parity",
         (1.0, inf), "times", "Kalyvas 2006", _ratio(dominated, by_control[:, 3]), put_in,
         "`control_violence`"),
        ("13b", "attacks under full control, relative to domination", (0.0, 1.0), "times", "Kalyvas 2006",
         _ratio(by_control[:, 6], dominated), put_in, "`control_violence`, `ruler_restraint`"),
        ("13c", "selective attacks where groups control next to nothing, relative to domination", (0.0, 1.0),
         "times", "Kalyvas 2006", table["selective without control"], put_in,
         "`control_violence`; without informers there is nobody to select"),
        ("13'", "the same for all attacks", (0.0, 1.0), "times", "stricter than 13c",
         _ratio(by_control[:, 0], dominated), free,
         "the hungry loot there, and violence is indiscriminate; the theory is about selective violence"),
        ("13''", "share of attacks that are indiscriminate: next to no control, less that at 70-85 %",
         (0.0, 100.0), "points", "Kalyvas 2006",
         100.0 * (table["indiscriminate"] - table["indiscriminate with control"]), put_in,
         "`indiscriminate_violence`"),
        ("B", "an observer's estimate for closures: interval contains zero", (50, 100), "% of worlds",
         "fact B", 100 * seen["zero_in_interval"].to_numpy(), free, ""),
        ("G", "months with lethal attacks followed by another", (25, 37), "%", "fact G",
         table["again"], free, "cells of half a degree there, whole districts here, which must give more"),
        ("A", "quiet bases close so many times as often as violent ones", (1.9, 4.0), "times", "fact A",
         table["closing quiet"], put_in, "bases wait for a quiet quarter"),
        ("C", "onset in quiet places after a closure, less that where bases stay", (-inf, 0.0), "points",
         "fact C (13 % against 24 %)", table["onset difference"], free, "selection of bases alone gives it"),
        ("F", "lethal attacks with another within four weeks in the district, relative to chance",
         (1.3, 1.9), "times", "fact F (71 % against 42 %)", table["clustered"], free,
         "50 km there, whole districts here"),
        ("H1", "exponent of lethal attacks that kill more than three", (1.84, 1.96), "", "fact H",
         table["exponent above 3"], put_in, "one country there"),
        ("H2", "share of deaths in the gravest hundredth of lethal attacks", (17, 38), "%",
         "fact H (27 %), E2f (38 %)", table["top hundredth"], put_in, ""),
        ("I", "elasticity of monthly outflow with respect to deaths", (-0.05, 0.16), "", "fact I",
         table["elasticity"], free, "one country there; flight here follows attacks"),
        ("E", "median change of recorded deaths around closures", (-1.0, 1.0), "deaths", "fact E",
         seen["median_change"].to_numpy(), free, "radius 50 km there, whole districts here"),
    ]  # fmt: skip
    return [
        Check(number, title, target, unit, source, np.asarray(values, float), worth, note)
        for number, title, target, unit, source, values, worth, note in numbers
    ]
