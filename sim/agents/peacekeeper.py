"""Peacekeeper units: they patrol, are seen, hear alerts, and sometimes answer.

A unit patrols the places that it can reach from its post, more where it has heard alarms (triage), and
hears alerts from there. What it can do grows with its troops: it takes people to listen, a patrol at hand
to send, and more men than it meets. Whether it acts on an alert is a matter of chance: inquiries found an
immediate response to about one attack in five (26 % in the Democratic Republic of the Congo) and almost no
use of force (OIOS A/68/787, evidence 2c). The drawdown schedule takes units
away; what follows is left to the others.

A few units have a mandate to attack armed groups, as the Force Intervention Brigade in the Democratic
Republic of the Congo had (Security Council resolution 2098, 2013); the force of others ended a crisis
(Côte d'Ivoire 2011, E1-70) or did not end armed groups (E1-76). Their own losses are made good by
contributors and not counted.

Sources: presence by travel time, Cil et al. 2020 (troops matter where roads are); triage, S3 (E1-4);
unit sizes, Geo-PKO and UN press (E2c). No published radius of a base's effect was found, so every
reach is a guess with a wide range.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.agents.base import DistrictAgent
from sim.arithmetic import clip, exp
from sim.chance import Fight
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.alert import alert_draw, answer_alert, party, stops
from sim.world.attack import BAND
from sim.world.clash import offensive, strongest_enemy
from sim.world.codes import Answer, Posture, UnitKind, legend, words
from sim.world.state import ANSWER, EAR, PATROL, TRAVEL, World

HOURS_A_WEEK = 168.0
TOO_FAR = 0.01
"""A unit answers nobody where the way leaves less than this of its readiness in the dry season."""

TABLE = Table(
    "peacekeepers",
    "Units of the mission: who, where, how strong, how ready to act, and whether still there.",
    (
        Field("base", "i8", "-", "number of its base in the scenario"),
        Field("district", "i8", "row", "district of its base"),
        Field("post", "i8", "row", "post that it acts from (`World.posts`)"),
        Field("kind", "i8", "-", legend(UnitKind), column="kind", codes=words(UnitKind)),
        Field("strength", "i8", "persons", "troops, police or staff", column="strength"),
        Field("women", "f8", "0-1", "share of its patrols that women take part in", column="women"),
        Field(
            "offensive",
            "f8",
            "0-1",
            "readiness to attack armed groups: mandate and will (robust action)",
            column="offensive",
        ),
        Field(
            "posture",
            "i8",
            "-",
            legend(Posture) + " or quick-reaction force",
            column="posture",
            codes=words(Posture),
        ),
        Field(
            "readiness",
            "f8",
            "1",
            "its readiness to act, relative to `un_act_chance` (caveats)",
            column="readiness",
        ),
        Field("opens", "i8", "week", "first week of its base"),
        Field("present", "i8", "flag", "1 while its base is open"),
        Field("answers", "i8", "alerts", "alerts answered this week"),
        Field("guarding", "i8", "persons", "its troops who guard a protection site this week", weekly=True),
    ),
)

PART = "peacekeeper"

# fmt: off
PARAMETERS = (
    Parameter("company_strength", 117.0, "troops", 80.0, 200.0,
              "troops of one company, which can do one thing at a time",
              "E2c: three companies make about 350", "read"),
    Parameter("patrols_per_company", 17.0, "patrols/week", 8.0, 35.0,
              "patrols of one company",
              "104,525 patrols in 2017-18 (E2c), read as one year, by some 14,000 troops or 120 companies",
              "computed"),
    Parameter("ready_companies", 2.0, "companies", 0.5, 8.0,
              "free companies at which a patrol is at hand for an alert in 63 % of cases",
              "no source; a base of one company has guards, a kitchen, leave, and patrols that are out"),
    Parameter("ear_staff", 100.0, "persons", 20.0, 500.0,
              "strength of a unit at which it hears 63 % of alerts from people at its door",
              "no source; liaison assistants, interpreters and an operations room come with a company"),
    Parameter("answer_stay", 48.0, "hours", 6.0, 168.0,
              "time that an answer keeps a patrol at the place, besides the way there and back",
              "no source"),
    Parameter("patrol_reach", 3.0, "hours", 1.0, 10.0,
              "travel time over which patrols thin out by a factor e",
              "no published radius (E2c); 3 hours are some 50 km of bad road"),
    Parameter("mobile_reach", 2.0, "1", 1.0, 4.0,
              "how much farther mobile units reach than static ones",
              "no source; S3 (E1-3) leaves the net effect open"),
    Parameter("travel_reach", 3.0, "hours", 1.0, 10.0,
              "travel time over which the reach of mediators, and of those who raid other communities, falls "
              "by a factor e",
              "no source"),
    Parameter("triage", 4.0, "1/(alerts/week)", 0.0, 12.0,
              "how strongly patrols follow recent alarms",
              "direction S3 (E1-4); size not in any source"),
    Parameter("alert_reach", 6.0, "hours", 2.0, 20.0,
              "travel time over which a base's ear for alerts weakens by a factor e",
              "no source; alert networks report to the local base (E1-10)"),
    Parameter("un_act_chance", 1.0, "1", 0.3, 1.0,
              "chance that a unit wants to act on an alert, if a patrol is at hand that could stop it",
              "set so that the share of attacks answered by the UN falls into 10-30 % where it is present "
              "(E2c, OIOS)", "computed"),
    Parameter("answer_reach", 4.0, "hours", 1.0, 12.0,
              "travel time over which that chance falls by a factor e",
              "no source"),
    Parameter("police_answer", 0.4, "1", 0.1, 1.0,
              "readiness of a formed police unit to act on an alert of an attack, relative to infantry",
              "no source; formed police units are for public order and have no heavy weapons"),
    Parameter("observer_patrols", 3.0, "1", 1.0, 8.0,
              "patrols of military observers a head, relative to infantry",
              "no source; teams of four, where a patrol of infantry has a dozen"),
    Parameter("mediation_staff", 8.0, "persons", 2.0, 40.0,
              "staff of a civilian team at which 63 % of quarrels between communities in reach are mediated",
              "no source; direction S3 (E1-44)"),
    Parameter("mentor_share", 0.3, "persons/person", 0.02, 1.0,
              "peacekeepers for each soldier, or UN police for each policeman, at which 63 % of these are "
              "mentored",
              "no source; direction S3 (E1-22)"),
    Parameter("women_listening", 0.15, "1", 0.0, 0.5,
              "how much better a base hears alerts if women take part in all its patrols",
              "direction: S1 (E1-56, E1-78); size not in any source"),
    Parameter("robust_rate", 0.2, "1/week", 0.0, 0.6,
              "chance in a week that a unit with full readiness for robust action attacks an armed group in "
              "its district, per alarm a week",
              "no source"),
    Parameter("robust_strength", 1.0, "soldiers/peacekeeper", 0.5, 3.0,
              "worth of a peacekeeper in such a fight, relative to a fully capable soldier of the state",
              "no source; UN units have artillery, vehicles and helicopters, and caveats"),
    Parameter("un_mobilise", 2.0, "hours", 0.3, 12.0,
              "mean time from an alert to departure",
              "best case under 20 minutes near a base (E2c, one report)", "read"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "un-patrols", "the mission",
        "peacekeepers patrol and are seen",
        "E1-3, E2a", {"patrols_per_company": 0.0},
        "also escorts, oversight, crowding out and the mission's part of the record",
    ),
    Mechanism(
        "un-answers", "the mission",
        "peacekeepers answer alerts",
        "E1-3, E2c", {"un_act_chance": 0.0},
    ),
    Mechanism(
        "triage", "the mission",
        "patrols follow recent alarms",
        "E1-4", {"triage": 0.0},
    ),
    Mechanism(
        "robust-action", "the mission",
        "units with a mandate to do so attack armed groups",
        "E1-70, E1-76", {"robust_rate": 0.0},
        "only cases with such units",
    ),
    Mechanism(
        "women-in-patrols", "the mission",
        "patrols with women hear more, and more of sexual violence is told",
        "E1-56, E1-78", {"women_listening": 0.0, "women_record": 0.0},
    ),
)
# fmt: on


@inlined
def free_troops(unit: np.record) -> float:
    """Return the troops of a unit who are free to patrol and answer: all but those who guard a site."""
    return float(unit.strength - unit.guarding)


@compiled
def at_hand(free: float, busy: float, p: np.record) -> float:
    """Return the chance (0-1) that a patrol can go out, with `free` troops of whom `busy` companies are out.

    Grows with the companies that are left: two do not answer twice as often as one, and a handful of men
    nearly never.
    """
    left = free / p.company_strength - busy
    if left <= 0.0:
        return 0.0
    return 1.0 - exp(-left / p.ready_companies)


@compiled
def readiness(unit: np.record, consent: float, p: np.record) -> float:
    """Return the chance (0-1) that a unit wants to act on an alert, if a patrol is at hand.

    Its own caveats, what it is for, and how far the host government lets the mission move (`consent`).
    """
    if unit.kind == UnitKind.OBSERVERS or unit.kind == UnitKind.CIVILIAN_TEAM:
        return 0.0
    ready = p.un_act_chance * unit.readiness * consent
    if unit.kind == UnitKind.FORMED_POLICE:
        ready *= p.police_answer
    return clip(ready, 0.0, 1.0)


@inlined
def passable(there: np.record, p: np.record) -> float:
    """Return the share (0-1) of patrols that get through: crowds who believe a rumour stop them."""
    return 1.0 - p.rumour_block * there.rumour


@inlined
def call_for_patrols(place: np.record, p: np.record) -> float:
    """Return how strongly a place calls for patrols: one, and more with the alarms heard of late."""
    return 1.0 + p.triage * place.alarm


@compiled
def ear(unit: np.record, p: np.record) -> float:
    """Return how well (0-1) a unit hears alerts from people at its door: it takes people to listen."""
    if unit.kind == UnitKind.CIVILIAN_TEAM:
        return 1.0 - exp(-unit.strength / p.mediation_staff)
    heard = 1.0 - exp(-unit.strength / p.ear_staff)
    return min(1.0, heard * (1.0 + p.women_listening * unit.women))


@behaviour
def patrol(world: World, u: int) -> None:
    """Patrol from its post, and be there to hear and to answer.

    Effort goes where alarms and closeness call it; the road takes its share of what arrives, and so do
    crowds.
    """
    unit = world.peacekeepers[u]
    unit.answers = 0
    if unit.present == 0 or unit.strength == 0:
        return
    p = world.parameters[0]
    season = world.clock[0].season
    consent = world.host[0].consent
    base = world.districts[unit.district]
    post = unit.post
    reached = world.posts[post].count
    heard = ear(unit, p)
    if unit.kind == UnitKind.CIVILIAN_TEAM:
        for k in range(reached):
            world.communities[world.reach[post, k]].un_deaf *= 1.0 - heard * world.left[EAR, season, post, k]
        settle_quarrels(world, u)
        return
    if unit.kind == UnitKind.INFANTRY:
        base.un_troops += unit.strength
    elif unit.kind == UnitKind.FORMED_POLICE:
        base.un_police += unit.strength
    of_patrols = PATROL + unit.posture
    of_answers = ANSWER + unit.posture
    calls = 0.0
    for k in range(reached):
        place = world.communities[world.reach[post, k]]
        calls += call_for_patrols(place, p) * world.left[of_patrols, season, post, k]
    free = free_troops(unit)
    share = consent / calls if calls > 0.0 else 0.0  # the host decides where the mission may go
    effort = free / p.company_strength * p.patrols_per_company * share
    if unit.kind == UnitKind.OBSERVERS:
        effort *= p.observer_patrols
    acts = readiness(unit, consent, p) * at_hand(free, 0.0, p) * stops(party(free, p), BAND, p)
    for k in range(reached):
        place = world.communities[world.reach[post, k]]
        there = world.districts[place.district]
        through = passable(there, p)
        left = world.left[of_patrols, season, post, k]
        part = call_for_patrols(place, p) * left * left * through
        place.un_patrols += effort * part
        there.un_patrols += effort * part
        there.un_women += effort * part * unit.women
        if unit.kind == UnitKind.FORMED_POLICE:
            there.policing += free * share * part
        place.un_miss *= 1.0 - acts * through * world.left[of_answers, season, post, k]
        place.un_deaf *= 1.0 - heard * world.left[EAR, season, post, k]


@compiled
def settle_quarrels(world: World, u: int) -> None:
    """Let a civilian team with liaison assistants settle quarrels in its reach."""
    unit = world.peacekeepers[u]
    b = unit.district
    season = world.clock[0].season
    for k in range(world.districts[b].near_count):
        there = world.districts[world.near[b, k]]
        mediate(there, unit.strength * world.decay[TRAVEL, season, b, k], world.parameters[0])


@inlined
def mediate(there: np.record, staff: float, p: np.record) -> None:
    """Mediate quarrels in district `there` with as many `staff` as reach it, beside those of other teams."""
    unsettled = exp(-staff / p.mediation_staff)
    there.mediation = 1.0 - (1.0 - there.mediation) * unsettled


@behaviour
def answer(world: World, u: int) -> None:
    """Answer alerts that reached the mission, as far as readiness, distance and troops allow.

    An answer keeps a patrol busy for the way there, the stay and the way back.
    """
    unit = world.peacekeepers[u]
    if unit.present == 0 or unit.strength == 0 or unit.kind >= UnitKind.OBSERVERS:
        return
    p = world.parameters[0]
    key = world.keys[0]
    season = world.clock[0].season
    post = unit.post
    of_answers = ANSWER + unit.posture
    free = free_troops(unit)
    wants = readiness(unit, world.host[0].consent, p)
    busy = 0.0
    for k in range(world.posts[post].count):
        if world.left[of_answers, 0, post, k] < TOO_FAR:
            break  # places are sorted by hours in the dry season
        place = world.communities[world.reach[post, k]]
        if place.heard_un == 0:
            continue
        way = world.left[of_answers, season, post, k] * passable(world.districts[place.district], p)
        hours = world.way[season, post, k]
        a = place.first_attack
        while a >= 0:
            one = world.attacks[a]
            if one.heard_un == 1:
                go = party(free, p)
                fighters = world.armed_groups[one.group].fighters
                acts = wants * at_hand(free, busy, p) * way * stops(go, fighters, p)
                draw = alert_draw(one)
                if chance.uniform(key, chance.ANSWER_UN, u, draw + chance.Answer.ACT) < acts:
                    unit.answers += 1
                    busy += go / p.company_strength * (2.0 * hours + p.answer_stay) / HOURS_A_WEEK
                    wait = chance.exponential(
                        chance.uniform(key, chance.ANSWER_UN, u, draw + chance.Answer.DEPART), p.un_mobilise
                    )
                    answer_alert(world, a, wait + hours, Answer.UN, u)
            a = one.next_here


@compiled
def attack_chance(unit: np.record, here: np.record, consent: float, p: np.record) -> float:
    """Return the chance (0-1) that a unit with a mandate for it attacks an armed group in its district."""
    wish = p.robust_rate * unit.offensive * consent * at_hand(free_troops(unit), 0.0, p)
    return clip(wish * here.known_to_mission, 0.0, 1.0)


@compiled
def fight(world: World, u: int) -> None:
    """Attack the armed group that controls most of its district, if mandate, host and alarms call for it."""
    unit = world.peacekeepers[u]
    if unit.present == 0 or unit.strength == 0 or unit.kind != UnitKind.INFANTRY or unit.offensive <= 0.0:
        return
    p = world.parameters[0]
    d = unit.district
    here = world.districts[d]
    attacks = attack_chance(unit, here, world.host[0].consent, p)
    if chance.uniform(world.keys[0], chance.UN_FIGHT, u, Fight.BEGIN) >= attacks:
        return
    target = strongest_enemy(world, d)
    if target < 0:
        return
    strength = p.robust_strength * (unit.strength - unit.guarding)
    offensive(world, events.OPERATION, u, u, chance.UN_FIGHT, target, strength, here.known_to_mission, 1.0)


class PeacekeeperUnit(DistrictAgent):
    """A unit of the mission in a Mesa model."""

    table = TABLE

    def patrol(self) -> None:
        """Patrol from its base, and be there to hear and to answer."""
        patrol(self.world, self.row)

    def fight(self) -> None:
        """Attack an armed group in its district, if it has the mandate."""
        fight(self.world, self.row)

    def answer(self) -> None:
        """Answer alerts, as far as readiness, distance and companies allow."""
        answer(self.world, self.row)
