"""The task: some consecutive runs of an experiment, made by whoever has a core, measured, and written.

A task holds all it needs and knows nothing of what runs it: a process of this machine, a thread, a Dask
worker or a job of a batch queue. It writes its own part and returns a receipt of a few bytes.
"""

from __future__ import annotations

import hashlib
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim import measures
from sim.ensemble import Ensemble, Runs
from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.study import tally
from sim.study.calibrate import summaries
from sim.study.comparison import WEEKLY
from sim.study.experiments.design import Value
from sim.study.experiments.experiment import Factor
from sim.world import record

PACKAGE = Path(__file__).resolve().parents[2]
_SHAPES_RUNS = {
    "experiments": ("task.py", "design.py", "experiment.py"),
    "calibrate": ("summaries.py",),
    "dispersion.py": ("dispersion.py",),
}
"""Files of `study`, by folder, that a run depends on. Of the rest of it, of `show` and of `cli`: none."""
BYTES_AT_ONCE = 32 * 2**20
"""Records of runs that are held at a time."""
ENSEMBLES_KEPT = 48
"""Worlds that a process keeps ready for the next task."""


@cache
def code_digest() -> str:
    """Return the SHA-256 of the sources that a run and its outcomes depend on (hexadecimal, 64 digits)."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        if place.parts[0] in ("show", "cli", "cli_import.py"):
            continue
        if place.parts[0] == "study" and path.name not in _SHAPES_RUNS.get(place.parts[1], ()):
            continue
        digest.update(place.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@dataclass(frozen=True, repr=False)
class Recipe:
    """What all tasks of an experiment have in common."""

    key: str
    """Hash of everything that the results depend on; it names the parts."""
    code: str
    """`code_digest` of the program that planned it."""
    name: str
    """How a command names the experiment."""
    cases: tuple[Scenario, ...]
    plans: tuple[Sequence[Schedule], ...]
    """The schedules of each case."""
    levers: Mapping[str, tuple[int | str | None, ...]]
    """Numbers of families by their column, one a schedule; None where they do not belong to it."""
    factors: tuple[Factor, ...]
    points: int
    replicates: int
    seed: int
    own_chance: bool
    outcomes: tuple[str, ...]
    weekly: tuple[str, ...]
    weekly_replicates: int
    provenance: tuple[tuple[str, str], ...]
    """Columns that say the same of every run."""
    summaries: tuple[str, ...] = ()
    """Columns for a calibration besides the outcomes, of `sim.study.calibrate.summaries.MEASURED`."""

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<Recipe of {self.name!r}: {self.runs:,d} runs, {self.key}>"

    @property
    def schedules(self) -> int:
        """Number of schedules, the same in every case."""
        return len(self.plans[0])

    @property
    def runs(self) -> int:
        """Number of runs in all."""
        return len(self.cases) * self.points * self.schedules * self.replicates

    def place(self, run: int) -> tuple[int, int, int, int]:
        """Return case, point, schedule and replicate of a run (each from 0).

        Runs are numbered so that replicates follow each other, then schedules, points and cases.
        """
        rest, replicate = divmod(run, self.replicates)
        rest, schedule = divmod(rest, self.schedules)
        case, point = divmod(rest, self.points)
        return case, point, schedule, replicate

    def replicate(self, point: int, replicate: int) -> int:
        """Return the number by which the engine draws a replicate of a point."""
        return point * self.replicates + replicate if self.own_chance else replicate

    def types(self) -> dict[str, str]:
        """Return the columns of the table of runs, in order, with their types in SQL."""
        columns = {"run": "BIGINT", "scenario": "VARCHAR", "point": "BIGINT", "schedule": "VARCHAR"}
        for name, numbers in self.levers.items():
            whole = all(n is None or isinstance(n, int) for n in numbers)
            columns[name] = "BIGINT" if whole else "VARCHAR"
        columns |= {"replicate": "BIGINT", "seed": "BIGINT"}
        columns |= {f.column: "DOUBLE" if f.kind == "parameter" else "VARCHAR" for f in self.factors}
        columns |= dict.fromkeys((*self.outcomes, *self.summaries), "DOUBLE")
        columns |= {"failed": "BOOLEAN", "error": "VARCHAR", "traceback": "VARCHAR", "replay": "VARCHAR"}
        return columns | {name: "VARCHAR" for name, _ in self.provenance}


@dataclass(frozen=True, repr=False)
class Task:
    """Consecutive runs of an experiment."""

    recipe: Recipe
    first: int
    count: int
    points: Mapping[int, Mapping[str, Value]]
    """The points that its runs belong to, by number."""

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<Task of {self.recipe.name!r}: runs {self.first} to {self.first + self.count - 1}>"

    @property
    def name(self) -> str:
        """Its part is named by what made it and which runs it holds."""
        return f"{self.recipe.key}-{self.first:010d}-{self.count}"


@dataclass(frozen=True)
class Receipt:
    """What is returned of a task that is done: its part lies in the store."""

    first: int
    count: int
    failed: int
    seconds: float


@dataclass(frozen=True)
class Measured:
    """The runs of a task as tables."""

    runs: pd.DataFrame
    weekly: pd.DataFrame
    """One row a run whose trajectory is kept, one column a series of lists; empty if none is."""

    @property
    def failed(self) -> int:
        """Number of runs that failed."""
        return int(self.runs["failed"].sum())


def variant(recipe: Recipe, case: int, point: Mapping[str, Value]) -> Scenario:
    """Return a scenario as it is at a point: its parameters, rules and switches."""
    made = recipe.cases[case]
    kinds = {f.column: f for f in recipe.factors}
    given = {kinds[c].name: float(v) for c, v in point.items() if kinds[c].kind == "parameter"}
    rules = {kinds[c].name: str(v) for c, v in point.items() if kinds[c].kind == "rule"}
    off = [kinds[c].name for c, v in point.items() if kinds[c].kind == "switch" and v == "off"]
    made = made.with_parameters(**given)
    made = made.with_rules(**rules) if rules else made
    return made.without(*off)


def values_at(recipe: Recipe, case: int, point: Mapping[str, Value]) -> dict[str, Value]:
    """Return the value of every factor at a point by its column, of those too that it leaves alone."""
    if len(point) == len(recipe.factors):
        return dict(point)
    made = variant(recipe, case, point)
    values, rules = made.parameter_values(), made.rules.model_dump()
    own: dict[str, dict[str, Value]] = {
        "parameter": dict(values),
        "rule": dict(rules),
        "switch": {f.name: "off" if f.name in made.switched_off else "on" for f in recipe.factors},
    }
    return {f.column: own[f.kind][f.name] for f in recipe.factors}


def measure(task: Task) -> Measured:
    """Run a task and return its tables. A run that raises becomes a row that says so."""
    recipe = task.recipe
    rows: list[dict[str, Any]] = []
    weekly: list[dict[str, Any]] = []
    for case, point, schedule, first, count in sorted(_segments(task), key=lambda s: (s[0], s[2], s[1])):
        given = task.points[point]
        fixed = {
            "scenario": recipe.cases[case].name,
            "point": point,
            "schedule": recipe.plans[case][schedule].name,
            **{name: numbers[schedule] for name, numbers in recipe.levers.items()},
            "seed": recipe.seed,
            **values_at(recipe, case, given),
        }
        number = ((case * recipe.points + point) * recipe.schedules + schedule) * recipe.replicates
        for start, results, series in _results(recipe, case, given, point, schedule, first, count):
            for i, result in enumerate(results):
                r = start + i
                drawn = recipe.replicate(point, r)
                rows.append({"run": number + r, **fixed, "replicate": drawn, **result})
                if result["failed"]:
                    rows[-1]["replay"] = f"drawdown sweep {recipe.name} --replay {number + r}"
                elif r < recipe.weekly_replicates and recipe.weekly:
                    kept = {name: series[i, :, WEEKLY.index(name)] for name in recipe.weekly}
                    weekly.append({"run": number + r, **kept})
    frame = pd.DataFrame(sorted(rows, key=lambda row: row["run"]), columns=list(recipe.types()))
    for name, text in recipe.provenance:
        frame[name] = text
    weeks = pd.DataFrame(sorted(weekly, key=lambda row: row["run"]), columns=["run", *recipe.weekly])
    return Measured(frame, weeks)


def one(
    recipe: Recipe, case: int, given: Mapping[str, Value], point: int, schedule: int, replicate: int
) -> dict[str, Any]:
    """Run one run in this process and return its outcomes; what it raises is raised."""
    results, _ = _block(recipe, case, given, point, schedule, replicate, 1)
    return results[0]


def failed(task: Task, error: str) -> Measured:
    """Return the tables of a task none of whose runs could be made, for one reason."""
    recipe = task.recipe
    rows = []
    for case, point, schedule, first, count in _segments(task):
        fixed = values_at(recipe, case, task.points[point])
        number = ((case * recipe.points + point) * recipe.schedules + schedule) * recipe.replicates
        for r in range(first, first + count):
            rows.append(
                {
                    "run": number + r,
                    "scenario": recipe.cases[case].name,
                    "point": point,
                    "schedule": recipe.plans[case][schedule].name,
                    **{name: numbers[schedule] for name, numbers in recipe.levers.items()},
                    "replicate": recipe.replicate(point, r),
                    "seed": recipe.seed,
                    **fixed,
                    **_failure(error, error, recipe),
                    "replay": f"drawdown sweep {recipe.name} --replay {number + r}",
                }
            )
    frame = pd.DataFrame(rows, columns=list(recipe.types()))
    for name, text in recipe.provenance:
        frame[name] = text
    return Measured(frame, pd.DataFrame(columns=["run", *recipe.weekly]))


# -- running ----------------------------------------------------------------------------------------


def _segments(task: Task) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (case, point, schedule, first replicate, count) of the runs of a task, in order."""
    recipe, run, end = task.recipe, task.first, task.first + task.count
    while run < end:
        case, point, schedule, replicate = recipe.place(run)
        count = min(recipe.replicates - replicate, end - run)
        yield case, point, schedule, replicate, count
        run += count


