"""What a fact is worth before a choice, where that is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.study.telling import knowing_all, plus_minus, worth_knowing


def choice(worlds: int, noise: float, seed: int = 1) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the harm of two choices, of which a fact says which is better, and nine that say nothing.

    With u uniform over -1 to 1 the second does 10 u more harm: to know u saves 10 E[max(u, 0)] = 2.5.
    """
    rng = np.random.default_rng(seed)
    u = rng.uniform(-1.0, 1.0, worlds)
    first = 100.0 + 30.0 * rng.normal(size=worlds)
    harm = np.column_stack([first, first + 10.0 * u + noise * rng.normal(size=worlds)])
    facts = pd.DataFrame(rng.normal(size=(worlds, 9)), columns=[f"chaff {i}" for i in range(9)])
    return harm, facts.assign(telling=np.exp(u), always=1.0)


def test_the_fact_that_tells_comes_first_with_what_it_is_worth() -> None:
    found = worth_knowing(*choice(1000, noise=5.0))
    first = found.iloc[0]
    assert first.fact == "telling"
    assert first.clear
    assert first.worth == pytest.approx(2.5, abs=3 * first.error + 0.1)
    assert not found["clear"].iloc[1:].any()
    assert "always" not in set(found["fact"])


def test_its_error_is_how_far_it_strays_from_sample_to_sample() -> None:
    found = [worth_knowing(*choice(200, 5.0, seed)).set_index("fact").loc["telling"] for seed in range(10)]
    spread = np.std([f.worth for f in found], ddof=1)
    assert np.mean([f.error for f in found]) == pytest.approx(spread, rel=0.6)


def test_meaningless_facts_are_hardly_ever_clear() -> None:
    wrong = 0
    for seed in range(15):
        harm, facts = choice(60, 5.0, seed)
        wrong += worth_knowing(harm, facts.drop(columns="telling"), seed)["clear"].any()
    assert wrong <= 3  # 5 in 100 of 15 are 1


def test_no_fact_is_worth_more_than_all() -> None:
    harm, facts = choice(300, noise=5.0)
    assert worth_knowing(harm, facts)["worth"].max() < knowing_all(harm)
    assert knowing_all(np.ones((50, 3))) == 0.0


def test_few_worlds_say_nothing_and_facts_that_do_not_vary_are_left_out() -> None:
    with pytest.raises(ValueError, match="39 worlds and 2 choices are too few"):
        worth_knowing(np.zeros((39, 2)), pd.DataFrame({"a": np.arange(39)}))
    assert len(worth_knowing(np.zeros((40, 2)), pd.DataFrame({"a": np.ones(40)}))) == 0


@pytest.mark.parametrize(
    ("worth", "error", "said"), [(12.3, 4.0, "12 ± 4"), (3.14, 1.2, "3.1 ± 1.2"), (0.123, 0.5, "0.12 ± 0.50")]
)
def test_digits_are_those_that_count(worth: float, error: float, said: str) -> None:
    assert plus_minus(worth, error) == said


def test_a_fact_of_two_values_is_worth_what_it_says() -> None:
    harm, facts = choice(1000, noise=5.0)
    which = np.sign(np.log(facts["telling"]))
    found = worth_knowing(harm, pd.DataFrame({"which": which, "coin": np.arange(1000) % 2})).set_index("fact")
    exact = harm.mean(axis=0).min() - sum(harm[which == w].mean(axis=0).min() / 2 for w in (-1, 1))
    assert found.loc["which", "worth"] == pytest.approx(exact, abs=0.1)
    assert found.loc["which", "clear"]
    assert not found.loc["coin", "clear"]
