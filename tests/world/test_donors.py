from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import camps, relief, row, small, world_of

from sim.agents import humanitarian, state_force
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import donors
from sim.world.state import WEEKS_A_YEAR

HALF_A_YEAR = WEEKS_A_YEAR / 2


def test_funding_is_full_with_attention_and_what_is_left_without() -> None:
    assert donors.funding(1.0, 0.3, 1.0) == 1.0
    assert donors.funding(0.0, 0.3, 1.0) == pytest.approx(0.3)
    assert donors.funding(0.5, 0.3, 1.0) == pytest.approx(0.65)
    assert donors.funding(0.0, 0.3, 0.0) == 1.0  # no financial cliff
    assert donors.funding(0.0, 0.1, 1.5) == 0.0


def test_attention_falls_by_a_factor_e_in_the_years_of_the_case() -> None:
    money = row(donors.TABLE, years_to_fall=0.5, attention=1.0)
    donors.pay_attention(money, 0)
    assert money.attention == 1.0  # no mission was ever there
    donors.pay_attention(money, 150)
    for _ in range(522):
        donors.pay_attention(money, 0)
    assert money.gone == 1
    assert money.attention == pytest.approx(np.exp(-522 / HALF_A_YEAR), rel=1e-4)


def test_money_falls_from_the_week_the_last_unit_leaves() -> None:
    world = world_of(camps(120), "exit")  # closes in week 80; half a year to fall by a factor e
    seen = {}
    for number in range(120):
        week(world, number)
        seen[number] = world.donors[0].aid_funding
        assert world.donors[0].gone == (number >= 80)
    assert {seen[n] for n in range(80)} == {1.0}
    assert seen[80 + 25] == pytest.approx(0.3 + 0.7 * np.exp(-26 / HALF_A_YEAR), abs=1e-6)
    assert world.donors[0].state_funding == pytest.approx(0.8 + 0.2 * np.exp(-40 / HALF_A_YEAR), abs=1e-6)


def test_a_mission_that_stays_or_never_was_moves_no_money() -> None:
    for case, schedule in ((camps(60), "none"), (replace(camps(60), units=(), schedules={}), "none")):
        world = world_of(case, schedule)
        for number in range(60):
            week(world, number)
        assert world.donors[0].aid_funding == world.donors[0].state_funding == 1.0
        assert world.donors[0].gone == 0


def test_money_comes_back_with_a_mission() -> None:
    world = world_of(camps(60))
    week(world, 0)
    world.peacekeepers["present"] = 0
    for _ in range(100):
        donors.fund(world, 0)
    low = float(world.donors[0].aid_funding)
    world.peacekeepers["present"] = 1
    for _ in range(26):
        donors.fund(world, 0)
    assert low < 0.32
    assert world.donors[0].aid_funding == pytest.approx(1 - (1 - low) * np.exp(-26 / HALF_A_YEAR), abs=1e-6)


def test_relief_reaches_fewer_where_money_is_short() -> None:
    world = world_of(camps())
    week(world, 0)
    world.armed_groups["choice"] = 0
    world.districts[0].aid_needed = 1e9
    reached = []
    for funding in (1.0, 0.5):
        world.donors[0].aid_funding = funding
        world.humanitarians[0].acceptance, world.humanitarians[0].suspended = 0.8, 0
        humanitarian.deliver(world, 0)
        reached.append(float(world.humanitarians[0].reached))
    assert reached[1] == pytest.approx(0.5 * reached[0])


def test_soldiers_wait_longer_for_pay_where_money_is_short() -> None:
    world = world_of(camps())
    week(world, 0)
    paid = []
    for funding in (1.0, 0.4):
        world.donors[0].state_funding = funding
        times = 0
        for draw in range(600):
            world.keys[0] = np.uint64(draw + 1)
            for s in range(3):
                world.state_forces[s].arrears = 5.0
                state_force.redeploy(world, s)
                times += int(world.state_forces[s].arrears == 0.0)
        paid.append(times / 1800)
    # units that are usually four weeks in arrears are paid one week in five, if there is money
    assert paid[0] == pytest.approx(0.2, abs=0.03)
    assert paid[1] == pytest.approx(0.08, abs=0.02)


def test_the_cliff_shows_in_aid_after_the_exit_only() -> None:
    case = camps(120, humanitarians=(relief("Aid alpha", "alpha", staff=8),))  # less than the need
    rich = Ensemble(case.without("financial-cliff"), "exit").run(1, 0, 3).records
    poor = Ensemble(case, "exit").run(1, 0, 3).records
    assert np.array_equal(rich[:, :80], poor[:, :80])
    assert poor["aid_delivered"][:, 100:].sum() < 0.8 * rich["aid_delivered"][:, 100:].sum()


def test_a_host_keeps_monitors_out_once_the_mission_has_gone() -> None:
    def heard(case) -> tuple[float, float]:
        world = world_of(case, "exit")
        inside = 0.0
        for number in range(60):
            week(world, number)
            if number == 39:
                inside = float(world.districts[1].monitors)
        return inside, float(world.districts[1].monitors)

    # nothing but the block moves: no money falls, nobody attacks or is accompanied
    quiet = camps(armed_groups=(), state_forces=())
    quiet = replace(
        quiet, humanitarians=(relief("Rights", "beta", kind="monitor", staff=15, acceptance=1.0),)
    )
    before, after = heard(quiet.without("financial-cliff"))
    _, free = heard(quiet.without("financial-cliff", "monitors-blocked"))
    assert free == pytest.approx(before, rel=0.02)
    assert 0.0 < after < 0.3 * free
    untouched = replace(quiet, header=small().header)
    assert heard(untouched.without("financial-cliff"))[1] == pytest.approx(free)
