from __future__ import annotations

import numpy as np
from worlds import group, relief, small, unit, world_of

from sim.agents import humanitarian
from sim.ensemble import Ensemble
from sim.week import week


def after_week_0(**changes: object):
    world = world_of(small(**changes))
    week(world, 0)
    return world


def test_access_needs_acceptance_and_calm() -> None:
    world = after_week_0()
    world.districts[0].danger = 0.0
    calm = humanitarian.access(world, 0)
    world.districts[0].danger = 3.0
    assert humanitarian.access(world, 0) < 0.2 * calm
    world.districts[0].danger = 0.0
    world.humanitarians[0].acceptance = 0.0
    assert humanitarian.access(world, 0) == 0.0


def test_work_stops_after_an_attack_and_comes_back() -> None:
    world = after_week_0()
    h = world.humanitarians
    h[0].suspended = 3
    for _ in range(3):
        humanitarian.deliver(world, 0)
        assert h[0].reached == 0.0
    assert h[0].suspended == 0
    world.armed_groups["choice"] = 0
    world.districts[0].aid_needed = 10_000.0
    world.districts[0].aid_delivered = 0.0
    humanitarian.deliver(world, 0)
    assert h[0].reached > 0


def records(units, groups, n: int = 15, **parameters: float):
    helpers = tuple(relief(f"{d} aid", d, staff=400) for d in ("alpha", "beta", "gamma"))
    case = small(80, units=units, armed_groups=groups, humanitarians=helpers)
    case = type(case)(**{**case.__dict__, "schedules": {}})
    return Ensemble(case.with_parameters(**parameters), "none").run(1, 0, n).records


def test_aid_is_attacked_where_armed_groups_prey_and_less_under_escort() -> None:
    groups = small().armed_groups
    assert records((), ())["aid_incidents"].sum() == 0
    alone = records((), groups, aid_incident_rate=0.2)["aid_incidents"].sum()
    guards = tuple(unit(f"{d} u", d, strength=20_000) for d in ("alpha", "beta", "gamma"))
    guarded = records(guards, groups, aid_incident_rate=0.2, escort=0.9)["aid_incidents"].sum()
    assert alone > 10
    assert guarded < 0.6 * alone


def test_diverted_aid_feeds_armed_groups() -> None:
    world = after_week_0(armed_groups=(group("Front", "alpha"),))
    world.parameters[0].aid_incident_rate = 0.2
    world.armed_groups[0].choice = 1
    world.armed_groups[0].supply = 0.0
    world.humanitarians[0].staff = 100_000
    world.humanitarians[0].acceptance = 1.0
    world.districts[0].danger = 0.0
    for _ in range(50):
        world.keys[0] += np.uint64(1)
        humanitarian.deliver(world, 0)
        if world.armed_groups[0].supply > 0:
            break
    assert world.armed_groups[0].supply > 0
    assert world.humanitarians[0].suspended > 0
    assert world.humanitarians[0].acceptance < 1.0


def test_monitors_see_more_than_relief_agencies_and_nothing_when_suspended() -> None:
    world = after_week_0()
    h = world.humanitarians
    h["district"], h["staff"], h["acceptance"], h["suspended"] = 0, 40, 1.0, 0
    world.districts[0].danger = 0.0
    seen = []
    for kind in (0, 1):
        world.districts[0].monitors = 0.0
        h[0].kind = kind
        humanitarian.report(world, 0)
        seen.append(float(world.districts[0].monitors))
    assert seen[1] > seen[0] > 0
    world.districts[0].monitors = 0.0
    h[0].suspended = 2
    humanitarian.report(world, 0)
    assert world.districts[0].monitors == 0.0
