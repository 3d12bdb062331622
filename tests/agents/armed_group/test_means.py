from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import group, rates, row, small, world_of

from sim import Scenario
from sim.agents.armed_group import TABLE, means
from sim.agents.campaign import TABLE as FACTIONS
from sim.agents.community import TABLE as COMMUNITIES
from sim.ensemble import Ensemble
from sim.week import week
from sim.world.attack import attack
from sim.world.codes import Choice, Mode, Standing
from sim.world.district import TABLE as DISTRICTS
from sim.world.state import World

UNBACKED, BACKED = row(FACTIONS, backed=0), row(FACTIONS, backed=1)


def test_a_week_eats_a_week_and_stores_what_is_left_over() -> None:
    p = rates()
    group = row(TABLE, fighters=350, supply=4.0)
    means.subsist(group, UNBACKED, 0.1, p)  # a tenth of the richest district feeds 350
    assert group.supply == pytest.approx(4.0)
    means.subsist(group, UNBACKED, 0.0, p)
    assert group.supply == pytest.approx(3.0)
    means.subsist(group, UNBACKED, 5.0, p)
    assert group.supply == p.supply_cap
    for _ in range(9):
        means.subsist(group, UNBACKED, 0.0, p)
    assert group.supply == 0.0


def test_what_comes_from_outside_comes_while_a_faction_is_backed_and_feeds_as_the_table_says_on_average() -> (
    None
):
    p = rates(backed_weeks=100.0, unbacked_weeks=100.0)
    kept = row(TABLE, fighters=350, supply=4.0, outside_supply=350.0)
    means.subsist(kept, UNBACKED, 0.0, p)
    assert kept.supply == pytest.approx(3.0)
    means.subsist(kept, BACKED, 0.0, p)  # half of the time twice as much
    assert kept.supply == pytest.approx(4.0)


def test_anger_and_stores_bring_recruits_and_hunger_deserters() -> None:
    p = rates()
    full, empty = (row(TABLE, fighters=400, rest=400.0, supply=s) for s in (p.supply_cap, 0.0))
    calm, angry = (row(COMMUNITIES, grievance=g, youth=0.5) for g in (0.0, 1.0))
    assert means.recruits(full, angry, full.rest, p) == pytest.approx(
        3 * means.recruits(full, calm, full.rest, p)
    )
    assert means.recruits(empty, angry, empty.rest, p) == 0.0
    assert means.deserters(full, full.rest, p) == 0.0
    assert means.deserters(empty, empty.rest, p) == pytest.approx(4 * p.desert_rate * 400)


@given(st.integers(1, 5000), st.floats(0, 5000), st.floats(0, 8))
def test_strength_is_drawn_to_what_a_group_can_keep(fighters: int, rest: float, supply: float) -> None:
    p, free = rates(), rates(rest_pull=0.0)
    band, people = row(TABLE, fighters=fighters, rest=rest, supply=supply), row(COMMUNITIES, youth=0.5)
    back = means.recruits(band, people, rest, p) - means.recruits(band, people, rest, free)
    beyond = means.deserters(band, rest, p) - means.deserters(band, rest, free)
    assert back == pytest.approx(4 * p.rest_pull * max(0.0, rest - fighters), abs=1e-9)
    assert beyond == pytest.approx(4 * p.rest_pull * max(0.0, fighters - rest), abs=1e-9)
    assert min(back, beyond) == pytest.approx(0.0, abs=1e-9)


def test_those_who_are_left_of_a_group_do_not_leave() -> None:
    p = rates()
    many, few = (row(TABLE, fighters=n, rest=400.0, supply=0.0) for n in (200, 199))
    assert means.deserters(many, 400.0, p) > 0.0 == means.deserters(few, 400.0, p)


def test_a_programme_keeps_former_fighters_from_being_called_up() -> None:
    p = rates()
    group = row(TABLE, fighters=200, supply=p.supply_cap)
    former = row(COMMUNITIES, ex_combatants=100)
    idle = means.remobilised(group, former, 0.0, p)
    assert idle == pytest.approx(4 * p.remobilise_rate * 0.5 * 100)
    assert means.remobilised(group, former, 0.5, p) == pytest.approx(0.5 * idle)
    assert means.remobilised(group, former, 1.0, p) == 0.0


def test_police_detain_small_bands_in_the_open_but_no_friends_of_the_government() -> None:
    p = rates()
    town = row(DISTRICTS, police_presence=1.0, concealment=0.0)
    forest = row(DISTRICTS, police_presence=1.0, concealment=1.0)
    small_, large = row(TABLE, fighters=20), row(TABLE, fighters=1000)
    assert means.detained_share(small_, town, p) > 100 * means.detained_share(large, town, p) > 0.0
    assert means.detained_share(small_, forest, p) == 0.0
    assert means.detained_share(row(TABLE, fighters=20, standing=Standing.PRO_GOVERNMENT), town, p) == 0.0


