from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import army, relief, small, unit, world_of

from sim.ensemble import Ensemble
from sim.week import week
from sim.world import harm


def test_more_eyes_record_more() -> None:
    world = world_of(small(armed_groups=()))
    week(world, 0)
    d = world.districts
    d[0].un_presence = d[0].monitors = 0.0
    blind = harm.record_chance(world, 0, 0.0, False, 1)
    assert blind == pytest.approx(world.parameters[0].record_media)
    assert harm.record_chance(world, 0, 1.0, False, 1) > blind  # towns
    assert harm.record_chance(world, 0, 0.0, True, 1) > blind  # alert heard
    assert harm.record_chance(world, 0, 0.0, False, 100) > blind  # massacres
    d[0].un_presence = 0.8
    with_un = harm.record_chance(world, 0, 0.0, False, 1)
    assert with_un > blind
    d[0].monitors = 0.8
    assert with_un < harm.record_chance(world, 0, 0.0, False, 1) <= 1.0


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
