from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import rates, row, small

from sim import ScenarioError
from sim.ensemble import Ensemble
from sim.world import district, fight

POSITIVE = st.floats(0.01, 1e5)


@given(POSITIVE, POSITIVE, st.floats(0.5, 2.0))
def test_ratio_success_is_a_chance_and_fair(a: float, b: float, sharpness: float) -> None:
    win = fight.ratio_success(a, b, sharpness)
    assert 0.0 < win < 1.0
    assert win + fight.ratio_success(b, a, sharpness) == pytest.approx(1.0, abs=1e-7)
    assert fight.ratio_success(2 * a, b, sharpness) > win
    assert fight.ratio_success(a, a, sharpness) == pytest.approx(0.5)


def test_ratio_success_at_the_edges() -> None:
    assert fight.ratio_success(0.0, 0.0, 1.0) == 0.5
    assert fight.ratio_success(10.0, 0.0, 1.0) == 1.0
    assert fight.ratio_success(0.0, 10.0, 1.0) == 0.0


@given(st.floats(1, 5000), st.floats(1, 5000), st.floats(0.05, 1), st.floats(1e4, 1e6), st.floats(0.3, 3))
def test_lanchester_with_support_favours_numbers_and_informers(
    state: float, group: float, informed: float, people: float, edge: float
) -> None:
    win = fight.lanchester_hidden(state, group, informed, people, edge)
    assert 0.0 <= win <= 1.0
    assert fight.lanchester_hidden(2 * state, group, informed, people, edge) >= win
    assert fight.lanchester_hidden(state, 2 * group, informed, people, edge) <= win
    assert fight.lanchester_hidden(state, group, min(1.0, 1.5 * informed), people, edge) >= win - 1e-9


def test_lanchester_is_the_square_law_where_everybody_informs() -> None:
    assert fight.lanchester_hidden(300, 300, 1.0, 1e6, 1.0) == pytest.approx(0.5)
    assert fight.lanchester_hidden(600, 300, 1.0, 1e6, 1.0) == pytest.approx(0.8)
    assert fight.lanchester_hidden(0, 300, 1.0, 1e6, 1.0) == 0.0
    assert fight.lanchester_hidden(300, 0, 1.0, 1e6, 1.0) == 1.0
    # the integral of g / (m + (1 - m) g / P), done by sums
    m, people, group, state = 0.1, 20_000.0, 3_000.0, 4_000.0
    g = (np.arange(200_000) + 0.5) * group / 200_000
    hidden = float((g / (m + (1 - m) * g / people)).sum() * group / 200_000)
    expected = 0.5 * state**2 / (0.5 * state**2 + hidden)
    assert fight.lanchester_hidden(state, group, m, people, 1.0) == pytest.approx(expected, rel=1e-4)


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


def test_fights_and_what_groups_reckon_before_them_go_by_the_law_of_the_run() -> None:
    here = row(district.TABLE, trust_state=0.8, residents=100_000)
    ratio, lanchester = rates(), rates({"contest": "lanchester"})
    # twice as strong: by the ratio two in three, by the square law four in five
    assert fight.group_wins(200.0, 100.0, ratio) == pytest.approx(2 / 3)
    assert fight.group_wins(200.0, 100.0, lanchester) == pytest.approx(4 / 5)
    assert fight.expects_to_win(here, 200.0, 100.0, 0.0, ratio) == pytest.approx(2 / 3)
    assert fight.expects_to_win(here, 200.0, 100.0, 0.0, lanchester) == pytest.approx(4 / 5)
    for p in (ratio, lanchester):
        alone = 1.0 - fight.state_wins(here, 300.0, 200.0, p)
        assert fight.expects_to_win(here, 200.0, 0.0, 300.0, p) == pytest.approx(alone)
    assert fight.state_wins(here, 300.0, 200.0, ratio) == pytest.approx(0.6)


def test_a_group_that_people_do_not_betray_reckons_with_more_under_lanchesters_law() -> None:
    p = rates({"contest": "lanchester"})
    betrayed, hidden = (row(district.TABLE, trust_state=trust, residents=100_000) for trust in (1.0, 0.0))
    assert fight.expects_to_win(hidden, 200.0, 0.0, 300.0, p) > fight.expects_to_win(
        betrayed, 200.0, 0.0, 300.0, p
    )
    assert 0.0 < fight.expects_to_win(betrayed, 200.0, 300.0, 300.0, p) < 0.5
    assert fight.expects_to_win(hidden, 200.0, 0.0, 0.0, p) == 1.0


def test_losses_are_of_those_engaged_and_are_remembered() -> None:
    from sim.agents.armed_group import TABLE
    from sim.world.people import LEDGER

    p = rates()
    group, ledger = row(TABLE, fighters=400), row(LEDGER)
    fight.lose_fighters(group, 0.5, 100, 0.1, ledger, p)
    killed = 400 - group.fighters
    assert 5 <= killed <= 15
    assert ledger.fighters_killed == killed
    assert group.hurt == pytest.approx(killed / 400)
    assert group.grudge == pytest.approx(p.loss_grudge * killed / 400)
    nobody = row(TABLE, fighters=0)
    fight.lose_fighters(nobody, 0.5, 100, 0.1, ledger, p)
    assert (nobody.fighters, nobody.hurt, ledger.fighters_killed) == (0, 0.0, killed)


def test_the_winner_loses_less() -> None:
    p = rates()
    assert fight.loss(False, p) == p.clash_loss
    assert fight.loss(True, p) == p.clash_loss * p.winner_loss < p.clash_loss
