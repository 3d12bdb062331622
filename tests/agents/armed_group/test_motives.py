from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import rates, row

from sim.agents.armed_group import TABLE, motives
from sim.agents.armed_group.motives import EXPECTED_COST
from sim.world.codes import Standing
from sim.world.district import TABLE as DISTRICTS

SHARE = st.floats(0.0, 1.0)


def front(**values: float) -> np.record:
    """Return a group of 200 fighters in the middle of every scale, with full stores."""
    middle = {"aim_rule": 0.5, "aim_rent": 0.5, "abusiveness": 0.5, "supply": rates().supply_cap}
    return row(TABLE, **({"fighters": 200, "control": 0.2, "coverage": 0.5} | middle | values))


def place(**values: float) -> np.record:
    """Return a district of middling worth, of which the state and armed groups control a part."""
    usual = {"breadth": 90.0, "residents": 300_000, "worth": 0.5, "state_control": 0.3, "group_control": 0.2}
    return row(DISTRICTS, **(usual | values))


@given(SHARE)
def test_control_zone_is_zero_at_the_ends_and_at_parity(c: float) -> None:
    assert 0.0 <= motives.control_zone(c) <= 1.0 + 1e-9
    assert motives.control_zone(c) == pytest.approx(motives.control_zone(1.0 - c), abs=1e-9)


def test_control_zone_peaks_where_one_side_dominates_without_full_control() -> None:
    assert motives.control_zone(0.0) == motives.control_zone(0.5) == motives.control_zone(1.0) == 0.0
    assert motives.control_zone(0.789) == pytest.approx(1.0, abs=1e-4)
    assert motives.control_zone(0.9) < motives.control_zone(0.79)


def test_hunger_is_the_empty_part_of_the_stores() -> None:
    p = rates()
    assert motives.hunger(front(supply=p.supply_cap), p) == 0.0
    assert motives.hunger(front(supply=0.25 * p.supply_cap), p) == 0.75
    assert motives.hunger(front(supply=0.0), p) == 1.0


def test_coverage_grows_with_fighters_and_shrinks_with_land_and_people() -> None:
    p = rates()
    usual = motives.coverage(front(), place(), p)
    assert 0.0 < usual < motives.coverage(front(fighters=600), place(), p) < 1.0
    assert motives.coverage(front(), place(breadth=360.0), p) < usual
    assert motives.coverage(front(), place(residents=1_200_000), p) < usual


@given(SHARE, SHARE, SHARE)
def test_people_inform_whoever_controls_them(control: float, state: float, groups: float) -> None:
    p = rates()
    here = place(state_control=state, group_control=max(groups, control))
    assert control <= motives.information(here, control, p) <= 1.0
    assert motives.information(place(state_control=1.0, group_control=0.0), 0.0, p) == 0.0
    empty = place(state_control=0.0, group_control=0.0)
    assert motives.information(empty, 0.0, p) == p.ungoverned_informed


@pytest.mark.parametrize("rule", ["rate", "choice"])
def test_an_attack_loses_value_with_the_chance_of_being_met(rule: str) -> None:
    p = rates({"deterrence": rule})
    angry = front(grudge=1.0)
    feared = [motives.attack_value(angry, place(), 0.2, met, p) for met in (0.0, 0.1, 0.9)]
    assert feared[0] > feared[1] > feared[2]
    cost = p.choice_met_cost if rule == "choice" else p.met_cost
    assert feared[0] - feared[2] == pytest.approx(0.9 * cost)
    p = rates({"deterrence": rule}, met_cost=0.0, choice_met_cost=0.0)
    indifferent = [motives.attack_value(angry, place(), 0.2, met, p) for met in (0.0, 0.9)]
    assert indifferent[0] == indifferent[1]


def test_who_has_no_reason_beyond_the_hurdle_does_not_attack_however_safe_it_is() -> None:
    p = rates()
    for none in (front(abusiveness=0.0, supply=0.0, grudge=1.0), front()):
        motive = motives.attack_motive(none, place(state_control=0.5, group_control=0.5), 0.5, p)
        assert motive <= 0.0
        assert motives.attack_rate(none, motive, 1.0, p) == 0.0
        assert motives.attack_value(none, place(state_control=0.5, group_control=0.5), 0.5, 0.0, p) == -np.inf
    low, high = (
        motives.attack_motive(front(grudge=1.0), place(), 0.2, rates(attack_hurdle=h)) for h in (0.0, 1.0)
    )
    assert low - high == pytest.approx(1.0)


