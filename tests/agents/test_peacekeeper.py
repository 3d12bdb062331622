from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import START, close, group, plan, rates, relief, row, small, unit, world_of

from sim.agents import peacekeeper
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import district
from sim.world.attack import BAND, attack
from sim.world.codes import Answer, Mode, Posture, UnitKind
from sim.world.state import ANSWER, PATROL, World


def after_week_0(**changes: object) -> World:
    world = world_of(small(**changes))
    week(world, 0)
    return world


def patrolled(world: World, u: int = 0) -> World:
    """Return the world after unit `u` alone has patrolled."""
    for field in ("un_patrols", "un_women", "un_troops", "un_police", "policing"):
        world.districts[field] = 0
    world.communities["un_patrols"] = 0.0
    world.communities["un_miss"] = world.communities["un_deaf"] = 1.0
    peacekeeper.patrol(world, u)
    return world


def base_of(strength: int, **changes: object) -> World:
    """Return the small case with a single unit in alpha, which has patrolled."""
    return patrolled(after_week_0(units=(unit("Alpha post", "alpha", strength=strength, **changes),)))


def quiet(world: World) -> World:
    """Return the world without any attack this week."""
    world.clock["attacks"] = 0
    world.communities["first_attack"], world.communities["raids"] = -1, 0
    world.communities["heard_un"], world.communities["answered_by"] = 0, Answer.NOBODY
    world.armed_groups["first_attack"] = -1
    return world


def called(world: World, c: int) -> int:
    """Let group 0 attack place `c`, and the mission know of it; return the attack."""
    a = attack(world, 0, c, -1, Mode.LOOTING)
    world.attacks[a].heard_un = world.attacks[a].alerted = 1
    world.communities[c].heard_un = 1
    return a


# what a unit is able to do


@given(st.floats(0, 3000), st.floats(0, 3000), st.floats(0, 20))
def test_a_patrol_is_at_hand_the_more_troops_there_are_and_the_fewer_companies_are_out(
    free: float, more: float, busy: float
) -> None:
    p = rates()
    chance = peacekeeper.at_hand(free, busy, p)
    assert 0.0 <= chance <= 1.0
    assert peacekeeper.at_hand(free + more, busy, p) >= chance
    assert peacekeeper.at_hand(free, busy + more / 100.0, p) <= chance


def test_a_patrol_is_at_hand_in_63_of_100_cases_with_as_many_free_companies_as_that_takes() -> None:
    p = rates(company_strength=100.0, ready_companies=2.0)
    assert peacekeeper.at_hand(200.0, 0.0, p) == pytest.approx(1.0 - np.exp(-1.0))
    assert peacekeeper.at_hand(400.0, 2.0, p) == pytest.approx(peacekeeper.at_hand(200.0, 0.0, p))
    assert peacekeeper.at_hand(200.0, 2.0, p) == peacekeeper.at_hand(200.0, 9.0, p) == 0.0
    assert peacekeeper.at_hand(1.0, 0.0, p) < 0.01
    one, two = peacekeeper.at_hand(100.0, 0.0, p), peacekeeper.at_hand(200.0, 0.0, p)
    assert one < two < 2 * one  # two companies do not answer twice as often as one


def test_it_takes_people_to_listen() -> None:
    p = rates(ear_staff=100.0, women_listening=0.2, mediation_staff=8.0)

    def ear(**values: float) -> float:
        return float(peacekeeper.ear(row(peacekeeper.TABLE, **values), p))

    assert ear(strength=0) == 0.0
    assert ear(strength=1) == pytest.approx(0.01, rel=0.01)
    assert ear(strength=100) == pytest.approx(1.0 - np.exp(-1.0))
    assert ear(strength=100, women=0.5) == pytest.approx(1.1 * ear(strength=100))
    assert ear(strength=10_000, women=1.0) == 1.0
    team = ear(strength=8, kind=UnitKind.CIVILIAN_TEAM)  # assistants who speak the language
    assert team == pytest.approx(1.0 - np.exp(-1.0))
    assert team > ear(strength=8)


