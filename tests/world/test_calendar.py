from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from worlds import small, world_of

from sim.build import build
from sim.ensemble import Ensemble, simulate
from sim.study.eventlog import log_of
from sim.week import clear, week
from sim.world.calendar import begin_week
from sim.world.people import census


def test_a_week_begins_with_a_clean_sheet() -> None:
    world = world_of(small())
    week(world, 0)
    world.communities["first_attack"] = 0
    world.communities["raids"] = 2
    world.armed_groups["denounced"] = 1
    world.districts["attacks"] = 3
    world.communities["un_miss"] = 0.2
    clear(world)
    assert (world.communities["first_attack"] == -1).all()
    assert (world.communities["raids"] == 0).all()
    assert (world.armed_groups["denounced"] == 0).all()
    assert (world.districts["attacks"] == 0).all()
    assert (world.communities["un_miss"] == 1.0).all()
    world.clock["attacks"] = 7
    begin_week(world, 1)
    assert world.clock[0].attacks == 0


def test_the_spin_up_counts_weeks_backwards_from_the_start_each_with_chance_of_its_own() -> None:
    spun = world_of(small(30), spin_up=6)
    plain = world_of(small(30))
    assert (spun.clock[0].before, plain.clock[0].before) == (6, 0)
    assert len(spun.calendar) == len(spun.votes) == 36
    assert (spun.calendar[6:] == plain.calendar).all()
    assert (spun.votes[6:] == plain.votes).all()
    keys = []
    for number in range(-6, 3):
        begin_week(spun, number)
        keys.append(int(spun.keys[0]))
        assert spun.clock[0].week == number
        assert spun.clock[0].season == spun.calendar[number + 6]
    assert len(set(keys)) == len(keys)
    begin_week(plain, 2)
    assert int(plain.keys[0]) == keys[-1]  # week 2 is week 2, whatever went before


def test_seasons_before_the_start_are_those_of_the_year() -> None:
    case = small(10).with_parameters(spin_up=60)
    world, _ = build(case, "none")
    for i, number in enumerate(range(-60, 10)):
        middle = case.header.start + timedelta(weeks=number, days=3)
        assert world.calendar[i] == int(middle.month in case.header.wet_months), middle


def test_nothing_of_the_spin_up_is_written_down_and_people_are_conserved_through_it() -> None:
    case = small(8).with_parameters(spin_up=12)
    world = world_of(case, "close-alpha")
    people = census(world)
    for number in range(-12, 0):
        week(world, number)
        assert census(world) == people
        assert not world.record["residents"].any()
    assert (world.peacekeepers["present"] == 1).all()
    week(world, 0)
    assert census(world) == people
    assert (world.record["residents"][0] > 0).all()
    assert not world.record["residents"][1:].any()


def test_both_engines_spin_up_to_the_bit_and_the_log_begins_with_week_0() -> None:
    case = small(12).with_parameters(spin_up=20, attack_rate=3.0, attack_hurdle=0.0)
    model = case.model("close-alpha", seed=5, replicate=3, events=True)
    assert (model.week, model.date) == (0, case.header.start)
    assert int(model.world.clock[0].week) == -1
    assert int(model.world.clock[0].events) == 0
    assert model.census() == model.people_at_start
    model.run()
    world, _ = build(case, "close-alpha", events=len(model.world.events))
    before, after = simulate(world, 5, 3, case.weeks)
    assert before == after == model.census()
    for name, mine, theirs in zip(world._fields, model.world, world, strict=True):
        assert np.ascontiguousarray(mine).tobytes() == np.ascontiguousarray(theirs).tobytes(), name
    log = log_of(model)
    attacks = log[log["kind"] == "attack on civilians"]
    assert attacks["week"].min() == 0
    assert len(attacks) == model.world.record["attacks"].sum()


def test_a_spin_up_leaves_beliefs_stores_and_fear_of_its_own() -> None:
    at_once = Ensemble(small(4), "none").run(2, 0, 3).records
    later = Ensemble(small(4).with_parameters(spin_up=30), "none").run(2, 0, 3).records
    assert not np.array_equal(at_once["fear"][:, 0], later["fear"][:, 0])
    assert at_once.shape == later.shape


@pytest.mark.parametrize("weeks", [0, 1, 7])
def test_the_length_of_the_spin_up_is_a_whole_number_of_weeks(weeks: int) -> None:
    world, _ = build(small(4).with_parameters(spin_up=weeks + 0.2), "none")
    assert world.clock[0].before == weeks
    assert math.isfinite(world.votes.sum())
