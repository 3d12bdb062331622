from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import rates, row, small, world_of

from sim import measures
from sim.agents.community import TABLE as COMMUNITIES
from sim.arithmetic import exp
from sim.week import week
from sim.world import district
from sim.world.record import TABLE as RECORD

SHARE = st.floats(0, 1)


@given(SHARE, SHARE, SHARE, SHARE)
def test_provider_met_chance_is_a_chance_and_rises_with_everything(
    p: float, e: float, alert: float, answer: float
) -> None:
    met = district.provider_met_chance(p, e, alert, answer)
    assert 0.0 <= met <= answer + 1e-12
    assert district.provider_met_chance(1.0, e, alert, answer) >= met - 1e-12
    assert district.provider_met_chance(p, e, 1.0, answer) >= met - 1e-12
    assert district.provider_met_chance(p, e, alert, 1.0) >= met - 1e-12
    assert district.provider_met_chance(p, e, alert, 0.0) == 0.0


def test_presence_saturates_with_patrols_over_the_breadth_of_a_place() -> None:
    p = rates()
    for breadth in (2.0, 20.0):
        for share in (0.0, 1.0, 50.0):
            place = row(COMMUNITIES, breadth=breadth, un_patrols=share * p.place_need * breadth)
            district.protect(place, p)
            assert place.un_presence == pytest.approx(1.0 - exp(-share))
            assert place.state_presence == 0.0


def test_a_place_is_protected_by_who_hears_and_would_come() -> None:
    p = rates()
    place = row(
        COMMUNITIES, un_alert=0.5, un_miss=0.4, state_alert=0.2, state_miss=0.5, breadth=10.0, alarm=1.0
    )
    district.protect(place, p)
    assert place.un_met == pytest.approx(0.5 * 0.6)
    assert place.state_met == pytest.approx(0.2 * 0.5)
    assert place.alarm == pytest.approx(1.0 - district.incident_rate(p))  # alarms fade
    place.un_patrols = 1e6
    district.protect(place, p)
    assert place.un_met == pytest.approx((p.encounter_chance + (1.0 - p.encounter_chance) * 0.5) * 0.6)


def test_what_a_district_has_is_the_mean_over_its_places_by_people() -> None:
    world = world_of(small())
    week(world, 0)
    here, own = world.districts[0], world.communities[:3]
    own["residents"] = (10_000, 30_000, 60_000)
    own["un_patrols"] = (200.0, 5.0, 0.0)
    own["un_miss"], own["un_alert"] = (0.2, 0.5, 1.0), (0.9, 0.5, 0.5)
    own["state_patrols"], own["trust_state"] = (0.0, 3.0, 40.0), (0.9, 0.5, 0.1)
    district.take_stock(world, 0)
    share = np.array([0.1, 0.3, 0.6])
    assert own["un_presence"][0] > 0.9 > own["un_presence"][2] == 0.0
    for field in ("un_presence", "state_presence", "un_met", "state_met", "trust_state", "organisation"):
        assert here[field] == pytest.approx(share @ own[field]), field
    assert here.residents == 100_000
    own["residents"] = 0
    district.take_stock(world, 0)
    assert here.un_presence == here.un_met == 0.0  # nobody is protected where nobody lives


def test_the_state_takes_ungoverned_ground_where_present_and_loses_what_it_cannot_hold() -> None:
    p = rates()
    here = row(district.TABLE, state_control=0.3, state_presence=1.0, state_reach=0.2)
    district.govern(here, p)
    assert here.state_control == pytest.approx(0.3 + 0.7 * p.state_hold)
    here.state_control, here.state_presence = 0.9, 0.0
    for _ in range(400):
        district.govern(here, p)
    assert here.state_control == pytest.approx(0.2, abs=0.01)


def test_the_state_takes_back_what_it_administers_without_soldiers_and_no_more_than_is_free() -> None:
    p = rates()
    here = row(district.TABLE, state_control=0.1, state_reach=0.5)
    district.govern(here, p)
    assert here.state_control == pytest.approx(0.1 + 0.4 * p.state_hold)
    for _ in range(400):
        district.govern(here, p)
    assert here.state_control == pytest.approx(0.5, abs=0.01)
    held = row(district.TABLE, state_control=0.1, state_reach=0.5, group_control=0.9)
    district.govern(held, p)
    assert held.state_control == pytest.approx(0.1)  # armed groups hold the rest


@given(SHARE, SHARE)
def test_measures_reckon_protection_as_the_rules_do(un: float, state: float) -> None:
    here = row(district.TABLE, un_met=un, state_met=state)
    record = RECORD.empty(1, 1, 1)
    record["un_met"], record["state_met"] = un, state
    assert measures.protection(record).item() == pytest.approx(district.met_chance(here), abs=1e-6)


def test_what_is_known_of_incidents_fades_with_one_mean_life() -> None:
    p = rates(alarm_memory=4.0)
    here = row(district.TABLE)
    for _ in range(100):  # one incident a week, always
        district.forget(here, p)
        here.known_to_people += district.incident_rate(p)
    assert here.known_to_people == pytest.approx(1.0)
    assert here.known_to_mission == here.known_to_state == here.known_abuse == 0.0


def test_needs_of_the_displaced_are_counted() -> None:
    world = world_of(small())
    week(world, 0)
    t = world.districts
    district.take_stock(world, 0)
    without = float(t[0].aid_needed)
    t[0].hosted += 1000
    district.take_stock(world, 0)
    assert t[0].aid_needed == pytest.approx(without + 1000)


def test_danger_is_told_next_door_and_makes_no_refuge() -> None:
    world = world_of(small(armed_groups=()))
    week(world, 0)
    t = world.districts
    t["known_to_people"] = 0.0
    t[0].known_to_people = 2.0
    for d in range(3):
        district.talk_of_violence(world, d)
    assert t[0].talk > t[1].talk > t[2].talk == 0.0
    assert t[0].refuge_safety < t[1].refuge_safety == 1.0
    for d in range(3):
        district.weigh_refuges(world, d)
    assert (world.refuge[:, 1:] >= world.refuge[:, :-1]).all()  # summed up
