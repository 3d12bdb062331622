"""What a schedule's harm would be if one thing were different: a mechanism off, a rival rule, another value.

For a design of kind "one-at-a-time", in which every point but the first differs from it in one thing and all
points meet the same chance: replicate r of one is matched with replicate r of the other, so that the change
is a paired difference.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.intervals import holm, mean_interval, p_value
from sim.study.experiments.decide import Harm
from sim.study.experiments.design import points
from sim.study.experiments.experiment import Experiment
from sim.study.experiments.store import Results


def changes(results: Results, found: Harm, schedule: str) -> pd.DataFrame:
    """Return how one schedule's harm changes with each thing that is different, the largest change first.

    Columns: factor, value (what it is instead), harm (mean with it so), change (from the harm at the first
    point, mean over replicates), low, high (its 95 % interval), p_value, and clear: whether it holds among
    all changes together (Holm). Raises `ValueError` for another design, or points with chance of their own.
    """
    asked = Experiment.model_validate(results.provenance["experiment"])
    kind = asked.design.kind
    if kind != "one-at-a-time":
        raise ValueError(
            f"in a design of kind {kind!r} several things differ between points; use 'one-at-a-time'"
        )
    if asked.own_chance:
        raise ValueError("points have chance of their own, so that they are not matched; drop chance = 'own'")
    own = found.values[:, :, found.schedules.index(schedule)]
    rows = []
    for point, (differs, harm) in enumerate(zip(points(asked), own, strict=True)):
        if point == 0:
            continue
        ((factor, value),) = differs.items()
        change = harm - own[0]
        change = change[~np.isnan(change)]
        low, high = mean_interval(change)
        rows.append(
            {
                "factor": factor.removeprefix("switch_"), "value": value, "harm": float(np.nanmean(harm)),
                "change": float(change.mean()), "low": low, "high": high, "p_value": p_value(change),
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    if len(frame):
        frame["clear"] = holm(frame["p_value"].to_numpy())
        frame = frame.sort_values("change", key=lambda c: -c.abs(), kind="stable", ignore_index=True)
    return frame


def main_effects(results: Results, found: Harm, schedule: str) -> pd.DataFrame:
    """Return how one schedule's harm changes over a grid: each factor from its lowest value to its highest.

    Averaged over all points that are equal in every other factor, replicate by replicate. Columns: factor,
    given (empty, or another factor), low_value, high_value, change, low, high (its 95 % interval), p_value
    and clear (among all rows together, Holm). A row with `given` is an interaction: the change with the other
    factor at its highest value less that at its lowest. If both factors do good and the change is above zero,
    one makes up for the other. Words are taken in their order in the file. Raises `ValueError` for another
    design, or points with chance of their own.
    """
    asked = Experiment.model_validate(results.provenance["experiment"])
    if asked.design.kind != "grid" or asked.own_chance:
        raise ValueError("main effects are those of a grid whose points meet the same chance")
    at = pd.DataFrame(points(asked))
    own = found.values[:, :, found.schedules.index(schedule)]
    ends = {name: (values[0], values[-1]) for name in at if len(values := list(dict.fromkeys(at[name]))) > 1}

    def mean(**where: object) -> np.ndarray:
        rows = np.logical_and.reduce([at[name] == value for name, value in where.items()])
        return own[rows].mean(axis=0)  # type: ignore[no-any-return]

    rows = []
    for name, (low, high) in ends.items():
        change = mean(**{name: high}) - mean(**{name: low})
        rows.append(_row(name, "", low, high, change))
    for i, name in enumerate(ends):
        for other in list(ends)[i + 1 :]:
            by = [
                mean(**{name: ends[name][1], other: value}) - mean(**{name: ends[name][0], other: value})
                for value in ends[other]
            ]
            rows.append(_row(name, other, *ends[name], by[1] - by[0]))
    frame = pd.DataFrame(rows)
    if len(frame):
        frame["clear"] = holm(frame["p_value"].to_numpy())
    return frame


def _row(
    name: str, given: str, low_value: object, high_value: object, change: np.ndarray
) -> dict[str, object]:
    change = change[~np.isnan(change)]
    low, high = mean_interval(change)
    return {
        "factor": name.removeprefix("switch_"), "given": given.removeprefix("switch_"),
        "low_value": low_value, "high_value": high_value,
        "change": float(change.mean()), "low": low, "high": high, "p_value": p_value(change),
    }  # fmt: skip
