"""Crime: killings, robberies, kidnappings and sexual violence by people who belong to no armed group.

Criminals weigh the chance that police deal with them; soldiers are worth little here. Former fighters
without work or programme raise the level. How much crime there is at the start comes with a case
(`crime` in districts.csv), so the rule says only how it moves: with policing, and with idle former
fighters.

Sources: police, not troops, lower criminal and post-war violence (E2a: Hultman et al. 2013; Di
Salvatore 2019), police who stay (E1-8); forms and sizes are this model's own.
"""

from __future__ import annotations

from sim import chance
from sim.compiled import compiled
from sim.declare import Mechanism, Parameter
from sim.world.harm import report_each
from sim.world.people import kill
from sim.world.state import CRIMINALS, World

WEEKS_A_YEAR = 52.18

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


@compiled
def commit_crimes(world: World, d: int) -> None:
    """Let criminals harm the people of district `d`, as far as police do not prevent it."""
    t = world.districts
    if t[d].crime <= 0.0 or t[d].residents <= 0:
        return
    p = world.parameters[0]
    community = world.communities
    idle = 0.0
    weight = 0.0
    for c in range(t[d].first_community, t[d].end_community):
        idle += community[c].ex_combatants * (1.0 - world.programme[0].served)
        weight += community[c].residents * (1.0 + (p.crime_urban - 1.0) * community[c].urban)
    level = crime_level(p.arrest, t[d].police_presence, p.crime_of_idle, 1000.0 * idle / t[d].residents)
    if world.clock[0].week == 0:
        t[d].lawless = t[d].crime / level
    people = t[d].residents + t[d].hosted
    deaths = t[d].lawless * level * people / 100000.0 / WEEKS_A_YEAR
    key = world.keys[0]
    for c in range(t[d].first_community, t[d].end_community):
        share = community[c].residents * (1.0 + (p.crime_urban - 1.0) * community[c].urban) / weight
        mean = deaths * share
        wanted = chance.poisson(chance.uniform(key, chance.CRIME, c, 0), mean)
        killed = kill(world, c, wanted, chance.CRIME, c, 16)
        injured = chance.poisson(chance.uniform(key, chance.CRIME, c, 1), mean * p.crime_injured)
        abducted = chance.poisson(chance.uniform(key, chance.CRIME, c, 2), mean * p.crime_abducted)
        assaulted = chance.poisson(chance.uniform(key, chance.CRIME, c, 3), mean * p.crime_sexual_violence)
        if killed + injured + abducted + assaulted > 0:
            report_each(world, d, c, CRIMINALS, (killed, injured, abducted, assaulted), c)
