"""What mission headquarters knows, and what gates and triggers look at: its record, not the truth."""

from __future__ import annotations

import numpy as np

from sim.arithmetic import clip
from sim.compiled import compiled
from sim.declare import Mechanism, Parameter
from sim.world.codes import Listener
from sim.world.state import World

# Benchmarks of gates and triggers, in the order of `sim.scenario.schema.BENCHMARKS`.
NETWORKS_HANDED_OVER = 0
STATE_CAPABILITY = 1
NOTICE_GIVEN = 2
RECORDED_VIOLENCE = 3
STATE_PRESENCE = 4
ARMED_GROUPS_SEEN = 5

PART = "mission"

# fmt: off
PARAMETERS = (
    Parameter("assessment_bias", 0.1, "0-1", -0.2, 0.4,
              "what the mission's assessment of state capability and presence adds to the truth",
              "direction S0 (E1-65: local capacity is overestimated); size not in any source"),
    Parameter("unseen_groups", 0.7, "1", 0.2, 1.0,
              "share of armed groups' fighters that the mission does not know of where it does not patrol",
              "no source; footprint lost is information lost (E1-11)"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "assessment-bias", "the mission",
        "the mission overestimates state forces when it looks at benchmarks",
        "E1-65", {"assessment_bias": 0.0},
        "only schedules with gates or triggers on them",
    ),
)
# fmt: on


@compiled
def known(world: World, benchmark: int, d: int, base: int, weeks: int) -> float:
    """Return what the mission knows of a benchmark in district `d`, -1 for everywhere.

    Call it from the second week on: contextual benchmarks are means over the last `weeks` weeks.
    """
    p = world.parameters[0]
    week = world.clock[0].week
    if benchmark == NOTICE_GIVEN:
        told = world.bases[base].told
        return week - told if told >= 0.0 else 0.0
    first = 0 if d < 0 else d
    end = len(world.districts) if d < 0 else d + 1
    places = end - first
    if benchmark == NETWORKS_HANDED_OVER:
        networks = 0
        others = 0
        for n in range(first, end):
            for c in range(world.districts[n].first_community, world.districts[n].end_community):
                if world.communities[c].alert_network == 1:
                    networks += 1
                    if world.communities[c].listener != Listener.UN:
                        others += 1
        return others / networks if networks > 0 else 1.0
    if benchmark == STATE_CAPABILITY:
        people = 0
        able = 0.0
        for s in range(len(world.state_forces)):
            here = world.state_forces[s].district
            if world.state_forces[s].present == 1 and here >= first and here < end:
                people += world.state_forces[s].personnel
                able += world.state_forces[s].personnel * world.state_forces[s].capability
        return clip(able / people + p.assessment_bias, 0.0, 1.0) if people > 0 else 0.0
    span = min(weeks, week)
    total = 0.0
    r = world.record
    for w in range(week - span, week):
        for n in range(first, end):
            if benchmark == RECORDED_VIOLENCE:
                total += np.float64(r[w, n].recorded_killed_by_groups)
                total += np.float64(r[w, n].recorded_killed_by_state)
                total += np.float64(r[w, n].recorded_killed_by_militias)
                total += np.float64(r[w, n].recorded_killed_by_criminals)
            elif benchmark == STATE_PRESENCE:
                there = np.float64(r[w, n].state_presence)
                total += clip(there + p.assessment_bias, 0.0, 1.0) / places
            else:
                unseen = p.unseen_groups * (1.0 - np.float64(r[w, n].un_presence))
                total += np.float64(r[w, n].armed) * (1.0 - unseen)
    return total / span
