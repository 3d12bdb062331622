"""Protection around closures: who provides it, week by week, before and after a base closes.

The shape of a physical security cliff. Everything is a sum over runs, so that blocks of replicates add up.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

BEFORE = 26
"""Weeks before a closure that are kept."""
AFTER = 78
"""Weeks after it."""
LAGS = np.arange(-BEFORE, AFTER + 1)
"""Weeks from the closure."""
SERIES = ("un", "state", "un_matched", "state_matched")
"""Chance (0-1) that the UN meets an attack on civilians in the district, and that state forces meet one that
the UN does not: under the schedule, and in the matched world in which the bases stay. The first two add up to
`sim.measures.protection`."""


def around(
    closing: pd.DataFrame, records: np.ndarray, counterfactual: np.ndarray, when: np.ndarray
) -> np.ndarray:
    """Return sums over runs of protection around each closure: float64 (closures, lags, 1 + series).

    `closing`, `when`: see `sim.measures.closures` and `sim.measures.realised`. The first column counts the
    runs in which the closure happened and the week lies within the run; the others are sums over these of
    `SERIES`.
    """
    weeks = records.shape[1]
    sums = np.zeros((len(closing), len(LAGS), 1 + len(SERIES)))
    for n, d in enumerate(closing["district"]):
        at = when[:, n, None] + LAGS  # (R, lags)
        inside = (when[:, n, None] >= 0) & (at >= 0) & (at < weeks)
        sums[n, :, 0] = inside.sum(axis=0)
        row = np.arange(len(records))[:, None]
        column = np.clip(at, 0, weeks - 1)
        for k, world in enumerate((records, counterfactual)):
            un = world["un_met"][row, column, d].astype(np.float64)
            state = world["state_met"][row, column, d] * (1.0 - un)
            sums[n, :, 1 + 2 * k] = np.where(inside, un, 0.0).sum(axis=0)
            sums[n, :, 2 + 2 * k] = np.where(inside, state, 0.0).sum(axis=0)
    return sums


def table(closing: pd.DataFrame, sums: np.ndarray) -> pd.DataFrame:
    """Return means over runs, one row a closure and week from it.

    Columns: base, district (row), week_from_closure, runs, and `SERIES` (0-1; NaN where no run got there).
    """
    frame = pd.DataFrame(
        {
            "base": np.repeat(closing["base"].to_numpy(), len(LAGS)),
            "district": np.repeat(closing["district"].to_numpy(), len(LAGS)),
            "week_from_closure": np.tile(LAGS, len(closing)),
            "runs": sums[:, :, 0].astype(np.int64).reshape(-1),
        }
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        for k, name in enumerate(SERIES):
            frame[name] = (sums[:, :, 1 + k] / sums[:, :, 0]).reshape(-1)
    return frame
