from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import arithmetic


@given(st.floats(-700.0, 700.0))
def test_exp_is_accurate(x: float) -> None:
    assert math.isclose(arithmetic.exp(x), math.exp(x), rel_tol=1e-8)


@given(st.floats(1e-300, 1e300))
def test_log_is_accurate(x: float) -> None:
    assert math.isclose(arithmetic.log(x), math.log(x), rel_tol=1e-8, abs_tol=1e-12)


def test_edges() -> None:
    assert arithmetic.exp(0.0) == 1.0
    assert arithmetic.exp(-800.0) == 0.0
    assert arithmetic.exp(800.0) == math.inf
    assert arithmetic.log(1.0) == 0.0
    assert arithmetic.log(0.0) == -math.inf
    assert arithmetic.power(0.0, 2.0) == 0.0
    assert arithmetic.power(3.0, 1.0) == 3.0


@given(st.floats(-40, 40))
def test_logistic_is_symmetric_and_bounded(x: float) -> None:
    assert 0.0 <= arithmetic.logistic(x) <= 1.0
    assert math.isclose(arithmetic.logistic(x) + arithmetic.logistic(-x), 1.0, rel_tol=1e-12)


def test_compiled_and_plain_python_agree_to_the_bit() -> None:
    xs = np.random.default_rng(1).uniform(-50.0, 50.0, 2000)
    for x in xs.tolist():
        assert arithmetic.exp(x) == arithmetic.exp.py_func(x)  # type: ignore[attr-defined]
        assert arithmetic.log(abs(x)) == arithmetic.log.py_func(abs(x))  # type: ignore[attr-defined]


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_either_is_a_chance_no_smaller_than_both(a: float, b: float) -> None:
    both = arithmetic.either(a, b)
    assert max(a, b) - 1e-12 <= both <= min(1.0, a + b) + 1e-12
    assert arithmetic.either(a, 0.0) == pytest.approx(a)
    assert arithmetic.either(a, 1.0) == 1.0