def test_caveats_kind_and_consent_decide_whether_a_unit_wants_to_act() -> None:
    p = rates(un_act_chance=0.4, police_answer=0.3)

    def wants(consent: float = 1.0, **values: float) -> float:
        return float(
            peacekeeper.readiness(row(peacekeeper.TABLE, **({"readiness": 1.0} | values)), consent, p)
        )

    assert wants() == pytest.approx(0.4)
    assert wants(consent=0.5) == wants(readiness=0.5) == pytest.approx(0.2)
    assert wants(kind=UnitKind.FORMED_POLICE) == pytest.approx(0.12)
    assert wants(readiness=9.0) == 1.0
    assert wants(readiness=0.0) == wants(consent=0.0) == 0.0
    assert wants(kind=UnitKind.OBSERVERS) == wants(kind=UnitKind.CIVILIAN_TEAM) == 0.0


def test_alarms_call_for_patrols_and_crowds_stop_them() -> None:
    p = rates(triage=0.5, rumour_block=0.4)
    communities = after_week_0().communities
    communities["alarm"][:2] = (0.0, 2.0)
    assert peacekeeper.call_for_patrols(communities[0], p) == 1.0
    assert peacekeeper.call_for_patrols(communities[1], p) == 2.0
    assert peacekeeper.passable(row(district.TABLE), p) == 1.0
    assert peacekeeper.passable(row(district.TABLE, rumour=1.0), p) == pytest.approx(0.6)


# patrols


def test_patrols_and_answers_thin_out_with_the_hours_from_the_post() -> None:
    world = base_of(2000)
    post = world.peacekeepers[0].post
    count = world.posts[post].count
    places = world.reach[post, :count]
    hours = world.way[world.clock[0].season, post, :count]
    assert len(places) == 8  # of all three districts
    world.communities["alarm"] = 0.0
    patrolled(world)
    order = np.argsort(hours, kind="stable")
    for field, falls in (("un_patrols", True), ("un_miss", False), ("un_deaf", False)):
        values = world.communities[field][places][order]
        steps = np.diff(values)[np.diff(hours[order]) > 0]
        assert (steps < 0 if falls else steps > 0).all(), field
    nearest = world.communities[places[0]]
    acts = 1.0 - nearest.un_miss
    left = world.left[ANSWER + Posture.STATIC, world.clock[0].season, post]
    for k, c in enumerate(places):
        assert 1.0 - world.communities[c].un_miss == pytest.approx(acts * left[k] / left[0])


def test_a_mission_of_one_man_does_nearly_nothing() -> None:
    one, company = base_of(1), base_of(117)
    assert one.communities["un_miss"].min() > 0.999  # none that could stop a band is at hand
    assert one.communities["un_deaf"].min() > 0.98
    assert one.communities["un_patrols"].sum() < 0.2  # patrols a week
    assert company.communities["un_miss"].min() < 0.9
    assert company.communities["un_deaf"].min() < 0.5
    nobody = base_of(1)
    nobody.peacekeepers[0].strength = 0
    patrolled(nobody)
    assert (nobody.communities["un_miss"] == 1.0).all()
    assert (nobody.communities["un_patrols"] == 0.0).all()


def test_more_troops_patrol_more_answer_more_and_hear_more() -> None:
    worlds = [base_of(strength) for strength in (10, 100, 400, 1600)]
    for world in worlds:
        world.communities["alarm"] = 0.0
        patrolled(world)
    for field, sign in (("un_patrols", 1), ("un_miss", -1), ("un_deaf", -1)):
        nearest = [sign * float(world.communities[field][0]) for world in worlds]
        assert (np.diff(nearest) > 0).all(), field
    # patrols in proportion, answers not: one patrol answers one attack
    patrols = [float(world.communities["un_patrols"].sum()) for world in worlds]
    assert patrols[3] == pytest.approx(16 * patrols[1])
    acts = [1.0 - float(world.communities["un_miss"].min()) for world in worlds]
    assert acts[3] < 4 * acts[2] < 16 * acts[1]


def test_a_closed_base_is_as_if_it_had_never_been() -> None:
    world = base_of(600)
    world.peacekeepers[0].present = 0
    patrolled(world)
    assert (world.communities["un_patrols"] == 0.0).all()
    assert (world.communities["un_miss"] == 1.0).all()
    assert (world.communities["un_deaf"] == 1.0).all()


def test_presence_thins_out_with_travel_time() -> None:
    world = after_week_0(units=(unit("Alpha post", "alpha", strength=2000),))
    patrols = world.districts["un_patrols"]
    assert patrols[0] > patrols[1] > patrols[2] > 0
    places = world.communities["un_patrols"]
    for d, here in enumerate(world.districts):  # those of a district are those of its places
        assert patrols[d] == pytest.approx(places[here.first_community : here.end_community].sum())


