"""How violence is spread over places, months and years: the same numbers from runs and from a record.

Events are lethal attacks on civilians: of armed groups in a run, one-sided ones in a record. Places are
districts of a run and provinces, prefectures or counties of a record; one counts that has `FEWEST` events in
the window (for contagion all do). What is persistent or spreads is measured within places (each one's mean
taken off), so that places that are violent for good do not pass for clusters. Short windows pull the memory
of years down: compare windows of equal length only (`YEARS`). A record sees a part of all attacks, which
lowers its variance over mean; runs are measured on all of theirs. Every estimator returns NaN where nothing
can be told.

`of_case` runs a case and measures it, `of_records` measures runs that there are, `of_months` months of a
record (experiments/validation/record.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim import measures
from sim.ensemble import Ensemble
from sim.intervals import mean_interval
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.study.variants import held, lasting

MONTH, MONTHS = 4, 13
"""Weeks of a month of a run, and months of its year."""
YEARS = 13
"""Years of a window: as many as the record has (2010-2022)."""
FEWEST = 20
"""Events in the window from which a place counts."""
A_YEAR = 3.0
"""Events a year from which it counts for the variation of its years."""
AT_WAR = 10.0
"""Events a year from which a country's years are told: its record is of countries at war."""
MANY, FEW = 25.0, 5.0
"""Recorded deaths a year of a bad year and of a quiet one."""
FACTOR = 3.0
"""What a large change of yearly events exceeds, up or down."""
BLOCK = 4
"""Runs held at a time by `of_case`."""


@dataclass(frozen=True)
class Row:
    """A number that describes how violence is spread, and what the record has for it."""

    name: str
    title: str
    target: tuple[float, float]
    """The range of the record, over the countries and grains where it can be computed."""
    unit: str
    record: str
    """Where that range comes from, in words."""


ROWS: tuple[Row, ...] = (
    Row("dispersion", "variance over mean of a district's monthly lethal attacks", (3.5, 10.5), "",
        "3.5 (fact L, CAR) to 10 (provinces of DR Congo)"),
    Row("persistence", "autocorrelation of violent months, net of the district", (0.23, 0.51), "",
        "0.23 (fact L: CAR, South Sudan) to 0.50 (provinces of DR Congo)"),
    Row("contagion", "how much likelier a violent month is after one next door, net of the district",
        (2.0, 9.5), "points", "3 to 7 (fact G); 2.2 (counties of South Sudan) to 9.4 (prefectures of CAR)"),
    Row("years", "CV over years of a district's attacks (median district)", (1.25, 2.0), "",
        "1.25 (cells of eastern DRC) to 2.0 (South Sudan; fact L)"),
    Row("change", "sd of the yearly change of log(1 + attacks) in a district", (1.1, 1.5), "",
        "1.25 (fact K); 1.17 to 1.44 by country"),
    Row("leaps", "share of yearly changes over a factor of three", (26.0, 47.0), "%",
        "29 (fact K); 27 to 47 by country"),
    Row("memory 1", "autocorrelation of a district's years over one year", (0.35, 0.70), "",
        "0.52 (fact K); 0.38 to 0.67 by country"),
    Row("memory 2", "autocorrelation of a district's years over two years", (-0.06, 0.40), "",
        "0.16 (fact K); -0.05 to 0.39 by country"),
    Row("memory 3", "autocorrelation of a district's years over three years: waves turn", (-0.32, 0.15), "",
        "-0.05 (fact K); -0.31 to 0.11 by country"),
    Row("places", "share of the variance of log(1 + yearly attacks) between districts", (7.0, 46.0), "%",
        "31 (fact K); 8 to 45 by country"),
    Row("calms", "chance of under 5 recorded dead in the year after 25 or more", (0.15, 0.56), "",
        "0.20 to 0.24 at the grain of provinces, 0.5 of counties (fact L)"),
    Row("flares", "chance of 25 or more recorded dead in the year after under 5", (0.04, 0.34), "",
        "0.05 to 0.12; states of South Sudan 0.33"),
    Row("country", "CV over years of the country's attacks", (0.75, 1.4), "", "0.8 to 1.4 at war"),
    Row("wave", "the country's worst year over its mean one", (2.0, 4.2), "times", "2.1 to 4.1 at war"),
)  # fmt: skip
"""The rows measured in one run each; values over runs are in `ACROSS`. Targets hold every value of
experiments/validation/record.csv and the facts of docs/sources.md."""
ACROSS: tuple[Row, ...] = (
    Row("totals", "CV over runs of all civilians killed", (0.1, math.inf), "",
        "one history has no value of its own; below 0.1 all runs are the same war"),
    Row("lulls", "runs with a year under a third of the usual", (5.0, 95.0), "%",
        "a judgement: wars end in some runs and not in others"),
    Row("wars", "runs with a year over three times the usual", (5.0, 95.0), "%",
        "a judgement: wars begin in some runs and not in others"),
)  # fmt: skip
"""Rows that need many runs: each has one value for all."""


# -- estimators -------------------------------------------------------------------------------------


