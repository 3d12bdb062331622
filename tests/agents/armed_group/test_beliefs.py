from __future__ import annotations

import numpy as np
import pytest
from worlds import group, rates, row, small, world_of

from sim.agents.armed_group import beliefs
from sim.week import week
from sim.world.attack import attack
from sim.world.codes import Answer, Mode
from sim.world.district import TABLE as DISTRICTS
from sim.world.state import BELIEFS, World


def test_belief_starts_at_the_prior_and_follows_the_evidence() -> None:
    assert beliefs.belief(0.0, 0.0, 0.3, 2.0) == pytest.approx(0.3)
    assert beliefs.belief(100.0, 0.0, 0.3, 2.0) > 0.95
    assert beliefs.belief(0.0, 100.0, 0.3, 2.0) < 0.05


def test_evidence_fades_by_the_week_and_leaves_the_prior() -> None:
    p = rates()
    held = row(BELIEFS, detect_yes=8.0, answer_no=4.0, belief_week=3)
    beliefs.fade(held, 3, p)
    assert held.detect_yes == 8.0
    beliefs.fade(held, 4, p)
    assert held.detect_yes == pytest.approx(8.0 * p.belief_kept)
    beliefs.fade(held, 6, p)
    assert held.answer_no == pytest.approx(4.0 * p.belief_kept**3, rel=1e-6)
    assert held.belief_week == 6
    beliefs.fade(held, 2000, p)
    assert beliefs.expects_to_be_met(held, p) == pytest.approx(p.prior_detect * p.prior_answer)


def test_a_group_remembers_what_it_has_lived_with() -> None:
    p = rates()
    guarded, left = row(BELIEFS), row(BELIEFS)
    beliefs.remember(guarded, row(DISTRICTS, un_presence=0.8, state_presence=0.5, un_met=0.6), 0, p)
    beliefs.remember(left, row(DISTRICTS), 0, p)
    assert beliefs.expects_to_be_met(guarded, p) > 3 * beliefs.expects_to_be_met(left, p)
    assert guarded.detect_yes / (guarded.detect_yes + guarded.detect_no) == pytest.approx(0.9)


def prepared(**changes: object) -> World:
    """Return a world in week 0 in which everybody has been placed, without any attack."""
    world = world_of(small(**changes))
    week(world, 0)
    world.clock["attacks"] = 0
    world.communities["first_attack"], world.communities["raids"] = -1, 0
    world.armed_groups["first_attack"] = -1
    return world


def expects(world: World, g: int, c: int) -> float:
    """Return the chance that group `g` gives to being met at place `c` of its district."""
    p = world.parameters[0]
    d = world.communities[c].district
    held = world.beliefs[g, d]
    detected = beliefs.belief(held.detect_yes, held.detect_no, p.prior_detect, p.prior_weight)
    answered = beliefs.belief(held.answer_yes, held.answer_no, p.prior_answer, p.prior_weight)
    return float(
        beliefs.expects_at(world.held[g, c - world.districts[d].first_community], detected, answered, p)
    )


def test_of_a_place_a_group_believes_what_it_believes_of_the_district_until_it_knows_better() -> None:
    p = rates(place_prior=3.0)
    assert beliefs.expects_at(row(BELIEFS), 0.4, 0.5, p) == pytest.approx(0.2)
    for yes, no in ((1.0, 0.0), (0.0, 1.0)):
        known = [
            beliefs.expects_at(row(BELIEFS, detect_yes=n * yes, detect_no=n * no), 0.4, 0.5, p)
            for n in (0.0, 1.0, 10.0, 1e6)
        ]
        assert (np.diff(known) * (yes - no) > 0).all()
        assert known[-1] == pytest.approx(yes * 0.5, abs=1e-5)
    # what counts for as much as the district
    assert beliefs.expects_at(row(BELIEFS, detect_yes=3.0), 0.4, 1.0, p) == pytest.approx(0.7)


