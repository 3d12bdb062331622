"""Where harm turns along a lever: the step in which it changes most, and where its slope changes.

A lever is a number of a family of schedules, such as in how many steps the bases close. Schedules that differ
in one lever alone make a curve: mean harm over its values, in the same matched worlds. If every curve were a
straight line there would be no cliff, and the steepest step of a sample would still lie somewhere. So what is
asked first is whether the steps differ by more than chance; only then is the steepest of them located, by
resampling independent units (worlds), so that what is matched stays together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sim.intervals import LEVEL
from sim.study.experiments.decide import FEWEST_UNITS, Harm
from sim.study.experiments.store import Results

DRAWS = 2000
"""Samples of the bootstrap."""
FEWEST_LEVELS = 3
"""Values of a lever from which steps can differ."""
BEND_LEVELS = 5
"""Values of a lever from which a change of slope can be placed between them."""
SEED = 20200903
"""Of the bootstrap: the same runs give the same answer."""


@dataclass(frozen=True)
class Turning:
    """What is known of the shape of harm along a lever. See `locate`."""

    p_value: float
    """Of steps that are all equal: of a straight line."""
    told: bool
    """Whether that is excluded, at 95 %."""
    step: tuple[float, float]
    """The values of the lever between which mean harm changes most for its length, in these runs."""
    step_range: tuple[float, float]
    """Where that step lies with 95 % confidence; the whole lever if it cannot be told."""
    size: float
    """By how much mean harm changes over that step."""
    size_range: tuple[float, float]
    """95 % interval of that change."""
    bend: float
    """Where two straight lines that fit best meet; NaN with fewer than `BEND_LEVELS` values."""
    bend_range: tuple[float, float]
    """95 % interval of it; the whole lever if it cannot be told."""

    @property
    def words(self) -> str:
        """Say it without naming the lever, as the end of a sentence that names it."""
        if not self.told:
            return (
                f"no cliff can be told: a straight line fits as well (p = {self.p_value:.2g}); more worlds, "
                "or values closer together, may show one"
            )
        low, high = self.step
        sure = f"{self.step_range[0]:g} to {self.step_range[1]:g}"
        said = f"it changes most between {low:g} and {high:g} (95 %: within {sure}), by {self.size:+,.0f} "
        said += f"(95 %: {self.size_range[0]:+,.0f} to {self.size_range[1]:+,.0f})"
        if not math.isnan(self.bend):
            ends = f"{self.bend_range[0]:.3g} to {self.bend_range[1]:.3g}"
            said += f"; two straight lines meet best at {self.bend:.3g} (95 %: {ends})"
        return said


def locate(x: Sequence[float] | np.ndarray, y: np.ndarray, *, draws: int = DRAWS) -> Turning:
    """Return where a response turns along a lever.

    `x`: values of the lever, rising, (L,). `y`: the response of each independent unit at each, (U, L).

    Whether steps differ: each step's slope against that of the whole lever, studentised; their largest is
    held against its distribution when the units are resampled around their own means (the bootstrap-t of a
    maximum, so that all steps are judged together). Where the steepest step lies: the steps in which it lay
    in 95 % of the resamples, the most frequent first, joined. Raises `ValueError` for too few values or
    units, or values that do not rise.
    """
    at, y = np.asarray(x, float), np.asarray(y, float)
    units, levels = y.shape
    if levels != len(at) or levels < FEWEST_LEVELS:
        raise ValueError(f"a lever needs at least {FEWEST_LEVELS} values to turn, one for each column")
    if not (np.diff(at) > 0).all():
        raise ValueError("the values of a lever must rise")
    if units < FEWEST_UNITS:
        raise ValueError(f"{units} independent units are too few; give at least {FEWEST_UNITS}")
    weights = np.random.default_rng(SEED).multinomial(units, np.full(units, 1.0 / units), size=draws) / units
    slopes = np.diff(y, axis=1) / np.diff(at)
    whole = (y[:, -1] - y[:, 0]) / (at[-1] - at[0])
    p = _any_differs(slopes - whole[:, None], weights)
    means = y.mean(axis=0)
    steepest = int(np.argmax(np.abs(np.diff(means) / np.diff(at))))
    resampled = weights @ y
    told = p < 1 - LEVEL
    lowest, highest = (at[0], at[-1])
    step_range = bend_range = (float(lowest), float(highest))
    bend = _bends(at, means[None])[0] if levels >= BEND_LEVELS else math.nan
    sizes = resampled[:, steepest + 1] - resampled[:, steepest]
    if told:
        often = np.bincount(
            np.argmax(np.abs(np.diff(resampled, axis=1) / np.diff(at)), axis=1), minlength=levels - 1
        )
        step_range = _joined(at, often / draws)
        if levels >= BEND_LEVELS:
            bend_range = _quantiles(_bends(at, resampled))
    return Turning(
        p_value=p,
        told=told,
        step=(float(at[steepest]), float(at[steepest + 1])),
        step_range=step_range,
        size=float(means[steepest + 1] - means[steepest]),
        size_range=_quantiles(sizes),
        bend=float(bend),
        bend_range=bend_range,
    )


def _quantiles(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _any_differs(d: np.ndarray, weights: np.ndarray) -> float:
    """Return the p-value of all means being zero: of the largest studentised mean of `d` (U, K)."""
    n = len(d)
    mean, error = d.mean(axis=0), d.std(axis=0, ddof=1)
    nothing = 1e-9 * np.abs(d).max()  # what rounding makes of numbers that are equal
    there = error > nothing
    if (np.abs(mean[~there]) > nothing).any():  # all units alike: what differs differs without doubt
        return 0.0
    if not there.any():
        return 1.0
    d, mean, error = d[:, there], mean[there], error[there]
    largest = np.abs(mean / error).max()
    means = weights @ d
    spread = np.sqrt(np.maximum(weights @ (d * d) - means * means, 0.0) * n / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs((means - mean) / spread)
    t[~np.isfinite(t)] = np.inf  # a resample of one unit alone says nothing: count it against
    return float((1 + (t.max(axis=1) >= largest).sum()) / (1 + len(weights)))


def _joined(at: np.ndarray, share: np.ndarray) -> tuple[float, float]:
    """Return the span of the steps that hold the steepest in 95 % of resamples, the most frequent first."""
    order = np.argsort(-share, kind="stable")
    kept = order[: int(np.searchsorted(np.cumsum(share[order]), LEVEL)) + 1]
    return float(at[kept.min()]), float(at[kept.max() + 1])


def _bends(at: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return where two straight lines that meet fit best, for each row of `means` (B, L): (B,).

    By least squares over a grid of a hundred places between the second value and the last but one.
    """
    grid = np.linspace(at[1], at[-2], 101)
    left = np.empty((len(grid), len(means)))
    for i, c in enumerate(grid):
        design = np.column_stack([np.ones_like(at), at, np.maximum(at - c, 0.0)])
        rest = np.eye(len(at)) - design @ np.linalg.pinv(design)
        left[i] = ((means @ rest) ** 2).sum(axis=1)
    return np.asarray(grid[np.argmin(left, axis=0)])


