from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import army, camps, group, rates, row, site, small, unit, world_of

from sim.agents import guard, peacekeeper
from sim.ensemble import Ensemble
from sim.study.eventlog import event_log
from sim.week import week
from sim.world import attack, district
from sim.world import site as rules
from sim.world.codes import Answer, Mode
from sim.world.people import HOME, census, take_displaced
from sim.world.state import CRIMINALS, SEXUAL_VIOLENCE, World

POST, RIVER, BORDER = 0, 1, 2  # rows of the sites of `camps`


def after_week_0(**parameters: float) -> World:
    world = world_of(camps(), **parameters)
    week(world, 0)
    return world


def quiet(**changes: object):
    """Return the case without armed groups: nothing happens there but what a test does."""
    return camps(armed_groups=(), **changes)


# -- guards -----------------------------------------------------------------------------------------


def test_guards_are_missing_elsewhere() -> None:
    alone = camps(units=camps().units[:1], schedules={})
    free, tied = world_of(alone), world_of(alone)
    free.sites[POST].wanted = 0
    for world in (free, tied):
        week(world, 0)
    assert tied.peacekeepers[0].guarding == tied.sites[POST].guards == 100
    assert free.peacekeepers[0].guarding == 0
    p = tied.parameters[0]
    left, whole = (peacekeeper.free_troops(world.peacekeepers[0]) for world in (tied, free))
    assert (left, whole) == (50, 150)
    assert 0.0 < peacekeeper.at_hand(left, 0.0, p) < 0.5 * peacekeeper.at_hand(whole, 0.0, p)
    beside = tied.communities[0], free.communities[0]  # where the base stands
    assert beside[0].un_patrols == pytest.approx(beside[1].un_patrols / 3, rel=0.01)
    assert beside[0].un_miss > beside[1].un_miss
    assert tied.districts[0].un_patrols < 0.9 * free.districts[0].un_patrols


def test_no_more_guards_than_troops_and_none_for_an_empty_site() -> None:
    case = camps()
    greedy = replace(case, sites=(case.sites[0].model_copy(update={"guards": 900}), *case.sites[1:]))
    world = world_of(greedy)
    week(world, 0)
    assert world.sites[POST].guards == world.peacekeepers[0].guarding == 150
    world.peacekeepers["guarding"] = 0
    world.sites[POST].persons = 0
    guard.tie_down(world, POST)
    assert world.sites[POST].guards == 0


def test_unarmed_units_guard_nothing() -> None:
    case = camps(units=(unit("Alpha post", "alpha", kind="observers"), *small().units[1:]))
    world = world_of(case)
    week(world, 0)
    assert world.peacekeepers[0].present == 1
    assert world.sites[POST].guards == 0
    assert world.sites[POST].under_un == 0


def test_five_guards_a_thousand_people_make_63_per_cent() -> None:
    assert guard.guarded_share(40, 8000, 5.0) == pytest.approx(1 - np.exp(-1), rel=1e-6)
    assert guard.guarded_share(0, 8000, 5.0) == 0.0
    assert guard.guarded_share(40, 0, 5.0) == 0.0
    assert 0.99 < guard.guarded_share(4000, 8000, 5.0) <= 1.0


def test_after_the_base_closes_security_is_the_states_with_will_and_discipline() -> None:
    def guarded(**police: object) -> tuple[float, float]:
        forces = (*small().state_forces, army("Alpha police", "alpha", force="police", **police))
        model = camps(state_forces=forces).model("exit", seed=1)
        before = 0.0
        while model.week < 45:
            model.step()
            if model.week == 39:
                before = float(model.sites[POST].by_un)
        assert model.sites[POST].by_un == 0.0
        assert model.sites[POST].under_un == 0
        return before, float(model.sites[POST].by_state)

    before, good = guarded(will=0.9, discipline=0.9)
    _, unwilling = guarded(will=0.1, discipline=0.9)
    _, undisciplined = guarded(will=0.9, discipline=0.1)
    assert before > 0.6
    assert 0.0 < unwilling < 0.3 * good
    assert 0.0 < undisciplined < 0.3 * good
    world = world_of(camps())  # an army alone guards no camp
    week(world, 0)
    assert world.sites[POST].by_state == 0.0


