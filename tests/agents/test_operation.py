from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import army, district, group, rates, row, small, world_of

from sim.agents import operation
from sim.agents.campaign import TABLE as FACTIONS
from sim.scenario.case import Scenario
from sim.world.district import TABLE as DISTRICTS
from sim.world.state import World


def here(**values: float) -> np.record:
    """Return a district of which the state knows much."""
    return row(DISTRICTS, **({"known_to_state": 2.0} | values))


def test_an_army_acts_where_it_can_mass_force_knows_of_a_threat_and_the_group_is_worth_it() -> None:
    p = rates(operation_rate=1.0)

    def likely(massed: float = 500.0, fighters: float = 300.0, **values: float) -> float:
        return float(operation.operation_chance(here(**values), massed, fighters, 0.0, p))

    usual = likely()
    assert 0.0 < usual < 1.0
    assert likely(massed=2000.0) > usual > likely(massed=50.0) > likely(massed=0.0) == 0.0
    assert likely(known_to_state=8.0) > usual > likely(known_to_state=0.0) == 0.0
    assert likely(concealment=1.0) < usual
    assert likely(fighters=20.0, massed=33.0) < usual  # at the same odds


def test_peacekeepers_who_look_on_hold_it_back_unless_they_are_tied_to_the_government() -> None:
    p = rates()
    alone = operation.restrained(here(), 0.0, p)
    few, many = (operation.restrained(here(un_troops=n), 0.0, p) for n in (100, 2000))
    assert alone == 0.0 < few < many <= p.operation_watched
    assert operation.restrained(here(un_presence=1.0), 0.0, p) == pytest.approx(p.operation_watched)
    assert operation.restrained(here(un_troops=2000), 1.0, p) == 0.0


def test_harm_rises_with_the_square_of_indiscipline_and_where_nobody_informs() -> None:
    p = rates()
    trusted = here(trust_state=1.0)

    def harm(place: np.record, unruly: float) -> float:
        return float(operation.harm_rate(place, unruly, 0.0, p))

    assert harm(trusted, 0.0) == 0.0
    assert harm(trusted, 0.8) == pytest.approx(4 * harm(trusted, 0.4))
    assert harm(here(trust_state=0.0), 0.4) > harm(trusted, 0.4)
    assert harm(here(trust_state=1.0, group_control=1.0), 0.4) > harm(trusted, 0.4)
    assert harm(here(monitors=1.0), 0.4) < harm(here(), 0.4)


def at_war(**changes: object) -> Scenario:
    """Return three districts with a large group in the first, and armies in the first two."""
    parameters = {
        "operation_rate": 3.0, "operation_known": 0.05, "operation_size": 50.0, "operation_harm": 4.0,
        "operation_pressure": 1.0, "operation_watched": 0.0, "operation_displaces": 0.0,
        "unpursued_tempo": 1.0, "pursued_tempo": 1.0, "command_spread": 0.0,
    }  # fmt: skip
    case = small(
        60,
        units=(),
        schedules={},
        armed_groups=(group("Front", "alpha", fighters_low=400, fighters=500, fighters_high=600),),
        state_forces=(
            army("1st", "alpha", personnel_low=900, personnel=900, personnel_high=900, discipline=0.1),
            army("2nd", "beta", personnel_low=900, personnel=900, personnel_high=900, discipline=0.1),
        ),
    )
    return replace(case, **changes).with_parameters(**parameters)


def fought(case: Scenario, replicates: int = 30, **parameters: float) -> list[World]:
    """Return worlds in which the army of the first district has just weighed an operation."""
    worlds = []
    for r in range(replicates):
        model = case.with_parameters(**parameters).model("none", replicate=r)
        for _ in range(2):
            model.step()
        world = model.world
        world.districts[0].known_to_state = 20.0
        world.districts[0].operations = 0
        world.districts[0].killed_in_operations = 0
        world.clock[0].week = 13
        operation.operate(world, 0)
        worlds.append(world)
    return worlds


def test_an_operation_costs_the_group_ground_and_men_and_civilians_lives() -> None:
    worlds = [w for w in fought(at_war()) if w.districts[0].operations]
    assert len(worlds) > 15
    for world in worlds:
        assert world.armed_groups[0].pressed == 1.0
        assert 0.0 < world.districts[1].away < 1.0  # its neighbours' men are away
        assert world.districts[2].away == 0.0 or world.districts[2].soldiers == 0
    assert sum(int(w.districts[0].killed_in_operations) for w in worlds) > 0
    assert sum(int(w.ledger[0].fighters_killed) for w in worlds) > 0
    disciplined = [w for w in fought(at_war(), operation_harm=0.0) if w.districts[0].operations]
    assert sum(int(w.districts[0].killed_in_operations) for w in disciplined) == 0