class _Mine(threading.local):
    """What one thread keeps for its next task: an ensemble serves one thread at a time."""

    def __init__(self) -> None:
        self.ready: dict[tuple[str, int, int], Ensemble] = {}
        self.records: dict[tuple[int, int, int], np.recarray] = {}


_mine = _Mine()


def _ensemble(recipe: Recipe, case: int, schedule: int) -> Ensemble:
    """Return the ensemble of a schedule in a case, kept from an earlier task if there was one."""
    name, ready = (recipe.key, case, schedule), _mine.ready
    if name not in ready:
        if len(ready) >= ENSEMBLES_KEPT:
            ready.pop(next(iter(ready)))
        ready[name] = Ensemble(recipe.cases[case], recipe.plans[case][schedule])
    return ready[name]


def forget() -> None:
    """Let go of the worlds and the memory that this thread keeps for its next task."""
    _mine.ready.clear()
    _mine.records.clear()


def _results(
    recipe: Recipe,
    case: int,
    given: Mapping[str, Value],
    point: int,
    schedule: int,
    first: int,
    count: int,
) -> Iterator[tuple[int, list[dict[str, Any]], np.ndarray]]:
    """Yield (first replicate, outcomes of each run, weekly series) of blocks of a segment."""
    size = recipe.cases[case].weeks * len(recipe.cases[case].districts) * record.TABLE.dtype.itemsize
    block = max(1, min(count, BYTES_AT_ONCE // size))
    for start in range(first, first + count, block):
        several = min(block, first + count - start)
        try:
            yield start, *_block(recipe, case, given, point, schedule, start, several)
            continue
        except Exception as error:
            if several == 1:
                yield start, [_caught(error, recipe)], np.zeros((1, 0, 0))
                continue
        for one in range(start, start + several):  # which of them was it?
            try:
                yield one, *_block(recipe, case, given, point, schedule, one, 1)
            except Exception as error:
                yield one, [_caught(error, recipe)], np.zeros((1, 0, 0))


def _block(
    recipe: Recipe,
    case: int,
    given: Mapping[str, Value],
    point: int,
    schedule: int,
    first: int,
    count: int,
) -> tuple[list[dict[str, Any]], np.ndarray]:
    ensemble = _ensemble(recipe, case, schedule)
    ensemble.set_parameters(variant(recipe, case, given))
    runs = ensemble.run(recipe.seed, recipe.replicate(point, first), count, into=_room(ensemble, count))
    changed = np.flatnonzero(runs.people[:, 0] != runs.people[:, 1])
    if len(changed):
        before, after = runs.people[changed[0]]
        raise RuntimeError(f"a run began with {before:,d} persons and ended with {after:,d}")
    totals = {name: measures.METRIC[name].of(runs.records) for name in recipe.outcomes}
    for name, values in totals.items():
        if not np.isfinite(values).all():
            raise RuntimeError(f"{name} of a run is no finite number")
    if recipe.summaries:  # which may be NaN
        measured = summaries.measure(recipe.cases[case], runs.records)
        totals |= {name: measured[name] for name in recipe.summaries}
    columns = {name: values.tolist() for name, values in totals.items()}
    results = [
        {**dict(zip(columns, values, strict=True)), "failed": False}
        for values in zip(*columns.values(), strict=True)
    ]
    kept = max(0, min(count, recipe.weekly_replicates - first)) if recipe.weekly else 0
    return results, tally.weekly_series(runs.records[:kept]) if kept else np.zeros((0, 0, 0))


def _room(ensemble: Ensemble, count: int) -> Runs:
    """Return memory for some runs; the records of one block serve the next."""
    weeks, districts = ensemble.start.record.shape
    shape = (count, weeks, districts)
    records = _mine.records
    if shape not in records:
        records.clear()
        records[shape] = record.TABLE.empty(*shape)
    rows = len(ensemble.start.schedule)
    return Runs(records[shape], np.zeros((count, 2), np.int64), np.zeros((count, rows), np.int64))


def _caught(error: Exception, recipe: Recipe) -> dict[str, Any]:
    lines = traceback.format_exception(error)
    text = "".join(lines).replace(f"{PACKAGE.parent}/", "")  # the same wherever the program lies
    return _failure(f"{type(error).__name__}: {error}", text, recipe)


def _failure(error: str, told: str, recipe: Recipe) -> dict[str, Any]:
    return {**dict.fromkeys(recipe.outcomes, np.nan), "failed": True, "error": error, "traceback": told}
