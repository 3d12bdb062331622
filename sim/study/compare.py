"""Compare drawdown schedules over matched replicates.

The same replicates are run under every schedule: same seed, same draws, so that two runs differ
only through their schedules. Work is cut into blocks of replicates; threads run blocks, each of
them all schedules, and the results do not depend on how many threads there are. With a folder for
parts, every finished block is kept on disk at once, and a comparison that was stopped goes on
where it ended.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sim import __version__, measures
from sim.compiled import source_digest
from sim.ensemble import Ensemble, Runs
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule
from sim.study import parts

BLOCK = 10
"""Replicates a block: about a second of work, so that little is lost when a run is stopped."""
HALF_YEAR = 26
"""Weeks over which results by district are summed."""
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
MASSACRES = 20
"""The gravest district-weeks that are kept of each schedule."""
PLACES = ("killed", "fled", "vacuum_weeks", "protection")

Progress = Callable[[int, int], None]
"""Called with (replicates done, replicates in all) whenever a block is finished."""


class Interrupted(Exception):
    """A comparison was stopped; what was finished is kept if it had a folder for parts."""

    def __init__(self, done: int, of: int) -> None:
        super().__init__(f"stopped after {done} of {of} replicates")
        self.done = done
        self.of = of


@dataclass(frozen=True)
class Comparison:
    """What came out of a comparison. Everything is a table or an array with named dimensions."""

    scenario: Scenario
    schedules: tuple[Schedule, ...]
    seed: int
    totals: xr.DataArray
    """(schedule, replicate, metric): totals of each run, see `sim.measures.METRICS`."""
    weekly: xr.DataArray
    """(schedule, replicate, week, series): sums over districts by week, see `WEEKLY`."""
    places: xr.DataArray
    """(schedule, replicate, half_year, district, measure): sums (protection: mean), see `PLACES`."""
    vacuums: pd.DataFrame
    """All security vacuums, see `sim.measures.vacuums`, with schedule and name of the district."""
    cliffs: pd.DataFrame
    """The cliff of each closure in each run, see `sim.measures.cliffs`."""
    massacres: pd.DataFrame
    """The gravest district-weeks under each schedule, see `sim.measures.massacres`."""
    people_conserved: bool
    """Whether every run ended with as many persons as it began with, the dead included."""
    provenance: dict[str, Any]

    @property
    def replicates(self) -> int:
        """Number of matched runs of each schedule."""
        return int(self.totals.sizes["replicate"])

    @property
    def names(self) -> list[str]:
        """Names of the schedules, the counterfactual last."""
        return [s.name for s in self.schedules]

    def difference(self, metric: str, schedule: str, against: str = COUNTERFACTUAL) -> measures.Difference:
        """Summarise the paired differences of a metric between two schedules.

        Raises `ValueError` for a metric or schedule that is not there, naming those that are.
        """
        measures.metric_named(metric)
        for name in (schedule, against):
            if name not in self.names:
                raise ValueError(f"there is no schedule {name!r} in it; it has {', '.join(self.names)}")
        a = self.totals.sel(schedule=schedule, metric=metric).values
        b = self.totals.sel(schedule=against, metric=metric).values
        return measures.difference(a, b)

    @property
    def summary(self) -> pd.DataFrame:
        """One row a metric and pair of schedules: totals of the schedule, and paired differences.

        See `sim.study.summary`.
        """
        from sim.study.summary import summary

        return summary(self)

    @property
    def trajectories(self) -> xr.Dataset:
        """Weekly sums and half-yearly results by district of every run, as one data set."""
        data = {name: self.weekly.sel(series=name, drop=True) for name in WEEKLY}
        data |= {f"district_{name}": self.places.sel(measure=name, drop=True) for name in PLACES}
        trajectories = xr.Dataset(
            data,
            attrs={
                "title": self.scenario.header.title,
                "about": "weekly sums over districts, and sums by district over half-years "
                "(protection: mean), of every run",
                "software": f"drawdown {__version__}",
                "scenario_sha256": self.scenario.digest,
                "seed": self.seed,
            },
        )
        from sim.study.summary import described

        return described(trajectories)

    def sentences(self) -> list[str]:
        """Return what the runs say, in plain sentences that carry their uncertainty."""
        from sim.show.text import sentences

        return sentences(self)

    def save(self, folder: str | os.PathLike[str], *, figures: bool = True) -> Path:
        """Write everything to a folder, as a whole or not at all; see `sim.study.results`."""
        from sim.study.results import save

        return save(self, Path(folder), figures=figures)

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


def chosen(scenario: Scenario, schedules: Sequence[str | Schedule] | None) -> tuple[Schedule, ...]:
    """Return the schedules to run: those named (default all), each once, the counterfactual last."""
    if schedules is None:
        schedules = list(scenario.schedules)
    plans = [scenario.schedule(s) if isinstance(s, str) else s for s in schedules]
    for plan in plans:
        if plan.name not in scenario.schedules and plan.name != COUNTERFACTUAL:
            scenario.check_schedule(plan, Path(f"<schedule {plan.name}>"), {})
    unique = {plan.name: plan for plan in plans if plan.name != COUNTERFACTUAL}
    return (*unique.values(), scenario.schedule(COUNTERFACTUAL))


def compare(
    scenario: Scenario | str,
    schedules: Sequence[str | Schedule] | None = None,
    *,
    replicates: int = 200,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    parts_folder: Path | None = None,
    stop: threading.Event | None = None,
) -> Comparison:
    """Run matched replicates of a scenario under each schedule and compare them.

    Parameters
    ----------
    scenario: a scenario, or the name or folder of one.
    schedules: names or schedules made in Python; default all of the scenario. The counterfactual
        ("none": every base stays) is always run with them.
    replicates: matched runs of each schedule.
    seed: which draws; replicate r of a seed is always the same.
    threads: default one a core. The result is the same for any number.
    progress: called with (replicates done, in all) as blocks finish.
    parts_folder: where to keep finished blocks, so that a run that was stopped can go on.
    stop: set it to stop after the blocks under way; raises `Interrupted`.

    Raises `ScenarioError` for bad input and `ValueError` for a number of replicates or threads
    below 1.
    """
    if replicates < 1:
        raise ValueError(f"replicates must be at least 1, not {replicates}")
    threads = threads or os.cpu_count() or 1
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    case = Scenario.load(scenario) if isinstance(scenario, str) else scenario
    plans = chosen(case, schedules)
    started = datetime.now(UTC)
    spec = specification(case, plans, seed)
    blocks = [(first, min(BLOCK, replicates - first)) for first in range(0, replicates, BLOCK)]
    store = parts.Store(parts_folder, spec) if parts_folder else None

    done: dict[int, parts.Block] = {}
    if store:
        for first, count in blocks:
            kept = store.get(first, count)
            if kept is not None:
                done[first] = kept
    count_done = sum(b.replicates for b in done.values())
    if progress:
        progress(count_done, replicates)
    todo = [block for block in blocks if block[0] not in done]
    for first, block in _run_blocks(case, plans, seed, todo, threads, stop):
        done[first] = block
        if store:
            store.put(first, block)
        count_done += block.replicates
        if progress:
            progress(count_done, replicates)
    if len(done) < len(blocks):
        raise Interrupted(count_done, replicates)
    ordered = [done[first] for first, _ in blocks]
    return _assemble(case, plans, seed, ordered, spec, started)


def specification(case: Scenario, plans: Sequence[Schedule], seed: int) -> dict[str, Any]:
    """Return everything that determines a comparison's numbers, apart from how many replicates."""
    return {
        "software": "drawdown",
        "version": __version__,
        "code_sha256": source_digest(),
        "scenario": case.name,
        "scenario_sha256": case.digest,
        "parameters": case.parameter_values(),
        "without": list(case.switched_off),
        "rules": case.rules.model_dump(),
        "schedules": [json.loads(plan.model_dump_json()) for plan in plans],
        "seed": seed,
    }


