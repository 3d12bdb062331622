"""Armed groups: they form beliefs, choose what to do, and do it.

One row is a group, or a detachment of a large one; `faction` ties detachments. A group sees patrols
(or not) in its own and in adjacent districts, learns from what became of its own attacks and from
what it hears of others', and forgets. Each week it chooses, by noisy utility, among lying low,
taxing, contesting control, attacking civilians, robbing aid, and moving. Violence is selective where
people tell it who is against it, indiscriminate where nobody does, or for loot. Nothing tells it that
a base has closed: it notices that patrols no longer come, and, if it dares, that nobody answers.

Sources: deterrence as expected cost, Fjelde, Hultman & Nilsson 2019 and Phayal & Prins 2020
(evidence 3, target choice); violence by control and information, Kalyvas 2006; contests, Hirshleifer
1989; heavy-tailed severity, Clauset & Young 2005, Bohorquez et al. 2009 and GED (E2f); whoever holds
a space governs it, Raleigh & Dowd 2013. The algebra is this model's own wherever no form was found.
"""

from __future__ import annotations

import math

from sim import chance
from sim.agents import humanitarian
from sim.agents.base import DistrictAgent
from sim.arithmetic import clip, exp, power
from sim.compiled import behaviour, compiled, inlined
from sim.declare import PROHIBITIVE, Field, Mechanism, Parameter, Rule, Table
from sim.world import events, site
from sim.world.events import note
from sim.world.state import COMMUNAL, FOREIGN, GANG, MONTH, PRO_GOVERNMENT, QUARTER, REBEL, World
from sim.world.violence import (
    INDISCRIMINATE,
    LOOTING,
    SELECTIVE,
    contest,
    contest_success,
    defenders,
    resistance,
    strike,
)

LIE_LOW = 0
TAX = 1
CONTEST = 2
ATTACK = 3
MOVE = 4
ROB_AID = 5
CHOICES = ("lie low", "tax", "contest", "attack civilians", "move", "rob aid")

STANDING = {
    "rebel": REBEL, "militia": REBEL, "pro-government": PRO_GOVERNMENT, "foreign": FOREIGN,
    "communal": COMMUNAL, "gang": GANG,
}  # fmt: skip
"""How a group of each kind in armed_groups.csv stands with the state."""

TABLE = Table(
    "armed_groups",
    "Armed groups or detachments: strength, place, aims, means, and this week's choice.",
    (
        Field("faction", "i8", "-", "groups with the same number belong together"),
        Field(
            "standing",
            "i8",
            "-",
            "0 rebel, 1 pro-government, 2 foreign, 3 communal, 4 gang",
            inherited=True,
            column="kind",
            codes=STANDING,
        ),
        Field("identity", "i8", "-", "the people it says it fights for, -1 none", start=-1, inherited=True),
        Field("enters", "i8", "week", "week in which it appears, e.g. from abroad"),
        Field("away", "i8", "persons", "its fighters outside the country"),
        Field("spare", "i8", "flag", "1 a row kept for a group that splits off from another"),
        Field("district", "i8", "row", "where it is based", inherited=True),
        Field(
            "fighters_low",
            "f8",
            "persons",
            "estimate of its strength at the start, lower bound",
            column="fighters_low",
        ),
        Field("fighters_best", "f8", "persons", "estimate, most likely", column="fighters"),
        Field("fighters_high", "f8", "persons", "estimate, upper bound", column="fighters_high"),
        Field("fighters", "i8", "persons", "strength now"),
        Field("supply", "f8", "weeks", "weeks of upkeep in store", inherited=True),
        Field("outside_supply", "f8", "fighters", "fighters that support from outside can keep"),
        Field(
            "aim_rule",
            "f8",
            "0-1",
            "how much it wants to govern ground and people",
            inherited=True,
            column="aim_rule",
        ),
        Field("aim_rent", "f8", "0-1", "how much it wants income", inherited=True, column="aim_rent"),
        Field(
            "abusiveness",
            "f8",
            "0-1",
            "how readily it turns on civilians",
            inherited=True,
            column="abusiveness",
        ),
        Field(
            "rootedness",
            "f8",
            "0-1",
            "how tied it is to its home ground (1 a local militia)",
            inherited=True,
            column="rootedness",
        ),
        Field("reach", "f8", "0-1", "share of its district that it is strong enough to cover"),
        Field("control", "f8", "0-1", "share of its district it controls"),
        Field("grudge", "f8", "-", "wish for reprisal after denunciations and losses"),
        Field("hurt", "f8", "0-1", "share of its strength lost of late (decaying)"),
        Field("choice", "i8", "-", "this week's choice, see `CHOICES`"),
        Field("destination", "i8", "row", "district it moves to if it moves", start=-1),
        Field("target", "i8", "row", "community it attacks this week, -1 none", start=-1),
        Field("next_group", "i8", "row", "next group in the same district, -1 none (linked list)", start=-1),
        Field("decision", "i8", "event", "its decision to attack this week, -1 none or no log", start=-1),
        Field("site", "i8", "row", "site it attacks this week, -1 none", start=-1),
        Field("mode", "i8", "-", "what its attack is for: 0 selective, 1 indiscriminate, 2 looting"),
    ),
)

