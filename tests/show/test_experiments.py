"""The page of an experiment: what it says follows from its tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.show import experiments
from sim.show.experiments import Analysis
from sim.show.figures import experiments as pictures
from sim.study.experiments.store import Results
from sim.study.experiments.sweep import sweep

pytest.importorskip("duckdb")
pytest.importorskip("sklearn")
TEXT = """
name = "small"
title = "A small experiment"
question = "Does it matter?"
expected = "Hardly."
why = "It is small."
scenarios = ["corridor"]
replicates = 2
outcomes = ["killed", "fled"]
[levers]
schedules = ["none", "border-first", "hasty"]
[uncertainties]
parameters = ["met_cost", "decisiveness"]
[[uncertainties.rules]]
rule = "contest"
[design]
kind = "latin-hypercube"
points = 45
"""


@pytest.fixture(scope="module")
def results(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("small")
    (folder / "experiment.toml").write_text(TEXT)
    with ThreadPoolExecutor(1) as here:
        return sweep(folder, folder / "results" / "small", executor=here)


def test_the_page_says_what_the_tables_hold(results: Results) -> None:
    a = Analysis.of(results)
    said = experiments.page(a)
    words = " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 80
    assert "90 matched worlds (45 points x 2 replicates, latin-hypercube) under 3 schedules" in words
    assert "Civilians killed beyond those with no drawdown" in words
    rows = a.criteria.set_index("schedule")
    assert rows.loc["none", "mean"] == 0
    for name in ("border-first", "hasty"):
        assert name in words
        assert f"{rows.loc[name, 'mean']:,.0f}" in words
    assert "Expected beforehand: Hardly." in words
    assert "no forecast" in words
    assert a.selection.best == rows.drop(index="none")["mean"].idxmin()
    assert all(name != "none" for name in a.selection.kept)
    share = a.pairs.set_index(["schedule", "than"])["worse"]
    assert share.between(0, 1).all()
    assert not isinstance(a.importance, str)
    assert set(a.importance.table["factor"]) == {"met_cost", "decisiveness", "contest"}


def test_what_would_tell_is_said_where_points_are_drawn(results: Results) -> None:
    a = Analysis.of(results)
    assert a.telling is not None
    assert set(a.telling["fact"]) == {"met_cost", "decisiveness", "contest"}
    words = " ".join(experiments.page(a).split())
    assert ("is clearly worth finding out" in words) != a.telling["clear"].any()
    chosen = {"design": {"kind": "grid", "levels": 3}}
    told = results.provenance | {"experiment": results.provenance["experiment"] | chosen}
    assert Analysis.of(replace(results, provenance=told)).telling is None


def test_another_outcome_and_bound(results: Results) -> None:
    a = Analysis.of(results, "fled", at_most=1e12)
    assert (a.criteria["satisfied"] == 1).all()
    with pytest.raises(ValueError, match="not kept"):
        Analysis.of(results, "attacks")


def test_figures_are_drawn(results: Results, tmp_path: Path) -> None:
    made = pictures.save_all(Analysis.of(results), tmp_path / "figures")
    names = {path.stem for path in made}
    assert {"criteria", "convergence", "importance"} <= names
    again = pictures.save_all(Analysis.of(results), tmp_path / "again")
    for one, other in zip(made, again, strict=True):
        assert one.stat().st_size > 5000
        assert one.read_bytes() == other.read_bytes()


def test_the_command(results: Results, monkeypatch) -> None:
    folder = results.folder.parent.parent
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, ["analyse", "experiment.toml", "--no-figures"])
    assert done.exit_code == 0, done.output
    assert "matched worlds" in done.output
    written = {path.name for path in results.folder.iterdir()}
    assert {"criteria.csv", "pairs.csv", "importance.csv", "what-would-tell.csv", "tree.txt"} <= written
    file = folder / "experiment.toml"
    file.write_text(TEXT.replace("Hardly.", "A lot."))
    done = CliRunner().invoke(app, ["analyse", "experiment.toml", "--no-figures"])
    assert "was changed since these runs were made" in " ".join(done.output.split())
    assert "Expected beforehand: Hardly." in done.output
    done = CliRunner().invoke(app, ["analyse", "experiment.toml", "--results", "nowhere"])
    assert done.exit_code == 2
    assert "run `drawdown sweep` first" in " ".join(done.output.split())
