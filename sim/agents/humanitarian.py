"""Humanitarian actors: they deliver, suspend after attacks, and report what they see.

Relief agencies bring aid to people in need as far as access and money allow; protection monitors
bring none, but see and report more; unarmed protection teams accompany communities. All suspend
work after an attack and come back later. Donors pay them (`sim.world.donors`). Whether aid is robbed
is for armed groups to choose (`sim.agents.armed_group.rob_value`).

Sources: access as a matter of risk, escort and acceptance, and suspension after attack (evidence 3,
HUM; Hoelscher et al. 2017); incidents follow exposure (E2g); aid diverted supplies armed groups,
S1 (E1-53); reports fall away with those who make them, S3 (E1-11, E1-12); aid that is seen with one
side, S1 (E1-52); unarmed civilian protection with its small radius, S3 (E1-47; no effect size was
found); a host that keeps monitors out after the exit, S3 (E1-19).
"""

from __future__ import annotations

from sim import chance
from sim.agents.base import DistrictAgent
from sim.arithmetic import clip, exp
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.events import note
from sim.world.state import World

RELIEF = 0
MONITOR = 1
UNARMED = 2
KINDS = ("relief", "monitor", "unarmed-protection")

TABLE = Table(
    "humanitarians",
    "Relief agencies, protection monitors and unarmed protection teams, one row for all of a kind in a "
    "district.",
    (
        Field(
            "kind",
            "i8",
            "-",
            "0 relief agency, 1 protection monitor, 2 unarmed protection team",
            column="kind",
            codes=KINDS,
        ),
        Field("district", "i8", "row", "where it works"),
        Field("staff", "i8", "persons", "staff", column="staff"),
        Field("acceptance", "f8", "0-1", "how far armed actors and people let it work", column="acceptance"),
        Field("suspended", "i8", "weeks", "weeks until it works again; 0 working"),
        Field("reached", "f8", "persons", "people it reached this week"),
        Field("next_aid", "i8", "row", "next actor at work in the same district, -1 none (linked list)"),
    ),
)

PART = "humanitarian"

