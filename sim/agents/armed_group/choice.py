"""How armed groups make up their minds: by noisy utility (logit), and, to attack, whom and what for.

A group chooses each week among lying low, taxing, contesting control, attacking civilians and robbing aid,
and once a quarter also among the districts it could move to.
"""

from __future__ import annotations

import math

import numpy as np

from sim import chance
from sim.agents.armed_group.beliefs import expects_to_be_met
from sim.agents.armed_group.motives import (
    Motives,
    attack_value,
    contest_value,
    hiding,
    information,
    motives,
    move_value,
    rob_value,
    tax_value,
)
from sim.chance import Prepare
from sim.compiled import behaviour, compiled
from sim.declare import Parameter
from sim.world import events, site
from sim.world.codes import Choice, Mode
from sim.world.district import met_chance
from sim.world.events import note
from sim.world.state import QUARTER, World

PART = "armed group: choice"

# fmt: off
PARAMETERS = (
    Parameter("decisiveness", 2.2, "1/value", 1.0, 5.0,
              "logit precision, the inverse noise of choice: log odds per unit of value (the weekly value of "
              "fully taxing a rich district)",
              "no source; form logit (evidence 3)"),
    Parameter("remote_target", 0.5, "1/hour", 0.0, 2.0,
              "how much more an hour of distance from the centre draws an attack",
              "no source; help is far there"),
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
    """Choose this week's action: the largest utility, each with its own Gumbel noise (logit)."""
    group = world.armed_groups[g]
    group.choice = Choice.LIE_LOW
    group.target = -1
    if group.fighters <= 0:
        return
    p = world.parameters[0]
    d = group.district
    here = world.districts[d]
    key = world.keys[0]
    met = expects_to_be_met(world.beliefs[g, d], p)

    best = perceived(hiding(group, here, p), chance.uniform(key, chance.DECIDE, g, Choice.LIE_LOW), p)
    tax = tax_value(group, here, group.control, group.coverage, p)
    u = chance.uniform(key, chance.DECIDE, g, Choice.TAX)
    best = weigh(group, Choice.TAX, perceived(tax - p.tax_exposure * p.met_cost * met, u, p), best)
    u = chance.uniform(key, chance.DECIDE, g, Choice.CONTEST)
    best = weigh(group, Choice.CONTEST, perceived(contest_value(group, here, p), u, p), best)
    attack = attack_value(group, here, group.control, met, p)
    u = chance.uniform(key, chance.DECIDE, g, Choice.ATTACK)
    best = weigh(group, Choice.ATTACK, perceived(attack, u, p), best)
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
            group, world.districts[n], world.hours[season, d, k], there_met, max(tax, attack), p
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


@behaviour
def prepare(world: World, g: int) -> None:
    """Choose which community or camp of its district to attack: people and remoteness draw it."""
    group = world.armed_groups[g]
    group.site = -1
    if group.choice != Choice.ATTACK:
        return
    p = world.parameters[0]
    here = world.districts[group.district]
    n = 0
    total = 0.0
    for c in range(here.first_community, here.end_community):
        community = world.communities[c]
        if community.raider < 0:
            weight = target_weight(group, community, p)
            n = chance.offer(world.candidates, n, c, weight)
            total += weight
    if total <= 0.0:
        group.choice = Choice.LIE_LOW
        return
    sites = site.targets(world, group.district)
    x = chance.uniform(world.keys[0], chance.PREPARE, g, Prepare.TARGET) * (total + sites)
    if sites > 0.0 and x > total:
        site.choose(world, g, x - total)
    if group.target < 0:
        group.target = chance.pick(world.candidates, n, x)
    community = world.communities[group.target]
    averted = p.team_restraint * community.accompanied
    if averted > 0.0:
        if chance.uniform(world.keys[0], chance.ACCOMPANY, g, chance.Accompany.ATTACK) < averted:
            group.choice = Choice.LIE_LOW  # people who look on, and talk to it, are in the way
            group.target = -1
            group.site = -1
            return
    draws = motives(group, here, group.control, p)
    u = chance.uniform(world.keys[0], chance.PREPARE, g, Prepare.MODE)
    group.mode = choose_mode(draws, information(here, group.control, p), u)
    community.raider = g
    if group.site >= 0:
        world.sites[group.site].raider = g
    if len(world.events) > 0:
        group.decision = note(
            world.events, world.clock, events.DECISION, group.district, g, group.target, -1,
            expects_to_be_met(world.beliefs[g, group.district], p),
            met_chance(here),
            draws.selective + draws.indiscriminate,
            draws.loot,
            draws.revenge,
        )  # fmt: skip
        if group.decision >= 0:
            world.events[group.decision].mode = group.mode


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
    """Return how much a community draws an attack: its size (root), distance from help, and identity."""
    weight = math.sqrt(community.residents) * (1.0 + p.remote_target * community.remoteness)
    if group.identity >= 0 and community.identity == group.identity:
        weight *= p.own_people
    return weight
