from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.intervals import holm, mean_interval, p_value, sign_p_value

SAMPLES = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=20, max_size=60)


@given(SAMPLES)
def test_interval_and_test_say_the_same(x: list[float]) -> None:
    low, high = mean_interval(x)
    assert low <= np.mean(x) + 1e-6
    assert high >= np.mean(x) - 1e-6
    p = p_value(x)
    if abs(p - 0.05) > 1e-6 and np.ptp(x) > 1e-3:
        assert (low > 0 or high < 0) == (p < 0.05)


@given(SAMPLES)
def test_the_other_way_round_is_the_mirror_image(x: list[float]) -> None:
    low, high = mean_interval(x)
    mirrored = mean_interval([-v for v in x])
    assert mirrored == pytest.approx((-high, -low), rel=1e-6, abs=1e-3)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n: rng.exponential(1.0, n) - 1.0,
        lambda rng, n: rng.lognormal(0.0, 1.0, n) - math.exp(0.5),
        lambda rng, n: rng.standard_t(3, n),
        lambda rng, n: rng.normal(0.0, 1.0, n),
    ],
    ids=["exponential", "lognormal", "heavy on both sides", "normal"],
)
@pytest.mark.parametrize("n", [20, 50])
def test_intervals_hold_the_mean_as_often_as_they_say(draw, n: int) -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(1000):
        low, high = mean_interval(draw(rng, n))
        held += low <= 0.0 <= high
    assert 0.925 <= held / 1000 <= 0.98


def test_samples_without_spread() -> None:
    assert all(math.isnan(v) for v in mean_interval([1.0]))
    assert p_value([1.0]) == 1.0
    assert mean_interval([2.0, 2.0]) == (2.0, 2.0)
    assert p_value([2.0, 2.0]) == 0.0
    assert p_value([0.0, 0.0]) == 1.0


@given(SAMPLES)
def test_the_sign_test_is_the_binomial_one(x: list[float]) -> None:
    above, below = sum(v > 0 for v in x), sum(v < 0 for v in x)
    expected = stats.binomtest(above, above + below).pvalue if above + below else 1.0
    assert sign_p_value(x) == pytest.approx(expected)


def test_many_runs_take_no_memory() -> None:
    low, high = mean_interval(np.random.default_rng(1).exponential(1.0, 1_000_000))
    assert low < 1.0 < high
    assert high - low < 0.01


def test_holm_step_by_step() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == [True, False, False, True]
    assert holm([0.2, 0.001]).tolist() == [False, True]
    assert holm([]).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_holds_at_least_what_bonferroni_does_and_at_most_each_alone(p: list[float]) -> None:
    held = holm(p)
    for own, h in zip(p, held, strict=True):
        assert h or own > 0.05 / len(p)
        assert not h or own <= 0.05
