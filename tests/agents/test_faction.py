from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import START, group, rates, row, small, world_of

from sim.agents import faction
from sim.agents.armed_group import TABLE
from sim.scenario.schema import Programme
from sim.week import week
from sim.world.district import TABLE as DISTRICTS


def test_a_group_from_abroad_enters_on_its_day_and_nobody_is_made_of_nothing() -> None:
    late = group("Late", "beta", enters=START + timedelta(weeks=6))
    case = small(20, armed_groups=(group("Front", "alpha"), late))
    model = case.model("none")
    for number in range(12):
        model.step()
        there = model.world.armed_groups[1].fighters
        assert (there > 0) == (number >= 6), number
        assert model.census() == model.people_at_start


def test_groups_that_lose_cross_the_border_and_come_back() -> None:
    case = small(120, armed_groups=(group("Exiles", "beta"),), state_forces=()).with_parameters(
        cross_rate=0.1, sanctuary_weeks=4.0
    )
    model = case.model("none")
    away = []
    for _ in range(120):
        model.world.armed_groups[0].hurt = 1.0
        model.step()
        away.append(model.world.armed_groups[0].away > 0)
    assert 0.1 < np.mean(away) < 0.9
    assert model.census() == model.people_at_start
    inland = small(60, armed_groups=(group("Front", "alpha"),)).with_parameters(cross_rate=0.1).model("none")
    for _ in range(60):
        inland.world.armed_groups[0].hurt = 1.0
        inland.step()
        assert inland.world.armed_groups[0].away == 0


def test_large_groups_that_lose_split_more_and_abuse_by_the_state_holds_them_together() -> None:
    p = rates()

    def likely(fighters: int = 200, hurt: float = 0.0, abuse: float = 0.0) -> float:
        return faction.split_chance(row(TABLE, fighters=fighters, hurt=hurt), abuse, p)

    assert likely(hurt=0.5) == pytest.approx(likely() / p.splinter_calm)
    assert likely(hurt=0.9) == likely(hurt=0.5)
    assert likely(fighters=2000) > 1.5 * likely()
    assert likely(abuse=2.0) == pytest.approx(likely() * np.exp(-2.0 * p.splinter_abuse))


def test_losses_and_places_bring_groups_forward_and_a_wish_to_rule_holds_them() -> None:
    p = rates()
    here = row(DISTRICTS, worth=0.5, state_control=1.0)

    def likely(places: float = 500.0, **values: float) -> float:
        return faction.demobilise_chance(row(TABLE, **({"fighters": 200} | values)), here, places, p)

    assert likely() == pytest.approx(0.5, abs=1e-6)  # no income, no losses, no wish to rule
    assert likely(hurt=0.5) > likely() > likely(aim_rule=1.0)
    assert likely(control=0.5) < likely()
    assert likely(places=50.0) < likely()
    assert likely(places=0.0) == 0.0


def test_groups_form_where_people_are_angry_the_state_is_away_and_land_conceals() -> None:
    p = rates()
    wild, seen = (row(DISTRICTS, anger=1.0, concealment=1.0, state_presence=s) for s in (0.0, 0.5))
    assert faction.onset_chance(wild, p) == pytest.approx(4 * p.onset_rate)
    assert faction.onset_chance(seen, p) == pytest.approx(2 * p.onset_rate)
    calm, bare = row(DISTRICTS, concealment=1.0), row(DISTRICTS, anger=1.0)
    assert faction.onset_chance(calm, p) == faction.onset_chance(bare, p) == 0.0


def test_a_split_divides_what_the_group_has() -> None:
    case = small(40, armed_groups=(group("Front", "alpha", fighters=900, fighters_high=1000),))
    model = case.model("none", seed=3, events=True)
    model.world.parameters["splinter_rate"], model.world.parameters["splinter_calm"] = 0.1, 1.0
    for _ in range(40):
        before = model.world.armed_groups.copy()
        model.step()
        t = model.world.armed_groups
        new = np.flatnonzero((before["spare"] == 1) & (t["spare"] == 0))
        if len(new):
            break
    else:
        pytest.fail("no group split")
    n = new[0]
    assert t[n].fighters > 0
    assert t[n].faction != t[0].faction
    assert t["control"].sum() <= before["control"].sum() + 0.2
    assert np.array_equal(model.world.beliefs[n], model.world.beliefs[0])
    assert np.array_equal(model.world.held[n], model.world.held[0])
    assert "group splits" in set(model.events()["kind"])
    assert model.census() == model.people_at_start


@given(st.integers(0, 2**32), st.integers(20, 5000), st.floats(0, 5000), st.floats(0, 1), st.floats(0, 1))
def test_a_split_makes_nobody_and_nothing(
    key: int, fighters: int, rest: float, control: float, hold: float
) -> None:
    groups = TABLE.empty(2)
    groups["spare"] = (0, 1)
    front = groups[0]
    front.fighters, front.rest, front.control, front.hold = fighters, rest, control, hold
    front.outside_supply, front.abusiveness = 100.0, 0.7
    world = world_of(small(armed_groups=(group("Front", "alpha"),)))._replace(armed_groups=groups)
    world.keys[0] = np.uint64(key)
    world.parameters["splinter_rate"], world.parameters["splinter_calm"] = 1e6, 1.0  # it will
    faction.split(world, 0)
    assert groups["fighters"].sum() == fighters
    for name, total in (("rest", rest), ("control", control), ("hold", hold), ("outside_supply", 100.0)):
        assert groups[name].sum() == pytest.approx(total)
    if groups[1].fighters > 0:
        part = groups[1].outside_supply / 100.0
        assert groups[1].fighters == int(part * fighters)
        assert groups[1].rest == pytest.approx(part * rest)
        assert groups[1].hold == pytest.approx(part * hold)
        assert groups[1].abusiveness == 0.7
    else:
        assert groups[1].spare == 1


