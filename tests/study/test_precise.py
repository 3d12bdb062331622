from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import xarray as xr

from sim.intervals import mean_interval
from sim.study import precise
from sim.study.comparison import Comparison


def compared(excess: dict[str, np.ndarray]) -> Comparison:
    """Return what `look` asks of a comparison, of excesses of schedules over `none`."""
    n = len(next(iter(excess.values())))
    killed = np.array([*excess.values(), np.zeros(n)])[:, :, None]
    names = [*excess, "none"]
    coords = {"schedule": names, "replicate": np.arange(n), "metric": ["killed"]}
    totals = xr.DataArray(killed, dims=("schedule", "replicate", "metric"), coords=coords)
    return cast(Comparison, SimpleNamespace(totals=totals, names=names, replicates=n))


def worlds(n: int, seed: int) -> np.ndarray:
    """Return excesses like those of worlds at war: skewed, a few large, some below zero."""
    rng = np.random.default_rng(seed)
    return 400 * (rng.lognormal(0.0, 1.0, n) - 0.8) + rng.normal(0, 150, n)


def test_it_stops_once_precise_and_not_before() -> None:
    looks: list[precise.Look] = []
    result, seen = precise.until_precise(
        lambda n: compared({"exit": worlds(n, 1)}), 0.1, 20_000, looks.append
    )
    assert seen == looks
    assert [look.precise for look in seen] == [False] * (len(seen) - 1) + [True]
    assert seen[0].replicates == precise.FIRST
    assert all(b.replicates >= 1.5 * a.replicates for a, b in pairwise(seen))
    assert all(look.replicates % 10 == 0 for look in seen)
    low, high = mean_interval(worlds(seen[-1].replicates, 1))
    assert (high - low) / 2 <= 0.1 * worlds(seen[-1].replicates, 1).mean()
    assert result.replicates == seen[-1].replicates


def test_it_gives_up_at_the_most_that_are_run_and_says_what_it_would_take() -> None:
    _, seen = precise.until_precise(lambda n: compared({"exit": worlds(n, 1)}), 0.01, 1000, lambda _: None)
    assert seen[-1].replicates == 1000
    assert not seen[-1].precise
    assert seen[-1].calls_for > 20_000
    assert "takes about" in str(seen[-1])


def test_the_widest_interval_counts_and_a_schedule_without_effect_is_held_against_the_largest() -> None:
    rng = np.random.default_rng(0)
    look = precise.look(compared({"same": rng.normal(0, 900, 400), "exit": 5000 + worlds(400, 2)}), 0.05)
    assert look.schedule == "same"
    assert look.largest > 5000
    nothing = precise.look(compared({"a": np.zeros(200), "b": np.zeros(200)}), 0.1)
    assert "no schedule differs" in str(nothing)
    _, seen = precise.until_precise(lambda n: compared({"a": np.zeros(n)}), 0.1, 20_000, lambda _: None)
    assert len(seen) == 1


@pytest.mark.parametrize("asked", [0.0, 1.0, -0.1, 10.0])
def test_only_shares_can_be_asked(asked: float) -> None:
    with pytest.raises(ValueError, match="precision"):
        precise.until_precise(lambda n: compared({"a": np.ones(n)}), asked, 100, lambda _: None)


def test_the_interval_still_holds_the_mean_where_the_rule_stopped() -> None:
    """400 trials at ±20 %; the mean of `worlds` is known. Without a rule the interval holds it in 95 %."""
    truth = 400 * (np.exp(0.5) - 0.8)
    held = 0
    for trial in range(400):
        result, _ = precise.until_precise(
            lambda n, trial=trial: compared({"exit": worlds(n, 1000 + trial)}), 0.2, 20_000, lambda _: None
        )
        x = result.totals.sel(schedule="exit", metric="killed").values
        low, high = mean_interval(x)
        held += low <= truth <= high
    assert 0.92 <= held / 400 <= 0.985
