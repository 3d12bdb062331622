"""A world is one pointer to compiled code; it is never a pointer to another world's tables."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from worlds import small

from sim.build import build, copy_world
from sim.world.calendar import begin_week
from sim.world.people import census
from sim.world.state import World


@pytest.fixture
def world() -> World:
    """Return a world that compiled code has seen, so that it has an address."""
    made, _ = build(small(), "none")
    census(made)
    return made


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, copy_world, World._replace, lambda w: pickle.loads(pickle.dumps(w))],
    ids=["copy", "deepcopy", "copy_world", "_replace", "pickle"],
)
def test_a_copy_of_a_world_has_an_address_of_its_own(world: World, copied: Callable[[World], World]) -> None:
    other = copied(world)
    assert type(other) is World
    assert other.address != world.address
    before = census(other)
    world.communities[0].residents += 7
    assert census(other) == before + (7 if other.communities is world.communities else 0)


def test_an_address_lasts_as_long_as_its_world_and_follows_its_tables(world: World) -> None:
    assert world.address == world.address
    more = world.communities.copy()
    more["residents"] += 1
    assert census(world._replace(communities=more)) == census(world) + len(more)


def test_compiled_code_and_plain_python_write_to_the_same_rows(world: World) -> None:
    clock = world.clock[0]
    begin_week(world, 3)
    assert clock.week == world.clock[0].week == 3
    clock.week = 5
    begin_week(world, int(world.clock[0].week) + 1)
    assert clock.week == 6


@pytest.mark.parametrize(
    "spoil",
    [
        lambda near: near.astype(np.int32),
        lambda near: near[:, ::2],
        lambda near: near.ravel(),
        np.asfortranarray,
    ],
    ids=["other numbers", "gaps", "other dimensions", "other order"],
)
def test_a_table_that_compiled_code_would_misread_is_refused(
    world: World, spoil: Callable[[np.ndarray], np.ndarray]
) -> None:
    with pytest.raises(ValueError, match=r"world\.near: compiled code needs .* 2 dimensions of int64"):
        world._replace(near=spoil(world.near)).address  # noqa: B018


def test_a_read_only_table_is_refused_by_compiled_code(world: World) -> None:
    fixed = world.harm.copy()
    fixed.flags.writeable = False
    with pytest.raises(ValueError, match=r"world\.harm: compiled code needs a writable array"):
        begin_week(world._replace(harm=fixed), 0)
