"""What armed groups do and live on: ground, income, stores, recruits, deserters, detainees."""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.agents import humanitarian
from sim.agents.armed_group.beliefs import expects_to_be_met, forget_places, learn_from_attack
from sim.agents.armed_group.motives import coverage, hunger, tax_value
from sim.agents.campaign import backed_supply, count_in
from sim.arithmetic import clip, exp
from sim.chance import Recruit
from sim.compiled import behaviour, compiled
from sim.declare import Mechanism, Parameter
from sim.world import events
from sim.world.attack import strike
from sim.world.clash import contest
from sim.world.codes import Choice, Standing
from sim.world.district import ungoverned
from sim.world.events import note
from sim.world.state import MONTH, World

PART = "armed group: means"

# fmt: off
PARAMETERS = (
    Parameter("group_hold", 0.08, "1/week", 0.02, 0.2,
              "share of ungoverned ground within its reach that a group takes over in a week",
              "no source"),
    Parameter("group_fade", 0.04, "1/week", 0.01, 0.1,
              "share of its control that a group lying low loses in a week",
              "no source"),
    Parameter("district_feeds", 3500.0, "fighters", 1000.0, 8000.0,
              "fighters that the full taxation of the richest district can keep",
              "set so that group strengths stay in the estimated order of magnitude; no source"),
    Parameter("supply_cap", 8.0, "weeks", 4.0, 20.0,
              "largest store of upkeep",
              "no source"),
    Parameter("first_supply", 0.5, "1", 0.1, 1.0,
              "part of its stores that are full when a group begins, or a run does",
              "no source"),
    Parameter("recruit_rate", 0.005, "1/week", 0.001, 0.02,
              "growth of a well-supplied group where the people are full of grievance",
              "direction: evidence 3 (recruits); size not in any source"),
    Parameter("recruit_base", 0.5, "1", 0.1, 1.0,
              "readiness to join of people without any grievance, and where no young people are left out; "
              "full grievance or exclusion adds 1",
              "no source"),
    Parameter("desert_rate", 0.01, "1/week", 0.003, 0.04,
              "share of fighters who desert in a week when stores are empty",
              "no source"),
    Parameter("detain_rate", 0.02, "1/week", 0.0, 0.1,
              "share of a small band that police detain in a week where they deal with every crime and "
              "nothing conceals it",
              "direction: police lower post-war violence (E2a); size not in any source"),
    Parameter("detain_size", 150.0, "fighters", 30.0, 500.0,
              "fighters over which the chance to be detained falls by a factor e",
              "no source"),
    Parameter("rest_pull", 0.02, "1/week", 0.0, 0.1,
              "share of the gap between a group's strength and what it can keep for long that recruits or "
              "deserters close in a week",
              "no source; a year. Without it one group wins each district and the others starve, which no "
              "record of the Kivus shows"),
    Parameter("reform_chance", 0.1, "1/month", 0.0, 0.3,
              "chance in a month that a group without fighters forms again",
              "no source; names come back"),
    Parameter("reform_share", 0.2, "1", 0.05, 0.5,
              "part of its strength at rest with which it does",
              "no source"),
    Parameter("desert_floor", 0.5, "1", 0.0, 1.0,
              "part of its strength at rest below which nobody deserts from hunger",
              "no source; those who are left do not leave"),
    Parameter("ground_lost", 0.02, "1/week", 0.0, 0.1,
              "share of its control beyond what it held at the start that a group loses in a week, unless it "
              "takes more",
              "no source; the table of a case describes a balance that had held for years"),
    Parameter("grudge_memory", 4.0, "weeks", 1.0, 10.0,
              "mean life of a grudge",
              "memory of self-excitation 2-6 weeks (E2f, Lewis et al. 2012)", "read"),
)

MECHANISMS = (
    Mechanism(
        "taking-ground", "armed groups",
        "armed groups take over ungoverned ground",
        "Raleigh & Dowd 2013", {"group_hold": 0.0},
    ),
    Mechanism(
        "balance", "armed groups",
        "strength and ground of armed groups return to what the tables of a case say they could keep",
        "guess", {"rest_pull": 0.0, "reform_chance": 0.0, "desert_floor": 0.0, "ground_lost": 0.0},
    ),
    Mechanism(
        "recruitment", "armed groups",
        "well-supplied groups find recruits among the aggrieved",
        "evidence 3", {"recruit_rate": 0.0},
    ),
    Mechanism(
        "desertion", "armed groups",
        "fighters of hungry groups go home",
        "guess", {"desert_rate": 0.0},
    ),
    Mechanism(
        "detention", "crime",
        "police detain members of small armed bands",
        "E2a", {"detain_rate": 0.0},
    ),
)
# fmt: on