def test_the_hand_over_is_in_the_log_once() -> None:
    case = camps()
    log, _ = event_log(case, "exit", seed=1, replicate=0)
    handed = log[log["kind"] == "site handed over"]
    assert handed["actor"].tolist() == ["Post site"]
    assert handed["week"].tolist() == [40]
    log, _ = event_log(case, "none", seed=1, replicate=0)
    assert not (log["kind"] == "site handed over").any()


def test_the_story_of_a_run_tells_of_it() -> None:
    from sim.show.chronicle import Chronicle

    story = Chronicle.of(camps(24).model("exit", seed=1, events=True).run())
    assert sum("who guarded Post site have gone" in told.text for told in story.told) == 1


# -- attacks ----------------------------------------------------------------------------------------


def test_what_draws_an_attack_to_a_site() -> None:
    p = rates()
    camp = row(rules.TABLE, persons=10_000)
    plain = rules.draws_attack(camp, p)
    camp.persons = 40_000
    assert rules.draws_attack(camp, p) == pytest.approx(2 * plain)
    camp.persons, camp.guarded = 10_000, 0.75
    assert rules.draws_attack(camp, p) == pytest.approx(0.25 * plain)
    camp.guarded, camp.militarised = 0.0, 1.0
    assert rules.draws_attack(camp, p) == pytest.approx(2 * plain)


def test_a_group_picks_sites_by_weight() -> None:
    world = after_week_0()
    world.sites["guarded"] = (0.0, 0.5, 0.0)
    weights = [rules.target_weight(world, 0, s) for s in (POST, RIVER)]
    assert rules.target_weight(world, 0, BORDER) == 0.0  # in another district
    assert rules.targets(world, 0) == pytest.approx(sum(weights))
    for x, chosen in (
        (0.0, POST),
        (weights[0] * 0.99, POST),
        (weights[0] * 1.01, RIVER),
        (sum(weights), RIVER),
    ):
        assert rules.choose(world, 0, x) == chosen
    assert rules.choose(world, 2, 0.0) == -1  # none there


def attacked(world: World, guards: float = 0.0, draw: int = 0) -> None:
    """Let the first group attack the post's site in week `draw`."""
    world.keys[0] = np.uint64(1 + draw)
    c = int(world.sites[POST].community)
    world.communities[c].first_attack, world.communities[c].raids = -1, 0
    world.armed_groups[0].first_attack = -1
    world.clock["attacks"] = 0
    a = attack.attack(world, 0, c, POST, Mode.LOOTING)
    world.sites[POST].by_un = guards
    guard.answer(world, POST)
    attack.strike(world, a)


def test_the_dead_of_an_attack_on_a_site_are_displaced_people_of_it() -> None:
    world = after_week_0(violence_scale=1.5)
    people = census(world)
    at_first = int(world.ledger[0].civilians_killed)
    for draw in range(40):
        persons, hosted = int(world.sites[POST].persons), int(world.districts[0].hosted)
        residents = world.communities["residents"].copy()
        dead, taken = int(world.ledger[0].civilians_killed), int(world.ledger[0].taken)
        attacked(world, draw=draw)
        gone = int(world.ledger[0].civilians_killed) - dead + int(world.ledger[0].taken) - taken
        assert hosted - world.districts[0].hosted == gone
        assert persons - world.sites[POST].persons >= gone
        assert (world.communities["residents"] == residents).all()
        assert census(world) == people
    assert world.ledger[0].civilians_killed - at_first == world.districts[0].killed_in_sites > 40
    assert world.districts[0].site_attacks == 40
    assert world.districts[0].in_sites == world.sites["persons"][:2].sum()


