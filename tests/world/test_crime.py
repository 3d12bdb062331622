from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import army, district, rates, row, small, unit, world_of

from sim.agents import community
from sim.ensemble import Ensemble
from sim.world.crime import commit_crimes, crime_level, exposure

WEEKS = 80


def killed(n: int = 12, **changes: object) -> np.ndarray:
    """Return killings by criminals in a quiet district of 400,000 with 50 per 100,000 a year, by run."""
    start = {
        "districts": (district("alpha", crime=50.0, population_low=400_000, population_high=400_000),),
        "routes": (),
        "armed_groups": (),
        "humanitarians": (),
        "schedules": {},
    }
    case = small(WEEKS, **{**start, **changes})
    return Ensemble(case, "none").run(1, 0, n).records["killed_by_criminals"].sum(axis=(1, 2))


@given(st.floats(0, 0.9), st.floats(0, 1), st.floats(0, 0.1), st.floats(0, 50))
def test_police_lower_crime_and_idle_former_fighters_raise_it(
    arrest: float, police: float, of_idle: float, idle: float
) -> None:
    level = crime_level(arrest, police, of_idle, idle)
    assert level >= 0.0
    assert crime_level(arrest, 1.0, of_idle, idle) <= level + 1e-12
    assert crime_level(arrest, police, of_idle, idle + 1.0) >= level - 1e-12


def test_towns_suffer_more_crime_a_head() -> None:
    p = rates(crime_urban=3.0)
    assert exposure(row(community.TABLE, residents=1000), p) == pytest.approx(1000)
    assert exposure(row(community.TABLE, residents=1000, urban=0.5), p) == pytest.approx(2000)
    assert exposure(row(community.TABLE, residents=1000, urban=1.0), p) == pytest.approx(3000)


def test_crime_begins_at_the_level_of_the_case_per_100000_and_year() -> None:
    steady = killed(units=(), state_forces=(army("Police", "alpha", force="police"),), n=40)
    expected = 50.0 * 4.0 * WEEKS / 52.18
    assert steady.mean() == pytest.approx(expected, rel=0.1)  # moves a little with pay and former fighters


def opened(kind: str) -> float:
    """Return killings where a unit of 1,000 of a kind arrives in the second week."""
    base = unit("Post", "alpha", kind=kind, strength=1000, opens="2020-01-13")
    return float(killed(units=(base,), state_forces=()).mean())


def test_police_lower_crime_much_and_troops_little() -> None:
    nobody = float(killed(units=(), state_forces=()).mean())
    police, troops = opened("formed-police"), opened("infantry")
    assert police < 0.85 * nobody
    assert 0.9 * nobody < troops < 1.02 * nobody


def test_nobody_is_killed_by_criminals_where_a_case_has_no_crime() -> None:
    assert killed(districts=(district("alpha"),), units=(), state_forces=()).sum() == 0.0


def test_crime_is_counted_apart_from_organised_violence() -> None:
    case = small(
        30, districts=(district("alpha", crime=50.0),), routes=(), armed_groups=(), state_forces=(),
        units=(), humanitarians=(), schedules={},
    )  # fmt: skip
    record = Ensemble(case, "none").run(1, 0, 3).records
    assert record["killed_by_criminals"].sum() > 0
    for by in ("groups", "state", "militias"):
        assert record[f"killed_by_{by}"].sum() == 0.0
    assert 0 < record["recorded_killed_by_criminals"].sum() < record["killed_by_criminals"].sum()


def test_nothing_happens_where_all_have_fled_since_the_week_began() -> None:
    world = world_of(small(WEEKS))
    world.districts["crime"] = 50.0
    world.districts["residents"] = 1000  # as they were counted
    world.communities["residents"] = 0
    commit_crimes(world, 0)
    assert np.isfinite(world.districts["lawless"]).all()
    assert world.communities["dead"].sum() == 0
