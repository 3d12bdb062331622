"""Blocks of replicates measured, and added up one after the other in bounded memory.

Totals of every run are kept: a few hundred bytes each. Everything else that grows with the replicates
is bounded: trajectories are those of the first replicates (`trajectories_kept`), tables hold at most
`ROWS_KEPT` rows, and sums over all replicates stand for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sim import measures
from sim.ensemble import Runs
from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.study.around import SHAPE
from sim.study.around import around as protection_around
from sim.study.comparison import PLACES, WEEKLY
from sim.study.parts import SUMS, Block, joined_rows, without_rows

BLOCK = 10
"""Replicates a block: about a second of work, so that little is lost when a run is stopped."""
SPAN = 1000
"""Replicates whose blocks are added up before they are added to the whole, and kept as one part."""
HALF_YEAR = 26
"""Weeks over which results by district are summed."""
MASSACRES = 20
"""The gravest district-weeks that are kept of each schedule."""
TRAJECTORIES_KEPT = 2000
"""Trajectories are kept of at most so many of the first replicates,"""
TRAJECTORIES_BYTES = 256 * 2**20
"""and of as many as fit into so many bytes (at least one block)."""
ROWS_KEPT = 500_000
"""Rows of `vacuums` and `cliffs` that are kept, of whole blocks from the first on (at least one block)."""
VACUUM_SUMS = ("runs", "vacuums", "weeks", "people_weeks", "killed", "still_open")
CLIFF_SUMS = ("closed", "depth", "refilled", "width", "by_un", "by_state", "exposed_people_weeks")
ENDED_BY = ("still open", "armed actors left", "UN", "state forces")
REFILLED_BY = ("nobody", "UN", "state forces")


def half_years(case: Scenario) -> int:
    """Return in how many half-years, the last perhaps shorter, results by district are summed."""
    return -(-case.weeks // HALF_YEAR)


def bytes_of_trajectories(case: Scenario, schedules: int) -> int:
    """Return the bytes that the trajectories of one replicate under all schedules take."""
    places = half_years(case) * len(case.districts) * len(PLACES)
    return 4 * schedules * (case.weeks * len(WEEKLY) + places)


def trajectories_kept(case: Scenario, schedules: int) -> int:
    """Return of how many of the first replicates trajectories are kept: a multiple of `BLOCK`."""
    fit = TRAJECTORIES_BYTES // bytes_of_trajectories(case, schedules)
    return max(BLOCK, min(TRAJECTORIES_KEPT, fit) // BLOCK * BLOCK)


def measure(case: Scenario, plans: Sequence[Schedule], runs: Sequence[Runs], first: int) -> Block:
    """Measure one block of replicates, `runs` of the same replicates under every schedule."""
    baseline = runs[-1].records
    numbers = {base: i for i, base in enumerate(case.bases)}
    totals, weekly, places, vacuums, cliffs, massacres = [], [], [], [], [], []
    around = np.zeros((len(plans), len(case.bases), *SHAPE), np.float32)
    for s, (plan, run) in enumerate(zip(plans, runs, strict=True)):
        records = run.records
        values = measures.totals(records)
        totals.append(np.stack([values[m.name] for m in measures.METRICS], axis=1))
        weekly.append(weekly_series(records))
        places.append(_places(records))
        spells = measures.vacuums(records, counterfactual=baseline)
        spells["ended_by"] = _codes(spells["ended_by"], ENDED_BY)
        vacuums.append(_numbered(spells, s, first))
        massacres.append(_numbered(measures.massacres(records, MASSACRES, baseline), s, first))
        if run is not runs[-1]:
            closing = measures.closures(case, plan)
            when = measures.realised(closing, run.done)
            around[s] = protection_around(closing, records, baseline, when, case.bases)
            cliff = measures.cliffs(closing, records, baseline, when)
            cliff["base"] = np.array([numbers[base] for base in cliff["base"]], np.int64)
            cliff["refilled_by"] = _codes(cliff["refilled_by"], REFILLED_BY)
            cliff = cliff.astype(dict.fromkeys(("replicate", "district", "week"), np.int64))
            cliff = cliff.astype(dict.fromkeys(("before", "depth", "width", "people"), np.float64))
            cliffs.append(_numbered(cliff.astype({"exposed_people_weeks": np.float64}), s, first))
    count = totals[0].shape[0]
    kept = count if first < trajectories_kept(case, len(plans)) else 0
    found, cliff = joined_rows(vacuums), joined_rows(cliffs) if cliffs else pd.DataFrame()
    return Block(
        totals=np.stack(totals),
        people=np.stack([run.people for run in runs]),
        weekly=np.stack([w[:kept] for w in weekly]),
        places=np.stack([p[:kept] for p in places]),
        weekly_sum=np.stack([w.sum(axis=0, dtype=np.float64) for w in weekly]),
        places_sum=np.stack([p.sum(axis=0, dtype=np.float64) for p in places]),
        vacuum_sums=_vacuum_sums(found, len(plans), len(case.districts)),
        cliff_sums=_cliff_sums(cliff, len(plans), len(case.bases)),
        around_sums=around,
        vacuums=found,
        cliffs=cliff,
        massacres=joined_rows(massacres),
        covered=(count, count),
    )


def _numbered(frame: pd.DataFrame, schedule: int, first: int) -> pd.DataFrame:
    """Return a table with the replicate's number in the comparison, and the schedule's as first column."""
    frame["replicate"] += first
    frame.insert(0, "schedule", np.full(len(frame), schedule, np.int64))
    return frame


def _codes(names: pd.Series, known: Sequence[str]) -> np.ndarray:
    return np.array([known.index(name) for name in names], np.int64)


def weekly_series(records: np.ndarray) -> np.ndarray:
    """Return sums over districts: float32 (R, W, series)."""
    own = {
        "recorded_killed": measures.summed(records, measures.RECORDED),
        "in_vacuum": measures.in_vacuum(records),
    }
    columns = [own[name] if name in own else records[name] for name in WEEKLY]
    return np.stack([c.sum(axis=2, dtype=np.float64) for c in columns], axis=2).astype(np.float32)


def _places(records: np.ndarray) -> np.ndarray:
    """Return sums over half-years (protection: means): float32 (R, half-years, D, measures)."""
    values = [
        measures.summed(records, measures.KILLED),
        records["fled"],
        measures.in_vacuum(records),
        measures.protection(records),
    ]
    edges = np.arange(0, records.shape[1], HALF_YEAR)
    summed = np.stack([np.add.reduceat(np.asarray(v, np.float64), edges, axis=1) for v in values], axis=3)
    lengths = np.diff(np.append(edges, records.shape[1]))
    summed[..., PLACES.index("protection")] /= lengths[None, :, None]
    return summed.astype(np.float32)


def _vacuum_sums(rows: pd.DataFrame, schedules: int, districts: int) -> np.ndarray:
    """Return sums over vacuums by schedule and district: float64 (S, D, `VACUUM_SUMS`)."""
    s, d = rows["schedule"].to_numpy(), rows["district"].to_numpy()
    first = ~rows.duplicated(["schedule", "replicate", "district"]).to_numpy()
    columns = (
        first,
        np.ones(len(rows)),
        *(rows[name].to_numpy() for name in ("weeks", "people_weeks", "killed")),
        rows["ended_by"].to_numpy() == ENDED_BY.index("still open"),
    )
    return _added(s * districts + d, columns, (schedules, districts))


def _cliff_sums(rows: pd.DataFrame, schedules: int, bases: int) -> np.ndarray:
    """Return sums over cliffs by schedule and base: float64 (S, bases, `CLIFF_SUMS`)."""
    if not len(rows):
        return np.zeros((schedules, bases, len(CLIFF_SUMS)))
    width, by = rows["width"].to_numpy(), rows["refilled_by"].to_numpy()
    columns = (
        np.ones(len(rows)),
        rows["depth"].to_numpy(),
        np.isfinite(width),
        np.where(np.isfinite(width), width, 0.0),
        by == REFILLED_BY.index("UN"),
        by == REFILLED_BY.index("state forces"),
        rows["exposed_people_weeks"].to_numpy(),
    )
    return _added(rows["schedule"].to_numpy() * bases + rows["base"].to_numpy(), columns, (schedules, bases))


def _added(cell: np.ndarray, columns: Sequence[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    size = shape[0] * shape[1]
    sums = [np.bincount(cell, np.asarray(column, np.float64), size) for column in columns]
    return np.stack(sums, axis=1).reshape(*shape, len(columns))


class Tally:
    """What blocks add up to; they are added in the order of replicates.

    The result depends on the blocks alone, not on who ran them or whether some had been merged.
    """

    def __init__(self, case: Scenario, plans: Sequence[Schedule], replicates: int) -> None:
        """Make room for `replicates` of each schedule."""
        n, weeks, places = len(plans), case.weeks, len(case.districts)
        self.kept = min(replicates, trajectories_kept(case, n))
        self.totals = np.zeros((n, replicates, len(measures.METRICS)))
        self.weekly = np.zeros((n, self.kept, weeks, len(WEEKLY)), np.float32)
        self.places = np.zeros((n, self.kept, half_years(case), places, len(PLACES)), np.float32)
        self.sums: dict[str, np.ndarray] = {
            "weekly_sum": np.zeros((n, weeks, len(WEEKLY))),
            "places_sum": np.zeros((n, half_years(case), places, len(PLACES))),
            "vacuum_sums": np.zeros((n, places, len(VACUUM_SUMS))),
            "cliff_sums": np.zeros((n, len(case.bases), len(CLIFF_SUMS))),
            "around_sums": np.zeros((n, len(case.bases), *SHAPE)),
        }
        self.conserved = True
        self.done = 0
        self.covered = {"vacuums": 0, "cliffs": 0}
        self._rows: dict[str, list[pd.DataFrame]] = {"vacuums": [], "cliffs": []}
        self._count = {"vacuums": 0, "cliffs": 0}
        self._massacres: pd.DataFrame | None = None
        self._span: list[Block] = []

    def add(self, block: Block) -> list[Block]:
        """Add the next block; returns the blocks of its span once that is complete, else nothing.

        Returned blocks are without the rows that are not kept.
        """
        first, last = self.done, self.done + block.replicates
        self.totals[:, first:last] = block.totals
        kept = block.weekly.shape[1]
        self.weekly[:, first : first + kept] = block.weekly
        self.places[:, first : first + kept] = block.places
        self.conserved &= bool((block.people[..., 0] == block.people[..., 1]).all())
        for at, name in enumerate(("vacuums", "cliffs")):
            rows = getattr(block, name)
            has_room = not self._rows[name] or self._count[name] + len(rows) <= ROWS_KEPT
            if self.covered[name] < first or not has_room:
                block = without_rows(block, name)
                continue
            self._rows[name].append(rows)
            self._count[name] += len(rows)
            self.covered[name] += block.covered[at]
        found = block.massacres
        self._massacres = gravest(found if self._massacres is None else joined_rows([self._massacres, found]))
        self.done = last
        # trajectories have been copied: what waits for the end of its span is small
        self._span.append(replace(block, weekly=block.weekly[:, :0], places=block.places[:, :0]))
        if last % SPAN and last < self.totals.shape[1]:
            return []
        complete, self._span = self._span, []
        for name in SUMS:
            part = np.zeros_like(self.sums[name])
            for one in complete:
                part += getattr(one, name)
            self.sums[name] += part
        return complete if last % SPAN == 0 else []

    def rows(self, name: str) -> pd.DataFrame:
        """Return the kept rows of `vacuums` or `cliffs`, or all `massacres`, as numbers."""
        if name == "massacres":
            assert self._massacres is not None, "nothing has been added"
            return self._massacres
        return joined_rows(self._rows[name])

    def mean(self, name: str) -> Any:
        """Return a sum divided by the number of replicates."""
        return self.sums[name] / self.totals.shape[1]


def gravest(massacres: pd.DataFrame) -> pd.DataFrame:
    """Return the gravest district-weeks of each schedule, out of those of several blocks."""
    ranked = massacres.sort_values(
        ["schedule", "killed", "replicate", "week", "district"], ascending=[True, False, True, True, True]
    )
    return ranked.groupby("schedule").head(MASSACRES).reset_index(drop=True)
