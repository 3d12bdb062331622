"""Tasks: runs as numbered, the same in any pieces, and a failure that stays with the run it belongs to."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import camps

from sim import Scenario, run_scenarios
from sim.ensemble import Ensemble
from sim.measures import METRIC
from sim.parameters import PARAMETERS
from sim.scenario.schema import NO_DRAWDOWN
from sim.study.experiments import task as tasks
from sim.study.experiments.plan import Plan, plan
from sim.study.experiments.sweep import replay
from sim.week import DECLARED


@settings(max_examples=30)
@given(st.integers(1, 3), st.integers(1, 5), st.integers(1, 4), st.integers(1, 7), st.data())
def test_every_run_has_one_place_and_every_place_one_run(
    cases: int, points: int, schedules: int, replicates: int, data: st.DataObject
) -> None:
    recipe = recipe_of(cases, points, schedules, replicates)
    places = [recipe.place(run) for run in range(recipe.runs)]
    assert places == sorted(set(places))
    assert len(places) == cases * points * schedules * replicates
    chunk = data.draw(st.integers(1, recipe.runs))
    shards = data.draw(st.integers(1, 6))
    made = Plan(None, recipe, [{}] * points, {}, chunk)
    found = sorted(c for i in range(shards) for c in made.chunks((i + 1, shards)))
    assert found == made.chunks()
    assert [run for first, count in found for run in range(first, first + count)] == list(range(recipe.runs))
    for first, count in found:
        wanted = {places[run][1] for run in range(first, first + count)}
        assert set(made.task(first, count).points) == wanted


def recipe_of(cases: int, points: int, schedules: int, replicates: int) -> tasks.Recipe:
    values = {f.name: () for f in dataclasses.fields(tasks.Recipe)}
    values |= {"cases": (None,) * cases, "plans": ((None,) * schedules,) * cases}
    return tasks.Recipe(**values | {"points": points, "replicates": replicates})


@settings(max_examples=10)
@given(st.data())
def test_a_world_that_takes_other_parameters_is_the_one_that_would_be_built(data: st.DataObject) -> None:
    case = camps(8)
    names = data.draw(st.lists(st.sampled_from([*PARAMETERS, "vote_weeks"]), max_size=20, unique=True))
    values = {n: data.draw(st.floats(PARAMETERS[n].low, PARAMETERS[n].high)) for n in names}
    forms = {n: data.draw(st.sampled_from(list(rule.forms))) for n, rule in DECLARED.rules.items()}
    off = data.draw(st.lists(st.sampled_from([*DECLARED.mechanisms]), max_size=5))
    variant = case.with_parameters(**values).with_rules(**forms).without(*off)
    reused = Ensemble(case, "exit")
    reused.set_parameters(case.without("season").with_parameters(vote_weeks=PARAMETERS["vote_weeks"].low))
    reused.set_parameters(variant)
    fresh = Ensemble(variant, "exit")
    for world in (reused.start, reused.fresh(reused.start.record)):
        for name, mine, wanted in zip(world._fields, world, fresh.start, strict=True):
            assert mine.tobytes() == wanted.tobytes(), name


def test_rows_are_those_of_the_engine(make) -> None:
    made = plan(make())
    rows = tasks.measure(made.task(0, made.runs)).runs
    assert list(rows["run"]) == list(range(4 * 4 * 3))
    assert not rows["failed"].any()
    for run in (0, 17, 47):
        row = rows.iloc[run]
        case = Scenario.load(made.experiment.file.parent / "corridor")
        case = case.with_parameters(met_cost=row["met_cost"], decisiveness=row["decisiveness"])
        case = case.with_rules(contest=row["contest"])
        case = case.without("escort") if row["switch_escort"] == "off" else case
        schedule = {"none": NO_DRAWDOWN} | {p.name: p for p in made.recipe.plans[0]}
        records = Ensemble(case, schedule[row["schedule"]]).run(7, int(row["replicate"]), 1).records
        for outcome in ("killed", "fled"):
            assert METRIC[outcome].of(records)[0] == row[outcome]
    matched = rows.groupby(["point", "replicate"])["schedule"].nunique()
    assert (matched == 4).all()
    assert len(matched) == 12  # each point draws chance of its own
    assert rows["lever_steps"].isna().sum() == 24


def test_a_run_is_the_same_in_any_piece(make) -> None:
    made = plan(make())
    rows = tasks.measure(made.task(0, made.runs)).runs
    for edges in ([0, 1, 17, 48], [0, 31, 32, 48]):
        pieces = [tasks.measure(made.task(a, b - a)).runs for a, b in pairwise(edges)]
        joined = pd.concat(pieces, ignore_index=True)
        same = ["run", "point", "schedule", "replicate", "met_cost", "contest", "killed", "fled", "version"]
        assert joined[same].equals(rows[same])


def test_one_run_that_raises_is_one_row_that_says_so(make, monkeypatch, break_run) -> None:
    made = plan(make())
    good = tasks.measure(made.task(0, made.runs)).runs
    tasks.forget()
    break_run(monkeypatch, "fast-bases-all", 4)
    rows = tasks.measure(made.task(0, made.runs)).runs
    wrong = rows[rows["failed"]]
    assert list(wrong["run"]) == [16]  # the second point, second schedule, second replicate
    row = wrong.iloc[0]
    assert (row["point"], row["schedule"], row["replicate"]) == (1, "fast-bases-all", 4)
    assert row["error"] == "ZeroDivisionError: a mistake in a rule"
    assert "a mistake in a rule" in row["traceback"]
    assert "sim/study/experiments/task.py" in row["traceback"]
    assert str(tasks.PACKAGE) not in row["traceback"]
    assert row["replay"] == "drawdown sweep tiny --replay 16"
    assert np.isnan(row["killed"])
    assert row["met_cost"] == good["met_cost"][16]
    rest = [i for i in range(made.runs) if i != 16]
    pd.testing.assert_frame_equal(
        rows.loc[rest].drop(columns=["error", "traceback", "replay"]),
        good.loc[rest].drop(columns=["error", "traceback", "replay"]),
        check_dtype=False,
    )
    with pytest.raises(ZeroDivisionError):
        replay(make(), 16)
    assert replay(make(), 17)["killed"] == good["killed"][17]
    tasks.forget()


def test_people_who_get_lost_make_a_run_fail(make, monkeypatch) -> None:
    usual = Ensemble.run

    def run(self, *args, **more):
        runs = usual(self, *args, **more)
        runs.people[-1, 1] -= 1
        return runs

    monkeypatch.setattr(Ensemble, "run", run)
    made = plan(make())
    rows = tasks.measure(made.task(0, 3)).runs
    assert rows["failed"].all()
    assert rows["error"].str.contains("persons and ended with").all()


def test_a_table_of_settings_for_those_who_come_from_mesa() -> None:
    case = camps(8)
    given = [{"met_cost": 1.0}, {"met_cost": 3.0, "contest": "lanchester"}, {}]
    rows = run_scenarios(case, given, schedules=["none", "exit"], replicates=2, outcomes=["killed", "fled"])
    assert len(rows) == 12
    assert rows["met_cost"].tolist()[-1] == PARAMETERS["met_cost"].default
    assert set(rows["replicate"]) == {0, 1}
    with pytest.raises(ValueError, match="did you mean 'met_cost'"):
        run_scenarios(case, [{"met_costs": 1.0}])
