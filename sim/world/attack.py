"""Attacks on civilians as they unfold: on a community, on a camp, by an armed group or another community.

Who attacks whom is decided elsewhere (`sim.agents`); here is what then happens. One law serves all: an
attack lasts until it ends by itself or somebody arrives (`duration`), and deaths grow while it lasts
(`toll`). Growth that is stopped at a random time has a heavy tail: with growth g and stopping h the deaths
have a Pareto tail of exponent 1 + h/g, 2.04 by default, before answers and the end of a day cut the tail
(E2f: 2.09). The tail is put in by that choice and is no finding; that answers cut it short is a
consequence.

Attacks differ by what they are for (`Mode`): a selective one is aimed at some and makes others comply, an
indiscriminate one falls on everybody and may drive people to the other side (Kalyvas 2006; against it
Lyall 2009, who finds fewer insurgent attacks from shelled villages).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim import chance
from sim.arithmetic import clip, exp
from sim.chance import Strike
from sim.chance import Toll as Draw
from sim.compiled import compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.codes import Answer, Fate, Mode, Perpetrator, legend
from sim.world.district import incident_rate, ungoverned
from sim.world.events import note
from sim.world.fight import locality, lose_fighters
from sim.world.harm import report
from sim.world.people import kill, leave_site
from sim.world.state import RAIDS, World

TABLE = Table(
    "attacks",
    "Attacks on civilians by armed groups this week: who attacks whom, who was told, and who came.",
    (
        Field("group", "i8", "row", "armed group that attacks"),
        Field("community", "i8", "row", "place that it attacks"),
        Field("site", "i8", "row", "camp that it attacks there, -1 none", start=-1),
        Field("number", "i8", "-", "its number among the attacks on that place this week, from 0"),
        Field("mode", "i8", "-", f"what it is for: {legend(Mode)}"),
        Field("noticed", "i8", "flag", "1 if the people noticed it being prepared"),
        Field("lead", "f8", "hours", "how long before its onset they noticed"),
        Field("alerted", "i8", "flag", "1 if somebody was told of it, or a patrol saw it"),
        Field("heard_un", "i8", "flag", "1 if the mission knows of it"),
        Field("heard_state", "i8", "flag", "1 if state forces know of it"),
        Field(
            "arrival",
            "f8",
            "hours",
            "when the first responder is there, from the onset; infinite if none comes",
            start=math.inf,
        ),
        Field("answered_by", "i8", "-", f"who came first to help: {legend(Answer)}"),
        Field("event", "i8", "event", "the last event about it, -1 none or no log", start=-1),
        Field("decision", "i8", "event", "the decision to attack, -1 none or no log", start=-1),
        Field("next_here", "i8", "row", "next attack on the same place, -1 none (linked list)", start=-1),
        Field("next_own", "i8", "row", "next attack of the same group, -1 none (linked list)", start=-1),
    ),
)

BAND = 100.0
"""Attackers whom `violence_scale` and `abducted_rate` speak of; harm grows with the square root of theirs."""

PART = "attacks on civilians"

# fmt: off
PARAMETERS = (
    Parameter("violence_scale", 0.82, "persons", 0.3, 1.6,
              "deaths at the onset of an attack by 100 fighters on a community that was not warned",
              "set so that about half of the lethal attacks in the DRC case kill one (E2f, GED: 43 %)",
              "computed"),
    Parameter("violence_growth", 0.25, "1/hour", 0.1, 0.5,
              "rate at which the deaths of an attack grow while it lasts",
              "with `violence_stop` it gives the exponent 1 + stop/growth of the size distribution, 2.04 "
              "(E2f: 2.09 for civilian deaths); growth stopped at a random time gives such a tail",
              "computed"),
    Parameter("violence_stop", 0.26, "1/hour", 0.1, 0.6,
              "rate at which an attack ends by itself",
              "see `violence_growth`; mean length 3.8 hours", "computed"),
    Parameter("violence_longest", 24.0, "hours", 8.0, 72.0,
              "an attack lasts no longer",
              "no source; bounds the tail at some 330 deaths for 100 fighters, more or less by mode"),
    Parameter("locality_share", 0.3, "1", 0.1, 0.6,
              "largest share of a locality that one attack kills",
              "no source; others get away"),
    Parameter("injured_rate", 0.3, "1", 0.1, 2.0,
              "people injured per person killed in an attack by an armed group",
              "0.2-0.3 in massacres around Beni 2014 and 2018 (UNJHRO, Amnesty, Heidelberg); more where "
              "beatings count", "read"),
    Parameter("abducted_rate", 3.0, "persons/attack", 0.5, 6.0,
              "people abducted in an attack by 100 fighters",
              "set so that abductions exceed killings as recorded in the Kivus (KST 2017-19: 3,316 to "
              "1,897)", "computed"),
    Parameter("abducted_kept", 0.3, "1", 0.05, 0.7,
              "share of the abducted who are kept in the group",
              "no source"),
    Parameter("group_sexual_violence", 0.3, "persons/attack", 0.05, 1.5,
              "survivors of sexual violence per attack, without the part that is never told to anybody",
              "no source"),
    Parameter("answer_loss", 0.015, "1", 0.003, 0.08,
              "share of its fighters a group loses when it is met during an attack",
              "no source; force is almost never used (E2c, OIOS)"),
    Parameter("loot_weeks", 1.0, "weeks", 0.2, 3.0,
              "upkeep that an attack brings in if nobody meets it",
              "no source"),
    Parameter("selective_scale", 0.7, "1", 0.2, 1.0,
              "deaths and people uprooted by a selective attack, relative to looting",
              "direction: Kalyvas 2006 (selective violence is personal); size not in any source", "abstract"),
    Parameter("indiscriminate_scale", 1.8, "1", 1.0, 4.0,
              "the same for an indiscriminate attack",
              "direction: Kalyvas 2006; size not in any source", "abstract"),
    Parameter("compliance", 0.02, "1", 0.0, 0.1,
              "share of the ungoverned ground in its reach that a selective attack brings a group, as people "
              "comply",
              "direction: Kalyvas 2006; size not in any source", "abstract"),
    Parameter("backlash", 0.03, "1", -0.1, 0.2,
              "share of its control that an indiscriminate attack costs a group, as people turn from it",
              "contested: counterproductive in Kalyvas 2006, the reverse in Lyall 2009 (24 % fewer attacks "
              "from shelled villages); hence a range with both signs", "abstract"),
    Parameter("denounced_grudge", 0.05, "1", 0.0, 1.0,
              "grudge caused by alerts against it in a week",
              "no source; with much of it, a mission that hears and does not come makes things worse"),
)

MECHANISMS = (
    Mechanism(
        "taking-sides", "armed groups",
        "people comply after selective violence, and turn from a group after indiscriminate violence",
        "Kalyvas 2006; against it Lyall 2009", {"compliance": 0.0, "backlash": 0.0},
    ),
)
# fmt: on


class Toll(NamedTuple):
    """What an attack does. `deaths` is the mean that the rest is drawn around."""

    there: int
    """People of the locality it falls on."""
    deaths: float
    killed: int
    injured: int
    abducted: int
    assaulted: int


@compiled
def duration(u: float, arrival: float, p: np.record) -> float:
    """Return how long an attack lasts, hours: until it ends by itself, somebody arrives, or a day is over."""
    hours = min(chance.exponential(u, 1.0 / p.violence_stop), p.violence_longest)
    return min(hours, arrival)


@compiled
def attack_deaths(onset: float, growth: float, hours: float) -> float:
    """Return the deaths an attack causes if it lasts `hours`: onset x e^(growth x hours).

    With exponential lengths of rate `stop` the deaths have a Pareto tail of exponent
    1 + stop / growth; whoever ends an attack early cuts that tail.
    """
    return onset * exp(growth * hours)


@compiled
def toll(
    key: np.uint64,
    stream: int,
    agent: int,
    draw: int,
    people: int,
    onset: float,
    hours: float,
    abducted: float,
    assaulted: float,
    p: np.record,
) -> Toll:
    """Draw what an attack of `hours` on a locality among `people` does, if nobody is spared or runs short.

    `onset`: deaths when it begins; `abducted`, `assaulted`: means. Uses five draws from `draw` on.
    """  # fmt: skip
    there = locality(people, chance.uniform(key, stream, agent, draw + Draw.LOCALITY), p)
    deaths = min(attack_deaths(onset, p.violence_growth, hours), p.locality_share * there)
    return Toll(
        there,
        deaths,
        chance.whole(chance.uniform(key, stream, agent, draw + Draw.DEATHS), deaths),
        chance.poisson(chance.uniform(key, stream, agent, draw + Draw.INJURED), p.injured_rate * deaths),
        chance.poisson(chance.uniform(key, stream, agent, draw + Draw.ABDUCTED), abducted),
        chance.poisson(chance.uniform(key, stream, agent, draw + Draw.ASSAULTED), assaulted),
    )


@compiled
def resistance(militia: float, attackers: float) -> float:
    """Return the part (0-1) of an attack that a militia holds off: its share of all who fight."""
    if militia <= 0.0:
        return 0.0
    return militia / (militia + attackers)


@compiled
def severity(mode: int, p: np.record) -> float:
    """Return the deaths and people uprooted by an attack of a `Mode`, relative to looting."""
    if mode == Mode.SELECTIVE:
        return p.selective_scale
    if mode == Mode.INDISCRIMINATE:
        return p.indiscriminate_scale
    return 1.0


@compiled
def attack(world: World, g: int, c: int, s: int, mode: int) -> int:
    """Enter an attack of group `g` on place `c`, or on camp `s` there, for this week; return its row.

    -1 if the place suffers `RAIDS` attacks already.
    """
    community = world.communities[c]
    if community.raids >= RAIDS:
        return -1
    group = world.armed_groups[g]
    a = world.clock[0].attacks
    world.clock[0].attacks = a + 1
    one = world.attacks[a]
    one.group = g
    one.community = c
    one.site = s
    one.number = community.raids
    one.mode = mode
    one.noticed = 0
    one.lead = 0.0
    one.alerted = 0
    one.heard_un = 0
    one.heard_state = 0
    one.arrival = math.inf
    one.answered_by = Answer.NOBODY
    one.event = -1
    one.decision = -1
    one.next_here = community.first_attack
    one.next_own = group.first_attack
    community.first_attack = a
    community.raids += 1
    group.first_attack = a
    return a


@inlined
def who(one: np.record) -> int:
    """Return the number by which an attack draws: that of the place and of the attack among those on it.

    Not that of the group: two worlds in which the same place is attacked in the same week kill alike.
    """
    return RAIDS * one.community + one.number


@compiled
def strike(world: World, a: int) -> None:
    """Carry out attack `a`; take, lose and leave behind what that brings."""
    p = world.parameters[0]
    one = world.attacks[a]
    group = world.armed_groups[one.group]
    c = one.community
    community = world.communities[c]
    here = world.districts[community.district]
    s = one.site
    key = world.keys[0]
    stream = chance.SITE if s >= 0 else chance.STRIKE
    me = who(one)
    met = one.answered_by != Answer.NOBODY
    scale = severity(one.mode, p)
    force = math.sqrt(group.fighters / BAND)
    onset = p.violence_scale * force * scale
    if s < 0:
        onset *= 1.0 - resistance(community.militia, group.fighters)
    if one.noticed == 1:
        onset *= 1.0 - p.evacuated_share
    hours = duration(chance.uniform(key, stream, me, Strike.LENGTH), one.arrival, p)
    people = world.sites[s].persons if s >= 0 else community.residents
    assaulted = p.group_sexual_violence / p.average_abusiveness * group.abusiveness
    harm = toll(key, stream, me, Strike.TOLL, people, onset, hours, p.abducted_rate * force, assaulted, p)
    if s >= 0:
        killed = leave_site(world, s, harm.killed, Fate.DEAD, stream, me, Strike.SITE_VICTIMS)
    else:
        killed = kill(world, c, harm.killed, stream, me, Strike.VICTIMS)
    abducted = min(harm.abducted, world.sites[s].persons if s >= 0 else community.residents)
    keep(world, a, stream, abducted)
    victims = (killed, harm.injured, abducted, harm.assaulted)
    report(world, community.district, c, Perpetrator.ARMED_GROUPS, victims, me)
    one.event = note(
        world.events, world.clock, events.ATTACK, community.district, one.group, c,
        one.event if one.event >= 0 else one.decision,
        float(killed), float(harm.injured), float(abducted), hours, float(one.answered_by),
    )  # fmt: skip
    community.event = one.event
    if s >= 0:
        scatter(world, s, a, min(int(scale * harm.there), world.sites[s].persons), killed)
    else:
        resist(world, a)
        community.uprooted += max(0, min(int(scale * harm.there), community.residents))
    community.shock += p.shock_attack + p.shock_death * harm.deaths
    here.attacks += 1
    here.known_to_people += incident_rate(p)
    take_sides(group, one.mode, here, community.district == group.district, p)
    if met:
        here.known_to_state += incident_rate(p)
        here.last_incident = one.event
        u = chance.uniform(key, stream, me, Strike.ANSWER_LOSS)
        lose_fighters(group, u, group.fighters, p.answer_loss, world.ledger[0], p)
    else:
        group.supply = min(p.supply_cap, group.supply + p.loot_weeks)
    if one.alerted == 1 and group.denounced == 0:
        group.denounced = 1
        group.grudge += p.denounced_grudge


@compiled
def keep(world: World, a: int, stream: int, abducted: int) -> None:
    """Keep some of those who were abducted in attack `a` in the group."""
    one = world.attacks[a]
    group = world.armed_groups[one.group]
    me = who(one)
    u = chance.uniform(world.keys[0], stream, me, Strike.KEPT)
    kept = chance.binomial(u, abducted, world.parameters[0].abducted_kept)
    if one.site >= 0:
        kept = leave_site(world, one.site, kept, Fate.RECRUITED, stream, me, Strike.SITE_KEPT)
    else:
        world.communities[one.community].residents -= kept
    group.fighters += kept
    world.ledger[0].taken += kept


@compiled
def resist(world: World, a: int) -> None:
    """Let the militia of the place that is attacked, if there is one, and the group lose people."""
    one = world.attacks[a]
    group = world.armed_groups[one.group]
    community = world.communities[one.community]
    if community.militia == 0 or group.fighters == 0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    engaged = min(community.militia, group.fighters)
    u = chance.uniform(key, chance.STRIKE, who(one), Strike.MILITIA_LOSS)
    lost = min(chance.binomial(u, engaged, p.clash_loss), community.residents)
    community.militia -= min(lost, community.militia)
    community.residents -= lost
    community.dead += lost
    world.ledger[0].militia_killed += lost
    u = chance.uniform(key, chance.STRIKE, who(one), Strike.RESISTED_LOSS)
    lose_fighters(group, u, engaged, p.clash_loss, world.ledger[0], p)


@compiled
def scatter(world: World, s: int, a: int, there: int, killed: int) -> None:
    """Let people run from camp `s` that was attacked (`a`); they stay in the district, elsewhere."""
    p = world.parameters[0]
    site = world.sites[s]
    here = world.districts[site.district]
    running = int(p.uprooted_share * there)
    site.persons -= running
    here.in_sites -= running
    note(
        world.events, world.clock, events.SITE_ATTACKED, site.district, s, world.attacks[a].group,
        world.attacks[a].event,
        float(killed), site.guarded, site.militarised, float(site.persons), float(running),
    )  # fmt: skip
    site.recent_attacks += incident_rate(p)
    here.site_attacks += 1
    here.killed_in_sites += killed


@compiled
def take_sides(group: np.record, mode: int, here: np.record, home: bool, p: np.record) -> None:
    """Let people comply after a selective attack of a group, or turn from it after an indiscriminate one.

    `home`: whether that is where the group is based: elsewhere it has no ground to win or lose.
    """
    if mode == Mode.SELECTIVE:
        here.selective += 1
        group.control += home * p.compliance * group.coverage * ungoverned(here)
    elif mode == Mode.INDISCRIMINATE:
        here.indiscriminate += 1
        group.control = clip(group.control * (1.0 - home * p.backlash), 0.0, 1.0)
