"""Excess mortality: need that stays unmet for months costs lives.

A district's deprivation is the share of need that aid left unmet of late. Those who die of it are
persons and leave the world, but nobody killed them: they are counted apart, and `measures` never adds
them to the killed. Deaths that would have happened anyway are outside the model.

Sources: emergency thresholds of mortality, 1 death per 10,000 people a day against some 0.4 in normal
times (remembered; the order of magnitude only). The delay and the linear form are the authors'.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.arithmetic import clip
from sim.chance import Need
from sim.compiled import compiled, inlined
from sim.declare import Mechanism, Parameter
from sim.world.people import DEAD_OF_NEED, take_displaced
from sim.world.state import QUARTER, World

PART = "excess mortality"

# fmt: off
PARAMETERS = (
    Parameter("deprivation_memory", 10.0, "weeks", 4.0, 26.0,
              "mean time over which unmet need counts",
              "no source; two to three months between the loss of aid and the deaths"),
    Parameter("excess_mortality", 0.1, "1/10,000/day", 0.02, 2.0,
              "excess deaths among people in need where none of it is met for months",
              "order of magnitude: an emergency is 1 per 10,000 a day, normal times some 0.4; a sixth of the "
              "difference, as most people in need live on means of their own and deaths from want are some 3 "
              "to 15 times those from violence in most wars; all remembered, none checked", "memory"),
)
# fmt: on


# fmt: off
MECHANISMS = (
    Mechanism(
        "excess-mortality", "aid",
        "need that stays unmet for months costs lives",
        "guess; orders of magnitude of emergencies", {"excess_mortality": 0.0},
    ),
)
# fmt: on

DAYS_A_WEEK = 7.0


@compiled
def excess_rate(deprivation: float, deaths: float) -> float:
    """Return the excess deaths a person in need and week; `deaths` per 10,000 a day if nothing is met."""
    return deprivation * deaths * DAYS_A_WEEK / 10000.0


@inlined
def unmet_need(here: np.record) -> float:
    """Return the share (0-1) of a district's need that no aid met this week."""
    if here.aid_needed <= 0.0:
        return 0.0
    return clip(1.0 - here.aid_delivered / here.aid_needed, 0.0, 1.0)


@compiled
def deprive(here: np.record, first: bool, p: np.record) -> None:
    """Let a week's unmet need add to a district's deprivation; in the `first` week it is as it long was."""
    unmet = unmet_need(here)
    if first:
        here.deprivation = unmet
    here.deprivation += (unmet - here.deprivation) / p.deprivation_memory


@compiled
def die_of_need(world: World, d: int) -> None:
    """Let unmet need add up to deprivation, and once a quarter by turns count those who died of it."""
    p = world.parameters[0]
    here = world.districts[d]
    week = world.clock[0].week
    deprive(here, week == -world.clock[0].before, p)
    if (week + d) % QUARTER != 0 or p.excess_mortality <= 0.0 or here.aid_needed <= 0.0:
        return
    key = world.keys[0]
    mean = QUARTER * excess_rate(here.deprivation, p.excess_mortality) * here.aid_needed
    deaths = chance.poisson(chance.uniform(key, chance.NEED, d, Need.DEATHS), mean)
    if deaths == 0:
        return
    # among the displaced and the residents in proportion to their need
    part = clip(here.hosted / here.aid_needed, 0.0, 1.0)
    among_hosted = chance.binomial(chance.uniform(key, chance.NEED, d, Need.AMONG_HOSTED), deaths, part)
    in_sites = 0
    if here.in_sites > 0:
        part = clip(here.in_sites / here.hosted, 0.0, 1.0)
        in_sites = chance.binomial(chance.uniform(key, chance.NEED, d, Need.IN_SITES), among_hosted, part)
        in_sites = take_from_sites(world, d, in_sites)
    outside = min(among_hosted - in_sites, here.hosted - here.in_sites - in_sites)
    dead = take_displaced(world, d, in_sites + max(0, outside), DEAD_OF_NEED, chance.NEED, d, Need.HOMES)
    here.excess_deaths += dead + take_residents(world, d, deaths - among_hosted)


@compiled
def take_residents(world: World, d: int, n: int) -> int:
    """Take `n` dead of need from the residents of district `d`, by how many fear; returns how many."""
    here = world.districts[d]
    left = n
    weight = 0.0
    for c in range(here.first_community, here.end_community):
        weight += world.communities[c].fear * world.communities[c].residents
    for c in range(here.first_community, here.end_community):
        if left == 0 or weight <= 0.0:
            break
        community = world.communities[c]
        own = community.fear * community.residents
        u = chance.uniform(world.keys[0], chance.NEED, d, Need.RESIDENTS + c - here.first_community)
        gone = min(community.residents, chance.binomial(u, left, clip(own / weight, 0.0, 1.0)))
        weight -= own
        community.residents -= gone
        left -= gone
    world.ledger[0].dead_of_need += n - left
    return n - left


@compiled
def take_from_sites(world: World, d: int, n: int) -> int:
    """Take `n` people out of the count of the sites of district `d`, by size; returns how many."""
    here = world.districts[d]
    left = n
    pool = here.in_sites
    for s in range(len(world.sites)):
        site = world.sites[s]
        if site.district != d or left == 0 or pool <= 0:
            continue
        u = chance.uniform(world.keys[0], chance.NEED, d, Need.SITES + s)
        gone = min(site.persons, chance.binomial(u, left, clip(site.persons / pool, 0.0, 1.0)))
        pool -= site.persons
        site.persons -= gone
        here.in_sites -= gone
        left -= gone
    return n - left
