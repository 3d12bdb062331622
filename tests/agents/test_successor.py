from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import army, close, group, plan, small, unit, world_of

from sim.agents import state_force, successor
from sim.week import week
from sim.world.attack import attack
from sim.world.codes import Answer, Mode, Standing
from sim.world.state import NEVER, World

CLOSES = 20


def stepping_in(notice: int | None = None, week_now: int = 0, **changes: object) -> World:
    """Return a world with a base of 400 in alpha that closes in week 20, and an able regiment beside it.

    It is in week `week_now`, of which the first part has happened: everybody has been placed.
    """
    state = {"will": 0.9, "capability": 0.7, "personnel_low": 900, "personnel": 1000, "personnel_high": 1100}
    case = small(
        units=(unit("Alpha post", "alpha", strength=400),),
        armed_groups=(group("Front", "alpha"),),
        state_forces=(army("1st regiment", "alpha", **{**state, **changes}),),
    ).with_schedule(plan("go", close("Alpha post", CLOSES, notice=notice)))
    world = world_of(case.without("state-redeployment", "mentoring"), "go")
    week(world, week_now)
    return world


def men_by_week(world: World, weeks: range) -> list[float]:
    """Return how many men stand by for the base of alpha at the end of each week."""
    men = []
    for number in weeks:
        week(world, number)
        men.append(float(world.bases[0].men))
        lent = world.state_forces["lent"]
        spare = world.parameters[0].takeover_spare * world.state_forces["personnel"]
        assert world.bases["men"].sum() == pytest.approx(lent.sum())
        assert (lent <= spare + 40).all()  # some have fallen since
    return men


def test_the_government_foresees_closures_by_their_notice() -> None:
    for notice, known in ((None, CLOSES), (12, CLOSES - 12)):
        assert stepping_in(notice).bases[0].foreseen == known
    assert world_of(small()).bases[0].foreseen == NEVER


def test_notice_brings_them_in_time_and_without_it_they_come_late() -> None:
    told, untold = (men_by_week(stepping_in(notice, 4), range(5, 30)) for notice in (12, None))
    closing = CLOSES - 5
    assert untold[closing - 1] == told[2] == 0.0
    assert told[closing - 1] > 150
    assert 0.0 < untold[closing] < 0.4 * told[closing]
    assert untold[-1] > untold[closing]
    assert (np.diff(told) >= 0).all()
    assert max(told) <= 400 + 1e-9  # one for each peacekeeper


def test_only_once_the_base_has_closed_do_they_act() -> None:
    world = stepping_in(12, 9)
    for number in range(10, CLOSES + 1):
        world.communities["state_patrols"], world.communities["state_miss"] = 0.0, 1.0
        world.bases[0].men = max(float(world.bases[0].men), 100.0)
        world.bases[0].capability = world.bases[0].will = 0.8
        world.clock[0].week = number
        world.bases[0].closed = number if number == CLOSES else -1
        successor.take_over(world, 0)
        acting = (world.communities["state_patrols"] > 0).any()
        assert acting == (world.communities["state_miss"] < 1.0).any() == (number == CLOSES)
        assert (answers(world, 20) > 0) == (number == CLOSES)


def test_an_unwilling_or_unable_state_sends_nearly_nobody() -> None:
    able = men_by_week(stepping_in(12, 4), range(5, CLOSES))[-1]
    for changes in ({"will": 0.02}, {"capability": 0.02}, {"force": "police"}):
        sent = men_by_week(stepping_in(12, 4, **changes), range(5, CLOSES))[-1]
        assert sent < 0.1 * able, changes


@pytest.fixture(scope="module")
def world() -> World:
    """Return one world for many examples."""
    return stepping_in()


@given(
    st.integers(0, 3000),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 5000),
    st.integers(1, 40),
)
def test_men_are_never_more_than_units_can_spare_or_than_are_wanted(
    world: World, personnel: int, capability: float, will: float, wanted: float, weeks: int
) -> None:
    world.bases["men"] = world.state_forces["lent"] = 0.0
    force = world.state_forces[0]
    force.personnel, force.capability, force.will, force.effort = personnel, capability, will, will
    for _ in range(weeks):
        successor.send(world, 0, wanted - world.bases[0].men)
    base = world.bases[0]
    assert base.men == pytest.approx(force.lent)
    assert 0.0 <= base.men <= world.parameters[0].takeover_spare * personnel + 1e-9
    assert base.men <= wanted + 1e-9
    if base.men > 0.0:  # they are as able and willing as those they come from
        assert (base.capability, base.will) == pytest.approx((capability, will), rel=1e-6)


