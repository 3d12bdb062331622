"""Hold a simulated world against patterns and facts from the record: value, target, verdict, by world.

What is expected stands in `sim.study.checks`. A verdict is about this world under these parameters; no world
speaks for another.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim import measures
from sim.ensemble import Ensemble
from sim.intervals import proportion_interval
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import Schedule
from sim.study import dispersion, patterns
from sim.study.checks import GROUPS, SPREAD, Check
from sim.study.eventlog import event_log
from sim.study.variants import host
from sim.world.state import WEEKS_A_YEAR

ACTIVE = 25.0
"""Recorded deaths a year from which a conflict counts as active, as UCDP counts armed conflicts."""
CHOOSING = "gated:steps=1+level=0.05+delay=208+then=stay"
"""How the mission closes bases for facts A, B, C and E and for what an observer would conclude."""
BESIDE = ("able", "weak", "hostile")
"""State forces beside which the exit is run again (`sim.study.variants.HOSTS`)."""
CONTROL_EDGES = np.array([0.0, 0.1, 0.3, 0.45, 0.55, 0.7, 0.85, 1.0])
"""Bins of control by armed groups, as a share of what they and the state hold: none, dominated by the
state, ..., parity, ..., dominated, full."""


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
    exits: np.ndarray
    """(runs,): civilians killed beyond the matched world, per 100,000 people and year from the first
    closure on."""

    def check(self, key: str) -> Check:
        """Return the check of a key; raises `KeyError` if there is none."""
        for check in self.checks:
            if check.expected.key == key:
                return check
        raise KeyError(key)

    def frame(self) -> pd.DataFrame:
        """Return the checks as a table."""
        return table_of(self.checks)


def table_of(checks: Sequence[Check]) -> pd.DataFrame:
    """Return checks as a table, one row each."""
    return pd.DataFrame(
        [
            {
                "check": c.expected.key,
                "pattern": c.expected.title,
                "target_low": c.expected.target[0],
                "target_high": c.expected.target[1],
                "mean": c.mean,
                "mean_low": c.interval[0],
                "mean_high": c.interval[1],
                "unit": c.expected.unit,
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
    replicates: int = 30,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
    stop: threading.Event | None = None,
) -> Validation:
    """Measure the patterns in runs of a case under `schedule` (default: "actual", else its first).

    Besides `schedule` the same replicates are run under "none", in the same world without any peacekeepers,
    beside other state forces (`BESIDE`), and for `sim.study.dispersion.YEARS` years with the mission held.
    Raises `ValueError` for fewer than two replicates, `ScenarioError` for an unknown schedule,
    `InterruptedError` if `stop` is set.
    """
    if replicates < 2:
        raise ValueError(f"replicates must be at least 2, not {replicates}")
    if schedule is None:
        schedule = "actual" if "actual" in case.schedules else next(iter(case.schedules), COUNTERFACTUAL)
    plan = case.schedule(schedule) if isinstance(schedule, str) else schedule
    done = 0

    def tick(runs: int) -> None:
        nonlocal done
        done += runs
        if stop is not None and stop.is_set():
            raise InterruptedError(f"stopped after {done} of {2 * replicates} runs")
        if progress:
            progress(done, 2 * replicates)

    world = _World.of(case, plan)
    runs = []
    for r in range(replicates):
        runs.append(world.measure(seed, r))
        tick(1)
    values = {name: np.array([run.values[name] for run in runs]) for name in runs[0].values}
    spread = dispersion.of_case(case, replicates, seed=seed, tick=tick)
    values |= {row.name: spread[row.name] for row in dispersion.ROWS}
    values |= _beside(case, [run.beside for run in runs])
    active = np.mean([run.observed["recorded_a_year"] for run in runs]) >= ACTIVE
    values["quiet world" if active else "worst twentieth"] = np.full(replicates, math.nan)
    checks = [
        Check(e, values[e.value], case.name) for group in GROUPS.values() for e in group if e.value in values
    ]
    checks = [_shares(c) if c.expected.value == "zero in interval" else c for c in checks]
    checks += _across(case, spread["killed"])
    order = [e.key for group in GROUPS.values() for e in group]
    return Validation(
        case=case,
        schedule=plan,
        replicates=replicates,
        seed=seed,
        checks=tuple(sorted(checks, key=lambda c: order.index(c.expected.key))),
        sizes=np.concatenate([run.sizes for run in runs]),
        by_control=np.array([run.by_control for run in runs]),
        observed=pd.DataFrame([run.observed for run in runs]),
        exits=np.array([run.exit for run in runs]),
    )


def _shares(check: Check) -> Check:
    """Return a check of a share of runs (0 or 100 in each) with Wilson's interval."""
    told = check.values[np.isfinite(check.values)]
    if 3 * len(told) < len(check.values):
        return check
    low, high = proportion_interval(float(told.mean()) / 100.0, len(told))
    return replace(check, known=(100.0 * low, 100.0 * high))


