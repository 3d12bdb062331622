"""A comparison as an Excel workbook: its tables, each column with its unit and what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim import measures
from sim.measures import METRICS
from sim.show import text
from sim.study.summary import SERIES
from sim.workbook import Cell, Column, Sheet

if TYPE_CHECKING:
    from sim.study.comparison import Comparison

MOST = 100_000
"""Rows of a sheet; of longer tables the first are given, and the sheet says so."""

SHEETS: Mapping[str, str] = {
    "summary": "Every metric: totals of a schedule, and paired differences from another in the same worlds.",
    "runs": "Totals of every run.",
    "half_years": "Sums by district and half-year, mean of all runs (protection: mean).",
    "weeks": "Sums over districts by week, mean of all runs.",
    "vacuums": "Security vacuums: where, when, how long, and how many were killed in them.",
    "vacuum_summary": "Security vacuums of all runs, by schedule and district.",
    "cliffs": "Closures in each run: what followed, against the matched run of 'none'.",
    "cliff_summary": "Cliffs of all runs, by schedule and base.",
    "massacres": "The gravest district-weeks under each schedule, over all runs.",
    "around": "Who provides protection around closures, week by week, mean of all runs.",
}
"""Sheets of a result, in this order, and what one is."""

_DIFFERENCE = "this schedule minus the one in 'against', in the same worlds"
UNITS: Mapping[str, tuple[str, str]] = {
    "schedule": ("", "name of the schedule"),
    "against": ("", "schedule that it is compared with"),
    "metric": ("", "what is counted, see the sheet 'metrics'"),
    "unit": ("", "unit of the metric"),
    "runs": ("runs", "matched runs that the row is about"),
    "replicate": ("", "number of the matched world: runs of one number meet the same chance events"),
    "draw": ("", "which draw of plausible parameters the run has"),
    "district": ("", "name of the district"),
    "base": ("", "name of the base"),
    "week": ("", "first day of the week"),
    "half_year": ("", "first day of the half-year"),
    "closed": ("", "first day of the week in which the base closed"),
    "week_from_closure": ("weeks", "from the closure; negative: before it"),
    "total_mean": ("unit of the metric", "mean over runs"),
    "total_median": ("unit of the metric", "median over runs"),
    "total_p5": ("unit of the metric", "5th percentile of runs"),
    "total_p95": ("unit of the metric", "95th percentile of runs"),
    "total_mean_a_year": ("unit of the metric a year", "mean over runs, a year"),
    "total_mean_a_year_per_100000": ("a year and 100,000 people", "the same per 100,000 people at the start"),
    "difference_mean": ("unit of the metric", f"mean of {_DIFFERENCE}"),
    "difference_mean_low": ("unit of the metric", "lower end of the 95 % interval of that mean"),
    "difference_mean_high": ("unit of the metric", "upper end of the 95 % interval of that mean"),
    "difference_median": ("unit of the metric", f"median of {_DIFFERENCE}"),
    "difference_low": ("unit of the metric", "5th percentile of the differences of single runs"),
    "difference_high": ("unit of the metric", "95th percentile of the differences of single runs"),
    "difference_worst": ("unit of the metric", "mean of the worst 5 % of differences"),
    "difference_higher": ("runs", "in how many matched worlds it is more"),
    "difference_lower": ("runs", "in how many matched worlds it is less"),
    "difference_p_value": ("0-1", "of a mean difference of zero"),
    "told_apart": ("", "1: clearly more, -1: clearly less, 0: the runs cannot tell, all pairs together"),
    "onset": ("", "first day of the vacuum's first week"),
    "weeks": ("weeks", "how long it lasts"),
    "people_weeks": ("people-weeks", "residents and displaced there, summed over its weeks"),
    "governed": ("0-1", "share of its weeks in which an armed group controls at least half of the district"),
    "killed": ("persons", "civilians killed there meanwhile, recorded or not"),
    "killed_matched": ("persons", "civilians killed there in that week of the matched world"),
    "attacks": ("attacks", "attacks on civilians by armed groups"),
    "ended_by": ("", "who ended it, or 'still open'"),
    "shared_weeks": ("weeks", "of them also in a vacuum in the matched world"),
    "depth": ("0-1", "chance that an attack is met which is lost, against the matched world"),
    "before": ("0-1", "chance that an attack is met, the week before the closure"),
    "width": ("weeks", "until four fifths of the depth are made good; empty: never within the run"),
    "refilled_by": ("", "who made it good"),
    "people": ("persons", "residents and displaced there at the closure"),
    "exposed_people_weeks": ("people-weeks", "without protection that deters, beyond the matched world"),
    "un": ("0-1", "chance that the mission meets an attack there"),
    "state": ("0-1", "chance that state forces meet one that the mission does not"),
    "un_matched": ("0-1", "the same of the mission in the matched world"),
    "state_matched": ("0-1", "the same of state forces in the matched world"),
    "replicates": ("runs", "matched runs of the schedule"),
    "replicates_with_vacuum": ("runs", "runs in which the district was in a vacuum at least once"),
    "vacuums": ("vacuums", "over all runs"),
    "still_open": ("vacuums", "of them still open when the run ended"),
    "closures": ("closures", "over all runs"),
    "refilled": ("closures", "after which four fifths of the depth were made good within the run"),
    "refilled_by_un": ("closures", "after which the mission made them good"),
    "refilled_by_state": ("closures", "after which state forces made them good"),
}
"""Unit and meaning of the columns of a result's tables, by name."""


