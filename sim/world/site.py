"""Camps and protection sites: places in a district where displaced people live close together.

A site draws people while it seems safer than its surroundings, can be attacked and recruited in, and the
way out for firewood is dangerous where no police is. A site decides nothing: its people are a part of the
displaced whom its district hosts, and what happens in it follows from who is there. Who guards it stands
in `sim.agents.guard`.

Sources: camps militarise and are political pawns (E1-32), involuntary return brings fear and quarrels
over property (E1-33), returns as a measure of success push people back (E1-75), sexual violence rose
where police left the surroundings of camps (E1-9). No sizes were found for any of it.
"""

from __future__ import annotations

import math

import numpy as np

from sim import chance
from sim.arithmetic import clip, exp
from sim.chance import CampRecruit, Push, Shelter
from sim.compiled import compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.codes import Perpetrator, SiteKind, legend, words
from sim.world.events import note
from sim.world.harm import report_each
from sim.world.people import HOME, RECRUITED, leave_site
from sim.world.state import MONTH, World

OF_SITES = 1 << 20
"""Added to the row of a site where harm needs a number of its own among those of districts and groups."""

TABLE = Table(
    "sites",
    "Camps and protection sites: who lives there, who guards them, and how far armed men are among them.",
    (
        Field("district", "i8", "row", "where it is"),
        Field("community", "i8", "row", "community it lies at, whose alerts are also its own"),
        Field("kind", "i8", "-", legend(SiteKind) + " at a UN base", column="kind", codes=words(SiteKind)),
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
        Field("recent_attacks", "f8", "attacks/week", "attacks on it of late (decaying)"),
        Field("militarised", "f8", "0-1", "how far armed groups are at home in it"),
    ),
)

PART = "camps and protection sites"

