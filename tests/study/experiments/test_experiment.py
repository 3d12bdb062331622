"""What an experiment's file may say, and that a mistake in it is told with its line."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sim import ScenarioError, influence
from sim.parameters import PARAMETERS
from sim.study.experiments.design import points, size
from sim.study.experiments.experiment import Experiment, find


def test_it_is_read_as_written(make) -> None:
    file = make()
    read = Experiment.load(file)
    assert read.file == file
    assert [f.column for f in read.factors()] == [
        *(name for name in PARAMETERS if name in ("met_cost", "decisiveness")),
        "contest",
        "switch_escort",
    ]
    plans = read.plans(read.cases()[0])
    assert [plan.name for plan, _ in plans] == [
        "none",
        "fast-bases-all",
        "phased-bases-all-steps-2",
        "phased-bases-all-steps-3",
    ]
    assert plans[-1][1] == {"steps": 3, "bases": "all"}
    assert read.own_chance
    assert repr(read) == str(read)
    assert "latin-hypercube" in repr(read)
    assert pickle.loads(pickle.dumps(read)).digest == read.digest


@pytest.mark.parametrize(
    ("swap", "words"),
    [
        ({'"fled"': '"flet"'}, ("outcomes.1", "'flet'", "did you mean 'fled'?")),
        ({'"killed", "fled"': '"killed", "killed"'}, ("outcomes.1", "twice")),
        ({'"met_cost"': '"met_costs"'}, ("uncertainties.parameters.0", "did you mean 'met_cost'?")),
        ({'rule = "contest"': 'rule = "contests"'}, ("uncertainties.rules.0", "did you mean 'contest'?")),
        ({'"escort"': '"escorts"'}, ("uncertainties.switches.0", "did you mean 'escort'?")),
        ({'"corridor"': '"corridors"'}, ("scenarios.0", "did you mean 'corridor'?")),
        ({'"none", "fast:bases=all"': '"none", "nothing"'}, ("levers.schedules.1", "'nothing'")),
        ({'family = "phased"': 'family = "phase"'}, ("levers.families.0", "did you mean 'phased'?")),
        ({"steps = [2, 3]": "step = [2, 3]"}, ("levers.families.0", "there is no number 'step'")),
        ({"steps = [2, 3]": "steps = []"}, ("levers.families.0", "steps has no values")),
        ({"points = 4": "levels = 4"}, ("design", "needs 'points'")),
        ({"points = 4": "points = 4\nlevels = 3"}, ("design", "'levels' does not belong")),
        ({'kind = "latin-hypercube"': 'kind = "sobol"', "points = 4": "points = 5"}, ("power of 2",)),
        ({'kind = "latin-hypercube"': 'kind = "hypercube"'}, ("design.kind", "hypercube")),
        ({'kind = "latin-hypercube"\npoints = 4': 'kind = "defaults"'}, ("design.kind", "varies nothing")),
        ({"replicates = 3": "replicates = 0"}, ("replicates", "greater than or equal to 1")),
        ({"seed = 7": "seed = 1.5"}, ("seed",)),
        ({'expected = "Hardly."\n': ""}, ("expected", "is missing")),
        ({'"attacks"': '"attack"'}, ("keep.weekly.0", "did you mean 'attacks'?")),
        ({"[keep]": "[kept]"}, ("kept", "is not known here")),
    ],
)
def test_a_mistake_is_told_with_file_line_value_and_remedy(make, swap, words) -> None:
    file = make(swap)
    with pytest.raises(ScenarioError) as caught:
        Experiment.load(file)
    message = str(caught.value)
    assert message.startswith(str(file))
    for word in words:
        assert word in message, message
    assert "\n" not in message
    if "is missing" not in message:
        assert caught.value.line is not None
        lines = file.read_text().splitlines()
        new = next(iter(swap.values())).splitlines()
        near = range(max(caught.value.line - 3, 0), caught.value.line + 3)
        assert any(n < len(lines) and any(part in lines[n] for part in new) for n in near)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("low = -5.0", "outside the declared range"),
        ("low = 3.0\nhigh = 1.0", "must be below"),
        ("values = [1.0, 1.0]", "twice"),
        ("values = [1.0]\nlow = 0.5", "give one of them"),
        ("values = [1e9]", "outside the declared range"),
        ('spread = "normal"', "spread"),
    ],
)
def test_a_range_must_make_sense(make, given: str, words: str) -> None:
    own = f'[[uncertainties.ranges]]\nparameter = "met_cost"\n{given}\n\n[[uncertainties.rules]]'
    file = make({"[[uncertainties.rules]]": own})
    with pytest.raises(ScenarioError, match=words) as caught:
        Experiment.load(file)
    assert caught.value.where.startswith("uncertainties.ranges.0")


def test_a_range_of_its_own_goes_before_the_declared_one(make) -> None:
    own = '[[uncertainties.ranges]]\nparameter = "met_cost"\nlow = 1.0\nhigh = 2.0\n\n[[uncertainties.rules]]'
    read = Experiment.load(make({"[[uncertainties.rules]]": own}))
    factor = next(f for f in read.factors() if f.name == "met_cost")
    assert (factor.low, factor.high) == (1.0, 2.0)
    assert len(read.factors()) == 4


def test_a_tier_stands_for_its_parameters(make) -> None:
    read = Experiment.load(make({'parameters = ["met_cost", "decisiveness"]': "tiers = [1]"}))
    first = {name for name, i in influence.table().items() if i.tier == 1}
    varied = {f.name for f in read.factors() if f.kind == "parameter"}
    assert varied == {n for n in first if PARAMETERS[n].low < PARAMETERS[n].high}
    assert all(set(p) == {f.column for f in read.factors()} for p in points(read))


def test_the_hash_is_that_of_the_file_and_follows_every_change(make) -> None:
    read = Experiment.load(make())
    other = Experiment.load(make({"Hardly.": "A lot."}))
    changed = other.model_copy(update={"seed": 8})
    assert len({read.digest, other.digest, changed.digest}) == 3
    assert changed.model_copy(update={"seed": 7}).digest == other.digest


def test_experiments_are_found_by_file_folder_and_name(make, tmp_path: Path, monkeypatch) -> None:
    file = make()
    assert find(file) == find(file.parent) == file
    assert find("corridor-pace").parent.name == "corridor-pace"
    for where in ("corridor-pase", tmp_path, "x" * 5000, "a\0b"):
        with pytest.raises(ScenarioError):
            find(where)


def test_the_teaching_experiment_is_right(root: Path) -> None:
    read = Experiment.load(root / "experiments" / "corridor-pace")
    assert size(read.design, read.factors()) == len(points(read)) == 64
