from __future__ import annotations

import numpy as np
import pytest
from worlds import close, group, plan, rates, row, small, unit, world_of

from sim.agents import peacekeeper
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import district
from sim.world.codes import Posture, UnitKind


def after_week_0(**changes: object):
    world = world_of(small(**changes))
    week(world, 0)
    return world


def test_presence_thins_out_with_travel_time() -> None:
    world = after_week_0(units=(unit("Alpha post", "alpha", strength=2000),))
    patrols = world.districts["un_patrols"]
    assert patrols[0] > patrols[1] > patrols[2] > 0


def test_mobile_units_reach_farther_than_static_ones() -> None:
    far = {
        posture: after_week_0(units=(unit("Alpha post", "alpha", posture=posture, strength=600),))
        for posture in ("static", "mobile")
    }
    for d in (1, 2):
        assert far["mobile"].districts[d].un_presence > far["static"].districts[d].un_presence
        assert far["mobile"].districts[d].un_miss < far["static"].districts[d].un_miss
    # what goes farther is missing at home
    assert far["mobile"].districts[0].un_presence < far["static"].districts[0].un_presence


def test_the_wet_season_shortens_the_reach() -> None:
    case = small(60, units=(unit("Alpha post", "alpha", strength=800),), armed_groups=(), state_forces=())
    case = type(case)(**{**case.__dict__, "schedules": {}})
    records = Ensemble(case, "none").run(1, 0, 1).records[0]
    season = world_of(case).calendar
    assert set(season.tolist()) == {0, 1}
    presence = records["un_presence"][:, 1]
    assert presence[season == 1].mean() < presence[season == 0].mean()


def test_patrols_follow_alarms() -> None:
    def reaching_alpha(alarm: float) -> float:
        world = after_week_0(units=(unit("Beta post", "beta", strength=600),))
        world.districts[0].known_to_mission = alarm
        world.districts["un_patrols"] = 0.0
        peacekeeper.patrol(world, 0)
        return float(world.districts[0].un_patrols)

    assert reaching_alpha(5.0) > 2 * reaching_alpha(0.0) > 0


def test_readiness_distance_and_remoteness_decide_on_answers() -> None:
    p = rates(un_act_chance=0.4, answer_reach=4.0, mobile_reach=2.0, rumour_block=0.5)
    there = row(district.TABLE)

    def acts(way: float = 1.0, remoteness: float = 0.0, consent: float = 1.0, **changes: float) -> float:
        post = row(peacekeeper.TABLE, **{"strength": 150, "readiness": 1.0, **changes})
        return float(peacekeeper.act_chance(post, there, way, remoteness, consent, p))

    assert acts() == pytest.approx(0.4)
    assert acts(way=0.5) == pytest.approx(0.2)
    assert acts(remoteness=4.0) == pytest.approx(0.4 * np.exp(-1.0))
    assert acts(remoteness=8.0, posture=Posture.MOBILE) == pytest.approx(0.4 * np.exp(-1.0))
    assert acts(consent=0.5) == pytest.approx(0.2)
    assert acts(guarding=75) == pytest.approx(0.2)
    assert acts(readiness=0.0) == acts(kind=UnitKind.OBSERVERS) == acts(kind=UnitKind.CIVILIAN_TEAM) == 0.0
    assert acts(kind=UnitKind.FORMED_POLICE) == pytest.approx(0.4 * p.police_answer)
    there.rumour = 1.0
    assert acts() == pytest.approx(0.2)


def test_patrols_go_where_alarms_call_and_the_road_lets_them() -> None:
    p = rates(triage=0.5, rumour_block=0.5)
    women = row(peacekeeper.TABLE, women=0.25)

    def seen(left: float = 1.0, **there: float) -> tuple[float, float]:
        place = row(district.TABLE, **there)
        peacekeeper.be_seen(women, place, 10.0, left, p)
        return float(place.un_patrols), float(place.un_women)

    assert seen() == pytest.approx((10.0, 2.5))
    assert seen(known_to_mission=2.0) == pytest.approx((20.0, 5.0))
    assert seen(left=0.5) == pytest.approx((2.5, 0.625))
    assert seen(rumour=1.0) == pytest.approx((5.0, 1.25))


def test_the_best_ear_counts_and_teams_mediate_together() -> None:
    p = rates(mediation_staff=8.0)
    place = row(district.TABLE)
    for ear in (0.3, 0.8, 0.5):
        peacekeeper.listen(place, ear)
    assert place.un_listening == 0.8
    for _ in range(2):
        peacekeeper.mediate(place, 4.0, p)
    assert place.mediation == pytest.approx(1.0 - np.exp(-1.0))


def test_a_company_answers_one_alert_a_week() -> None:
    world = after_week_0(units=(unit("Alpha post", "alpha", strength=117),))
    world.peacekeepers[0].readiness = 2.0
    t = world.communities
    world.districts[0].heard = 3
    answered = []
    for number in range(60):
        world.keys[0] += np.uint64(1)
        world.peacekeepers[0].answers = 0
        t["heard_un"][:3], t["arrival"][:3], t["answered_by"][:3] = 1, np.inf, 0
        peacekeeper.answer(world, 0)
        answered.append(int((t["answered_by"][:3] == 1).sum()))
        assert number >= 0
    assert max(answered) == 1
    assert sum(answered) > 30


