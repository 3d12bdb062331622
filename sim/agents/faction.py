"""What becomes of armed groups: they form, appear, split, merge, cross the border, demobilise.

Splinters and new groups need rows of their own; a world is built with some to spare, and a group
without a free row stays together, or does not form.

Sources: splintering, Schubiger 2023 (read as abstract: violence by the state against a group's people
holds it together), Cunningham, Bakke & Seymour 2012; coalescence and fragmentation, Bohorquez et al.
2009 (evidence 3, AG organisation); groups that cross borders (E1-62); demobilisation before exit
(E1-37). Forms and sizes are this model's own.
"""

from __future__ import annotations

from sim import chance
from sim.agents.armed_group import TABLE, remember, tax_value
from sim.arithmetic import clip, exp, logistic
from sim.compiled import compiled
from sim.declare import Mechanism, Parameter
from sim.generate import inheriting
from sim.world import events
from sim.world.events import note
from sim.world.state import MONTH, REBEL, World

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
    t = world.armed_groups
    key = world.keys[0]
    p = world.parameters[0]
    if t[g].away > 0:
        if world.clock[0].week == t[g].enters:
            come(world, g)
        elif world.clock[0].week > t[g].enters:
            if chance.uniform(key, chance.FACTION, g, 0) < 1.0 / p.sanctuary_weeks:
                t[g].supply += p.sanctuary_refit * (p.supply_cap - t[g].supply)
                come(world, g)
        return
    if t[g].fighters <= 0 or (world.clock[0].week + g) % MONTH != 0:
        return
    d = t[g].district
    if t[g].identity >= 0 and world.districts[d].divided > 0.0 and t[g].supply > 0.5 * p.supply_cap:
        t[g].supply -= MONTH * p.hate_cost
        heard = MONTH * p.hate_rate * (1.0 - world.host[0].media_freedom)
        world.districts[d].tension += clip(heard, 0.0, 1.0) * (1.0 - world.districts[d].tension)
    if world.districts[d].border == 1:
        if chance.uniform(key, chance.FACTION, g, 1) < MONTH * p.cross_rate * min(t[g].hurt, 1.0):
            note(
                world.events, world.clock, events.CROSSING, d, g, -1, -1,
                float(t[g].fighters), t[g].hurt, 0.0, 0.0, 0.0,
            )  # fmt: skip
            t[g].away = t[g].fighters
            t[g].fighters = 0
            t[g].control = 0.0
            return
    demobilise(world, g)
    if t[g].fighters > 0 and not merge(world, g):
        split(world, g)


@compiled
def come(world: World, g: int) -> None:
    """Cross into the country with all fighters."""
    t = world.armed_groups
    t[g].fighters = t[g].away
    t[g].away = 0
    d = t[g].district
    note(
        world.events, world.clock, events.CROSSING, d, g, -1, -1,
        float(t[g].fighters), 0.0, 1.0, 0.0, 0.0,
    )  # fmt: skip


@compiled
def demobilise_chance(world: World, g: int) -> float:
    """Return the chance (0-1) in a month that a group demobilises part of its fighters.

    Logit of what a place in the programme is worth and of losses, against its income and its wish to
    rule; an open programme is a condition.
    """
    p = world.parameters[0]
    t = world.armed_groups
    if world.programme[0].open_places < 1.0:
        return 0.0
    room = min(1.0, world.programme[0].open_places / t[g].fighters)
    d = t[g].district
    gain = p.demobilise_value * room + t[g].hurt - t[g].aim_rule - 1.0
    gain -= tax_value(world, g, d, t[g].control, t[g].reach)
    return logistic(p.decisiveness * gain)


@compiled
def demobilise(world: World, g: int) -> None:
    """Let part of a group come forward for the programme, as former fighters of a community here."""
    t = world.armed_groups
    key = world.keys[0]
    p = world.parameters[0]
    if chance.uniform(key, chance.FACTION, g, 2) >= demobilise_chance(world, g):
        return
    d = t[g].district
    leave = min(int(p.demobilise_share * t[g].fighters) + 1, int(world.programme[0].open_places))
    leave = min(leave, t[g].fighters)
    first = world.districts[d].first_community
    n = world.districts[d].end_community - first
    c = first + int(chance.uniform(key, chance.FACTION, g, 3) * n)
    t[g].fighters -= leave
    world.communities[c].residents += leave
    world.communities[c].ex_combatants += leave
    world.programme[0].open_places -= leave
    world.ledger[0].demobilised += leave
    note(
        world.events, world.clock, events.DEMOBILISATION, d, g, c, -1,
        float(leave), float(t[g].fighters), 0.0, 0.0, 0.0,
    )  # fmt: skip
    if t[g].fighters == 0:
        t[g].control = 0.0