@pytest.mark.parametrize("together", [True, False])
def test_who_joins_another_group_brings_its_people_and_what_it_could_keep(together: bool) -> None:
    groups = (
        group("Big", "alpha", faction="A", fighters_low=900, fighters=900, fighters_high=900, control=0.3),
        group(
            "Tiny", "alpha" if together else "beta", faction="A", fighters_low=8, fighters=8, fighters_high=8
        ),
    )
    world = world_of(small(armed_groups=groups))
    week(world, 0)
    t = world.armed_groups
    t["fighters"][:2], t["rest"][:2], t["hold"][:2], t["control"][:2] = (
        (900, 8),
        (800.0, 9.0),
        (0.3, 0.2),
        (0.3, 0.2),
    )
    world.parameters["merge_rate"] = 1e6
    assert faction.merge(world, 1)
    assert t["fighters"][:2].tolist() == [908, 0]
    assert t["rest"][:2].tolist() == [809.0, 0.0]  # so that it does not form again
    ground = 0.5 if together else 0.3
    assert t["hold"][:2] == pytest.approx([ground, 0.0])
    assert t["control"][:2] == pytest.approx([ground, 0.0])


def test_tiny_groups_join_their_kin_and_nobody_else() -> None:
    def left(kin: bool) -> int:
        groups = (
            group("Big", "alpha", faction="A", fighters=900, fighters_high=1000),
            group("Tiny", "alpha", faction="A" if kin else "B", fighters_low=5, fighters=8, fighters_high=9),
        )
        case = small(150, armed_groups=groups, state_forces=()).with_parameters(merge_rate=0.05)
        case = case.without("recruitment", "contests", "remobilisation")
        model = case.model("none", events=True).run()
        assert model.census() == model.people_at_start
        return int((model.events()["kind"] == "group joins another").sum())

    assert left(True) == 1
    assert left(False) == 0


def test_fighters_demobilise_only_where_a_programme_has_places() -> None:
    def demobilised(places: int, **values: float) -> int:
        case = small(80, armed_groups=(group("Front", "alpha", aim_rule=0.0, aim_rent=0.0),))
        header = case.header.model_copy(
            update={
                "ddr": Programme(start=START, places=places),
                "people": case.header.people.model_copy(update={"ex_combatants": 0}),
            }
        )
        case = replace(case, header=header).with_parameters(demobilise_value=3.0, **values)
        model = case.model("none").run()
        assert model.census() == model.people_at_start
        return int(model.world.ledger[0].demobilised)

    assert demobilised(0) == 0
    some = demobilised(50)
    assert some > 0
    assert demobilised(500) > some


def test_no_group_that_stands_with_the_government_fights_it() -> None:
    allies = (group("Allies", "alpha", kind="pro-government", aim_rule=1.0),)
    case = small(60, armed_groups=allies).without("crowding-out")
    model = case.model("none", events=True).run()
    kinds = model.events()["kind"]
    assert "offensive" not in set(kinds)
    assert "clash" not in set(kinds)


def angry(**changes: object):
    """Return a small case where everybody is angry and the state has no soldiers."""
    case = small(100, armed_groups=(group("Far", "gamma"),), state_forces=(), **changes)
    return case.with_parameters(onset_rate=0.02, grievance_fade=0.001)


def test_groups_form_where_people_are_angry_and_land_conceals_and_nobody_is_made_of_nothing() -> None:
    def formed(grievance: float, concealment: float) -> int:
        model = angry().model("none", seed=2)
        model.world.communities["grievance"] = grievance
        model.world.districts["concealment"] = concealment
        model.world.districts["concealment"][2] = 0.0
        model.world.parameters["recruit_rate"] = 0.0
        for _ in range(100):
            model.step()
        assert model.census() == model.people_at_start
        return int((model.world.armed_groups["spare"] == 0).sum()) - 1

    assert formed(1.0, 1.0) >= 1
    assert formed(0.0, 1.0) == 0
    assert formed(1.0, 0.0) == 0


def test_a_new_group_begins_small_at_home_and_takes_former_fighters_first() -> None:
    world = world_of(angry().with_parameters(onset_rate=0.02))
    world.communities["grievance"] = 1.0
    world.communities["ex_combatants"] = 20
    world.districts["anger"] = 1.0
    world.districts["concealment"] = 1.0
    world.districts["state_presence"] = 0.0
    residents = world.communities["residents"].copy()
    for _ in range(2000):
        world.keys[0] += np.uint64(1)
        faction.emerge(world, 0)
        if world.armed_groups[1].fighters > 0:
            break
    t = world.armed_groups[1]
    assert 20 < t.fighters < 120
    assert (t.district, t.rootedness, t.spare) == (0, 1.0, 0)
    assert (t.rest, t.hold) == (t.fighters, 0.0)
    assert (world.held[1]["detect_yes"] == 0.0).all()
    home = int(np.argmax(residents - world.communities["residents"]))
    assert residents[home] - world.communities[home].residents == t.fighters
    assert world.communities[home].ex_combatants == 0
    assert world.ledger[0].remobilised == 20


def test_where_no_row_is_free_no_group_forms() -> None:
    world = world_of(angry())
    world.armed_groups["spare"] = 0
    world.communities["grievance"] = 1.0
    world.districts["concealment"] = 1.0
    people = world.communities["residents"].sum()
    for _ in range(300):
        world.keys[0] += np.uint64(1)
        faction.emerge(world, 0)
    assert world.communities["residents"].sum() == people