def _run_blocks(
    case: Scenario,
    plans: Sequence[Schedule],
    seed: int,
    todo: Sequence[tuple[int, int]],
    threads: int,
    stop: threading.Event | None,
) -> Any:
    """Yield (first replicate, block) as blocks finish; stop handing out work once `stop` is set."""
    if not todo:
        return
    local = threading.local()

    def work(first: int, count: int) -> parts.Block:
        if not hasattr(local, "ensembles"):
            local.ensembles = [Ensemble(case, plan) for plan in plans]
            local.runs = {}
        kept = local.runs.get(count, [None] * len(plans))
        runs = [e.run(seed, first, count, into) for e, into in zip(local.ensembles, kept, strict=True)]
        local.runs = {count: runs}  # their memory serves the next block
        return _block(case, plans, runs, first)

    # The first block compiles, if anything is to be compiled; only then let threads loose.
    waiting = list(todo)
    first, count = waiting.pop(0)
    if stop is None or not stop.is_set():
        yield first, work(first, count)
    with ThreadPoolExecutor(threads, thread_name_prefix="drawdown") as pool:
        running: dict[Future[parts.Block], int] = {}
        while waiting or running:
            while waiting and len(running) < threads and not (stop and stop.is_set()):
                first, count = waiting.pop(0)
                running[pool.submit(work, first, count)] = first
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED, timeout=0.2)
            for future in finished:
                yield running.pop(future), future.result()