@given(st.integers(1, 20_000), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_the_rate_of_attacks_rises_with_the_motive_and_with_size_to_a_limit(
    fighters: int, motive: float, more: float
) -> None:
    p = rates()
    band = front(fighters=fighters)
    rate = motives.attack_rate(band, motive, 1.0, p)
    assert rate <= motives.attack_rate(band, motive + more, 1.0, p)
    assert rate <= p.attack_rate * motive * p.attack_size_most * (1 + 1e-12)
    assert rate <= motives.attack_rate(front(fighters=4 * fighters), motive, 1.0, p)
    assert motives.attack_rate(front(fighters=int(p.attack_size)), 1.0, 1.0, p) == pytest.approx(
        p.attack_rate
    )
    assert motives.attack_rate(band, -motive, 1.0, p) == 0.0


def test_hunger_grudge_and_abusiveness_make_attacks_more_attractive() -> None:
    p = rates()

    def motive(**more: float) -> float:
        return motives.attack_motive(front(**more), place(), 0.2, p)

    assert motive(supply=0.0) > motive()
    assert motive(grudge=1.0) > motive()
    assert motive(abusiveness=0.9) > motive()
    assert motive(grudge=9.0) == motive(grudge=1.0)


def test_armed_people_are_worth_attacking_less() -> None:
    p = rates()
    armed = motives.attack_motive(front(), place(militia=200.0), 0.2, p)
    assert motives.attack_motive(front(), place(), 0.2, p) - armed == pytest.approx(0.5 * p.resist_cost)


def test_rulers_spare_those_they_rule_unless_only_expected_cost_counts() -> None:
    ruler, here = front(aim_rule=1.0), place(state_control=0.0, group_control=1.0)
    p = rates()
    assert motives.restraint(ruler, 1.0, p) == p.ruler_restraint
    assert motives.restraint(ruler, 1.0, rates({"target": "expected-cost"})) == 0.0
    assert motives.attack_motive(ruler, here, 1.0, p) < motives.attack_motive(ruler, here, 0.79, p)


def test_tax_grows_with_control_and_with_what_there_is() -> None:
    p = rates()
    poor = motives.tax_value(front(), place(), 0.5, 0.5, p)
    assert motives.tax_value(front(), place(), 0.8, 0.5, p) > poor
    assert motives.tax_value(front(), place(worth=1.0), 0.5, 0.5, p) == pytest.approx(2 * poor)
    assert motives.tax_value(front(aim_rent=0.0), place(), 0.5, 0.5, p) == pytest.approx(0.5 * poor)


@pytest.mark.parametrize("law", ["ratio", "lanchester"])
def test_a_stronger_state_makes_contest_less_attractive_but_not_to_its_friends(law: str) -> None:
    p = rates({"contest": law})
    weak, strong = (place(state_strength=n, group_strength=200.0, trust_state=0.5) for n in (20.0, 5000.0))
    assert motives.contest_value(front(), strong, p) < motives.contest_value(front(), weak, p)
    friend = front(standing=Standing.PRO_GOVERNMENT)
    assert motives.contest_value(friend, strong, p) == motives.contest_value(friend, weak, p)


def test_groups_decide_to_fight_by_the_law_by_which_fights_are_decided() -> None:
    ratio, lanchester = rates(), rates({"contest": "lanchester"})
    # one rival twice as strong holds half of the ground
    here = place(state_control=0.0, group_control=0.7, group_strength=600.0)
    dared, feared = (motives.contest_value(front(), here, p) for p in (ratio, lanchester))
    prize = ratio.contest_horizon * ratio.contest_step * 0.5 * here.worth + ratio.contest_cost
    assert dared - feared == pytest.approx(prize * (1 / 3 - 1 / 5))
    crowded = place(group_strength=400.0)
    stays, goes = (motives.move_value(front(), crowded, 4.0, 0.1, 0.0, p) for p in (lanchester, ratio))
    assert goes - stays == pytest.approx(1 / 3 - 1 / 5)


def test_roots_distance_and_crowds_hold_a_group() -> None:
    p = rates()

    def value(hours: float = 4.0, crowd: float = 0.0, **more: float) -> float:
        there = place(group_strength=crowd)
        return motives.move_value(front(**more), there, hours, 0.1, 0.0, p)

    assert value(rootedness=0.0) - value(rootedness=1.0) == pytest.approx(p.root_cost)
    assert value(hours=4.0) - value(hours=44.0) == pytest.approx(40.0 * p.move_hours_cost)
    assert value(crowd=1000.0) < value(crowd=0.0)
    assert value(hurt=0.5) > value(hurt=0.0)


def test_selective_violence_needs_informers_and_indiscriminate_violence_their_absence() -> None:
    p = rates()
    states = place(state_control=0.9, group_control=0.05)
    hostile = motives.motives(front(), states, 0.05, p).indiscriminate
    ruled = place(state_control=0.05, group_control=0.9)
    assert motives.motives(front(), ruled, 0.9, p).indiscriminate < 0.1 * hostile  # they inform it
    empty = place(state_control=0.0, group_control=0.05)
    free = motives.motives(front(), empty, 0.05, p).indiscriminate
    assert free < 0.3 * hostile  # nobody's people are nobody's enemies
    assert hostile <= p.indiscriminate_violence
    plain = motives.motives(front(), states, 0.05, rates({"target": "expected-cost"}))
    assert plain.selective + plain.indiscriminate == pytest.approx(p.plain_violence)
    assert rates({"target": "expected-cost"}).target == EXPECTED_COST


def test_robbing_aid_is_worth_more_to_the_hungry_and_less_where_it_is_accepted_or_dangerous() -> None:
    p = rates()
    here = place(aid_staff=80.0, aid_accepted=40.0)
    value = motives.rob_value(front(supply=4.0), here, 0.1, p)
    assert motives.rob_value(front(supply=0.0), here, 0.1, p) > value
    assert motives.rob_value(front(supply=4.0), here, 0.5, p) < value
    assert motives.rob_value(front(supply=4.0), place(aid_staff=80.0, aid_accepted=80.0), 0.1, p) < value
    less = place(aid_staff=40.0, aid_accepted=20.0)  # as accepted, and less of it
    assert motives.rob_value(front(supply=4.0), less, 0.1, p) < value
    assert motives.rob_value(front(), place(), 0.1, p) == -np.inf
