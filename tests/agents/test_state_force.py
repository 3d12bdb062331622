from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import army, group, rates, row, small, world_of

from sim.agents import state_force as sf
from sim.week import week
from sim.world import district
from sim.world.attack import BAND, attack
from sim.world.codes import Answer, Force, Mode, Standing
from sim.world.state import World


@given(st.floats(0, 1), st.floats(0, 0.7), st.floats(0, 1), st.floats(0, 0.15), st.floats(0, 60))
def test_effort_is_a_share_that_falls_with_crowding_out_and_arrears(
    will: float, crowding: float, presence: float, weight: float, arrears: float
) -> None:
    effort = sf.work_effort(will, crowding, presence, weight, arrears)
    assert 0.0 <= effort <= will + 1e-12
    assert sf.work_effort(will, crowding, 1.0, weight, arrears) <= effort + 1e-12
    assert sf.work_effort(will, crowding, presence, weight, arrears + 10) <= effort + 1e-12


def placed(*forces: object, **parameters: float) -> World:
    """Return the small case with these units of the state alone, in week 0, every man where people call."""
    world = world_of(
        small(state_forces=forces, units=(), armed_groups=(group("Front", "alpha"),)), **parameters
    )
    week(world, 0)
    world.communities["alarm"] = world.communities["un_presence"] = 0.0
    return world


def served(world: World, s: int = 0) -> np.recarray:
    """Return the places after unit `s` alone has served for a week."""
    t = world.communities
    t["state_patrols"], t["state_miss"], t["state_deaf"] = 0.0, 1.0, 1.0
    for name in ("state_patrols", "police", "soldiers", "state_strength", "policing"):
        world.districts[name] = 0
    sf.serve(world, s)
    return t


def test_the_mission_crowds_out_the_state_where_it_patrols() -> None:
    world = placed(army("1st", "alpha"), crowding_out=0.5)
    unit = world.state_forces[0]
    free, effort = served(world)[:3].copy(), float(unit.effort)
    world.communities["un_presence"][0] = 1.0
    crowded = served(world)[:3]
    assert crowded["state_patrols"][0] == pytest.approx(0.5 * free["state_patrols"][0])
    assert crowded["state_miss"][0] > free["state_miss"][0]
    assert crowded["state_patrols"][1:] == pytest.approx(free["state_patrols"][1:])
    assert unit.effort < effort
    world.parameters[0].crowding_out = 0.0
    assert served(world)[:3]["state_patrols"] == pytest.approx(free["state_patrols"])


def test_usual_arrears_say_how_often_a_unit_is_paid() -> None:
    assert sf.pay_chance(0.0) == 1.0
    assert sf.pay_chance(4.0) == pytest.approx(0.2)
    case = small(state_forces=tuple(army(f"{n} weeks", "alpha", arrears_weeks=n) for n in (0.0, 2.0, 20.0)))
    world = world_of(case.without("state-redeployment"))
    week(world, 0)
    paid = np.zeros(3)
    for draw in range(1500):
        world.keys[0] = np.uint64(draw + 1)
        for s in range(3):
            sf.redeploy(world, s)
        paid += world.state_forces["arrears"] == 0.0
    assert paid / 1500 == pytest.approx([1.0, 1 / 3, 1 / 21], abs=0.03)
    world.donors[0].state_funding = 0.0
    before = world.state_forces["arrears"].copy()
    for s in range(3):
        sf.redeploy(world, s)
    assert (world.state_forces["arrears"] == before + 1.0).all()  # no money, no pay


def test_men_of_a_unit_are_somewhere_in_its_district_and_as_many_as_it_has() -> None:
    world = placed(army("1st", "alpha"), army("Police", "gamma", force="police"))
    rng = np.random.default_rng(1)
    for _ in range(30):
        world.communities["alarm"] = rng.exponential(1.0, len(world.communities))
        world.communities["un_presence"] = rng.uniform(0, 1, len(world.communities))
        for s in range(2):
            sf.spread(world, s, float(rng.uniform()))
    assert world.men.sum(axis=1) == pytest.approx(1.0)
    assert (world.men >= 0.0).all()
    assert (world.men[1, 2:] == 0.0).all()  # gamma has two places
    for s, force in enumerate(world.state_forces):
        there = world.men[s] * force.personnel
        assert there.sum() == pytest.approx(force.personnel)


