"""How far things reach: travel time turned into weights, once for each run.

Presence, answers, alerts and flight all thin out with travel time, exp(-hours / reach). Distances
and reaches do not change within a run, so the weights are tabulated at its start.
"""

from __future__ import annotations

from sim.arithmetic import exp
from sim.compiled import compiled
from sim.world.state import ALERT, ANSWER, ANSWER_MEAN, FLIGHT, NEAR, PATROL, World


@compiled
def tabulate_reach(world: World) -> None:
    """Fill `World.reach` from travel hours and the reaches of the parameters."""
    p = world.parameters[0]
    for season in range(2):
        for d in range(len(world.districts)):
            for k in range(NEAR):
                if world.near[d, k] < 0:
                    break
                hours = world.hours[season, d, k]
                world.reach[PATROL, season, d, k] = exp(-hours / p.patrol_reach)
                world.reach[PATROL + 1, season, d, k] = exp(-hours / (p.patrol_reach * p.mobile_reach))
                far = p.answer_reach * p.mobile_reach
                world.reach[ANSWER, season, d, k] = exp(-hours / p.answer_reach)
                world.reach[ANSWER + 1, season, d, k] = exp(-hours / far)
                to_people = hours + world.districts[world.near[d, k]].remoteness
                world.reach[ANSWER_MEAN, season, d, k] = exp(-to_people / p.answer_reach)
                world.reach[ANSWER_MEAN + 1, season, d, k] = exp(-to_people / far)
                world.reach[ALERT, season, d, k] = exp(-hours / p.alert_reach)
                world.reach[FLIGHT, season, d, k] = exp(-hours / p.flight_reach)
