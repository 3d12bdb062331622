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
