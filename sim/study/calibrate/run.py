"""A calibration from its files to draws: waves, pool, draws, checks; and what is written of it."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from sim import __version__
from sim.responses import rules_digest
from sim.study.calibrate import abc, checks, history, stages
from sim.study.calibrate.abc import Pool, Posterior
from sim.study.calibrate.checks import Coverage
from sim.study.calibrate.files import Asked, Size
from sim.study.calibrate.history import Wave
from sim.study.calibrate.stages import Stage
from sim.study.draws import Draws

DIGITS = 6
"""Significant digits of a parameter in the table of draws."""
CHECKED = 150
"""Draws that are run again, once each, to show what they do."""
CANDIDATES = 4 * history.BLOCK
"""Points of the whole space on which cases are left out, one after the other."""


@dataclass(frozen=True)
class Progress:
    """How far a calibration is: runs done, in all, and what is being done."""

    done: int
    of: int
    doing: str


@dataclass(frozen=True)
class Found:
    """What came out of a calibration."""

    asked: Asked
    size: Size
    times: float
    stages: tuple[Stage, ...]
    """The waves, and the pool last."""
    waves: tuple[Wave, ...]
    pool: Pool
    posterior: Posterior
    draws: Draws
    check: Stage
    """Some draws, by their weights, run again: once each."""
    coverage: Coverage
    quantities: tuple[str, ...]
    """What else coverage was counted of: the share prevented, by case."""
    reached: np.ndarray
    """Share of the parameter sets that were run that could have made each target: (aims,)."""
    left_out: Any
    """Data frame, see `checks.left_out`."""
    seconds: float
    """Since the command began; less than it took if it went on from runs that were there."""


def calibrate(
    asked: Asked,
    folder: Path,
    *,
    times: float = 1.0,
    workers: int | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Found:
    """Calibrate, keeping what is run in `folder`: stopped or killed, the same call goes on from there.

    The result is the same for any number of workers. Errors as `sim.study.experiments.sweep.sweep`.
    """
    began = time.monotonic()
    size = asked.calibration.size.times(times)
    seed, rule, aims = asked.calibration.seed, asked.calibration.rule, asked.aims
    d = len(asked.factors)
    runs = stages.steps(asked, 1, 1) * (
        size.waves * size.points * size.replicates + size.pool * size.pool_replicates + CHECKED
    )
    done = 0

    def tell(doing: str) -> None:
        progress(Progress(done, runs, doing))

    def run(name: str, points: np.ndarray, replicates: int) -> Stage:
        nonlocal done
        before = done

        def tick(ready: int, _of: int, _failed: int) -> None:
            nonlocal done
            done = before + ready
            tell(name)

        made = stages.run(asked, name, points, replicates, folder, workers=workers, progress=tick, stop=stop)
        done = before + stages.steps(asked, len(points), replicates)
        return made

    waves: list[Wave] = []
    made: list[Stage] = []
    for number in range(1, size.waves + 1):
        if waves:
            points = history.next_points(size.points, waves, aims, rule, d, seed + number, tell)
        else:
            points = history.first_points(size.points, d, seed)
        made.append(run(f"wave-{number}", points, size.replicates))
        tell(f"fitting {len(aims)} emulators to wave {number}")
        fitted = stages.joined(
            [*(s.of(history.left(s.points, waves, aims, rule)) for s in made[:-1]), made[-1]], "fit"
        )
        waves.append(history.wave(fitted, aims, waves, rule, seed + number))
    points = history.next_points(size.pool, waves, aims, rule, d, seed + size.waves + 1, tell)
    made.append(run("pool", points, size.pool_replicates))
    tell("accepting draws")
    pool_stage = stages.joined(
        [*(s.of(history.left(s.points, waves, aims, rule)) for s in made[1:-1]), made[-1]], "pool"
    )
    pool = pool_of(pool_stage, waves[-1].ensemble)
    rng = np.random.default_rng([seed, 6])
    found = abc.posterior(aims, pool, size.draws, rng, more=pool_stage.prevented)
    draws = draws_of(asked, found)
    again = draws.values[draws.chosen(seed, 0, CHECKED)]
    check = run("draws", np.array([_place(asked, row) for row in again]), 1)
    cases = [c for c in asked.calibration.cases if c.without]
    columns = [asked.calibration.cases.index(c) for c in cases]
    tell("checking coverage")
    coverage = checks.coverage(
        aims, pool, size.draws, size.truths, pool_stage.prevented[:, columns], seed,
        lambda n, of: tell(f"checking coverage: truth {n} of {of}"),
    )  # fmt: skip
    tell("leaving cases out")
    candidates = history.first_points(CANDIDATES, d, seed + 99)
    return Found(
        asked, size, times, tuple(made), tuple(waves), pool, found, draws, check, coverage,
        tuple(c.scenario for c in cases), checks.misfits(aims, pool, rule.cut),
        checks.left_out(aims, waves, rule, candidates), time.monotonic() - began,
    )  # fmt: skip


def pool_of(stage: Stage, ensemble: np.ndarray) -> Pool:
    """Return a stage as a pool."""
    return Pool(stage.points, stage.mean, stage.count, stage.values[:, 0], ensemble)


def draws_of(asked: Asked, found: Posterior) -> Draws:
    """Return a posterior as a table of parameters, in their own units and few digits, by falling weight.

    A number that rounding takes out of the declared range is put at its end.
    """
    order = np.argsort(-found.weights, kind="stable")
    rows = []
    for point in found.points[order]:
        values = stages.parameters_at(asked.factors, point)
        rows.append([min(max(float(f"{values[f.name]:.{DIGITS}g}"), f.low), f.high) for f in asked.factors])
    weights = np.array([float(f"{w:.{DIGITS}g}") for w in found.weights[order]])
    return Draws(asked.names, np.array(rows), weights)


def _place(asked: Asked, values: Sequence[float]) -> np.ndarray:
    from sim.study.experiments.design import place

    return np.array([place(f, float(v)) for f, v in zip(asked.factors, values, strict=True)])


def about(found: Found, command: str) -> dict[str, Any]:
    """Return what is shipped with the draws."""
    aims = found.asked.aims
    return {
        "about": "Draws of parameters that the record leaves open, see experiments/plausible/plausible.md",
        "command": command,
        "version": __version__,
        "rules": rules_digest(),
        "sha256": found.draws.sha256,
        "calibration_sha256": found.asked.digests["calibration.toml"],
        "targets_sha256": found.asked.digests["targets.toml"],
        "times": found.times,
        "size": found.size.model_dump(),
        "cases": [c.scenario for c in found.asked.calibration.cases],
        "waves": [{"cut": w.cut, "left": float(f"{w.left:.3g}")} for w in found.waves],
        "never_met": [a.label for a, share in zip(aims, found.reached, strict=True) if share == 0.0],
        "coverage": {
            "truths": found.coverage.truths,
            "parameters": float(f"{found.coverage.mean:.3f}"),
            "prevented": {
                name: float(f"{share:.3f}")
                for name, share in zip(found.quantities, found.coverage.quantities, strict=True)
            },
        },
        "made": datetime.now(UTC).date().isoformat(),
    }


def ship(found: Found, table: Path, about_file: Path, command: str) -> None:
    """Write the draws and what is said of them, each as a whole or not at all, the table last."""
    told = json.dumps(about(found, command), indent=1) + "\n"
    for path, text in ((about_file, told), (table, found.draws.csv())):
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(text.encode())
        temporary.replace(path)
