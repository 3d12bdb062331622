"""Whether a measure has room to move: where all is a vacuum already, no closure can open another."""

from __future__ import annotations

import numpy as np

from sim.measures import in_vacuum

SATURATED = 0.5
"""Share of all district-weeks in a vacuum while every base stays, from which the measure is saturated."""


def vacuum_share(counterfactual: np.ndarray) -> float:
    """Return the share (0-1) of district-weeks in a security vacuum, from records (R, W, D) of `none`."""
    return float(in_vacuum(counterfactual).mean()) if counterfactual.size else 0.0


def saturated(counterfactual: np.ndarray) -> str:
    """Return what to say of a case most of which is a vacuum although every base stays, "" if it is not.

    `counterfactual`: records (R, W, D) of `none`.
    """
    share = vacuum_share(counterfactual)
    if share < SATURATED:
        return ""
    return (
        f"{share:.0%} of all district-weeks are in a security vacuum although every base stays: closures can "
        "hardly open more, so a small difference in vacuums says nothing here. Look at the killed and at "
        "cliffs, and whether bases protect anything (drawdown check)."
    )
