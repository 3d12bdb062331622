"""Refugees arrive in camps by the rule of refuges, and the error is that of the Flee model."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.parameters import PARAMETERS
from sim.study.replay import camps


def exodus(counted: np.ndarray, km: list[list[float]], days: tuple[int, ...] = (0,)) -> camps.Exodus:
    """Return a made-up case with one zone a row of `km`."""
    zones = pd.DataFrame({"name": [f"z{i}" for i in range(len(km))], "day": days, "people": 100.0})
    names = tuple(f"c{k}" for k in range(counted.shape[1]))
    return camps.Exodus("x", zones, names, np.array(km), counted, pd.Timestamp("2020-01-01"))


def rising(shares: list[float], days: int = 40, a_day: float = 10.0) -> np.ndarray:
    return np.outer(a_day * np.arange(1, days + 1), shares)


def test_people_go_where_the_rule_sends_them() -> None:
    one = exodus(rising([0.5, 0.5]), [[0.0, 27.0 * PARAMETERS["flight_reach"].default]])
    people = camps.simulate(one, camps.weights(one.km))
    assert people.sum(axis=1) == pytest.approx(one.arrived)
    assert people[-1, 0] / people[-1, 1] == pytest.approx(math.e)


def test_nobody_goes_to_a_camp_that_is_not_open_or_comes_from_a_zone_at_peace() -> None:
    counted = rising([0.5, 0.5])
    counted[:20, 1] = 0.0
    one = exodus(counted, [[50.0, 10.0]])
    people = camps.simulate(one, camps.weights(one.km))
    assert (people[:20, 1] == 0).all()
    assert people[-1, 1] > 0
    two = exodus(rising([0.5, 0.5]), [[1.0, math.inf], [math.inf, 1.0]], days=(0, 20))
    people = camps.simulate(two, camps.weights(two.km))
    assert (people[:20, 1] == 0).all()
    assert people[-1, 1] > 0


def test_camps_lose_alike_where_fewer_are_counted() -> None:
    counted = np.array([[30.0, 10.0], [60.0, 20.0], [30.0, 10.0]])
    people = camps.simulate(exodus(counted, [[1.0, 1.0]]), np.ones((1, 2)))
    assert people[2] == pytest.approx(people[1] / 2)


def test_the_error_is_none_for_what_was_counted_and_two_for_all_in_the_wrong_place() -> None:
    counted = rising([1.0, 0.0])
    one = exodus(counted, [[1.0, 1.0]])
    assert camps.error(one, counted) == 0.0
    assert camps.error(one, counted[:, ::-1]) == pytest.approx(2.0)
    assert camps.error(one, camps.frozen(one)) == 0.0


def test_those_told_the_first_month_begin_with_it() -> None:
    one = exodus(rising([0.9, 0.1]), [[1.0, 1.0]])
    found = camps.forecasts(one)
    told = found["rule of refuges, told the first month"]
    np.testing.assert_array_equal(told[: camps.FIRST_DAYS + 1], one.counted[: camps.FIRST_DAYS + 1])
    assert camps.error(one, told) < camps.error(one, found["rule of refuges"])


@pytest.mark.parametrize(("case", "names"), [("burundi", 5), ("ssudan", 10)])
def test_cases_of_flee_are_read(data: Path, case: str, names: int) -> None:
    one = camps.read(data / "displacement", case)
    assert len(one.camps) == names
    assert np.isfinite(one.km).all()
    assert (one.counted >= 0).all()
    found = camps.forecasts(one)
    told = camps.error(one, found["rule of refuges, told the first month"])
    assert told < camps.error(one, found["shares of the first month"])


def test_a_case_that_is_not_there_is_named(data: Path) -> None:
    with pytest.raises(ValueError, match="'mali'"):
        camps.read(data / "displacement", "mali")
