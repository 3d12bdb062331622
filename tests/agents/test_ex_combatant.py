from __future__ import annotations

from dataclasses import replace

import pytest
from worlds import START, close, group, plan, rates, small, unit, world_of

from sim.agents import ex_combatant
from sim.scenario.schema import Money, People, Programme


def former(places: int, weeks: int = 100, people: int = 1000, **changes: object):
    case = small(weeks, armed_groups=(), **changes)
    header = case.header.model_copy(
        update={"people": People(ex_combatants=people), "ddr": Programme(start=START, places=places)}
    )
    return replace(case, header=header)


def test_former_fighters_are_residents_and_begin_as_many_as_the_case_says() -> None:
    world = world_of(former(0))
    assert world.communities["ex_combatants"].sum() == 1000
    assert (world.communities["ex_combatants"] <= world.communities["residents"]).all()


def left(case) -> int:
    model = case.model("none").run()
    assert model.census() == model.people_at_start
    return int(model.world.communities["ex_combatants"].sum())


def test_a_programme_brings_them_home_sooner_and_some_drift_back_without_one() -> None:
    with_programme, without = left(former(1000)), left(former(0))
    assert with_programme < 0.7 * without
    assert without < 1000
    assert left(former(0).without("reintegration")) == 1000


def test_places_shrink_once_the_mission_has_left() -> None:
    case = former(400, weeks=12, units=(unit("Post", "alpha"),), schedules={"p": plan("p", close("Post", 4))})
    money = Money(years_to_fall=0.05)
    case = replace(case, header=case.header.model_copy(update={"money": money}))
    model = case.model("p")
    model.step()
    model.step()
    before = model.world.programme[0].served
    for _ in range(9):
        model.step()
    assert model.world.programme[0].served < 0.7 * before


def test_groups_call_up_those_who_are_left_alone() -> None:
    def called(places: int) -> int:
        case = former(places, weeks=80, people=3000)
        case = replace(case, armed_groups=(group("Front", "alpha", fighters=900, fighters_high=1000),))
        case = case.with_parameters(remobilise_rate=0.02).without("demobilisation", "desertion")
        model = case.model("none").run()
        assert model.census() == model.people_at_start
        return int(model.world.ledger[0].remobilised)

    alone = called(0)
    assert alone > 20
    assert called(100_000) == 0


def test_a_place_in_the_programme_settles_former_fighters_sooner() -> None:
    p = rates()
    left, half, served = (ex_combatant.settled_share(share, p) for share in (0.0, 0.5, 1.0))
    assert (left, served) == pytest.approx((4 * p.drift_rate, 4 * p.reintegrate_rate))
    assert half == pytest.approx((left + served) / 2)
    assert ex_combatant.settled_share(1.0, rates(reintegrate_rate=0.4)) == 1.0