def test_patrols_are_noticed_and_their_absence_is_noticed_later() -> None:
    """Beliefs differ from the truth: after patrols end, the fear of being met fades over weeks."""
    world = prepared(armed_groups=(group("Front", "alpha"),))
    p = world.parameters[0]
    world.communities["state_presence"] = world.districts["state_presence"] = 0.0
    expected = []
    for number in range(1, 121):
        world.clock[0].week = number
        world.keys[0] += np.uint64(1)
        there = 0.9 if number < 60 else 0.0
        world.communities["un_presence"] = world.districts["un_presence"] = there
        beliefs.observe(world, 0)
        expected.append(beliefs.expects_to_be_met(world.beliefs[0, 0], p))
    before, soon, late = np.mean(expected[40:59]), np.mean(expected[64:70]), np.mean(expected[100:])
    assert before > 2 * late
    assert before > soon > 1.2 * late


def test_a_group_learns_which_places_are_patrolled() -> None:
    world = prepared(armed_groups=(group("Front", "alpha"),))
    world.communities["state_presence"] = 0.0
    world.communities["un_presence"][:3] = (0.8, 0.3, 0.0)
    for number in range(1, 60):
        world.clock[0].week = number
        world.keys[0] += np.uint64(1)
        beliefs.observe(world, 0)
    seen = world.held[0, :3]
    assert seen["detect_no"][2] > 0.0 == seen["detect_yes"][2]
    assert seen["detect_yes"][0] > seen["detect_yes"][1] > 0.0
    assert expects(world, 0, 0) > expects(world, 0, 1) > expects(world, 0, 2)


def test_what_became_of_an_attack_teaches_the_attacker_and_those_who_hear_of_it() -> None:
    def expectation(alerted: int, answered_by: int) -> tuple[float, float, float]:
        world = prepared()
        a = attack(world, 0, 0, -1, Mode.LOOTING)
        world.attacks[a].alerted = alerted
        world.attacks[a].answered_by = answered_by
        before = [beliefs.expects_to_be_met(world.beliefs[g, 0], world.parameters[0]) for g in range(3)]
        beliefs.learn_from_attack(world, a)
        after = [beliefs.expects_to_be_met(world.beliefs[g, 0], world.parameters[0]) for g in range(3)]
        return tuple(y - x for x, y in zip(before, after, strict=True))  # type: ignore[return-value]

    own, same_place, next_place = expectation(alerted=1, answered_by=Answer.UN)
    assert own > same_place > 0  # an answer raises the expectation, hearsay less
    assert next_place > 0  # the exiles next door hear of it
    quiet, _, _ = expectation(alerted=0, answered_by=Answer.NOBODY)
    assert quiet < 0
    ignored, _, _ = expectation(alerted=1, answered_by=Answer.NOBODY)
    assert ignored < own


def test_a_place_where_somebody_came_is_feared_more_than_the_next_one() -> None:
    for met, sign in ((Answer.STATE, 1), (Answer.NOBODY, -1)):
        world = prepared()
        before = world.held.copy()
        a = attack(world, 0, 1, -1, Mode.LOOTING)
        world.attacks[a].alerted, world.attacks[a].answered_by = int(sign > 0), met
        beliefs.learn_from_attack(world, a)
        assert sign * (expects(world, 0, 1) - expects(world, 0, 0)) > 0
        assert sign * (expects(world, 1, 1) - expects(world, 1, 0)) > 0  # the militia there hears of it
        assert (world.held[2] == before[2]).all()  # the exiles next door do not know the place
        changed = (world.held != before).any(axis=0)
        assert changed.tolist() == [False, True, False]


def test_who_moves_away_knows_nothing_of_the_places_there_and_hears_no_more_of_those_it_left() -> None:
    world = prepared()
    world.held["detect_yes"] = world.held["answer_no"] = 5.0
    beliefs.forget_places(world, 1)
    assert (
        sum(world.held[1][name].sum() for name in ("detect_yes", "detect_no", "answer_yes", "answer_no")) == 0
    )
    assert (world.held[0]["detect_yes"] == 5.0).all()
    world.armed_groups[1].district = 1  # it went this week, after all had been counted
    known = world.held[1].copy()
    a = attack(world, 0, 1, -1, Mode.LOOTING)
    beliefs.learn_from_attack(world, a)
    assert (world.held[1] == known).all()


def test_a_group_begins_with_what_it_has_lived_with_before_the_spin_up() -> None:
    for before in (0, 6):
        world = world_of(small(), spin_up=float(before))
        week(world, -before)
        held = world.beliefs[0, 0]
        assert held.detect_yes + held.detect_no > 5 * world.parameters[0].sight_weight
