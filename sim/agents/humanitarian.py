"""Humanitarian actors: they deliver, suspend after attacks, and report what they see.

Relief agencies bring aid to people in need as far as access and money allow; protection monitors
bring none, but see and report more; unarmed protection teams accompany communities. All suspend
work after an attack and come back later. Donors pay them (`sim.world.donors`). Whether aid is robbed
is for armed groups to choose (`sim.agents.armed_group.motives.rob_value`).

Sources: access as a matter of risk, escort and acceptance, and suspension after attack (evidence 3,
HUM; Hoelscher et al. 2017); incidents follow exposure (E2g); aid diverted supplies armed groups,
S1 (E1-53); reports fall away with those who make them, S3 (E1-11, E1-12); aid that is seen with one
side, S1 (E1-52); unarmed civilian protection with its small radius, S3 (E1-47; no effect size was
found); a host that keeps monitors out after the exit, S3 (E1-19).
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.agents.base import DistrictAgent
from sim.arithmetic import clip, either, exp
from sim.chance import Rob
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.codes import AidKind, legend, words
from sim.world.events import note
from sim.world.state import World

TABLE = Table(
    "humanitarians",
    "Relief agencies, protection monitors and unarmed protection teams, one row for all of a kind in a "
    "district.",
    (
        Field(
            "kind",
            "i8",
            "-",
            legend(AidKind),
            column="kind",
            codes=words(AidKind),
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
def access(actor: np.record, here: np.record, p: np.record) -> float:
    """Return the share (0-1) of its district that an actor can work in."""
    return actor.acceptance * exp(-p.caution * here.known_to_people)


@compiled
def working_staff(actor: np.record, here: np.record, aid_funding: float, p: np.record) -> float:
    """Return the staff for whom there are money (`aid_funding`, 0-1) and access."""
    return actor.staff * aid_funding * access(actor, here, p)


@compiled
def accepted(actor: np.record, here: np.record, p: np.record) -> float:
    """Return the acceptance (0-1) of an actor after a week: it grows back, unless aid is seen with one side.

    Who works beside the mission is taken for a part of it, but for unarmed protection.
    """
    acceptance = actor.acceptance + p.acceptance_gain * (1.0 - actor.acceptance)
    if actor.kind != AidKind.UNARMED_PROTECTION:
        seen_with = here.un_presence * clip(here.group_control, 0.0, 1.0)
        acceptance *= 1.0 - p.partisan_loss * seen_with
    return acceptance


@behaviour
def deliver(world: World, h: int) -> None:
    """Assess and deliver, unless work is suspended."""
    p = world.parameters[0]
    actor = world.humanitarians[h]
    here = world.districts[actor.district]
    actor.reached = 0.0
    actor.acceptance = accepted(actor, here, p)
    if actor.suspended > 0:
        actor.suspended -= 1
        return
    if actor.kind == AidKind.RELIEF:
        left = max(0.0, here.aid_needed - here.aid_delivered)
        funding = world.donors[0].aid_funding
        able = actor.staff * funding * p.staff_reach * access(actor, here, p)
        actor.reached = min(left, able)
        here.aid_delivered += actor.reached


@behaviour
def report(world: World, h: int) -> None:
    """See and pass on what happens, as far as it works there (counts for the next week)."""
    p = world.parameters[0]
    actor = world.humanitarians[h]
    if actor.suspended > 0:
        return
    here = world.districts[actor.district]
    sees = p.relief_sees if actor.kind == AidKind.RELIEF else p.monitor_sees
    working = working_staff(actor, here, world.donors[0].aid_funding, p)
    if actor.kind == AidKind.MONITOR and world.donors[0].gone == 1:
        working *= 1.0 - p.monitors_blocked * world.host[0].blocks_monitoring
    if actor.kind == AidKind.UNARMED_PROTECTION:
        accompany(world.communities, here, working, p)
    actor.next_aid = here.first_aid
    here.first_aid = h
    here.aid_staff += working
    here.aid_accepted += working * actor.acceptance
    here.monitors = either(here.monitors, 1.0 - exp(-sees * working))


@compiled
def rob(world: World, g: int, hunger: float) -> None:
    """Let armed group `g` stop a convoy or rob a store of aid in its district.

    Whom it meets goes by staff at work; an escort may see the aid through. Work is suspended. `hunger`
    (0-1) is why, for the log.
    """
    p = world.parameters[0]
    group = world.armed_groups[g]
    here = world.districts[group.district]
    key = world.keys[0]
    if chance.uniform(key, chance.ROB, g, Rob.ESCORT) < p.escort * here.un_presence:
        return
    n = 0
    h = here.first_aid
    while h >= 0:
        actor = world.humanitarians[h]
        if actor.suspended == 0:
            working = working_staff(actor, here, world.donors[0].aid_funding, p)
            n = chance.offer(world.candidates, n, h, working)
        h = actor.next_aid
    victim = chance.pick(world.candidates, n, chance.uniform(key, chance.ROB, g, Rob.VICTIM) * here.aid_staff)
    if victim < 0:
        return
    here.aid_incidents += 1
    actor = world.humanitarians[victim]
    u = chance.uniform(key, chance.ROB, g, Rob.SUSPENSION)
    actor.suspended = 1 + int(chance.exponential(u, p.suspension))
    actor.acceptance *= 1.0 - p.acceptance_loss
    note(
        world.events, world.clock, events.AID_ATTACK, group.district, victim, g, -1,
        float(actor.suspended), hunger, 0.0, 0.0, 0.0,
    )  # fmt: skip
    group.supply = min(p.supply_cap, group.supply + p.diverted_weeks)


@compiled
def accompany(communities: np.recarray, here: np.record, working: float, p: np.record) -> None:
    """Share teams of `working` staff out over the communities of a district, the most fearful first.

    They make them better organised for good, and mediate in the district while they are there.
    """
    teams = working / p.team_size
    while teams > 0.0:
        chosen = -1
        for c in range(here.first_community, here.end_community):
            if communities[c].accompanied > 0.0:
                continue
            if chosen < 0 or communities[c].fear > communities[chosen].fear:
                chosen = c
        if chosen < 0:
            break
        community = communities[chosen]
        community.accompanied = min(1.0, teams)
        step = p.team_organisation * community.accompanied
        community.organisation += step * (1.0 - community.organisation)
        teams -= 1.0
    here.mediation = 1.0 - (1.0 - here.mediation) * exp(-working / p.team_mediation)


class HumanitarianActor(DistrictAgent):
    """A relief agency, protection monitor or unarmed protection team in a Mesa model."""

    table = TABLE

    def deliver(self) -> None:
        """Assess and deliver, unless work is suspended."""
        deliver(self.world, self.row)

    def report(self) -> None:
        """See and pass on what happens."""
        report(self.world, self.row)
