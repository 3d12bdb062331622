from __future__ import annotations

import numpy as np
from worlds import row

from sim import chance
from sim.agents.community import TABLE
from sim.scenario.schema import District
from sim.world import alert, district
from sim.world.codes import Answer


def test_the_first_to_arrive_answers_and_time_won_by_a_warning_counts() -> None:
    called = row(TABLE, arrival=np.inf, lead=2.0)
    assert alert.arrive(called, 7.0, Answer.STATE)
    assert (called.arrival, called.answered_by) == (5.0, Answer.STATE)
    assert not alert.arrive(called, 7.0, Answer.UN)  # as late as the other
    assert called.answered_by == Answer.STATE
    assert alert.arrive(called, 1.0, Answer.UN)
    assert (called.arrival, called.answered_by) == (0.0, Answer.UN)  # before it began


def test_no_two_alerts_of_a_week_share_a_draw() -> None:
    most = next(m.le for m in District.model_fields["communities"].metadata if hasattr(m, "le"))
    assert most <= alert.ALERTS
    draws = []
    first = 0
    for d in range(3):
        here = row(district.TABLE, first_community=first)
        for c in range(first, first + most):
            draws += [alert.alert_draw(here, d, c) + which for which in chance.Answer]
        first += most
    assert len(set(draws)) == len(draws)
