"""Camps and protection sites: places in a district where displaced people live close together.

Peacekeepers guard the perimeter of a protection site, which ties them down; once their base has
closed, its security is what state police and gendarmerie make of it. A site draws people while it
seems safer than its surroundings, can be attacked and recruited in, and the way out for firewood
is dangerous where no police is. A site decides nothing: its people are a part of the displaced whom
its district hosts, and what happens in it follows from who is there.

Sources: sites handed over become camps that depend on state forces (E1-30), they tie down troops
(E1-31), camps militarise and are political pawns (E1-32), involuntary return brings fear and quarrels
over property (E1-33), returns as a measure of success push people back (E1-75), sexual violence rose
where police left the surroundings of camps (E1-9). No sizes were found for any of it.
"""

from __future__ import annotations

import math

from sim import chance
from sim.agents.peacekeeper import OBSERVERS, arrive, readiness
from sim.agents.state_force import ARMY
from sim.arithmetic import clip, exp
from sim.compiled import compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.events import note
from sim.world.harm import report_each
from sim.world.people import HOME, RECRUITED, leave_site
from sim.world.state import CRIMINALS, MONTH, PRO_GOVERNMENT, World

KINDS = ("camp", "protection-site")
OF_SITES = 1 << 20
"""Added to the row of a site where harm needs a number of its own among those of districts and groups."""

TABLE = Table(
    "sites",
    "Camps and protection sites: who lives there, who guards them, and how far armed men are among them.",
    (
        Field("district", "i8", "row", "where it is"),
        Field("community", "i8", "row", "community it lies at, whose alerts are also its own"),
        Field("kind", "i8", "-", "0 camp, 1 protection site at a UN base", column="kind", codes=KINDS),
        Field("guarded_from", "i8", "-", "number of the UN base that guards it, -1 none", start=-1),
        Field("capacity", "i8", "persons", "people it can take", column="capacity"),
        Field(
            "persons",
            "i8",
            "persons",
            "displaced people in it; a part of those its district hosts",
            column="displaced",
        ),
        Field("wanted", "i8", "persons", "peacekeepers of its base that guarding it takes", column="guards"),
        Field("guards", "i8", "persons", "peacekeepers who guard it this week"),
        Field("guard_unit", "i8", "row", "first unit that does, -1 none", start=-1),
        Field("state_unit", "i8", "row", "first state unit that guards it, -1 none", start=-1),
        Field("under_un", "i8", "flag", "1 while the base that guards it is open"),
        Field("by_un", "f8", "0-1", "how well peacekeepers guard its perimeter"),
        Field("by_state", "f8", "0-1", "how well state police guard it"),
        Field("guarded", "f8", "0-1", "how well it is guarded by both"),
        Field("alarm", "f8", "attacks/week", "attacks on it of late (decaying)"),
        Field("militarised", "f8", "0-1", "how far armed groups are at home in it"),
        Field("raider", "i8", "row", "armed group about to attack it this week, -1 none", start=-1),
    ),
)

PART = "camps and protection sites"