def test_answers_come_in_time_or_not_at_all() -> None:
    world = after_week_0()
    t = world.communities
    t[0].lead = 50.0
    t[0].arrival = np.inf
    world.peacekeepers[0].readiness = 2.0
    for _ in range(20):
        world.keys[0] += np.uint64(1)
        world.districts[0].heard, t[0].heard_un = 1, 1
        peacekeeper.answer(world, 0)
    assert t[0].arrival == 0.0  # the warning came long before the attack
    assert t[0].answered_by == 1


def test_units_come_and_go_with_their_base() -> None:
    from datetime import timedelta

    from worlds import START

    case = small(
        40,
        units=(
            unit("Alpha post", "alpha"),
            unit("Newcomer", "beta", opens=START + timedelta(weeks=10), until=START + timedelta(weeks=30)),
            unit("Reserve", "gamma", opens="scheduled"),
        ),
    )
    records = Ensemble(case, "close-alpha").run(1, 0, 1).records[0]
    troops = records["un_troops"]
    assert (troops[:20, 0] == 150).all()
    assert (troops[20:, 0] == 0).all()
    assert (troops[:10, 1] == 0).all()
    assert (troops[10:31, 1] == 150).all()
    assert (troops[31:, 1] == 0).all()
    assert (troops[:, 2] == 0).all()


def test_omnipresent_protection_leaves_little_violence_by_armed_groups() -> None:
    guards = tuple(unit(f"{d} guard", d, strength=50_000, readiness=2.0) for d in ("alpha", "beta", "gamma"))
    perfect = {
        "un_act_chance": 0.9,
        "telephone_chance": 0.8,
        "network_gain": 3.0,
        "warn_baseline": 2.0,
        "warn_retaliation": 0.5,
        "encounter_chance": 0.2,
        "met_cost": 6.0,
        "un_mobilise": 0.3,
    }
    case = small(150, units=guards)
    case = type(case)(**{**case.__dict__, "schedules": {}}).with_parameters(**perfect)
    guarded = Ensemble(case, "none").run(1, 0, 10).records
    empty = small(150, units=())
    empty = type(empty)(**{**empty.__dict__, "schedules": {}}).with_parameters(**perfect)
    alone = Ensemble(empty, "none").run(1, 0, 10).records
    late = slice(50, None)
    assert guarded["killed_by_groups"][:, late].mean() < 0.15 * alone["killed_by_groups"][:, late].mean()
    assert guarded["deterred"][:, late].mean() > 0.95
    # troops do much less about state forces
    assert guarded["abuses"][:, late].mean() > 0.5 * alone["abuses"][:, late].mean()


def test_closing_bases_lowers_protection_where_it_was() -> None:
    case = small(120, armed_groups=(group("Front", "alpha"),)).with_schedule(
        plan("all", *(close(b, 20) for b in ("Alpha post", "Beta post", "Gamma house")))
    )
    stay = Ensemble(case, "none").run(1, 0, 8).records["un_met"][:, 30:].mean(axis=(0, 1))
    gone = Ensemble(case, "all").run(1, 0, 8).records["un_met"][:, 30:].mean(axis=(0, 1))
    assert (gone == 0).all()
    assert (stay > 0).all()


def robust(**changes: object):
    """Return the small case in its first week with one large base in alpha, ready for robust action."""
    values = {"strength": 2000, "offensive": 1.0, **changes}
    return after_week_0(
        units=(unit("Alpha post", "alpha", **values),),
        armed_groups=(group("Front", "alpha", control=0.5), group("Guards", "alpha", kind="pro-government")),
        state_forces=(),
    )


def fights(world, n: int = 200) -> int:
    """Return how often the unit attacks in `n` weeks of the same alarm."""
    attacked = 0
    for _ in range(n):
        world.keys[0] += np.uint64(1)
        world.districts[0].clashes = 0
        world.districts[0].known_to_mission = 1.0
        peacekeeper.fight(world, 0)
        attacked += int(world.districts[0].clashes)
    return attacked


def test_only_units_with_a_mandate_attack_and_the_host_can_stop_them() -> None:
    assert fights(robust(offensive=0.0)) == 0
    assert fights(robust(kind="formed-police")) == 0
    free = fights(robust())
    assert 20 < free < 60  # 0.2 a week
    world = robust()
    world.host[0].consent = 0.1
    assert fights(world) < 0.4 * free
    world = robust()
    world.host[0].consent = 0.0
    assert fights(world) == 0


def test_robust_action_weakens_rebels_and_spares_groups_that_stand_with_the_government() -> None:
    world = robust()
    before = world.armed_groups[["fighters", "control"]].copy()
    fights(world, 100)
    assert world.armed_groups[0].fighters < before["fighters"][0]
    assert world.armed_groups[0].control < before["control"][0]
    assert world.armed_groups[0].grudge > 0
    assert world.armed_groups[1].fighters == before["fighters"][1]


def test_crowds_who_believe_a_rumour_stop_patrols() -> None:
    world = after_week_0()
    presence = float(world.districts[0].un_presence)
    world.districts["rumour"] = 1.0
    week(world, 1)
    stopped = world.parameters[0].rumour_block
    assert world.districts[0].un_presence < presence * (1.0 - 0.5 * stopped)