def beaten(**changes: float) -> World:
    """Return a world in which the only group, which could keep 300, has lost its last fighter."""
    world = world_of(small(armed_groups=(group("Front", "alpha"),)))
    week(world, 0)
    front = world.armed_groups[0]
    front.fighters, front.away, front.rest, front.supply, front.enters = 0, 0, 300.0, 0.0, -1
    for name, value in changes.items():
        setattr(front, name, value)
    return world


def weeks_till_it_forms_again(world: World, n: int = 2000) -> int:
    """Return the week in which group 0 forms again, -1 if it does not."""
    for number in range(1, n):
        world.clock[0].week = number
        world.keys[0] = np.uint64(number)
        means.act(world, 0)
        if world.armed_groups[0].fighters > 0:
            return number
    return -1


def test_a_group_without_fighters_forms_again_from_the_people_of_its_district() -> None:
    world = beaten()
    p = world.parameters[0]
    residents = world.communities["residents"].copy()
    recruited = int(world.ledger[0].recruited)
    assert weeks_till_it_forms_again(world) % 4 == 0  # once a month
    front = world.armed_groups[0]
    assert front.fighters == 60  # a fifth
    assert front.supply == p.first_supply * p.supply_cap
    gone = residents - world.communities["residents"]
    assert gone.sum() == gone[:3].max() == 60
    assert world.ledger[0].recruited - recruited == 60


def test_groups_form_again_by_chance_in_a_month() -> None:
    formed = 0
    world = beaten()
    world.clock[0].week = 4
    for draw in range(1000):
        world.keys[0] = np.uint64(draw + 1)
        world.armed_groups[0].fighters = 0
        means.form_again(world, 0)
        formed += int(world.armed_groups[0].fighters > 0)
    assert formed / 1000 == pytest.approx(world.parameters[0].reform_chance, abs=0.03)


@pytest.mark.parametrize("why", [{"rest": 0.0}, {"away": 50}, {"enters": 4000}])
def test_a_group_that_joined_another_or_is_abroad_does_not_form_again(why: dict[str, float]) -> None:
    assert weeks_till_it_forms_again(beaten(**why)) == -1


def test_ground_beyond_what_a_group_can_hold_is_lost_bit_by_bit() -> None:
    world = beaten(fighters=300, hold=0.2, choice=Choice.ROB_AID)
    p = world.parameters[0]
    world.districts[0].aid_staff = 0.0
    for control, left in ((0.5, 0.5 - 0.3 * p.ground_lost), (0.2, 0.2), (0.1, 0.1)):
        world.armed_groups[0].control = control
        means.act(world, 0)
        assert world.armed_groups[0].control == pytest.approx(left)


def test_who_moves_leaves_ground_and_what_it_knew_of_places() -> None:
    world = beaten(fighters=300, hold=0.2, control=0.3, destination=1, choice=Choice.MOVE)
    world.held["detect_yes"] = 3.0
    means.act(world, 0)
    front = world.armed_groups[0]
    assert (front.district, front.control, front.hold, front.rest) == (1, 0.0, 0.0, 300.0)
    assert (world.held[0]["detect_yes"] == 0.0).all()


def test_every_attack_of_a_week_happens_and_teaches() -> None:
    world = beaten(fighters=300, choice=Choice.ATTACK, grudge=0.0)
    world.clock["attacks"] = 0
    world.armed_groups["first_attack"] = world.communities["first_attack"] = -1
    world.communities["raids"] = world.communities["militia"] = 0  # nobody to lose fighters to
    world.districts["attacks"] = 0
    for c in (0, 0, 2):
        world.attacks[attack(world, 0, c, -1, Mode.LOOTING)].alerted = 1
    before = world.held[0].copy()
    means.act(world, 0)
    assert world.districts[0].attacks == 3
    learned = (world.held[0]["detect_yes"] - before["detect_yes"])[:3]
    assert learned[0] > learned[2] > 0 == learned[1]
    assert world.armed_groups[0].grudge == pytest.approx(world.parameters[0].denounced_grudge)  # once a week


def runs_of(case: Scenario, schedule: str = "none", n: int = 12) -> np.ndarray:
    return Ensemble(case, schedule).run(3, 0, n).records


def test_starving_groups_shrink_and_fed_ones_grow() -> None:
    def strength(feeds: float) -> float:
        case = small(100, state_forces=(), units=(), schedules={}).with_parameters(district_feeds=feeds)
        return float(runs_of(case)["armed"][:, -1].sum(axis=1).mean())

    assert strength(1000.0) < strength(8000.0)


def test_without_a_balance_groups_go_farther_from_where_they_began() -> None:
    def spread(case: Scenario) -> float:
        armed = runs_of(case)["armed"].sum(axis=2)
        return float(abs(armed[:, -1] - armed[:, 0]).mean())

    case = small(160)
    assert spread(case) < spread(case.without("balance"))
