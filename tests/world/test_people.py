from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import rates, row, small, world_of

from sim.agents import community
from sim.world import district, people
from sim.world.people import census, kill
from sim.world.state import NEAR


@settings(max_examples=50)
@given(st.integers(0, 3_000_000), st.integers(0, 60_000), st.integers(0, 1000))
def test_the_dead_were_there_and_nobody_dies_twice(n: int, away: int, draw: int) -> None:
    world = world_of(small())
    t = world.communities
    # people of beta are displaced in alpha
    slot = world.near[1].tolist().index(0)
    moved = min(away, int(t[4].residents))
    t[4].residents -= moved
    t[4].displaced += moved
    world.displaced[4, slot] += moved
    world.districts[0].hosted += moved
    people = census(world)
    there = int(t[0].residents) + moved
    died = kill(world, 0, n, 8, 3, draw)
    assert 0 <= died <= min(n, there)
    assert census(world) == people
    assert world.ledger[0].civilians_killed == died == t["dead"].sum()
    assert (t["residents"] >= 0).all()
    assert (world.displaced >= 0).all()
    assert world.districts[0].hosted == world.displaced[4, slot]


def test_the_displaced_share_the_risk() -> None:
    killed_displaced = []
    for draw in range(200):
        world = world_of(small())
        t = world.communities
        slot = world.near[1].tolist().index(0)
        n = int(t[0].residents)  # as many displaced in the district as one community has people
        world.displaced[4, slot] += n
        t[4].displaced += n
        world.districts[0].hosted += n
        kill(world, 0, 30, 8, 3, draw * 50)
        killed_displaced.append(int(t[4].dead))
    # the displaced are spread over the communities by residents: as many as the community has people
    # are in the whole district, so its part of them is its part of the residents
    part = t[0].residents / world.districts[0].residents
    share = part / (1.0 + part)
    assert np.mean(killed_displaced) / 30 == pytest.approx(share, abs=0.06)


def test_those_who_are_sent_home_come_back_to_fear_and_quarrels() -> None:
    p = rates(push_harm=0.5, push_tension=1.0)
    village = row(community.TABLE, residents=300, fear=0.2, grievance=0.6)
    home = row(district.TABLE, residents=1000, tension=0.5)
    people.bring_back(village, home, 100, p)
    assert village.residents == 400
    assert village.fear == pytest.approx(0.2 + 0.5 * 0.25 * 0.8)
    assert village.grievance == pytest.approx(0.6 + 0.5 * 0.25 * 0.4)
    assert home.tension == pytest.approx(0.5 + 0.1 * 0.5)


def test_people_in_camps_are_not_around_the_communities() -> None:
    here = row(district.TABLE, residents=1000, hosted=700, in_sites=200)
    assert people.hosted_around(row(community.TABLE, residents=400), here) == 200
    here.in_sites = 700
    assert people.hosted_around(row(community.TABLE, residents=400), here) == 0


def test_a_column_of_the_displaced_belongs_to_the_district_that_hosts_them() -> None:
    near = np.full((2, NEAR), -1)
    near[0, :3] = (0, 5, 2)
    assert [people.slot_of(near, 0, host) for host in (0, 5, 2, 7)] == [0, 1, 2, -1]
