"""How armed groups make up their minds: whom to attack, at a rate, and what else to do, by noisy utility.

A group that has a reason to attacks civilians at a rate that falls, place by place, with the chance it gives
to being met there. In a week without an attack it chooses among lying low, taxing, contesting control and
robbing aid (logit), and once a quarter also among the districts it could move to.
"""

from __future__ import annotations

import math

import numpy as np

from sim import chance
from sim.agents.armed_group.beliefs import belief, expects_at, expects_to_be_met
from sim.agents.armed_group.motives import (
    Motives,
    attack_motive,
    attack_rate,
    attack_value,
    contest_value,
    hiding,
    information,
    motives,
    move_value,
    rob_value,
    tax_value,
)
from sim.agents.campaign import spread, tempo
from sim.arithmetic import either, log
from sim.chance import Attack, Prepare
from sim.compiled import behaviour, compiled
from sim.declare import Parameter
from sim.world import events, site
from sim.world.attack import attack
from sim.world.codes import Campaign, Choice, Mode
from sim.world.deterrence import CHOICE, cost_of_being_met, deterred
from sim.world.events import note
from sim.world.state import QUARTER, RAIDS, World

TRIES = 1000
"""Draws that a group has for people who are in the way of its attacks on one place."""
SITE_TRIES = 500
"""The first of those for a camp there."""

PART = "armed group: choice"

# fmt: off
PARAMETERS = (
    Parameter("own_people", 0.3, "1", 0.0, 1.0,
              "how much a community of the people a group says it fights for draws its attacks, relative "
              "to others",
              "no source"),
)
# fmt: on


@compiled
def perceived(value: float, u: float, p: np.record) -> float:
    """Return a value with the noise of choice, from a uniform `u`: the largest of such is a logit choice."""
    return value + 1.0 / p.decisiveness * chance.gumbel(u)


@behaviour
def decide(world: World, g: int) -> None:
    """Choose this week's action.

    Attacks on civilians come at a rate, place by place, for which a group needs a reason (`attack_rate`);
    in a week without any it does that of the largest utility, each with its own Gumbel noise (logit). Where
    the rule `deterrence` is `choice`, attacking is one of these.
    """
    group = world.armed_groups[g]
    group.choice = Choice.LIE_LOW
    if group.fighters <= 0:
        return
    p = world.parameters[0]
    d = group.district
    here = world.districts[d]
    key = world.keys[0]
    if p.deterrence != CHOICE and attacks(world, g, False) > 0:
        group.choice = Choice.ATTACK
        return
    met = expects_to_be_met(world.beliefs[g, d], p)

    best = perceived(hiding(group, here, p), chance.uniform(key, chance.DECIDE, g, Choice.LIE_LOW), p)
    tax = tax_value(group, here, group.control, group.coverage, p)
    u = chance.uniform(key, chance.DECIDE, g, Choice.TAX)
    risk = p.tax_exposure * cost_of_being_met(p) * met
    best = weigh(group, Choice.TAX, perceived(tax - risk, u, p), best)
    u = chance.uniform(key, chance.DECIDE, g, Choice.CONTEST)
    fight = contest_value(group, here, p)
    if fight > 0.0:  # nobody begins a fight that he expects to lose by, whatever the noise of choice
        best = weigh(group, Choice.CONTEST, perceived(fight, u, p), best)
    violence = attack_value(group, here, group.control, met, p)
    if p.deterrence == CHOICE:
        u = chance.uniform(key, chance.DECIDE, g, Choice.ATTACK)
        times = tempo(world.factions[group.faction], here, p) * (1.0 - group.pressed)
        violence = violence + log(times) / p.decisiveness if times > 0.0 else -math.inf  # so often the odds
        best = weigh(group, Choice.ATTACK, perceived(violence, u, p), best)
    u = chance.uniform(key, chance.ROB, g, chance.Rob.DECIDE)
    best = weigh(group, Choice.ROB_AID, perceived(rob_value(group, here, met, p), u, p), best)

    if (world.clock[0].week + g) % QUARTER != 0:
        return
    season = world.clock[0].season
    for j in range(1, here.neighbour_count):
        k = world.neighbours[d, j]
        n = world.near[d, k]
        there_met = expects_to_be_met(world.beliefs[g, n], p)
        value = move_value(
            group, world.districts[n], world.hours[season, d, k], there_met, max(tax, violence), p
        )
        # the draw belongs to the district, not to its place in the list
        value = perceived(value, chance.uniform(key, chance.DECIDE, g, Choice.MOVE + n), p)
        if value > best:
            group.destination = n
        best = weigh(group, Choice.MOVE, value, best)


