"""What becomes of armed groups: they form, appear, split, merge, cross the border, demobilise.

Splinters and new groups need rows of their own; a world is built with some to spare, and a group
without a free row stays together, or does not form.

Sources: splintering, Schubiger 2023 (read as abstract: violence by the state against a group's people
holds it together), Cunningham, Bakke & Seymour 2012; coalescence and fragmentation, Bohorquez et al.
2009 (evidence 3, AG organisation); groups that cross borders (E1-62); demobilisation before exit
(E1-37). Forms and sizes are this model's own.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.agents.armed_group.beliefs import forget_places, remember
from sim.agents.armed_group.motives import tax_value
from sim.agents.armed_group.table import TABLE
from sim.arithmetic import clip, exp, logistic
from sim.chance import Faction, Onset
from sim.compiled import compiled, inlined
from sim.declare import Mechanism, Parameter
from sim.generate import inheriting
from sim.world import events
from sim.world.codes import Campaign, Standing
from sim.world.events import note
from sim.world.state import MONTH, World

PART = "what becomes of armed groups"

# fmt: off
PARAMETERS = (
    Parameter("splinter_rate", 0.002, "1/week", 0.0, 0.02,
              "chance in a week that a large group that has just lost half of its strength splits",
              "no source for the size"),
    Parameter("splinter_calm", 0.1, "1", 0.0, 1.0,
              "readiness to split of a group without losses, relative to one that lost half",
              "no source"),
    Parameter("splinter_size", 300.0, "fighters", 100.0, 1000.0,
              "fighters at which half of the readiness to split is reached",
              "no source"),
    Parameter("splinter_hurt", 0.5, "0-1", 0.2, 1.0,
              "share of its strength lost of late at which a group is shaken as much as it can be",
              "no source"),
    Parameter("splinter_least", 0.2, "1", 0.05, 0.3,
              "share of a group's fighters who leave in a split, lower bound (uniform)",
              "no source"),
    Parameter("splinter_most", 0.5, "1", 0.3, 0.8,
              "the same, upper bound",
              "no source; the larger half keeps the name"),
    Parameter("smallest_group", 5.0, "fighters", 2.0, 50.0,
              "fewer fighters than this form no group of their own",
              "no source"),
    Parameter("splinter_abuse", 0.3, "1/(reports/week)", -0.5, 1.5,
              "how strongly abuse of the people by state forces holds a group together",
              "direction: Schubiger 2023 (evidence 3); size not read", "abstract"),
    Parameter("merge_rate", 0.01, "1/week", 0.0, 0.05,
              "chance in a week that a tiny group joins a stronger one of its faction or people near by",
              "no source; form: coalescence, Bohorquez et al. 2009 (evidence 3)", "abstract"),
    Parameter("merge_size", 60.0, "fighters", 20.0, 300.0,
              "fighters over which the readiness to join another group falls by a factor e",
              "no source"),
    Parameter("cross_rate", 0.02, "1/week", 0.0, 0.1,
              "chance in a week that a group that has lost everything lately crosses a border it is based at",
              "direction: E1-62; size not in any source"),
    Parameter("sanctuary_weeks", 26.0, "weeks", 4.0, 104.0,
              "mean time a group stays abroad",
              "no source"),
    Parameter("sanctuary_refit", 0.5, "1", 0.0, 1.0,
              "part of its stores that a group fills abroad",
              "no source"),
    Parameter("onset_rate", 0.004, "1/week", 0.0, 0.02,
              "chance in a week that a new armed group forms in a district without any presence of the state "
              "that is full of grievance and conceals well",
              "direction: weak state, terrain (Fearon & Laitin 2003, from memory), anger (E1-58); size: a "
              "guess below the growth of groups counted in eastern DRC, some 70 (2015) to 120 (2017), from "
              "memory", "memory"),
    Parameter("onset_size", 60.0, "fighters", 20.0, 200.0,
              "fighters with whom it begins, if the community has so many who are willing",
              "no source; from memory, most groups counted in eastern DRC have fewer than 200"),
    Parameter("onset_trait", 0.5, "0-1", 0.2, 0.8,
              "aims and abusiveness of a new group",
              "no source; the middle of each scale, as nothing is known of it"),
    Parameter("hate_supply", 0.5, "1", 0.1, 0.9,
              "part of its stores that must be full for a group to pay for hate speech",
              "no source"),
    Parameter("hate_rate", 0.02, "1/week", 0.0, 0.1,
              "step of tension towards 1 in a week in which a well-supplied group that claims to fight for "
              "a people pays for hate speech, where media are not free",
              "direction S1 (E1-55); size not in any source"),
    Parameter("hate_cost", 0.1, "weeks", 0.0, 1.0,
              "upkeep that such a week costs",
              "no source"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "hate-speech", "armed groups",
        "groups that claim to fight for a people pay for hate speech",
        "E1-55", {"hate_rate": 0.0, "hate_cost": 0.0},
    ),
    Mechanism(
        "onset", "armed groups",
        "new armed groups form where people are angry and the state is not there",
        "E1-58", {"onset_rate": 0.0},
    ),
    Mechanism(
        "splintering", "armed groups",
        "groups split after losses",
        "evidence 3", {"splinter_rate": 0.0},
    ),
    Mechanism(
        "merging", "armed groups",
        "small groups join stronger ones",
        "evidence 3", {"merge_rate": 0.0},
    ),
    Mechanism(
        "sanctuary", "armed groups",
        "groups that lose withdraw across a border, and come back",
        "E1-62", {"cross_rate": 0.0},
    ),
)
# fmt: on

inherit = compiled(inheriting(TABLE))
"""Give a group that splits off what it takes over whole (`Field.inherited`); `split` divides the rest."""


@compiled
def reorganise(world: World, g: int) -> None:
    """Appear, come back, cross the border, stir up hatred, demobilise, merge or split."""
    group = world.armed_groups[g]
    p = world.parameters[0]
    week = world.clock[0].week
    if group.away > 0:
        if week == group.enters and week >= 0:
            enter(world, g)
        elif group.enters < 0 or week > group.enters:
            u = chance.uniform(world.keys[0], chance.FACTION, g, Faction.COME_BACK)
            if u < 1.0 / p.sanctuary_weeks:
                group.supply += p.sanctuary_refit * (p.supply_cap - group.supply)
                enter(world, g)
        return
    if group.fighters <= 0 or (week + g) % MONTH != 0:
        return
    here = world.districts[group.district]
    if group.identity >= 0 and here.fractionalisation > 0.0 and group.supply > p.hate_supply * p.supply_cap:
        stir_up_hatred(group, here, world.host[0].media_freedom, p)
    if here.border == 1:
        u = chance.uniform(world.keys[0], chance.FACTION, g, Faction.CROSS)
        if u < MONTH * p.cross_rate * min(group.hurt, 1.0):
            withdraw(world, g)
            return
    demobilise(world, g)
    if group.fighters > 0 and not merge(world, g):
        split(world, g)


@compiled
def stir_up_hatred(group: np.record, here: np.record, media_freedom: float, p: np.record) -> None:
    """Pay for a month of hate speech, which raises tension where media are not free to answer."""
    group.supply -= MONTH * p.hate_cost
    heard = MONTH * p.hate_rate * (1.0 - media_freedom)
    here.tension += clip(heard, 0.0, 1.0) * (1.0 - here.tension)


@compiled
def withdraw(world: World, g: int) -> None:
    """Cross the border with all fighters, and leave the ground that it controlled."""
    group = world.armed_groups[g]
    note(
        world.events, world.clock, events.CROSSING, group.district, g, -1, -1,
        float(group.fighters), group.hurt, 0.0, 0.0, 0.0,
    )  # fmt: skip
    group.away = group.fighters
    group.fighters = 0
    group.control = 0.0


@compiled
def enter(world: World, g: int) -> None:
    """Cross into the country with all fighters."""
    group = world.armed_groups[g]
    group.fighters = group.away
    group.away = 0
    note(
        world.events, world.clock, events.CROSSING, group.district, g, -1, -1,
        float(group.fighters), 0.0, 1.0, 0.0, 0.0,
    )  # fmt: skip


@compiled
def demobilise_chance(group: np.record, here: np.record, open_places: float, p: np.record) -> float:
    """Return the chance (0-1) in a month that a group demobilises part of its fighters.

    Logit of what a place in the programme is worth and of losses, against its income and its wish to
    rule; an open programme is a condition.
    """
    if open_places < 1.0:
        return 0.0
    room = min(1.0, open_places / group.fighters)
    gain = p.demobilise_value * room + group.hurt - group.aim_rule - p.demobilise_effort
    gain -= tax_value(group, here, group.control, group.coverage, p)
    return logistic(p.decisiveness * gain)


@compiled
def demobilise(world: World, g: int) -> None:
    """Let part of a group come forward for the programme, as former fighters of a community here."""
    group = world.armed_groups[g]
    here = world.districts[group.district]
    programme = world.programme[0]
    key = world.keys[0]
    p = world.parameters[0]
    u = chance.uniform(key, chance.FACTION, g, Faction.DEMOBILISE)
    if u >= demobilise_chance(group, here, programme.open_places, p):
        return
    leave = min(int(p.demobilise_share * group.fighters) + 1, int(programme.open_places))
    leave = min(leave, group.fighters)
    u = chance.uniform(key, chance.FACTION, g, Faction.COMMUNITY)
    c = here.first_community + int(u * (here.end_community - here.first_community))
    group.fighters -= leave
    world.communities[c].residents += leave
    world.communities[c].ex_combatants += leave
    programme.open_places -= leave
    world.ledger[0].demobilised += leave
    note(
        world.events, world.clock, events.DEMOBILISATION, group.district, g, c, -1,
        float(leave), float(group.fighters), 0.0, 0.0, 0.0,
    )  # fmt: skip
    if group.fighters == 0:
        group.control = 0.0


@inlined
def kin(group: np.record, other: np.record) -> bool:
    """Return whether two groups are of one faction, or say that they fight for one people."""
    return other.faction == group.faction or (group.identity >= 0 and other.identity == group.identity)


@compiled
def strongest_kin(world: World, g: int) -> int:
    """Return the strongest of its kin, stronger than itself, in this or an adjacent district; -1 none."""
    groups = world.armed_groups
    group = groups[g]
    d = group.district
    best = -1
    for j in range(world.districts[d].neighbour_count):
        n = world.near[d, world.neighbours[d, j]]
        i = world.districts[n].first_group
        while i >= 0:
            other = groups[i]
            if i != g and kin(group, other) and other.fighters > group.fighters and other.district == n:
                if best < 0 or other.fighters > groups[best].fighters:
                    best = i
            i = other.next_group
    return best


@compiled
def merge(world: World, g: int) -> bool:
    """Join the strongest group of its faction or people in this or an adjacent district, or not."""
    group = world.armed_groups[g]
    p = world.parameters[0]
    willing = MONTH * p.merge_rate * exp(-group.fighters / p.merge_size)
    if chance.uniform(world.keys[0], chance.FACTION, g, Faction.MERGE) >= willing:
        return False
    to = strongest_kin(world, g)
    if to < 0:
        return False
    joined = world.armed_groups[to]
    note(
        world.events, world.clock, events.MERGER, group.district, g, to, -1,
        float(group.fighters), float(joined.fighters), 0.0, 0.0, 0.0,
    )  # fmt: skip
    joined.fighters += group.fighters
    joined.rest += group.rest
    if joined.district == group.district:
        joined.control = min(1.0, joined.control + group.control)
        joined.hold = min(1.0, joined.hold + group.hold)
    group.fighters = 0
    group.rest = 0.0
    group.control = 0.0
    group.hold = 0.0
    return True


@compiled
def split_chance(group: np.record, known_abuse: float, p: np.record) -> float:
    """Return the chance (0-1) in a month that a group splits: size and losses, against a common enemy.

    `known_abuse`: reports of abuse by state forces in its district (a week, of late).
    """
    large = group.fighters / (group.fighters + p.splinter_size)
    shaken = p.splinter_calm + (1.0 - p.splinter_calm) * min(group.hurt / p.splinter_hurt, 1.0)
    held = exp(-p.splinter_abuse * known_abuse)
    return clip(MONTH * p.splinter_rate * large * shaken * held, 0.0, 1.0)


@compiled
def free_row(groups: np.recarray) -> int:
    """Return a row for a group that is still to form, -1 if there is none."""
    for g in range(len(groups)):
        if groups[g].fighters == 0 and groups[g].away == 0 and groups[g].spare == 1:
            return g
    return -1


@compiled
def found(world: World, g: int, parent: int) -> None:
    """Make group `g` a faction of its own: as its `parent` (-1 none) is, at war and backed or not."""
    f = len(world.armed_groups) + g
    world.armed_groups[g].faction = f
    new = world.factions[f]
    new.campaign = Campaign.ACTIVE
    new.backed = 0
    new.swell = 1.0
    new.rift = 0.0
    new.pursued = 0
    if parent >= 0:
        of = world.factions[parent]
        new.campaign = of.campaign
        new.backed = of.backed
        new.swell = of.swell
        new.pursued = of.pursued
        of.rift = 1.0
        new.rift = 1.0


@compiled
def split(world: World, g: int) -> None:
    """Let a part of a group go its own way, if chance will have it and a row is free."""
    groups = world.armed_groups
    group = groups[g]
    key = world.keys[0]
    p = world.parameters[0]
    known_abuse = world.districts[group.district].known_abuse
    if chance.uniform(key, chance.FACTION, g, Faction.SPLIT) >= split_chance(group, known_abuse, p):
        return
    new = free_row(groups)
    if new < 0:
        return
    u = chance.uniform(key, chance.FACTION, g, Faction.PART)
    part = p.splinter_least + (p.splinter_most - p.splinter_least) * u
    go = int(part * group.fighters)
    if go < p.smallest_group:
        return
    inherit(groups, new, g)
    splinter = groups[new]
    splinter.spare = 0
    found(world, new, group.faction)
    splinter.fighters = go
    group.fighters -= go
    splinter.outside_supply = part * group.outside_supply
    group.outside_supply -= splinter.outside_supply
    splinter.control = part * group.control
    group.control -= splinter.control
    splinter.rest = part * group.rest
    group.rest -= splinter.rest
    splinter.hold = part * group.hold
    group.hold -= splinter.hold
    for d in range(len(world.districts)):  # it knows what the others know
        world.beliefs[new, d] = world.beliefs[g, d]
    for k in range(world.held.shape[1]):
        world.held[new, k] = world.held[g, k]
    note(
        world.events, world.clock, events.SPLINTER, group.district, g, new, -1,
        float(go), float(group.fighters), group.hurt, 0.0, 0.0,
    )  # fmt: skip


@compiled
def onset_chance(here: np.record, p: np.record) -> float:
    """Return the chance (0-1) in a month that a new group forms in a district.

    Anger, a state that is not there, and land that conceals.
    """
    rate = p.onset_rate * here.anger * (1.0 - here.state_presence) * here.concealment
    return clip(MONTH * rate, 0.0, 1.0)


@compiled
def emerge(world: World, d: int) -> None:
    """Let a new armed group form among the angriest community of district `d`, or not. Once a month.

    Former fighters are the first to join.
    """
    if (world.clock[0].week + d) % MONTH != 0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    here = world.districts[d]
    groups = world.armed_groups
    communities = world.communities
    c = here.first_community
    for other in range(here.first_community, here.end_community):
        if communities[other].grievance > communities[c].grievance:
            c = other
    if chance.uniform(key, chance.ONSET, d, Onset.HAPPENS) >= onset_chance(here, p):
        return
    new = free_row(groups)
    angriest = communities[c]
    join = min(
        chance.poisson(chance.uniform(key, chance.ONSET, d, Onset.SIZE), p.onset_size), angriest.residents
    )
    if new < 0 or join < p.smallest_group:
        return
    former = min(join, angriest.ex_combatants)
    angriest.residents -= join
    angriest.ex_combatants -= former
    world.ledger[0].recruited += join
    world.ledger[0].remobilised += former
    group = groups[new]
    group.spare = 0
    group.fighters = join
    group.rest = join
    group.hold = 0.0
    found(world, new, -1)
    group.standing = Standing.REBEL
    group.identity = angriest.identity
    group.district = d
    group.supply = p.first_supply * p.supply_cap
    group.aim_rule = p.onset_trait
    group.aim_rent = p.onset_trait
    group.abusiveness = p.onset_trait
    group.rootedness = 1.0
    for n in range(len(world.districts)):
        remember(world.beliefs[new, n], world.districts[n], world.clock[0].week, p)
    forget_places(world, new)
    note(
        world.events, world.clock, events.ONSET, d, new, c, -1,
        float(join), angriest.grievance, 0.0, 0.0, 0.0,
    )  # fmt: skip
