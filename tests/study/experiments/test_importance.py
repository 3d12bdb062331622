"""What matters: known functions give their known answers, and noise gives none."""

from __future__ import annotations

import numpy as np
import pytest

from sim.study.experiments import importance
from sim.study.experiments.design import unit_points
from sim.study.experiments.experiment import Design

pytest.importorskip("SALib")
NAMES = ["strong", "weak", "bent", "idle"]


def answer(unit: np.ndarray, rng: np.random.Generator, noise: float = 0.02) -> np.ndarray:
    strong, weak, bent, _ = unit.T
    return 4 * strong + 0.2 * weak + 6 * (bent - 0.5) ** 2 + rng.normal(0, noise, len(unit))


def test_morris_finds_what_matters() -> None:
    unit = unit_points(Design(kind="morris", trajectories=20, seed=1), 4)
    y = answer(unit, np.random.default_rng(1))
    y[3] = np.nan  # its trajectory is left out
    rows = importance._morris(unit, y, NAMES, 4, 1).set_index("factor")
    assert rows.loc["strong", "effect"] == pytest.approx(4.0, abs=0.2)
    assert rows.loc["strong", "mean_effect"] == pytest.approx(4.0, abs=0.2)
    assert rows.loc["bent", "sigma"] > 5 * rows.loc["strong", "sigma"]
    assert list(rows.index[rows["matters"]]) == ["strong", "bent"]


def test_sobol_shares_are_the_known_ones() -> None:
    unit = unit_points(Design(kind="sobol", points=512, seed=1), 4)
    y = answer(unit, np.random.default_rng(2), 0.0)
    parts = np.array([16 / 12, 0.04 / 12, 36 / 180, 0.0])
    rows = importance._sobol(y, NAMES, 1).set_index("factor")
    assert rows["effect"].to_numpy() == pytest.approx(parts / parts.sum(), abs=0.06)
    assert (rows["low"] <= parts / parts.sum() + 1e-9).all()
    assert not rows.loc["idle", "matters"]


def test_pawn_finds_what_matters_and_calls_noise_noise() -> None:
    unit = unit_points(Design(kind="latin-hypercube", points=200, seed=1), 4)
    rows = importance._pawn(unit, answer(unit, np.random.default_rng(3)), NAMES, 1).set_index("factor")
    assert rows["effect"].idxmax() == "strong"
    assert rows.loc["strong", "matters"]
    assert not rows.loc["idle", "matters"]
    assert ((rows["low"] <= rows["effect"]) & (rows["effect"] <= rows["high"])).all()
    from SALib.analyze import pawn

    y = answer(unit, np.random.default_rng(4))
    theirs = pawn.analyze({"num_vars": 4, "names": NAMES, "bounds": [[0, 1]] * 4}, unit, y, S=10)["median"]
    assert importance.pawn(unit, y, 10) == pytest.approx(np.asarray(theirs, float))
    wrong = sum(
        importance._pawn(unit, np.random.default_rng(s).normal(size=200), NAMES, 1)["matters"].any()
        for s in range(5)
    )
    assert wrong <= 2
    with pytest.raises(ValueError, match="too few"):
        importance._pawn(unit[:20], unit[:20, 0], NAMES, 1)
