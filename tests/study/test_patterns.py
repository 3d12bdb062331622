"""Estimators find what was put into made-up data, and say when there is too little."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.study import patterns


@pytest.mark.parametrize("exponent", [1.8, 2.1, 2.6])
def test_tail_exponent_of_a_power_law(exponent: float) -> None:
    u = np.random.default_rng(1).random(20_000)
    sizes = np.floor(9.5 * (1 - u) ** (-1 / (exponent - 1)) + 0.5)
    assert patterns.tail_exponent(sizes) == pytest.approx(exponent, abs=0.05)
    assert math.isnan(patterns.tail_exponent(sizes[:15]))


def test_top_share() -> None:
    equal = np.full(100, 3)
    assert patterns.top_share(equal) == pytest.approx(0.1)
    one = np.array([910] + [10] * 9 + [0] * 50 + [1] * 90)
    assert patterns.top_share(one) == pytest.approx(1000 / 1090)


def hawkes(n: float, rho: float, weeks: int = 3000, districts: int = 6) -> np.ndarray:
    """Return counts of a process in which `n` of the events are triggered."""
    rng = np.random.default_rng(7)
    counts = np.zeros((weeks, districts))
    memory = np.zeros(districts)
    for w in range(weeks):
        if w:
            memory = rho * memory + (1 - rho) * counts[w - 1]
        counts[w] = rng.poisson(0.3 * (1 - n) + n * memory)
    return counts


@pytest.mark.parametrize(("n", "memory"), [(0.0, None), (0.4, 4.0), (0.7, 2.0)])
def test_self_excitation_is_found(n: float, memory: float | None) -> None:
    found, weeks = patterns.self_excitation(hawkes(n, 0.0 if memory is None else 1 - 1 / memory))
    assert found == pytest.approx(n, abs=0.08)
    if memory is not None:
        assert weeks == pytest.approx(memory, rel=0.4)


def test_districts_with_few_events_are_left_out() -> None:
    assert all(math.isnan(x) for x in patterns.self_excitation(np.zeros((100, 3))))


def test_expansion_and_relocation() -> None:
    neighbours = ~np.eye(2, dtype=bool)
    # violence starts in the first; the second follows, and the first goes on
    expands = np.array([[1, 0], [1, 1], [1, 1], [1, 0], [1, 1]], bool)
    assert patterns.expansion_share(expands, neighbours) > 1.0
    # violence jumps to and fro
    moves = np.array([[1, 0], [0, 1], [1, 0], [1, 0], [0, 1]], bool)
    assert patterns.expansion_share(moves, neighbours) == 0.0
    assert math.isnan(patterns.expansion_share(np.zeros((5, 2), bool), neighbours))


def test_closure_changes_compare_with_places_where_bases_stay() -> None:
    deaths = np.ones((200, 3))
    deaths[100:, 0] = 3.0  # where the base closes, deaths triple
    deaths[:, 2] = 50.0  # no base there: no control
    open_there = np.ones((200, 3), bool)
    open_there[100:, 0] = False
    open_there[:, 2] = False
    own, control = patterns.closure_changes(deaths, np.array([[0, 100]]), open_there)
    assert own == pytest.approx([np.log1p(156) - np.log1p(52)])
    assert control == pytest.approx([0.0])
    own, _ = patterns.closure_changes(deaths, np.array([[0, 20], [0, 180]]), open_there)
    assert len(own) == 0, "no whole year before or after"
    own, _ = patterns.closure_changes(deaths, np.array([[0, 100], [1, 110]]), open_there)
    assert len(own) == 0, "no control is left"


def test_rate_by_control() -> None:
    control = np.repeat([0.1, 0.5, 0.9], 200)
    attacks = np.repeat([1.0, 3.0, 0.0], 200)
    there = np.ones(600, bool)
    rates = patterns.rate_by_control(attacks, control, there, np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]))
    assert rates[[0, 2, 4]].tolist() == [1.0, 3.0, 0.0]
    assert np.isnan(rates[[1, 3]]).all()