def _across(case: Scenario, killed: np.ndarray) -> list[Check]:
    """Return the checks that have one value for all runs, of the dead by run and year: (R, years).

    The interval of the CV is a jackknife's, that of shares of runs is Wilson's.
    """
    found = dispersion.across(killed)
    n = len(killed)
    without = [dispersion.across(np.delete(killed, r, axis=0))["totals"] for r in range(n)] if n > 2 else []
    pseudo = np.array([n * found["totals"] - (n - 1) * other for other in without])
    expected = {e.value: e for e in SPREAD}
    checks = [Check(expected["totals"], pseudo, case.name)]
    for name in ("lulls", "wars"):
        low, high = proportion_interval(found[name] / 100.0, n)
        checks.append(Check(expected[name], np.array([found[name]]), case.name, (100.0 * low, 100.0 * high)))
    return checks


def _beside(case: Scenario, runs: Sequence[dict[str, tuple[float, float]]]) -> dict[str, np.ndarray]:
    """Return differences in the excess of the exit between hosts, % of all killed, by run.

    `runs`: by host, civilians killed under "none" and beyond it under the exit.
    """
    excess = {}
    for how in BESIDE:
        none, more = np.array([run[how] for run in runs]).T
        excess[how] = 100.0 * more / none.mean() if none.mean() > 0 else np.full(len(runs), math.nan)
    return {
        "able less weak": excess["able"] - excess["weak"],
        "hostile less able": excess["hostile"] - excess["able"],
    }


@dataclass(frozen=True)
class _Run:
    """What one replicate gives."""

    values: dict[str, float]
    sizes: np.ndarray
    by_control: np.ndarray
    observed: dict[str, float]
    exit: float
    beside: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class _World:
    """A case and all ensembles that a replicate of it needs."""

    case: Scenario
    plan: Schedule
    planned: pd.DataFrame
    base: Ensemble
    without: Ensemble
    due: pd.DataFrame
    chosen: Ensemble | None
    police: Ensemble | None
    troops: Ensemble | None
    hosts: dict[str, tuple[Ensemble, Ensemble]]
    neighbours: np.ndarray

    @classmethod
    def of(cls, case: Scenario, plan: Schedule) -> _World:
        """Return all of it for a case under a schedule."""
        planned = measures.closures(case, plan)
        choosing = _choosing(case)
        return cls(
            case=case,
            plan=plan,
            planned=planned,
            base=Ensemble(case, COUNTERFACTUAL),
            without=Ensemble(replace(case, units=(), schedules={}), COUNTERFACTUAL),
            due=measures.closures(case, choosing) if choosing else planned,
            chosen=Ensemble(case, choosing) if choosing else None,
            police=_without_kind(case, "formed-police"),
            troops=_without_kind(case, "infantry"),
            hosts={
                how: (Ensemble(host(case, how), COUNTERFACTUAL), Ensemble(host(case, how), plan))
                for how in BESIDE
            },
            neighbours=dispersion.adjacency(case),
        )

    def measure(self, seed: int, r: int) -> _Run:
        """Run replicate `r` in every variant, and measure it."""
        log, world = event_log(self.case, self.plan, seed=seed, replicate=r)
        record = np.asarray(world.record)
        stays = self.base.run(seed, r, 1).records[0]
        never = self.without.run(seed, r, 1).records[0]
        happened = measures.realised(self.planned, world.schedule["done"])[0]
        closing = _took_place(self.planned, happened)
        if self.chosen is None:
            choice, picked = record, closing
        else:
            runs = self.chosen.run(seed, r, 1)
            choice = runs.records[0]
            picked = _took_place(self.due, measures.realised(self.due, runs.done[0])[0])
        deaths = _deaths(log)
        observed = _observer(choice, stays, picked)
        by_control, control = _by_control(record)
        values = {
            **_attacks(self.case, log, deaths, record, self.neighbours),
            **_mission(record, stays, never),
            **_facts(choice, picked),
            **_closures(record, stays, closing),
            **control,
            "police and crime": self._police_and_crime(seed, r, stays),
            "misled": observed["misled"],
            "zero in interval": 100.0 * observed["zero_in_interval"],
            "median change": observed["median_change"],
        }
        return _Run(
            values, deaths, by_control, observed, self._exit(record, stays, closing), self._hosts(seed, r)
        )

    def _police_and_crime(self, seed: int, r: int, stays: np.ndarray) -> float:
        """Return the part (%) of killings by criminals that police prevent, less that of troops."""
        if self.police is None or self.troops is None:
            return math.nan
        crime = stays["killed_by_criminals"].sum()
        of_police, of_troops = (
            100.0 * (1.0 - crime / max(e.run(seed, r, 1).records[0]["killed_by_criminals"].sum(), 1.0))
            for e in (self.police, self.troops)
        )
        return float(of_police - of_troops)

    def _exit(self, record: np.ndarray, stays: np.ndarray, closing: np.ndarray) -> float:
        """Return civilians killed beyond the matched world, per 100,000 and year from the first closure."""
        first = int(closing[:, 1].min()) if len(closing) else 0
        years = max(self.case.weeks - first, 1) / WEEKS_A_YEAR
        more = (measures.summed(record, measures.KILLED) - measures.summed(stays, measures.KILLED)).sum()
        return float(1e5 * more / sum(d.population for d in self.case.districts) / years)

    def _hosts(self, seed: int, r: int) -> dict[str, tuple[float, float]]:
        """Return by host how many are killed under "none", and beyond that under the schedule."""
        found = {}
        for how, engines in self.hosts.items():
            none, left = (
                float(measures.summed(e.run(seed, r, 1).records[0], measures.KILLED).sum()) for e in engines
            )
            found[how] = (none, left - none)
        return found


