"""Emulators: what a summary would be at parameters that were not run, and how sure that is.

A Gaussian process whose covariance has three parts: a straight line in all parameters, a smooth surface in
the few that matter most for the summary (its active ones, as Vernon, Goldstein & Bower 2010 have them), and
what the rest does beyond the line, as if by chance. So an emulator of a hundred parameters and some hundred
runs knows how little it knows. It is fitted to means over replicates, each with the variance of its own
mean; its own variance is widened if it was too sure at points left out of its fit.

I. Vernon, M. Goldstein & R. G. Bower 2010, Galaxy formation: a Bayesian uncertainty analysis, Bayesian
Analysis 5(4):619-669.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.study.experiments.need import need

ACTIVE = 8
"""Parameters in which the smooth surface of a summary varies."""
MOST_POINTS = 800
"""Points that an emulator is fitted to; time goes with their third power."""
STEPS = 40
"""Iterations in which its lengths are sought."""
FEWEST = 20
"""Points with a value, below which a summary is not emulated."""
FOLDS = 5
ALL_CHANCE = 0.05
"""Share of the variance of means that lies between points, below which there is nothing to foresee."""


@dataclass(frozen=True)
class Emulator:
    """An emulator of one summary. See `fit`."""

    active: np.ndarray
    """The parameters that matter most for it, by number, those first that matter most."""
    _process: Any
    _mean: float
    _scale: float
    _wider: float
    explained: float
    """Share of the variance between points that it foresees at points left out of its fit (R2; at most 1)."""
    within: float
    """Share of those points within three of its standard deviations, before they were widened."""

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of the summary's mean at points of the unit cube, (N,) each."""
        mean, sd = self._process.predict(points - 0.5, return_std=True)
        return self._mean + self._scale * mean, self._wider * (self._scale * np.maximum(sd, 0.0)) ** 2


def fit(points: np.ndarray, values: np.ndarray, variances: np.ndarray, seed: int) -> Emulator | None:
    """Return the emulator of a summary, None if it has too few values, or all are the same.

    `points` (N, parameters); `values`, `variances` (N,): means over the runs of each, and how much they vary
    by chance. `seed`: which points, if there are too many.
    """
    known = np.isfinite(values) & np.isfinite(variances)
    points, values, variances = points[known], values[known], variances[known]
    if len(values) < FEWEST or values.std() == 0.0:
        return None
    if len(values) > MOST_POINTS:
        some = np.sort(np.random.default_rng(seed).choice(len(values), MOST_POINTS, replace=False))
        points, values, variances = points[some], values[some], variances[some]
    middle, scale = float(values.mean()), float(values.std())
    x, y, noise = points - 0.5, (values - middle) / scale, variances / scale**2
    fold = np.arange(len(y)) % FOLDS  # points of a design lie in no order
    foreseen, sd = np.zeros(len(y)), np.zeros(len(y))
    kernel = None
    for k in range(FOLDS):
        there, left = fold != k, fold == k
        process = _process(x[there], y[there], noise[there], kernel)
        kernel = kernel or process.kernel_
        foreseen[left], sd[left] = process.predict(x[left], return_std=True)
    whole = _process(x, y, noise, None)
    off = (y - foreseen) ** 2
    expected = sd**2 + noise
    between = 1.0 - float(noise.mean())
    foretold = 1.0 - max(float(off.mean() - noise.mean()), 0.0) / between if between > ALL_CHANCE else 0.0
    return Emulator(
        active=_active(x, y),
        _process=whole,
        _mean=middle,
        _scale=scale,
        _wider=max(1.0, float((off / expected).mean())),
        explained=foretold,
        within=float((off <= 9.0 * expected).mean()),
    )


def _process(x: np.ndarray, y: np.ndarray, noise: np.ndarray, kernel: Any) -> Any:
    """Return a Gaussian process; `kernel`: that of another fit, whose numbers are not sought again."""
    gaussian = need("sklearn.gaussian_process", "experiments", "a calibration")
    search = None if kernel is not None else _search
    made = gaussian.GaussianProcessRegressor(
        kernel if kernel is not None else _kernel(x, y), alpha=noise + 1e-8, optimizer=search
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers at the edge of their range: that part hardly matters
        return made.fit(x, y)


def _kernel(x: np.ndarray, y: np.ndarray) -> Any:
    kernels = need("sklearn.gaussian_process.kernels", "experiments", "a calibration")
    from sim.study.calibrate.kernels import Part

    active = tuple(int(i) for i in _active(x, y))
    line = kernels.ConstantKernel(0.1, (1e-4, 1e2)) * kernels.DotProduct(0.0, "fixed")
    lengths = np.full(len(active), 1.0)
    surface = kernels.ConstantKernel(0.5, (1e-3, 1e2)) * Part(
        kernels.Matern(lengths, (0.1, 30.0), nu=2.5), active
    )
    return line + surface + kernels.WhiteKernel(0.2, (1e-4, 1e1))


def _active(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the parameters that go with a summary most, straight or bent."""
    y = (y - y.mean()) / y.std()
    bent = x**2 - (x**2).mean(axis=0)
    rho = [np.abs(f.T @ y) / (len(y) * np.maximum(f.std(axis=0), 1e-12)) for f in (x - x.mean(axis=0), bent)]
    return np.argsort(-np.maximum(*rho), kind="stable")[: min(ACTIVE, x.shape[1])]


def _search(objective: Any, initial: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, float]:
    from scipy.optimize import minimize

    found = minimize(
        objective, initial, method="L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": STEPS}
    )
    return found.x, float(found.fun)


def single_thread() -> Any:
    """Return a context in which linear algebra has one thread: the same bits on any number of cores."""
    return need("threadpoolctl", "experiments", "a calibration").threadpool_limits(1)
