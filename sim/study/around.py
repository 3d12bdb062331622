"""Protection around closures: who provides it, week by week, before and after a base closes.

The shape of a physical security cliff. Everything is a sum over runs, so that blocks of replicates add up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

BEFORE = 13
"""Weeks before a closure that are kept."""
AFTER = 52
"""Weeks after it."""
LAGS = np.arange(-BEFORE, AFTER + 1)
"""Weeks from the closure."""
SERIES = ("un", "state", "un_matched", "state_matched")
"""Chance (0-1) that the UN meets an attack on civilians in the district, and that state forces meet one that
the UN does not: under the schedule, and in the matched world in which the bases stay. The first two add up to
`sim.measures.protection`."""

SHAPE = (len(LAGS), 1 + len(SERIES))
"""Lags and columns of `around`."""


def around(
    closing: pd.DataFrame,
    records: np.ndarray,
    counterfactual: np.ndarray,
    when: np.ndarray,
    bases: Sequence[str],
) -> np.ndarray:
    """Return sums over runs of protection around the closure of each base: float32 (bases, lags, 1 + series).

    `closing`, `when`: see `sim.measures.closures` and `sim.measures.realised`. The first column counts the
    runs in which the closure happened and the week lies within the run; the others are sums over these of
    `SERIES`.
    """
    weeks = records.shape[1]
    sums = np.zeros((len(bases), len(LAGS), 1 + len(SERIES)), np.float32)
    for n, (base, d) in enumerate(zip(closing["base"], closing["district"], strict=True)):
        own = sums[bases.index(base)]
        at = when[:, n, None] + LAGS  # (R, lags)
        inside = (when[:, n, None] >= 0) & (at >= 0) & (at < weeks)
        own[:, 0] += inside.sum(axis=0)
        row = np.arange(len(records))[:, None]
        column = np.clip(at, 0, weeks - 1)
        for k, world in enumerate((records, counterfactual)):
            un = world["un_met"][row, column, d].astype(np.float64)
            state = world["state_met"][row, column, d] * (1.0 - un)
            own[:, 1 + 2 * k] += np.where(inside, un, 0.0).sum(axis=0)
            own[:, 2 + 2 * k] += np.where(inside, state, 0.0).sum(axis=0)
    return sums


def table(
    sums: np.ndarray, schedules: Sequence[str], bases: Sequence[str], districts: Sequence[str]
) -> pd.DataFrame:
    """Return means over runs, one row a schedule, base that closes in any run, and week from its closure.

    `sums`: (S, bases, lags, 1 + series); `districts`: that of each base. Columns: schedule, base, district,
    week_from_closure, runs, and `SERIES` (0-1; NaN where no run got there).
    """
    s, b = np.nonzero(sums[..., 0].any(axis=2))
    found = sums[s, b].reshape(-1, 1 + len(SERIES))
    frame = pd.DataFrame(
        {
            "schedule": np.repeat(np.array(schedules, object)[s], len(LAGS)),
            "base": np.repeat(np.array(bases, object)[b], len(LAGS)),
            "district": np.repeat(np.array(districts, object)[b], len(LAGS)),
            "week_from_closure": np.tile(LAGS, len(s)),
            "runs": found[:, 0].astype(np.int64),
        }
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        for k, name in enumerate(SERIES):
            frame[name] = found[:, 1 + k] / found[:, 0]
    return frame
