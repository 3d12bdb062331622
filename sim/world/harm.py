"""Harm to civilians, as it happens and as it comes to be recorded.

Recorded harm is a thinned, delayed view of true harm (evidence 3, observation). Whether an incident
is recorded at all depends on who is there to see it: UN patrols and the alert that reached a base,
humanitarian and rights monitors, and telephones and media, better in towns. When a mission leaves
it takes its part of the record with it; nothing here lets true harm depend on being seen.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.arithmetic import clip
from sim.chance import Observe
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Mechanism, Parameter
from sim.world.codes import HARMS, PERPETRATORS, Perpetrator
from sim.world.district import incident_rate
from sim.world.state import (
    ARMED_GROUPS,
    KILLED,
    LONGEST_REPORT_DELAY,
    MILITIAS,
    SEXUAL_VIOLENCE,
    STATE_FORCES,
    World,
)

PART = "harm and its record"

# fmt: off
PARAMETERS = (
    Parameter("record_media", 0.35, "1", 0.1, 0.6,
              "chance that an incident that kills one person in the countryside is recorded by media or "
              "phone",
              "no source for the size; reporting rises with telephone coverage (E2g, Weidmann 2016)",
              "abstract"),
    Parameter("record_urban", 0.3, "1", 0.0, 0.5,
              "what living in a town adds to that chance",
              "direction: Weidmann 2016 (E2g); size not read", "abstract"),
    Parameter("record_un", 0.5, "1", 0.2, 0.9,
              "chance that the mission records an incident where its patrols are everywhere to be seen",
              "direction S3 (E1-11); size not in any source"),
    Parameter("record_alert", 0.6, "1", 0.2, 0.9,
              "chance that an incident of which a base was alerted is recorded",
              "no source"),
    Parameter("women_record", 0.2, "1", 0.0, 0.6,
              "part of the remaining chance of being missed that women in all patrols remove for sexual "
              "violence, where patrols are everywhere to be seen",
              "direction: S1 (E1-56); size not in any source"),
    Parameter("record_large", 0.35, "1", 0.0, 0.7,
              "part of the remaining chance of being missed that each tenfold of deaths removes",
              "no source; large massacres become known"),
    Parameter("record_share", 0.85, "1", 0.5, 1.0,
              "share of the victims of a recorded incident who are counted",
              "no source; a mission tended 'to under-report unless absolutely certain' (E2g)"),
    Parameter("record_delay", 3.0, "weeks", 1.0, 12.0,
              "mean time from an incident to its entry in the record",
              "no source"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "record-by-mission", "the record of harm",
        "the mission sees and records harm",
        "E1-11", {"record_un": 0.0, "record_alert": 0.0},
        "mission and state act on the record",
    ),
    Mechanism(
        "record-by-media", "the record of harm",
        "media and telephones report harm",
        "E2g", {"record_media": 0.0, "record_urban": 0.0, "record_large": 0.0},
    ),
)
# fmt: on


@compiled
def record_chance(here: np.record, urban: float, alerted: bool, killed: int, p: np.record) -> float:
    """Return the chance (0-1) that an incident in a district enters the record at all.

    `urban`: share of the community's people in towns (0-1); `alerted`: whether a base heard of it.
    """
    missed = 1.0 - clip(p.record_media + p.record_urban * urban, 0.0, 1.0)
    missed *= 1.0 - p.record_un * here.un_presence
    missed *= 1.0 - here.monitors
    if alerted:
        missed *= 1.0 - p.record_alert
    n = killed
    while n >= 10:
        missed *= 1.0 - p.record_large
        n //= 10
    return 1.0 - missed


@compiled
def told_to_women(here: np.record, seen: float, p: np.record) -> float:
    """Return the chance that sexual violence is recorded, if `seen` is that of the incident.

    Survivors tell women of a patrol what they tell nobody else.
    """
    if here.un_women <= 0.0:
        return seen
    share = here.un_women / here.un_patrols
    heard = p.women_record * share * here.un_presence
    return 1.0 - (1.0 - seen) * (1.0 - heard)


@inlined
def due(week: int, delay: float) -> int:
    """Return the place in `World.pending` of a report that takes `delay` weeks from `week` on."""
    return (week + min(int(delay), LONGEST_REPORT_DELAY)) % (LONGEST_REPORT_DELAY + 1)


@compiled
def report(world: World, d: int, c: int, perpetrator: int, victims: tuple[int, ...], agent: int) -> None:
    """Count an incident's `victims` (a number for each `Harm`) as true harm, and maybe as recorded.

    `agent` is a number unique to the incident within its week and perpetrator.
    """
    p = world.parameters[0]
    here = world.districts[d]
    community = world.communities[c]
    for kind in range(HARMS):
        world.harm[d, perpetrator, kind] += victims[kind]
    key = world.keys[0]
    incident = agent * PERPETRATORS + perpetrator
    killed, _, _, assaulted = victims
    alerted = community.heard_un == 1 and perpetrator == Perpetrator.ARMED_GROUPS
    seen = record_chance(here, community.urban, alerted, killed, p)
    u_seen = chance.uniform(key, chance.OBSERVE, incident, Observe.SEEN)
    first = 0
    if u_seen >= seen:
        if assaulted == 0 or u_seen >= told_to_women(here, seen, p):
            return
        first = SEXUAL_VIOLENCE  # nothing but this is recorded of it
    delay = chance.exponential(chance.uniform(key, chance.OBSERVE, incident, Observe.DELAY), p.record_delay)
    slot = due(world.clock[0].week, delay)
    for kind in range(first, HARMS):
        u = chance.uniform(key, chance.OBSERVE, incident, Observe.COUNT + kind)
        world.pending[d, slot, perpetrator, kind] += chance.binomial(u, victims[kind], p.record_share)


@compiled
def report_each(world: World, d: int, c: int, perpetrator: int, victims: tuple[int, ...], agent: int) -> None:
    """Count the victims of many small incidents in a week, each with its own chance to be recorded.

    As `report`, for incidents with one victim each; all reports of the week share one delay.
    """
    p = world.parameters[0]
    here = world.districts[d]
    key = world.keys[0]
    incident = agent * PERPETRATORS + perpetrator
    seen = record_chance(here, world.communities[c].urban, False, 1, p)
    delay = chance.exponential(chance.uniform(key, chance.OBSERVE, incident, Observe.DELAY), p.record_delay)
    slot = due(world.clock[0].week, delay)
    for kind in range(HARMS):
        world.harm[d, perpetrator, kind] += victims[kind]
        u = chance.uniform(key, chance.OBSERVE, incident, Observe.COUNT + kind)
        known = told_to_women(here, seen, p) if kind == SEXUAL_VIOLENCE else seen
        world.pending[d, slot, perpetrator, kind] += chance.binomial(u, victims[kind], known * p.record_share)


@behaviour
def publish(world: World, d: int) -> None:
    """Enter into the record of district `d` the reports that are due this week.

    Mission and state read the record: a killing by an armed group or a communal militia becomes known
    to both.
    """
    slot = due(world.clock[0].week, 0.0)
    for perpetrator in range(PERPETRATORS):
        for kind in range(HARMS):
            world.recorded[d, perpetrator, kind] = world.pending[d, slot, perpetrator, kind]
            world.pending[d, slot, perpetrator, kind] = 0
    p = world.parameters[0]
    here = world.districts[d]
    abused = 0
    for kind in range(HARMS):
        abused += world.recorded[d, STATE_FORCES, kind]
    if abused > 0:
        here.known_abuse += incident_rate(p)
    if world.recorded[d, ARMED_GROUPS, KILLED] + world.recorded[d, MILITIAS, KILLED] > 0:
        here.known_to_mission += incident_rate(p)
        here.known_to_state += incident_rate(p)
