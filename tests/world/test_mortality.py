from __future__ import annotations

import numpy as np
import pytest
from worlds import camps, rates, row, small, world_of

from sim.ensemble import Ensemble
from sim.measures import METRIC
from sim.week import week
from sim.world import district, mortality
from sim.world.people import census
from sim.world.state import World


def starved(weeks: int, delivered: float, **parameters: float) -> World:
    """Let the second district live with a share of its need met, and nothing else happen."""
    world = world_of(camps(), **parameters)
    week(world, 0)
    d = world.districts
    d[1].deprivation = 0.0
    world.ledger[0].dead_of_need = 0
    for number in range(1, weeks + 1):
        world.clock[0].week = number
        world.keys[0] = np.uint64(number)
        d[1].aid_needed = float(d[1].hosted)
        d[1].aid_delivered = delivered * d[1].aid_needed
        mortality.die_of_need(world, 1)
    return world


def deprived(weeks: int, met: float, **parameters: float) -> float:
    """Return the deprivation of a district after weeks in which aid met a share of its need."""
    here = row(district.TABLE, aid_needed=1000.0, aid_delivered=met * 1000.0)
    p = rates(**parameters)
    for _ in range(weeks):
        mortality.deprive(here, False, p)
    return float(here.deprivation)


def test_deprivation_follows_unmet_need_with_a_delay() -> None:
    assert deprived(10, 0.0) == pytest.approx(1 - 0.9**10)
    assert deprived(200, 0.0) == pytest.approx(1.0)
    assert deprived(200, 0.75) == pytest.approx(0.25)
    assert deprived(200, 1.0) == pytest.approx(0.0)
    assert deprived(10, 0.0, deprivation_memory=20) < 0.5
    unchanged = row(district.TABLE, aid_needed=1000.0)
    mortality.deprive(unchanged, True, rates())
    assert unchanged.deprivation == 1.0  # in the first week it is as it long was


def test_the_rate_is_per_10000_a_day() -> None:
    assert mortality.excess_rate(1.0, 1.0) == pytest.approx(7 / 10_000)
    assert mortality.excess_rate(0.5, 2.0) == pytest.approx(7 / 10_000)
    assert mortality.excess_rate(0.0, 2.0) == 0.0
    # 20,000 displaced in full need for 200 weeks, after the first weeks' delay
    world = starved(200, 0.0, excess_mortality=0.5)
    expected = 0.5 * 2.0 * 7 * (200 - 10)
    assert world.ledger[0].dead_of_need == pytest.approx(expected, rel=0.12)
    assert starved(200, 1.0).ledger[0].dead_of_need == 0


def test_the_dead_of_want_leave_the_world_and_nobody_killed_them() -> None:
    world = world_of(camps(), excess_mortality=2.0)
    week(world, 0)
    people = census(world)
    killed = int(world.ledger[0].civilians_killed)
    dead = world.communities["dead"].copy()
    died = int(world.ledger[0].dead_of_need)
    alive = people_alive(world)
    world.communities["fear"] = 1.0
    for number in range(0, 40):
        world.clock[0].week = number
        world.keys[0] = np.uint64(number + 7)
        for d in range(3):
            world.districts[d].deprivation = 1.0
            world.districts[d].aid_needed = world.districts[d].hosted + 0.08 * world.districts[d].residents
            mortality.die_of_need(world, d)
    assert world.ledger[0].dead_of_need - died > 500
    assert alive - people_alive(world) == world.ledger[0].dead_of_need - died
    assert census(world) == people
    assert world.ledger[0].civilians_killed == killed
    assert (world.communities["dead"] == dead).all()
    assert (
        world.communities["residents"][-1] < world_of(camps()).communities["residents"][-1]
    )  # residents too
    assert (world.displaced.sum(axis=1) == world.communities["displaced"]).all()
    inside = np.bincount(world.sites["district"], world.sites["persons"], 3)
    assert (inside == world.districts["in_sites"]).all()
    assert (inside <= world.districts["hosted"]).all()


def people_alive(world: World) -> int:
    return int(world.communities["residents"].sum() + world.displaced.sum())


def test_aid_saves_lives_and_excess_deaths_are_no_killings() -> None:
    def runs(**parameters: float) -> np.ndarray:
        return Ensemble(camps(60).with_parameters(**parameters), "none").run(2, 0, 3).records

    much = runs(staff_reach=2000.0, excess_mortality=1.0)
    little = runs(staff_reach=150.0, excess_mortality=1.0)
    of = METRIC["excess_deaths"].of
    assert of(little).sum() > 1.3 * of(much).sum() > 0
    none = Ensemble(small(60).without("excess-mortality"), "none").run(2, 0, 4).records
    assert not none["excess_deaths"].any()
    killed = METRIC["killed"].of(little)
    little["excess_deaths"] += 1000
    assert (METRIC["killed"].of(little) == killed).all()
    assert (little["deprivation"] >= 0).all()
    assert (little["deprivation"] <= 1).all()