def test_men_go_where_people_call_and_leave_places_to_the_mission() -> None:
    world = placed(army("1st", "alpha"), leave_to_un=0.6)
    sf.spread(world, 0, 1.0)
    calm = world.men[0, :3].copy()
    roots = np.sqrt(world.communities["residents"][:3])
    assert calm == pytest.approx(roots / roots.sum())
    world.communities["alarm"][1] = 2.0
    sf.spread(world, 0, 0.2)
    moving = world.men[0, :3].copy()
    sf.spread(world, 0, 1.0)
    arrived = world.men[0, :3].copy()
    assert moving - calm == pytest.approx(0.2 * (arrived - calm))
    assert arrived[1] > 2 * calm[1]
    assert (arrived[[0, 2]] < calm[[0, 2]]).all()
    world.communities["alarm"][1] = 0.0
    world.communities["un_presence"][0] = 1.0
    sf.spread(world, 0, 1.0)
    ratio = world.men[0, 0] / world.men[0, 1] / (calm[0] / calm[1])
    assert ratio == pytest.approx(0.4)
    world.communities["residents"][:3] = 0
    sf.spread(world, 0, 1.0)
    assert world.men[0, :3] == pytest.approx(1 / 3)  # nobody calls


def test_unable_and_unwilling_men_stay_where_they_are() -> None:
    for changes, moves in (({"will": 0.0}, False), ({"capability": 0.0}, False), ({}, True)):
        world = placed(army("1st", "alpha", **changes))
        sf.spread(world, 0, 1.0)
        before = world.men.copy()
        world.communities["alarm"][1] = 5.0
        world.districts["first_unit"] = -1
        sf.patrol(world, 0)
        assert (world.men != before).any() == moves


def test_who_arrives_at_another_post_is_where_people_call_there() -> None:
    world = placed(army("1st", "alpha"))
    world.state_forces[0].destination = 2
    sf.take_post(world, 0)
    people = np.sqrt(world.communities["residents"][6:])
    assert (world.state_forces[0].district, world.state_forces[0].destination) == (2, -1)
    assert world.men[0, :2].sum() == pytest.approx(1.0)  # gamma has two places
    assert world.men[0, :2] == pytest.approx(world.men[0, :2].sum() * people / people.sum())


def test_units_move_into_gaps_late_or_never() -> None:
    # a threat in beta, three units in gamma
    forces = tuple(army(f"reg {i}", "gamma", will=1.0) for i in range(3))
    case = small(100, state_forces=forces)
    world = world_of(case)
    moved = None
    for number in range(100):
        world.districts[1].known_to_state = 10.0
        world.districts[1].state_patrols = 0.0
        week(world, number)
        if moved is None and (world.state_forces["district"] == 1).any():
            moved = number
    assert moved is not None
    assert moved >= 2
    unwilling = small(100, state_forces=tuple(f.model_copy(update={"will": 0.0}) for f in forces))
    world = world_of(unwilling)
    for number in range(100):
        world.districts[1].known_to_state = 10.0
        week(world, number)
    assert (world.state_forces["district"] == 2).all()


def test_police_stay_where_they_are() -> None:
    forces = (army("Police", "gamma", force="police", will=1.0),)
    world = world_of(small(60, state_forces=forces))
    for number in range(60):
        world.districts[1].known_to_state = 10.0
        week(world, number)
    assert world.state_forces["district"][0] == 2


def test_the_gap_counts_what_the_mission_covers_only_if_the_state_leaves_it_the_work() -> None:
    here = row(district.TABLE, known_to_state=1.0, un_presence=1.0, state_presence=0.5)
    p = rates(cover_weight=0.4, crowding_out=0.5)
    assert sf.gap(here, p) == pytest.approx(1.0 - 0.4 * (0.5 + 0.5))
    assert sf.gap(here, rates(cover_weight=0.4, crowding_out=0.0)) == pytest.approx(0.8)


