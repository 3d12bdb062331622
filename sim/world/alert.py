"""Alerts: whoever comes first to a community that called ends the attack on it."""

from __future__ import annotations

import numpy as np

from sim.compiled import compiled, inlined
from sim.world import events
from sim.world.events import note
from sim.world.state import World

ALERTS = 32
"""Communities of a district that have numbers of their own for draws; a case has at most 20."""


@inlined
def alert_draw(here: np.record, d: int, c: int) -> int:
    """Return the first of a unit's draws (`chance.Answer`) about community `c` of district `d`, `here`."""
    return 2 * (c - here.first_community + ALERTS * d)


@compiled
def arrive(community: np.record, hours: float, who: int) -> bool:
    """Let `who` (`Answer`) reach a community `hours` after its alert; return whether it is the first.

    The people may have seen the attack come and called before it began: that time is won.
    """
    hours = max(0.0, hours - community.lead)
    if hours >= community.arrival:
        return False
    community.arrival = hours
    community.answered_by = who
    return True


@compiled
def answer_alert(world: World, c: int, hours: float, who: int, agent: int) -> None:
    """Let unit `agent` of `who` (`Answer`) reach community `c` `hours` after its alert; log the first."""
    community = world.communities[c]
    if arrive(community, hours, who):
        community.event = note(
            world.events, world.clock, events.ANSWER, community.district, agent, c, community.event,
            float(community.answered_by), community.arrival, 0.0, 0.0, 0.0,
        )  # fmt: skip
