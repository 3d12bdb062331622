"""Skill is against a naive forecast."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.study.replay.skill import fitted_factor, ranks, skill, within


def test_skill_is_one_if_perfect_none_if_naive_and_below_if_worse() -> None:
    observed, naive = np.array([1.0, 10.0, 100.0]), np.full(3, 10.0)
    assert skill(observed, observed, naive) == 1.0
    assert skill(observed, naive, naive) == 0.0
    assert skill(observed, observed[::-1], naive) < 0.0
    assert math.isnan(skill(observed, naive, observed))


def test_a_factor_brings_sums_together() -> None:
    assert fitted_factor(np.array([2.0, 4.0]), np.array([1.0, 2.0])) == 2.0
    assert math.isnan(fitted_factor(np.ones(2), np.zeros(2)))


def test_ranks_and_what_is_common_within_places() -> None:
    assert ranks(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 900.0])) == pytest.approx(1.0)
    assert math.isnan(ranks(np.ones(3), np.arange(3.0)))
    x = np.random.default_rng(1).random((200, 4))
    places = np.array([1.0, 10.0, 100.0, 1000.0])
    y = np.random.default_rng(2).random((200, 4))
    assert within(x * places, y * places) == pytest.approx(0.0, abs=0.1)
    assert within(x, x) == pytest.approx(1.0)
    assert math.isnan(within(np.ones((3, 2)), np.ones((3, 2))))
