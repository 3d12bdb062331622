"""Self-defence and violence between communities.

Communities that are afraid and trust nobody to protect them arm some of their own. Arms that protect
also serve: in districts where communities quarrel, one attacks another, is attacked in revenge, and
raids cross into adjacent districts. Neither is an armed group, and neither answers to one.

Sources: communal violence as one of three threat contexts, in which an impartial state and mission
calm (E1-20); local mediation (E1-44); disputes of returnees (E1-33); votes (E1-46); hate speech
(E1-55). Self-excitation: Lewis et al. 2012 (E2f). Forms and sizes are this model's own.
"""

from __future__ import annotations

import math

from sim import chance
from sim.arithmetic import clip
from sim.compiled import compiled
from sim.declare import Mechanism, Parameter
from sim.world import events
from sim.world.events import note
from sim.world.harm import report
from sim.world.people import kill
from sim.world.state import MILITIAS, MONTH, PATROL, World
from sim.world.violence import attack_deaths, locality, resistance

PART = "self-defence and communal violence"

# fmt: off
PARAMETERS = (
    Parameter("militia_share", 0.001, "1", 0.0, 0.03,
              "share of residents under arms where fear is certain, nobody is trusted and people organise",
              "no source; larger local militias stand among the armed groups of a case"),
    Parameter("militia_rate", 0.02, "1/week", 0.005, 0.1,
              "speed at which self-defence forms and dissolves",
              "no source; a year"),
    Parameter("resist_cost", 0.4, "value", 0.0, 2.0,
              "cost that full armed resistance of the people adds to an attack on them",
              "no source"),
    Parameter("raid_rate", 0.02, "1/week", 0.0, 0.2,
              "chance in a week that an armed community attacks another where tension is full",
              "no source; tension comes with a case"),
    Parameter("raid_unarmed", 0.2, "1", 0.0, 1.0,
              "readiness of a community without a militia to attack, relative to an armed one",
              "no source"),
    Parameter("raid_band", 100.0, "persons", 20.0, 500.0,
              "militia at which half of that readiness is reached; also the size of an attacking band",
              "no source"),
    Parameter("raid_revenge", 3.0, "1", 0.0, 8.0,
              "how much an attack suffered of late multiplies the chance to attack",
              "direction: reprisals, self-excitation 37-50 % of events (E2f); size not in any source"),
    Parameter("raid_dry", 0.5, "1", 0.0, 2.0,
              "how much more attacks there are in the dry season, when herds and raiders move",
              "no source"),
    Parameter("raid_calmed", 0.7, "1", 0.0, 0.95,
              "share of attacks that peacekeepers' patrols, police or mediation everywhere prevent",
              "direction S3 (E1-20, E1-44); size not in any source"),
    Parameter("raid_tension", 0.02, "1", 0.0, 0.2,
              "step of tension towards 1 with an attack of one community on another",
              "no source"),
    Parameter("tension_hosting", 0.01, "1/week", 0.0, 0.05,
              "step of tension towards 1 in a week where everybody in the district is displaced",
              "no source; hosting with tension (model brief), disputes of returnees (E1-33)"),
    Parameter("tension_fade", 0.02, "1/week", 0.005, 0.1,
              "share of the way back to its settled level that tension goes in a week",
              "no source; a year"),
    Parameter("tension_mediated", 0.5, "1", 0.0, 0.9,
              "share of the settled tension that full mediation takes away",
              "direction S3 (E1-44); size not in any source"),
    Parameter("anger_memory", 6.0, "weeks", 2.0, 26.0,
              "mean life of the wish for revenge",
              "memory of self-excitation 2-6 weeks (E2f, Lewis et al. 2012)", "read"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "self-defence", "communities",
        "communities that are afraid and trust nobody arm themselves",
        "guess", {"militia_share": 0.0},
    ),
    Mechanism(
        "communal-violence", "communities",
        "communities attack each other where tension is high",
        "E1-20", {"raid_rate": 0.0},
    ),
    Mechanism(
        "revenge-of-communities", "communities",
        "communities take revenge for attacks by others",
        "E2f", {"raid_revenge": 0.0},
    ),
    Mechanism(
        "calming", "the mission",
        "patrols, police and mediation prevent attacks between communities",
        "E1-20, E1-44", {"raid_calmed": 0.0, "tension_mediated": 0.0},
    ),
)
# fmt: on


@compiled
def strain(world: World, d: int) -> None:
    """Let tension between the communities of district `d` rise with votes and hosting, and fade."""
    t = world.districts
    if t[d].divided <= 0.0 and t[d].tension <= 0.0:
        return
    p = world.parameters[0]
    people = max(1, t[d].residents + t[d].hosted)
    rise = p.vote_tension * world.host[0].vote + p.tension_hosting * t[d].hosted / people
    t[d].tension += clip(rise, 0.0, 1.0) * (1.0 - t[d].tension)
    settled = t[d].settled * (1.0 - p.tension_mediated * t[d].mediation)
    t[d].tension += p.tension_fade * (settled - t[d].tension)


@compiled
def militia_wanted(world: World, c: int) -> float:
    """Return how many of its residents community `c` would arm: fear or tension, and nobody trusted."""
    t = world.communities
    threat = max(t[c].fear, world.districts[t[c].district].tension)
    alone = 1.0 - max(t[c].trust_un, t[c].trust_state)
    people = world.parameters[0].militia_share * t[c].residents
    return people * threat * alone * 2.0 * t[c].organisation