def monthly(weekly: np.ndarray, skip: int = MONTH * MONTHS) -> np.ndarray:
    """Return sums over months of (W, D) after `skip` weeks, whole years only: (months, D)."""
    later = np.asarray(weekly, float)[skip:]
    years = len(later) // (MONTH * MONTHS)
    return later[: years * MONTHS * MONTH].reshape(years * MONTHS, MONTH, -1).sum(axis=1)


def yearly(months: np.ndarray, a_year: int = MONTHS) -> np.ndarray:
    """Return sums over years of (months, D), of which `a_year` make a year: (years, D)."""
    return np.asarray(months.reshape(len(months) // a_year, a_year, months.shape[1]).sum(axis=1))


def variance_over_mean(months: np.ndarray) -> float:
    """Return the mean over places of the variance of months over their mean; 1 if events are independent."""
    some = months[:, months.sum(axis=0) > 0]
    return float((some.var(axis=0, ddof=1) / some.mean(axis=0)).mean()) if some.size else math.nan


def _within(x: np.ndarray) -> np.ndarray:
    return np.asarray(x - x.mean(axis=0))


def _correlation(before: np.ndarray, after: np.ndarray) -> float:
    """Return the correlation of two arrays whose means are taken off already."""
    scale = math.sqrt((before**2).sum() * (after**2).sum())
    return float((before * after).sum() / scale) if scale > 0 else math.nan


def persistence(months: np.ndarray) -> float:
    """Return the autocorrelation of violent months over one month, each place's mean taken off."""
    violent = (months > 0).astype(float)
    return _correlation(_within(violent[:-1]), _within(violent[1:]))


def from_neighbours(months: np.ndarray, neighbours: np.ndarray) -> float:
    """Return by how many points a violent month is likelier after one next door, net of the place.

    Least squares on whether an adjacent place was violent last month and whether it was itself, each place's
    mean taken off. `neighbours`: bool (D, D).
    """
    violent = (months > 0).astype(float)
    near = ((violent @ neighbours.T.astype(float)) > 0).astype(float)
    y = _within(violent[1:]).ravel()
    x = np.column_stack([_within(near[:-1]).ravel(), _within(violent[:-1]).ravel()])
    if not x.size or np.linalg.matrix_rank(x) < 2:
        return math.nan
    return float(100.0 * np.linalg.lstsq(x, y, rcond=None)[0][0])


def variation_of_years(years: np.ndarray) -> float:
    """Return the median over places with `A_YEAR` events a year of the CV of their years."""
    some = years[:, years.mean(axis=0) >= A_YEAR]
    return float(np.median(some.std(axis=0, ddof=1) / some.mean(axis=0))) if some.size else math.nan


def _changes(years: np.ndarray) -> np.ndarray:
    """Return changes of log(1 + events) from year to year, where either year has any."""
    active = (years[1:] > 0) | (years[:-1] > 0)
    return np.asarray(np.diff(np.log1p(years), axis=0)[active])


def change_of_years(years: np.ndarray) -> float:
    """Return the sd of the change of log(1 + events) from year to year, where either year has any."""
    change = _changes(years)
    return float(change.std(ddof=1)) if len(change) > 1 else math.nan


def leaps(years: np.ndarray) -> float:
    """Return the share (%) of those changes by more than `FACTOR`, up or down."""
    change = _changes(years)
    return float(100.0 * (np.abs(change) > math.log(FACTOR)).mean()) if len(change) else math.nan


def memory_of_years(years: np.ndarray, lag: int = 1) -> float:
    """Return the autocorrelation of log(1 + events) over `lag` years, each place's mean taken off."""
    x = _within(np.log1p(years))
    return _correlation(x[:-lag], x[lag:])


def between_places(years: np.ndarray) -> float:
    """Return the share (%) of the variance of log(1 + yearly events) that lies between places."""
    x = np.log1p(years)
    if x.shape[1] < 2 or x.var() == 0:
        return math.nan
    return float(100.0 * x.mean(axis=0).var() / x.var())


def calms(deaths: np.ndarray) -> float:
    """Return P(under `FEW` dead in a year | `MANY` or more the year before) over places: (years, D)."""
    bad = deaths[:-1] >= MANY
    return float((deaths[1:][bad] < FEW).mean()) if bad.any() else math.nan


def flares(deaths: np.ndarray) -> float:
    """Return P(`MANY` or more dead in a year | under `FEW` the year before) over places with any dead."""
    deaths = deaths[:, deaths.sum(axis=0) > 0]
    quiet = deaths[:-1] < FEW
    return float((deaths[1:][quiet] >= MANY).mean()) if quiet.any() else math.nan


def variation_of_country(years: np.ndarray) -> float:
    """Return the CV over years of the events of all places, of a country at war."""
    total = years.sum(axis=1)
    return float(total.std(ddof=1) / total.mean()) if total.mean() >= AT_WAR else math.nan


def worst_year(years: np.ndarray) -> float:
    """Return the events of all places in the worst year over those of the mean one, of a country at war."""
    total = years.sum(axis=1)
    return float(total.max() / total.mean()) if total.mean() >= AT_WAR else math.nan


# -- a history, a run, a case -----------------------------------------------------------------------


def of_months(
    events: np.ndarray, deaths: np.ndarray, neighbours: np.ndarray | None = None, a_year: int = MONTHS
) -> dict[str, float]:
    """Return the value of every row of `ROWS` in one history.

    `events`, `deaths` (recorded): (months, D), whole years of `a_year` months. `neighbours`: bool (D, D),
    None where it is not known (then contagion is NaN).
    """
    counts = events.sum(axis=0) >= FEWEST
    months = events[:, counts]
    years, dead = yearly(months, a_year), yearly(deaths, a_year)
    everywhere = yearly(events, a_year)
    return {
        "dispersion": variance_over_mean(months),
        "persistence": persistence(months),
        "contagion": math.nan if neighbours is None else from_neighbours(events, neighbours),
        "years": variation_of_years(years),
        "change": change_of_years(years),
        "leaps": leaps(years),
        "memory 1": memory_of_years(years, 1),
        "memory 2": memory_of_years(years, 2),
        "memory 3": memory_of_years(years, 3),
        "places": between_places(years),
        "calms": calms(dead),
        "flares": flares(dead),
        "country": variation_of_country(everywhere),
        "wave": worst_year(everywhere),
    }


def lethal_attacks(records: np.ndarray) -> np.ndarray:
    """Return attacks of armed groups that killed: float (..., W, D).

    The record has a week's attacks and dead, so that of its attacks at most as many count as it had dead:
    some 5 % too many in eastern DRC, which raises variance over mean as much and hardly moves the rest.
    """
    return np.minimum(records["attacks"], records["killed_by_groups"]).astype(np.float64)


def of_records(
    records: np.ndarray, neighbours: np.ndarray, skip: int = MONTH * MONTHS
) -> dict[str, np.ndarray]:
    """Return the value of every row of `ROWS` in each run, (R,), and "killed", the dead by year (R, years).

    `records`: (R, W, D) of an ensemble; the first `skip` weeks are left out, and what is no whole year at
    the end. `neighbours`: bool (D, D), see `adjacency`.
    """
    events, deaths = lethal_attacks(records), measures.summed(records, measures.RECORDED)
    rows = [
        of_months(monthly(e, skip), monthly(d, skip), neighbours) for e, d in zip(events, deaths, strict=True)
    ]
    killed = measures.summed(records, measures.KILLED)
    kept = {row.name: np.array([r[row.name] for r in rows]) for row in ROWS}
    return kept | {"killed": np.array([yearly(monthly(k, skip)).sum(axis=1) for k in killed])}


def adjacency(case: Scenario) -> np.ndarray:
    """Return which districts are joined by a route: bool (D, D)."""
    graph = case.graph()
    ids = [d.id for d in case.districts]
    return np.array([[b in graph[a] for b in ids] for a in ids])


def of_case(
    case: Scenario,
    replicates: int = 12,
    *,
    seed: int = 1,
    years: int = YEARS,
    tick: Callable[[int], None] = lambda runs: None,
) -> dict[str, np.ndarray]:
    """Run a case for `years` after a first one, its mission held (`sim.study.variants`), and measure it.

    Returns what `of_records` does. `tick` is told of runs that are done, a few at a time.
    """
    world = lasting(held(case), MONTH * MONTHS * (years + 1))
    engine, neighbours = Ensemble(world, COUNTERFACTUAL), adjacency(world)
    parts = []
    for first in range(0, replicates, BLOCK):
        count = min(BLOCK, replicates - first)
        parts.append(of_records(engine.run(seed, first, count).records, neighbours))
        tick(count)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def across(killed: np.ndarray) -> dict[str, float]:
    """Return the value of every row of `ACROSS`, of the dead of each run and year (R, years).

    The usual year is the median over all runs and years.
    """
    totals, usual = killed.sum(axis=1), np.median(killed)
    return {
        "totals": float(totals.std(ddof=1) / totals.mean()) if totals.mean() > 0 else math.nan,
        "lulls": 100.0 * float((killed < usual / 3).any(axis=1).mean()),
        "wars": 100.0 * float((killed > 3 * usual).any(axis=1).mean()),
    }


def table(measured: Mapping[str, np.ndarray], rows: Sequence[Row] = ROWS) -> pd.DataFrame:
    """Return what was measured beside the record, a row each: mean over runs, its 95 % interval, the target.

    Of runs in which a number cannot be told the mean is of the others (`runs`).
    """
    lines = []
    for row in rows:
        known = measured[row.name][np.isfinite(measured[row.name])]
        low, high = mean_interval(known) if len(known) > 1 else (math.nan, math.nan)
        mean = float(known.mean()) if len(known) else math.nan
        lines.append((row.name, mean, low, high, *row.target, len(known)))
    over = across(measured["killed"])
    lines += [(r.name, over[r.name], math.nan, math.nan, *r.target, len(measured["killed"])) for r in ACROSS]
    columns = ["row", "mean", "low", "high", "target_low", "target_high", "runs"]
    return pd.DataFrame(lines, columns=columns).set_index("row")
