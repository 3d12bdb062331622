"""What of a run is held against the record: a few numbers each, computed where the run is made.

A summary is of one run. Those that need two (`PAIRED`) are of a run and of the matched one of the same world
without a mission.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim import measures
from sim.scenario.case import Scenario
from sim.study import dispersion
from sim.world.state import WEEKS_A_YEAR

YEAR = 52
FIRST_YEARS = 5
"""Years over which worlds with and without a mission are compared."""
HALF = 0.5
"""Added to a number of persons or alerts before its logarithm is taken."""


@dataclass(frozen=True)
class Summary:
    """A number that is measured in a run. `log`: it is compared, and emulated, on a log scale."""

    title: str
    unit: str = ""
    log: bool = False

    def scaled(self, value: np.ndarray | float) -> np.ndarray:
        """Return values on the scale they are compared on."""
        values = np.asarray(value, float)
        return np.log(values + HALF) if self.log else values

    def unscaled(self, value: np.ndarray | float) -> np.ndarray:
        """Return values in the summary's unit."""
        values = np.asarray(value, float)
        return np.exp(values) - HALF if self.log else values


_SINGLE: Mapping[str, Summary] = {
    "killed": Summary("civilians killed", "a year", log=True),
    "recorded": Summary("civilians killed, as recorded", "a year", log=True),
    "by_state": Summary("share of the killed that state forces kill", "%"),
    "alerts": Summary("alerts raised", "a year", log=True),
    "alerts_answered": Summary("alerts heard that a unit answers", "%"),
    "attacks_answered": Summary("attacks that the mission answers first", "%"),
    "flights": Summary("people displaced per civilian killed", "persons", log=True),
    "control_drift": Summary("change of the state's control over the run", "points"),
    "trend": Summary("trend of the killed where every base stays", "% a year"),
}
_FIRST = ("first_killed", "first_by_groups", "first_by_state")
"""Killed in the first years, in all and by perpetrator: what `PAIRED` summaries are made of."""
_SPREAD: Mapping[str, Summary] = {row.name: Summary(row.title, row.unit) for row in dispersion.ROWS}
PAIRED: Mapping[str, Summary] = {
    "prevented": Summary("share of the killings that the mission prevents", "%"),
    "prevented_apart": Summary(
        "share it prevents of armed groups' killings, less that of the state's", "points"
    ),
}
SUMMARIES: Mapping[str, Summary] = {**_SINGLE, **_SPREAD, **PAIRED}
"""Every summary that a target can name."""
MEASURED = (*_SINGLE, *_SPREAD, *_FIRST)
"""What is kept of each run."""


def measure(case: Scenario, records: np.ndarray) -> dict[str, np.ndarray]:
    """Return every name of `MEASURED` for each of some runs, (R,); NaN where it cannot be told."""
    years = records.shape[1] / WEEKS_A_YEAR

    def total(*fields: str) -> np.ndarray:
        return np.asarray(measures.summed(records, fields).sum(axis=(1, 2)))

    weekly = measures.summed(records, measures.KILLED).sum(axis=2)
    killed, attacks, heard = weekly.sum(axis=1), total("attacks"), total("heard")
    people = (records["residents"] + records["hosted"]).astype(np.float64)
    control = (records["state_control"] * people).sum(axis=2) / people.sum(axis=2)
    by_year = _by_year(weekly)
    found = {
        "killed": killed / years,
        "recorded": total(*measures.RECORDED) / years,
        "by_state": _percent(total("killed_by_state"), killed),
        "alerts": total("alerts") / years,
        "alerts_answered": _percent(total("answered_un", "answered_state"), heard),
        "attacks_answered": _percent(total("answered_un"), attacks),
        "flights": _ratio(total("fled"), killed),
        "control_drift": 100.0 * (control[:, -1] - control[:, 0]),
        "trend": 100.0 * _ratio(_slope(by_year), by_year.mean(axis=1)),
    }
    spread = dispersion.of_records(records, dispersion.adjacency(case))
    found |= {row.name: spread[row.name] for row in dispersion.ROWS}
    first = records[:, : YEAR * FIRST_YEARS]
    for name, fields in zip(
        _FIRST, (measures.KILLED, measures.KILLED[:1], measures.KILLED[1:2]), strict=True
    ):
        found[name] = measures.summed(first, fields).sum(axis=(1, 2))
    return found


def paired(stays: Mapping[str, np.ndarray], without: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return every name of `PAIRED` for matched runs, of what was measured with and without a mission."""
    by = {name: 100.0 - _percent(stays[name], without[name]) for name in _FIRST}
    bounded = {name: np.maximum(values, -100.0) for name, values in by.items()}  # few die, ratios go wild
    return {
        "prevented": bounded["first_killed"],
        "prevented_apart": bounded["first_by_groups"] - bounded["first_by_state"],
    }


def _by_year(weekly: np.ndarray) -> np.ndarray:
    """Return sums over years of (R, W), what is no whole year at the end left out: (R, years)."""
    years = weekly.shape[1] // YEAR
    return np.asarray(weekly[:, : YEAR * years].reshape(len(weekly), years, YEAR).sum(axis=2))


def _slope(by_year: np.ndarray) -> np.ndarray:
    """Return the least-squares slope over years of (R, years); NaN with fewer than two."""
    t = np.arange(by_year.shape[1]) - (by_year.shape[1] - 1) / 2.0
    return np.asarray(_ratio(by_year @ t, np.full(len(by_year), t @ t)))


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a / b, NaN where nothing is to be divided by."""
    return np.asarray(np.where(b > 0, a / np.where(b > 0, b, 1.0), np.nan))


def _percent(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return 100.0 * _ratio(a, b)
