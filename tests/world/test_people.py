from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import small, world_of

from sim.world.people import census, kill


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
