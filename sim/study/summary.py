"""The numbers of a comparison as one table, for spreadsheets, notebooks and other programs."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from sim import markup, measures
from sim.scenario.case import COUNTERFACTUAL
from sim.study.answers import NEEDED, RANKED, Answers

if TYPE_CHECKING:
    from sim.study.compare import Comparison

PER = ("mean", "mean_low", "mean_high")
"""Of a difference, what is also given a year, and a year per 100,000 people."""
SERIES: dict[str, tuple[str, str]] = {
    "killed_by_groups": ("civilians killed by armed groups", "persons"),
    "killed_by_state": ("civilians killed by state forces", "persons"),
    "killed_by_militias": ("civilians killed by communal militias", "persons"),
    "recorded_killed": ("civilians killed, as recorded", "persons"),
    "attacks": ("attacks on civilians by armed groups", "attacks"),
    "fled": ("people who fled", "persons"),
    "hosted": ("displaced people staying in the districts", "persons"),
    "in_vacuum": ("districts in a security vacuum", "districts"),
    "un_troops": ("peacekeepers in the districts", "persons"),
    "district_killed": ("civilians killed in a half-year", "persons"),
    "district_fled": ("people who fled in a half-year", "persons"),
    "district_vacuum_weeks": ("weeks in a security vacuum in a half-year", "weeks"),
    "district_protection": ("chance that an attack is met, mean of a half-year", "1"),
}
"""Variables of the trajectories: long name and unit."""


def summary(result: Comparison) -> pd.DataFrame:
    """Return one row a metric and pair of schedules: totals of the schedule, and paired differences.

    All metrics against the counterfactual; those by which schedules are ranked also among the others.
    Rates are a year of the run, and a year and 100,000 people (population at the start). `told_apart`:
    1 if the schedule has clearly more than the other, -1 if fewer, 0 if the runs cannot tell, all pairs of
    the metric judged together; empty for metrics that are not judged.
    """
    a = Answers.of(result)
    per_person = 1e5 / a.people if a.people else math.nan
    rows = []
    for metric in measures.METRICS:
        for name in result.names:
            own = result.totals.sel(schedule=name, metric=metric.name).values
            yearly = float(own.mean()) / a.years
            for against in result.names if metric.name in RANKED else [COUNTERFACTUAL]:
                if against == name and name != COUNTERFACTUAL:
                    continue
                d = asdict(result.difference(metric.name, name, against))
                judged = metric.name in NEEDED and name != against
                rows.append(
                    {
                        "schedule": name,
                        "metric": metric.name,
                        "unit": metric.unit,
                        "total_mean": own.mean(),
                        "total_median": np.median(own),
                        "total_p5": np.quantile(own, 0.05),
                        "total_p95": np.quantile(own, 0.95),
                        "total_mean_a_year": yearly,
                        "total_mean_a_year_per_100000": yearly * per_person,
                        "against": against,
                        **{f"difference_{k}" if k != "runs" else k: v for k, v in d.items()},
                        **{f"difference_{k}_a_year": d[k] / a.years for k in PER},
                        **{f"difference_{k}_a_year_per_100000": d[k] / a.years * per_person for k in PER},
                        "told_apart": a.told(metric.name, name, against) if judged else math.nan,
                    }
                )
    return pd.DataFrame(rows)


def table_html(result: Comparison) -> str:
    """Return the table that a notebook shows: killed against the counterfactual, how likely first."""
    a = Answers.of(result)
    head = (
        "schedule",
        f"more killed in, of {a.worlds}",
        "nine worlds in ten",
        "mean",
        "95 % interval of the mean",
    )
    rows = []
    for name in a.ordered:
        d = a.difference("killed", name)
        interval = (
            "too few worlds" if math.isnan(d.mean_low) else f"{d.mean_low:+,.0f} to {d.mean_high:+,.0f}"
        )
        rows.append((name, d.higher, f"{d.low:+,.0f} to {d.high:+,.0f}", f"{d.mean:+,.0f}", interval))
    title = (
        f"{result.scenario.header.title}: {a.worlds} matched worlds; civilians killed, against "
        f"'{COUNTERFACTUAL}' in the same world"
    )
    return markup.table(title, head, rows)


def described(data: xr.Dataset) -> xr.Dataset:
    """Return trajectories whose variables carry long names and units."""
    for name, (long_name, unit) in SERIES.items():
        for own, which in ((name, ""), (f"{name}_mean", ", mean of all replicates")):
            if own in data:
                data[own] = data[own].assign_attrs(long_name=long_name + which, units=unit)
    return data