# -- the levers of an experiment ---------------------------------------------------------------------


@dataclass(frozen=True)
class Curve:
    """Schedules that differ in one lever alone, by its values."""

    lever: str
    fixed: str
    """The family, and its other numbers."""
    schedules: tuple[str, ...]
    x: tuple[float, ...]
    """Values of the lever, rising; of a lever of days, weeks from the first."""
    first_day: str = ""
    """Of a lever of days, the first."""

    @property
    def name(self) -> str:
        """What it runs along, for people."""
        since = f", weeks from {self.first_day}" if self.first_day else ""
        return f"{self.lever} of {self.fixed}{since}"


def curves(results: Results) -> list[Curve]:
    """Return the levers of an experiment that have three values or more, all others the same."""
    frame = results.sql("SELECT DISTINCT ON (schedule) * FROM runs ORDER BY schedule, run")
    levers = [c for c in frame.columns if c.startswith("lever_")]
    given = results.provenance["experiment"]["levers"]["families"]
    names = sorted({f["family"] for f in given}, key=len, reverse=True)
    frame["family"] = [next((n for n in names if s.startswith(n)), "") for s in map(str, frame["schedule"])]
    found = []
    for column in levers:
        others = [c for c in levers if c != column]
        own = frame[frame[column].notna() & (frame["family"] != "")]
        keys = own[["family", *others]].astype(object).where(own[["family", *others]].notna(), None)
        for key, rows in own.groupby([keys[c] for c in keys], dropna=False, sort=True):
            x, first = _numbers(rows[column])
            if x is None or len(set(x)) < FEWEST_LEVELS or len(set(x)) < len(x):
                continue
            order = np.argsort(x, kind="stable")
            family, *values = key if isinstance(key, tuple) else (key,)
            fixed = [
                f"{o.removeprefix('lever_')} {_said(v)}"
                for o, v in zip(others, values, strict=True)
                if not _missing(v)
            ]
            found.append(
                Curve(
                    lever=column.removeprefix("lever_"),
                    fixed=", ".join([str(family), *fixed]),
                    schedules=tuple(str(s) for s in rows["schedule"].to_numpy()[order]),
                    x=tuple(float(x[i]) for i in order),
                    first_day=first,
                )
            )
    return found


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _numbers(values: pd.Series) -> tuple[np.ndarray | None, str]:
    """Return the values of a lever as numbers; days as weeks from the first of them, which is given too."""
    try:
        return values.to_numpy(float), ""
    except (TypeError, ValueError):
        pass
    try:
        days = [date.fromisoformat(str(v)) for v in values]
    except ValueError:
        return None, ""
    first = min(days)
    return np.array([(d - first).days / 7.0 for d in days]), first.isoformat()


def turnings(found: Harm, results: Results) -> list[tuple[Curve, Turning]]:
    """Return every lever of an experiment that can turn, and where harm does along it."""
    if len(found.units) < FEWEST_UNITS:
        return []
    return [
        (curve, locate(curve.x, found.units[:, [found.schedules.index(s) for s in curve.schedules]]))
        for curve in curves(results)
    ]


def table(located: Sequence[tuple[Curve, Turning]]) -> pd.DataFrame:
    """Return what was located as a table, one row a curve."""
    return pd.DataFrame(
        [
            {
                "lever": c.lever,
                "of": c.fixed,
                "first_day": c.first_day,
                "told": t.told,
                "p_value": t.p_value,
                "step_from": t.step[0],
                "step_to": t.step[1],
                "within_low": t.step_range[0],
                "within_high": t.step_range[1],
                "size": t.size,
                "size_low": t.size_range[0],
                "size_high": t.size_range[1],
                "bend": t.bend,
                "bend_low": t.bend_range[0],
                "bend_high": t.bend_range[1],
            }
            for c, t in located
        ]
    )
