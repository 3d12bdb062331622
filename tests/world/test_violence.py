from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import group, small, world_of

from sim import ScenarioError, chance
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import violence
from sim.world.people import census
from sim.world.violence import lanchester_success

POSITIVE = st.floats(0.01, 1e5)


@given(POSITIVE, POSITIVE, st.floats(0.5, 2.0))
def test_contest_success_is_a_chance_and_fair(a: float, b: float, sharpness: float) -> None:
    win = violence.contest_success(a, b, sharpness)
    assert 0.0 < win < 1.0
    assert win + violence.contest_success(b, a, sharpness) == pytest.approx(1.0, abs=1e-7)
    assert violence.contest_success(2 * a, b, sharpness) > win
    assert violence.contest_success(a, a, sharpness) == pytest.approx(0.5)


def test_contest_success_at_the_edges() -> None:
    assert violence.contest_success(0.0, 0.0, 1.0) == 0.5
    assert violence.contest_success(10.0, 0.0, 1.0) == 1.0
    assert violence.contest_success(0.0, 10.0, 1.0) == 0.0


def test_sizes_of_attacks_have_the_declared_tail() -> None:
    """Deaths grow while an attack lasts and it stops at a random time: a Pareto tail of 1 + h/g."""
    growth, stop = 0.25, 0.275
    u = (np.arange(200_000) + 0.5) / 200_000
    deaths = np.array([violence.attack_deaths(1.0, growth, chance.exponential(v, 1 / stop)) for v in u])
    tail = deaths[deaths >= 10]
    exponent = 1 + len(tail) / np.log(tail / 10).sum()
    assert exponent == pytest.approx(1 + stop / growth, abs=0.03)


def struck(**more: object):
    """Return a world in which group 0 attacks community 0, before it does."""
    world = world_of(
        small(armed_groups=(group("Front", "alpha", fighters_low=400, fighters=400, fighters_high=400),))
    )
    week(world, 0)
    t = world.communities
    t[0].arrival, t[0].noticed, t[0].answered_by = np.inf, 0, 0
    world.armed_groups[0].target = 0
    world.harm[:] = 0
    for name, value in more.items():
        setattr(t[0], name, value)
    return world


def mean_deaths(**more: object) -> float:
    total = 0
    for r in range(300):
        world = struck(**more)
        world.keys[0] += np.uint64(1000 + r)
        violence.strike(world, 0)
        total += int(world.harm[0, 0, 0])
    return total / 300


def test_early_answers_and_warnings_save_lives() -> None:
    alone = mean_deaths()
    assert mean_deaths(arrival=1.0, answered_by=1) < 0.6 * alone
    assert mean_deaths(arrival=0.0, answered_by=1) <= mean_deaths(arrival=1.0, answered_by=1)
    assert mean_deaths(noticed=1) < 0.7 * alone


def test_an_attack_conserves_people_and_feeds_or_hurts_the_group() -> None:
    for answered in (0, 1):
        world = struck(answered_by=answered, arrival=2.0 if answered else np.inf)
        world.armed_groups[0].supply = 1.0
        people = census(world)
        fighters = int(world.armed_groups[0].fighters)
        violence.strike(world, 0)
        assert census(world) == people
        if answered:
            assert world.armed_groups[0].supply == 1.0
            assert world.ledger[0].fighters_killed > 0 or fighters == world.armed_groups[0].fighters
        else:
            assert world.armed_groups[0].supply > 1.0


def test_one_attack_kills_no_more_than_a_part_of_a_locality() -> None:
    world = struck()
    world.parameters[0].violence_scale = 1.5
    world.parameters[0].violence_growth = 0.5
    world.parameters[0].violence_stop = 0.1
    for r in range(200):
        w = struck()
        w.parameters[0].violence_growth, w.parameters[0].violence_stop = 0.5, 0.1
        w.keys[0] += np.uint64(r)
        violence.strike(w, 0)
        assert w.harm[0, 0, 0] <= w.parameters[0].locality_share * w.communities[0].uprooted / 0.69 + 2


def test_contest_moves_control_and_never_more_than_there_is() -> None:
    case = small(
        80, armed_groups=(group("A", "alpha", aim_rule=1.0, control=0.3), group("B", "alpha", control=0.3))
    )
    case = type(case)(**{**case.__dict__, "schedules": {}}).with_parameters(
        contest_cost=0.05, contest_horizon=26.0
    )
    records = Ensemble(case, "none").run(1, 0, 8).records
    assert records["clashes"].sum() > 20
    assert (records["group_control"] + records["state_control"] <= 1.6).all()
    assert (records["group_control"] >= 0).all()