def test_men_at_hand_will_and_strength_end_an_attack() -> None:
    p = rates(state_act_chance=0.5, untrained_answer=0.5, protection_answer=1.5)

    def acts(men: float = 300.0, effort: float = 1.0, fighters: float = 100.0, **unit: float) -> float:
        return float(sf.act_chance(row(sf.TABLE, **({"capability": 1.0} | unit)), men, effort, fighters, p))

    usual = acts()
    assert 0.0 < usual < 0.5
    assert acts(effort=0.5) == pytest.approx(0.5 * usual)
    assert acts(force=Force.PROTECTION) == pytest.approx(1.5 * usual)
    assert acts(1.0) < 0.01 < acts(30.0) < usual < acts(3000.0)
    assert acts(fighters=20.0) > usual > acts(fighters=5000.0) > 0.0
    assert acts(men=1e9) == pytest.approx(0.5)
    assert acts(capability=0.3) < usual
    assert acts(0.0) == acts(effort=0.0) == acts(capability=0.0) == 0.0


@given(st.floats(0, 1), st.floats(0, 5000), st.floats(0, 1), st.floats(0, 5000))
def test_the_chance_to_act_is_one(capability: float, men: float, effort: float, fighters: float) -> None:
    unit = row(sf.TABLE, capability=capability)
    assert 0.0 <= sf.act_chance(unit, men, effort, fighters, rates(state_act_chance=1.0)) <= 1.0


def test_the_unwilling_spare_groups_that_stand_with_the_state_and_the_willing_do_not() -> None:
    p = rates(pro_government_answer=0.2, militia_will=0.4)
    for will in (0.0, 0.5, 1.0):
        for standing in Standing:
            if standing != Standing.PRO_GOVERNMENT:
                assert sf.leniency(standing, will, p) == 1.0
    friends = [sf.leniency(Standing.PRO_GOVERNMENT, will, p) for will in (0.0, 0.4, 0.6, 0.8, 1.0)]
    assert friends == pytest.approx([0.2, 0.2, 0.6, 1.0, 1.0])


def answers(world: World, c: int = 0, n: int = 500) -> float:
    """Return how often unit 0 answers an attack of group 0 on place `c` that the state knows of."""
    came = 0
    for draw in range(n):
        world.keys[0] = np.uint64(draw + 1)
        world.clock["attacks"] = 0
        world.communities["first_attack"], world.communities["raids"] = -1, 0
        world.armed_groups["first_attack"] = -1
        world.communities["heard_state"] = 0
        a = attack(world, 0, c, -1, Mode.LOOTING)
        world.attacks[a].heard_state = world.communities[c].heard_state = 1
        world.districts[world.communities[c].district].heard = 1
        sf.answer(world, 0)
        came += int(world.attacks[a].answered_by == Answer.STATE)
        assert world.attacks[a].answered_by in (Answer.STATE, Answer.NOBODY)
    return came / n


def test_a_unit_answers_where_its_men_are_and_nowhere_else() -> None:
    world = placed(army("1st", "alpha", will=1.0, capability=0.8))
    world.armed_groups[0].fighters = 100
    world.men[0, :3] = (0.8, 0.2, 0.0)
    places = served(world)
    for c, missed in enumerate(places["state_miss"][:3]):
        assert answers(world, c) == pytest.approx(1.0 - missed, abs=0.08)
    assert answers(world, 0) > answers(world, 1) > answers(world, 2) == 0.0
    assert answers(world, 3, 50) == 0.0  # another district
    world.armed_groups[0].standing = Standing.PRO_GOVERNMENT
    world.state_forces[0].will = 0.4
    served(world)
    assert answers(world, 0) < 0.5 * (1.0 - places["state_miss"][0])