def test_mobile_units_reach_farther_than_static_ones() -> None:
    far = {posture: base_of(600, posture=posture) for posture in ("static", "mobile")}
    for d in (1, 2):
        own = slice(far["mobile"].districts[d].first_community, far["mobile"].districts[d].end_community)
        mobile, static = (far[posture].communities[own] for posture in ("mobile", "static"))
        assert (mobile["un_patrols"] > static["un_patrols"]).all()
        assert (mobile["un_miss"] < static["un_miss"]).all()
    # what goes farther is missing at the door of the base
    assert far["mobile"].communities[0].un_patrols < far["static"].communities[0].un_patrols


def test_the_wet_season_shortens_the_reach() -> None:
    world = base_of(800)
    there = {}
    for season in (0, 1):
        world.clock[0].season = season
        patrolled(world)
        there[season] = world.communities[3:6].copy()  # of the next district
    assert (there[1]["un_patrols"] < there[0]["un_patrols"]).all()
    assert (there[1]["un_miss"] > there[0]["un_miss"]).all()
    assert (there[1]["un_deaf"] > there[0]["un_deaf"]).all()


def test_patrols_follow_alarms_from_place_to_place() -> None:
    world = base_of(600)
    world.communities["alarm"] = 0.0
    calm = patrolled(world).communities["un_patrols"].copy()
    world.communities["alarm"][1] = 5.0
    alarmed = patrolled(world).communities["un_patrols"]
    assert alarmed[1] > 2 * calm[1] > 0
    assert (np.delete(alarmed, 1) < np.delete(calm, 1)).all()  # they cannot be everywhere


def test_observers_are_seen_and_hear_but_answer_nobody() -> None:
    observers, infantry = (base_of(100, kind=kind) for kind in ("observers", "infantry"))
    ratio = observers.parameters[0].observer_patrols
    assert observers.communities["un_patrols"] == pytest.approx(ratio * infantry.communities["un_patrols"])
    assert (observers.communities["un_miss"] == 1.0).all()
    assert observers.communities["un_deaf"] == pytest.approx(infantry.communities["un_deaf"])
    assert observers.districts["un_troops"].sum() == 0


def test_who_guards_a_site_is_missing_on_patrol() -> None:
    world = base_of(400)
    world.communities["alarm"] = 0.0
    free = patrolled(world).communities.copy()
    world.peacekeepers[0].guarding = 300
    busy = patrolled(world).communities
    assert busy["un_patrols"] == pytest.approx(0.25 * free["un_patrols"])
    assert (busy["un_miss"] > free["un_miss"]).all()


def test_the_host_decides_where_the_mission_may_go() -> None:
    world = base_of(400)
    free = patrolled(world).communities.copy()
    world.host[0].consent = 0.5
    held = patrolled(world).communities
    assert held["un_patrols"] == pytest.approx(0.5 * free["un_patrols"])
    assert (held["un_miss"] > free["un_miss"]).all()
    world.host[0].consent = 0.0
    stopped = patrolled(world).communities
    assert (stopped["un_patrols"] == 0.0).all()
    assert (stopped["un_miss"] == 1.0).all()


def test_crowds_who_believe_a_rumour_stop_patrols_and_answers() -> None:
    world = base_of(400)
    free = patrolled(world).communities.copy()
    world.districts[0].rumour = 1.0
    stopped = patrolled(world).communities
    passed = 1.0 - world.parameters[0].rumour_block
    assert stopped["un_patrols"][:3] == pytest.approx(passed * free["un_patrols"][:3])
    assert 1.0 - stopped["un_miss"][:3] == pytest.approx(passed * (1.0 - free["un_miss"][:3]))
    assert stopped["un_patrols"][3:] == pytest.approx(free["un_patrols"][3:])


def test_women_in_patrols_are_seen_and_hear_more() -> None:
    none, half = base_of(100), base_of(100, women=0.5)
    assert (none.districts["un_women"] == 0.0).all()
    assert half.districts["un_women"] == pytest.approx(0.5 * half.districts["un_patrols"])
    assert (half.communities["un_deaf"] < none.communities["un_deaf"]).all()


def test_a_civilian_team_hears_and_mediates_and_nothing_else() -> None:
    world = base_of(8, kind="civilian-team")
    assert (world.communities["un_patrols"] == 0.0).all()
    assert (world.communities["un_miss"] == 1.0).all()
    assert world.communities["un_deaf"].min() < 0.5
    world.districts["mediation"] = 0.0
    patrolled(world)
    mediation = world.districts["mediation"]
    assert mediation[0] > mediation[1] > mediation[2] > 0


