"""Peacekeeper units: they patrol, are seen, hear alerts, and sometimes answer.

A unit patrols the districts that it can reach from its base, more where it has heard alarms
(triage), and hears alerts from there. Whether it acts on an alert is a matter of chance: inquiries
found an immediate response to about one attack in five (26 % in the Democratic Republic of the
Congo) and almost no use of force (OIOS A/68/787, evidence 2c). The drawdown schedule takes units
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

from sim import chance
from sim.agents.base import DistrictAgent
from sim.arithmetic import clip, exp
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.events import note
from sim.world.state import ALERT, ANSWER, ANSWER_MEAN, NEAR, PATROL, World
from sim.world.violence import offensive, strongest_enemy

INFANTRY = 0
FORMED_POLICE = 1
OBSERVERS = 2
CIVILIAN_TEAM = 3
KINDS = ("infantry", "formed-police", "observers", "civilian-team")
STATIC = 0
MOBILE = 1
POSTURES = ("static", "mobile")
TOO_FAR = 0.01
"""A unit answers nobody where the way leaves less than this of its readiness in the dry season."""

TABLE = Table(
    "peacekeepers",
    "Units of the mission: who, where, how strong, how ready to act, and whether still there.",
    (
        Field("base", "i8", "-", "number of its base in the scenario"),
        Field("district", "i8", "row", "district of its base"),
        Field(
            "kind",
            "i8",
            "-",
            "0 infantry, 1 formed police unit, 2 military observers, 3 civilian team",
            column="kind",
            codes=KINDS,
        ),
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
            "0 static company, 1 mobile company or quick-reaction force",
            column="posture",
            codes=POSTURES,
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
    Parameter("patrol_reach", 3.0, "hours", 1.0, 10.0,
              "travel time over which patrols thin out by a factor e",
              "no published radius (E2c); 3 hours are some 50 km of bad road"),
    Parameter("mobile_reach", 2.0, "1", 1.0, 4.0,
              "how much farther mobile units reach than static ones",
              "no source; S3 (E1-3) leaves the net effect open"),
    Parameter("triage", 0.5, "1/(alerts/week)", 0.0, 2.0,
              "how strongly patrols follow recent alarms",
              "direction S3 (E1-4); size not in any source"),
    Parameter("alert_reach", 6.0, "hours", 2.0, 20.0,
              "travel time over which a base's ear for alerts weakens by a factor e",
              "no source; alert networks report to the local base (E1-10)"),
    Parameter("un_act_chance", 0.45, "1", 0.15, 0.9,
              "chance that a unit at no distance acts on an alert",
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
    Parameter("mentor_share", 0.1, "persons/person", 0.02, 0.5,
              "peacekeepers for each soldier, or UN police for each policeman, at which 63 % of these are "
              "mentored",
              "no source; direction S3 (E1-22)"),
    Parameter("women_listening", 0.15, "1", 0.0, 0.5,
              "how much better a base hears alerts if women take part in all its patrols",
              "direction: S1 (E1-56, E1-78); size not in any source"),
    Parameter("robust_rate", 0.2, "1/week", 0.0, 0.6,
              "chance in a week that a unit with full readiness for robust action attacks an armed group in "
              "its district, per alarm a week",
              "as `offensive_rate` of state forces; no source"),
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
def companies(world: World, u: int) -> float:
    """Return how many companies of unit `u` are free to patrol and answer: all but those who guard a site."""
    t = world.peacekeepers
    return (t[u].strength - t[u].guarding) / world.parameters[0].company_strength


@inlined
def free_share(world: World, u: int) -> float:
    """Return the share (0-1) of unit `u` that is free to patrol and answer. It must have troops."""
    t = world.peacekeepers
    return (t[u].strength - t[u].guarding) / t[u].strength


@compiled
def readiness(world: World, u: int) -> float:
    """Return the chance (0-1) that unit `u` acts on an alert at no distance.

    Its own caveats, what it is for, and how far the host government lets the mission move.
    """
    p = world.parameters[0]
    t = world.peacekeepers
    if t[u].kind == OBSERVERS or t[u].kind == CIVILIAN_TEAM:
        return 0.0
    ready = p.un_act_chance * t[u].readiness * world.host[0].consent
    if t[u].kind == FORMED_POLICE:
        ready *= p.police_answer
    return clip(ready, 0.0, 1.0)


@compiled
def act_chance(world: World, u: int, k: int, remoteness: float) -> float:
    """Return the chance (0-1) that unit `u` acts on an alert from its k-th near district.

    `remoteness` is the way from that district's centre, hours.
    """
    p = world.parameters[0]
    t = world.peacekeepers
    ready = readiness(world, u) * free_share(world, u)
    posture = t[u].posture
    far = p.answer_reach * p.mobile_reach if posture == MOBILE else p.answer_reach
    way = world.reach[ANSWER + posture, world.clock[0].season, t[u].district, k]
    way *= 1.0 - p.rumour_block * world.districts[world.near[t[u].district, k]].rumour
    return ready * way * exp(-remoteness / far)


@behaviour
def patrol(world: World, u: int) -> None:
    """Patrol from its base, and be there to hear and to answer."""
    t = world.peacekeepers
    t[u].answers = 0
    if t[u].present == 0 or t[u].strength == 0:
        return
    p = world.parameters[0]
    b = t[u].district
    season = world.clock[0].season
    of_patrols = PATROL + t[u].posture
    of_answers = ANSWER_MEAN + t[u].posture
    kind = t[u].kind
    if kind == INFANTRY:
        world.districts[b].un_troops += t[u].strength
    elif kind == FORMED_POLICE:
        world.districts[b].un_police += t[u].strength
    elif kind == CIVILIAN_TEAM:
        listen_and_mediate(world, u)
        return
    total = 0.0
    for k in range(NEAR):
        n = world.near[b, k]
        if n < 0:
            break
        total += (1.0 + p.triage * world.districts[n].alarm) * world.reach[of_patrols, season, b, k]
    share = world.host[0].consent / total  # the host decides where the mission may go
    effort = companies(world, u) * p.patrols_per_company * share
    if kind == OBSERVERS:
        effort *= p.observer_patrols
    ready = readiness(world, u) * free_share(world, u)
    for k in range(NEAR):
        n = world.near[b, k]
        if n < 0:
            break
        near = world.reach[of_patrols, season, b, k]
        # effort goes where alarms and closeness call it; the road takes its share of what arrives
        drawn = (1.0 + p.triage * world.districts[n].alarm) * near * near
        way = 1.0 - p.rumour_block * world.districts[n].rumour  # crowds who believe a rumour stop patrols
        drawn *= way
        world.districts[n].un_patrols += effort * drawn
        world.districts[n].un_women += effort * drawn * t[u].women
        if kind == FORMED_POLICE:
            world.districts[n].policing += (t[u].strength - t[u].guarding) * share * drawn
        world.districts[n].un_miss *= 1.0 - ready * way * world.reach[of_answers, season, b, k]
        ear = min(1.0, world.reach[ALERT, season, b, k] * (1.0 + p.women_listening * t[u].women))
        if ear > world.districts[n].un_listening:
            world.districts[n].un_listening = ear


@compiled
def listen_and_mediate(world: World, u: int) -> None:
    """Let a civilian team with liaison assistants hear alerts and settle quarrels in its reach."""
    t = world.peacekeepers
    b = t[u].district
    season = world.clock[0].season
    for k in range(NEAR):
        n = world.near[b, k]
        if n < 0:
            break
        ear = world.reach[ALERT, season, b, k]
        if ear > world.districts[n].un_listening:
            world.districts[n].un_listening = ear
        staff = t[u].strength * world.reach[PATROL, season, b, k]
        unsettled = exp(-staff / world.parameters[0].mediation_staff)
        world.districts[n].mediation = 1.0 - (1.0 - world.districts[n].mediation) * unsettled


@behaviour
def answer(world: World, u: int) -> None:
    """Answer alerts that reached the mission, as far as readiness, distance and companies allow."""
    t = world.peacekeepers
    if t[u].present == 0 or t[u].strength == 0 or t[u].kind >= OBSERVERS:
        return
    p = world.parameters[0]
    b = t[u].district
    season = world.clock[0].season
    can_answer = max(1, int(companies(world, u)))
    for k in range(NEAR):
        n = world.near[b, k]
        if n < 0:
            break
        if world.reach[ANSWER + t[u].posture, 0, b, k] < TOO_FAR:
            break  # near districts are sorted by hours in the dry season
        if world.districts[n].heard == 0:
            continue
        for c in range(world.districts[n].first_community, world.districts[n].end_community):
            if world.communities[c].heard_un == 0 or t[u].answers >= can_answer:
                continue
            draw = 2 * (c - world.districts[n].first_community) + 64 * n
            acts = act_chance(world, u, k, world.communities[c].remoteness)
            if chance.uniform(world.keys[0], chance.ANSWER_UN, u, draw) < acts:
                t[u].answers += 1
                start = chance.exponential(
                    chance.uniform(world.keys[0], chance.ANSWER_UN, u, draw + 1), p.un_mobilise
                )
                arrive(world, c, start + world.hours[season, b, k] + world.communities[c].remoteness, 1, u)


@compiled
def fight(world: World, u: int) -> None:
    """Attack the armed group that controls most of its district, if mandate, host and alarms call for it."""
    t = world.peacekeepers
    if t[u].present == 0 or t[u].offensive <= 0.0 or t[u].kind != INFANTRY or t[u].strength == 0:
        return
    p = world.parameters[0]
    d = t[u].district
    alarm = world.districts[d].alarm
    wish = p.robust_rate * t[u].offensive * world.host[0].consent * free_share(world, u) * alarm
    if chance.uniform(world.keys[0], chance.UN_FIGHT, u, 0) >= clip(wish, 0.0, 1.0):
        return
    target = strongest_enemy(world, d)
    if target < 0:
        return
    strength = p.robust_strength * (t[u].strength - t[u].guarding)
    offensive(world, events.OPERATION, u, chance.UN_FIGHT, target, strength, alarm)


@compiled
def arrive(world: World, c: int, hours: float, who: int, agent: int) -> None:
    """Let unit `agent` of `who` (1 UN, 2 state) reach community `c` `hours` after the alert, if first."""
    hours = max(0.0, hours - world.communities[c].lead)
    if hours < world.communities[c].arrival:
        world.communities[c].arrival = hours
        world.communities[c].answered_by = who
        d = world.communities[c].district
        alert = world.communities[c].event
        by = float(who)
        world.communities[c].event = note(
            world.events, world.clock, events.ANSWER, d, agent, c, alert, by, hours, 0.0, 0.0, 0.0
        )


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
