from __future__ import annotations

from datetime import timedelta

from worlds import START, close, plan, small, unit, world_of

from sim import Action
from sim.build import build
from sim.scenario.case import shrink
from sim.week import week
from sim.world.mission.actions import MOVE_ON


def week_of(n: int):
    return START + timedelta(weeks=n)


def test_reduce_keeps_the_base_open_with_fewer_troops() -> None:
    cut = Action(do="reduce", base="Beta post", on=week_of(5), to=100)
    case = small(20).with_schedule(plan("cut", cut))
    world = world_of(case, "cut")
    for number in range(8):
        week(world, number)
        assert world.districts[1].un_troops == (400 if number < 5 else 100)


def test_reduce_spreads_over_the_units_of_a_base() -> None:
    assert shrink({"a": 100, "b": 300}, 200) == {"a": 50, "b": 150}
    assert sum(shrink({"a": 1, "b": 1, "c": 1}, 2).values()) == 2
    assert shrink({"a": 5}, 9) == {"a": 5}
    assert shrink({"a": 5, "b": 3}, 0) == {"a": 0, "b": 0}


def test_end_of_mission_closes_everything_and_opens_nothing_more() -> None:
    units = (
        unit("Alpha post", "alpha"),
        unit("Later", "beta", opens=week_of(10)),
        unit("Reserve", "gamma", opens="scheduled"),
    )
    end = Action(do="end-mission", on=week_of(6))
    world = world_of(small(20, units=units).with_schedule(plan("end", end)), "end")
    for number in range(15):
        week(world, number)
        assert (world.districts["un_troops"].sum() > 0) == (number < 6)


def test_a_scheduled_unit_opens_only_where_the_schedule_says_so() -> None:
    units = (unit("Alpha post", "alpha"), unit("Reserve", "gamma", opens="scheduled"))
    opening = Action(do="open", unit="Reserve", on=week_of(4))
    case = small(12, units=units).with_schedule(plan("send", opening))
    for name, comes in (("send", True), ("none", False)):
        world = world_of(case, name)
        for number in range(10):
            week(world, number)
            assert (world.districts[2].un_troops > 0) == (comes and number >= 4)


def test_a_base_with_two_units_closes_once() -> None:
    units = (unit("one", "alpha", base="Camp"), unit("two", "alpha", base="Camp"))
    case = small(12, units=units, schedules={}).with_schedule(plan("shut", close("Camp", 3)))
    world, _ = build(case, "shut")
    assert len(world.schedule) == 2
    assert world.schedule["at_base"].tolist() == [0, 0]
    world = world_of(case, "shut")
    for number in range(4):
        week(world, number)
    assert world.districts[0].closed == 1
    assert world.districts[0].unexplained == 1.0


def test_closing_later_than_moving_on_does_nothing_more() -> None:
    units = (unit("Alpha post", "alpha", until=week_of(5)), unit("Beta post", "beta"))
    case = small(12, units=units, schedules={})
    world = world_of(case)
    for number in range(9):
        week(world, number)
        assert (world.districts[0].un_troops > 0) == (number <= 5)
    table, _ = build(case, "none")
    assert table.schedule["action"].tolist() == [MOVE_ON]
