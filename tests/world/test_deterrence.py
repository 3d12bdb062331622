from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import rates, row, small, world_of

from sim import Scenario
from sim.agents.armed_group import TABLE as GROUPS
from sim.agents.armed_group.motives import attack_rate, attack_value
from sim.arithmetic import log
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import deterrence, district
from sim.world.codes import Choice
from sim.world.state import World

FORMS = pytest.mark.parametrize("form", list(deterrence.DETERRENCE.forms))
SHARE = st.floats(0.0, 1.0)


@FORMS
def test_each_form_has_a_cost_of_its_own(form: str) -> None:
    p = rates({"deterrence": form}, met_cost=1.0, choice_met_cost=3.0)
    assert deterrence.cost_of_being_met(p) == (3.0 if form == "choice" else 1.0)


@FORMS
def test_protection_deters_exactly_where_it_cuts_attacks_as_declared(form: str) -> None:
    p = rates({"deterrence": form})
    threshold = -log(p.deterring_odds) / (p.decisiveness * deterrence.cost_of_being_met(p))
    assert 0.0 < threshold < 1.0
    assert deterrence.deters(threshold * 1.001, p)
    assert not deterrence.deters(threshold * 0.999, p)
    assert deterrence.deterred(threshold, p) == pytest.approx(p.deterring_odds)


@given(SHARE, SHARE)
def test_who_expects_more_to_be_met_attacks_less(a: float, b: float) -> None:
    p = rates()
    low, high = sorted((a, b))
    assert 0.0 < deterrence.deterred(high, p) <= deterrence.deterred(low, p) <= 1.0
    assert deterrence.deterred(0.0, p) == 1.0


def test_without_the_mechanism_nothing_deters() -> None:
    p = small().without("deterrence").parameter_values()
    off = rates(met_cost=p["met_cost"], choice_met_cost=p["choice_met_cost"])
    assert deterrence.deterred(1.0, off) == 1.0
    assert not deterrence.deters(1.0, off)


def test_by_rate_being_met_cuts_the_rate_and_by_choice_the_value() -> None:
    """A level of protection takes the same part of a rate, whatever the motive; of a choice it does not."""
    group = row(GROUPS, fighters=300, abusiveness=1.0, supply=0.0, aim_rent=0.5)
    here = row(district.TABLE, state_control=0.3)
    values = [
        attack_value(group, here, 0.2, met, rates({"deterrence": "choice"}, choice_met_cost=2.0))
        for met in (0.0, 0.25)
    ]
    assert values[0] - values[1] == pytest.approx(0.5)
    p = rates()
    for motive in (0.1, 1.0):
        rate = attack_rate(group, motive, 1.0, p)
        assert rate > 0.0
        assert rate * deterrence.deterred(0.4, p) / rate == pytest.approx(
            np.exp(-p.decisiveness * p.met_cost * 0.4), rel=1e-6
        )


def chosen(form: str, weeks: int = 30, **parameters: float) -> tuple[World, np.ndarray]:
    """Return a world of one form of the rule, and how many attacks each group made in each week."""
    case = small(weeks)
    rules = case.header.rules.model_copy(update={"deterrence": form})
    case = small(weeks, header=case.header.model_copy(update={"rules": rules}))
    world = world_of(case, attack_hurdle=0.0, **parameters)
    made = np.zeros((weeks, len(world.armed_groups)), int)
    for number in range(weeks):
        week(world, number)
        rows = world.attacks[: world.clock[0].attacks]
        np.add.at(made[number], rows["group"], 1)
        attackers = np.flatnonzero(made[number])
        assert (world.armed_groups["choice"][attackers] == Choice.ATTACK).all()
    return world, made


def test_a_group_makes_one_attack_a_week_by_choice_and_several_by_rate() -> None:
    _, by_choice = chosen("choice", attack_effort=0.4)
    _, by_rate = chosen("rate", attack_rate=3.0)
    assert by_choice.max() == 1
    assert by_rate.max() > 1
    assert by_choice.sum() > 0


@FORMS
def test_a_group_without_a_motive_beyond_the_hurdle_never_attacks(form: str) -> None:
    case = small(20)
    rules = case.header.rules.model_copy(update={"deterrence": form})
    case = small(20, header=case.header.model_copy(update={"rules": rules}))
    never = case.with_parameters(attack_hurdle=1.5, loot_violence=0.1, attack_effort=0.4)
    assert Ensemble(never, "none").run(1, 0, 4).records["attacks"].sum() == 0


def violence(case: Scenario, form: str, met: float) -> float:
    """Return the attacks of a case in which every group believes for ever that it is met with a chance."""
    rules = case.header.rules.model_copy(update={"deterrence": form})
    case = small(40, header=case.header.model_copy(update={"rules": rules}))
    fixed = case.without("learning").with_parameters(
        prior_detect=0.5, prior_answer=met / 0.5, attack_hurdle=0.0, attack_effort=0.6
    )
    return float(Ensemble(fixed, "none").run(3, 0, 12).records["attacks"].sum())


@FORMS
def test_who_believes_to_be_met_attacks_less_in_a_world_by_either_form(form: str) -> None:
    case = small(40)
    assert violence(case, form, 0.35) < 0.75 * violence(case, form, 0.05)
