from __future__ import annotations

import pytest
from worlds import rates, row, small

from sim.agents.armed_group import TABLE, means
from sim.agents.community import TABLE as COMMUNITIES
from sim.ensemble import Ensemble
from sim.world.codes import Standing
from sim.world.district import TABLE as DISTRICTS


def test_a_week_eats_a_week_and_stores_what_is_left_over() -> None:
    p = rates()
    group = row(TABLE, fighters=350, supply=4.0)
    means.subsist(group, 0.1, p)  # a tenth of the richest district feeds 350
    assert group.supply == pytest.approx(4.0)
    means.subsist(group, 0.0, p)
    assert group.supply == pytest.approx(3.0)
    means.subsist(group, 5.0, p)
    assert group.supply == p.supply_cap
    kept = row(TABLE, fighters=350, supply=4.0, outside_supply=350.0)
    means.subsist(kept, 0.0, p)
    assert kept.supply == pytest.approx(4.0)
    for _ in range(9):
        means.subsist(group, 0.0, p)
    assert group.supply == 0.0


def test_anger_and_stores_bring_recruits_and_hunger_deserters() -> None:
    p = rates()
    full, empty = (row(TABLE, fighters=400, supply=s) for s in (p.supply_cap, 0.0))
    calm, angry = (row(COMMUNITIES, grievance=g, youth=0.5) for g in (0.0, 1.0))
    assert means.recruits(full, angry, p) == pytest.approx(3 * means.recruits(full, calm, p))
    assert means.recruits(empty, angry, p) == 0.0
    assert means.deserters(full, p) == 0.0
    assert means.deserters(empty, p) == pytest.approx(4 * p.desert_rate * 400)


def test_a_programme_keeps_former_fighters_from_being_called_up() -> None:
    p = rates()
    group = row(TABLE, fighters=200, supply=p.supply_cap)
    former = row(COMMUNITIES, ex_combatants=100)
    idle = means.remobilised(group, former, 0.0, p)
    assert idle == pytest.approx(4 * p.remobilise_rate * 0.5 * 100)
    assert means.remobilised(group, former, 0.5, p) == pytest.approx(0.5 * idle)
    assert means.remobilised(group, former, 1.0, p) == 0.0


def test_police_detain_small_bands_in_the_open_but_no_friends_of_the_government() -> None:
    p = rates()
    town = row(DISTRICTS, police_presence=1.0, concealment=0.0)
    forest = row(DISTRICTS, police_presence=1.0, concealment=1.0)
    small_, large = row(TABLE, fighters=20), row(TABLE, fighters=1000)
    assert means.detained_share(small_, town, p) > 100 * means.detained_share(large, town, p) > 0.0
    assert means.detained_share(small_, forest, p) == 0.0
    assert means.detained_share(row(TABLE, fighters=20, standing=Standing.PRO_GOVERNMENT), town, p) == 0.0


def runs_of(case, schedule: str = "none", n: int = 12):
    return Ensemble(case, schedule).run(3, 0, n).records


def test_starving_groups_shrink_and_fed_ones_grow() -> None:
    def strength(feeds: float) -> float:
        case = small(100, state_forces=(), units=()).with_parameters(district_feeds=feeds)
        case = type(case)(**{**case.__dict__, "schedules": {}})
        return float(runs_of(case)["armed"][:, -1].sum(axis=1).mean())

    assert strength(1000.0) < strength(8000.0)