def test_guards_answer_at_once_and_cut_an_attack_short() -> None:
    deaths, answered = [], []
    for guards in (0.0, 1.0):
        dead = met = 0
        for draw in range(150):
            world = after_week_0_copy()
            attacked(world, guards=guards, draw=draw)
            dead += int(world.districts[0].killed_in_sites)
            met += int(world.attacks[0].answered_by == Answer.UN)
        deaths.append(dead)
        answered.append(met / 150)
    assert answered[0] == 0.0
    assert answered[1] == pytest.approx(0.45 * 1.0, abs=0.12)  # `un_act_chance`, by one fully ready unit
    assert deaths[1] < 0.8 * deaths[0]


_START: list[World] = []


def after_week_0_copy() -> World:
    from sim.build import copy_world

    if not _START:
        _START.append(after_week_0(un_act_chance=0.45))
        _START[0].sites[POST].guard_unit = 0
    return copy_world(_START[0])


def test_guards_of_a_site_answer_attacks_on_it_and_no_others() -> None:
    world = after_week_0_copy()
    c = int(world.sites[POST].community)
    assert c == world.sites[RIVER].community
    world.communities[c].first_attack, world.communities[c].raids = -1, 0
    world.clock["attacks"] = 0
    rows = [attack.attack(world, 0, c, s, Mode.LOOTING) for s in (-1, RIVER, POST, POST)]
    world.parameters["un_act_chance"] = 1.0
    world.sites[POST].by_un = 1.0
    guard.answer(world, POST)
    answered = world.attacks["answered_by"][rows]
    assert answered.tolist() == [Answer.NOBODY, Answer.NOBODY, Answer.UN, Answer.UN]
    assert world.attacks["alerted"][rows].tolist() == [0, 0, 1, 1]
    assert world.attacks["heard_un"][rows].tolist() == [0, 0, 1, 1]
    hours = world.attacks["arrival"][rows[2:]]
    assert hours[0] != hours[1]  # each attack has draws of its own


def test_attacks_on_sites_happen_and_only_where_the_switch_lets_them() -> None:
    restless = camps(80).with_parameters(
        attack_rate=1.5, attack_hurdle=0.2, site_target=4.0, violence_scale=1.5
    )
    runs = Ensemble(restless, "exit").run(1, 0, 6).records
    assert runs["site_attacks"].sum() > 5
    assert runs["killed_in_sites"].sum() > 0
    assert (runs["killed_in_sites"] <= runs["killed_by_groups"]).all()
    off = Ensemble(restless.without("site-attacks"), "exit").run(1, 0, 6).records
    assert off["site_attacks"].sum() == off["killed_in_sites"].sum() == 0


# -- around it --------------------------------------------------------------------------------------


def test_violence_around_camps_falls_with_police_and_not_with_troops() -> None:
    def assaulted(police: float, presence: float = 0.0, persons: int = 100_000, control: float = 0.0) -> int:
        world = after_week_0(forage_rate=4.0, forage_police=0.8)
        world.harm[:] = 0
        d = world.districts
        d["assaulted_at_sites"] = 0
        d[0].police_presence, d[0].un_presence, d[0].group_control = police, presence, control
        world.sites[POST].persons = persons
        for draw in range(60):
            world.keys[0] = np.uint64(draw + 1)
            rules.forage(world, POST)
        total = int(world.harm[0, CRIMINALS, SEXUAL_VIOLENCE])
        assert world.harm.sum() == total == world.districts[0].assaulted_at_sites
        return total

    alone = assaulted(0.0)
    # 4 a week among 10,000 where groups hold everything, `forage_crime` of it where none is
    assert alone == pytest.approx(60 * 4.0 * 10 * 0.3, rel=0.1)
    assert assaulted(0.0, control=1.0) == pytest.approx(alone / 0.3, rel=0.1)
    assert assaulted(0.0, presence=1.0) == alone
    assert assaulted(1.0) == pytest.approx(0.2 * alone, rel=0.2)
    assert assaulted(0.0, persons=50_000) == pytest.approx(0.5 * alone, rel=0.15)
    assert assaulted(0.0, persons=0) == 0


