"""Ways between districts: how presence, answers, alerts and flight thin out with travel time.

All decay with distance as exp(-hours / reach). Distances and reaches do not change within a run, so what
is left at each near district is tabulated at its start (`World.decay`).
"""

from __future__ import annotations

from sim.arithmetic import exp
from sim.compiled import compiled
from sim.world.codes import Posture
from sim.world.state import ALERT, ANSWER, ANSWER_MEAN, FLIGHT, PATROL, World


@compiled
def tabulate_decay(world: World) -> None:
    """Fill `World.decay` from travel hours and the reaches of the parameters."""
    p = world.parameters[0]
    decay = world.decay
    static, mobile = Posture.STATIC, Posture.MOBILE
    farther = p.answer_reach * p.mobile_reach
    for season in range(2):
        for d in range(len(world.districts)):
            for k in range(world.districts[d].near_count):
                hours = world.hours[season, d, k]
                to_people = hours + world.districts[world.near[d, k]].remoteness
                decay[PATROL + static, season, d, k] = exp(-hours / p.patrol_reach)
                decay[PATROL + mobile, season, d, k] = exp(-hours / (p.patrol_reach * p.mobile_reach))
                decay[ANSWER + static, season, d, k] = exp(-hours / p.answer_reach)
                decay[ANSWER + mobile, season, d, k] = exp(-hours / farther)
                decay[ANSWER_MEAN + static, season, d, k] = exp(-to_people / p.answer_reach)
                decay[ANSWER_MEAN + mobile, season, d, k] = exp(-to_people / farther)
                decay[ALERT, season, d, k] = exp(-hours / p.alert_reach)
                decay[FLIGHT, season, d, k] = exp(-hours / p.flight_reach)
