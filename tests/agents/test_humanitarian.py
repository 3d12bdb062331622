from __future__ import annotations

import numpy as np
import pytest
from worlds import group, rates, relief, row, small, unit, world_of

from sim.agents import abuse, humanitarian
from sim.agents.armed_group import choice
from sim.agents.community import warn
from sim.ensemble import Ensemble
from sim.week import week
from sim.world.attack import attack
from sim.world.codes import AidKind, Mode
from sim.world.district import TABLE as DISTRICTS
from sim.world.state import World


def after_week_0(**changes: object):
    world = world_of(small(**changes))
    week(world, 0)
    return world


def test_access_needs_acceptance_and_calm() -> None:
    p = rates()
    accepted, refused = (row(humanitarian.TABLE, acceptance=a) for a in (0.8, 0.0))
    calm, dangerous = (row(DISTRICTS, known_to_people=n) for n in (0.0, 3.0))
    assert humanitarian.access(accepted, calm, p) == 0.8
    assert humanitarian.access(accepted, dangerous, p) < 0.2 * 0.8
    assert humanitarian.access(refused, calm, p) == 0.0


def test_work_stops_after_an_attack_and_comes_back() -> None:
    world = after_week_0()
    h = world.humanitarians
    h[0].suspended = 3
    for _ in range(3):
        humanitarian.deliver(world, 0)
        assert h[0].reached == 0.0
    assert h[0].suspended == 0
    world.armed_groups["choice"] = 0
    world.districts[0].aid_needed = 10_000.0
    world.districts[0].aid_delivered = 0.0
    humanitarian.deliver(world, 0)
    assert h[0].reached > 0


def records(units, groups, n: int = 15, **parameters: float):
    helpers = tuple(relief(f"{d} aid", d, staff=400) for d in ("alpha", "beta", "gamma"))
    case = small(80, units=units, armed_groups=groups, humanitarians=helpers)
    case = type(case)(**{**case.__dict__, "schedules": {}})
    return Ensemble(case.with_parameters(**parameters), "none").run(1, 0, n).records


def test_aid_is_attacked_where_armed_groups_prey_and_less_under_escort() -> None:
    groups = small().armed_groups
    assert records((), ())["aid_incidents"].sum() == 0
    alone = records((), groups, rob_effort=0.3)["aid_incidents"].sum()
    guards = tuple(unit(f"{d} u", d, strength=20_000) for d in ("alpha", "beta", "gamma"))
    guarded = records(guards, groups, rob_effort=0.3, escort=0.9)["aid_incidents"].sum()
    assert alone > 10
    assert guarded < 0.6 * alone


def test_diverted_aid_feeds_armed_groups() -> None:
    world = after_week_0(armed_groups=(group("Front", "alpha"),))
    world.armed_groups[0].supply = 0.0
    world.districts[0].un_presence = 0.0
    humanitarian.rob(world, 0, 1.0)
    assert world.armed_groups[0].supply == world.parameters[0].diverted_weeks > 0
    assert world.districts[0].aid_incidents == 1
    assert world.humanitarians[0].suspended > 0
    assert world.humanitarians[0].acceptance < 1.0


def test_monitors_see_more_than_relief_agencies_and_nothing_when_suspended() -> None:
    world = after_week_0()
    h = world.humanitarians
    h["district"], h["staff"], h["acceptance"], h["suspended"] = 0, 40, 1.0, 0
    world.districts[0].known_to_people = 0.0
    seen = []
    for kind in (0, 1):
        world.districts[0].monitors = 0.0
        h[0].kind = kind
        humanitarian.report(world, 0)
        seen.append(float(world.districts[0].monitors))
    assert seen[1] > seen[0] > 0
    world.districts[0].monitors = 0.0
    h[0].suspended = 2
    humanitarian.report(world, 0)
    assert world.districts[0].monitors == 0.0


def with_teams(staff: int = 24, **parameters: float):
    """Return the small case in week 0 with unarmed protection teams in alpha, which has three communities."""
    teams = relief("Teams", "alpha", kind="unarmed-protection", staff=staff, acceptance=1.0)
    world = world_of(small(humanitarians=(teams,)), **parameters)
    world.communities["fear"][:3] = (0.1, 0.9, 0.5)
    week(world, 0)
    return world


def test_teams_accompany_the_most_fearful_communities_first() -> None:
    assert not with_teams(0).communities["accompanied"].any()
    assert with_teams(9, team_size=6).communities["accompanied"][:3].tolist() == [0.0, 1.0, 0.5]
    assert with_teams(9, team_size=3).communities["accompanied"][:3].tolist() == [1.0, 1.0, 1.0]
    assert not with_teams(900).communities["accompanied"][3:].any()  # not beyond their district


