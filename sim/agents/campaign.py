"""Campaigns: when the groups of a faction lie quiet, when they go about as usual, when they go to war.

A faction is dormant, active or on the offensive, and passes from one to another by weekly hazards that have
reasons: backing from outside, which comes and goes by itself; violence next door; an opening, where its
groups expect that nobody would come; losses; empty stores. In an offensive its groups attack many times as
often, in adjacent districts too, and grow as far as their backers feed them. What comes from outside
(backing, tempo) is drawn for each replicate and shared by all schedules; the rest may answer to a closure.
A district may also come to a truce among all who fight there.

Sources: that one-sided violence comes in waves that begin, spread to adjacent places and end (dispersion,
persistence and contagion of recorded events, evidence 2 F and G); outside support and its end, Salehyan,
Gleditsch & Cunningham 2011, Salehyan, Siroky & Wood 2014 (from memory); local truces, Smidt 2020 and Krause
2018 (from memory). The form, a chain of three states with exponential links, is this model's own, and so
are all sizes; they are set by how recorded violence is spread over months, years and places.
"""

from __future__ import annotations

import math

import numpy as np

from sim import chance
from sim.arithmetic import clip, exp
from sim.chance import Campaigning, Peace
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.codes import Campaign, legend
from sim.world.events import note
from sim.world.state import World

TABLE = Table(
    "factions",
    "Factions: all groups that belong together, and whether they are at war. The faction of a group is its "
    "row here; a group that forms or splits off has a row of its own.",
    (
        Field("campaign", "i8", "-", legend(Campaign), start=Campaign.ACTIVE),
        Field("backed", "i8", "flag", "1 while somebody outside backs it"),
        Field(
            "tempo", "f8", "-", "logarithm of the tempo that it keeps by itself, of no reason of the model's"
        ),
        Field("rift", "f8", "0-1", "how fresh its last split is"),
        Field("pursued", "i8", "flag", "1 while the army has a campaign against it"),
        Field("swell", "f8", "1", "strength that it can keep, relative to what its table says", start=1.0),
        Field("lead", "i8", "row", "the strongest of its groups, -1 none", start=-1, weekly=True),
        Field("fighters", "i8", "persons", "its fighters in the country", weekly=True),
        Field(
            "expects", "f8", "persons", "of these, those it expects to be met if all attacked", weekly=True
        ),
        Field("lost", "f8", "persons", "of these, as many as it has lost of late", weekly=True),
        Field("stored", "f8", "persons", "of these, as many as have full stores", weekly=True),
        Field("heat", "f8", "persons", "of these, as many as see violence next door", weekly=True),
        Field("anger", "f8", "persons", "of these, as many as live among angry people", weekly=True),
        Field("known", "f8", "persons", "of these, as many as the state knows of", weekly=True),
    ),
)

PART = "campaigns"