def test_teams_mediate_together() -> None:
    p = rates(mediation_staff=8.0)
    place = row(district.TABLE)
    for _ in range(2):
        peacekeeper.mediate(place, 4.0, p)
    assert place.mediation == pytest.approx(1.0 - np.exp(-1.0))


# answers


def answers(world: World, c: int, n: int = 400, number: int = 1) -> float:
    """Return how many of `number` alerts from place `c` unit 0 answers in a week, on average."""
    answered = 0
    for draw in range(n):
        world.keys[0] = np.uint64(draw + 1)
        quiet(world)
        for _ in range(number):
            called(world, c)
        world.peacekeepers[0].answers = 0
        peacekeeper.answer(world, 0)
        answered += int(world.peacekeepers[0].answers)
        assert world.peacekeepers[0].answers == (world.attacks["answered_by"][:number] == Answer.UN).sum()
    return answered / n


def ready(strength: int = 400, fighters: int = 100, **changes: object) -> World:
    """Return a world with one unit in alpha that wants to answer, and a group of 100."""
    world = after_week_0(
        units=(unit("Alpha post", "alpha", strength=strength, **changes),),
        armed_groups=(group("Front", "alpha"),),
    )
    world.armed_groups[0].fighters = fighters
    return world


def test_an_alert_is_answered_as_often_as_groups_have_to_reckon_with() -> None:
    world = ready()
    patrolled(world)
    for c in (0, 2, 4):
        acts = 1.0 - float(world.communities[c].un_miss)
        assert answers(world, c) == pytest.approx(acts, abs=4 * np.sqrt(acts * (1 - acts) / 400) + 0.005)


def test_answers_fade_with_travel_hours() -> None:
    world = ready(2000)
    post = world.peacekeepers[0].post
    near, far = (int(world.reach[post, k]) for k in (0, world.posts[post].count - 1))
    assert answers(world, near) > 0.3 > answers(world, far)
    mobile = ready(2000, posture="mobile")
    assert answers(mobile, far) > answers(world, far)


def test_few_troops_answer_few_alerts_and_strong_groups_are_answered_less() -> None:
    strengths = [answers(ready(n), 0) for n in (1, 60, 400, 3000)]
    assert strengths[0] < 0.01
    assert (np.diff(strengths) > 0).all()
    weak, strong = (answers(ready(400, fighters), 0) for fighters in (20, 5000))
    assert weak > strong > 0


def test_a_busy_patrol_answers_less() -> None:
    world = ready(117)
    world.parameters[0].answer_stay = 168.0
    one, four = answers(world, 0), answers(world, 0, number=4)
    assert one < four < 4 * one
    world.parameters[0].answer_stay = 6.0
    assert answers(world, 0, number=4) > four
    world.parameters[0].answer_stay = 1e9  # never comes back
    assert answers(world, 0, number=4) <= 1.0


def test_only_alerts_that_reached_the_mission_are_answered_and_only_by_armed_units() -> None:
    world = ready(3000)
    for draw in range(50):
        world.keys[0] = np.uint64(draw + 1)
        called(quiet(world), 0)
        world.attacks[0].heard_un = 0  # of another attack on that place
        peacekeeper.answer(world, 0)
        assert world.attacks[0].answered_by == Answer.NOBODY
    assert answers(ready(3000, kind="observers"), 0, 50) == 0.0
    assert answers(ready(3000, kind="civilian-team"), 0, 50) == 0.0
    assert answers(ready(3000, readiness=0.0), 0, 50) == 0.0
    assert 0.0 < answers(ready(3000, kind="formed-police"), 0) < answers(ready(3000), 0)


def test_answers_come_after_the_way_and_before_the_attack_if_it_was_seen_long_before() -> None:
    world = ready(3000)
    post, season = world.peacekeepers[0].post, world.clock[0].season
    k = 2
    c, hours = int(world.reach[post, k]), float(world.way[season, post, k])
    arrivals = {}
    for lead in (0.0, 1e6):
        arrivals[lead] = []
        for draw in range(100):
            world.keys[0] = np.uint64(draw + 1)
            a = called(quiet(world), c)
            world.attacks[a].lead = lead
            peacekeeper.answer(world, 0)
            if world.attacks[a].answered_by == Answer.UN:
                arrivals[lead].append(float(world.attacks[a].arrival))
                assert world.communities[c].answered_by == Answer.UN
            else:
                assert np.isinf(world.attacks[a].arrival)
    assert len(arrivals[0.0]) == len(arrivals[1e6]) > 10
    assert min(arrivals[0.0]) > hours > 0
    assert set(arrivals[1e6]) == {0.0}


