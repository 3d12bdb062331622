"""Cliffs along a lever: found where one was put, not found where none was, and within their intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.study.experiments import turning
from sim.study.experiments.turning import locate

X = np.array([0.0, 4.0, 8.0, 13.0, 26.0, 52.0])


def worlds(rng: np.random.Generator, shape: np.ndarray, units: int = 40, noise: float = 30.0) -> np.ndarray:
    """Return heavy-tailed responses of matched units: what they share is large, what they do not is small."""
    shared = rng.lognormal(4.0, 1.0, (units, 1))
    scale = rng.lognormal(0.0, 0.5, (units, 1))
    return shared + scale * shape + rng.normal(0.0, noise, (units, len(shape)))


def test_a_step_is_found_where_it_was_put() -> None:
    shape = np.where(X >= 13.0, 200.0, 0.0)
    found = locate(X, worlds(np.random.default_rng(1), shape))
    assert found.told
    assert found.step == (8.0, 13.0)
    assert found.step_range == (8.0, 13.0)
    assert found.size_range[0] < found.size < found.size_range[1]
    assert 150.0 < found.size < 300.0
    assert "it changes most between 8 and 13" in found.words


def test_a_bend_is_found_where_it_was_put() -> None:
    x = np.arange(9.0)
    found = locate(x, worlds(np.random.default_rng(2), 60.0 * np.maximum(x - 5.0, 0.0), noise=10.0))
    assert found.told
    assert found.bend_range[0] <= 5.0 <= found.bend_range[1]
    assert found.bend_range[1] - found.bend_range[0] < 2.0


@pytest.mark.parametrize("slope", [0.0, -3.0, 40.0])
def test_a_straight_line_has_no_cliff(slope: float) -> None:
    rng = np.random.default_rng(3)
    alarms = [locate(X, worlds(rng, slope * X), draws=300).told for _ in range(200)]
    assert np.mean(alarms) <= 0.09, "about one in twenty"


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(4)
    x = np.arange(8.0)
    step, bend, told = [], [], 0
    for _ in range(120):
        a = locate(x, worlds(rng, np.where(x >= 3.0, 25.0, 0.0)), draws=300)
        step.append(a.step_range[0] <= 2.0 and a.step_range[1] >= 3.0)
        told += a.told
        b = locate(x, worlds(rng, 15.0 * np.maximum(x - 4.0, 0.0)), draws=300)
        bend.append(b.bend_range[0] <= 4.0 <= b.bend_range[1])
    assert np.mean(step) >= 0.9
    assert np.mean(bend) >= 0.9
    assert 0.1 < told / 120 < 1.0, "the step is to be so small that it is not always seen"


def test_what_cannot_be_told_is_said_and_spans_the_whole_lever() -> None:
    found = locate(X, worlds(np.random.default_rng(5), 0.0 * X))
    assert not found.told
    assert found.step_range == found.bend_range == (0.0, 52.0)
    assert "no cliff can be told" in found.words


def test_the_same_runs_give_the_same_answer_and_units_may_come_in_any_order() -> None:
    y = worlds(np.random.default_rng(6), np.where(X >= 26.0, 90.0, 0.0))
    assert locate(X, y) == locate(X, y)
    other = locate(X, y[::-1])
    assert other.step == locate(X, y).step
    assert other.told == locate(X, y).told


def test_units_that_are_all_alike_leave_no_doubt() -> None:
    flat = np.tile(5.0 + 2.0 * X, (6, 1))
    assert not locate(X, flat).told
    step = np.tile(np.where(X >= 4.0, 7.0, 1.0), (6, 1))
    assert locate(X, step).told
    assert locate(X, step).step_range == (0.0, 4.0)


@pytest.mark.parametrize(
    ("x", "shape", "words"),
    [
        ([1, 2], (9, 2), "at least 3 values"),
        ([1, 3, 2], (9, 3), "must rise"),
        ([1, 2, 3], (4, 3), "too few"),
        ([1, 2, 3], (9, 4), "one for each column"),
    ],
)
def test_what_cannot_turn_is_refused(x: list[float], shape: tuple[int, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        locate(x, np.zeros(shape))


def test_few_values_place_no_bend() -> None:
    found = locate(X[:4], worlds(np.random.default_rng(7), np.where(X[:4] >= 8.0, 300.0, 0.0)))
    assert math.isnan(found.bend)
    assert "two straight lines" not in found.words
    assert turning.BEND_LEVELS == 5
