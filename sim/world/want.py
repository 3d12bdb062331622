"""Want: need that stays unmet for months costs lives.

A district's deprivation is the share of need that aid left unmet of late. Those who die of it are
persons and leave the world, but nobody killed them: they are counted apart, and `measures` never adds
them to the killed. Deaths that would have happened anyway are outside the model.

Sources: emergency thresholds of mortality, 1 death per 10,000 people a day against some 0.4 in normal
times (remembered; the order of magnitude only). The delay and the linear form are the authors'.
"""

from __future__ import annotations

from sim import chance
from sim.arithmetic import clip
from sim.compiled import compiled
from sim.declare import Mechanism, Parameter, Rule
from sim.world.people import WANT, take_displaced
from sim.world.state import QUARTER, World

TOLL = Rule(
    "toll", "who dies of want", {"linear": "in proportion to need", "late": "only where most is unmet"}
)
LATE = TOLL.number("late")

PART = "want"

# fmt: off
PARAMETERS = (
    Parameter("want_memory", 10.0, "weeks", 4.0, 26.0,
              "mean time over which unmet need counts",
              "no source; two to three months between the loss of aid and the deaths"),
    Parameter("want_deaths", 0.1, "1/10,000/day", 0.02, 2.0,
              "excess deaths among people in need where none of it is met for months",
              "order of magnitude: an emergency is 1 per 10,000 a day, normal times some 0.4; a sixth of the "
              "difference, as most people in need live on means of their own and deaths from want are some 3 "
              "to 15 times those from violence in most wars; all remembered, none checked", "memory"),
    Parameter("want_shared", 0.1, "1", 0.0, 0.5,
              "share of unmet need that neighbours make good",
              "no source"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "want", "aid",
        "need that stays unmet for months costs lives",
        "guess; orders of magnitude of emergencies", {"want_deaths": 0.0},
    ),
    Mechanism("sharing", "aid", "neighbours share what they have", "guess", {"want_shared": 0.0}),
)
# fmt: on


@compiled
def want_rate(deprivation: float, deaths: float) -> float:
    """Return the excess deaths a person in need and week; `deaths` per 10,000 a day if nothing is met."""
    return deprivation * deaths * 7.0 / 10000.0


@compiled
def starve(world: World, d: int) -> None:
    """Let unmet need add up to deprivation, and once a quarter by turns count those who died of it."""
    p = world.parameters[0]
    t = world.districts
    needed = t[d].aid_needed
    unmet = 0.0
    if needed > 0.0:
        unmet = (1.0 - p.want_shared) * clip(1.0 - t[d].aid_delivered / needed, 0.0, 1.0)
    if world.clock[0].week == 0:
        t[d].deprivation = unmet  # as it has been for a long time
    t[d].hungry += unmet
    t[d].deprivation += (unmet - t[d].deprivation) / p.want_memory
    if (world.clock[0].week + d) % QUARTER != 0 or p.want_deaths <= 0.0 or needed <= 0.0:
        return
    key = world.keys[0]
    short = t[d].deprivation if p.toll != LATE else max(0.0, 2.0 * t[d].deprivation - 1.0)
    mean = QUARTER * want_rate(short, p.want_deaths) * needed
    deaths = chance.poisson(chance.uniform(key, chance.WANT, d, 0), mean)
    if deaths == 0:
        return
    # among the displaced and the residents in proportion to their need
    part = clip(t[d].hosted / needed, 0.0, 1.0)
    among_hosted = chance.binomial(chance.uniform(key, chance.WANT, d, 1), deaths, part)
    in_sites = 0
    if t[d].in_sites > 0:
        part = clip(t[d].in_sites / t[d].hosted, 0.0, 1.0)
        in_sites = chance.binomial(chance.uniform(key, chance.WANT, d, 2), among_hosted, part)
        in_sites = take_from_sites(world, d, in_sites)
    outside = min(among_hosted - in_sites, t[d].hosted - t[d].in_sites - in_sites)
    died = take_displaced(world, d, in_sites + max(0, outside), WANT, chance.WANT, d, 1000)
    left = deaths - among_hosted
    weight = 0.0
    for c in range(t[d].first_community, t[d].end_community):
        weight += world.communities[c].fear * world.communities[c].residents
    for c in range(t[d].first_community, t[d].end_community):
        if left == 0 or weight <= 0.0:
            break
        own = world.communities[c].fear * world.communities[c].residents
        u = chance.uniform(key, chance.WANT, d, 3 + c - t[d].first_community)
        n = min(world.communities[c].residents, chance.binomial(u, left, clip(own / weight, 0.0, 1.0)))
        weight -= own
        world.communities[c].residents -= n
        left -= n
        died += n
        world.ledger[0].died_of_want += n
    t[d].excess_deaths += died


@compiled
def take_from_sites(world: World, d: int, n: int) -> int:
    """Take `n` people out of the count of the sites of district `d`, by size; returns how many."""
    left = n
    pool = world.districts[d].in_sites
    for s in range(len(world.sites)):
        if world.sites[s].district != d or left == 0 or pool <= 0:
            continue
        here = world.sites[s].persons
        u = chance.uniform(world.keys[0], chance.WANT, d, 100 + s)
        gone = min(here, chance.binomial(u, left, clip(here / pool, 0.0, 1.0)))
        pool -= here
        world.sites[s].persons -= gone
        world.districts[d].in_sites -= gone
        left -= gone
    return n - left