def test_what_groups_reckon_with_is_told_of_a_band_of_100() -> None:
    assert BAND == 100.0
    world = base_of(400)
    p = world.parameters[0]
    acts = 1.0 - float(world.communities[0].un_miss)
    way = world.left[ANSWER + Posture.STATIC, world.clock[0].season, world.peacekeepers[0].post, 0]
    out = max(p.patrol_least, p.patrol_share * 400)
    stopped = p.soldier_worth * out / (p.soldier_worth * out + p.attackers)
    wants = p.un_act_chance * world.peacekeepers[0].readiness * world.host[0].consent
    assert acts == pytest.approx(wants * peacekeeper.at_hand(400.0, 0.0, p) * stopped * way)
    assert world.left[PATROL + Posture.STATIC, world.clock[0].season, 0, 0] <= 1.0


# whole worlds


def test_units_come_and_go_with_their_base() -> None:
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


def test_closing_bases_lowers_protection_where_it_was() -> None:
    case = small(60, armed_groups=(group("Front", "alpha"),)).with_schedule(
        plan("all", *(close(b, 20) for b in ("Alpha post", "Beta post", "Gamma house")))
    )
    stay = Ensemble(case, "none").run(1, 0, 4).records["un_met"][:, 30:].mean(axis=(0, 1))
    gone = Ensemble(case, "all").run(1, 0, 4).records["un_met"][:, 30:].mean(axis=(0, 1))
    assert (gone == 0).all()
    assert (stay > 0).all()


def test_omnipresent_protection_leaves_little_violence_by_armed_groups() -> None:
    guards = tuple(unit(f"{d} guard", d, strength=50_000, readiness=2.0) for d in ("alpha", "beta", "gamma"))
    perfect = {
        "telephone_chance": 0.8,
        "network_gain": 3.0,
        "warn_baseline": 2.0,
        "warn_retaliation": 0.5,
        "encounter_chance": 0.2,
        "met_cost": 6.0,
        "un_mobilise": 0.3,
    }

    def run(units: tuple[object, ...]) -> np.ndarray:
        case = small(100, units=units, humanitarians=(relief("Aid alpha", "alpha"),), schedules={})
        return Ensemble(case.with_parameters(**perfect), "none").run(1, 0, 8).records[:, 40:]

    guarded, alone = run(guards), run(())
    assert guarded["killed_by_groups"].mean() < 0.15 * alone["killed_by_groups"].mean()
    assert guarded["deterred"].mean() > 0.95
    assert alone["deterred"].mean() < guarded["deterred"].mean()
    # troops do much less about state forces
    assert guarded["abuses"].mean() > 0.5 * alone["abuses"].mean()


# robust action


def robust(**changes: object) -> World:
    """Return the small case in its first week with one large base in alpha, ready for robust action."""
    values = {"strength": 2000, "offensive": 1.0, **changes}
    return after_week_0(
        units=(unit("Alpha post", "alpha", **values),),
        armed_groups=(group("Front", "alpha", control=0.5), group("Guards", "alpha", kind="pro-government")),
        state_forces=(),
    )


def fights(world: World, n: int = 200) -> int:
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


def test_a_few_men_with_a_mandate_attack_nobody() -> None:
    p = rates(robust_rate=0.6)
    here = row(district.TABLE, known_to_mission=1.0)
    chances = [
        peacekeeper.attack_chance(row(peacekeeper.TABLE, strength=n, offensive=1.0), here, 1.0, p)
        for n in (1, 100, 1000, 100_000)
    ]
    assert chances[0] < 0.01
    assert (np.diff(chances) > 0).all()
    assert chances[3] == pytest.approx(0.6)
    calm = row(district.TABLE)
    assert (
        peacekeeper.attack_chance(row(peacekeeper.TABLE, strength=1000, offensive=1.0), calm, 1.0, p) == 0.0
    )


def test_robust_action_weakens_rebels_and_spares_groups_that_stand_with_the_government() -> None:
    world = robust()
    before = world.armed_groups[["fighters", "control"]].copy()
    fights(world, 100)
    assert world.armed_groups[0].fighters < before["fighters"][0]
    assert world.armed_groups[0].control < before["control"][0]
    assert world.armed_groups[0].grudge > 0
    assert world.armed_groups[1].fighters == before["fighters"][1]
