"""Experiments over plausible parameters: their points are the draws."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sim.parameters import PARAMETERS
from sim.scenario.errors import ScenarioError
from sim.study import draws as drawing
from sim.study.draws import Draws
from sim.study.experiments import experiment as experiments
from sim.study.experiments import plan as planning
from sim.study.experiments.experiment import Experiment
from sim.study.experiments.plan import plan
from sim.study.experiments.sweep import merge, sweep


def asked(**more: object) -> Experiment:
    given = {
        "name": "few", "title": "Few", "question": "q", "expected": "e", "why": "w",
        "scenarios": ["corridor"],
        "replicates": 2, "outcomes": ["killed"], "levers": {"schedules": ["none", "hasty"]},
        "design": {"kind": "plausible", "points": 7},
    }  # fmt: skip
    return Experiment(**(given | more))  # type: ignore[arg-type]


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> Draws:
    names = tuple(list(PARAMETERS)[:2])
    low = np.array([PARAMETERS[n].low for n in names])
    high = np.array([PARAMETERS[n].high for n in names])
    values = np.stack([low, 0.5 * (low + high), high])
    made = Draws(names, values, np.ones(3))
    monkeypatch.setattr(experiments, "shipped", lambda: made)
    return made


def test_points_are_draws_and_draw_chance_of_their_own(three: Draws) -> None:
    made = plan(asked())
    assert made.runs == 7 * 2 * 2
    assert made.recipe.own_chance
    chosen = three.chosen(1, 0, 7)
    assert list(made.points) == [three.parameters_of(int(i)) for i in chosen]
    assert {f.name for f in made.recipe.factors} == set(three.names)


def test_any_experiment_can_be_run_over_plausible_or_default_parameters(three: Draws) -> None:
    other = asked(uncertainties={"parameters": ["met_cost"]}, design={"kind": "latin-hypercube", "points": 5})
    over = other.with_parameters("plausible")
    assert len(plan(over).points) == 5
    assert over.digest != other.digest
    assert plan(other.with_parameters("default")).points == [{}]
    grid = asked(uncertainties={"parameters": ["met_cost"]}, design={"kind": "grid", "levels": 4})
    assert len(plan(grid.with_parameters("plausible")).points) == 3
    with pytest.raises(ScenarioError, match="write plausible or default"):
        other.with_parameters("defaults")


def test_draws_say_what_is_varied(three: Draws) -> None:
    with pytest.raises(ScenarioError, match=r"leave \[uncertainties\] out"):
        plan(asked(uncertainties={"parameters": ["met_cost"]}))


def test_without_draws_the_design_says_how_to_make_them(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(drawing, "TABLE", tmp_path / "none.csv")
    with pytest.raises(ScenarioError, match=r"plausible\.py"):
        plan(asked())
    with pytest.raises(ScenarioError, match=r"plausible\.py"):
        asked(design={"kind": "defaults"}).with_parameters("plausible")


def test_runs_over_other_parameters_are_known_by_their_digest(three: Draws, monkeypatch) -> None:
    other = asked(uncertainties={"parameters": ["met_cost"]}, design={"kind": "latin-hypercube", "points": 5})
    for made in (other, other.with_parameters("plausible"), other.with_parameters("default")):
        assert other.as_run(made.digest).digest == made.digest
    assert other.as_run("of another file").digest == other.digest
    digest = other.with_parameters("default").digest

    def none() -> Draws:
        raise drawing.DrawsError("none")

    monkeypatch.setattr(experiments, "shipped", none)
    assert other.as_run(digest).digest == digest, "the lack of draws is no matter of default parameters"


def test_shards_over_plausible_parameters_merge_without_saying_so_again(
    three: Draws, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(planning, "CHUNK", 12 * 209 * 11)
    other = asked(uncertainties={"parameters": ["met_cost"]}, design={"kind": "latin-hypercube", "points": 6})
    over = other.with_parameters("plausible")
    with ThreadPoolExecutor(1) as here:
        for shard in ((1, 2), (2, 2)):
            sweep(over, tmp_path / "shards", executor=here, shard=shard)
        results = merge(other, out=tmp_path / "shards")
        assert results.complete
        assert results.provenance["experiment"]["design"]["kind"] == "plausible"
        assert results.runs[three.names[0]].nunique() == 3
