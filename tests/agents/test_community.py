from __future__ import annotations

import numpy as np
import pytest
from worlds import rates, relief, route, row, small, unit, world_of

from sim.agents import community
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import district as place
from sim.world.attack import attack
from sim.world.codes import Listener, Mode
from sim.world.district import TABLE as DISTRICTS
from sim.world.district import incident_rate
from sim.world.state import World


def settled(**changes: object):
    """Return a world after week 0, with nothing going on."""
    world = world_of(small(armed_groups=(), **changes))
    week(world, 0)
    return world


def test_organised_communities_notice_more() -> None:
    p = rates(notice_chance=0.3)
    assert community.notice_chance(0.0, p) < community.notice_chance(0.5, p) == pytest.approx(0.3)
    assert community.notice_chance(1.0, p) > 0.3
    assert community.notice_chance(1.0, rates(notice_chance=0.9)) == 1.0


def test_trust_makes_people_warn_and_armed_control_silences_them() -> None:
    p = rates()
    usual = community.warn_chance(0.5, 0.0, p)
    assert usual == pytest.approx(1 / (1 + np.exp(-p.warn_baseline)))
    assert community.warn_chance(1.0, 0.0, p) > usual > community.warn_chance(0.5, 1.0, p)


def test_an_alert_network_serves_whoever_listens_to_it() -> None:
    p = rates()

    def lines(listener: int, network: int = 1) -> tuple[float, float]:
        caller = row(community.TABLE, alert_network=network, listener=listener)
        return community.line(caller, Listener.UN, p), community.line(caller, Listener.STATE, p)

    phone = p.telephone_chance
    carried = phone * p.network_gain
    relayed = phone * (1 + (p.network_gain - 1) * p.relay_kept)
    assert lines(Listener.UN, network=0) == (phone, phone)
    assert lines(Listener.UN) == pytest.approx((carried, phone))
    assert lines(Listener.STATE) == pytest.approx((phone, carried))  # by default, all of the gain is kept
    p.handed_over_kept = 0.5
    assert lines(Listener.STATE) == pytest.approx((phone, (phone + carried) / 2))
    assert lines(Listener.CIVIL_SOCIETY) == pytest.approx((relayed, relayed))


def test_an_alert_network_without_a_base_has_no_listener() -> None:
    p = rates()
    here = row(DISTRICTS, state_control=0.5)
    usual = {"alert_network": 1, "trust_un": 0.5, "trust_state": 0.5}
    near, closed = (row(community.TABLE, un_deaf=deaf, **usual) for deaf in (0.1, 1.0))
    assert community.ear(near, here, Listener.UN) == pytest.approx(0.9)
    assert community.hears_chance(near, here, Listener.UN, p) > 0
    assert community.hears_chance(closed, here, Listener.UN, p) == 0.0
    assert community.alert_chance(closed, here, Listener.UN, p) == 0.0
    assert community.hears_chance(closed, here, Listener.STATE, p) > 0  # the state may still hear


def test_closing_the_only_base_in_reach_silences_alerts_to_the_mission() -> None:
    far = small(
        routes=(route("alpha", "beta", 90.0, 120.0), route("beta", "gamma")),
        units=(unit("Alpha post", "alpha"), unit("Beta post", "beta")),
    )
    world = world_of(far, "close-alpha")
    for number in range(18, 22):
        week(world, number)
        town = world.communities[0]
        assert (town.un_deaf < 0.5) == (number < 20)
        assert (town.un_alert > 1e-6) == (town.un_met > 0.001) == (number < 20)


def test_the_state_hears_where_it_governs_and_where_its_men_are() -> None:
    p = rates()

    def heard(control: float, deaf: float) -> float:
        caller = row(community.TABLE, state_deaf=deaf)
        return community.hears_chance(caller, row(DISTRICTS, state_control=control), Listener.STATE, p)

    assert heard(0.0, 1.0) == 0.0
    assert heard(0.8, 1.0) == heard(0.0, 0.2) == pytest.approx(0.8 * p.telephone_chance)
    assert heard(0.5, 0.5) == pytest.approx(0.75 * p.telephone_chance)


