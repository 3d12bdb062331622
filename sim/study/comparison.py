"""What a comparison is: totals of every run, trajectories of the first, tables, and where it comes from.

`sim.study.compare` makes one, `sim.show.results` writes it to a folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sim import __version__, measures
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule
from sim.study.draws import Draws

WEEKLY = (
    "killed_by_groups",
    "killed_by_state",
    "killed_by_militias",
    "recorded_killed",
    "attacks",
    "fled",
    "hosted",
    "in_vacuum",
    "un_troops",
)
"""Series that are summed over districts by week."""
PLACES = ("killed", "fled", "vacuum_weeks", "protection")
"""Measures that are summed over half-years by district (protection: mean)."""
TABLES = ("vacuums", "cliffs", "massacres", "vacuum_summary", "cliff_summary", "around")

Stage = Callable[[str], None]
"""Called with a few words on what is being done, for whoever waits for it."""


@dataclass(frozen=True)
class Comparison:
    """What came out of a comparison. Everything is a table or an array with named dimensions.

    Totals are those of every run, and so are `summary`, `weekly_mean`, `places_mean`, `massacres` and the
    two summaries. Trajectories (`weekly`, `places`) and the rows of `vacuums` and `cliffs` are kept up to a
    bound, then of the first replicates alone: `kept` says of how many.
    """

    scenario: Scenario
    schedules: tuple[Schedule, ...]
    seed: int
    totals: xr.DataArray
    """(schedule, replicate, metric): totals of each run, see `sim.measures.METRICS`."""
    weekly: xr.DataArray
    """(schedule, replicate, week, series): sums over districts by week, see `WEEKLY`."""
    places: xr.DataArray
    """(schedule, replicate, half_year, district, measure): sums (protection: mean), see `PLACES`."""
    weekly_mean: xr.DataArray
    """(schedule, week, series): mean of `WEEKLY` over all replicates."""
    places_mean: xr.DataArray
    """(schedule, half_year, district, measure): mean of `PLACES` over all replicates."""
    vacuums: pd.DataFrame
    """Security vacuums, see `sim.measures.vacuums`, with schedule and name of the district."""
    cliffs: pd.DataFrame
    """The cliff of each closure in each run, see `sim.measures.cliffs`."""
    massacres: pd.DataFrame
    """The gravest district-weeks under each schedule, over all replicates, see `sim.measures.massacres`."""
    vacuum_summary: pd.DataFrame
    """Vacuums of all replicates, one row a schedule and district."""
    cliff_summary: pd.DataFrame
    """Cliffs of all replicates, one row a schedule and base that closes."""
    around: pd.DataFrame
    """Protection by provider around each closure, mean of all replicates, see `sim.study.around.table`."""
    kept: Mapping[str, int]
    """Of how many of the first replicates there are "trajectories", "vacuums" and "cliffs"."""
    people_conserved: bool
    """Whether every run ended with as many persons as it began with, the dead included."""
    provenance: dict[str, Any]
    draws: Draws | None = None
    """Plausible parameters, another draw of them in each replicate; None if all have the scenario's own."""
    _differences: dict[tuple[str, str, str], measures.Difference] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def replicates(self) -> int:
        """Number of matched runs of each schedule."""
        return int(self.totals.sizes["replicate"])

    @property
    def names(self) -> list[str]:
        """Names of the schedules, the counterfactual last."""
        return [s.name for s in self.schedules]

    @property
    def drawn(self) -> np.ndarray:
        """Which of `draws` each replicate has: (replicates,); -1 where there are none."""
        if self.draws is None:
            return np.full(self.replicates, -1)
        return self.draws.chosen(self.seed, 0, self.replicates)

    @property
    def note(self) -> str:
        """A sentence on what is kept of the first replicates alone; empty if all is kept of all."""
        return note(self.kept, self.replicates)

    def difference(self, metric: str, schedule: str, against: str = COUNTERFACTUAL) -> measures.Difference:
        """Summarise the paired differences of a metric between two schedules.

        Raises `ValueError` for a metric or schedule that is not there, naming those that are.
        """
        key = (metric, schedule, against)
        if key not in self._differences:  # many places ask for the same
            measures.metric_named(metric)
            for name in (schedule, against):
                if name not in self.names:
                    raise ValueError(f"there is no schedule {name!r} in it; it has {', '.join(self.names)}")
            a = self.totals.sel(schedule=schedule, metric=metric).values
            b = self.totals.sel(schedule=against, metric=metric).values
            self._differences[key] = measures.difference(a, b)
        return self._differences[key]

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row a metric and pair of schedules: totals of the schedule, and paired differences.

        See `sim.study.summary`.
        """
        from sim.study.summary import summary

        return summary(self)

    @property
    def trajectories(self) -> xr.Dataset:
        """Weekly sums and half-yearly results by district as one data set, and their means.

        Runs are those of the first replicates that are kept; variables that end in `_mean` are means over
        all replicates.
        """
        data = {name: self.weekly.sel(series=name, drop=True) for name in WEEKLY}
        data |= {f"district_{name}": self.places.sel(measure=name, drop=True) for name in PLACES}
        data |= {f"{name}_mean": self.weekly_mean.sel(series=name, drop=True) for name in WEEKLY}
        data |= {f"district_{name}_mean": self.places_mean.sel(measure=name, drop=True) for name in PLACES}
        kept, of = self.kept["trajectories"], self.replicates
        runs = "every run" if kept == of else f"the first {kept} of {of} replicates"
        about = (
            "weekly sums over districts, and sums by district over half-years (protection: mean), of "
            f"{runs}; variables that end in _mean: mean over all {of} replicates"
        )
        from sim.study.summary import described

        attributes = self._attributes(about) | {"replicates_kept": kept, "replicates_in_all": of}
        return described(xr.Dataset(data, attrs=attributes))

    @property
    def run_totals(self) -> xr.Dataset:
        """The totals of every run as a data set, one variable a metric: (schedule, replicate)."""
        data = {}
        for metric in measures.METRICS:
            values = self.totals.sel(metric=metric.name, drop=True)
            data[metric.name] = values.assign_attrs(long_name=metric.label, units=metric.unit)
        if self.draws is not None:
            about = "which draw of parameters it has, see draws.csv"
            data["draw"] = xr.DataArray(
                self.drawn.astype(np.int32), dims="replicate", attrs={"long_name": about}
            )
        about = f"totals over weeks and districts of every run, {self.replicates} of each schedule"
        return xr.Dataset(data, attrs=self._attributes(about))

    def _attributes(self, about: str) -> dict[str, Any]:
        return {
            "title": self.scenario.header.title,
            "about": about,
            "software": f"drawdown {__version__}",
            "scenario_sha256": self.scenario.digest,
            "seed": str(self.seed),  # NetCDF 3 has no integers of 64 bits
        }

    def sentences(self) -> list[str]:
        """Return what the runs say, in plain sentences that carry their uncertainty."""
        from sim.show.text import sentences

        return sentences(self)

    def save(
        self, folder: str | os.PathLike[str], *, figures: bool = True, stage: Stage | None = None
    ) -> Path:
        """Write everything to a folder, as a whole or not at all; see `sim.show.results.save`."""
        from sim.show.results import save

        return save(self, Path(folder), figures=figures, stage=stage)

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        from sim.study.summary import table_html

        return table_html(self)

    def __repr__(self) -> str:
        """Say what it is."""
        return (
            f"<Comparison of {', '.join(self.names)} in {self.scenario.name!r}: "
            f"{self.replicates} matched runs, seed {self.seed}>"
        )


def note(kept: Mapping[str, int], replicates: int) -> str:
    """Return a sentence on what is kept of the first replicates alone; empty if all is kept of all."""
    words = {"trajectories": "single trajectories", "vacuums": "rows of vacuums", "cliffs": "rows of cliffs"}
    fewer = [f"{words[what]} of the first {n:,d}" for what, n in kept.items() if n < replicates]
    if not fewer:
        return ""
    listed = " and ".join([", ".join(fewer[:-1]), fewer[-1]] if len(fewer) > 1 else fewer)
    return (
        f"Kept of {replicates:,d} replicates: {listed}. Totals, differences, means, massacres and the "
        "summaries of vacuums and cliffs are over all of them."
    )