# fmt: off
PARAMETERS = (
    Parameter("staff_reach", 600.0, "persons/week", 150.0, 2000.0,
              "people that one member of a relief agency's staff can help in a week",
              "no source"),
    Parameter("need_residents", 0.08, "1", 0.02, 0.3,
              "share of residents who need aid where fear is certain (the displaced all need it)",
              "no source"),
    Parameter("escort", 0.5, "1", 0.0, 0.9,
              "share of attempts on aid that full UN presence prevents",
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
    Parameter("partisan_loss", 0.01, "1/week", 0.0, 0.05,
              "share of its acceptance that aid loses in a week where armed groups govern everything and the "
              "mission is everywhere to be seen",
              "contested: E1-52 (S1: aid seen as partisan); size not in any source"),
    Parameter("monitors_blocked", 1.0, "1", 0.0, 1.0,
              "how far a host that wants to keep monitors out once the mission has gone gets its way",
              "no source; direction E1-19"),
    Parameter("team_size", 6.0, "persons", 2.0, 20.0,
              "staff of an unarmed protection team that accompanies one community and its surroundings",
              "no source; programmes speak of small teams that live with a community"),
    Parameter("team_notice", 0.2, "0-1", 0.0, 0.5,
              "what an accompanying team adds to a community's organisation in noticing an attack",
              "no source; direction E1-47"),
    Parameter("team_organisation", 0.002, "1/week", 0.0, 0.01,
              "step of an accompanied community's organisation towards 1 in a week; it stays when they leave",
              "no source; direction E1-47, E1-48"),
    Parameter("team_restraint", 0.1, "1", 0.0, 0.4,
              "share of attacks and of abuse by state forces that an accompanying team averts",
              "no effect size was found (programme claims only); direction E1-47"),
    Parameter("team_mediation", 30.0, "persons", 5.0, 200.0,
              "staff of unarmed protection at work in a district at which 63 % of quarrels between its "
              "communities are mediated",
              "no source; direction E1-44, E1-47"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "escort", "the mission",
        "UN presence prevents attacks on aid",
        "E1-51", {"escort": 0.0},
    ),
    Mechanism(
        "aid", "aid",
        "relief agencies deliver aid",
        "evidence 3", {"staff_reach": 0.0},
    ),
    Mechanism(
        "diversion", "aid",
        "robbed aid supplies armed groups",
        "E1-53", {"diverted_weeks": 0.0},
    ),
    Mechanism(
        "partisan-aid", "aid",
        "armed groups take aid that works beside the mission for a part of it",
        "E1-52", {"partisan_loss": 0.0},
    ),
    Mechanism(
        "unarmed-protection", "aid",
        "unarmed teams accompany communities and mediate",
        "E1-47",
        {"team_notice": 0.0, "team_organisation": 0.0, "team_restraint": 0.0, "team_mediation": 1e30},
        "they still see and report",
    ),
    Mechanism(
        "monitors-blocked", "the record of harm",
        "a host keeps human-rights monitors out once the mission has gone",
        "E1-19", {"monitors_blocked": 0.0},
    ),
    Mechanism(
        "record-by-monitors", "the record of harm",
        "humanitarian and rights monitors see and report harm",
        "E1-12", {"monitor_sees": 0.0, "relief_sees": 0.0},
        "they also watch state forces",
    ),
)
# fmt: on


@inlined
def access(world: World, h: int) -> float:
    """Return the share (0-1) of its district that an actor can work in."""
    p = world.parameters[0]
    d = world.humanitarians[h].district
    return world.humanitarians[h].acceptance * exp(-p.caution * world.districts[d].danger)


@inlined
def paid_staff(world: World, h: int) -> float:
    """Return the staff for whom there is money."""
    return world.humanitarians[h].staff * world.donors[0].aid_funding


@behaviour
def deliver(world: World, h: int) -> None:
    """Assess and deliver, unless work is suspended."""
    p = world.parameters[0]
    t = world.humanitarians
    d = t[h].district
    t[h].reached = 0.0
    t[h].acceptance += p.acceptance_gain * (1.0 - t[h].acceptance)
    if t[h].kind != UNARMED:  # who works beside the mission is taken for a part of it
        seen_with = world.districts[d].un_presence * clip(world.districts[d].group_control, 0.0, 1.0)
        t[h].acceptance *= 1.0 - p.partisan_loss * seen_with
    if t[h].suspended > 0:
        t[h].suspended -= 1
        return
    if t[h].kind == RELIEF:
        left = max(0.0, world.districts[d].aid_needed - world.districts[d].aid_delivered)
        t[h].reached = min(left, paid_staff(world, h) * p.staff_reach * access(world, h))
        world.districts[d].aid_delivered += t[h].reached


@behaviour
def report(world: World, h: int) -> None:
    """See and pass on what happens, as far as it works there (counts for the next week)."""
    p = world.parameters[0]
    t = world.humanitarians
    if t[h].suspended > 0:
        return
    d = t[h].district
    sees = p.relief_sees if t[h].kind == RELIEF else p.monitor_sees
    working = paid_staff(world, h) * access(world, h)
    if t[h].kind == MONITOR and world.donors[0].gone == 1:
        working *= 1.0 - p.monitors_blocked * world.host[0].blocks_monitoring
    if t[h].kind == UNARMED:
        accompany(world, h, working)
    t[h].next_aid = world.districts[d].first_aid
    world.districts[d].first_aid = h
    world.districts[d].aid_staff += working
    world.districts[d].aid_accepted += working * t[h].acceptance
    hears = 1.0 - exp(-sees * working)
    world.districts[d].monitors = 1.0 - (1.0 - world.districts[d].monitors) * (1.0 - hears)


@compiled
def rob(world: World, g: int) -> None:
    """Let armed group `g` stop a convoy or rob a store of aid in its district.

    Whom it meets goes by staff at work; an escort may see the aid through. Work is suspended.
    """
    p = world.parameters[0]
    t = world.humanitarians
    d = world.armed_groups[g].district
    key = world.keys[0]
    if chance.uniform(key, chance.ROB, g, 1) < p.escort * world.districts[d].un_presence:
        return
    x = chance.uniform(key, chance.ROB, g, 2) * world.districts[d].aid_staff
    h = world.districts[d].first_aid
    victim = h
    while h >= 0:
        if t[h].suspended == 0:
            victim = h
            x -= paid_staff(world, h) * access(world, h)
            if x <= 0.0:
                break
        h = t[h].next_aid
    if victim < 0 or t[victim].suspended > 0:
        return
    world.districts[d].aid_incidents += 1
    t[victim].suspended = 1 + int(chance.exponential(chance.uniform(key, chance.ROB, g, 3), p.suspension))
    t[victim].acceptance *= 1.0 - p.acceptance_loss
    weeks = float(t[victim].suspended)
    hunger = 1.0 - world.armed_groups[g].supply / p.supply_cap
    note(world.events, world.clock, events.AID_ATTACK, d, victim, g, -1, weeks, hunger, 0.0, 0.0, 0.0)
    world.armed_groups[g].supply = min(p.supply_cap, world.armed_groups[g].supply + p.diverted_weeks)


@compiled
def accompany(world: World, h: int, working: float) -> None:
    """Share the teams of an unarmed protection actor out over communities, the most fearful first.

    They make them better organised for good, and mediate in the district while they are there.
    """
    p = world.parameters[0]
    d = world.humanitarians[h].district
    communities = world.communities
    teams = working / p.team_size
    while teams > 0.0:
        chosen = -1
        for c in range(world.districts[d].first_community, world.districts[d].end_community):
            if communities[c].accompanied > 0.0:
                continue
            if chosen < 0 or communities[c].fear > communities[chosen].fear:
                chosen = c
        if chosen < 0:
            break
        communities[chosen].accompanied = min(1.0, teams)
        step = p.team_organisation * communities[chosen].accompanied
        communities[chosen].organisation += step * (1.0 - communities[chosen].organisation)
        teams -= 1.0
    unsettled = exp(-working / p.team_mediation)
    world.districts[d].mediation = 1.0 - (1.0 - world.districts[d].mediation) * unsettled


class HumanitarianActor(DistrictAgent):
    """A relief agency, protection monitor or unarmed protection team in a Mesa model."""

    table = TABLE

    def deliver(self) -> None:
        """Assess and deliver, unless work is suspended."""
        deliver(self.world, self.row)

    def report(self) -> None:
        """See and pass on what happens."""
        report(self.world, self.row)
