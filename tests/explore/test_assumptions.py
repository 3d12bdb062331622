from __future__ import annotations

import pytest
from worlds import small

from sim import influence
from sim.explore.assumptions import PLAUSIBLE, all_of, chosen, named, weight
from sim.mechanisms import MECHANISMS, MechanismError
from sim.parameters import ParameterError
from sim.scenario.errors import ScenarioError
from sim.study import draws
from sim.week import DECLARED

RIVALS = [f"{r.name}={form}" for r in DECLARED.rules.values() for form in list(r.forms)[1:]]


def test_rival_forms_come_first_then_plausible_worlds_then_mechanisms_by_influence() -> None:
    first = [*RIVALS, PLAUSIBLE]
    keys = [one.key for one in chosen(small(), len(first) + 6)]
    assert keys[: len(first)] == first
    weights = [weight(MECHANISMS[key]) for key in keys[len(first) :]]
    assert len(weights) == 6
    assert weights == sorted(weights, reverse=True)
    others = [m for m in MECHANISMS.values() if m.name not in keys and m.off and max(m.off.values()) < 1e9]
    assert max(map(weight, others)) <= weights[-1]


def test_the_influence_of_a_mechanism_is_that_of_the_parameters_that_work_it() -> None:
    moves = influence.table()["met_cost"].excess
    assert weight(MECHANISMS["deterrence"]) >= max(map(abs, moves)) > 0
    assert weight(MECHANISMS["season"]) == 0.0


def test_plausible_worlds_found_under_other_rules_are_tried_only_if_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(draws, "stale", lambda: "they were found under older rules")
    assert PLAUSIBLE not in [one.key for one in chosen(small(), 40)]
    asked = named(small(), PLAUSIBLE)
    assert asked.draws is not None
    assert "found under older rules" in asked.meaning
    monkeypatch.undo()
    assert draws.rough(), "of a calibration in full nothing need be said"
    assert "which rules out little" in named(small(), PLAUSIBLE).meaning


def test_deeds_are_not_assumed_away_and_what_is_off_is_not_tried_again() -> None:
    case = small().without("recruitment").with_rules(contest="lanchester")
    keys = [one.key for one in chosen(case, 40)]
    assert "attacks" not in keys
    assert "recruitment" not in keys
    assert "contest=lanchester" not in keys
    assert "contest=ratio" in keys


def test_each_changes_what_it_says() -> None:
    case = small()
    assert named(case, "deterrence").case.switched_off == ("deterrence",)
    assert named(case, "contest=lanchester").case.rules.contest == "lanchester"
    varied = named(case, "met_cost=2")
    assert varied.case.parameter_values()["met_cost"] == 2.0
    assert varied.label == f"met_cost 2 value instead of {case.parameter_values()['met_cost']:g}"
    first, *rest = all_of(case, ["deterrence", "deterrence"], 9)
    assert first.case is case
    assert [one.key for one in rest] == ["deterrence"]
    assert all_of(case, None, 0) == [first]
    assert "what was set" in all_of(case.without("season"), None, 0)[0].meaning


@pytest.mark.parametrize(
    ("key", "error", "words"),
    [
        ("deterence", MechanismError, "did you mean 'deterrence'"),
        ("contest=lancaster", ScenarioError, "lanchester"),
        ("met_cost=x", ValueError, "PARAMETER=VALUE"),
        ("met_cost=99", ParameterError, "outside its range"),
        ("met_costs=1", ParameterError, "did you mean 'met_cost'"),
    ],
)
def test_one_that_does_not_exist_is_named(key: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        named(small(), key)
