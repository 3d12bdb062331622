"""Runs for a calibration: parameter sets in every case, by the tasks, workers and store of a sweep.

A stage is a wave, the pool or a check: some parameter sets, each run a few times in every case. Each has a
folder of its own, in which what was made stays: whatever is killed, the same command goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim import __version__
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.study import provenance
from sim.study.calibrate import summaries
from sim.study.calibrate.files import Asked
from sim.study.experiments.design import stretched
from sim.study.experiments.experiment import Experiment, Factor
from sim.study.experiments.plan import CHUNK, Plan, sha256
from sim.study.experiments.sweep import Progress, sweep
from sim.study.experiments.task import Recipe, code_digest
from sim.study.held import held, lasting

WITHOUT = "-without"
"""How the name of a case ends when it is run without a mission."""
FEWEST_RUNS = 2
"""Runs of a parameter set from which their variance is estimated."""


@dataclass(frozen=True)
class Stage:
    """Parameter sets that were run, and what came out."""

    name: str
    points: np.ndarray
    """float (points, parameters): places in the unit cube."""
    values: np.ndarray
    """float (points, replicates, aims): summaries on the scale of their targets, NaN where untold."""
    killed: np.ndarray
    """float (points, cases): civilians killed a year, mean of the runs."""
    prevented: np.ndarray
    """float (points, cases): share (%) that the mission prevents, mean of the runs, NaN where not asked."""

    @property
    def count(self) -> np.ndarray:
        """Number of runs in which each summary could be told: (points, aims)."""
        return np.asarray(np.isfinite(self.values).sum(axis=1))

    @property
    def mean(self) -> np.ndarray:
        """Means over runs: (points, aims)."""
        count = self.count
        total = np.nansum(self.values, axis=1)
        return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))

    def ensemble_variance(self) -> np.ndarray:
        """Return the variance of a single run, by aim, pooled over the points: (aims,)."""
        several = self.count >= FEWEST_RUNS
        off = self.values - self.mean[:, None, :]
        squares = np.where(several, np.nansum(off**2, axis=1), 0.0).sum(axis=0)
        freedom = np.where(several, self.count - 1, 0).sum(axis=0)
        return np.asarray(np.where(freedom > 0, squares / np.maximum(freedom, 1), np.nan))

    def of(self, rows: np.ndarray) -> Stage:
        """Return some of its points."""
        return Stage(self.name, self.points[rows], self.values[rows], self.killed[rows], self.prevented[rows])


def joined(stages: Sequence[Stage], name: str) -> Stage:
    """Return stages as one. Runs that one has fewer of than another are NaN."""
    most = max(s.values.shape[1] for s in stages)
    padded = [
        np.pad(s.values, ((0, 0), (0, most - s.values.shape[1]), (0, 0)), constant_values=np.nan)
        for s in stages
    ]
    return Stage(
        name,
        np.concatenate([s.points for s in stages]),
        np.concatenate(padded),
        np.concatenate([s.killed for s in stages]),
        np.concatenate([s.prevented for s in stages]),
    )


def parameters_at(factors: Sequence[Factor], point: np.ndarray) -> dict[str, float]:
    """Return the parameters at a place in the unit cube."""
    return {f.name: float(stretched(f, float(u))) for f, u in zip(factors, point, strict=True)}


def worlds(asked: Asked) -> list[Scenario]:
    """Return the scenarios to run: each case, and after it the same without a mission where that is asked.

    The mission is that of the day before the first closure, for as long as asked (`sim.study.held`).
    """
    made = []
    for given in asked.calibration.cases:
        case = Scenario.load(given.scenario)
        stays = replace(lasting(held(case), summaries.YEAR * given.years), digest="")
        made.append(stays)
        if given.without:
            header = stays.header.model_copy(update={"name": f"{stays.name}{WITHOUT}"})
            weeks = summaries.YEAR * min(given.years, summaries.FIRST_YEARS)
            gone = lasting(replace(stays, header=header, units=()), weeks)
            made.append(gone)
    return made


def plan(asked: Asked, name: str, points: np.ndarray, replicates: int, cases: Sequence[Scenario]) -> Plan:
    """Return the plan of a stage: `points` of the unit cube, so many runs of each in each case."""
    found = [parameters_at(asked.factors, point) for point in points]
    nothing = cases[0].schedule(COUNTERFACTUAL)
    digests = {case.name: provenance.case_digest(case) for case in cases}
    spec = {
        "software": "drawdown",
        "version": __version__,
        "code_sha256": code_digest(),
        "experiment_sha256": sha256([name, replicates, asked.calibration.seed]),
        "scenarios": digests,
        "points": sha256(found),
    }
    experiment = Experiment(
        name=name,
        title=f"{asked.calibration.title}: {name}",
        question="Which parameters does the record leave open?",
        expected="See targets.toml.",
        why="See targets.toml.",
        scenarios=[case.name for case in cases],
        replicates=replicates,
        seed=asked.calibration.seed,
        outcomes=["killed"],
        levers={"schedules": [COUNTERFACTUAL]},  # type: ignore[arg-type]
        design={"kind": "latin-hypercube", "points": len(points)},  # type: ignore[arg-type]
    )
    recipe = Recipe(
        key=sha256(spec)[:20],
        code=code_digest(),
        name=name,
        cases=tuple(cases),
        plans=((nothing,),) * len(cases),
        levers={},
        factors=asked.factors,
        points=len(points),
        replicates=replicates,
        seed=asked.calibration.seed,
        own_chance=True,
        outcomes=(),
        weekly=(),
        weekly_replicates=0,
        provenance=(),
        summaries=summaries.MEASURED,
    )
    cells = max(case.weeks * len(case.districts) for case in cases)
    chunk = max(1, CHUNK // cells)
    return Plan(experiment, recipe, found, spec, chunk - chunk % replicates or chunk)


def run(
    asked: Asked,
    name: str,
    points: np.ndarray,
    replicates: int,
    folder: Path,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Stage:
    """Run a stage, or what is missing of it, and return what came out. Errors as `sweep`.

    A run that fails counts as one in which nothing could be told.
    """
    cases = worlds(asked)
    made = plan(asked, name, points, replicates, cases)
    results = sweep(
        made, folder / f"{name}-{made.recipe.key[:8]}", workers=workers, progress=progress, stop=stop
    )
    frame = results.runs
    measured = {
        case.name: {
            column: frame.loc[frame["scenario"] == case.name, column].to_numpy(float).reshape(-1, replicates)
            for column in summaries.MEASURED
        }
        for case in cases
    }
    return _stage(asked, name, points, measured)


def _stage(
    asked: Asked, name: str, points: np.ndarray, measured: Mapping[str, Mapping[str, np.ndarray]]
) -> Stage:
    own: dict[str, Mapping[str, np.ndarray]] = {}
    for given in asked.calibration.cases:
        found = dict(measured[given.scenario])
        if given.without:
            found |= summaries.paired(found, measured[f"{given.scenario}{WITHOUT}"])
        own[given.scenario] = found
    nothing = np.full(measured[asked.calibration.cases[0].scenario]["killed"].shape, np.nan)
    names = [c.scenario for c in asked.calibration.cases]
    values = [aim.summary.scaled(own[aim.case][aim.name]) for aim in asked.aims]
    return Stage(
        name,
        points,
        np.stack(values, axis=2),
        np.stack([_mean(own[c]["killed"]) for c in names], axis=1),
        np.stack([_mean(own[c].get("prevented", nothing)) for c in names], axis=1),
    )


def _mean(values: np.ndarray) -> np.ndarray:
    """Return means over runs, NaN where there is none."""
    there = np.isfinite(values)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.asarray(np.where(there.any(axis=1), total / np.maximum(there.sum(axis=1), 1), np.nan))


def steps(asked: Asked, points: int, replicates: int) -> int:
    """Return how many runs a stage has."""
    return (
        points * replicates * (len(asked.calibration.cases) + sum(c.without for c in asked.calibration.cases))
    )
