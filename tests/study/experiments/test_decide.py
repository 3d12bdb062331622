"""Which schedule: sets that hold the best as often as they say, and criteria that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sim.study.experiments import decide
from sim.study.experiments.decide import Harm, best_set, convergence, criteria, worse


def harm(values: np.ndarray, unit: str = "point", outcome: str = "killed") -> Harm:
    names = tuple("abcdefgh"[: values.shape[2]])
    units = decide.mean_over(values, axis=1 if unit == "point" else 0)
    return Harm(outcome, names, values, units, unit, False, 0)


def worlds(rng: np.random.Generator, means: list[float], points: int, shared: float = 3.0) -> np.ndarray:
    """Return skewed harm in worlds that the schedules share, as common random numbers make it."""
    common = shared * rng.exponential(1.0, (points, 1, 1))
    return np.array(means) + common + rng.exponential(1.0, (points, 1, len(means)))


def test_the_set_holds_the_best_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    held, sizes = 0, []
    for _ in range(200):
        chosen = best_set(harm(worlds(rng, [0.0, 0.05, 0.1, 0.1, 2.0], 40)))
        held += "a" in chosen.kept
        sizes.append(len(chosen.kept))
        assert "e" in chosen.excluded
        assert sorted((*chosen.kept, *chosen.excluded)) == list("abcde")
    assert held / 200 >= 0.95
    assert np.mean(sizes) < 4.2


def test_common_chance_sharpens_the_set() -> None:
    rng = np.random.default_rng(2)
    matched = worlds(rng, [0.0, 1.0], 40, shared=20.0)
    apart = matched.copy()
    apart[:, :, 1] = rng.permutation(apart[:, :, 1])
    assert best_set(harm(matched)).kept == ("a",)
    assert set(best_set(harm(apart)).kept) == {"a", "b"}


def test_advice_on_more_runs_is_about_right() -> None:
    rng = np.random.default_rng(3)
    values = worlds(rng, [0.0, 0.0], 60)
    values[:, :, 1] += 0.12 - (values[:, :, 1] - values[:, :, 0]).mean()  # the gap is known
    chosen = best_set(harm(values))
    assert chosen.kept == ("a", "b")
    name, more, apart = chosen.advice[0]
    assert (name, chosen.unit, chosen.runs_a_unit) == ("b", "point", 1)
    assert apart > 0.12
    told = [best_set(harm(worlds(rng, [0.0, 0.12], 60 + more))).kept == ("a",) for _ in range(60)]
    assert 0.3 < np.mean(told) < 0.75  # about an even chance, by construction
    alike = worlds(rng, [0.0], 60)
    same = best_set(harm(np.concatenate([alike, alike], axis=2)))
    assert same.advice == (("b", 0, pytest.approx(0.0)),)


def test_few_units_tell_nothing() -> None:
    chosen = best_set(harm(worlds(np.random.default_rng(4), [0.0, 50.0], 3)))
    assert (chosen.kept, chosen.excluded) == (("a", "b"), ())


@settings(max_examples=25)
@given(arrays.arrays(float, (6, 2, 3), elements=st.integers(-50, 1000).map(float)))
def test_criteria_and_pairs_mean_what_they_say(values: np.ndarray) -> None:
    found = harm(values)
    rows = criteria(found, at_most=10.0).set_index("schedule")
    flat = values.reshape(-1, 3)
    for i, name in enumerate("abc"):
        assert rows.loc[name, "mean"] == pytest.approx(flat[:, i].mean())
        assert rows.loc[name, "worst"] == flat[:, i].max()  # the worst twentieth of twelve worlds is one
        assert rows.loc[name, "satisfied"] == pytest.approx((flat[:, i] <= 10).mean())
    means = values.mean(axis=1)
    regrets = (means - means.min(axis=1, keepdims=True)).max(axis=0)
    assert [rows.loc[n, "regret"] for n in "abc"] == pytest.approx(list(regrets))
    pairs = worse(found)
    assert len(pairs) == 3
    first = pairs.iloc[0]
    expected = (flat[:, 0] > flat[:, 1]).mean() + 0.5 * (flat[:, 0] == flat[:, 1]).mean()
    assert first["worse"] == pytest.approx(expected)
    assert ((pairs["low"] >= 0) & (pairs["high"] <= 1) & (pairs["low"] <= pairs["high"])).all()


def test_a_share_of_worlds_is_held_by_its_interval() -> None:
    """Replicates of a point share its parameters: they are not independent worlds."""
    rng = np.random.default_rng(5)
    truth, held = 0.5, 0
    for _ in range(150):
        tilt = rng.normal(0.0, 3.0, (40, 1))  # parameters decide which is worse, chance hardly
        difference = tilt + rng.normal(0.0, 1.0, (40, 10))
        values = np.stack([difference, np.zeros_like(difference)], axis=2)
        row = worse(harm(values)).iloc[0]
        held += row["low"] <= truth <= row["high"]
    assert 0.91 <= held / 150 <= 0.995


def test_failed_worlds_are_left_out_of_every_schedule() -> None:
    values = worlds(np.random.default_rng(6), [0.0, 1.0], 20)
    values[3] = np.nan
    found = harm(values)
    assert len(found.worlds) == len(found.by_point) == 19
    assert not np.isnan(found.worlds).any()


def test_convergence_ends_with_all_units() -> None:
    found = harm(worlds(np.random.default_rng(7), [0.0, 1.0], 60))
    rows = convergence(found, "b", "a")
    assert rows["units"].iloc[-1] == 60
    assert rows["units"].is_monotonic_increasing
    assert rows["excluded"].iloc[-1]
    width = rows["high"] - rows["low"]
    assert width.iloc[-1] < width.iloc[0]


def test_a_tail_that_holds_much_is_seen() -> None:
    values = np.ones((100, 1, 1))
    assert decide.tail_share(harm(values), "a") == pytest.approx(0.05)
    values[:2] = 1000.0
    assert decide.tail_share(harm(values), "a") > 0.9
