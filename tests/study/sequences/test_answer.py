"""Which orders may be the best, what these have in common, what a place is worth: on harm that is known."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.study.sequences import answer

NAMES = ("A", "B", "C", "D")
ORDERS = list(permutations(range(4)))


def additive(worth: np.ndarray, worlds: int, noise: float, seed: int = 1) -> np.ndarray:
    """Return harm in which every base does something of its own at every place, and chance besides."""
    at = np.array([sum(worth[i, p] for p, i in enumerate(order)) for order in ORDERS])
    rng = np.random.default_rng(seed)
    return at + rng.normal(size=(worlds, 1)) * 50.0 + noise * rng.normal(size=(worlds, len(ORDERS)))


WORTH = np.zeros((4, 4))
WORTH[3] = [30.0, 20.0, 10.0, 0.0]  # D is to stay long
WORTH[0, 0] = -8.0  # A had best go first


def test_the_set_holds_the_best_and_says_what_it_has_in_common() -> None:
    harm = additive(WORTH, 40, 4.0)
    inside = answer.inside(harm)
    assert [ORDERS[i] for i in np.flatnonzero(inside)] == [(0, 1, 2, 3), (0, 2, 1, 3)]
    said = answer.in_common(NAMES, ORDERS, inside)
    assert [str(c) for c in said] == [
        "A first in 100 of 100 (of all orders in 25)",
        "D last in 100 of 100 (of all orders in 25)",
    ]


def test_orders_that_do_not_differ_are_all_kept_and_have_nothing_in_common() -> None:
    kept = [answer.inside(additive(np.zeros((4, 4)), 40, 4.0, seed)).mean() for seed in range(40)]
    assert np.mean(kept) > 0.95
    assert answer.in_common(NAMES, ORDERS, np.ones(24, bool)) == []


def test_the_best_is_in_the_set_as_often_as_is_said() -> None:
    best = ORDERS.index((0, 1, 2, 3))
    held = [answer.inside(additive(WORTH, 12, 25.0, seed), level=0.9)[best] for seed in range(200)]
    assert np.mean(held) >= 0.9


def test_what_a_base_does_at_a_place_is_found_again() -> None:
    harm = additive(WORTH, 3, 0.0)
    found = answer.worth(NAMES, ORDERS, harm)
    first = [i for i, order in enumerate(ORDERS) if order[0] == 0]
    assert found[:, 0, 0] == pytest.approx(harm[:, first].mean(axis=1) - harm.mean(axis=1))
    some = np.random.default_rng(1).permutation(24)[:16]  # chosen orders say it too, as all adds up
    again = answer.by_place(NAMES, [ORDERS[i] for i in some], harm[:, some])
    assert again == pytest.approx(found, abs=1e-9)


def test_a_place_that_a_base_never_has_is_not_spoken_of() -> None:
    some = [i for i, order in enumerate(ORDERS) if order[3] == 3]
    found = answer.worth(NAMES, [ORDERS[i] for i in some], additive(WORTH, 3, 0.0)[:, some])
    assert np.isnan(found[:, 3, :3]).all()
    assert "D" not in list(answer.late_or_early(NAMES, found)["base"])


def test_last_rather_than_first_is_told_for_the_base_that_matters() -> None:
    rows = answer.late_or_early(NAMES, answer.worth(NAMES, ORDERS, additive(WORTH, 40, 10.0)))
    assert rows["base"].iloc[0] == "D"
    assert rows["clear"].iloc[0]
    assert rows["mean"].iloc[0] == pytest.approx(-30.0 - 8.0 / 3.0, abs=6.0)  # A is first more often, too
    assert -44.0 < rows["low"].iloc[0] < rows["high"].iloc[0] < -22.0
    assert rows["fewer"].iloc[0] > 35


def test_pooling_keeps_what_is_additive_and_takes_out_most_of_chance() -> None:
    truth = additive(WORTH, 1, 0.0)[0]
    harm = additive(WORTH, 10, 20.0)
    wrong = [np.std(x - truth) for x in (harm.mean(axis=0), answer.pooled(NAMES, ORDERS, harm))]
    assert wrong[1] < 0.75 * wrong[0]


def test_pooling_leaves_means_that_the_places_do_not_explain() -> None:
    harm = additive(np.zeros((4, 4)), 30, 0.1)
    harm[:, 7] -= 100.0
    assert answer.pooled(NAMES, ORDERS, harm) == pytest.approx(harm.mean(axis=0), abs=0.5)


def test_more_worlds_are_called_for_where_the_difference_is_small() -> None:
    def two(apart: float) -> np.ndarray:
        d = apart + 5.0 * np.tile([1.0, -1.0], 5)
        return np.stack([np.zeros(10), d], axis=1)

    spread = 5.0 * np.sqrt(10 / 9)
    t = stats.t.ppf(0.95, 9)  # of one comparison
    assert answer.more_worlds(two(1.0)) == pytest.approx((t * spread / 1.0) ** 2 - 10)
    assert answer.more_worlds(two(0.0)) == np.inf
    assert answer.more_worlds(two(50.0)) == 0.0  # told apart


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20))
def test_the_front_is_what_nothing_beats(points: list[tuple[int, int]]) -> None:
    found = answer.front(*np.array(points, float).T)
    for i, (a, b) in enumerate(points):
        beaten = any(c <= a and d <= b and (c, d) != (a, b) for c, d in points)
        assert found[i] == (not beaten)