def test_peacekeepers_in_the_district_prevent_most_operations() -> None:
    def number(troops: int) -> int:
        case = at_war()
        n = 0
        for r in range(40):
            world = world_of(case, replicate=r, operation_watched=1.0, operation_troops=50.0)
            operations_of(world, troops)
            n += int(world.districts[0].operations)
        return n

    def operations_of(world: World, troops: int) -> None:
        world.districts[0].first_unit = 0
        world.state_forces[0].next_unit = -1
        world.districts[0].first_group = 0
        world.districts[0].known_to_state = 20.0
        world.districts[0].un_troops = troops
        world.clock[0].week = 13
        operation.operate(world, 0)

    alone = number(0)
    assert alone > 10
    assert number(1000) < alone / 3


def test_a_beaten_group_may_withdraw_next_door_and_nobody_is_lost() -> None:
    case = at_war(districts=(*small().districts[:1], *(district(n) for n in ("beta", "gamma"))))
    worlds = fought(case, operation_displaces=0.5)
    moved = [w for w in worlds if w.armed_groups[0].district != 0]
    assert moved
    assert all(w.armed_groups[0].district == 1 for w in moved)  # the only district next door
    assert all(0.0 <= w.armed_groups[0].control <= w.parameters[0].foothold for w in moved)


def test_soldiers_and_gendarmes_fight_whatever_their_will_and_police_do_not() -> None:
    def strength(force: str, **changes: object) -> float:
        case = at_war(state_forces=(army("1st", "alpha", **{"force": force, **changes}),))
        world = world_of(case)
        world.districts[0].first_unit = 0
        world.state_forces[0].next_unit = -1
        return float(operation.army(world, 0).strength)

    assert strength("army", will=0.1) == strength("gendarmerie", will=0.1) == strength("army", will=1.0) > 0.0
    assert strength("police") == strength("protection") == 0.0


def test_without_operations_none_happens_and_the_posts_keep_their_men() -> None:
    model = at_war().without("operations").model("none").run()
    record = np.asarray(model.world.record)
    assert record["operations"].sum() == record["killed_in_operations"].sum() == 0
    assert not model.world.districts.away.any()


def test_a_campaign_begins_against_those_of_whom_much_is_known_and_ends_as_nothing_is_heard() -> None:
    p = rates()

    def changes(**values: float) -> float:
        one = row(FACTIONS, **({"fighters": 400, "known": 200.0} | values))
        return float(operation.pursuit_changes(one, p))

    assert changes(known=0.0) == 0.0
    assert changes(known=400.0) == pytest.approx(2 * changes())
    assert changes(fighters=40, known=20.0) < changes() < changes(fighters=4000, known=2000.0) < p.pursue_rate
    assert changes(pursued=1, known=0.0) == pytest.approx(p.pursue_ends)
    assert changes(pursued=1, known=400.0) == 0.0


def test_the_army_pursues_some_and_lets_the_others_be_and_its_friends_always() -> None:
    def operations(pursued: int) -> int:
        n = 0
        for r in range(40):
            world = world_of(at_war(), replicate=r, pursued_tempo=2.0, unpursued_tempo=0.0)
            world.districts[0].first_unit = 0
            world.state_forces[0].next_unit = -1
            world.districts[0].first_group = 0
            world.districts[0].known_to_state = 20.0
            world.factions[world.armed_groups[0].faction].pursued = pursued
            world.clock[0].week = 13
            operation.operate(world, 0)
            n += int(world.districts[0].operations)
        return n

    assert operations(0) == 0 < operations(1)

    def ever_pursued(kind: str) -> bool:
        front = group("Front", "alpha", kind=kind, fighters_low=400, fighters=500, fighters_high=600)
        model = (
            at_war(armed_groups=(front,)).with_parameters(pursue_rate=0.1, operation_known=0.05).model("none")
        )
        for _ in range(40):
            model.step()
            if model.world.factions["pursued"].any():
                return True
        return False

    assert ever_pursued("rebel")
    assert not ever_pursued("pro-government")