# fmt: off
PARAMETERS = (
    Parameter("guards_per_1000", 5.0, "persons", 1.0, 25.0,
              "guards for 1,000 people at which a perimeter is guarded to 63 %",
              "no source"),
    Parameter("state_guard_share", 0.2, "1", 0.0, 0.6,
              "share of the state police and gendarmerie in a district that guards its camps",
              "no source; direction E1-30 (security after hand-over depends on the state)"),
    Parameter("guard_delay", 0.5, "hours", 0.1, 4.0,
              "mean time in which guards who act are there",
              "no source; they are at the place already"),
    Parameter("shelter_rate", 0.1, "1/week", 0.02, 0.4,
              "share of the displaced of a district who move into a site in a week if it seems wholly safe "
              "and the surroundings not at all; in the opposite case, share of a site's people who leave",
              "no source"),
    Parameter("site_pull", 0.1, "0-1", 0.0, 0.4,
              "what food and shelter at a site add to how safe it seems",
              "no source; direction E1-35 (dependence on aid)"),
    Parameter("site_target", 1.0, "1", 0.0, 4.0,
              "how much an unguarded site draws an attack, compared with a community at the centre of as many"
              " people",
              "no source; sites are targets and refuges (E1-30, E1-32)"),
    Parameter("militarised_target", 1.0, "1", 0.0, 4.0,
              "what a wholly militarised site adds to that",
              "no source; direction E1-32"),
    Parameter("forage_rate", 0.4, "persons/week", 0.05, 4.0,
              "survivors of sexual violence among 10,000 people of a site who must leave it for firewood and"
              " water, in a week, where armed groups hold everything and no police is",
              "order of magnitude of what clinics saw in camps in Darfur in 2004-05 (some 500 treated in five"
              " months); remembered, not checked", "memory"),
    Parameter("forage_crime", 0.3, "1", 0.0, 1.0,
              "part of that rate where no armed group is",
              "no source"),
    Parameter("forage_police", 0.6, "1", 0.0, 0.95,
              "part of that violence that police who are everywhere to be seen prevent; troops prevent none",
              "direction E1-9 (it rose where police left camps); size not in any source"),
    Parameter("militarise_rate", 0.02, "1/week", 0.0, 0.1,
              "pace at which armed groups settle in a site that nobody guards",
              "no source; direction E1-32"),
    Parameter("militarise_fighters", 300.0, "fighters", 50.0, 1500.0,
              "fighters in the district at which that pace reaches 63 %",
              "no source"),
    Parameter("demilitarise_rate", 0.03, "1/week", 0.0, 0.1,
              "pace at which they are pushed out of a site that is fully guarded",
              "no source"),
    Parameter("camp_recruits", 1.5, "persons/week", 0.0, 10.0,
              "people whom armed groups recruit among 10,000 in a wholly militarised site in a week",
              "no source; direction E1-32"),
    Parameter("push_rate", 0.001, "1/week", 0.0, 0.02,
              "share of a site's people whom a state that runs it sends home in a week, safe or not",
              "no source; direction E1-33, E1-75. 0.001 is 5 % a year"),
    Parameter("push_harm", 0.5, "1", 0.0, 1.0,
              "step of fear and grievance towards 1 in a community if all its people are sent back there at "
              "once, in proportion for fewer",
              "no source; direction E1-33"),
    Parameter("push_tension", 1.0, "1", 0.0, 5.0,
              "step of a district's communal tension towards 1 if as many people as live there are sent back",
              "no source; direction E1-33 (quarrels between returning owners and occupants)"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "site-guards", "camps",
        "peacekeepers and police guard the perimeter of camps and protection sites",
        "E1-30, E1-31", {"guards_per_1000": 1e30},
        "peacekeepers who guard a site stay tied down",
    ),
    Mechanism(
        "site-attacks", "camps",
        "armed groups attack camps",
        "E1-32", {"site_target": 0.0},
    ),
    Mechanism(
        "site-surroundings", "camps",
        "sexual violence on the way for firewood and water",
        "E1-9", {"forage_rate": 0.0},
    ),
    Mechanism(
        "militarisation", "camps",
        "armed groups settle and recruit in camps",
        "E1-32", {"militarise_rate": 0.0, "camp_recruits": 0.0},
    ),
    Mechanism(
        "forced-return", "camps",
        "states that run camps send people home, safe or not",
        "E1-33, E1-75", {"push_rate": 0.0},
    ),
)
# fmt: on


@compiled
def guarded_share(guards: float, people: float, per_1000: float) -> float:
    """Return how well (0-1) `guards` guard `people`: 63 % with `per_1000` guards for every thousand."""
    if guards <= 0.0 or people <= 0.0:
        return 0.0
    return 1.0 - exp(-guards / (per_1000 * people / 1000.0))


@compiled
def tie_down(world: World, s: int) -> None:
    """Let the units of its base that are present guard it: those troops are missed elsewhere.

    Once its base has closed, the site stays and is the state's to guard.
    """
    t = world.sites
    units = world.peacekeepers
    t[s].raider = -1
    t[s].guards = 0
    t[s].guard_unit = -1
    left = t[s].wanted if t[s].persons > 0 else 0
    present = 0
    for u in range(len(units)):
        if units[u]["base"] != t[s].guarded_from or units[u].present == 0 or units[u].strength == 0:
            continue
        if units[u].kind >= OBSERVERS:  # unarmed
            continue
        present = 1
        taken = min(left, units[u].strength - units[u].guarding)
        if taken > 0:
            units[u].guarding += taken
            t[s].guards += taken
            left -= taken
            if t[s].guard_unit < 0:
                t[s].guard_unit = u
    if present == 0 and t[s].under_un == 1:
        note(
            world.events, world.clock, events.SITE_HANDED_OVER, t[s].district, s, -1, -1,
            float(t[s].persons), t[s].by_un, t[s].militarised, 0.0, 0.0,
        )  # fmt: skip
    t[s].under_un = present


