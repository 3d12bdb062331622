from __future__ import annotations

import numpy as np
import pytest
from worlds import close, plan, rates, row, small, world_of

from sim import Scenario
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import rumour
from sim.world.district import TABLE as DISTRICTS
from sim.world.host import HOST
from sim.world.state import World


def quiet() -> World:
    """Return the small case in its first week, with no rumour anywhere and nothing to start one."""
    world = world_of(small())
    week(world, 0)
    world.districts["rumour"] = 0.0
    world.districts["rumour_near"] = 0.0
    world.districts["unexplained"] = 0.0
    world.communities["heard_un"] = 0
    world.districts["heard"] = 0
    return world


def test_without_a_cause_there_is_no_rumour() -> None:
    world = quiet()
    for d in range(3):
        rumour.hear(world, d)
        rumour.believe(world, d)
    assert (world.districts["rumour"] == 0.0).all()


def test_closures_that_nobody_explained_start_one_and_explained_ones_do_not() -> None:
    world = quiet()
    world.districts[0].closed = 1
    rumour.believe(world, 0)
    assert world.districts[0].rumour == 0.0
    world.districts[0].unexplained = 1.0
    rumour.believe(world, 0)
    assert world.districts[0].rumour == pytest.approx(world.parameters[0].rumour_closure)


def test_alerts_that_were_heard_in_vain_start_one_and_answered_ones_do_not() -> None:
    world = quiet()
    t = world.communities
    world.districts[0].heard = 1
    t[0].heard_un, t[0].answered_by = 1, 1
    rumour.believe(world, 0)
    assert world.districts[0].rumour == 0.0
    t[0].answered_by = 0
    rumour.believe(world, 0)
    assert world.districts[0].rumour == pytest.approx(world.parameters[0].rumour_failure / 3)


def test_the_step_of_a_rumour_needs_no_world() -> None:
    p = rates()
    free, gone, there = (
        row(HOST, media_freedom=m, mission_there=t) for m, t in ((1.0, 1), (0.0, 0), (0.0, 1))
    )
    here = row(DISTRICTS, end_community=4, rumour=0.5)
    spread = rumour.rumour_step(here, 0, there, p)
    assert spread == pytest.approx(0.5 * 0.5 * p.rumour_spread - 0.5 * p.rumour_fade)
    assert rumour.rumour_step(here, 0, gone, p) == pytest.approx(-0.5 * p.rumour_fade)
    assert rumour.rumour_step(here, 0, gone, p) < rumour.rumour_step(here, 0, free, p) < spread
    quiet_ = row(DISTRICTS, end_community=4)
    assert rumour.rumour_step(quiet_, 2, there, p) == pytest.approx(0.5 * p.rumour_failure)
    assert rumour.rumour_step(quiet_, 0, there, p) == 0.0


def after(weeks: int, **changes: float) -> np.ndarray:
    """Return the rumour in each district some weeks after half of alpha came to believe it."""
    world = quiet()
    world.districts[0].rumour = 0.5
    for name, value in changes.items():
        world.host[0][name] = value
    for _ in range(weeks):
        for d in range(3):
            rumour.hear(world, d)
        for d in range(3):
            rumour.believe(world, d)
    return np.array(world.districts["rumour"])


def test_it_spreads_to_neighbours_and_dies_out() -> None:
    soon, later = after(4), after(150)
    assert soon[0] > soon[1] > soon[2] > 0.0
    assert (later < 0.05).all()


def test_free_media_and_departure_of_the_mission_shorten_it() -> None:
    held = after(20, media_freedom=0.0)[0]
    assert after(20, media_freedom=1.0)[0] < 0.8 * held
    assert after(20, media_freedom=0.0, mission_there=0)[0] < 0.8 * held


def test_it_frightens_people_and_costs_the_mission_their_trust() -> None:
    changed = {}
    for believed in (0.0, 1.0):
        world = quiet()
        world.districts["rumour"] = believed
        world.parameters[0].rumour_fade = 0.0
        week(world, 1)
        changed[believed] = world.communities[["fear", "trust_un"]].copy()
    assert (changed[1.0]["fear"] > changed[0.0]["fear"]).all()
    assert (changed[1.0]["trust_un"] < changed[0.0]["trust_un"]).all()


def with_notice(weeks: int | None) -> Scenario:
    return small(60, schedules={"go": plan("go", close("Alpha post", 20, weeks))})


def test_notice_keeps_rumours_down_in_whole_runs() -> None:
    told, untold = (
        Ensemble(with_notice(weeks), "go").run(1, 0, 4).records["rumour"][:, 20:30, 0].mean()
        for weeks in (12, None)
    )
    assert told < 0.5 * untold
    assert untold > 0.1
