"""Alerts: whoever comes first to those who called ends the attack on them.

Who acts depends on what he has and whom he would meet (`stops`): a patrol that meets more than it can stop
is no answer.
"""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import compiled, inlined
from sim.declare import Parameter
from sim.world import events
from sim.world.attack import BAND, who
from sim.world.events import note
from sim.world.state import World

PART = "answers to alerts"

# fmt: off
PARAMETERS = (
    Parameter("patrol_least", 30.0, "troops", 8.0, 100.0,
              "troops of the smallest party that goes out to an attack, if there are so many",
              "no source; a platoon"),
    Parameter("patrol_share", 0.25, "1", 0.05, 1.0,
              "share of the free troops of a base that go out together, if that is more",
              "no source; the others guard the base or are out already"),
    Parameter("soldier_worth", 3.0, "attackers", 1.0, 8.0,
              "attackers whom one soldier of a party, UN or of a wholly able state, stops with even chance",
              "no source; armed men who attack civilians do not seek battle"),
    Parameter("attackers", 50.0, "fighters", 10.0, 200.0,
              "fighters of a group of 100 who come to an attack (grows with the square root)",
              "no source; from memory, attacks around Beni were reported of some tens of men", "memory"),
)
# fmt: on


@inlined
def alert_draw(one: np.record) -> int:
    """Return the first of a unit's draws (`chance.Answer`) about an attack."""
    return 2 * who(one)


@inlined
def party(free: float, p: np.record) -> float:
    """Return how many of `free` troops go out to one attack together."""
    return min(free, max(p.patrol_least, p.patrol_share * free))


@inlined
def band(fighters: float, p: np.record) -> float:
    """Return how many of a group's fighters come to one attack."""
    return min(fighters, p.attackers * math.sqrt(fighters / BAND))


@inlined
def stops(soldiers: float, fighters: float, p: np.record) -> float:
    """Return the chance (0-1) that a party of effective `soldiers` stops the attack of a group."""
    worth = p.soldier_worth * soldiers
    against = band(fighters, p)
    if worth + against <= 0.0:
        return 0.0
    return worth / (worth + against)


@compiled
def arrive(one: np.record, hours: float, by: int) -> bool:
    """Let `by` (`Answer`) be there `hours` after the alert of an attack; return whether it is the first.

    The people may have seen the attack come and called before it began: that time is won.
    """
    hours = max(0.0, hours - one.lead)
    if hours >= one.arrival:
        return False
    one.arrival = hours
    one.answered_by = by
    return True


@compiled
def answer_alert(world: World, a: int, hours: float, by: int, agent: int) -> None:
    """Let unit `agent` of `by` (`Answer`) be there `hours` after the alert of attack `a`; log the first."""
    one = world.attacks[a]
    if arrive(one, hours, by):
        community = world.communities[one.community]
        community.answered_by = by
        cause = one.event if one.event >= 0 else one.decision  # guards of a camp need no alert
        one.event = note(
            world.events, world.clock, events.ANSWER, community.district, agent, one.community, cause,
            float(one.answered_by), one.arrival, 0.0, 0.0, 0.0,
        )  # fmt: skip