@compiled
def weigh(group: np.record, choice: int, value: float, best: float) -> float:
    """Make `choice` a group's own if its value is above the best so far; returns the best now."""
    if value > best:
        group.choice = choice
        return value
    return best


@compiled
def weigh_places(world: World, g: int) -> tuple[float, float]:
    """Weigh the places of its district as targets of group `g`, in `World.candidates`, in their order.

    A place draws attacks by its people, and deters them by the chance that the group gives to being met
    there. Returns the sums of the weights, and of what they would be if nothing deterred.
    """
    p = world.parameters[0]
    group = world.armed_groups[g]
    here = world.districts[group.district]
    held = world.beliefs[g, group.district]
    detected = belief(held.detect_yes, held.detect_no, p.prior_detect, p.prior_weight)
    answered = belief(held.answer_yes, held.answer_no, p.prior_answer, p.prior_weight)
    total = 0.0
    plain = 0.0
    for c in range(here.first_community, here.end_community):
        k = c - here.first_community
        draws = target_weight(group, world.communities[c], p)
        met = expects_at(world.held[g, k], detected, answered, p) * (1.0 - group.undeterred)
        weight = draws * deterred(met, p)
        chance.offer(world.candidates, k, c, weight)
        total += weight
        plain += draws
    return total, plain


@compiled
def attacks(world: World, g: int, enter: bool) -> int:
    """Return how many attacks group `g` makes this week by its rate; enter them if asked to.

    In its own district, and on the offensive in adjacent ones; each gets its share of the whole.
    """
    p = world.parameters[0]
    group = world.armed_groups[g]
    here = world.districts[group.district]
    faction = world.factions[group.faction]
    motive = attack_motive(group, here, group.control, p)
    rate = attack_rate(group, motive, tempo(faction, here, p) * (1.0 - group.pressed), p)
    if rate <= 0.0:
        return 0
    if faction.campaign != Campaign.OFFENSIVE:
        return attacks_on_places(world, g, rate, enter) + attacks_on_sites(world, g, rate, enter)
    season = world.clock[0].season
    d = group.district
    shares = 1.0
    for j in range(1, here.neighbour_count):
        shares += spread(faction, world.hours[season, d, world.neighbours[d, j]], p)
    rate /= shares
    number = attacks_on_places(world, g, rate, enter) + attacks_on_sites(world, g, rate, enter)
    for j in range(1, here.neighbour_count):
        k = world.neighbours[d, j]
        part = spread(faction, world.hours[season, d, k], p)
        number += attacks_abroad(world, g, world.near[d, k], rate * part, enter)
    return number


@compiled
def attacks_abroad(world: World, g: int, d: int, rate: float, enter: bool) -> int:
    """Return how many attacks group `g` makes in adjacent district `d`; enter them if asked to.

    It knows that district as a whole, and none of its places. The draws belong to the district.
    """
    p = world.parameters[0]
    group = world.armed_groups[g]
    met = expects_to_be_met(world.beliefs[g, d], p) * (1.0 - group.undeterred)
    u = chance.uniform(world.keys[0], chance.PREPARE, g, Prepare.ABROAD + d)
    number = min(chance.SPREE, chance.poisson(u, rate * deterred(met, p)))
    if enter and number > 0:
        here = world.districts[d]
        total = 0.0
        for c in range(here.first_community, here.end_community):
            weight = target_weight(group, world.communities[c], p)
            chance.offer(world.candidates, c - here.first_community, c, weight)
            total += weight
        for i in range(number):
            u = chance.uniform(world.keys[0], chance.PREPARE, g, Prepare.WHERE_ABROAD + chance.SPREE * d + i)
            c = chance.pick(world.candidates, here.end_community - here.first_community, u * total)
            set_out(world, g, c, -1, i)
    return number


@compiled
def attacks_on_places(world: World, g: int, rate: float, enter: bool) -> int:
    """Return how many attacks on places of its district group `g` makes at a `rate`; enter them if asked to.

    One draw for each place: what happens at one draws nothing anew at another.
    """
    group = world.armed_groups[g]
    here = world.districts[group.district]
    _, plain = weigh_places(world, g)
    plain += site.targets(world, group.district)
    if plain <= 0.0:
        return 0
    number = 0
    for c in range(here.first_community, here.end_community):
        k = c - here.first_community
        u = chance.uniform(world.keys[0], chance.PREPARE, g, Prepare.ON_PLACES + k)
        n = chance.poisson(u, rate * world.candidates[k].weight / plain)
        number += n
        if enter:
            for i in range(n):
                set_out(world, g, c, -1, i)
    return number


