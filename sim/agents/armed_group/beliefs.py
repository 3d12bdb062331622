"""What armed groups believe: how likely an act is noticed, and answered, in each district and place.

A group sees patrols (or not) in the places of its own district and in adjacent districts, learns from what
became of its own attacks and from what it hears of others', and forgets. Nothing tells it that a base has
closed: it notices that patrols no longer come, and, if it dares, that nobody answers. What it believes of a
place starts from what it believes of the district. Each belief is the mean of a beta distribution over
counted evidence (`sim.world.state.BELIEFS`).
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.arithmetic import either, power
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Mechanism, Parameter
from sim.world.codes import Answer
from sim.world.district import met_chance
from sim.world.state import World

PART = "armed group: beliefs"

# fmt: off
PARAMETERS = (
    Parameter("own_weight", 1.0, "observations", 0.5, 2.0,
              "weight of what became of an attack of its own",
              "the unit of the other weights"),
    Parameter("sight_weight", 0.35, "observations/week", 0.1, 1.0,
              "weight of a week's sight of patrols (or their absence), in its own district",
              "no source"),
    Parameter("hearsay_weight", 0.3, "observations", 0.05, 1.0,
              "weight of what became of another group's attack in the same or an adjacent district",
              "no source"),
    Parameter("belief_kept", 0.95, "1/week", 0.85, 0.99,
              "part of a group's evidence that is not forgotten in a week",
              "no source; 0.95 is a mean life of 20 weeks"),
    Parameter("prior_weight", 1.5, "observations", 0.3, 5.0,
              "weight of the prior belief",
              "no source"),
    Parameter("prior_detect", 0.2, "1", 0.05, 0.5,
              "prior belief that an act is noticed",
              "no source"),
    Parameter("prior_answer", 0.35, "1", 0.1, 0.7,
              "prior belief that an act that is noticed is answered",
              "no source; above the recorded 20-26 % (E2c, OIOS), which groups have yet to learn"),
    Parameter("place_prior", 3.0, "observations", 0.5, 15.0,
              "weight of what a group believes of the whole district in what it believes of a place",
              "no source"),
)

MECHANISMS = (
    Mechanism(
        "learning", "armed groups",
        "armed groups learn whether acts are noticed and answered, from sight, experience and hearsay",
        "evidence 3", {"own_weight": 0.0, "sight_weight": 0.0, "hearsay_weight": 0.0},
        "everybody keeps the prior belief for ever",
    ),
)
# fmt: on


@compiled
def belief(yes: float, no: float, prior: float, weight: float) -> float:
    """Return the mean of a beta belief: evidence for and against, and a prior with a weight."""
    return (yes + prior * weight) / (yes + no + weight)


@compiled
def fade(held: np.record, week: int, p: np.record) -> None:
    """Let the evidence of a belief age until `week`."""
    age = week - held.belief_week
    if age > 0:
        keep = p.belief_kept if age == 1 else power(p.belief_kept, age)
        held.detect_yes *= keep
        held.detect_no *= keep
        held.answer_yes *= keep
        held.answer_no *= keep
        held.belief_week = week


@compiled
def expects_to_be_met(held: np.record, p: np.record) -> float:
    """Return the chance (0-1) that a group with the belief `held` gives to being met if it attacks there."""
    detected = belief(held.detect_yes, held.detect_no, p.prior_detect, p.prior_weight)
    answered = belief(held.answer_yes, held.answer_no, p.prior_answer, p.prior_weight)
    return detected * answered


@compiled
def expects_at(place: np.record, detected: float, answered: float, p: np.record) -> float:
    """Return the chance (0-1) that a group gives to being met at a place of its district.

    `place`: what it knows of the place; `detected`, `answered`: what it believes of the district, which
    counts for as much as `place_prior` observations.
    """
    detected = belief(place.detect_yes, place.detect_no, detected, p.place_prior)
    answered = belief(place.answer_yes, place.answer_no, answered, p.place_prior)
    return detected * answered


@compiled
def learn(held: np.record, week: int, weight: float, noticed: bool, answered: bool, p: np.record) -> None:
    """Add to a belief what became of an attack."""
    fade(held, week, p)
    if noticed:
        held.detect_yes += weight
        if answered:
            held.answer_yes += weight
        else:
            held.answer_no += weight
    else:
        held.detect_no += weight


@compiled
def learn_from_attack(world: World, a: int) -> None:
    """Let a group take in what became of its attack `a`, and others near by hear of it."""
    p = world.parameters[0]
    groups = world.armed_groups
    one = world.attacks[a]
    g = one.group
    d = world.communities[one.community].district
    here = world.districts[d]
    week = world.clock[0].week
    alerted = one.alerted == 1
    met = one.answered_by != Answer.NOBODY
    place = one.community - here.first_community
    learn(world.beliefs[g, d], week, p.own_weight, alerted, met, p)
    if groups[g].district == d:
        learn(world.held[g, place], week, p.own_weight, alerted, met, p)
    for j in range(here.neighbour_count):  # what others hear of it
        k = world.neighbours[d, j]
        other = world.districts[world.near[d, k]].first_group
        while other >= 0:
            if other != g:
                learn(world.beliefs[other, d], week, p.hearsay_weight, alerted, met, p)
                if groups[other].district == d:  # not of one that has moved away this week
                    learn(world.held[other, place], week, p.hearsay_weight, alerted, met, p)
            other = groups[other].next_group


@compiled
def forget_places(world: World, g: int) -> None:
    """Let a group that comes to another district know nothing of its places."""
    held = world.held
    for k in range(held.shape[1]):
        held[g, k].detect_yes = 0.0
        held[g, k].detect_no = 0.0
        held[g, k].answer_yes = 0.0
        held[g, k].answer_no = 0.0
        held[g, k].belief_week = world.clock[0].week


@inlined
def patrolled(place: np.record) -> float:
    """Return the chance (0-1) that a group sees a patrol in a district, or place, in a week."""
    return either(place.un_presence, place.state_presence)


@behaviour
def observe(world: World, g: int) -> None:
    """See, or miss, patrols in its own and in adjacent districts, and in the places of its own."""
    group = world.armed_groups[g]
    if group.fighters <= 0:
        return
    p = world.parameters[0]
    d = group.district
    week = world.clock[0].week
    for j in range(world.districts[d].neighbour_count):
        k = world.neighbours[d, j]
        n = world.near[d, k]
        held = world.beliefs[g, n]
        place = world.districts[n]
        if week == -world.clock[0].before:
            remember(held, place, week, p)
        weight = p.sight_weight if k == 0 else p.sight_weight * p.hearsay_weight
        see(held, week, chance.uniform(world.keys[0], chance.SIGHT, g, k) < patrolled(place), weight, p)
    here = world.districts[d]
    for c in range(here.first_community, here.end_community):
        k = c - here.first_community
        seen = chance.uniform(world.keys[0], chance.PLACE_SIGHT, g, k) < patrolled(world.communities[c])
        see(world.held[g, k], week, seen, p.sight_weight, p)


@inlined
def see(held: np.record, week: int, seen: bool, weight: float, p: np.record) -> None:
    """Add to a belief that patrols were seen this week, or not."""
    fade(held, week, p)
    if seen:
        held.detect_yes += weight
    else:
        held.detect_no += weight


@compiled
def remember(held: np.record, place: np.record, week: int, p: np.record) -> None:
    """Begin with what years of living with mission and state have taught about a district.

    As much evidence as a group that watches and now and then attacks would hold in a steady state,
    divided as things are at the start: patrols seen, alerts raised, alerts answered.
    """
    seen = p.sight_weight / (1.0 - p.belief_kept)
    held.detect_yes = seen * patrolled(place)
    held.detect_no = seen * (1.0 - patrolled(place))
    tried = p.hearsay_weight / (1.0 - p.belief_kept)  # as if it heard of one attack a week
    held.answer_yes = tried * met_chance(place)
    held.answer_no = tried * (1.0 - met_chance(place))
    held.belief_week = week
