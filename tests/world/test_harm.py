from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import army, rates, relief, row, small, unit, world_of

from sim.ensemble import Ensemble
from sim.week import week
from sim.world import district, harm
from sim.world.state import LONGEST_REPORT_DELAY


def test_more_eyes_record_more() -> None:
    p = rates()
    dark = row(district.TABLE)
    blind = harm.record_chance(dark, 0.0, False, 1, p)
    assert blind == pytest.approx(p.record_media)
    assert harm.record_chance(dark, 1.0, False, 1, p) > blind  # towns
    assert harm.record_chance(dark, 0.0, True, 1, p) > blind  # alert heard
    assert harm.record_chance(dark, 0.0, False, 100, p) > blind  # massacres
    with_un = harm.record_chance(row(district.TABLE, un_presence=0.8), 0.0, False, 1, p)
    assert with_un > blind
    both = row(district.TABLE, un_presence=0.8, monitors=0.8)
    assert with_un < harm.record_chance(both, 0.0, False, 1, p) <= 1.0


def test_survivors_tell_women_of_a_patrol_more() -> None:
    p = rates(women_record=0.5)
    assert harm.told_to_women(row(district.TABLE, un_patrols=9.0, un_presence=1.0), 0.3, p) == 0.3
    mixed = row(district.TABLE, un_patrols=10.0, un_women=4.0, un_presence=1.0)
    assert harm.told_to_women(mixed, 0.3, p) == pytest.approx(1 - 0.7 * 0.8)


@given(st.integers(0, 400), st.floats(0, 200))
def test_reports_are_due_in_the_week_in_which_they_come(week: int, delay: float) -> None:
    late = min(int(delay), LONGEST_REPORT_DELAY)
    assert harm.due(week, delay) == harm.due(week + late, 0.0)
    assert 0 <= harm.due(week, delay) <= LONGEST_REPORT_DELAY


def totals(records: np.ndarray) -> tuple[float, float]:
    true = records["killed_by_groups"].sum() + records["killed_by_state"].sum()
    seen = records["recorded_killed_by_groups"].sum() + records["recorded_killed_by_state"].sum()
    return float(true), float(seen)


def test_the_record_falls_short_of_the_truth_and_more_so_without_observers() -> None:
    case = replace(small(150), schedules={})
    blind = replace(case, units=(), humanitarians=()).with_parameters(record_media=0.1, record_urban=0.0)
    eyes = tuple(
        relief(f"{d} m", d, kind="monitor", staff=300, acceptance=1.0) for d in ("alpha", "beta", "gamma")
    )
    posts = tuple(unit(f"{d} u", d, strength=3000) for d in ("alpha", "beta", "gamma"))
    seen = replace(case, units=posts, humanitarians=eyes)
    true_blind, recorded_blind = totals(Ensemble(blind, "none").run(1, 0, 10).records)
    true_seen, recorded_seen = totals(Ensemble(seen, "none").run(1, 0, 10).records)
    assert recorded_blind < 0.35 * true_blind
    assert recorded_seen > 0.5 * true_seen
    assert recorded_seen <= true_seen


def test_being_seen_changes_the_record_and_not_the_harm() -> None:
    """The media see less: what the record shows falls, what happens stays as far as nobody acts on it."""
    quiet = replace(small(40), schedules={}, units=(), humanitarians=(), state_forces=(army("p", "gamma"),))
    a = Ensemble(quiet.with_parameters(record_media=0.6, record_delay=12.0), "none").run(1, 0, 6).records
    b = Ensemble(quiet.with_parameters(record_media=0.1, record_delay=12.0), "none").run(1, 0, 6).records
    assert totals(b)[1] < totals(a)[1]
    first = slice(0, 3)  # before the first report comes in, nobody can know
    assert np.array_equal(a["killed_by_groups"][:, first], b["killed_by_groups"][:, first])


def test_reports_come_late_but_come() -> None:
    world = world_of(small())
    week(world, 0)
    world.recorded[:] = world.pending[:] = 0
    p = world.parameters[0]
    p.record_media, p.record_urban, p.record_share, p.record_delay = 1.0, 0.0, 1.0, 5.0
    published = np.zeros(60)
    for number in range(60):
        world.clock[0].week = number
        world.keys[0] += np.uint64(1)
        if number < 20:
            harm.report(world, 0, 0, 0, (5, 1, 2, 0), 0)
        harm.publish(world, 0)
        published[number] = world.recorded[0, 0, 0]
    assert published.sum() == 100
    assert published[20:].sum() > 0
    assert world.pending.sum() == 0


def test_a_report_counts_no_more_than_happened() -> None:
    world = world_of(small())
    week(world, 0)
    world.pending[:] = 0
    world.harm[:] = 0
    harm.report(world, 1, 4, 1, (3, 4, 0, 1), 7)
    assert world.harm[1, 1].tolist() == [3, 4, 0, 1]
    assert (world.pending.sum(axis=1)[1, 1] <= np.array([3, 4, 0, 1])).all()