def described(sheet: str, name: str) -> tuple[str, str]:
    """Return unit and meaning of a column of a sheet. Raises `KeyError` for an unknown one."""
    if sheet == "runs" and name in measures.METRIC:
        metric = measures.METRIC[name]
        return metric.unit, metric.label
    if sheet in ("weeks", "half_years") and name in SERIES:
        long_name, unit = SERIES[name]
        return ("0-1" if unit == "1" else unit), long_name
    if name in UNITS:
        return UNITS[name]
    for ending, words in (("_a_year_per_100000", "a year and 100,000 people"), ("_a_year", "a year")):
        if name.endswith(ending):
            unit, meaning = described(sheet, name.removesuffix(ending))
            return f"{unit} {words}", f"{meaning}, {words}"
    unit, meaning = described(sheet, name[len("mean_") :]) if name.startswith("mean_") else UNITS[name]
    return unit, f"mean over runs, vacuums or closures: {meaning}"


def tables(result: Comparison) -> dict[str, pd.DataFrame]:
    """Return the tables of a comparison by sheet, see `SHEETS`."""
    runs = result.run_totals.to_dataframe().reset_index()
    half_years = result.places_mean.to_dataset("measure").to_dataframe().reset_index()
    half_years = half_years.rename(
        columns={p: f"district_{p}" for p in map(str, result.places_mean["measure"].values)}
    )
    weeks = result.weekly_mean.to_dataset("series").to_dataframe().reset_index()
    made = {"runs": runs, "half_years": half_years, "weeks": weeks}
    return {name: made[name] if name in made else getattr(result, name) for name in SHEETS}


def sheets(result: Comparison) -> list[Sheet]:
    """Return the sheets of a comparison's workbook."""
    cut = {}
    made = []
    for name, frame in tables(result).items():
        if len(frame) > MOST:
            cut[name] = len(frame)
        made.append(_sheet(name, frame.iloc[:MOST]))
    return [_about(result, cut), _metrics(), *made]


def _about(result: Comparison, cut: Mapping[str, int]) -> Sheet:
    told = result.provenance
    lines: list[tuple[Cell, ...]] = [
        ("scenario", f"{result.scenario.header.title} ({result.scenario.name})"),
        ("period", f"{result.scenario.header.start} to {result.scenario.header.end}"),
        ("matched runs of each schedule", result.replicates),
        ("seed", str(result.seed)),
        ("drawdown", str(told.get("version", ""))),
        ("SHA-256 of the scenario", result.scenario.digest),
        *((f"schedule: {plan.name}", plan.title) for plan in result.schedules),
        ("read this first", "it compares simulated worlds: no forecast, and no estimate of what happened"),
        ("heads", "have the unit in brackets; point at one to read what the column is"),
    ]
    if result.note:
        lines.append(("kept", result.note))
    lines += [
        (f"sheet {name}", f"the first {MOST:,d} of {n:,d} rows; all are in the CSV file")
        for name, n in cut.items()
    ]
    lines += [
        (f"what the runs say, {i}", sentence) for i, sentence in enumerate(text.sentences(result), start=1)
    ]
    columns = (Column(title="", width=32), Column(title="A comparison by drawdown", width=110, wrap=True))
    return Sheet("about", columns, lines)


def _metrics() -> Sheet:
    columns = (
        Column(title="metric", width=28),
        Column(title="unit", width=16),
        Column(title="what it counts", width=60),
    )
    return Sheet("metrics", columns, [(m.name, m.unit, m.label) for m in METRICS])


def _sheet(name: str, frame: pd.DataFrame) -> Sheet:
    columns = []
    for column in map(str, frame.columns):
        unit, meaning = described(name, column)
        columns.append(
            Column(
                title=f"{column} [{unit}]" if unit else column,
                meaning=meaning,
                width=max(12.0, min(26.0, 2.0 + max(map(len, column.split("_"))) * 1.6)),
            )
        )
    rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
    return Sheet(name, columns, rows, SHEETS[name])


def _cell(value: object) -> Cell:
    """Return a value of a table as a cell; what is not a number is an empty one."""
    if isinstance(value, np.generic):
        value = value.item() if not isinstance(value, np.datetime64) else pd.Timestamp(value)
    if value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, bool):
        return int(value)
    return value if value is None or isinstance(value, (str, int, float, date)) else str(value)
