"""History matching: parameter sets that cannot have made the record are ruled out, wave by wave.

The implausibility of a parameter set for a target is how far the emulator's mean lies from it, over the root
of all variances together: of the emulator, of one history among many (the ensemble's), of observation, and
of the discrepancy that is granted to the model. A set is ruled out where the largest but `allowed` exceeds
the cut in any wave. Nothing is fitted: what is left is what is not refuted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from sim.study.calibrate import emulator
from sim.study.calibrate.emulator import Emulator
from sim.study.calibrate.files import Aim, Rule
from sim.study.calibrate.stages import Stage

BLOCK = 2048
"""Candidates that are looked at at a time."""
MOST_BLOCKS = 128
CUTS = np.arange(3.0, 50.0, 0.5)
"""What the cut is raised through where too little is left."""


@dataclass(frozen=True)
class Wave:
    """What was learnt from the runs of one wave."""

    emulators: tuple[Emulator | None, ...]
    """One an aim; None where nothing could be told."""
    ensemble: np.ndarray
    """Variance of a single run, by aim."""
    cut: float
    left: float
    """Share of the whole space that this wave and those before leave."""
    alone: np.ndarray
    """Share of the candidates of this wave that each target alone rules out: (aims,)."""


def implausibility(wave_: Wave, aims: Sequence[Aim], points: np.ndarray) -> np.ndarray:
    """Return how implausible points are for each target: (points, aims); 0 where nothing is known."""
    found = np.zeros((len(points), len(aims)))
    for j, (aim, made) in enumerate(zip(aims, wave_.emulators, strict=True)):
        if made is None:
            continue
        mean, variance = made.predict(points)
        found[:, j] = np.abs(aim.off(mean)) / np.sqrt(variance + wave_.ensemble[j] + aim.variance)
    return found


def counted(implausible: np.ndarray, allowed: int) -> np.ndarray:
    """Return the implausibility of each point: the largest over targets, but for so many: (points,)."""
    rank = max(implausible.shape[1] - 1 - allowed, 0)
    return np.asarray(np.partition(implausible, rank, axis=1)[:, rank])


def wave(stage: Stage, aims: Sequence[Aim], before: Sequence[Wave], rule: Rule, seed: int) -> Wave:
    """Return what the runs of a wave rule out, beyond what the waves before did."""
    ensemble = stage.ensemble_variance()
    ensemble = np.where(np.isfinite(ensemble), ensemble, np.nanmax(np.append(ensemble, 0.0)))
    made = []
    with emulator.single_thread():
        for j in range(len(aims)):
            variances = ensemble[j] / np.maximum(stage.count[:, j], 1)
            made.append(emulator.fit(stage.points, stage.mean[:, j], variances, seed))
    first = Wave(tuple(made), ensemble, rule.cut, 0.0, np.zeros(len(aims)))
    dimensions = stage.points.shape[1]
    tried = _candidates(dimensions, seed, 0)
    there = left(tried, before, aims, rule)
    while there.sum() < BLOCK // 8 and before:
        more = _candidates(dimensions, seed, len(tried) // BLOCK)
        if len(tried) >= MOST_BLOCKS * BLOCK:
            break
        tried = np.concatenate([tried, more])
        there = np.concatenate([there, left(more, before, aims, rule)])
    with emulator.single_thread():
        found = implausibility(first, aims, tried[there])
    worst = counted(found, rule.allowed)
    cuts = [rule.cut, *(c for c in CUTS if c > rule.cut)]
    cut = next((c for c in cuts if len(worst) and (worst <= c).mean() >= rule.least), cuts[-1])
    share = float((worst <= cut).sum() / len(tried)) if len(worst) else 0.0
    alone = (found > cut).mean(axis=0) if len(worst) else np.zeros(len(aims))
    return Wave(tuple(made), ensemble, float(cut), share, alone)


def left(points: np.ndarray, waves: Sequence[Wave], aims: Sequence[Aim], rule: Rule) -> np.ndarray:
    """Return which points no wave rules out: bool (points,)."""
    kept = np.ones(len(points), bool)
    with emulator.single_thread():
        for one in waves:
            some = np.flatnonzero(kept)
            if not len(some):
                break
            worst = counted(implausibility(one, aims, points[some]), rule.allowed)
            kept[some[worst > one.cut]] = False
    return kept


def first_points(count: int, dimensions: int, seed: int) -> np.ndarray:
    """Return the points of the first wave: a Latin hypercube over the whole space."""
    rng = np.random.default_rng([seed, 1])
    return qmc.LatinHypercube(dimensions, rng=rng).random(count)  # type: ignore[no-any-return]


def next_points(
    count: int,
    waves: Sequence[Wave],
    aims: Sequence[Aim],
    rule: Rule,
    dimensions: int,
    seed: int,
    told: Callable[[str], None] = lambda _: None,
) -> np.ndarray:
    """Return so many points that no wave rules out, spread evenly over what is left.

    They are taken from Sobol' sequences. Where these hold too few, the others are drawn around them: each
    moves in a few parameters, and stays if it is not ruled out.
    """
    found: list[np.ndarray] = []
    total = 0
    for block in range(MOST_BLOCKS):
        points = _candidates(dimensions, seed, block)
        kept = points[left(points, waves, aims, rule)]
        found.append(kept)
        total += len(kept)
        told(f"looking for parameter sets that are not ruled out: {min(total, count)} of {count}")
        if total >= count:
            break
        if block >= 8 and total and total * MOST_BLOCKS < count * block / 4:
            break  # that will never do
    points = np.concatenate(found)[:count]
    if not len(points):
        raise ValueError("no parameter set is left: widen discrepancies, or allow more targets to be missed")
    rng = np.random.default_rng([seed, 2])
    while len(points) < count:
        base = points[rng.integers(0, len(points), BLOCK)]
        moved = np.where(rng.random(base.shape) < 0.2, rng.random(base.shape), base)
        points = np.concatenate([points, moved[left(moved, waves, aims, rule)]])
        told(f"looking around them: {min(len(points), count)} of {count}")
    return points[:count]


def _candidates(dimensions: int, seed: int, block: int) -> np.ndarray:
    """Return a block of a scrambled Sobol' sequence."""
    rng = np.random.default_rng([seed, 3, block])
    return qmc.Sobol(dimensions, rng=rng).random(BLOCK)  # type: ignore[no-any-return]
