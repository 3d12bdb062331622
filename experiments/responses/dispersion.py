"""How violence is spread over places and time: the same numbers from a run and from a record.

Events are lethal attacks of armed groups; of a record they are its one-sided events. A month has four weeks
and a year thirteen of them; the first year of a run is left out. Districts count where the description says
so, in a run as in the record. Every function returns NaN where nothing can be told.
"""

from __future__ import annotations

import math

import numpy as np

MONTH, MONTHS = 4, 13
FEWEST = 12
"""Events in all from which a district counts for variance over mean."""
A_YEAR = 3.0
"""Events a year from which it counts for the variation of its years."""


def monthly(weekly: np.ndarray) -> np.ndarray:
    """Return sums over months of (W, D) after the first year, whole years only: (months, D)."""
    later = np.asarray(weekly, float)[MONTH * MONTHS :]
    years = len(later) // (MONTH * MONTHS)
    return later[: years * MONTHS * MONTH].reshape(years * MONTHS, MONTH, -1).sum(axis=1)


def yearly(months: np.ndarray) -> np.ndarray:
    """Return sums over years of (months, D): (years, D)."""
    return months.reshape(-1, MONTHS, months.shape[1]).sum(axis=1)


def variance_over_mean(months: np.ndarray) -> float:
    """Return the mean over districts with `FEWEST` events of the variance of months over their mean."""
    some = months[:, months.sum(axis=0) >= FEWEST]
    return float((some.var(axis=0, ddof=1) / some.mean(axis=0)).mean()) if some.size else math.nan


def _within(x: np.ndarray) -> np.ndarray:
    return x - x.mean(axis=0)


def persistence(months: np.ndarray) -> float:
    """Return the autocorrelation of violent months over one month, each district's mean taken off."""
    violent = (months > 0).astype(float)
    before, after = _within(violent[:-1]), _within(violent[1:])
    scale = math.sqrt((before**2).sum() * (after**2).sum())
    return float((before * after).sum() / scale) if scale > 0 else math.nan


def from_neighbours(months: np.ndarray, neighbours: np.ndarray) -> float:
    """Return by how many points a violent month is likelier after one next door, net of the place.

    Least squares on whether an adjacent district was violent last month and whether it was itself, each
    district's mean taken off. `neighbours`: bool (D, D).
    """
    violent = (months > 0).astype(float)
    near = ((violent @ neighbours.T.astype(float)) > 0).astype(float)
    y = _within(violent[1:]).ravel()
    x = np.column_stack([_within(near[:-1]).ravel(), _within(violent[:-1]).ravel()])
    if np.linalg.matrix_rank(x) < 2:
        return math.nan
    return float(100.0 * np.linalg.lstsq(x, y, rcond=None)[0][0])


def variation_of_years(years: np.ndarray) -> float:
    """Return the median over districts with `A_YEAR` events a year of the CV of their years."""
    some = years[:, years.mean(axis=0) >= A_YEAR]
    return float(np.median(some.std(axis=0, ddof=1) / some.mean(axis=0))) if some.size else math.nan


def change_of_years(years: np.ndarray) -> float:
    """Return the sd of the change of log(1 + events) from year to year, where either year has any."""
    change = np.diff(np.log1p(years), axis=0)
    active = (years[1:] > 0) | (years[:-1] > 0)
    return float(change[active].std(ddof=1)) if active.sum() > 1 else math.nan


def memory_of_years(years: np.ndarray, lag: int = 1) -> float:
    """Return the autocorrelation of log(1 + events) over `lag` years, each district's mean taken off."""
    x = _within(np.log1p(years))
    scale = math.sqrt((x[:-lag] ** 2).sum() * (x[lag:] ** 2).sum())
    return float((x[:-lag] * x[lag:]).sum() / scale) if scale > 0 else math.nan


def between_places(years: np.ndarray) -> float:
    """Return the share (%) of the variance of log(1 + yearly events) that lies between districts."""
    x = np.log1p(years)
    return float(100.0 * x.mean(axis=0).var() / x.var()) if x.var() > 0 else math.nan


def calms(deaths: np.ndarray) -> float:
    """Return P(fewer than 5 dead in a year | 25 or more the year before) over districts: (years, D)."""
    bad = deaths[:-1] >= 25
    return float((deaths[1:][bad] < 5).mean()) if bad.any() else math.nan


def variation_of_country(years: np.ndarray) -> float:
    """Return the CV over years of the events of all districts."""
    total = years.sum(axis=1)
    return float(total.std(ddof=1) / total.mean()) if total.mean() > 0 else math.nan