def test_teams_raise_notice_organisation_and_mediation() -> None:
    none, some, many = with_teams(0), with_teams(6), with_teams(60)
    assert some.communities["organisation"][1] > none.communities["organisation"][1]
    assert some.communities["organisation"][0] == none.communities["organisation"][0]
    assert (
        0.0 == none.districts[0].mediation < some.districts[0].mediation < many.districts[0].mediation < 1.0
    )
    noticed = []
    for accompanied in (0.0, 1.0):
        times = 0
        world = with_teams(0)
        t = world.communities
        for draw in range(1500):
            world.keys[0] = np.uint64(draw + 1)
            forget_attacks(world)
            t[1].accompanied = accompanied
            a = attack(world, 0, 1, -1, Mode.LOOTING)
            warn(world, 1)
            times += int(world.attacks[a].noticed)
        noticed.append(times / 1500)
    assert noticed[0] == pytest.approx(0.3, abs=0.03)
    assert noticed[1] == pytest.approx(0.3 * 1.2, abs=0.03)


def forget_attacks(world: World) -> None:
    world.clock["attacks"] = 0
    world.communities["first_attack"], world.communities["raids"] = -1, 0
    world.armed_groups["first_attack"] = -1


def test_teams_avert_some_attacks_and_abuse() -> None:
    made = {}
    abused = {}
    for share in (0.0, 0.4):
        world = with_teams(0, team_restraint=share, abuse_rate=0.6)
        world.communities["accompanied"] = 1.0
        made[share] = abused[share] = 0
        for draw in range(1500):
            world.keys[0] = np.uint64(draw + 1)
            forget_attacks(world)
            choice.set_out(world, 0, 1, -1, 0)
            happens = int(world.clock[0].attacks)
            assert happens == world.communities["raids"][1] == (world.armed_groups[0].first_attack >= 0)
            made[share] += happens
            world.districts[0].abuses = 0
            abuse.prey(world, 0)
            abused[share] += int(world.districts[0].abuses)
    assert made[0.0] == 1500
    assert made[0.4] == pytest.approx(900, rel=0.07)
    assert abused[0.0] > 100
    assert abused[0.4] == pytest.approx(0.6 * abused[0.0], rel=0.2)


def test_teams_elsewhere_avert_nothing() -> None:
    world = with_teams(0, team_restraint=0.4)
    world.communities["accompanied"] = 1.0
    world.communities["accompanied"][1] = 0.0
    for draw in range(200):
        world.keys[0] = np.uint64(draw + 1)
        forget_attacks(world)
        choice.set_out(world, 0, 1, -1, 0)
        assert world.clock[0].attacks == 1


def test_teams_withdraw_after_attacks_as_others_do() -> None:
    world = with_teams(24)
    world.humanitarians[0].suspended = 2
    week(world, 1)
    assert not world.communities["accompanied"].any()


def test_who_is_seen_with_the_mission_loses_acceptance_among_armed_groups() -> None:
    def acceptance(presence: float, control: float, kind: int = 0, loss: float = 0.05) -> float:
        world = world_of(small(), partisan_loss=loss)
        week(world, 0)
        h = world.humanitarians
        h[0].kind, h[0].acceptance, h[0].suspended = kind, 0.8, 0
        world.armed_groups["choice"] = 0
        world.districts[0].un_presence, world.districts[0].group_control = presence, control
        for _ in range(52):
            humanitarian.deliver(world, 0)
        return float(h[0].acceptance)

    apart = acceptance(0.0, 1.0)
    assert acceptance(1.0, 0.0) == acceptance(1.0, 1.0, loss=0.0) == apart > 0.9
    assert acceptance(1.0, 1.0) < acceptance(0.5, 1.0) < apart
    assert acceptance(1.0, 1.0, kind=AidKind.UNARMED_PROTECTION) == apart


def test_a_full_escort_sees_aid_through() -> None:
    world = after_week_0(armed_groups=(group("Front", "alpha"),))
    world.parameters[0].escort = 0.9
    world.districts[0].un_presence = 1.0
    robbed = 0
    for _ in range(200):
        world.keys[0] += np.uint64(1)
        world.humanitarians[0].suspended = 0
        world.districts[0].aid_incidents = 0
        humanitarian.rob(world, 0, 1.0)
        robbed += int(world.districts[0].aid_incidents)
    assert 0.03 < robbed / 200 < 0.2
