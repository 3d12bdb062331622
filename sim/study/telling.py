"""What would tell: how much less harm a choice would do if a fact were known before it is made.

The expected value of partial perfect information (EVPPI): with nothing known, one chooses what does least
harm on average; with a fact known, what does least harm given the fact. The difference, averaged over worlds,
is the most that finding out can be worth. It is reckoned from runs that are there, without new ones: harm
given a fact is a regression on it (M. Strong, J. E. Oakley & A. Brennan 2014, Medical Decision Making
34:311-326), here on a cubic of its rank, of differences between choices in the same world.

A regression on pure noise also seems to be worth something. So what facts are worth whose worlds are shuffled
is taken off, and a fact counts as clear only if it is worth more than the best of all shuffled ones is in 95
of 100, and above zero by its own error.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from sim.intervals import LEVEL

DEGREE = 3
SHUFFLES = 200
RESAMPLES = 100
SURE = 1.645
"""Standard errors that a fact must be worth to be clear: above zero in 95 of 100."""
FEWEST = 40
"""Worlds below which nothing is said."""


def worth_knowing(harm: np.ndarray, facts: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Return what knowing each of some facts is worth before a choice, the most first.

    `harm`: (worlds, choices); `facts`: a row a world, a column a fact; those that do not vary are left out.
    Columns: fact, worth (mean harm avoided, in units of harm, the share of noise taken off, and at most what
    it is worth to know the world itself), error (its standard error, over resampled worlds), noise (what the
    best of as many shuffled facts seems worth in 1 of 20), clear. Raises `ValueError` for fewer than
    `FEWEST` worlds or a single choice.
    """
    worlds, choices = harm.shape
    if worlds < FEWEST or choices < 2:
        raise ValueError(
            f"{worlds} worlds and {choices} choices are too few to say what would tell; give at least "
            f"{FEWEST} worlds and 2 choices"
        )
    names = [str(name) for name in facts if facts[name].nunique() > 1]
    if not names:
        return pd.DataFrame(columns=["fact", "worth", "error", "noise", "clear"])
    basis = np.stack([_basis(facts[name].to_numpy(float)) for name in names])  # (facts, worlds, terms)
    apart = harm - harm[:, [int(np.argmin(harm.mean(axis=0)))]]
    rng = np.random.default_rng(seed)
    known = _orthonormal(basis)
    raw = _avoided(known, apart)
    shuffled = np.stack([_avoided(known, apart[rng.permutation(worlds)]) for _ in range(SHUFFLES)])
    resampled = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, worlds, worlds)
        resampled.append(_avoided(_orthonormal(basis[:, rows]), apart[rows]))
    noise = float(np.quantile(shuffled.max(axis=1), LEVEL))
    frame = pd.DataFrame(
        {
            "fact": names,
            "worth": np.clip(raw - shuffled.mean(axis=0), 0.0, knowing_all(harm)),
            "error": np.std(resampled, axis=0, ddof=1),
            "noise": noise,
            "clear": (raw > noise) & (raw - shuffled.mean(axis=0) > SURE * np.std(resampled, axis=0, ddof=1)),
        }
    )
    return frame.sort_values("worth", ascending=False, kind="stable", ignore_index=True)


def knowing_all(harm: np.ndarray) -> float:
    """Return what it would be worth to know the world itself, its chance included: no fact is worth more."""
    return float(harm.mean(axis=0).min() - harm.min(axis=1).mean())


def _basis(x: np.ndarray) -> np.ndarray:
    """Return a cubic of the rank of a fact, orthogonal where ranks are even: float (worlds, terms)."""
    u = 2.0 * (stats.rankdata(x) - 0.5) / len(x) - 1.0
    return np.polynomial.legendre.legvander(u, DEGREE)  # type: ignore[no-any-return]


def _orthonormal(basis: np.ndarray) -> np.ndarray:
    """Return orthonormal columns that span those given, zeros for what a fact of few values leaves over."""
    left, size, _ = np.linalg.svd(basis, full_matrices=False)
    return np.where((size > 1e-9 * size[:, :1])[:, None, :], left, 0.0)  # type: ignore[no-any-return]


def _avoided(known: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Return the harm avoided by choosing what the regression on each fact says: float (facts,).

    `known`: orthonormal columns or zeros, (facts, worlds, terms), that hold a constant; `apart`: harm less
    that of one choice.
    """
    given = known @ (known.transpose(0, 2, 1) @ apart)  # (facts, worlds, choices)
    return apart.mean(axis=0).min() - given.min(axis=2).mean(axis=1)  # type: ignore[no-any-return]


def plus_minus(worth: float, error: float) -> str:
    """Return "3.1 ± 1.2", with as many digits as count."""
    digits = 0 if max(worth, error) >= 10 or math.isnan(error) else 1 if max(worth, error) >= 1 else 2
    return f"{worth:,.{digits}f} ± {error:,.{digits}f}"
