from __future__ import annotations

import numpy as np
import pytest

from sim.study.saturation import saturated, vacuum_share
from sim.world import record


@pytest.mark.parametrize(("open_", "share"), [(0, 0.0), (1, 0.25), (2, 0.5), (4, 1.0)])
def test_a_case_that_is_mostly_a_vacuum_is_said_to_be(open_: int, share: float) -> None:
    records = record.TABLE.empty(10, 4)[None]
    records["deterred"] = 1
    records["armed"] = 100
    records["deterred"][:, :, :open_] = 0
    assert vacuum_share(records) == share
    assert (f"{share:.0%} of all district-weeks" in saturated(records)) == (share >= 0.5)


def test_nothing_is_said_of_no_runs() -> None:
    assert saturated(np.zeros((0, 10, 4), record.TABLE.empty(1, 1).dtype)) == ""