@compiled
def attacks_on_sites(world: World, g: int, rate: float, enter: bool) -> int:
    """Return how many attacks on camps of its district group `g` makes at a `rate`; enter them if asked."""
    p = world.parameters[0]
    group = world.armed_groups[g]
    d = group.district
    sites = site.targets(world, d)
    if sites <= 0.0:
        return 0
    _, plain = weigh_places(world, g)
    met = expects_to_be_met(world.beliefs[g, d], p) * (1.0 - group.undeterred)
    mean = rate * sites / (plain + sites) * deterred(met, p)
    n = chance.poisson(chance.uniform(world.keys[0], chance.PREPARE, g, Prepare.ON_SITES), mean)
    if enter and n > 0:
        u = chance.uniform(world.keys[0], chance.PREPARE, g, Prepare.WHICH_SITE)
        s = site.choose(world, d, u * sites)
        for i in range(n):
            set_out(world, g, world.sites[s].community, s, SITE_TRIES + i)
    return n


@behaviour
def prepare(world: World, g: int) -> None:
    """Choose whom to attack, if that is the choice: places and camps by people and by what deters there."""
    group = world.armed_groups[g]
    if group.choice != Choice.ATTACK:
        return
    p = world.parameters[0]
    if p.deterrence != CHOICE and attacks(world, g, True) > 0:
        return
    choose_target(world, g)


@compiled
def choose_target(world: World, g: int) -> None:
    """Attack one place or camp, drawn by weight: the choice was made before the place was."""
    group = world.armed_groups[g]
    here = world.districts[group.district]
    total, _ = weigh_places(world, g)
    p = world.parameters[0]
    sites = site.targets(world, group.district)
    sites *= deterred(expects_to_be_met(world.beliefs[g, group.district], p) * (1.0 - group.undeterred), p)
    if total + sites <= 0.0:
        group.choice = Choice.LIE_LOW
        return
    x = chance.uniform(world.keys[0], chance.PREPARE, g, Prepare.TARGET) * (total + sites)
    if x > total:
        s = site.choose(world, group.district, (x - total) / sites * site.targets(world, group.district))
        set_out(world, g, world.sites[s].community, s, SITE_TRIES)
    else:
        set_out(world, g, chance.pick(world.candidates, here.end_community - here.first_community, x), -1, 0)


@compiled
def set_out(world: World, g: int, c: int, s: int, number: int) -> None:
    """Set out to attack place `c`, or camp `s` there, unless people who look on are in the way.

    `number`: which of its attacks on that place this is.
    """
    p = world.parameters[0]
    group = world.armed_groups[g]
    community = world.communities[c]
    here = world.districts[community.district]
    control = group.control if community.district == group.district else 0.0
    me = RAIDS * c + community.raids
    averted = p.team_restraint * community.accompanied
    if averted > 0.0:
        draw = Attack.AVERTED + TRIES * g + number
        if chance.uniform(world.keys[0], chance.ATTACK, c, draw) < averted:
            return
    draws = motives(group, here, control, p)
    u = chance.uniform(world.keys[0], chance.ATTACK, me, Attack.MODE)
    a = attack(world, g, c, s, choose_mode(draws, information(here, control, p), u))
    if a < 0 or len(world.events) == 0:
        return
    one = world.attacks[a]
    one.decision = note(
        world.events, world.clock, events.DECISION, community.district, g, c, -1,
        expects_to_be_met(world.beliefs[g, community.district], p),
        either(community.un_met, community.state_met),
        draws.selective + draws.indiscriminate,
        draws.loot,
        draws.revenge,
    )  # fmt: skip
    if one.decision >= 0:
        world.events[one.decision].mode = one.mode


@compiled
def choose_mode(draws: Motives, known: float, u: float) -> int:
    """Return what an attack is for, in proportion to what draws the group to it, from a uniform `u`.

    Revenge is selective as far as people tell it on whom to take it (`known`, 0-1).
    """
    selective = draws.selective + draws.revenge * known
    indiscriminate = draws.indiscriminate + draws.revenge * (1.0 - known)
    x = u * (selective + indiscriminate + draws.loot)
    if x < selective:
        return Mode.SELECTIVE
    if x < selective + indiscriminate:
        return Mode.INDISCRIMINATE
    return Mode.LOOTING


@compiled
def target_weight(group: np.record, community: np.record, p: np.record) -> float:
    """Return how much a place draws an attack, help left aside: its people (root), and identity."""
    weight = math.sqrt(community.residents)
    if group.identity >= 0 and community.identity == group.identity:
        weight *= p.own_people
    return weight