@compiled
def secure(world: World, s: int) -> None:
    """Add up who guards its perimeter this week: peacekeepers, and state police as far as they work."""
    p = world.parameters[0]
    t = world.sites
    d = t[s].district
    forces = world.state_forces
    police = 0.0
    t[s].state_unit = -1
    u = world.districts[d].first_unit
    while u >= 0:
        if forces[u].force != ARMY:
            police += forces[u].personnel * forces[u].capability * forces[u].effort * forces[u].discipline
            if t[s].state_unit < 0:
                t[s].state_unit = u
        u = forces[u].next_unit
    # police are shared out among the sites of a district by people
    t[s].by_un = guarded_share(t[s].guards, t[s].persons, p.guards_per_1000)
    posted = p.state_guard_share * police
    t[s].by_state = guarded_share(posted, world.districts[d].in_sites, p.guards_per_1000)
    t[s].guarded = 1.0 - (1.0 - t[s].by_un) * (1.0 - t[s].by_state)
    t[s].alarm *= 1.0 - 1.0 / p.alarm_memory


@inlined
def target_weight(world: World, s: int) -> float:
    """Return how much a site draws an attack: its people (root), armed men among them, and lack of guards."""
    p = world.parameters[0]
    t = world.sites
    draw = p.site_target * (1.0 + p.militarised_target * t[s].militarised)
    return draw * math.sqrt(t[s].persons) * (1.0 - t[s].guarded)


@compiled
def targets(world: World, d: int) -> float:
    """Return how much the sites of district `d` that nobody attacks yet draw an attack, together."""
    total = 0.0
    for s in range(len(world.sites)):
        if world.sites[s].district == d and world.communities[world.sites[s].community].raider < 0:
            total += target_weight(world, s)
    return total


@compiled
def pick(world: World, g: int, x: float) -> None:
    """Let armed group `g` choose to attack the site of its district that `x` (0 to `targets`) falls on."""
    d = world.armed_groups[g].district
    chosen = -1
    for s in range(len(world.sites)):
        if world.sites[s].district != d or world.communities[world.sites[s].community].raider >= 0:
            continue
        weight = target_weight(world, s)
        if weight <= 0.0:
            continue
        chosen = s
        x -= weight
        if x <= 0.0:
            break
    if chosen >= 0:
        world.armed_groups[g].site = chosen
        world.armed_groups[g].target = world.sites[chosen].community


@compiled
def answer(world: World, s: int) -> None:
    """Let its guards answer an attack on it: they need no alert and no road."""
    t = world.sites
    if t[s].raider < 0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    c = t[s].community
    d = t[s].district
    community = world.communities
    by_un = 0.0
    if t[s].guard_unit >= 0:
        by_un = readiness(world, t[s].guard_unit) * t[s].by_un
    by_state = p.state_act_chance * t[s].by_state
    if world.armed_groups[t[s].raider].standing == PRO_GOVERNMENT:
        by_state *= p.pro_government_answer
    un = chance.uniform(key, chance.GUARD, s, 0) < by_un
    state = chance.uniform(key, chance.GUARD, s, 2) < by_state
    if not (un or state):
        return
    community[c].alerted = 1  # as the group sees it: its act was noticed
    if un:
        hours = chance.exponential(chance.uniform(key, chance.GUARD, s, 1), p.guard_delay)
        if community[c].heard_un == 0:
            community[c].heard_un = 1
            world.districts[d].alarm += 1.0 / p.alarm_memory
        arrive(world, c, hours, 1, t[s].guard_unit)
    if state:
        hours = chance.exponential(chance.uniform(key, chance.GUARD, s, 3), p.guard_delay)
        if community[c].heard_state == 0:
            community[c].heard_state = 1
            world.districts[d].known_threat += 1.0 / p.alarm_memory
        arrive(world, c, hours, 2, t[s].state_unit)


