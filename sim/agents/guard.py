"""Guards of camps and protection sites: whose troops and police stand there, and whether they act.

Peacekeepers guard the perimeter of a protection site, which ties them down; once their base has closed,
its security is what state police and gendarmerie make of it.

Sources: sites handed over become camps that depend on state forces (E1-30), they tie down troops (E1-31).
No sizes were found for any of it.
"""

from __future__ import annotations

from sim import chance
from sim.agents.peacekeeper import readiness
from sim.agents.state_force import leniency
from sim.arithmetic import exp
from sim.chance import Guard
from sim.compiled import compiled
from sim.declare import Mechanism, Parameter
from sim.world import events
from sim.world.alert import answer_alert
from sim.world.codes import Answer, Force, UnitKind
from sim.world.district import incident_rate
from sim.world.events import note
from sim.world.state import World

PART = "guards of camps"

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
    site = world.sites[s]
    site.guards = 0
    site.guard_unit = -1
    left = site.wanted if site.persons > 0 else 0
    armed = 0
    for u in range(len(world.peacekeepers)):
        unit = world.peacekeepers[u]
        if unit["base"] != site.guarded_from or unit.present == 0 or unit.strength == 0:
            continue
        if unit.kind >= UnitKind.OBSERVERS:
            continue
        armed = 1
        taken = min(left, unit.strength - unit.guarding)
        if taken > 0:
            unit.guarding += taken
            site.guards += taken
            left -= taken
            if site.guard_unit < 0:
                site.guard_unit = u
    if armed == 0 and site.under_un == 1:
        note(
            world.events, world.clock, events.SITE_HANDED_OVER, site.district, s, -1, -1,
            float(site.persons), site.by_un, site.militarised, 0.0, 0.0,
        )  # fmt: skip
    site.under_un = armed


@compiled
def secure(world: World, s: int) -> None:
    """Add up who guards its perimeter this week: peacekeepers, and state police as far as they work."""
    p = world.parameters[0]
    site = world.sites[s]
    here = world.districts[site.district]
    police = 0.0
    site.state_unit = -1
    u = here.first_unit
    while u >= 0:
        unit = world.state_forces[u]
        if unit.force != Force.ARMY:
            police += unit.personnel * unit.capability * unit.effort * unit.discipline
            if site.state_unit < 0:
                site.state_unit = u
        u = unit.next_unit
    # police are shared out among the sites of a district by people
    site.by_un = guarded_share(site.guards, site.persons, p.guards_per_1000)
    site.by_state = guarded_share(p.state_guard_share * police, here.in_sites, p.guards_per_1000)
    site.guarded = 1.0 - (1.0 - site.by_un) * (1.0 - site.by_state)
    site.recent_attacks *= 1.0 - incident_rate(p)


@compiled
def answer(world: World, s: int) -> None:
    """Let its guards answer attacks on it: they need no alert and no road."""
    a = world.communities[world.sites[s].community].first_attack
    while a >= 0:
        if world.attacks[a].site == s:
            answer_one(world, s, a)
        a = world.attacks[a].next_here


@compiled
def answer_one(world: World, s: int, a: int) -> None:
    """Let the guards of site `s` answer attack `a` on it, or not."""
    p = world.parameters[0]
    key = world.keys[0]
    site = world.sites[s]
    one = world.attacks[a]
    group = world.armed_groups[one.group]
    community = world.communities[one.community]
    here = world.districts[site.district]
    by_un = 0.0
    if site.guard_unit >= 0:
        unit = world.peacekeepers[site.guard_unit]
        by_un = readiness(unit, world.host[0].consent, p) * site.by_un
    will = world.state_forces[site.state_unit].will if site.state_unit >= 0 else 0.0
    by_state = p.state_act_chance * site.by_state * leniency(group.standing, will, p)
    first = 4 * one.number
    un = chance.uniform(key, chance.GUARD, s, first + Guard.UN_ACTS) < by_un
    state = chance.uniform(key, chance.GUARD, s, first + Guard.STATE_ACTS) < by_state
    if not (un or state):
        return
    one.alerted = 1  # as the group sees it: its act was noticed
    if un:
        if one.heard_un == 0:
            one.heard_un = 1
            community.heard_un = 1
            here.known_to_mission += incident_rate(p)
        u = chance.uniform(key, chance.GUARD, s, first + Guard.UN_COMES)
        answer_alert(world, a, chance.exponential(u, p.guard_delay), Answer.UN, site.guard_unit)
    if state:
        if one.heard_state == 0:
            one.heard_state = 1
            community.heard_state = 1
            here.known_to_state += incident_rate(p)
        u = chance.uniform(key, chance.GUARD, s, first + Guard.STATE_COMES)
        answer_alert(world, a, chance.exponential(u, p.guard_delay), Answer.STATE, site.state_unit)
