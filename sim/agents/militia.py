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

import numpy as np

from sim import chance
from sim.arithmetic import clip, either
from sim.chance import Raid
from sim.compiled import compiled, inlined
from sim.declare import Mechanism, Parameter
from sim.world import events
from sim.world.attack import BAND, duration, resistance, toll
from sim.world.codes import Perpetrator
from sim.world.district import incident_rate
from sim.world.events import note
from sim.world.harm import report
from sim.world.people import kill
from sim.world.state import MONTH, TRAVEL, World

PART = "self-defence and communal violence"

# fmt: off
PARAMETERS = (
    Parameter("militia_share", 0.001, "1", 0.0, 0.03,
              "share of residents under arms where fear is certain, nobody is trusted and people organise",
              "no source; larger local militias stand among the armed groups of a case"),
    Parameter("militia_rate", 0.02, "1/week", 0.005, 0.1,
              "speed at which self-defence forms and dissolves",
              "no source; a year"),
    Parameter("average_organisation", 0.5, "0-1", 0.2, 0.8,
              "organisation of the community that `militia_share` is told for; arms grow in proportion to it",
              "a convention: the middle of the scale"),
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
    Parameter("raid_abducted", 0.5, "1", 0.0, 1.0,
              "people whom communities abduct, relative to an attack by an armed group of that size",
              "no source; cattle and goods are the prize"),
    Parameter("raid_tension", 0.02, "1", 0.0, 0.2,
              "step of tension towards 1 with an attack of one community on another",
              "no source"),
    Parameter("tension_hosting", 0.01, "1/week", 0.0, 0.05,
              "step of tension towards 1 in a week where everybody in the district is displaced",
              "no source; hosting with tension (model brief), disputes of returnees (E1-33)"),
    Parameter("tension_fade", 0.02, "1/week", 0.005, 0.1,
              "share of the way back to its usual level that tension goes in a week",
              "no source; a year"),
    Parameter("tension_mediated", 0.5, "1", 0.0, 0.9,
              "share of the usual tension that full mediation takes away",
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
    here = world.districts[d]
    if here.fractionalisation <= 0.0 and here.tension <= 0.0:
        return
    p = world.parameters[0]
    people = max(1, here.residents + here.hosted)
    rise = p.vote_tension * world.host[0].vote + p.tension_hosting * here.hosted / people
    raise_tension(here, clip(rise, 0.0, 1.0))
    usual = here.usual_tension * (1.0 - p.tension_mediated * here.mediation)
    here.tension += p.tension_fade * (usual - here.tension)


@inlined
def raise_tension(here: np.record, step: float) -> None:
    """Raise the tension of a district by a step (0-1) towards 1."""
    here.tension += step * (1.0 - here.tension)


@compiled
def militia_wanted(community: np.record, tension: float, p: np.record) -> float:
    """Return how many of its residents a community would arm: fear or tension, and nobody trusted."""
    threat = max(community.fear, tension)
    alone = 1.0 - max(community.trust_un, community.trust_state)
    people = p.militia_share * community.residents
    return people * threat * alone / p.average_organisation * community.organisation


@compiled
def arm(world: World, c: int) -> None:
    """Form or dissolve self-defence, once a month: fear and tension against trust in protectors."""
    community = world.communities[c]
    if community.militia > community.residents:
        community.militia = community.residents
    if (world.clock[0].week + c) % MONTH != 0:
        return
    p = world.parameters[0]
    wanted = militia_wanted(community, world.districts[community.district].tension, p)
    step = MONTH * p.militia_rate * (wanted - community.militia)
    u = chance.uniform(world.keys[0], chance.ARM, c, chance.ONLY)
    if step >= 0.0:
        community.militia += min(chance.whole(u, step), community.residents - community.militia)
    else:
        community.militia -= min(chance.whole(u, -step), community.militia)


@compiled
def raid_chance(community: np.record, here: np.record, season: int, p: np.record) -> float:
    """Return the chance (0-1) that a community attacks another this week."""
    calm = (1.0 - here.un_presence) * (1.0 - here.police_presence) * (1.0 - here.mediation)
    armed = community.militia / (community.militia + p.raid_band)
    rate = (
        p.raid_rate
        * here.tension
        * (p.raid_unarmed + (1.0 - p.raid_unarmed) * armed)
        * (1.0 + p.raid_revenge * min(community.anger, 1.0))
        * (1.0 - p.raid_calmed * (1.0 - calm))
    )
    if season == 0:
        rate *= 1.0 + p.raid_dry
    return clip(rate, 0.0, 1.0)


@compiled
def raid(world: World, c: int) -> None:
    """Attack another community here or in an adjacent district, or not."""
    community = world.communities[c]
    if community.identity < 0:
        return
    p = world.parameters[0]
    community.anger *= 1.0 - 1.0 / p.anger_memory
    here = world.districts[community.district]
    if here.tension <= 0.0 or community.residents == 0:
        return
    likely = raid_chance(community, here, world.clock[0].season, p)
    if chance.uniform(world.keys[0], chance.RAID, c, Raid.HAPPENS) < likely:
        victim = choose_victim(world, c)
        if victim >= 0:
            suffer_raid(world, c, victim)


@compiled
def choose_victim(world: World, c: int) -> int:
    """Return a community of another identity here or in an adjacent district, drawn by size and closeness."""
    communities = world.communities
    community = communities[c]
    d = community.district
    season = world.clock[0].season
    n = 0
    total = 0.0
    for j in range(world.districts[d].neighbour_count):
        k = world.neighbours[d, j]
        place = world.districts[world.near[d, k]]
        for i in range(place.first_community, place.end_community):
            other = communities[i]
            if other.identity >= 0 and other.identity != community.identity:
                weight = math.sqrt(other.residents) * world.decay[TRAVEL, season, d, k]
                n = chance.offer(world.candidates, n, i, weight)
                total += weight
    if total <= 0.0:
        return -1
    u = chance.uniform(world.keys[0], chance.RAID, c, Raid.VICTIM)
    return chance.pick(world.candidates, n, u * total)


@compiled
def suffer_raid(world: World, c: int, victim: int) -> None:
    """Let community `c` attack `victim`, by the law of all attacks (`sim.world.attack`)."""
    p = world.parameters[0]
    key = world.keys[0]
    raider = world.communities[c]
    raided = world.communities[victim]
    here = world.districts[raided.district]
    home = world.districts[raider.district]
    arrival = math.inf
    met = chance.uniform(key, chance.RAID, c, Raid.MET) < either(raided.un_met, raided.state_met)
    if met:
        u = chance.uniform(key, chance.RAID, c, Raid.ARRIVAL)
        arrival = chance.exponential(u, p.un_mobilise) + raided.remoteness
    hours = duration(chance.uniform(key, chance.RAID, c, Raid.LENGTH), arrival, p)
    force = math.sqrt(p.raid_band / BAND) * (1.0 - resistance(raided.militia, p.raid_band))
    harm = toll(
        key, chance.RAID, c, Raid.TOLL, raided.residents, p.violence_scale * force, hours,
        p.abducted_rate * force * p.raid_abducted, p.group_sexual_violence, p,
    )  # fmt: skip
    killed = kill(world, victim, harm.killed, chance.RAID, c, Raid.VICTIMS)
    report(
        world, raided.district, victim, Perpetrator.MILITIAS,
        (killed, harm.injured, harm.abducted, harm.assaulted), c,
    )  # fmt: skip
    raided.event = note(
        world.events, world.clock, events.RAID, raided.district, c, victim, raider.wronged,
        float(killed), float(harm.injured), hours, 1.0 if met else 0.0, home.tension,
    )  # fmt: skip
    raided.wronged = raided.event
    raided.uprooted += max(0, min(harm.there, raided.residents))
    raided.shock += p.shock_attack + p.shock_death * harm.deaths
    raided.anger += 1.0
    here.raids += 1
    here.known_to_people += incident_rate(p)
    raise_tension(here, p.raid_tension)
    if raider.district != raided.district:
        raise_tension(home, p.raid_tension)
    if met:
        here.known_to_state += incident_rate(p)
        here.known_to_mission += incident_rate(p)