# fmt: off
PARAMETERS = (
    Parameter("dormant_tempo", 0.03, "1", 0.0, 0.5,
              "attacks of a dormant faction, relative to the rate of `attack_rate`",
              "no source; set with the next two by how violence is spread over months and years", "computed"),
    Parameter("active_tempo", 0.2, "1", 0.02, 1.0,
              "attacks of a faction that goes about as usual, the same",
              "no source; see `dormant_tempo`", "computed"),
    Parameter("offensive_tempo", 13.0, "1", 1.0, 25.0,
              "attacks of a faction on the offensive, the same",
              "no source; see `dormant_tempo`", "computed"),
    Parameter("tempo_spread", 0.5, "1", 0.0, 1.0,
              "standard deviation of the logarithm of the tempo that a faction keeps by itself",
              "no source; what the model has no reason for"),
    Parameter("tempo_kept", 0.9, "1/week", 0.5, 0.98,
              "part of it that is left after a week",
              "no source; ten weeks"),
    Parameter("wake", 0.01, "1/week", 0.001, 0.05,
              "chance in a week that a dormant faction becomes active, all else average",
              "no source; see `dormant_tempo`", "computed"),
    Parameter("open", 0.0016, "1/week", 0.0005, 0.03,
              "chance in a week that an active faction goes on the offensive, all else average and nobody in "
              "its way",
              "no source; set by how violence is spread", "computed"),
    Parameter("quieten", 0.015, "1/week", 0.001, 0.05,
              "chance in a week that an active faction becomes dormant, all else average",
              "no source; see `dormant_tempo`", "computed"),
    Parameter("exhaust", 0.07, "1/week", 0.01, 0.2,
              "chance in a week that an offensive ends, all else average",
              "no source; recorded waves last some months", "computed"),
    Parameter("settles", 0.7, "1", 0.0, 1.0,
              "share of offensives after which a faction is dormant: beaten, or with a deal",
              "no source"),
    Parameter("backed_weeks", 180.0, "weeks", 52.0, 520.0,
              "mean time for which somebody outside backs a faction",
              "no source; patrons change with governments, wars and prices"),
    Parameter("unbacked_weeks", 410.0, "weeks", 52.0, 520.0,
              "mean time for which nobody does",
              "no source"),
    Parameter("backing_weight", 3.2, "1", 0.0, 4.0,
              "how much backing raises the log hazards of going to war, and lowers those of ending it",
              "direction: outside support prolongs and worsens wars (from memory); size not in any source",
              "memory"),
    Parameter("heat_weight", 0.2, "1", 0.0, 3.0,
              "how much violence next door raises the log hazards of going to war",
              "direction: recorded violence spreads to neighbours (E2g); size not in any source", "computed"),
    Parameter("heat_scale", 1.0, "attacks/week", 0.2, 4.0,
              "recent attacks and clashes next door at which half of that is reached",
              "no source"),
    Parameter("rift_weight", 1.0, "1", 0.0, 3.0,
              "how much a fresh split raises the log hazards of going to war, of both parts",
              "direction: movements that split do more violence, to each other and to civilians (Cunningham, "
              "Bakke & Seymour 2012, Wood & Kathman 2015, from memory); size not in any source", "memory"),
    Parameter("rift_fades", 0.02, "1/week", 0.005, 0.1,
              "share of that which is gone in a week",
              "no source; a year"),
    Parameter("anger_weight", 0.9, "1", 0.0, 4.0,
              "how much full grievance of the people around raises the log hazards of going to war",
              "direction: grievance and the onset of wars (Cederman, Gleditsch & Buhaug 2013, from memory); "
              "size not in any source", "memory"),
    Parameter("opening_weight", 4.4, "1", 0.0, 8.0,
              "how much the chance to be met lowers the log hazard of an offensive",
              "no source; with none of it, closures change what groups do in a campaign and not whether they "
              "begin one"),
    Parameter("loss_weight", 3.0, "1", 0.0, 8.0,
              "how much the share of its strength lost of late lowers the log hazards of going to war and "
              "raises that of ending it",
              "no source"),
    Parameter("hunger_weight", 1.0, "1", 0.0, 3.0,
              "how much empty stores raise the log hazard of ending an offensive, full ones lower it",
              "no source"),
    Parameter("offensive_spread", 0.065, "1", 0.0, 1.0,
              "attacks in each adjacent district in an offensive, relative to those in its own, if it were "
              "no journey",
              "set by how violence spreads to neighbours (E2g)", "computed"),
    Parameter("offensive_reach", 12.0, "hours", 3.0, 48.0,
              "travel time over which that falls by a factor e",
              "no source; a day's march"),
    Parameter("offensive_growth", 0.01, "1/week", 0.0, 0.05,
              "share of the way to what backers can keep that a backed faction on the offensive grows in a "
              "week",
              "no source; without it no peace of a weak group ever breaks"),
    Parameter("growth_most", 2.3, "1", 1.0, 6.0,
              "strength that backers can keep, relative to what the case's table says",
              "no source; M23 in 2012 and 2022 and CODECO grew by more in a year (from memory)", "memory"),
    Parameter("growth_fades", 0.005, "1/week", 0.0, 0.05,
              "share of it that is lost in a week otherwise",
              "no source"),
    Parameter("truce_rate", 0.035, "1/week", 0.0, 0.1,
              "chance in a week that all who fight in a district full of violence come to a truce",
              "no source; local truces are many and rarely counted"),
    Parameter("truce_mediated", 1.0, "1", 0.0, 4.0,
              "how much full mediation by the mission's civilians raises that chance",
              "direction S3 (E1-44), Smidt 2020 (from memory); size not in any source", "memory"),
    Parameter("truce_weeks", 50.0, "weeks", 8.0, 156.0,
              "mean time for which it holds",
              "no source"),
    Parameter("truce_tempo", 0.2, "1", 0.0, 1.0,
              "attacks of groups in a district with a truce, relative to those without",
              "no source; some keep none"),
)