@behaviour
def muster(world: World, g: int) -> None:
    """Be counted in its district: join the list of groups there, add strength and control."""
    group = world.armed_groups[g]
    if group.fighters <= 0:
        group.control = 0.0
        return
    here = world.districts[group.district]
    group.coverage = coverage(group, here, world.parameters[0])
    group.next_group = here.first_group
    here.first_group = g
    here.group_strength += group.fighters
    here.group_control += group.control
    if group.control > here.ruler_control:
        here.ruler_control = group.control
    p = world.parameters[0]
    count_in(world, g, expects_to_be_met(world.beliefs[g, group.district], p))


@compiled
def form_again(world: World, g: int) -> None:
    """Form again after the last fighters are gone, once a month by chance, from people of the district."""
    group = world.armed_groups[g]
    p = world.parameters[0]
    if group.rest <= 0.0 or group.away > 0 or (world.clock[0].week + g) % MONTH != 0:
        return
    if world.clock[0].week < group.enters:
        return
    key = world.keys[0]
    if chance.uniform(key, chance.RECRUIT, g, Recruit.FORM_AGAIN) >= p.reform_chance:
        return
    here = world.districts[group.district]
    u = chance.uniform(key, chance.RECRUIT, g, Recruit.COMMUNITY)
    community = world.communities[here.first_community + int(u * (here.end_community - here.first_community))]
    join = min(community.residents, int(p.reform_share * group.rest))
    group.fighters = join
    group.supply = p.first_supply * p.supply_cap
    community.residents -= join
    community.ex_combatants = min(community.ex_combatants, community.residents)
    world.ledger[0].recruited += join


@behaviour
def act(world: World, g: int) -> None:
    """Do what was chosen; then live off stores, and gain or lose fighters."""
    group = world.armed_groups[g]
    if group.fighters <= 0:
        form_again(world, g)
        return
    p = world.parameters[0]
    here = world.districts[group.district]
    group.grudge *= 1.0 - 1.0 / p.grudge_memory
    group.hurt *= 1.0 - 1.0 / p.grudge_memory
    group.pressed *= p.operation_pressure_kept

    income = p.passive_income * group.control * here.worth  # what comes in without effort
    if group.choice == Choice.TAX:
        value = tax_value(group, here, group.control, group.coverage, p)
        income = value / (p.aim_base + group.aim_rent)
    elif group.choice == Choice.CONTEST:
        contest(world, g)
    elif group.choice == Choice.ATTACK:
        a = group.first_attack
        while a >= 0:
            strike(world, a)
            learn_from_attack(world, a)
            a = world.attacks[a].next_own
    elif group.choice == Choice.ROB_AID:
        humanitarian.rob(world, g, hunger(group, p))
    if group.choice == Choice.TAX or group.choice == Choice.CONTEST:
        group.control += p.group_hold * group.coverage * ungoverned(here)
    elif group.choice == Choice.LIE_LOW:
        group.control *= 1.0 - p.group_fade
    elif group.choice == Choice.MOVE:
        move(world, g)
    if group.control > group.hold:
        group.control -= p.ground_lost * (group.control - group.hold)
    if group.fighters > 0:
        subsist(group, world.factions[group.faction], income, p)
        if (world.clock[0].week + g) % MONTH == 0:
            recruit(world, g)


@compiled
def move(world: World, g: int) -> None:
    """Move its base, and leave the ground that it controlled."""
    group = world.armed_groups[g]
    d = group.district
    met = expects_to_be_met(world.beliefs[g, d], world.parameters[0])
    note(
        world.events, world.clock, events.GROUP_MOVE, d, g, group.destination, -1,
        float(group.fighters), group.hurt, met, 0.0, 0.0,
    )  # fmt: skip
    group.district = group.destination
    group.control = 0.0
    group.hold = 0.0
    forget_places(world, g)