def test_sites_militarise_where_fighters_are_and_nobody_guards() -> None:
    def settled(fighters: float, guarded: float, start: float = 0.0) -> float:
        camp = row(rules.TABLE, persons=8_000, guarded=guarded, militarised=start)
        p = rates()
        for _ in range(200):
            rules.infiltrate(camp, fighters, p)
        return float(camp.militarised)

    assert settled(0.0, 0.0) == 0.0
    assert 0.2 < settled(50.0, 0.0) < settled(1000.0, 0.0) <= 1.0
    assert settled(1000.0, 0.9) < 0.3 * settled(1000.0, 0.0)
    assert settled(0.0, 0.9, start=0.8) < 0.1


def test_armed_groups_recruit_in_militarised_sites() -> None:
    case = camps(armed_groups=(group("Front", "alpha"),))

    def recruited(militarised: float) -> int:
        world = world_of(case, camp_recruits=10.0)
        week(world, 0)
        people, fighters = census(world), int(world.armed_groups[0].fighters)
        before = int(world.sites[POST].persons)
        for number in range(0, 80, 4):
            world.clock[0].week = number
            world.keys[0] = np.uint64(number + 1)
            world.sites[POST].militarised = militarised
            rules.militarise(world, POST)
        joined = int(world.armed_groups[0].fighters) - fighters
        assert census(world) == people
        assert before - world.sites[POST].persons == joined
        return joined

    assert recruited(0.0) == 0
    half, whole = recruited(0.5), recruited(1.0)
    # ten a week among 10,000 people for 80 weeks, and the site gets smaller
    assert 400 < whole < 10 * 80 * 0.8 + 100
    assert half == pytest.approx(0.5 * whole, rel=0.25)


def test_what_makes_the_way_for_firewood_dangerous() -> None:
    camp = row(rules.TABLE, persons=10_000)
    p = rates(forage_rate=2.0, forage_crime=0.25, forage_police=0.8)
    assert rules.assault_rate(camp, row(district.TABLE, group_control=1.0), p) == pytest.approx(2.0)
    assert rules.assault_rate(camp, row(district.TABLE), p) == pytest.approx(0.5)
    policed = row(district.TABLE, group_control=1.0, police_presence=1.0)
    assert rules.assault_rate(camp, policed, p) == pytest.approx(0.4)


# -- in and out -------------------------------------------------------------------------------------


def moved(guarded: float, danger: float, alarm: float = 0.0, room: int = 20_000) -> int:
    """Return how many people move into the post's site, which has `room` for more, in a week."""
    world = after_week_0(return_rate=0.03)
    world.districts[0].refuge_safety = np.exp(-danger)
    world.districts[0].went_home = 0
    s = world.sites
    s[POST].guarded, s[POST].recent_attacks = guarded, alarm
    s[POST].capacity = s[POST].persons + room
    before, outside = int(s[POST].persons), int(world.districts[0].hosted - world.districts[0].in_sites)
    assert outside > 5000
    rules.shelter(world, POST)
    assert world.districts[0].in_sites == s["persons"][:2].sum() <= world.districts[0].hosted
    assert s[POST].persons <= s[POST].capacity
    return int(s[POST].persons) - before


def test_a_guarded_site_seems_safer_than_dangerous_surroundings() -> None:
    p = rates(site_pull=0.1)
    danger = row(district.TABLE, refuge_safety=0.4)
    assert rules.safer_inside(row(rules.TABLE, guarded=1.0), danger, p) == pytest.approx(0.7)
    assert rules.safer_inside(row(rules.TABLE), danger, p) == pytest.approx(0.1)  # no safer but for its food
    assert rules.safer_inside(row(rules.TABLE, recent_attacks=100.0), danger, p) == pytest.approx(-0.3)


