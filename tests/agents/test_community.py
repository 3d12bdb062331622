from __future__ import annotations

import numpy as np
import pytest
from worlds import district, rates, relief, route, row, small, unit, world_of

from sim.agents import community
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import district as place
from sim.world.codes import Listener
from sim.world.district import TABLE as DISTRICTS


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
    assert lines(Listener.CIVIL_SOCIETY) == pytest.approx((relayed, relayed))


def test_an_alert_network_without_a_base_has_no_listener() -> None:
    p = rates()
    caller = row(community.TABLE, alert_network=1, trust_un=0.5, trust_state=0.5)
    here, closed = (row(DISTRICTS, un_listening=ear, state_control=0.5) for ear in (0.9, 0.0))
    assert community.hears_chance(caller, here, Listener.UN, p) > 0
    assert community.hears_chance(caller, closed, Listener.UN, p) == 0.0
    assert community.alert_chance(caller, closed, Listener.UN, p) == 0.0
    assert community.hears_chance(caller, closed, Listener.STATE, p) > 0  # the state may still hear


def test_closing_the_only_base_in_reach_silences_alerts_to_the_mission() -> None:
    far = small(
        routes=(route("alpha", "beta", 90.0, 120.0), route("beta", "gamma")),
        units=(unit("Alpha post", "alpha"), unit("Beta post", "beta")),
    )
    world = world_of(far, "close-alpha")
    for number in range(25):
        week(world, number)
        d = world.districts[0]
        assert (d.un_listening > 0.9) == (number < 20)
        assert (d.un_met > 0.001) == (number < 20)


def test_state_hears_where_it_governs() -> None:
    p = rates()
    caller = row(community.TABLE)
    heard = [
        community.hears_chance(caller, row(DISTRICTS, state_control=c), Listener.STATE, p) for c in (0.0, 0.8)
    ]
    assert heard == [0.0, 0.8 * p.telephone_chance]


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
    assert 10_000 < gone < 20_000  # about uprooted_share of them
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


def test_towns_are_at_no_distance_and_villages_fill_the_district() -> None:
    world = world_of(
        small(
            districts=(district("alpha", communities=6, urban_share=0.3),),
            routes=(),
            units=(),
            armed_groups=(),
            state_forces=(),
            humanitarians=(),
            schedules={},
        )
    )
    t = world.communities
    assert t["urban"].sum() == 2
    assert (t["remoteness"][t["urban"] == 1] == 0).all()
    assert (np.diff(t["remoteness"][t["urban"] == 0]) > 0).all()
    assert 300_000 <= t["residents"].sum() <= 500_000


def test_a_mission_that_shares_alerts_is_the_ear_of_the_state() -> None:
    heard = {}
    for shared in (0.0, 0.8):
        world = world_of(small(), alerts_shared=shared)
        week(world, 0)
        world.districts[0].un_listening, world.districts[0].state_control = 1.0, 0.0
        world.communities[0].trust_un = 1.0
        both = un = 0
        for _ in range(400):
            world.keys[0] += np.uint64(1)
            t = world.communities
            t[0].raider, t[0].alerted, t[0].heard_un, t[0].heard_state = 0, 0, 0, 0
            community.warn(world, 0)
            un += int(t[0].heard_un)
            both += int(t[0].heard_un and t[0].heard_state)
        heard[shared] = both / un
    assert heard[0.0] == 0.0  # the state has no ear of its own here
    assert heard[0.8] == pytest.approx(0.8, abs=0.08)


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
