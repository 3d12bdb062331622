"""Crime: killings, robberies, kidnappings and sexual violence by people who belong to no armed group.

Criminals weigh the chance that police deal with them; soldiers are worth little here. Former fighters
without work or programme raise the level. How much crime there is at the start comes with a case
(`crime` in districts.csv), so the rule says only how it moves: with policing, and with idle former
fighters.

Sources: police, not troops, lower criminal and post-war violence (E2a: Hultman et al. 2013; Di
Salvatore 2019), police who stay (E1-8); forms and sizes are this model's own.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.chance import Crime
from sim.compiled import compiled, inlined
from sim.declare import Mechanism, Parameter
from sim.world.codes import Perpetrator
from sim.world.harm import report_each
from sim.world.people import kill
from sim.world.state import WEEKS_A_YEAR, World

PART = "crime"

# fmt: off
PARAMETERS = (
    Parameter("arrest", 0.6, "1", 0.1, 0.9,
              "share of crime that police prevent where they deal with every crime",
              "no source"),
    Parameter("crime_of_idle", 0.02, "1/(persons/1,000 people)", 0.0, 0.1,
              "how much one former fighter in a thousand people, without work or programme, raises crime",
              "direction: Blattman & Annan 2016, Daly et al. 2020 (E2e); size not in any source"),
    Parameter("crime_urban", 2.0, "1", 1.0, 4.0,
              "crime in towns relative to the countryside, a head",
              "no source"),
    Parameter("crime_injured", 4.0, "persons", 1.0, 15.0,
              "people injured in robberies and assaults per person killed by criminals",
              "no source"),
    Parameter("crime_abducted", 0.1, "persons", 0.0, 1.0,
              "people kidnapped per person killed by criminals",
              "no source"),
    Parameter("crime_sexual_violence", 1.0, "persons", 0.1, 5.0,
              "survivors of sexual violence by criminals per person killed by them, without what is never "
              "told to anybody",
              "no source"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "policing", "crime",
        "police prevent crime",
        "E1-8, E2a", {"arrest": 0.0},
    ),
    Mechanism(
        "crime-of-ex-combatants", "crime",
        "former fighters without work or programme raise crime",
        "E2e", {"crime_of_idle": 0.0},
    ),
)
# fmt: on


@compiled
def crime_level(arrest: float, police_presence: float, of_idle: float, idle_per_1000: float) -> float:
    """Return crime relative to a place without police and without idle former fighters (0 and above)."""
    return (1.0 - arrest * police_presence) * (1.0 + of_idle * idle_per_1000)


@inlined
def exposure(community: np.record, p: np.record) -> float:
    """Return how much of a district's crime falls on a community: its residents, more so in towns."""
    return community.residents * (1.0 + (p.crime_urban - 1.0) * community.urban)


@compiled
def commit_crimes(world: World, d: int) -> None:
    """Let criminals harm the people of district `d`, as far as police do not prevent it."""
    here = world.districts[d]
    if here.crime <= 0.0 or here.residents <= 0:
        return
    p = world.parameters[0]
    idle = 0.0
    exposed = 0.0
    for c in range(here.first_community, here.end_community):
        community = world.communities[c]
        idle += community.ex_combatants * (1.0 - world.programme[0].served)
        exposed += exposure(community, p)
    if exposed <= 0.0:  # all have fled since the week began
        return
    level = crime_level(p.arrest, here.police_presence, p.crime_of_idle, 1000.0 * idle / here.residents)
    if world.clock[0].week == -world.clock[0].before:
        here.lawless = here.crime / level
    people = here.residents + here.hosted
    deaths = here.lawless * level * people / 100000.0 / WEEKS_A_YEAR
    key = world.keys[0]
    for c in range(here.first_community, here.end_community):
        mean = deaths * (exposure(world.communities[c], p) / exposed)
        wanted = chance.poisson(chance.uniform(key, chance.CRIME, c, Crime.DEATHS), mean)
        killed = kill(world, c, wanted, chance.CRIME, c, Crime.VICTIMS)
        injured = chance.poisson(chance.uniform(key, chance.CRIME, c, Crime.INJURED), mean * p.crime_injured)
        abducted = chance.poisson(
            chance.uniform(key, chance.CRIME, c, Crime.ABDUCTED), mean * p.crime_abducted
        )
        assaulted = chance.poisson(
            chance.uniform(key, chance.CRIME, c, Crime.ASSAULTED), mean * p.crime_sexual_violence
        )
        if killed + injured + abducted + assaulted > 0:
            victims = (killed, injured, abducted, assaulted)
            report_each(world, d, c, Perpetrator.CRIMINALS, victims, c)