# fmt: off
PARAMETERS = (
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


@inlined
def draws_attack(site: np.record, p: np.record) -> float:
    """Return how much a site draws an attack: its people (root), armed men among them, and lack of guards."""
    draw = p.site_target * (1.0 + p.militarised_target * site.militarised)
    return draw * math.sqrt(site.persons) * (1.0 - site.guarded)


@inlined
def target_weight(world: World, d: int, s: int) -> float:
    """Return how much site `s` draws an attack in district `d`: not if it is elsewhere."""
    site = world.sites[s]
    return draws_attack(site, world.parameters[0]) if site.district == d else 0.0


@compiled
def targets(world: World, d: int) -> float:
    """Return how much the sites of district `d` draw an attack, together."""
    total = 0.0
    for s in range(len(world.sites)):
        total += target_weight(world, d, s)
    return total


@compiled
def choose(world: World, d: int, x: float) -> int:
    """Return the site of district `d` that `x` (0 to `targets`) falls on, -1 if there is none."""
    n = 0
    for s in range(len(world.sites)):
        weight = target_weight(world, d, s)
        if weight > 0.0:
            n = chance.offer(world.candidates, n, s, weight)
    return chance.pick(world.candidates, n, x)


@compiled
def assault_rate(site: np.record, here: np.record, p: np.record) -> float:
    """Return how many of a site's people suffer sexual violence on the way for firewood and water in a week.

    More where armed groups hold the ground, less where police are to be seen.
    """
    armed = p.forage_crime + (1.0 - p.forage_crime) * clip(here.group_control, 0.0, 1.0)
    rate = p.forage_rate * armed * (1.0 - p.forage_police * here.police_presence)
    return rate * site.persons / 10000.0


@compiled
def forage(world: World, s: int) -> None:
    """Suffer sexual violence on the way for firewood and water, where police are not to be seen.

    Whoever did it is counted as criminals: survivors can rarely tell, and neither can the model.
    """
    p = world.parameters[0]
    site = world.sites[s]
    if site.persons == 0 or p.forage_rate <= 0.0:
        return
    d = site.district
    here = world.districts[d]
    u = chance.uniform(world.keys[0], chance.FORAGE, s, chance.ONLY)
    assaulted = chance.poisson(u, assault_rate(site, here, p))
    if assaulted > 0:
        victims = (0, 0, 0, assaulted)
        report_each(world, d, site.community, Perpetrator.CRIMINALS, victims, OF_SITES + s)
        here.assaulted_at_sites += assaulted


@compiled
def push_home(world: World, s: int) -> None:
    """Send people home though it may not be safe, as far as the mission does not guard the site.

    Once a month by turns.

    They come back to fear, and to quarrels over houses and land that others have taken.
    """
    p = world.parameters[0]
    site = world.sites[s]
    if (world.clock[0].week + s) % MONTH != 0 or p.push_rate <= 0.0:
        return
    if site.persons == 0:
        return
    u = chance.uniform(world.keys[0], chance.PUSH, s, Push.LEAVE)
    pushed = chance.binomial(u, site.persons, clip(MONTH * p.push_rate * (1.0 - site.by_un), 0.0, 1.0))
    pushed = leave_site(world, s, pushed, HOME, chance.PUSH, s, Push.HOMES)
    if pushed > 0:
        world.districts[site.district].sent_home += pushed
        note(
            world.events, world.clock, events.SENT_HOME, site.district, s, -1, -1,
            float(pushed), float(site.persons), 0.0, 0.0, 0.0,
        )  # fmt: skip


@compiled
def shelter(world: World, s: int) -> None:
    """Let people of its district move in while it seems safer than the surroundings, or out if not.

    Those who went home this week or died elsewhere leave it first, so that it never holds more
    people than its district hosts.
    """
    p = world.parameters[0]
    site = world.sites[s]
    here = world.districts[site.district]
    key = world.keys[0]
    if here.went_home > 0 and site.persons > 0:
        part = site.persons / (here.hosted + here.went_home)
        gone = chance.whole(chance.uniform(key, chance.SHELTER, s, Shelter.WENT_HOME), here.went_home * part)
        admit(site, here, -min(site.persons, gone))
    admit(site, here, -min(site.persons, max(0, here.in_sites - here.hosted)))

    better = safer_inside(site, here, p)
    u = chance.uniform(key, chance.SHELTER, s, Shelter.MOVE)
    if better > 0.0:
        room = max(0, site.capacity - site.persons)
        outside = max(0, here.hosted - here.in_sites)
        admit(site, here, min(room, chance.binomial(u, outside, p.shelter_rate * better)))
    else:
        admit(site, here, -chance.binomial(u, site.persons, -p.shelter_rate * better))


@inlined
def admit(site: np.record, here: np.record, n: int) -> None:
    """Let `n` of the displaced whom district `here` hosts move into a site (out of it if negative)."""
    site.persons += n
    here.in_sites += n


@compiled
def safer_inside(site: np.record, here: np.record, p: np.record) -> float:
    """Return how much safer (-1 to 1) a site seems than its surroundings, with the food and shelter there."""
    unguarded = here.refuge_safety * exp(-p.refuge_danger * site.recent_attacks)
    inside = site.guarded + (1.0 - site.guarded) * unguarded
    return clip(inside + p.site_pull - here.refuge_safety, -1.0, 1.0)


@compiled
def militarise(world: World, s: int) -> None:
    """Let armed groups of the district settle in it, as far as nobody guards it, and recruit once a month."""
    site = world.sites[s]
    here = world.districts[site.district]
    infiltrate(site, here.group_strength, world.parameters[0])
    if (world.clock[0].week + s) % MONTH == 0 and here.group_strength > 0.0:
        recruit(world, s)


@compiled
def infiltrate(site: np.record, fighters: float, p: np.record) -> None:
    """Let `fighters` in the district settle in a site that nobody guards; guards push them out."""
    present = 1.0 - exp(-fighters / p.militarise_fighters)
    if site.persons == 0:
        present = 0.0
    settle = p.militarise_rate * present * (1.0 - site.guarded) * (1.0 - site.militarised)
    site.militarised += settle - p.demilitarise_rate * site.guarded * site.militarised


@compiled
def recruit(world: World, s: int) -> None:
    """Let the groups of its district take in people of a site, as far as it is militarised: a month's."""
    p = world.parameters[0]
    site = world.sites[s]
    here = world.districts[site.district]
    g = here.first_group
    while g >= 0:
        group = world.armed_groups[g]
        if group.district == site.district and group.fighters > 0 and site.persons > 0:
            mean = MONTH * p.camp_recruits * site.militarised * site.persons / 10000.0
            mean *= min(1.0, group.fighters / here.group_strength)
            u = chance.uniform(world.keys[0], chance.CAMP_RECRUIT, s, g)
            wanted = chance.poisson(u, mean)
            joined = leave_site(
                world, s, wanted, RECRUITED, chance.CAMP_RECRUIT, s, CampRecruit.HOMES * (g + 1)
            )
            group.fighters += joined
            world.ledger[0].recruited += joined
        g = group.next_group