MECHANISMS = (
    Mechanism(
        "campaigns", "armed groups",
        "factions go to war and end it: campaigns that begin, spread and end",
        "E2g",
        {"dormant_tempo": 1.0, "active_tempo": 1.0, "offensive_tempo": 1.0, "tempo_spread": 0.0,
         "offensive_spread": 0.0, "offensive_growth": 0.0},
        "all attack at the rate of `attack_rate`, which is set for a world with campaigns",
    ),
    Mechanism(
        "campaign-openings", "armed groups",
        "factions go on the offensive where they expect that nobody would come",
        "guess", {"opening_weight": 0.0},
        "campaigns then begin alike whatever the mission does",
    ),
    Mechanism(
        "campaign-contagion", "armed groups",
        "violence next door draws factions into war",
        "E2g", {"heat_weight": 0.0},
    ),
    Mechanism(
        "campaign-rifts", "armed groups",
        "factions that have split are sooner at war",
        "Cunningham, Bakke & Seymour 2012", {"rift_weight": 0.0},
    ),
    Mechanism(
        "campaign-grievance", "armed groups",
        "factions among people angry at the state are sooner at war",
        "guess", {"anger_weight": 0.0},
    ),
    Mechanism(
        "campaign-spread", "armed groups",
        "groups on the offensive attack in adjacent districts",
        "E2g", {"offensive_spread": 0.0},
    ),
    Mechanism(
        "backing", "armed groups",
        "backing from outside comes and goes",
        "guess", {"backing_weight": 0.0, "offensive_growth": 0.0},
    ),
    Mechanism(
        "truces", "armed groups",
        "all who fight in a district come to a truce for a time",
        "guess", {"truce_rate": 0.0},
    ),
    Mechanism(
        "mediated-truces", "the mission",
        "civilians of the mission bring about truces",
        "E1-44", {"truce_mediated": 0.0},
    ),
)
# fmt: on


@compiled
def usual_campaign(u: float, p: np.record) -> int:
    """Return what a faction is at the start, from a uniform `u`: as often as the hazards have it at rest.

    Of the chain of three states with the hazards of an average world, each share in proportion.
    """
    war = p.open / p.exhaust
    dormant = (p.quieten + p.open * p.settles) / p.wake
    x = u * (dormant + 1.0 + war)
    if x < dormant:
        return Campaign.DORMANT
    if x < dormant + 1.0:
        return Campaign.ACTIVE
    return Campaign.OFFENSIVE


@compiled
def begin_campaigns(world: World, key: np.uint64) -> None:
    """Draw what each faction is at the start of a replicate: its campaign, backing and tempo."""
    p = world.parameters[0]
    for f in range(len(world.factions)):
        faction = world.factions[f]
        faction.campaign = usual_campaign(chance.uniform(key, chance.CAMPAIGN, f, Campaigning.CHANGES), p)
        u = chance.uniform(key, chance.CAMPAIGN, f, Campaigning.BACKING)
        faction.backed = 1 if u < backed_share(p) else 0
        faction.tempo = p.tempo_spread * chance.normal(
            chance.uniform(key, chance.CAMPAIGN, f, Campaigning.TEMPO)
        )


@inlined
def backed_share(p: np.record) -> float:
    """Return the share (0-1) of time for which somebody outside backs a faction."""
    return p.backed_weeks / (p.backed_weeks + p.unbacked_weeks)


@inlined
def backed_supply(faction: np.record, p: np.record) -> float:
    """Return what comes from outside this week, relative to the mean that the case's table gives."""
    return faction.backed / backed_share(p)


@compiled
def count_in(world: World, g: int, met: float) -> None:
    """Count group `g`, which expects to be `met` (0-1), into what its faction is and sees this week."""
    p = world.parameters[0]
    group = world.armed_groups[g]
    faction = world.factions[group.faction]
    if faction.lead < 0 or group.fighters > world.armed_groups[faction.lead].fighters:
        faction.lead = g
    n = group.fighters
    faction.fighters += n
    faction.expects += n * met * (1.0 - group.undeterred)
    faction.lost += n * min(1.0, group.hurt)
    faction.stored += n * group.supply / p.supply_cap
    here = world.districts[group.district]
    faction.heat += n * here.heat_near
    faction.anger += n * here.anger
    faction.known += n * here.known_to_state / (here.known_to_state + p.operation_known)


@behaviour
def campaign(world: World, f: int) -> None:
    """Let backing come or go, and the faction begin or end a campaign. A faction without fighters rests."""
    faction = world.factions[f]
    if faction.fighters == 0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    weeks = p.backed_weeks if faction.backed == 1 else p.unbacked_weeks
    if chance.uniform(key, chance.CAMPAIGN, f, Campaigning.BACKING) < 1.0 / weeks:
        faction.backed = 1 - faction.backed
    faction.rift *= 1.0 - p.rift_fades
    keep_tempo(faction, chance.uniform(key, chance.CAMPAIGN, f, Campaigning.TEMPO), p)
    swell(faction, p)
    was = faction.campaign
    u = chance.uniform(key, chance.CAMPAIGN, f, Campaigning.CHANGES)
    becomes = next_campaign(faction, u, chance.uniform(key, chance.CAMPAIGN, f, Campaigning.TO), p)
    if becomes == was:
        return
    faction.campaign = becomes
    n = float(faction.fighters)
    kind = events.CAMPAIGN if becomes == Campaign.OFFENSIVE else events.CAMPAIGN_ENDS
    if becomes == Campaign.OFFENSIVE or was == Campaign.OFFENSIVE:
        note(
            world.events, world.clock, kind, world.armed_groups[faction.lead].district, faction.lead, -1, -1,
            n, float(faction.backed), faction.heat / n, faction.expects / n, faction.lost / n,
        )  # fmt: skip


