"""Gates: benchmarks that must be met, as far as the mission knows, before an action that is due."""

from __future__ import annotations

from sim.compiled import compiled
from sim.world import events
from sim.world.events import note
from sim.world.mission.actions import WITHDRAWING
from sim.world.mission.headquarters import known
from sim.world.mission.tables import GIVEN_UP
from sim.world.state import World


@compiled
def assess(world: World, n: int) -> None:
    """Find out whether the benchmark of a gate is met, as far as the mission knows."""
    t = world.gates
    t[n].met = 0
    if world.clock[0].week == 0:
        return  # nothing is known yet
    t[n].value = known(world, t[n].benchmark, t[n].district, t[n].at_base, t[n].weeks)
    reached = t[n].value >= t[n].level if t[n].at_least == 1 else t[n].value <= t[n].level
    t[n].met = 1 if reached else 0


@compiled
def held(world: World, a: int) -> bool:
    """Return whether an action that is due has to wait, at a gate or because closures are paused.

    Nothing waits beyond the time that a host's demand leaves. An action whose gate says so is given up
    after its longest delay.
    """
    t = world.schedule
    week = world.clock[0].week
    m = world.mission
    if t[a].entry < 0:
        return False
    if week >= m[0].demand + m[0].demand_weeks:
        return False
    if week < m[0].paused and t[a].action in WITHDRAWING:
        return True
    n = t[a].gate
    if n < 0:
        return False
    gates = world.gates
    if gates[n].met == 1:
        return False
    over = week >= t[a].week + gates[n].longest
    if over and gates[n].stay == 0:
        return False
    d = t[a].district
    if over:
        t[a].status = GIVEN_UP
        if gates[n].waited < 2:
            gates[n].waited = 2
            note(
                world.events, world.clock, events.GIVEN_UP, d, t[a].unit, -1, -1,
                gates[n].value, gates[n].level, float(week - t[a].week), 0.0, 0.0,
            )  # fmt: skip
    elif gates[n].waited == 0:
        gates[n].waited = 1
        note(
            world.events, world.clock, events.GATE, d, t[a].unit, -1, -1,
            gates[n].value, gates[n].level, 0.0, 0.0, 0.0,
        )  # fmt: skip
    return True