def warned(world: World, n: int = 600, **attacked: float) -> np.ndarray:
    """Return whether the mission and the state hear of an attack on place 0 of `n` (n, 2), all draws anew.

    `attacked`: fields of the place.
    """
    heard = np.zeros((n, 2), bool)
    place = world.communities[0]
    for draw in range(n):
        world.keys[0] = np.uint64(draw + 1)
        world.clock["attacks"] = 0
        place.first_attack, place.raids = -1, 0
        world.armed_groups["first_attack"] = -1
        for name, value in attacked.items():
            setattr(place, name, value)
        place.heard_un = place.heard_state = 0
        a = attack(world, 0, 0, -1, Mode.LOOTING)
        community.warn(world, 0)
        one = world.attacks[a]
        heard[draw] = one.heard_un, one.heard_state
        assert place.heard_un == one.heard_un
        assert place.heard_state == one.heard_state
        assert one.alerted >= max(one.heard_un, one.heard_state)
    return heard


NOBODY = {"un_presence": 0.0, "state_presence": 0.0, "un_deaf": 1.0, "state_deaf": 1.0}


def alone(**parameters: float) -> World:
    """Return a world in which nobody governs, so that only who is there hears."""
    world = world_of(small(), alerts_shared=0.0, **parameters)
    week(world, 0)
    world.districts["state_control"] = world.districts["group_control"] = 0.0
    return world


def test_nobody_is_told_who_is_not_there() -> None:
    world = alone()
    assert not warned(world, 200, **NOBODY, trust_un=1.0, trust_state=1.0).any()
    assert world.attacks[0].alerted == 0  # and so the group sees that nobody was called
    un, state = warned(world, 200, **{**NOBODY, "un_deaf": 0.0}).T
    assert un.any()
    assert not state.any()
    un, state = warned(world, 200, **{**NOBODY, "state_deaf": 0.0}).T
    assert state.any()
    assert not un.any()


def test_attacks_are_told_as_often_as_groups_have_to_reckon_with() -> None:
    world = alone()
    place = {**NOBODY, "un_deaf": 0.3, "trust_un": 0.8}
    share = warned(world, 1500, **place)[:, 0].mean()
    community.weigh_alerts(world, 0)
    assert share == pytest.approx(float(world.communities[0].un_alert), abs=0.04)
    # a patrol happens on it, whoever calls
    world.parameters[0].encounter_chance = 0.2
    share = warned(world, 1500, **{**NOBODY, "un_presence": 0.5})[:, 0].mean()
    assert share == pytest.approx(0.1, abs=0.03)


def test_who_would_call_the_mission_calls_the_state_where_it_has_gone() -> None:
    world = alone()
    trusting = {"trust_un": 0.7, "trust_state": 0.7, "alert_network": 0}
    there = warned(world, 400, **{**NOBODY, **trusting, "un_deaf": 0.0})
    gone = warned(world, 400, **{**NOBODY, **trusting, "state_deaf": 0.0})
    assert 40 < there[:, 0].sum() < 360
    assert (there[:, 0] == gone[:, 1]).all()  # the same people, by the same telephone
    both = warned(world, 400, **{**NOBODY, **trusting, "un_deaf": 0.0, "state_deaf": 0.0})
    assert (both[:, 0] == both[:, 1]).all()


def test_every_attack_on_a_place_is_warned_of_by_itself() -> None:
    world = alone()
    place = world.communities[0]
    place.un_deaf, place.trust_un = 0.0, 1.0
    alerts = alarms = 0
    told = set()
    for draw in range(100):
        world.keys[0] = np.uint64(draw + 1)
        world.clock["attacks"] = 0
        place.first_attack, place.raids, place.alarm = -1, 0, 0.0
        world.districts[0].alerts = 0
        for _ in range(2):
            attack(world, 0, 0, -1, Mode.LOOTING)
        community.warn(world, 0)
        told.add(tuple(world.attacks["heard_un"][:2].tolist()))
        alerts += int(world.districts[0].alerts)
        alarms += round(float(place.alarm) / incident_rate(world.parameters[0]))
        assert world.districts[0].alerts == world.attacks["alerted"][:2].sum()
    assert told == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert 0 < alarms <= alerts