@compiled
def keep_tempo(faction: np.record, u: float, p: np.record) -> None:
    """Let the tempo of a faction wander (first-order autoregression), from a uniform `u`."""
    fresh = math.sqrt(1.0 - p.tempo_kept * p.tempo_kept) * p.tempo_spread
    faction.tempo = p.tempo_kept * faction.tempo + fresh * chance.normal(u)


@compiled
def swell(faction: np.record, p: np.record) -> None:
    """Let a faction grow on what backers pay in an offensive, or shrink back to what it was."""
    if faction.backed == 1 and faction.campaign == Campaign.OFFENSIVE:
        faction.swell += p.offensive_growth * max(0.0, p.growth_most - faction.swell)
    else:
        faction.swell -= p.growth_fades * (faction.swell - 1.0)


@compiled
def next_campaign(faction: np.record, u: float, to: float, p: np.record) -> int:
    """Return the campaign of a faction next week, from uniforms `u` (whether it changes) and `to` (to what).

    Hazards multiply: each reason adds to the logarithm.
    """
    n = max(1.0, float(faction.fighters))
    backing = p.backing_weight * (faction.backed - 0.5)
    losses = p.loss_weight * faction.lost / n
    drawn = backing + p.heat_weight * faction.heat / n - losses
    drawn += p.anger_weight * faction.anger / n + p.rift_weight * faction.rift
    if faction.campaign == Campaign.DORMANT:
        return Campaign.ACTIVE if u < clip(p.wake * exp(drawn), 0.0, 1.0) else Campaign.DORMANT
    if faction.campaign == Campaign.OFFENSIVE:
        hungry = p.hunger_weight * (0.5 - faction.stored / n)
        if u >= clip(p.exhaust * exp(losses + hungry - backing), 0.0, 1.0):
            return Campaign.OFFENSIVE
        return Campaign.DORMANT if to < p.settles else Campaign.ACTIVE
    opens = clip(p.open * exp(drawn - p.opening_weight * faction.expects / n), 0.0, 1.0)
    if u < opens:
        return Campaign.OFFENSIVE
    # from the other end of the same uniform, so that neither chance changes the other's weeks
    if u > 1.0 - clip(p.quieten * exp(losses - backing), 0.0, 1.0):
        return Campaign.DORMANT
    return Campaign.ACTIVE


@compiled
def tempo(faction: np.record, here: np.record, p: np.record) -> float:
    """Return the rate at which groups of a faction attack in a district, relative to `attack_rate`."""
    own = exp(faction.tempo - 0.5 * p.tempo_spread * p.tempo_spread)
    if here.truce == 1:
        own *= p.truce_tempo
    if faction.campaign == Campaign.OFFENSIVE:
        return own * p.offensive_tempo
    return own * (p.active_tempo if faction.campaign == Campaign.ACTIVE else p.dormant_tempo)


@compiled
def spread(faction: np.record, hours: float, p: np.record) -> float:
    """Return the attacks of a group in an adjacent district `hours` away, relative to those in its own."""
    if faction.campaign != Campaign.OFFENSIVE:
        return 0.0
    return p.offensive_spread * exp(-hours / p.offensive_reach)


@compiled
def truce_chance(here: np.record, p: np.record) -> float:
    """Return the chance (0-1) that all who fight in a district come to a truce: by violence and mediation."""
    heat = here.known_to_people / (here.known_to_people + p.heat_scale)
    return clip(p.truce_rate * heat * (1.0 + p.truce_mediated * here.mediation), 0.0, 1.0)


@behaviour
def make_peace(world: World, d: int) -> None:
    """Let all who fight in district `d` come to a truce, by how much violence there has been, or break it."""
    here = world.districts[d]
    p = world.parameters[0]
    key = world.keys[0]
    if here.truce == 1:
        if chance.uniform(key, chance.TRUCE, d, Peace.ENDS) < 1.0 / p.truce_weeks:
            here.truce = 0
            note(
                world.events,
                world.clock,
                events.TRUCE,
                d,
                -1,
                -1,
                -1,
                0.0,
                here.known_to_people,
                0.0,
                0.0,
                0.0,
            )
        return
    if chance.uniform(key, chance.TRUCE, d, Peace.BEGINS) < truce_chance(here, p):
        here.truce = 1
        note(world.events, world.clock, events.TRUCE, d, -1, -1, -1, 1.0, here.known_to_people, 0.0, 0.0, 0.0)