@compiled
def subsist(group: np.record, faction: np.record, income: float, p: np.record) -> None:
    """Eat a week's upkeep, and store what an `income` (1: the richest district, wholly) leaves over."""
    fed = income * p.district_feeds + group.outside_supply * backed_supply(faction, p)
    group.supply = clip(group.supply + fed / group.fighters - 1.0, 0.0, p.supply_cap)


@compiled
def recruit(world: World, g: int) -> None:
    """Gain recruits and lose deserters, to and from one community of the district, for a month."""
    p = world.parameters[0]
    key = world.keys[0]
    ledger = world.ledger[0]
    group = world.armed_groups[g]
    here = world.districts[group.district]
    u = chance.uniform(key, chance.RECRUIT, g, Recruit.COMMUNITY)
    community = world.communities[here.first_community + int(u * (here.end_community - here.first_community))]
    keeps = group.rest * world.factions[group.faction].swell
    u = chance.uniform(key, chance.RECRUIT, g, Recruit.JOIN)
    joins = min(community.residents, chance.poisson(u, recruits(group, community, keeps, p)))
    u = chance.uniform(key, chance.RECRUIT, g, Recruit.REMOBILISE)
    idle = int(community.ex_combatants * (1.0 - world.programme[0].served))
    called = min(idle, chance.poisson(u, remobilised(group, community, world.programme[0].served, p)))
    called = min(called, community.residents - joins)
    u = chance.uniform(key, chance.RECRUIT, g, Recruit.DESERT)
    leaves = min(group.fighters + joins + called, chance.poisson(u, deserters(group, keeps, p)))
    group.fighters += joins + called - leaves
    community.residents += leaves - joins - called
    community.ex_combatants += leaves - called
    ledger.recruited += joins + called
    ledger.remobilised += called
    ledger.deserted += leaves
    u = chance.uniform(key, chance.RECRUIT, g, Recruit.DETAIN)
    caught = chance.binomial(u, group.fighters, MONTH * detained_share(group, here, p))
    group.fighters -= caught
    ledger.detained += caught


@compiled
def recruits(group: np.record, community: np.record, keeps: float, p: np.record) -> float:
    """Return how many of a community join a group in a month (mean): by its stores, their anger and youth.

    And as many as bring it back towards the strength that it `keeps` for long.
    """
    plenty = group.supply / p.supply_cap
    willing = (p.recruit_base + community.grievance) * (p.recruit_base + community.youth)
    back = max(0.0, keeps - group.fighters)
    return MONTH * (p.recruit_rate * plenty * willing * group.fighters + p.rest_pull * back)


@compiled
def remobilised(group: np.record, community: np.record, served: float, p: np.record) -> float:
    """Return how many former fighters of a community a group calls up in a month (mean).

    `served`: share of them whom a programme looks after. Those who would follow do so where enough of
    their peers fight (Daly et al. 2020, E2e).
    """
    idle = community.ex_combatants * (1.0 - served)
    if idle < 1.0:
        return 0.0
    plenty = group.supply / p.supply_cap
    peers = group.fighters / (group.fighters + p.peers)
    return MONTH * p.remobilise_rate * plenty * peers * idle


@compiled
def deserters(group: np.record, keeps: float, p: np.record) -> float:
    """Return how many fighters desert in a month (mean): the more, the emptier the stores.

    And as many as bring the group back towards the strength that it `keeps` for long.
    """
    plenty = group.supply / p.supply_cap
    beyond = max(0.0, group.fighters - keeps)
    hungry = (1.0 - plenty) * (1.0 - plenty) * group.fighters
    if group.fighters < p.desert_floor * group.rest:
        hungry = 0.0
    return MONTH * (p.desert_rate * hungry + p.rest_pull * beyond)


@compiled
def detained_share(group: np.record, here: np.record, p: np.record) -> float:
    """Return the share (0-1) of a group's fighters whom police detain in a week.

    Police deal with bands that live among people, not with armies in the forest.
    """
    if group.standing == Standing.PRO_GOVERNMENT:
        return 0.0
    within = here.police_presence * (1.0 - here.concealment)
    return p.detain_rate * within * exp(-group.fighters / p.detain_size)
