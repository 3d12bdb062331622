from __future__ import annotations

import numpy as np
import pytest
from worlds import group, small, struck, world_of

from sim import chance
from sim.build import copy_world
from sim.week import week
from sim.world import clash


def test_losses_are_bounded_by_the_weaker_side() -> None:
    world = struck()
    world.armed_groups[0].fighters = 10
    world.state_forces[0].personnel = 5000
    world.districts[0].state_control, world.districts[0].group_control = 0.9, 0.05
    soldiers = int(world.state_forces["personnel"].sum())
    for r in range(100):
        world.keys[0] += np.uint64(r)
        clash.contest(world, 0)
    lost = soldiers - int(world.state_forces["personnel"].sum())
    assert lost <= 100 * 10 * world.parameters[0].clash_loss * 4
    assert world.armed_groups[0].fighters >= 0


def test_ground_that_an_offensive_clears_is_held_only_where_the_state_is_present() -> None:
    held = {}
    start = struck()
    for presence in (0.0, 1.0):
        for r in range(40):
            world = copy_world(start)
            world.keys[0] += np.uint64(r)
            world.districts[0].state_presence = presence
            world.districts[0].state_control = 0.1
            world.armed_groups[0].control = 0.5
            if clash.offensive(world, 9, 0, 0, chance.OPERATION, 0, 5_000.0, 1.0, 1.0):
                break
        taken = 0.5 * world.parameters[0].offensive_gain
        assert world.armed_groups[0].control == pytest.approx(0.5 - taken)
        held[presence] = float(world.districts[0].state_control)
    assert held[0.0] == 0.1
    assert held[1.0] == pytest.approx(0.1 + taken)


def test_contest_moves_control_and_never_more_than_there_is() -> None:
    world = world_of(small(armed_groups=(group("A", "alpha", control=0.3), group("B", "alpha", control=0.3))))
    week(world, 0)
    groups, here = world.armed_groups, world.districts[0]
    groups["control"], here.state_control = 0.3, 0.4
    won_from = {"state": 0, "rival": 0}
    lost = 0
    for r in range(200):
        world.keys[0] = np.uint64(r + 1)
        groups["fighters"] = 300
        state, rival, own = float(here.state_control), float(groups[1].control), float(groups[0].control)
        clash.contest(world, 0)
        held = here.state_control + groups["control"][:2].sum()
        assert held <= 1.0 + 1e-12
        assert (groups["control"] >= 0.0).all()
        assert here.state_control >= 0.0
        if here.state_control < state:
            won_from["state"] += 1
            assert groups[0].control - own == pytest.approx(state - here.state_control)
        elif groups[1].control < rival:
            won_from["rival"] += 1
            assert groups[0].control - own == pytest.approx(rival - groups[1].control)
        elif groups[0].control < own:
            lost += 1
            assert groups[1].control == rival
        groups["control"][:2], here.state_control = 0.3, 0.4
    assert min(*won_from.values(), lost) > 10


def test_no_ground_is_fought_for_where_nobody_else_holds_any() -> None:
    world = struck()
    world.districts[0].state_control, world.districts[0].clashes = 0.0, 0
    clash.contest(world, 0)
    assert world.districts[0].clashes == 0


def test_the_strongest_enemy_controls_most_and_does_not_stand_with_the_government() -> None:
    world = world_of(
        small(
            armed_groups=(
                group("Allies", "alpha", kind="pro-government", control=0.5),
                group("A", "alpha", control=0.1),
                group("B", "alpha", control=0.2),
                group("C", "beta", control=0.3),
            )
        )
    )
    week(world, 0)
    world.armed_groups["control"][:4] = (0.5, 0.1, 0.2, 0.3)
    world.armed_groups["district"][:4] = (0, 0, 0, 1)
    assert clash.strongest_enemy(world, 0) == 2
    world.armed_groups[2].fighters = 0
    assert clash.strongest_enemy(world, 0) == 1
    world.armed_groups[1].district = 1  # it moved this week
    assert clash.strongest_enemy(world, 0) == -1
