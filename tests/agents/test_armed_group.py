from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import army, group, small, unit, world_of

from sim.agents import armed_group as ag
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import calendar


def test_belief_starts_at_the_prior_and_follows_the_evidence() -> None:
    assert ag.belief(0.0, 0.0, 0.3, 2.0) == pytest.approx(0.3)
    assert ag.belief(100.0, 0.0, 0.3, 2.0) > 0.95
    assert ag.belief(0.0, 100.0, 0.3, 2.0) < 0.05


@given(st.floats(0.0, 1.0))
def test_control_zone_is_zero_at_the_ends_and_at_parity(c: float) -> None:
    assert 0.0 <= ag.control_zone(c) <= 1.0 + 1e-9
    assert ag.control_zone(c) == pytest.approx(ag.control_zone(1.0 - c), abs=1e-9)


def test_control_zone_peaks_where_one_side_dominates_without_full_control() -> None:
    assert ag.control_zone(0.0) == ag.control_zone(0.5) == ag.control_zone(1.0) == 0.0
    assert ag.control_zone(0.789) == pytest.approx(1.0, abs=1e-4)
    assert ag.control_zone(0.9) < ag.control_zone(0.79)


def prepared(**changes: object):
    """Return a world in week 0 in which everybody has been placed."""
    world = world_of(small(**changes))
    week(world, 0)
    return world


def test_reach_grows_with_fighters_and_shrinks_with_land_and_people() -> None:
    world = prepared()
    at_first = ag.reach(world, 0, 0)
    world.armed_groups[0].fighters *= 3
    assert ag.reach(world, 0, 0) > at_first
    world.districts[0].breadth *= 4
    world.districts[0].residents *= 4
    assert ag.reach(world, 0, 0) < at_first


def test_an_attack_loses_value_with_the_chance_of_being_met() -> None:
    world = prepared()
    values = []
    for yes in (0.0, 10.0, 1000.0):
        world.beliefs[0, 0].detect_yes = world.beliefs[0, 0].answer_yes = yes
        values.append(ag.attack_value(world, 0, 0, 0.2))
    assert values[0] > values[1] > values[2]
    world.parameters[0].met_cost = 0.0
    world.beliefs[0, 0].detect_yes = 0.0
    indifferent = ag.attack_value(world, 0, 0, 0.2)
    world.beliefs[0, 0].detect_yes = 1000.0
    assert ag.attack_value(world, 0, 0, 0.2) == indifferent


def test_hunger_grudge_and_abusiveness_make_attacks_more_attractive() -> None:
    world = prepared()
    t = world.armed_groups
    t[0].supply, t[0].grudge = 4.0, 0.0
    at_first = ag.attack_value(world, 0, 0, 0.2)
    t[0].supply = 0.0
    assert ag.attack_value(world, 0, 0, 0.2) > at_first
    t[0].supply, t[0].grudge = 4.0, 1.0
    assert ag.attack_value(world, 0, 0, 0.2) > at_first
    t[0].grudge, t[0].abusiveness = 0.0, 0.9
    assert ag.attack_value(world, 0, 0, 0.2) > at_first


def test_rulers_spare_those_they_rule() -> None:
    world = prepared()
    world.armed_groups[0].aim_rule = 1.0
    world.districts[0].state_control = 0.0
    world.districts[0].group_control = 1.0
    assert ag.attack_value(world, 0, 0, 1.0) < ag.attack_value(world, 0, 0, 0.79)


def test_tax_grows_with_control_and_with_what_there_is() -> None:
    world = prepared()
    assert ag.tax_value(world, 0, 0, 0.8, 0.5) > ag.tax_value(world, 0, 0, 0.1, 0.5)
    poor = ag.tax_value(world, 0, 0, 0.5, 0.5)
    world.districts[0].worth *= 2
    assert ag.tax_value(world, 0, 0, 0.5, 0.5) == pytest.approx(2 * poor)


def test_a_stronger_state_makes_contest_less_attractive() -> None:
    world = prepared()
    world.districts[0].state_strength = 20.0
    weak = ag.contest_value(world, 0)
    world.districts[0].state_strength = 5000.0
    assert ag.contest_value(world, 0) < weak


def test_roots_and_distance_hold_a_group() -> None:
    world = prepared()
    free = ag.move_value(world, 0, 1, 0.0)
    world.armed_groups[0].rootedness = 1.0
    rooted = ag.move_value(world, 0, 1, 0.0)
    assert rooted < free
    world.hours[:, 0, 1] += 40.0
    assert ag.move_value(world, 0, 1, 0.0) < rooted


def test_patrols_are_noticed_and_their_absence_is_noticed_later() -> None:
    """Beliefs differ from the truth: after patrols end, the fear of being met fades over weeks."""
    case = small(120, armed_groups=(group("Front", "alpha", abusiveness=0.0),), state_forces=())
    case = type(case)(**{**case.__dict__, "units": (unit("Alpha post", "alpha", strength=3000),)})
    world = world_of(case, "close-alpha")
    expected = []
    for number in range(120):
        week(world, number)
        d = int(world.armed_groups[0].district)
        expected.append(ag.expects_to_be_met(world, 0, d))
    before, soon, late = np.mean(expected[10:20]), np.mean(expected[20:23]), np.mean(expected[80:])
    assert before > 1.5 * late
    assert soon > late


