from __future__ import annotations

import numpy as np
from worlds import small, world_of

from sim.week import clear, week


def test_a_week_begins_with_a_clean_sheet() -> None:
    world = world_of(small())
    week(world, 0)
    world.communities["raider"] = 0
    world.districts["attacks"] = 3
    world.communities["arrival"] = 1.0
    clear(world)
    assert (world.communities["raider"] == -1).all()
    assert (world.districts["attacks"] == 0).all()
    assert np.isinf(world.communities["arrival"]).all()