@compiled
def merge(world: World, g: int) -> bool:
    """Join the strongest group of its faction or people in this or an adjacent district, or not."""
    t = world.armed_groups
    p = world.parameters[0]
    willing = MONTH * p.merge_rate * exp(-t[g].fighters / p.merge_size)
    if chance.uniform(world.keys[0], chance.FACTION, g, 4) >= willing:
        return False
    d = t[g].district
    to = -1
    for j in range(world.districts[d].neighbour_count):
        n = world.near[d, world.neighbours[d, j]]
        other = world.districts[n].first_group
        while other >= 0:
            kin = t[other].faction == t[g].faction or (
                t[g].identity >= 0 and t[other].identity == t[g].identity
            )
            if other != g and kin and t[other].fighters > t[g].fighters and t[other].district == n:
                if to < 0 or t[other].fighters > t[to].fighters:
                    to = other
            other = t[other].next_group
    if to < 0:
        return False
    note(
        world.events, world.clock, events.MERGER, d, g, to, -1,
        float(t[g].fighters), float(t[to].fighters), 0.0, 0.0, 0.0,
    )  # fmt: skip
    t[to].fighters += t[g].fighters
    if t[to].district == d:
        t[to].control = min(1.0, t[to].control + t[g].control)
    t[g].fighters = 0
    t[g].control = 0.0
    return True


@compiled
def split_chance(world: World, g: int) -> float:
    """Return the chance (0-1) in a month that a group splits: size and losses, against a common enemy."""
    p = world.parameters[0]
    t = world.armed_groups
    large = t[g].fighters / (t[g].fighters + p.splinter_size)
    shaken = p.splinter_calm + (1.0 - p.splinter_calm) * min(2.0 * t[g].hurt, 1.0)
    held = exp(-p.splinter_abuse * world.districts[t[g].district].known_abuse)
    return clip(MONTH * p.splinter_rate * large * shaken * held, 0.0, 1.0)


@compiled
def free_row(world: World) -> int:
    """Return a row for a group that is still to form, -1 if there is none."""
    t = world.armed_groups
    for g in range(len(t)):
        if t[g].fighters == 0 and t[g].away == 0 and t[g].spare == 1:
            return g
    return -1


@compiled
def split(world: World, g: int) -> None:
    """Let a part of a group go its own way, if chance will have it and a row is free."""
    t = world.armed_groups
    key = world.keys[0]
    if chance.uniform(key, chance.FACTION, g, 5) >= split_chance(world, g):
        return
    new = free_row(world)
    if new < 0:
        return
    part = 0.2 + 0.3 * chance.uniform(key, chance.FACTION, g, 6)
    go = int(part * t[g].fighters)
    if go < 5:
        return
    t[g].fighters -= go
    inherit(t, new, g)
    t[new].spare = 0
    t[new].fighters = go
    t[new].faction = len(t) + new  # a faction of its own
    t[new].outside_supply = part * t[g].outside_supply
    t[g].outside_supply -= t[new].outside_supply
    t[new].control = part * t[g].control
    t[g].control -= t[new].control
    for d in range(len(world.districts)):  # it knows what the others know
        world.detect_yes[new, d] = world.detect_yes[g, d]
        world.detect_no[new, d] = world.detect_no[g, d]
        world.answer_yes[new, d] = world.answer_yes[g, d]
        world.answer_no[new, d] = world.answer_no[g, d]
        world.belief_week[new, d] = world.belief_week[g, d]
    note(
        world.events, world.clock, events.SPLINTER, t[g].district, g, new, -1,
        float(go), float(t[g].fighters), t[g].hurt, 0.0, 0.0,
    )  # fmt: skip


@compiled
def emerge(world: World, d: int) -> None:
    """Let a new armed group form among the angriest community of district `d`, or not. Once a month.

    Anger, a state that is not there, and land that conceals. Former fighters are the first to join.
    """
    if (world.clock[0].week + d) % MONTH != 0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    places = world.districts
    communities = world.communities
    anger = 0.0
    c = places[d].first_community
    for other in range(places[d].first_community, places[d].end_community):
        anger += communities[other].grievance
        if communities[other].grievance > communities[c].grievance:
            c = other
    anger /= places[d].end_community - places[d].first_community
    rate = p.onset_rate * anger * (1.0 - places[d].state_presence) * places[d].concealment
    if chance.uniform(key, chance.ONSET, d, 0) >= clip(MONTH * rate, 0.0, 1.0):
        return
    new = free_row(world)
    join = min(
        chance.poisson(chance.uniform(key, chance.ONSET, d, 1), p.onset_size), communities[c].residents
    )
    if new < 0 or join < 5:
        return
    former = min(join, communities[c].ex_combatants)
    communities[c].residents -= join
    communities[c].ex_combatants -= former
    world.ledger[0].recruited += join
    world.ledger[0].remobilised += former
    t = world.armed_groups
    t[new].spare = 0
    t[new].fighters = join
    t[new].faction = len(t) + new
    t[new].standing = REBEL
    t[new].identity = communities[c].identity
    t[new].district = d
    t[new].supply = 0.5 * p.supply_cap
    t[new].aim_rule = 0.5  # the middle of each range: nothing is known of it
    t[new].aim_rent = 0.5
    t[new].abusiveness = 0.5
    t[new].rootedness = 1.0
    for n in range(len(places)):
        remember(world, new, n)
    note(
        world.events, world.clock, events.ONSET, d, new, c, -1,
        float(join), communities[c].grievance, 0.0, 0.0, 0.0,
    )  # fmt: skip
