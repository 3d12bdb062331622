from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import rates, row, struck

from sim import chance
from sim.world import alert
from sim.world.attack import TABLE, attack, who
from sim.world.codes import Answer, Mode
from sim.world.state import RAIDS

MEN = st.floats(0.0, 5000.0)


def test_the_first_to_arrive_answers_and_time_won_by_a_warning_counts() -> None:
    called = row(TABLE, arrival=np.inf, lead=2.0)
    assert alert.arrive(called, 7.0, Answer.STATE)
    assert (called.arrival, called.answered_by) == (5.0, Answer.STATE)
    assert not alert.arrive(called, 7.0, Answer.UN)  # as late as the other
    assert called.answered_by == Answer.STATE
    assert alert.arrive(called, 1.0, Answer.UN)
    assert (called.arrival, called.answered_by) == (0.0, Answer.UN)  # before it began


def test_an_answer_is_to_one_attack_and_the_place_knows_that_somebody_came() -> None:
    world = struck()
    other = attack(world, 1, 0, -1, Mode.LOOTING)
    alert.answer_alert(world, 0, 3.0, Answer.UN, 0)
    assert world.attacks[0].arrival == 3.0
    assert world.attacks[other].arrival == np.inf
    assert world.attacks[other].answered_by == Answer.NOBODY
    assert world.communities[0].answered_by == Answer.UN


def test_no_two_alerts_of_a_week_share_a_draw() -> None:
    draws = []
    for c in range(3):
        for number in range(RAIDS):
            one = row(TABLE, community=c, number=number)
            draws += [alert.alert_draw(one) + which for which in chance.Answer]
    assert len(set(draws)) == len(draws)


def test_a_draw_belongs_to_the_place_and_not_to_the_group() -> None:
    one, other = (row(TABLE, group=g, community=4, number=1) for g in (0, 7))
    assert who(one) == who(other)
    assert alert.alert_draw(one) == alert.alert_draw(other)


@given(MEN)
def test_a_party_is_a_platoon_or_a_share_and_never_more_than_there_are(free: float) -> None:
    p = rates(patrol_least=30.0, patrol_share=0.25)
    party = alert.party(free, p)
    assert 0.0 <= party <= free
    assert party == (free if free < 30.0 else max(30.0, free / 4.0))


def test_a_group_sends_a_part_that_grows_with_the_root_of_its_strength() -> None:
    p = rates(attackers=50.0)
    assert alert.band(100.0, p) == 50.0
    assert alert.band(400.0, p) == 100.0
    assert alert.band(9.0, p) == 9.0  # all of a handful
    assert alert.band(0.0, p) == 0.0


@given(MEN, MEN, MEN)
def test_more_soldiers_stop_more_and_more_fighters_less(
    soldiers: float, more: float, fighters: float
) -> None:
    p = rates()
    stops = alert.stops(soldiers, fighters, p)
    assert 0.0 <= stops <= 1.0
    assert alert.stops(soldiers + more, fighters, p) >= stops
    assert alert.stops(soldiers, fighters + more, p) <= stops or soldiers == 0.0


def test_a_soldier_stops_as_many_as_declared_with_even_chance() -> None:
    p = rates(soldier_worth=2.0, attackers=50.0)
    assert alert.stops(25.0, 100.0, p) == pytest.approx(0.5)
    assert alert.stops(0.0, 100.0, p) == 0.0
    assert alert.stops(0.0, 0.0, p) == 0.0
    assert alert.stops(10.0, 0.0, p) == 1.0
