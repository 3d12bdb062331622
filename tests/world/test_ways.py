from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from worlds import route, scenarios, small, unit, world_of

from sim import Scenario
from sim.world.codes import Posture
from sim.world.state import ANSWER, EAR, FLIGHT, PATROL, STATE_ANSWER, TRAVEL


def test_what_is_left_after_a_way_falls_by_a_factor_e_over_the_reach() -> None:
    reaches = {"patrol_reach": 4.0, "answer_reach": 5.0, "alert_reach": 8.0, "state_answer_reach": 3.0}
    world = world_of(small(), mobile_reach=2.0, **reaches)
    kinds = {
        PATROL + Posture.STATIC: 4.0,
        PATROL + Posture.MOBILE: 8.0,
        ANSWER + Posture.STATIC: 5.0,
        ANSWER + Posture.MOBILE: 10.0,
        EAR: 8.0,
        STATE_ANSWER: 3.0,
    }
    assert sorted(kinds) == list(range(len(world.left)))
    for i, n in enumerate(world.posts["count"]):
        for kind, reach in kinds.items():
            expected = np.exp(-world.way[:, i, :n] / reach)
            assert world.left[kind, :, i, :n] == pytest.approx(expected), (i, kind)
            assert (world.left[kind, :, i, n:] == 0.0).all()  # nothing of it beyond its reach
    assert (world.left[:, :, :, 0] == 1.0).all()  # all posts of this case stand where people live


def test_what_is_left_between_districts_falls_so_too() -> None:
    world = world_of(small(), travel_reach=4.0, flight_reach=8.0)
    k = world.near[0].tolist().index(1)  # four hours away in the dry season, six in the wet
    assert world.decay[TRAVEL, :, 0, k] == pytest.approx(np.exp([-1.0, -1.5]))
    assert world.decay[FLIGHT, :, 0, k] == pytest.approx(np.exp([-0.5, -0.75]))
    assert (world.decay[:, :, :, 0] == 1.0).all()  # at home nothing is lost


def test_posts_are_the_bases_and_then_the_centres_of_districts() -> None:
    units = (unit("a", "gamma", base="Camp"), unit("b", "alpha"), unit("c", "gamma", base="Camp"))
    case = small(units=units, schedules={})
    world = world_of(case)
    assert case.bases == ("Camp", "b")
    assert world.posts["district"].tolist() == [2, 0, 0, 1, 2]
    assert world.peacekeepers["post"].tolist() == [0, 1, 0]
    towns = world.districts["first_community"]
    assert world.reach[2:, 0].tolist() == towns.tolist()  # a district's centre is its first place


@settings(max_examples=25)
@given(scenarios())
def test_a_post_reaches_places_the_nearest_first_each_once_and_none_in_the_dry_sooner_than_straight(
    case: Scenario,
) -> None:
    world = world_of(case)
    assert len(world.posts) == len(case.bases) + len(case.districts)
    for i, n in enumerate(world.posts["count"]):
        rows, dry = world.reach[i, :n], world.way[0, i, :n]
        assert (world.reach[i, n:] == -1).all()
        assert len(set(rows.tolist())) == n > 0
        assert ((rows >= 0) & (rows < len(world.communities))).all()
        assert (np.diff(dry) >= 0.0).all()
        assert (world.way[1, i, :n] >= dry - 1e-3).all()  # no way is faster in the wet season
        near = world.near[world.posts["district"][i]]
        assert np.isin(world.communities["district"][rows], near).all()


def test_farther_roads_leave_ways_within_a_district_as_they_are() -> None:
    short, long = (
        world_of(small(routes=(route("alpha", "beta", h, h), route("beta", "gamma", h, h))))
        for h in (5.0, 50.0)
    )
    for i in range(len(short.posts)):
        own = short.communities["district"] == short.posts["district"][i]
        hours = []
        for world in (short, long):
            n = world.posts["count"][i]
            by_place = np.full(len(own), np.nan)
            by_place[world.reach[i, :n]] = world.way[0, i, :n]
            hours.append(by_place)
        assert (hours[0][own] == hours[1][own]).all()
        assert (hours[1][~own] > 5.0 * hours[0][~own]).any()
        assert (hours[1][~own] >= hours[0][~own]).all()