def _block(
    case: Scenario,
    plans: Sequence[Schedule],
    runs: Sequence[Runs],
    first: int,
) -> parts.Block:
    """Measure one block of replicates, `runs` of the same replicates under every schedule."""
    baseline = runs[-1].records
    totals, weekly, places, vacuums, cliffs, massacres = [], [], [], [], [], []
    for plan, run in zip(plans, runs, strict=True):
        records = run.records
        values = measures.totals(records)
        totals.append(np.stack([values[m.name] for m in measures.METRICS], axis=1))
        weekly.append(_weekly(records))
        places.append(_places(records))
        spells = measures.vacuums(records)
        spells["replicate"] += first
        spells.insert(0, "schedule", plan.name)
        vacuums.append(spells)
        gravest = measures.massacres(records, MASSACRES)
        gravest["replicate"] += first
        gravest.insert(0, "schedule", plan.name)
        massacres.append(gravest)
        if run is not runs[-1]:
            closing = measures.closures(case, plan)
            cliff = measures.cliffs(closing, records, baseline, measures.realised(closing, run.done))
            cliff["replicate"] += first
            cliff.insert(0, "schedule", plan.name)
            cliffs.append(cliff)
    return parts.Block(
        totals=np.stack(totals),
        weekly=np.stack(weekly),
        places=np.stack(places),
        people=np.stack([run.people for run in runs]),
        vacuums=pd.concat(vacuums, ignore_index=True),
        cliffs=pd.concat(cliffs, ignore_index=True) if cliffs else pd.DataFrame(),
        massacres=pd.concat(massacres, ignore_index=True),
    )


def _weekly(records: np.ndarray) -> np.ndarray:
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


def _assemble(
    case: Scenario,
    plans: Sequence[Schedule],
    seed: int,
    blocks: Sequence[parts.Block],
    spec: dict[str, Any],
    started: datetime,
) -> Comparison:
    names = [plan.name for plan in plans]
    totals = np.concatenate([b.totals for b in blocks], axis=1)
    weekly = np.concatenate([b.weekly for b in blocks], axis=1)
    places = np.concatenate([b.places for b in blocks], axis=1)
    people = np.concatenate([b.people for b in blocks], axis=1)
    replicates = np.arange(totals.shape[1])
    dates = pd.to_datetime([case.date_of(w) for w in range(case.weeks)])
    districts = [d.name for d in case.districts]
    half_years = dates[::HALF_YEAR]

    vacuums = pd.concat([b.vacuums for b in blocks], ignore_index=True)
    vacuums["district"] = vacuums["district"].map(dict(enumerate(districts)))
    vacuums["onset"] = vacuums["onset"].map(dict(enumerate(dates)))
    cliffs = pd.concat([b.cliffs for b in blocks], ignore_index=True)
    if len(cliffs):
        cliffs["district"] = cliffs["district"].map(dict(enumerate(districts)))
        cliffs["week"] = cliffs["week"].map(dict(enumerate(dates)))
        cliffs = cliffs.rename(columns={"week": "closed"})
    massacres = _gravest(pd.concat([b.massacres for b in blocks], ignore_index=True), names)
    massacres["district"] = massacres["district"].map(dict(enumerate(districts)))
    massacres["week"] = massacres["week"].map(dict(enumerate(dates)))
    order = pd.Categorical(vacuums["schedule"], names, ordered=True)
    vacuums = vacuums.assign(schedule=order).sort_values(
        ["schedule", "replicate", "district", "onset"], ignore_index=True
    )
    vacuums["schedule"] = vacuums["schedule"].astype(str)

    conserved = bool((people[..., 0] == people[..., 1]).all())
    provenance = {
        **spec,
        "replicates": len(replicates),
        "scenario_folder": str(case.folder.resolve()) if case.folder else None,
        "checks": {
            "people conserved in every run": conserved,
            "no value missing or below zero": bool(np.isfinite(totals).all() and (totals >= 0).all()),
        },
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": sys.argv if sys.argv and sys.argv[0].endswith("drawdown") else None,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "libraries": {
            name: version(name) for name in ("mesa", "numpy", "numba", "pandas", "scipy", "xarray")
        },
    }
    return Comparison(
        scenario=case,
        schedules=tuple(plans),
        seed=seed,
        totals=xr.DataArray(
            totals,
            dims=("schedule", "replicate", "metric"),
            coords={"schedule": names, "replicate": replicates, **measures.metric_coordinates()},
        ),
        weekly=xr.DataArray(
            weekly,
            dims=("schedule", "replicate", "week", "series"),
            coords={"schedule": names, "replicate": replicates, "week": dates, "series": list(WEEKLY)},
        ),
        places=xr.DataArray(
            places,
            dims=("schedule", "replicate", "half_year", "district", "measure"),
            coords={
                "schedule": names,
                "replicate": replicates,
                "half_year": half_years,
                "district": districts,
                "measure": list(PLACES),
            },
        ),
        vacuums=vacuums,
        cliffs=cliffs,
        massacres=massacres,
        people_conserved=conserved,
        provenance=provenance,
    )


def _gravest(massacres: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the gravest district-weeks of each schedule, out of those of its blocks."""
    order = {name: i for i, name in enumerate(names)}
    ranked = massacres.assign(order=massacres["schedule"].map(order)).sort_values(
        ["order", "killed", "replicate", "week", "district"], ascending=[True, False, True, True, True]
    )
    return ranked.groupby("order").head(MASSACRES).drop(columns="order").reset_index(drop=True)
