from __future__ import annotations

import numpy as np
import pytest
from worlds import small, world_of

from sim.world.codes import Posture
from sim.world.state import ALERT, ANSWER, ANSWER_MEAN, PATROL


def test_what_is_left_of_presence_falls_by_a_factor_e_over_the_reach() -> None:
    world = world_of(small(), patrol_reach=4.0, mobile_reach=2.0, alert_reach=8.0, answer_reach=6.0)
    k = world.near[0].tolist().index(1)  # four hours away in the dry season, six in the wet
    decay = world.decay[:, :, 0, k]
    assert decay[PATROL + Posture.STATIC] == pytest.approx(np.exp([-1.0, -1.5]))
    assert decay[PATROL + Posture.MOBILE] == pytest.approx(np.exp([-0.5, -0.75]))
    assert decay[ALERT] == pytest.approx(np.exp([-0.5, -0.75]))
    to_people = np.array([4.0, 6.0]) + world.districts[1].remoteness
    assert decay[ANSWER_MEAN] == pytest.approx(np.exp(-to_people / 6.0))
    assert (decay[ANSWER] > decay[ANSWER_MEAN]).all()
    assert (world.decay[PATROL, :, :, 0] == 1.0).all()  # at home nothing is lost
