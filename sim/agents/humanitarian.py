"""Humanitarian actors: they deliver, suspend after attacks, and report what they see.

Relief agencies bring aid to people in need as far as access allows; protection monitors bring none,
but see and report more. Both suspend work after an attack and come back later.

Sources: access as a matter of risk, escort and acceptance, and suspension after attack (evidence 3,
HUM; Hoelscher et al. 2017); incidents follow exposure (E2g); aid diverted supplies armed groups,
S1 (E1-53); reports fall away with those who make them, S3 (E1-11, E1-12).
"""

from __future__ import annotations

from sim import chance
from sim.agents.base import DistrictAgent
from sim.arithmetic import exp
from sim.compiled import behaviour, inlined
from sim.declare import Field, Parameter, Table
from sim.world import events
from sim.world.events import note
from sim.world.state import World

RELIEF = 0
MONITOR = 1
KINDS = ("relief agency", "protection monitor")

TABLE = Table(
    "humanitarians",
    "Relief agencies and protection monitors, one row for all of a kind in a district.",
    (
        Field("kind", "i8", "-", "0 relief agency, 1 protection monitor"),
        Field("district", "i8", "row", "where it works"),
        Field("staff", "i8", "persons", "staff"),
        Field("acceptance", "f8", "0-1", "how far armed actors and people let it work"),
        Field("suspended", "i8", "weeks", "weeks until it works again; 0 working"),
        Field("reached", "f8", "persons", "people it reached this week"),
    ),
)

# fmt: off
PARAMETERS = (
    Parameter("staff_reach", 600.0, "persons/week", 150.0, 2000.0,
              "people that one member of a relief agency's staff can help in a week",
              "no source"),
    Parameter("need_residents", 0.08, "1", 0.02, 0.3,
              "share of residents who need aid where fear is certain (the displaced all need it)",
              "no source"),
    Parameter("aid_incident_rate", 0.05, "1/week", 0.01, 0.2,
              "rate of attacks on 100 aid staff who work, without escort, where all armed groups present "
              "tax or attack",
              "no source for the rate; North Kivu had 93 incidents in 2020 (OCHA)", "abstract"),
    Parameter("escort", 0.5, "1", 0.0, 0.9,
              "share of such attacks that full UN presence prevents",
              "contested: E2g (association vanishes once aid activity is controlled), E1-51", "abstract"),
    Parameter("suspension", 4.0, "weeks", 1.0, 13.0,
              "mean time that work stays suspended after an attack",
              "no source"),
    Parameter("caution", 0.8, "1/(attacks/week)", 0.1, 3.0,
              "how fast access falls with recent attacks and clashes",
              "no source"),
    Parameter("acceptance_loss", 0.1, "1", 0.0, 0.3,
              "share of acceptance lost with an attack",
              "no source"),
    Parameter("acceptance_gain", 0.02, "1/week", 0.005, 0.1,
              "share of the gap to full acceptance that closes in a week",
              "no source"),
    Parameter("diverted_weeks", 0.3, "weeks", 0.0, 1.0,
              "upkeep that an attack on aid brings an armed group",
              "direction S1 (E1-53); size not in any source"),
    Parameter("monitor_sees", 0.012, "1", 0.003, 0.05,
              "part of incidents that each working member of staff of a monitor hears of, before overlap",
              "no source"),
    Parameter("relief_sees", 0.0008, "1", 0.0001, 0.005,
              "the same for relief agencies",
              "no source"),
)
# fmt: on


@inlined
def access(world: World, h: int) -> float:
    """Return the share (0-1) of its district that an actor can work in."""
    p = world.parameters[0]
    d = world.humanitarians[h].district
    return world.humanitarians[h].acceptance * exp(-p.caution * world.districts[d].danger)


@behaviour
def deliver(world: World, h: int) -> None:
    """Assess, deliver, and suspend after an attack."""
    p = world.parameters[0]
    t = world.humanitarians
    d = t[h].district
    t[h].reached = 0.0
    t[h].acceptance += p.acceptance_gain * (1.0 - t[h].acceptance)
    if t[h].suspended > 0:
        t[h].suspended -= 1
        return
    open_to_it = access(world, h)
    predators = 0
    present = 0
    robber = -1
    g = world.districts[d].first_group
    while g >= 0:
        present += 1
        if world.armed_groups[g].choice == 1 or world.armed_groups[g].choice == 3:  # tax, attack
            predators += 1
            robber = g
        g = world.armed_groups[g].next_group
    if present > 0:
        rate = p.aid_incident_rate * (t[h].staff / 100.0) * open_to_it * (predators / present)
        rate *= 1.0 - p.escort * world.districts[d].un_presence
        if chance.uniform(world.keys[0], chance.DELIVER, h, 0) < 1.0 - exp(-rate):
            world.districts[d].aid_incidents += 1
            t[h].suspended = 1 + int(
                chance.exponential(chance.uniform(world.keys[0], chance.DELIVER, h, 1), p.suspension)
            )
            t[h].acceptance *= 1.0 - p.acceptance_loss
            weeks = float(t[h].suspended)
            note(world.events, world.clock, events.AID_ATTACK, d, h, robber, -1, weeks, 0.0, 0.0, 0.0, 0.0)
            world.armed_groups[robber].supply = min(
                p.supply_cap, world.armed_groups[robber].supply + p.diverted_weeks
            )
            return
    if t[h].kind == RELIEF:
        left = max(0.0, world.districts[d].aid_needed - world.districts[d].aid_delivered)
        t[h].reached = min(left, t[h].staff * p.staff_reach * open_to_it)
        world.districts[d].aid_delivered += t[h].reached


@behaviour
def report(world: World, h: int) -> None:
    """See and pass on what happens, as far as it works there (counts for the next week)."""
    p = world.parameters[0]
    t = world.humanitarians
    if t[h].suspended > 0:
        return
    d = t[h].district
    sees = p.monitor_sees if t[h].kind == MONITOR else p.relief_sees
    hears = 1.0 - exp(-sees * t[h].staff * access(world, h))
    world.districts[d].monitors = 1.0 - (1.0 - world.districts[d].monitors) * (1.0 - hears)


class HumanitarianActor(DistrictAgent):
    """A relief agency or protection monitor in a Mesa model."""

    table = TABLE

    def deliver(self) -> None:
        """Assess, deliver, and suspend after an attack."""
        deliver(self.world, self.row)

    def report(self) -> None:
        """See and pass on what happens."""
        report(self.world, self.row)