@compiled
def arm(world: World, c: int) -> None:
    """Form or dissolve self-defence, once a month: fear and tension against trust in protectors."""
    t = world.communities
    if t[c].militia > t[c].residents:
        t[c].militia = t[c].residents
    if (world.clock[0].week + c) % MONTH != 0:
        return
    p = world.parameters[0]
    step = MONTH * p.militia_rate * (militia_wanted(world, c) - t[c].militia)
    u = chance.uniform(world.keys[0], chance.ARM, c, 0)
    if step >= 0.0:
        t[c].militia += min(chance.whole(u, step), t[c].residents - t[c].militia)
    else:
        t[c].militia -= min(chance.whole(u, -step), t[c].militia)


@compiled
def raid_chance(world: World, c: int) -> float:
    """Return the chance (0-1) that community `c` attacks another this week."""
    p = world.parameters[0]
    t = world.communities
    d = t[c].district
    calm = (
        (1.0 - world.districts[d].un_presence)
        * (1.0 - world.districts[d].police_presence)
        * (1.0 - world.districts[d].mediation)
    )
    armed = t[c].militia / (t[c].militia + p.raid_band)
    rate = (
        p.raid_rate
        * world.districts[d].tension
        * (p.raid_unarmed + (1.0 - p.raid_unarmed) * armed)
        * (1.0 + p.raid_revenge * min(t[c].anger, 1.0))
        * (1.0 - p.raid_calmed * (1.0 - calm))
    )
    if world.clock[0].season == 0:
        rate *= 1.0 + p.raid_dry
    return clip(rate, 0.0, 1.0)


@compiled
def raid(world: World, c: int) -> None:
    """Attack another community here or in an adjacent district, or not."""
    t = world.communities
    if t[c].identity < 0:
        return
    p = world.parameters[0]
    t[c].anger *= 1.0 - 1.0 / p.anger_memory
    d = t[c].district
    if world.districts[d].tension <= 0.0 or t[c].residents == 0:
        return
    key = world.keys[0]
    if chance.uniform(key, chance.RAID, c, 0) >= raid_chance(world, c):
        return
    season = world.clock[0].season
    total = 0.0
    for j in range(world.districts[d].neighbour_count):
        k = world.neighbours[d, j]
        n = world.near[d, k]
        for other in range(world.districts[n].first_community, world.districts[n].end_community):
            if t[other].identity >= 0 and t[other].identity != t[c].identity:
                total += math.sqrt(t[other].residents) * world.decay[PATROL, season, d, k]
    x = chance.uniform(key, chance.RAID, c, 1) * total
    victim = c  # stands for nobody
    for j in range(world.districts[d].neighbour_count):
        k = world.neighbours[d, j]
        n = world.near[d, k]
        for other in range(world.districts[n].first_community, world.districts[n].end_community):
            if t[other].identity >= 0 and t[other].identity != t[c].identity:
                if x > 0.0:
                    victim = other
                    x -= math.sqrt(t[other].residents) * world.decay[PATROL, season, d, k]
    if victim == c:
        return
    suffer_raid(world, c, victim)


@compiled
def suffer_raid(world: World, c: int, victim: int) -> None:
    """Let community `c` attack `victim`; it lasts until it ends by itself or somebody arrives."""
    p = world.parameters[0]
    t = world.communities
    key = world.keys[0]
    d = t[victim].district
    hours = chance.exponential(chance.uniform(key, chance.RAID, c, 2), 1.0 / p.violence_stop)
    met = 0.0
    protected = 1.0 - (1.0 - world.districts[d].un_met) * (1.0 - world.districts[d].state_met)
    if chance.uniform(key, chance.RAID, c, 3) < protected:
        met = 1.0
        arrival = chance.exponential(chance.uniform(key, chance.RAID, c, 4), p.un_mobilise)
        hours = min(hours, arrival + t[victim].remoteness)
    hours = min(hours, p.violence_longest)
    band = p.raid_band
    held = resistance(t[victim].militia, band)
    force = math.sqrt(band / 100.0) * (1.0 - held)
    there = locality(world, t[victim].residents, chance.uniform(key, chance.RAID, c, 5))
    deaths = min(attack_deaths(p.violence_scale * force, p.violence_growth, hours), p.locality_share * there)
    killed = kill(
        world, victim, chance.whole(chance.uniform(key, chance.RAID, c, 6), deaths), chance.RAID, c, 16
    )
    injured = chance.poisson(chance.uniform(key, chance.RAID, c, 7), p.injured_rate * deaths)
    abducted = chance.poisson(chance.uniform(key, chance.RAID, c, 8), p.abducted_rate * force * 0.5)
    assaulted = chance.poisson(chance.uniform(key, chance.RAID, c, 9), p.group_sexual_violence)
    report(world, d, victim, MILITIAS, (killed, injured, abducted, assaulted), c)
    t[victim].event = note(
        world.events, world.clock, events.RAID, d, c, victim, t[c].wronged,
        float(killed), float(injured), hours, met, world.districts[t[c].district].tension,
    )  # fmt: skip
    t[victim].wronged = t[victim].event
    t[victim].uprooted += max(0, min(there, t[victim].residents))
    t[victim].shock += p.shock_attack + p.shock_death * deaths
    t[victim].anger += 1.0
    world.districts[d].raids += 1
    world.districts[d].danger += 1.0 / p.alarm_memory
    world.districts[d].tension += p.raid_tension * (1.0 - world.districts[d].tension)
    if t[c].district != d:
        here = t[c].district
        world.districts[here].tension += p.raid_tension * (1.0 - world.districts[here].tension)
    if met > 0.0:
        world.districts[d].known_threat += 1.0 / p.alarm_memory
        world.districts[d].alarm += 1.0 / p.alarm_memory