def test_what_became_of_an_attack_teaches_the_attacker_and_those_who_hear_of_it() -> None:
    def expectation(alerted: int, answered_by: int) -> tuple[float, float, float]:
        world = prepared()
        world.armed_groups[0].target = 0
        world.communities[0].alerted = alerted
        world.communities[0].answered_by = answered_by
        before = [ag.expects_to_be_met(world, g, 0) for g in range(3)]
        ag.learn_from_attack(world, 0)
        after = [ag.expects_to_be_met(world, g, 0) for g in range(3)]
        return tuple(y - x for x, y in zip(before, after, strict=True))  # type: ignore[return-value]

    own, same_place, next_place = expectation(alerted=1, answered_by=1)
    assert own > same_place > 0  # an answer raises the expectation, hearsay less
    assert next_place > 0  # the exiles next door hear of it
    quiet, _, _ = expectation(alerted=0, answered_by=0)
    assert quiet < 0
    ignored, _, _ = expectation(alerted=1, answered_by=0)
    assert ignored < own


def runs_of(case, schedule: str = "none", n: int = 12):
    return Ensemble(case, schedule).run(3, 0, n).records


def test_nobody_fights_where_nobody_is_armed() -> None:
    records = runs_of(small(armed_groups=(), state_forces=()))
    for field in ("attacks", "clashes", "abuses", "killed_by_groups", "killed_by_state"):
        assert records[field].sum() == 0, field
    assert (records["deterred"][..., 0] >= 0).all()


def test_no_armed_group_means_no_attack_and_no_clash_but_the_state_may_prey() -> None:
    records = runs_of(small(armed_groups=()))
    assert records["attacks"].sum() == records["clashes"].sum() == 0
    assert records["abuses"].sum() > 0


def test_more_abusive_groups_attack_more() -> None:
    def attacks(level: float) -> float:
        groups = tuple(g.model_copy(update={"abusiveness": level}) for g in small().armed_groups)
        return float(runs_of(small(armed_groups=groups))["attacks"].mean())

    assert attacks(0.0) < attacks(0.5) < attacks(1.0)


def test_a_group_of_nobody_does_nothing() -> None:
    nobody = group("Nobody", "alpha", fighters_low=0, fighters=0, fighters_high=0)
    records = runs_of(small(armed_groups=(nobody,), state_forces=()))
    assert records["attacks"].sum() == 0
    assert records["armed"].sum() == 0


def test_starving_groups_shrink_and_fed_ones_grow() -> None:
    def strength(feeds: float) -> float:
        case = small(100, state_forces=(), units=()).with_parameters(district_feeds=feeds)
        case = type(case)(**{**case.__dict__, "schedules": {}})
        return float(runs_of(case)["armed"][:, -1].sum(axis=1).mean())

    assert strength(1000.0) < strength(8000.0)


def test_all_choices_occur_in_the_long_run() -> None:
    model = small(120, state_forces=(army("1st", "alpha"),)).model("none", seed=2)
    seen = set()
    for _ in range(120):
        model.step()
        seen |= {g.choice for g in model.armed_groups if g.fighters > 0}
    assert {ag.LIE_LOW, ag.TAX, ag.CONTEST, ag.ATTACK} <= seen


def test_begin_week_clears_what_is_counted_by_the_week() -> None:
    world = prepared()
    calendar.begin_week(world, 1)
    assert (world.communities["raider"] == -1).all()
    assert (world.districts["attacks"] == 0).all()
    assert np.isinf(world.communities["arrival"]).all()


def test_selective_violence_needs_informers_and_indiscriminate_violence_their_absence() -> None:
    world = prepared()
    d = world.districts
    d[0].state_control = 0.9
    d[0].group_control = 0.05
    alone, rules = 0.05, 0.9
    hostile = ag.indiscriminate_motive(world, 0, 0, alone)
    d[0].state_control, d[0].group_control = 0.05, 0.9
    assert ag.indiscriminate_motive(world, 0, 0, rules) < 0.1 * hostile  # those it rules inform it
    d[0].state_control, d[0].group_control = 0.0, 0.05
    free = ag.indiscriminate_motive(world, 0, 0, alone)
    assert free < 0.3 * hostile  # nobody's people are nobody's enemies
    d[0].state_control = 0.9
    assert hostile <= world.parameters[0].indiscriminate_violence


def test_what_an_attack_is_for_follows_what_draws_the_group() -> None:
    world = prepared()
    t, p = world.armed_groups, world.parameters[0]

    def modes(n: int = 400) -> np.ndarray:
        drawn = []
        for _ in range(n):
            world.keys[0] += np.uint64(1)
            drawn.append(ag.choose_mode(world, 0))
        return np.bincount(drawn, minlength=3) / n

    world.districts[0].state_control, world.districts[0].group_control = 0.8, 0.2
    t[0].control, t[0].grudge, t[0].supply = 0.2, 0.0, p.supply_cap
    full = modes()
    assert full[2] == 0.0  # nobody hungry loots
    t[0].supply = 0.0
    assert modes()[2] > 0.3
    t[0].supply, t[0].grudge = p.supply_cap, 1.0
    assert modes()[1] > full[1]  # where few inform, revenge falls on everybody
    p.indiscriminate_violence, t[0].grudge = 0.0, 0.0
    assert modes()[0] == 1.0