def test_people_move_in_while_it_seems_safer_than_the_surroundings() -> None:
    assert moved(0.9, 1.0) > moved(0.3, 1.0) > moved(0.3, 0.0) > 0
    assert moved(0.0, 0.5, alarm=2.0) < 0  # attacked more than its surroundings
    plenty = moved(0.9, 1.0)
    assert 0 < moved(0.9, 1.0, room=plenty // 3) <= plenty // 3


def test_who_goes_home_leaves_the_sites_in_proportion() -> None:
    world = after_week_0(shelter_rate=0.02, site_pull=0.0)
    d = world.districts
    d[0].refuge_safety = 1.0
    hosted, persons = int(d[0].hosted), int(world.sites[POST].persons)
    gone = hosted // 2
    taken = take_displaced(world, 0, gone, HOME, 90, 0, 0)
    d[0].went_home = taken
    rules.shelter(world, POST)
    assert world.sites[POST].persons == pytest.approx(persons * (1 - taken / hosted), abs=2)


def test_sites_never_hold_more_than_their_district_hosts() -> None:
    case = camps(60).with_parameters(return_rate=0.08, shelter_rate=0.4)
    world = world_of(case, "exit")
    for number in range(case.weeks):
        week(world, number)
        inside = np.bincount(world.sites["district"], world.sites["persons"], len(world.districts))
        assert (inside == world.districts["in_sites"]).all()
        assert (inside <= world.districts["hosted"]).all()
        assert (world.sites["persons"] <= world.sites["capacity"]).all()
    assert world.record["in_sites"][-1].sum() == inside.sum()


def test_people_are_pushed_home_as_far_as_the_mission_does_not_guard_them() -> None:
    world = world_of(quiet(), push_rate=0.02, return_rate=0.03)
    week(world, 0)
    world.sites["by_un"] = (1.0, 0.0, 0.5)
    world.districts["sent_home"] = 0
    before = world.sites["persons"].copy()
    people = census(world)
    start = world.communities.copy()
    tension = world.districts["tension"].copy()
    residents = int(world.communities["residents"].sum())
    returned = int(world.districts["returned"].sum())
    for number in range(0, 16):
        world.clock[0].week = number
        world.keys[0] = np.uint64(number + 1)
        for s in (POST, RIVER, BORDER):
            rules.push_home(world, s)
    sent = before - world.sites["persons"]
    assert sent[POST] == 0  # wholly guarded by the mission
    assert sent[RIVER] == pytest.approx(before[RIVER] * 16 * 0.02, rel=0.25)
    assert sent[BORDER] == pytest.approx(0.5 * before[BORDER] * 16 * 0.02, rel=0.25)
    home = world.communities["residents"].sum() - residents
    assert home == sent.sum() == world.districts["sent_home"].sum()
    assert world.districts["returned"].sum() == returned  # counted apart from those who come home
    assert census(world) == people
    c = int(world.sites[RIVER].community)
    assert world.communities["fear"][c] > start["fear"][c]
    assert world.communities["grievance"][c] > start["grievance"][c]
    assert world.districts["tension"][0] > tension[0]
    assert world.districts["tension"][2] == tension[2]


def test_a_scenario_without_sites_knows_nothing_of_them() -> None:
    records = Ensemble(small(40), "close-alpha").run(1, 0, 2).records
    for name in ("in_sites", "site_attacks", "killed_in_sites", "assaulted_at_sites", "sent_home"):
        assert not records[name].any()
    off = small(40).without(
        "site-guards", "site-attacks", "site-surroundings", "militarisation", "forced-return"
    )
    assert Ensemble(off, "close-alpha").run(1, 0, 2).records.tobytes() == records.tobytes()


def test_sites_have_names_and_rows_in_the_mesa_model() -> None:
    model = camps().model("exit", seed=1)
    assert model.names["sites"] == ["Post site", "River camp", "Border camp"]
    assert model.sites["persons"].tolist() == [8_000, 4_000, 9_000]
    assert site("x", "alpha").capacity == 20_000