@compiled
def forage(world: World, s: int) -> None:
    """Suffer sexual violence on the way for firewood and water, where police are not to be seen.

    Whoever did it is counted as criminals: survivors can rarely tell, and neither can the model.
    """
    p = world.parameters[0]
    t = world.sites
    if t[s].persons == 0 or p.forage_rate <= 0.0:
        return
    d = t[s].district
    armed = p.forage_crime + (1.0 - p.forage_crime) * clip(world.districts[d].group_control, 0.0, 1.0)
    rate = p.forage_rate * armed * (1.0 - p.forage_police * world.districts[d].police_presence)
    u = chance.uniform(world.keys[0], chance.FORAGE, s, 0)
    assaulted = chance.poisson(u, rate * t[s].persons / 10000.0)
    if assaulted > 0:
        report_each(world, d, t[s].community, CRIMINALS, (0, 0, 0, assaulted), OF_SITES + s)
        world.districts[d].assaulted_at_sites += assaulted


@compiled
def push_home(world: World, s: int) -> None:
    """Send people home though it may not be safe, where the state runs the site. Once a month by turns.

    They come back to fear, and to quarrels over houses and land that others have taken.
    """
    p = world.parameters[0]
    t = world.sites
    if (world.clock[0].week + s) % MONTH != 0 or p.push_rate <= 0.0:
        return
    if t[s].under_un == 1 or t[s].persons == 0:
        return
    u = chance.uniform(world.keys[0], chance.PUSH, s, 0)
    pushed = chance.binomial(u, t[s].persons, clip(MONTH * p.push_rate, 0.0, 1.0))
    pushed = leave_site(world, s, pushed, HOME, chance.PUSH, s, 1)
    if pushed > 0:
        d = t[s].district
        world.districts[d].sent_home += pushed
        note(
            world.events, world.clock, events.SENT_HOME, d, s, -1, -1,
            float(pushed), float(t[s].persons), 0.0, 0.0, 0.0,
        )  # fmt: skip


@compiled
def shelter(world: World, s: int) -> None:
    """Let people of its district move in while it seems safer than the surroundings, or out if not.

    Those who went home this week or died elsewhere leave it first, so that it never holds more
    people than its district hosts.
    """
    p = world.parameters[0]
    t = world.sites
    d = t[s].district
    key = world.keys[0]
    places = world.districts
    went = places[d].went_home
    out = 0
    if went > 0 and t[s].persons > 0:
        part = t[s].persons / (places[d].hosted + went)
        out = min(t[s].persons, chance.whole(chance.uniform(key, chance.SHELTER, s, 0), went * part))
        t[s].persons -= out
        places[d].in_sites -= out
    out = min(t[s].persons, max(0, places[d].in_sites - places[d].hosted))
    t[s].persons -= out
    places[d].in_sites -= out

    unguarded = places[d].haven * exp(-p.refuge_danger * t[s].alarm)
    inside = t[s].guarded + (1.0 - t[s].guarded) * unguarded
    better = clip(inside + p.site_pull - places[d].haven, -1.0, 1.0)
    u = chance.uniform(key, chance.SHELTER, s, 1)
    if better > 0.0:
        room = max(0, t[s].capacity - t[s].persons)
        outside = max(0, places[d].hosted - places[d].in_sites)
        moved = min(room, chance.binomial(u, outside, p.shelter_rate * better))
    else:
        moved = -chance.binomial(u, t[s].persons, -p.shelter_rate * better)
    t[s].persons += moved
    places[d].in_sites += moved


@compiled
def militarise(world: World, s: int) -> None:
    """Let armed groups of the district settle in it and recruit, as far as nobody guards it."""
    p = world.parameters[0]
    t = world.sites
    d = t[s].district
    present = 1.0 - exp(-world.districts[d].group_strength / p.militarise_fighters)
    if t[s].persons == 0:
        present = 0.0
    settle = p.militarise_rate * present * (1.0 - t[s].guarded) * (1.0 - t[s].militarised)
    t[s].militarised += settle - p.demilitarise_rate * t[s].guarded * t[s].militarised
    if (world.clock[0].week + s) % MONTH != 0 or world.districts[d].group_strength <= 0.0:
        return
    groups = world.armed_groups
    g = world.districts[d].first_group
    while g >= 0:
        if groups[g].district == d and groups[g].fighters > 0 and t[s].persons > 0:
            mean = MONTH * p.camp_recruits * t[s].militarised * t[s].persons / 10000.0
            mean *= min(1.0, groups[g].fighters / world.districts[d].group_strength)
            u = chance.uniform(world.keys[0], chance.CAMP_RECRUIT, s, g)
            draw = 1000 * (g + 1)
            joined = leave_site(world, s, chance.poisson(u, mean), RECRUITED, chance.CAMP_RECRUIT, s, draw)
            groups[g].fighters += joined
            world.ledger[0].recruited += joined
        g = groups[g].next_group
