"""Ways: how presence, answers, alerts, travel and flight thin out with travel time.

All decay with distance as exp(-hours / reach). Units act from *posts* (a base of the mission, or the centre
of a district) upon *places* (communities); people flee and herds move between districts. Distances and
reaches do not change within a run, so what is left after each way is tabulated at its start (`World.left`,
`World.decay`).
"""

from __future__ import annotations

from sim.arithmetic import exp
from sim.compiled import compiled
from sim.declare import Field, Table
from sim.world.codes import Posture
from sim.world.state import ANSWER, EAR, FLIGHT, PATROL, STATE_ANSWER, TRAVEL, World

POSTS = Table(
    "posts",
    "Where units act from: bases of the mission in their order, then the centre of each district.",
    (
        Field("district", "i8", "row", "district it stands in"),
        Field("count", "i8", "places", "places within its reach (`World.reach`)"),
    ),
)


@compiled
def tabulate(world: World) -> None:
    """Fill `World.decay` and `World.left` from travel hours and the reaches of the parameters."""
    p = world.parameters[0]
    static, mobile = Posture.STATIC, Posture.MOBILE
    for season in range(2):
        for d in range(len(world.districts)):
            for k in range(world.districts[d].near_count):
                hours = world.hours[season, d, k]
                world.decay[TRAVEL, season, d, k] = exp(-hours / p.travel_reach)
                world.decay[FLIGHT, season, d, k] = exp(-hours / p.flight_reach)
        for i in range(len(world.posts)):
            for k in range(world.posts[i].count):
                hours = world.way[season, i, k]
                left = world.left
                left[PATROL + static, season, i, k] = exp(-hours / p.patrol_reach)
                left[PATROL + mobile, season, i, k] = exp(-hours / (p.patrol_reach * p.mobile_reach))
                left[ANSWER + static, season, i, k] = exp(-hours / p.answer_reach)
                left[ANSWER + mobile, season, i, k] = exp(-hours / (p.answer_reach * p.mobile_reach))
                left[EAR, season, i, k] = exp(-hours / p.alert_reach)
                left[STATE_ANSWER, season, i, k] = exp(-hours / p.state_answer_reach)
