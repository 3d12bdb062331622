"""One thing at a time: changes are paired differences from the first point, in the same worlds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim import Scenario, compare
from sim.show import experiments
from sim.show.experiments import Analysis
from sim.show.figures import experiments as pictures
from sim.study.experiments.ablation import changes, main_effects
from sim.study.experiments.decide import Harm
from sim.study.experiments.store import Results
from sim.study.experiments.sweep import sweep

pytest.importorskip("duckdb")
TEXT = """
name = "each"
title = "One thing at a time"
question = "What would be different?"
expected = "Deterrence."
why = "It is what bases do."
scenarios = ["corridor"]
replicates = 12
outcomes = ["killed"]
[levers]
schedules = ["none", "border-first", "hasty"]
[uncertainties]
parameters = ["met_cost"]
[[uncertainties.rules]]
rule = "contest"
[[uncertainties.switches]]
mechanism = "deterrence"
[design]
kind = "one-at-a-time"
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("each")
    (folder / "experiment.toml").write_text(TEXT)
    with ThreadPoolExecutor(1) as here:
        return sweep(folder, folder / "results" / "each", executor=here)


def test_a_change_is_that_of_matched_worlds(results: Results, root: Path) -> None:
    a = Analysis.of(results)
    rows = changes(results, a.found, "hasty").set_index("factor")
    case = Scenario.load(root / "scenarios" / "corridor")
    excess = []
    for world in (case, case.without("deterrence")):
        totals = compare(world, ["hasty"], replicates=12, seed=1).totals.sel(metric="killed")
        excess.append((totals.sel(schedule="hasty") - totals.sel(schedule="none")).values)
    row = rows.loc["deterrence"]
    assert row["value"] == "off"
    assert row["change"] == pytest.approx((excess[1] - excess[0]).mean())
    assert row["harm"] == pytest.approx(excess[1].mean())
    assert row["low"] < row["change"] < row["high"]
    as_it_is = rows[rows["value"] == case.rules.contest]
    assert (as_it_is["change"] == 0).all()
    assert not as_it_is["clear"].any()
    assert (np.diff(rows["change"].abs()) <= 0).all()


def test_page_table_and_figure_say_it(results: Results, tmp_path: Path) -> None:
    a = Analysis.of(results)
    words = " ".join(experiments.page(a).split())
    assert f"{len(a.changes)} changes were tried, one at a time, in the same 12 worlds" in words
    for r in a.changes[a.changes["clear"]].head(5).itertuples():
        assert f"{r.factor} {experiments.in_words(r.value)}" in words
    assert experiments.tables(a)["changes"] is a.changes
    assert "changes.png" in {path.name for path in pictures.save_all(a, tmp_path)}


def test_main_effects_and_interactions_are_those_of_the_grid(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = results.provenance["experiment"]
    ranges = [
        {"parameter": "met_cost", "values": [0.5, 1.0, 2.0]},
        {"parameter": "deterring_odds", "values": [0.3, 0.7]},
    ]
    grid = {"design": {"kind": "grid", "levels": 2}, "uncertainties": {"ranges": ranges}}
    told = results.provenance | {"experiment": asked | grid, "factors": ["met_cost", "deterring_odds"]}
    rng = np.random.default_rng(1)
    world = 100.0 * rng.normal(size=40)
    value = [(a, b) for a in (0.5, 1.0, 2.0) for b in (0.3, 0.7)]
    harm = np.stack([world + 50 - 8 * a - 30 * b + 20 * a * b + rng.normal(size=40) for a, b in value])
    found = Harm(
        "killed", ("none", "hasty"), np.stack([0 * harm, harm], axis=2), harm.T, "replicate", True, 0
    )
    rows = main_effects(replace(results, provenance=told), found, "hasty").set_index(["factor", "given"])
    assert rows.loc[("met_cost", ""), "change"] == pytest.approx(1.5 * (-8 + 20 * 0.5), abs=0.5)
    assert rows.loc[("deterring_odds", ""), "change"] == pytest.approx(0.4 * (-30 + 20 * 3.5 / 3), abs=0.5)
    interaction = rows.loc[("met_cost", "deterring_odds")]
    assert interaction["change"] == pytest.approx(20 * 1.5 * 0.4, abs=0.7)
    assert interaction["clear"]  # although worlds differ by far more
    with pytest.raises(ValueError, match="of a grid"):
        main_effects(results, found, "hasty")
    a = Analysis(replace(results, provenance=told), found, 0.0)
    frame = pd.DataFrame(value, columns=["met_cost", "deterring_odds"])
    monkeypatch.setattr(Analysis, "points", frame)
    words = " ".join(experiments.page(a).split())
    assert "With deterring_odds at its highest value rather than its lowest, what met_cost does" in words
    assert "main-effects.png" in {path.name for path in pictures.save_all(a, tmp_path)}


def test_other_designs_and_chance_of_their_own_are_refused(results: Results) -> None:
    a = Analysis.of(results)
    asked = results.provenance["experiment"]
    for other, said in (
        ({"design": {"kind": "defaults"}}, "use 'one-at-a-time'"),
        ({"chance": "own"}, "matched"),
    ):
        told = results.provenance | {"experiment": asked | other}
        with pytest.raises(ValueError, match=said):
            changes(replace(results, provenance=told), a.found, "hasty")
