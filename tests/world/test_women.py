from __future__ import annotations

import numpy as np
import pytest
from worlds import small, world_of

from sim.week import week
from sim.world.harm import report, report_each
from sim.world.state import ARMED_GROUPS, CRIMINALS, KILLED, SEXUAL_VIOLENCE, World


def patrolled(women: float, **parameters: float) -> World:
    case = small()
    units = (case.units[1].model_copy(update={"women": women}),)  # in beta, some hours from the others
    world = world_of(small(units=units), **parameters)
    week(world, 0)
    return world


def test_patrols_with_women_hear_more() -> None:
    none, half, all_ = (patrolled(w, women_listening=0.5) for w in (0.0, 0.5, 1.0))
    plain = 1.0 - none.communities["un_deaf"]
    assert 0.0 < plain[0] < 0.6 < plain[3]  # in alpha, hours away, and at the base in beta
    assert 1.5 * plain[3] > 1.0
    for world, women in ((half, 0.5), (all_, 1.0)):
        heard = min(1.0, (1.0 + 0.5 * women) * plain[3])  # nobody hears more than all
        assert 1.0 - world.communities["un_deaf"] == pytest.approx(plain * heard / plain[3])
        assert world.districts["un_women"] == pytest.approx(women * world.districts["un_patrols"])


def recorded(women: float, victims: tuple[int, ...], **parameters: float) -> np.ndarray:
    world = patrolled(women, record_delay=1.0, **parameters)
    world.pending[:] = 0
    world.districts[0].un_presence = 1.0
    for draw in range(400):
        world.keys[0] = np.uint64(draw + 1)
        report(world, 0, 0, ARMED_GROUPS, victims, 0)
        report_each(world, 0, 0, CRIMINALS, victims, 1)
    return world.pending.sum(axis=(0, 1))


def test_more_of_sexual_violence_is_recorded_and_nothing_else() -> None:
    low = {"record_un": 0.2, "record_media": 0.1, "record_urban": 0.0}
    victims = (1, 0, 0, 4)
    without, with_women = recorded(0.0, victims, **low), recorded(1.0, victims, women_record=0.6, **low)
    for who in (ARMED_GROUPS, CRIMINALS):
        assert with_women[who, KILLED] == without[who, KILLED] > 0
        assert with_women[who, SEXUAL_VIOLENCE] > 1.5 * without[who, SEXUAL_VIOLENCE] > 0
    assert (recorded(1.0, (1, 2, 3, 0), women_record=0.6, **low) == recorded(0.0, (1, 2, 3, 0), **low)).all()
