"""Abuse of civilians by state forces: more when unpaid and unwatched, less when disciplined.

Sources: oversight and due diligence, S3 (E1-45); arrears, S3 (E1-21); UN units avoid confronting
government forces, Phayal & Prins 2020 (E2a); units of one army differ by who commands them, Hoover Green 2018
(from memory). The form is this model's own (evidence 3: "functional form
[M]/mine").
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.arithmetic import exp
from sim.chance import Accompany, Command, Prey
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Mechanism, Parameter
from sim.world import events
from sim.world.codes import Perpetrator
from sim.world.events import note
from sim.world.harm import report
from sim.world.people import kill
from sim.world.state import World

ABUSE_UNIT = 500.0
"""Personnel of the unit that `abuse_rate` is told of."""

PART = "abuse by state forces"

# fmt: off
PARAMETERS = (
    Parameter("abuse_rate", 0.2, "incidents/week", 0.05, 0.6,
              "incidents of violence by an undisciplined, paid unit of 500 whom nobody watches",
              "set so that the state's part in recorded violations has the recorded order (E2g: 61 % in "
              "2018)", "computed"),
    Parameter("abuse_arrears", 0.06, "1/week", 0.0, 0.2,
              "growth of that rate per week of arrears",
              "direction S3 (E1-21); size not in any source"),
    Parameter("oversight", 0.3, "1", 0.0, 0.6,
              "share of abuse that full oversight (UN patrols and monitors who see and report) prevents",
              "direction S3 (E1-45); small, as troops do little about state violence (E2a)", "abstract"),
    Parameter("accountability", 0.2, "1", 0.0, 0.5,
              "share of abuse that complaints of well-organised communities prevent",
              "direction S3 (E1-48: civil society holds the state to account); size not in any source"),
    Parameter("abuse_deaths", 0.8, "persons", 0.15, 2.2,
              "mean number killed in an incident of violence by a unit without any discipline (geometric); "
              "in proportion to what it lacks",
              "no source"),
    Parameter("abuse_injured", 1.2, "persons", 0.3, 4.0,
              "mean number injured in such an incident",
              "no source"),
    Parameter("abuse_detained", 2.0, "persons", 0.4, 6.0,
              "mean number unlawfully detained or abducted in such an incident",
              "no source"),
    Parameter("abuse_sexual_violence", 0.35, "persons", 0.05, 1.5,
              "mean number of survivors of sexual violence in such an incident",
              "no source"),
    Parameter("command_spread", 1.1, "1", 0.0, 1.5,
              "standard deviation of the logarithm of what commanders let pass, whose mean is 1",
              "direction: Hoover Green 2018 (from memory); size not in any source", "memory"),
    Parameter("command_weeks", 78.0, "weeks", 26.0, 260.0,
              "mean time for which a unit keeps its commander",
              "no source"),
    Parameter("abuse_trust_loss", 0.15, "1", 0.05, 0.4,
              "share of its trust in the state that a community loses with such an incident",
              "no source"),
    Parameter("abuse_grievance", 0.1, "1", 0.02, 0.3,
              "step of grievance towards 1 with such an incident",
              "no source"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "oversight", "the mission",
        "patrols and monitors who see and report prevent abuse by state forces",
        "E1-45", {"oversight": 0.0},
    ),
    Mechanism(
        "state-abuse", "state forces",
        "state forces prey on civilians",
        "E1-21", {"abuse_rate": 0.0},
    ),
    Mechanism(
        "commanders", "state forces",
        "units of one army differ by what their commanders let pass, and commanders change",
        "Hoover Green 2018", {"command_spread": 0.0},
    ),
    Mechanism(
        "accountability", "state forces",
        "well-organised communities hold state forces to account",
        "E1-48", {"accountability": 0.0},
    ),
)
# fmt: on


@inlined
def watched(here: np.record, alignment: float) -> float:
    """Return how well (0-1) state forces in a district are watched: by UN patrols or by monitors.

    A mission that has tied itself to the government (`alignment`) restrains it less (E1-77).
    """
    un = here.un_presence * (1.0 - alignment)
    return 1.0 - (1.0 - un) * (1.0 - here.monitors)


@compiled
def licence(u: float, p: np.record) -> float:
    """Return what a commander lets pass, from a uniform `u`: lognormal, of mean 1."""
    spread = p.command_spread
    return exp(spread * chance.normal(u) - 0.5 * spread * spread)


@behaviour
def change_command(world: World, s: int) -> None:
    """Give a unit another commander, now and then: the same under every schedule."""
    p = world.parameters[0]
    key = world.keys[0]
    if chance.uniform(key, chance.COMMAND, s, Command.CHANGES) < 1.0 / p.command_weeks:
        world.state_forces[s].licence = licence(chance.uniform(key, chance.COMMAND, s, Command.WHO), p)


@inlined
def unruly(unit: np.record) -> float:
    """Return what control of a unit leaves out, and its commander lets pass: what it lacks of discipline."""
    return (1.0 - unit.discipline) * unit.licence


@compiled
def abuse_chance(unit: np.record, here: np.record, host: np.record, p: np.record) -> float:
    """Return the chance (0-1) that a unit commits an incident of violence against civilians."""
    rate = (
        p.abuse_rate
        * (unit.personnel / ABUSE_UNIT)
        * unruly(unit)
        * (1.0 + p.abuse_arrears * unit.arrears)
        * (1.0 - p.oversight * watched(here, host.alignment))
        * (1.0 - p.accountability * here.organisation)
        * (1.0 + p.vote_abuse * host.vote)
    )
    return min(1.0, rate)


@compiled
def resent(community: np.record, killed: int, p: np.record) -> None:
    """Let a community that was abused take fright, trust the state less, and bear it a grievance."""
    community.shock += p.shock_abuse + p.shock_death * killed
    community.trust_state *= 1.0 - p.abuse_trust_loss
    community.grievance += p.abuse_grievance * (1.0 - community.grievance)


@behaviour
def prey(world: World, s: int) -> None:
    """Abuse civilians, or not; a unit that is on the road does not."""
    unit = world.state_forces[s]
    if unit.personnel <= 0 or unit.destination >= 0 or unit.present == 0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    d = unit.district
    here = world.districts[d]
    if chance.uniform(key, chance.PREY, s, Prey.HAPPENS) >= abuse_chance(unit, here, world.host[0], p):
        return
    first = here.first_community
    c = first + int(chance.uniform(key, chance.PREY, s, Prey.COMMUNITY) * (here.end_community - first))
    community = world.communities[c]
    averted = p.team_restraint * community.accompanied
    if averted > 0.0 and chance.uniform(key, chance.ACCOMPANY, s, Accompany.ABUSE) < averted:
        return
    # who is not controlled does violence more often, and worse
    mean = p.abuse_deaths * (1.0 - unit.discipline)
    deaths = chance.geometric(chance.uniform(key, chance.PREY, s, Prey.DEATHS), mean)
    killed = kill(world, c, deaths, chance.PREY, s, Prey.VICTIMS)
    injured = chance.poisson(chance.uniform(key, chance.PREY, s, Prey.INJURED), p.abuse_injured)
    detained = chance.poisson(chance.uniform(key, chance.PREY, s, Prey.DETAINED), p.abuse_detained)
    assaulted = chance.poisson(chance.uniform(key, chance.PREY, s, Prey.ASSAULTED), p.abuse_sexual_violence)
    report(world, d, c, Perpetrator.STATE_FORCES, (killed, injured, detained, assaulted), s)
    resent(community, killed, p)
    here.abuses += 1
    if len(world.events) > 0:
        note(
            world.events, world.clock, events.ABUSE, d, s, c, -1,
            float(killed), float(injured), unit.arrears, watched(here, world.host[0].alignment), 0.0,
        )  # fmt: skip
