from __future__ import annotations

import numpy as np
import pytest
from worlds import group, rates, row, small, unit, world_of

from sim.agents.armed_group import beliefs
from sim.week import week
from sim.world.codes import Answer
from sim.world.district import TABLE as DISTRICTS
from sim.world.state import BELIEFS


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


def prepared(**changes: object):
    """Return a world in week 0 in which everybody has been placed."""
    world = world_of(small(**changes))
    week(world, 0)
    return world


def test_patrols_are_noticed_and_their_absence_is_noticed_later() -> None:
    """Beliefs differ from the truth: after patrols end, the fear of being met fades over weeks."""
    case = small(120, armed_groups=(group("Front", "alpha", abusiveness=0.0),), state_forces=())
    case = type(case)(**{**case.__dict__, "units": (unit("Alpha post", "alpha", strength=3000),)})
    world = world_of(case, "close-alpha")
    expected = []
    for number in range(120):
        week(world, number)
        d = int(world.armed_groups[0].district)
        expected.append(beliefs.expects_to_be_met(world.beliefs[0, d], world.parameters[0]))
    before, soon, late = np.mean(expected[10:20]), np.mean(expected[20:23]), np.mean(expected[80:])
    assert before > 1.5 * late
    assert soon > late


def test_what_became_of_an_attack_teaches_the_attacker_and_those_who_hear_of_it() -> None:
    def expectation(alerted: int, answered_by: int) -> tuple[float, float, float]:
        world = prepared()
        world.armed_groups[0].target = 0
        world.communities[0].alerted = alerted
        world.communities[0].answered_by = answered_by
        before = [beliefs.expects_to_be_met(world.beliefs[g, 0], world.parameters[0]) for g in range(3)]
        beliefs.learn_from_attack(world, 0)
        after = [beliefs.expects_to_be_met(world.beliefs[g, 0], world.parameters[0]) for g in range(3)]
        return tuple(y - x for x, y in zip(before, after, strict=True))  # type: ignore[return-value]

    own, same_place, next_place = expectation(alerted=1, answered_by=Answer.UN)
    assert own > same_place > 0  # an answer raises the expectation, hearsay less
    assert next_place > 0  # the exiles next door hear of it
    quiet, _, _ = expectation(alerted=0, answered_by=Answer.NOBODY)
    assert quiet < 0
    ignored, _, _ = expectation(alerted=1, answered_by=Answer.NOBODY)
    assert ignored < own