def test_losses_are_bounded_by_the_weaker_side() -> None:
    world = struck()
    world.armed_groups[0].fighters = 10
    world.state_forces[0].personnel = 5000
    world.districts[0].state_control, world.districts[0].group_control = 0.9, 0.05
    soldiers = int(world.state_forces["personnel"].sum())
    for r in range(100):
        world.keys[0] += np.uint64(r)
        violence.contest(world, 0)
    lost = soldiers - int(world.state_forces["personnel"].sum())
    assert lost <= 100 * 10 * world.parameters[0].clash_loss * 4
    assert world.armed_groups[0].fighters >= 0


@given(st.floats(1, 5000), st.floats(1, 5000), st.floats(0.05, 1), st.floats(1e4, 1e6), st.floats(0.3, 3))
def test_lanchester_with_support_favours_numbers_and_informers(
    state: float, group: float, informed: float, people: float, edge: float
) -> None:
    win = lanchester_success(state, group, informed, people, edge)
    assert 0.0 <= win <= 1.0
    assert lanchester_success(2 * state, group, informed, people, edge) >= win
    assert lanchester_success(state, 2 * group, informed, people, edge) <= win
    assert lanchester_success(state, group, min(1.0, 1.5 * informed), people, edge) >= win - 1e-9


def test_lanchester_is_the_square_law_where_everybody_informs() -> None:
    assert lanchester_success(300, 300, 1.0, 1e6, 1.0) == pytest.approx(0.5)
    assert lanchester_success(600, 300, 1.0, 1e6, 1.0) == pytest.approx(0.8)
    assert lanchester_success(0, 300, 1.0, 1e6, 1.0) == 0.0
    assert lanchester_success(300, 0, 1.0, 1e6, 1.0) == 1.0
    # the integral of g / (m + (1 - m) g / P), done by sums
    m, people, group, state = 0.1, 20_000.0, 3_000.0, 4_000.0
    g = (np.arange(200_000) + 0.5) * group / 200_000
    hidden = float((g / (m + (1 - m) * g / people)).sum() * group / 200_000)
    expected = 0.5 * state**2 / (0.5 * state**2 + hidden)
    assert lanchester_success(state, group, m, people, 1.0) == pytest.approx(expected, rel=1e-4)


def test_rival_rules_give_other_worlds_and_have_names() -> None:
    case = small(60)
    plain = Ensemble(case, "none").run(1, 0, 4).records
    for rule, form in (("contest", "lanchester"), ("target", "expected-cost")):
        other = Ensemble(case.with_rules(**{rule: form}), "none").run(1, 0, 4).records
        assert not np.array_equal(plain, other)
    both = case.with_rules(contest="lanchester").with_rules(target="expected-cost")
    assert (both.rules.contest, both.rules.target) == ("lanchester", "expected-cost")
    with pytest.raises(ScenarioError, match="contest"):
        case.with_rules(contest="dice")


def test_indiscriminate_attacks_kill_more_than_selective_ones() -> None:
    deaths = {}
    for mode in (violence.SELECTIVE, violence.LOOTING, violence.INDISCRIMINATE):
        total = 0
        for r in range(300):
            world = struck()
            world.keys[0] += np.uint64(1000 + r)
            world.armed_groups[0].mode = mode
            violence.strike(world, 0)
            total += int(world.harm[0, 0, 0])
        deaths[mode] = total
    assert deaths[violence.SELECTIVE] < 0.85 * deaths[violence.LOOTING]
    assert deaths[violence.LOOTING] < 0.8 * deaths[violence.INDISCRIMINATE]


def test_people_comply_after_selective_violence_and_turn_away_after_indiscriminate() -> None:
    control = {}
    for mode in (violence.SELECTIVE, violence.LOOTING, violence.INDISCRIMINATE):
        world = struck()
        t = world.armed_groups
        world.districts[0].state_control, world.districts[0].group_control = 0.2, 0.3
        t[0].control, t[0].mode, t[0].reach = 0.3, mode, 0.5
        violence.strike(world, 0)
        control[mode] = float(t[0].control)
    p = world.parameters[0]
    assert control[violence.LOOTING] == 0.3
    assert control[violence.SELECTIVE] == pytest.approx(0.3 + p.compliance * 0.5 * 0.5)
    assert control[violence.INDISCRIMINATE] == pytest.approx(0.3 * (1.0 - p.backlash))
    assert world.districts[0].indiscriminate == 1
    assert world.districts[0].selective == 0


def test_ground_that_an_offensive_clears_is_held_only_where_the_state_is_present() -> None:
    held = {}
    for presence in (0.0, 1.0):
        for r in range(40):
            world = struck()
            world.keys[0] += np.uint64(r)
            world.districts[0].state_presence = presence
            world.districts[0].state_control = 0.1
            world.armed_groups[0].control = 0.5
            if violence.offensive(world, 9, 0, chance.FIGHT, 0, 5_000.0, 1.0):
                break
        taken = 0.5 * world.parameters[0].offensive_gain
        assert world.armed_groups[0].control == pytest.approx(0.5 - taken)
        held[presence] = float(world.districts[0].state_control)
    assert held[0.0] == 0.1
    assert held[1.0] == pytest.approx(0.1 + taken)
