"""What each base is worth: harm if it alone closes first, or last, against the same world in which none does.

First is the day on which the constraints let it close at the earliest; last is the day on which the last of
all closes in the first order that keeps to them (or the latest that it may). What the plan does at a base
(hand over, leave a team) moves along with its closure.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from sim.intervals import mean_interval
from sim.scenario.case import COUNTERFACTUAL
from sim.study.compare import Progress, compare
from sim.study.comparison import Comparison
from sim.study.draws import Draws
from sim.study.sequences.orders import Closures

WHEN = ("first", "last")


@dataclass(frozen=True, repr=False)
class Alone:
    """What closing each base alone does. See `alone`."""

    closures: Closures
    result: Comparison
    table: pd.DataFrame
    """Two rows a base: base, closes ("first", "last"), on, district, there (civilians killed in its district
    more than if it never closes, mean over worlds), there_low, there_high (95 % interval), more and fewer
    (worlds), worlds, country, country_low, country_high (the same for all districts)."""

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<Alone: {len(self.closures)} bases, {self.result.replicates} matched worlds>"


def alone(
    closures: Closures,
    *,
    worlds: int = 100,
    seed: int = 1,
    parameters: str | Draws = "default",
    progress: Progress | None = None,
    parts_folder: Path | None = None,
    stop: threading.Event | None = None,
) -> Alone:
    """Close each base alone, first and last, in matched worlds, and hold it against the base that stays.

    `parts_folder`: where finished runs are kept, so that one that was stopped goes on. Raises as
    `sim.compare`.
    """
    days = {(i, when): closures.alone_on(i, when == "last") for i in range(len(closures)) for when in WHEN}
    plans = [closures.alone(i, day, _name(i, when)) for (i, when), day in days.items()]
    result = compare(
        closures.case,
        plans,
        replicates=worlds,
        seed=seed,
        progress=progress,
        parts_folder=parts_folder,
        stop=stop,
        parameters=parameters,
    )
    there = result.places.sel(measure="killed").sum("half_year").astype(float)
    more = there - there.sel(schedule=COUNTERFACTUAL)
    home = {u.base: u.district for u in closures.case.units}
    names = {d.id: d.name for d in closures.case.districts}
    rows = []
    for (i, when), day in days.items():
        district = names[home[closures.names[i]]]
        own = more.sel(schedule=_name(i, when))
        rows.append(
            _row(
                closures.names[i],
                when,
                day,
                district,
                own.sel(district=district).values,
                own.sum("district").values,
            )
        )
    return Alone(closures, result, pd.DataFrame(rows))


def _name(i: int, when: str) -> str:
    return f"alone-{i + 1}-{when}"


def _row(
    base: str, when: str, day: date, district: str, there: np.ndarray, country: np.ndarray
) -> dict[str, object]:
    low, high = mean_interval(there)
    least, most = mean_interval(country)
    return {
        "base": base, "closes": when, "on": day, "district": district,
        "there": there.mean(), "there_low": low, "there_high": high,
        "more": int((there > 0).sum()), "fewer": int((there < 0).sum()), "worlds": len(there),
        "country": country.mean(), "country_low": least, "country_high": most,
    }  # fmt: skip
