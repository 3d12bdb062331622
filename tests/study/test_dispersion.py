"""Estimators of dispersion find what was put into made-up histories, and say when there is too little."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim import Scenario
from sim.ensemble import Ensemble
from sim.study import dispersion as d
from sim.study.variants import first_closure, held, lasting

ROW = np.eye(20, k=1, dtype=bool) | np.eye(20, k=-1, dtype=bool)
"""Twenty places in a row, each beside the next."""
DRAWS = np.random.default_rng(5).random((4000, 20))


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_independent_events_of_equal_places_have_no_dispersion() -> None:
    flat = rng().poisson(2.0, (13 * 60, 40)).astype(float)
    found = d.of_months(flat, np.zeros_like(flat), np.eye(40, k=1, dtype=bool))
    assert found["dispersion"] == pytest.approx(1.0, abs=0.05)
    assert found["persistence"] == pytest.approx(0.0, abs=0.02)
    assert found["contagion"] == pytest.approx(0.0, abs=1.0)
    for lag in (1, 2, 3):
        assert found[f"memory {lag}"] == pytest.approx(0.0, abs=0.05)
    assert found["years"] == pytest.approx(1 / math.sqrt(26), rel=0.1)
    assert found["places"] < 5.0
    assert found["leaps"] == 0.0
    assert found["wave"] < 1.1
    assert math.isnan(found["calms"])


def test_a_rate_that_varies_disperses_months() -> None:
    # Poisson with a gamma rate of mean m and variance m^2/k is negative binomial: variance/mean 1 + m/k
    rates = rng().gamma(2.0, 3.0 / 2.0, (4000, 20))
    assert d.variance_over_mean(rng().poisson(rates).astype(float)) == pytest.approx(1 + 3 / 2, rel=0.05)


def test_places_that_are_violent_for_good_do_not_pass_for_persistence() -> None:
    rates = np.linspace(0.05, 3.0, 20)
    months = rng().poisson(rates, (13 * 60, 20)).astype(float)
    assert d.persistence(months) == pytest.approx(0.0, abs=0.02)
    assert d.between_places(d.yearly(months)) > 80.0
    violent = months > 0
    assert violent[1:][violent[:-1]].mean() > 0.7, "yet most violent months are followed by another"


def test_persistence_is_the_memory_of_a_state_net_of_the_place() -> None:
    state = np.zeros((4000, 20))
    for t in range(1, len(state)):  # P(again) less P(onset) is the autocorrelation
        state[t] = DRAWS[t] < np.where(state[t - 1] > 0, 0.5, 0.2)
    assert d.persistence(state) == pytest.approx(0.3, abs=0.02)
    assert d.from_neighbours(state, ROW) == pytest.approx(0.0, abs=1.5)


def test_contagion_is_what_a_neighbour_adds() -> None:
    state = np.zeros((4000, 20), bool)
    for t in range(1, len(state)):
        near = (state[t - 1] @ ROW) > 0
        state[t] = DRAWS[t] < 0.1 + 0.2 * state[t - 1] + 0.05 * near
    assert d.from_neighbours(state.astype(float), ROW) == pytest.approx(5.0, abs=1.5)
    assert math.isnan(d.from_neighbours(state.astype(float), np.zeros((20, 20), bool)))


def test_memory_of_years_is_that_of_an_autoregression() -> None:
    log = np.zeros((600, 200))
    noise = rng().normal(0.0, 0.5, log.shape)
    for t in range(1, len(log)):
        log[t] = 0.6 * log[t - 1] + noise[t]
    years = np.expm1(log + 6.0)
    assert d.memory_of_years(years, 1) == pytest.approx(0.6, abs=0.02)
    assert d.memory_of_years(years, 2) == pytest.approx(0.36, abs=0.02)
    # the stationary sd is 0.5/sqrt(1 - 0.36), that of a change sqrt(2 (1 - 0.6)) times it
    assert d.change_of_years(years) == pytest.approx(0.5 / 0.8 * math.sqrt(0.8), rel=0.02)
    short = years[:13]
    assert d.memory_of_years(short, 1) < 0.55, "short windows pull it down: compare equal ones"


def test_changes_count_only_where_there_is_something() -> None:
    years = np.array([[9.0, 0.0], [39.0, 0.0], [39.0, 0.0], [0.0, 0.0]])
    assert d.leaps(years) == pytest.approx(100 * 2 / 3)  # tenfold in 1 + events up, none, and to nothing
    assert math.isnan(d.leaps(np.zeros((4, 2))))


def test_bad_years_that_calm_and_quiet_ones_that_flare() -> None:
    deaths = np.array([[30.0, 30.0, 3.0, 0.0], [4.0, 26.0, 30.0, 0.0], [0.0, 1.0, 30.0, 0.0]])
    assert d.calms(deaths) == pytest.approx(2 / 4)
    assert d.flares(deaths) == pytest.approx(1 / 2), "places that never have any are not quiet ones"


def test_the_country() -> None:
    years = np.array([[10.0, 10.0], [20.0, 40.0], [30.0, 10.0]])
    assert d.variation_of_country(years) == pytest.approx(2.0 / 4.0)
    assert d.worst_year(years) == pytest.approx(6 / 4)
    assert math.isnan(d.variation_of_country(years / 10)), "few events a year are no war"
    assert math.isnan(d.worst_year(years / 10))


def test_few_events_tell_nothing_of_places() -> None:
    months = np.zeros((13 * 13, 3))
    months[::10, 0] = 1.0  # 17 events
    found = d.of_months(months, months, np.zeros((3, 3), bool))
    assert all(math.isnan(found[name]) for name in ("dispersion", "persistence", "change", "leaps", "places"))


def test_weeks_of_the_first_year_are_left_out() -> None:
    weekly = np.ones((52 * 3 + 7, 2))
    weekly[:52] = 100.0
    assert d.monthly(weekly).shape == (26, 2)
    assert (d.yearly(d.monthly(weekly)) == 52).all()


@given(arrays(np.int64, (13 * 5, 4), elements=st.integers(0, 40)))
def test_every_number_is_possible_or_not_a_number(months: np.ndarray) -> None:
    found = d.of_months(months.astype(float), months.astype(float), ROW[:4, :4])
    assert set(found) == {row.name for row in d.ROWS}
    for name in ("persistence", "memory 1", "memory 2", "memory 3"):
        assert math.isnan(found[name]) or -1 - 1e-9 <= found[name] <= 1 + 1e-9
    for name, top in (("leaps", 100.0), ("places", 100.0 + 1e-9), ("calms", 1.0), ("flares", 1.0)):
        assert math.isnan(found[name]) or 0.0 <= found[name] <= top
    assert math.isnan(found["wave"]) or 1.0 <= found["wave"] <= 5.0 + 1e-9


@given(st.permutations(range(20)))
def test_numbers_do_not_depend_on_the_order_of_places(order: list[int]) -> None:
    months = rng().poisson(1.0, (13 * 6, 20)).astype(float)
    one = d.of_months(months, months, ROW)
    other = d.of_months(months[:, order], months[:, order], ROW[np.ix_(order, order)])
    for name, value in one.items():
        assert other[name] == pytest.approx(value, nan_ok=True)


def test_wars_that_begin_and_end_are_seen_over_runs() -> None:
    same = np.full((10, 13), 100.0)
    assert d.across(same) == {"totals": 0.0, "lulls": 0.0, "wars": 0.0}
    same[:4, 5] = 20.0
    same[9, 2] = 400.0
    found = d.across(same)
    assert (found["lulls"], found["wars"]) == (40.0, 10.0)
    assert found["totals"] > 0.0


def test_the_held_mission_lasts_as_long_as_asked(drc: Scenario) -> None:
    world = lasting(held(drc), 52 * 14)
    assert world.weeks == 52 * 14
    plan = drc.schedule("none")
    there = sum(drc.strength_at(plan, b, first_closure(drc)) for b in drc.bases)
    assert sum(u.strength for u in world.units) == there


@pytest.fixture(scope="module")
def corridor() -> Scenario:
    return Scenario.load("corridor")


def test_a_case_is_measured_in_its_own_runs(corridor: Scenario) -> None:
    measured = d.of_case(corridor, 2, years=2)
    world = lasting(held(corridor), 52 * 3)
    records = Ensemble(world, "none").run(1, 0, 2).records
    again = d.of_records(records, d.adjacency(world))
    for name, values in measured.items():
        np.testing.assert_array_equal(values, again[name])
    killed = sum(
        records[f"killed_by_{who}"][:, 52:].sum(axis=(1, 2)) for who in ("groups", "state", "militias")
    )
    assert measured["killed"].sum(axis=1) == pytest.approx(killed)


def test_the_table_has_every_row_with_its_target(corridor: Scenario) -> None:
    table = d.table(d.of_case(corridor, 2, years=2))
    assert list(table.index) == [row.name for row in (*d.ROWS, *d.ACROSS)]
    assert (table["target_low"] < table["target_high"]).all()


def test_adjacency_is_of_routes_and_goes_both_ways(corridor: Scenario) -> None:
    joined = d.adjacency(corridor)
    assert (joined == joined.T).all()
    assert joined.sum() == 2 * corridor.graph().number_of_edges()