def _took_place(planned: pd.DataFrame, weeks: np.ndarray) -> np.ndarray:
    """Return district and week of each closure that happened: (closures, 2)."""
    return np.column_stack([planned["district"].to_numpy(int), weeks])[weeks >= 0]


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


def _months(weekly: np.ndarray) -> np.ndarray:
    """Return sums over months of (W, D), from the first week on: (months, D)."""
    months = len(weekly) // patterns.MONTH
    whole = weekly[: months * patterns.MONTH].reshape(months, patterns.MONTH, *weekly.shape[1:])
    return np.asarray(whole.sum(axis=1))


def _deaths(log: pd.DataFrame) -> np.ndarray:
    """Return the deaths of each lethal attack of armed groups."""
    return np.asarray(_lethal(log)["killed"], float)


def _lethal(log: pd.DataFrame) -> pd.DataFrame:
    """Return the events of a log that are lethal attacks of armed groups."""
    if "killed" not in log:  # nothing happened that could kill
        return log.iloc[:0].assign(killed=0.0)
    return log[(log["kind"] == "attack on civilians") & (log["killed"] > 0)]


def _attacks(
    case: Scenario, log: pd.DataFrame, deaths: np.ndarray, record: np.ndarray, neighbours: np.ndarray
) -> dict[str, float]:
    """Return how lethal attacks are sized and follow each other in one run."""
    lethal = _lethal(log)
    names = {d.name: i for i, d in enumerate(case.districts)}
    counts = np.zeros((len(record), len(names)))
    np.add.at(counts, (lethal["week"].to_numpy(int), lethal["district"].map(names).to_numpy(int)), 1)
    triggered, memory = patterns.self_excitation(counts)
    near, by_chance = patterns.near_in_time(counts)
    violent = _months(counts) > 0
    return {
        "exponent": patterns.tail_exponent(deaths),
        "exponent above 3": patterns.tail_exponent(deaths, 4),
        "top tenth": 100 * patterns.top_share(deaths),
        "top hundredth": 100 * patterns.top_share(deaths, 0.01),
        "one dead": 100 * float((deaths == 1).mean()) if len(deaths) else math.nan,
        "triggered": 100 * triggered,
        "memory": memory,
        "clustered": 100 * (near - by_chance) / (1 - by_chance) if by_chance < 1 else math.nan,
        "expansion or relocation": patterns.relocation_or_expansion(violent, neighbours),
        "expansion": patterns.expansion_share(violent, neighbours),
    }