def test_alarms_fade() -> None:
    world = alone()
    world.communities["alarm"] = 1.0
    place.protect(world.communities[0], world.parameters[0])
    assert world.communities[0].alarm == pytest.approx(1.0 - incident_rate(world.parameters[0]))


def test_fear_rises_with_shock_and_closure_and_fades() -> None:
    world = settled()
    t = world.communities
    t[0].fear = t[1].fear = t[2].fear = 0.2
    t[0].shock = 2.0
    world.districts[0].talk = 0.0
    for c in range(3):
        community.perceive(world, c)
    assert t[0].fear > 0.4
    assert t[1].fear < 0.2
    t[0].shock = 0.0
    calm = t[1].fear
    world.districts[0].unexplained = 1.0
    community.perceive(world, 1)
    assert t[1].fear > calm


def test_notice_softens_the_fear_of_a_closure() -> None:
    from worlds import close, plan

    case = small(30, armed_groups=()).with_schedule(plan("explained", close("Alpha post", 20, notice=12)))
    fear = {
        name: Ensemble(case, name).run(1, 0, 4).records["fear"][:, 20, 0].mean()
        for name in ("close-alpha", "explained", "none")
    }
    assert fear["close-alpha"] > fear["explained"] + 0.05
    assert fear["explained"] == pytest.approx(fear["none"], abs=0.01)


def test_trust_follows_the_answers_to_alerts() -> None:
    world = settled()
    t = world.communities
    t[0].trust_un = t[1].trust_un = 0.5
    t[0].heard_un = t[1].heard_un = 1
    t[0].answered_by = 1
    community.perceive(world, 0)
    community.perceive(world, 1)
    assert t[0].trust_un > 0.5 > t[1].trust_un


def test_people_flee_from_attacked_localities_to_calm_and_near_places() -> None:
    world = settled()
    t = world.communities
    before = int(t[0].residents)
    t[0].uprooted = 50_000
    world.districts[1].known_to_people = 50.0  # the next district is dangerous
    for d in range(3):
        place.talk_of_violence(world, d)
    for d in range(3):
        place.weigh_refuges(world, d)
    community.flee(world, 0)
    gone = before - int(t[0].residents)
    share = world.parameters[0].uprooted_share
    assert gone == pytest.approx(share * 50_000, rel=0.3)
    assert world.displaced[0].sum() == gone == t[0].displaced
    near = world.near[0].tolist()
    assert world.displaced[0, near.index(0)] > 0
    assert world.displaced[0, near.index(1)] == 0
    assert world.displaced[0, near.index(2)] > 0


def test_nobody_crosses_a_border_that_is_not_there() -> None:
    world = settled()
    for c in (0, 4):  # alpha has no border, beta has one
        world.communities[c].uprooted = 100_000
        community.flee(world, c)
    assert world.displaced[0, -1] == 0
    assert world.displaced[4, -1] > 0


def test_return_needs_a_safe_home_and_a_safe_way_and_gets_rarer() -> None:
    def came_home(fear: float = 0.0, danger: float = 0.0, absent: float = 0.0) -> int:
        world = settled()
        t = world.communities
        t[3].fear, t[3].absent = fear, absent
        world.displaced[3, 1], t[3].displaced = 20_000, 20_000
        t[3].residents -= 20_000
        world.districts[int(world.near[1, 1])].hosted += 20_000
        world.districts[1].known_to_people = world.districts[int(world.near[1, 1])].known_to_people = danger
        for d in range(3):
            place.talk_of_violence(world, d)
        before = int(t[3].residents)
        for number in range(13):  # everybody's turn comes once in a quarter
            world.clock[0].week = number
            world.keys[0] += np.uint64(1)
            community.go_home(world, 3)
        return int(t[3].residents) - before

    easy = came_home()
    assert easy > 2000
    assert came_home(fear=0.6) < 0.5 * easy
    assert came_home(danger=3.0) < 0.5 * easy
    assert came_home(absent=300.0) < 0.5 * easy
    assert came_home(fear=1.0) == 0