TARGET = Rule(
    "target",
    "what violence is for",
    {
        "control": "control and information (Kalyvas)",
        "expected-cost": "gain against expected cost alone",
    },
)
EXPECTED_COST = TARGET.number("expected-cost")

PART = "armed group"

# fmt: off
PARAMETERS = (
    # what it sees and remembers
    Parameter("own_weight", 1.0, "observations", 0.5, 2.0,
              "weight of what became of an attack of its own",
              "the unit of the other weights"),
    Parameter("sight_weight", 0.35, "observations/week", 0.1, 1.0,
              "weight of a week's sight of patrols (or their absence), in its own district",
              "no source"),
    Parameter("hearsay_weight", 0.3, "observations", 0.05, 1.0,
              "weight of what became of another group's attack in the same or an adjacent district",
              "no source"),
    Parameter("belief_kept", 0.95, "1/week", 0.85, 0.99,
              "part of a group's evidence that is not forgotten in a week",
              "no source; 0.95 is a mean life of 20 weeks"),
    Parameter("prior_weight", 1.5, "observations", 0.3, 5.0,
              "weight of the prior belief",
              "no source"),
    Parameter("prior_detect", 0.2, "1", 0.05, 0.5,
              "prior belief that an act is noticed",
              "no source"),
    Parameter("prior_answer", 0.35, "1", 0.1, 0.7,
              "prior belief that an act that is noticed is answered",
              "no source; above the recorded 20-26 % (E2c, OIOS), which groups have yet to learn"),
    # what it wants
    Parameter("decisiveness", 2.2, "1/value", 1.0, 5.0,
              "inverse noise of choice: log odds per unit of value (the weekly value of fully taxing a "
              "rich district)",
              "no source; form logit (evidence 3)"),
    Parameter("met_cost", 2.0, "value", 0.5, 6.0,
              "loss expected from being met by peacekeepers or soldiers during an attack",
              "no source; the size of deterrence rests on it"),
    Parameter("ungoverned_access", 0.3, "1", 0.1, 0.7,
              "part of the ungoverned ground within its reach that a group can tax without controlling it",
              "no source"),
    Parameter("passive_income", 0.3, "1", 0.0, 0.6,
              "part of the income from ground it controls that comes in without a week of taxing",
              "no source"),
    Parameter("tax_exposure", 0.15, "1", 0.0, 0.5,
              "part of the cost of being met that taxing risks, compared with attacking",
              "no source"),
    Parameter("aid_prize", 0.6, "value", 0.1, 2.0,
              "value of robbing much aid (100 staff at work: 63 %) to a hungry group that lives for income",
              "no source for the size; incidents follow exposure (E2g)"),
    Parameter("aid_standing", 0.5, "value", 0.0, 1.5,
              "loss of standing that robbing aid which everybody accepts costs a group",
              "direction: acceptance protects aid (evidence 3, HUM); size not in any source"),
    Parameter("rob_effort", 1.1, "value", 0.3, 3.0,
              "effort of an attack on aid",
              "set so that incidents in the DRC case have the recorded order of magnitude (OCHA: 93 in North "
              "Kivu in 2020)", "computed"),
    Parameter("rob_exposure", 0.5, "1", 0.1, 1.0,
              "part of the cost of being met that robbing aid risks, compared with attacking a community",
              "no source; a convoy is stopped for minutes"),
    Parameter("attack_effort", 1.27, "value", 0.4, 2.3,
              "effort and repute that an attack on civilians costs whoever attacks",
              "set so that violence in the DRC case has the recorded order of magnitude", "computed"),
    Parameter("control_violence", 0.7, "value", 0.1, 1.5,
              "value of selective violence where it is needed and informed most (Kalyvas zones 2 and 4)",
              "form: Kalyvas 2006 (evidence 3); size not in any source", "abstract"),
    Parameter("indiscriminate_violence", 0.2, "value", 0.0, 1.0,
              "value of indiscriminate violence where all people are with the other side and none informs",
              "form: Kalyvas 2006 (evidence 3: in proportion to 1 - information); size not in any source",
              "abstract"),
    Parameter("plain_violence", 0.51, "value", 0.05, 1.0,
              "value of violence against civilians wherever it happens, where the rule `target` is "
              "expected-cost; takes the place of `control_violence`, `indiscriminate_violence` and "
              "`ruler_restraint`",
              "form: deterrence as expected cost (evidence 3); set so that both rules give one level"),
    Parameter("loot_violence", 0.7, "value", 0.1, 1.5,
              "value of looting to a group whose stores are empty",
              "no source"),
    Parameter("reprisal_violence", 0.5, "value", 0.0, 1.5,
              "value of reprisal per unit of grudge",
              "no source; self-excitation is 37-50 % of events (E2f)"),
    Parameter("ruler_restraint", 0.5, "value", 0.0, 1.5,
              "loss of standing that attacking its own subjects costs a group that fully controls them",
              "direction: E2d (Arjona et al.); size not in any source", "abstract"),
    Parameter("contest_horizon", 9.0, "weeks", 2.0, 26.0,
              "weeks of income from ground it might win that count in its choice",
              "no source"),
    Parameter("contest_cost", 0.25, "value", 0.05, 1.0,
              "cost of a fight, and again as much if it is lost",
              "no source"),
    Parameter("hiding_value", 1.0, "value", 0.2, 3.0,
              "value of lying low, per unit of recent losses, where the land conceals well",
              "no source"),
    Parameter("move_cost", 1.5, "value", 0.5, 4.0,
              "cost of moving base, before distance and roots",
              "no source; in the DRC case about one detachment in a hundred moves in a year"),
    Parameter("foothold", 0.1, "1", 0.02, 0.3,
              "share of a district a group expects to control soon after moving there",
              "no source"),
    Parameter("move_hours_cost", 0.03, "value/hour", 0.0, 0.1,
              "cost of distance when moving",
              "no source"),
    Parameter("root_cost", 1.5, "value", 0.0, 3.0,
              "what full rootedness adds to the cost of moving",
              "no source; local militias rarely leave home"),
    # what it can do
    Parameter("fighters_per_km", 4.0, "fighters/km", 1.0, 12.0,
              "fighters, per square root of the area, that reach 63 % of a district",
              "no source"),
    Parameter("fighters_per_1000", 0.5, "fighters", 0.1, 3.0,
              "fighters per 1,000 people that this takes besides",
              "no source"),
    Parameter("group_hold", 0.08, "1/week", 0.02, 0.2,
              "share of ungoverned ground within its reach that a group takes over in a week",
              "no source"),
    Parameter("group_fade", 0.04, "1/week", 0.01, 0.1,
              "share of its control that a group lying low loses in a week",
              "no source"),
    # means and recruits
    Parameter("remote_target", 0.5, "1/hour", 0.0, 2.0,
              "how much more an hour of distance from the centre draws an attack",
              "no source; help is far there"),
    Parameter("own_people", 0.3, "1", 0.0, 1.0,
              "how much a community of the people a group says it fights for draws its attacks, relative "
              "to others",
              "no source"),
    Parameter("district_feeds", 3500.0, "fighters", 1000.0, 8000.0,
              "fighters that the full taxation of the richest district can keep",
              "set so that group strengths stay in the estimated order of magnitude; no source"),
    Parameter("supply_cap", 8.0, "weeks", 4.0, 20.0,
              "largest store of upkeep",
              "no source"),
    Parameter("recruit_rate", 0.005, "1/week", 0.001, 0.02,
              "growth of a well-supplied group where the people are full of grievance",
              "direction: evidence 3 (recruits); size not in any source"),
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
    Parameter("grudge_memory", 4.0, "weeks", 1.0, 10.0,
              "mean life of a grudge",
              "memory of self-excitation 2-6 weeks (E2f, Lewis et al. 2012)", "read"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "deterrence", "armed groups",
        "armed groups weigh the chance of being met",
        "E2a", {"met_cost": 0.0},
        "without it no protection deters, so that by definition every district with an armed group is "
        "in a security vacuum",
    ),
    Mechanism(
        "learning", "armed groups",
        "armed groups learn whether acts are noticed and answered, from sight, experience and hearsay",
        "evidence 3", {"own_weight": 0.0, "sight_weight": 0.0, "hearsay_weight": 0.0},
        "everybody keeps the prior belief for ever",
    ),
    Mechanism(
        "control-violence", "armed groups",
        "selective violence where one side dominates without full control",
        "Kalyvas 2006", {"control_violence": 0.0},
    ),
    Mechanism(
        "indiscriminate-violence", "armed groups",
        "indiscriminate violence where people are with the other side and none informs",
        "Kalyvas 2006", {"indiscriminate_violence": 0.0},
        "revenge stays indiscriminate where nobody informs",
    ),
    Mechanism(
        "looting", "armed groups",
        "hungry groups loot",
        "guess", {"loot_violence": 0.0, "loot_weeks": 0.0},
    ),
    Mechanism(
        "reprisals", "armed groups",
        "groups take revenge for denunciations and losses",
        "E2f", {"reprisal_violence": 0.0},
    ),
    Mechanism(
        "ruler-restraint", "armed groups",
        "groups spare those they rule",
        "E2d", {"ruler_restraint": 0.0},
    ),
    Mechanism(
        "attacks", "armed groups",
        "armed groups attack civilians",
        "-", {"attack_effort": PROHIBITIVE},
    ),
    Mechanism(
        "contests", "armed groups",
        "armed groups fight for control",
        "Hirshleifer 1989", {"contest_cost": PROHIBITIVE},
    ),
    Mechanism(
        "taking-ground", "armed groups",
        "armed groups take over ungoverned ground",
        "Raleigh & Dowd 2013", {"group_hold": 0.0},
    ),
    Mechanism(
        "group-moves", "armed groups",
        "armed groups move to other districts",
        "E2f", {"move_cost": PROHIBITIVE},
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
    Mechanism(
        "aid-attacks", "aid",
        "armed groups rob aid, and work is suspended",
        "E2g", {"rob_effort": PROHIBITIVE},
    ),
)
# fmt: on


@compiled
def belief(yes: float, no: float, prior: float, weight: float) -> float:
    """Return the mean of a beta belief: evidence for and against, and a prior with a weight."""
    return (yes + prior * weight) / (yes + no + weight)


@compiled
def control_zone(control: float) -> float:
    """Return the need and the means for selective violence (0-1) at a share of control (0-1).

    Nothing to gain under full control, nobody to inform without any, neither at parity: largest
    where one side dominates without full control (Kalyvas 2006; evidence 3 gives
    c(1-c)|2c-1|, scaled here to a maximum of 1, at 0.21 and 0.79).
    """
    return 10.392304845413264 * control * (1.0 - control) * abs(2.0 * control - 1.0)


@compiled
def reach(world: World, g: int, d: int) -> float:
    """Return the share (0-1) of district `d` that group `g` is strong enough to cover.

    It takes fighters to cover ground, and more to hold people: a city is small and hard to hold.
    """
    p = world.parameters[0]
    people = world.districts[d].residents + world.districts[d].hosted
    need = p.fighters_per_km * world.districts[d].breadth + p.fighters_per_1000 * people / 1000.0
    return 1.0 - exp(-world.armed_groups[g].fighters / need)


@inlined
def ungoverned(world: World, d: int) -> float:
    """Return the share (0-1) of district `d` that nobody controls."""
    return clip(1.0 - world.districts[d].state_control - world.districts[d].group_control, 0.0, 1.0)


@compiled
def refresh_belief(world: World, g: int, d: int) -> None:
    """Let the evidence of group `g` about district `d` age until this week."""
    week = world.clock[0].week
    age = week - world.belief_week[g, d]
    if age > 0:
        kept = world.parameters[0].belief_kept
        keep = kept if age == 1 else power(kept, age)
        world.detect_yes[g, d] *= keep
        world.detect_no[g, d] *= keep
        world.answer_yes[g, d] *= keep
        world.answer_no[g, d] *= keep
        world.belief_week[g, d] = week


@compiled
def expects_to_be_met(world: World, g: int, d: int) -> float:
    """Return the chance (0-1) that group `g` gives to being met if it attacks in district `d`."""
    p = world.parameters[0]
    detected = belief(world.detect_yes[g, d], world.detect_no[g, d], p.prior_detect, p.prior_weight)
    answered = belief(world.answer_yes[g, d], world.answer_no[g, d], p.prior_answer, p.prior_weight)
    return detected * answered


@compiled
def learn(world: World, g: int, d: int, weight: float, noticed: bool, answered: bool) -> None:
    """Add what became of an attack in district `d` to the beliefs of group `g`."""
    refresh_belief(world, g, d)
    if noticed:
        world.detect_yes[g, d] += weight
        if answered:
            world.answer_yes[g, d] += weight
        else:
            world.answer_no[g, d] += weight
    else:
        world.detect_no[g, d] += weight


@compiled
def learn_from_attack(world: World, g: int) -> None:
    """Take in what became of its own attack, and let others near by hear of it."""
    p = world.parameters[0]
    t = world.armed_groups
    c = t[g].target
    d = t[g].district
    alerted = world.communities[c].alerted == 1
    met = world.communities[c].answered_by > 0
    learn(world, g, d, p.own_weight, alerted, met)
    for j in range(world.districts[d].neighbour_count):  # what others hear of it
        other = world.districts[world.near[d, world.neighbours[d, j]]].first_group
        while other >= 0:
            if other != g:
                learn(world, other, d, p.hearsay_weight, alerted, met)
            other = t[other].next_group


@behaviour
def muster(world: World, g: int) -> None:
    """Be counted in its district: join the list of groups there, add strength and control."""
    t = world.armed_groups
    if t[g].fighters <= 0:
        t[g].control = 0.0
        return
    d = t[g].district
    t[g].reach = reach(world, g, d)
    t[g].next_group = world.districts[d].first_group
    world.districts[d].first_group = g
    world.districts[d].group_strength += t[g].fighters
    world.districts[d].group_control += t[g].control
    if t[g].control > world.districts[d].ruler_control:
        world.districts[d].ruler_control = t[g].control


@behaviour
def observe(world: World, g: int) -> None:
    """See, or miss, patrols in its own and in adjacent districts."""
    t = world.armed_groups
    if t[g].fighters <= 0:
        return
    p = world.parameters[0]
    d = t[g].district
    key = world.keys[0]
    for j in range(world.districts[d].neighbour_count):
        k = world.neighbours[d, j]
        n = world.near[d, k]
        if world.clock[0].week == 0:
            remember(world, g, n)
        refresh_belief(world, g, n)
        patrolled = 1.0 - (1.0 - world.districts[n].un_presence) * (1.0 - world.districts[n].state_presence)
        weight = p.sight_weight if k == 0 else p.sight_weight * p.hearsay_weight
        if chance.uniform(key, chance.SIGHT, g, k) < patrolled:
            world.detect_yes[g, n] += weight
        else:
            world.detect_no[g, n] += weight


@compiled
def remember(world: World, g: int, d: int) -> None:
    """Begin with what years of living with mission and state have taught about district `d`.

    As much evidence as a group that watches and now and then attacks would hold in a steady state,
    divided as things are at the start: patrols seen, alerts raised, alerts answered.
    """
    p = world.parameters[0]
    t = world.districts
    seen = p.sight_weight / (1.0 - p.belief_kept)
    patrolled = 1.0 - (1.0 - t[d].un_presence) * (1.0 - t[d].state_presence)
    world.detect_yes[g, d] = seen * patrolled
    world.detect_no[g, d] = seen * (1.0 - patrolled)
    tried = p.hearsay_weight / (1.0 - p.belief_kept)  # as if it heard of one attack a week
    answered = 1.0 - (1.0 - t[d].un_met) * (1.0 - t[d].state_met)
    world.answer_yes[g, d] = tried * answered
    world.answer_no[g, d] = tried * (1.0 - answered)
    world.belief_week[g, d] = world.clock[0].week


@compiled
def tax_value(world: World, g: int, d: int, control: float, covers: float) -> float:
    """Return the weekly value of taxing district `d` (1: the richest, wholly).

    `control`: share of it the group controls, `covers`: share it is strong enough to cover.
    """
    t = world.armed_groups
    access = control + world.parameters[0].ungoverned_access * ungoverned(world, d) * covers
    return world.districts[d].worth * access * (0.5 + t[g].aim_rent)


@compiled
def information(world: World, d: int, control: float) -> float:
    """Return the share (0-1) of people who would tell a group with `control` of `d` who is against it.

    People inform whoever controls them (Kalyvas 2006); on ungoverned ground, half of them.
    """
    return clip(control + 0.5 * ungoverned(world, d), 0.0, 1.0)


@compiled
def selective_motive(world: World, g: int, d: int, control: float) -> float:
    """Return the value of selective violence in district `d` with `control` of it, by the rule `target`."""
    known = information(world, d, control)
    if world.parameters[0].target == EXPECTED_COST:
        return world.parameters[0].plain_violence * known
    return world.parameters[0].control_violence * control_zone(known)


@compiled
def indiscriminate_motive(world: World, g: int, d: int, control: float) -> float:
    """Return the value of indiscriminate violence in district `d` with `control` of it, by the rule `target`.

    It falls on people who are under somebody else's control, and the more so the fewer inform.
    """
    unknown = 1.0 - information(world, d, control)
    if world.parameters[0].target == EXPECTED_COST:
        return world.parameters[0].plain_violence * unknown
    hostile = clip(1.0 - control - ungoverned(world, d), 0.0, 1.0)
    return world.parameters[0].indiscriminate_violence * hostile * unknown


@inlined
def hunger(world: World, g: int) -> float:
    """Return the empty part (0-1) of the stores of group `g`."""
    return 1.0 - world.armed_groups[g].supply / world.parameters[0].supply_cap


@inlined
def loot_motive(world: World, g: int) -> float:
    """Return the value of looting to group `g`."""
    return world.parameters[0].loot_violence * hunger(world, g)


@inlined
def revenge_motive(world: World, g: int) -> float:
    """Return the value of reprisal to group `g`."""
    return world.parameters[0].reprisal_violence * min(world.armed_groups[g].grudge, 1.0)


@compiled
def attack_value(world: World, g: int, d: int, control: float) -> float:
    """Return the value of an attack on civilians in district `d`, with `control` of it."""
    p = world.parameters[0]
    t = world.armed_groups
    restraint = p.ruler_restraint * control * t[g].aim_rule
    if world.parameters[0].target == EXPECTED_COST:
        restraint = 0.0
    gain = (
        selective_motive(world, g, d, control)
        + indiscriminate_motive(world, g, d, control)
        + loot_motive(world, g)
        + revenge_motive(world, g)
    )
    return (
        gain * 2.0 * t[g].abusiveness  # one half is the average group
        - p.attack_effort
        - restraint
        - p.met_cost * expects_to_be_met(world, g, d)
        - p.resist_cost * resistance(world.districts[d].militia, t[g].fighters)
    )


@compiled
def choose_mode(world: World, g: int) -> int:
    """Draw what this week's attack is for, in proportion to what draws the group to it (`attack_value`).

    Revenge is selective as far as people tell it on whom to take it.
    """
    t = world.armed_groups
    d = t[g].district
    known = information(world, d, t[g].control)
    revenge = revenge_motive(world, g)
    selective = selective_motive(world, g, d, t[g].control) + revenge * known
    indiscriminate = indiscriminate_motive(world, g, d, t[g].control) + revenge * (1.0 - known)
    loot = loot_motive(world, g)
    x = chance.uniform(world.keys[0], chance.PREPARE, g, 1) * (selective + indiscriminate + loot)
    if x < selective:
        return SELECTIVE
    if x < selective + indiscriminate:
        return INDISCRIMINATE
    return LOOTING


@compiled
def rob_value(world: World, g: int, d: int, met: float) -> float:
    """Return the value of robbing aid in district `d`, where `met` is its belief to be met.

    Prize by how much aid is about and how hungry it is; against it effort, standing with people who
    accept the aid, and the risk.
    """
    p = world.parameters[0]
    t = world.armed_groups
    staff = world.districts[d].aid_staff
    if staff <= 0.0:
        return -math.inf
    exposed = 1.0 - exp(-staff / 100.0)
    accepted = world.districts[d].aid_accepted / staff
    return (
        p.aid_prize * exposed * (0.5 + t[g].aim_rent) * (0.5 + hunger(world, g))
        - p.aid_standing * accepted * (1.0 - t[g].abusiveness)
        - p.rob_effort
        - p.rob_exposure * p.met_cost * met
    )


@compiled
def contest_value(world: World, g: int) -> float:
    """Return the value of fighting for control of its district."""
    p = world.parameters[0]
    t = world.armed_groups
    d = t[g].district
    others = max(0.0, world.districts[d].group_control - t[g].control)
    against = world.districts[d].group_strength - t[g].fighters
    if t[g].standing != PRO_GOVERNMENT:
        others += world.districts[d].state_control
        against += defenders(world, d)
    win = contest_success(t[g].fighters, against, p.contest_sharpness)
    prize = p.contest_horizon * p.contest_step * others * world.districts[d].worth
    return prize * win * (0.5 + t[g].aim_rule) - p.contest_cost * (2.0 - win)


@compiled
def move_value(world: World, g: int, k: int, here: float) -> float:
    """Return the value of moving to the k-th near district, where staying is worth `here` a week."""
    p = world.parameters[0]
    t = world.armed_groups
    d = t[g].district
    n = world.near[d, k]
    crowd = 1.0 - contest_success(
        t[g].fighters,
        defenders(world, n) + world.districts[n].group_strength,
        p.contest_sharpness,
    )
    there = max(
        tax_value(world, g, n, p.foothold, reach(world, g, n)),
        attack_value(world, g, n, p.foothold),
    )
    return (
        (there - here)
        + t[g].hurt * p.hiding_value
        - crowd
        - p.move_cost
        - p.root_cost * t[g].rootedness
        - p.move_hours_cost * world.hours[world.clock[0].season, d, k]
    )


@behaviour
def decide(world: World, g: int) -> None:
    """Choose this week's action: the largest utility, each with its own Gumbel noise (logit)."""
    t = world.armed_groups
    t[g].choice = LIE_LOW
    t[g].target = -1
    if t[g].fighters <= 0:
        return
    p = world.parameters[0]
    d = t[g].district
    key = world.keys[0]
    noise = 1.0 / p.decisiveness
    met = expects_to_be_met(world, g, d)

    best = p.hiding_value * world.districts[d].concealment * t[g].hurt
    best += noise * chance.gumbel(chance.uniform(key, chance.DECIDE, g, LIE_LOW))

    tax = tax_value(world, g, d, t[g].control, t[g].reach)
    u = tax - p.tax_exposure * p.met_cost * met
    u += noise * chance.gumbel(chance.uniform(key, chance.DECIDE, g, TAX))
    if u > best:
        best = u
        t[g].choice = TAX

    u = contest_value(world, g) + noise * chance.gumbel(chance.uniform(key, chance.DECIDE, g, CONTEST))
    if u > best:
        best = u
        t[g].choice = CONTEST

    attack = attack_value(world, g, d, t[g].control)
    u = attack + noise * chance.gumbel(chance.uniform(key, chance.DECIDE, g, ATTACK))
    if u > best:
        best = u
        t[g].choice = ATTACK

    u = rob_value(world, g, d, met)
    u += noise * chance.gumbel(chance.uniform(key, chance.ROB, g, 0))
    if u > best:
        best = u
        t[g].choice = ROB_AID

    if (world.clock[0].week + g) % QUARTER != 0:
        return
    here = max(tax, attack)
    for j in range(1, world.districts[d].neighbour_count):
        k = world.neighbours[d, j]
        n = world.near[d, k]
        # the draw belongs to the district, not to its place in the list
        u = move_value(world, g, k, here) + noise * chance.gumbel(
            chance.uniform(key, chance.DECIDE, g, MOVE + n)
        )
        if u > best:
            best = u
            t[g].choice = MOVE
            t[g].destination = n


@behaviour
def prepare(world: World, g: int) -> None:
    """Choose which community or camp of its district to attack: people and remoteness draw it."""
    t = world.armed_groups
    t[g].site = -1
    if t[g].choice != ATTACK:
        return
    d = t[g].district
    first = world.districts[d].first_community
    end = world.districts[d].end_community
    total = 0.0
    for c in range(first, end):
        if world.communities[c].raider < 0:
            total += target_weight(world, g, c)
    if total <= 0.0:
        t[g].choice = LIE_LOW
        return
    sites = site.targets(world, d)
    x = chance.uniform(world.keys[0], chance.PREPARE, g, 0) * (total + sites)
    if sites > 0.0 and x > total:
        site.choose(world, g, x - total)
    for c in range(first, end):
        if t[g].target < 0 and world.communities[c].raider < 0:
            x -= target_weight(world, g, c)
            if x <= 0.0 or c == end - 1:
                t[g].target = c
                break
    if t[g].target < 0:  # rounding: the last free community
        for c in range(first, end):
            if world.communities[c].raider < 0:
                t[g].target = c
    averted = world.parameters[0].team_restraint * world.communities[t[g].target].accompanied
    if averted > 0.0 and chance.uniform(world.keys[0], chance.ACCOMPANY, g, 0) < averted:
        t[g].choice = LIE_LOW  # people who look on, and talk to it, are in the way
        t[g].target = -1
        t[g].site = -1
        return
    t[g].mode = choose_mode(world, g)
    world.communities[t[g].target].raider = g
    if t[g].site >= 0:
        world.sites[t[g].site].raider = g
    if len(world.events) > 0:
        t[g].decision = note(
            world.events, world.clock, events.DECISION, d, g, t[g].target, -1,
            expects_to_be_met(world, g, d),
            1.0 - (1.0 - world.districts[d].un_met) * (1.0 - world.districts[d].state_met),
            selective_motive(world, g, d, t[g].control)
            + indiscriminate_motive(world, g, d, t[g].control),
            loot_motive(world, g),
            revenge_motive(world, g),
        )  # fmt: skip
        if t[g].decision >= 0:
            world.events[t[g].decision].mode = t[g].mode


@inlined
def target_weight(world: World, g: int, c: int) -> float:
    """Return how much a community draws an attack: its size (root), distance from help, and identity."""
    weight = math.sqrt(world.communities[c].residents) * (
        1.0 + world.parameters[0].remote_target * world.communities[c].remoteness
    )
    if world.armed_groups[g].identity >= 0:
        if world.communities[c].identity == world.armed_groups[g].identity:
            weight *= world.parameters[0].own_people
    return weight


@behaviour
def act(world: World, g: int) -> None:
    """Do what was chosen; then live off stores, and gain or lose fighters."""
    t = world.armed_groups
    if t[g].fighters <= 0:
        return
    p = world.parameters[0]
    d = t[g].district
    t[g].grudge *= 1.0 - 1.0 / p.grudge_memory
    t[g].hurt *= 1.0 - 1.0 / p.grudge_memory

    income = p.passive_income * t[g].control * world.districts[d].worth  # what comes in without effort
    if t[g].choice == TAX:
        income = tax_value(world, g, d, t[g].control, t[g].reach) / (0.5 + t[g].aim_rent)
    elif t[g].choice == CONTEST:
        contest(world, g)
    elif t[g].choice == ATTACK:
        strike(world, g)
        learn_from_attack(world, g)
    elif t[g].choice == ROB_AID:
        humanitarian.rob(world, g)
    if t[g].choice == TAX or t[g].choice == CONTEST:
        t[g].control += p.group_hold * t[g].reach * ungoverned(world, d)
    elif t[g].choice == LIE_LOW:
        t[g].control *= 1.0 - p.group_fade
    elif t[g].choice == MOVE:
        fighters = float(t[g].fighters)
        met = expects_to_be_met(world, g, d)
        to = t[g].destination
        note(world.events, world.clock, events.GROUP_MOVE, d, g, to, -1, fighters, t[g].hurt, met, 0.0, 0.0)
        t[g].district = t[g].destination
        t[g].control = 0.0
    live(world, g, income)


@compiled
def detained_share(world: World, g: int) -> float:
    """Return the share (0-1) of a group's fighters whom police detain in a week.

    Police deal with bands that live among people, not with armies in the forest.
    """
    p = world.parameters[0]
    t = world.armed_groups
    d = t[g].district
    if t[g].standing == PRO_GOVERNMENT:
        return 0.0
    within = world.districts[d].police_presence * (1.0 - world.districts[d].concealment)
    return p.detain_rate * within * exp(-t[g].fighters / p.detain_size)


@compiled
def live(world: World, g: int, income: float) -> None:
    """Eat from stores, and gain recruits or lose deserters (persons of communities in the district)."""
    p = world.parameters[0]
    t = world.armed_groups
    if t[g].fighters <= 0:
        return
    d = t[g].district
    fed = income * p.district_feeds + t[g].outside_supply
    t[g].supply = clip(t[g].supply + fed / t[g].fighters - 1.0, 0.0, p.supply_cap)
    if (world.clock[0].week + g) % MONTH != 0:
        return
    plenty = t[g].supply / p.supply_cap
    first = world.districts[d].first_community
    n = world.districts[d].end_community - first
    c = first + int(chance.uniform(world.keys[0], chance.RECRUIT, g, 0) * n)
    willing = (0.5 + world.communities[c].grievance) * (0.5 + world.communities[c].youth)
    join = MONTH * p.recruit_rate * plenty * willing * t[g].fighters
    leave = MONTH * p.desert_rate * (1.0 - plenty) * (1.0 - plenty) * t[g].fighters
    joins = min(
        world.communities[c].residents,
        chance.poisson(chance.uniform(world.keys[0], chance.RECRUIT, g, 1), join),
    )
    joins += remobilise(world, g, c, plenty, world.communities[c].residents - joins)
    leaves = min(
        t[g].fighters + joins,
        chance.poisson(chance.uniform(world.keys[0], chance.RECRUIT, g, 2), leave),
    )
    t[g].fighters += joins - leaves
    world.communities[c].residents += leaves - joins
    world.communities[c].ex_combatants += leaves
    world.ledger[0].recruited += joins
    world.ledger[0].deserted += leaves
    caught = chance.binomial(
        chance.uniform(world.keys[0], chance.RECRUIT, g, 4), t[g].fighters, MONTH * detained_share(world, g)
    )
    t[g].fighters -= caught
    world.ledger[0].detained += caught


@compiled
def remobilise(world: World, g: int, c: int, plenty: float, most: int) -> int:
    """Call up former fighters of community `c` who are left alone; returns how many come.

    Those who would follow do so where enough of their peers fight (Daly et al. 2020, E2e).
    """
    p = world.parameters[0]
    t = world.armed_groups
    idle = world.communities[c].ex_combatants * (1.0 - world.programme[0].served)
    if idle < 1.0:
        return 0
    peers = t[g].fighters / (t[g].fighters + p.peers)
    mean = MONTH * p.remobilise_rate * plenty * peers * idle
    come = chance.poisson(chance.uniform(world.keys[0], chance.RECRUIT, g, 3), mean)
    come = min(come, most, int(idle))
    world.communities[c].ex_combatants -= come
    world.ledger[0].remobilised += come
    return come


class ArmedGroup(DistrictAgent):
    """An armed group, or a detachment of one, in a Mesa model. Override a method to change its mind."""

    table = TABLE

    def reorganise(self) -> None:
        """Appear, cross the border, demobilise, merge or split."""
        from sim.agents.faction import reorganise

        reorganise(self.world, self.row)

    def muster(self) -> None:
        """Be counted in its district."""
        muster(self.world, self.row)

    def observe(self) -> None:
        """See, or miss, patrols near by."""
        observe(self.world, self.row)

    def decide(self) -> None:
        """Choose this week's action: set `choice` (see `CHOICES`), and `destination` if it moves."""
        decide(self.world, self.row)

    def prepare(self) -> None:
        """Choose a community to attack, if that is the choice."""
        prepare(self.world, self.row)

    def act(self) -> None:
        """Do what was chosen."""
        act(self.world, self.row)

    def expects_to_be_met(self, district: int | None = None) -> float:
        """Return the chance (0-1) it gives to being met if it attacks in `district` (default: here)."""
        d = self.district if district is None else district
        return float(expects_to_be_met(self.world, self.row, d))