def test_near_units_send_more_than_far_ones() -> None:
    regiments = tuple(army(f"of {d}", d, will=0.8) for d in ("alpha", "beta", "gamma"))
    case = small(units=(unit("Alpha post", "alpha", strength=5000),), state_forces=regiments)
    world = world_of(case)
    week(world, 0)
    world.state_forces["personnel"] = 600
    successor.send(world, 0, 5000.0)
    lent = world.state_forces["lent"]
    assert lent[0] > lent[1] > lent[2] > 0.0


def closed(men: float, capability: float = 0.6, will: float = 0.8) -> World:
    """Return a world in which so many men have taken over the base in alpha, and nobody else is there."""
    world = stepping_in()
    base = world.bases[0]
    base.closed, base.foreseen, base.men, base.capability, base.will = 1, 0, men, capability, will
    world.peacekeepers["present"] = 0
    t = world.communities
    t["state_patrols"], t["state_miss"], t["state_deaf"] = 0.0, 1.0, 1.0
    successor.stand_in(world, 0)
    return world


def answers(world: World, n: int = 400, c: int | None = None) -> float:
    """Return how often men at the base of alpha answer an attack on place `c`, by default the nearest."""
    c = int(world.reach[0, 0]) if c is None else c
    came = 0
    for draw in range(n):
        world.keys[0] = np.uint64(draw + 1)
        world.clock["attacks"] = 0
        world.communities["first_attack"], world.communities["raids"] = -1, 0
        world.communities["heard_state"] = 0
        world.armed_groups["first_attack"] = -1
        a = attack(world, 0, c, -1, Mode.LOOTING)
        world.attacks[a].heard_state = world.communities[c].heard_state = 1
        successor.answer(world, 0)
        came += int(world.attacks[a].answered_by == Answer.STATE)
    return came / n


def test_they_patrol_hear_and_answer_less_the_farther_a_place_is() -> None:
    world = closed(400.0)
    places = world.reach[0, : world.posts[0].count]
    hours = world.way[world.clock[0].season, 0, : len(places)]
    nearer = np.diff(hours) > 0
    t = world.communities[places]
    assert (np.diff(t["state_patrols"])[nearer] < 0).all()
    assert (np.diff(t["state_miss"])[nearer] > 0).all()
    assert (np.diff(t["state_deaf"])[nearer] > 0).all()
    assert answers(world, c=int(places[0])) > answers(world, c=int(places[-1]))


def test_more_and_abler_men_do_more_and_one_does_nearly_nothing() -> None:
    by_men = [closed(men).communities[0] for men in (1.0, 50.0, 200.0, 800.0)]
    assert by_men[0].state_miss > 0.999
    assert by_men[0].state_deaf > 0.99
    for field, sign in (("state_miss", -1), ("state_deaf", -1), ("state_patrols", 1)):
        assert (np.diff([sign * place[field] for place in by_men]) > 0).all(), field
        able, unable = (closed(200.0, capability=able).communities[0] for able in (0.8, 0.2))
        assert sign * able[field] > sign * unable[field]
        willing, unwilling = (closed(200.0, will=will).communities[0] for will in (0.8, 0.2))
        assert sign * willing[field] > sign * unwilling[field]
    nobody = closed(200.0, will=0.0).communities[0]
    assert (nobody.state_miss, nobody.state_deaf, nobody.state_patrols) == (1.0, 1.0, 0.0)


def test_they_answer_as_often_as_groups_have_to_reckon_with_and_spare_friends_if_unwilling() -> None:
    world = closed(300.0, will=0.5)
    world.armed_groups[0].fighters = 100
    c = int(world.reach[0, 0])
    acts = 1.0 - float(world.communities[c].state_miss)
    assert answers(world) == pytest.approx(acts, abs=0.08)
    world.armed_groups[0].standing = Standing.PRO_GOVERNMENT
    spared = state_force.leniency(Standing.PRO_GOVERNMENT, 0.5, world.parameters[0])
    assert spared < 0.5
    assert answers(world) == pytest.approx(acts * spared, abs=0.06)


def test_without_the_mechanism_nobody_steps_in() -> None:
    world = stepping_in(12, 4)
    world.parameters[0].takeover_rate = 0.0
    assert men_by_week(world, range(5, 26))[-1] == 0.0