def test_aid_reaches_people_and_access_ends_with_danger() -> None:
    case = small(30, armed_groups=(), humanitarians=(relief("Aid beta", "beta", staff=500),))
    records = Ensemble(case, "none").run(1, 0, 3).records
    assert records["aid_delivered"][:, 5:, 1].mean() > 1000
    assert (records["aid_delivered"] <= records["aid_needed"] * 1.0001 + 1).all()


def test_a_mission_that_shares_alerts_is_the_ear_of_the_state() -> None:
    heard = {}
    for shared in (0.0, 0.8):
        world = alone()
        world.parameters[0].alerts_shared = shared
        un, state = warned(world, 500, **{**NOBODY, "un_deaf": 0.0, "trust_un": 1.0}).T
        assert not (state & ~un).any()
        heard[shared] = (un & state).sum() / un.sum()
    assert heard[0.0] == 0.0  # the state has no ear of its own here
    assert heard[0.8] == pytest.approx(0.8, abs=0.08)


def displaced_to(world: World, c: int, k: int, people: int) -> World:
    """Return the world with so many `people` of place `c` displaced in its k-th near district."""
    world.displaced[c, k] += people
    world.communities[c].displaced += people
    world.communities[c].residents -= people
    world.districts[world.near[world.communities[c].district, k]].hosted += people
    return world


def census(world: World) -> int:
    return int(world.communities["residents"].sum() + world.displaced.sum())


@pytest.mark.parametrize("k", [0, 1])
def test_some_of_the_displaced_settle_where_they_are_and_nobody_is_lost(k: int) -> None:
    world = displaced_to(settled(), 0, k, 20_000)
    t = world.communities
    t[0].integration = 0.2
    host = int(world.near[0, k])
    own = slice(world.districts[host].first_community, world.districts[host].end_community)
    people, there, hosted = census(world), int(t["residents"][own].sum()), int(world.districts[host].hosted)
    stay = community.settle(world, 0, k)
    assert stay == pytest.approx(20_000 * 0.2 * 13 / 52.18, rel=0.1)
    assert t["residents"][own].sum() - there == stay
    assert hosted - world.districts[host].hosted == stay
    assert t[0].displaced == world.displaced[0].sum() == 20_000 - stay
    assert census(world) == people


def test_nobody_settles_without_integration_and_all_stay_who_can_with_much_of_it() -> None:
    for integration, expected in ((0.0, 0), (1e6, 5000)):
        world = displaced_to(settled(), 3, 1, 5000)
        world.communities[3].integration = integration
        assert community.settle(world, 3, 1) == expected
    world = settled()
    world.communities[3].integration = 1.0
    assert community.settle(world, 3, 1) == 0  # nobody is displaced there


def test_who_settles_does_not_go_home_and_who_is_abroad_does_not_settle() -> None:
    def year(integration: float) -> tuple[int, int, int]:
        world = displaced_to(settled(), 3, 1, 20_000)
        t = world.communities
        world.displaced[3, -1] += 7000  # refugees
        t[3].displaced += 7000
        t[3].integration, t[3].fear = integration, 1.0  # nobody dares to go home
        people = census(world)
        for number in range(52):
            world.clock[0].week = number
            world.keys[0] += np.uint64(1)
            community.go_home(world, 3)
        assert census(world) == people
        assert t[3].displaced == world.displaced[3].sum()
        return int(world.displaced[3, 1]), int(world.displaced[3, -1]), int(t["residents"][3])

    none, half = year(0.0), year(0.5)
    assert none[:2] == (20_000, 7000)
    assert half[0] == pytest.approx(20_000 * (1 - 0.5 * 13 / 52.18) ** 4, rel=0.1)
    assert half[1] == 7000


def test_works_around_bases_win_trust_and_their_end_leaves_anger() -> None:
    def after_a_week(closed: int, **parameters: float):
        world = world_of(small(), **parameters)
        week(world, 0)
        world.districts[0].closed = closed
        world.districts[0].un_presence = 1.0
        community.perceive(world, 0)
        return world.communities[0]

    assert after_a_week(0, project_trust=0.02).trust_un > after_a_week(0, project_trust=0.0).trust_un
    there, lost = after_a_week(0).grievance, after_a_week(1).grievance
    assert lost == pytest.approx(there + 0.03 * (1.0 - there))
