"""Where in the space of uncertainties an experiment looks: the points of its design.

A design is made in the unit cube and stretched to the factors' ranges, so that one rule serves numbers,
rival rules and switches. The same file gives the same points; their hash is a part of what names results.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy import stats
from scipy.stats import qmc

from sim.study.experiments.experiment import MOST_POINTS, Design, Experiment, Factor, Wrong
from sim.study.experiments.need import salib

Value = float | str
"""A number of a parameter, or the name of a rule's form, or "on" or "off"."""


def points(experiment: Experiment) -> list[dict[str, Value]]:
    """Return the points of an experiment's design: the value of each factor, by its column.

    Raises `Wrong` for a design of more than `MOST_POINTS` points, and `Missing` where SALib is needed and
    not installed.
    """
    factors, design = experiment.factors(), experiment.design
    count = size(design, factors)
    if count > MOST_POINTS:
        raise Wrong("design", f"has {count:,d} points; at most {MOST_POINTS:,d} can be run, so vary less")
    columns = [factor.column for factor in factors]
    if design.kind == "plausible":
        draws = experiment.draws()
        return [draws.parameters_of(int(i)) for i in draws.chosen(design.seed, 0, count)]  # type: ignore[misc]
    if design.kind == "defaults":
        return [{}]
    if design.kind == "one-at-a-time":
        return [{}, *({f.column: value} for f in factors for value in _ends(f))]
    if design.kind == "grid":
        axes = [f.values or _levels(f, design.levels or 2) for f in factors]
        return [dict(zip(columns, values, strict=True)) for values in product(*axes)]
    return [
        {f.column: stretched(f, float(u)) for f, u in zip(factors, row, strict=True)}
        for row in unit_points(design, len(factors))
    ]


def size(design: Design, factors: Sequence[Factor]) -> int:
    """Return how many points a design has."""
    k = len(factors)
    if design.kind == "defaults":
        return 1
    if design.kind == "one-at-a-time":
        return 1 + sum(len(_ends(f)) for f in factors)
    if design.kind == "grid":
        return math.prod(len(f.values) or design.levels or 2 for f in factors)
    if design.kind == "sobol":
        return (design.points or 0) * (k + 2)
    if design.kind == "morris":
        return (design.trajectories or 0) * (k + 1)
    return design.points or 0


def unit_points(design: Design, factors: int) -> np.ndarray:
    """Return the points of a design in the unit cube: float (points, factors)."""
    if design.kind == "latin-hypercube":
        rng = np.random.default_rng(design.seed)
        return qmc.LatinHypercube(factors, rng=rng).random(design.points or 1)  # type: ignore[no-any-return]
    seed = int(np.random.SeedSequence(design.seed).generate_state(1)[0])  # SALib takes 32 bits
    problem = unit_problem([f"x{i}" for i in range(factors)])
    if design.kind == "sobol":
        return salib("sample.sobol").sample(  # type: ignore[no-any-return]
            problem, design.points, calc_second_order=False, seed=seed
        )
    levels = design.levels or 4
    return salib("sample.morris").sample(  # type: ignore[no-any-return]
        problem, design.trajectories, num_levels=levels, seed=seed
    )


def unit_problem(names: Sequence[str]) -> dict[str, object]:
    """Return what SALib calls a problem, over the unit cube."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def stretched(factor: Factor, u: float) -> Value:
    """Return the value of a factor at a place `u` (0-1) of its range: the quantile of its distribution."""
    if factor.values:
        return factor.values[min(int(u * len(factor.values)), len(factor.values) - 1)]
    low, high = factor.low, factor.high
    if factor.spread == "log-uniform":
        value = low * (high / low) ** u
    elif factor.spread == "triangular":
        mode = (factor.mode - low) / (high - low)
        value = low + (high - low) * float(stats.triang.ppf(u, mode))
    else:
        value = low + (high - low) * u
    return min(max(value, low), high)  # rounding must not leave the range


def place(factor: Factor, value: Value) -> float:
    """Return where in its range (0-1) a factor has a value: the other way round from `stretched`."""
    if factor.values:
        return (factor.values.index(value) + 0.5) / len(factor.values)
    low, high, x = factor.low, factor.high, float(value)
    if factor.spread == "log-uniform":
        return math.log(x / low) / math.log(high / low)
    if factor.spread == "triangular":
        return float(stats.triang.cdf((x - low) / (high - low), (factor.mode - low) / (high - low)))
    return (x - low) / (high - low)


def _levels(factor: Factor, count: int) -> list[Value]:
    """Return equally likely values of a range, its ends included."""
    return [stretched(factor, i / (count - 1)) for i in range(count)]


def _ends(factor: Factor) -> tuple[Value, ...]:
    """Return the values of a factor that are tried by themselves; mechanisms are on to begin with."""
    if factor.kind == "switch":
        return ("off",)
    return factor.values or (factor.low, factor.high)