def _mission(record: np.ndarray, stays: np.ndarray, never: np.ndarray) -> dict[str, float]:
    """Return what the mission does in one run, and flight and return beside it."""

    def effect(field: str) -> float:
        """Return the part of what happens without peacekeepers that does not happen with them."""
        return float(1.0 - stays[field].sum() / max(never[field].sum(), 1.0))

    killed = float(measures.summed(record, measures.KILLED).sum())
    years = len(record) / WEEKS_A_YEAR
    by_groups = [float(r["killed_by_groups"].sum()) for r in (never, stays)]
    troops = float(stays["un_troops"].sum(axis=1).mean())
    return {
        "effects apart": 100 * (effect("killed_by_groups") - effect("killed_by_state")),
        "per thousand": 1000.0 * math.log(by_groups[0] / by_groups[1]) / troops
        if min(by_groups) > 0 and troops > 0
        else math.nan,
        "without": float(
            measures.summed(never, measures.KILLED).sum()
            / max(measures.summed(stays, measures.KILLED).sum(), 1.0)
        ),
        "answered": 100 * float(record["answered_un"].sum() / max(record["attacks"].sum(), 1.0)),
        "displaced per death": float(record["fled"].sum() / killed) if killed else math.nan,
        "return": 100
        * float(record["returned"].sum() / years / max(record["hosted"].sum(axis=1).mean(), 1.0)),
    }


def _facts(record: np.ndarray, closing: np.ndarray) -> dict[str, float]:
    """Return one run's value of facts A, C and I, with the estimators used on real data."""
    recorded = measures.summed(record, measures.RECORDED)
    open_there = record["un_troops"] > 0
    quiet, violent = patterns.closing_rates(recorded, closing, open_there)
    after, stayed = patterns.onset_after(recorded, closing, open_there)
    return {
        "closing quiet": quiet / violent if violent > 0 else math.nan,
        "onset difference": 100.0 * (after - stayed),
        "elasticity": patterns.elasticity(_months(recorded), _months(record["fled"].astype(float))),
    }


def _closures(record: np.ndarray, stays: np.ndarray, closing: np.ndarray) -> dict[str, float]:
    """Return what closures with a year before and after them did in one run, against the matched world."""
    recorded = measures.summed(record, measures.RECORDED)
    true, matched = (measures.summed(r, measures.KILLED) for r in (record, stays))
    year = patterns.YEAR
    changes, excesses = [], []
    for d, week in closing:
        if week < year or week + year > len(record):
            continue
        own, other = true[week : week + year, d].sum(), matched[week : week + year, d].sum()
        excesses.append(float(own - other))
        if recorded[week - year : week, d].sum() == 0:
            changes.append(float(np.log1p(own) - np.log1p(other)))
    rises = np.sort(np.maximum(excesses, 0.0))[::-1] if excesses else np.zeros(0)
    worst = rises[: max(1, round(0.05 * len(rises)))].sum()
    return {
        "quiet closures": float(np.mean(changes)) if changes else math.nan,
        "worst twentieth": float(100.0 * worst / rises.sum()) if rises.sum() > 0 else math.nan,
        "quiet world": float(np.mean(excesses)) if excesses else math.nan,
    }


def _by_control(record: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
    """Return attacks a week by control, see `CONTROL_EDGES`, and how they compare, in one run."""
    there = record["armed"] >= measures.ARMED
    held = record["group_control"] + record["state_control"]
    share = record["group_control"] / np.maximum(held, 1e-9)
    all_, selective, indiscriminate = (
        patterns.rate_by_control(record[name], share, there, CONTROL_EDGES)
        for name in ("attacks", "selective", "indiscriminate")
    )
    dominated = np.fmax(all_[1], all_[5])
    return all_, {
        "domination": _ratio(dominated, all_[3]),
        "full control": _ratio(all_[6], dominated),
        "all without control": _ratio(all_[0], dominated),
        "selective without control": _ratio(selective[0], np.fmax(selective[1], selective[5])),
        "indiscriminate": 100.0 * (_ratio(indiscriminate[0], all_[0]) - _ratio(indiscriminate[5], all_[5])),
    }


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


def _ratio(a: float, b: float) -> float:
    """Return a / b, NaN where nothing is to be divided by."""
    return float(a / b) if b > 0 else math.nan