def test_who_was_lent_to_a_base_is_missing_at_home() -> None:
    world = placed(army("1st", "alpha", will=1.0))
    full = served(world).copy()
    strength = float(world.districts[0].state_strength)
    world.state_forces[0].lent = 0.5 * world.state_forces[0].personnel
    half = served(world)
    assert half["state_patrols"] == pytest.approx(0.5 * full["state_patrols"])
    assert world.districts[0].state_strength == pytest.approx(0.5 * strength)
    assert (half["state_miss"][:3] > full["state_miss"][:3]).all()
    assert (half["state_deaf"][:3] > full["state_deaf"][:3]).all()
    world.state_forces[0].lent = 2.0 * world.state_forces[0].personnel  # the others have fallen since
    none = served(world)
    assert (none["state_patrols"] == 0.0).all()
    assert (none["state_miss"] == 1.0).all()
    assert (none["state_deaf"] == 1.0).all()


def test_mentors_raise_what_units_can_do_and_abuse_costs_their_support() -> None:
    p = rates(mentor_rate=0.02, mentor_ceiling=0.7, mentor_decay=0.01, due_diligence=2.0)

    def after(weeks: int, capability: float = 0.3, **here: float) -> float:
        unit = row(sf.TABLE, capability=capability, own_capability=0.3)
        place = row(district.TABLE, **here)
        for _ in range(weeks):
            sf.learn(unit, place, p)
        return float(unit.capability)

    assert after(500, mentors=1.0) == pytest.approx(0.7, abs=0.01)
    assert after(500, mentors=1.0, known_abuse=5.0) < 0.35
    assert after(500, police_mentors=1.0) == pytest.approx(0.3)  # police do not mentor an army
    assert after(500, capability=0.7) == pytest.approx(0.3, abs=0.01)  # what was learned fades


def test_a_unit_serves_where_it_is_posted() -> None:
    world = placed(army("Police", "gamma", force="police", will=0.8, capability=0.5, arrears_weeks=0.0))
    p = world.parameters[0]
    unit, here = world.state_forces[0], world.districts[2]
    unit.personnel = 400
    places = served(world)
    assert unit.effort == pytest.approx(0.8)
    assert (here.police, here.soldiers, here.state_strength) == (400, 0, 0.0)
    assert here.policing == pytest.approx(400 * 0.5 * 0.8)
    assert here.state_patrols == pytest.approx(4 * p.state_patrols_per_100 * 0.5 * 0.8)
    assert places["state_patrols"][6:].sum() == pytest.approx(here.state_patrols)
    assert (places["state_patrols"][:6] == 0.0).all()
    for c in (6, 7):
        men = world.men[0, c - 6] * 400
        assert places["state_miss"][c] == pytest.approx(1.0 - sf.act_chance(unit, men, 0.8, BAND, p))
        assert places["state_deaf"][c] == pytest.approx(np.exp(-men * 0.5 * 0.8 / p.state_ears))


def test_units_protect_a_place_together() -> None:
    one = placed(army("1st", "alpha"))
    served(one)
    two = placed(army("1st", "alpha"), army("2nd", "alpha"))
    two.state_forces["personnel"] = one.state_forces["personnel"][0]
    two.state_forces["arrears"] = one.state_forces["arrears"][0]
    two.state_forces["capability"] = one.state_forces["capability"][0]
    served(two)
    sf.serve(two, 1)
    assert two.communities["state_miss"] == pytest.approx(one.communities["state_miss"] ** 2)
    assert two.communities["state_patrols"] == pytest.approx(2 * one.communities["state_patrols"])


@given(st.integers(0, 2**40), st.floats(0, 1))
def test_a_row_is_a_view_compiled_and_plain(personnel: int, will: float) -> None:
    """What a rule writes to a row stands in the table, and both engines write the same bits."""
    plain = getattr(sf.learn, "py_func", sf.learn)
    tables = []
    for learn in (sf.learn, plain):
        units, places = sf.TABLE.empty(2), district.TABLE.empty(2)
        unit, here = units[1], places[1]
        unit.personnel, unit.will, unit.capability, here.mentors = personnel, will, 0.3, will
        learn(unit, here, rates())
        assert units[1].capability == unit.capability
        assert units[0].capability == 0.0
        tables.append((units.tobytes(), places.tobytes()))
    assert tables[0] == tables[1]
